package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// TimesheetRef names a timesheet.
type TimesheetRef struct {
	Org       uuid.UUID `json:"org"`
	Timesheet uuid.UUID `json:"timesheet"`
}

// SubmitRequest asks a customer to approve time entries of one project: those
// of a selection, or what may be submitted of a period.
type SubmitRequest struct {
	Project uuid.UUID `json:"project"`
	// Selection is the kept choice that names the entries, a Selection.
	Selection *uuid.UUID   `json:"selection,omitempty"`
	From      *portal.Date `json:"from,omitempty"`
	To        *portal.Date `json:"to,omitempty"`
	Message   string       `json:"message,omitempty"`
	By        Actor        `json:"by"`
	Hash      []byte       `json:"hash"`
}

// Selection is the body of a kept choice of entries.
type Selection struct {
	Entries []uuid.UUID `json:"entries"`
}

// Rejection is one entry that a contact doesn't approve.
type Rejection struct {
	Entry  uuid.UUID `json:"entry"`
	Reason string    `json:"reason"`
}

// Rejections is the body of a kept choice of entries that are not approved.
type Rejections struct {
	Rejected []Rejection `json:"rejected"`
}

// TimesheetState is where a timesheet stands, as its flow needs it.
type TimesheetState struct {
	Begun
	Customer    uuid.UUID `json:"customer"`
	SubmittedAt time.Time `json:"submitted_at"`
	// Reminders sent so far, and when the last one was.
	Reminders  int       `json:"reminders"`
	RemindedAt time.Time `json:"reminded_at,omitzero"`
}

// Live reports whether the customer's decision is awaited.
func (s TimesheetState) Live() bool { return portal.TimesheetStatus(s.Status).Live() }

func timesheetState(t dbsqlc.Timesheet) TimesheetState {
	state := TimesheetState{
		Begun: Begun{Status: string(t.Status), RequestHash: t.RequestHash}, Customer: t.CustomerID, SubmittedAt: t.SubmittedAt, Reminders: int(t.Reminders),
	}
	if t.RemindedAt != nil {
		state.RemindedAt = *t.RemindedAt
	}
	return state
}

// BeginTimesheetInput is a timesheet to submit. A nil Request reads what is
// stored, for a flow that was started again.
type BeginTimesheetInput struct {
	TimesheetRef
	Request *SubmitRequest `json:"request,omitempty"`
}

// BeginTimesheet stores the timesheet with its entries as they are now, and
// marks the entries as asked about, in one transaction. The schema allows one
// live approval for an entry.
func (a *Activities) BeginTimesheet(ctx context.Context, in BeginTimesheetInput) (TimesheetState, error) {
	var state TimesheetState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		ref := dbsqlc.GetTimesheetParams{OrgID: in.Org, ID: in.Timesheet}
		stored, err := q.GetTimesheet(ctx, ref)
		switch {
		case err == nil:
			state = timesheetState(stored)
			return nil
		case !db.NotFound(err):
			return err
		case in.Request == nil:
			return portal.NotFound("timesheet")
		}
		if err := a.submit(ctx, q, in.TimesheetRef, *in.Request); err != nil {
			return err
		}
		stored, err = q.GetTimesheet(ctx, ref)
		state = timesheetState(stored)
		return err
	})
	if db.Violates(err, "timesheet_entries_one_live") {
		err = portal.Conflict("One of these entries was submitted by someone else just now.")
	}
	if refused := Refusal(err); refused != nil {
		return TimesheetState{Begun: Begun{Refused: refused}}, nil
	}
	return state, boundary(err)
}

func (a *Activities) submit(ctx context.Context, q *dbsqlc.Queries, ref TimesheetRef, request SubmitRequest) error {
	settings, err := q.GetSettings(ctx, ref.Org)
	if err != nil {
		return err
	}
	if !settings.Timesheets {
		return portal.Conflict("Projects and timesheets are switched off in this portal: customers can't be asked.")
	}
	project, err := q.GetProject(ctx, dbsqlc.GetProjectParams{OrgID: ref.Org, ID: request.Project})
	if db.NotFound(err) {
		return portal.NotFound("project")
	}
	if err != nil {
		return err
	}
	ids, err := toSubmit(ctx, q, ref.Org, request)
	if err != nil {
		return err
	}
	entries, err := q.LockTimeEntries(ctx, dbsqlc.LockTimeEntriesParams{OrgID: ref.Org, ProjectID: project.ID, Ids: ids})
	if err != nil {
		return err
	}
	if err := submittable(ids, entries); err != nil {
		return err
	}
	n, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: ref.Org, Kind: "timesheet"})
	if err != nil {
		return err
	}
	now := a.now()
	row := dbsqlc.InsertTimesheetParams{
		OrgID: ref.Org, ID: ref.Timesheet, CustomerID: project.CustomerID, ProjectID: project.ID, Number: fmt.Sprintf("TS-%04d", n), Message: request.Message,
		FromDay: entries[0].TimeEntry.Day, ToDay: entries[0].TimeEntry.Day, EntryCount: int32(len(entries)), RequestHash: request.Hash,
		SubmittedBy: optional(request.By.ID), SubmittedByName: request.By.Name, At: now,
	}
	content := portal.TimesheetContent{Number: row.Number, Project: project.Name}
	for _, e := range entries {
		t := e.TimeEntry
		row.Hours = row.Hours.Add(t.Hours)
		if t.Day.Before(row.FromDay) {
			row.FromDay = t.Day
		}
		if t.Day.After(row.ToDay) {
			row.ToDay = t.Day
		}
		content.Entries = append(content.Entries, portal.TimesheetContentEntry{
			ID: t.ID, Day: t.Day, Hours: t.Hours.String(), Task: e.TaskName, Staff: t.StaffName, Description: t.Description,
		})
	}
	if row.ContentHash, err = content.Hash(); err != nil {
		return err
	}
	if err := q.InsertTimesheet(ctx, row); err != nil {
		return err
	}
	if err := q.InsertTimesheetEntries(ctx, dbsqlc.InsertTimesheetEntriesParams{OrgID: ref.Org, TimesheetID: ref.Timesheet, Ids: ids}); err != nil {
		return err
	}
	marked, err := q.SubmitTimeEntries(ctx, dbsqlc.SubmitTimeEntriesParams{
		OrgID: ref.Org, TimesheetID: ref.Timesheet, Ids: ids, At: now, FromApproval: texts(portal.EntryMachine().From(portal.EntrySubmitted)),
	})
	if err != nil {
		return err
	}
	if int(marked) != len(ids) {
		return portal.Conflict("One of these entries was changed by someone else. Read them again.")
	}
	if request.Selection != nil {
		if err := q.DropChoice(ctx, dbsqlc.DropChoiceParams{OrgID: ref.Org, ID: *request.Selection}); err != nil {
			return err
		}
	}
	return a.record(ctx, q, happened{
		org: ref.Org, customer: project.CustomerID, kind: "timesheet.submitted", subject: "timesheet", id: ref.Timesheet, by: request.By, at: now,
		data: map[string]any{"number": row.Number, "project": project.Name, "hours": row.Hours.String(), "entries": len(entries)},
	})
}

// toSubmit is which entries a request means.
func toSubmit(ctx context.Context, q *dbsqlc.Queries, org uuid.UUID, request SubmitRequest) ([]uuid.UUID, error) {
	if request.Selection != nil {
		var chosen Selection
		err := takeChoice(ctx, q, org, *request.Selection, &chosen)
		return chosen.Entries, err
	}
	if request.From == nil || request.To == nil {
		return nil, portal.Invalid("Choose entries, or a period.", portal.Field("entries", "Choose entries, or a period."))
	}
	ids, err := q.ListEntriesToSubmit(ctx, dbsqlc.ListEntriesToSubmitParams{
		OrgID: org, ProjectID: request.Project, FromDay: *request.From, ToDay: *request.To, Most: portal.MaxTimesheetEntries + 1,
	})
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, portal.Invalid("There is nothing to submit in this period.", portal.Field("from", "No billable time of these days waits to be submitted."))
	case len(ids) > portal.MaxTimesheetEntries:
		return nil, portal.Invalid("This is too much for one timesheet.", portal.Field("to", "The period has more than %d entries. Choose a shorter one.", portal.MaxTimesheetEntries))
	}
	return ids, nil
}

// takeChoice reads a choice that was kept for a flow.
func takeChoice(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID, into any) error {
	choice, err := q.GetChoice(ctx, dbsqlc.GetChoiceParams{OrgID: org, ID: id})
	if db.NotFound(err) {
		return portal.Conflict("This request was left lying for too long. Please send it again.")
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(choice.Body, into)
}

// submittable says which of the chosen entries can't be submitted, and why.
func submittable(ids []uuid.UUID, entries []dbsqlc.LockTimeEntriesRow) error {
	found := make(map[uuid.UUID]dbsqlc.TimeEntry, len(entries))
	for _, e := range entries {
		found[e.TimeEntry.ID] = e.TimeEntry
	}
	refusal := portal.Invalid("These entries can't be submitted together.")
	seen := make(map[uuid.UUID]bool, len(ids))
	for i, id := range ids {
		e, known := found[id]
		says := ""
		switch {
		case !known:
			says = "There is no such entry in this project."
		case seen[id]:
			says = "This entry is chosen twice."
		case !e.Billable:
			says = "This time isn't billable: the customer doesn't see it."
		case e.InvoiceID != nil:
			says = "This entry is invoiced already."
		case e.Approval == portal.EntrySubmitted:
			says = "This entry waits for approval already."
		case e.Approval == portal.EntryApproved:
			says = "This entry is approved already."
		}
		seen[id] = true
		if says != "" {
			refusal.Fields = append(refusal.Fields, portal.Field(fmt.Sprintf("entries[%d]", i), "%s", says))
		}
	}
	if len(refusal.Fields) > 0 {
		return refusal
	}
	return nil
}

// ReadTimesheet reads where a timesheet stands.
func (a *Activities) ReadTimesheet(ctx context.Context, ref TimesheetRef) (TimesheetState, error) {
	var state TimesheetState
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		row, err := q.GetTimesheet(ctx, dbsqlc.GetTimesheetParams{OrgID: ref.Org, ID: ref.Timesheet})
		state = timesheetState(row)
		return err
	})
	if db.NotFound(err) {
		err = portal.NotFound("timesheet")
	}
	return state, boundary(err)
}

// DecideTimesheetInput is a contact's decision on the version that was on screen.
type DecideTimesheetInput struct {
	TimesheetRef
	Version int `json:"version"`
	// Decision is approved or rejected.
	Decision portal.TimesheetStatus `json:"decision"`
	// Reason of a rejection, for all that have none of their own.
	Reason string `json:"reason,omitempty"`
	// Rejections is the kept choice of entries that are not approved, if some are.
	Rejections *uuid.UUID `json:"rejections,omitempty"`
	// Hash is of the whole request: sent again it is answered again.
	Hash   []byte `json:"hash"`
	By     Actor  `json:"by"`
	Origin Origin `json:"origin"`
}

// DecideTimesheet records the decision with its evidence, if it was taken on
// the timesheet as it is. Approved entries are locked, and rejected ones are free
// again, with the reason beside them. The same decision sent again is answered
// again; another one is refused, and nothing is recorded (N1, N2, R45).
func (a *Activities) DecideTimesheet(ctx context.Context, in DecideTimesheetInput) (TimesheetState, error) {
	var state TimesheetState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		sheet, err := q.LockTimesheet(ctx, dbsqlc.LockTimesheetParams{OrgID: in.Org, ID: in.Timesheet})
		if db.NotFound(err) {
			return portal.NotFound("timesheet")
		}
		if err != nil {
			return err
		}
		if !sheet.Status.Live() {
			state = timesheetState(sheet)
			return decidedBefore(ctx, q, sheet, in)
		}
		if int(sheet.Version) != in.Version {
			return portal.Stale("timesheet")
		}
		settings, err := q.GetSettings(ctx, in.Org)
		if err != nil {
			return err
		}
		if !settings.Timesheets {
			return portal.Forbidden("This is switched off in this portal.")
		}
		if err := a.recordDecision(ctx, q, sheet, in); err != nil {
			return err
		}
		sheet, err = q.GetTimesheet(ctx, dbsqlc.GetTimesheetParams{OrgID: in.Org, ID: in.Timesheet})
		state = timesheetState(sheet)
		return err
	})
	return state, boundary(err)
}

// decidedBefore is nil if this very decision stands already.
func decidedBefore(ctx context.Context, q *dbsqlc.Queries, sheet dbsqlc.Timesheet, in DecideTimesheetInput) error {
	if sheet.Status == portal.TimesheetRecalled {
		return portal.Conflict("This timesheet was recalled; there is nothing to decide any more.")
	}
	decisions, err := q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: in.Org, DocumentKind: "timesheet", DocumentID: sheet.ID, Version: sheet.Version})
	if err != nil {
		return err
	}
	if len(decisions) == 0 {
		return portal.Conflict("This timesheet was already %s.", inWords(sheet.Status))
	}
	if d := decisions[0]; d.ContactID != in.By.ID || !bytes.Equal(sheet.DecisionHash, in.Hash) {
		return portal.Conflict("%s %s this timesheet already.", d.ContactName, inWords(sheet.Status))
	}
	return nil
}

// inWords is a status within a sentence.
func inWords(s portal.TimesheetStatus) string { return strings.ReplaceAll(string(s), "_", " ") }

func (a *Activities) recordDecision(ctx context.Context, q *dbsqlc.Queries, sheet dbsqlc.Timesheet, in DecideTimesheetInput) error {
	entries, err := q.ListTimesheetEntries(ctx, dbsqlc.ListTimesheetEntriesParams{OrgID: in.Org, TimesheetID: sheet.ID})
	if err != nil {
		return err
	}
	rejected, err := rejectedOf(ctx, q, entries, in)
	if err != nil {
		return err
	}
	status := portal.TimesheetOutcome(len(entries), len(rejected.EntryIds))
	approvedHours := sheet.Hours
	for _, e := range entries {
		if rejected.has(e.EntryID) {
			approvedHours = approvedHours.Sub(e.Hours)
		}
	}
	now := a.now()
	rejected.OrgID, rejected.TimesheetID = in.Org, sheet.ID
	if _, err := q.RejectTimesheetEntries(ctx, rejected.RejectTimesheetEntriesParams); err != nil {
		return err
	}
	if _, err := q.EndTimesheetEntries(ctx, dbsqlc.EndTimesheetEntriesParams{OrgID: in.Org, TimesheetID: sheet.ID, Outcome: string(portal.EntryApproved)}); err != nil {
		return err
	}
	settled, err := q.SettleTimeEntries(ctx, dbsqlc.SettleTimeEntriesParams{OrgID: in.Org, TimesheetID: sheet.ID, At: now})
	if err != nil {
		return err
	}
	if int(settled) != len(entries) {
		return fmt.Errorf("timesheet %s has %d entries, of which %d could be decided", sheet.Number, len(entries), settled)
	}
	if err := endTimesheet(ctx, q, dbsqlc.EndTimesheetParams{
		OrgID: in.Org, ID: sheet.ID, Status: status, ApprovedCount: int32(len(entries) - len(rejected.EntryIds)), ApprovedHours: approvedHours,
		DecisionHash: in.Hash, DecidedAt: &now, At: &now,
	}); err != nil {
		return err
	}
	if err := q.InsertDecision(ctx, dbsqlc.InsertDecisionParams{
		OrgID: in.Org, ID: a.NewID(), CustomerID: sheet.CustomerID, DocumentKind: "timesheet", DocumentID: sheet.ID, Version: sheet.Version,
		Decision: string(status), Reason: in.Reason, ContactID: in.By.ID, ContactName: in.By.Name, ContactEmail: in.By.Email,
		IP: in.Origin.IP, UserAgent: in.Origin.UserAgent, ContentHash: sheet.ContentHash, DecidedAt: now,
	}); err != nil {
		return err
	}
	if in.Rejections != nil {
		if err := q.DropChoice(ctx, dbsqlc.DropChoiceParams{OrgID: in.Org, ID: *in.Rejections}); err != nil {
			return err
		}
	}
	data := map[string]any{
		"number": sheet.Number, "hours": sheet.Hours.String(), "approved_hours": approvedHours.String(),
		"entries": len(entries), "rejected": len(rejected.EntryIds),
	}
	if in.Reason != "" {
		data["reason"] = in.Reason
	}
	return a.record(ctx, q, happened{
		org: in.Org, customer: sheet.CustomerID, kind: "timesheet." + string(status), subject: "timesheet", id: sheet.ID, by: in.By, at: now, data: data,
	})
}

// rejections are entries and why each is not approved.
type rejections struct {
	dbsqlc.RejectTimesheetEntriesParams
	named map[uuid.UUID]bool
}

func (r *rejections) add(entry uuid.UUID, reason string) {
	r.EntryIds, r.Reasons = append(r.EntryIds, entry), append(r.Reasons, reason)
	r.named[entry] = true
}

func (r *rejections) has(entry uuid.UUID) bool { return r.named[entry] }

// rejectedOf reads which entries a decision rejects.
func rejectedOf(ctx context.Context, q *dbsqlc.Queries, entries []dbsqlc.TimesheetEntry, in DecideTimesheetInput) (*rejections, error) {
	out := &rejections{RejectTimesheetEntriesParams: dbsqlc.RejectTimesheetEntriesParams{EntryIds: []uuid.UUID{}, Reasons: []string{}}, named: map[uuid.UUID]bool{}}
	if in.Decision == portal.TimesheetRejected {
		for _, e := range entries {
			out.add(e.EntryID, in.Reason)
		}
		return out, nil
	}
	if in.Rejections == nil {
		return out, nil
	}
	var chosen Rejections
	if err := takeChoice(ctx, q, in.Org, *in.Rejections, &chosen); err != nil {
		return nil, err
	}
	known := make(map[uuid.UUID]bool, len(entries))
	for _, e := range entries {
		known[e.EntryID] = true
	}
	for i, r := range chosen.Rejected {
		reason := strings.TrimSpace(r.Reason)
		if reason == "" {
			reason = in.Reason
		}
		switch {
		case !known[r.Entry]:
			return nil, portal.Invalid("An entry isn't on this timesheet.", portal.Field(fmt.Sprintf("rejected[%d].entry", i), "This entry isn't on the timesheet."))
		case out.has(r.Entry):
			return nil, portal.Invalid("An entry is rejected twice.", portal.Field(fmt.Sprintf("rejected[%d].entry", i), "This entry is rejected twice."))
		case reason == "":
			return nil, portal.Invalid("Say why these entries are rejected.", portal.Field(fmt.Sprintf("rejected[%d].reason", i), "Say why."))
		}
		out.add(r.Entry, reason)
	}
	return out, nil
}

// endTimesheet moves a timesheet that is locked to its end.
func endTimesheet(ctx context.Context, q *dbsqlc.Queries, end dbsqlc.EndTimesheetParams) error {
	end.FromStatus = texts(portal.TimesheetMachine().From(end.Status))
	n, err := q.EndTimesheet(ctx, end)
	if err == nil && n == 0 {
		err = portal.Stale("timesheet")
	}
	return err
}

// RecallTimesheetInput takes a question back.
type RecallTimesheetInput struct {
	TimesheetRef
	By     Actor  `json:"by"`
	Reason string `json:"reason,omitempty"`
}

// RecallTimesheet takes the question back while nobody has answered it: its
// entries are as they were before it was asked. Recalled already, it stays so.
func (a *Activities) RecallTimesheet(ctx context.Context, in RecallTimesheetInput) (TimesheetState, error) {
	var state TimesheetState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		sheet, err := q.LockTimesheet(ctx, dbsqlc.LockTimesheetParams{OrgID: in.Org, ID: in.Timesheet})
		if db.NotFound(err) {
			return portal.NotFound("timesheet")
		}
		if err != nil {
			return err
		}
		state = timesheetState(sheet)
		switch {
		case sheet.Status == portal.TimesheetRecalled:
			return nil
		case !sheet.Status.Live():
			return portal.Conflict("This timesheet was %s; it can't be recalled any more.", inWords(sheet.Status))
		}
		now := a.now()
		released, err := q.ReleaseTimeEntries(ctx, dbsqlc.ReleaseTimeEntriesParams{OrgID: in.Org, TimesheetID: sheet.ID, At: now})
		if err != nil {
			return err
		}
		if released != int64(sheet.EntryCount) {
			return fmt.Errorf("timesheet %s has %d entries, of which %d could be released", sheet.Number, sheet.EntryCount, released)
		}
		if _, err := q.EndTimesheetEntries(ctx, dbsqlc.EndTimesheetEntriesParams{OrgID: in.Org, TimesheetID: sheet.ID, Outcome: "recalled"}); err != nil {
			return err
		}
		if err := endTimesheet(ctx, q, dbsqlc.EndTimesheetParams{
			OrgID: in.Org, ID: sheet.ID, Status: portal.TimesheetRecalled, ApprovedHours: decimal.Zero, At: &now,
		}); err != nil {
			return err
		}
		data := map[string]any{"number": sheet.Number, "hours": sheet.Hours.String()}
		if in.Reason != "" {
			data["reason"] = in.Reason
		}
		if err := a.record(ctx, q, happened{
			org: in.Org, customer: sheet.CustomerID, kind: "timesheet.recalled", subject: "timesheet", id: sheet.ID, by: in.By, at: now, data: data,
		}); err != nil {
			return err
		}
		state.Status = string(portal.TimesheetRecalled)
		return nil
	})
	return state, boundary(err)
}

// RemindTimesheetInput notes a reminder. Reminders is how many were sent before.
type RemindTimesheetInput struct {
	TimesheetRef
	Reminders int `json:"reminders"`
}

// RemindTimesheet counts a reminder, unless it was counted already, or there is
// nothing to remind of: then the state says so. While customers may not see
// timesheets the reminder is passed over: it is counted, and nobody hears of it.
func (a *Activities) RemindTimesheet(ctx context.Context, in RemindTimesheetInput) (TimesheetState, error) {
	var state TimesheetState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		now := a.now()
		n, err := q.RemindTimesheet(ctx, dbsqlc.RemindTimesheetParams{OrgID: in.Org, ID: in.Timesheet, Reminders: int32(in.Reminders), At: &now})
		if err != nil {
			return err
		}
		sheet, err := q.GetTimesheet(ctx, dbsqlc.GetTimesheetParams{OrgID: in.Org, ID: in.Timesheet})
		if err != nil {
			return err
		}
		state = timesheetState(sheet)
		settings, err := q.GetSettings(ctx, in.Org)
		if err != nil || n == 0 || !settings.Timesheets {
			return err
		}
		return a.record(ctx, q, happened{
			org: in.Org, customer: sheet.CustomerID, kind: "timesheet.reminded", subject: "timesheet", id: sheet.ID, by: system(), at: now,
			data: map[string]any{"number": sheet.Number},
		})
	})
	if db.NotFound(err) {
		err = portal.NotFound("timesheet")
	}
	return state, boundary(err)
}

// CloseTimesheet marks that the flow has nothing more to do.
func (a *Activities) CloseTimesheet(ctx context.Context, ref TimesheetRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.CloseTimesheetFlow(ctx, dbsqlc.CloseTimesheetFlowParams{OrgID: ref.Org, ID: ref.Timesheet})
	}))
}
