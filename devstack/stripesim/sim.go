// Package stripesim is a stateful simulator of the part of Stripe's API that
// Countersign calls, for local runs and tests: customers, payment methods,
// PaymentIntents, SetupIntents, Checkout with a page that a person can fill in,
// refunds, disputes, events, signed webhooks, and accounts kept apart.
//
// It speaks API version 2023-10-16: form-encoded requests, JSON answers, Stripe's
// published test cards and bank accounts with their outcomes, and Stripe's
// idempotency. Under /_sim/ an admin API (see [Admin]) breaks things on purpose:
// it moves time, loses requests and answers, and drops, doubles, delays and
// reorders webhooks.
//
// It never sees real money or real cards, and refuses numbers that aren't
// Stripe's published test numbers.
package stripesim

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// Version is the API version that is simulated, as Stripe names it.
const Version = "2023-10-16"

// Options configures a simulator. The zero value works: memory only, the
// system's clock and randomness, no webhooks.
type Options struct {
	// State is the file that keeps the state across restarts; "" keeps it
	// in memory only.
	State string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Rand is where IDs come from; nil means crypto/rand.
	Rand io.Reader
	// Log hears of what goes wrong inside; nil means nobody does.
	Log *slog.Logger

	// WebhookURL receives events, signed with WebhookSecret; "" sends none.
	// [Sim.SetWebhook] can set both later.
	WebhookURL    string
	WebhookSecret string
	// Events are the types that the webhook is subscribed to; none means
	// all.
	Events []string

	// Heard is told of each event as it happens, whatever becomes of its
	// webhooks; nil tells nobody. It must not call the simulator.
	Heard func(Event)

	// PublicURL is how a browser reaches the simulator, such as
	// http://127.0.0.1:12111; "" takes the host that each API call was made
	// to.
	PublicURL string
	// Merchant is the business that Checkout shows.
	Merchant string
	// BankSettle is how long a bank debit is processing; 0 means the four
	// days that ACH usually takes. See [Admin.Advance].
	BankSettle time.Duration
}

const defaultBankSettle = 4 * 24 * time.Hour

// Sim is a running simulator. It is an [http.Handler] for all of it: the API
// under /v1/, the pages under /c/, the admin API under /_sim/, and at / a page
// that shows what was charged and lets days pass.
type Sim struct {
	opts Options
	log  *slog.Logger
	mux  *http.ServeMux

	// mu guards everything below. A request holds it while it acts, never
	// while it waits, so that each acts on the state alone.
	mu       sync.Mutex
	store    *store
	faults   []*Fault
	inFlight map[string]bool // idempotency keys being worked on
	requests []Request
	hits     map[string]int // faults that met something
	nextDue  time.Time
	// happening is when the thing that happens now was due; zero otherwise.
	happening time.Time

	hooks  *dispatcher
	server *http.Server
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// New opens the state and starts the clockwork and the webhooks. Close it.
func New(opts Options) (*Sim, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Merchant == "" {
		opts.Merchant = "Test business"
	}
	if opts.BankSettle == 0 {
		opts.BankSettle = defaultBankSettle
	}
	if opts.WebhookURL != "" && opts.WebhookSecret == "" {
		return nil, errors.New("stripesim: a webhook needs a signing secret")
	}
	st, err := openStore(opts.State)
	if err != nil {
		return nil, err
	}
	s := &Sim{
		opts:     opts,
		log:      opts.Log,
		store:    st,
		inFlight: map[string]bool{},
		hits:     map[string]int{},
	}
	if _, first := s.firstTimer(); first != nil {
		s.nextDue = first.Due
	}
	s.prune()
	s.hooks = newDispatcher(s)
	s.mux = s.routes()
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.tick(ctx) })
	s.done.Go(func() { s.hooks.run(ctx) })
	return s, nil
}

// ServeHTTP answers the API, the pages and the admin API.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Start listens on addr (such as 127.0.0.1:0) and returns the base URL.
func (s *Sim) Start(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.done.Go(func() {
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("stripesim: serving ended", "error", err)
		}
	})
	return "http://" + l.Addr().String(), nil
}

// Close stops listening, the clockwork and the webhooks, and closes the state.
func (s *Sim) Close() error {
	s.stop()
	var err error
	if s.server != nil {
		// Requests held by a fault would keep a graceful shutdown waiting.
		err = s.server.Close()
	}
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.store.close())
}

// SetWebhook changes where events are sent, for a receiver that starts later
// than the simulator. Events that happened before are not sent.
func (s *Sim) SetWebhook(url, secret string) error {
	if url != "" && secret == "" {
		return errors.New("stripesim: a webhook needs a signing secret")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.WebhookURL, s.opts.WebhookSecret = url, secret
	return nil
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newID makes an ID as Stripe's look: a prefix and n letters and digits.
func (s *Sim) newID(prefix string, n int) string {
	id := make([]byte, n)
	for i := range id {
		k, err := rand.Int(s.opts.Rand, big.NewInt(int64(len(base62))))
		if err != nil {
			panic("stripesim: no randomness: " + err.Error())
		}
		id[i] = base62[k.Int64()]
	}
	return prefix + string(id)
}
