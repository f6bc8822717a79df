package portal

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a day of the calendar, without a time or a zone: a due date, a
// valid-until date. Which instants belong to it depends on a zone, which the
// caller gives. The zero Date means that there is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// isoDate is how dates travel: RFC 3339, full-date.
const isoDate = "2006-01-02"

// NewDate is the given day; a day past the month's end is taken on into the
// next, as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return dateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// ParseDate reads a date such as "2026-11-22". It refuses a day that the
// calendar doesn't have.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(isoDate, text)
	if err != nil || t.Year() < 1 {
		return Date{}, Invalid("This is not a date. Write it as year, month and day, such as 2026-11-22.")
	}
	return dateOf(t), nil
}

// DateOf is the day on which the instant t falls in loc.
func DateOf(t time.Time, loc *time.Location) Date { return dateOf(t.In(loc)) }

func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// String writes the date as "2026-11-22", and the zero Date as "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare is negative when d is before e, 0 when they are equal, and positive
// when d is after e.
func (d Date) Compare(e Date) int { return d.midnightUTC().Compare(e.midnightUTC()) }

// Before reports whether d is before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is after e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// AddDays is the date n days later (earlier, when n is negative).
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// DaysUntil is the number of days from d to e; negative when e is before d.
func (d Date) DaysUntil(e Date) int {
	const day = 24 * 60 * 60 // in UTC every day has as many seconds
	return int((e.midnightUTC().Unix() - d.midnightUTC().Unix()) / day)
}

// EndOfDay is the instant at which the day is over in loc: the first one
// after the last that bears its date. It is midnight, except where the clocks
// change there: they may skip midnight, or fall back over it, and then the
// date is not over until it ends for the second time.
func (d Date) EndOfDay(loc *time.Location) time.Time {
	midnight := d.AddDays(1).midnightUTC()
	// No zone is further than a day from UTC, so the answer lies in between.
	from, until := midnight.Add(-26*time.Hour), midnight.Add(26*time.Hour)

	end := from
	for t := from.In(loc); t.Before(until); {
		start, stop := t.ZoneBounds()
		_, offset := t.Zone()
		// Within these bounds the offset is constant, and the date is over here:
		over := midnight.Add(-time.Duration(offset) * time.Second)
		if !stop.IsZero() && stop.Before(over) {
			over = stop
		}
		if (start.IsZero() || over.After(start)) && over.After(end) {
			end = over
		}
		if stop.IsZero() {
			break
		}
		t = stop.In(loc)
	}
	return end.In(loc)
}

// StartOfDay is the instant at which the day begins in loc: when the day
// before it is over.
func (d Date) StartOfDay(loc *time.Location) time.Time { return d.AddDays(-1).EndOfDay(loc) }

func (d Date) midnightUTC() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// MarshalText writes the date as String does; JSON uses it too.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value is the date as database drivers take it: midnight UTC, or NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.midnightUTC(), nil
}

// Scan reads a date as database drivers give it. NULL is the zero Date.
func (d *Date) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		*d = dateOf(v)
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	default:
		return fmt.Errorf("scan date: unexpected %T", value)
	}
}

// Format writes the date for people, as locale (a BCP 47 tag) does: "Nov 22,
// 2026", "22 Nov 2026", "22.11.2026". English writes the month as a word;
// other languages write digits, since our pages' words are English. A locale
// that isn't known gets the form that can't be misread, "2026-11-22".
func (d Date) Format(locale string) string {
	if d.IsZero() {
		return ""
	}
	return d.midnightUTC().Format(dateLayout(locale))
}

// dateLayout is the locale's order and separators (CLDR), as a time layout.
func dateLayout(locale string) string {
	tag := localeTag(locale)
	base, _ := tag.Base()
	region, _ := tag.Region()
	switch base.String() + "-" + region.String() {
	case "en-US", "en-CA", "en-PH", "en-PR":
		return "Jan 2, 2006"
	case "fr-CA":
		return isoDate
	case "fr-CH":
		return "02.01.2006"
	}
	switch base.String() {
	case "en":
		return "2 Jan 2006"
	case "de", "pl", "ro", "ru", "uk", "tr", "nb", "no", "nn", "da", "et", "lv", "az", "ka", "hy":
		return "02.01.2006"
	case "fi", "cs", "sk", "is", "he", "mk":
		return "2.1.2006"
	case "fr", "it", "es", "pt", "el", "vi", "id", "ms", "ca", "gl", "hi":
		return "02/01/2006"
	case "nl":
		return "02-01-2006"
	case "ja", "zh", "yue":
		return "2006年1月2日"
	case "ko":
		return "2006년 1월 2일"
	default:
		return isoDate
	}
}
