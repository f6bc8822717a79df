package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"countersign/api"
	"countersign/auth"
	"countersign/gateway/stripe"
	"countersign/mail"
	"countersign/web"
	"countersign/web/console"
	customers "countersign/web/portal"
)

type apiCommand struct {
	databaseFlags
	temporalFlags
	siteFlags
	logFlags
	Listen              string `name:"listen" env:"LISTEN" default:"127.0.0.1:8080" help:"Where to serve, host:port."`
	TrustedProxies      string `name:"trusted-proxies" env:"TRUSTED_PROXIES" help:"Networks of the proxies before this, comma-separated, whose X-Forwarded-For is believed."`
	TemporalUIURL       string `name:"temporal-ui-url" env:"TEMPORAL_UI_URL" help:"Temporal's UI, for links from the console."`
	StripeWebhookSecret string `name:"stripe-webhook-secret" env:"STRIPE_WEBHOOK_SECRET" required:"" help:"Signs what Stripe posts to /webhooks/stripe."`
	ResendWebhookSecret string `name:"resend-webhook-secret" env:"RESEND_WEBHOOK_SECRET" required:"" help:"Signs what Resend posts to /webhooks/resend."`
	MFAKeys             string `name:"mfa-keys" env:"MFA_KEYS" required:"" help:"Encrypts the secrets of contacts' authenticators: id:base64[,id:base64…], 32 bytes each, the first one encrypts and all decrypt."`
	FlowTimes           string `name:"flow-times" env:"FLOW_TIMES" hidden:"" help:"Durations of the flows as JSON, for tests."`
}

// Run serves until it is told to stop, then lets requests under way finish.
func (c *apiCommand) Run(ctx context.Context) error {
	log := c.logger()
	gin.SetMode(gin.ReleaseMode)
	database, err := c.open(ctx, 24, startPatience)
	if err != nil {
		return err
	}
	defer database.Close()
	temporal, err := c.dial(ctx, log)
	if err != nil {
		return err
	}
	defer temporal.Close()
	passwords, err := auth.NewPasswords(rand.Reader, 2)
	if err != nil {
		return err
	}
	mfa, err := keyRing("MFA_KEYS", c.MFAKeys)
	if err != nil {
		return err
	}
	stripeVerifier, err := stripe.NewVerifier(c.StripeWebhookSecret)
	if err != nil {
		return err
	}
	resendVerifier, err := mail.NewVerifier(c.ResendWebhookSecret)
	if err != nil {
		return err
	}
	config := api.Config{
		DB: database, Temporal: temporal, Passwords: passwords, NewToken: func() (string, []byte) { return auth.NewToken(rand.Reader) },
		MFA: mfa, Random: rand.Reader,
		SiteURL: c.SiteURL, TemporalUI: c.TemporalUIURL, Now: now, NewID: newID, Log: log,
		Stripe: func(body []byte, header http.Header, now time.Time) (api.Hint, error) {
			h, err := stripeVerifier(body, header, now)
			return api.StripeHint(h.EventID, h.Type, h.Account, h.ObjectID, h.IntentID, h.PaymentID, h.Created), err
		},
		Resend: func(body []byte, header http.Header, now time.Time) (api.Hint, error) {
			h, err := resendVerifier(body, header, now)
			return api.Hint{EventID: h.EventID, Type: h.Type, ObjectID: h.EmailID, Created: h.At}, err
		},
	}
	if c.FlowTimes != "" {
		if err := json.Unmarshal([]byte(c.FlowTimes), &config.Times); err != nil {
			return fmt.Errorf("reading FLOW_TIMES: %w", err)
		}
	}
	router := gin.New()
	if err := router.SetTrustedProxies(splitList(c.TrustedProxies)); err != nil {
		return fmt.Errorf("reading TRUSTED_PROXIES: %w", err)
	}
	router.Use(gin.Recovery(), web.Guard(c.SiteURL))
	operations := api.New(config, router)
	site := web.Mount(router, operations, web.Options{})
	customers.Mount(site)
	console.Mount(site)
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s (LISTEN): %w", c.Listen, err)
	}
	server := &http.Server{Handler: operations.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { operations.Run(ctx); return nil })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(ending)
	})
	log.Info("Serving.", "address", listener.Addr().String(), "site", c.SiteURL)
	return group.Wait()
}
