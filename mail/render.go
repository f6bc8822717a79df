// Rendering: a source and its values become a subject, a text and an HTML page.

package mail

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Rendered is an email's content as it may be stored. Secrets are still markers in it.
type Rendered struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

// Render puts the values into the source. A placeholder that values doesn't name is empty; a value that no placeholder
// of the template names is an error, and so is a link that is no http or https address. Values are text: nothing in them
// is read as markup, in the subject, the text or the HTML.
func (s Source) Render(brand Brand, values map[string]string) (Rendered, error) {
	if len(s.subject) == 0 {
		return Rendered{}, fmt.Errorf("render a mail template that was not parsed")
	}
	r := renderer{template: s.template, brand: brand, values: make(map[string]string, len(values))}
	r.brand.Name = harmless(brand.Name, Text)
	r.brand.Address = nil
	for _, line := range brand.Address {
		r.brand.Address = append(r.brand.Address, harmless(line, Text))
	}
	for name, value := range values {
		known, ok := s.template.placeholder(name)
		if !ok {
			return Rendered{}, fmt.Errorf("render mail template %s: it has no placeholder %q", s.template.Name, name)
		}
		if known.Kind == Link {
			if value == "" {
				continue
			}
			if err := checkLink(value); err != nil {
				// The value may hold a token: it stays out of the error.
				return Rendered{}, fmt.Errorf("render mail template %s: the value of %s %w", s.template.Name, name, err)
			}
		} else {
			value = harmless(value, known.Kind)
		}
		r.values[name] = value
	}
	for _, name := range s.template.Required {
		if r.values[name] == "" {
			return Rendered{}, fmt.Errorf("render mail template %s: %s has no value", s.template.Name, name)
		}
	}
	blocks := r.shown(s.blocks)
	subject := strings.Join(strings.Fields(r.words(s.subject)), " ")
	if subject == "" {
		subject = s.template.Title
	}
	return Rendered{Subject: subject, Text: r.text(blocks), HTML: r.page(subject, blocks)}, nil
}

// Fill replaces markers by their values, in text and HTML, and leaves those that values doesn't name. Call it just
// before sending and store nothing of the result.
func (r Rendered) Fill(values map[string]string) Rendered {
	for name, value := range values {
		r.Text = strings.ReplaceAll(r.Text, Marker(name), value)
		r.HTML = strings.ReplaceAll(r.HTML, Marker(name), html.EscapeString(value))
	}
	return r
}

// Unfilled lists the names of the markers that are still there, sorted.
func (r Rendered) Unfilled() []string {
	names := append(markersIn(r.Text), markersIn(r.HTML)...)
	slices.Sort(names)
	return slices.Compact(names)
}

type renderer struct {
	template Template
	brand    Brand
	values   map[string]string
}

// shown drops the lines and blocks that have placeholders, but no value for any of them, and spreads an item that is
// nothing but a value of several lines over as many items.
func (r renderer) shown(blocks []block) []block {
	var shown []block
	for _, b := range blocks {
		kept := block{kind: b.kind}
		for _, line := range b.lines {
			switch {
			case r.empty(line):
			case b.kind == items && r.severalLines(line):
				kept.lines = append(kept.lines, r.spread(line[0].placeholder)...)
			default:
				kept.lines = append(kept.lines, line)
			}
		}
		if len(kept.lines) > 0 {
			shown = append(shown, kept)
		}
	}
	return shown
}

func (r renderer) spread(name string) [][]span {
	known, _ := r.template.placeholder(name)
	var lines [][]span
	for l := range strings.Lines(r.values[name]) {
		l = strings.TrimSpace(l)
		colon := strings.LastIndex(l, ": ")
		switch {
		case l == "":
		case known.Kind == Entries:
			lines = append(lines, []span{entryOf(l)})
		case known.Kind == Rows && colon > 0:
			lines = append(lines, []span{{text: l[:colon+2]}, {value: l[colon+2:]}})
		default:
			lines = append(lines, []span{{value: l}})
		}
	}
	return lines
}

// entryOf reads one line of Entries. Without an address of ours at its end it is words alone.
func entryOf(line string) span {
	at := strings.LastIndex(line, " <")
	if at < 0 {
		return span{value: line}
	}
	address, closed := strings.CutSuffix(line[at+2:], ">")
	if !closed || checkLink(address) != nil {
		return span{value: line}
	}
	return span{address: address, label: []span{{value: line[:at]}}}
}

// leads is where a link leads.
func (r renderer) leads(s span) string {
	if s.address != "" {
		return s.address
	}
	return r.values[s.placeholder]
}

func (r renderer) empty(line []span) bool {
	some := false
	for _, s := range line {
		if s.placeholder != "" {
			some = true
			if r.values[s.placeholder] != "" {
				return false
			}
		}
	}
	return some
}

// severalLines tells whether a line is nothing but a placeholder that may have several.
func (r renderer) severalLines(line []span) bool {
	if len(line) != 1 || line[0].placeholder == "" || line[0].isLink() {
		return false
	}
	known, _ := r.template.placeholder(line[0].placeholder)
	return known.Kind == Lines || known.Kind == Rows || known.Kind == Entries
}

// quoted tells whether a block is somebody's own words and nothing else. They are set apart, so that nobody takes them
// for the organization's.
func (r renderer) quoted(b block) bool {
	if b.kind != paragraph {
		return false
	}
	for _, line := range b.lines {
		if !r.severalLines(line) {
			return false
		}
	}
	return true
}

// row parts an item "Label: value". Only the template's own colon counts, so that a value can't make a row.
func row(line []span) (label string, value []span, ok bool) {
	if len(line) == 0 || line[0].placeholder != "" {
		return "", nil, false
	}
	label, after, found := strings.Cut(line[0].text, ": ")
	if !found || label == "" || len(label) > 40 {
		return "", nil, false
	}
	value = line[1:]
	if after != "" {
		value = append([]span{{text: after}}, value...)
	}
	return label, value, len(value) > 0
}

// rows tells whether every item of a block is a row, so that it is drawn as a table.
func rows(b block) bool {
	for _, line := range b.lines {
		if _, _, ok := row(line); !ok {
			return false
		}
	}
	return b.kind == items
}

// words is a line without links' addresses, where something short is wanted.
func (r renderer) words(line []span) string {
	var b strings.Builder
	for _, s := range line {
		switch {
		case s.isLink():
			b.WriteString(r.words(s.label))
		case s.placeholder == "":
			b.WriteString(s.text + s.value)
		default:
			b.WriteString(r.values[s.placeholder])
		}
	}
	return b.String()
}

func (r renderer) text(blocks []block) string {
	var out []string
	for _, b := range blocks {
		var lines []string
		quoted := r.quoted(b)
		for _, line := range b.lines {
			text := r.textLine(line)
			switch {
			case b.kind == button:
				text = r.words(line[0].label) + ":\n" + r.values[line[0].placeholder]
			case b.kind == items && !rows(b):
				text = "- " + strings.ReplaceAll(text, "\n", "\n  ")
			case b.kind == items:
				text = strings.ReplaceAll(text, "\n", "\n  ")
			case quoted:
				text = "> " + strings.ReplaceAll(text, "\n", "\n> ")
			}
			lines = append(lines, text)
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	footer := append([]string{"-- ", r.brand.Name}, r.brand.Address...)
	footer = append(footer, r.reason())
	out = append(out, strings.Join(footer, "\n"))
	return strings.Join(out, "\n\n") + "\n"
}

func (r renderer) textLine(line []span) string {
	var b strings.Builder
	for _, s := range line {
		switch {
		case s.address != "":
			b.WriteString(r.words(s.label) + "\n" + s.address)
			continue
		case s.isLink() && r.values[s.placeholder] != "":
			fmt.Fprintf(&b, "%s (%s)", r.words(s.label), r.values[s.placeholder])
			continue
		}
		b.WriteString(r.words([]span{s}))
	}
	return b.String()
}

// reason says in the footer why this email came.
func (r renderer) reason() string {
	if r.template.Audience == ForStaff {
		return "You receive this email because you work with the customer portal of " + r.brand.Name + "."
	}
	return "You receive this email because " + r.brand.Name + " does business with you."
}

// preheader is the line that mailboxes show after the subject: the first paragraph past the greeting.
func (r renderer) preheader(blocks []block) string {
	for _, b := range blocks {
		if b.kind != paragraph || r.quoted(b) {
			continue
		}
		text := strings.Join(strings.Fields(r.words(slices.Concat(b.lines...))), " ")
		if text == "" || strings.HasSuffix(text, ",") || strings.ContainsRune(text, markerStart) {
			continue
		}
		if short := []rune(text); len(short) > 140 {
			text = strings.TrimRight(string(short[:139]), " ,.;:") + "…"
		}
		return text
	}
	return ""
}
