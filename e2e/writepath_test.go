package e2e

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"countersign/api"
	"countersign/devstack/freeport"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/devstack/temporal"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// flow is the status of a flow, 0 when there is none.
func flow(t *testing.T, s *stack.Stack, id string) enumspb.WorkflowExecutionStatus {
	t.Helper()
	described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), id, "")
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return described.GetWorkflowExecutionInfo().GetStatus()
}

// The same key again is the same payment; with another body it is refused; and
// neither makes a second row.
func TestSameKeyIsTheSamePayment(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, one, two := org.AsAnn(), org.Invoice("INV-1", 10000), org.Invoice("INV-2", 5000)
	key := uuid.NewString()
	var first, again acts.Begun
	ann.Must(201, "POST", acts.Payments, key, acts.Checkout(one), &first)
	ann.Must(201, "POST", acts.Payments, key, acts.Checkout(one), &again)
	if first.ID != again.ID {
		t.Fatalf("two payments: %s and %s", first.ID, again.ID)
	}
	answer := ann.Must(422, "POST", acts.Payments, key, acts.Checkout(two), nil)
	if !bytes.Contains(answer.Body, []byte(portal.CodeKeyReused)) {
		t.Fatalf("refused as %s", answer.Body)
	}
	ann.Must(200, "POST", acts.Payments+"/"+first.ID.String()+"/cancel", "", map[string]any{}, nil)
	acts.Completed(t, s, workflows.PaymentID(first.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(first.ID), "payment-canceled")
	// The flow has ended, and still the row guards the key.
	ann.Must(422, "POST", acts.Payments, key, acts.Checkout(two), nil)
	ann.Must(201, "POST", acts.Payments, key, acts.Checkout(one), &again)
	if p, _ := acts.PaymentRow(s, org, first.ID); again.ID != first.ID || p.Status != portal.PaymentCanceled {
		t.Fatalf("an old key began something new: %+v, row %s", again, p.Status)
	}
}

// A begin that is refused leaves no row and no running flow.
func TestRefusedBeginLeavesNothing(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org, other := s.Seed("bright", "USD"), s.Seed("other", "USD")
	ann, invoice, theirs := org.AsAnn(), org.Invoice("INV-1", 10000), other.Invoice("INV-9", 900)
	for name, c := range map[string]struct {
		status int
		body   map[string]any
	}{
		"more than is due":       {409, map[string]any{"invoices": []map[string]any{{"id": invoice, "amount": 10001}}, "way": "checkout"}},
		"less than the minimum":  {422, map[string]any{"invoices": []map[string]any{{"id": invoice, "amount": 10}}, "way": "checkout"}},
		"a negative amount":      {422, map[string]any{"invoices": []map[string]any{{"id": invoice, "amount": -1}}, "way": "checkout"}},
		"another organization's": {404, acts.Checkout(theirs)},
		"an invoice twice":       {422, acts.Checkout(invoice, invoice)},
		"no saved card":          {422, map[string]any{"invoices": []map[string]any{{"id": invoice}}, "way": "saved"}},
		"nothing chosen":         {422, map[string]any{"invoices": []map[string]any{}, "way": "checkout"}},
	} {
		key := uuid.NewString()
		ann.Must(c.status, "POST", acts.Payments, key, c.body, nil)
		id := portal.BeginID(org.ID, org.Ann, "pay", key)
		if _, exists := acts.PaymentRow(s, org, id); exists {
			t.Errorf("%s: a row was made", name)
		}
		s.Eventually(name+": the refused flow to end", func() bool {
			return flow(t, s, workflows.PaymentID(id)) != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		})
	}
	for _, raw := range []string{`{`, `{"invoices": [{"id": "` + invoice.String() + `", "amount": 9223372036854775808}], "way": "checkout"}`, `[]`} {
		answer, err := ann.Do("POST", acts.Payments, "", []byte(raw))
		if err != nil || answer.Status < 400 || answer.Status >= 500 {
			t.Errorf("%s answered %d %v", raw, answer.Status, err)
		}
	}
}

// With the worker stopped a begin is acknowledged honestly, and goes on by
// itself when the worker is back.
func TestWorkerStoppedIsAnHonest202(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Answer: time.Second}})
	org := s.Seed("bright", "USD")
	ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
	s.StopWorker()
	var first, again acts.Begun
	key := uuid.NewString()
	ann.Must(202, "POST", acts.Payments, key, acts.Checkout(invoice), &first)
	if _, exists := acts.PaymentRow(s, org, first.ID); exists || first.Status != "pending" {
		t.Fatalf("answered %+v with a row: %v", first, exists)
	}
	s.StartWorker()
	s.Eventually("the payment to be taken up", func() bool {
		p, exists := acts.PaymentRow(s, org, first.ID)
		return exists && p.Status == portal.PaymentAwaitingCustomer
	})
	ann.Insist(201, "POST", acts.Payments, key, acts.Checkout(invoice), &again)
	if again.ID != first.ID {
		t.Fatal("the same key began another payment")
	}
	// A decision without a worker is not confirmed, and recorded once when sent again.
	estimate := acts.SendEstimate(t, s, org, org.Staff())
	s.StopWorker()
	decision := "/api/bright/portal/estimates/" + estimate.ID.String() + "/decision"
	ann.Must(503, "POST", decision, key, map[string]any{"decision": "accepted", "version": 1}, nil)
	s.StartWorker()
	ann.Insist(200, "POST", decision, key, map[string]any{"decision": "accepted", "version": 1}, nil)
	ann.Insist(409, "POST", decision, key, map[string]any{"decision": "declined", "version": 1}, nil)
}

// With Temporal away nothing is recorded and the caller is told so; when it is
// back, with what it had, everything under way goes on.
func TestTemporalRestarted(t *testing.T) {
	dir := t.TempDir()
	start := func(port int) *temporal.Server {
		server, err := temporal.Start(context.WithoutCancel(t.Context()), temporal.Options{Dir: dir, DBFile: "temporal.db", Port: port, Headless: true})
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := start(0)
	s := stack.New(t, stack.Options{Temporal: server, Times: api.Times{Answer: 2 * time.Second}})
	org := s.Seed("bright", "USD")
	ann, one, two := org.AsAnn(), org.Invoice("INV-1", 10000), org.Invoice("INV-2", 5000)
	var under acts.Begun
	ann.Insist(201, "POST", acts.Payments, uuid.NewString(), acts.Checkout(one), &under)
	s.Eventually("the payment page", func() bool {
		p, _ := acts.PaymentRow(s, org, under.ID)
		return p.Status == portal.PaymentAwaitingCustomer
	})
	address := server.Address()
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	key := uuid.NewString()
	answer := ann.Must(503, "POST", acts.Payments, key, acts.Checkout(two), nil)
	if answer.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	id := portal.BeginID(org.ID, org.Ann, "pay", key)
	if _, exists := acts.PaymentRow(s, org, id); exists {
		t.Error("a row was made without Temporal")
	}
	// Reading needs no Temporal.
	ann.Must(200, "GET", acts.Payments+"/"+under.ID.String(), "", nil, nil)
	port, err := freeport.Of(address)
	if err != nil {
		t.Fatal(err)
	}
	server = start(port)
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	org.PayOnPage(ann, under.ID, stripesim.PayParams{})
	s.Eventually("the payment to succeed", func() bool { p, _ := acts.PaymentRow(s, org, under.ID); return p.Status == portal.PaymentSucceeded })
	ann.Insist(201, "POST", acts.Payments, key, acts.Checkout(two), nil)
}

// Checkout left behind: the invoices are held until the page has closed at the
// processor, and free again after; nothing was charged.
func TestCheckoutAbandonedFreesTheInvoices(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Payment: workflows.PaymentTimes{PollCheckout: 200 * time.Millisecond}}})
	org := s.Seed("bright", "USD")
	ann, ben, invoice := org.AsAnn(), org.AsBen(), org.Invoice("INV-1", 10000)
	var left, taken acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &left)
	s.Eventually("the payment page", func() bool {
		p, _ := acts.PaymentRow(s, org, left.ID)
		return p.Status == portal.PaymentAwaitingCustomer
	})
	// N3: the second payer is told who is paying; the first goes on with hers.
	if answer := ben.Must(409, "POST", acts.Payments, "", acts.Checkout(invoice), nil); !bytes.Contains(answer.Body, []byte("Ann Lovelace is paying invoice INV-1")) {
		t.Fatalf("refused as %s", answer.Body)
	}
	ann.Must(200, "POST", acts.Payments, "", acts.Checkout(invoice), &taken)
	if !taken.Resumed || taken.ID != left.ID {
		t.Fatalf("not resumed: %+v", taken)
	}
	if err := s.Sim.Advance(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	acts.Completed(t, s, workflows.PaymentID(left.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(left.ID), "payment-checkout-abandoned")
	p, _ := acts.PaymentRow(s, org, left.ID)
	if p.Status != portal.PaymentCanceled || p.FlowOpen {
		t.Fatalf("left as %s, flow open %v", p.Status, p.FlowOpen)
	}
	ben.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &taken)
	charges, err := s.Sim.Charges(t.Context())
	if err != nil || len(charges) != 0 {
		t.Fatalf("%d charges, %v", len(charges), err)
	}
}

// N3: taking over closes the first page, so that only one of the two can pay.
func TestTakingOverClosesTheFirstPage(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben, invoice := org.AsAnn(), org.AsBen(), org.Invoice("INV-1", 10000)
	var anns, bens acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &anns)
	s.Eventually("the payment page", func() bool {
		p, _ := acts.PaymentRow(s, org, anns.ID)
		return p.Status == portal.PaymentAwaitingCustomer
	})
	first, _ := acts.PaymentRow(s, org, anns.ID)
	body := acts.Checkout(invoice)
	body["take_over"] = true
	ben.Must(201, "POST", acts.Payments, "", body, &bens)
	if p, _ := acts.PaymentRow(s, org, anns.ID); p.Status != portal.PaymentCanceled {
		t.Fatalf("the first is %s", p.Status)
	}
	if summary, err := s.Sim.Pay(t.Context(), first.CheckoutID, stripesim.PayParams{}); err == nil && summary.Status == "complete" {
		t.Fatal("the first page could still be paid in")
	}
	org.PayOnPage(ben, bens.ID, stripesim.PayParams{})
	s.Eventually("the payment to succeed", func() bool { p, _ := acts.PaymentRow(s, org, bens.ID); return p.Status == portal.PaymentSucceeded })
	// Paid in full: nobody can pay it again.
	ann.Must(409, "POST", acts.Payments, "", acts.Checkout(invoice), nil)
}

// Rows that moved without their flow, and flows that are missing, are mended by
// the sweep.
func TestSweepStartsTheMissingFlow(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
	var paid acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &paid)
	s.Eventually("the payment page", func() bool {
		p, _ := acts.PaymentRow(s, org, paid.ID)
		return p.Status == portal.PaymentAwaitingCustomer
	})
	if err := s.Temporal.TerminateWorkflow(t.Context(), workflows.PaymentID(paid.ID), "", "lost"); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the sweep to start the flow", func() bool {
		return flow(t, s, workflows.PaymentID(paid.ID)) == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	})
	described, err := s.Temporal.DescribeWorkflow(t.Context(), workflows.PaymentID(paid.ID), "")
	if err != nil {
		t.Fatal(err)
	}
	if summary, err := described.GetStaticSummary(); err != nil || summary != "Payment of invoices, taken up again" {
		t.Errorf("Temporal UI says %q: %v", summary, err)
	}
	org.PayOnPage(ann, paid.ID, stripesim.PayParams{})
	s.Eventually("the payment to succeed", func() bool { p, _ := acts.PaymentRow(s, org, paid.ID); return p.Status == portal.PaymentSucceeded })
}
