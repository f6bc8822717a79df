package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

type timesheetOperations struct {
	ListMyTimesheets *Operation[ListMyTimesheetsInput, ListTimesheetsOutput]
	GetMyTimesheet   *Operation[TimesheetInput, TimesheetOutput]
	DecideTimesheet  *Operation[DecideTimesheetInput, TimesheetOutput]

	ListTimesheets  *Operation[ListTimesheetsInput, ListTimesheetsOutput]
	GetTimesheet    *Operation[TimesheetInput, TimesheetOutput]
	SubmitTimesheet *Operation[SubmitTimesheetInput, TimesheetOutput]
	RecallTimesheet *Operation[RecallTimesheetInput, TimesheetOutput]
}

// ListMyTimesheetsInput asks for a page of a contact's timesheets, newest first;
// those that wait are submitted, R22.
type ListMyTimesheetsInput struct {
	Page
	Org    string `path:"org" maxLength:"40"`
	Status string `query:"status" enum:",submitted,approved,partly_approved,rejected,recalled"`
}

// ListTimesheetsInput asks for a page of timesheets, newest first.
type ListTimesheetsInput struct {
	Page
	Org      string    `path:"org" maxLength:"40"`
	Status   string    `query:"status" enum:",submitted,approved,partly_approved,rejected,recalled"`
	Customer uuid.UUID `query:"customer" doc:"Of one customer."`
	Project  uuid.UUID `query:"project" doc:"Of one project."`
}

// ListTimesheetsOutput is a page of timesheets.
type ListTimesheetsOutput struct {
	Body struct {
		Timesheets []TimesheetSummary `json:"timesheets"`
		Next       string             `json:"next,omitempty"`
	}
}

// TimesheetSummary is a timesheet in a list.
type TimesheetSummary struct {
	ID           uuid.UUID              `json:"id"`
	Number       string                 `json:"number"`
	Project      uuid.UUID              `json:"project"`
	ProjectName  string                 `json:"project_name"`
	Customer     uuid.UUID              `json:"customer"`
	CustomerName string                 `json:"customer_name"`
	Status       portal.TimesheetStatus `json:"status"`
	// From and To are the first and the last day of its entries.
	From          portal.Date `json:"from"`
	To            portal.Date `json:"to"`
	EntryCount    int         `json:"entry_count"`
	Hours         string      `json:"hours" example:"37.5"`
	ApprovedCount int         `json:"approved_count"`
	ApprovedHours string      `json:"approved_hours"`
	SubmittedBy   string      `json:"submitted_by"`
	SubmittedAt   time.Time   `json:"submitted_at"`
	EndedAt       *time.Time  `json:"ended_at,omitempty" doc:"When it was decided or recalled."`
}

// TimesheetInput names a timesheet.
type TimesheetInput struct {
	Org       string    `path:"org" maxLength:"40"`
	Timesheet uuid.UUID `path:"timesheet"`
}

// TimesheetOutput is a timesheet with its entries.
type TimesheetOutput struct {
	Status int
	Body   Timesheet
}

// Timesheet asks a customer to approve time, R45. Its entries are as they were
// when it was decided, whatever became of them since.
type Timesheet struct {
	TimesheetSummary
	Version int    `json:"version" doc:"Named by a decision: another one refuses it."`
	Message string `json:"message,omitempty" doc:"What staff wrote to whoever decides."`
	// Entries come by day.
	Entries  []TimesheetEntry `json:"entries"`
	Decision *Decision        `json:"decision,omitempty"`
	Timeline []TimelineEntry  `json:"timeline"`
	// WorkflowID is for staff.
	WorkflowID string `json:"workflow_id,omitempty"`
	ToInvoice  int    `json:"to_invoice,omitempty" doc:"How many approved entries are on no invoice yet, for staff."`
}

// TimesheetEntry is one entry of a timesheet, and what was decided about it.
type TimesheetEntry struct {
	ID          uuid.UUID   `json:"id"`
	Day         portal.Date `json:"day"`
	Hours       string      `json:"hours"`
	Task        string      `json:"task"`
	By          string      `json:"by" doc:"Who worked."`
	Description string      `json:"description,omitempty"`
	Outcome     string      `json:"outcome" enum:"pending,approved,rejected,recalled"`
	Reason      string      `json:"reason,omitempty" doc:"Why it was rejected."`
}

// SubmitTimesheetInput asks the customer to approve entries of a project: those
// named, or all of a period that may be submitted.
type SubmitTimesheetInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Body    struct {
		Entries []uuid.UUID  `json:"entries,omitempty" maxItems:"500" doc:"Billable entries that are neither invoiced nor waiting nor approved."`
		From    *portal.Date `json:"from,omitempty" doc:"The first day, where no entries are named."`
		To      *portal.Date `json:"to,omitempty" doc:"The last day, where no entries are named."`
		Message string       `json:"message,omitempty" maxLength:"2000" doc:"To whoever decides."`
	}
}

// DecideTimesheetInput approves or rejects the version that is on screen.
type DecideTimesheetInput struct {
	Key
	Org       string    `path:"org" maxLength:"40"`
	Timesheet uuid.UUID `path:"timesheet"`
	Body      struct {
		Decision string `json:"decision" enum:"approved,rejected"`
		Version  int    `json:"version" minimum:"1" doc:"The version that was read: another one refuses the decision."`
		Reason   string `json:"reason,omitempty" maxLength:"2000" doc:"Needed to reject the whole; otherwise for rejected entries that have none of their own."`
		// Rejected entries are left out of the approval.
		Rejected []RejectedEntry `json:"rejected,omitempty" maxItems:"500" doc:"Entries that are not approved, when the rest is."`
	}
}

// RejectedEntry is an entry that isn't approved.
type RejectedEntry struct {
	Entry  uuid.UUID `json:"entry"`
	Reason string    `json:"reason,omitempty" maxLength:"500"`
}

// RecallTimesheetInput takes the question back while nobody has answered it.
type RecallTimesheetInput struct {
	Key
	Org       string    `path:"org" maxLength:"40"`
	Timesheet uuid.UUID `path:"timesheet"`
	Body      struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

func (a *API) declareTimesheets() {
	contact, staff := ofTimesheets(portal.SideContact), ofTimesheets(portal.SideStaff)
	a.ListMyTimesheets = declare(a, contact("list-my-timesheets", http.MethodGet, "/timesheets", "List the timesheets received", portal.ActionViewDocuments), a.listMyTimesheets)
	a.GetMyTimesheet = declare(a, contact("get-my-timesheet", http.MethodGet, "/timesheets/{timesheet}", "Read a timesheet", portal.ActionViewDocuments), a.getTimesheet)
	a.DecideTimesheet = declare(a, contact("decide-timesheet", http.MethodPost, "/timesheets/{timesheet}/decision", "Approve or reject a timesheet, wholly or by entry", portal.ActionApprove), a.decideTimesheet)
	a.ListTimesheets = declare(a, staff("list-timesheets", http.MethodGet, "/timesheets", "List timesheets", portal.ActionManageTimesheets), a.listTimesheets)
	a.GetTimesheet = declare(a, staff("get-timesheet", http.MethodGet, "/timesheets/{timesheet}", "Read a timesheet", portal.ActionManageTimesheets), a.getTimesheet)
	submit := staff("submit-timesheet", http.MethodPost, "/projects/{project}/timesheets", "Submit time for the customer's approval", portal.ActionManageTimesheets)
	submit.status = http.StatusCreated
	a.SubmitTimesheet = declare(a, submit, a.submitTimesheet)
	a.RecallTimesheet = declare(a, staff("recall-timesheet", http.MethodPost, "/timesheets/{timesheet}/recall", "Take a timesheet back that isn't decided", portal.ActionManageTimesheets), a.recallTimesheet)
}

func (a *API) listMyTimesheets(ctx context.Context, in *ListMyTimesheetsInput) (*ListTimesheetsOutput, error) {
	return a.listTimesheets(ctx, &ListTimesheetsInput{Page: in.Page, Status: in.Status})
}

func (a *API) listTimesheets(ctx context.Context, in *ListTimesheetsInput) (*ListTimesheetsOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	customer := optional(in.Customer)
	if p.Side == portal.SideContact {
		customer = &p.Customer
	}
	out := &ListTimesheetsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListTimesheets(ctx, dbsqlc.ListTimesheetsParams{
			OrgID: p.Org, CustomerID: customer, ProjectID: optional(in.Project), Status: in.Status, BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListTimesheetsRow) cursor { return cursor{At: r.SubmittedAt, ID: r.ID} })
		out.Body.Timesheets = make([]TimesheetSummary, 0, len(rows))
		for _, r := range rows {
			out.Body.Timesheets = append(out.Body.Timesheets, TimesheetSummary{
				ID: r.ID, Number: r.Number, Project: r.ProjectID, ProjectName: r.ProjectName, Customer: r.CustomerID, CustomerName: r.CustomerName, Status: r.Status,
				From: r.FromDay, To: r.ToDay, EntryCount: int(r.EntryCount), Hours: r.Hours.String(), ApprovedCount: int(r.ApprovedCount), ApprovedHours: r.ApprovedHours.String(),
				SubmittedBy: r.SubmittedByName, SubmittedAt: r.SubmittedAt, EndedAt: r.EndedAt,
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) getTimesheet(ctx context.Context, in *TimesheetInput) (*TimesheetOutput, error) {
	out := &TimesheetOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body, err = readTimesheet(ctx, q, in.Timesheet)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// timesheetOf is a timesheet that the caller may know of.
func timesheetOf(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (dbsqlc.Timesheet, error) {
	row, err := q.GetTimesheet(ctx, dbsqlc.GetTimesheetParams{OrgID: principal(ctx).Org, ID: id})
	if db.NotFound(err) {
		return row, portal.NotFound("timesheet")
	}
	if err != nil {
		return row, err
	}
	return row, mine(ctx, row.CustomerID, "timesheet")
}

func readTimesheet(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (Timesheet, error) {
	p := principal(ctx)
	row, err := timesheetOf(ctx, q, id)
	if err != nil {
		return Timesheet{}, err
	}
	project, err := q.GetProject(ctx, dbsqlc.GetProjectParams{OrgID: p.Org, ID: row.ProjectID})
	if err != nil {
		return Timesheet{}, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: row.CustomerID})
	if err != nil {
		return Timesheet{}, err
	}
	entries, err := q.ListTimesheetEntries(ctx, dbsqlc.ListTimesheetEntriesParams{OrgID: p.Org, TimesheetID: id})
	if err != nil {
		return Timesheet{}, err
	}
	decisions, err := q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: p.Org, DocumentKind: "timesheet", DocumentID: id, Version: row.Version})
	if err != nil {
		return Timesheet{}, err
	}
	sheet := Timesheet{
		TimesheetSummary: TimesheetSummary{
			ID: row.ID, Number: row.Number, Project: row.ProjectID, ProjectName: project.Name, Customer: row.CustomerID, CustomerName: customer.Name, Status: row.Status,
			From: row.FromDay, To: row.ToDay, EntryCount: int(row.EntryCount), Hours: row.Hours.String(), ApprovedCount: int(row.ApprovedCount), ApprovedHours: row.ApprovedHours.String(),
			SubmittedBy: row.SubmittedByName, SubmittedAt: row.SubmittedAt, EndedAt: row.EndedAt,
		},
		Version: int(row.Version), Message: row.Message, Entries: make([]TimesheetEntry, 0, len(entries)),
	}
	for _, e := range entries {
		sheet.Entries = append(sheet.Entries, TimesheetEntry{e.EntryID, e.Day, e.Hours.String(), e.TaskName, e.StaffName, e.Description, e.Outcome, e.Reason})
	}
	for _, d := range decisions {
		sheet.Decision = &Decision{d.ID, d.Decision, d.Reason, d.ContactName, d.ContactEmail, d.DecidedAt, d.IP, fmt.Sprintf("%x", d.ContentHash)}
	}
	if p.Side == portal.SideStaff {
		sheet.WorkflowID = workflows.TimesheetID(id)
		left, err := q.CountTimeToInvoice(ctx, dbsqlc.CountTimeToInvoiceParams{OrgID: p.Org, TimesheetID: id})
		if err != nil {
			return Timesheet{}, err
		}
		sheet.ToInvoice = int(left)
	}
	sheet.Timeline, err = timeline(ctx, q, p, id)
	return sheet, err
}

func (a *API) submitTimesheet(ctx context.Context, in *SubmitTimesheetInput) (*TimesheetOutput, error) {
	p := principal(ctx)
	var project dbsqlc.Project
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		project, err = projectOf(ctx, q, in.Project)
		return err
	})
	if err != nil {
		return nil, err
	}
	chosen, period := len(in.Body.Entries) > 0, in.Body.From != nil && in.Body.To != nil
	switch {
	case !chosen && !period:
		return nil, portal.Invalid("Choose entries, or a period.", portal.Field("entries", "Choose entries, or a period."))
	case chosen && (in.Body.From != nil || in.Body.To != nil):
		return nil, portal.Invalid("Choose entries or a period, not both.", portal.Field("entries", "Choose entries or a period, not both."))
	case period && in.Body.To.Before(*in.Body.From):
		return nil, portal.Invalid("The period ends before it begins.", portal.Field("to", "Choose the first day or a later one."))
	}
	hash, err := portal.RequestHash(struct {
		Project uuid.UUID
		Body    any
	}{in.Project, in.Body})
	if err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "submit-timesheet", in.Key.Key)
	request := &workflows.SubmitRequest{Project: project.ID, From: in.Body.From, To: in.Body.To, Message: in.Body.Message, By: workflows.ActorOf(p), Hash: hash}
	if chosen {
		if request.Selection, err = a.keep(ctx, id, workflows.Selection{Entries: in.Body.Entries}); err != nil {
			return nil, err
		}
	}
	state, err := begin[workflows.TimesheetState](ctx, a, start{
		id: workflows.TimesheetID(id), name: workflows.TimesheetName, customer: project.CustomerID, document: id,
		input: workflows.TimesheetInput{TimesheetRef: workflows.TimesheetRef{Org: p.Org, Timesheet: id}, Request: request, Times: a.Times.Timesheet},
	})
	if errors.Is(err, errPending) {
		return &TimesheetOutput{Status: http.StatusAccepted, Body: Timesheet{
			TimesheetSummary: TimesheetSummary{ID: id, Project: project.ID, ProjectName: project.Name, Customer: project.CustomerID, Status: "pending"},
			Entries:          []TimesheetEntry{}, Timeline: []TimelineEntry{},
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	if state.Refused != nil {
		return nil, state.Refused
	}
	if !bytes.Equal(state.RequestHash, hash) {
		return nil, portal.KeyReused()
	}
	out, err := a.getTimesheet(ctx, &TimesheetInput{Timesheet: id})
	if err != nil {
		return nil, err
	}
	out.Status = http.StatusCreated
	return out, nil
}

// keep stores what somebody chose of many for the flow that is to act on it,
// and returns the name by which a payload mentions it: payloads stay small, and
// histories as long for one entry as for five hundred. Kept again it is the same.
// What a former request left and no flow took is dropped after a day.
func (a *API) keep(ctx context.Context, about uuid.UUID, choice any) (*uuid.UUID, error) {
	p := principal(ctx)
	body, err := json.Marshal(choice)
	if err != nil {
		return nil, fmt.Errorf("keeping a choice: %w", err)
	}
	id := portal.DerivedID([]byte("choice"), p.Org[:], p.Actor[:], about[:], body)
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		now := a.now()
		if err := q.DropChoicesOf(ctx, dbsqlc.DropChoicesOfParams{OrgID: p.Org, ActorID: p.Actor, OlderThan: now.Add(-24 * time.Hour)}); err != nil {
			return err
		}
		return q.KeepChoice(ctx, dbsqlc.KeepChoiceParams{OrgID: p.Org, ID: id, ActorID: p.Actor, Body: body, At: now})
	})
	return &id, err
}

func (a *API) decideTimesheet(ctx context.Context, in *DecideTimesheetInput) (*TimesheetOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		// As the contact: a timesheet of another customer isn't there.
		current, err := timesheetOf(ctx, q, in.Timesheet)
		if err == nil && current.Status.Live() && int(current.Version) != in.Body.Version {
			err = portal.Stale("timesheet")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	reason := strings.TrimSpace(in.Body.Reason)
	whole := in.Body.Decision == string(portal.TimesheetRejected)
	switch {
	case whole && reason == "":
		return nil, portal.Invalid("Say why the timesheet is rejected.", portal.Field("reason", "Say why."))
	case whole && len(in.Body.Rejected) > 0:
		return nil, portal.Invalid("The whole timesheet is rejected: no entries are named.", portal.Field("rejected", "Approve the timesheet without these entries, or reject it as a whole."))
	}
	hash, err := portal.RequestHash(in.Body)
	if err != nil {
		return nil, err
	}
	from := clientOf(ctx)
	request := workflows.TimesheetDecision{
		Version: in.Body.Version, Decision: portal.TimesheetStatus(in.Body.Decision), Reason: reason, Hash: hash, By: workflows.ActorOf(p),
		Origin: workflows.Origin{IP: from.IP, UserAgent: clip(from.UserAgent, 300)},
	}
	if len(in.Body.Rejected) > 0 {
		kept := workflows.Rejections{}
		for _, r := range in.Body.Rejected {
			kept.Rejected = append(kept.Rejected, workflows.Rejection{Entry: r.Entry, Reason: strings.TrimSpace(r.Reason)})
		}
		if request.Rejections, err = a.keep(ctx, in.Timesheet, kept); err != nil {
			return nil, err
		}
	}
	_, err = decide(ctx, a, workflows.TimesheetID(in.Timesheet), workflows.UpdateDecide, in.Key.Key, request, func() (workflows.TimesheetState, error) {
		return a.endedTimesheet(ctx, in.Timesheet, func(row dbsqlc.Timesheet, by *dbsqlc.Decision) error {
			switch {
			case by != nil && by.ContactID == p.Actor && bytes.Equal(row.DecisionHash, hash):
				return nil
			case by != nil:
				return portal.Conflict("%s %s this timesheet already.", by.ContactName, words(row.Status))
			}
			return portal.Conflict("This timesheet was recalled; there is nothing to decide any more.")
		})
	})
	if err != nil {
		return nil, err
	}
	return a.getTimesheet(ctx, &TimesheetInput{Timesheet: in.Timesheet})
}

// words is a status within a sentence.
func words[S ~string](status S) string { return strings.ReplaceAll(string(status), "_", " ") }

// endedTimesheet answers for a flow that isn't running: from the row, or, where
// that is live and the sweep is about to start its flow, not yet.
func (a *API) endedTimesheet(ctx context.Context, id uuid.UUID, answer func(dbsqlc.Timesheet, *dbsqlc.Decision) error) (workflows.TimesheetState, error) {
	var state workflows.TimesheetState
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := timesheetOf(ctx, q, id)
		if err != nil {
			return err
		}
		if row.Status.Live() {
			return portal.NotConfirmed(5 * time.Second)
		}
		decisions, err := q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: row.OrgID, DocumentKind: "timesheet", DocumentID: id, Version: row.Version})
		if err != nil {
			return err
		}
		var by *dbsqlc.Decision
		if len(decisions) > 0 {
			by = &decisions[0]
		}
		return answer(row, by)
	})
	return state, err
}

func (a *API) recallTimesheet(ctx context.Context, in *RecallTimesheetInput) (*TimesheetOutput, error) {
	if _, err := a.getTimesheet(ctx, &TimesheetInput{Timesheet: in.Timesheet}); err != nil {
		return nil, err
	}
	request := workflows.RecallRequest{By: workflows.ActorOf(principal(ctx)), Reason: in.Body.Reason}
	_, err := decide(ctx, a, workflows.TimesheetID(in.Timesheet), workflows.UpdateRecall, in.Key.Key, request, func() (workflows.TimesheetState, error) {
		return a.endedTimesheet(ctx, in.Timesheet, func(row dbsqlc.Timesheet, _ *dbsqlc.Decision) error {
			if row.Status == portal.TimesheetRecalled {
				return nil
			}
			return portal.Conflict("This timesheet was %s; it can't be recalled any more.", words(row.Status))
		})
	})
	if err != nil {
		return nil, err
	}
	return a.getTimesheet(ctx, &TimesheetInput{Timesheet: in.Timesheet})
}

// reviseTimesheet makes a correction of one of its entries another version of
// a timesheet that is locked: a decision on the one before is refused, N1.
func (a *API) reviseTimesheet(ctx context.Context, q *dbsqlc.Queries, project dbsqlc.Project, sheet dbsqlc.Timesheet, correction dbsqlc.CorrectTimesheetEntryParams) error {
	if _, err := q.CorrectTimesheetEntry(ctx, correction); err != nil {
		return err
	}
	entries, err := q.ListTimesheetEntries(ctx, dbsqlc.ListTimesheetEntriesParams{OrgID: sheet.OrgID, TimesheetID: sheet.ID})
	if err != nil {
		return err
	}
	content := portal.TimesheetContent{Number: sheet.Number, Project: project.Name}
	revised := dbsqlc.ReviseTimesheetParams{OrgID: sheet.OrgID, ID: sheet.ID}
	for i, e := range entries { // by day
		revised.Hours = revised.Hours.Add(e.Hours)
		if i == 0 {
			revised.FromDay = e.Day
		}
		revised.ToDay = e.Day
		content.Entries = append(content.Entries, portal.TimesheetContentEntry{
			ID: e.EntryID, Day: e.Day, Hours: e.Hours.String(), Task: e.TaskName, Staff: e.StaffName, Description: e.Description,
		})
	}
	if revised.ContentHash, err = content.Hash(); err != nil {
		return err
	}
	n, err := q.ReviseTimesheet(ctx, revised)
	if err != nil {
		return err
	}
	if n == 0 {
		return portal.Stale("time entry")
	}
	return a.record(ctx, q, principal(ctx), happened{
		customer: sheet.CustomerID, kind: "timesheet.corrected", subject: "timesheet", id: sheet.ID,
		data: map[string]any{"number": sheet.Number, "version": sheet.Version + 1, "hours": revised.Hours.String()},
	})
}
