package portal

import (
	"time"

	"golang.org/x/text/language"
)

// FormatClock writes the time of day of an instant in loc, as locale does.
func FormatClock(t time.Time, loc *time.Location, locale string) string {
	layout := "15:04"
	if twelveHours(locale) {
		layout = "3:04\u00a0PM"
	}
	return t.In(loc).Format(layout)
}

// FormatMoment writes day and time of an instant in full, with its zone: for
// evidence, receipts and what is going to happen.
func FormatMoment(t time.Time, loc *time.Location, locale string) string {
	zone := t.In(loc).Format("MST")
	if zone[0] == '+' || zone[0] == '-' {
		zone = "UTC" + zone // a zone that has no letters of its own
	}
	return DateOf(t, loc).Format(locale) + ", " + FormatClock(t, loc, locale) + " " + zone
}

// twelveHours are the regions whose clocks say AM and PM.
func twelveHours(locale string) bool {
	tag, err := language.Parse(locale)
	if err != nil {
		return true // written as American English, like its money
	}
	region, _ := tag.Region()
	switch region.String() {
	case "US", "CA", "AU", "NZ", "PH", "IN", "PK", "EG", "SA", "MY", "MX", "CO":
		return true
	}
	return false
}
