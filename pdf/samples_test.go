package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"countersign/portal"
)

// document is what every document of the package is.
type document interface{ Write(w io.Writer) error }

// written writes a document, which must not fail.
func written(t testing.TB, d document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		t.Fatalf("write %T: %v", d, err)
	}
	return out.Bytes()
}

func sampleOrganization() Organization {
	return Organization{
		Name:    "Harbour & Pine Joinery",
		Address: portal.Address{Line1: "1200 Westlake Ave N", Line2: "Suite 410", City: "Seattle", Region: "WA", PostalCode: "98109", Country: "US"},
		Email:   "accounts@harbourpine.example", Phone: "+1 206 555 0142",
		Locale: "en-US", Colour: "#17457c",
	}
}

func sampleParty() Party {
	return Party{
		Name:    "Meridian Foods, Inc.",
		Address: portal.Address{Line1: "88 Alder Street", City: "Portland", Region: "OR", PostalCode: "97205", Country: "US"},
		Email:   "ap@meridianfoods.example",
	}
}

// sampleLogo is a small picture with transparent corners.
func sampleLogo(t testing.TB) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 300, 90))
	for y := range 90 {
		for x := range 300 {
			if dx, dy := x-45, y-45; dx*dx+dy*dy < 45*45 || (x > 110 && y > 30 && y < 60) {
				picture.SetNRGBA(x, y, color.NRGBA{R: 0x0b, G: 0x6e, B: 0x4f, A: 0xff})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var descriptions = []string{
	"Design and drawings\nTwo rounds of changes are included.",
	"White oak kitchen fronts, oiled",
	"Delivery and installation\nOn site, two joiners, including removal of the existing fronts and disposal at a certified facility.",
	"Brass handles, brushed",
	"Project management",
}

func sampleLines(n int, c portal.Currency) []Line {
	lines := make([]Line, n)
	for i := range lines {
		lines[i] = Line{
			Description: descriptions[i%len(descriptions)], Quantity: fmt.Sprintf("%d.5", i%40+1), Unit: "h",
			UnitPrice: portal.NewMoney(12500, c), TaxPercent: "10.25", Amount: portal.NewMoney(int64(i%40+1)*12500+6250, c),
		}
	}
	return lines
}

func sampleTotals(lines []Line, c portal.Currency) Totals {
	var sum int64
	for _, l := range lines {
		sum += l.Amount.Amount
	}
	discount, tax := sum/20, (sum-sum/20)/10
	return Totals{
		Subtotal: portal.NewMoney(sum, c), Discount: portal.NewMoney(discount, c), DiscountPercent: "5",
		Tax: portal.NewMoney(tax, c), Total: portal.NewMoney(sum-discount+tax, c),
	}
}

func sampleInvoice(n int, c portal.Currency) Invoice {
	lines := sampleLines(n, c)
	return Invoice{
		From: sampleOrganization(), To: sampleParty(),
		Number: "INV-2041", Title: "Kitchen for the canteen", Reference: "PO 77-1904", Estimate: "EST-118",
		Status: portal.InvoiceOpen, Issued: portal.NewDate(2026, 11, 22), Due: portal.NewDate(2026, 12, 22),
		Lines: lines, Totals: sampleTotals(lines, c),
		Notes: "Thank you for your business. Please quote the invoice's number.",
		Terms: "Payment within 30 days. Goods remain ours until they are paid for in full.",
	}
}

func sampleDecision() Decision {
	return Decision{
		Accepted: true, By: "Priya Nair", Email: "priya@meridianfoods.example",
		At:     time.Date(2026, 11, 23, 10, 42, 7, 0, time.FixedZone("PST", -8*60*60)),
		Reason: "Agreed in our call on Friday.", IP: "203.0.113.24",
		UserAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
	}
}

func sampleEstimate(n int) Estimate {
	lines := sampleLines(n, "USD")
	decision := sampleDecision()
	return Estimate{
		From: sampleOrganization(), To: sampleParty(), Number: "EST-118", Version: 2, Title: "Kitchen for the canteen",
		Status: portal.EstimateAccepted, Issued: portal.NewDate(2026, 11, 2), ValidUntil: portal.NewDate(2026, 12, 2),
		Lines: lines, Totals: sampleTotals(lines, "USD"), Terms: "Prices are fixed until the estimate expires.", Decision: &decision,
	}
}

func sampleCreditNote() CreditNote {
	return CreditNote{
		From: sampleOrganization(), To: sampleParty(), Number: "CN-31", Invoice: "INV-2041", Issued: portal.NewDate(2026, 11, 25),
		Reason: "Two handles arrived scratched.", Amount: portal.NewMoney(9800, "USD"), Remaining: portal.NewMoney(9800, "USD"),
	}
}

func sampleReceipt(n int) Receipt {
	r := Receipt{
		From: sampleOrganization(), To: sampleParty(), Number: "RCT-509", Paid: portal.NewDate(2026, 11, 24), Payer: "Priya Nair",
		Method: "Visa ending 4242", Reference: "pi_3Q1f2aLkdIwHu7ix", Credit: portal.NewMoney(2000, "USD"),
	}
	for i := range n {
		r.Allocations = append(r.Allocations, Allocation{
			Invoice: fmt.Sprintf("INV-%d", 2041+i), Title: "Kitchen for the canteen", Due: portal.NewDate(2026, 12, 1+i),
			Total: portal.NewMoney(int64(250000+i*1900), "USD"), Amount: portal.NewMoney(int64(200000+i*1900), "USD"),
		})
		r.Amount = portal.NewMoney(r.Amount.Amount+int64(200000+i*1900), "USD")
	}
	r.Amount = portal.NewMoney(r.Amount.Amount+2000, "USD")
	return r
}

func sampleStatement(n int, currencies ...portal.Currency) Statement {
	s := Statement{
		From: sampleOrganization(), To: sampleParty(), Issued: portal.NewDate(2026, 11, 30),
		Since: portal.NewDate(2026, 1, 1), Until: portal.NewDate(2026, 11, 30),
	}
	for _, c := range currencies {
		s.Accounts = append(s.Accounts, sampleAccount(n, c))
	}
	return s
}

func sampleAccount(n int, c portal.Currency) Account {
	money := func(amount int64) portal.Money { return portal.NewMoney(amount, c) }
	a := Account{Currency: c, Opening: money(125000), Charged: money(0), Settled: money(0)}
	balance := a.Opening.Amount
	for i := range n {
		e := Entry{Date: portal.NewDate(2026, 1, 1).AddDays(i * 333 / max(n, 1))}
		if amount := int64(98000 + i%700*131); i%3 == 2 {
			e.Kind, e.Number, e.Details, e.Credit = "Payment", fmt.Sprintf("RCT-%d", 400+i), "Visa ending 4242", money(amount)
			balance -= amount
			a.Settled.Amount += amount
		} else {
			e.Kind, e.Number, e.Charge = "Invoice", fmt.Sprintf("INV-%d", 1800+i), money(amount)
			balance += amount
			a.Charged.Amount += amount
		}
		e.Balance = money(balance)
		a.Entries = append(a.Entries, e)
	}
	a.Closing = money(balance)
	a.Ageing = &Ageing{Credit: money(500), Current: money(balance/2 + 500), Days30: money(balance / 4), Days60: money(balance / 8), Days90: money(0), Older: money(balance / 8)}
	return a
}

func sampleCertificate() Certificate {
	return Certificate{
		From: sampleOrganization(), To: sampleParty(), ID: "019aa9c4-7d3e-7f10-9c55-2f0c6f5d8e21",
		Kind: "Estimate", Number: "EST-118", Title: "Kitchen for the canteen", Version: 2,
		Total: portal.NewMoney(1_234_567, "USD"), Decision: sampleDecision(), ContentHash: strings.Repeat("9f86d081884c7d65", 4),
	}
}
