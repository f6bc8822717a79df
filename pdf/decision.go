package pdf

import (
	"io"
	"strconv"
	"strings"
	"time"

	"countersign/portal"
)

// Decision is what a contact decided, as it was recorded.
type Decision struct {
	Accepted bool
	// Verb says it otherwise: "Approved", "Partly approved".
	Verb  string
	By    string
	Email string
	// At is written in its own location and in UTC.
	At     time.Time
	Reason string
	// IP and UserAgent are where it came from.
	IP        string
	UserAgent string
}

func (d Decision) words() string {
	verb := "Declined"
	if d.Accepted {
		verb = "Accepted"
	}
	if d.Verb != "" {
		verb = cleanLine(d.Verb)
	}
	return verb + " by " + cleanLine(d.By)
}

func (d Decision) tone() rgb {
	if d.Accepted {
		return good
	}
	return bad
}

// Certificate proves a decision: who, when, from where, on which version, and
// the hash of what was decided on. It is one page; only a reason of many
// lines, which must not be cut, makes it longer.
type Certificate struct {
	From     Organization
	To       Party  // the customer
	ID       string // of the decision's record
	Kind     string // what was decided on: "Estimate", "Timesheet"
	Number   string
	Title    string
	Version  int          // left out when it is 0
	Total    portal.Money // left out without a currency
	More     []Fact       // what else there is to say of this kind of document
	Decision Decision
	// ContentHash is the SHA-256 of what was decided on, in hexadecimal.
	ContentHash string
}

// Fact is something said under a label: "Approved", "29 of 30 entries".
type Fact struct{ Label, Words string }

// maxUserAgent is how many characters of a user agent are worth printing.
const maxUserAgent = 200

// Write draws the certificate. An error is the writer's.
func (c Certificate) Write(w io.Writer) error {
	d := c.Decision
	at := d.At
	if at.IsZero() {
		at = noon(portal.Date{})
	}
	s := newSheet(c.From, about{kind: "Certificate", number: cleanLine(c.Kind + " " + c.Number), to: c.To.Name, at: at})
	s.letterhead(status{})

	words := style{size: 16, bold: true, colour: d.tone()}
	lines := firstLines(wrap(d.words(), words, s.wide()-40), 2, words, s.wide()-40)
	height := float64(len(lines))*words.leading() + 42
	s.panel(s.left(), s.y, s.wide(), height, 6, d.tone().soft())
	y := s.y + 30
	for _, line := range lines {
		s.text(s.left()+20, y, line, words)
		y += words.leading()
	}
	s.text(s.left()+20, y-3, truncate(s.instant(d.At), quiet, s.wide()-40), quiet)
	s.y += height + 20

	what := []fact{
		{"Document", cleanLine(c.Kind + " " + c.Number)},
		{"Title", cleanLine(c.Title)},
		{"Version", numberOr(c.Version)},
		{"Total", s.money(c.Total)},
	}
	for _, more := range c.More {
		what = append(what, fact{cleanLine(more.Label), cleanLine(more.Words)})
	}
	s.record("What was decided on", append(what, fact{"Content, SHA-256", cleanLine(c.ContentHash)}))
	s.record("Who decided, and from where", []fact{
		{"Name", cleanLine(d.By)},
		{"Email", cleanLine(d.Email)},
		{"For", cleanLine(c.To.Name)},
		{"Time", s.instant(d.At)},
		{"IP address", cleanLine(d.IP)},
		{"Browser", cleanLine(shortened(d.UserAgent, maxUserAgent))},
		{"Record", cleanLine(c.ID)},
	})
	s.text(s.left(), s.y-7, "The hash is that of the content as it was decided on: content that gives another hash is not what was decided on.", small)
	s.y += 17
	s.reason(d.Reason)
	return s.finish(w)
}

// reason sets a long reason smaller, so that the certificate stays one page. One
// that doesn't fit even so continues on another page: nothing of it is cut.
func (s *sheet) reason(text string) {
	st := quiet
	fits := func() bool {
		lines := wrap(strings.Trim(clean(text), "\n "), st, s.wide())
		return passageHead+float64(len(lines))*st.leading() <= s.room()
	}
	for st.size > 6.5 && !fits() {
		st.size -= 0.5
	}
	if !fits() {
		st = quiet
	}
	s.passage("Reason given", text, st, s.wide())
}

func numberOr(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// record draws facts under a heading, a label on the left and what it says
// beside it.
func (s *sheet) record(title string, facts []fact) {
	const labelWidth = 120.0
	s.keep(heading.leading() + 44)
	s.text(s.left(), s.y+heading.size, title, heading)
	s.y += heading.leading() + 4
	s.rule(s.left(), s.right(), s.y, 0.75, edge)
	for _, f := range facts {
		if f.value == "" {
			continue
		}
		lines := wrap(f.value, body, s.wide()-labelWidth)
		if s.room() < float64(min(len(lines), 3))*body.leading()+7 {
			s.nextPage()
		}
		s.text(s.left(), s.y+12.9, f.label, style{size: 8.5, colour: ink3})
		s.y += 3.5
		for _, line := range lines {
			if s.room() < body.leading() {
				s.nextPage()
			}
			s.text(s.left()+labelWidth, s.y+9.5, line, body)
			s.y += body.leading()
		}
		s.y += 3.5
		s.rule(s.left(), s.right(), s.y, 0.5, hairline)
	}
	s.y += 22
}
