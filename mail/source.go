// The markup of subjects and bodies: paragraphs, placeholders, items and one kind of link.

package mail

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"countersign/portal"
)

// What staff may write at most, in characters.
const (
	maxSubject = 200
	maxBody    = 20_000
)

// Source is a subject and a body that were read and found right for their template. The zero Source renders nothing;
// get one from Template.Parse.
type Source struct {
	template Template
	subject  []span
	blocks   []block
}

// block is a paragraph, a list of items, or a button on a line of its own.
type block struct {
	kind  blockKind
	lines [][]span
}

type blockKind int

const (
	paragraph blockKind = iota
	items
	button
)

// span is a piece of a line: literal text, a placeholder, or a link with a label.
type span struct {
	text        string
	value       string // one line of a placeholder's value, once that is spread over items
	placeholder string // with no label: its value; with one: where the link leads
	address     string // where the link leads, once that is read from an entry
	label       []span
}

func (s span) isLink() bool { return s.label != nil }

// Problem is one thing that is wrong with what staff wrote, and where.
type Problem struct {
	Part         string // "subject" or "body"
	Line, Column int    // from 1; columns count characters
	Message      string // a sentence for people
}

// InvalidTemplate lists everything that is wrong with a subject and body. It unwraps to a *portal.Error with one field
// error for each problem.
type InvalidTemplate struct{ Problems []Problem }

func (e *InvalidTemplate) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s %d:%d: %s", p.Part, p.Line, p.Column, p.Message)
	}
	return b.String()
}

// Unwrap gives the refusal in the form that pages and the API show.
func (e *InvalidTemplate) Unwrap() error {
	var fields []portal.FieldError
	for _, p := range e.Problems {
		fields = append(fields, portal.Field(p.Part, "Line %d, column %d: %s", p.Line, p.Column, p.Message))
	}
	return portal.Invalid("This text can't be used yet.", fields...)
}

// Parse reads a subject and a body written for this template. The markup is small:
//
//   - A blank line ends a paragraph; a line break within one is kept.
//   - {{name}} is replaced by a value. A paragraph or item whose placeholders are all empty is left out.
//   - Lines that begin with "- " are items. Items written "- Label: value" are drawn as a table.
//   - [Label]({{a_link}}) is a link; the first that is alone on its line becomes the button.
//
// Everything else is text as it stands. Links lead to placeholders of kind Link and nowhere else, so that a template
// can't send a customer to another site. Parse returns an *InvalidTemplate naming every problem.
func (t Template) Parse(subject, body string) (Source, error) {
	src := Source{template: t}
	p := parser{template: t, part: "subject", line: 1}
	subject = strings.TrimSpace(subject)
	switch {
	case subject == "":
		p.problem(1, "The subject is empty.")
	case strings.ContainsAny(subject, "\r\n"):
		p.problem(1, "The subject must be one line.")
	case utf8.RuneCountInString(subject) > maxSubject:
		p.problem(maxSubject+1, fmt.Sprintf("The subject has more than %d characters.", maxSubject))
	default:
		src.subject = p.spans(subject)
	}
	p.part = "body"
	body = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(body)
	if utf8.RuneCountInString(body) > maxBody {
		p.problem(1, fmt.Sprintf("The text has more than %d characters.", maxBody))
	} else {
		src.blocks = p.blocks(body)
	}
	if len(p.problems) == 0 {
		for _, name := range t.Required {
			if !src.uses(name) {
				p.line = 1
				p.problem(1, fmt.Sprintf("The text needs {{%s}}: %s.", name, lowerFirst(p.about(name))))
			}
		}
	}
	if len(p.problems) > 0 {
		return Source{}, &InvalidTemplate{p.problems}
	}
	return src, nil
}

func (s Source) uses(name string) bool {
	for _, b := range s.blocks {
		for _, line := range b.lines {
			for _, sp := range line {
				if sp.placeholder == name || slices.ContainsFunc(sp.label, func(l span) bool { return l.placeholder == name }) {
					return true
				}
			}
		}
	}
	return false
}

type parser struct {
	template Template
	part     string
	line     int
	problems []Problem
}

func (p *parser) problem(column int, message string) {
	p.problems = append(p.problems, Problem{Part: p.part, Line: p.line, Column: column, Message: message})
}

func (p *parser) about(name string) string {
	known, _ := p.template.placeholder(name)
	return known.About
}

func (p *parser) blocks(body string) []block {
	var blocks []block
	open := false // whether the last block may take another line
	for i, line := range strings.Split(body, "\n") {
		p.line = i + 1
		indent := utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeft(line, " \t"))
		text := strings.TrimSpace(line)
		kind := paragraph
		if text == "" {
			open = false
			continue
		}
		if rest, ok := strings.CutPrefix(text, "- "); ok {
			kind, indent = items, indent+2
			indent += utf8.RuneCountInString(rest) - utf8.RuneCountInString(strings.TrimLeft(rest, " \t"))
			text = strings.TrimSpace(rest)
		}
		spans := p.spansAt(text, indent+1)
		if kind == paragraph && len(spans) == 1 && spans[0].isLink() &&
			!slices.ContainsFunc(blocks, func(b block) bool { return b.kind == button }) {
			blocks, open = append(blocks, block{kind: button, lines: [][]span{spans}}), false
			continue
		}
		if last := len(blocks) - 1; open && blocks[last].kind == kind {
			blocks[last].lines = append(blocks[last].lines, spans)
		} else {
			blocks = append(blocks, block{kind: kind, lines: [][]span{spans}})
		}
		open = true
	}
	return blocks
}

func (p *parser) spans(text string) []span { return p.spansAt(text, 1) }

// spansAt reads one line, whose first character stands in that column.
func (p *parser) spansAt(text string, column int) []span {
	var spans []span
	literal := func(s string) {
		if s == "" {
			return
		}
		if last := len(spans) - 1; last >= 0 && spans[last].placeholder == "" {
			spans[last].text += s
			return
		}
		spans = append(spans, span{text: s})
	}
	for text != "" {
		i := strings.IndexAny(text, "{[}")
		if i < 0 {
			i = len(text)
		}
		literal(harmlessLiteral(text[:i]))
		column += utf8.RuneCountInString(text[:i])
		text = text[i:]
		var used int
		switch {
		case strings.HasPrefix(text, "{{"):
			name, length := p.placeholder(text, column)
			if name != "" {
				spans = append(spans, span{placeholder: name})
			}
			used = length
		case strings.HasPrefix(text, "}}"):
			p.problem(column, "}} has no {{ before it.")
			used = 2
		case strings.HasPrefix(text, "["):
			link, length := p.link(text, column)
			if link != nil {
				spans = append(spans, *link)
			} else {
				literal(harmlessLiteral(text[:length]))
			}
			used = length
		case text != "":
			literal(text[:1])
			used = 1
		}
		column += utf8.RuneCountInString(text[:used])
		text = text[used:]
	}
	return spans
}

// placeholder reads {{name}} at the start of text and returns its name ("" if it can't be used) and its length.
func (p *parser) placeholder(text string, column int) (string, int) {
	end := strings.Index(text, "}}")
	if end < 0 {
		p.problem(column, "{{ has no }} after it.")
		return "", len(text)
	}
	name, length := strings.TrimSpace(text[2:end]), end+2
	known, ok := p.template.placeholder(name)
	switch {
	case !ok:
		p.problem(column, fmt.Sprintf("{{%s}} is not one of this email's placeholders.%s", name, p.nearest(name)))
		return "", length
	case p.part == "subject" && known.Kind == Link:
		p.problem(column, fmt.Sprintf("{{%s}} is a link and can't stand in the subject.", name))
		return "", length
	}
	return name, length
}

// link reads [label]({{name}}) at the start of text. Without "](" after the bracket it is no link but text: nil, and
// how much of it to take as text.
func (p *parser) link(text string, column int) (*span, int) {
	middle := strings.Index(text, "](")
	if middle < 0 || p.part == "subject" {
		return nil, 1
	}
	if inner := strings.LastIndex(text[:middle], "["); inner > 0 {
		return nil, inner // the link begins at the last bracket
	}
	label, target := text[1:middle], text[middle+2:]
	end := strings.Index(target, ")")
	if end < 0 {
		p.problem(column, "This link has no ) at its end.")
		return nil, len(text)
	}
	length := middle + 2 + end + 1
	name, isPlaceholder := strings.CutPrefix(strings.TrimSpace(target[:end]), "{{")
	name, closed := strings.CutSuffix(name, "}}")
	name = strings.TrimSpace(name)
	known, ok := p.template.placeholder(name)
	at := column + utf8.RuneCountInString(text[:middle+2])
	switch {
	case !isPlaceholder || !closed:
		p.problem(at, "A link can lead only to a placeholder, written ({{"+p.someLink()+"}}).")
		return nil, length
	case !ok:
		p.problem(at, fmt.Sprintf("{{%s}} is not one of this email's placeholders.%s", name, p.nearest(name)))
		return nil, length
	case known.Kind != Link:
		p.problem(at, fmt.Sprintf("{{%s}} is not a link.", name))
		return nil, length
	case strings.TrimSpace(label) == "":
		p.problem(column, "This link has no words between [ and ].")
		return nil, length
	}
	spans := p.spansAt(strings.TrimSpace(label), column+1)
	for _, s := range spans {
		if linked, _ := p.template.placeholder(s.placeholder); s.placeholder != "" && linked.Kind != Text {
			p.problem(column+1, fmt.Sprintf("{{%s}} can't stand in the words of a link.", s.placeholder))
			return nil, length
		}
	}
	if len(spans) == 0 {
		return nil, length // what is wrong with the words has been said
	}
	return &span{placeholder: name, label: spans}, length
}

func (p *parser) someLink() string {
	for _, known := range p.template.Placeholders {
		if known.Kind == Link {
			return known.Name
		}
	}
	return "a_link"
}

// nearest proposes the placeholder that was probably meant, as a sentence, or nothing.
func (p *parser) nearest(name string) string {
	best, distance := "", 4
	for _, known := range p.template.Placeholders {
		if d := edits(strings.ToLower(name), known.Name); d < distance {
			best, distance = known.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean {{%s}}?", best)
}

// edits is the Levenshtein distance of two names.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// harmlessLiteral cleans what staff wrote without touching its spaces.
func harmlessLiteral(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if harmful(r) {
			return -1
		}
		return r
	}, s)
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToLower(string(r)) + s[n:]
}
