package pdf

import (
	"io"
	"iter"

	"countersign/portal"
)

// Receipt says that a payment arrived, and which invoices it went to: one
// receipt, however many they are.
type Receipt struct {
	From   Organization
	To     Party
	Number string
	Paid   portal.Date // the day that the money arrived
	Payer  string      // the person who paid
	// Method is how it was paid, for people: "Visa ending 4242".
	Method string
	// Reference is the processor's, for whoever has to find the payment there.
	Reference   string
	Amount      portal.Money
	Allocations []Allocation
	// Credit is what was received beyond the invoices. Refunded was paid back
	// since. Both are left out where they are zero.
	Credit   portal.Money
	Refunded portal.Money
	Notes    string
}

// Allocation is the part of a payment that went to one invoice.
type Allocation struct {
	Invoice string // its number
	Title   string
	Due     portal.Date
	Total   portal.Money // of the invoice; left out without a currency
	Amount  portal.Money
}

// Write draws the receipt. An error is the writer's.
func (r Receipt) Write(w io.Writer) error {
	s := newSheet(r.From, about{kind: "Receipt", number: r.Number, to: r.To.Name, at: noon(r.Paid)})
	s.letterhead(status{})
	s.between("Received from", r.To, []fact{
		{"Paid on", s.date(r.Paid)},
		{"Paid with", cleanLine(r.Method)},
		{"Paid by", cleanLine(r.Payer)},
		{"Payment", cleanLine(r.Reference)},
	})
	note := "on " + s.date(r.Paid)
	if method := cleanLine(r.Method); method != "" {
		note += " with " + method
	}
	s.band("Paid", note, s.money(r.Amount))

	var sums []sum
	if !r.Credit.IsZero() {
		sums = append(sums, sum{label: "Kept as credit", value: s.money(r.Credit)})
	}
	sums = append(sums, sum{label: "Received (" + string(r.Amount.Currency) + ")", value: s.money(r.Amount), grand: true})
	if !r.Refunded.IsZero() {
		sums = append(sums, sum{label: "Paid back since", value: s.less(r.Refunded)})
	}
	if len(r.Allocations) > 0 {
		s.allocations(r.Allocations, sums)
	}
	s.sums(sums)

	s.y += 16
	s.paragraphs("Notes", r.Notes)
	return s.finish(w)
}

func (s *sheet) allocations(allocations []Allocation, sums []sum) {
	widest := make([]float64, 4)
	for _, a := range allocations {
		widest[1] = max(widest[1], width(s.date(a.Due), body))
		widest[2] = max(widest[2], width(s.money(a.Total), body))
		widest[3] = max(widest[3], width(s.money(a.Amount), body))
	}
	columns := []column{
		{label: "Invoice"},
		{label: "Due", right: true},
		{label: "Invoice total", right: true},
		{label: "Paid", right: true},
	}
	spread(columns, widest, s.wide(), 0.28)
	t := table{sheet: s, columns: columns}
	t.draw(s.allocationRows(allocations), sumsHeight(sums))
}

func (s *sheet) allocationRows(allocations []Allocation) iter.Seq[row] {
	return func(yield func(row) bool) {
		for _, a := range allocations {
			invoice := cell{{cleanLine(a.Invoice), body}}
			if title := cleanLine(a.Title); title != "" {
				invoice = append(invoice, piece{title, quiet})
			}
			if !yield(row{
				invoice,
				plainCell(s.date(a.Due)),
				plainCell(s.money(a.Total)),
				plainCell(s.money(a.Amount)),
			}) {
				return
			}
		}
	}
}
