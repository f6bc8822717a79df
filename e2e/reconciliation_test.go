package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"

	"countersign/activities"
	"countersign/api"
	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// unheard has every webhook from here on dropped, as when their endpoint is down
// for longer than the processor tries.
func unheard(t *testing.T, s *stack.Stack) {
	t.Helper()
	if err := s.Sim.FailHooks(t.Context(), stripesim.HookFault{Kind: stripesim.Drop, Count: 1000}); err != nil {
		t.Fatal(err)
	}
}

// N4 R67: no webhook arrives and the flow would not ask for hours. What happened is
// read at the processor, and the payment ends; so does what goes back of it.
func TestMissedEventsAreSwept(t *testing.T) {
	s := stack.New(t, stack.Options{
		EventsEvery: 300 * time.Millisecond,
		Times:       api.Times{Payment: workflows.PaymentTimes{PollCheckout: 6 * time.Hour, PollProcessing: 24 * time.Hour}},
	})
	unheard(t, s)
	org := s.Seed("bright", "USD")
	ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
	var p acts.Begun
	ann.Must(201, "POST", acts.Portal+"/payments", "", acts.Checkout(invoice), &p)
	org.PayOnPage(ann, p.ID, stripesim.PayParams{})
	s.Eventually("the payment to end by the sweep", func() bool { return org.ReadPayment(ann, p.ID).Status == portal.PaymentSucceeded })
	if due := owedOn(ann, invoice); due != 0 {
		t.Errorf("%d is due", due)
	}
	must[string](t)(s.Sim.Refund(t.Context(), intentOf(t, s, org, p.ID), 2500))
	s.Eventually("the refund to be booked by the sweep", func() bool { return org.ReadPayment(ann, p.ID).Refunded.Amount == 2500 })
	if charges := acts.Succeeded(t, s); charges != 1 {
		t.Errorf("%d charges", charges)
	}
	acts.Completed(t, s, workflows.PaymentID(p.ID))
}

// reconciled compares the last days of an organization, today among them, and
// gives the report.
func reconciled(t *testing.T, s *stack.Stack, org stack.Org) (uuid.UUID, workflows.ReconciliationState) {
	t.Helper()
	today := portal.DateOf(time.Now().Add(24*time.Hour), time.UTC)
	id := uuid.New()
	run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.AskedReconciliationID(org.ID, id), TaskQueue: workflows.TaskQueue,
	}, workflows.ReconciliationName, workflows.ReconciliationInput{
		ReconciliationRef: workflows.ReconciliationRef{Org: org.ID, Reconciliation: id}, Settle: 100 * time.Millisecond,
		Request: &workflows.ReconciliationRequest{From: today.AddDays(-7), To: today, By: "Omar"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var state workflows.ReconciliationState
	if err := run.Get(t.Context(), &state); err != nil {
		t.Fatal(err)
	}
	return id, state
}

// N4 R70: nothing was heard of a charge and a refund that the processor made. The
// comparison finds both, and has the payments' flows mend them.
func TestReconciliationMendsWhatWasNotHeard(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Payment: workflows.PaymentTimes{PollCheckout: 6 * time.Hour}}})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	one, two := org.Invoice("INV-1", 10000), org.Invoice("INV-2", 5000)
	paid, _ := paidOnPage(t, s, org, ann, one)
	acts.Completed(t, s, workflows.PaymentID(paid.ID))
	if _, state := reconciled(t, s, org); state.Status != activities.ReconciliationAgreed || state.Compared != 1 || state.Mended != 0 {
		t.Errorf("of books that are right: %+v", state)
	}
	unheard(t, s)
	var open acts.Begun
	ann.Must(201, "POST", acts.Portal+"/payments", "", acts.Checkout(two), &open)
	org.PayOnPage(ann, open.ID, stripesim.PayParams{})
	must[string](t)(s.Sim.Refund(t.Context(), intentOf(t, s, org, paid.ID), 2500))

	id, state := reconciled(t, s, org)
	if state.Status != activities.ReconciliationAgreed || state.Compared != 2 || state.Mended != 2 || state.Differences != 0 {
		t.Errorf("of books that lag behind: %+v", state)
	}
	if got := org.ReadPayment(ann, open.ID); got.Status != portal.PaymentSucceeded || owedOn(ann, two) != 0 {
		t.Errorf("the payment that was not heard of is %s", got.Status)
	}
	if got := org.ReadPayment(ann, paid.ID); got.Refunded.Amount != 2500 {
		t.Errorf("%v of it was refunded", got.Refunded)
	}
	acts.KeepHistory(t, s, workflows.AskedReconciliationID(org.ID, id), "reconciliation-mended")
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		rows, err := q.ListDifferences(t.Context(), dbsqlc.ListDifferencesParams{OrgID: org.ID, ReconciliationID: id, PageSize: 10})
		if len(rows) != 2 || rows[0].MendedAt == nil || rows[1].MendedAt == nil {
			t.Errorf("the report has %+v", rows)
		}
		return err
	})
}

// N4: when a day is over in the organization's zone, the worker compares it by
// itself, once, however many workers there are and however often they look.
func TestEachDayIsComparedByItself(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org, quiet := s.Seed("bright", "USD"), s.Seed("quiet", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	paid, _ := paidOnPage(t, s, org, ann, org.Invoice("INV-1", 10000))
	acts.Completed(t, s, workflows.PaymentID(paid.ID))
	var list api.ListReconciliationsOutput
	staff.Must(200, "GET", acts.Console+"/reconciliations", "", nil, &list.Body)
	if len(list.Body.Reconciliations) != 0 {
		t.Fatalf("compared before a day was over: %+v", list.Body.Reconciliations)
	}
	// The payment becomes one of three days ago.
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(context.Background()) }()
	if _, err := owner.Exec(t.Context(), `UPDATE payments SET created_at = created_at - interval '3 days' WHERE id = $1`, paid.ID); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the day to be compared", func() bool {
		staff.Must(200, "GET", acts.Console+"/reconciliations", "", nil, &list.Body)
		return len(list.Body.Reconciliations) > 0 && list.Body.Reconciliations[0].EndedAt != nil
	})
	first := list.Body.Reconciliations[0]
	acts.Completed(t, s, workflows.ReconciliationID(org.ID, first.To))
	// A worker that starts looks at once.
	s.StopWorker()
	s.StartWorker()
	time.Sleep(2 * time.Second)
	staff.Must(200, "GET", acts.Console+"/reconciliations", "", nil, &list.Body)
	if len(list.Body.Reconciliations) != 1 || !first.Daily || first.To != first.From.AddDays(activities.ReconciledDays-1) {
		t.Errorf("compared: %+v", list.Body.Reconciliations)
	}
	var none api.ListReconciliationsOutput
	quiet.Staff().Must(200, "GET", "/api/quiet/console/reconciliations", "", nil, &none.Body)
	if len(none.Body.Reconciliations) != 0 {
		t.Errorf("an organization without payments was compared: %+v", none.Body.Reconciliations)
	}
}
