package e2e

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// R33 R67 R70: a saved card is declined, staff retry it, and it is paid once.
func TestDeclinedSavedCardIsRetriedByStaff(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "insufficient_funds", "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(method, org.Invoice("INV-1", 10000)), &p)
	declined := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentDeclined)
	if declined.Failure == "" || len(declined.Attempts) != 1 || declined.Attempts[0].Code != "insufficient_funds" {
		t.Fatalf("declined as %+v", declined)
	}
	retry := "/api/bright/console/payments/" + p.ID.String() + "/retry"
	key := uuid.NewString()
	staff.Must(200, "POST", retry, key, map[string]any{}, nil)
	s.Eventually("the second decline", func() bool {
		read := org.ReadPayment(ann, p.ID)
		return read.Status == portal.PaymentDeclined && len(read.Attempts) == 2
	})
	// The same retry sent again is the same retry, not a third try.
	staff.Must(200, "POST", retry, key, map[string]any{}, nil)
	if read := org.ReadPayment(ann, p.ID); len(read.Attempts) != 2 {
		t.Fatalf("%d attempts after a repeated retry", len(read.Attempts))
	}
	staff.Must(200, "POST", retry, "", map[string]any{}, nil)
	paid := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	if paid.Received.Amount != 10000 || len(paid.Attempts) != 3 {
		t.Fatalf("paid %+v", paid)
	}
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(p.ID), "payment-saved-card-retried")
	if n := acts.Succeeded(t, s); n != 2 {
		t.Fatalf("%d charges succeeded, of 2 payments", n)
	}
	staff.Must(409, "POST", "/api/bright/console/payments/"+p.ID.String()+"/cancel", "", map[string]any{}, nil)
}

// R70: a card that the bank refuses for good is never charged again, whoever asks.
func TestCardRefusedForGoodIsNotRetried(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "stolen_card"); err != nil {
		t.Fatal(err)
	}
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(method, org.Invoice("INV-1", 10000)), &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentDeclined)
	staff.Must(409, "POST", "/api/bright/console/payments/"+p.ID.String()+"/retry", "", map[string]any{}, nil)
	ann.Must(409, "POST", acts.Payments+"/"+p.ID.String()+"/retry", "", map[string]any{"method": method}, nil)
	if read := org.ReadPayment(ann, p.ID); read.Status != portal.PaymentDeclined || len(read.Attempts) != 1 {
		t.Fatalf("the payment is %s after %d attempts", read.Status, len(read.Attempts))
	}
	if n := acts.Succeeded(t, s); n != 1 {
		t.Fatalf("%d charges succeeded, of the one that saved the card", n)
	}
}

// Pay Now on an invoice under a declined payment gives that one up first.
func TestPayingAnotherWayGivesTheDeclinedPaymentUp(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben := org.AsAnn(), org.AsBen()
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "do_not_honor"); err != nil {
		t.Fatal(err)
	}
	invoice := org.Invoice("INV-1", 10000)
	var first, second acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(method, invoice), &first)
	acts.ReadPayment(t, s, ann, org, first.ID, portal.PaymentDeclined)
	ben.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &second)
	acts.ReadPayment(t, s, ann, org, first.ID, portal.PaymentCanceled)
	org.PayOnPage(ben, second.ID, stripesim.PayParams{})
	acts.ReadPayment(t, s, ben, org, second.ID, portal.PaymentSucceeded)
	ann.Must(409, "POST", acts.Payments+"/"+first.ID.String()+"/retry", "", map[string]any{}, nil)
	if n := acts.Succeeded(t, s); n != 2 {
		t.Fatalf("%d charges succeeded", n)
	}
}

// The processor away, slow, forgetful: a saved card is charged once, whatever
// became of the answers.
func TestProcessorFaultsNeverChargeTwice(t *testing.T) {
	for name, fault := range map[string]stripesim.Fault{
		"the charge's answer is lost":    {Method: http.MethodPost, Path: "/v1/payment_intents/*/confirm", Kind: stripesim.LoseAnswer, Count: 2},
		"the charge never arrives":       {Method: http.MethodPost, Path: "/v1/payment_intents/*/confirm", Kind: stripesim.LoseRequest, Count: 2},
		"500 after charging":             {Method: http.MethodPost, Path: "/v1/payment_intents/*/confirm", Kind: stripesim.ActAndRefuse, Status: 500, Count: 1},
		"500 before charging":            {Method: http.MethodPost, Path: "/v1/payment_intents/*/confirm", Kind: stripesim.Refuse, Status: 500, Count: 2},
		"500 before preparing":           {Method: http.MethodPost, Path: "/v1/payment_intents", Kind: stripesim.Refuse, Status: 500, Count: 2},
		"the preparing's answer is lost": {Method: http.MethodPost, Path: "/v1/payment_intents", Kind: stripesim.LoseAnswer, Count: 2},
		"too many requests":              {Kind: stripesim.Refuse, Status: 429, Count: 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := stack.New(t, stack.Options{})
			org := s.Seed("bright", "USD")
			ann := org.AsAnn()
			method, _ := org.SaveCard(ann)
			if err := s.Sim.Fail(t.Context(), fault); err != nil {
				t.Fatal(err)
			}
			var p acts.Begun
			ann.Must(201, "POST", acts.Payments, "", acts.Saved(method, org.Invoice("INV-1", 10000)), &p)
			paid := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
			acts.Completed(t, s, workflows.PaymentID(p.ID))
			if n := acts.Succeeded(t, s); n != 2 || paid.Received.Amount != 10000 {
				t.Fatalf("%d charges succeeded, received %d", n, paid.Received.Amount)
			}
		})
	}
}

// The processor gives a saved 500 again for a day, and refuses a key that comes
// back with another name: neither holds a customer up.
func TestWhatTheProcessorRemembersHoldsNobodyUp(t *testing.T) {
	for _, path := range []string{"/v1/customers", "/v1/checkout/sessions"} {
		t.Run(path, func(t *testing.T) {
			s := stack.New(t, stack.Options{})
			org := s.Seed("bright", "USD")
			ann := org.AsAnn()
			for _, f := range []stripesim.Fault{
				{Method: http.MethodPost, Path: path, Kind: stripesim.Refuse, Status: 500, Count: 2},
				{Method: http.MethodPost, Path: path, Kind: stripesim.LoseAnswer},
			} {
				if err := s.Sim.Fail(t.Context(), f); err != nil {
					t.Fatal(err)
				}
			}
			var p acts.Begun
			ann.Must(201, "POST", acts.Payments, "", acts.Checkout(org.Invoice("INV-1", 10000)), &p)
			var account struct {
				Company struct {
					Version int `json:"version"`
				} `json:"company"`
			}
			ann.Must(200, "GET", "/api/bright/portal/account", "", nil, &account)
			ann.Must(200, "PUT", "/api/bright/portal/account/company", "", map[string]any{
				"version": account.Company.Version, "name": "Byron Ltd", "email": "byron@lovelace.test", "billing_address": map[string]any{}, "shipping_address": map[string]any{},
			}, nil)
			org.PayOnPage(ann, p.ID, stripesim.PayParams{})
			if paid := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded); paid.Received.Amount != 10000 || acts.Succeeded(t, s) != 1 {
				t.Fatalf("paid %+v", paid)
			}
		})
	}
}

// Webhooks doubled, reversed or lost end in the same state.
func TestWebhooksInAnyOrder(t *testing.T) {
	for name, fault := range map[string]stripesim.HookFault{
		"lost":    {Kind: stripesim.Drop, Count: 50},
		"doubled": {Kind: stripesim.Double, Count: 50},
		"late":    {Kind: stripesim.Delay, Delay: 2 * time.Second, Count: 50},
	} {
		t.Run(name, func(t *testing.T) {
			s := stack.New(t, stack.Options{Times: api.Times{Payment: workflows.PaymentTimes{PollCheckout: 500 * time.Millisecond}}})
			org := s.Seed("bright", "USD")
			ann := org.AsAnn()
			if err := s.Sim.FailHooks(t.Context(), fault); err != nil {
				t.Fatal(err)
			}
			var p acts.Begun
			ann.Must(201, "POST", acts.Payments, "", acts.Checkout(org.Invoice("INV-1", 10000), org.Invoice("INV-2", 500)), &p)
			org.PayOnPage(ann, p.ID, stripesim.PayParams{Card: "4000000000009995"})
			org.PayOnPage(ann, p.ID, stripesim.PayParams{})
			paid := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
			acts.Completed(t, s, workflows.PaymentID(p.ID))
			if paid.Received.Amount != 10500 || len(paid.Invoices) != 2 {
				t.Fatalf("paid %+v", paid)
			}
			if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "eceipt"); err != nil {
				t.Fatal(err)
			}
			mails, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
			if err != nil || len(mails) != 1 {
				t.Fatalf("%d emails, %v", len(mails), err)
			}
		})
	}
}

// A forged webhook is refused and leaves nothing.
func TestForgedWebhookIsRefused(t *testing.T) {
	s := stack.New(t, stack.Options{})
	for _, path := range []string{"/webhooks/stripe", "/webhooks/resend"} {
		answer, err := s.Client().Do("POST", path, "", []byte(`{"id":"evt_1","type":"payment_intent.succeeded"}`))
		if err != nil || answer.Status != 400 {
			t.Errorf("%s answered %d, %v", path, answer.Status, err)
		}
	}
}

// An invoice voided while its page is open: the page is closed first; nothing
// is charged, and the void stands.
func TestVoidingClosesTheOpenPage(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentAwaitingCustomer)
	open, _ := acts.PaymentRow(s, org, p.ID)
	staff.Must(200, "POST", "/api/bright/console/invoices/"+invoice.String()+"/void", "", map[string]any{"reason": "Sent twice"}, nil)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentCanceled)
	if summary, err := s.Sim.Pay(t.Context(), open.CheckoutID, stripesim.PayParams{}); err == nil && summary.Status == "complete" {
		t.Fatal("the closed page took money")
	}
	if answer := ann.Must(409, "POST", acts.Payments, "", acts.Checkout(invoice), nil); !bytes.Contains(answer.Body, []byte("voided")) {
		t.Fatalf("refused as %s", answer.Body)
	}
	if n := acts.Succeeded(t, s); n != 0 {
		t.Fatalf("%d charges", n)
	}
}

// With Resend away the payment is done all the same, and the receipt arrives
// once when it is back.
func TestMailAwayLosesNoReceipt(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	for _, kind := range []string{inbox.FaultError, inbox.FaultTimeoutAfter} {
		if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: kind, Count: 2}); err != nil {
			t.Fatal(err)
		}
	}
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(org.Invoice("INV-1", 10000)), &p)
	org.PayOnPage(ann, p.ID, stripesim.PayParams{})
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	mails, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d emails, %v", len(mails), err)
	}
}

// N3: two contacts paying the same invoice at the same moment: one pays, the
// other is told who.
func TestTwoContactsAtOnce(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	clients := []*stack.Client{org.AsAnn(), org.AsBen(), org.AsAnn(), org.AsBen()}
	for range 5 {
		invoice := org.Invoice("INV-"+uuid.NewString()[:8], 10000)
		answers := make(chan int, len(clients))
		for _, c := range clients {
			go func() {
				answer, err := c.Do("POST", acts.Payments, "", acts.Checkout(invoice))
				if err != nil {
					answer.Status = -1
				}
				answers <- answer.Status
			}()
		}
		created := 0
		for range clients {
			switch status := <-answers; status {
			case 201:
				created++
			case 200, 409: // one's own, to go on with; or somebody else's
			default:
				t.Errorf("answered %d", status)
			}
		}
		if created != 1 {
			t.Errorf("%d payments of one invoice", created)
		}
	}
}
