package web

import (
	"strings"

	"github.com/gin-gonic/gin"

	"countersign/api"
)

// SecurityPolicy is the pages' Content-Security-Policy: all that a page loads is ours, no script or style is inline, and a
// form never leaves the site.
const SecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Guard goes before everything else on the router, the API included: it hardens every answer, and lets operations know where
// a request comes from, for evidence and throttling. siteURL is where people reach the product; if that is by https, browsers
// are told to never use http. Addresses in X-Forwarded-For count as far as the router trusts the proxies before it.
func Guard(siteURL string) gin.HandlerFunc {
	secure := strings.HasPrefix(siteURL, "https:")
	return func(c *gin.Context) {
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", SecurityPolicy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		// Answers are private unless they say otherwise, as the assets do.
		h.Set("Cache-Control", "no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		client := api.Client{IP: c.ClientIP(), UserAgent: c.Request.UserAgent()}
		c.Request = c.Request.WithContext(api.WithClient(c.Request.Context(), client))
	}
}
