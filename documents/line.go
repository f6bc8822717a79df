package documents

import (
	"github.com/shopspring/decimal"

	"countersign/db/dbsqlc"
	"countersign/pdf"
	"countersign/portal"
)

func lineOf(l dbsqlc.InvoiceLine, c portal.Currency) pdf.Line {
	return pdf.Line{
		Description: l.Description, Quantity: l.Quantity.String(), Unit: l.Unit, UnitPrice: portal.NewMoney(l.UnitPrice, c),
		DiscountPercent: percent(l.DiscountPercent), TaxPercent: percent(l.TaxPercent), Amount: portal.NewMoney(l.Amount, c),
	}
}

// amounts are a document's sums in minor units, as its row has them.
type amounts struct {
	subtotal, discount, tax, total int64
	percent                        decimal.Decimal // of the document's discount
}

// totals names the percentage of the discount only where it is all of it.
func (a amounts) totals(lines []pdf.Line, c portal.Currency) pdf.Totals {
	t := pdf.Totals{
		Subtotal: portal.NewMoney(a.subtotal, c), Discount: portal.NewMoney(a.discount, c),
		Tax: portal.NewMoney(a.tax, c), Total: portal.NewMoney(a.total, c), DiscountPercent: percent(a.percent),
	}
	for _, l := range lines {
		if l.DiscountPercent != "" {
			t.DiscountPercent = ""
		}
	}
	return t
}

// percent writes a percentage, and none as nothing.
func percent(d decimal.Decimal) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
