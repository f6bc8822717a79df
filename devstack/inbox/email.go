// Emails as the inbox keeps them.

package inbox

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Email is one email that was accepted.
type Email struct {
	ID  string `json:"id"`
	Seq int64  `json:"seq"` // grows with every email: a later one has a greater number
	// At is when it was accepted, UTC.
	At          time.Time         `json:"at"`
	From        string            `json:"from"`
	To          []string          `json:"to"`
	CC          []string          `json:"cc,omitempty"`
	BCC         []string          `json:"bcc,omitempty"`
	ReplyTo     []string          `json:"reply_to,omitempty"`
	Subject     string            `json:"subject"`
	Text        string            `json:"text,omitempty"`
	HTML        string            `json:"html,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Attachments []Attachment      `json:"attachments,omitempty"`
	// IdempotencyKey is the key it was sent with; may be empty.
	IdempotencyKey string  `json:"idempotency_key,omitempty"`
	Events         []Event `json:"events"`
}

// Attachment is a file that came with an email. Lists leave Bytes out.
type Attachment struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int    `json:"size"`
	Bytes       []byte `json:"bytes,omitempty"`
}

// Event is what happened to an email, and whether the webhook that told of it was answered.
type Event struct {
	ID       string    `json:"id"` // the webhook's svix-id
	Type     string    `json:"type"`
	At       time.Time `json:"at"`
	Told     bool      `json:"told"` // answered with 2xx
	Attempts int       `json:"attempts"`
	Trouble  string    `json:"trouble,omitempty"` // why the last attempt failed
}

// Types of Event.
const (
	Sent       = "email.sent"
	Delivered  = "email.delivered"
	Bounced    = "email.bounced"
	Complained = "email.complained"
	Delayed    = "email.delivery_delayed"
)

// LastEvent is the newest event's type without its prefix: "delivered".
func (e Email) LastEvent() string {
	if len(e.Events) == 0 {
		return "queued"
	}
	return strings.TrimPrefix(e.Events[len(e.Events)-1].Type, "email.")
}

// Links are the addresses that the HTML links to, in order, each once; those that the text shows when there is no HTML.
func (e Email) Links() []string {
	var links []string
	add := func(link string) {
		if !slices.Contains(links, link) {
			links = append(links, link)
		}
	}
	if e.HTML == "" {
		for _, word := range strings.Fields(e.Text) {
			word = strings.TrimLeft(word, "(<")
			if strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") {
				add(strings.TrimRight(word, ".,;:)>"))
			}
		}
		return links
	}
	e.anchors(func(href, _ string) { add(href) })
	return links
}

// Link is the address behind the first link in the HTML whose words contain those, or "" when there is none.
func (e Email) Link(words string) string {
	found := ""
	e.anchors(func(href, text string) {
		if found == "" && strings.Contains(text, words) {
			found = href
		}
	})
	return found
}

func (e Email) anchors(visit func(href, text string)) {
	root, err := html.Parse(strings.NewReader(e.HTML))
	if err != nil {
		return // the parser takes any text; only a reader fails
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "href" {
				visit(a.Val, words(n))
			}
		}
	}
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// isFor tells whether the email went to that address; an empty one matches all.
func (e Email) isFor(address string) bool {
	if address == "" {
		return true
	}
	for _, to := range slices.Concat(e.To, e.CC, e.BCC) {
		if strings.EqualFold(bare(to), address) {
			return true
		}
	}
	return false
}

// bare is the address in "Name <address>".
func bare(s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return s
	}
	return a.Address
}

// light is the email without the attachments' contents.
func (e Email) light() Email {
	e.Attachments = slices.Clone(e.Attachments)
	for i := range e.Attachments {
		e.Attachments[i].Bytes = nil
	}
	e.Events = slices.Clone(e.Events)
	return e
}
