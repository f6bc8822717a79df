package portal

import (
	"net/http"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/web"
	"countersign/web/ui"
)

// credits lists the credit notes received; what of them is left is on the home page, R19.
func (p pages) credits(r *web.Request) error {
	out, err := p.ListMyCreditNotes.Do(r.Context(), &api.ListCreditNotesInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, creditsPage(r, out.Body.CreditNotes, out.Body.Next))
}

func creditTable(r *web.Request, notes []api.CreditNote) ui.Table {
	t := ui.Table{Caption: "Credit notes", Columns: []ui.Column{
		{Label: "Credit note", Place: ui.Lead}, {Label: "Issued"}, {Label: "Corrects"}, {Label: "Amount", Numeric: true, Place: ui.FigureAt},
		{Label: "PDF", LabelHidden: true, Place: ui.DoAt},
	}}
	for _, n := range notes {
		corrects := ui.Text("")
		if n.Invoice != nil {
			corrects = outward(r.Path("invoices", n.Invoice.ID.String()), "Invoice "+n.Invoice.Number)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{
			ui.Titled(n.Number, n.Reason), ui.Text(r.Date(n.IssueDate)), corrects, ui.Amount(r.Amount(n.Amount)),
			ui.Button(ui.Action{Label: "PDF", About: "of credit note " + n.Number, Icon: ui.IconDownload, Size: ui.Small, Href: r.Path("credits", n.ID.String(), "pdf"), Download: true}),
		}})
	}
	return t
}
