package faults

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stripesim"
	"countersign/portal"
)

// clerk is a member of staff who changes things while customers pay.
type clerk struct {
	person
	invoices []uuid.UUID
	// estimates that they revise.
	estimates []uuid.UUID
	// validUntil is the last day of what they send; for good, if zero.
	validUntil portal.Date
}

// work is one thing that staff do.
func (c *clerk) work() {
	switch c.rng.IntN(11) {
	case 0, 1:
		c.edit(pick(&c.person, c.invoices))
	case 2:
		c.void(pick(&c.person, c.invoices))
	case 3:
		c.Note("people: staff retried every declined payment")
		c.ask(http.MethodPost, "/failed-payments/retry", map[string]any{"all": true})
	case 4, 5:
		c.interfere()
	case 6:
		c.refund()
	case 7:
		c.record(pick(&c.person, c.invoices))
	case 8:
		c.credit(pick(&c.person, c.invoices))
	case 9:
		c.atBank()
	default:
		if len(c.estimates) > 0 {
			c.revise(pick(&c.person, c.estimates))
		}
	}
}

// edit changes an invoice's amount, whoever pays it.
func (c *clerk) edit(invoice uuid.UUID) {
	var read struct {
		Revision int    `json:"revision"`
		Title    string `json:"title"`
	}
	address := "/invoices/" + invoice.String()
	if !c.ask(http.MethodGet, address, nil).into(&read) {
		return
	}
	answer := c.ask(http.MethodPut, address, map[string]any{
		"revision": read.Revision, "title": "Other work",
		"lines": []map[string]any{{"description": "Other work", "quantity": "1", "unit_price": c.shop.amount(c.rng)}},
	})
	if answer.good() {
		c.Note("people: staff edited an invoice")
	}
}

func (c *clerk) void(invoice uuid.UUID) {
	if c.ask(http.MethodPost, "/invoices/"+invoice.String()+"/void", map[string]any{"reason": "Sent twice"}).good() {
		c.Note("people: staff voided an invoice")
	}
}

// interfere cancels or retries a payment that is under way.
func (c *clerk) interfere() {
	var list struct {
		Payments []struct {
			ID     uuid.UUID            `json:"id"`
			Status portal.PaymentStatus `json:"status"`
		} `json:"payments"`
	}
	if !c.ask(http.MethodGet, "/payments", nil).into(&list) {
		return
	}
	address := ""
	for _, payment := range list.Payments {
		if payment.Status.Live() && (address == "" || c.chance(2)) {
			address = "/payments/" + payment.ID.String()
		}
	}
	if address == "" {
		return
	}
	if c.chance(2) {
		c.Note("people: staff canceled a payment")
		c.ask(http.MethodPost, address+"/cancel", map[string]any{})
		return
	}
	c.Note("people: staff retried a payment")
	c.ask(http.MethodPost, address+"/retry", map[string]any{})
}

// succeeded picks a payment whose money came.
func (c *clerk) succeeded() (payment uuid.UUID, ok bool) {
	var list struct {
		Payments []id `json:"payments"`
	}
	if !c.ask(http.MethodGet, "/payments?status=succeeded", nil).into(&list) || len(list.Payments) == 0 {
		return uuid.Nil, false
	}
	return pick(&c.person, list.Payments).ID, true
}

// refund gives a payment back, or a part of it.
func (c *clerk) refund() {
	payment, ok := c.succeeded()
	if !ok {
		return
	}
	body := map[string]any{"owed_again": c.chance(2)}
	if c.chance(2) {
		body["amount"] = 500 + 10*c.rng.IntN(100)
	}
	if c.chance(4) {
		body["by_hand"] = "cash"
	}
	if c.ask(http.MethodPost, "/payments/"+payment.String()+"/refunds", body).good() {
		c.Note("people: staff gave money back")
	}
}

// record records money that came past the processor.
func (c *clerk) record(invoice uuid.UUID) {
	customer, ok := c.customerOf(invoice)
	if !ok {
		return
	}
	if c.ask(http.MethodPost, "/payments", map[string]any{
		"customer": customer, "invoices": []uuid.UUID{invoice}, "total": c.shop.amount(c.rng) / 2 / 10 * 10, "kind": "bank_transfer",
	}).good() {
		c.Note("people: staff recorded a bank transfer")
	}
}

// credit gives a customer credit, and uses it on an invoice.
func (c *clerk) credit(invoice uuid.UUID) {
	customer, ok := c.customerOf(invoice)
	if !ok {
		return
	}
	if c.ask(http.MethodPost, "/credit-notes", map[string]any{"customer": customer, "amount": c.shop.amount(c.rng) / 4 / 10 * 10, "reason": "Goodwill"}).good() {
		c.Note("people: staff gave credit")
	}
	if c.ask(http.MethodPost, "/customers/"+customer.String()+"/credit/uses", map[string]any{"invoices": []uuid.UUID{invoice}}).good() {
		c.Note("people: staff used credit")
	}
}

func (c *clerk) customerOf(invoice uuid.UUID) (uuid.UUID, bool) {
	for _, b := range c.shop.Customers {
		if slices.Contains(b.Invoices, invoice) {
			return b.ID, true
		}
	}
	return uuid.Nil, false
}

// atBank is what customers and staff do past us: a charge is disputed, a dispute
// is decided, money is given back on the processor's own pages.
func (c *clerk) atBank() {
	ctx := context.Background()
	charges, err := c.Processor().Charges(ctx)
	if err != nil {
		return
	}
	charges = slices.DeleteFunc(charges, func(ch stripesim.Charge) bool { return ch.Status != "succeeded" })
	if len(charges) == 0 {
		return
	}
	charge := pick(&c.person, charges)
	if c.chance(2) {
		if _, err := c.Processor().Refund(ctx, charge.Intent, 0); err == nil {
			c.Note("people: money was given back at the processor")
		}
		return
	}
	dispute, err := c.Processor().Dispute(ctx, charge.Intent, 0, "fraudulent")
	if err != nil {
		return
	}
	c.Note("people: a charge was disputed")
	if c.chance(2) {
		c.pause(2 * time.Second)
		if c.Processor().CloseDispute(ctx, dispute, c.chance(2)) == nil {
			c.Note("people: a dispute was decided")
		}
	}
}

// write writes and sends an estimate.
func (c *clerk) write(customer uuid.UUID) {
	var estimate id
	body := map[string]any{"customer": customer}
	maps.Copy(body, c.estimate())
	if !c.ask(http.MethodPost, "/estimates", body).into(&estimate) {
		return
	}
	if c.ask(http.MethodPost, "/estimates/"+estimate.ID.String()+"/send", nil).good() {
		c.estimates = append(c.estimates, estimate.ID)
	}
}

func (c *clerk) estimate() map[string]any {
	return map[string]any{
		"title": "A bridge", "valid_until": cmp.Or(c.validUntil, portal.NewDate(2199, time.January, 1)),
		"lines": []map[string]any{{"description": "Steel", "quantity": "1", "unit_price": c.shop.amount(c.rng)}},
	}
}

// revise sends another version of an estimate, maybe while it is decided on.
func (c *clerk) revise(estimate uuid.UUID) {
	var read api.Estimate
	address := "/estimates/" + estimate.String()
	if !c.ask(http.MethodGet, address, nil).into(&read) {
		return
	}
	body := c.estimate()
	body["version"] = read.Version + 1
	c.ask(http.MethodPut, address, body)
	if c.ask(http.MethodPost, address+"/send", nil).good() {
		c.Note("people: staff revised an estimate")
	}
}

// decide decides on an estimate as it was read a moment ago.
func (p *payer) decide() {
	var list struct {
		Estimates []struct {
			id
		} `json:"estimates"`
	}
	if !p.ask(http.MethodGet, "/estimates?status=sent", nil).into(&list) || len(list.Estimates) == 0 {
		return
	}
	address := "/estimates/" + pick(&p.person, list.Estimates).ID.String()
	var read api.Estimate
	if !p.ask(http.MethodGet, address, nil).into(&read) {
		return
	}
	p.pause(2 * p.hurry)
	decision := "accepted"
	if p.chance(2) {
		decision = "declined"
	}
	if p.ask(http.MethodPost, address+"/decision", map[string]any{"decision": decision, "version": read.Version}).good() {
		p.Note("people: decided on an estimate")
	}
}
