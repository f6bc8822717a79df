package portal

import (
	"net/http"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) estimates(r *web.Request) error {
	out, err := p.ListMyEstimates.Do(r.Context(), &api.ListEstimatesInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")},
		EstimateFilter: api.EstimateFilter{Status: r.Query("status"), Search: r.Query("q"), Sort: r.Query("sort")},
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, estimatesPage(r, out.Body.Estimates, out.Body.Next))
}

func estimateTabs(r *web.Request) []ui.Tab {
	return []ui.Tab{
		r.Tab("All", "status", ""), r.Tab("To decide", "status", "sent"), r.Tab("Accepted", "status", "accepted"),
		r.Tab("Declined", "status", "declined"), r.Tab("Expired", "status", "expired"),
	}
}

func estimateTable(r *web.Request, estimates []api.EstimateSummary) ui.Table {
	const newestFirst = "-date"
	t := ui.Table{Caption: "Estimates", Columns: []ui.Column{
		r.SortLink(ui.Column{Label: "Estimate", Place: ui.Lead}, "number", newestFirst),
		r.SortLink(ui.Column{Label: "Received"}, "date", newestFirst),
		r.SortLink(ui.Column{Label: "Valid until"}, "valid", newestFirst),
		{Label: "Status", Place: ui.MarkAt},
		r.SortLink(ui.Column{Label: "Total", Numeric: true, Place: ui.FigureAt}, "amount", newestFirst),
	}}
	for _, e := range estimates {
		t.Rows = append(t.Rows, ui.Row{Href: r.Path("estimates", e.ID.String()), Cells: []templ.Component{
			ui.Titled(e.Number, e.Title), ui.Text(r.Day(e.SentAt)), ui.Text(r.Date(e.ValidUntil)), ui.Chip(ui.EstimateStatus(string(e.Status))), ui.Amount(r.Amount(e.Total)),
		}})
	}
	return t
}

func noEstimates(r *web.Request) ui.Empty {
	empty := ui.Empty{Icon: ui.IconEstimate, Title: "No estimates here"}
	all := &ui.Action{Label: "See all estimates", Href: r.Path("estimates")}
	switch {
	case r.Query("q") != "":
		empty.Title, empty.Words, empty.Action = "Nothing found", "No estimate has “"+r.Query("q")+"” in its number or its title.", all
	case r.Query("status") == "sent":
		empty.Title, empty.Words, empty.Action = "Nothing to decide", "Estimates that wait for your decision are listed here.", all
	case r.Query("status") != "":
		empty.Words, empty.Action = "No estimate has this status.", all
	default:
		empty.Title, empty.Words = "No estimates yet", "Estimates that "+r.Org.Name+" sends you are listed here, to accept or decline."
	}
	return empty
}
