package web

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// missing answers for an address that nothing is at: as a problem below /api, as a page elsewhere, in the brand of the
// organization that the address names, if it names one.
func (s *Site) missing(c *gin.Context) {
	address := strings.Split(strings.TrimPrefix(c.Request.URL.Path, "/"), "/")
	if address[0] == "api" {
		c.Header("Content-Type", "application/problem+json")
		c.JSON(http.StatusNotFound, api.Problem{
			Type: "about:blank", Title: "Not Found", Status: http.StatusNotFound, Code: string(portal.CodeNotFound), Detail: "There is no such operation.",
		})
		return
	}
	if c.Request.Method == http.MethodGet && s.onlyPosted(address) {
		// A form that was refused was drawn here, and somebody looks at it again.
		c.Redirect(http.StatusSeeOther, "/"+strings.Join(address[:len(address)-1], "/"))
		return
	}
	s.plain(func(r *Request) error {
		slug := address[0]
		if slug == "console" && len(address) > 1 {
			r.Side, slug = portal.SideStaff, address[1]
		}
		if !api.Reserved(slug) && slug != "" {
			if org, err := s.Organization(r.Context(), slug); err == nil {
				r.Org = org
			}
		}
		return portal.NotFound("page")
	})(c)
}

// onlyPosted says whether a form may be posted to an address, which has no page of its own then.
func (s *Site) onlyPosted(address []string) bool {
	return slices.ContainsFunc(s.router.Routes(), func(route gin.RouteInfo) bool {
		if route.Method != http.MethodPost {
			return false
		}
		pattern := strings.Split(strings.TrimPrefix(route.Path, "/"), "/")
		return slices.EqualFunc(pattern, address, func(p, a string) bool { return p == a || strings.HasPrefix(p, ":") && a != "" })
	})
}

// words says on an error page what happened and what to do.
func words(e *portal.Error) (title, more string) {
	switch e.Code {
	case portal.CodeNotFound:
		return "There is no page here", "The address may be mistyped, or what it led to may have been withdrawn."
	case portal.CodeForbidden:
		return "You can’t open this page", e.Message
	case portal.CodeConflict:
		return "This can’t be done any more", e.Message
	case portal.CodeStale:
		return "This changed meanwhile", e.Message
	case portal.CodeGone:
		return "This link can’t be used any more", e.Message
	case portal.CodeTooMany:
		return "Please wait a little", e.Message
	case portal.CodeUnavailable:
		return "We can’t do this right now", e.Message
	case portal.CodeNotConfirmed:
		return "This is not confirmed yet", "It may have been recorded, or not. Load this page again and send the same once more: nothing is ever done twice."
	case portal.CodeInvalid, portal.CodeKeyReused:
		return "This can’t be taken", e.Message
	default:
		return "Something went wrong", "The fault is on our side and has been noted. Please try again in a moment."
	}
}

// waysOut are what an error page offers to do.
func waysOut(r *Request, e *portal.Error) []ui.Action {
	home := ui.Action{Label: "Go to the home page", Href: r.Base(), Kind: ui.Primary}
	if r.Org.Slug == "" {
		home.Href = "/"
	}
	again := e.Code == portal.CodeUnavailable || e.Code == portal.CodeNotConfirmed || e.Code == portal.CodeInternal || e.Code == ""
	if again && r.gin.Request.Method == http.MethodGet {
		home.Kind = ui.Secondary
		return []ui.Action{{Label: "Load it again", Href: r.gin.Request.URL.RequestURI(), Kind: ui.Primary}, home}
	}
	return []ui.Action{home}
}

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
