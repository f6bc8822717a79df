package acts

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/portal"
)

// Payments is where customers pay.
const Payments = Portal + "/payments"

// Begun is the answer to a request to pay.
type Begun struct {
	ID      uuid.UUID `json:"id"`
	Status  string    `json:"status"`
	Resumed bool      `json:"resumed"`
}

// Checkout is a request to pay invoices on the processor's page, and to save the method.
func Checkout(invoices ...uuid.UUID) map[string]any {
	var chosen []map[string]any
	for _, id := range invoices {
		chosen = append(chosen, map[string]any{"id": id})
	}
	return map[string]any{"invoices": chosen, "way": "checkout", "save": true}
}

// Saved is a request to pay invoices with a saved method.
func Saved(method uuid.UUID, invoices ...uuid.UUID) map[string]any {
	body := Checkout(invoices...)
	body["way"], body["method"] = "saved", method
	return body
}

// ReadPayment waits until a payment came to a status.
func ReadPayment(t *testing.T, s *stack.Stack, c *stack.Client, org stack.Org, id uuid.UUID, status portal.PaymentStatus) api.Payment {
	t.Helper()
	var p api.Payment
	s.Eventually("the payment to be "+string(status), func() bool {
		p = org.ReadPayment(c, id)
		return p.Status == status
	})
	return p
}

// Succeeded counts the charges that took money.
func Succeeded(t *testing.T, s *stack.Stack) int {
	t.Helper()
	charges, err := s.Sim.Charges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range charges {
		if c.Status == "succeeded" {
			n++
		}
	}
	return n
}

// PaymentRow reads a payment's row, and whether there is one.
func PaymentRow(s *stack.Stack, org stack.Org, payment uuid.UUID) (p dbsqlc.Payment, exists bool) {
	err := s.DB.In(context.Background(), portal.System(org.ID), func(q *dbsqlc.Queries) (err error) {
		p, err = q.GetPayment(context.Background(), dbsqlc.GetPaymentParams{OrgID: org.ID, ID: payment})
		return err
	})
	return p, !db.NotFound(err)
}
