package stripesim

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"time"
)

// adminRoutes are the routes under /_sim/, which [Admin] calls.
func (s *Sim) adminRoutes(mux *http.ServeMux) {
	handle := func(pattern string, fn func(r *http.Request, body []byte) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
			if err != nil {
				answer(w, http.StatusBadRequest, mustJSON(doc{"error": err.Error()}))
				return
			}
			v, err := fn(r, body)
			switch {
			case errors.Is(err, errAbsent):
				answer(w, http.StatusNotFound, mustJSON(doc{"error": err.Error()}))
			case err != nil:
				answer(w, http.StatusBadRequest, mustJSON(doc{"error": err.Error()}))
			case v == nil:
				answer(w, http.StatusOK, []byte("{}"))
			default:
				answer(w, http.StatusOK, mustJSON(v))
			}
		})
	}
	handle("POST /_sim/clock", s.adminAdvance)
	handle("POST /_sim/reset", s.adminReset)
	handle("POST /_sim/faults", s.adminFault)
	handle("DELETE /_sim/faults", s.adminHeal)
	handle("POST /_sim/webhook", s.adminSetWebhook)
	handle("POST /_sim/webhooks/faults", s.adminHookFault)
	handle("POST /_sim/webhooks/shuffle", s.adminShuffle)
	handle("POST /_sim/webhooks/pause", s.adminPause)
	handle("GET /_sim/webhooks", s.adminPending)
	handle("GET /_sim/requests", s.adminRequests)
	handle("POST /_sim/merchant", s.adminMerchant)
	handle("POST /_sim/methods/{id}/decline", s.adminDecline)
	handle("POST /_sim/sessions/{id}/pay", s.adminPay)
	handle("POST /_sim/intents/{id}/settle", s.adminSettle)
	handle("POST /_sim/intents/{id}/authenticate", s.adminAuthenticate)
	handle("POST /_sim/setups/{id}/authenticate", s.adminAuthenticateSetup)
	handle("POST /_sim/intents/{id}/dispute", s.adminDispute)
	handle("POST /_sim/intents/{id}/refund", s.adminRefund)
	handle("POST /_sim/disputes/{id}/close", s.adminCloseDispute)
	s.ledgerRoutes(handle)
}

// errAbsent is an object that no account has.
var errAbsent = errors.New("no such object")

func read(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("the body can't be read: %w", err)
	}
	return nil
}

func (s *Sim) adminAdvance(_ *http.Request, body []byte) (any, error) {
	var in struct {
		By time.Duration `json:"by"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	if in.By < 0 {
		return nil, errors.New("time doesn't go back")
	}
	s.advance(in.By)
	s.mu.Lock()
	defer s.mu.Unlock()
	return doc{"clock": s.clock()}, nil
}

func (s *Sim) adminReset(*http.Request, []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.requests, s.nextDue = nil, nil, time.Time{}
	clear(s.hits)
	s.hooks.faults, s.hooks.jitter, s.hooks.paused = nil, 0, false
	return nil, s.store.reset()
}

func (s *Sim) adminFault(_ *http.Request, body []byte) (any, error) {
	var f Fault
	if err := read(body, &f); err != nil {
		return nil, err
	}
	switch f.Kind {
	case LoseRequest, LoseAnswer, Slow:
	case Refuse, ActAndRefuse:
		if f.Status < 400 || f.Status > 599 {
			return nil, errors.New("a refusal needs a status from 400 to 599")
		}
	default:
		return nil, fmt.Errorf("unknown kind of fault %q", f.Kind)
	}
	if _, err := path.Match(f.Path, "/"); err != nil {
		return nil, err
	}
	f.Count = max(f.Count, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	return nil, nil
}

// adminHeal takes all faults away; events that were held are sent.
func (s *Sim) adminHeal(*http.Request, []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	for _, f := range slices.Clone(s.hooks.faults) {
		s.hooks.release(f)
	}
	s.hooks.faults, s.hooks.jitter, s.hooks.paused = nil, 0, false
	s.hooks.wake()
	return nil, nil
}

func (s *Sim) adminSetWebhook(_ *http.Request, body []byte) (any, error) {
	var in struct {
		URL    string `json:"url"`
		Secret string `json:"secret"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	return nil, s.SetWebhook(in.URL, in.Secret)
}

func (s *Sim) adminHookFault(_ *http.Request, body []byte) (any, error) {
	var f HookFault
	if err := read(body, &f); err != nil {
		return nil, err
	}
	switch f.Kind {
	case Drop, Double, Delay:
		f.Count = max(f.Count, 1)
	case Reorder:
		f.Count = max(f.Count, 2)
	default:
		return nil, fmt.Errorf("unknown kind of fault %q", f.Kind)
	}
	if _, err := path.Match(f.Type, ""); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks.faults = append(s.hooks.faults, &f)
	return nil, nil
}

func (s *Sim) adminShuffle(_ *http.Request, body []byte) (any, error) {
	var in struct {
		Over time.Duration `json:"over"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks.jitter = max(0, in.Over)
	return nil, nil
}

func (s *Sim) adminPause(_ *http.Request, body []byte) (any, error) {
	var in struct {
		Paused bool `json:"paused"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks.paused = in.Paused
	s.hooks.wake()
	return nil, nil
}

// PendingHook is an event that the webhook hasn't taken yet.
type PendingHook struct {
	Account  string `json:"account,omitempty"`
	Event    string `json:"event"`
	Attempts int    `json:"attempts"`
}

func (s *Sim) adminPending(*http.Request, []byte) (any, error) {
	out := []PendingHook{}
	s.everywhere(func(t *tx) {
		for _, d := range list[*delivery](t, nil) {
			out = append(out, PendingHook{Account: t.account, Event: d.Event, Attempts: d.Attempts})
		}
	})
	return out, nil
}

// everywhere runs fn on each account in turn.
func (s *Sim) everywhere(fn func(t *tx)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runDue()
	for _, account := range s.accountsNamed() {
		t := &tx{s: s, account: account}
		fn(t)
		t.commit()
	}
}

// where finds the account that has a record; IDs are unique among accounts.
func where[T record](s *Sim, id string, fn func(t *tx, v T) error) error {
	err := fmt.Errorf("%w: %s", errAbsent, id)
	s.everywhere(func(t *tx) {
		if v, ok := get[T](t, id); ok {
			err = fn(t, v)
		}
	})
	return err
}

func (s *Sim) adminRequests(*http.Request, []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.requests...), nil
}

func (s *Sim) adminMerchant(_ *http.Request, body []byte) (any, error) {
	var in struct {
		Account string `json:"account"`
		Name    string `json:"name"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	s.in(in.Account, func(t *tx) { t.put(&merchant{Name: in.Name}) })
	return nil, nil
}

func (s *Sim) adminDecline(r *http.Request, body []byte) (any, error) {
	var in struct {
		Reasons []string `json:"reasons"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	return nil, where(s, r.PathValue("id"), func(t *tx, m *method) error {
		m.Next = in.Reasons
		t.put(m)
		return nil
	})
}

func (s *Sim) adminPay(r *http.Request, body []byte) (any, error) {
	var in struct {
		entry
		Authenticate string `json:"authenticate"` // pass, fail, or leave
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	var out PaySummary
	err := where(s, r.PathValue("id"), func(t *tx, cs *session) error {
		if cs.Status != "open" {
			return fmt.Errorf("the session is %s", cs.Status)
		}
		if kind := cmp.Or(in.Kind, "card"); !slices.Contains(cs.Types, kind) {
			return fmt.Errorf("the page doesn't take %s", kind)
		}
		m, p := t.methodOf(in.entry)
		if p == nil {
			p = t.pay(cs, m, in.Save, s.base(r))
		}
		if p == nil && in.Authenticate != "leave" {
			p = t.authenticateSession(cs, in.Authenticate != "fail")
		}
		out = PaySummary{Status: cs.Status, Intent: cs.Intent, Setup: cs.Setup}
		if p != nil {
			out.Code, out.DeclineCode, out.Message = p.code, p.declineCode, p.message
		} else {
			out.Method = m.ID
		}
		return nil
	})
	return out, err
}

// PaySummary is what became of an attempt in a Checkout session.
type PaySummary struct {
	Status string `json:"status"` // the session's: open, complete, expired
	Intent string `json:"intent,omitempty"`
	Setup  string `json:"setup,omitempty"`
	Method string `json:"method,omitempty"`
	// Code, DeclineCode and Message say why the attempt was refused; empty
	// if it wasn't.
	Code        string `json:"code,omitempty"`
	DeclineCode string `json:"decline_code,omitempty"`
	Message     string `json:"message,omitempty"`
}

func (s *Sim) adminSettle(r *http.Request, body []byte) (any, error) {
	var in struct {
		Failure string `json:"failure"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	return nil, where(s, r.PathValue("id"), func(t *tx, pi *intent) error {
		if pi.Status != processing {
			return fmt.Errorf("the intent is %s", pi.Status)
		}
		if in.Failure == "" {
			in.Failure = "ok"
		}
		t.settle(pi, in.Failure)
		return nil
	})
}

func (s *Sim) adminAuthenticate(r *http.Request, body []byte) (any, error) {
	var in struct {
		Pass bool `json:"pass"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	return nil, where(s, r.PathValue("id"), func(t *tx, pi *intent) error {
		if pi.Status != requiresAction {
			return fmt.Errorf("the intent is %s", pi.Status)
		}
		// A decline is an outcome, and in the intent.
		_ = t.authenticated(pi, in.Pass)
		return nil
	})
}

func (s *Sim) adminAuthenticateSetup(r *http.Request, body []byte) (any, error) {
	var in struct {
		Pass bool `json:"pass"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	var out doc
	err := where(s, r.PathValue("id"), func(t *tx, si *setupIntent) error {
		if si.Status != requiresAction {
			return fmt.Errorf("the setup is %s", si.Status)
		}
		_ = t.setupAuthenticated(si, in.Pass)
		out = si.doc()
		return nil
	})
	return out, err
}

func (s *Sim) adminDispute(r *http.Request, body []byte) (any, error) {
	var in struct {
		Amount int64  `json:"amount"`
		Reason string `json:"reason"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	var out doc
	err := where(s, r.PathValue("id"), func(t *tx, pi *intent) error {
		c, ok := get[*charge](t, pi.Charge)
		if !ok || c.Status != "succeeded" {
			return errors.New("the intent has no successful charge")
		}
		if c.Dispute != "" {
			return errors.New("the charge has a dispute already")
		}
		if in.Amount == 0 {
			in.Amount = c.Amount - c.Refunded
		}
		if in.Amount == 0 {
			return errors.New("all of the charge was given back")
		}
		if in.Reason == "" {
			in.Reason = "fraudulent"
		}
		out = doc{"id": t.dispute(c, in.Amount, in.Reason).ID}
		return nil
	})
	return out, err
}

func (s *Sim) adminRefund(r *http.Request, body []byte) (any, error) {
	var in struct {
		Amount int64 `json:"amount"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	var out doc
	err := where(s, r.PathValue("id"), func(t *tx, pi *intent) error {
		c, ok := get[*charge](t, pi.Charge)
		if !ok {
			return errors.New("the intent has no charge")
		}
		re, p := t.refund(c, in.Amount, "requested_by_customer", map[string]string{})
		if p != nil {
			return errors.New(p.message)
		}
		out = doc{"id": re.ID}
		return nil
	})
	return out, err
}

func (s *Sim) adminCloseDispute(r *http.Request, body []byte) (any, error) {
	var in struct {
		Won bool `json:"won"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	return nil, where(s, r.PathValue("id"), func(t *tx, d *dispute) error {
		if d.Status == "won" || d.Status == "lost" || d.Status == "warning_closed" {
			return errors.New("the dispute is closed")
		}
		t.close(d, in.Won)
		return nil
	})
}
