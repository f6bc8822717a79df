package portal

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestHoursOfAnEntryAreSane(t *testing.T) { // R43
	for text, fine := range map[string]bool{
		"0.01": true, "0.25": true, "7.5": true, "8": true, "24": true, "24.00": true, "7.500": true,
		"0": false, "-1": false, "24.01": false, "1.005": false, "1e9": false,
	} {
		if problem := CheckHours(decimal.RequireFromString(text)); (problem == "") != fine {
			t.Errorf("%s: %q", text, problem)
		}
	}
}

func TestHoursAreWrittenForPeople(t *testing.T) {
	for _, c := range []struct{ hours, locale, want string }{
		{"1", "en-US", "1\u00a0hour"}, {"1037.5", "en-US", "1,037.5\u00a0hours"}, {"1037.25", "de-DE", "1.037,25\u00a0hours"}, {"0.5", "ja-JP", "0.5\u00a0hours"},
	} {
		if got := FormatHours(decimal.RequireFromString(c.hours), c.locale); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.hours, c.locale, got, c.want)
		}
	}
}

func TestOneOfAUnitOfTimeIsSingular(t *testing.T) {
	for _, c := range []struct{ quantity, unit, want string }{
		{"1", "hours", "hour"}, {"1.00", "days", "day"}, {"1.5", "hours", "hours"}, {"0", "hours", "hours"}, {"1", "pcs", "pcs"}, {"1", "", ""}, {"many", "hours", "hours"},
	} {
		if got := UnitWords(c.quantity, c.unit); got != c.want {
			t.Errorf("%s of %q is %q, want %q", c.quantity, c.unit, got, c.want)
		}
	}
}

// entriesOf draws time entries of a few tasks, people and rates.
func entriesOf(t *rapid.T) []TimeToInvoice {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) TimeToInvoice {
		return TimeToInvoice{
			Day:   NewDate(2026, 3, rapid.IntRange(1, 31).Draw(t, "day")),
			Hours: decimal.New(rapid.Int64Range(1, 2400).Draw(t, "hundredths"), -2),
			Task:  rapid.SampledFrom([]string{"Design", "Writing", "Review"}).Draw(t, "task"),
			Staff: rapid.SampledFrom([]string{"Ada", "Grace"}).Draw(t, "staff"),
			Rate:  rapid.SampledFrom([]int64{0, 9_000, 12_050}).Draw(t, "rate"),
		}
	}), 1, 60).Draw(t, "entries")
}

// R46: whichever way hours are gathered into lines, every hour is charged once,
// at its own rate, and its day lies within its line's period.
func TestTimeLinesChargeEveryHourOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := entriesOf(t)
		by := rapid.SampledFrom([]TimeGrouping{GroupByTask, GroupByPerson, GroupByEntry}).Draw(t, "by")
		lines := TimeLines(entries, by)
		hours, worth := decimal.Zero, decimal.Zero
		perTask := map[string]decimal.Decimal{}
		for _, e := range entries {
			hours, worth = hours.Add(e.Hours), worth.Add(e.Hours.Mul(decimal.NewFromInt(e.Rate)))
			perTask[e.Task] = perTask[e.Task].Add(e.Hours)
		}
		for _, l := range lines {
			hours, worth = hours.Sub(l.Hours), worth.Sub(l.Hours.Mul(decimal.NewFromInt(l.Rate)))
			perTask[l.Task] = perTask[l.Task].Sub(l.Hours)
			if l.To.Before(l.From) {
				t.Fatalf("a line from %s to %s", l.From, l.To)
			}
		}
		if !hours.IsZero() || !worth.IsZero() {
			t.Fatalf("%s hours worth %s were lost", hours, worth)
		}
		for task, left := range perTask {
			if !left.IsZero() {
				t.Fatalf("%s hours of %s were lost", left, task)
			}
		}
		for _, e := range entries {
			if !slices.ContainsFunc(lines, func(l TimeLine) bool {
				return l.Task == e.Task && l.Rate == e.Rate && !e.Day.Before(l.From) && !e.Day.After(l.To)
			}) {
				t.Fatalf("no line covers %+v", e)
			}
		}
	})
}

// R42: sums of hours don't depend on the order in which tasks are added, and
// what is billed and what isn't make up what is billable.
func TestHoursAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Custom(func(t *rapid.T) Hours {
			billed, drafted, open, internal := rapid.Int64Range(0, 99999).Draw(t, "billed"), rapid.Int64Range(0, 99999).Draw(t, "drafted"),
				rapid.Int64Range(0, 99999).Draw(t, "open"), rapid.Int64Range(0, 99999).Draw(t, "internal")
			billable := billed + drafted + open
			return Hours{decimal.New(billable+internal, -2), decimal.New(billable, -2), decimal.New(billed, -2), decimal.New(drafted, -2)}
		})
		parts := rapid.SliceOf(part).Draw(t, "parts")
		var forth, back Hours
		unbilled := decimal.Zero
		for i := range parts {
			forth, back = forth.Plus(parts[i]), back.Plus(parts[len(parts)-1-i])
			unbilled = unbilled.Add(parts[i].Unbilled())
		}
		if !forth.Logged.Equal(back.Logged) || !forth.Billable.Equal(back.Billable) || !forth.Billed.Equal(back.Billed) || !forth.Drafted.Equal(back.Drafted) {
			t.Fatalf("%v is not %v", forth, back)
		}
		if !forth.Unbilled().Equal(unbilled) || !forth.Billed.Add(forth.Unbilled()).Equal(forth.Billable) || forth.Unbilled().LessThan(forth.Drafted) {
			t.Fatalf("%v: %s unbilled", forth, unbilled)
		}
	})
}

func TestTimeLinesReadWell(t *testing.T) {
	day := func(d int) Date { return NewDate(2026, 11, d) }
	entries := []TimeToInvoice{
		{day(28), decimal.RequireFromString("2"), "Design", "Ada", "Icons", 9000},
		{day(3), decimal.RequireFromString("1.5"), "Design", "Grace", "Sketches", 9000},
		{day(4), decimal.RequireFromString("1"), "Design", "Grace", "At night", 12000},
	}
	for by, want := range map[TimeGrouping][]string{
		GroupByTask:   {"Design (Nov 3, 2026 – Nov 28, 2026) 3.5", "Design (Nov 4, 2026) 1"},
		GroupByPerson: {"Design, Grace (Nov 3, 2026) 1.5", "Design, Grace (Nov 4, 2026) 1", "Design, Ada (Nov 28, 2026) 2"},
		GroupByEntry:  {"Design, Grace, Sketches (Nov 3, 2026) 1.5", "Design, Grace, At night (Nov 4, 2026) 1", "Design, Ada, Icons (Nov 28, 2026) 2"},
	} {
		var got []string
		for _, l := range TimeLines(entries, by) {
			got = append(got, l.Text("en-US")+" "+l.Hours.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %s: %q, want %q", by, got, want)
		}
	}
}

// N1: the hash follows from what is read, and not from the order it is read in.
func TestTimesheetHashPinsTheContent(t *testing.T) {
	entry := func(day int, hours string) TimesheetContentEntry {
		return TimesheetContentEntry{ID: uuid.UUID{byte(day)}, Day: NewDate(2026, 3, day), Hours: hours, Task: "Design", Staff: "Ada"}
	}
	hash := func(entries ...TimesheetContentEntry) string {
		sum, err := TimesheetContent{"TS-0001", "Website", entries}.Hash()
		if err != nil {
			t.Fatal(err)
		}
		return string(sum)
	}
	first := hash(entry(1, "2"), entry(2, "3"))
	if hash(entry(2, "3"), entry(1, "2")) != first {
		t.Error("the order of the entries changed the hash")
	}
	if hash(entry(1, "2"), entry(2, "3.5")) == first || hash(entry(1, "2")) == first {
		t.Error("other hours have the same hash")
	}
}
