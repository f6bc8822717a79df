package documents

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/pdf"
	"countersign/portal"
)

// StatementOf names a customer's account over a period, which portal.Period's
// Within has completed.
type StatementOf struct {
	Org      uuid.UUID
	Customer uuid.UUID
	Period   portal.Period
}

// MaxEntries is how many transactions a PDF takes: about a thousand pages. CSV
// takes any number.
const MaxEntries = 30_000

// Statement draws a statement of account, R47. It reads in several statements of
// SQL, so q should see one moment (db.Snapshot); what is seen to change
// meanwhile shows in the ageing only. A customer that isn't there is pgx.ErrNoRows.
func Statement(ctx context.Context, q *dbsqlc.Queries, of StatementOf) (File, error) {
	s, err := readSides(ctx, q, of.Org, of.Customer)
	if err != nil {
		return File{}, err
	}
	accounts, err := Accounts(ctx, q, of)
	if err != nil {
		return File{}, err
	}
	entries := 0
	for _, a := range accounts {
		entries += a.Entries
	}
	if entries > MaxEntries {
		return File{}, portal.Invalid("This is too much for one PDF. Choose a shorter period, or take the CSV.", portal.Field("since", "Choose a later day."))
	}
	d := pdf.Statement{From: s.from, To: s.to, Issued: of.Period.Until, Since: of.Period.Since, Until: of.Period.Until}
	if of.Period.FromBeginning() {
		d.Since = portal.Date{}
	}
	for _, a := range accounts {
		account, err := drawnAccount(ctx, q, of, a)
		if err != nil {
			return File{}, err
		}
		d.Accounts = append(d.Accounts, account)
	}
	return drawn(d, s.org.Name, titleOf(s, of.Period))
}

func titleOf(s sides, p portal.Period) string {
	if p.FromBeginning() {
		return "Statement " + s.customer.Number + " until " + p.Until.String()
	}
	return "Statement " + s.customer.Number + " " + p.Since.String() + " to " + p.Until.String()
}

func drawnAccount(ctx context.Context, q *dbsqlc.Queries, of StatementOf, a portal.Account) (pdf.Account, error) {
	money := func(amount int64) portal.Money { return portal.NewMoney(amount, a.Currency) }
	d := pdf.Account{
		Currency: a.Currency, Opening: money(a.Opening), Charged: money(a.Charged), Settled: money(a.Settled), Closing: money(a.Closing()),
		Entries: make([]pdf.Entry, 0, a.Entries),
		Ageing: &pdf.Ageing{
			Current: money(a.Ageing.Current), Days30: money(a.Ageing.Days30), Days60: money(a.Ageing.Days60), Days90: money(a.Ageing.Days90),
			Older: money(a.Ageing.Older), Credit: money(a.Ageing.Credit),
		},
	}
	for t, err := range Transactions(ctx, q, of, a, Place{}, batch) {
		if err != nil {
			return pdf.Account{}, err
		}
		e := pdf.Entry{Date: t.Day, Kind: t.Kind.Words(), Number: t.Number, Details: t.Details, Balance: money(t.Balance)}
		if t.Amount < 0 {
			e.Credit = money(-t.Amount)
		} else {
			e.Charge = money(t.Amount)
		}
		d.Entries = append(d.Entries, e)
	}
	return d, nil
}

// Accounts are where the two stand, one for each currency in which anything
// happened in the period or is owed at its end.
func Accounts(ctx context.Context, q *dbsqlc.Queries, of StatementOf) ([]portal.Account, error) {
	sums, err := q.StatementSums(ctx, dbsqlc.StatementSumsParams{OrgID: of.Org, CustomerID: of.Customer, Since: of.Period.Since, Until: of.Period.Until})
	if err != nil {
		return nil, err
	}
	owed, err := q.StatementOwed(ctx, dbsqlc.StatementOwedParams{OrgID: of.Org, CustomerID: of.Customer, Until: of.Period.Until})
	if err != nil {
		return nil, err
	}
	due := make(map[portal.Currency][]portal.OwedOn)
	for _, o := range owed {
		due[o.Currency] = append(due[o.Currency], portal.OwedOn{DueDate: o.DueDate, Amount: o.Due})
	}
	accounts := make([]portal.Account, 0, len(sums))
	for _, sum := range sums {
		a := portal.Account{Currency: sum.Currency, Opening: sum.Opening, Charged: sum.Charged, Settled: sum.Settled, Entries: int(sum.Entries)}
		a.Ageing = portal.Age(of.Period.Until, due[sum.Currency], a.Closing())
		accounts = append(accounts, a)
	}
	return slices.DeleteFunc(accounts, portal.Account.Quiet), nil
}

// Transaction is one line of a statement.
type Transaction struct {
	ID      uuid.UUID // of the invoice, payment or credit note
	Day     portal.Date
	Kind    portal.TransactionKind
	Number  string
	Details string
	// Amount in minor units: a charge is positive.
	Amount int64
	// Balance after it, in minor units.
	Balance int64
	// Place is where it stands in the order of the account.
	Place Place
}

// Place is a place in the order of an account: by day, and within a day as things
// happened. The zero Place is before everything.
type Place struct {
	Day  portal.Date
	At   time.Time
	ID   uuid.UUID
	Kind portal.TransactionKind
}

// batch is how many transactions of a whole statement are read at once. Each
// reading puts the whole period in order again, so there should be one.
const batch = MaxEntries

// Transactions are those of one account in the period after a place, in order,
// read so many at once. The first error ends them.
func Transactions(ctx context.Context, q *dbsqlc.Queries, of StatementOf, a portal.Account, after Place, atOnce int) iter.Seq2[Transaction, error] {
	return func(yield func(Transaction, error) bool) {
		balance, err := balanceAt(ctx, q, of, a, after)
		if err != nil {
			yield(Transaction{}, err)
			return
		}
		if after == (Place{}) {
			after.Day = of.Period.Since.AddDays(-1)
		}
		read := 0
		for {
			rows, err := q.ListStatementEntries(ctx, dbsqlc.ListStatementEntriesParams{
				OrgID: of.Org, CustomerID: of.Customer, Currency: a.Currency, Since: of.Period.Since, Until: of.Period.Until,
				AfterDay: after.Day, AfterAt: after.At, AfterID: after.ID, AfterKind: string(after.Kind), Batch: int32(atOnce),
			})
			if err != nil {
				yield(Transaction{}, err)
				return
			}
			for _, r := range rows {
				balance += r.Amount
				after = Place{r.Day, r.At, r.ID, portal.TransactionKind(r.Kind)}
				t := Transaction{ID: r.ID, Day: r.Day, Kind: after.Kind, Number: r.Number, Details: detailsOf(r), Amount: r.Amount, Balance: balance, Place: after}
				if !yield(t, nil) {
					return
				}
			}
			if read += len(rows); len(rows) < atOnce || read >= a.Entries {
				return
			}
		}
	}
}

// balanceAt is the balance after a place: the opening one before everything.
func balanceAt(ctx context.Context, q *dbsqlc.Queries, of StatementOf, a portal.Account, after Place) (int64, error) {
	if after == (Place{}) {
		return a.Opening, nil
	}
	return q.SumStatementEntries(ctx, dbsqlc.SumStatementEntriesParams{
		OrgID: of.Org, CustomerID: of.Customer, Currency: a.Currency,
		AfterDay: after.Day, AfterAt: after.At, AfterID: after.ID, AfterKind: string(after.Kind),
	})
}

func detailsOf(r dbsqlc.StatementEntry) string {
	if r.Way != "" {
		return portal.MethodWords(r.Way, r.Brand, r.Last4)
	}
	return r.Title
}
