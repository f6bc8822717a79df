package portal_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"countersign/portal"
)

func ExampleMoney_Format() {
	m := portal.NewMoney(123450, "EUR")
	fmt.Println(m.Format("en-US"))
	fmt.Println(m.Format("ja-JP"))
	fmt.Println(m.Decimal())
	// Output:
	// €1,234.50
	// €1,234.50
	// 1234.50
}

func ExampleParseMoney() {
	for _, text := range []string{"1,234.50", "1.234,50", "12.345"} {
		m, err := portal.ParseMoney(text, "USD")
		fmt.Println(m.Amount, err)
	}
	// Output:
	// 123450 <nil>
	// 123450 <nil>
	// 0 This amount has too many decimals. This currency has 2.
}

func ExampleChargeable() {
	fmt.Println(portal.Chargeable(portal.NewMoney(1000, "KWD")))
	fmt.Println(portal.Chargeable(portal.NewMoney(1005, "KWD")))
	fmt.Println(portal.Chargeable(portal.NewMoney(20, "USD")))
	// Output:
	// <nil>
	// Payments in KWD must be a multiple of 0.010.
	// The smallest payment in USD is 0.50.
}

func ExampleComputeTotals() {
	lines := []portal.LineInput{
		{Description: "Design, hours", Quantity: decimal.RequireFromString("7.5"), UnitPrice: 9000, TaxPercent: decimal.NewFromInt(20)},
		{Description: "Hosting", Quantity: decimal.NewFromInt(1), UnitPrice: 1999, TaxPercent: decimal.NewFromInt(20)},
	}
	totals, err := portal.ComputeTotals("USD", lines, decimal.NewFromInt(10))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range totals.Lines {
		fmt.Printf("%d - %d + %d = %d\n", l.Amount, l.DocumentDiscount, l.Tax, l.Total)
	}
	fmt.Println(totals.Subtotal, "-", totals.Discount, "+", totals.Tax, "=", totals.Total)
	// Output:
	// 67500 - 6750 + 12150 = 72900
	// 1999 - 200 + 360 = 2159
	// 69499 - 6950 + 12510 = 75059
}

func ExampleComputeTotals_refused() {
	_, err := portal.ComputeTotals("USD", []portal.LineInput{{Quantity: decimal.NewFromInt(-1), UnitPrice: 100}}, decimal.Zero)
	if refusal, ok := errors.AsType[*portal.Error](err); ok {
		fmt.Println(refusal.Code, refusal.Fields[0].Path)
	}
	// Output: invalid lines[0].quantity
}

func ExampleAllocateOldestFirst() {
	owed := []portal.Owed{
		{ID: "b", Due: 5000, DueDate: portal.NewDate(2026, time.December, 1), Number: "INV-2"},
		{ID: "a", Due: 3000, DueDate: portal.NewDate(2026, time.November, 1), Number: "INV-1"},
	}
	allocations, excess, err := portal.AllocateOldestFirst(4000, owed)
	fmt.Println(allocations, excess, err)
	// Output: [{a 3000} {b 1000}] 0 <nil>
}

func ExampleInvoiceState() {
	s := portal.InvoiceState{
		Total: 10000, Applied: 4000, Sent: true,
		DueDate: portal.NewDate(2026, time.November, 22),
		Today:   portal.NewDate(2026, time.November, 22),
	}
	fmt.Println(s.Due(), s.Status())
	s.Today = s.Today.AddDays(1)
	fmt.Println(s.Due(), s.Status())
	// Output:
	// 6000 partly_paid
	// 6000 overdue
}

func ExampleDate_EndOfDay() {
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		fmt.Println(err)
		return
	}
	// The clocks skip midnight, so the next day begins at one o'clock.
	validUntil := portal.NewDate(2026, time.April, 23)
	fmt.Println(validUntil.EndOfDay(cairo).Format(time.RFC3339))
	// Output: 2026-04-24T01:00:00+03:00
}

func ExampleMachine_From() {
	fmt.Println(portal.EstimateMachine().From(portal.EstimateSent))
	// Output: [draft sent declined expired]
}

func ExampleNextRetry() {
	first := time.Date(2026, time.November, 20, 16, 30, 0, 0, time.UTC)
	for tries := 1; ; tries++ {
		next, ok := portal.NextRetry(tries, first, time.UTC)
		if !ok {
			break
		}
		fmt.Println(next.Format("Mon Jan 2 15:04"))
	}
	// Output:
	// Sat Nov 21 09:00
	// Wed Nov 25 09:00
	// Wed Dec 2 09:00
}
