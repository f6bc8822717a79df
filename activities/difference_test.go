package activities

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// Each way in which a charge can differ is named, and nothing else is.
func TestDifferencesAreNamed(t *testing.T) { // N4
	id, customer := uuid.New(), uuid.New()
	ours := dbsqlc.PaymentsOfChargesRow{
		ID: id, CustomerID: customer, Status: portal.PaymentSucceeded, Currency: "USD", Amount: 10000, Received: 10000,
		RefundedThere: 2500, Returned: 1000, IntentID: "pi_1", ProcessorCustomer: "cus_1",
	}
	theirs := gateway.Intent{
		ID: "pi_1", Status: gateway.IntentSucceeded, Currency: "USD", Amount: 10000, AmountReceived: 10000, CustomerID: "cus_1", PaymentID: id.String(),
	}
	refunds := []gateway.Refund{{Amount: 2500, Status: gateway.RefundSucceeded}, {Amount: 300, Status: gateway.RefundFailed}, {Amount: 400, Status: gateway.RefundPending}}
	disputes := []gateway.Dispute{{Amount: 1000, Status: gateway.DisputeLost}, {Amount: 700, Status: gateway.DisputeWon}}
	for name, test := range map[string]struct {
		change func(b *booked, i *gateway.Intent, p *dbsqlc.PaymentsOfChargesRow) (gone bool)
		want   []string
	}{
		"nothing":    {func(*booked, *gateway.Intent, *dbsqlc.PaymentsOfChargesRow) bool { return false }, nil},
		"gone there": {func(*booked, *gateway.Intent, *dbsqlc.PaymentsOfChargesRow) bool { return true }, []string{"missing_there"}},
		"unknown here": {func(b *booked, _ *gateway.Intent, _ *dbsqlc.PaymentsOfChargesRow) bool {
			b.payment, b.claimed = nil, true
			return false
		}, []string{"missing_here"}},
		"unknown here, and nothing taken": {func(b *booked, i *gateway.Intent, _ *dbsqlc.PaymentsOfChargesRow) bool {
			b.payment, b.claimed, i.Status = nil, true, gateway.IntentCanceled
			return false
		}, nil},
		"somebody else's": {func(b *booked, _ *gateway.Intent, _ *dbsqlc.PaymentsOfChargesRow) bool {
			b.payment = nil
			return false
		}, nil},
		"another charge": {func(_ *booked, _ *gateway.Intent, p *dbsqlc.PaymentsOfChargesRow) bool {
			p.IntentID = "pi_2"
			return false
		}, []string{"charged_twice"}},
		"amount": {func(_ *booked, i *gateway.Intent, _ *dbsqlc.PaymentsOfChargesRow) bool {
			i.Amount, i.AmountReceived = 9900, 9900
			return false
		}, []string{"amount", "received"}},
		"currency": {func(_ *booked, i *gateway.Intent, _ *dbsqlc.PaymentsOfChargesRow) bool {
			i.Currency = "EUR"
			return false
		}, []string{"currency"}},
		"customer": {func(_ *booked, i *gateway.Intent, _ *dbsqlc.PaymentsOfChargesRow) bool {
			i.CustomerID = "cus_2"
			return false
		}, []string{"customer"}},
		"status": {func(_ *booked, _ *gateway.Intent, p *dbsqlc.PaymentsOfChargesRow) bool {
			p.Status = portal.PaymentProcessing
			return false
		}, []string{"status"}},
		"refunds": {func(_ *booked, _ *gateway.Intent, p *dbsqlc.PaymentsOfChargesRow) bool {
			p.RefundedThere = 0
			return false
		}, []string{"refunded"}},
		"disputes": {func(_ *booked, _ *gateway.Intent, p *dbsqlc.PaymentsOfChargesRow) bool {
			p.Returned = 0
			return false
		}, []string{"disputed"}},
	} {
		p, i := ours, theirs
		b := booked{payment: &p}
		intent := &i
		if test.change(&b, &i, &p) {
			intent = nil
		}
		var got []string
		for _, d := range b.differences(intent, refunds, disputes) {
			got = append(got, d.kind)
			if d.ours == d.theirs {
				t.Errorf("%s: %s says the same of both: %q", name, d.kind, d.ours)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// Whatever moved money at the processor must have moved it here.
func TestMoneyMovesInBoth(t *testing.T) { // N4
	for _, ours := range portal.PaymentMachine().States() {
		if got := agrees(ours, gateway.IntentSucceeded); got != (ours == portal.PaymentSucceeded) {
			t.Errorf("%s agrees with a charge that succeeded: %v", ours, got)
		}
		if agrees(ours, gateway.IntentRequiresCapture) {
			t.Errorf("%s agrees with a charge that we never ask for", ours)
		}
	}
	for _, theirs := range []gateway.IntentStatus{gateway.IntentProcessing, gateway.IntentCanceled, gateway.IntentRequiresMethod, gateway.IntentRequiresAction, gateway.IntentRequiresConfirmation} {
		if agrees(portal.PaymentSucceeded, theirs) {
			t.Errorf("a payment that succeeded agrees with a charge that is %s", theirs)
		}
	}
}
