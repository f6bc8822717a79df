package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type timeEntryOperations struct {
	ListMyTimeEntries *Operation[ListMyTimeEntriesInput, ListTimeEntriesOutput]

	ListTimeEntries *Operation[ListTimeEntriesInput, ListTimeEntriesOutput]
	GetTime         *Operation[TimeEntryInput, TimeEntryOutput]
	LogTime         *Operation[LogTimeInput, TimeEntryOutput]
	EditTime        *Operation[EditTimeInput, TimeEntryOutput]
	DeleteTime      *Operation[TimeEntryInput, TimeEntryDeleted]
}

// ListMyTimeEntriesInput asks for a page of a project's billable time, newest
// day first, R43.
type ListMyTimeEntriesInput struct {
	Page
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Task    uuid.UUID `query:"task" doc:"Of one task."`
	Status  string    `query:"status" enum:",billed,unbilled,submitted,approved,rejected"`
}

// ListTimeEntriesInput asks for a page of a project's time, newest day first.
type ListTimeEntriesInput struct {
	Page
	Org     string      `path:"org" maxLength:"40"`
	Project uuid.UUID   `path:"project"`
	Task    uuid.UUID   `query:"task" doc:"Of one task."`
	Status  string      `query:"status" enum:",billed,unbilled,submittable,invoiceable,none,submitted,approved,rejected"`
	From    portal.Date `query:"from" doc:"The first day."`
	To      portal.Date `query:"to" doc:"The last day."`
}

// ListTimeEntriesOutput is a page of time.
type ListTimeEntriesOutput struct {
	Body struct {
		Entries []TimeEntry `json:"entries"`
		Next    string      `json:"next,omitempty"`
	}
}

// TimeEntry is work that somebody did on a day.
type TimeEntry struct {
	ID          uuid.UUID   `json:"id"`
	Day         portal.Date `json:"day"`
	Hours       string      `json:"hours" example:"7.5"`
	Task        uuid.UUID   `json:"task"`
	TaskName    string      `json:"task_name"`
	By          string      `json:"by" doc:"Who worked."`
	Description string      `json:"description,omitempty"`
	Billable    bool        `json:"billable"`
	// Billing is unbilled until the invoice is sent; staff see drafts before.
	Billing   string               `json:"billing" enum:"internal,unbilled,drafted,billed"`
	Approval  portal.EntryApproval `json:"approval" enum:"none,submitted,approved,rejected"`
	Timesheet *DocumentLink        `json:"timesheet,omitempty" doc:"The one that asked for approval last."`
	Invoice   *DocumentLink        `json:"invoice,omitempty" doc:"The one that charges it."`
	Staff     *EntryTerms          `json:"staff,omitempty" doc:"What only staff see."`
}

// EntryTerms are what staff see of a time entry, and customers don't.
type EntryTerms struct {
	Member  uuid.UUID    `json:"member"`
	Rate    portal.Money `json:"rate"`
	Version int          `json:"version" doc:"Named by an edit: an older one refuses it."`
	Locked  bool         `json:"locked" doc:"Approved or on an invoice: it can't be changed."`
}

// TimeEntryInput names a time entry.
type TimeEntryInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Entry   uuid.UUID `path:"entry"`
}

// TimeEntryOutput is a time entry.
type TimeEntryOutput struct {
	Status int
	Body   TimeEntry
}

// TimeEntryDeleted is the answer to a deletion: nothing is left to tell.
type TimeEntryDeleted struct{}

// TimeContent is what staff write of their time.
type TimeContent struct {
	Task        uuid.UUID   `json:"task"`
	Day         portal.Date `json:"day"`
	Hours       string      `json:"hours" pattern:"^[0-9]{1,2}(\\.[0-9]{1,2})?$" patternDescription:"hours such as 7.5" example:"7.5"`
	Description string      `json:"description,omitempty" maxLength:"2000"`
	Member      *uuid.UUID  `json:"member,omitempty" doc:"Who worked; the caller, if nobody is named."`
	Billable    *bool       `json:"billable,omitempty" doc:"As the task is, if nothing is said."`
	Rate        *int64      `json:"rate,omitempty" minimum:"0" maximum:"99999999999" doc:"What an hour costs in minor units; the task's or the project's rate, if none is given."`
}

// LogTimeInput logs time on a task.
type LogTimeInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Body    TimeContent
}

// EditTimeInput changes a time entry that isn't locked. What a customer is being
// asked about becomes another version of the timesheet, N1.
type EditTimeInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Entry   uuid.UUID `path:"entry"`
	Body    struct {
		Version int `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		TimeContent
	}
}

func (a *API) declareTimeEntries() {
	contact, staff := ofTimesheets(portal.SideContact), ofTimesheets(portal.SideStaff)
	a.ListMyTimeEntries = declare(a, contact("list-my-time-entries", http.MethodGet, "/projects/{project}/entries", "List a project's billable time", portal.ActionViewDocuments), a.listMyTimeEntries)
	a.ListTimeEntries = declare(a, staff("list-time-entries", http.MethodGet, "/projects/{project}/entries", "List a project's time", portal.ActionManageTimesheets), a.listTimeEntries)
	a.GetTime = declare(a, staff("get-time", http.MethodGet, "/projects/{project}/entries/{entry}", "Read logged time", portal.ActionManageTimesheets), a.getTime)
	logged := staff("log-time", http.MethodPost, "/projects/{project}/entries", "Log time", portal.ActionManageTimesheets)
	logged.status = http.StatusCreated
	a.LogTime = declare(a, logged, a.logTime)
	a.EditTime = declare(a, staff("edit-time", http.MethodPut, "/projects/{project}/entries/{entry}", "Change logged time", portal.ActionManageTimesheets), a.editTime)
	a.DeleteTime = declare(a, staff("delete-time", http.MethodDelete, "/projects/{project}/entries/{entry}", "Delete time that no customer was asked about", portal.ActionManageTimesheets), a.deleteTime)
}

func (a *API) listMyTimeEntries(ctx context.Context, in *ListMyTimeEntriesInput) (*ListTimeEntriesOutput, error) {
	return a.listTimeEntries(ctx, &ListTimeEntriesInput{Page: in.Page, Project: in.Project, Task: in.Task, Status: in.Status})
}

func (a *API) listTimeEntries(ctx context.Context, in *ListTimeEntriesInput) (*ListTimeEntriesOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, cursor{})
	if err != nil {
		return nil, err
	}
	out := &ListTimeEntriesOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, in.Project)
		if err != nil {
			return err
		}
		rows, err := q.ListTimeEntries(ctx, dbsqlc.ListTimeEntriesParams{
			OrgID: p.Org, ProjectID: project.ID, TaskID: optional(in.Task), FromDay: optionalDay(in.From), ToDay: optionalDay(in.To),
			BillableOnly: p.Side == portal.SideContact, Filter: in.Status, FirstPage: in.After == "", BeforeDay: from.Day, BeforeID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListTimeEntriesRow) cursor { return cursor{Day: r.TimeEntry.Day, ID: r.TimeEntry.ID} })
		out.Body.Entries = make([]TimeEntry, 0, len(rows))
		for _, r := range rows {
			out.Body.Entries = append(out.Body.Entries, timeEntry(p, r, project.Currency))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) getTime(ctx context.Context, in *TimeEntryInput) (*TimeEntryOutput, error) {
	out := &TimeEntryOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, in.Project)
		if err != nil {
			return err
		}
		out.Body, err = readTimeEntry(ctx, q, project, in.Entry)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func timeEntry(p portal.Principal, r dbsqlc.ListTimeEntriesRow, currency portal.Currency) TimeEntry {
	row := r.TimeEntry
	e := TimeEntry{
		ID: row.ID, Day: row.Day, Hours: row.Hours.String(), Task: row.TaskID, TaskName: r.TaskName, By: row.StaffName, Description: row.Description,
		Billable: row.Billable, Billing: "unbilled", Approval: row.Approval,
	}
	if row.TimesheetID != nil {
		e.Timesheet = &DocumentLink{*row.TimesheetID, r.TimesheetNumber}
	}
	switch {
	case !row.Billable:
		e.Billing = "internal"
	case r.InvoiceState == "sent":
		e.Billing = "billed"
	case row.InvoiceID != nil && p.Side == portal.SideStaff:
		e.Billing = "drafted"
	}
	// A draft is nothing that a customer knows of, R16.
	if row.InvoiceID != nil && (e.Billing == "billed" || e.Billing == "drafted") {
		e.Invoice = &DocumentLink{*row.InvoiceID, r.InvoiceNumber}
	}
	if p.Side == portal.SideStaff {
		e.Staff = &EntryTerms{row.StaffID, portal.NewMoney(row.Rate, currency), int(row.Version), row.Approval.Locked() || row.InvoiceID != nil}
	}
	return e
}

// optionalDay is a day for a filter; no day is no filter.
func optionalDay(d portal.Date) *portal.Date {
	if d.IsZero() {
		return nil
	}
	return &d
}

// worked is time that staff wrote, checked against its project and task.
type worked struct {
	task     dbsqlc.ProjectTask
	member   dbsqlc.Staff
	hours    decimal.Decimal
	billable bool
	rate     int64
}

func (a *API) readWork(ctx context.Context, q *dbsqlc.Queries, project dbsqlc.Project, c TimeContent) (worked, error) {
	p := principal(ctx)
	w := worked{hours: number(c.Hours), rate: project.Rate}
	if problem := portal.CheckHours(w.hours); problem != "" {
		return w, portal.Invalid("These hours can't be logged.", portal.Field("hours", "%s", problem))
	}
	if c.Day.IsZero() {
		return w, portal.Invalid("Choose the day of the work.", portal.Field("day", "Choose a day."))
	}
	var err error
	if w.task, err = q.GetTask(ctx, dbsqlc.GetTaskParams{OrgID: p.Org, ProjectID: project.ID, ID: c.Task}); db.NotFound(err) {
		return w, portal.Invalid("Choose a task of this project.", portal.Field("task", "Choose a task of this project."))
	} else if err != nil {
		return w, err
	}
	member := c.Member
	if member == nil && p.ActorKind == portal.ActorStaff {
		member = &p.Actor
	}
	if member == nil {
		return w, portal.Invalid("Say who worked.", portal.Field("member", "Choose a member of staff."))
	}
	if w.member, err = q.GetStaff(ctx, dbsqlc.GetStaffParams{OrgID: p.Org, ID: *member}); db.NotFound(err) {
		return w, portal.Invalid("Say who worked.", portal.Field("member", "Choose a member of staff."))
	} else if err != nil {
		return w, err
	}
	w.billable = w.task.Billable
	if c.Billable != nil {
		w.billable = *c.Billable
	}
	if w.billable && !w.task.Billable {
		return w, portal.Invalid("This task isn't billable, so the time on it isn't either.", portal.Field("billable", "The task isn't billable."))
	}
	if w.task.Rate != nil {
		w.rate = *w.task.Rate
	}
	if c.Rate != nil {
		w.rate = *c.Rate
	}
	return w, nil
}

func (a *API) logTime(ctx context.Context, in *LogTimeInput) (*TimeEntryOutput, error) {
	p := principal(ctx)
	id := portal.BeginID(p.Org, p.Actor, "log-time:"+in.Project.String(), in.Key.Key)
	out := &TimeEntryOutput{Status: http.StatusCreated}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, in.Project)
		if err != nil {
			return err
		}
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertTime(ctx, q, project, id, in.Body); err != nil {
				return err
			}
		}
		out.Body, err = readTimeEntry(ctx, q, project, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) insertTime(ctx context.Context, q *dbsqlc.Queries, project dbsqlc.Project, id uuid.UUID, content TimeContent) error {
	p := principal(ctx)
	if project.Status != "active" {
		return portal.Conflict("This project is closed. Open it again to log time on it.")
	}
	w, err := a.readWork(ctx, q, project, content)
	if err != nil {
		return err
	}
	if err := q.InsertTimeEntry(ctx, dbsqlc.InsertTimeEntryParams{
		OrgID: p.Org, ID: id, ProjectID: project.ID, TaskID: w.task.ID, CustomerID: project.CustomerID, StaffID: w.member.ID, StaffName: w.member.Name,
		Day: content.Day, Hours: w.hours, Description: content.Description, Billable: w.billable, Rate: w.rate, CreatedBy: optional(p.Actor), At: a.now(),
	}); err != nil {
		return err
	}
	return a.recordTime(ctx, q, project, "time_entry.logged", w.hours, w.task.Name)
}

func (a *API) recordTime(ctx context.Context, q *dbsqlc.Queries, project dbsqlc.Project, kind string, hours decimal.Decimal, task string) error {
	return a.record(ctx, q, principal(ctx), happened{
		customer: project.CustomerID, kind: kind, subject: "project", id: project.ID, internal: true,
		data: map[string]any{"hours": hours.String(), "task": task},
	})
}

func readTimeEntry(ctx context.Context, q *dbsqlc.Queries, project dbsqlc.Project, id uuid.UUID) (TimeEntry, error) {
	p := principal(ctx)
	row, err := q.GetTimeEntry(ctx, dbsqlc.GetTimeEntryParams{OrgID: p.Org, ProjectID: project.ID, ID: id})
	if db.NotFound(err) {
		return TimeEntry{}, portal.NotFound("time entry")
	}
	if err != nil {
		return TimeEntry{}, err
	}
	full := dbsqlc.ListTimeEntriesRow{TimeEntry: row}
	task, err := q.GetTask(ctx, dbsqlc.GetTaskParams{OrgID: p.Org, ProjectID: project.ID, ID: row.TaskID})
	if err != nil {
		return TimeEntry{}, err
	}
	full.TaskName = task.Name
	if row.InvoiceID != nil {
		invoice, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: p.Org, ID: *row.InvoiceID})
		if err != nil {
			return TimeEntry{}, err
		}
		full.InvoiceNumber, full.InvoiceState = invoice.Number, invoice.State
	}
	if row.TimesheetID != nil {
		sheet, err := q.GetTimesheet(ctx, dbsqlc.GetTimesheetParams{OrgID: p.Org, ID: *row.TimesheetID})
		if err != nil {
			return TimeEntry{}, err
		}
		full.TimesheetNumber = sheet.Number
	}
	return timeEntry(p, full, project.Currency), nil
}

// lockTime locks an entry, and before it the timesheet that asks about it: a
// decision takes them in the same order.
func lockTime(ctx context.Context, q *dbsqlc.Queries, project, id uuid.UUID) (dbsqlc.TimeEntry, *dbsqlc.Timesheet, error) {
	org := principal(ctx).Org
	row, err := q.GetTimeEntry(ctx, dbsqlc.GetTimeEntryParams{OrgID: org, ProjectID: project, ID: id})
	if db.NotFound(err) {
		return row, nil, portal.NotFound("time entry")
	}
	if err != nil {
		return row, nil, err
	}
	var asking *dbsqlc.Timesheet
	if row.Approval == portal.EntrySubmitted {
		sheet, err := q.LockTimesheet(ctx, dbsqlc.LockTimesheetParams{OrgID: org, ID: *row.TimesheetID})
		if err != nil {
			return row, nil, err
		}
		asking = &sheet
	}
	locked, err := q.LockTimeEntry(ctx, dbsqlc.LockTimeEntryParams{OrgID: org, ProjectID: project, ID: id})
	switch {
	case db.NotFound(err):
		return row, nil, portal.NotFound("time entry")
	case err != nil:
		return row, nil, err
	case locked.Version != row.Version:
		return row, nil, portal.Stale("time entry")
	}
	return locked, asking, nil
}

// changeable says why an entry can't be changed, or nil.
func changeable(row dbsqlc.TimeEntry) error {
	switch {
	case row.InvoiceID != nil:
		return portal.Conflict("This time is on an invoice; it can't be changed.")
	case row.Approval.Locked():
		return portal.Conflict("The customer approved this time; it can't be changed.")
	}
	return nil
}

func (a *API) editTime(ctx context.Context, in *EditTimeInput) (*TimeEntryOutput, error) {
	p := principal(ctx)
	out := &TimeEntryOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, in.Project)
		if err != nil {
			return err
		}
		row, asking, err := lockTime(ctx, q, project.ID, in.Entry)
		if err != nil {
			return err
		}
		if err := changeable(row); err != nil {
			return err
		}
		if int(row.Version) != in.Body.Version {
			return portal.Stale("time entry")
		}
		content := in.Body.TimeContent
		if content.Member == nil {
			content.Member = &row.StaffID
		}
		w, err := a.readWork(ctx, q, project, content)
		if err != nil {
			return err
		}
		if content.Rate == nil && w.task.ID == row.TaskID {
			w.rate = row.Rate
		}
		if asking != nil && !w.billable {
			return portal.Conflict("The customer is being asked to approve this time. Recall timesheet %s first.", asking.Number)
		}
		n, err := q.EditTimeEntry(ctx, dbsqlc.EditTimeEntryParams{
			OrgID: p.Org, ID: row.ID, Version: row.Version, TaskID: w.task.ID, StaffID: w.member.ID, StaffName: w.member.Name,
			Day: content.Day, Hours: w.hours, Description: content.Description, Billable: w.billable, Rate: w.rate, At: a.now(),
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("time entry")
		}
		if asking != nil {
			if err := a.reviseTimesheet(ctx, q, project, *asking, dbsqlc.CorrectTimesheetEntryParams{
				OrgID: p.Org, TimesheetID: asking.ID, EntryID: row.ID, Day: content.Day, Hours: w.hours, TaskName: w.task.Name, StaffName: w.member.Name, Description: content.Description,
			}); err != nil {
				return err
			}
		}
		if err := a.recordTime(ctx, q, project, "time_entry.edited", w.hours, w.task.Name); err != nil {
			return err
		}
		out.Body, err = readTimeEntry(ctx, q, project, row.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) deleteTime(ctx context.Context, in *TimeEntryInput) (*TimeEntryDeleted, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, in.Project)
		if err != nil {
			return err
		}
		row, asking, err := lockTime(ctx, q, project.ID, in.Entry)
		if err != nil {
			return err
		}
		if err := changeable(row); err != nil {
			return err
		}
		if asking != nil {
			return portal.Conflict("The customer is being asked to approve this time, so it is kept. Recall timesheet %s first, then mark it as not billable.", asking.Number)
		}
		n, err := q.DeleteTimeEntry(ctx, dbsqlc.DeleteTimeEntryParams{OrgID: p.Org, ID: row.ID})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Conflict("The customer was asked about this time, so it is kept. Mark it as not billable instead.")
		}
		return a.recordTime(ctx, q, project, "time_entry.deleted", row.Hours, "")
	})
	if err != nil {
		return nil, err
	}
	return &TimeEntryDeleted{}, nil
}
