package web

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/web/static"
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
	return ui.Brand{Name: o.Name, Initials: Initials(o.Name), Logo: o.logoPath(), Home: home, Sheet: o.sheetPath()}
}

// logoPath changes with the picture, so that a browser may keep it; empty without a logo.
func (o Organization) logoPath() string {
	if o.Logo == "" {
		return ""
	}
	return "/api/" + o.Slug + "/portal/logo.png?v=" + o.Logo
}

// sheetPath is the address of the stylesheet in the organization's colours. It changes with them, and with the sheet.
func (o Organization) sheetPath() string {
	return "/" + o.Slug + static.Prefix + static.SheetName(o.colours())
}

// colours are the rules that put the organization's accent in place of ours; none where it isn't a colour.
func (o Organization) colours() string {
	rules, err := ui.Theme(o.Accent)
	if err != nil {
		return ""
	}
	return rules
}

// sheet serves the stylesheet in an organization's colours.
func (s *Site) sheet(c *gin.Context) {
	org, err := s.Organization(c.Request.Context(), c.Param("org"))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	static.ServeSheet(c.Writer, c.Request, c.Param("sheet"), org.colours())
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
