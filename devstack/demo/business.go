package demo

import (
	"strings"
	"time"

	"countersign/portal"
)

// business is one organization of the demo: who it is, whom it invoices and
// for what. It is written by hand; the year is made from it.
type business struct {
	slug, name, legal    string
	domain, phone        string
	mailbox              string
	address              portal.Address
	currency             portal.Currency
	zone, locale, accent string
	bank, banner         string
	terms, estimateTerms string
	weekend              [2]time.Weekday
	holidays             []string // month and day
	first                numbers
	staff                []person
	jobs                 map[string]job
	customers            []customer // the first is shown to visitors
	proposals            []proposal
	projects             []project
	threads              []thread
	reviews              []review
	letters              []letter
	handovers            []handover
	mark                 mark
	ipPrefix             string
	since                int // years
}

// numbers are where the documents of the year begin: the business is older.
type numbers struct{ invoice, estimate, receipt, credit int }

// person is a colleague or a contact.
type person struct {
	name, title string
	phone       string
	// access is a contact's: "" is none, else active, withdrawn, expired (an
	// invitation that nobody answered) or invite (one that is begun).
	access string
	// roles of a contact with access, of view, approve and pay; "" is all.
	roles string
}

// customer is one whom the business invoices.
type customer struct {
	name, domain, phone string
	tax, notes          string
	reference           string // stands on every invoice
	terms               int    // days
	address             portal.Address
	shipping            portal.Address
	pays                habit
	// ways are how it pays, some more often than others: see settle.
	ways string
	// stopped is how many days ago it stopped paying; 0 pays still.
	stopped int
	// discount is on every invoice, in percent.
	discount  string
	bankDebit bool
	contacts  []person
	work      []engagement
	// open invoices are as they are, whatever the habit.
	open    []opening
	credits []credit
}

// habit is when a customer pays.
type habit int

const (
	early   habit = iota // some days before it is due
	onTime               // about the day that it is due
	late                 // weeks after
	inParts              // half when due, the rest a month later
	monthly              // all that is open in one payment a month
)

// engagement is work that is invoiced once or again and again.
type engagement struct {
	job     string
	project string
	// every so many months; 0 is once.
	every int
	// from and until count months before this one; on is the day of the month.
	from, until, on int
}

// opening is an invoice that is still owed.
type opening struct {
	job, project string
	// ago is how many days ago it was issued.
	ago int
	// part is how much of it was paid already, in percent.
	part int64
	// declined is why the bank refuses the payment of it that is under way.
	declined string
}

// credit is a credit note on one of the customer's invoices.
type credit struct {
	// job and nth say of which: the customer's first, second, … invoice for a job.
	job     string
	nth     int
	percent int64
	after   int // days
	reason  string
	// applied says that the next invoice was paid with it.
	applied bool
}

// job is what an invoice is for.
type job struct {
	title string
	lines []item
}

// item is a line of an invoice or an estimate, whose quantity varies.
type item struct {
	text, unit string
	price      int64 // minor units
	lo, hi     int   // of steps
	half       bool  // a step is a half, else one
	tax        string
	chance     int // percent of the invoices that have it
}

func one(text, unit string, price int64) item {
	return item{text: text, unit: unit, price: price, lo: 1, hi: 1, chance: 100}
}

func some(text, unit string, price int64, lo, hi int) item {
	return item{text: text, unit: unit, price: price, lo: lo, hi: hi, chance: 100}
}

func exactly(n int, text, unit string, price int64) item { return some(text, unit, price, n, n) }

// hours come in halves.
func hours(text string, price int64, lo, hi int) item {
	return item{text: text, unit: "hours", price: price, lo: 2 * lo, hi: 2 * hi, half: true, chance: 100}
}

func (i item) taxed(percent string) item  { i.tax = percent; return i }
func (i item) sometimes(percent int) item { i.chance = percent; return i }

// proposal is an estimate.
type proposal struct {
	customer     string
	title, notes string
	lines        []item
	sent         int // days ago
	valid        int // days after it was sent, or from today for what waits
	outcome      outcome
	after        int // days until the decision
	by           int // which contact decides
	reason       string
	discount     string
	deposit      string // percent of the total, due on acceptance
	revised      *revision
	invoiced     int // days after the decision; 0 is never
}

type outcome string

const (
	drafted   outcome = "draft"
	waiting   outcome = "waiting" // begun, so that its flow runs
	accepted  outcome = "accepted"
	declined  outcome = "declined"
	expired   outcome = "expired"
	withdrawn outcome = "withdrawn"
	replaced  outcome = "superseded" // by its revision, before anyone decided
)

// revision is the second version of an estimate.
type revision struct {
	after    int // days after the first one's end
	notes    string
	discount string
	// without leaves out the last so many lines.
	without int
	outcome outcome
	decided int // days
	reason  string
}

func businesses() []business { return []business{alder(), sumire(), rimal()} }

// address is where a person of a domain gets mail: by the first name.
func address(name, domain string) string {
	first, _, _ := strings.Cut(name, " ")
	return plain.Replace(strings.ToLower(first)) + "@" + domain
}

var plain = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n", "ç", "c", "ø", "o", "ö", "o", "ü", "u", "ō", "o", "ū", "u", "'", "", "-", "")

func (c customer) email(i int) string      { return address(c.contacts[i].name, c.domain) }
func (b business) staffEmail(i int) string { return address(b.staff[i].name, b.domain) }
