package stripesim

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// ledgerRoutes are what a proof reads afterwards: all that ever was, in every account.
func (s *Sim) ledgerRoutes(handle func(pattern string, fn func(r *http.Request, body []byte) (any, error))) {
	handle("GET /_sim/charges", s.adminCharges)
	handle("GET /_sim/intents", s.adminIntents)
	handle("GET /_sim/refunds", s.adminRefunds)
	handle("GET /_sim/disputes", s.adminDisputes)
	handle("GET /_sim/events", s.adminEvents)
	handle("GET /_sim/faults", s.adminHits)
}

// Charge is an attempt to take money, whether it worked or not.
type Charge struct {
	ID       string    `json:"id"`
	Account  string    `json:"account,omitempty"`
	Intent   string    `json:"intent"`
	Customer string    `json:"customer"`
	Method   string    `json:"method"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"` // lower case
	Status   string    `json:"status"`   // succeeded, pending, failed
	Refunded int64     `json:"refunded"`
	Disputed bool      `json:"disputed"` // its money is withheld
	Failure  string    `json:"failure,omitempty"`
	Created  time.Time `json:"created"`
	// At is Created to the nanosecond, which Stripe doesn't tell.
	At time.Time `json:"at"`
	// IntentStatus is the intent's, and Metadata its metadata.
	IntentStatus string            `json:"intent_status"`
	Metadata     map[string]string `json:"metadata"`
}

func (s *Sim) adminCharges(*http.Request, []byte) (any, error) {
	out := []Charge{}
	s.everywhere(func(t *tx) {
		for _, c := range slices.Backward(list[*charge](t, nil)) {
			v := Charge{
				ID:       c.ID,
				Account:  t.account,
				Intent:   c.Intent,
				Customer: c.Customer,
				Method:   c.Method,
				Amount:   c.Amount,
				Currency: c.Currency,
				Status:   c.Status,
				Refunded: c.Refunded,
				Disputed: t.disputed(c),
				Failure:  c.FailureCode,
				Created:  time.Unix(c.Created, 0).UTC(),
				At:       c.At,
			}
			if pi, ok := get[*intent](t, c.Intent); ok {
				v.IntentStatus, v.Metadata = pi.Status, pi.Metadata
			}
			out = append(out, v)
		}
	})
	return out, nil
}

// Charges lists every charge ever made or refused, in every account, oldest
// first in each.
func (a *Admin) Charges(ctx context.Context) ([]Charge, error) {
	var out []Charge
	err := a.call(ctx, http.MethodGet, "/_sim/charges", nil, &out)
	return out, err
}

// Intent is one sum to be taken from one customer.
type Intent struct {
	ID       string            `json:"id"`
	Account  string            `json:"account,omitempty"`
	Customer string            `json:"customer"`
	Amount   int64             `json:"amount"`
	Received int64             `json:"received"`
	Currency string            `json:"currency"` // lower case
	Status   string            `json:"status"`
	Session  string            `json:"session,omitempty"`
	Metadata map[string]string `json:"metadata"`
}

func (s *Sim) adminIntents(*http.Request, []byte) (any, error) {
	out := []Intent{}
	s.everywhere(func(t *tx) {
		for _, i := range slices.Backward(list[*intent](t, nil)) {
			out = append(out, Intent{
				ID: i.ID, Account: t.account, Customer: i.Customer, Amount: i.Amount, Received: i.Received,
				Currency: i.Currency, Status: i.Status, Session: i.Session, Metadata: i.Metadata,
			})
		}
	})
	return out, nil
}

// Intents lists every intent, in every account, oldest first in each.
func (a *Admin) Intents(ctx context.Context) ([]Intent, error) {
	var out []Intent
	err := a.call(ctx, http.MethodGet, "/_sim/intents", nil, &out)
	return out, err
}

// MoneyBack is a refund or a dispute.
type MoneyBack struct {
	ID       string `json:"id"`
	Account  string `json:"account,omitempty"`
	Intent   string `json:"intent"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"` // lower case
	Status   string `json:"status"`
	// Gone says that the customer has the money now: a refund that succeeded, a
	// dispute that withholds it.
	Gone bool `json:"gone"`
}

func (s *Sim) adminRefunds(*http.Request, []byte) (any, error) {
	out := []MoneyBack{}
	s.everywhere(func(t *tx) {
		for _, r := range slices.Backward(list[*refund](t, nil)) {
			out = append(out, MoneyBack{r.ID, t.account, r.Intent, r.Amount, r.Currency, r.Status, r.Status == "succeeded"})
		}
	})
	return out, nil
}

// Refunds lists every refund, in every account, oldest first in each.
func (a *Admin) Refunds(ctx context.Context) ([]MoneyBack, error) {
	var out []MoneyBack
	err := a.call(ctx, http.MethodGet, "/_sim/refunds", nil, &out)
	return out, err
}

func (s *Sim) adminDisputes(*http.Request, []byte) (any, error) {
	out := []MoneyBack{}
	s.everywhere(func(t *tx) {
		for _, d := range slices.Backward(list[*dispute](t, nil)) {
			out = append(out, MoneyBack{d.ID, t.account, d.Intent, d.Amount, d.Currency, d.Status, d.holdsMoney()})
		}
	})
	return out, nil
}

// Disputes lists every dispute, in every account, oldest first in each.
func (a *Admin) Disputes(ctx context.Context) ([]MoneyBack, error) {
	var out []MoneyBack
	err := a.call(ctx, http.MethodGet, "/_sim/disputes", nil, &out)
	return out, err
}

// Event is something that happened.
type Event struct {
	ID      string          `json:"id"`
	Account string          `json:"account,omitempty"`
	Type    string          `json:"type"`
	Created time.Time       `json:"created"`
	Body    json.RawMessage `json:"body"`
}

func (s *Sim) adminEvents(*http.Request, []byte) (any, error) {
	out := []Event{}
	s.everywhere(func(t *tx) {
		for _, e := range slices.Backward(list[*event](t, nil)) {
			out = append(out, Event{ID: e.ID, Account: t.account, Type: e.Type, Created: time.Unix(e.Created, 0).UTC(), Body: e.Body})
		}
	})
	return out, nil
}

// Events lists every event, sent or not, in every account, oldest first in each.
func (a *Admin) Events(ctx context.Context) ([]Event, error) {
	var out []Event
	err := a.call(ctx, http.MethodGet, "/_sim/events", nil, &out)
	return out, err
}

// hit counts a fault that met a request or an event.
func (s *Sim) hit(what string) { s.hits[what]++ }

func (s *Sim) adminHits(*http.Request, []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.hits), nil
}

// Hits counts the faults that met something since the last reset: requests by
// kind and, where one was answered, status, as "refuse 429"; webhooks by kind.
func (a *Admin) Hits(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	err := a.call(ctx, http.MethodGet, "/_sim/faults", nil, &out)
	return out, err
}
