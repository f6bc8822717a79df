package stripe

import (
	"testing"
	"time"

	"countersign/devstack/stripesim"
	"countersign/gateway"
)

// paid charges 12.50 USD.
func (b *bundle) paid(t *testing.T, token string) gateway.Intent {
	t.Helper()
	pi := b.prepared(t, token)
	pi, err := b.ConfirmIntent(t.Context(), "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", OffSession: true})
	if err != nil {
		t.Fatal(err)
	}
	return pi
}

func TestRefund(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	pi := b.paid(t, "pm_card_visa")
	for range 2 {
		got, err := b.Refund(ctx, "", gateway.RefundParams{ID: "r1", IntentID: pi.ID, Amount: 250})
		if err != nil || got.Status != gateway.RefundSucceeded || got.Amount != 250 || got.Currency != "USD" || got.RefundID != "r1" || got.IntentID != pi.ID || got.ChargeID != pi.ChargeID {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if _, err := b.Refund(ctx, "", gateway.RefundParams{ID: "r2", IntentID: pi.ID, Amount: 1001}); gateway.KindOf(err) != gateway.Permanent {
		t.Errorf("more than is left: %v", err)
	}
	rest, err := b.Refund(ctx, "", gateway.RefundParams{ID: "r3", IntentID: pi.ID})
	if err != nil || rest.Amount != 1000 {
		t.Fatalf("the rest: %+v, %v", rest, err)
	}
	if _, err := b.Refund(ctx, "", gateway.RefundParams{ID: "r4", IntentID: pi.ID, Amount: 1}); gateway.KindOf(err) != gateway.UnexpectedState {
		t.Errorf("nothing left: %v", err)
	}
	all, err := b.ListRefunds(ctx, "", pi.ID)
	if err != nil || len(all) != 2 || all[0].RefundID != "r3" || all[1].RefundID != "r1" {
		t.Errorf("%+v, %v", all, err)
	}
}

// A refund can fail after it succeeded; one made at the processor has no ID of
// ours.
func TestRefundsChange(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	pi := b.paid(t, "pm_card_refundFail")
	id, err := b.admin.Refund(ctx, pi.ID, 300)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.GetRefund(ctx, "", id)
	if err != nil || got.Status != gateway.RefundSucceeded || got.RefundID != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := b.admin.Advance(ctx, 3*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got, err = b.GetRefund(ctx, "", id); err != nil || got.Status != gateway.RefundFailed || got.FailureReason == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// A bank takes money back: at once for a card, days later for a debit. // N4
func TestDisputes(t *testing.T) {
	for _, tc := range []struct {
		token  string
		status gateway.DisputeStatus
		taken  bool
	}{
		{"pm_card_createDispute", gateway.DisputeNeedsResponse, true},
		{"pm_card_createDisputeInquiry", gateway.DisputeWarningNeedsResponse, false},
		{"pm_usBankAccount_dispute", gateway.DisputeLost, true},
	} {
		t.Run(tc.token, func(t *testing.T) {
			b := setup(t)
			ctx := t.Context()
			pi := b.paid(t, tc.token)
			if err := b.admin.Advance(ctx, 7*24*time.Hour); err != nil {
				t.Fatal(err)
			}
			ds, err := b.ListDisputes(ctx, "", pi.ID)
			if err != nil || len(ds) != 1 {
				t.Fatalf("%+v, %v", ds, err)
			}
			d, err := b.GetDispute(ctx, "", ds[0].ID)
			if err != nil || d != ds[0] || d.Status != tc.status || d.Status.MoneyTaken() != tc.taken || d.Amount != 1250 || d.Currency != "USD" || d.IntentID != pi.ID {
				t.Errorf("%+v, %v", d, err)
			}
			if pi, err = b.GetIntent(ctx, "", pi.ID); err != nil || pi.Status != gateway.IntentSucceeded {
				t.Errorf("the intent: %+v, %v", pi, err)
			}
		})
	}
}

// Events tell which intent they are about, and are paged.
func TestListEvents(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	cs := b.session(t, nil)
	paid, err := b.admin.Pay(ctx, cs.ID, stripesim.PayParams{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.admin.Dispute(ctx, paid.Intent, 100, ""); err != nil {
		t.Fatal(err)
	}
	page, err := b.ListEvents(ctx, "", time.Now().Add(-time.Minute), "")
	if err != nil || page.Next != "" {
		t.Fatalf("%+v, %v", page, err)
	}
	want := []struct{ kind, object, payment string }{
		{"charge.dispute.created", "dispute", ""},
		{"checkout.session.completed", "checkout.session", "pay-1"},
		{"payment_intent.succeeded", "payment_intent", "pay-1"},
	}
	if len(page.Hints) != len(want) {
		t.Fatalf("%+v", page.Hints)
	}
	for i, w := range want {
		h := page.Hints[i]
		if h.Type != w.kind || h.ObjectKind != w.object || h.PaymentID != w.payment || h.IntentID != paid.Intent || h.EventID == "" || h.ObjectID == "" || h.Created.IsZero() {
			t.Errorf("%d: %+v", i, h)
		}
	}
	if page, err = b.ListEvents(ctx, "", time.Now().Add(time.Minute), ""); err != nil || len(page.Hints) != 0 {
		t.Errorf("of the future: %+v, %v", page, err)
	}
}

func TestListEventsPages(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	pi := b.prepared(t, "pm_card_visa")
	if err := b.admin.Decline(ctx, pi.MethodID, slicesOf("insufficient_funds", 105)...); err != nil {
		t.Fatal(err)
	}
	for n := range 105 {
		if _, err := b.ConfirmIntent(ctx, "", pi.ID, gateway.ConfirmParams{PaymentID: "pay-1", Attempt: n, MethodID: pi.MethodID, OffSession: true}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	after, pages := "", 0
	for {
		page, err := b.ListEvents(ctx, "", time.Now().Add(-time.Hour), after)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, h := range page.Hints {
			if seen[h.EventID] {
				t.Fatalf("%s twice", h.EventID)
			}
			seen[h.EventID] = true
		}
		if after = page.Next; after == "" {
			break
		}
	}
	// Each decline, the method's attachment and its setup.
	if len(seen) != 107 || pages != 2 {
		t.Errorf("%d events on %d pages", len(seen), pages)
	}
}

func slicesOf(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}
