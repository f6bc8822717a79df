package stripesim

import (
	"net/http"
	"time"
)

// charge is one attempt to take money, whether it worked or not.
type charge struct {
	ID          string            `json:"id"`
	Intent      string            `json:"intent"`
	Customer    string            `json:"customer"`
	Method      string            `json:"method"`
	Amount      int64             `json:"amount"`
	Currency    string            `json:"currency"`
	Status      string            `json:"status"` // succeeded, pending, failed
	Refunded    int64             `json:"refunded"`
	Dispute     string            `json:"dispute"`
	Description string            `json:"description"`
	Metadata    map[string]string `json:"metadata"`
	Billing     billing           `json:"billing"`
	FailureCode string            `json:"failure_code"`
	Failure     string            `json:"failure"`
	Created     int64             `json:"created"`
	At          time.Time         `json:"at"`
}

func (*charge) kind() string   { return "charge" }
func (c *charge) key() string  { return c.ID }
func (c *charge) stamp() int64 { return c.Created }

func (t *tx) chargeDoc(c *charge) doc {
	outcome := doc{"network_status": "approved_by_network", "reason": nil, "risk_level": "normal", "seller_message": "Payment complete.", "type": "authorized"}
	if c.Status == "failed" {
		outcome = doc{"network_status": "declined_by_network", "reason": orNull(c.FailureCode), "risk_level": "normal", "seller_message": "The bank did not return any further details with this decline.", "type": "issuer_declined"}
	}
	captured := int64(0)
	if c.Status != "failed" {
		captured = c.Amount
	}
	d := doc{
		"id":                   c.ID,
		"object":               "charge",
		"amount":               c.Amount,
		"amount_captured":      captured,
		"amount_refunded":      c.Refunded,
		"balance_transaction":  nil,
		"billing_details":      c.Billing.doc(),
		"captured":             c.Status != "failed",
		"created":              c.Created,
		"currency":             c.Currency,
		"customer":             orNull(c.Customer),
		"description":          orNull(c.Description),
		"dispute":              orNull(c.Dispute),
		"disputed":             c.Dispute != "",
		"failure_code":         orNull(c.FailureCode),
		"failure_message":      orNull(c.Failure),
		"fraud_details":        doc{},
		"livemode":             false,
		"metadata":             c.Metadata,
		"outcome":              outcome,
		"paid":                 c.Status == "succeeded",
		"payment_intent":       orNull(c.Intent),
		"payment_method":       c.Method,
		"receipt_email":        nil,
		"receipt_url":          nil,
		"refunded":             c.Refunded == c.Amount,
		"statement_descriptor": nil,
		"status":               c.Status,
	}
	if m, ok := get[*method](t, c.Method); ok {
		details := m.details()
		for _, name := range []string{"networks", "status_details", "three_d_secure_usage"} {
			delete(details, name) // these are told of a method only
		}
		d["payment_method_details"] = doc{"type": m.Type, m.Type: details}
	}
	return d
}

// newCharge makes an intent's next charge.
func (t *tx) newCharge(pi *intent, m *method, status string) *charge {
	prefix := "ch_3"
	if m.Type == "us_bank_account" {
		prefix = "py_3"
	}
	c := &charge{
		ID:          t.id(prefix),
		Intent:      pi.ID,
		Customer:    pi.Customer,
		Method:      m.ID,
		Amount:      pi.Amount,
		Currency:    pi.Currency,
		Status:      status,
		Description: pi.Description,
		Metadata:    cloneMetadata(pi.Metadata),
		Billing:     m.Billing,
		Created:     t.now().Unix(),
		At:          t.s.opts.Now().UTC(),
	}
	pi.Charge = c.ID
	return c
}

// afterwards sets off what a test card does once its charge has succeeded.
func (t *tx) afterwards(c *charge, m *method) {
	switch {
	case m.Type == "card" && m.card().dispute != "":
		t.after(0, whatDispute, c.ID)
	case m.Type == "us_bank_account" && m.bank().dispute != "":
		// A bank returns a debit days after it paid it.
		t.after(2*24*time.Hour, whatDispute, c.ID)
	}
}

// disputeOf is why a charge will be disputed.
func (t *tx) disputeOf(c *charge) string {
	m, ok := get[*method](t, c.Method)
	switch {
	case !ok:
		return "general"
	case m.Type == "card":
		return m.card().dispute
	default:
		return m.bank().dispute
	}
}

func getCharge(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	c, ok := get[*charge](t, r.PathValue("id"))
	if !ok {
		return nil, absent("charge", r.PathValue("id"))
	}
	return t.chargeDoc(c), nil
}

func listCharges(t *tx, f *form, r *http.Request) (doc, *problem) {
	customerID, intentID := f.str("customer"), f.str("payment_intent")
	found := list(t, func(c *charge) bool {
		return (customerID == "" || c.Customer == customerID) && (intentID == "" || c.Intent == intentID)
	})
	return paged(f, r, found, t.chargeDoc)
}

// getBalance answers what the account has: every charge less what went back.
func getBalance(t *tx, f *form, _ *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	available, pending := map[string]int64{}, map[string]int64{}
	for _, c := range list[*charge](t, nil) {
		switch c.Status {
		case "succeeded":
			available[c.Currency] += c.Amount
		case "pending":
			pending[c.Currency] += c.Amount
		}
	}
	for _, r := range list[*refund](t, nil) {
		if r.Status == "succeeded" || r.Status == "pending" {
			available[r.Currency] -= r.Amount
		}
	}
	for _, d := range list[*dispute](t, nil) {
		if d.holdsMoney() {
			available[d.Currency] -= d.Amount
		}
	}
	return doc{
		"object":    "balance",
		"available": amounts(available),
		"pending":   amounts(pending),
		"livemode":  false,
	}, nil
}

func amounts(by map[string]int64) []doc {
	out := []doc{}
	for _, currency := range sortedKeys(by) {
		out = append(out, doc{"amount": by[currency], "currency": currency, "source_types": doc{"card": by[currency]}})
	}
	return out
}
