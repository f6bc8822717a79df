// Package stripe is [gateway.Gateway] on Stripe's API.
//
// It speaks API version 2023-10-16, which stripe-go v76 pins. Card and bank
// details are only ever entered on Stripe Checkout, so that no number reaches
// us.
package stripe

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	sdk "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"countersign/gateway"
)

// defaultTimeout is how long one call may take. Stripe answers most in under a
// second, but a charge waits for the issuer.
const defaultTimeout = 30 * time.Second

// Config is how to reach Stripe.
type Config struct {
	// Key is the secret API key.
	Key string
	// URL replaces https://api.stripe.com, for a simulator.
	URL string
	// Timeout is for one call; 0 means 30 seconds.
	Timeout time.Duration
	// Transport carries the calls; nil is the network.
	Transport http.RoundTripper
	// NewKey makes idempotency keys for the calls that may safely be made
	// twice and must not be answered with an old answer (expire, update,
	// detach); nil means random UUIDs.
	NewKey func() string
	// Now is the clock that the calls' times are held against; nil is time.Now.
	Now func() time.Time
}

// Client is Stripe behind [gateway.Gateway]. It is safe for concurrent use.
type Client struct {
	api    client.API
	newKey func() string
}

var _ gateway.Gateway = (*Client)(nil)

// New makes a client on a backend of its own, so that nothing depends on
// stripe-go's global variables. It sends nothing yet.
func New(cfg Config) (*Client, error) {
	if cfg.Key == "" {
		return nil, errors.New("stripe: the secret key is empty")
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Transport == nil {
		cfg.Transport = transport()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewKey == nil {
		cfg.NewKey = uuid.NewString
	}
	backend := &sdk.BackendConfig{
		HTTPClient: &http.Client{
			Timeout: cfg.Timeout,
			// A redirect would repeat a charge at an address that
			// nobody configured.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     punctual{cfg.Transport, cfg.Now},
		},
		// Temporal retries; a second layer would hide its attempts.
		MaxNetworkRetries: sdk.Int64(0),
		EnableTelemetry:   sdk.Bool(false),
		LeveledLogger:     &sdk.LeveledLogger{Level: sdk.LevelNull},
	}
	if cfg.URL != "" {
		backend.URL = sdk.String(strings.TrimRight(cfg.URL, "/"))
	}
	c := &Client{newKey: cfg.NewKey}
	c.api.Init(cfg.Key, &sdk.Backends{API: sdk.GetBackendWithConfig(sdk.APIBackend, backend)})
	return c, nil
}

// transport keeps more idle connections to the one host that we call than
// net/http's two, so that concurrent payments don't open a TLS connection each.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}

// again is another key for a call whose first one is spoiled.
func again(key string, n int) string {
	if n == 0 {
		return key
	}
	return key + ":again:" + strconv.Itoa(n)
}

// write is what every call that changes something carries.
func write(ctx context.Context, account, key string) sdk.Params {
	p := read(ctx, account)
	p.IdempotencyKey = sdk.String(key)
	return p
}

// read is what every call that only looks carries.
func read(ctx context.Context, account string) sdk.Params {
	p := sdk.Params{Context: ctx}
	if account != "" {
		p.StripeAccount = sdk.String(account)
	}
	return p
}

// page is what every call that lists carries; 100 is Stripe's longest page.
func page(ctx context.Context, account string) sdk.ListParams {
	p := sdk.ListParams{Context: ctx, Limit: sdk.Int64(100)}
	if account != "" {
		p.StripeAccount = sdk.String(account)
	}
	return p
}

// optional is nil for an empty string, so that the parameter isn't sent.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func utc(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

func upper(c sdk.Currency) string { return strings.ToUpper(string(c)) }

func lower(currency string) *string { return sdk.String(strings.ToLower(currency)) }
