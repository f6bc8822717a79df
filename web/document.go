package web

import (
	"strings"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// Lines are a document's lines for its sheet, and whether any of them is taxed.
func (r *Request) Lines(lines []api.Line) (shown []ui.Line, taxed bool) {
	for _, l := range lines {
		title, detail, _ := strings.Cut(l.Description, "\n")
		if l.DiscountPercent != "" {
			detail = strings.TrimSpace(detail + "\n" + l.DiscountPercent + "% discount")
		}
		tax := "none"
		if l.TaxPercent != "" {
			tax, taxed = l.TaxPercent+"%", true
		}
		quantity := l.Quantity
		if l.Unit != "" {
			quantity += " " + portal.UnitWords(l.Quantity, l.Unit)
		}
		shown = append(shown, ui.Line{Title: title, Detail: detail, Quantity: quantity, Price: r.Money(l.UnitPrice), Tax: tax, Amount: r.Money(l.Amount)})
	}
	return shown, taxed
}

// Sums add a document up as its sheet shows it.
func (r *Request) Sums(t api.Totals, discountPercent string) []ui.Sum {
	sums := []ui.Sum{{Label: "Subtotal", Value: r.Money(t.Subtotal)}}
	if t.Discount.Amount != 0 {
		label := "Discount"
		if discountPercent != "" {
			label += " " + discountPercent + "%"
		}
		sums = append(sums, ui.Sum{Label: label, Value: r.Money(portal.NewMoney(-t.Discount.Amount, t.Discount.Currency))})
	}
	if t.Tax.Amount != 0 {
		sums = append(sums, ui.Sum{Label: "Tax", Value: r.Money(t.Tax)})
	}
	return append(sums, ui.Sum{Label: "Total (" + string(t.Total.Currency) + ")", Value: r.Money(t.Total), Grand: true})
}

// Party is one side of a document.
func Party(p api.InvoiceParty) ui.Party {
	lines := append([]string{}, p.Address...)
	for _, line := range []string{p.Email, p.Phone} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return ui.Party{Name: p.Name, Address: strings.Join(lines, "\n")}
}

// Method names a saved card or bank account.
func Method(m api.PaymentMethod) string { return portal.MethodWords(m.Kind, m.Brand, m.Last4) }

// MethodIcon is a saved method's drawing.
func MethodIcon(m api.PaymentMethod) ui.Icon {
	if m.Kind == "bank_debit" {
		return ui.IconBank
	}
	return ui.IconCard
}

// PaymentKind says how money came.
func PaymentKind(kind string) string { return portal.PaymentKindWords(kind) }

// PaidWith says what a payment is charged to, or how its money came.
func PaidWith(kind string, to api.ChargedTo) string {
	return portal.MethodWords(kind, to.Brand, to.Last4)
}
