package visitor

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Page is what the visitor looks at.
type Page struct {
	v      *Visitor
	Status int
	Header http.Header
	URL    *url.URL
	Body   string
	Root   *html.Node
}

// Has fails the test unless the page says all of these words.
func (p *Page) Has(words ...string) *Page {
	p.v.t.Helper()
	shown := p.Words()
	for _, w := range words {
		if !strings.Contains(shown, w) {
			p.v.t.Fatalf("%s (%d) doesn't say %q:\n%s", p.URL, p.Status, w, shown)
		}
	}
	return p
}

// Lacks fails the test if the page says any of these words.
func (p *Page) Lacks(words ...string) *Page {
	p.v.t.Helper()
	shown := p.Words()
	for _, w := range words {
		if strings.Contains(shown, w) {
			p.v.t.Fatalf("%s (%d) says %q:\n%s", p.URL, p.Status, w, shown)
		}
	}
	return p
}

// Answers fails the test unless the page came with this status.
func (p *Page) Answers(status int) *Page {
	p.v.t.Helper()
	if p.Status != status {
		p.v.t.Fatalf("%s answered %d, not %d:\n%s", p.URL, p.Status, status, p.Words())
	}
	return p
}

// Words are what the page says, on one line.
func (p *Page) Words() string { return Text(p.Root) }

// Attr is an attribute of an element; empty if it has none of that name.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func carries(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// Text is what an element says, on one line.
func Text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type != html.TextNode || d.Parent.Data == "script" || d.Parent.Data == "style" {
			continue
		}
		if d.PrevSibling == nil || d.PrevSibling.Data != "wbr" {
			b.WriteString(" ")
		}
		b.WriteString(d.Data)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " ")
}

// Href is where the link with these words leads; empty if there is none.
func (p *Page) Href(words string) string {
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(Text(n), words) {
			return Attr(n, "href")
		}
	}
	return ""
}

// Follow opens the link with these words.
func (p *Page) Follow(words string) *Page {
	p.v.t.Helper()
	href := p.Href(words)
	if href == "" {
		p.v.t.Fatalf("%s has no link %q:\n%s", p.URL, words, p.Words())
	}
	return p.Open(href)
}

// Open opens an address that is written on this page, or could be.
func (p *Page) Open(address string) *Page {
	p.v.t.Helper()
	to, err := p.URL.Parse(address)
	if err != nil {
		p.v.t.Fatal(err)
	}
	return p.v.Get(to.String())
}

// Form is the form that has a button with these words, and that button.
func (p *Page) Form(button string) (form, pressed *html.Node) {
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "button" || !strings.Contains(Text(n), button) || Attr(n, "type") != "submit" {
			continue
		}
		if id := Attr(n, "form"); id != "" {
			return p.ByID(id), n
		}
		for up := range n.Ancestors() {
			if up.Data == "form" {
				return up, n
			}
		}
	}
	return nil, nil
}

// ByID is the element with that ID; nil if there is none.
func (p *Page) ByID(id string) *html.Node {
	for n := range p.Root.Descendants() {
		if Attr(n, "id") == id {
			return n
		}
	}
	return nil
}

// Submit presses the button with these words, after typing values (names and values in turn; a name given again ticks
// several boxes, and replaces what was ticked).
func (p *Page) Submit(button string, typed ...string) *Page {
	p.v.t.Helper()
	form, pressed := p.Form(button)
	if form == nil {
		p.v.t.Fatalf("%s has no button %q:\n%s", p.URL, button, p.Words())
	}
	values := Fields(form)
	if Attr(pressed, "name") != "" {
		values.Set(Attr(pressed, "name"), Attr(pressed, "value"))
	}
	for i := 0; i+1 < len(typed); i += 2 {
		if slices.Index(typed, typed[i]) == i {
			values.Del(typed[i])
		}
		values.Add(typed[i], typed[i+1])
	}
	to, err := p.URL.Parse(Attr(form, "action"))
	if err != nil {
		p.v.t.Fatal(err)
	}
	if Attr(form, "method") != "post" {
		to.RawQuery = values.Encode()
		return p.v.Get(to.String())
	}
	return p.v.Post(to.RequestURI(), values)
}

// Fields are what a form would post as it stands.
func Fields(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode || Attr(n, "name") == "" || carries(n, "disabled") {
			continue
		}
		switch n.Data {
		case "input":
			kind := Attr(n, "type")
			if (kind == "checkbox" || kind == "radio") && !carries(n, "checked") {
				continue
			}
			values.Add(Attr(n, "name"), Attr(n, "value"))
		case "textarea":
			values.Add(Attr(n, "name"), Text(n))
		case "select":
			for o := range n.Descendants() {
				if o.Data == "option" && carries(o, "selected") {
					values.Add(Attr(n, "name"), Attr(o, "value"))
				}
			}
		}
	}
	return values
}

// Value is what the field with that name shows.
func (p *Page) Value(name string) string {
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && Attr(n, "name") == name {
			return Attr(n, "value")
		}
	}
	return ""
}

// ReloadUntil loads the page until it says the words.
func (p *Page) ReloadUntil(words string) *Page {
	p.v.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	now := p
	for !strings.Contains(now.Words(), words) {
		if time.Now().After(deadline) {
			p.v.t.Fatalf("%s never said %q:\n%s", p.URL, words, now.Words())
		}
		<-time.After(50 * time.Millisecond)
		now = p.v.Get(p.URL.String())
	}
	return now
}
