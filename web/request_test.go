package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"countersign/portal"
	"countersign/web/ui"
)

// at is a request for a page of an organization in New York, at noon there.
func at(t *testing.T, address string) *Request {
	t.Helper()
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest(http.MethodGet, address, nil)
	return &Request{
		gin: c, Side: portal.SideContact, Now: time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC),
		Org: Organization{Slug: "bright", Name: "Bright", Locale: "en-US", TimeZone: "America/New_York"},
	}
}

func TestOnlyPagesOfThisPortalAreReturnedTo(t *testing.T) {
	tests := []struct {
		wanted, leadsTo string
	}{
		{"/bright/invoices", "/bright/invoices"},
		{"/bright/invoices?status=paid", "/bright/invoices?status=paid"},
		{"/bright/invoices#comments", "/bright/invoices#comments"},
		{"/bright", "/bright"},
		{"", "/bright"},
		{"/brighter/invoices", "/bright"},
		{"/bright/../other", "/bright"},
		{"/bright/%2e%2e/other", "/bright"},
		{"//evil.test/bright", "/bright"},
		{"https://evil.test/bright", "/bright"},
		{"/\\evil.test", "/bright"},
		{"/bright/\tinvoices", "/bright"},
		{"javascript:alert(1)", "/bright"},
		{"/bright/sign-out", "/bright"},
		{"/bright/sign-in?next=/bright/sign-in", "/bright"},
		{"/console/bright/invoices", "/bright"},
	}
	for _, test := range tests {
		if got := at(t, "/bright/sign-in").Next(test.wanted); got != test.leadsTo {
			t.Errorf("%q leads to %q, want %q", test.wanted, got, test.leadsTo)
		}
	}
}

func TestListRemembersItsWay(t *testing.T) {
	first := at(t, "/bright/invoices?status=paid&done=x").Pager("2 invoices", "B")
	if first.Previous != "" || first.Next != "/bright/invoices?after=B&status=paid" || first.Summary != "2 invoices on this page" {
		t.Fatalf("the first page: %+v", first)
	}
	second := at(t, first.Next).Pager("2 invoices", "C")
	third := at(t, second.Next).Pager("2 invoices", "D")
	fourth := at(t, third.Next).Pager("1 invoice", "")
	if fourth.Next != "" {
		t.Errorf("the last page leads on to %s", fourth.Next)
	}
	for _, step := range []struct {
		from ui.Pager
		to   string
	}{{fourth, second.Next}, {third, first.Next}, {second, "/bright/invoices?status=paid"}} {
		if step.from.Previous != step.to {
			t.Errorf("Previous leads to %s, want %s", step.from.Previous, step.to)
		}
	}
}

func TestSortingTurnsRoundAndStartsTheListAnew(t *testing.T) {
	tests := []struct {
		address, sorted, to string
	}{
		{"/bright/invoices", "descending", "/bright/invoices?sort=date"},
		{"/bright/invoices?sort=date&after=B", "ascending", "/bright/invoices?sort=-date"},
		{"/bright/invoices?sort=amount&after=B&q=oak", "", "/bright/invoices?q=oak&sort=date"},
	}
	for _, test := range tests {
		got := at(t, test.address).SortLink(ui.Column{}, "date", "-date")
		if got.Sorted != test.sorted || got.SortHref != test.to {
			t.Errorf("%s: %q to %s, want %q to %s", test.address, got.Sorted, got.SortHref, test.sorted, test.to)
		}
	}
}

func TestInstantsAreToldInTheOrganizationsTime(t *testing.T) {
	r := at(t, "/bright")
	for instant, want := range map[time.Time]string{
		time.Date(2026, 11, 22, 15, 4, 0, 0, time.UTC): "Today, 10:04\u00a0AM",
		time.Date(2026, 11, 22, 4, 59, 0, 0, time.UTC): "Yesterday, 11:59\u00a0PM",
		time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC): "Nov 20, 2026, 10:00\u00a0AM",
	} {
		if got := r.Moment(instant).Shown; got != want {
			t.Errorf("%s is told as %q, want %q", instant, got, want)
		}
	}
	instant := time.Date(2026, 11, 22, 15, 4, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Europe/Berlin": "22.11.2026, 16:04 CET", "Asia/Kuwait": "22.11.2026, 18:04 UTC+03", "No/Where": "22.11.2026, 15:04 UTC"} {
		r.Org.Locale, r.Org.TimeZone = "de-DE", zone
		if got := r.Instant(instant); got != want {
			t.Errorf("in %s it is %q, want %q", zone, got, want)
		}
	}
}

func TestDevicesAreRecognizable(t *testing.T) {
	for userAgent, want := range map[string]string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0":                                                    "Firefox on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36":     "Samsung Internet on Android",
		"": "Unknown device",
	} {
		if got := Device(userAgent); got != want {
			t.Errorf("%q is %q, want %q", userAgent, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Priya Nair": "PN", "Alder & Vane": "AV", "ōta jirō": "ŌJ", "Prince": "P", "": "·", "Jean Claude van Damme": "JD"} {
		if got := Initials(name); got != want {
			t.Errorf("%q has the initials %q, want %q", name, got, want)
		}
	}
}

func TestCountriesAreThoseOfISO3166(t *testing.T) {
	codes := map[string]string{}
	for _, c := range Countries() {
		codes[c.Value] = c.Label
	}
	for code, name := range map[string]string{"US": "United States", "GB": "United Kingdom", "KW": "Kuwait", "JP": "Japan"} {
		if codes[code] != name {
			t.Errorf("%s is %q, want %q", code, codes[code], name)
		}
	}
	if second := Countries()[1].Label; second != "Åland Islands" {
		t.Errorf("%s comes second: letters with accents belong with their own", second)
	}
	for _, code := range []string{"EU", "ZZ", "UK", "SU", "DD", "AA"} {
		if name, ok := codes[code]; ok {
			t.Errorf("%s (%s) is no country", code, name)
		}
	}
}
