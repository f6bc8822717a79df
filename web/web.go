// Package web is the core of the pages: what every page of the portal (web/portal) and of the console (web/console) is drawn
// with. Pages are the API's first client: they call its operations as plain Go functions and never reach past it.
package web

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/web/static"
)

// Options is what the pages need besides the operations. The zero Options are those of the product; tests give their own.
type Options struct {
	// Organization finds what anybody may know of an organization, by the slug in its addresses; portal.CodeNotFound if there
	// is none.
	Organization func(ctx context.Context, slug string) (Organization, error)
}

// Site is what all pages have in common.
type Site struct {
	Options
	API     *api.API
	router  *gin.Engine
	packers packers
}

// Mount registers what all pages share on the router that a was made with: assets, organizations' colours, the front page,
// error pages. web/portal and web/console then mount their pages on the Site. The router must use Guard, from before a was
// made on it.
func Mount(router *gin.Engine, a *api.API, o Options) *Site {
	s := &Site{Options: o, API: a, router: router}
	if s.Organization == nil {
		s.Organization = organizationsOf(a)
	}
	assets := gin.WrapH(static.Handler())
	router.GET(static.Prefix+"*file", assets)
	router.HEAD(static.Prefix+"*file", assets)
	router.GET("/favicon.ico", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, static.Path("favicon.svg")) })
	router.GET("/robots.txt", func(c *gin.Context) { c.String(http.StatusOK, "User-agent: *\nDisallow: /\n") })
	router.GET("/:org"+static.Prefix+":sheet", s.sheet)
	router.GET("/", s.plain(func(r *Request) error { return r.Draw(http.StatusOK, front()) }))
	router.NoRoute(s.missing)
	return s
}

// NewKey makes an idempotency key for a form that is being drawn: 128 random bits.
func NewKey() string { return rand.Text() }
