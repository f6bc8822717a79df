package portal

import (
	"net/http"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) invoices(r *web.Request) error {
	out, err := p.ListMyInvoices.Do(r.Context(), &api.ListInvoicesInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")},
		InvoiceFilter: api.InvoiceFilter{Status: r.Query("status"), Search: r.Query("q"), Sort: r.Query("sort")},
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, invoicesPage(r, out.Body.Invoices, out.Body.Next))
}

func invoiceTabs(r *web.Request) []ui.Tab {
	return []ui.Tab{
		r.Tab("All", "status", ""), r.Tab("Unpaid", "status", "unpaid"), r.Tab("Overdue", "status", "overdue"),
		r.Tab("Partly paid", "status", "partly_paid"), r.Tab("Paid", "status", "paid"),
	}
}

func invoiceTable(r *web.Request, invoices []api.InvoiceSummary) ui.Table {
	const newestFirst = "-date"
	t := ui.Table{Caption: "Invoices", Columns: []ui.Column{
		r.SortLink(ui.Column{Label: "Invoice", Place: ui.Lead}, "number", newestFirst),
		r.SortLink(ui.Column{Label: "Issued", Place: ui.Omit}, "date", newestFirst),
		r.SortLink(ui.Column{Label: "Due"}, "due", newestFirst),
		{Label: "Status", Place: ui.MarkAt},
		r.SortLink(ui.Column{Label: "Total", Numeric: true, Place: ui.Omit}, "amount", newestFirst),
		{Label: "Left to pay", Numeric: true, Place: ui.FigureAt},
	}}
	for _, i := range invoices {
		t.Rows = append(t.Rows, ui.Row{Href: r.Path("invoices", i.ID.String()), Cells: []templ.Component{
			ui.Titled(i.Number, i.Title), ui.Text(r.Date(i.IssueDate)), ui.Text(r.Date(i.DueDate)), ui.Chip(invoiceChip(i)), ui.Amount(r.Amount(i.Total)), ui.Amount(r.Amount(i.Due)),
		}})
	}
	return t
}

// invoiceChip is where an invoice stands; what is being paid right now says so.
func invoiceChip(i api.InvoiceSummary) ui.Status {
	if i.PayingNow.InFlight() {
		return ui.InvoiceStatus("processing")
	}
	return ui.InvoiceStatus(string(i.Status))
}

func noInvoices(r *web.Request) ui.Empty {
	empty := ui.Empty{Icon: ui.IconInvoice}
	all := &ui.Action{Label: "See all invoices", Href: r.Path("invoices")}
	switch {
	case r.Query("q") != "":
		empty.Title, empty.Words, empty.Action = "Nothing found", "No invoice has “"+r.Query("q")+"” in its number or its title.", all
	case r.Query("status") == "unpaid":
		empty.Title, empty.Words, empty.Action = "Nothing to pay", "Invoices that are still owed are listed here.", all
	case r.Query("status") == "overdue":
		empty.Title, empty.Words, empty.Action = "Nothing is overdue", "Invoices whose due date has passed are listed here.", all
	case r.Query("status") == "partly_paid":
		empty.Title, empty.Words, empty.Action = "Nothing is partly paid", "Invoices on which a part is paid and a part is owed are listed here.", all
	case r.Query("status") == "paid":
		empty.Title, empty.Words, empty.Action = "Nothing is paid yet", "Invoices that are paid in full are listed here.", all
	default:
		empty.Title, empty.Words = "No invoices yet", "Invoices that "+r.Org.Name+" sends you are listed here, to read and to pay."
	}
	return empty
}
