// Placeholders: what may stand in {{double braces}}, and how a value is made harmless.

package mail

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Kind says what a placeholder's value is, and so where it may stand.
type Kind int

const (
	// Text is one line of words; line breaks in a value become spaces.
	Text Kind = iota
	// Lines is text with line breaks. After "- " each line becomes an item.
	Lines
	// Rows is lines of the form "label: value", parted at the last colon. After "- " they become a table's rows.
	Rows
	// Entries is lines of the form "words <address>". After "- " each becomes an item that leads to its address, which is
	// one of ours; what stands before the last " <" is words and nothing else.
	Entries
	// Link is an address of ours; the only thing that a button may lead to.
	Link
)

// Placeholder is one of the values that a template may use.
type Placeholder struct {
	Name string
	Kind Kind
	// About tells staff what will stand there.
	About string
	// Sample is the value used in a preview.
	Sample string
}

// vocabulary is every placeholder of every template: one name means one thing wherever it is used.
func vocabulary() []Placeholder {
	const (
		portal  = "https://portal.example.com/bright"
		console = "https://portal.example.com/console/bright"
	)
	return []Placeholder{
		{"accept_link", Link, "Where the contact accepts and chooses a password", portal + "/invitations/sample"},
		{"accepted_by", Text, "Who accepted", "Ann Lovelace"},
		{"accepted_on", Text, "The day it was accepted", "14 March 2026"},
		{"activity_count", Text, "How many things happened, in words", "3 new activities"},
		{"activity_list", Entries, "What happened, each with a link to its page", Entry("Ann Lovelace accepted estimate EST-0042", console+"/estimates/sample") + "\n" +
			Entry("Ann Lovelace viewed invoice INV-0107", console+"/invoices/sample") + "\n" +
			Entry("Ben Okafor commented on invoice INV-0107: “Could you add our order number?”", console+"/invoices/sample")},
		{"amount", Text, "The amount of the payment", "$1,250.00"},
		{"changed_on", Text, "When it was changed", "14 March 2026, 15:04 GMT"},
		{"approved_hours", Text, "The hours that were approved", "30 hours"},
		{"autopay_link", Link, "Autopay's page", portal + "/account/autopay"},
		{"autopay_terms", Lines, "What the contact agreed to", "I allow Bright Studio to charge the way to pay that I chose for each invoice."},
		{"card_warning", Text, "That the card will have expired, if it will", "This card will have expired by then: please choose another way to pay."},
		{"charge_on", Text, "When it is charged", "31 March 2026, 9:00 GMT"},
		{"comment_list", Entries, "What was written, if it is several comments, each with a link to its page",
			Entry("Grace Bright commented on invoice INV-0107: “We have added your order number.”", portal+"/invoices/sample")},
		{"comment", Lines, "What was written, if it is one comment", "Thank you, we have added the second site visit.\nIs Thursday fine?"},
		{"commented_by", Text, "Who wrote", "Grace Bright"},
		{"console_link", Link, "The page in the console", console + "/activity"},
		{"contact_email", Text, "The contact's email address", "ann@lovelace.example"},
		{"contact_name", Text, "The contact who receives the email", "Ann Lovelace"},
		{"credit_note", Text, "That credit is used first, if it is", "Your credit with Bright Studio is used first, and only what is left is charged."},
		{"customer_name", Text, "The customer's name", "Lovelace Ltd"},
		{"decided_by", Text, "Who decided", "Ann Lovelace"},
		{"decided_on", Text, "The day of the decision", "14 March 2026"},
		{"decline_reason", Lines, "The reason given, if any", "We would like to start in the autumn."},
		{"declined_by", Text, "Who declined", "Ann Lovelace"},
		{"declined_on", Text, "The day it was declined", "14 March 2026"},
		{"document", Text, "The document, in words", "invoice INV-0107"},
		{"document_link", Link, "The document's page", portal + "/invoices/sample"},
		{"due_on", Text, "The day it is due", "31 March 2026"},
		{"ended_by", Text, "Who turned it off", "Grace Bright"},
		{"estimate_link", Link, "The estimate's page", portal + "/estimates/sample"},
		{"estimate_number", Text, "The estimate's number", "EST-0042"},
		{"expires_on", Text, "When the link stops working", "28 March 2026"},
		{"failure_reason", Text, "Why it failed, in plain words", "The bank declined: insufficient funds."},
		{"forwarded_by", Text, "Who forwarded", "Ann Lovelace"},
		{"forgot_link", Link, "Where a new password is asked for", portal + "/password"},
		{"hours", Text, "The hours waiting for approval", "37.5 hours"},
		{"invited_by", Text, "Who added the colleague", "Grace Bright"},
		{"invoice_link", Link, "The invoice's page", portal + "/invoices/sample"},
		{"invoice_list", Rows, "The invoices and what each was paid, one a line", "INV-0107: $1,000.00\nINV-0108: $250.00"},
		{"invoice_number", Text, "The invoice's number", "INV-0107"},
		{"message", Lines, "A personal note, if any", "It was good to see you on Tuesday.\nCall me with any question."},
		{"message_subject", Text, "The subject that the contact wrote", "A question about March"},
		{"next_try", Text, "When it is tried again, if it is", "Tuesday, 17 March 2026, 9:00"},
		{"organization_name", Text, "Your organization's name", "Bright Studio"},
		{"outcome", Text, "What was decided", "partly approved"},
		{"paid_on", Text, "The day of the payment", "14 March 2026"},
		{"payment_details_link", Link, "Where a way to pay is saved, after sign-in", portal + "/account/methods/new"},
		{"payment_link", Link, "The payment's page", portal + "/payments/sample"},
		{"payment_method", Text, "How it was paid", "Visa ending in 4242"},
		{"payment_number", Text, "The payment's number", "PAY-0031"},
		{"period", Text, "The days it covers", "1–15 March 2026"},
		{"portal_link", Link, "Where to sign in", portal + "/sign-in"},
		{"project_name", Text, "The project's name", "New website"},
		{"reason", Text, "The reason that was given, if any", "Tuesday was not agreed."},
		{"recalled_by", Text, "Who took it back", "Grace Bright"},
		{"receipt_link", Link, "The receipt's page", portal + "/payments/sample"},
		{"refund_reason", Text, "Why it was given back, if that was said", "Ordered twice"},
		{"refunded_on", Text, "The day it was given back", "20 March 2026"},
		{"rejected_hours", Text, "The hours that were rejected, if any", "7.5 hours"},
		{"requested_by", Text, "Who asks", "Grace Bright"},
		{"reset_link", Link, "Where a new password is chosen", portal + "/password/sample"},
		{"return_reason", Text, "Why the bank took it back, in plain words", "There was not enough money in the account."},
		{"returned_on", Text, "The day the bank took it back", "20 March 2026"},
		{"staff_name", Text, "The member of staff who receives the email", "Grace Bright"},
		{"timesheet_link", Link, "The timesheet's page", portal + "/timesheets/sample"},
		{"timesheet_number", Text, "The timesheet's number", "TS-0012"},
		{"total", Text, "The total with tax", "$1,250.00"},
		{"valid_until", Text, "The last day it can be accepted", "28 March 2026"},
	}
}

// Entry is one line of a value of kind Entries.
func Entry(words, address string) string {
	return strings.Join(strings.Fields(words), " ") + " <" + address + ">"
}

// Markers stand between two private-use characters, which no value and no template may hold.
const (
	markerStart = '\ue0f1'
	markerEnd   = '\ue0f2'
)

// Marker stands in a rendered email for a value that must not be stored, such as the token in a link. It may be the
// whole value of a Link placeholder or a part of it: base + "?token=" + Marker("token"). See Rendered.Fill.
func Marker(name string) string {
	return string(markerStart) + name + string(markerEnd)
}

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n",
	"\u0085", "\n")

// harmless takes from a value what could make it pass for something else: line breaks (unless lines are wanted) and
// harmful characters.
func harmless(value string, kind Kind) string {
	value = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case harmful(r):
			return -1
		}
		return r
	}, lineBreaks.Replace(value))
	if kind == Lines || kind == Rows || kind == Entries {
		return strings.TrimSpace(value)
	}
	return strings.Join(strings.Fields(value), " ")
}

// harmful tells of characters that no words need: controls, those that reverse the text around them, and those that
// markers are made of.
func harmful(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Co, r) || r == unicode.ReplacementChar || r == '\ufeff' ||
		(r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

// checkLink accepts absolute http and https addresses, with markers in them or consisting of one.
func checkLink(value string) error {
	bare, whole := value, false
	for _, name := range markersIn(value) {
		whole = whole || value == Marker(name)
		bare = strings.ReplaceAll(bare, Marker(name), "marker")
	}
	if whole {
		return nil
	}
	for _, r := range bare {
		if r <= ' ' || r > '~' || strings.ContainsRune("\"'<>\\`", r) {
			return fmt.Errorf("has %q, which no address has", r)
		}
	}
	u, err := url.Parse(bare)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf("is not an http or https address")
	}
	return nil
}

// markersIn lists the names of the markers in s, in order, each as often as it is there.
func markersIn(s string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(s, string(markerStart))
		if !found {
			return names
		}
		name, after, found := strings.Cut(rest, string(markerEnd))
		if !found {
			return names
		}
		names, s = append(names, name), after
	}
}
