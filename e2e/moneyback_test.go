package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/db/dbsqlc"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// owedOn is what a contact still owes on an invoice, in minor units.
func owedOn(c *stack.Client, invoice uuid.UUID) int64 {
	var i api.Invoice
	c.Must(200, "GET", acts.Portal+"/invoices/"+invoice.String(), "", nil, &i)
	return i.Due.Amount
}

// creditOf is what a contact's company has as credit, in minor units of the one
// currency that it has some in.
func creditOf(c *stack.Client) (total int64) {
	var home api.HomeOutput
	c.Must(200, "GET", acts.Portal+"/home", "", nil, &home.Body)
	for _, m := range home.Body.Credits {
		total += m.Amount
	}
	return total
}

// paidOnPage has a contact pay invoices by a card on the processor's page.
func paidOnPage(t *testing.T, s *stack.Stack, org stack.Org, c *stack.Client, invoices ...uuid.UUID) (api.Payment, stripesim.PaySummary) {
	t.Helper()
	var p acts.Begun
	c.Must(201, "POST", acts.Portal+"/payments", "", acts.Checkout(invoices...), &p)
	page := org.PayOnPage(c, p.ID, stripesim.PayParams{})
	return acts.ReadPayment(t, s, c, org, p.ID, portal.PaymentSucceeded), page
}

// intentOf is the processor's intent of a payment.
func intentOf(t *testing.T, s *stack.Stack, org stack.Org, payment uuid.UUID) (intent string) {
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		p, err := q.GetPayment(t.Context(), dbsqlc.GetPaymentParams{OrgID: org.ID, ID: payment})
		intent = p.IntentID
		return err
	})
	return intent
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// R19 R40: staff refund a part, which a credit note stands in for, and the rest,
// which is owed again; each once, however often it is asked for, and no more than
// was paid. The customer is told of each.
func TestRefundIsGivenOnceAndTold(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
	p, _ := paidOnPage(t, s, org, ann, invoice)
	at := acts.Console + "/payments/" + p.ID.String() + "/refunds"

	staff.Must(422, "POST", at, "", map[string]any{"amount": 10001}, nil)
	key := uuid.NewString()
	for range 2 {
		staff.Must(201, "POST", at, key, map[string]any{"amount": 4000, "reason": "Sent late"}, nil)
	}
	staff.Must(422, "POST", at, key, map[string]any{"amount": 3000}, nil)
	s.Eventually("the refund", func() bool { return org.ReadPayment(ann, p.ID).Refunded.Amount == 4000 })
	if due, credit := owedOn(ann, invoice), creditOf(ann); due != 0 || credit != 0 {
		t.Errorf("after a refund that is not owed again %d is due and %d is credit", due, credit)
	}
	staff.Must(201, "POST", at, "", map[string]any{"owed_again": true}, nil)
	s.Eventually("the second refund", func() bool { return org.ReadPayment(ann, p.ID).Refunded.Amount == 10000 })
	if due := owedOn(ann, invoice); due != 6000 {
		t.Errorf("%d is owed again", due)
	}
	staff.Must(409, "POST", at, "", map[string]any{}, nil)
	ann.Must(401, "POST", at, "", map[string]any{}, nil)

	refunds, err := s.Sim.Refunds(t.Context())
	if err != nil || len(refunds) != 2 {
		t.Errorf("the processor made %d refunds: %v", len(refunds), err)
	}
	s.Eventually("two emails about refunds", func() bool { return len(acts.EmailsTo(t, s, "ann@lovelace.test", "refunded")) == 2 })
	first := acts.EmailsTo(t, s, "ann@lovelace.test", "$40.00")
	if len(first) != 1 || !strings.Contains(first[0].Text, "Sent late") {
		t.Errorf("of the first refund Ann was mailed %+v", first)
	}
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(p.ID), "payment-refunded")

	var statement api.Statement
	ann.Must(200, "GET", acts.Portal+"/statement?period=all", "", nil, &statement)
	if closing := statement.Accounts[0].Closing.Amount; closing != 6000 {
		t.Errorf("the statement closes at %d", closing)
	}
	if got := org.ReadPayment(ann, p.ID); len(got.Refunds) != 2 || got.Refunds[0].Reason != "Sent late" || !slices.ContainsFunc(got.Timeline, func(e api.TimelineEntry) bool {
		return strings.Contains(e.Text, "refunded $40.00: Sent late")
	}) {
		t.Errorf("the payment shows %+v %+v", got.Refunds, got.Timeline)
	}
}

// A refund that was made at the processor by hand is booked once, however often
// its webhook comes.
func TestRefundAtTheProcessorIsBooked(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
	p, _ := paidOnPage(t, s, org, ann, invoice)
	if err := s.Sim.FailHooks(t.Context(), stripesim.HookFault{Kind: stripesim.Double, Count: 10}); err != nil {
		t.Fatal(err)
	}
	must[string](t)(s.Sim.Refund(t.Context(), intentOf(t, s, org, p.ID), 2500))
	s.Eventually("the refund to be booked", func() bool { return org.ReadPayment(ann, p.ID).Refunded.Amount == 2500 })
	if got := org.ReadPayment(ann, p.ID); len(got.Refunds) != 1 || owedOn(ann, invoice) != 0 {
		t.Errorf("%+v, and %d is due", got.Refunds, owedOn(ann, invoice))
	}
}

// N4: a customer's bank takes a payment back. The invoice is owed again, as is one
// that was paid from the payment's excess; both sides are told. When the dispute is
// won, what is still owed is paid again, and the rest is credit.
func TestDisputeReopensAndAWonOnePaysAgain(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	one, two := org.Invoice("INV-1", 10000), org.Invoice("INV-2", 5000)
	p, _ := paidOnPage(t, s, org, ann, one)
	intent := intentOf(t, s, org, p.ID)
	dispute := must[string](t)(s.Sim.Dispute(t.Context(), intent, 10000, "fraudulent"))
	s.Eventually("the dispute", func() bool { return org.ReadPayment(ann, p.ID).Returned.Amount == 10000 })
	if due := owedOn(ann, one); due != 10000 {
		t.Errorf("%d is owed again", due)
	}
	staff.Must(409, "POST", acts.Console+"/payments/"+p.ID.String()+"/refunds", "", map[string]any{"amount": 100}, nil)
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "was disputed"); err != nil {
		t.Fatal(err)
	}
	var bell struct{ Rings []api.Ring }
	staff.Must(200, "GET", acts.Console+"/bell", "", nil, &bell)
	if !slices.ContainsFunc(bell.Rings, func(r api.Ring) bool { return strings.Contains(r.Text, "took back") }) {
		t.Errorf("the bell has %+v", bell.Rings)
	}
	// Meanwhile a part of it is paid in cash.
	staff.Must(201, "POST", acts.Console+"/payments", "", map[string]any{"customer": org.Customer, "invoices": []uuid.UUID{one}, "total": 4000, "kind": "cash"}, nil)
	s.Eventually("the cash to be booked", func() bool { return owedOn(ann, one) == 6000 })
	if err := s.Sim.CloseDispute(t.Context(), dispute, true); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the money to be back", func() bool { return org.ReadPayment(ann, p.ID).Returned.Amount == 0 })
	if due, credit := owedOn(ann, one), creditOf(ann); due != 0 || credit != 4000 {
		t.Errorf("after the dispute was won %d is due and %d is credit", due, credit)
	}
	if owedOn(ann, two) != 5000 {
		t.Error("another invoice changed")
	}
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(p.ID), "payment-disputed")
}

// N4 R67: news of a dispute overtakes all news of the charge: both are seen.
func TestADisputeThatOvertakesItsChargeIsSeen(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
	for _, kind := range []string{"checkout.*.*", "payment_intent.*", "charge.succeeded"} {
		if err := s.Sim.FailHooks(t.Context(), stripesim.HookFault{Type: kind, Kind: stripesim.Drop, Count: 1000}); err != nil {
			t.Fatal(err)
		}
	}
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &p)
	paid := org.PayOnPage(ann, p.ID, stripesim.PayParams{})
	if now := org.ReadPayment(ann, p.ID); now.Status != portal.PaymentAwaitingCustomer {
		t.Fatalf("it is %s before anything was heard", now.Status)
	}
	must[string](t)(s.Sim.Dispute(t.Context(), paid.Intent, 10000, "fraudulent"))
	s.Eventually("the dispute", func() bool { return org.ReadPayment(ann, p.ID).Returned.Amount == 10000 })
	if now := org.ReadPayment(ann, p.ID); now.Status != portal.PaymentSucceeded || owedOn(ann, invoice) != 10000 {
		t.Errorf("it is %s, and %d is owed", now.Status, owedOn(ann, invoice))
	}
}

// N9: an email whose sending had begun is brought to its end, once, though the
// dispute that it tells of was won before the provider came back.
func TestAWonDisputeLeavesNoEmailBehind(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	p, _ := paidOnPage(t, s, org, ann, org.Invoice("INV-1", 10000))
	acts.EmailTo(t, s, "ann@lovelace.test", "Receipt")
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: inbox.FaultError, Count: 100}); err != nil {
		t.Fatal(err)
	}
	dispute := must[string](t)(s.Sim.Dispute(t.Context(), intentOf(t, s, org, p.ID), 10000, "fraudulent"))
	s.Eventually("the email to be begun", func() (begun bool) {
		s.In(org.ID, func(q *dbsqlc.Queries) error {
			sent, err := q.ListDeliveriesOfSubject(t.Context(), dbsqlc.ListDeliveriesOfSubjectParams{OrgID: org.ID, SubjectID: p.ID})
			begun = slices.ContainsFunc(sent, func(d dbsqlc.Delivery) bool { return d.Template == "payment_disputed" && d.Status == "queued" })
			return err
		})
		return begun
	})
	if err := s.Sim.CloseDispute(t.Context(), dispute, true); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the money to be back", func() bool { return org.ReadPayment(ann, p.ID).Returned.Amount == 0 })
	if err := s.Inbox.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		sent, err := q.ListDeliveriesOfSubject(t.Context(), dbsqlc.ListDeliveriesOfSubjectParams{OrgID: org.ID, SubjectID: p.ID})
		for _, d := range sent {
			if d.Status == "queued" {
				t.Errorf("%s to %s was never sent", d.Template, d.Recipient)
			}
		}
		return err
	})
	if got := acts.EmailsTo(t, s, "ann@lovelace.test", "was disputed"); len(got) != 1 {
		t.Errorf("she was told %d times", len(got))
	}
}

// R19 N5: money that staff record settles the oldest invoices and leaves credit;
// the customer uses the credit first, alone or beside a card; a payment that is
// given up gives the credit back; a dispute takes it from where it was used.
func TestRecordedMoneyAndCredit(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	one, two, three := org.Invoice("INV-1", 10000), org.Invoice("INV-2", 5000), org.Invoice("INV-3", 8000)
	record := map[string]any{"customer": org.Customer, "invoices": []uuid.UUID{one}, "total": 17000, "kind": "bank_transfer", "received_on": "2026-01-15", "reference": "TX 99"}
	key := uuid.NewString()
	var recorded, again acts.Begun
	staff.Must(201, "POST", acts.Console+"/payments", key, record, &recorded)
	staff.Must(201, "POST", acts.Console+"/payments", key, record, &again)
	if recorded.ID != again.ID {
		t.Error("the same money was recorded twice")
	}
	staff.Must(422, "POST", acts.Console+"/payments", "", map[string]any{"customer": org.Customer, "total": 5, "kind": "cash", "received_on": "2199-01-01"}, nil)
	s.Eventually("the credit", func() bool { return creditOf(ann) == 7000 })
	if mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Receipt"); err != nil || !strings.Contains(mail.Text, "Bank transfer") {
		t.Errorf("the receipt reads %v %s", err, mail.Text)
	}
	// A card beside the credit; then it is given up, and the credit is whole again.
	var p acts.Begun
	body := acts.Checkout(two, three)
	body["credit"] = true
	ann.Must(201, "POST", acts.Portal+"/payments", "", body, &p)
	s.Eventually("the page", func() bool { return org.ReadPayment(ann, p.ID).ActionURL != "" })
	if got := org.ReadPayment(ann, p.ID); got.Amount.Amount != 6000 {
		t.Errorf("%v is charged beside 70.00 of credit", got.Amount)
	}
	// Held credit can't be used twice.
	staff.Must(409, "POST", acts.Console+"/customers/"+org.Customer.String()+"/credit/uses", "", map[string]any{"invoices": []uuid.UUID{org.Invoice("INV-4", 100)}}, nil)
	staff.Must(422, "POST", acts.Console+"/customers/"+org.Customer.String()+"/credit/payouts", "", map[string]any{"currency": "USD", "amount": 1, "kind": "cash"}, nil)
	ann.Must(200, "POST", acts.Portal+"/payments/"+p.ID.String()+"/cancel", "", map[string]any{}, nil)
	if creditOf(ann) != 7000 {
		t.Errorf("%d of credit is left after giving up", creditOf(ann))
	}
	// Again, and paid.
	ann.Must(201, "POST", acts.Portal+"/payments", "", body, &p)
	org.PayOnPage(ann, p.ID, stripesim.PayParams{})
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	if owedOn(ann, two) != 0 || owedOn(ann, three) != 0 || creditOf(ann) != 0 {
		t.Errorf("%d and %d are due, %d is credit", owedOn(ann, two), owedOn(ann, three), creditOf(ann))
	}
	if charges := acts.Succeeded(t, s); charges != 1 {
		t.Errorf("%d charges", charges)
	}
	// Credit alone pays once, with no payment.
	staff.Must(201, "POST", acts.Console+"/credit-notes", "", map[string]any{"customer": org.Customer, "amount": 3000}, nil)
	five := org.Invoice("INV-5", 2000)
	alone := map[string]any{"invoices": []map[string]any{{"id": five}}, "way": "credit"}
	key = uuid.NewString()
	for range 2 {
		ann.Must(201, "POST", acts.Portal+"/payments", key, alone, &p)
		if p.Status != "credited" {
			t.Errorf("credit alone answers %q", p.Status)
		}
	}
	if owedOn(ann, five) != 0 || creditOf(ann) != 1000 {
		t.Errorf("%d is due and %d is credit", owedOn(ann, five), creditOf(ann))
	}
	staff.Must(201, "POST", acts.Console+"/customers/"+org.Customer.String()+"/credit/payouts", "", map[string]any{"currency": "USD", "amount": 1000, "kind": "bank_transfer"}, nil)
	if creditOf(ann) != 0 {
		t.Errorf("%d of credit is left after it was paid out", creditOf(ann))
	}
}

// N5: any amount settles the oldest invoices first, and no more than is due.
func TestAnyAmountSettlesTheOldestFirst(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	one, two := org.Invoice("INV-1", 10000), org.Invoice("INV-2", 5000)
	body := acts.Checkout(two, one)
	body["total"] = 15001
	ann.Must(422, "POST", acts.Portal+"/payments", "", body, nil)
	body["total"] = 12000
	var p acts.Begun
	ann.Must(201, "POST", acts.Portal+"/payments", "", body, &p)
	org.PayOnPage(ann, p.ID, stripesim.PayParams{})
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	if owedOn(ann, one) != 0 || owedOn(ann, two) != 3000 {
		t.Errorf("%d and %d are due", owedOn(ann, one), owedOn(ann, two))
	}
}

// R34 R35 N4: a bank debit is for customers who may; it shows as processing for its
// days, holds its invoice, succeeds, and is returned later.
func TestBankDebitProcessesSucceedsAndIsReturned(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Payment: workflows.PaymentTimes{PollProcessing: 500 * time.Millisecond}}})
	org := s.Seed("bright", "USD")
	ann, staff, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
	body := acts.Checkout(invoice)
	body["kind"] = "bank_debit"
	ann.Must(422, "POST", acts.Portal+"/payments", "", body, nil)
	org.AllowBankDebit()
	var p acts.Begun
	ann.Must(201, "POST", acts.Portal+"/payments", "", body, &p)
	org.PayOnPage(ann, p.ID, stripesim.PayParams{BankAccount: "000555555559"})
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentProcessing)
	ann.Must(409, "POST", acts.Portal+"/payments", "", acts.Checkout(invoice), nil)
	staff.Must(409, "POST", acts.Console+"/payments/"+p.ID.String()+"/cancel", "", map[string]any{}, nil)
	if err := s.Sim.Advance(t.Context(), 5*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	got := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	if got.Kind != "bank_debit" {
		t.Errorf("it was paid by %s", got.Kind)
	}
	if err := s.Sim.Advance(t.Context(), 60*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the return", func() bool { return org.ReadPayment(ann, p.ID).Returned.Amount == 10000 })
	if owedOn(ann, invoice) != 10000 {
		t.Errorf("%d is owed again", owedOn(ann, invoice))
	}
	for address, words := range map[string]string{"ann@lovelace.test": "took your payment of $100.00 back", "grace@bright.test": "in your customer portal"} {
		if _, err := s.Inbox.WaitFor(t.Context(), address, words); err != nil {
			t.Fatal(err)
		}
	}
}

// N4: a bank debit that came back while nobody heard of it holds nothing any more.
func TestBankDebitThatFailsUnheardIsPaidAnotherWay(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	org.AllowBankDebit()
	ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
	body := acts.Checkout(invoice)
	body["kind"] = "bank_debit"
	var p acts.Begun
	ann.Must(201, "POST", acts.Portal+"/payments", "", body, &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentAwaitingCustomer)
	// Neither that the bank settles it nor that it won't is ever told.
	if err := s.Sim.SetWebhook(t.Context(), "", ""); err != nil {
		t.Fatal(err)
	}
	org.PayOnPage(ann, p.ID, stripesim.PayParams{BankAccount: "000222222227"})
	if err := s.Sim.Advance(t.Context(), 5*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	ann.Must(200, "POST", acts.Portal+"/payments/"+p.ID.String()+"/cancel", "", map[string]any{}, nil)
	if got := org.ReadPayment(ann, p.ID); got.Status != portal.PaymentCanceled || len(got.Attempts) != 1 || got.Attempts[0].Outcome != "declined" {
		t.Errorf("the debit is %+v", got)
	}
	ann.Must(201, "POST", acts.Portal+"/payments", "", acts.Checkout(invoice), &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentAwaitingCustomer)
}

// R34 N4: a bank debit that comes back before it succeeded waits like a declined
// card; paying another way gives it up.
func TestBankDebitThatFailsIsPaidAnotherWay(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Payment: workflows.PaymentTimes{PollProcessing: 500 * time.Millisecond}}})
	org := s.Seed("bright", "USD")
	org.AllowBankDebit()
	ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
	body := acts.Checkout(invoice)
	body["kind"] = "bank_debit"
	var p acts.Begun
	ann.Must(201, "POST", acts.Portal+"/payments", "", body, &p)
	org.PayOnPage(ann, p.ID, stripesim.PayParams{BankAccount: "000222222227"})
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentProcessing)
	if err := s.Sim.Advance(t.Context(), 5*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentDeclined)
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "did not go through"); err != nil {
		t.Fatal(err)
	}
	other, _ := paidOnPage(t, s, org, ann, invoice)
	if got := org.ReadPayment(ann, p.ID); got.Status != portal.PaymentCanceled || other.Received.Amount != 10000 || owedOn(ann, invoice) != 0 {
		t.Errorf("the debit is %s, %v was received, %d is due", got.Status, other.Received, owedOn(ann, invoice))
	}
}
