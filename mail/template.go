// Templates: the named emails, each with the wording it has until staff change it.

package mail

import (
	"fmt"
	"slices"
	"strings"
)

// Audience is whom a template is written for; the footer says why they receive it.
type Audience int

const (
	// ForContact: people at a customer.
	ForContact Audience = iota
	// ForStaff: people of the organization.
	ForStaff
)

// Template is one of the emails that the product sends.
type Template struct {
	// Name is stored and never changes: "invitation".
	Name string
	// Title names it for staff: "Invitation".
	Title string
	// About tells staff when it is sent.
	About    string
	Audience Audience
	// Subject and Body are the default wording, in the markup that Parse reads.
	Subject, Body string
	// Placeholders are the ones that subject and body may use, sorted by name.
	Placeholders []Placeholder
	// Required names the placeholders that the body can't do without.
	Required []string
}

// Templates returns every template, in the order in which staff meet them.
func Templates() []Template {
	words := make(map[string]Placeholder)
	for _, p := range vocabulary() {
		words[p.Name] = p
	}
	var all []Template
	for _, e := range catalog() {
		t := Template{Name: e.name, Title: e.title, About: e.about, Audience: e.audience,
			Subject: e.subject, Body: strings.TrimSpace(e.body), Required: e.required}
		for _, name := range append(strings.Fields(e.placeholders), e.required...) {
			p, ok := words[name]
			if !ok {
				panic(fmt.Sprintf("mail template %s: no placeholder %q in the vocabulary", e.name, name))
			}
			t.Placeholders = append(t.Placeholders, p)
		}
		slices.SortFunc(t.Placeholders, func(a, b Placeholder) int { return strings.Compare(a.Name, b.Name) })
		all = append(all, t)
	}
	return all
}

// Lookup returns the template of that name.
func Lookup(name string) (Template, bool) {
	for _, t := range Templates() {
		if t.Name == name {
			return t, true
		}
	}
	return Template{}, false
}

// Default parses the template's own wording.
func (t Template) Default() (Source, error) { return t.Parse(t.Subject, t.Body) }

// Samples returns a value for each placeholder, for a preview.
func (t Template) Samples() map[string]string {
	values := make(map[string]string, len(t.Placeholders))
	for _, p := range t.Placeholders {
		values[p.Name] = p.Sample
	}
	return values
}

func (t Template) placeholder(name string) (Placeholder, bool) {
	i := slices.IndexFunc(t.Placeholders, func(p Placeholder) bool { return p.Name == name })
	if i < 0 {
		return Placeholder{}, false
	}
	return t.Placeholders[i], true
}
