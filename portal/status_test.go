package portal

import (
	"slices"
	"testing"
)

// movesOf lists every move of a machine as "from to".
func movesOf[S ~string](m Machine[S]) []string {
	var moves []string
	for _, from := range m.States() {
		for _, to := range m.States() {
			if m.CanMove(from, to) {
				moves = append(moves, string(from)+" "+string(to))
			}
		}
	}
	return moves
}

func checkMoves[S ~string](t *testing.T, m Machine[S], want []string) {
	t.Helper()
	got := movesOf(m)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("moves are\n%v\nwant\n%v", got, want)
	}
}

// R25, R28, R66
func TestEstimateMoves(t *testing.T) {
	checkMoves(t, EstimateMachine(), []string{
		"draft sent",
		"sent sent", "sent accepted", "sent declined", "sent expired", "sent withdrawn",
		"declined sent", "expired sent",
	})
}

// R65
func TestInvitationMoves(t *testing.T) {
	checkMoves(t, InvitationMachine(), []string{
		"pending pending", "pending accepted", "pending expired", "pending withdrawn",
		"expired pending", "expired withdrawn",
	})
}

// R67, N3, N4
func TestPaymentMoves(t *testing.T) {
	checkMoves(t, PaymentMachine(), []string{
		"reserved awaiting_customer", "reserved charging", "reserved canceled", "reserved failed",
		"awaiting_customer charging", "awaiting_customer processing", "awaiting_customer succeeded", "awaiting_customer declined", "awaiting_customer canceled",
		"charging awaiting_customer", "charging processing", "charging succeeded", "charging declined", "charging canceled", "charging failed",
		"processing succeeded", "processing declined",
		"declined reserved", "declined charging", "declined awaiting_customer", "declined processing", "declined succeeded", "declined canceled",
		// Money that arrived after we let go.
		"canceled succeeded", "failed succeeded",
	})
}

// R45, R68
func TestTimesheetMoves(t *testing.T) {
	checkMoves(t, TimesheetMachine(), []string{
		"submitted approved", "submitted partly_approved", "submitted rejected", "submitted recalled",
	})
	checkMoves(t, EntryMachine(), []string{
		"none submitted", "submitted none", "submitted approved", "submitted rejected", "rejected submitted",
	})
	for rejected, want := range map[int]TimesheetStatus{0: TimesheetApproved, 1: TimesheetPartlyApproved, 2: TimesheetPartlyApproved, 3: TimesheetRejected} {
		if got := TimesheetOutcome(3, rejected); got != want {
			t.Errorf("3 entries of which %d are rejected: %s, want %s", rejected, got, want)
		}
	}
}

// R46
func TestOnlyWhatWasApprovedIsInvoicedOnceAsked(t *testing.T) {
	for approval, want := range map[EntryApproval]bool{EntryNone: true, EntrySubmitted: false, EntryRejected: false, EntryApproved: true} {
		if approval.Invoiceable() != want || approval.Locked() != (approval == EntryApproved) {
			t.Errorf("%s: invoiceable %v, locked %v", approval, approval.Invoiceable(), approval.Locked())
		}
	}
}

// checkClosed proves that a machine has no way out of itself and no dead ends.
func checkClosed[S ~string](t *testing.T, m Machine[S]) {
	t.Helper()
	states := m.States()
	if slices.Sort(states); len(slices.Compact(states)) != len(m.states) {
		t.Error("a status is listed twice")
	}
	for _, s := range m.states {
		for _, next := range s.next {
			if !m.Valid(next) {
				t.Errorf("%s may move to %s, which isn't a status", s.status, next)
			}
		}
		if s.phase != final && len(s.next) == 0 {
			t.Errorf("%s is not final and has no way out", s.status)
		}
		reached := map[S]bool{}
		for todo := []S{m.states[0].status}; len(todo) > 0; todo = todo[1:] {
			if reached[todo[0]] {
				continue
			}
			reached[todo[0]] = true
			for _, to := range m.States() {
				if m.CanMove(todo[0], to) {
					todo = append(todo, to)
				}
			}
		}
		if !reached[s.status] {
			t.Errorf("%s is never reached", s.status)
		}
	}
	for _, live := range m.Live() {
		if slices.Contains(m.Final(), live) {
			t.Errorf("%s is both live and final", live)
		}
	}
	if m.Valid("nonsense") || m.CanMove("nonsense", m.states[0].status) || len(m.From("nonsense")) > 0 {
		t.Error("an unknown status has moves")
	}
}

func TestMachinesAreClosed(t *testing.T) {
	checkClosed(t, EstimateMachine())
	checkClosed(t, InvitationMachine())
	checkClosed(t, PaymentMachine())
	checkClosed(t, TimesheetMachine())
	checkClosed(t, EntryMachine())
}

func TestFromIsTheGuardOfAnUpdate(t *testing.T) {
	got := PaymentMachine().From(PaymentSucceeded)
	want := []PaymentStatus{PaymentAwaitingCustomer, PaymentCharging, PaymentProcessing, PaymentDeclined, PaymentCanceled, PaymentFailed}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// R67
func TestLivePaymentsHoldTheirReservations(t *testing.T) {
	live := []PaymentStatus{PaymentReserved, PaymentAwaitingCustomer, PaymentCharging, PaymentProcessing, PaymentDeclined}
	for _, s := range PaymentMachine().States() {
		if want := slices.Contains(live, s); s.Live() != want || s.Final() == want {
			t.Errorf("%s: live %v, final %v", s, s.Live(), s.Final())
		}
	}
}

func TestStatusesKnowTheirMachines(t *testing.T) {
	if !EstimateSent.CanMove(EstimateAccepted) || EstimateAccepted.CanMove(EstimateSent) || !EstimateSent.Live() || EstimateDraft.Live() ||
		!EstimateAccepted.Final() || EstimateDeclined.Final() {
		t.Error("estimates")
	}
	if !InvitationExpired.CanMove(InvitationPending) || InvitationAccepted.CanMove(InvitationPending) || !InvitationPending.Live() ||
		InvitationExpired.Live() || !InvitationWithdrawn.Final() || InvitationExpired.Final() {
		t.Error("invitations")
	}
	if !TimesheetSubmitted.CanMove(TimesheetRecalled) || TimesheetApproved.CanMove(TimesheetRecalled) || !TimesheetSubmitted.Live() ||
		!TimesheetPartlyApproved.Final() || !EntryRejected.CanMove(EntrySubmitted) || EntryApproved.CanMove(EntrySubmitted) {
		t.Error("timesheets")
	}
	if !PaymentCanceled.CanMove(PaymentSucceeded) || PaymentSucceeded.CanMove(PaymentCanceled) {
		t.Error("payments")
	}
}
