package console_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/web"
	"countersign/web/console"
)

func TestMain(m *testing.M) { stack.Main(m) }

// start runs the product with the pages of the console.
func start(t *testing.T) (*stack.Stack, stack.Org) {
	t.Helper()
	s := stack.New(t, stack.Options{Router: func(router *gin.Engine, a *api.API) {
		router.Use(web.Guard(a.SiteURL))
		a.TemporalUI = "http://temporal.test/namespaces/countersign"
		console.Mount(web.Mount(router, a, web.Options{}))
	}})
	org := s.Seed("bright", "USD")
	return s, org
}

// visitor is a person with a browser that runs no script.
type visitor struct {
	t      *testing.T
	client *http.Client
	base   string
}

// page is what the visitor looks at.
type page struct {
	v      *visitor
	Status int
	Header http.Header
	URL    *url.URL
	Body   string
	root   *html.Node
}

func visit(t *testing.T, s *stack.Stack) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, base: s.URL, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// atWork is Grace, the administrator, signed in.
func atWork(t *testing.T, s *stack.Stack) *visitor {
	t.Helper()
	v := visit(t, s)
	home := v.get("/console/bright/sign-in").submit("Sign in", "email", "grace@bright.test", "password", stack.Password)
	if home.Status != http.StatusOK || home.URL.Path != "/console/bright" {
		t.Fatalf("signing in led to %d %s: %s", home.Status, home.URL, home.words())
	}
	return v
}

func (v *visitor) get(address string) *page {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.base + address
	}
	response, err := v.client.Get(address)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(response)
}

func (v *visitor) post(address string, values url.Values) *page {
	v.t.Helper()
	response, err := v.client.PostForm(v.base+address, values)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(response)
}

func (v *visitor) read(response *http.Response) *page {
	v.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	root, err := html.ParseWithOptions(strings.NewReader(string(body)), html.ParseOptionEnableScripting(false))
	if err != nil {
		v.t.Fatal(err)
	}
	return &page{v: v, Status: response.StatusCode, Header: response.Header, URL: response.Request.URL, Body: string(body), root: root}
}

// has fails the test unless the page says all of these words.
func (p *page) has(words ...string) *page {
	p.v.t.Helper()
	shown := p.words()
	for _, w := range words {
		if !strings.Contains(shown, w) {
			p.v.t.Fatalf("%s (%d) doesn't say %q:\n%s", p.URL, p.Status, w, shown)
		}
	}
	return p
}

// lacks fails the test if the page says any of these words.
func (p *page) lacks(words ...string) *page {
	p.v.t.Helper()
	shown := p.words()
	for _, w := range words {
		if strings.Contains(shown, w) {
			p.v.t.Fatalf("%s (%d) says %q:\n%s", p.URL, p.Status, w, shown)
		}
	}
	return p
}

// answers fails the test unless the page came with this status.
func (p *page) answers(status int) *page {
	p.v.t.Helper()
	if p.Status != status {
		p.v.t.Fatalf("%s answered %d, not %d:\n%s", p.URL, p.Status, status, p.words())
	}
	return p
}

// words are what the page says, on one line.
func (p *page) words() string {
	var all []string
	for n := range p.root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			all = append(all, n.Data)
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(all, " "), "\u00a0", " ")), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " ")
}

// href is where the link with these words leads; empty if there is none.
func (p *page) href(words string) string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(textOf(n), words) {
			return attr(n, "href")
		}
	}
	return ""
}

// follow opens the link with these words.
func (p *page) follow(words string) *page {
	p.v.t.Helper()
	href := p.href(words)
	if href == "" {
		p.v.t.Fatalf("%s has no link %q:\n%s", p.URL, words, p.words())
	}
	to, err := p.URL.Parse(href)
	if err != nil {
		p.v.t.Fatal(err)
	}
	return p.v.get(to.String())
}

// form is the form that has a button with these words, and that button.
func (p *page) form(button string) (form, pressed *html.Node) {
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "button" || !strings.Contains(textOf(n), button) || attr(n, "type") != "submit" {
			continue
		}
		for up := range n.Ancestors() {
			if up.Data == "form" {
				return up, n
			}
		}
	}
	return nil, nil
}

// submit presses the button with these words, after typing values (names and values in turn; a name given again ticks
// several boxes, and replaces what was ticked).
func (p *page) submit(button string, typed ...string) *page {
	p.v.t.Helper()
	form, pressed := p.form(button)
	if form == nil {
		p.v.t.Fatalf("%s has no button %q:\n%s", p.URL, button, p.words())
	}
	values := fields(form)
	if attr(pressed, "name") != "" {
		values.Set(attr(pressed, "name"), attr(pressed, "value"))
	}
	for i := 0; i+1 < len(typed); i += 2 {
		if slices.Index(typed, typed[i]) == i {
			values.Del(typed[i])
		}
		values.Add(typed[i], typed[i+1])
	}
	to, err := p.URL.Parse(attr(form, "action"))
	if err != nil {
		p.v.t.Fatal(err)
	}
	if attr(form, "method") != "post" {
		to.RawQuery = values.Encode()
		return p.v.get(to.String())
	}
	return p.v.post(to.RequestURI(), values)
}

// fields are what a form would post as it stands.
func fields(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode || attr(n, "name") == "" || has(n, "disabled") {
			continue
		}
		switch n.Data {
		case "input":
			kind := attr(n, "type")
			if (kind == "checkbox" || kind == "radio") && !has(n, "checked") {
				continue
			}
			values.Add(attr(n, "name"), attr(n, "value"))
		case "textarea":
			values.Add(attr(n, "name"), textOf(n))
		case "select":
			for o := range n.Descendants() {
				if o.Data == "option" && has(o, "selected") {
					values.Add(attr(n, "name"), attr(o, "value"))
				}
			}
		}
	}
	return values
}

// value is what the field with that name shows.
func (p *page) value(name string) string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && attr(n, "name") == name {
			return attr(n, "value")
		}
	}
	return ""
}

// reloadUntil loads the page until it says the words.
func (p *page) reloadUntil(words string) *page {
	p.v.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	now := p
	for !strings.Contains(now.words(), words) {
		if time.Now().After(deadline) {
			p.v.t.Fatalf("%s never said %q:\n%s", p.URL, words, now.words())
		}
		<-time.After(50 * time.Millisecond)
		now = p.v.get(p.URL.String())
	}
	return now
}
