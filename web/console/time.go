package console

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) newTime(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, writeTimeView(r, project, web.NewForm("day", r.Today().String())))
}

func (p pages) logTime(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Decimal("hours")
	f.Money("rate", project.Currency)
	if _, err := web.Submit(r, f, p.LogTime, &api.LogTimeInput{Key: f.APIKey(), Org: r.Org.Slug, Project: project.ID}); err != nil {
		return again(r, f, err, writeTimeView(r, project, f))
	}
	return r.Redirect(with(r.Path("projects", project.ID.String()), "done", "created"))
}

// readTime reads a project and the entry of its time that the address names.
func (p pages) readTime(r *web.Request) (api.Project, api.TimeEntry, error) {
	project, err := p.readProject(r)
	if err != nil {
		return project, api.TimeEntry{}, err
	}
	id, err := r.ID("entry", "time entry")
	if err != nil {
		return project, api.TimeEntry{}, err
	}
	out, err := p.GetTime.Do(r.Context(), &api.TimeEntryInput{Org: r.Org.Slug, Project: project.ID, Entry: id})
	if err != nil {
		return project, api.TimeEntry{}, err
	}
	return project, out.Body, nil
}

func timeForm(e api.TimeEntry) *web.Form {
	return web.NewForm("task", e.Task.String(), "day", e.Day.String(), "hours", e.Hours, "billable", strconv.FormatBool(e.Billable), "description", e.Description,
		"version", version(e.Staff.Version))
}

// timeNow is an entry as it stands, in words where f answers a question otherwise that offers a choice.
func (p pages) timeNow(r *web.Request, f *web.Form) (*web.Form, error) {
	_, e, err := p.readTime(r)
	if err != nil {
		return nil, err
	}
	now := timeForm(e)
	if f.Value("task") != now.Value("task") {
		now.Set("task", e.TaskName)
	}
	if f.Value("billable") != now.Value("billable") {
		now.Set("billable", map[bool]string{true: "Billable", false: "Not billable"}[e.Billable])
	}
	return now, nil
}

func (p pages) editTime(r *web.Request) error {
	project, e, err := p.readTime(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, editTimeView(r, project, e, p.rejected(r, e), timeForm(e), nil))
}

// rejected says that the customer rejected an entry, and why; nil if it didn't.
func (p pages) rejected(r *web.Request, e api.TimeEntry) *ui.Notice {
	if e.Approval != portal.EntryRejected || e.Timesheet == nil {
		return nil
	}
	n := &ui.Notice{Tone: ui.Warning, Title: "The customer rejected this time", Words: "Correct it, and submit it again.", Action: sheetAction(r, e)}
	out, err := p.GetTimesheet.Do(r.Context(), &api.TimesheetInput{Org: r.Org.Slug, Timesheet: e.Timesheet.ID})
	if err != nil {
		return n // why stands on the timesheet, for those who may read it
	}
	at := slices.IndexFunc(out.Body.Entries, func(asked api.TimesheetEntry) bool { return asked.ID == e.ID })
	if at >= 0 && out.Body.Entries[at].Reason != "" {
		n.Words = "“" + out.Body.Entries[at].Reason + "” Correct it, and submit it again."
	}
	return n
}

func (p pages) saveTime(r *web.Request) error {
	project, e, err := p.readTime(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Decimal("hours")
	f.Money("rate", project.Currency)
	if _, err := web.Submit(r, f, p.EditTime, &api.EditTimeInput{Org: r.Org.Slug, Project: project.ID, Entry: e.ID}); err != nil {
		return againOver(r, f, err, func() (*web.Form, error) { return p.timeNow(r, f) }, editTimeView(r, project, e, p.rejected(r, e), f, nil))
	}
	return r.Redirect(with(r.Path("projects", project.ID.String()), "done", "saved"))
}

func (p pages) deleteTime(r *web.Request) error {
	project, e, err := p.readTime(r)
	if err != nil {
		return err
	}
	if _, err := p.DeleteTime.Do(r.Context(), &api.TimeEntryInput{Org: r.Org.Slug, Project: project.ID, Entry: e.ID}); err != nil {
		return notDeleted(r, err, func(x *refusal) templ.Component { return editTimeView(r, project, e, p.rejected(r, e), timeForm(e), x) })
	}
	return r.Redirect(with(r.Path("projects", project.ID.String()), "done", "deleted"))
}

// notDeleted draws the page of what was to be deleted again, and says why it is still there.
func notDeleted(r *web.Request, err error, page func(*refusal) templ.Component) error {
	x, err := refuse("delete", web.NewForm(), err)
	if err != nil {
		return err
	}
	return r.Draw(x.status(), page(x))
}

// whyKept says why an entry can't be changed, and where to look; nil if it can.
func whyKept(r *web.Request, e api.TimeEntry) *ui.Notice {
	switch {
	case e.Invoice != nil:
		return &ui.Notice{Tone: ui.Info, Title: "This time is on invoice " + e.Invoice.Number, Words: "It stays as it is for as long as that invoice stands.",
			Action: &ui.Action{Label: "See the invoice", Href: r.Path("invoices", e.Invoice.ID.String())}}
	case e.Staff.Locked:
		return &ui.Notice{Tone: ui.Info, Title: "The customer approved this time", Words: "It stays as it was approved.", Action: sheetAction(r, e)}
	}
	return nil
}

// asking warns that the customer has an entry before them; nil if nobody has.
func asking(r *web.Request, e api.TimeEntry) *ui.Notice {
	if e.Approval != portal.EntrySubmitted || e.Timesheet == nil {
		return nil
	}
	return &ui.Notice{Tone: ui.Warning, Title: "The customer is being asked to approve this time", Action: sheetAction(r, e),
		Words: "What you change makes another version of timesheet " + e.Timesheet.Number + ": whoever has the old one on screen can’t decide on it any more."}
}

func sheetAction(r *web.Request, e api.TimeEntry) *ui.Action {
	if e.Timesheet == nil {
		return nil
	}
	return &ui.Action{Label: "See " + e.Timesheet.Number, Href: r.Path("timesheets", e.Timesheet.ID.String())}
}
