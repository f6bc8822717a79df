package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// The books: what a payment paid, what it left as credit, and how that is undone.
// Rows are only added. For each payment that succeeded, its allocations and
// credit entries come to what was received, less what was given or taken back.

// cause is the refund or the dispute for which money moves after a payment succeeded.
type cause struct {
	refund, dispute *uuid.UUID
}

// reason is how a credit entry names the cause.
func (c cause) reason() string {
	if c.refund != nil {
		return "refund"
	}
	return "dispute"
}

// lockBooks locks all that taking back a payment may touch, in the one order that
// everybody locks in: invoices by their IDs, the payment, its customer. It
// returns the payment as it is under the lock.
func (a *Activities) lockBooks(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment) (dbsqlc.Payment, error) {
	behind, err := q.InvoicesBehindPayment(ctx, dbsqlc.InvoicesBehindPaymentParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Currency: p.Currency, PaymentID: p.ID})
	if err != nil {
		return p, err
	}
	if _, err := q.LockInvoicesToPay(ctx, dbsqlc.LockInvoicesToPayParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Ids: behind}); err != nil {
		return p, err
	}
	if p, err = q.LockPayment(ctx, dbsqlc.LockPaymentParams{OrgID: p.OrgID, ID: p.ID}); err != nil {
		return p, err
	}
	if _, err = q.LockCustomer(ctx, dbsqlc.LockCustomerParams{OrgID: p.OrgID, ID: p.CustomerID}); err != nil {
		return p, err
	}
	now, err := q.InvoicesBehindPayment(ctx, dbsqlc.InvoicesBehindPaymentParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Currency: p.Currency, PaymentID: p.ID})
	if err != nil {
		return p, err
	}
	for _, id := range now {
		if !slices.Contains(behind, id) {
			// Locking it now would be out of order: the next try begins with it.
			return p, portal.Unavailable("Credit was used at the same moment. This is tried again.", time.Second)
		}
	}
	return p, nil
}

// takeBack takes amount out of a payment: first what it left as credit, then what
// it paid, the invoice that is due last first. What it paid is owed again; the
// parts come back, oldest first. Money that is taken beyond what the payment
// brought is owed by the customer, as credit below zero. reopened says that
// other invoices, which its credit had paid, are owed again too. The books are locked.
func (a *Activities) takeBack(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, amount int64, of cause, at time.Time) (taken []dbsqlc.StandingAllocationsRow, reopened bool, err error) {
	left, err := q.CreditOfPayment(ctx, dbsqlc.CreditOfPaymentParams{OrgID: p.OrgID, PaymentID: p.ID})
	if err != nil {
		return nil, false, err
	}
	standing, err := q.StandingAllocations(ctx, dbsqlc.StandingAllocationsParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Currency: p.Currency, PaymentID: &p.ID})
	if err != nil {
		return nil, false, err
	}
	fromCredit := min(amount, max(left, 0))
	taken, beyond := parts(standing, amount-fromCredit)
	if fromCredit += beyond; fromCredit > 0 {
		if reopened, err = a.takeCredit(ctx, q, p, fromCredit, of, at); err != nil {
			return nil, false, err
		}
	}
	slices.Reverse(taken)
	return taken, reopened, a.reverse(ctx, q, p, "payment", taken, of, at)
}

// parts takes amount from the rows in their order, as much as each holds.
func parts(standing []dbsqlc.StandingAllocationsRow, amount int64) (taken []dbsqlc.StandingAllocationsRow, beyond int64) {
	for _, row := range standing {
		if amount == 0 {
			break
		}
		row.Net = min(row.Net, amount)
		amount -= row.Net
		taken = append(taken, row)
	}
	return taken, amount
}

// takeCredit takes amount of a customer's credit. What of it was used on
// invoices meanwhile, these owe again: reopened says that there are such.
func (a *Activities) takeCredit(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, amount int64, of cause, at time.Time) (reopened bool, err error) {
	credit, err := q.CreditBalance(ctx, dbsqlc.CreditBalanceParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Currency: p.Currency})
	if err != nil {
		return false, err
	}
	if short := amount - max(credit.Balance, 0); short > 0 {
		used, err := q.StandingAllocations(ctx, dbsqlc.StandingAllocationsParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Currency: p.Currency})
		if err != nil {
			return false, err
		}
		given, _ := parts(used, short)
		reopened = len(given) > 0
		if err := a.reverse(ctx, q, p, "credit", given, of, at); err != nil {
			return false, err
		}
		entries := dbsqlc.InsertUnappliedParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Currency: p.Currency, RefundID: of.refund, DisputeID: of.dispute, At: at}
		for _, g := range given {
			entries.Ids = append(entries.Ids, a.NewID())
			entries.AllocationIds = append(entries.AllocationIds, g.ID)
			entries.Amounts = append(entries.Amounts, g.Net)
		}
		if err := q.InsertUnapplied(ctx, entries); err != nil {
			return false, err
		}
	}
	return reopened, q.InsertBackEntry(ctx, dbsqlc.InsertBackEntryParams{
		OrgID: p.OrgID, ID: a.NewID(), CustomerID: p.CustomerID, Currency: p.Currency, Amount: -amount, Reason: of.reason(),
		PaymentID: &p.ID, RefundID: of.refund, DisputeID: of.dispute, At: at,
	})
}

// reverse adds the rows that undo parts of allocations.
func (a *Activities) reverse(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, source string, taken []dbsqlc.StandingAllocationsRow, of cause, at time.Time) error {
	rows := dbsqlc.InsertReversalsParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Source: source, RefundID: of.refund, DisputeID: of.dispute, At: at}
	if source == "payment" {
		rows.PaymentID = &p.ID
	}
	for _, t := range taken {
		rows.Ids = append(rows.Ids, a.NewID())
		rows.InvoiceIds = append(rows.InvoiceIds, t.InvoiceID)
		note := uuid.Nil
		if t.CreditNoteID != nil {
			note = *t.CreditNoteID
		}
		rows.CreditNoteIds = append(rows.CreditNoteIds, note)
		rows.Reverses = append(rows.Reverses, t.ID)
		rows.Amounts = append(rows.Amounts, t.Net)
	}
	return q.InsertReversals(ctx, rows)
}

// giveBack undoes what takeBack did, for money that came back after all: the
// invoices that were owed again are paid again, as far as they still are owed,
// and the rest is credit. The books are locked.
func (a *Activities) giveBack(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, amount int64, of cause, at time.Time) error {
	reversed, err := q.AllocationsReversedBy(ctx, dbsqlc.AllocationsReversedByParams{OrgID: p.OrgID, PaymentID: p.ID, RefundID: of.refund, DisputeID: of.dispute})
	if err != nil {
		return err
	}
	rows := dbsqlc.InsertReallocationsParams{OrgID: p.OrgID, CustomerID: p.CustomerID, PaymentID: p.ID, RefundID: of.refund, DisputeID: of.dispute, At: at}
	left := amount
	for _, r := range reversed {
		part := min(r.Taken, r.Due, left)
		if r.State != "sent" || part <= 0 {
			continue
		}
		rows.Ids = append(rows.Ids, a.NewID())
		rows.InvoiceIds = append(rows.InvoiceIds, r.InvoiceID)
		rows.Amounts = append(rows.Amounts, part)
		left -= part
	}
	if err := q.InsertReallocations(ctx, rows); err != nil || left == 0 {
		return err
	}
	return q.InsertBackEntry(ctx, dbsqlc.InsertBackEntryParams{
		OrgID: p.OrgID, ID: a.NewID(), CustomerID: p.CustomerID, Currency: p.Currency, Amount: left, Reason: "returned",
		PaymentID: &p.ID, RefundID: of.refund, DisputeID: of.dispute, At: at,
	})
}

// CreditUse is credit that goes to one invoice.
type CreditUse struct {
	Invoice uuid.UUID
	// Amount in minor units.
	Amount int64
}

// UseCredit pays invoices from their customer's credit: of a credit note, or of
// all that there is. The caller has locked the invoices and the customer, and has
// looked that there is as much. newID makes the rows' IDs.
func UseCredit(ctx context.Context, q *dbsqlc.Queries, newID func() uuid.UUID, org, customer uuid.UUID, currency portal.Currency, note *uuid.UUID, uses []CreditUse, at time.Time) error {
	if len(uses) == 0 {
		return nil
	}
	rows := dbsqlc.InsertCreditAllocationsParams{OrgID: org, CustomerID: customer, CreditNoteID: note, At: at}
	entries := dbsqlc.InsertAppliedParams{OrgID: org, CustomerID: customer, Currency: currency, At: at}
	for _, u := range uses {
		id := newID()
		rows.Ids, rows.InvoiceIds, rows.Amounts = append(rows.Ids, id), append(rows.InvoiceIds, u.Invoice), append(rows.Amounts, u.Amount)
		entries.Ids, entries.AllocationIds, entries.Amounts = append(entries.Ids, newID()), append(entries.AllocationIds, id), append(entries.Amounts, u.Amount)
	}
	if err := q.InsertCreditAllocations(ctx, rows); err != nil {
		return err
	}
	return q.InsertApplied(ctx, entries)
}

// creditNoteFor gives credit for what a refund took from invoices, and uses it on
// them at once: they stay paid, and the refund is told from them.
func (a *Activities) creditNoteFor(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, r dbsqlc.Refund, taken []dbsqlc.StandingAllocationsRow, at time.Time) (*uuid.UUID, error) {
	uses, total := make([]CreditUse, 0, len(taken)), int64(0)
	for _, t := range taken {
		uses = append(uses, CreditUse{t.InvoiceID, t.Net})
		total += t.Net
	}
	if total == 0 {
		return nil, nil
	}
	n, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: p.OrgID, Kind: "credit_note"})
	if err != nil {
		return nil, err
	}
	org, err := q.GetOrganization(ctx, p.OrgID)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(org.TimeZone)
	if err != nil {
		return nil, err
	}
	id := a.NewID()
	note := dbsqlc.InsertCreditNoteParams{
		OrgID: p.OrgID, ID: id, CustomerID: p.CustomerID, Number: fmt.Sprintf("CN-%04d", n), Currency: p.Currency, Amount: total,
		Reason: "Refund of receipt " + *p.ReceiptNumber, IssueDate: portal.DateOf(at, zone), CreatedBy: r.RequestedBy, At: at,
	}
	if len(taken) == 1 {
		note.InvoiceID = &taken[0].InvoiceID
	}
	if err := q.InsertCreditNote(ctx, note); err != nil {
		return nil, err
	}
	if err := q.InsertCreditEntry(ctx, dbsqlc.InsertCreditEntryParams{
		OrgID: p.OrgID, ID: a.NewID(), CustomerID: p.CustomerID, Currency: p.Currency, Amount: total, Reason: "credit_note", CreditNoteID: &id, At: at,
	}); err != nil {
		return nil, err
	}
	return &id, UseCredit(ctx, q, a.NewID, p.OrgID, p.CustomerID, p.Currency, &id, uses, at)
}
