package portal

// TransactionKind says what moved between an organization and a customer.
type TransactionKind string

// The kinds of transaction. An invoice, a reversal and a refund raise what the
// customer owes; a void, a payment and a credit note lower it. Paying an invoice
// from credit moves nothing between the two.
const (
	TransactionInvoice    TransactionKind = "invoice"
	TransactionVoid       TransactionKind = "void"
	TransactionPayment    TransactionKind = "payment"
	TransactionReversal   TransactionKind = "reversal"
	TransactionCreditNote TransactionKind = "credit_note"
	TransactionRefund     TransactionKind = "refund"
)

// Words names the kind for people.
func (k TransactionKind) Words() string {
	switch k {
	case TransactionInvoice:
		return "Invoice"
	case TransactionVoid:
		return "Invoice voided"
	case TransactionPayment:
		return "Payment"
	case TransactionReversal:
		return "Payment returned"
	case TransactionCreditNote:
		return "Credit note"
	case TransactionRefund:
		return "Refund"
	default:
		return string(k)
	}
}

// Period is a span of days, both ends included.
type Period struct {
	Since Date `json:"since"`
	Until Date `json:"until"`
}

// earliest stands for the beginning of an account: no document is older.
func earliest() Date { return NewDate(1900, 1, 1) }

// Named periods, as today has them.
const (
	PeriodThisMonth   = "this_month"
	PeriodLastMonth   = "last_month"
	PeriodLastQuarter = "last_quarter"
	PeriodThisYear    = "this_year"
	PeriodLastYear    = "last_year"
	PeriodAll         = "all"
)

// NamedPeriod is the period of that name as of today. One that isn't over yet
// ends today. It is false for a name that isn't one.
func NamedPeriod(name string, today Date) (Period, bool) {
	month := NewDate(today.Year, today.Month, 1)
	quarter := NewDate(today.Year, today.Month-(today.Month-1)%3, 1)
	switch name {
	case PeriodThisMonth:
		return Period{month, today}, true
	case PeriodLastMonth:
		return Period{NewDate(today.Year, today.Month-1, 1), month.AddDays(-1)}, true
	case PeriodLastQuarter:
		return Period{NewDate(quarter.Year, quarter.Month-3, 1), quarter.AddDays(-1)}, true
	case PeriodThisYear:
		return Period{NewDate(today.Year, 1, 1), today}, true
	case PeriodLastYear:
		return Period{NewDate(today.Year-1, 1, 1), NewDate(today.Year-1, 12, 31)}, true
	case PeriodAll:
		return Period{earliest(), today}, true
	default:
		return Period{}, false
	}
}

// Within is the period with what is missing filled in: it begins at the
// beginning and ends today, and no later than today, since nothing has happened
// yet on a later day. It refuses a period that ends before it begins.
func (p Period) Within(today Date) (Period, error) {
	if p.Since.IsZero() || p.Since.Before(earliest()) {
		p.Since = earliest()
	}
	if p.Until.IsZero() || p.Until.After(today) {
		p.Until = today
	}
	if p.Until.Before(p.Since) {
		return p, Invalid("This period ends before it begins.", Field("until", "Choose a day that is not before the first."))
	}
	return p, nil
}

// FromBeginning reports whether the period leaves nothing out before it.
func (p Period) FromBeginning() bool { return !p.Since.After(earliest()) }

// Account is where an organization and a customer stand in one currency over a
// period. Amounts are minor units; a positive balance is owed by the customer.
type Account struct {
	Currency Currency
	// Opening is the balance when the period begins.
	Opening int64
	// Charged is what was added to it, Settled what was taken off: both positive.
	Charged, Settled int64
	// Entries is how many transactions the period has.
	Entries int
	Ageing  Ageing
}

// Closing is the balance when the period ends. Today it is home's outstanding
// less its credits.
func (a Account) Closing() int64 { return a.Opening + a.Charged - a.Settled }

// Ageing is what is owed, by how long it has been overdue, in minor units.
type Ageing struct {
	// Current isn't overdue: the due date itself is still in time.
	Current int64
	Days30  int64 // 1 to 30 days overdue
	Days60  int64 // 31 to 60
	Days90  int64 // 61 to 90
	Older   int64
	// Credit is what the customer has and hasn't used. What is owed less Credit
	// is the closing balance.
	Credit int64
}

// OwedOn is what is owed of all that was due on one day, in minor units.
type OwedOn struct {
	DueDate Date
	Amount  int64
}

// Age sorts what is owed at the end of a day by its age. closing is the balance
// at that time; what it lacks of what is owed is credit.
func Age(at Date, owed []OwedOn, closing int64) Ageing {
	var a Ageing
	bands := [...]*int64{&a.Current, &a.Days30, &a.Days60, &a.Days90, &a.Older}
	for _, o := range owed {
		late := 0
		if !o.DueDate.IsZero() {
			late = o.DueDate.DaysUntil(at)
		}
		*bands[AgeBand(late)] += o.Amount
	}
	a.Credit = a.Owed() - closing
	return a
}

// AgeBand is the place in Ageing of what is so many days overdue: 0 is not
// overdue, 4 is over 90 days.
func AgeBand(late int) int {
	switch {
	case late <= 0:
		return 0
	case late <= 30:
		return 1
	case late <= 60:
		return 2
	case late <= 90:
		return 3
	default:
		return 4
	}
}

// Owed is all that is owed, whatever its age.
func (a Ageing) Owed() int64 { return a.Current + a.Days30 + a.Days60 + a.Days90 + a.Older }

// Quiet reports whether an account has nothing to tell: nothing happened, and
// nothing is owed either way.
func (a Account) Quiet() bool {
	return a.Entries == 0 && a.Opening == 0 && a.Ageing == Ageing{}
}
