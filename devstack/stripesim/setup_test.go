package stripesim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// bundle is a running simulator with its clients.
type bundle struct {
	*Admin
	t   *testing.T
	sim *Sim
}

func setup(t *testing.T, opts Options) *bundle {
	t.Helper()
	sim, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bundle{Admin: &Admin{URL: srv.URL}, t: t, sim: sim}
}

// reply is an answer of the API.
type reply struct {
	status   int
	replayed bool
	raw      []byte
	doc      doc
}

// at reads a value by its path, such as error.code.
func (r reply) at(path string) any {
	var v any = r.doc
	for name := range strings.SplitSeq(path, ".") {
		d, ok := v.(doc)
		if !ok {
			return nil
		}
		v = d[name]
	}
	return v
}

func (r reply) str(path string) string {
	s, _ := r.at(path).(string)
	return s
}

// call makes an API request; params are pairs of names and values.
func (b *bundle) call(method, path, key, account string, params ...string) reply {
	b.t.Helper()
	r, err := b.try(method, path, key, account, params...)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bundle) try(method, path, key, account string, params ...string) (reply, error) {
	values := url.Values{}
	for i := 0; i < len(params); i += 2 {
		values.Add(params[i], params[i+1])
	}
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(values.Encode())
	} else if len(values) > 0 {
		path += "?" + values.Encode()
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, body)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer sk_test_1")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if account != "" {
		req.Header.Set("Stripe-Account", account)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{status: resp.StatusCode, replayed: resp.Header.Get("Idempotent-Replayed") == "true", raw: raw}
	return r, json.NewDecoder(bytes.NewReader(raw)).Decode(&r.doc)
}

func (b *bundle) post(path, key string, params ...string) reply {
	b.t.Helper()
	return b.call(http.MethodPost, path, key, "", params...)
}

func (b *bundle) get(path string, params ...string) reply {
	b.t.Helper()
	return b.call(http.MethodGet, path, "", "", params...)
}

// must is an answer that has to be a success.
func (b *bundle) must(r reply) reply {
	b.t.Helper()
	if r.status != http.StatusOK {
		b.t.Fatalf("answered %d: %s", r.status, r.raw)
	}
	return r
}

// charged makes an intent of 10.00 USD and confirms it with a method.
func (b *bundle) charged(method string, more ...string) reply {
	b.t.Helper()
	params := append([]string{
		"amount", "1000", "currency", "usd", "payment_method", method, "confirm", "true", "return_url", "http://127.0.0.1/return",
		"payment_method_types[0]", "card", "payment_method_types[1]", "us_bank_account",
	}, more...)
	return b.post("/v1/payment_intents", "", params...)
}

// customer makes a customer.
func (b *bundle) customer() string {
	b.t.Helper()
	return b.must(b.post("/v1/customers", "", "name", "Ada Byron", "email", "ada@example.com")).str("id")
}

// session opens a session of 20.00 USD.
func (b *bundle) session(more ...string) (id, page string) {
	b.t.Helper()
	params := append([]string{
		"mode", "payment", "success_url", "http://127.0.0.1:1/ok?s={CHECKOUT_SESSION_ID}", "cancel_url", "http://127.0.0.1:1/back",
		"line_items[0][price_data][currency]", "usd", "line_items[0][price_data][unit_amount]", "2000",
		"line_items[0][price_data][product_data][name]", "Invoice <1001>", "line_items[0][quantity]", "1",
	}, more...)
	r := b.must(b.post("/v1/checkout/sessions", "", params...))
	return r.str("id"), r.str("url")
}

// hook is a webhook's receiver, which notes what it was sent.
type hook struct {
	url    string
	events chan Event
	// answer is what the next deliveries are answered, then 200.
	answer chan int
}

func receive(t *testing.T) *hook {
	t.Helper()
	h := &hook{events: make(chan Event, 1000), answer: make(chan int, 100)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var e struct{ ID, Type, Account string }
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Error(err)
		}
		select {
		case status := <-h.answer:
			w.WriteHeader(status)
		default:
			h.events <- Event{ID: e.ID, Type: e.Type, Account: e.Account, Body: raw}
		}
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// take waits for so many events and gives their types.
func (h *hook) take(t *testing.T, n int) []string {
	t.Helper()
	var types []string
	for range n {
		select {
		case e := <-h.events:
			types = append(types, e.Type)
		case <-time.After(10 * time.Second):
			t.Fatalf("only %v came", types)
		}
	}
	return types
}
