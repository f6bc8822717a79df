package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// tryingAgain pays with a saved card and asks for tries on schedule.
func tryingAgain(method uuid.UUID, invoices ...uuid.UUID) map[string]any {
	body := acts.Saved(method, invoices...)
	body["on_schedule"] = true
	return body
}

// N6: a payment whose customer asked for it is tried again by itself, and says
// when; it is paid once.
func TestDeclinedPaymentIsTriedAgainOnSchedule(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Payment: workflows.PaymentTimes{NextTry: 2 * time.Second}}})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "insufficient_funds", "processing_error"); err != nil {
		t.Fatal(err)
	}
	ann.Must(422, "POST", acts.Payments, "", map[string]any{"way": "checkout", "on_schedule": true, "invoices": []map[string]any{{"id": org.Invoice("INV-9", 500)}}}, nil)
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", tryingAgain(method, org.Invoice("INV-1", 10000)), &p)
	declined := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentDeclined)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := portal.NextRetry(1, declined.CreatedAt, zone)
	if declined.NextTryAt == nil || !declined.NextTryAt.Equal(want) {
		t.Fatalf("the next try is at %v, not %v", declined.NextTryAt, want)
	}
	paid := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	if len(paid.Attempts) != 3 || paid.NextTryAt != nil || paid.Attempts[2].By != "Countersign, on schedule" {
		t.Fatalf("paid after %+v", paid.Attempts)
	}
	told := ""
	for _, e := range paid.Timeline {
		told += e.Text + "\n"
	}
	if !strings.Contains(told, "It is tried again on") || !strings.Contains(told, "on schedule") {
		t.Errorf("the timeline says\n%s", told)
	}
	mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "did not go through")
	if err != nil || !strings.Contains(mail.Text, "Next try: ") || !strings.Contains(mail.Text, "To stop that, cancel the payment") {
		t.Errorf("%v: the email says %s", err, mail.Text)
	}
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(p.ID), "payment-saved-card-on-schedule")
	if n := acts.Succeeded(t, s); n != 2 {
		t.Fatalf("%d charges succeeded, of 2 payments", n)
	}
}

// N6 R38: while the schedule needs a card it isn't removed; giving the payment up
// frees it. Paying another way gives the payment up too.
func TestScheduleKeepsItsCardAndGivesWay(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben := org.AsAnn(), org.AsBen()
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "insufficient_funds", "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	invoice := org.Invoice("INV-1", 10000)
	var first, second acts.Begun
	ann.Must(201, "POST", acts.Payments, "", tryingAgain(method, invoice), &first)
	acts.ReadPayment(t, s, ann, org, first.ID, portal.PaymentDeclined)
	card := "/api/bright/portal/payment-methods/" + method.String()
	ann.Must(409, "DELETE", card, "", nil, nil)
	ben.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &second)
	given := acts.ReadPayment(t, s, ann, org, first.ID, portal.PaymentCanceled)
	if given.NextTryAt != nil {
		t.Errorf("given up, and yet tried again at %s", given.NextTryAt)
	}
	ann.Must(204, "DELETE", card, "", nil, nil)
}

// N3 N6: a payment that can't begin, or that would come to another amount than was
// shown, leaves the one in its way as it is, with its schedule.
func TestWhatCantBeginLeavesWhatIsInItsWay(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	invoice := org.Invoice("INV-1", 10000)
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", tryingAgain(method, invoice), &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentDeclined)
	still := func(what string) {
		t.Helper()
		if now := org.ReadPayment(ann, p.ID); now.Status != portal.PaymentDeclined || now.NextTryAt == nil {
			t.Fatalf("after %s it is %s, and tried again at %v", what, now.Status, now.NextTryAt)
		}
	}
	one := []map[string]any{{"id": invoice, "amount": 10}}
	ann.Must(422, "POST", acts.Payments, "", map[string]any{"way": "checkout", "invoices": one}, nil)
	still("an amount that is too small")
	other := acts.Checkout(invoice)
	other["kind"] = "bank_debit"
	ann.Must(422, "POST", acts.Payments, "", other, nil)
	still("a way that isn't offered")
	other = acts.Checkout(invoice)
	other["expected"] = 9999
	ann.Must(409, "POST", acts.Payments, "", other, nil)
	still("another amount")
	org.Staff().Must(409, "POST", acts.Console+"/customers/"+org.Customer.String()+"/credit/uses", "", map[string]any{"invoices": []uuid.UUID{invoice}}, nil)
	still("credit that isn't there")
	other["expected"] = 10000
	ann.Must(201, "POST", acts.Payments, "", other, nil)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentCanceled)
}

// N6: whoever can't pay in the portal any more has nothing tried again by itself,
// and who is there in their place hears of what they began.
func TestScheduleEndsWithAccess(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	org.MakePrimary(org.Ben)
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", tryingAgain(method, org.Invoice("INV-1", 10000)), &p)
	if declined := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentDeclined); declined.NextTryAt == nil {
		t.Fatal("it is not tried again by itself")
	}
	staff.Must(200, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/access", "", map[string]any{"contacts": []map[string]any{{"id": org.Ann, "access": false}}}, nil)
	row, _ := acts.PaymentRow(s, org, p.ID)
	if row.Status != portal.PaymentDeclined || row.NextTryAt != nil || row.OnSchedule {
		t.Errorf("without access it is %s, tried again at %v", row.Status, row.NextTryAt)
	}
	if n := told(t, s, org, "is not tried again by itself: Ann Lovelace can't pay in the portal any more"); n != 1 {
		t.Errorf("it is told %d times", n)
	}
	staff.Must(200, "POST", "/api/bright/console/payments/"+p.ID.String()+"/cancel", "", map[string]any{}, nil)
	if _, err := s.Inbox.WaitFor(t.Context(), "ben@lovelace.test", "canceled"); err != nil {
		t.Error(err)
	}
	mails, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		if strings.Contains(m.Subject, "canceled") {
			t.Errorf("Ann hears of %q", m.Subject)
		}
	}
}
