package stripesim

import (
	"net/http"
	"testing"
)

// What a proof reads afterwards is all there, in every account.
func TestLedgerListsAllThatEverWas(t *testing.T) {
	b := setup(t, Options{})
	ctx := t.Context()
	paid := b.must(b.charged("pm_card_visa")).str("id")
	b.charged("pm_card_chargeDeclined")
	b.must(b.call("POST", "/v1/payment_intents", "", "acct_7", "amount", "700", "currency", "jpy", "metadata[payment]", "p1"))
	if _, err := b.Refund(ctx, paid, 400); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Dispute(ctx, paid, 600, "fraudulent"); err != nil {
		t.Fatal(err)
	}
	intents, err := b.Intents(ctx)
	if err != nil || len(intents) != 3 {
		t.Fatalf("intents %+v, %v", intents, err)
	}
	if i := intents[0]; i.ID != paid || i.Status != succeeded || i.Received != 1000 {
		t.Errorf("paid %+v", i)
	}
	if i := intents[2]; i.Account != "acct_7" || i.Metadata["payment"] != "p1" || i.Amount != 700 {
		t.Errorf("of the account %+v", i)
	}
	charges, err := b.Charges(ctx)
	if err != nil || len(charges) != 2 || charges[0].At.IsZero() || charges[0].Refunded != 400 || !charges[0].Disputed {
		t.Errorf("charges %+v, %v", charges, err)
	}
	refunds, err := b.Refunds(ctx)
	if err != nil || len(refunds) != 1 || refunds[0].Intent != paid || refunds[0].Amount != 400 || !refunds[0].Gone {
		t.Errorf("refunds %+v, %v", refunds, err)
	}
	disputes, err := b.Disputes(ctx)
	if err != nil || len(disputes) != 1 || disputes[0].Amount != 600 || !disputes[0].Gone {
		t.Errorf("disputes %+v, %v", disputes, err)
	}
	if err := b.CloseDispute(ctx, disputes[0].ID, true); err != nil {
		t.Fatal(err)
	}
	if disputes, err = b.Disputes(ctx); err != nil || disputes[0].Gone {
		t.Errorf("won, and still withheld: %+v, %v", disputes, err)
	}
}

// A fault is counted when it meets something, and not when it is set.
func TestFaultsThatMetSomethingAreCounted(t *testing.T) {
	h := receive(t)
	b := setup(t, Options{WebhookURL: h.url, WebhookSecret: "whsec_1"})
	ctx := t.Context()
	for _, f := range []Fault{{Kind: Refuse, Status: http.StatusTooManyRequests}, {Path: "/v1/never", Kind: LoseAnswer}} {
		if err := b.Fail(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []HookFault{{Kind: Double, Type: "charge.*"}, {Kind: Reorder}, {Kind: Drop, Type: "never"}} {
		if err := b.FailHooks(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	b.charged("pm_card_visa")
	b.must(b.charged("pm_card_visa"))
	h.take(t, 4)
	hits, err := b.Hits(ctx)
	if err != nil || len(hits) != 3 || hits["refuse 429"] != 1 || hits["double"] != 1 || hits["reorder"] != 1 {
		t.Errorf("counted %v, %v", hits, err)
	}
	if err := b.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if hits, err = b.Hits(ctx); err != nil || len(hits) != 0 {
		t.Errorf("after a reset %v, %v", hits, err)
	}
}
