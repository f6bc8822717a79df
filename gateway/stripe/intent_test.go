package stripe

import (
	"testing"
	"time"

	"countersign/devstack/stripesim"
	"countersign/gateway"
)

func TestConfirmCharges(t *testing.T) {
	b := setup(t)
	pi := b.prepared(t, "pm_card_visa")
	if pi.Status != gateway.IntentRequiresConfirmation || pi.PaymentID != "pay-1" || pi.Currency != "USD" {
		t.Fatalf("prepared: %+v", pi)
	}
	if n := len(b.charges(t)); n != 0 {
		t.Fatalf("preparing made %d charges", n)
	}
	got, err := b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != gateway.IntentSucceeded || got.AmountReceived != 1250 || got.ChargeID == "" || got.LastDecline != nil {
		t.Errorf("confirmed: %+v", got)
	}
	again, err := b.GetIntent(t.Context(), "", pi.ID)
	got.Charged = again.Charged // only told when it is read
	if err != nil || again != got {
		t.Errorf("read back: %+v, %v; confirmed: %+v", again, err, got)
	}
}

// What was charged is read from the charge for ever: the intent's own method may
// be forgotten. // R40
func TestAnIntentTellsWhatWasCharged(t *testing.T) {
	for token, want := range map[string]gateway.Charged{
		"pm_card_mastercard":       {Kind: gateway.Card, Brand: "mastercard", Last4: "4444"},
		"pm_usBankAccount_success": {Kind: gateway.BankAccount, Brand: "STRIPE TEST BANK", Last4: "6789"},
	} {
		b := setup(t)
		pi := b.prepared(t, token)
		if pi.Charged != (gateway.Charged{}) {
			t.Errorf("%s: prepared, and charged to %+v", token, pi.Charged)
		}
		if _, err := b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.DetachMethod(t.Context(), "", pi.MethodID); err != nil {
			t.Fatal(err)
		}
		if got, err := b.GetIntent(t.Context(), "", pi.ID); err != nil || got.Charged != want {
			t.Errorf("%s: with its method forgotten: %+v, %v", token, got.Charged, err)
		}
	}
}

// A decline is a result: the code is there for the flow, and the next attempt
// names a method again, because the processor has taken the declined one off.
func TestDeclineIsAResult(t *testing.T) {
	for _, tc := range []struct{ token, forced, code, declineCode, reason string }{
		{"pm_card_chargeCustomerFail", "", "card_declined", "generic_decline", "generic_decline"},
		{"pm_card_visa", "insufficient_funds", "card_declined", "insufficient_funds", "insufficient_funds"},
		{"pm_card_visa", "lost_card", "card_declined", "lost_card", "lost_card"},
		{"pm_card_visa", "expired_card", "expired_card", "", "expired_card"},
		{"pm_card_visa", "processing_error", "processing_error", "", "processing_error"},
		{"pm_card_authenticationRequired", "", "authentication_required", "authentication_required", "authentication_required"},
	} {
		t.Run(tc.reason+" "+tc.token, func(t *testing.T) {
			b := setup(t)
			pi := b.prepared(t, tc.token)
			if tc.forced != "" {
				if err := b.admin.Decline(t.Context(), pi.MethodID, tc.forced); err != nil {
					t.Fatal(err)
				}
			}
			got, err := b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true})
			if err != nil {
				t.Fatalf("a decline came as the error %v", err)
			}
			if !got.Declined() || got.LastDecline.Code != tc.code || got.LastDecline.DeclineCode != tc.declineCode || got.LastDecline.Reason() != tc.reason || got.LastDecline.Message == "" {
				t.Errorf("got %+v, decline %+v", got, got.LastDecline)
			}
			if got.MethodID != "" || got.AmountReceived != 0 {
				t.Errorf("after a decline: %+v", got)
			}
			if got.NeedsCustomer() != (tc.reason == "authentication_required") {
				t.Errorf("NeedsCustomer() = %v", got.NeedsCustomer())
			}
		})
	}
}

// The same attempt repeated is the same charge; the next attempt after a decline
// is another.
func TestAttemptsAreKeyed(t *testing.T) {
	b := setup(t)
	pi := b.prepared(t, "pm_card_visa")
	if err := b.admin.Decline(t.Context(), pi.MethodID, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	first := gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true}
	for range 3 {
		got, err := b.ConfirmIntent(t.Context(), "", pi.ID, first)
		if err != nil || !got.Declined() {
			t.Fatalf("the declined attempt, repeated: %+v, %v", got, err)
		}
	}
	if n := len(b.charges(t)); n != 1 {
		t.Fatalf("one attempt made %d charges", n)
	}
	second := gateway.ConfirmParams{PaymentID: "pay-1", Attempt: 1, MethodID: pi.MethodID, OffSession: true}
	for range 3 {
		got, err := b.ConfirmIntent(t.Context(), "", pi.ID, second)
		if err != nil || got.Status != gateway.IntentSucceeded {
			t.Fatalf("the second attempt: %+v, %v", got, err)
		}
	}
	if cs := b.charges(t); len(cs) != 2 || cs[0].Status != "failed" || cs[1].Status != "succeeded" {
		t.Errorf("charges: %+v", cs)
	}
}

// The worst fault of all: the charge is made and its answer lost. The same call
// again gives the answer; it doesn't charge again.
func TestLostAnswerIsNotChargedTwice(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault stripesim.Fault
		acted bool
	}{
		{"connection lost before", stripesim.Fault{Kind: stripesim.LoseRequest}, false},
		{"connection lost after", stripesim.Fault{Kind: stripesim.LoseAnswer}, true},
		{"time-out after", stripesim.Fault{Kind: stripesim.LoseAnswer, Hold: time.Minute}, true},
		{"500 after", stripesim.Fault{Kind: stripesim.ActAndRefuse, Status: 500}, true},
		{"503 before", stripesim.Fault{Kind: stripesim.Refuse, Status: 503}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := setup(t)
			pi := b.prepared(t, "pm_card_visa")
			fault := tc.fault
			fault.Method, fault.Path = "POST", "/v1/payment_intents/*/confirm"
			if fault.Kind == stripesim.LoseRequest || fault.Kind == stripesim.LoseAnswer {
				// net/http itself repeats a request with an idempotency key
				// whose kept-alive connection closed; lose that one too.
				fault.Count = 2
			}
			if err := b.admin.Fail(t.Context(), fault); err != nil {
				t.Fatal(err)
			}
			confirm := gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true}
			if _, err := b.ConfirmIntent(t.Context(), "", pi.ID, confirm); gateway.KindOf(err) != gateway.UnknownOutcome {
				t.Fatalf("got %v, want an unknown outcome", err)
			}
			now, err := b.GetIntent(t.Context(), "", pi.ID)
			if err != nil {
				t.Fatal(err)
			}
			if charged := now.Status == gateway.IntentSucceeded; charged != tc.acted {
				t.Errorf("after the fault the intent is %s", now.Status)
			}
			if err := b.admin.Heal(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err = b.ConfirmIntent(t.Context(), "", pi.ID, confirm)
			saved500 := tc.fault.Status >= 500
			if (err != nil) != saved500 {
				t.Errorf("the same call again: %v", err)
			}
			if cs := b.charges(t); len(cs) > 1 {
				t.Errorf("charged %d times", len(cs))
			}
		})
	}
}

func TestConfirmedTwiceIsUnexpectedState(t *testing.T) {
	b := setup(t)
	pi := b.prepared(t, "pm_card_visa")
	for n, want := range []gateway.Kind{"", gateway.UnexpectedState} {
		_, err := b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", Attempt: n, OffSession: true})
		if gateway.KindOf(err) != want {
			t.Fatalf("attempt %d: %v", n, err)
		}
	}
	if n := len(b.charges(t)); n != 1 {
		t.Errorf("charged %d times", n)
	}
}

func TestCancel(t *testing.T) {
	b := setup(t)
	pi := b.prepared(t, "pm_card_visa")
	got, err := b.CancelIntent(t.Context(), "", pi.ID, "cancel:pay-1")
	if err != nil || got.Status != gateway.IntentCanceled || got.CancelReason != "abandoned" {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true})
	if gateway.KindOf(err) != gateway.UnexpectedState {
		t.Errorf("confirming what was cancelled: %v", err)
	}
	if _, err := b.CancelIntent(t.Context(), "", pi.ID, "cancel:pay-1:again"); gateway.KindOf(err) != gateway.UnexpectedState {
		t.Errorf("cancelling twice: %v", err)
	}
}

// After an unknown outcome of a create, the intent is found by its metadata.
func TestFindIntent(t *testing.T) {
	b := setup(t)
	customerID, methodID := b.customer(t, "pm_card_visa")
	if _, ok, err := b.FindIntent(t.Context(), "", customerID, "pay-7"); err != nil || ok {
		t.Fatalf("found one before there was one (%v)", err)
	}
	params := gateway.IntentParams{Amount: 900, Currency: "USD", CustomerID: customerID, MethodID: methodID, Kinds: []gateway.MethodKind{gateway.Card}}
	// More than a page of others.
	for n := range 120 {
		p := params
		p.PaymentID = "other-" + time.Duration(n).String()
		if _, err := b.CreateIntent(t.Context(), "", p); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			if err := b.admin.Fail(t.Context(), stripesim.Fault{Method: "POST", Path: "/v1/payment_intents", Kind: stripesim.LoseAnswer, Hold: time.Millisecond, Count: 2}); err != nil {
				t.Fatal(err)
			}
			p.PaymentID = "pay-7"
			if _, err := b.CreateIntent(t.Context(), "", p); gateway.KindOf(err) != gateway.UnknownOutcome {
				t.Fatalf("got %v, want an unknown outcome", err)
			}
			if err := b.admin.Heal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	pi, ok, err := b.FindIntent(t.Context(), "", customerID, "pay-7")
	if err != nil || !ok || pi.PaymentID != "pay-7" || pi.Amount != 900 {
		t.Errorf("found %v %+v, %v", ok, pi, err)
	}
}

// Of two intents for one payment, the one that holds money is found.
func TestFindPrefersMoney(t *testing.T) {
	b := setup(t)
	customerID, methodID := b.customer(t, "pm_card_visa")
	params := gateway.IntentParams{PaymentID: "pay-1", Amount: 900, Currency: "USD", CustomerID: customerID, MethodID: methodID, Kinds: []gateway.MethodKind{gateway.Card}}
	paid, err := b.CreateIntent(t.Context(), "", params)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.ConfirmIntent(t.Context(), "", paid.ID, gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true}); err != nil {
		t.Fatal(err)
	}
	params.Attempt = 1
	if _, err := b.CreateIntent(t.Context(), "", params); err != nil {
		t.Fatal(err)
	}
	if got, _, err := b.FindIntent(t.Context(), "", customerID, "pay-1"); err != nil || got.ID != paid.ID {
		t.Errorf("found %+v, %v; want %s", got, err, paid.ID)
	}
}

// A key that comes back with another body is refused, and for good.
func TestSameKeyOtherBodyIsPermanent(t *testing.T) {
	b := setup(t)
	pi := b.prepared(t, "pm_card_visa")
	_, err := b.CreateIntent(t.Context(), "", gateway.IntentParams{
		PaymentID: "pay-1", Amount: 9999, Currency: "USD", CustomerID: pi.CustomerID, Kinds: []gateway.MethodKind{gateway.Card},
	})
	if gateway.KindOf(err) != gateway.Permanent {
		t.Errorf("got %v", err)
	}
}

// A bank debit is processing for days, then succeeds or fails. // N4
func TestBankDebit(t *testing.T) {
	for _, tc := range []struct {
		token  string
		status gateway.IntentStatus
		reason string
	}{
		{"pm_usBankAccount_success", gateway.IntentSucceeded, ""},
		{"pm_usBankAccount_noAccount", gateway.IntentRequiresMethod, "no_account"},
		{"pm_usBankAccount_insufficientFunds", gateway.IntentRequiresMethod, "insufficient_funds"},
		{"pm_usBankAccount_processing", gateway.IntentProcessing, ""},
	} {
		t.Run(tc.token, func(t *testing.T) {
			b := setup(t)
			pi := b.prepared(t, tc.token)
			got, err := b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true})
			if err != nil || got.Status != gateway.IntentProcessing {
				t.Fatalf("confirmed: %+v, %v", got, err)
			}
			if err := b.admin.Advance(t.Context(), 3*24*time.Hour); err != nil {
				t.Fatal(err)
			}
			if got, err = b.GetIntent(t.Context(), "", pi.ID); err != nil || got.Status != gateway.IntentProcessing {
				t.Fatalf("after three days: %+v, %v", got, err)
			}
			if err := b.admin.Advance(t.Context(), 2*24*time.Hour); err != nil {
				t.Fatal(err)
			}
			got, err = b.GetIntent(t.Context(), "", pi.ID)
			if err != nil || got.Status != tc.status {
				t.Fatalf("after five days: %+v, %v", got, err)
			}
			if tc.reason != "" && got.LastDecline.Reason() != tc.reason {
				t.Errorf("declined for %q, want %q", got.LastDecline.Reason(), tc.reason)
			}
		})
	}
}

// On session, a card that asks for authentication leads to a page.
func TestAuthenticationOnSession(t *testing.T) {
	for _, pass := range []bool{true, false} {
		b := setup(t)
		pi := b.prepared(t, "pm_card_authenticationRequired")
		got, err := b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", ReturnURL: "http://127.0.0.1/return?x=1"})
		if err != nil || got.Status != gateway.IntentRequiresAction || got.NextActionURL == "" || !got.NeedsCustomer() {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := b.admin.Authenticate(t.Context(), pi.ID, pass); err != nil {
			t.Fatal(err)
		}
		got, err = b.GetIntent(t.Context(), "", pi.ID)
		if err != nil || (got.Status == gateway.IntentSucceeded) != pass {
			t.Fatalf("passed %v: %+v, %v", pass, got, err)
		}
		if !pass && got.LastDecline.Code != "payment_intent_authentication_failure" {
			t.Errorf("failed with %+v", got.LastDecline)
		}
	}
}

// Accounts don't see each other's objects.
func TestAccountsAreApart(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	mine, err := b.EnsureCustomer(ctx, "acct_1", gateway.CustomerParams{ID: "c-1", Name: "One"})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.EnsureCustomer(ctx, "acct_2", gateway.CustomerParams{ID: "c-1", Name: "One"})
	if err != nil {
		t.Fatal(err)
	}
	if mine == theirs {
		t.Error("the same key in two accounts gave the same customer")
	}
	if again, err := b.EnsureCustomer(ctx, "acct_1", gateway.CustomerParams{ID: "c-1", Name: "One"}); err != nil || again != mine {
		t.Errorf("the same key in the same account: %s, %v; want %s", again, err, mine)
	}
	p := gateway.IntentParams{PaymentID: "pay-1", Amount: 500, Currency: "EUR", CustomerID: mine, Kinds: []gateway.MethodKind{gateway.Card}}
	if _, err := b.CreateIntent(ctx, "acct_2", p); gateway.KindOf(err) != gateway.NotFound {
		t.Errorf("another account's customer: %v", err)
	}
	pi, err := b.CreateIntent(ctx, "acct_1", p)
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range []string{"acct_2", ""} {
		if _, err := b.GetIntent(ctx, account, pi.ID); gateway.KindOf(err) != gateway.NotFound {
			t.Errorf("from account %q: %v", account, err)
		}
	}
}
