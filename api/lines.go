package api

import (
	"github.com/shopspring/decimal"

	"countersign/portal"
)

// LineInput is one line of an estimate or an invoice, as staff write it.
type LineInput struct {
	Description     string `json:"description" minLength:"1" maxLength:"2000"`
	Quantity        string `json:"quantity" pattern:"^[0-9]{1,8}(\\.[0-9]{1,4})?$" patternDescription:"a number such as 1 or 2.5" example:"1.5"`
	Unit            string `json:"unit,omitempty" maxLength:"30" example:"hours"`
	UnitPrice       int64  `json:"unit_price" minimum:"0" maximum:"99999999999" doc:"In minor units of the document's currency."`
	DiscountPercent string `json:"discount_percent,omitempty" pattern:"^([0-9]{1,3}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage such as 10 or 7.5"`
	TaxPercent      string `json:"tax_percent,omitempty" pattern:"^([0-9]{1,3}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage such as 20"`
}

// Line is one line of a document, as everyone reads it.
type Line struct {
	Description     string       `json:"description"`
	Quantity        string       `json:"quantity"`
	Unit            string       `json:"unit,omitempty"`
	UnitPrice       portal.Money `json:"unit_price"`
	DiscountPercent string       `json:"discount_percent,omitempty"`
	TaxPercent      string       `json:"tax_percent,omitempty"`
	Amount          portal.Money `json:"amount" doc:"Quantity times price less the line's own discount, before tax."`
}

// Totals of a document, in its currency.
type Totals struct {
	Subtotal portal.Money `json:"subtotal"`
	Discount portal.Money `json:"discount"`
	Tax      portal.Money `json:"tax"`
	Total    portal.Money `json:"total"`
}

func totalsOf(c portal.Currency, subtotal, discount, tax, total int64) Totals {
	return Totals{portal.NewMoney(subtotal, c), portal.NewMoney(discount, c), portal.NewMoney(tax, c), portal.NewMoney(total, c)}
}

// lineColumns are the lines of a document as the database takes them.
type lineColumns struct {
	descriptions, units            []string
	quantities, discounts, taxes   []decimal.Decimal
	prices, amounts                []int64
	subtotal, discount, tax, total int64
	documentDiscount               decimal.Decimal
	// instalments are of an invoice with a plan.
	instalments []portal.Instalment
}

// computeLines reads and adds up a document's lines, once for estimates and invoices.
func computeLines(c portal.Currency, lines []LineInput, discountPercent string) (lineColumns, error) {
	columns := lineColumns{descriptions: []string{}, units: []string{}, quantities: []decimal.Decimal{}, discounts: []decimal.Decimal{}, taxes: []decimal.Decimal{}, prices: []int64{}, amounts: []int64{}}
	inputs := make([]portal.LineInput, len(lines))
	for i, l := range lines {
		inputs[i] = portal.LineInput{
			Description: l.Description, Quantity: number(l.Quantity), UnitPrice: l.UnitPrice,
			DiscountPercent: number(l.DiscountPercent), TaxPercent: number(l.TaxPercent),
		}
	}
	columns.documentDiscount = number(discountPercent)
	totals, err := portal.ComputeTotals(c, inputs, columns.documentDiscount)
	if err != nil {
		return columns, err
	}
	for i, l := range inputs {
		columns.descriptions = append(columns.descriptions, l.Description)
		columns.units = append(columns.units, lines[i].Unit)
		columns.quantities = append(columns.quantities, l.Quantity)
		columns.prices = append(columns.prices, l.UnitPrice)
		columns.discounts = append(columns.discounts, l.DiscountPercent)
		columns.taxes = append(columns.taxes, l.TaxPercent)
		columns.amounts = append(columns.amounts, totals.Lines[i].Amount-totals.Lines[i].Discount)
	}
	columns.subtotal, columns.discount, columns.tax, columns.total = totals.Subtotal, totals.Discount, totals.Tax, totals.Total
	return columns, nil
}

// number reads what a pattern has checked already; empty is zero.
func number(s string) decimal.Decimal {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero
	}
	return d
}

// percent writes a percentage, and none as nothing.
func percent(d decimal.Decimal) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
