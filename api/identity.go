package api

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// How long a sign-in lasts: without use, and at all.
const (
	sessionIdle     = 12 * time.Hour
	sessionAbsolute = 14 * 24 * time.Hour
)

// authenticate resolves who is asking, once, from the cookie of the
// organization and side that the address names, or from an API key.
func (a *API) authenticate(c *gin.Context) {
	slug, side := addressed(c.Request.URL.Path)
	if slug == "" {
		return
	}
	ctx := c.Request.Context()
	if pending, err := c.Request.Cookie(a.pendingCookieName(slug)); err == nil && side == portal.SideContact {
		ctx = withPendingToken(ctx, pending.Value)
		c.Request = c.Request.WithContext(ctx)
	}
	var found []dbsqlc.PrincipalRow
	if key, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); ok && side == portal.SideStaff {
		err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) (err error) {
			found, err = q.APIKeyPrincipal(ctx, auth.Hash(key))
			return err
		})
		if err != nil {
			a.refuse(c, err)
			return
		}
	} else if cookie, err := c.Request.Cookie(a.CookieName(slug, side)); err == nil {
		err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) (err error) {
			found, err = q.SessionPrincipal(ctx, dbsqlc.SessionPrincipalParams{
				Hash: auth.Hash(cookie.Value), Slug: slug, At: a.now(), UsedAfter: a.now().Add(-sessionIdle),
			})
			return err
		})
		if err != nil {
			a.refuse(c, err)
			return
		}
	}
	if len(found) != 1 || found[0].OrgSlug != slug || found[0].Side != string(side) {
		return
	}
	p := principalOf(found[0])
	if a.Now().Sub(found[0].LastSeenAt) > time.Minute {
		a.touch(c, p)
	}
	c.Request = c.Request.WithContext(portal.WithPrincipal(ctx, p))
}

func (a *API) refuse(c *gin.Context, err error) {
	writeProblem(c.Writer, a.mapError(c.Request.Context(), "authenticate", err))
	c.Abort()
}

// touch keeps a session from ending for want of use. It may fail without harm.
func (a *API) touch(c *gin.Context, p portal.Principal) {
	ctx := c.Request.Context()
	err := a.DB.In(ctx, p, func(q *dbsqlc.Queries) error {
		if p.ActorKind == portal.ActorAPIKey {
			return q.TouchAPIKey(ctx, dbsqlc.TouchAPIKeyParams{OrgID: p.Org, ID: p.Actor})
		}
		if p.Side == portal.SideContact {
			if err := q.TouchContact(ctx, dbsqlc.TouchContactParams{OrgID: p.Org, ID: p.Actor, At: a.now()}); err != nil {
				return err
			}
		}
		return q.TouchSession(ctx, dbsqlc.TouchSessionParams{OrgID: p.Org, ID: p.SessionID, At: a.now()})
	})
	if err != nil {
		a.Log.WarnContext(ctx, "A session's last use could not be stored.", "error", err)
	}
}

func principalOf(r dbsqlc.PrincipalRow) portal.Principal {
	p := portal.Principal{
		Org: r.OrgID, OrgSlug: r.OrgSlug, Side: portal.Side(r.Side), Actor: r.ActorID, ActorKind: portal.ActorKind(r.ActorKind),
		Name: r.Name, Email: r.Email,
	}
	if r.CustomerID != nil {
		p.Customer = *r.CustomerID
	}
	if r.SessionID != nil {
		p.SessionID = *r.SessionID
	}
	if p.ActorKind == portal.ActorAPIKey {
		p.Scopes = r.Roles
		return p
	}
	for _, role := range r.Roles {
		p.Roles = append(p.Roles, portal.Role(role))
	}
	return p
}

// addressed is the organization and the side that an address belongs to:
// /bright/… and /api/bright/portal/… are contacts', /console/bright/… and
// /api/bright/console/… are staff's.
func addressed(path string) (slug string, side portal.Side) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	switch {
	case parts[0] == "api" && len(parts) > 2 && parts[2] == "portal":
		return parts[1], portal.SideContact
	case parts[0] == "api" && len(parts) > 2 && parts[2] == "console":
		return parts[1], portal.SideStaff
	case parts[0] == "console" && len(parts) > 1:
		return parts[1], portal.SideStaff
	case parts[0] == "" || Reserved(parts[0]):
		return "", ""
	default:
		return parts[0], portal.SideContact
	}
}

// Reserved reports whether a word in an address is the product's own, so that
// no organization can have it as its slug.
func Reserved(word string) bool {
	switch word {
	case "api", "console", "static", "webhooks", "docs", "openapi.json", "openapi.yaml", "healthz", "readyz", "favicon.ico", "favicon.svg", "robots.txt", "codec":
		return true
	}
	return strings.HasPrefix(word, "openapi")
}

// CookieName is the name of the session's cookie. Browsers hold a __Host-
// cookie to https, to this host and to no domain; plain http on loopback, for
// trying the product out, can have neither the prefix nor Secure.
func (a *API) CookieName(slug string, side portal.Side) string {
	return a.cookieName(slug, string(side))
}

// pendingCookieName is the name of the cookie of a contact's sign-in that still
// needs a code.
func (a *API) pendingCookieName(slug string) string { return a.cookieName(slug, "pending") }

func (a *API) cookieName(slug, what string) string {
	name := "countersign-" + slug + "-" + what
	if a.secure() {
		return "__Host-" + name
	}
	return name
}

// secure is true unless the site is plain http on loopback.
func (a *API) secure() bool {
	site, err := url.Parse(a.SiteURL)
	if err != nil || site.Scheme != "http" {
		return true
	}
	host := site.Hostname()
	ip := net.ParseIP(host)
	return host != "localhost" && (ip == nil || !ip.IsLoopback())
}

func (a *API) cookie(name, token string, expires time.Time) http.Cookie {
	return http.Cookie{
		Name: name, Value: token, Path: "/", Expires: expires,
		Secure: a.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// ended is the cookie that takes the cookie of that name away.
func (a *API) ended(name string) http.Cookie {
	c := a.cookie(name, "", time.Time{})
	c.MaxAge = -1
	return c
}

func optional(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
