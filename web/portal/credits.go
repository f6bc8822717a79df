package portal

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// credits tells how the credit on the home page came and went, R19.
func (p pages) credits(r *web.Request) error {
	out, err := p.ListMyCredit.Do(r.Context(), &api.ListCreditInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, creditsPage(r, out.Body.Left, out.Body.Movements, out.Body.Next))
}

// creditLeft is what is left in each currency.
func creditLeft(r *web.Request, left []portal.Money) string {
	var amounts []string
	for _, m := range left {
		amounts = append(amounts, r.Money(m))
	}
	if len(amounts) == 0 {
		return "None at the moment"
	}
	return strings.Join(amounts, " + ")
}

func creditTable(r *web.Request, movements []api.CreditMovement) ui.Table {
	t := ui.Table{Caption: "Credit", Columns: []ui.Column{
		{Label: "What happened", Place: ui.Lead, Wrap: true}, {Label: "Day"}, {Label: "About"}, {Label: "Credit", Numeric: true, Place: ui.FigureAt},
		{Label: "PDF", LabelHidden: true, Place: ui.DoAt},
	}}
	for _, m := range movements {
		var file templ.Component
		if n := m.CreditNote; n != nil {
			file = ui.Button(ui.Action{Label: "PDF", About: "of credit note " + n.Number, Icon: ui.IconDownload, Size: ui.Small, Href: r.Path("credits", n.ID.String(), "pdf"), Download: true})
		}
		amount := r.Amount(m.Amount)
		if m.Amount.Amount > 0 {
			amount.Text = "+" + amount.Text
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{ui.Titled(creditWords(m), m.Why), ui.Text(r.Day(&m.At)), creditAbout(r, m), ui.Amount(amount), file}})
	}
	return t
}

// creditWords say how credit came or went.
func creditWords(m api.CreditMovement) string {
	switch m.Reason {
	case "credit_note":
		if m.CreditNote != nil {
			return "Credit note " + m.CreditNote.Number
		}
		return "Credit note"
	case "overpayment":
		return "More was paid than was due"
	case "applied":
		return "Used on an invoice"
	case "unapplied":
		return "Given back by an invoice"
	case "returned":
		return "Money came back to us"
	case "dispute":
		return "Taken back by the bank"
	default:
		return "Paid out"
	}
}

// creditAbout leads to what a movement was about.
func creditAbout(r *web.Request, m api.CreditMovement) templ.Component {
	switch {
	case m.Invoice != nil:
		return outward(r.Path("invoices", m.Invoice.ID.String()), "Invoice "+m.Invoice.Number)
	case m.Payment != nil:
		return outward(r.Path("payments", m.Payment.ID.String()), "Receipt "+m.Payment.Number)
	}
	return ui.Text("")
}
