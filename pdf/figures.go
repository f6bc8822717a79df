package pdf

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"countersign/portal"
)

// figures writes an organization's figures as its locale does.
type figures struct {
	locale  string
	printer *message.Printer
	point   string // the decimal separator
}

func newFigures(locale string) figures {
	tag, err := language.Parse(locale)
	if err != nil || tag == language.Und {
		tag = language.AmericanEnglish
	}
	if latin, err := tag.SetTypeForKey("nu", "latn"); err == nil {
		tag = latin
	}
	p := message.NewPrinter(tag)
	return figures{
		locale:  locale,
		printer: p,
		point:   strings.TrimFunc(p.Sprint(number.Decimal(1.5)), unicode.IsDigit),
	}
}

// money writes an amount; one without a currency is nothing at all. A sign that
// can't be drawn is written as the currency's code.
func (f figures) money(m portal.Money) string {
	if m.Currency == "" {
		return ""
	}
	text := cleanLine(m.Format(f.locale))
	before, after, signless := strings.Cut(text, string(missing))
	if !signless {
		return text
	}
	after = strings.TrimLeft(after, string(missing))
	if after != "" && onlyDigits(after[:1]) {
		after = "\u00a0" + after
	}
	return before + cleanLine(string(m.Currency)) + after
}

// less writes an amount that is taken off.
func (f figures) less(m portal.Money) string {
	negative, err := m.Neg()
	if err != nil {
		return f.money(m)
	}
	return f.money(negative)
}

func (f figures) date(d portal.Date) string { return cleanLine(d.Format(f.locale)) }

// decimal writes a number such as "1234.50" with the locale's separators. What
// isn't one is written as it is.
func (f figures) decimal(text string) string {
	digits := strings.TrimPrefix(text, "-")
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	if !onlyDigits(whole) || len(whole) > 18 || (hasFraction && !onlyDigits(fraction)) {
		return cleanLine(text)
	}
	var n uint64
	for _, d := range whole {
		n = n*10 + uint64(d-'0')
	}
	out := f.printer.Sprint(number.Decimal(n))
	if hasFraction {
		out += f.point + fraction
	}
	if len(digits) < len(text) {
		out = "−" + out
	}
	return cleanLine(out)
}

// percent writes "19" as "19%".
func (f figures) percent(text string) string {
	if text == "" {
		return ""
	}
	return f.decimal(text) + "%"
}

func onlyDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}

// instant writes a moment in the zone that it is given in, and in UTC: a
// record must not depend on knowing the zone.
func (f figures) instant(t time.Time) string {
	zone, offset := t.Zone()
	local := portal.DateOf(t, t.Location()).Format(f.locale) + ", " + t.Format("15:04:05") + " " + zone
	if offset == 0 {
		return cleanLine(local)
	}
	return cleanLine(local + " (" + t.UTC().Format("2006-01-02 15:04:05") + " UTC)")
}

// noon is the instant that a document of that date bears as a file.
func noon(d portal.Date) time.Time {
	if d.IsZero() {
		return time.Unix(0, 0).UTC() // fpdf would take the clock's
	}
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
}
