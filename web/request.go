package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
)

// Request is one request for a page.
type Request struct {
	Site *Site
	// Org is whose pages these are.
	Org Organization
	// Who is signed in; the zero Principal before sign-in.
	Who portal.Principal
	// Features are the parts of the portal that are switched on, for a signed-in contact: pages leave the others out, R10.
	Features api.Features
	// Side of the counter that the page is on.
	Side portal.Side
	// Now is one instant for all that the page says about time.
	Now time.Time

	gin *gin.Context
}

// Page answers a request. An error that it returns becomes a page of its own: sign-in first, not found, try again later.
type Page func(r *Request) error

// Public is a page of an organization's portal that needs no sign-in; Who is set all the same where somebody is signed in.
func (s *Site) Public(page Page) gin.HandlerFunc { return s.page(portal.SideContact, false, page) }

// Contact is a page for signed-in contacts.
func (s *Site) Contact(page Page) gin.HandlerFunc { return s.page(portal.SideContact, true, page) }

// PublicStaff is a page of the console that needs no sign-in.
func (s *Site) PublicStaff(page Page) gin.HandlerFunc { return s.page(portal.SideStaff, false, page) }

// Staff is a page for signed-in staff.
func (s *Site) Staff(page Page) gin.HandlerFunc { return s.page(portal.SideStaff, true, page) }

// Router is where pages register themselves. The organization's slug is the parameter "org" of every address:
// "/:org/…" and "/console/:org/…".
func (s *Site) Router() gin.IRouter { return s.router }

func (s *Site) page(side portal.Side, signedIn bool, page Page) gin.HandlerFunc {
	return s.plain(func(r *Request) error {
		r.Side = side
		org, err := s.Organization(r.Context(), r.Param("org"))
		if err != nil {
			return err
		}
		r.Org = org
		if who, ok := portal.PrincipalFrom(r.Context()); ok && who.Side == side {
			r.Who = who
		}
		if signedIn && r.Who.Org == uuid.Nil {
			return portal.Unauthenticated("Please sign in.")
		}
		if signedIn && side == portal.SideContact {
			on, err := s.API.MyFeatures.Do(r.Context(), &api.FeaturesInput{Org: r.Org.Slug})
			if err != nil {
				return err
			}
			r.Features = on.Body
		}
		return page(r)
	})
}

// plain runs a page, and draws what it fails with.
func (s *Site) plain(page Page) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := &Request{Site: s, gin: c, Now: s.API.Now(), Side: portal.SideContact}
		defer func() {
			if broken := recover(); broken != nil {
				if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(broken)
				}
				s.API.Log.ErrorContext(r.Context(), "A page broke.", "path", c.Request.URL.Path, "panic", broken)
				r.fail(portal.Internal())
			}
		}()
		if err := page(r); err != nil {
			r.fail(err)
		}
	}
}

// Context carries the principal and the request's origin to operations.
func (r *Request) Context() context.Context { return r.gin.Request.Context() }

// Writer and HTTP are for the rare page that isn't drawn: a stream, a download.
func (r *Request) Writer() http.ResponseWriter { return r.gin.Writer }

// HTTP is the request as it came.
func (r *Request) HTTP() *http.Request { return r.gin.Request }

// Param is a part of the address; empty if the address has none of that name.
func (r *Request) Param(name string) string { return r.gin.Param(name) }

// ID is a part of the address that names a thing; what is the noun for "There is no such invoice."
func (r *Request) ID(name, what string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.gin.Param(name))
	if err != nil {
		return uuid.Nil, portal.NotFound(what)
	}
	return id, nil
}

// Query is a value of the address's query.
func (r *Request) Query(name string) string { return r.gin.Query(name) }

// Form reads the posted form.
func (r *Request) Form() (*Form, error) { return readForm(r.gin.Writer, r.gin.Request) }

// APIKey is the idempotency key that a form carries, as operations take it.
func (f *Form) APIKey() api.Key { return api.Key{Key: f.Key()} }

// Base is where the organization's pages of this side begin: "/bright" or "/console/bright".
func (r *Request) Base() string {
	if r.Side == portal.SideStaff {
		return "/console/" + r.Org.Slug
	}
	return "/" + r.Org.Slug
}

// Path is the address of a page of this side: Path("invoices", id.String()).
func (r *Request) Path(parts ...string) string {
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(append([]string{r.Base()}, parts...), "/")
}

// Draw answers with a page. It is drawn whole before a byte is sent, so that a page that breaks half way is an error page.
func (r *Request) Draw(status int, page templ.Component) error {
	var drawn bytes.Buffer
	if err := page.Render(r.Context(), &drawn); err != nil {
		return err
	}
	if err := r.Site.packers.write(r.gin.Writer, r.gin.Request, status, drawn.Bytes()); err != nil {
		r.Site.API.Log.DebugContext(r.Context(), "Whoever asked for a page left.", "error", err)
	}
	return nil
}

// Again draws a form's page once more when err is about what was entered, with the errors beside the fields; f is the form
// that page shows. Any other error is passed on.
func (r *Request) Again(f *Form, err error, page templ.Component) error {
	if !f.Refuse(err) {
		return err
	}
	return r.Draw(api.StatusOf(err), page)
}

// Redirect leads on to another page by GET, after a form was posted or to where a page is.
func (r *Request) Redirect(to string) error {
	r.gin.Redirect(http.StatusSeeOther, to)
	return nil
}

// SetCookies hands on what an operation sets or takes away.
func (r *Request) SetCookies(cookies []http.Cookie) {
	for i := range cookies {
		http.SetCookie(r.gin.Writer, &cookies[i])
	}
}

// Next is where to go after sign-in: where the person was headed if that is a page of this organization and side, else its
// first page. An address that leads elsewhere is never followed.
func (r *Request) Next(wanted string) string {
	if to, ok := local(wanted, r.Base()); ok {
		return to
	}
	return r.Base()
}

// local reports whether address is a plain path below base, with a query and a place on the page at most, and gives it in its clean form.
func local(address, base string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || strings.ContainsAny(address, "\\\t\r\n") {
		return "", false
	}
	clean := path.Clean(u.Path)
	if clean != base && !strings.HasPrefix(clean, base+"/") {
		return "", false
	}
	for _, door := range []string{"/sign-in", "/sign-out"} {
		if clean == base+door || strings.HasPrefix(clean, base+door+"/") {
			return "", false
		}
	}
	return (&url.URL{Path: clean, RawQuery: u.RawQuery, Fragment: u.Fragment}).String(), true
}

// signInPath leads to sign-in and back to what was wanted. A form can't be posted again after it: its page can be opened.
func (r *Request) signInPath() string {
	wanted := r.gin.Request.URL.RequestURI()
	if r.gin.Request.Method != http.MethodGet {
		wanted = ""
		if from, err := url.Parse(r.gin.Request.Referer()); err == nil && from.Host == r.gin.Request.Host {
			wanted = from.RequestURI()
		}
	}
	to := r.Path("sign-in")
	if next, ok := local(wanted, r.Base()); ok && next != r.Base() {
		to += "?next=" + url.QueryEscape(next)
	}
	return to
}

// fail draws what an operation or a page failed with.
func (r *Request) fail(err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // whoever asked has left
	}
	if r.gin.Writer.Written() {
		r.Site.API.Log.ErrorContext(r.Context(), "A page failed after it was sent.", "path", r.gin.Request.URL.Path, "error", err)
		return
	}
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok {
		r.Site.API.Log.ErrorContext(r.Context(), "A page failed.", "path", r.gin.Request.URL.Path, "error", err)
		refused = portal.Internal()
	}
	if refused.Code == portal.CodeUnauthenticated && r.Org.Slug != "" {
		_ = r.Redirect(r.signInPath())
		return
	}
	if refused.RetryAfter > 0 {
		r.gin.Header("Retry-After", seconds(refused.RetryAfter))
	}
	if err := r.Draw(api.StatusOf(refused), failure(r, refused)); err != nil {
		r.Site.API.Log.ErrorContext(r.Context(), "An error page could not be drawn.", "error", err)
		r.gin.String(http.StatusInternalServerError, "Something went wrong on our side. Please try again.")
	}
}
