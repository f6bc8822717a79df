package stripesim

import (
	"net/http"
	"time"
)

// refund is money given back.
type refund struct {
	ID       string            `json:"id"`
	Charge   string            `json:"charge"`
	Intent   string            `json:"intent"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Status   string            `json:"status"` // pending, succeeded, failed, canceled
	Reason   string            `json:"reason"`
	Failure  string            `json:"failure"`
	Metadata map[string]string `json:"metadata"`
	Created  int64             `json:"created"`
}

func (*refund) kind() string   { return "refund" }
func (r *refund) key() string  { return r.ID }
func (r *refund) stamp() int64 { return r.Created }

func (r *refund) doc() doc {
	d := doc{
		"id":                       r.ID,
		"object":                   "refund",
		"amount":                   r.Amount,
		"balance_transaction":      nil,
		"charge":                   r.Charge,
		"created":                  r.Created,
		"currency":                 r.Currency,
		"metadata":                 r.Metadata,
		"payment_intent":           orNull(r.Intent),
		"reason":                   orNull(r.Reason),
		"receipt_number":           nil,
		"source_transfer_reversal": nil,
		"status":                   r.Status,
		"transfer_reversal":        nil,
	}
	if r.Failure != "" {
		d["failure_reason"] = r.Failure
	}
	return d
}

func createRefund(t *tx, f *form, _ *http.Request) (doc, *problem) {
	chargeID, intentID := f.str("charge"), f.str("payment_intent")
	amount := f.num("amount")
	reason := f.str("reason")
	metadata := f.dict("metadata")
	if f.has("amount") && amount < 1 {
		f.fault(invalid("amount", "parameter_invalid_integer", "This value must be greater than or equal to 1."))
	}
	if p := f.check(); p != nil {
		return nil, p
	}
	if intentID != "" {
		pi, ok := get[*intent](t, intentID)
		if !ok {
			return nil, noSuch("payment_intent", "payment_intent", intentID)
		}
		if pi.Charge == "" || pi.Status != succeeded && pi.Status != processing {
			return nil, refused("payment_intent_unexpected_state", "This PaymentIntent (%s) does not have a successful charge to refund.", pi.ID)
		}
		chargeID = pi.Charge
	}
	c, ok := get[*charge](t, chargeID)
	if !ok {
		return nil, noSuch("charge", "charge", chargeID)
	}
	r, p := t.refund(c, amount, reason, metadata)
	if p != nil {
		return nil, p
	}
	return r.doc(), nil
}

// refund gives back an amount of a charge; 0 is all that is left.
func (t *tx) refund(c *charge, amount int64, reason string, metadata map[string]string) (*refund, *problem) {
	left := c.Amount - c.Refunded
	switch {
	case c.Status == "failed":
		return nil, refused("charge_not_refundable", "This charge has failed, so it cannot be refunded.")
	case c.Status == "pending":
		return nil, refused("charge_not_refundable", "This charge is still pending, so it cannot be refunded.")
	case left == 0:
		return nil, refused("charge_already_refunded", "Charge %s has already been refunded.", c.ID)
	case c.Dispute != "" && t.disputed(c):
		return nil, refused("charge_disputed", "Charge %s has been charged back; cannot issue a refund.", c.ID)
	case amount > left:
		return nil, refused("", "Refund amount (%s) is greater than unrefunded amount on charge (%s)", money(amount, c.Currency), money(left, c.Currency))
	case amount == 0:
		amount = left
	}
	prefix := "re_3"
	m, _ := get[*method](t, c.Method)
	bank := m != nil && m.Type == "us_bank_account"
	if bank {
		prefix = "pyr_1"
	}
	r := &refund{
		ID:       t.id(prefix),
		Charge:   c.ID,
		Intent:   c.Intent,
		Amount:   amount,
		Currency: c.Currency,
		Status:   "succeeded",
		Reason:   reason,
		Metadata: metadata,
		Created:  t.now().Unix(),
	}
	course := backAtOnce
	switch {
	case bank:
		course = backLater
	case m != nil:
		course = m.card().back
	}
	switch course {
	case backAtOnce:
	case backLater:
		r.Status = "pending"
		t.after(2*24*time.Hour, whatSettleBack, r.ID)
	case backFails:
		t.after(2*24*time.Hour, whatFailBack, r.ID)
	}
	t.put(r)
	c.Refunded += amount
	t.put(c)
	t.emit("charge.refunded", t.chargeDoc(c))
	return r, nil
}

func (t *tx) settleRefund(r *refund) {
	r.Status = "succeeded"
	t.put(r)
	t.emit("charge.refund.updated", r.doc())
}

// failRefund takes a refund back: the customer's bank didn't accept it.
func (t *tx) failRefund(r *refund) {
	r.Status, r.Failure = "failed", "expired_or_canceled_card"
	t.put(r)
	if c, ok := get[*charge](t, r.Charge); ok {
		c.Refunded -= r.Amount
		t.put(c)
	}
	t.emit("charge.refund.updated", r.doc())
}

func getRefund(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	re, ok := get[*refund](t, r.PathValue("id"))
	if !ok {
		return nil, absent("refund", r.PathValue("id"))
	}
	return re.doc(), nil
}

func listRefunds(t *tx, f *form, r *http.Request) (doc, *problem) {
	chargeID, intentID := f.str("charge"), f.str("payment_intent")
	found := list(t, func(re *refund) bool {
		return (chargeID == "" || re.Charge == chargeID) && (intentID == "" || re.Intent == intentID)
	})
	return paged(f, r, found, (*refund).doc)
}
