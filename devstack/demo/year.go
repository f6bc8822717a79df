package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// year is what happened at a business up to the evening before today. IDs and
// luck follow from names, so that a year made twice is the same one.
type year struct {
	b     business
	org   uuid.UUID
	zone  *time.Location
	today day
	// account of the organization at the processor; empty without a simulator.
	account string

	staff     []dbsqlc.Staff
	buyers    []*buyer
	bills     []*bill
	payments  []*payment
	notes     []*note
	estimates []*estimate
	projects  []*undertaking
	sheets    []*sheet
	views     []view
	story     []event
	// had is what happened at least once.
	had map[string]bool
}

// buyer is a customer in its year.
type buyer struct {
	customer
	row      dbsqlc.Customer
	contacts []dbsqlc.Contact
	bills    []*bill
	card     *dbsqlc.PaymentMethod
	// paid counts the payments made.
	paid int
}

func newYear(b business, now time.Time, simulated bool) *year {
	zone, err := time.LoadLocation(b.zone)
	if err != nil {
		zone = time.UTC
	}
	y := &year{b: b, zone: zone, today: portal.DateOf(now, zone), had: map[string]bool{}}
	y.org = portal.DerivedID("countersign demo", b.slug)
	if simulated {
		y.account = "acct_demo_" + strings.ReplaceAll(b.slug, "-", "_")
	}
	y.people()
	return y
}

// id of a thing in this organization, by its name.
func (y *year) id(parts ...string) uuid.UUID {
	return portal.DerivedID(append([]string{"countersign demo", y.b.slug}, parts...)...)
}

// live makes the year: estimates, invoices, and what was paid of them.
func (y *year) live(cards map[string]card) error {
	for _, b := range y.buyers {
		if c, ok := cards[b.name]; ok {
			b.card, b.row.ProcessorCustomer = &c.method, c.processorCustomer
		}
	}
	if err := y.propose(); err != nil {
		return err
	}
	if err := y.undertake(); err != nil {
		return err
	}
	for _, b := range y.buyers {
		if err := y.invoice(b); err != nil {
			return err
		}
	}
	if err := y.mistakes(); err != nil {
		return err
	}
	for _, b := range y.buyers {
		y.credit(b)
		y.pay(b)
	}
	y.takeBack()
	y.numberBills()
	y.numberNotes()
	y.numberPayments()
	return nil
}

func (y *year) at(d day, l luck) time.Time {
	return y.clock(d, 9, 0).Add(time.Duration(l.between(0, 8*3600)) * time.Second)
}

// clock is an instant of a day by the organization's clocks.
func (y *year) clock(d day, hour, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, y.zone).UTC()
}

func (y *year) working(d day) bool {
	weekday := y.clock(d, 12, 0).In(y.zone).Weekday()
	_, date, _ := strings.Cut(d.String(), "-")
	return weekday != y.b.weekend[0] && weekday != y.b.weekend[1] && !slices.Contains(y.b.holidays, date)
}

// onOrAfter and onOrBefore move a day off the weekend.
func (y *year) onOrAfter(d day) day {
	for !y.working(d) {
		d = d.AddDays(1)
	}
	return d
}

func (y *year) onOrBefore(d day) day {
	for !y.working(d) {
		d = d.AddDays(-1)
	}
	return d
}

// ago is the working day so many days ago, or the one before it. Everything
// that happened did so by yesterday.
func (y *year) ago(days int) day { return y.onOrBefore(y.today.AddDays(-max(days, 1))) }

// over reports whether a day is over: today isn't.
func (y *year) over(d day) bool { return d.Before(y.today) }

// month writes the month that a monthly invoice is about: the one before, for
// those of the first half of a month.
func month(issue day) string {
	if issue.Day < 15 {
		issue = portal.NewDate(issue.Year, issue.Month, 0)
	}
	return fmt.Sprintf("%s %d", issue.Month, issue.Year)
}

func optional[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}
