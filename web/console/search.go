package console

import (
	"net/http"
	"strings"

	"countersign/api"
	"countersign/web"
)

// search finds customers, contacts and documents, from the box that stands on every page.
func (p pages) search(r *web.Request) error {
	words := strings.TrimSpace(r.Query("q"))
	out, err := p.Search.Do(r.Context(), &api.SearchInput{Org: r.Org.Slug, For: cut(words, 100), Kind: r.Query("kind")})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, searchView(r, words, out.Body.Found))
}

// cut is as much of words as a search takes.
func cut(words string, most int) string {
	if runes := []rune(words); len(runes) > most {
		return string(runes[:most])
	}
	return words
}

// foundGroup is what was found of one kind.
type foundGroup struct {
	kind, title string
	found       []api.Found
}

// byKind parts what was found by its kind, in the order in which it came.
func byKind(found []api.Found) []foundGroup {
	titles := map[string]string{
		"customer": "Customers", "contact": "Contacts", "invoice": "Invoices", "estimate": "Estimates", "payment": "Payments",
		"credit_note": "Credit notes", "project": "Projects", "timesheet": "Timesheets",
	}
	var groups []foundGroup
	for _, f := range found {
		if n := len(groups); n == 0 || groups[n-1].kind != f.Kind {
			groups = append(groups, foundGroup{kind: f.Kind, title: titles[f.Kind]})
		}
		last := &groups[len(groups)-1]
		last.found = append(last.found, f)
	}
	return groups
}
