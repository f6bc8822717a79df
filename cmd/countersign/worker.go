package main

import (
	"cmp"
	"context"
	"time"

	"countersign/activities"
	"countersign/gateway/stripe"
	"countersign/mail"
	"countersign/worker"
)

type workerCommand struct {
	databaseFlags
	temporalFlags
	siteFlags
	logFlags
	StripeSecretKey string        `name:"stripe-secret-key" env:"STRIPE_SECRET_KEY" required:"" help:"Stripe's secret key."`
	StripeAPIURL    string        `name:"stripe-api-url" env:"STRIPE_API_URL" help:"Stripe's API, if it isn't Stripe's own."`
	ResendAPIKey    string        `name:"resend-api-key" env:"RESEND_API_KEY" required:"" help:"Resend's API key."`
	ResendAPIURL    string        `name:"resend-api-url" env:"RESEND_API_URL" help:"Resend's API, if it isn't Resend's own."`
	MailFrom        string        `name:"mail-from" env:"MAIL_FROM" required:"" help:"The address that all mail comes from."`
	TokenKey        string        `name:"token-key" env:"TOKEN_KEY" required:"" help:"Makes the links in emails: 32 bytes in base64, kept secret."`
	SweepEvery      time.Duration `name:"sweep-every" env:"SWEEP_EVERY" default:"1m" help:"How often rows and flows are compared."`
	SweepSettled    time.Duration `name:"sweep-settled" env:"SWEEP_SETTLED" default:"30s" help:"How long a row is left alone before the sweep looks at it."`
	EventsEvery     time.Duration `name:"events-every" env:"EVENTS_EVERY" default:"2m" help:"How often what happened is read at Stripe, for what no webhook brought."`
	GatherFor       time.Duration `name:"gather-for" env:"GATHER_FOR" default:"1m" help:"How long what happens is gathered into one email to whom it concerns."`
}

// Run works until it is told to stop.
func (c *workerCommand) Run(ctx context.Context) error {
	log := c.logger()
	tokenKey, err := secretKey("TOKEN_KEY", c.TokenKey)
	if err != nil {
		return err
	}
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
	processor, err := stripe.New(stripe.Config{Key: c.StripeSecretKey, URL: c.StripeAPIURL})
	if err != nil {
		return err
	}
	sender, err := mail.NewResend(mail.ResendOptions{APIKey: c.ResendAPIKey, URL: cmp.Or(c.ResendAPIURL, mail.ResendURL)})
	if err != nil {
		return err
	}
	return worker.Run(ctx, worker.Config{
		DB: database, Temporal: temporal, Log: log, SweepEvery: c.SweepEvery, Settled: c.SweepSettled, GatherFor: c.GatherFor, EventsEvery: c.EventsEvery, Patience: startPatience,
		Activities: &activities.Activities{
			DB: database, Gateway: processor, Mail: sender, MailFrom: c.MailFrom, SiteURL: c.SiteURL, TokenKey: tokenKey, Now: now, NewID: newID,
		},
	})
}
