package portal

import (
	"errors"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// line is quantity × price less a discount plus tax, the last two in percent.
func line(quantity string, price int64, discount, tax string) LineInput {
	return LineInput{Quantity: dec(quantity), UnitPrice: price, DiscountPercent: dec(discount), TaxPercent: dec(tax)}
}

func TestComputeTotalsRoundsPerLineAndTaxesTheNet(t *testing.T) {
	for _, test := range []struct {
		name     string
		currency Currency
		lines    []LineInput
		discount string
		want     Totals
	}{
		{
			name: "one line", currency: "USD", discount: "0",
			lines: []LineInput{line("2", 1050, "0", "8.25")},
			want: Totals{Subtotal: 2100, Tax: 173, Total: 2273, Lines: []LineTotal{
				{Amount: 2100, Net: 2100, Tax: 173, Total: 2273},
			}},
		},
		{
			name: "half a cent goes up", currency: "USD", discount: "0",
			lines: []LineInput{line("0.5", 101, "0", "0")},
			want:  Totals{Subtotal: 51, Total: 51, Lines: []LineTotal{{Amount: 51, Net: 51, Total: 51}}},
		},
		{
			name: "tax is on what remains after both discounts", currency: "EUR", discount: "10",
			lines: []LineInput{line("1", 10000, "50", "20")},
			want: Totals{Subtotal: 10000, Discount: 5500, Tax: 900, Total: 5400, Lines: []LineTotal{
				{Amount: 10000, Discount: 5000, DocumentDiscount: 500, Net: 4500, Tax: 900, Total: 5400},
			}},
		},
		{
			name: "the document's discount loses no cent", currency: "USD", discount: "10",
			lines: []LineInput{line("1", 333, "0", "0"), line("1", 333, "0", "0"), line("1", 334, "0", "0")},
			want: Totals{Subtotal: 1000, Discount: 100, Total: 900, Lines: []LineTotal{
				{Amount: 333, DocumentDiscount: 33, Net: 300, Total: 300},
				{Amount: 333, DocumentDiscount: 33, Net: 300, Total: 300},
				{Amount: 334, DocumentDiscount: 34, Net: 300, Total: 300},
			}},
		},
		{
			name: "what is left over goes to the earlier of equal lines", currency: "JPY", discount: "50",
			lines: []LineInput{line("1", 1, "0", "0"), line("1", 1, "0", "0"), line("1", 1, "0", "0")},
			want: Totals{Subtotal: 3, Discount: 2, Total: 1, Lines: []LineTotal{
				{Amount: 1, DocumentDiscount: 1}, {Amount: 1, DocumentDiscount: 1}, {Amount: 1, Net: 1, Total: 1},
			}},
		},
		{
			name: "dinars are rounded to what cards can pay", currency: "KWD", discount: "0",
			lines: []LineInput{line("1", 1235, "0", "5")},
			want: Totals{Subtotal: 1240, Tax: 60, Total: 1300, Lines: []LineTotal{
				{Amount: 1240, Net: 1240, Tax: 60, Total: 1300},
			}},
		},
		{
			name: "everything given away", currency: "USD", discount: "100",
			lines: []LineInput{line("1", 999, "0", "10"), line("0", 100, "0", "10")},
			want: Totals{Subtotal: 999, Discount: 999, Lines: []LineTotal{
				{Amount: 999, DocumentDiscount: 999}, {},
			}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ComputeTotals(test.currency, test.lines, dec(test.discount))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Lines, test.want.Lines) {
				t.Errorf("lines are %+v, want %+v", got.Lines, test.want.Lines)
			}
			got.Lines, test.want.Lines = nil, nil
			if got.Subtotal != test.want.Subtotal || got.Discount != test.want.Discount ||
				got.Tax != test.want.Tax || got.Total != test.want.Total {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestComputeTotalsNamesTheFieldThatIsWrong(t *testing.T) {
	good := line("1", 100, "0", "0")
	for _, test := range []struct {
		path     string
		currency Currency
		lines    []LineInput
		discount string
	}{
		{"currency", "???", []LineInput{good}, "0"},
		{"lines", "USD", nil, "0"},
		{"lines", "USD", slices.Repeat([]LineInput{good}, MaxLines+1), "0"},
		{"lines[2].quantity", "USD", []LineInput{good, good, line("-1", 1, "0", "0")}, "0"},
		{"lines[0].quantity", "USD", []LineInput{line("10000000.1", 1, "0", "0")}, "0"},
		{"lines[0].quantity", "USD", []LineInput{line("0.00001", 1, "0", "0")}, "0"},
		{"lines[0].quantity", "USD", []LineInput{line("1e9999", 1, "0", "0")}, "0"},
		{"lines[0].quantity", "USD", []LineInput{line("1e-9999", 1, "0", "0")}, "0"},
		{"lines[1].unit_price", "USD", []LineInput{good, line("1", -1, "0", "0")}, "0"},
		{"lines[0].unit_price", "USD", []LineInput{line("1", MaxTotal+1, "0", "0")}, "0"},
		{"lines[0].unit_price", "USD", []LineInput{line("10000000", MaxTotal, "0", "0")}, "0"},
		{"lines[0].discount_percent", "USD", []LineInput{line("1", 1, "100.0001", "0")}, "0"},
		{"lines[0].discount_percent", "USD", []LineInput{line("1", 1, "-1", "0")}, "0"},
		{"lines[0].tax_percent", "USD", []LineInput{line("1", 1, "0", "0.00001")}, "0"},
		{"lines[0].tax_percent", "USD", []LineInput{line("1", 1, "0", "1e9999")}, "0"},
		{"discount_percent", "USD", []LineInput{good}, "101"},
	} {
		_, err := ComputeTotals(test.currency, test.lines, dec(test.discount))
		refusal, ok := errors.AsType[*Error](err)
		if !ok || refusal.Code != CodeInvalid || len(refusal.Fields) != 1 || refusal.Fields[0].Path != test.path {
			t.Errorf("got %v, want a refusal of %s", err, test.path)
		}
	}
}

func TestComputeTotalsRefusesATotalThatIsTooLarge(t *testing.T) {
	_, err := ComputeTotals("USD", []LineInput{line("1", MaxTotal, "0", "0"), line("1", 1, "0", "0")}, dec("0"))
	wantCode(t, err, CodeInvalid)
	_, err = ComputeTotals("USD", []LineInput{line("1", MaxTotal, "0", "100")}, dec("0"))
	wantCode(t, err, CodeInvalid)
	if _, err = ComputeTotals("USD", []LineInput{line("1", MaxTotal, "0", "0")}, dec("0")); err != nil {
		t.Errorf("the largest total is refused: %v", err)
	}
}

func TestTotalsSumTheirLinesAndLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		percent := rapid.Custom(func(t *rapid.T) decimal.Decimal {
			return decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "percent"), -4)
		})
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) LineInput {
			return LineInput{
				Quantity:        decimal.New(rapid.Int64Range(0, 10_000_000).Draw(t, "quantity"), -rapid.Int32Range(0, MaxQuantityDecimals).Draw(t, "decimals")),
				UnitPrice:       rapid.Int64Range(0, 1_000_000).Draw(t, "price"),
				DiscountPercent: percent.Draw(t, "discount"),
				TaxPercent:      percent.Draw(t, "tax"),
			}
		}), 1, 12).Draw(t, "lines")
		documentDiscount := percent.Draw(t, "document discount")

		totals, err := ComputeTotals(c, lines, documentDiscount)
		if err != nil {
			t.Fatal(err)
		}
		var sum Totals
		var net, shares int64
		for i, l := range totals.Lines {
			if l.Amount < 0 || l.Discount < 0 || l.DocumentDiscount < 0 || l.Net < 0 || l.Tax < 0 {
				t.Fatalf("line %d is negative: %+v", i, l)
			}
			if l.Net != l.Amount-l.Discount-l.DocumentDiscount || l.Total != l.Net+l.Tax {
				t.Fatalf("line %d doesn't add up: %+v", i, l)
			}
			if l.Total%ChargeStep(c) != 0 {
				t.Fatalf("line %d isn't payable by card: %+v", i, l)
			}
			sum.Subtotal += l.Amount
			sum.Discount += l.Discount + l.DocumentDiscount
			sum.Tax += l.Tax
			sum.Total += l.Total
			net += l.Amount - l.Discount
			shares += l.DocumentDiscount
		}
		if sum.Subtotal != totals.Subtotal || sum.Discount != totals.Discount || sum.Tax != totals.Tax || sum.Total != totals.Total {
			t.Fatalf("the lines sum to %+v, the document to %+v", sum, totals)
		}
		if totals.Total != totals.Subtotal-totals.Discount+totals.Tax {
			t.Fatalf("the document doesn't add up: %+v", totals)
		}
		if whole := percentOf(net, documentDiscount, ChargeStep(c)); shares != whole {
			t.Fatalf("%d of a discount of %d were given", shares, whole)
		}
		// A share is off its exact proportion by less than one step.
		for i, l := range totals.Lines {
			if net == 0 {
				break
			}
			exact := decimal.NewFromInt(shares).Mul(decimal.NewFromInt(l.Amount - l.Discount)).Div(decimal.NewFromInt(net))
			off := exact.Sub(decimal.NewFromInt(l.DocumentDiscount)).Abs()
			if off.GreaterThanOrEqual(decimal.NewFromInt(ChargeStep(c))) {
				t.Fatalf("line %d got %d where %s is fair", i, l.DocumentDiscount, exact)
			}
		}
	})
}
