package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// bill is an invoice in the making.
type bill struct {
	id       uuid.UUID
	buyer    *buyer
	job      string
	number   string
	title    string
	notes    string
	content  content
	issue    day
	due      day
	created  time.Time
	sent     time.Time // zero for a draft
	voided   time.Time
	repeats  *bill // why it was voided: it is the same again
	estimate *estimate
	ways     []string
	// left is what nobody has paid yet; settled is when nothing was left.
	left    int64
	settled time.Time
	// held ones are left as they are.
	held bool
}

// content is the lines of a document and what they come to.
type content struct {
	lines    []portal.LineInput
	units    []string
	discount decimal.Decimal
	totals   portal.Totals
}

// write makes the lines of a document, where the luck says how much of each.
func (y *year) content(items []item, project, month, discount string, l luck) (content, error) {
	words := strings.NewReplacer("{project}", project, "{month}", month)
	c := content{discount: percent(discount)}
	for _, i := range items {
		wanted := l.hits(i.chance)
		quantity := decimal.NewFromInt(int64(l.between(i.lo, i.hi)))
		if !wanted {
			continue
		}
		if i.half {
			quantity = quantity.Div(decimal.NewFromInt(2))
		}
		c.lines = append(c.lines, portal.LineInput{Description: words.Replace(i.text), Quantity: quantity, UnitPrice: i.price, TaxPercent: percent(i.tax)})
		c.units = append(c.units, i.unit)
	}
	totals, err := portal.ComputeTotals(y.b.currency, c.lines, c.discount)
	c.totals = totals
	return c, err
}

// amount of a line as documents store it: less its own discount, before tax.
func (c content) amount(i int) int64 { return c.totals.Lines[i].Amount - c.totals.Lines[i].Discount }

func percent(s string) decimal.Decimal {
	if s == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(s)
}

// invoice makes the invoices of a customer: of its work, of the estimates that
// it accepted, and those that are still owed whatever its habit.
func (y *year) invoice(b *buyer) error {
	for i, w := range b.work {
		for back := w.from; back >= w.until; back -= max(w.every, 1) {
			on := portal.NewDate(y.today.Year, y.today.Month-time.Month(back), w.on)
			if y.today.DaysUntil(on) < 7 {
				if err := y.bill(b, fmt.Sprintf("%s %d %d", w.job, i, back), w.job, w.project, on); err != nil {
					return err
				}
			}
			if w.every == 0 {
				break
			}
		}
	}
	for i, o := range b.open {
		if err := y.bill(b, openName(i), o.job, o.project, y.ago(o.ago)); err != nil {
			return err
		}
		b.bills[len(b.bills)-1].held = true
	}
	slices.SortStableFunc(b.bills, func(x, z *bill) int { return x.created.Compare(z.created) })
	return nil
}

// openName is the name by which begin finds an opening's invoice again.
func openName(i int) string { return fmt.Sprintf("open %d", i) }

// bill makes one invoice, on the working day on or after that one. Before its
// day of issue it is a draft, written yesterday.
func (y *year) bill(b *buyer, name, what, project string, on day) error {
	job, ok := y.b.jobs[what]
	if !ok {
		return fmt.Errorf("there is no job %q", what)
	}
	l := chance(y.b.slug, b.name, name)
	lines, err := y.content(job.lines, project, month(on), b.discount, l)
	if err != nil {
		return fmt.Errorf("adding up %s for %s: %w", what, b.name, err)
	}
	title := strings.NewReplacer("{project}", project, "{month}", month(on)).Replace(job.title)
	y.add(b, name, title, lines, y.onOrAfter(on), l).job = what
	return nil
}

func (y *year) add(b *buyer, name, title string, c content, issue day, l luck) *bill {
	n := &bill{
		id: y.id("invoice", b.name, name), buyer: b, title: title, notes: b.reference, content: c, issue: issue, due: issue.AddDays(b.terms),
		ways: b.offered(), left: c.totals.Total,
	}
	if y.over(issue) {
		n.created = y.at(issue, l).Add(-time.Duration(l.between(5, 50)) * time.Minute)
		n.sent = n.created.Add(time.Duration(l.between(2, 40)) * time.Minute)
	} else {
		n.created = y.at(y.ago(1), l)
	}
	b.bills = append(b.bills, n)
	return n
}

// offered are the ways to pay on a customer's invoices, R31.
func (b *buyer) offered() []string {
	if b.bankDebit {
		return []string{"card", "bank_debit", "bank_transfer"}
	}
	return []string{"card", "bank_transfer"}
}

// duplicate makes the mistake that every bookkeeper knows: the same invoice
// again, voided the next day.
func (y *year) duplicate(b *buyer, of *bill) {
	l := chance(y.b.slug, b.name, "again", of.id.String())
	again := y.add(b, "again "+of.id.String(), of.title, of.content, of.issue, l)
	again.created = of.sent.Add(time.Duration(l.between(3, 30)) * time.Minute)
	again.sent = again.created.Add(2 * time.Minute)
	again.voided = y.clock(of.issue.AddDays(1), 9, l.between(5, 55))
	again.repeats, again.held, again.left = of, true, 0
}

// mistakes are drafts that wait and invoices that were voided, at every business.
func (y *year) mistakes() error {
	for i, b := range y.buyers {
		if i == 1 || i == 3 {
			work := b.work[slices.IndexFunc(b.work, func(w engagement) bool { return w.every != 1 })]
			if err := y.bill(b, "draft", work.job, work.project, y.today.AddDays(i)); err != nil {
				return err
			}
		}
		l := chance(y.b.slug, b.name, "mistakes")
		for j, of := range slices.Clone(b.bills) {
			sure := j == 2 && (i == 1 || i == 4)
			if (l.hits(2) || sure) && i > 0 && !of.sent.IsZero() && !of.held && y.over(of.issue.AddDays(2)) {
				y.duplicate(b, of)
			}
		}
	}
	return nil
}

// numberBills gives the invoices their numbers in the order they were written in.
func (y *year) numberBills() {
	for _, b := range y.buyers {
		y.bills = append(y.bills, b.bills...)
	}
	slices.SortFunc(y.bills, func(a, b *bill) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id.String(), b.id.String()))
	})
	for i, b := range y.bills {
		b.number = fmt.Sprintf("INV-%04d", y.b.first.invoice+i)
	}
}

func (y *year) writeBills(r *rows) {
	writer := y.staffMember(2)
	for _, b := range y.bills {
		t := b.content.totals
		row := dbsqlc.Invoice{
			OrgID: y.org, ID: b.id, CustomerID: b.buyer.row.ID, Number: b.number, State: "draft", Revision: 1, Currency: y.b.currency, Title: b.title, Notes: b.notes,
			Terms: y.b.terms, IssueDate: b.issue, DueDate: b.due, DiscountPercent: b.content.discount, Subtotal: t.Subtotal, Discount: t.Discount, Tax: t.Tax, Total: t.Total,
			// The allocations that follow take from it what was paid.
			Due: t.Total, WaysToPay: b.ways, SentAt: optional(b.sent), VoidedAt: optional(b.voided), SettledAt: optional(b.settled), CreatedBy: &writer.ID, CreatedAt: b.created, UpdatedAt: b.created,
		}
		about := map[string]any{"number": b.number, "total": t.Total, "currency": y.b.currency, "due_date": b.due}
		y.tell(event{at: b.created, kind: "invoice.created", subject: "invoice", id: b.id, customer: b.buyer, by: writer, internal: true})
		if b.estimate != nil {
			row.EstimateID = &b.estimate.id
		}
		if !b.sent.IsZero() {
			row.State, row.UpdatedAt = "sent", b.sent
			y.tell(event{at: b.sent, kind: "invoice.sent", subject: "invoice", id: b.id, customer: b.buyer, by: writer, data: about})
			y.tellViewed(b)
		}
		if !b.voided.IsZero() {
			row.State, row.UpdatedAt, row.Due, row.Revision = "void", b.voided, 0, 2
			y.tell(event{at: b.voided, kind: "invoice.voided", subject: "invoice", id: b.id, customer: b.buyer, by: y.staffMember(1),
				data: map[string]any{"number": b.number, "reason": "It repeats " + b.repeats.number + "."}})
		}
		r.invoices = append(r.invoices, row)
		for i, line := range b.content.lines {
			r.invoiceLines = append(r.invoiceLines, dbsqlc.InvoiceLine{
				OrgID: y.org, InvoiceID: b.id, Position: int32(i + 1), Description: line.Description, Quantity: line.Quantity, Unit: b.content.units[i],
				UnitPrice: line.UnitPrice, DiscountPercent: line.DiscountPercent, TaxPercent: line.TaxPercent, Amount: b.content.amount(i),
			})
		}
	}
}

// tellViewed has somebody at the customer open most invoices, within two days.
func (y *year) tellViewed(b *bill) {
	l := chance(y.b.slug, "viewed", b.id.String())
	at := b.sent.Add(time.Duration(l.between(10, 46*60)) * time.Minute)
	if l.hits(65) && b.voided.IsZero() && y.over(portal.DateOf(at, y.zone)) {
		y.tell(event{at: at, kind: "invoice.viewed", subject: "invoice", id: b.id, customer: b.buyer, by: b.buyer.payer(), internal: true, data: map[string]any{"number": b.number}})
		y.seen(view{kind: "invoice", id: b.id, buyer: b.buyer, by: b.buyer.payer().ID, at: at})
	}
}
