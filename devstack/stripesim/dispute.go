package stripesim

import "net/http"

// dispute is money that a customer's bank takes back.
type dispute struct {
	ID       string `json:"id"`
	Charge   string `json:"charge"`
	Intent   string `json:"intent"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Reason   string `json:"reason"`
	Status   string `json:"status"`
	Created  int64  `json:"created"`
}

func (*dispute) kind() string   { return "dispute" }
func (d *dispute) key() string  { return d.ID }
func (d *dispute) stamp() int64 { return d.Created }

// holdsMoney reports whether the disputed money is withheld.
func (d *dispute) holdsMoney() bool {
	return d.Status == "needs_response" || d.Status == "under_review" || d.Status == "lost"
}

func (d *dispute) doc() doc {
	return doc{
		"id":                   d.ID,
		"object":               "dispute",
		"amount":               d.Amount,
		"balance_transactions": []doc{},
		"charge":               d.Charge,
		"created":              d.Created,
		"currency":             d.Currency,
		"evidence":             doc{},
		"evidence_details":     doc{"due_by": nil, "has_evidence": false, "past_due": false, "submission_count": 0},
		"is_charge_refundable": false,
		"livemode":             false,
		"metadata":             doc{},
		"payment_intent":       orNull(d.Intent),
		"reason":               d.Reason,
		"status":               d.Status,
	}
}

// dispute takes an amount of a charge back. A bank's return of a debit is lost at
// once, since there is no appeal; an inquiry moves no money.
func (t *tx) dispute(c *charge, amount int64, reason string) *dispute {
	d := &dispute{
		ID:       t.id("dp_1"),
		Charge:   c.ID,
		Intent:   c.Intent,
		Amount:   amount,
		Currency: c.Currency,
		Reason:   reason,
		Status:   "needs_response",
		Created:  t.now().Unix(),
	}
	if reason == "inquiry" {
		d.Reason, d.Status = "general", "warning_needs_response"
	}
	c.Dispute = d.ID
	t.put(c)
	t.put(d)
	t.emit("charge.dispute.created", d.doc())
	if d.holdsMoney() {
		t.emit("charge.dispute.funds_withdrawn", d.doc())
	}
	if m, ok := get[*method](t, c.Method); ok && m.Type == "us_bank_account" {
		t.close(d, false)
	}
	return d
}

// close ends a dispute.
func (t *tx) close(d *dispute, won bool) {
	held := d.holdsMoney()
	switch {
	case !held:
		d.Status = "warning_closed"
	case won:
		d.Status = "won"
	default:
		d.Status = "lost"
	}
	t.put(d)
	t.emit("charge.dispute.closed", d.doc())
	if held && won {
		t.emit("charge.dispute.funds_reinstated", d.doc())
	}
}

// disputed reports whether a charge's money is withheld now.
func (t *tx) disputed(c *charge) bool {
	d, ok := get[*dispute](t, c.Dispute)
	return ok && d.holdsMoney()
}

func getDispute(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	d, ok := get[*dispute](t, r.PathValue("id"))
	if !ok {
		return nil, absent("dispute", r.PathValue("id"))
	}
	return d.doc(), nil
}

func listDisputes(t *tx, f *form, r *http.Request) (doc, *problem) {
	chargeID, intentID := f.str("charge"), f.str("payment_intent")
	found := list(t, func(d *dispute) bool {
		return (chargeID == "" || d.Charge == chargeID) && (intentID == "" || d.Intent == intentID)
	})
	return paged(f, r, found, (*dispute).doc)
}

// closeDispute accepts a dispute: https://docs.stripe.com/api/disputes/close
func closeDispute(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	d, ok := get[*dispute](t, r.PathValue("id"))
	if !ok {
		return nil, absent("dispute", r.PathValue("id"))
	}
	if d.Status == "won" || d.Status == "lost" || d.Status == "warning_closed" {
		return nil, refused("", "This dispute is already closed.")
	}
	t.close(d, false)
	return d.doc(), nil
}
