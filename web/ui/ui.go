// Package ui is the design system of the pages: frames, forms, tables, money, statuses and documents as templ components.
//
// A component takes a plain struct of strings that are ready to show; nothing here formats money, reads a clock or knows the
// database. A page picks a frame and fills it:
//
//	@ui.Portal(shell) {
//		@ui.PageHeader(ui.Heading{Title: "Invoices"})
//		@ui.Card(ui.CardHead{}) { … }
//	}
//
// The Content-Security-Policy forbids inline script and style, so no component has either: looks are classes of
// static/app.css, and an organization's colours follow it in the same file (see Theme).
package ui

import (
	"html"
	"strings"

	"github.com/a-h/templ"
)

// Text is a component of plain words; nothing to say shows as a dash, so that a table has no holes.
func Text(words string) templ.Component {
	if words == "" {
		return dash()
	}
	return text(words)
}

// text is plain words, escaped. An email address that doesn't fit its line breaks after its @.
func text(words string) templ.Component {
	return templ.Raw(strings.ReplaceAll(html.EscapeString(words), "@", "@<wbr>"))
}
