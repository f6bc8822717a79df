// Package stack runs the whole product inside a test: Postgres, Temporal, the
// simulators, a worker and the API, of which each part can be taken away.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { stack.Main(m) }
package stack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"countersign/activities"
	"countersign/api"
	"countersign/auth"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/db/dbtest"
	"countersign/devstack/freeport"
	"countersign/devstack/inbox"
	"countersign/devstack/stripesim"
	"countersign/devstack/temporal"
	"countersign/devstack/temporal/temporaltest"
	"countersign/gateway/stripe"
	"countersign/mail"
	"countersign/portal"
	"countersign/web"
	"countersign/web/console"
	customers "countersign/web/portal"
	"countersign/worker"
)

const (
	stripeSecret = "whsec_stack"
	resendSecret = "whsec_c3RhY2stc2VjcmV0LXN0YWNrLXNlY3JldC1zdGFjaw=="
	mfaKeys      = "k1:c3RhY2sgc3RhY2sgc3RhY2sgc3RhY2sgc3RhY2stMzI="
	// Password of everyone whom Seed makes.
	Password = "quiet harbour lantern"
)

// Main runs the tests of a package and stops what they started.
func Main(m dbtest.Runner) { dbtest.Main(temporaltest.Around(m)) }

// Options of New.
type Options struct {
	// Times shrink the flows' durations.
	Times api.Times
	// Pages serves the portal's and the console's pages too. A Binary always does.
	Pages bool
	// Router adds routes, before the API is served.
	Router func(router *gin.Engine, a *api.API)
	// Tracer watches the statements that are sent to Postgres.
	Tracer pgx.QueryTracer
	// Binary runs the API and the worker as processes of this program, which
	// can be killed, instead of inside the test.
	Binary string
	// Now is the API's clock; the machine's, if nil. A Binary always has that.
	Now func() time.Time
	// Temporal uses this server instead of the one that the package's tests share.
	Temporal *temporal.Server
	// GatherFor is how long events are gathered into one email: half a second.
	GatherFor time.Duration
	// EventsEvery is how often the worker reads events at the processor; never, if
	// 0, so that a test sees what webhooks and polls do by themselves. A Binary
	// reads them when it starts.
	EventsEvery time.Duration
}

// Stack is a running product.
type Stack struct {
	t testing.TB
	// URL is where it is served.
	URL         string
	DatabaseURL string
	DB          *db.DB
	Temporal    client.Client
	Sim         *stripesim.Admin
	Inbox       *inbox.Client
	API         *api.API
	// WorkerProcess and APIProcess are set with Options.Binary.
	WorkerProcess, APIProcess *Process
	Steps                     *activities.Activities

	log       *slog.Logger
	gatherFor time.Duration
	events    time.Duration
	worker    struct {
		stop context.CancelFunc
		done chan error
	}
}

// New starts a product for one test. It ends with the test.
func New(t testing.TB, o Options) *Stack {
	t.Helper()
	gin.SetMode(gin.TestMode)
	if o.Times.Answer == 0 {
		// A test that doesn't ask how patient callers are must not depend on the machine's speed.
		o.Times.Answer = time.Minute
	}
	if o.GatherFor == 0 {
		o.GatherFor = 500 * time.Millisecond
	}
	ctx := t.Context()
	if o.EventsEvery == 0 {
		o.EventsEvery = -1
	}
	s := &Stack{t: t, gatherFor: o.GatherFor, events: o.EventsEvery, DatabaseURL: dbtest.New(t), log: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	at := temporaltest.Namespace{}
	if o.Temporal != nil {
		at.Address, at.Name = o.Temporal.Address(), o.Temporal.Namespace()
	} else {
		at = temporaltest.New(t)
	}
	var err error
	s.DB, err = db.Open(ctx, db.Options{URL: s.DatabaseURL, MaxConns: 12, Tracer: o.Tracer})
	s.must(err)
	t.Cleanup(s.DB.Close)
	s.Temporal, err = client.NewLazyClient(client.Options{
		Identity: "stack", HostPort: at.Address, Namespace: at.Name, Logger: sdklog.NewStructuredLogger(s.log),
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}}, // as the binary does
	})
	s.must(err)
	t.Cleanup(s.Temporal.Close)

	var site *httptest.Server
	if o.Binary == "" {
		site = httptest.NewUnstartedServer(nil)
		s.URL = "http://" + site.Listener.Addr().String()
	} else {
		port, err := freeport.Find()
		s.must(err)
		s.URL = "http://127.0.0.1:" + strconv.Itoa(port)
	}

	sim, err := stripesim.New(stripesim.Options{WebhookURL: s.URL + "/webhooks/stripe", WebhookSecret: stripeSecret, Merchant: "Test Merchant"})
	s.must(err)
	t.Cleanup(func() { _ = sim.Close() })
	simServer := httptest.NewServer(sim)
	t.Cleanup(simServer.Close)
	s.Sim = &stripesim.Admin{URL: simServer.URL}

	box, err := inbox.New(inbox.Options{Now: time.Now, WebhookURL: s.URL + "/webhooks/resend", WebhookSecret: resendSecret})
	s.must(err)
	t.Cleanup(func() { _ = box.Close() })
	boxServer := httptest.NewServer(box)
	t.Cleanup(boxServer.Close)
	s.Inbox = &inbox.Client{URL: boxServer.URL}

	processor, err := stripe.New(stripe.Config{Key: "sk_test_stack", URL: simServer.URL})
	s.must(err)
	sender, err := mail.NewResend(mail.ResendOptions{APIKey: "re_stack", URL: boxServer.URL, Timeout: time.Second})
	s.must(err)
	s.Steps = &activities.Activities{
		DB: s.DB, Gateway: processor, Mail: sender, MailFrom: "portal@countersign.test", SiteURL: s.URL,
		TokenKey: bytes.Repeat([]byte{7}, 32), Now: time.Now, NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
	if o.Binary != "" {
		s.runProcesses(o, at, simServer.URL, boxServer.URL)
		return s
	}
	s.serve(o, site)
	s.StartWorker()
	t.Cleanup(s.StopWorker)
	return s
}

func (s *Stack) serve(o Options, site *httptest.Server) {
	passwords, err := auth.NewPasswords(rand.Reader, 2)
	s.must(err)
	keys, err := auth.ParseKeys(mfaKeys)
	s.must(err)
	mfa, err := auth.NewKeyRing(rand.Reader, keys...)
	s.must(err)
	now := time.Now
	if o.Now != nil {
		now = o.Now
	}
	stripeVerifier, err := stripe.NewVerifier(stripeSecret)
	s.must(err)
	resendVerifier, err := mail.NewVerifier(resendSecret)
	s.must(err)
	temporalUI := ""
	if o.Temporal != nil {
		temporalUI = o.Temporal.UI()
	}
	router := gin.New()
	if o.Pages {
		router.Use(web.Guard(s.URL))
	}
	s.API = api.New(api.Config{
		DB: s.DB, Temporal: s.Temporal, Passwords: passwords,
		NewToken: func() (string, []byte) { return auth.NewToken(rand.Reader) },
		MFA:      mfa, Random: rand.Reader,
		SiteURL: s.URL, TemporalUI: temporalUI, Now: now, NewID: s.Steps.NewID, Log: s.log, Times: o.Times,
		Stripe: func(body []byte, header http.Header, now time.Time) (api.Hint, error) {
			h, err := stripeVerifier(body, header, now)
			return api.StripeHint(h.EventID, h.Type, h.Account, h.ObjectID, h.IntentID, h.PaymentID, h.Created), err
		},
		Resend: func(body []byte, header http.Header, now time.Time) (api.Hint, error) {
			h, err := resendVerifier(body, header, now)
			return api.Hint{EventID: h.EventID, Type: h.Type, ObjectID: h.EmailID, Created: h.At}, err
		},
	}, router)
	if o.Pages {
		pages := web.Mount(router, s.API, web.Options{})
		customers.Mount(pages)
		console.Mount(pages)
	}
	if o.Router != nil {
		o.Router(router, s.API)
	}
	site.Config.Handler = s.API.Handler()
	ctx, stop := context.WithCancel(context.Background())
	running := make(chan struct{})
	go func() { defer close(running); s.API.Run(ctx) }()
	site.Start()
	s.t.Cleanup(func() { stop(); <-running; site.CloseClientConnections(); site.Close() })
}

// StartWorker starts the worker, after StopWorker.
func (s *Stack) StartWorker() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s.worker.stop, s.worker.done = stop, done
	go func() {
		done <- worker.Run(ctx, worker.Config{
			DB: s.DB, Temporal: s.Temporal, Activities: s.Steps, Log: s.log,
			SweepEvery: 500 * time.Millisecond, Settled: 500 * time.Millisecond, PollEvery: 20 * time.Millisecond,
			GatherFor: s.gatherFor, EventsEvery: s.events,
		})
	}()
}

// StopWorker stops the worker, if it runs.
func (s *Stack) StopWorker() {
	if s.worker.stop == nil {
		return
	}
	s.worker.stop()
	if err := <-s.worker.done; err != nil {
		s.t.Errorf("the worker ended: %v", err)
	}
	s.worker.stop = nil
}

func (s *Stack) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// In runs statements as the organization.
func (s *Stack) In(org uuid.UUID, fn func(q *dbsqlc.Queries) error) {
	s.t.Helper()
	s.must(s.DB.In(context.Background(), portal.System(org), fn))
}

// Eventually waits until check reports true, and fails the test if it never does.
func (s *Stack) Eventually(what string, check func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !check() {
		if time.Now().After(deadline) {
			s.t.Fatalf("never came: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Client is somebody using the API over HTTP, with a session of their own.
type Client struct {
	t    testing.TB
	http *http.Client
	base string
	// Bearer is an API key to send, if any.
	Bearer string
}

// Client is nobody yet.
func (s *Stack) Client() *Client {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &Client{t: s.t, http: &http.Client{Jar: jar, Timeout: 90 * time.Second}, base: s.URL}
}

// Answer is an HTTP answer, read.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Decode reads the answer's JSON into v.
func (a Answer) Decode(v any) error { return json.Unmarshal(a.Body, v) }

// Do sends a request with a JSON body (nil for none) and a fresh
// Idempotency-Key; key names another one.
func (c *Client) Do(method, path, key string, body any) (Answer, error) {
	var reader io.Reader
	if raw, ok := body.([]byte); ok {
		reader = bytes.NewReader(raw)
	} else if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return Answer{}, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, c.base+path, reader)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key == "" {
		key = uuid.NewString()
	}
	request.Header.Set("Idempotency-Key", key)
	if c.Bearer != "" {
		request.Header.Set("Authorization", "Bearer "+c.Bearer)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Answer{response.StatusCode, response.Header, text}, err
}

// Must is Do, and fails the test unless the answer has the status; it decodes
// the answer into out unless that is nil.
func (c *Client) Must(status int, method, path, key string, body, out any) Answer {
	c.t.Helper()
	answer, err := c.Do(method, path, key, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	if answer.Status != status {
		c.t.Fatalf("%s %s answered %d, not %d: %s", method, path, answer.Status, status, answer.Body)
	}
	if out != nil {
		if err := answer.Decode(out); err != nil {
			c.t.Fatalf("%s %s: %v: %s", method, path, err, answer.Body)
		}
	}
	return answer
}

// Insist is Must, and sends the same again under the same key for as long as the
// answer is that it is under way or not confirmed.
func (c *Client) Insist(status int, method, path, key string, body, out any) Answer {
	c.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		answer, err := c.Do(method, path, key, body)
		if err != nil {
			c.t.Fatalf("%s %s: %v", method, path, err)
		}
		waiting := answer.Status == http.StatusAccepted || answer.Status == http.StatusServiceUnavailable
		if !waiting || time.Now().After(deadline) {
			return c.Must(status, method, path, key, body, out)
		}
	}
}

// testWriter puts a log into the test's own, while the test runs.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(line []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
