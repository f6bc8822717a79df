// Package api is the only door to the product: its operations, each declared
// once with its route, who may call it, its input and its function; and their
// HTTP surface. The pages call the same operations as plain Go functions.
package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"countersign/auth"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// Config is what the API needs of the process that runs it.
type Config struct {
	DB       *db.DB
	Temporal client.Client
	// Passwords hashes, a few at a time.
	Passwords *auth.Passwords
	// NewToken gives a random token and its hash.
	NewToken func() (token string, hash []byte)
	// MFA seals the secrets of contacts' authenticators.
	MFA *auth.KeyRing
	// Random is where authenticators' secrets and backup codes come from.
	Random io.Reader
	// SiteURL is where people reach the product, without a slash at its end.
	SiteURL string
	// TemporalUI is where operators watch the flows; empty hides the links.
	TemporalUI string
	// Stripe and Resend verify and read the webhooks' bodies.
	Stripe Verifier
	Resend Verifier
	Now    func() time.Time
	NewID  func() uuid.UUID
	Log    *slog.Logger
	// Times shrink the flows' durations in tests; zero values are the defaults.
	Times Times
}

// Times are the durations that the API gives to the flows it begins.
type Times struct {
	Invitation workflows.InvitationTimes
	Estimate   workflows.EstimateTimes
	Payment    workflows.PaymentTimes
	Timesheet  workflows.TimesheetTimes
	Forward    workflows.ForwardTimes
	Method     workflows.MethodSetupTimes
	Autopay    workflows.AutopayTimes
	// Answer is how long a caller waits for a flow's first answer: 5 s.
	Answer time.Duration
	// Patience is how long a request may take beyond that: 15 s. A database that
	// accepts connections and answers nothing must not hold up whoever asks for ever.
	Patience time.Duration
}

// API holds the operations. Its exported fields are the operations themselves.
type API struct {
	Config
	huma   huma.API
	live   *live
	router *gin.Engine
	Operations
}

// New declares every operation and registers it on router.
func New(c Config, router *gin.Engine) *API {
	if c.Times.Answer == 0 {
		c.Times.Answer = 5 * time.Second
	}
	if c.Times.Patience == 0 {
		c.Times.Patience = 15 * time.Second
	}
	config := huma.DefaultConfig("Countersign", "1.0.0")
	config.Info.Description = "Everything that the portal's and the console's pages do. Sign in with a session's cookie, or with an API key as a bearer token."
	// The document is served by us; huma's own pages load scripts from elsewhere.
	config.DocsPath = ""
	config.OpenAPIPath = "/openapi"
	config.SchemasPath = ""
	config.CreateHooks = nil
	config.Transformers = []huma.Transformer{transformProblem}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"apiKey":  {Type: "http", Scheme: "bearer", Description: "An API key made in the console."},
		"session": {Type: "apiKey", In: "cookie", Name: "__Host-countersign", Description: "The cookie of a signed-in contact or member of staff; its name carries the organization."},
	}
	a := &API{Config: c, router: router, live: newLive()}
	router.Use(a.deadline, a.authenticate)
	a.huma = humagin.New(router, config)
	a.describeTypes()
	a.declare()
	a.describeErrors()
	a.docs()
	a.webhooks()
	a.health()
	return a
}

// Run keeps the API's live streams fed until ctx ends.
func (a *API) Run(ctx context.Context) { a.live.run(ctx, a.DB, a.Log) }

// Handler is the router behind the wall against forged cross-site requests.
// Webhooks come from other sites by nature and are signed.
func (a *API) Handler() http.Handler {
	wall := http.NewCrossOriginProtection()
	wall.AddInsecureBypassPattern("POST /webhooks/")
	wall.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, portal.Forbidden("This request came from another site and was refused."))
	}))
	return wall.Handler(a.router)
}

// principal is who is asking; operations are only run with one that may.
func principal(ctx context.Context) portal.Principal {
	p, _ := portal.PrincipalFrom(ctx)
	return p
}

// in runs fn in one transaction as whoever is asking.
func (a *API) in(ctx context.Context, fn func(q *dbsqlc.Queries) error) error {
	return a.DB.In(ctx, principal(ctx), fn)
}

// now is the clock as Postgres keeps it: in UTC, to the microsecond.
func (a *API) now() time.Time { return a.Now().UTC().Truncate(time.Microsecond) }
