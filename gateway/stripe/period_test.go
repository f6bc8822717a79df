package stripe

import (
	"fmt"
	"testing"
	"time"

	"countersign/gateway"
)

// A period's charges are listed page after page, each once, and none of another time.
func TestIntentsCreatedArePaged(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	customerID, methodID := b.customer(t, "pm_card_visa")
	made := map[string]bool{}
	for n := range 105 {
		pi, err := b.CreateIntent(ctx, "", gateway.IntentParams{
			PaymentID: fmt.Sprintf("p%d", n), Amount: 4200, Currency: "USD", CustomerID: customerID, MethodID: methodID, Kinds: []gateway.MethodKind{gateway.Card},
		})
		if err != nil {
			t.Fatal(err)
		}
		made[pi.ID] = true
	}
	read := func(in gateway.Period) (ids []string, pages int) {
		for after := ""; ; pages++ {
			page, err := b.IntentsCreated(ctx, "", in, after)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Items {
				ids = append(ids, i.ID)
			}
			if after = page.Next; after == "" {
				return ids, pages + 1
			}
		}
	}
	lately := gateway.Period{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
	ids, pages := read(lately)
	if len(ids) != len(made) || pages != 2 {
		t.Errorf("%d intents in %d pages", len(ids), pages)
	}
	for _, id := range ids {
		if !made[id] {
			t.Errorf("%s was listed twice, or never made", id)
		}
		delete(made, id)
	}
	if ids, _ := read(gateway.Period{From: lately.From.Add(-time.Hour), To: lately.From}); len(ids) != 0 {
		t.Errorf("of an hour in which nothing was created: %v", ids)
	}
}

// Refunds and disputes of a period are listed whatever charge they are of.
func TestMoneyBackOfAPeriod(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	pi := b.paid(t, "pm_card_visa")
	refund, err := b.Refund(ctx, "", gateway.RefundParams{ID: "r1", IntentID: pi.ID, Amount: 250})
	if err != nil {
		t.Fatal(err)
	}
	dispute, err := b.admin.Dispute(ctx, pi.ID, 500, "fraudulent")
	if err != nil {
		t.Fatal(err)
	}
	lately := gateway.Period{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
	refunds, err := b.RefundsCreated(ctx, "", lately, "")
	if err != nil || len(refunds.Items) != 1 || refunds.Items[0].ID != refund.ID || refunds.Items[0].IntentID != pi.ID || refunds.Next != "" {
		t.Errorf("%+v, %v", refunds, err)
	}
	disputes, err := b.DisputesCreated(ctx, "", lately, "")
	if err != nil || len(disputes.Items) != 1 || disputes.Items[0].ID != dispute || disputes.Items[0].Amount != 500 {
		t.Errorf("%+v, %v", disputes, err)
	}
	before := gateway.Period{From: lately.From.Add(-time.Hour), To: lately.From}
	if refunds, err := b.RefundsCreated(ctx, "", before, ""); err != nil || len(refunds.Items) != 0 {
		t.Errorf("%+v, %v", refunds, err)
	}
}
