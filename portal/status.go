package portal

import (
	"slices"
	"strings"
)

// Machine is a state machine: which status may follow which. The schema's
// CHECKs and the guards of the SQL say the same; tests hold them together.
type Machine[S ~string] struct {
	states []state[S]
}

// state is one status: what may follow it, and whether a flow is at work on it.
type state[S ~string] struct {
	status S
	phase  phase
	next   []S
}

type phase int

const (
	idle  phase = iota // waits for staff; no flow is running
	live               // a flow is running
	final              // nothing more will be done about it
)

// States lists every status, in the order of a normal life.
func (m Machine[S]) States() []S {
	return m.where(func(state[S]) bool { return true })
}

// Valid reports whether s is a status of this machine.
func (m Machine[S]) Valid(s S) bool { return slices.Contains(m.States(), s) }

// CanMove reports whether a thing in status from may go to status to.
func (m Machine[S]) CanMove(from, to S) bool {
	return slices.Contains(m.From(to), from)
}

// From lists the statuses from which to may be reached in one move: what the
// guard of an UPDATE compares with.
func (m Machine[S]) From(to S) []S {
	return m.where(func(s state[S]) bool { return slices.Contains(s.next, to) })
}

// Live lists the statuses in which something is under way: every row in one
// of them has a running flow.
func (m Machine[S]) Live() []S {
	return m.where(func(s state[S]) bool { return s.phase == live })
}

// Final lists the statuses in which nothing more will be done. For payments
// that doesn't mean that nothing can come: money that arrives late still moves
// a canceled payment to succeeded.
func (m Machine[S]) Final() []S {
	return m.where(func(s state[S]) bool { return s.phase == final })
}

func (m Machine[S]) where(keep func(state[S]) bool) []S {
	var statuses []S
	for _, s := range m.states {
		if keep(s) {
			statuses = append(statuses, s.status)
		}
	}
	return statuses
}

// EstimateStatus is where an estimate stands.
type EstimateStatus string

// The statuses of an estimate.
const (
	EstimateDraft     EstimateStatus = "draft"
	EstimateSent      EstimateStatus = "sent"
	EstimateAccepted  EstimateStatus = "accepted"
	EstimateDeclined  EstimateStatus = "declined"
	EstimateExpired   EstimateStatus = "expired"
	EstimateWithdrawn EstimateStatus = "withdrawn"
)

// EstimateMachine says how an estimate may move. Moving to sent from sent,
// declined or expired is a new version.
func EstimateMachine() Machine[EstimateStatus] {
	return Machine[EstimateStatus]{[]state[EstimateStatus]{
		{EstimateDraft, idle, []EstimateStatus{EstimateSent}},
		{EstimateSent, live, []EstimateStatus{EstimateSent, EstimateAccepted, EstimateDeclined, EstimateExpired, EstimateWithdrawn}},
		{EstimateAccepted, final, nil},
		{EstimateDeclined, idle, []EstimateStatus{EstimateSent}},
		{EstimateExpired, idle, []EstimateStatus{EstimateSent}},
		{EstimateWithdrawn, final, nil},
	}}
}

// CanMove reports whether an estimate in status s may go to status to.
func (s EstimateStatus) CanMove(to EstimateStatus) bool { return EstimateMachine().CanMove(s, to) }

// Live reports whether the customer's decision is awaited.
func (s EstimateStatus) Live() bool { return slices.Contains(EstimateMachine().Live(), s) }

// Final reports whether the estimate is decided or withdrawn for good.
func (s EstimateStatus) Final() bool { return slices.Contains(EstimateMachine().Final(), s) }

// InvitationStatus is where an invitation stands.
type InvitationStatus string

// The statuses of an invitation.
const (
	InvitationPending   InvitationStatus = "pending"
	InvitationAccepted  InvitationStatus = "accepted"
	InvitationExpired   InvitationStatus = "expired"
	InvitationWithdrawn InvitationStatus = "withdrawn"
)

// InvitationMachine says how an invitation may move. Moving to pending is a
// new sending.
func InvitationMachine() Machine[InvitationStatus] {
	return Machine[InvitationStatus]{[]state[InvitationStatus]{
		{InvitationPending, live, []InvitationStatus{InvitationPending, InvitationAccepted, InvitationExpired, InvitationWithdrawn}},
		{InvitationAccepted, final, nil},
		{InvitationExpired, idle, []InvitationStatus{InvitationPending, InvitationWithdrawn}},
		{InvitationWithdrawn, final, nil},
	}}
}

// CanMove reports whether an invitation in status s may go to status to.
func (s InvitationStatus) CanMove(to InvitationStatus) bool {
	return InvitationMachine().CanMove(s, to)
}

// Live reports whether the invitation can still be accepted.
func (s InvitationStatus) Live() bool { return slices.Contains(InvitationMachine().Live(), s) }

// Final reports whether the invitation was accepted or withdrawn.
func (s InvitationStatus) Final() bool { return slices.Contains(InvitationMachine().Final(), s) }

// PaymentStatus is where a payment stands.
type PaymentStatus string

// The statuses of a payment.
const (
	// PaymentReserved: the invoices are reserved; the processor knows nothing.
	PaymentReserved PaymentStatus = "reserved"
	// PaymentAwaitingCustomer: the processor's page is open to the customer.
	PaymentAwaitingCustomer PaymentStatus = "awaiting_customer"
	// PaymentCharging: a charge is in flight, and its outcome not known.
	PaymentCharging PaymentStatus = "charging"
	// PaymentProcessing: the bank debit is accepted, but not settled.
	PaymentProcessing PaymentStatus = "processing"
	// PaymentSucceeded: the money arrived.
	PaymentSucceeded PaymentStatus = "succeeded"
	// PaymentDeclined: refused for now; it waits for another try.
	PaymentDeclined PaymentStatus = "declined"
	// PaymentCanceled: given up, and the invoices released.
	PaymentCanceled PaymentStatus = "canceled"
	// PaymentFailed: the processor refused the request itself, for good, and
	// the invoices were released.
	PaymentFailed PaymentStatus = "failed"
)

// PaymentMachine says how a payment may move.
//
// A declined payment goes back to reserved when it is tried again. A charge in
// flight goes back to the customer when the bank wants to be convinced that it
// is they who pay. Money that arrives after we let go is real, so a canceled or
// failed payment may still succeed; what its invoices don't owe any more
// becomes the customer's credit.
func PaymentMachine() Machine[PaymentStatus] {
	return Machine[PaymentStatus]{[]state[PaymentStatus]{
		{PaymentReserved, live, []PaymentStatus{PaymentAwaitingCustomer, PaymentCharging, PaymentCanceled, PaymentFailed}},
		{PaymentAwaitingCustomer, live, []PaymentStatus{PaymentCharging, PaymentProcessing, PaymentSucceeded, PaymentDeclined, PaymentCanceled}},
		{PaymentCharging, live, []PaymentStatus{PaymentAwaitingCustomer, PaymentProcessing, PaymentSucceeded, PaymentDeclined, PaymentCanceled, PaymentFailed}},
		{PaymentProcessing, live, []PaymentStatus{PaymentSucceeded, PaymentDeclined}},
		{PaymentDeclined, live, []PaymentStatus{PaymentReserved, PaymentCharging, PaymentAwaitingCustomer, PaymentProcessing, PaymentSucceeded, PaymentCanceled}},
		{PaymentSucceeded, final, nil},
		{PaymentCanceled, final, []PaymentStatus{PaymentSucceeded}},
		{PaymentFailed, final, []PaymentStatus{PaymentSucceeded}},
	}}
}

// CanMove reports whether a payment in status s may go to status to.
func (s PaymentStatus) CanMove(to PaymentStatus) bool { return PaymentMachine().CanMove(s, to) }

// Live reports whether the payment is under way: it holds its reservations,
// and has a running flow.
func (s PaymentStatus) Live() bool { return slices.Contains(PaymentMachine().Live(), s) }

// Final reports whether nothing more will be done about the payment.
func (s PaymentStatus) Final() bool { return slices.Contains(PaymentMachine().Final(), s) }

// RefundStatus is where money that is given back stands.
type RefundStatus string

// The statuses of a refund.
const (
	// RefundPending: asked for; the books know nothing of it yet.
	RefundPending RefundStatus = "pending"
	// RefundSucceeded: it was given back, and booked.
	RefundSucceeded RefundStatus = "succeeded"
	// RefundFailed: it was not given back, or came back to the organization.
	RefundFailed RefundStatus = "failed"
	// RefundCanceled: the processor or the organization gave it up.
	RefundCanceled RefundStatus = "canceled"
)

// RefundMachine says how a refund may move. One that succeeded can still fail:
// the customer's bank may not take it.
func RefundMachine() Machine[RefundStatus] {
	return Machine[RefundStatus]{[]state[RefundStatus]{
		{RefundPending, live, []RefundStatus{RefundSucceeded, RefundFailed, RefundCanceled}},
		{RefundSucceeded, final, []RefundStatus{RefundFailed, RefundCanceled}},
		{RefundFailed, final, nil},
		{RefundCanceled, final, nil},
	}}
}

// InvoiceStatus is where an invoice stands. It has no machine: it is derived,
// see InvoiceState.
type InvoiceStatus string

// The statuses of an invoice.
const (
	InvoiceDraft      InvoiceStatus = "draft"
	InvoiceOpen       InvoiceStatus = "open"
	InvoicePartlyPaid InvoiceStatus = "partly_paid"
	InvoicePaid       InvoiceStatus = "paid"
	InvoiceOverdue    InvoiceStatus = "overdue"
	InvoiceVoid       InvoiceStatus = "void"
)

// words are what people call a status: those named in of, else the status itself, as in "Partly paid".
func words[S ~string](of map[S]string, status S) string {
	if named, ok := of[status]; ok {
		return named
	}
	plain := strings.ReplaceAll(string(status), "_", " ")
	if plain == "" {
		return ""
	}
	return strings.ToUpper(plain[:1]) + plain[1:]
}

// Words are what people call the status, on pages and in files alike.
func (s EstimateStatus) Words() string {
	return words(map[EstimateStatus]string{EstimateSent: "Waiting for a decision"}, s)
}

// Words are what people call the status, on pages and in files alike.
func (s InvoiceStatus) Words() string {
	return words(map[InvoiceStatus]string{InvoiceOpen: "Unpaid"}, s)
}

// Words are what people call the status, on pages and in files alike.
func (s PaymentStatus) Words() string {
	return words(map[PaymentStatus]string{
		PaymentReserved: "Starting", PaymentAwaitingCustomer: "Waiting for the payer", PaymentCharging: "Being charged",
		PaymentProcessing: "Processing at the bank", PaymentSucceeded: "Paid", PaymentCanceled: "Cancelled",
	}, s)
}
