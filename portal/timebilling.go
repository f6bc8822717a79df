package portal

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// TimeGrouping says which hours share a line of an invoice.
type TimeGrouping string

// The groupings. Hours at different rates never share a line.
const (
	// GroupByTask makes one line a task: what was done.
	GroupByTask TimeGrouping = "task"
	// GroupByPerson makes one line a person and task: who did what.
	GroupByPerson TimeGrouping = "person"
	// GroupByEntry makes each entry a line of its own, with its description.
	GroupByEntry TimeGrouping = "entry"
)

// TimeToInvoice is a time entry that is to become part of an invoice.
type TimeToInvoice struct {
	Day         Date
	Hours       decimal.Decimal
	Task        string
	Staff       string
	Description string
	// Rate is what an hour costs, in minor units.
	Rate int64
}

// TimeLine is one line of an invoice made of time.
type TimeLine struct {
	Task, Staff, Description string
	// From and To are the first and the last day of it.
	From, To Date
	Hours    decimal.Decimal
	Rate     int64
}

// Text is the line as the customer reads it, with days as locale writes them:
// "Design, Nov 3, 2026 – Nov 28, 2026".
func (l TimeLine) Text(locale string) string {
	text := l.Task
	for _, part := range []string{l.Staff, l.Description} {
		if part != "" {
			text += ", " + part
		}
	}
	return text + " (" + FormatPeriod(l.From, l.To, locale) + ")"
}

// FormatPeriod writes the days from first to last as locale does.
func FormatPeriod(first, last Date, locale string) string {
	if first == last {
		return first.Format(locale)
	}
	return first.Format(locale) + " – " + last.Format(locale)
}

// TimeLines gathers hours into lines. The hours of the lines add up to those of
// the entries, and so does hours times rate: nothing is rounded here. Lines come
// in the order of their first day.
func TimeLines(entries []TimeToInvoice, by TimeGrouping) []TimeLine {
	type key struct {
		task, staff string
		rate        int64
	}
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b TimeToInvoice) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Task, b.Task), cmp.Compare(a.Staff, b.Staff), cmp.Compare(a.Rate, b.Rate))
	})
	at := map[key]int{}
	lines := make([]TimeLine, 0, len(entries))
	for _, e := range entries {
		line := TimeLine{Task: e.Task, From: e.Day, To: e.Day, Hours: e.Hours, Rate: e.Rate}
		switch by {
		case GroupByEntry:
			line.Staff, line.Description = e.Staff, e.Description
			lines = append(lines, line)
			continue
		case GroupByPerson:
			line.Staff = e.Staff
		}
		k := key{line.Task, line.Staff, line.Rate}
		if i, known := at[k]; known {
			lines[i].Hours = lines[i].Hours.Add(e.Hours)
			lines[i].To = e.Day // entries come in the order of their days
			continue
		}
		at[k] = len(lines)
		lines = append(lines, line)
	}
	return lines
}
