package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// R36 N3: a thousand invoices are one payment, one charge and one receipt; its
// flow's history is as long as that of a payment of one.
func TestAThousandInvoicesInOnePayment(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	method, _ := org.SaveCard(ann)
	// How often webhooks wake the flow is a matter of timing.
	if err := s.Sim.FailHooks(t.Context(), stripesim.HookFault{Kind: stripesim.Drop, Count: 1000}); err != nil {
		t.Fatal(err)
	}
	made := 0
	pay := func(n int) (events []string, largest int) {
		invoices := make([]uuid.UUID, n)
		for i := range invoices {
			made++
			invoices[i] = org.Invoice(fmt.Sprintf("INV-%d", made), 1000+int64(i))
		}
		before := acts.Succeeded(t, s)
		var p acts.Begun
		ann.Must(201, "POST", acts.Payments, "", acts.Saved(method, invoices...), &p)
		paid := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
		want := int64(n)*1000 + int64(n*(n-1)/2)
		if paid.Received.Amount != want || len(paid.Invoices) != n || acts.Succeeded(t, s) != before+1 {
			t.Fatalf("%d of %d received for %d invoices with %d charges", paid.Received.Amount, want, len(paid.Invoices), acts.Succeeded(t, s)-before)
		}
		if err := s.Temporal.GetWorkflow(t.Context(), workflows.PaymentID(p.ID), "").Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return historyOf(t, s, workflows.PaymentID(p.ID))
	}
	one, oneLargest := pay(1)
	many, manyLargest := pay(1000)
	if !slices.Equal(one, many) {
		t.Errorf("a payment of one invoice has %d events, one of a thousand %d:\n%v\n%v", len(one), len(many), one, many)
	}
	t.Logf("%d events; the largest has %d bytes for one invoice and %d for a thousand", len(one), oneLargest, manyLargest)
}
