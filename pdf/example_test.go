package pdf_test

import (
	"bytes"
	"fmt"

	"countersign/pdf"
	"countersign/portal"
)

func ExampleInvoice_Write() {
	invoice := pdf.Invoice{
		From:   pdf.Organization{Name: "Harbour & Pine Joinery", Locale: "en-US", Address: portal.Address{Country: "US"}},
		To:     pdf.Party{Name: "Meridian Foods, Inc."},
		Number: "INV-2041",
		Issued: portal.NewDate(2026, 11, 22),
		Due:    portal.NewDate(2026, 12, 22),
		Lines: []pdf.Line{
			{Description: "Brass handles, brushed", Quantity: "12", UnitPrice: portal.NewMoney(4900, "USD"), Amount: portal.NewMoney(58800, "USD")},
		},
		Totals: pdf.Totals{Subtotal: portal.NewMoney(58800, "USD"), Total: portal.NewMoney(58800, "USD")},
	}
	var file bytes.Buffer
	if err := invoice.Write(&file); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", file.Bytes()[:5])
	// Output: %PDF-
}
