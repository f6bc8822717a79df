package everypage

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"

	"countersign/api"
	"countersign/devstack/demo"
	"countersign/devstack/stack"
	"countersign/e2e/browser"
	"countersign/workflows"
)

// studio is the demo's organization whose pages are walked, with its customer of whom there is most to see.
const (
	studio     = "alder-vane"
	northbeam  = "(SELECT id FROM customers WHERE name = 'Northbeam Logistics')"
	studioOrg  = "(SELECT id FROM organizations WHERE slug = 'alder-vane')"
	dana       = "dana@northbeam.example"
	nora       = "nora@aldervane.example"
	pageBudget = 60_000 // bytes of document, style and script together, over the wire
)

// sight is a page to look at.
type sight struct {
	// route is how its page is registered; path is the address, from the side's base on.
	route, path string
	// says is what the page says when it is the one that is meant.
	says string
	// then does something on it first: what is looked at is what comes of it.
	then func(tab *browser.Tab)
}

// asides are routes that answer with something other than a page: files, streams, parts of pages, what is for programs. The API's
// documentation is for those who write them, and as long as the API is large.
var asides = regexp.MustCompile(`/(pdf|csv|live|certificate|receipt|mark|preview|robots\.txt|favicon\.ico)$|^/static/|^/:org/static/|^/api/|^/docs|^/openapi|^/healthz$|^/readyz$`)

// What holds for every page of the portal and of the console, on the demo's year: axe finds nothing against WCAG 2.2 AA, light and
// dark, at a desk and on a phone; nothing scrolls sideways or is cut off at 320 px and at 200 % zoom; no other host is asked
// for anything; the security policy has nothing to refuse and the page nothing to complain of; and it is light. A page that no row
// here looks at fails the test.
func TestEveryPage(t *testing.T) {
	axe, err := browser.LoadAxe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	chromium := browser.Start(t)
	var router *gin.Engine
	s := stack.New(t, stack.Options{Pages: true, Router: func(r *gin.Engine, _ *api.API) { router = r }})
	if _, err := demo.Load(t.Context(), demo.Config{
		OwnerURL: s.DatabaseURL, DB: s.DB, Temporal: s.Temporal, TaskQueue: workflows.TaskQueue, Now: time.Now(), StripeURL: s.Sim.URL, StripeKey: "sk_test_stack",
	}); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	w := walk{t: t, s: s, conn: conn}
	w.settle()

	walks := []struct {
		name   string
		base   string
		email  string
		sights []sight
	}{
		{"contact", "/" + studio, dana, w.portal()},
		{"staff", "/console/" + studio, nora, w.console()},
		{"stranger", "", "", w.strangers()},
	}
	for _, walk := range walks {
		for i, page := range walk.sights {
			if !slices.ContainsFunc(router.Routes(), func(r gin.RouteInfo) bool { return r.Method == http.MethodGet && r.Path == page.route }) {
				t.Errorf("%s, row %d: no page is registered as %q", walk.name, i, page.route)
			}
		}
	}
	for _, r := range router.Routes() {
		if r.Method != http.MethodGet || asides.MatchString(r.Path) {
			continue
		}
		looked := false
		for _, walk := range walks {
			looked = looked || slices.ContainsFunc(walk.sights, func(page sight) bool { return page.route == r.Path })
		}
		if !looked {
			t.Errorf("nobody looks at %s: add a row for it", r.Path)
		}
	}
	t.Run("walks", func(t *testing.T) {
		for _, walk := range walks {
			t.Run(walk.name, func(t *testing.T) {
				t.Parallel()
				tab := chromium.In(t).Visitor(browser.Options{}).Prefers(false)
				if walk.email != "" {
					tab.Open(s.URL+walk.base+"/sign-in").Type("Email address", walk.email).Type("Password", demo.Password).Press("Sign in").Says("Your account")
				}
				for i, page := range walk.sights {
					lookAt(t, tab, axe, s.URL+walk.base+page.path, page)
					name := fmt.Sprintf("%s-%03d-%s", walk.name, i, strings.Trim(strings.NewReplacer("/", "-", ":", "").Replace(page.route), "-"))
					tab.Shot(name + ".light").Prefers(true).Shot(name + ".dark").Prefers(false)
				}
			})
		}
	})
}

// lookAt opens a page and holds it to what holds for all.
func lookAt(t *testing.T, tab *browser.Tab, axe browser.Axe, address string, page sight) {
	t.Helper()
	fetched := tab.Count(func() { tab.Open(address).Says(page.says) })
	light(t, tab, fetched)
	if page.then != nil {
		page.then(tab)
	}
	tab.Passes(axe).Prefers(true).Passes(axe, browser.ColourRules...)
	tab.Width(browser.Phone).Passes(axe, browser.ColourRules...).Prefers(false).Passes(axe)
	tab.Width(320).Fits().Width(640).Fits().Width(1280).Fits()
}

var hashed = regexp.MustCompile(`\.[0-9a-f]{10}\.[a-z0-9]+$`)

// light holds what a page asked for to the budget: from nowhere else, one document, at most one stylesheet and one script, and
// assets that are kept under names of their content.
func light(t *testing.T, tab *browser.Tab, fetched []browser.Fetched) {
	t.Helper()
	at := tab.Address()
	kinds, size := map[string]int{}, 0
	var told []string
	for _, file := range fetched {
		if file.URL.Host != at.Host {
			t.Errorf("%s asks %s for %s", at.Path, file.URL.Host, file.URL)
		}
		kinds[file.Kind]++
		switch file.Kind {
		case "Document", "Stylesheet", "Script":
			size += file.Size
			told = append(told, fmt.Sprintf("%s %d", file.URL.Path, file.Size))
		}
		switch file.Kind {
		case "Stylesheet", "Script", "Font":
			if !hashed.MatchString(file.URL.Path) || !strings.Contains(file.CacheControl, "immutable") {
				t.Errorf("%s: %s is kept by %q", at.Path, file.URL.Path, file.CacheControl)
			}
		}
	}
	documents := 1
	if strings.Contains(at.Path, "/emails/") {
		documents = 2 // the preview of an email is a document in a frame
	}
	if kinds["Document"] > documents || kinds["Stylesheet"] > documents || kinds["Script"] > documents || size > documents*pageBudget {
		t.Errorf("%s is heavy: %d bytes, %v", at.Path, size, told)
	}
}

// walk finds what there is to look at in the demo's year.
type walk struct {
	t    *testing.T
	s    *stack.Stack
	conn *pgx.Conn
}

// one is one text from the database.
func (w walk) one(query string) (found string) {
	w.t.Helper()
	if err := w.conn.QueryRow(w.t.Context(), query).Scan(&found); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return found
}

// settle waits until the flows that the demo begins have come to where they wait for people.
func (w walk) settle() {
	w.s.Eventually("the demo's flows", func() bool {
		return w.one(`SELECT (SELECT count(*) FROM estimates WHERE status = 'sent') || ' ' || (SELECT count(*) FROM invitations WHERE status = 'pending') || ' ' ||
			(SELECT count(*) FROM payments WHERE status = 'declined') || ' ' || (SELECT count(*) FROM timesheets WHERE status = 'submitted')`) == "9 3 6 3"
	})
}
