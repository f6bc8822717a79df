package stripe

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/devstack/stripesim"
	"countersign/devstack/tools"
	"countersign/gateway"
)

// mirror passes requests on to the simulator, and plays each to stripe-mock too,
// which knows Stripe's published OpenAPI and refuses what doesn't fit it.
type mirror struct {
	t    *testing.T
	sim  http.Handler
	mock string // base URL

	mu   sync.Mutex
	seen map[string]bool // method and path, with IDs replaced
}

var idInPath = regexp.MustCompile(`/(?:cus|pm|pi|seti|cs_test|re|dp)_[A-Za-z0-9]+(/|$)`)

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		m.t.Error(err)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		call := r.Method + " " + idInPath.ReplaceAllString(r.URL.Path, "/{id}$1")
		m.mu.Lock()
		m.seen[call] = true
		m.mu.Unlock()

		status, theirs := m.play(r, body)
		if status != http.StatusOK {
			m.t.Errorf("%s: stripe-mock answers %d: %s\nrequest: %s%s", call, status, theirs, r.URL.RawQuery, body)
		}
		rec := httptest.NewRecorder()
		r.Body = io.NopCloser(bytes.NewReader(body))
		m.sim.ServeHTTP(rec, r)
		if rec.Code == http.StatusOK {
			m.compare(call, rec.Body.Bytes(), theirs)
		}
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	m.sim.ServeHTTP(w, r)
}

// play sends a request to stripe-mock.
func (m *mirror) play(r *http.Request, body []byte) (int, []byte) {
	req, err := http.NewRequestWithContext(m.t.Context(), r.Method, m.mock+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	req.Header = r.Header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		m.t.Error(err)
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		m.t.Error(err)
	}
	return resp.StatusCode, answer
}

// older are the fields of API version 2023-10-16 that stripe-mock, which knows
// only the newest version, doesn't have any more.
var older = map[string][]string{
	"payment_intent": {"invoice"},
	"charge":         {"invoice", "dispute"},
}

// compare checks that the simulator's answer has no field that Stripe's hasn't,
// and that a field that has a value in both has the same kind of value.
func (m *mirror) compare(call string, ours, theirs []byte) {
	var a, b map[string]any
	if json.Unmarshal(ours, &a) != nil || json.Unmarshal(theirs, &b) != nil {
		m.t.Errorf("%s: an answer is not an object", call)
		return
	}
	m.compareObjects(call, a, b)
}

func (m *mirror) compareObjects(where string, ours, theirs map[string]any) {
	kind, _ := ours["object"].(string)
	for name, v := range ours {
		w, known := theirs[name]
		switch {
		case !known && !slices.Contains(older[kind], name):
			m.t.Errorf("%s: Stripe has no field %s in %s", where, name, kind)
		case v == nil || w == nil:
		case reflect.TypeOf(v) != reflect.TypeOf(w):
			m.t.Errorf("%s: %s of %s is %T, at Stripe %T", where, name, kind, v, w)
		}
		switch mine := v.(type) {
		case map[string]any: // one that was expanded, or what was charged
			yours, ok := w.(map[string]any)
			expanded, isOne := mine["object"].(string)
			if ok && (isOne && yours["object"] == any(expanded) || name == "payment_method_details" || kind == "" && name == "card") {
				m.compareObjects(where, mine, yours)
			}
		case []any:
			if yours, ok := w.([]any); ok && kind == "list" && name == "data" && len(mine) > 0 && len(yours) > 0 {
				m.compareObjects(where, mine[0].(map[string]any), yours[0].(map[string]any))
			}
		}
	}
}

// startMock runs stripe-mock and gives its base URL.
func startMock(t *testing.T) string {
	t.Helper()
	program, err := tools.Build(t.Context(), "stripe-mock", t.Output())
	if err != nil {
		t.Skip("stripe-mock can't be built here: ", err)
	}
	// It always listens for TLS as well; any free port keeps it out of the way.
	cmd := exec.CommandContext(t.Context(), program, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // killed by the context
	address := make(chan string, 1)
	go func() {
		var said []byte
		chunk := make([]byte, 4096)
		for {
			n, err := out.Read(chunk)
			said = append(said, chunk[:n]...)
			if found := httpAddress.FindSubmatch(said); found != nil {
				select {
				case address <- string(found[1]):
				default:
				}
			}
			if err != nil {
				return
			}
		}
	}()
	select {
	case a := <-address:
		return "http://" + a
	case <-time.After(time.Minute):
		t.Fatal("stripe-mock didn't say where it listens")
		return ""
	}
}

var httpAddress = regexp.MustCompile(`Listening for HTTP at address: (\S+)\n`)

// Every request that the gateway makes fits Stripe's own description of its API,
// and every answer of the simulator has the shape of Stripe's.
func TestRequestsFitStripesOpenAPI(t *testing.T) {
	sim, err := stripesim.New(stripesim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	m := &mirror{t: t, sim: sim, mock: startMock(t), seen: map[string]bool{}}
	srv := httptest.NewServer(m)
	defer srv.Close()
	c, err := New(Config{Key: "sk_test_1", URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{Client: c, sim: sim, admin: &stripesim.Admin{URL: srv.URL}, url: srv.URL}
	playEverything(t, b)

	want := []string{
		"GET /v1/checkout/sessions/{id}", "GET /v1/customers/{id}/payment_methods", "GET /v1/disputes",
		"GET /v1/disputes/{id}", "GET /v1/events", "GET /v1/payment_intents", "GET /v1/payment_intents/{id}",
		"GET /v1/payment_methods/{id}", "GET /v1/refunds", "GET /v1/refunds/{id}", "GET /v1/setup_intents/{id}",
		"POST /v1/checkout/sessions", "POST /v1/checkout/sessions/{id}/expire", "POST /v1/customers",
		"POST /v1/payment_intents", "POST /v1/payment_intents/{id}/cancel", "POST /v1/payment_intents/{id}/confirm",
		"POST /v1/payment_methods/{id}", "POST /v1/payment_methods/{id}/detach", "POST /v1/refunds", "POST /v1/setup_intents",
	}
	if got := slices.Sorted(maps.Keys(m.seen)); !slices.Equal(got, want) {
		t.Errorf("played:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// playEverything makes every call of the gateway with every parameter that it
// can send.
func playEverything(t *testing.T, b *bundle) {
	t.Helper()
	ctx := t.Context()
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	kinds := []gateway.MethodKind{gateway.Card, gateway.BankAccount}
	customerID, methodID := b.customer(t, "pm_card_visa")

	params := gateway.IntentParams{PaymentID: "p1", Amount: 4200, Currency: "USD", CustomerID: customerID, MethodID: methodID, Kinds: kinds, Description: "Invoice 1"}
	paid, err := b.CreateIntent(ctx, "", params)
	check("create", err)
	_, err = b.ConfirmIntent(ctx, "", paid.ID, gateway.ConfirmParams{PaymentID: "p1", MethodID: methodID, OffSession: true})
	check("confirm off session", err)
	params.PaymentID = "p2"
	second, err := b.CreateIntent(ctx, "", params)
	check("create", err)
	check("decline", b.admin.Decline(ctx, methodID, "insufficient_funds"))
	_, err = b.ConfirmIntent(ctx, "", second.ID, gateway.ConfirmParams{PaymentID: "p2", MethodID: methodID, ReturnURL: "https://example.com/return"})
	check("confirm on session", err)
	_, err = b.CancelIntent(ctx, "", second.ID, "cancel:p2")
	check("cancel", err)
	_, err = b.GetIntent(ctx, "", paid.ID)
	check("get", err)
	_, _, err = b.FindIntent(ctx, "", customerID, "p1")
	check("find", err)

	for n, p := range []gateway.CheckoutParams{
		{Description: "Invoice 1"},
		{Save: true},
		{Setup: true},
	} {
		p.PaymentID, p.Attempt, p.CustomerID, p.Kinds = "p3", n, customerID, kinds
		p.Currency = "USD"
		p.Lines = []gateway.CheckoutLine{{Name: "Invoice 1", Amount: 1000}, {Name: "Invoice 2", Amount: 3200}}
		p.SuccessURL, p.CancelURL = "https://example.com/ok?s={CHECKOUT_SESSION_ID}", "https://example.com/back"
		p.ExpiresAt = time.Now().Add(gateway.CheckoutLifetime)
		cs, err := b.CreateCheckout(ctx, "", p)
		check("checkout", err)
		if p.Setup {
			_, err = b.GetSetup(ctx, "", cs.SetupIntentID)
			check("setup", err)
		}
		_, err = b.GetCheckout(ctx, "", cs.ID)
		check("get checkout", err)
		_, err = b.ExpireCheckout(ctx, "", cs.ID)
		check("expire", err)
	}

	_, err = b.GetMethod(ctx, "", methodID)
	check("get method", err)
	_, err = b.ListMethods(ctx, "", customerID)
	check("list methods", err)
	_, err = b.UpdateMethod(ctx, "", methodID, gateway.MethodParams{ExpMonth: 5, ExpYear: 2041, Billing: &gateway.Billing{
		Name: "Ada Byron", Email: "ada@example.com", Phone: "+44 20 7946 0000",
		Address: gateway.Address{Line1: "1 Street", Line2: "Flat 2", City: "London", State: "London", PostalCode: "SW1A 1AA", Country: "GB"},
	}})
	check("update method", err)
	_, err = b.DetachMethod(ctx, "", methodID)
	check("detach method", err)

	re, err := b.Refund(ctx, "", gateway.RefundParams{ID: "r1", IntentID: paid.ID, Amount: 200})
	check("refund", err)
	_, err = b.GetRefund(ctx, "", re.ID)
	check("get refund", err)
	_, err = b.ListRefunds(ctx, "", paid.ID)
	check("list refunds", err)
	disputeID, err := b.admin.Dispute(ctx, paid.ID, 0, "fraudulent")
	check("dispute", err)
	_, err = b.GetDispute(ctx, "", disputeID)
	check("get dispute", err)
	_, err = b.ListDisputes(ctx, "", paid.ID)
	check("list disputes", err)
	lately := gateway.Period{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
	intents, err := b.IntentsCreated(ctx, "", lately, "")
	check("intents created", err)
	_, err = b.IntentsCreated(ctx, "", lately, intents.Items[0].ID)
	check("intents created after one", err)
	_, err = b.RefundsCreated(ctx, "", lately, "")
	check("refunds created", err)
	_, err = b.RefundsCreated(ctx, "", lately, re.ID)
	check("refunds created after one", err)
	_, err = b.DisputesCreated(ctx, "", lately, "")
	check("disputes created", err)
	_, err = b.DisputesCreated(ctx, "", lately, disputeID)
	check("disputes created after one", err)
	page, err := b.ListEvents(ctx, "", time.Now().Add(-time.Hour), "")
	check("list events", err)
	_, err = b.ListEvents(ctx, "", time.Now().Add(-time.Hour), page.Hints[0].EventID)
	check("list events after one", err)
}
