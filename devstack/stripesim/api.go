package stripesim

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// operation answers one API call. It reads all its parameters, then calls
// form.check, then acts.
type operation func(t *tx, f *form, r *http.Request) (doc, *problem)

// operations are the API calls that are simulated.
var operations = map[string]operation{
	"POST /v1/customers":                     createCustomer,
	"GET /v1/customers":                      listCustomers,
	"GET /v1/customers/{id}":                 getCustomer,
	"POST /v1/customers/{id}":                updateCustomer,
	"DELETE /v1/customers/{id}":              deleteCustomer,
	"GET /v1/customers/{id}/payment_methods": listMethods,

	"POST /v1/payment_methods":             createMethod,
	"GET /v1/payment_methods":              listMethods,
	"GET /v1/payment_methods/{id}":         getMethod,
	"POST /v1/payment_methods/{id}":        updateMethod,
	"POST /v1/payment_methods/{id}/attach": attachMethod,
	"POST /v1/payment_methods/{id}/detach": detachMethod,

	"POST /v1/payment_intents":              createIntent,
	"GET /v1/payment_intents":               listIntents,
	"GET /v1/payment_intents/{id}":          getIntent,
	"POST /v1/payment_intents/{id}":         updateIntent,
	"POST /v1/payment_intents/{id}/confirm": confirmIntent,
	"POST /v1/payment_intents/{id}/cancel":  cancelIntent,

	"POST /v1/setup_intents":              createSetup,
	"GET /v1/setup_intents":               listSetups,
	"GET /v1/setup_intents/{id}":          getSetup,
	"POST /v1/setup_intents/{id}/confirm": confirmSetup,
	"POST /v1/setup_intents/{id}/cancel":  cancelSetup,

	"POST /v1/checkout/sessions":             createSession,
	"GET /v1/checkout/sessions":              listSessions,
	"GET /v1/checkout/sessions/{id}":         getSession,
	"POST /v1/checkout/sessions/{id}/expire": expireSession,

	"GET /v1/charges":      listCharges,
	"GET /v1/charges/{id}": getCharge,
	"GET /v1/balance":      getBalance,

	"POST /v1/refunds":     createRefund,
	"GET /v1/refunds":      listRefunds,
	"GET /v1/refunds/{id}": getRefund,

	"GET /v1/disputes":             listDisputes,
	"GET /v1/disputes/{id}":        getDispute,
	"POST /v1/disputes/{id}/close": closeDispute,

	"GET /v1/events":      listEvents,
	"GET /v1/events/{id}": getEvent,

	"GET /v1/account":       getAccount,
	"GET /v1/accounts/{id}": getAccount,
}

func (s *Sim) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, op := range operations {
		mux.HandleFunc(pattern, s.serve(op))
	}
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		p := invalid("", "", "Unrecognized request URL (%s: %s).", r.Method, r.URL.Path)
		p.status = http.StatusNotFound
		answer(w, p.status, mustJSON(p.doc()))
	})
	s.adminRoutes(mux)
	s.pageRoutes(mux)
	s.homeRoutes(mux)
	return mux
}

// Request is an API request that was received, for a test to look at.
type Request struct {
	At      time.Time  `json:"at"`
	Account string     `json:"account,omitempty"`
	Method  string     `json:"method"`
	Path    string     `json:"path"`
	Key     string     `json:"key,omitempty"` // its idempotency key
	Params  url.Values `json:"params,omitempty"`
	// Status is what was answered; 0 if nothing was.
	Status int `json:"status"`
	// Replayed: the answer was the one saved for the key.
	Replayed bool `json:"replayed,omitempty"`
	// Acted: the operation ran.
	Acted bool `json:"acted"`
}

// rememberedRequests is how many requests are kept for [Admin.Requests].
const rememberedRequests = 20000

// maxBody is more than any request that is simulated needs.
const maxBody = 1 << 20

// serve is the way of every API call: who is asking, what fault is set for it,
// whether its key was answered before; then the operation.
func (s *Sim) serve(op operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		requestID := s.newID("req_", 14)
		w.Header().Set("Request-Id", requestID)
		w.Header().Set("Stripe-Version", Version)
		seen := Request{At: s.opts.Now().UTC(), Account: r.Header.Get("Stripe-Account"), Method: r.Method, Path: r.URL.Path}
		defer func() { s.remember(seen) }()

		refuse := func(p *problem) {
			seen.Status = p.status
			answer(w, p.status, mustJSON(p.doc()))
		}
		if p := authorize(r); p != nil {
			refuse(p)
			return
		}
		values, p := parameters(r)
		if p != nil {
			refuse(p)
			return
		}
		seen.Params = values
		if r.Method == http.MethodPost {
			seen.Key = r.Header.Get("Idempotency-Key")
			w.Header().Set("Idempotency-Key", seen.Key)
		}

		fault := s.takeFault(r)
		if fault != nil && fault.Kind == LoseRequest {
			fault.lose(r)
		}
		c := call{account: seen.Account, requestID: requestID, key: seen.Key, path: r.URL.Path, values: values, fault: fault}
		out := s.answerOnce(c, op, r)
		seen.Acted = out.acted
		if fault != nil && fault.Kind == LoseAnswer {
			fault.lose(r)
		}
		if out.replayed {
			w.Header().Set("Idempotent-Replayed", "true")
		}
		if out.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		seen.Status, seen.Replayed = out.status, out.replayed
		answer(w, out.status, out.body)
	}
}

// call is one API request, read.
type call struct {
	account   string
	requestID string
	key       string
	path      string
	values    url.Values
	fault     *Fault
}

// outcome is what a call is answered with.
type outcome struct {
	status   int
	body     []byte
	replayed bool
	acted    bool
}

// answerOnce runs the operation, or gives the answer that its key already has.
func (s *Sim) answerOnce(c call, op operation, r *http.Request) outcome {
	if c.key != "" {
		held := c.account + "\x00" + c.key
		if out, answered := s.reserve(c, held); answered {
			return out
		}
		defer s.release(held)
	}
	if c.fault != nil && c.fault.Kind == Slow {
		c.fault.wait(r)
	}
	var out outcome
	s.in(c.account, func(t *tx) {
		t.requestID, t.key = c.requestID, c.key
		d, p := t.run(c, op, r)
		out.acted = p == nil || !p.unsaved
		if c.fault != nil && (c.fault.Kind == Refuse || c.fault.Kind == ActAndRefuse) {
			out.acted = out.acted && c.fault.Kind == ActAndRefuse
			p = c.fault.problem()
		}
		out.status = http.StatusOK
		if p != nil {
			out.status, d = p.status, p.doc()
		}
		out.body = mustJSON(d)
		if c.key != "" && (p == nil || !p.unsaved) {
			t.put(&savedAnswer{Key: c.key, Path: c.path, Hash: hashOf(c.values), Status: out.status, Body: out.body, At: s.clock()})
		}
	})
	return out
}

// reserve takes a key for one request, unless it was answered or is in use.
func (s *Sim) reserve(c call, held string) (out outcome, answered bool) {
	s.in(c.account, func(t *tx) {
		a, p := t.saved(c.key, c.path, hashOf(c.values))
		if p == nil && a == nil && s.inFlight[held] {
			p = keyInUse(c.key)
		}
		switch {
		case p != nil:
			out, answered = outcome{status: p.status, body: mustJSON(p.doc())}, true
		case a != nil:
			out, answered = outcome{status: a.Status, body: a.Body, replayed: true}, true
		default:
			s.inFlight[held] = true
		}
	})
	return out, answered
}

// release gives a key back.
func (s *Sim) release(held string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, held)
}

// run acts, unless a fault refuses that.
func (t *tx) run(c call, op operation, r *http.Request) (doc, *problem) {
	if c.fault != nil && c.fault.Kind == Refuse {
		return nil, nil
	}
	f := newForm(c.values)
	expand := f.strs("expand")
	d, p := op(t, f, r)
	if p == nil {
		p = t.expand(d, expand)
	}
	return d, p
}

func (s *Sim) remember(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) >= rememberedRequests {
		s.requests = slices.Delete(s.requests, 0, rememberedRequests/2)
	}
	s.requests = append(s.requests, r)
}

// authorize takes any secret test key; which account it belongs to doesn't
// matter, since one simulator serves one.
func authorize(r *http.Request) *problem {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		key, _, _ = r.BasicAuth()
	}
	p := invalid("", "", "Invalid API Key provided. Use a key that starts with sk_test_ or rk_test_.")
	p.status = http.StatusUnauthorized
	if !strings.HasPrefix(key, "sk_test_") && !strings.HasPrefix(key, "rk_test_") {
		return p
	}
	if account := r.Header.Get("Stripe-Account"); account != "" && !strings.HasPrefix(account, "acct_") {
		p.status, p.code = http.StatusForbidden, "account_invalid"
		p.message = "The provided key does not have access to account '" + account + "' (or that account does not exist)."
		return p
	}
	return nil
}

// parameters reads the query of a GET or DELETE, and the form of a POST.
func parameters(r *http.Request) (url.Values, *problem) {
	if r.Method != http.MethodPost {
		return r.URL.Query(), nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, invalid("", "", "The request's body could not be read.")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, invalid("", "", "The request's body is not form-encoded.")
	}
	return values, nil
}

// answer writes JSON, indented as Stripe's is.
func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") == nil {
		body = out.Bytes()
	}
	// The status is sent; a client that has gone is none of our business.
	_, _ = w.Write(body)
}

// base is how a browser reaches the simulator.
func (t *tx) base(r *http.Request) string { return t.s.base(r) }

func (s *Sim) base(r *http.Request) string {
	if s.opts.PublicURL != "" {
		return strings.TrimRight(s.opts.PublicURL, "/")
	}
	return "http://" + r.Host
}

// itoa writes a number with at least so many digits.
func itoa(n int64, digits int) string {
	s := strconv.FormatInt(n, 10)
	return strings.Repeat("0", max(0, digits-len(s))) + s
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
