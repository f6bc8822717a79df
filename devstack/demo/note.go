package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// note is a credit note in the making.
type note struct {
	id      uuid.UUID
	buyer   *buyer
	of      *bill
	number  string
	amount  int64
	reason  string
	at      time.Time
	issue   day
	applied part // what of it paid an invoice
	spent   time.Time
	// refunded is what of it was given back in money.
	refunded   int64
	refundedAt time.Time
}

// credit writes a customer's credit notes and pays invoices with some of them,
// before money is asked for.
func (y *year) credit(b *buyer) {
	for i, c := range b.credits {
		of := b.nth(c.job, c.nth)
		if of == nil {
			continue
		}
		l := chance(y.b.slug, b.name, "credit", fmt.Sprint(i))
		issue := y.onOrAfter(of.issue.AddDays(c.after))
		if !y.over(issue) {
			continue
		}
		n := &note{
			id: y.id("credit note", b.name, fmt.Sprint(i)), buyer: b, of: of, reason: c.reason, issue: issue, at: y.at(issue, l),
			amount: portal.RoundDownToStep(portal.NewMoney(of.content.totals.Total*c.percent/100, y.b.currency)).Amount,
		}
		if c.applied {
			y.apply(n)
		}
		y.notes = append(y.notes, n)
	}
}

// apply pays the next invoice with the note, as far as it goes.
func (y *year) apply(n *note) {
	for _, next := range n.buyer.bills {
		if next.held || next.sent.IsZero() || !next.issue.After(n.issue) || next.left == 0 || !y.over(next.issue.AddDays(1)) {
			continue
		}
		n.applied = part{next, min(n.amount, next.left)}
		n.spent = next.sent.Add(3 * time.Hour)
		next.take(n.applied.amount, n.spent)
		return
	}
}

// nth is a customer's first, second, … invoice for a job that was sent.
func (b *buyer) nth(job string, n int) *bill {
	for _, bill := range b.bills {
		if bill.job == job && !bill.sent.IsZero() && !bill.held {
			if n--; n == 0 {
				return bill
			}
		}
	}
	return nil
}

func (y *year) numberNotes() {
	slices.SortFunc(y.notes, func(a, b *note) int { return a.at.Compare(b.at) })
	for i, n := range y.notes {
		n.number = fmt.Sprintf("CN-%04d", y.b.first.credit+i)
	}
}

func (y *year) writeNotes(r *rows) {
	by := y.staffMember(1)
	for _, n := range y.notes {
		r.creditNotes = append(r.creditNotes, dbsqlc.CreditNote{
			OrgID: y.org, ID: n.id, CustomerID: n.buyer.row.ID, InvoiceID: &n.of.id, Number: n.number, Currency: y.b.currency, Amount: n.amount,
			Reason: n.reason, IssueDate: n.issue, CreatedBy: &by.ID, CreatedAt: n.at,
		})
		entry := dbsqlc.CreditEntry{
			OrgID: y.org, ID: y.id("credited", n.id.String()), CustomerID: n.buyer.row.ID, Currency: y.b.currency, Amount: n.amount,
			Reason: "credit_note", CreditNoteID: &n.id, CreatedAt: n.at,
		}
		r.credits = append(r.credits, entry)
		y.tell(event{at: n.at, kind: "credit_note.created", subject: "credit_note", id: n.id, customer: n.buyer, by: by,
			data: map[string]any{"number": n.number, "amount": n.amount, "currency": y.b.currency, "reason": n.reason}})
		y.writeRefund(r, n)
		if n.applied.bill == nil {
			continue
		}
		allocation := y.id("credit applied", n.id.String())
		r.allocations = append(r.allocations, dbsqlc.Allocation{
			OrgID: y.org, ID: allocation, CustomerID: n.buyer.row.ID, InvoiceID: n.applied.bill.id, Source: "credit", CreditNoteID: &n.id,
			Amount: n.applied.amount, CreatedAt: n.spent,
		})
		r.credits = append(r.credits, dbsqlc.CreditEntry{
			OrgID: y.org, ID: y.id("credit spent", n.id.String()), CustomerID: n.buyer.row.ID, Currency: y.b.currency, Amount: -n.applied.amount,
			Reason: "applied", CreditNoteID: &n.id, AllocationID: &allocation, CreatedAt: n.spent,
		})
		y.tell(event{at: n.spent, kind: "invoice.credited", subject: "invoice", id: n.applied.bill.id, customer: n.buyer, by: by,
			data: map[string]any{"credit_note": n.number, "amount": n.applied.amount, "currency": y.b.currency}})
	}
}
