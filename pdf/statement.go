package pdf

import (
	"io"
	"iter"
	"time"

	"countersign/portal"
)

// Statement is everything that happened between an organization and a customer
// in a period, an account for each currency.
type Statement struct {
	From     Organization
	To       Party
	Issued   portal.Date
	Since    portal.Date // first day of the period; zero from the beginning
	Until    portal.Date // last day of the period
	Accounts []Account
}

// Account is the part of a statement that is in one currency. All of its
// amounts are.
type Account struct {
	Currency portal.Currency
	Opening  portal.Money
	Entries  []Entry
	// Charged and Settled are the sums of the entries' charges and credits.
	Charged portal.Money
	Settled portal.Money
	Closing portal.Money
	// Ageing is nil where it isn't known.
	Ageing *Ageing
}

// Entry is one transaction: a charge raises the balance, a payment or a credit
// lowers it. Of the two, one has a currency.
type Entry struct {
	Date    portal.Date
	Kind    string // "Invoice", "Payment", "Refund"
	Number  string
	Details string // "Visa ending 4242"
	Charge  portal.Money
	Credit  portal.Money // positive
	Balance portal.Money // after it
}

// Ageing is what of the closing balance is owed since when.
type Ageing struct {
	Current portal.Money // not yet due
	Days30  portal.Money // 1 to 30 days overdue
	Days60  portal.Money // 31 to 60
	Days90  portal.Money // 61 to 90
	Older   portal.Money
	// Credit is what the customer has and hasn't used: what is owed less it is the
	// closing balance. It is left out where it is zero.
	Credit portal.Money
}

// Write draws the statement; its time and memory are linear in the entries. An
// error is the writer's.
func (t Statement) Write(w io.Writer) error {
	s := newSheet(t.From, about{kind: "Statement", number: "", to: t.To.Name, at: noon(t.Issued)})
	s.about.number = s.period(t.Since, t.Until)
	s.letterhead(status{})
	s.between("Account of", t.To, []fact{
		{"Issued", s.date(t.Issued)},
		{"From", s.date(t.Since)},
		{"Until", s.date(t.Until)},
	})
	for i, account := range t.Accounts {
		if i > 0 {
			s.y += 12
			s.keep(260) // an account begins with some of its entries, or on a new page
		}
		s.account(account, t.Since, t.Until)
	}
	if len(t.Accounts) == 0 {
		s.paragraphs("Nothing to show", "There were no transactions in this period.")
	}
	return s.finish(w)
}

func (s *sheet) period(since, until portal.Date) string {
	if since.IsZero() {
		return "until " + s.date(until)
	}
	return s.date(since) + " – " + s.date(until)
}

func (s *sheet) account(a Account, since, until portal.Date) {
	words := "Balance due"
	if a.Closing.Amount < 0 {
		words = "In your favour"
	}
	s.band(words+" ("+cleanLine(string(a.Currency))+")", "on "+s.date(until), s.money(a.Closing))

	tail := 0.0
	if a.Ageing != nil {
		tail = ageingHeight
	}
	t := table{sheet: s, columns: s.accountColumns(a)}
	t.draw(s.entryRows(a, since, until), tail)
	if a.Ageing != nil {
		s.ageing(*a.Ageing)
	}
}

// accountColumns measures the largest amount of each column only, since digits
// are all of one width: formatting every amount twice would take twice as long.
func (s *sheet) accountColumns(a Account) []column {
	largest := [3]portal.Money{a.Charged, a.Settled, a.Closing}
	widen := func(to *portal.Money, m portal.Money) {
		if magnitude(m.Amount) > magnitude(to.Amount) || to.Currency == "" {
			*to = m
		}
	}
	negative := a.Opening.Amount < 0 || a.Closing.Amount < 0
	widen(&largest[2], a.Opening)
	for _, e := range a.Entries {
		widen(&largest[0], e.Charge)
		widen(&largest[1], e.Credit)
		widen(&largest[2], e.Balance)
		negative = negative || e.Balance.Amount < 0
	}
	if negative && largest[2].Amount > 0 {
		largest[2].Amount = -largest[2].Amount // the sign takes room
	}
	columns := []column{
		{label: "Date", width: s.widestDate(2000) + columnGap},
		{label: "Transaction"},
		{label: "Charge", right: true},
		{label: "Payment or credit", right: true},
		{label: "Balance", right: true},
	}
	date := columns[0].width
	widest := []float64{0, 0, 0, 0}
	for i, m := range largest {
		widest[i+1] = width(s.money(m), strong) + 2
	}
	spread(columns[1:], widest, s.wide()-date, 0.28)
	return columns
}

// widestDate is the width of the widest date of a year: figures are all of one
// width, months aren't.
func (s *sheet) widestDate(year int) float64 {
	widest := 0.0
	for month := time.January; month <= time.December; month++ {
		date := s.date(portal.NewDate(year, month, 28))
		widest = max(widest, width(date, strong), width(date, body))
	}
	return widest + 0.5 // sums of widths are not exact
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func (s *sheet) entryRows(a Account, since, until portal.Date) iter.Seq[row] {
	bold := func(date portal.Date, words string, charged, settled, balance portal.Money) row {
		return row{
			{{s.date(date), strong}}, {{words, strong}},
			{{s.money(charged), strong}}, {{s.money(settled), strong}}, {{s.money(balance), strong}},
		}
	}
	return func(yield func(row) bool) {
		if !yield(bold(since, "Opening balance", portal.Money{}, portal.Money{}, a.Opening)) {
			return
		}
		for _, e := range a.Entries {
			if !yield(s.entryRow(e)) {
				return
			}
		}
		yield(bold(until, "Closing balance", a.Charged, a.Settled, a.Closing))
	}
}

func (s *sheet) entryRow(e Entry) row {
	words := cleanLine(e.Kind)
	if number := cleanLine(e.Number); number != "" {
		words += " " + number
	}
	what := cell{{words, body}}
	if details := cleanLine(e.Details); details != "" {
		what = append(what, piece{details, quiet})
	}
	return row{
		plainCell(s.date(e.Date)), what,
		plainCell(s.money(e.Charge)), plainCell(s.money(e.Credit)), plainCell(s.money(e.Balance)),
	}
}

const ageingHeight = 84.0

// bucket is what is owed since some time.
type bucket struct {
	label  string
	amount portal.Money
}

// ageing draws what is owed since when, side by side.
func (s *sheet) ageing(a Ageing) {
	s.keep(ageingHeight)
	s.y += 20
	s.text(s.left(), s.y+heading.size, "What is owed, by age", heading)
	s.y += 20
	buckets := []bucket{
		{"Not yet due", a.Current},
		{"1–30 days overdue", a.Days30},
		{"31–60 days", a.Days60},
		{"61–90 days", a.Days90},
		{"Over 90 days", a.Older},
	}
	if !a.Credit.IsZero() {
		credit := a.Credit
		credit.Amount = -credit.Amount
		buckets = append(buckets, bucket{"Less unused credit", credit})
	}
	share := s.wide() / float64(len(buckets))
	s.rule(s.left(), s.right(), s.y, 0.75, edge)
	for i, b := range buckets {
		right, room := s.left()+share*float64(i+1), share-6
		if i < len(buckets)-1 {
			right -= columnGap
		}
		if i == 0 {
			room = share - columnGap
		}
		st := body
		if i > 0 && b.amount.Amount > 0 {
			st = style{size: body.size, bold: true, colour: bad}
		}
		s.textRight(right, s.y+14, b.label, label)
		amount := fitted(piece{s.money(b.amount), st}, room)
		s.textRight(right, s.y+28, amount.text, amount.style)
	}
	s.y += 44
}
