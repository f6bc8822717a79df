package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"countersign/db"
	"countersign/devstack"
	"countersign/devstack/demo"
	"countersign/devstack/inbox"
	"countersign/devstack/postgres"
	"countersign/devstack/stripesim"
	"countersign/devstack/temporal"
	"countersign/workflows"
)

type upCommand struct {
	State          string `name:"state" env:"COUNTERSIGN_STATE" default:".countersign" help:"The folder that keeps everything between runs."`
	Reset          bool   `name:"reset" help:"Start over: delete all that was kept."`
	Port           int    `name:"port" env:"COUNTERSIGN_PORT" default:"8080" help:"Portal, console and API."`
	TemporalPort   int    `name:"temporal-port" env:"COUNTERSIGN_TEMPORAL_PORT" default:"7233" help:"Temporal."`
	TemporalUIPort int    `name:"temporal-ui-port" env:"COUNTERSIGN_TEMPORAL_UI_PORT" default:"8233" help:"Temporal's UI."`
	StripePort     int    `name:"stripe-port" env:"COUNTERSIGN_STRIPE_PORT" default:"8091" help:"The Stripe simulator."`
	InboxPort      int    `name:"inbox-port" env:"COUNTERSIGN_INBOX_PORT" default:"8092" help:"The inbox that shows all mail."`

	DatabaseURL         string `name:"database-url" env:"DATABASE_URL" help:"Use this Postgres instead of running one; its user must be the owner and may make roles."`
	TemporalAddress     string `name:"temporal-address" env:"TEMPORAL_ADDRESS" help:"Use this Temporal instead of running one."`
	TemporalNamespace   string `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" default:"default" help:"Temporal's namespace."`
	TemporalUIURL       string `name:"temporal-ui-url" env:"TEMPORAL_UI_URL" help:"The UI of that Temporal."`
	StripeSecretKey     string `name:"stripe-secret-key" env:"STRIPE_SECRET_KEY" help:"Use Stripe itself instead of the simulator; needs STRIPE_WEBHOOK_SECRET too."`
	StripeWebhookSecret string `name:"stripe-webhook-secret" env:"STRIPE_WEBHOOK_SECRET" help:"Signs what Stripe posts to /webhooks/stripe."`
	ResendAPIKey        string `name:"resend-api-key" env:"RESEND_API_KEY" help:"Send mail with Resend instead of showing it in the inbox; needs RESEND_WEBHOOK_SECRET and MAIL_FROM too."`
	ResendWebhookSecret string `name:"resend-webhook-secret" env:"RESEND_WEBHOOK_SECRET" help:"Signs what Resend posts to /webhooks/resend."`
	MailFrom            string `name:"mail-from" env:"MAIL_FROM" default:"portal@countersign.example" help:"The address that all mail comes from."`
	NoDemo              bool   `name:"no-demo" help:"Load no demo data."`
}

// localSecrets are made once and kept in the state folder.
type localSecrets struct {
	TokenKey      string `json:"token_key"`
	StripeWebhook string `json:"stripe_webhook"`
	ResendWebhook string `json:"resend_webhook"`
	MFAKeys       string `json:"mfa_keys"`
}

// complete makes what is missing, and reports whether anything was: a later
// version may need a secret that an older one didn't.
func (s *localSecrets) complete() (made bool) {
	for secret, prefix := range map[*string]string{&s.TokenKey: "", &s.StripeWebhook: "whsec_", &s.ResendWebhook: "whsec_", &s.MFAKeys: "k1:"} {
		if *secret == "" {
			*secret, made = prefix+randomKey(), true
		}
	}
	return made
}

// Run brings the whole product up and keeps it running until it is told to stop.
func (c *upCommand) Run(ctx context.Context) error {
	if c.StripeSecretKey != "" && c.StripeWebhookSecret == "" {
		return errors.New("STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRET is not: payments would never be heard of")
	}
	if c.ResendAPIKey != "" && c.ResendWebhookSecret == "" {
		return errors.New("RESEND_API_KEY is set and RESEND_WEBHOOK_SECRET is not: bounces would never be heard of")
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	u := &up{c: c, executable: executable, site: "http://localhost:" + strconv.Itoa(c.Port)}
	return devstack.Up(ctx, devstack.Config{
		State: c.State, Reset: c.Reset, Address: u.site, Ports: u.ports(), Components: u.components(), Ready: u.ready,
	}, os.Stdout)
}

// up is what the components tell each other while they start.
type up struct {
	c          *upCommand
	executable string
	site       string
	secrets    localSecrets

	database   func() string
	temporalAt func() string
	temporalNS func() string
	temporalUI string
	stripeURL  string
	inboxURL   string
	stripeKey  string
	resendKey  string
	signIns    demo.SignIns
}

func (u *up) state(parts ...string) string {
	return filepath.Join(append([]string{u.c.State}, parts...)...)
}

func (u *up) ports() []devstack.Port {
	ports := []devstack.Port{{Number: u.c.Port, For: "the portal, the console and the API", Setting: "--port or COUNTERSIGN_PORT"}}
	if u.c.TemporalAddress == "" {
		ports = append(ports,
			devstack.Port{Number: u.c.TemporalPort, For: "Temporal", Setting: "--temporal-port or COUNTERSIGN_TEMPORAL_PORT"},
			devstack.Port{Number: u.c.TemporalUIPort, For: "Temporal's UI", Setting: "--temporal-ui-port or COUNTERSIGN_TEMPORAL_UI_PORT"})
	}
	if u.c.StripeSecretKey == "" {
		ports = append(ports, devstack.Port{Number: u.c.StripePort, For: "the Stripe simulator", Setting: "--stripe-port or COUNTERSIGN_STRIPE_PORT"})
	}
	if u.c.ResendAPIKey == "" {
		ports = append(ports, devstack.Port{Number: u.c.InboxPort, For: "the inbox", Setting: "--inbox-port or COUNTERSIGN_INBOX_PORT"})
	}
	return ports
}

func (u *up) components() []devstack.Component {
	list := []devstack.Component{devstack.Step("Secrets", u.makeSecrets)}
	u.database = func() string { return u.c.DatabaseURL }
	if u.c.DatabaseURL == "" {
		own := devstack.NewPostgres(postgres.Options{Dir: u.state("postgres")})
		u.database = own.URL
		list = append(list, own)
	}
	u.temporalAt, u.temporalNS = func() string { return u.c.TemporalAddress }, func() string { return u.c.TemporalNamespace }
	u.temporalUI = u.c.TemporalUIURL
	if u.c.TemporalAddress == "" {
		own := devstack.NewTemporal(temporal.Options{
			Dir: u.state("temporal"), DBFile: "temporal.db", Port: u.c.TemporalPort, UIPort: u.c.TemporalUIPort, Namespace: u.c.TemporalNamespace,
		})
		u.temporalAt, u.temporalNS = own.Address, own.Namespace
		u.temporalUI = "http://localhost:" + strconv.Itoa(u.c.TemporalUIPort)
		list = append(list, own)
	}
	list = append(list, devstack.Step("Schema", func(ctx context.Context, _ io.Writer) (string, error) {
		return "at this version", db.Migrate(ctx, u.database())
	}), devstack.Step("Addresses", u.keepAddresses))
	u.stripeKey = u.c.StripeSecretKey
	if u.stripeKey == "" {
		u.stripeKey, u.stripeURL = "sk_test_countersign", "http://localhost:"+strconv.Itoa(u.c.StripePort)
		list = append(list, devstack.Serve("Stripe simulator", u.c.StripePort, func() (devstack.Handler, error) {
			return stripesim.New(stripesim.Options{
				State: u.state("stripesim.json"), WebhookURL: u.site + "/webhooks/stripe", WebhookSecret: u.stripeSecret(),
				PublicURL: u.stripeURL, Merchant: "Countersign demo", Log: slog.New(slog.DiscardHandler),
			})
		}))
	}
	u.resendKey = u.c.ResendAPIKey
	if u.resendKey == "" {
		u.resendKey, u.inboxURL = "re_countersign", "http://localhost:"+strconv.Itoa(u.c.InboxPort)
		list = append(list, devstack.Serve("Inbox", u.c.InboxPort, func() (devstack.Handler, error) {
			return inbox.New(inbox.Options{
				Now: time.Now, StateFile: u.state("inbox.json"), WebhookURL: u.site + "/webhooks/resend", WebhookSecret: u.resendSecret(),
			})
		}))
	}
	list = append(list,
		devstack.NewProcess(devstack.Child{
			Title: "Worker", Command: u.worker, Log: u.state("logs", "worker.log"), PIDFile: u.state("worker.pid"),
			ReadyLine: "Working.", Says: "running the flows", Restart: true,
		}),
		devstack.NewProcess(devstack.Child{
			Title: "API and pages", Command: u.api, Log: u.state("logs", "api.log"), PIDFile: u.state("api.pid"),
			ReadyURL: u.site + "/healthz", Says: u.site, Restart: true,
		}))
	if !u.c.NoDemo {
		list = append(list, devstack.Step("Demo data", u.loadDemo))
	}
	return list
}

func (u *up) makeSecrets(context.Context, io.Writer) (string, error) {
	path := u.state("secrets.json")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err == nil {
		if err := json.Unmarshal(text, &u.secrets); err != nil {
			return "", fmt.Errorf("reading %s: %w", path, err)
		}
	}
	if !u.secrets.complete() {
		return "kept from before", nil
	}
	if text, err = json.MarshalIndent(u.secrets, "", "  "); err != nil {
		return "", err
	}
	return "made", os.WriteFile(path, text, 0o600)
}

// keepAddresses tells commands that are given in this folder where everything is.
func (u *up) keepAddresses(context.Context, io.Writer) (string, error) {
	text, err := json.MarshalIndent(addresses{u.database(), u.temporalAt(), u.temporalNS()}, "", "  ")
	if err != nil {
		return "", err
	}
	return "known to countersign payments", os.WriteFile(u.state(addressesFile), text, 0o600)
}

func randomKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

func (u *up) stripeSecret() string {
	if u.c.StripeWebhookSecret != "" {
		return u.c.StripeWebhookSecret
	}
	return u.secrets.StripeWebhook
}

func (u *up) resendSecret() string {
	if u.c.ResendWebhookSecret != "" {
		return u.c.ResendWebhookSecret
	}
	return u.secrets.ResendWebhook
}

// environment is what both processes are given, by the names that production uses.
func (u *up) environment(more ...string) []string {
	return append(append(os.Environ(),
		"DATABASE_URL="+u.database(), "TEMPORAL_ADDRESS="+u.temporalAt(), "TEMPORAL_NAMESPACE="+u.temporalNS(), "SITE_URL="+u.site, "LOG_FORMAT=text"), more...)
}

func (u *up) worker() (devstack.Command, error) {
	return devstack.Command{Path: u.executable, Args: []string{"worker"}, Env: u.environment(
		"STRIPE_SECRET_KEY="+u.stripeKey, "STRIPE_API_URL="+u.stripeURL, "RESEND_API_KEY="+u.resendKey, "RESEND_API_URL="+u.inboxURL,
		"MAIL_FROM="+u.c.MailFrom, "TOKEN_KEY="+u.secrets.TokenKey,
	)}, nil
}

func (u *up) api() (devstack.Command, error) {
	return devstack.Command{Path: u.executable, Args: []string{"api"}, Env: u.environment(
		"LISTEN=127.0.0.1:"+strconv.Itoa(u.c.Port), "TEMPORAL_UI_URL="+u.temporalUI,
		"STRIPE_WEBHOOK_SECRET="+u.stripeSecret(), "RESEND_WEBHOOK_SECRET="+u.resendSecret(), "MFA_KEYS="+u.secrets.MFAKeys,
	)}, nil
}

func (u *up) loadDemo(ctx context.Context, progress io.Writer) (string, error) {
	database, err := db.Open(ctx, db.Options{URL: u.database()})
	if err != nil {
		return "", err
	}
	defer database.Close()
	client, err := temporalFlags{TemporalAddress: u.temporalAt(), TemporalNamespace: u.temporalNS()}.dial(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	defer client.Close()
	u.signIns, err = demo.Load(ctx, demo.Config{
		OwnerURL: u.database(), DB: database, Temporal: client, TaskQueue: workflows.TaskQueue, Now: time.Now(),
		StripeURL: u.stripeURL, StripeKey: u.stripeKey, Log: progress,
	})
	return "loaded", err
}

// ready tells where everything is.
func (u *up) ready(out io.Writer) {
	fmt.Fprintf(out, "\nCountersign is running.\n\n")
	for _, s := range u.signIns {
		fmt.Fprintf(out, "  %s\n", s.Organization)
		fmt.Fprintf(out, "    Portal    %s%s\n", u.site, s.PortalPath)
		fmt.Fprintf(out, "              %s / %s\n", s.ContactEmail, s.Password)
		fmt.Fprintf(out, "    Console   %s%s\n", u.site, s.ConsolePath)
		fmt.Fprintf(out, "              %s / %s\n\n", s.StaffEmail, s.Password)
	}
	for _, at := range []struct{ name, address string }{
		{"Temporal UI", u.temporalUI}, {"Inbox (all mail)", u.inboxURL}, {"Stripe simulator", u.stripeURL}, {"API docs", u.site + "/docs"},
	} {
		if at.address != "" {
			fmt.Fprintf(out, "  %-18s %s\n", at.name, at.address)
		}
	}
	fmt.Fprintf(out, "\n  Press Ctrl-C to stop. Everything is kept in %s.\n", u.c.State)
}
