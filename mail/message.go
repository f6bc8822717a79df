// Message: an email ready to be sent, and who sends it.

package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode/utf8"
)

// Sender hands emails to a provider. Send returns the provider's ID of the email, or an *Error.
type Sender interface {
	Send(ctx context.Context, message Message) (providerID string, err error)
}

// Message is one email.
type Message struct {
	From    string   // "Bright Studio <billing@bright.example>"; see Address
	To      []string // 1 to 50 addresses
	ReplyTo string   // may be empty
	Subject string
	Text    string
	HTML    string
	// Attachments together may have 28 MiB, so that they stay under Resend's 40 MB once encoded.
	Attachments []Attachment
	// Tags come back in webhooks: letters, digits, _ and - only.
	Tags map[string]string
	// IdempotencyKey makes sending the same message again harmless for 24 hours: the delivery's ID.
	IdempotencyKey string
}

// Attachment is a file that travels with an email.
type Attachment struct {
	Name        string // "INV-0107.pdf"
	ContentType string // "application/pdf"
	Bytes       []byte
}

const (
	maxRecipients      = 50
	maxAttachmentBytes = 28 << 20
	maxIdempotencyKey  = 256
	maxTag             = 256
)

// Address writes a name and an email address as one header value. It fails when either could break out of the header or
// the address is none.
func Address(name, address string) (string, error) {
	if harmless(name, Text) != strings.Join(strings.Fields(name), " ") || strings.ContainsAny(name, "\r\n") {
		return "", errors.New("the name has characters that no name has")
	}
	parsed, err := parseAddress(address)
	if err != nil {
		return "", err
	}
	if parsed.Address != address {
		return "", errors.New("the address has more in it than an address")
	}
	if name = strings.Join(strings.Fields(name), " "); name == "" {
		return address, nil
	}
	// Resend encodes names itself; quoting is all they need.
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `" <` + address + `>`, nil
}

// check refuses what must not reach a provider: broken addresses, line breaks in headers, secrets that were not filled in.
func (m Message) check() error {
	if _, err := parseAddress(m.From); err != nil {
		return fmt.Errorf("from: %w", err)
	}
	if len(m.To) < 1 || len(m.To) > maxRecipients {
		return fmt.Errorf("to: %d recipients, want 1 to %d", len(m.To), maxRecipients)
	}
	for _, to := range m.To {
		if _, err := parseAddress(to); err != nil {
			return fmt.Errorf("to: %w", err)
		}
	}
	if m.ReplyTo != "" {
		if _, err := parseAddress(m.ReplyTo); err != nil {
			return fmt.Errorf("reply-to: %w", err)
		}
	}
	if strings.TrimSpace(m.Subject) == "" || !oneLine(m.Subject) {
		return errors.New("the subject is empty or has a line break")
	}
	if m.Text == "" && m.HTML == "" {
		return errors.New("there is neither text nor HTML")
	}
	if unfilled := (Rendered{Text: m.Subject + m.Text, HTML: m.HTML}).Unfilled(); len(unfilled) > 0 {
		return fmt.Errorf("not filled in: %s", strings.Join(unfilled, ", "))
	}
	if m.IdempotencyKey == "" || len(m.IdempotencyKey) > maxIdempotencyKey || !oneLine(m.IdempotencyKey) {
		return fmt.Errorf("the idempotency key must be one line of 1 to %d bytes", maxIdempotencyKey)
	}
	size := 0
	for _, a := range m.Attachments {
		size += len(a.Bytes)
		if a.Name == "" || !oneLine(a.Name) || strings.ContainsAny(a.Name, `/\"`) || !oneLine(a.ContentType) || len(a.Bytes) == 0 {
			return fmt.Errorf("attachment %q: bad name or type, or no content", a.Name)
		}
	}
	if size > maxAttachmentBytes {
		return fmt.Errorf("the attachments have %d bytes, at most %d are possible", size, maxAttachmentBytes)
	}
	for name, value := range m.Tags {
		if !isTag(name) || !isTag(value) {
			return fmt.Errorf("tag %q=%q: only letters, digits, _ and - are possible", name, value)
		}
	}
	return nil
}

func parseAddress(s string) (*netmail.Address, error) {
	if !oneLine(s) || !utf8.ValidString(s) {
		return nil, errors.New("an address has a line break or control character")
	}
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("not an email address: %w", err)
	}
	return a, nil
}

func oneLine(s string) bool {
	for _, r := range s {
		if r != '\t' && harmful(r) {
			return false
		}
	}
	return !strings.ContainsAny(s, "\u2028\u2029")
}

func isTag(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' {
			return false
		}
	}
	return s != "" && len(s) <= maxTag
}
