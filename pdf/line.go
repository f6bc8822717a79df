package pdf

import (
	"iter"
	"strings"

	"countersign/portal"
)

// Line is a line of an estimate, an invoice or a credit note. Numbers are
// plain decimals, such as "1.5"; they are written as the locale does.
type Line struct {
	// Description's first line is its title, what follows is set smaller.
	Description     string
	Quantity        string
	Unit            string
	UnitPrice       portal.Money
	DiscountPercent string
	TaxPercent      string
	Amount          portal.Money // after the line's own discount, before tax
}

// Totals of a document. Discount and Tax are left out where they are zero.
type Totals struct {
	Subtotal        portal.Money
	Discount        portal.Money // positive
	DiscountPercent string       // of the document's discount, if that is all of it
	Tax             portal.Money
	Total           portal.Money
}

func (s *sheet) totals(t Totals) []sum {
	sums := []sum{{label: "Subtotal", value: s.money(t.Subtotal)}}
	if !t.Discount.IsZero() {
		words := "Discount"
		if t.DiscountPercent != "" {
			words += " " + s.percent(t.DiscountPercent)
		}
		sums = append(sums, sum{label: words, value: s.less(t.Discount)})
	}
	if !t.Tax.IsZero() {
		sums = append(sums, sum{label: "Tax", value: s.money(t.Tax)})
	}
	return append(sums, sum{label: "Total (" + string(t.Total.Currency) + ")", value: s.money(t.Total), grand: true})
}

// lines draws a document's lines and leaves room for the sums that follow.
func (s *sheet) lines(lines []Line, sums []sum) {
	taxed := false
	for _, l := range lines {
		taxed = taxed || l.TaxPercent != ""
	}
	columns := []column{{label: "Description"}, {label: "Quantity", right: true}, {label: "Price", right: true}}
	if taxed {
		columns = append(columns, column{label: "Tax", right: true})
	}
	columns = append(columns, column{label: "Amount", right: true})

	widest := make([]float64, len(columns))
	for _, l := range lines {
		for i, text := range s.lineFigures(l, taxed) {
			widest[i+1] = max(widest[i+1], width(text, body))
		}
	}
	spread(columns, widest, s.wide(), 0.28)
	t := table{sheet: s, columns: columns}
	t.draw(s.lineRows(lines, taxed), sumsHeight(sums))
}

// lineFigures are the cells of a line after its description.
func (s *sheet) lineFigures(l Line, taxed bool) []string {
	quantity := strings.TrimSpace(s.decimal(l.Quantity) + " " + cleanLine(portal.UnitWords(l.Quantity, l.Unit)))
	out := []string{quantity, s.money(l.UnitPrice)}
	if taxed {
		tax := "none"
		if l.TaxPercent != "" {
			tax = s.percent(l.TaxPercent)
		}
		out = append(out, tax)
	}
	return append(out, s.money(l.Amount))
}

func (s *sheet) lineRows(lines []Line, taxed bool) iter.Seq[row] {
	return func(yield func(row) bool) {
		for _, l := range lines {
			title, detail, _ := strings.Cut(strings.Trim(clean(l.Description), "\n "), "\n")
			cells := row{{{title, body}}}
			if detail = strings.Trim(detail, "\n "); detail != "" {
				cells[0] = append(cells[0], piece{detail, quiet})
			}
			if l.DiscountPercent != "" {
				cells[0] = append(cells[0], piece{s.percent(l.DiscountPercent) + " discount", quiet})
			}
			for _, text := range s.lineFigures(l, taxed) {
				cells = append(cells, plainCell(text))
			}
			if !yield(cells) {
				return
			}
		}
	}
}
