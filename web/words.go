package web

import (
	"strconv"
	"time"

	"countersign/portal"
	"countersign/web/ui"
)

// Money writes an amount as the organization does.
func (r *Request) Money(m portal.Money) string { return m.Format(r.Org.Locale) }

// Amount is money for a component.
func (r *Request) Amount(m portal.Money) ui.Money { return ui.Money{Text: r.Money(m)} }

// Date writes a date as the organization does; empty for none.
func (r *Request) Date(d portal.Date) string { return d.Format(r.Org.Locale) }

// Today is the day that it is for the organization.
func (r *Request) Today() portal.Date { return portal.DateOf(r.Now, r.Org.Location()) }

// Day writes the day of an instant, in the organization's time zone; empty for none.
func (r *Request) Day(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return r.Date(portal.DateOf(*t, r.Org.Location()))
}

// Clock writes the time of day of an instant, in the organization's time zone.
func (r *Request) Clock(t time.Time) string {
	return portal.FormatClock(t, r.Org.Location(), r.Org.Locale)
}

// Instant writes day and time of an instant in full, with its zone: for evidence and receipts.
func (r *Request) Instant(t time.Time) string {
	return portal.FormatMoment(t, r.Org.Location(), r.Org.Locale)
}

// Moment is an instant as a page's prose says it: "Today, 10:42", and in full on hover.
func (r *Request) Moment(t time.Time) ui.Moment {
	if t.IsZero() {
		return ui.Moment{}
	}
	day := portal.DateOf(t, r.Org.Location())
	shown := r.Date(day) + ", " + r.Clock(t)
	switch day.DaysUntil(r.Today()) {
	case 0:
		shown = "Today, " + r.Clock(t)
	case 1:
		shown = "Yesterday, " + r.Clock(t)
	}
	return ui.Moment{Shown: shown, Exact: r.Instant(t), Machine: t.UTC().Format(time.RFC3339)}
}

// Plural writes a count with its noun: "1 invoice", "4 invoices".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
