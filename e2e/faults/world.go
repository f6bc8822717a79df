package faults

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"countersign/api"
	"countersign/db"
	"countersign/devstack/freeport"
	"countersign/devstack/inbox"
	"countersign/devstack/postgres"
	"countersign/devstack/stripesim"
	"countersign/devstack/temporal"
	"countersign/gateway"
	"countersign/gateway/stripe"
	"countersign/workflows"
)

const (
	stripeSecret = "whsec_faults"
	resendSecret = "whsec_ZmF1bHRzLXNlY3JldC1mYXVsdHMtc2VjcmV0LWZhdWx0cw=="
	mfaKeys      = "k1:c3RhY2sgc3RhY2sgc3RhY2sgc3RhY2sgc3RhY2stMzI="
)

// World is the product as it runs in production, on one machine: two API
// processes behind a balancer, two workers, Postgres, Temporal; and in this
// process the simulators of Stripe and of the mail provider. Runs follow each
// other in one world, each with a shop of its own.
type World struct {
	dir       string
	pg        *postgres.Server
	pgOptions postgres.Options
	flows     *temporal.Server
	options   temporal.Options

	owner     *pgxpool.Pool
	temporal  client.Client
	processor gateway.Gateway
	sim       *stripesim.Admin
	inbox     *inbox.Client
	gate      *httptest.Server
	apis      []*service
	workers   []*service
	closers   []func()
}

// impatient are the flows' durations, shrunk so that a run takes seconds.
var impatient = api.Times{
	Payment: workflows.PaymentTimes{PollCheckout: time.Second, PollProcessing: time.Second, GiveUp: time.Hour},
	Answer:  3 * time.Second,
}

// StartWorld runs everything. program is the product's binary; what the servers
// keep and say is in dir, which Postgres's user must be able to pass.
func StartWorld(ctx context.Context, program, dir string) (w *World, err error) {
	w = &World{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close(context.WithoutCancel(ctx)))
		}
	}()
	if err := w.startServers(ctx); err != nil {
		return w, err
	}
	ports := make([]string, 2)
	for i := range ports {
		port, err := freeport.Find()
		if err != nil {
			return w, err
		}
		ports[i] = "127.0.0.1:" + strconv.Itoa(port)
	}
	w.gate = httptest.NewServer(newBalancer(ports))
	w.closers = append(w.closers, w.gate.Close)
	stripeURL, resendURL, err := w.startSimulators()
	if err != nil {
		return w, err
	}
	times, err := json.Marshal(impatient)
	if err != nil {
		return w, err
	}
	common := append(os.Environ(),
		"DATABASE_URL="+w.pg.URL(), "TEMPORAL_ADDRESS="+w.flows.Address(), "TEMPORAL_NAMESPACE="+w.flows.Namespace(),
		"SITE_URL="+w.gate.URL, "LOG_FORMAT=text", "LOG_LEVEL=warn",
		"STRIPE_SECRET_KEY=sk_test_faults", "STRIPE_API_URL="+stripeURL, "RESEND_API_KEY=re_faults", "RESEND_API_URL="+resendURL,
		"MAIL_FROM=portal@countersign.test", "TOKEN_KEY="+base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"SWEEP_EVERY=1s", "SWEEP_SETTLED=1s", "EVENTS_EVERY=1s", "GATHER_FOR=300ms",
		"STRIPE_WEBHOOK_SECRET="+stripeSecret, "RESEND_WEBHOOK_SECRET="+resendSecret, "MFA_KEYS="+mfaKeys, "FLOW_TIMES="+string(times))
	for i, address := range ports {
		w.apis = append(w.apis, &service{
			name: fmt.Sprintf("api-%d", i), program: program, command: "api", dir: dir,
			env: append(slices.Clip(common), "LISTEN="+address), health: "http://" + address + "/healthz",
		})
		w.workers = append(w.workers, &service{name: fmt.Sprintf("worker-%d", i), program: program, command: "worker", dir: dir, env: common})
	}
	err = w.mendServices(ctx)
	return w, err
}

func (w *World) startServers(ctx context.Context) (err error) {
	// Their ports stay the same when they are restarted.
	w.pgOptions = postgres.Options{Dir: filepath.Join(w.dir, "postgres"), Disposable: true}
	if w.pg, err = postgres.Start(ctx, w.pgOptions); err != nil {
		return err
	}
	if w.pgOptions.Port, err = freeport.Of(w.pg.Address()); err != nil {
		return err
	}
	w.options = temporal.Options{Dir: filepath.Join(w.dir, "temporal"), DBFile: "temporal.db", Headless: true, Disposable: true}
	if w.flows, err = temporal.Start(ctx, w.options); err != nil {
		return err
	}
	if w.options.Port, err = freeport.Of(w.flows.Address()); err != nil {
		return err
	}
	if err := db.Migrate(ctx, w.pg.URL()); err != nil {
		return err
	}
	if w.owner, err = pgxpool.New(ctx, w.pg.URL()); err != nil {
		return err
	}
	w.closers = append(w.closers, w.owner.Close)
	// A disposable Postgres answers before it has written. What a killed one was
	// told to keep must be there afterwards.
	if _, err := w.owner.Exec(ctx, "ALTER DATABASE countersign SET synchronous_commit = on"); err != nil {
		return err
	}
	w.temporal, err = client.NewLazyClient(client.Options{
		HostPort: w.flows.Address(), Namespace: w.flows.Namespace(), Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return err
	}
	w.closers = append(w.closers, w.temporal.Close)
	return nil
}

func (w *World) startSimulators() (stripeURL, resendURL string, err error) {
	sim, err := stripesim.New(stripesim.Options{WebhookURL: w.gate.URL + "/webhooks/stripe", WebhookSecret: stripeSecret, BankSettle: 2 * time.Second})
	if err != nil {
		return "", "", err
	}
	simServer := httptest.NewServer(sim)
	box, err := inbox.New(inbox.Options{Now: time.Now, WebhookURL: w.gate.URL + "/webhooks/resend", WebhookSecret: resendSecret})
	if err != nil {
		return "", "", err
	}
	boxServer := httptest.NewServer(box)
	w.closers = append(w.closers, func() { _ = sim.Close() }, func() { _ = box.Close() }, simServer.CloseClientConnections, boxServer.CloseClientConnections)
	w.sim, w.inbox = &stripesim.Admin{URL: simServer.URL}, &inbox.Client{URL: boxServer.URL}
	w.processor, err = stripe.New(stripe.Config{Key: "sk_test_faults", URL: simServer.URL})
	return simServer.URL, boxServer.URL, err
}

// services are all processes of the product.
func (w *World) services() []*service { return slices.Concat(w.apis, w.workers) }

func (w *World) mendServices(ctx context.Context) error {
	var errs []error
	for _, s := range w.services() {
		errs = append(errs, s.mend(ctx))
	}
	return errors.Join(errs...)
}

// restartPostgres kills the server and starts it again on what it had written.
func (w *World) restartPostgres(ctx context.Context) (err error) {
	gone, cancel := context.WithCancel(ctx)
	cancel() // at once
	if err := w.pg.Stop(gone); err != nil {
		return err
	}
	// The server's children may need a moment to notice that it is gone, and hold
	// its memory until then.
	return until(ctx, 20*time.Second, "Postgres after it was killed", func() bool {
		again, startErr := postgres.Start(ctx, w.pgOptions)
		if startErr == nil {
			w.pg = again
			w.owner.Reset() // its connections went with the server
		}
		return startErr == nil
	})
}

// restartTemporal kills the server and starts it again on what it had written.
func (w *World) restartTemporal(ctx context.Context) (err error) {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := w.flows.Stop(gone); err != nil {
		return err
	}
	w.flows, err = temporal.Start(ctx, w.options)
	return err
}

// mend takes every fault away and brings every process back.
func (w *World) mend(ctx context.Context) error {
	return errors.Join(w.sim.Heal(ctx), w.inbox.Mend(ctx), w.mendServices(ctx))
}

// Close ends everything.
func (w *World) Close(ctx context.Context) error {
	for _, s := range w.services() {
		s.kill()
	}
	for i := range w.closers {
		w.closers[len(w.closers)-1-i]()
	}
	var errs []error
	if w.flows != nil {
		errs = append(errs, w.flows.Stop(ctx))
	}
	if w.pg != nil {
		errs = append(errs, w.pg.Stop(ctx), postgres.Remove(ctx, w.pgOptions.Dir))
	}
	return errors.Join(append(errs, os.RemoveAll(w.dir))...)
}

// here is the world as a place where people work.
type here struct {
	*World
	run *Run
	// client gives up on an API that doesn't answer.
	client *http.Client
}

// Do implements place.
func (h *here) Do(r *http.Request) (*http.Response, error) {
	r.URL.Host, r.Host = h.gate.Listener.Addr().String(), ""
	return h.client.Do(r)
}

// Sleep implements place.
func (h *here) Sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-h.run.over:
	}
}

// Together implements place.
func (h *here) Together(things ...func()) { together(things) }

// Processor implements place.
func (h *here) Processor() *stripesim.Admin { return h.sim }

// Over implements place.
func (h *here) Over() bool {
	select {
	case <-h.run.over:
		return true
	default:
		return false
	}
}

// Note implements place.
func (h *here) Note(what string) { h.run.counts.add(what) }
