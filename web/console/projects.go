package console

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) projects(r *web.Request) error {
	out, err := p.ListProjects.Do(r.Context(), &api.ListProjectsInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, Status: r.Query("status"), Search: r.Query("q"),
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, projectsView(r, out.Body.Projects, out.Body.Next))
}

func (p pages) newProject(r *web.Request) error {
	customer, chosen, err := p.newDocument(r, "project")
	if err != nil || !chosen {
		return err
	}
	f := web.NewForm("customer", customer.ID.String(), "currency", customer.Currency)
	return r.Draw(http.StatusOK, writeProjectView(r, "New project", r.Path("projects"), f))
}

func (p pages) createProject(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	customer, err := p.postedCustomer(r, f)
	if err != nil {
		return err
	}
	f.Money("rate", formCurrency(f, portal.Currency(customer.Currency)))
	out, err := web.Submit(r, f, p.CreateProject, &api.CreateProjectInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		return again(r, f, err, writeProjectView(r, "New project", r.Path("projects"), f))
	}
	return r.Redirect(with(r.Path("projects", out.Body.ID.String()), "done", "created"))
}

func (p pages) readProject(r *web.Request) (api.Project, error) {
	id, err := r.ID("project", "project")
	if err != nil {
		return api.Project{}, err
	}
	out, err := p.GetProject.Do(r.Context(), &api.ProjectInput{Org: r.Org.Slug, Project: id})
	if err != nil {
		return api.Project{}, err
	}
	return out.Body, nil
}

func (p pages) editProject(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, editProjectView(r, project, projectForm(project)))
}

// projectForm is a project as it stands.
func projectForm(p api.Project) *web.Form {
	return web.NewForm("name", p.Name, "description", p.Description, "status", p.Status, "version", version(p.Staff.Version), "rate", p.Staff.Rate.Decimal())
}

func (p pages) saveProject(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Money("rate", project.Currency)
	if _, err := web.Submit(r, f, p.EditProject, &api.EditProjectInput{Org: r.Org.Slug, Project: project.ID}); err != nil {
		return againOver(r, f, err, func() (*web.Form, error) { now, err := p.readProject(r); return projectForm(now), err }, editProjectView(r, project, f))
	}
	return r.Redirect(with(r.Path("projects", project.ID.String()), "done", "saved"))
}

// worksheet is a project with a page of its time and its newest timesheets.
type worksheet struct {
	project api.Project
	entries []api.TimeEntry
	next    string
	sheets  []api.TimesheetSummary
	form    *web.Form
	talk    web.Talk
}

func (p pages) project(r *web.Request) error { return p.drawProject(r, web.NewForm(), nil) }

func (p pages) drawProject(r *web.Request, f *web.Form, x *refusal) error {
	return p.drawProjectWith(r, x.status(), f, x, nil)
}

// drawCommentedProject draws a project with a comment that was refused.
func (p pages) drawCommentedProject(r *web.Request, status int, x *refusal, comment *web.Form) error {
	return p.drawProjectWith(r, status, web.NewForm(), x, comment)
}

func (p pages) drawProjectWith(r *web.Request, status int, f *web.Form, x *refusal, comment *web.Form) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	entries, err := p.ListTimeEntries.Do(r.Context(), &api.ListTimeEntriesInput{
		Org: r.Org.Slug, Project: project.ID, Status: r.Query("status"), Page: api.Page{After: r.Query("after"), Size: 25},
	})
	if err != nil {
		return err
	}
	sheets, err := p.ListTimesheets.Do(r.Context(), &api.ListTimesheetsInput{Org: r.Org.Slug, Project: project.ID, Page: api.Page{Size: 10}})
	if err != nil {
		return err
	}
	talk, err := r.Talk("project", project.ID, comment)
	if err != nil {
		return err
	}
	return r.Draw(status, projectView(r, worksheet{project, entries.Body.Entries, entries.Body.Next, sheets.Body.Timesheets, f, talk}, x))
}

func (p pages) projectLive(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), project.ID)
	return nil
}

// useTime submits or invoices the entries that are ticked.
func (p pages) useTime(r *web.Request) error {
	id, err := r.ID("project", "project")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if f.Intent() == "invoice" {
		invoice, err := web.Submit(r, f, p.InvoiceTime, &api.InvoiceTimeInput{Key: f.APIKey(), Org: r.Org.Slug, Project: id})
		if err == nil {
			return r.Redirect(with(r.Path("invoices", invoice.Body.ID.String()), "done", "draft"))
		}
		return p.refusedTime(r, f, err)
	}
	sheet, err := web.Submit(r, f, p.SubmitTimesheet, &api.SubmitTimesheetInput{Key: f.APIKey(), Org: r.Org.Slug, Project: id})
	if err == nil {
		return r.Redirect(with(r.Path("timesheets", sheet.Body.ID.String()), "done", "sent"))
	}
	return p.refusedTime(r, f, err)
}

func (p pages) refusedTime(r *web.Request, f *web.Form, err error) error {
	x, err := refuse("time", f, err)
	if err != nil {
		return err
	}
	return p.drawProject(r, f, x)
}

func (p pages) newTimesheet(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	today := r.Today()
	first := portal.NewDate(today.Year, today.Month, 1)
	return r.Draw(http.StatusOK, submitPeriodView(r, project, web.NewForm("from", first.String(), "to", today.String())))
}

func (p pages) submitPeriod(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SubmitTimesheet, &api.SubmitTimesheetInput{Key: f.APIKey(), Org: r.Org.Slug, Project: project.ID})
	if err != nil {
		return again(r, f, err, submitPeriodView(r, project, f))
	}
	return r.Redirect(with(r.Path("timesheets", out.Body.ID.String()), "done", "sent"))
}

// hours writes hours as the organization does.
func hours(r *web.Request, text string) string {
	h, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return portal.FormatDecimal(h, r.Org.Locale)
}

// entryChip is how far an entry is on its way to an invoice.
func entryChip(e api.TimeEntry) ui.Status {
	switch {
	case e.Billing == "internal":
		return ui.Status{Label: "Not billable", Tone: ui.Neutral, Shape: ui.Dashed}
	case e.Billing == "billed":
		return ui.TimesheetStatus("invoiced")
	case e.Billing == "drafted":
		return ui.Status{Label: "On a draft", Tone: ui.Info, Shape: ui.HalfWay}
	case e.Approval == portal.EntryNone:
		return ui.TimesheetStatus("unsubmitted")
	}
	return ui.TimesheetStatus(e.Approval)
}

// usable reports whether an entry may be ticked: it can be submitted, or invoiced.
func usable(e api.TimeEntry) bool {
	return e.Billing == "unbilled" && e.Approval != portal.EntrySubmitted
}

func taskOptions(project api.Project) []ui.Option {
	options := make([]ui.Option, 0, len(project.Tasks))
	for _, t := range project.Tasks {
		option := ui.Option{Value: t.ID.String(), Label: t.Name}
		if !t.Billable {
			option.Label += " (not billable)"
		}
		options = append(options, option)
	}
	return options
}

func (p pages) timesheets(r *web.Request) error {
	of, err := p.narrowed(r)
	if err != nil {
		return err
	}
	out, err := p.ListTimesheets.Do(r.Context(), &api.ListTimesheetsInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, Status: r.Query("status"), Customer: of.customer,
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, timesheetsView(r, of, out.Body.Timesheets, out.Body.Next))
}

func (p pages) timesheet(r *web.Request) error { return p.drawTimesheet(r, nil) }

func (p pages) drawTimesheet(r *web.Request, x *refusal) error {
	s, err := p.readTimesheet(r)
	if err != nil {
		return err
	}
	return r.Draw(x.status(), timesheetView(r, s, x))
}

func (p pages) readTimesheet(r *web.Request) (api.Timesheet, error) {
	id, err := r.ID("timesheet", "timesheet")
	if err != nil {
		return api.Timesheet{}, err
	}
	out, err := p.GetTimesheet.Do(r.Context(), &api.TimesheetInput{Org: r.Org.Slug, Timesheet: id})
	if err != nil {
		return api.Timesheet{}, err
	}
	return out.Body, nil
}

func (p pages) timesheetLive(r *web.Request) error {
	s, err := p.readTimesheet(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), s.ID)
	return nil
}

func (p pages) recallTimesheet(r *web.Request) error {
	return p.onTimesheet(r, "recall", func(id uuid.UUID, f *web.Form) (string, error) {
		_, err := web.Submit(r, f, p.RecallTimesheet, &api.RecallTimesheetInput{Key: f.APIKey(), Org: r.Org.Slug, Timesheet: id})
		return with(r.Path("timesheets", id.String()), "done", "recalled"), err
	})
}

func (p pages) invoiceTimesheet(r *web.Request) error {
	return p.onTimesheet(r, "invoice", func(id uuid.UUID, f *web.Form) (string, error) {
		s, err := p.readTimesheet(r)
		if err != nil {
			return "", err
		}
		f.Set("timesheet", id.String())
		out, err := web.Submit(r, f, p.InvoiceTime, &api.InvoiceTimeInput{Key: f.APIKey(), Org: r.Org.Slug, Project: s.Project})
		if err != nil {
			return "", err
		}
		return with(r.Path("invoices", out.Body.ID.String()), "done", "draft"), nil
	})
}

// onTimesheet acts on a timesheet, and draws it again if that is refused.
func (p pages) onTimesheet(r *web.Request, act string, do func(id uuid.UUID, f *web.Form) (string, error)) error {
	id, err := r.ID("timesheet", "timesheet")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	to, err := do(id, f)
	if err == nil {
		return r.Redirect(to)
	}
	x, err := refuse(act, f, err)
	if err != nil {
		return err
	}
	return p.drawTimesheet(r, x)
}

func (p pages) discardInvoice(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.DiscardInvoice.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: id}); err != nil {
		x, err := refuse("discard", f, err)
		if err != nil {
			return err
		}
		return p.drawInvoice(r, x)
	}
	return r.Redirect(with(r.Path("invoices"), "done", "discarded"))
}
