package pdf

import (
	"io"

	"countersign/portal"
)

// CreditNote gives a customer credit: for an invoice that it corrects, or to
// be used on later ones.
type CreditNote struct {
	From    Organization
	To      Party
	Number  string
	Invoice string // the number of the invoice that it corrects, if it corrects one
	Issued  portal.Date
	Reason  string
	Amount  portal.Money
	// Lines and Totals are empty for a credit note of just an amount.
	Lines  []Line
	Totals Totals
	// Remaining is what hasn't been used yet; left out without a currency.
	Remaining portal.Money
}

// Write draws the credit note. An error is the writer's.
func (c CreditNote) Write(w io.Writer) error {
	s := newSheet(c.From, about{kind: "Credit note", number: c.Number, to: c.To.Name, at: noon(c.Issued)})
	s.letterhead(status{})
	s.between("Credited to", c.To, []fact{
		{"Issued", s.date(c.Issued)},
		{"Invoice", cleanLine(c.Invoice)},
		{"Still to be used", s.money(c.Remaining)},
	})
	note := ""
	if c.Invoice != "" {
		note = "corrects invoice " + cleanLine(c.Invoice)
	}
	s.band("Credit", note, s.money(c.Amount))

	lines, totals := c.Lines, c.Totals
	if len(lines) == 0 {
		words := "Credit"
		if c.Invoice != "" {
			words += " for invoice " + c.Invoice
		}
		lines = []Line{{Description: words, Quantity: "1", UnitPrice: c.Amount, Amount: c.Amount}}
		totals = Totals{Subtotal: c.Amount, Total: c.Amount}
	}
	sums := s.totals(totals)
	s.lines(lines, sums)
	s.sums(sums)

	s.y += 16
	s.paragraphs("Reason", c.Reason)
	return s.finish(w)
}
