package stripe

import (
	"errors"
	"testing"
	"time"

	"countersign/devstack/stripesim"
	"countersign/gateway"
)

// session opens a session of 20.00 USD, as change makes it.
func (b *bundle) session(t *testing.T, change func(*gateway.CheckoutParams)) gateway.Checkout {
	t.Helper()
	customerID, _ := b.customer(t, "")
	p := gateway.CheckoutParams{
		PaymentID:  "pay-1",
		CustomerID: customerID,
		Currency:   "USD",
		Lines:      []gateway.CheckoutLine{{Name: "Invoice 1", Amount: 1500}, {Name: "Invoice 2", Amount: 500}},
		Kinds:      []gateway.MethodKind{gateway.Card, gateway.BankAccount},
		SuccessURL: "http://127.0.0.1/ok?s={CHECKOUT_SESSION_ID}",
		CancelURL:  "http://127.0.0.1/back",
		ExpiresAt:  time.Now().Add(gateway.CheckoutLifetime),
	}
	if change != nil {
		change(&p)
	}
	cs, err := b.CreateCheckout(t.Context(), "", p)
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

// Card details are entered on the processor's page; we learn the intent. // R32
func TestCheckoutIsPaid(t *testing.T) {
	b := setup(t)
	cs := b.session(t, nil)
	if cs.Status != gateway.CheckoutOpen || cs.URL == "" || cs.IntentID != "" || cs.PaymentID != "pay-1" || cs.Amount != 2000 || cs.Currency != "USD" || cs.Setup {
		t.Fatalf("opened: %+v", cs)
	}
	if _, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{}); err != nil {
		t.Fatal(err)
	}
	cs, err := b.GetCheckout(t.Context(), "", cs.ID)
	if err != nil || cs.Status != gateway.CheckoutComplete || cs.IntentID == "" {
		t.Fatalf("paid: %+v, %v", cs, err)
	}
	pi, err := b.GetIntent(t.Context(), "", cs.IntentID)
	if err != nil || pi.Status != gateway.IntentSucceeded || pi.PaymentID != "pay-1" || pi.AmountReceived != 2000 || pi.CustomerID != cs.CustomerID {
		t.Errorf("its intent: %+v, %v", pi, err)
	}
	found, ok, err := b.FindIntent(t.Context(), "", cs.CustomerID, "pay-1")
	if err != nil || !ok || found.ID != pi.ID {
		t.Errorf("found %v %+v, %v", ok, found, err)
	}
}

// Declines happen inside the session: it stays open, and there is one intent.
func TestCheckoutDeclineStaysOpen(t *testing.T) {
	b := setup(t)
	cs := b.session(t, nil)
	var intentID string
	for _, card := range []string{"4000000000000002", "4000000000009995"} {
		got, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{Card: card})
		if err != nil || got.Code != "card_declined" || got.Status != "open" {
			t.Fatalf("%s: %+v, %v", card, got, err)
		}
		if intentID != "" && got.Intent != intentID {
			t.Error("a second attempt made a second intent")
		}
		intentID = got.Intent
	}
	pi, err := b.GetIntent(t.Context(), "", intentID)
	if err != nil || !pi.Declined() || pi.LastDecline.Reason() != "insufficient_funds" || pi.PaymentID != "pay-1" {
		t.Fatalf("its intent: %+v, %v", pi, err)
	}
	if got, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{}); err != nil || got.Status != "complete" || got.Intent != intentID {
		t.Errorf("with another card: %+v, %v", got, err)
	}
}

// Expiring says what became of the session, whatever that is.
func TestExpireCheckout(t *testing.T) {
	t.Run("open", func(t *testing.T) {
		b := setup(t)
		cs := b.session(t, nil)
		for range 2 {
			got, err := b.ExpireCheckout(t.Context(), "", cs.ID)
			if err != nil || got.Status != gateway.CheckoutExpired || got.URL != "" {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		if got, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{}); err == nil {
			t.Errorf("an expired session was paid: %+v", got)
		}
	})
	t.Run("declined", func(t *testing.T) {
		b := setup(t)
		cs := b.session(t, nil)
		declined, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{Card: "4000000000000002"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.ExpireCheckout(t.Context(), "", cs.ID); err != nil {
			t.Fatal(err)
		}
		if pi, err := b.GetIntent(t.Context(), "", declined.Intent); err != nil || pi.Status != gateway.IntentCanceled {
			t.Errorf("its intent: %+v, %v", pi, err)
		}
	})
	t.Run("paid meanwhile", func(t *testing.T) {
		b := setup(t)
		cs := b.session(t, nil)
		if _, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{}); err != nil {
			t.Fatal(err)
		}
		got, err := b.ExpireCheckout(t.Context(), "", cs.ID)
		if err != nil || got.Status != gateway.CheckoutComplete || got.IntentID == "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("saved 500", func(t *testing.T) {
		b := setup(t)
		cs := b.session(t, nil)
		if err := b.admin.Fail(t.Context(), stripesim.Fault{Path: "/v1/checkout/sessions/*/expire", Kind: stripesim.Refuse, Status: 500}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.ExpireCheckout(t.Context(), "", cs.ID); gateway.KindOf(err) != gateway.UnknownOutcome {
			t.Fatalf("got %v", err)
		}
		// A repeat isn't answered with the 500 that its key has saved.
		if got, err := b.ExpireCheckout(t.Context(), "", cs.ID); err != nil || got.Status != gateway.CheckoutExpired {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		b := setup(t)
		if _, err := b.ExpireCheckout(t.Context(), "", "cs_test_none"); gateway.KindOf(err) != gateway.NotFound {
			t.Errorf("got %v", err)
		}
	})
}

func TestCheckoutExpiresByItself(t *testing.T) {
	b := setup(t)
	cs := b.session(t, nil)
	if err := b.admin.Advance(t.Context(), gateway.CheckoutLifetime-time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, err := b.GetCheckout(t.Context(), "", cs.ID); err != nil || got.Status != gateway.CheckoutOpen {
		t.Fatalf("a minute early: %+v, %v", got, err)
	}
	if err := b.admin.Advance(t.Context(), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, err := b.GetCheckout(t.Context(), "", cs.ID); err != nil || got.Status != gateway.CheckoutExpired {
		t.Errorf("a minute late: %+v, %v", got, err)
	}
}

// The processor refuses an expiry that is too near, and says which parameter.
func TestCheckoutExpiryTooSoon(t *testing.T) {
	b := setup(t)
	customerID, _ := b.customer(t, "")
	_, err := b.CreateCheckout(t.Context(), "", gateway.CheckoutParams{
		PaymentID: "pay-1", CustomerID: customerID, Currency: "USD", Lines: []gateway.CheckoutLine{{Name: "Invoice", Amount: 100}},
		Kinds: []gateway.MethodKind{gateway.Card}, SuccessURL: "http://127.0.0.1/ok", CancelURL: "http://127.0.0.1/", ExpiresAt: time.Now().Add(20 * time.Minute),
	})
	if e, ok := errors.AsType[*gateway.Error](err); !ok || e.Kind != gateway.Permanent || e.Param != "expires_at" {
		t.Errorf("got %#v", err)
	}
}

// A method is kept only where the customer agreed. // R33, R35
func TestCheckoutSaving(t *testing.T) {
	for _, tc := range []struct {
		name  string
		save  bool
		pay   stripesim.PayParams
		saved bool
	}{
		{"card, not agreed", false, stripesim.PayParams{Save: true}, false},
		{"card", true, stripesim.PayParams{}, true},
		{"bank account", true, stripesim.PayParams{BankAccount: "000123456789"}, true},
		{"bank account, not agreed", false, stripesim.PayParams{BankAccount: "000123456789", Save: true}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := setup(t)
			cs := b.session(t, func(p *gateway.CheckoutParams) { p.Save = tc.save })
			if got, err := b.admin.Pay(t.Context(), cs.ID, tc.pay); err != nil || got.Status != "complete" {
				t.Fatalf("%+v, %v", got, err)
			}
			methods, err := b.ListMethods(t.Context(), "", cs.CustomerID)
			if err != nil || (len(methods) == 1) != tc.saved {
				t.Errorf("saved %+v, %v", methods, err)
			}
		})
	}
}

// A session that only saves a method charges nothing. // R38, R39
func TestCheckoutSetup(t *testing.T) {
	b := setup(t)
	cs := b.session(t, func(p *gateway.CheckoutParams) { p.Setup, p.PaymentID = true, "request-1" })
	if !cs.Setup || cs.SetupIntentID == "" || cs.PaymentID != "request-1" || cs.Amount != 0 {
		t.Fatalf("opened: %+v", cs)
	}
	if got, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{Card: "4000000000009987"}); err != nil || got.DeclineCode != "lost_card" {
		t.Fatalf("a card that can't be saved: %+v, %v", got, err)
	}
	s, err := b.GetSetup(t.Context(), "", cs.SetupIntentID)
	if err != nil || s.Status != gateway.SetupRequiresMethod || s.LastDecline.Reason() != "lost_card" {
		t.Fatalf("after it: %+v, %v", s, err)
	}
	if got, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{Card: "4000002500003155"}); err != nil || got.Status != "complete" {
		t.Fatalf("%+v, %v", got, err)
	}
	s, err = b.GetSetup(t.Context(), "", cs.SetupIntentID)
	if err != nil || s.Status != gateway.SetupSucceeded || s.RequestID != "request-1" || s.MethodID == "" || s.CustomerID != cs.CustomerID {
		t.Fatalf("saved: %+v, %v", s, err)
	}
	if n := len(b.charges(t)); n != 0 {
		t.Errorf("saving made %d charges", n)
	}
	// Authenticated once, it is charged without its owner.
	pi, err := b.CreateIntent(t.Context(), "", gateway.IntentParams{PaymentID: "pay-2", Amount: 700, Currency: "USD", CustomerID: cs.CustomerID, MethodID: s.MethodID, Kinds: []gateway.MethodKind{gateway.Card}})
	if err != nil {
		t.Fatal(err)
	}
	if pi, err = b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-2", OffSession: true}); err != nil || pi.Status != gateway.IntentSucceeded {
		t.Errorf("%+v, %v", pi, err)
	}
}

// A bank debit from Checkout completes the session and is processing. // R34, N4
func TestCheckoutBankDebit(t *testing.T) {
	b := setup(t)
	cs := b.session(t, nil)
	got, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{BankAccount: "000222222227"})
	if err != nil || got.Status != "complete" {
		t.Fatalf("%+v, %v", got, err)
	}
	if pi, err := b.GetIntent(t.Context(), "", got.Intent); err != nil || pi.Status != gateway.IntentProcessing || pi.AmountReceived != 0 {
		t.Fatalf("%+v, %v", pi, err)
	}
	if err := b.admin.Advance(t.Context(), 5*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if pi, err := b.GetIntent(t.Context(), "", got.Intent); err != nil || !pi.Declined() || pi.LastDecline.Reason() != "insufficient_funds" {
		t.Errorf("%+v, %v", pi, err)
	}
}
