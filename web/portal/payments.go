package portal

import (
	"net/http"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) payments(r *web.Request) error {
	out, err := p.ListMyPayments.Do(r.Context(), &api.ListPaymentsInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")},
		PaymentFilter: api.PaymentFilter{Kind: r.Query("kind"), Search: r.Query("q"), Sort: r.Query("sort")},
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, paymentsPage(r, out.Body.Payments, out.Body.Next))
}

func paymentTabs(r *web.Request) []ui.Tab {
	return []ui.Tab{
		r.Tab("All", "kind", ""), r.Tab("Card", "kind", "card"), r.Tab("Bank debit", "kind", "bank_debit"),
		r.Tab("Bank transfer", "kind", "bank_transfer"), r.Tab("Cash", "kind", "cash"), r.Tab("Check", "kind", "check"),
	}
}

func paymentTable(r *web.Request, payments []api.PaymentSummary) ui.Table {
	const newestFirst = "-date"
	t := ui.Table{Caption: "Payments", Columns: []ui.Column{
		{Label: "Payment", Place: ui.Lead}, r.SortLink(ui.Column{Label: "Date"}, "date", newestFirst), {Label: "With"}, {Label: "Started by", Place: ui.Omit},
		{Label: "Status", Place: ui.MarkAt}, r.SortLink(ui.Column{Label: "Amount", Numeric: true, Place: ui.FigureAt}, "amount", newestFirst),
	}}
	for _, pay := range payments {
		name, on := "Payment", pay.CreatedAt
		if pay.ReceiptNumber != "" {
			name = pay.ReceiptNumber
		}
		if pay.PaidAt != nil {
			on = *pay.PaidAt
		}
		t.Rows = append(t.Rows, ui.Row{Href: r.Path("payments", pay.ID.String()), Cells: []templ.Component{
			ui.Titled(name, "For "+web.Plural(pay.Invoices, "invoice", "invoices")), ui.Text(r.Day(&on)), ui.Text(web.PaidWith(pay.Kind, pay.ChargedTo)), ui.Text(pay.StartedBy),
			ui.Chip(paymentChip(pay.Status, pay.Mine)), ui.Amount(r.Amount(pay.Amount)),
		}})
	}
	return t
}

// paymentChip is where a payment stands for the one who reads it.
func paymentChip(status portal.PaymentStatus, mine bool) ui.Status {
	if status == portal.PaymentAwaitingCustomer {
		if mine {
			return ui.Status{Label: "Waiting for you", Tone: ui.Warning, Shape: ui.Ring}
		}
		return ui.Status{Label: "Not finished", Tone: ui.Neutral, Shape: ui.Ring}
	}
	return ui.PaymentStatus(string(status))
}

func noPayments(r *web.Request) ui.Empty {
	empty := ui.Empty{Icon: ui.IconPayment}
	if r.Query("kind") != "" || r.Query("q") != "" {
		empty.Title, empty.Words = "Nothing found", "No payment fits what you look for."
		empty.Action = &ui.Action{Label: "See all payments", Href: r.Path("payments")}
		return empty
	}
	empty.Title, empty.Words = "No payments yet", "What you pay is listed here, each with its receipt."
	return empty
}
