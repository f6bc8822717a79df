// Package web is the core of the pages: what every page of the portal (web/portal) and of the console (web/console) is drawn
// with. Pages are the API's first client: they call its operations as plain Go functions and never reach past it.
package web

//go:generate go tool -modfile=../tools/go.mod templ generate -f pages.templ

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/web/static"
)

// Options is what the pages need besides the operations.
type Options struct {
	// Organization finds what anybody may know of an organization, by the slug in its addresses; portal.CodeNotFound if there
	// is none.
	Organization func(ctx context.Context, slug string) (Organization, error)
	// Secure says that the site is reached by https: browsers are told to never use http.
	Secure bool
	Now    func() time.Time
	Log    *slog.Logger
}

// Site is what all pages have in common.
type Site struct {
	Options
	API    *api.API
	router *gin.Engine
}

// NewRouter is a router for the API and the pages that knows where requests come from. Addresses in X-Forwarded-For are only
// believed when they were written by one of the proxies, given as CIDRs or addresses.
func NewRouter(proxies []string, secure bool) (*gin.Engine, error) {
	router := gin.New()
	router.ContextWithFallback = true
	if err := router.SetTrustedProxies(proxies); err != nil {
		return nil, err
	}
	router.Use(origin, headers(secure))
	return router, nil
}

// origin lets operations know who a request comes from, for evidence and throttling.
func origin(c *gin.Context) {
	client := api.Client{IP: c.ClientIP(), UserAgent: c.Request.UserAgent()}
	c.Request = c.Request.WithContext(api.WithClient(c.Request.Context(), client))
}

// Mount registers what all pages share on the router that a was made with: assets, organizations' colours, the front page,
// error pages. web/portal and web/console then mount their pages on the Site.
func Mount(router *gin.Engine, a *api.API, o Options) *Site {
	s := &Site{Options: o, API: a, router: router}
	assets := gin.WrapH(static.Handler())
	router.GET(static.Prefix+"*file", assets)
	router.HEAD(static.Prefix+"*file", assets)
	router.GET("/favicon.ico", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, static.Path("favicon.svg")) })
	router.GET("/robots.txt", func(c *gin.Context) { c.String(http.StatusOK, "User-agent: *\nDisallow: /\n") })
	router.GET("/:org/theme.css", s.theme)
	router.GET("/", s.plain(func(r *Request) error { return r.Draw(http.StatusOK, front()) }))
	router.NoRoute(s.missing)
	return s
}

// NewKey makes an idempotency key for a form that is being drawn: 128 random bits.
func NewKey() string { return rand.Text() }
