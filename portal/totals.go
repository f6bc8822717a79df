package portal

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// LineInput is one line of an estimate or invoice as staff write it.
type LineInput struct {
	Description string `json:"description"`
	// Quantity of units or hours; up to MaxQuantity, with up to
	// MaxQuantityDecimals decimals.
	Quantity decimal.Decimal `json:"quantity"`
	// UnitPrice in minor units of the document's currency.
	UnitPrice int64 `json:"unit_price"`
	// DiscountPercent off this line, 0 to 100.
	DiscountPercent decimal.Decimal `json:"discount_percent"`
	// TaxPercent on what remains after discounts, 0 to 100.
	TaxPercent decimal.Decimal `json:"tax_percent"`
}

// LineTotal is what one line comes to, in minor units.
// Net = Amount − Discount − DocumentDiscount, and Total = Net + Tax.
type LineTotal struct {
	// Amount is quantity × unit price.
	Amount int64 `json:"amount"`
	// Discount is this line's own.
	Discount int64 `json:"discount"`
	// DocumentDiscount is this line's share of the document's discount.
	DocumentDiscount int64 `json:"document_discount"`
	Net              int64 `json:"net"`
	Tax              int64 `json:"tax"`
	Total            int64 `json:"total"`
}

// Totals is what a document comes to, in minor units. Each is the exact sum
// over the lines, and Total = Subtotal − Discount + Tax.
type Totals struct {
	// Subtotal is before discounts and tax.
	Subtotal int64 `json:"subtotal"`
	// Discount is both kinds together: the lines' own and the document's.
	Discount int64       `json:"discount"`
	Tax      int64       `json:"tax"`
	Total    int64       `json:"total"`
	Lines    []LineTotal `json:"lines"`
}

// The limits of a document. The largest total keeps every amount exact where
// JSON numbers are doubles (2^53), and far from an int64's end.
const (
	MaxLines            = 500
	MaxQuantity         = 10_000_000
	MaxQuantityDecimals = 4
	MaxPercentDecimals  = 4
	MaxTotal            = 100_000_000_000_000
)

var (
	hundred     = decimal.NewFromInt(100)
	maxQuantity = decimal.NewFromInt(MaxQuantity)
)

// ComputeTotals adds up a document.
//
// The rounding rule, stated once for the whole product: an amount is rounded
// half away from zero, line by line, to the currency's step (ChargeStep: one
// minor unit, but 0.010 KWD), so that every total is payable by card. Tax is
// computed per line on the net, after discounts.
//
// The document's discount is computed and rounded once, on the lines' sum, and
// then spread over the lines in proportion; what proportion leaves over goes,
// one step each, to the lines with the largest remainders, earlier lines first.
// So the lines always sum to the totals, and no unit is lost.
//
// Errors have CodeInvalid and name the fields, such as "lines[2].quantity".
func ComputeTotals(c Currency, lines []LineInput, documentDiscountPercent decimal.Decimal) (Totals, error) {
	if fields := checkLines(c, lines, documentDiscountPercent); len(fields) > 0 {
		return Totals{}, Invalid("This document can't be added up.", fields...)
	}
	step := ChargeStep(c)

	totals := Totals{Lines: make([]LineTotal, len(lines))}
	nets := make([]int64, len(lines))
	var net int64
	for i, in := range lines {
		amount, ok := roundInt64(in.Quantity.Mul(decimal.NewFromInt(in.UnitPrice)), step)
		if !ok || amount > MaxTotal {
			return Totals{}, Invalid("This document can't be added up.",
				Field(linePath(i, "unit_price"), "This line's amount is too large."))
		}
		discount := percentOf(amount, in.DiscountPercent, step)
		totals.Lines[i] = LineTotal{Amount: amount, Discount: discount}
		nets[i] = amount - discount
		net += nets[i]
	}
	shares := spread(percentOf(net, documentDiscountPercent, step), nets, net, step)

	for i, in := range lines {
		line := &totals.Lines[i]
		line.DocumentDiscount = shares[i]
		line.Net = nets[i] - shares[i]
		line.Tax = percentOf(line.Net, in.TaxPercent, step)
		line.Total = line.Net + line.Tax

		totals.Subtotal += line.Amount
		totals.Discount += line.Discount + line.DocumentDiscount
		totals.Tax += line.Tax
		totals.Total += line.Total
	}
	if totals.Subtotal > MaxTotal || totals.Total > MaxTotal {
		return Totals{}, Invalid("This document's total is too large.")
	}
	return totals, nil
}

// percentOf is percent % of amount under the rounding rule. Amounts up to
// MaxLines × MaxTotal and percentages up to 100 can't overflow.
func percentOf(amount int64, percent decimal.Decimal, step int64) int64 {
	part, _ := roundInt64(decimal.NewFromInt(amount).Mul(percent).Shift(-2), step)
	return part
}

// spread divides amount over the weights in proportion, in whole steps, by
// largest remainder. No share is larger than its weight as long as amount
// isn't larger than total, the weights' sum.
func spread(amount int64, weights []int64, total, step int64) []int64 {
	shares := make([]int64, len(weights))
	if amount == 0 {
		return shares
	}
	type remainder struct {
		line int
		part decimal.Decimal
	}
	remainders := make([]remainder, 0, len(weights))
	left := amount / step
	wanted, sum := decimal.NewFromInt(left), decimal.NewFromInt(total)
	for i, weight := range weights {
		// Integer division, so that remainders compare exactly.
		quotient, rest := wanted.Mul(decimal.NewFromInt(weight)).QuoRem(sum, 0)
		shares[i] = quotient.IntPart() * step
		left -= quotient.IntPart()
		remainders = append(remainders, remainder{i, rest})
	}
	slices.SortStableFunc(remainders, func(a, b remainder) int {
		return cmp.Or(b.part.Cmp(a.part), cmp.Compare(a.line, b.line))
	})
	for _, r := range remainders[:left] {
		shares[r.line] += step
	}
	return shares
}

func checkLines(c Currency, lines []LineInput, documentDiscountPercent decimal.Decimal) []FieldError {
	var fields []FieldError
	if !c.Valid() {
		fields = append(fields, Field("currency", "This is not a currency in use."))
	}
	if len(lines) == 0 {
		fields = append(fields, Field("lines", "There must be at least one line."))
	}
	if len(lines) > MaxLines {
		return append(fields, Field("lines", "There may be at most %d lines.", MaxLines))
	}
	for i, line := range lines {
		if problem := checkQuantity(line.Quantity); problem != "" {
			fields = append(fields, Field(linePath(i, "quantity"), "%s", problem))
		}
		switch {
		case line.UnitPrice < 0:
			fields = append(fields, Field(linePath(i, "unit_price"), "The price can't be negative."))
		case line.UnitPrice > MaxTotal:
			fields = append(fields, Field(linePath(i, "unit_price"), "The price is too large."))
		}
		if problem := checkPercent(line.DiscountPercent); problem != "" {
			fields = append(fields, Field(linePath(i, "discount_percent"), "%s", problem))
		}
		if problem := checkPercent(line.TaxPercent); problem != "" {
			fields = append(fields, Field(linePath(i, "tax_percent"), "%s", problem))
		}
	}
	if problem := checkPercent(documentDiscountPercent); problem != "" {
		fields = append(fields, Field("discount_percent", "%s", problem))
	}
	return fields
}

func checkQuantity(q decimal.Decimal) string {
	if !reasonable(q) || q.IsNegative() || q.GreaterThan(maxQuantity) || !q.Equal(q.Truncate(MaxQuantityDecimals)) {
		return fmt.Sprintf("The quantity must be between 0 and %d, with at most %d decimals.", MaxQuantity, MaxQuantityDecimals)
	}
	return ""
}

func checkPercent(p decimal.Decimal) string {
	if !reasonable(p) || p.IsNegative() || p.GreaterThan(hundred) || !p.Equal(p.Truncate(MaxPercentDecimals)) {
		return fmt.Sprintf("The percentage must be between 0 and 100, with at most %d decimals.", MaxPercentDecimals)
	}
	return ""
}

func linePath(i int, field string) string { return fmt.Sprintf("lines[%d].%s", i, field) }
