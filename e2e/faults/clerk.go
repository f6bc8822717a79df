package faults

import (
	"maps"
	"net/http"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
)

// clerk is a member of staff who changes things while customers pay.
type clerk struct {
	person
	invoices []uuid.UUID
	// estimates that they revise.
	estimates []uuid.UUID
}

// work is one thing that staff do.
func (c *clerk) work() {
	switch c.rng.IntN(7) {
	case 0, 1:
		c.edit(pick(&c.person, c.invoices))
	case 2:
		c.void(pick(&c.person, c.invoices))
	case 3:
		c.Note("people: staff retried every declined payment")
		c.ask(http.MethodPost, "/failed-payments/retry", map[string]any{"all": true})
	case 4, 5:
		c.interfere()
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
		"title": "A bridge", "valid_until": "2199-01-01",
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
