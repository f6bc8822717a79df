package stack

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/db/dbsqlc"
	"countersign/devstack/stripesim"
	"countersign/portal"
)

// ReadPayment reads a payment as one of the contacts.
func (o Org) ReadPayment(c *Client, payment uuid.UUID) api.Payment {
	o.s.t.Helper()
	var read api.Payment
	c.Must(200, "GET", "/api/"+o.Slug+"/portal/payments/"+payment.String(), "", nil, &read)
	return read
}

// PayOnPage waits for the processor's page of a contact's payment and fills it in.
func (o Org) PayOnPage(c *Client, payment uuid.UUID, p stripesim.PayParams) stripesim.PaySummary {
	o.s.t.Helper()
	var session string
	o.s.Eventually("the payment page", func() bool {
		_, id, found := strings.Cut(o.ReadPayment(c, payment).ActionURL, "cs_test_")
		if end := strings.IndexAny(id, "?#/"); end >= 0 {
			id = id[:end]
		}
		session = "cs_test_" + id
		return found
	})
	summary, err := o.s.Sim.Pay(o.s.t.Context(), session, p)
	o.s.must(err)
	return summary
}

// SaveCard has a contact pay a new invoice on the processor's page and save the card.
// It gives our ID of the card and the processor's.
func (o Org) SaveCard(c *Client) (method uuid.UUID, processor string) {
	o.s.t.Helper()
	var begun struct {
		ID uuid.UUID `json:"id"`
	}
	c.Must(201, "POST", "/api/"+o.Slug+"/portal/payments", "", map[string]any{
		"invoices": []map[string]any{{"id": o.Invoice("INV-0", 1000)}}, "way": "checkout", "save": true,
	}, &begun)
	o.PayOnPage(c, begun.ID, stripesim.PayParams{Save: true})
	o.s.Eventually("the saved card", func() bool {
		o.s.In(o.ID, func(q *dbsqlc.Queries) error {
			saved, err := q.ListPaymentMethods(context.Background(), dbsqlc.ListPaymentMethodsParams{OrgID: o.ID, CustomerID: o.Customer})
			if err == nil && len(saved) == 1 {
				method, processor = saved[0].ID, saved[0].ProcessorMethod
			}
			return err
		})
		return method != uuid.Nil && o.ReadPayment(c, begun.ID).Status == portal.PaymentSucceeded
	})
	return method, processor
}

// Declined has a contact pay a new invoice with a saved card, which the bank
// declines with that code. The card's next charge goes through again.
func (o Org) Declined(c *Client, method uuid.UUID, processor, number string, amount int64, code string) uuid.UUID {
	o.s.t.Helper()
	o.s.must(o.s.Sim.Decline(o.s.t.Context(), processor, code))
	var begun struct {
		ID uuid.UUID `json:"id"`
	}
	c.Must(201, "POST", "/api/"+o.Slug+"/portal/payments", "", map[string]any{
		"invoices": []map[string]any{{"id": o.Invoice(number, amount)}}, "way": "saved", "method": method,
	}, &begun)
	o.s.Eventually("the decline", func() bool { return o.ReadPayment(c, begun.ID).Status == portal.PaymentDeclined })
	return begun.ID
}
