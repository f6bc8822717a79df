package portal

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustLoad(t interface{ Fatal(...any) }, zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestParseDateTakesDaysOfTheCalendar(t *testing.T) {
	if d, err := ParseDate("2028-02-29"); err != nil || d != (Date{2028, time.February, 29}) {
		t.Errorf("got %v, %v", d, err)
	}
	for _, text := range []string{"", "2026-02-29", "2026-11-31", "2026-13-01", "2026-1-2", "22.11.2026", "0000-01-01", "2026-11-22T00:00:00Z"} {
		_, err := ParseDate(text)
		wantCode(t, err, CodeInvalid)
	}
}

func TestDateArithmetic(t *testing.T) {
	if got := NewDate(2026, time.February, 31); got != (Date{2026, time.March, 3}) {
		t.Errorf("February 31 is %v", got)
	}
	nov22 := Date{2026, time.November, 22}
	for days, want := range map[int]string{0: "2026-11-22", 9: "2026-12-01", -22: "2026-10-31", 40: "2027-01-01", 365: "2027-11-22"} {
		got := nov22.AddDays(days)
		if got.String() != want {
			t.Errorf("%d days after %v: got %v, want %s", days, nov22, got, want)
		}
		if back := nov22.DaysUntil(got); back != days {
			t.Errorf("from %v until %v: got %d days, want %d", nov22, got, back, days)
		}
	}
	if !nov22.Before(nov22.AddDays(1)) || nov22.Before(nov22) || !nov22.After(nov22.AddDays(-1)) || nov22.After(nov22) {
		t.Error("the order of days is wrong")
	}
}

func TestDateOfDependsOnTheZone(t *testing.T) {
	instant := time.Date(2026, time.November, 22, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "2026-11-22", "Asia/Tokyo": "2026-11-23", "America/New_York": "2026-11-22", "Pacific/Kiritimati": "2026-11-23"} {
		if got := DateOf(instant, mustLoad(t, zone)); got.String() != want {
			t.Errorf("in %s: got %v, want %s", zone, got, want)
		}
	}
}

// R66
func TestEndOfDayWhereClocksChangeAtMidnight(t *testing.T) {
	for _, test := range []struct{ zone, date, want, why string }{
		{"UTC", "2026-11-22", "2026-11-23T00:00:00Z", "an ordinary day"},
		{"America/New_York", "2026-11-22", "2026-11-23T05:00:00Z", "five hours behind"},
		{"America/New_York", "2026-03-08", "2026-03-09T04:00:00Z", "a day of 23 hours"},
		{"America/New_York", "2026-11-01", "2026-11-02T05:00:00Z", "a day of 25 hours"},
		{"Asia/Kolkata", "2026-11-22", "2026-11-22T18:30:00Z", "half an hour off"},
		{"Pacific/Kiritimati", "2026-11-22", "2026-11-22T10:00:00Z", "fourteen hours ahead"},
		{"America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00:00Z", "the next day begins at 01:00"},
		{"America/Sao_Paulo", "2018-02-17", "2018-02-18T03:00:00Z", "the last hour comes twice"},
		{"Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00Z", "the next day begins at 01:00"},
		{"Africa/Cairo", "2026-10-29", "2026-10-29T22:00:00Z", "the last hour comes twice"},
		{"America/Havana", "2026-10-31", "2026-11-01T04:00:00Z", "the next day's first hour comes twice"},
		{"America/St_Johns", "2010-11-06", "2010-11-07T03:30:00Z", "a minute of the next day comes before the last hour's second time"},
		{"Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z", "the next day was skipped"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "a day that never was"},
	} {
		d, err := ParseDate(test.date)
		if err != nil {
			t.Fatal(err)
		}
		got := d.EndOfDay(mustLoad(t, test.zone))
		if got.UTC().Format(time.RFC3339) != test.want {
			t.Errorf("%s in %s (%s): got %v, want %s", test.date, test.zone, test.why, got.UTC().Format(time.RFC3339), test.want)
		}
	}
}

// R66
func TestDaysTileTimeInEveryZone(t *testing.T) {
	zones := []string{
		"UTC", "Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York", "America/Santiago", "America/Sao_Paulo",
		"America/St_Johns", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Asia/Tehran", "Asia/Tokyo", "Atlantic/Azores",
		"Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Niue",
	}
	rapid.Check(t, func(t *rapid.T) {
		loc := mustLoad(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		d := NewDate(2000, time.January, 1).AddDays(rapid.IntRange(0, 15_000).Draw(t, "day"))
		start, end := d.StartOfDay(loc), d.EndOfDay(loc)

		if next := d.AddDays(1).StartOfDay(loc); !next.Equal(end) {
			t.Fatalf("%v ends at %v, the next day starts at %v", d, end, next)
		}
		if length := end.Sub(start); length < 0 || length > 27*time.Hour {
			t.Fatalf("%v lasts %v", d, length)
		}
		// At its end the day is over, and it doesn't come back.
		for _, later := range []time.Duration{0, time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour} {
			if got := DateOf(end.Add(later), loc); !got.After(d) {
				t.Fatalf("%v after %v ends, it is %v", later, d, got)
			}
		}
		// Just before, it isn't over; a day that was skipped has no such instant.
		if before := DateOf(end.Add(-time.Nanosecond), loc); end.After(start) && before != d {
			t.Fatalf("just before %v ends, it is %v", d, before)
		}
	})
}

func TestDateReadsBackWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDate(1, time.January, 1).AddDays(rapid.IntRange(0, 3_600_000).Draw(t, "day"))
		if got, err := ParseDate(d.String()); err != nil || got != d {
			t.Fatalf("%v is read %v, %v", d, got, err)
		}
		text, err := json.Marshal(d)
		var got Date
		if err != nil || json.Unmarshal(text, &got) != nil || got != d {
			t.Fatalf("%v is %s in JSON and read %v", d, text, got)
		}
		value, err := d.Value()
		got = Date{}
		if err != nil || got.Scan(value) != nil || got != d {
			t.Fatalf("%v is %v in the database and read %v", d, value, got)
		}
	})
}

func TestNoDateTravelsAsNothing(t *testing.T) {
	if text, err := json.Marshal(Date{}); err != nil || string(text) != `""` {
		t.Errorf("JSON: %s, %v", text, err)
	}
	got := day(1)
	if err := json.Unmarshal([]byte(`""`), &got); err != nil || !got.IsZero() {
		t.Errorf("from JSON: %v, %v", got, err)
	}
	if value, err := (Date{}).Value(); err != nil || value != nil {
		t.Errorf("to the database: %v, %v", value, err)
	}
	got = day(1)
	if err := got.Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("from the database: %v, %v", got, err)
	}
	if text := (Date{}).Format("en-US"); text != "" {
		t.Errorf("for people: %q", text)
	}
}

func TestDateRefusesWhatIsNoDate(t *testing.T) {
	var d Date
	if err := json.Unmarshal([]byte(`"tomorrow"`), &d); CodeOf(err) != CodeInvalid {
		t.Errorf("JSON: %v", err)
	}
	if err := d.Scan("infinity"); err == nil {
		t.Error("infinity was scanned")
	}
	if err := d.Scan(7); err == nil {
		t.Error("a number was scanned")
	}
	if err := d.Scan("2026-11-22"); err != nil || d != day(22) {
		t.Errorf("text: %v, %v", d, err)
	}
}

func TestDateFormatWritesAsTheLocaleDoes(t *testing.T) {
	for locale, want := range map[string]string{
		"en-US": "Nov 2, 2026", "en": "Nov 2, 2026", "en-CA": "Nov 2, 2026", "en-GB": "2 Nov 2026", "en-AU": "2 Nov 2026",
		"de": "02.11.2026", "de-DE": "02.11.2026", "fi-FI": "2.11.2026", "fr-FR": "02/11/2026", "fr-CA": "2026-11-02",
		"fr-CH": "02.11.2026", "nl-NL": "02-11-2026", "ja": "2026年11月2日", "ja-JP": "2026年11月2日", "zh-CN": "2026年11月2日",
		"ko-KR": "2026년 11월 2일", "sv-SE": "2026-11-02", "ar-KW": "2026-11-02", "": "Nov 2, 2026", "not a locale": "Nov 2, 2026",
	} {
		if got := day(2).Format(locale); got != want {
			t.Errorf("%q: got %q, want %q", locale, got, want)
		}
	}
}
