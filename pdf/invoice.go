package pdf

import (
	"io"

	"countersign/portal"
)

// Invoice asks a customer for money. Amounts without a currency are left out.
type Invoice struct {
	From      Organization
	To        Party
	Number    string
	Title     string
	Reference string // the customer's own, such as a purchase order
	Estimate  string // the number of the estimate that it was made from
	Status    portal.InvoiceStatus
	Issued    portal.Date
	Due       portal.Date
	Lines     []Line
	Totals    Totals
	// Settled is what was paid, credited or taken back, oldest first.
	Settled []Settlement
	// Owed is what is still to be paid.
	Owed        portal.Money
	Notes       string
	Terms       string
	BankDetails string // how to pay by bank transfer, where that is offered
}

// Settlement is an amount by which an invoice came to owe less or, when it is
// negative, more again.
type Settlement struct {
	Date   portal.Date
	Words  string // "Visa ending 4242", "Credit note CN-12"
	Amount portal.Money
}

// Write draws the invoice. An error is the writer's.
func (v Invoice) Write(w io.Writer) error {
	s := newSheet(v.From, about{kind: "Invoice", number: v.Number, to: v.To.Name, at: noon(v.Issued)})
	s.letterhead(invoiceStatus(v.Status))
	s.between("Billed to", v.To, []fact{
		{"Issued", s.date(v.Issued)},
		{"Due", s.date(v.Due)},
		{"For", cleanLine(v.Title)},
		{"Reference", cleanLine(v.Reference)},
		{"Estimate", cleanLine(v.Estimate)},
	})
	switch {
	case v.Status == portal.InvoiceVoid:
		s.band("Void", "Nothing is to be paid.", s.money(v.Totals.Total))
	case v.Owed.Currency != "" && v.Owed.Amount <= 0:
		s.band("Paid", "Thank you.", s.money(v.Totals.Total))
	case v.Due.IsZero():
		s.band("Amount due", "", s.money(v.owed()))
	default:
		s.band("Amount due", "by "+s.date(v.Due), s.money(v.owed()))
	}

	sums := s.totals(v.Totals)
	for _, settled := range v.Settled {
		words := cleanLine(settled.Words)
		if !settled.Date.IsZero() {
			words += ", " + s.date(settled.Date)
		}
		sums = append(sums, sum{label: words, value: s.less(settled.Amount)})
	}
	if len(v.Settled) > 0 {
		sums = append(sums, sum{label: "Amount due", value: s.money(v.owed()), grand: true})
	}
	s.lines(v.Lines, sums)
	s.sums(sums)

	s.y += 16
	s.paragraphs("Notes", v.Notes)
	s.paragraphs("Terms", v.Terms)
	s.paragraphs("Paying by bank transfer", v.BankDetails)
	return s.finish(w)
}

func (v Invoice) owed() portal.Money {
	if v.Owed.Currency == "" {
		return v.Totals.Total
	}
	return v.Owed
}

func invoiceStatus(s portal.InvoiceStatus) status {
	switch s {
	case portal.InvoiceDraft:
		return status{"Draft", ink2}
	case portal.InvoicePartlyPaid:
		return status{"Partly paid", warn}
	case portal.InvoicePaid:
		return status{"Paid", good}
	case portal.InvoiceOverdue:
		return status{"Overdue", bad}
	case portal.InvoiceVoid:
		return status{"Void", ink2}
	default: // an open invoice says what it is by itself
		return status{}
	}
}
