package portal

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/shopspring/decimal"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) projects(r *web.Request) error {
	out, err := p.ListMyProjects.Do(r.Context(), &api.ListMyProjectsInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, Status: r.Query("status"), Search: r.Query("q"),
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, projectsPage(r, out.Body.Projects, out.Body.Next))
}

func projectTabs(r *web.Request) []ui.Tab {
	return []ui.Tab{r.Tab("All", "status", ""), r.Tab("Active", "status", "active"), r.Tab("Closed", "status", "closed")}
}

// hours writes hours as the organization does.
func hours(r *web.Request, text string) string {
	h, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return portal.FormatDecimal(h, r.Org.Locale)
}

func projectStatus(status string) ui.Status {
	if status == "active" {
		return ui.Status{Label: "Active", Tone: ui.Info, Shape: ui.Ring}
	}
	return ui.Status{Label: "Closed", Tone: ui.Neutral, Shape: ui.Ticked}
}

func projectTable(r *web.Request, projects []api.ProjectSummary) ui.Table {
	t := ui.Table{Caption: "Projects", Columns: []ui.Column{
		{Label: "Project", Place: ui.Lead}, {Label: "Status", Place: ui.MarkAt},
		{Label: "Logged hours", Numeric: true}, {Label: "Billed hours", Numeric: true}, {Label: "Unbilled hours", Numeric: true},
	}}
	for _, each := range projects {
		t.Rows = append(t.Rows, ui.Row{Href: r.Path("projects", each.ID.String()), Cells: []templ.Component{
			ui.Text(each.Name), ui.Chip(projectStatus(each.Status)),
			ui.Text(hours(r, each.Hours.Logged)), ui.Text(hours(r, each.Hours.Billed)), ui.Text(hours(r, each.Hours.Unbilled)),
		}})
	}
	return t
}

func (p pages) project(r *web.Request) error { return p.drawProject(r, http.StatusOK, nil) }

func (p pages) drawProject(r *web.Request, status int, comment *web.Form) error {
	id, err := r.ID("project", "project")
	if err != nil {
		return err
	}
	out, err := p.GetMyProject.Do(r.Context(), &api.ProjectInput{Org: r.Org.Slug, Project: id})
	if err != nil {
		return err
	}
	entries, err := p.ListMyTimeEntries.Do(r.Context(), &api.ListMyTimeEntriesInput{
		Org: r.Org.Slug, Project: id, Status: r.Query("status"), Page: api.Page{After: r.Query("after")},
	})
	if err != nil {
		return err
	}
	talk, err := r.Talk("project", id, comment)
	if err != nil {
		return err
	}
	return r.Draw(status, projectPage(r, out.Body, entries.Body.Entries, entries.Body.Next, talk))
}

func (p pages) projectLive(r *web.Request) error {
	id, err := r.ID("project", "project")
	if err != nil {
		return err
	}
	if _, err := p.GetMyProject.Do(r.Context(), &api.ProjectInput{Org: r.Org.Slug, Project: id}); err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), id)
	return nil
}

func projectFigures(r *web.Request, h api.HoursSoFar) []ui.Stat {
	return []ui.Stat{
		{Label: "Logged hours", Value: hours(r, h.Logged)}, {Label: "Billed hours", Value: hours(r, h.Billed)}, {Label: "Unbilled hours", Value: hours(r, h.Unbilled)},
	}
}

func taskTable(r *web.Request, tasks []api.ProjectTask) ui.Table {
	t := ui.Table{Caption: "Tasks", Columns: []ui.Column{
		{Label: "Task", Place: ui.Lead}, {Label: "Logged", Numeric: true}, {Label: "Billed", Numeric: true}, {Label: "Unbilled", Numeric: true},
	}}
	for _, each := range tasks {
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{
			ui.Text(each.Name), ui.Text(hours(r, each.Hours.Logged)), ui.Text(hours(r, each.Hours.Billed)), ui.Text(hours(r, each.Hours.Unbilled)),
		}})
	}
	return t
}

func entryTabs(r *web.Request) []ui.Tab {
	return []ui.Tab{r.Tab("All", "status", ""), r.Tab("Unbilled", "status", "unbilled"), r.Tab("Billed", "status", "billed")}
}

// billing words how far an entry is on its way to an invoice.
func billing(e api.TimeEntry) ui.Status {
	if e.Billing == "billed" {
		return ui.TimesheetStatus("invoiced")
	}
	return ui.Status{Label: "Unbilled", Tone: ui.Neutral, Shape: ui.Ring}
}

func timeTable(r *web.Request, entries []api.TimeEntry) ui.Table {
	t := ui.Table{Caption: "Time", Columns: []ui.Column{
		{Label: "Work", Place: ui.Lead, Wrap: true}, {Label: "Day"}, {Label: "By"}, {Label: "Billing", Place: ui.MarkAt}, {Label: "Hours", Numeric: true, Place: ui.FigureAt},
	}}
	for _, e := range entries {
		row := ui.Row{Cells: []templ.Component{
			ui.Titled(e.TaskName, e.Description), ui.Text(r.Date(e.Day)), ui.Text(e.By), ui.Chip(billing(e)), ui.Text(hours(r, e.Hours)),
		}}
		if e.Invoice != nil {
			row.Href = r.Path("invoices", e.Invoice.ID.String())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
