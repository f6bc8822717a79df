package portal

import (
	"net/mail"
	"slices"
	"strings"
	"time"
)

// ForwardStatus is where a forwarded document stands.
type ForwardStatus string

// The statuses of a forward.
const (
	// ForwardSending: it is being drawn and handed to the mail provider.
	ForwardSending ForwardStatus = "sending"
	// ForwardFollowing: it was handed over, and what becomes of it is awaited.
	ForwardFollowing ForwardStatus = "following"
	// ForwardEnded: all has been heard, or has been waited for long enough.
	ForwardEnded ForwardStatus = "ended"
)

// ForwardMachine says how a forward may move.
func ForwardMachine() Machine[ForwardStatus] {
	return Machine[ForwardStatus]{[]state[ForwardStatus]{
		{ForwardSending, live, []ForwardStatus{ForwardFollowing}},
		{ForwardFollowing, live, []ForwardStatus{ForwardEnded}},
		{ForwardEnded, final, nil},
	}}
}

// Live reports whether the forward's flow has work left.
func (s ForwardStatus) Live() bool { return slices.Contains(ForwardMachine().Live(), s) }

// ForwardedStatus is what became of a forward's email to one recipient. It
// follows the mail provider's word, in any order that comes.
type ForwardedStatus string

// The statuses of an email to a recipient.
const (
	ForwardedWaiting    ForwardedStatus = "waiting"
	ForwardedSent       ForwardedStatus = "sent"
	ForwardedDelivered  ForwardedStatus = "delivered"
	ForwardedDelayed    ForwardedStatus = "delayed"
	ForwardedBounced    ForwardedStatus = "bounced"
	ForwardedComplained ForwardedStatus = "complained"
	ForwardedFailed     ForwardedStatus = "failed"
)

// Settled reports whether no more is awaited. A complaint can still follow a
// delivery; it is noted whenever it comes.
func (s ForwardedStatus) Settled() bool {
	return s == ForwardedDelivered || s == ForwardedBounced || s == ForwardedComplained || s == ForwardedFailed
}

// Words say the status to people.
func (s ForwardedStatus) Words() string {
	switch s {
	case ForwardedWaiting:
		return "Being sent"
	case ForwardedSent:
		return "Sent"
	case ForwardedDelivered:
		return "Delivered"
	case ForwardedDelayed:
		return "Delayed"
	case ForwardedBounced:
		return "Came back"
	case ForwardedComplained:
		return "Marked as unwanted"
	case ForwardedFailed:
		return "Could not be sent"
	default:
		return string(s)
	}
}

// How much may be forwarded, so that nobody sends unwanted mail through a portal.
const (
	// MaxForwardRecipients of one forward.
	MaxForwardRecipients = 10
	// MaxForwardsOfPerson within an hour.
	MaxForwardsOfPerson = 20
	// MaxForwardsOfOrganization within 24 hours.
	MaxForwardsOfOrganization = 1000
	// MaxForwardMessage is the longest message, in characters.
	MaxForwardMessage = 2000
)

// ForwardLimits refuses one forward more than there may be: byPerson are those
// of the last hour, byAnybody the organization's of the last day.
func ForwardLimits(byPerson, byAnybody int64) error {
	refuse := func(wait time.Duration, words string) error {
		err := TooMany("Nothing was sent. "+words, wait)
		err.Fields = []FieldError{Field("recipients", "%s", words)}
		return err
	}
	switch {
	case byPerson >= MaxForwardsOfPerson:
		return refuse(15*time.Minute, "You have forwarded a lot within the last hour. Please go on later.")
	case byAnybody >= MaxForwardsOfOrganization:
		return refuse(time.Hour, "No more can be forwarded from this portal today.")
	}
	return nil
}

// ForwardAddresses reads the addresses that a document is forwarded to: plain
// addresses, none twice whatever the case, in the order given. Anything that is
// more than an address (a name, a line break, a second address) is refused.
func ForwardAddresses(texts []string) ([]string, error) {
	var addresses []string
	for _, text := range texts {
		address := strings.ToLower(strings.Trim(text, " "))
		if address == "" {
			continue
		}
		if !plainAddress(address) {
			return nil, Invalid("Nothing was sent.", Field("recipients", "%s can't be an email address. Enter addresses such as name@example.com.", visible(text)))
		}
		if !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	switch {
	case len(addresses) == 0:
		return nil, Invalid("Nothing was sent.", Field("recipients", "Enter at least one email address."))
	case len(addresses) > MaxForwardRecipients:
		return nil, Invalid("Nothing was sent.", Field("recipients", "These are %d addresses. A document can be forwarded to %d at a time.", len(addresses), MaxForwardRecipients))
	}
	return addresses, nil
}

// plainAddress accepts what mail is really sent to: RFC 5322's dot-atom before
// the @, and a domain of the web after it. Quoted local parts, comments, address
// literals and local host names, all legal in RFC 5322, are not for strangers.
func plainAddress(s string) bool {
	if len(s) > 254 {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),:;<>[\]`, r) {
			return false
		}
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Name != "" || parsed.Address != s {
		return false
	}
	local, domain, _ := strings.Cut(s, "@")
	labels := strings.Split(domain, ".")
	if len(local) > 64 || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

// visible is a short, visible form of what somebody typed.
func visible(s string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return '␤'
		}
		return r
	}, s)
	if short := []rune(plain); len(short) > 60 {
		plain = string(short[:60]) + "…"
	}
	return "“" + plain + "”"
}
