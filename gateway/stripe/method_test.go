package stripe

import (
	"testing"

	"countersign/gateway"
)

// Contacts edit, replace and remove what is saved. // R38
func TestMethods(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	customerID, cardID := b.customer(t, "pm_card_visa")
	bankID, err := b.admin.SaveMethod(ctx, "", customerID, "pm_usBankAccount_success")
	if err != nil {
		t.Fatal(err)
	}
	methods, err := b.ListMethods(ctx, "", customerID)
	if err != nil || len(methods) != 2 || methods[0].ID != bankID || methods[1].ID != cardID {
		t.Fatalf("%+v, %v", methods, err)
	}
	if bank := methods[0]; bank.Kind != gateway.BankAccount || bank.Last4 != "6789" || bank.Brand == "" || bank.ExpYear != 0 {
		t.Errorf("bank account: %+v", bank)
	}
	if card := methods[1]; card.Kind != gateway.Card || card.Brand != "visa" || card.Last4 != "4242" || card.Fingerprint == "" {
		t.Errorf("card: %+v", card)
	}

	want := gateway.Billing{Name: "Ada Byron", Email: "ada@example.com", Phone: "1", Address: gateway.Address{Line1: "1 Street", City: "London", PostalCode: "SW1A", Country: "GB"}}
	card, err := b.UpdateMethod(ctx, "", cardID, gateway.MethodParams{ExpMonth: 4, ExpYear: 2040, Billing: &want})
	if err != nil || card.ExpMonth != 4 || card.ExpYear != 2040 || card.Billing != want {
		t.Fatalf("%+v, %v", card, err)
	}
	want.Phone, want.Line1 = "", "2 Street"
	if card, err = b.UpdateMethod(ctx, "", cardID, gateway.MethodParams{Billing: &want}); err != nil || card.Billing != want || card.ExpYear != 2040 {
		t.Errorf("a field that was emptied stays: %+v, %v", card, err)
	}
	if _, err := b.UpdateMethod(ctx, "", cardID, gateway.MethodParams{ExpMonth: 4, ExpYear: 2001}); gateway.KindOf(err) != gateway.Permanent {
		t.Errorf("an expiry in the past: %v", err)
	}

	for range 2 { // twice is as good as once
		if card, err = b.DetachMethod(ctx, "", cardID); err != nil || card.CustomerID != "" {
			t.Fatalf("%+v, %v", card, err)
		}
	}
	if methods, err = b.ListMethods(ctx, "", customerID); err != nil || len(methods) != 1 {
		t.Errorf("after removing one: %+v, %v", methods, err)
	}
	if _, err := b.DetachMethod(ctx, "", "pm_none"); gateway.KindOf(err) != gateway.NotFound {
		t.Errorf("one that never was: %v", err)
	}
}
