package portal

import (
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// The limits of a time entry.
const (
	MaxHours         = 24
	MaxHoursDecimals = 2
)

// CheckHours says what is wrong with the hours of one time entry, in a sentence
// for people, or nothing.
func CheckHours(h decimal.Decimal) string {
	if !reasonable(h) || !h.IsPositive() || h.GreaterThan(decimal.NewFromInt(MaxHours)) || !h.Equal(h.Truncate(MaxHoursDecimals)) {
		return "Enter hours above 0 and up to 24, with at most two decimals, such as 7.5."
	}
	return ""
}

// FormatHours writes hours for people: "1 hour", "1,037.5 hours". Separators are
// the locale's; the word is English, as our pages are.
func FormatHours(h decimal.Decimal, locale string) string {
	text := FormatDecimal(h, locale)
	if h.Equal(decimal.NewFromInt(1)) {
		return text + noBreak + "hour"
	}
	return text + noBreak + "hours"
}

// UnitWords writes a line's unit as it follows its quantity: of the plural of a length of
// time, one is singular ("1 hour"). Any other unit is as its writer has it.
func UnitWords(quantity, unit string) string {
	if n, err := decimal.NewFromString(quantity); err == nil && n.Equal(decimal.NewFromInt(1)) {
		switch unit {
		case "hours", "days", "weeks", "months":
			return strings.TrimSuffix(unit, "s")
		}
	}
	return unit
}

// FormatDecimal writes a number with the locale's separators and no more
// decimals than it has.
func FormatDecimal(d decimal.Decimal, locale string) string {
	p := message.NewPrinter(latinDigits(localeTag(locale)))
	whole, fraction, _ := strings.Cut(d.Abs().String(), ".")
	n, err := decimal.NewFromString(whole)
	if err != nil || utf8.RuneCountInString(whole) > 15 {
		return d.String()
	}
	text := p.Sprint(number.Decimal(n.IntPart()))
	if fraction != "" {
		text += decimalPoint(p) + fraction
	}
	if d.IsNegative() {
		text = minusSign(p) + text
	}
	return text
}

// Hours is the time logged on a task, a project or anything else that adds up.
type Hours struct {
	// Logged is all of it.
	Logged decimal.Decimal `json:"logged"`
	// Billable is what the customer is to pay, sooner or later.
	Billable decimal.Decimal `json:"billable"`
	// Billed is what stands on invoices that were sent.
	Billed decimal.Decimal `json:"billed"`
	// Drafted is what stands on invoices that were not sent yet.
	Drafted decimal.Decimal `json:"drafted"`
}

// Unbilled is what is billable and not billed yet, drafted or not.
func (h Hours) Unbilled() decimal.Decimal { return h.Billable.Sub(h.Billed) }

// Plus adds up.
func (h Hours) Plus(o Hours) Hours {
	return Hours{h.Logged.Add(o.Logged), h.Billable.Add(o.Billable), h.Billed.Add(o.Billed), h.Drafted.Add(o.Drafted)}
}
