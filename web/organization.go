package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/web/ui"
)

// Organization is what anybody may know of an organization: whose portal it is, and how it writes.
type Organization api.Brand

// organizationsOf finds organizations by the API's own operation.
func organizationsOf(a *api.API) func(ctx context.Context, slug string) (Organization, error) {
	return func(ctx context.Context, slug string) (Organization, error) {
		out, err := a.Brand.Do(ctx, &api.BrandInput{Org: slug})
		if err != nil {
			return Organization{}, err
		}
		return Organization(out.Body), nil
	}
}

// Location is the organization's time zone; UTC where it isn't known.
func (o Organization) Location() *time.Location {
	zone, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Brand is how frames show the organization; home is where its mark leads.
func (o Organization) Brand(home string) ui.Brand {
	if o.Slug == "" {
		return ui.Brand{Name: "Countersign", Initials: "C", Home: "/"}
	}
	return ui.Brand{Name: o.Name, Initials: Initials(o.Name), Logo: o.logoPath(), Home: home, Theme: o.themePath()}
}

// logoPath changes with the picture, so that a browser may keep it; empty without a logo.
func (o Organization) logoPath() string {
	if o.Logo == "" {
		return ""
	}
	return "/api/" + o.Slug + "/portal/logo.png?v=" + o.Logo
}

// themePath changes with the accent, so that a browser may keep the stylesheet.
func (o Organization) themePath() string {
	return "/" + o.Slug + "/theme.css?accent=" + url.QueryEscape(strings.TrimPrefix(o.Accent, "#"))
}

// theme serves an organization's colours.
func (s *Site) theme(c *gin.Context) {
	org, err := s.Organization(c.Request.Context(), c.Param("org"))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	sheet, err := ui.Theme(org.Accent)
	if err != nil {
		sheet = "" // an accent that isn't a colour: ours stays
	}
	if c.Query("accent") == strings.TrimPrefix(org.Accent, "#") {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.Data(http.StatusOK, "text/css; charset=utf-8", []byte(sheet))
}

// Initials are the first letters of a name's first and last word: "PN" for Priya Nair.
func Initials(name string) string {
	var first []rune
	for _, word := range strings.Fields(name) {
		if letter, _ := utf8.DecodeRuneInString(word); unicode.IsLetter(letter) || unicode.IsDigit(letter) {
			first = append(first, unicode.ToUpper(letter))
		}
	}
	switch len(first) {
	case 0:
		return "·"
	case 1:
		return string(first)
	default:
		return string([]rune{first[0], first[len(first)-1]})
	}
}
