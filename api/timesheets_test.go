package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"countersign/activities"
	"countersign/portal"
)

// steps are the flows' steps on the bundle's database: what a flow would do,
// without one.
func (b *bundle) steps() *activities.Activities {
	return &activities.Activities{DB: b.DB, SiteURL: b.SiteURL, Now: b.Now, NewID: b.NewID}
}

// work gives a company a project with one task that is billable and one that
// isn't, time on both, and a timesheet that waits.
func (b *bundle) work(o organization, c *company) {
	b.t.Helper()
	ctx := as(b.t.Context(), o.admin)
	project := &CreateProjectInput{Key: newKey()}
	project.Body.Customer, project.Body.Name, project.Body.Rate = c.id, "Website", 90_00
	c.project = must(b.CreateProject.Do(ctx, project))(b.t).Body.ID
	c.task, c.internal = b.addTask(o, *c, "Design", true), b.addTask(o, *c, "Meetings", false)
	c.entry = b.logged(o, *c, c.task, "2026-11-02", "7.5")
	b.logged(o, *c, c.internal, "2026-11-02", "1")
	c.timesheet = b.submitted(o, *c, c.entry)
}

func (b *bundle) addTask(o organization, c company, name string, billable bool) uuid.UUID {
	b.t.Helper()
	in := &CreateTaskInput{Key: newKey(), Project: c.project}
	in.Body.Name, in.Body.Billable = name, billable
	tasks := must(b.CreateTask.Do(as(b.t.Context(), o.admin), in))(b.t).Body.Tasks
	return tasks[slices.IndexFunc(tasks, func(t ProjectTask) bool { return t.Name == name })].ID
}

func newTime(c company, task uuid.UUID, on, hours string) *LogTimeInput {
	in := &LogTimeInput{Key: newKey(), Project: c.project}
	in.Body.Task, in.Body.Day, in.Body.Hours, in.Body.Description = task, day(on), hours, "Drew what was asked for"
	return in
}

func (b *bundle) logged(o organization, c company, task uuid.UUID, on, hours string) uuid.UUID {
	b.t.Helper()
	return must(b.LogTime.Do(as(b.t.Context(), o.admin), newTime(c, task, on, hours)))(b.t).Body.ID
}

// submitted does what the flow's first step does.
func (b *bundle) submitted(o organization, c company, entries ...uuid.UUID) uuid.UUID {
	b.t.Helper()
	id, refused := b.submit(o, c, entries...)
	if refused != nil {
		b.t.Fatal(refused)
	}
	return id
}

func (b *bundle) submit(o organization, c company, entries ...uuid.UUID) (uuid.UUID, *portal.Error) {
	b.t.Helper()
	id, ctx := b.NewID(), as(b.t.Context(), o.admin)
	choice, err := b.keep(ctx, id, activities.Selection{Entries: entries})
	if err != nil {
		b.t.Fatal(err)
	}
	state, err := b.steps().BeginTimesheet(ctx, activities.BeginTimesheetInput{
		TimesheetRef: activities.TimesheetRef{Org: o.id, Timesheet: id},
		Request:      &activities.SubmitRequest{Project: c.project, Selection: choice, By: activities.ActorOf(o.admin), Hash: []byte{1}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return id, state.Refused
}

// decided does what the flow's decision does.
func (b *bundle) decided(o organization, c company, sheet uuid.UUID, version int, decision portal.TimesheetStatus, rejected ...activities.Rejection) error {
	b.t.Helper()
	in := activities.DecideTimesheetInput{
		TimesheetRef: activities.TimesheetRef{Org: o.id, Timesheet: sheet}, Version: version, Decision: decision, Hash: []byte(decision), By: activities.ActorOf(c.contact),
	}
	if decision == portal.TimesheetRejected {
		in.Reason = "Not agreed"
	}
	if len(rejected) > 0 {
		choice, err := b.keep(as(b.t.Context(), c.contact), sheet, activities.Rejections{Rejected: rejected})
		if err != nil {
			b.t.Fatal(err)
		}
		in.Rejections = choice
	}
	_, err := b.steps().DecideTimesheet(b.t.Context(), in)
	if refusal := activities.Refusal(err); refusal != nil {
		return refusal
	}
	return err
}

func (b *bundle) recalled(o organization, sheet uuid.UUID) error {
	_, err := b.steps().RecallTimesheet(b.t.Context(), activities.RecallTimesheetInput{TimesheetRef: activities.TimesheetRef{Org: o.id, Timesheet: sheet}, By: activities.ActorOf(o.admin)})
	if refusal := activities.Refusal(err); refusal != nil {
		return refusal
	}
	return err
}

// entryOf reads one entry as staff see it.
func (b *bundle) entryOf(o organization, c company, id uuid.UUID) TimeEntry {
	b.t.Helper()
	list := must(b.ListTimeEntries.Do(as(b.t.Context(), o.admin), &ListTimeEntriesInput{Project: c.project, Page: Page{Size: 100}}))(b.t).Body.Entries
	at := slices.IndexFunc(list, func(e TimeEntry) bool { return e.ID == id })
	if at < 0 {
		b.t.Fatalf("there is no entry %s", id)
	}
	return list[at]
}

// edit changes an entry's hours on what was read last.
func (b *bundle) edit(o organization, c company, id uuid.UUID, hours string) error {
	b.t.Helper()
	e := b.entryOf(o, c, id)
	in := &EditTimeInput{Project: c.project, Entry: id}
	in.Body.Version, in.Body.Task, in.Body.Day, in.Body.Hours, in.Body.Description = e.Staff.Version, e.Task, e.Day, hours, e.Description
	_, err := b.EditTime.Do(as(b.t.Context(), o.admin), in)
	return err
}

func (b *bundle) invoiceTime(who portal.Principal, c company, fill func(*InvoiceTimeInput)) (*InvoiceOutput, error) {
	in := &InvoiceTimeInput{Key: newKey(), Project: c.project}
	fill(in)
	return b.InvoiceTime.Do(as(b.t.Context(), who), in)
}

// R41 R42 R43: a customer's contacts see its projects with the billable tasks,
// hours and entries, and nothing of what isn't billable or what an hour costs.
func TestContactsSeeBillableWorkAlone(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.acme.viewer)
	projects := must(b.ListMyProjects.Do(ctx, &ListMyProjectsInput{}))(t).Body.Projects
	if len(projects) != 1 || projects[0].ID != b.acme.project || projects[0].Hours != (HoursSoFar{Logged: "7.5", Billed: "0", Unbilled: "7.5"}) || projects[0].Staff != nil {
		t.Fatalf("%+v", projects)
	}
	project := must(b.GetMyProject.Do(ctx, &ProjectInput{Project: b.acme.project}))(t).Body
	if len(project.Tasks) != 1 || project.Tasks[0].Name != "Design" || project.Tasks[0].Hours.Logged != "7.5" || project.Tasks[0].Staff != nil {
		t.Errorf("%+v", project.Tasks)
	}
	entries := must(b.ListMyTimeEntries.Do(ctx, &ListMyTimeEntriesInput{Project: b.acme.project}))(t).Body.Entries
	if len(entries) != 1 || entries[0].ID != b.acme.entry || entries[0].Hours != "7.5" || entries[0].Billing != "unbilled" ||
		entries[0].Approval != portal.EntrySubmitted || entries[0].By == "" || entries[0].Staff != nil {
		t.Errorf("%+v", entries)
	}
	staff := must(b.GetProject.Do(as(t.Context(), b.bright.member), &ProjectInput{Project: b.acme.project}))(t).Body
	if staff.Hours != (HoursSoFar{Logged: "8.5", Billed: "0", Unbilled: "7.5", Billable: "7.5", Drafted: "0"}) || len(staff.Tasks) != 2 || staff.Staff.Rate.Amount != 90_00 {
		t.Errorf("%+v", staff)
	}
}

// R8 R10 R22: with the switch off, every operation of projects and timesheets
// refuses contacts and home doesn't count them, at once; staff go on. It comes back as it was.
func TestSwitchedOffProjectsAreGoneForContacts(t *testing.T) {
	b := setup(t)
	home := func() map[string]any {
		var out map[string]any
		if err := json.Unmarshal(b.call(session(b.acme.contact), http.MethodGet, "/api/bright/portal/home", nil).body, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := home()["timesheets_waiting"]; got != float64(1) {
		t.Errorf("%v wait", got)
	}
	b.sql(`UPDATE settings SET timesheets = false WHERE org_id = $1`, b.bright.id)
	asked := 0
	for _, d := range declaredOperations(b) {
		if len(d.Tags) == 0 || d.Tags[0] != "Projects and timesheets" {
			continue
		}
		asked++
		path, body := b.request(d, "bright", b.acme)
		switch {
		case d.side == portal.SideContact:
			if got := b.call(session(b.acme.contact), d.Method, path, body); got.status != http.StatusForbidden {
				t.Errorf("%s: %d: %s", d.OperationID, got.status, got.body)
			}
		case d.Method == http.MethodGet:
			if got := b.call(session(b.bright.admin), d.Method, path, body); got.status != http.StatusOK {
				t.Errorf("%s: %d: %s", d.OperationID, got.status, got.body)
			}
		}
	}
	if asked < 15 {
		t.Errorf("only %d operations were asked", asked)
	}
	if _, there := home()["timesheets_waiting"]; there {
		t.Error("home still counts timesheets")
	}
	if err := b.decided(b.bright, b.acme, b.acme.timesheet, 1, portal.TimesheetApproved); portal.CodeOf(err) != portal.CodeForbidden {
		t.Errorf("the flow's step took a decision: %v", err)
	}
	if _, refusal := b.submit(b.bright, b.acme, b.logged(b.bright, b.acme, b.acme.task, "2026-11-03", "1")); portal.CodeOf(refusal) != portal.CodeConflict {
		t.Errorf("customers can be asked: %v", refusal)
	}
	b.sql(`UPDATE settings SET timesheets = true WHERE org_id = $1`, b.bright.id)
	if got := home()["timesheets_waiting"]; got != float64(1) {
		t.Errorf("%v wait after switching on again", got)
	}
}

// R22: what home counts and what the list of those waiting shows is the same.
func TestWaitingTimesheetsAreCountedAndListed(t *testing.T) {
	b := setup(t)
	second := b.submitted(b.bright, b.acme, b.logged(b.bright, b.acme, b.acme.task, "2026-11-03", "1"))
	third := b.submitted(b.bright, b.acme, b.logged(b.bright, b.acme, b.acme.task, "2026-11-04", "2"))
	if err := b.decided(b.bright, b.acme, second, 1, portal.TimesheetApproved); err != nil {
		t.Fatal(err)
	}
	ctx := as(t.Context(), b.acme.contact)
	waiting := must(b.ListMyTimesheets.Do(ctx, &ListMyTimesheetsInput{Status: "submitted"}))(t).Body.Timesheets
	var ids []uuid.UUID
	for _, w := range waiting {
		ids = append(ids, w.ID)
	}
	slices.SortFunc(ids, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	want := []uuid.UUID{b.acme.timesheet, third}
	slices.SortFunc(want, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	if count := must(b.Home.Do(ctx, &HomeInput{}))(t).Body.TimesheetsWaiting; !slices.Equal(ids, want) || count == nil || *count != 2 {
		t.Errorf("%v wait, home counts %v", waiting, count)
	}
}

// R45: what may be submitted, and what not, each refused at its place.
func TestOnlyBillableFreeEntriesAreSubmitted(t *testing.T) {
	b := setup(t)
	fresh, other := b.logged(b.bright, b.acme, b.acme.task, "2026-11-03", "1"), b.logged(b.bright, b.acme, b.acme.task, "2026-11-04", "2")
	invoiced := b.logged(b.bright, b.acme, b.acme.task, "2026-11-05", "3")
	must(b.invoiceTime(b.bright.admin, b.acme, func(in *InvoiceTimeInput) { in.Body.Entries = []uuid.UUID{invoiced} }))(t)
	internal := b.logged(b.bright, b.acme, b.acme.internal, "2026-11-03", "1")
	strange := b.logged(b.bright, b.birch, b.birch.task, "2026-11-03", "1")
	_, refusal := b.submit(b.bright, b.acme, fresh, b.acme.entry, invoiced, internal, strange, fresh)
	if refusal == nil {
		t.Fatal("submitted")
	}
	for i, word := range map[string]string{"entries[1]": "waits", "entries[2]": "invoiced", "entries[3]": "billable", "entries[4]": "no such", "entries[5]": "twice"} {
		refused(t, refusal, portal.CodeInvalid, i)
		if at := slices.IndexFunc(refusal.Fields, func(f portal.FieldError) bool { return f.Path == i }); !strings.Contains(refusal.Fields[at].Message, word) {
			t.Errorf("%s: %s", i, refusal.Fields[at].Message)
		}
	}
	if len(refusal.Fields) != 5 {
		t.Errorf("%+v", refusal.Fields)
	}
	if b.entryOf(b.bright, b.acme, fresh).Approval != portal.EntryNone {
		t.Error("a refused submission marked an entry")
	}
	sheet := b.submitted(b.bright, b.acme, fresh, other)
	read := must(b.GetMyTimesheet.Do(as(t.Context(), b.acme.contact), &TimesheetInput{Timesheet: sheet}))(t).Body
	if read.Hours != "3" || read.EntryCount != 2 || read.From.String() != "2026-11-03" || read.To.String() != "2026-11-04" || len(read.Entries) != 2 || read.Entries[0].ID != fresh {
		t.Errorf("%+v", read)
	}
	if len(read.Timeline) != 1 || !strings.Contains(read.Timeline[0].Text, "asked for approval of this timesheet, 3\u00a0hours") {
		t.Errorf("%+v", read.Timeline)
	}
}

// R45 R46 R68: a decision by entry locks what was approved and frees what was
// rejected, with the reason; N2: with its evidence.
func TestDecisionByEntry(t *testing.T) {
	b := setup(t)
	yes, no := b.logged(b.bright, b.acme, b.acme.task, "2026-11-03", "2"), b.logged(b.bright, b.acme, b.acme.task, "2026-11-04", "3.25")
	sheet := b.submitted(b.bright, b.acme, yes, no)
	for name, rejected := range map[string]activities.Rejection{
		"rejected[0].reason": {Entry: no}, "rejected[0].entry": {Entry: b.acme.entry, Reason: "Not on it"},
	} {
		refused(t, b.decided(b.bright, b.acme, sheet, 1, portal.TimesheetApproved, rejected), portal.CodeInvalid, name)
	}
	if err := b.decided(b.bright, b.acme, sheet, 1, portal.TimesheetApproved, activities.Rejection{Entry: no, Reason: "Not agreed"}); err != nil {
		t.Fatal(err)
	}
	read := must(b.GetTimesheet.Do(as(t.Context(), b.bright.admin), &TimesheetInput{Timesheet: sheet}))(t).Body
	if read.Status != portal.TimesheetPartlyApproved || read.ApprovedHours != "2" || read.ApprovedCount != 1 || read.Entries[0].Outcome != "approved" ||
		read.Entries[1].Outcome != "rejected" || read.Entries[1].Reason != "Not agreed" {
		t.Errorf("%+v", read)
	}
	if read.Decision == nil || read.Decision.Email != b.acme.contact.Email || read.Decision.Decision != "partly_approved" || len(read.Decision.ContentHash) != 64 {
		t.Errorf("%+v", read.Decision)
	}
	if got := read.Timeline[len(read.Timeline)-1].Text; !strings.Contains(got, "approved 2\u00a0hours of this timesheet and rejected 1 entry") {
		t.Errorf("%q", got)
	}
	refused(t, b.edit(b.bright, b.acme, yes, "1"), portal.CodeConflict, "")
	if err := b.edit(b.bright, b.acme, no, "2.75"); err != nil {
		t.Errorf("a rejected entry can't be changed: %v", err)
	}
	after := must(b.GetTimesheet.Do(as(t.Context(), b.bright.admin), &TimesheetInput{Timesheet: sheet}))(t).Body
	if after.Entries[1].Hours != "3.25" || after.Version != 1 {
		t.Errorf("what was decided on has changed: %+v", after.Entries)
	}
	// The same decision is answered again, another one is not.
	if err := b.decided(b.bright, b.acme, sheet, 1, portal.TimesheetApproved, activities.Rejection{Entry: no, Reason: "Not agreed"}); err != nil {
		t.Errorf("again: %v", err)
	}
	refused(t, b.decided(b.bright, b.acme, sheet, 1, portal.TimesheetRejected), portal.CodeConflict, "")
	refused(t, b.recalled(b.bright, sheet), portal.CodeConflict, "")
	if kept := value[int](b, `SELECT count(*) FROM timesheet_choices WHERE body ? 'rejected' AND actor_id = $1 AND body::text LIKE '%Not agreed%'`, b.acme.contact.Actor); kept > 1 {
		t.Errorf("%d choices are left", kept)
	}
	// Rejected entries may be asked about again, approved ones never.
	b.submitted(b.bright, b.acme, no)
	if _, refusal := b.submit(b.bright, b.acme, yes); refusal == nil {
		t.Error("an approved entry was submitted again")
	}
}

// N1: what was corrected since it was read is not decided on, and nothing is recorded.
func TestCorrectedTimesheetIsNotDecidedUnread(t *testing.T) {
	b := setup(t)
	if err := b.edit(b.bright, b.acme, b.acme.entry, "6"); err != nil {
		t.Fatal(err)
	}
	read := must(b.GetMyTimesheet.Do(as(t.Context(), b.acme.contact), &TimesheetInput{Timesheet: b.acme.timesheet}))(t).Body
	if read.Version != 2 || read.Hours != "6" || read.Entries[0].Hours != "6" {
		t.Fatalf("%+v", read)
	}
	refused(t, b.decided(b.bright, b.acme, b.acme.timesheet, 1, portal.TimesheetApproved), portal.CodeStale, "")
	in := &DecideTimesheetInput{Key: newKey(), Timesheet: b.acme.timesheet}
	in.Body.Decision, in.Body.Version = "approved", 1
	_, err := b.DecideTimesheet.Do(as(t.Context(), b.acme.contact), in)
	refused(t, err, portal.CodeStale, "")
	if n := value[int](b, `SELECT count(*) FROM decisions WHERE document_id = $1`, b.acme.timesheet); n != 0 {
		t.Errorf("%d decisions", n)
	}
	if err := b.decided(b.bright, b.acme, b.acme.timesheet, 2, portal.TimesheetApproved); err != nil {
		t.Error(err)
	}
	// Whoever is asked sees billable time alone, so it can't stop being that meanwhile.
	other := b.logged(b.bright, b.acme, b.acme.task, "2026-11-04", "3")
	b.submitted(b.bright, b.acme, other)
	e := b.entryOf(b.bright, b.acme, other)
	edit := &EditTimeInput{Project: b.acme.project, Entry: other}
	edit.Body.Version, edit.Body.Task, edit.Body.Day, edit.Body.Hours, edit.Body.Billable = e.Staff.Version, e.Task, e.Day, e.Hours, new(false)
	_, err = b.EditTime.Do(as(t.Context(), b.bright.admin), edit)
	refused(t, err, portal.CodeConflict, "")
}

// R68: a recall takes the question back: each entry is as it was before.
func TestRecallLeavesEntriesAsTheyWere(t *testing.T) {
	b := setup(t)
	once, twice := b.logged(b.bright, b.acme, b.acme.task, "2026-11-03", "2"), b.logged(b.bright, b.acme, b.acme.task, "2026-11-04", "3")
	if err := b.decided(b.bright, b.acme, b.submitted(b.bright, b.acme, twice), 1, portal.TimesheetRejected); err != nil {
		t.Fatal(err)
	}
	sheet := b.submitted(b.bright, b.acme, once, twice)
	for range 2 { // recalled again it stays so
		if err := b.recalled(b.bright, sheet); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.entryOf(b.bright, b.acme, once).Approval; got != portal.EntryNone {
		t.Errorf("%s", got)
	}
	if got := b.entryOf(b.bright, b.acme, twice).Approval; got != portal.EntryRejected {
		t.Errorf("%s", got)
	}
	refused(t, b.decided(b.bright, b.acme, sheet, 1, portal.TimesheetApproved), portal.CodeConflict, "")
	// R46: a recall is no way round a rejection.
	_, err := b.invoiceTime(b.bright.admin, b.acme, func(in *InvoiceTimeInput) { in.Body.Entries = []uuid.UUID{once, twice} })
	refused(t, err, portal.CodeInvalid, "entries[1]")
}

// R46: waiting and rejected time isn't invoiced, approved time is, once; a
// draft that is discarded and an invoice that is voided free it again.
func TestApprovedTimeIsInvoicedOnce(t *testing.T) {
	b := setup(t)
	all := func(in *InvoiceTimeInput) { in.Body.Timesheet = &b.acme.timesheet }
	_, err := b.invoiceTime(b.bright.admin, b.acme, all)
	refused(t, err, portal.CodeConflict, "")
	_, err = b.invoiceTime(b.bright.admin, b.acme, func(in *InvoiceTimeInput) { in.Body.Entries = []uuid.UUID{b.acme.entry} })
	refused(t, err, portal.CodeInvalid, "entries[0]")
	if err := b.decided(b.bright, b.acme, b.acme.timesheet, 1, portal.TimesheetApproved); err != nil {
		t.Fatal(err)
	}
	draft := must(b.invoiceTime(b.bright.admin, b.acme, all))(t).Body
	if draft.Total.Amount != 675_00 || len(draft.Lines) != 1 || draft.Lines[0].Description != "Design (Nov 2, 2026)" || draft.Lines[0].Quantity != "7.5" || draft.Lines[0].Unit != "hours" {
		t.Fatalf("%+v", draft)
	}
	_, err = b.invoiceTime(b.bright.admin, b.acme, all)
	refused(t, err, portal.CodeConflict, "")
	// R16: customers don't learn of the draft.
	mine := func() (string, string) {
		e := must(b.ListMyTimeEntries.Do(as(t.Context(), b.acme.contact), &ListMyTimeEntriesInput{Project: b.acme.project}))(t).Body.Entries[0]
		p := must(b.GetMyProject.Do(as(t.Context(), b.acme.contact), &ProjectInput{Project: b.acme.project}))(t).Body
		return e.Billing, p.Hours.Billed
	}
	if billing, hours := mine(); billing != "unbilled" || hours != "0" {
		t.Errorf("%s, %s", billing, hours)
	}
	if e := b.entryOf(b.bright, b.acme, b.acme.entry); e.Billing != "drafted" || e.Invoice == nil || e.Invoice.ID != draft.ID || !e.Staff.Locked {
		t.Errorf("%+v", e)
	}
	ctx := as(t.Context(), b.bright.admin)
	must(b.DiscardInvoice.Do(ctx, &InvoiceInput{Invoice: draft.ID}))(t)
	_, err = b.GetInvoice.Do(ctx, &InvoiceInput{Invoice: draft.ID})
	refused(t, err, portal.CodeNotFound, "")
	sent := must(b.invoiceTime(b.bright.admin, b.acme, all))(t).Body.ID
	must(b.SendInvoice.Do(ctx, &SendInvoiceInput{Key: newKey(), Invoice: sent}))(t)
	if billing, hours := mine(); billing != "billed" || hours != "7.5" {
		t.Errorf("%s, %s", billing, hours)
	}
	_, err = b.DiscardInvoice.Do(ctx, &InvoiceInput{Invoice: sent})
	refused(t, err, portal.CodeConflict, "")
	must(b.VoidInvoice.Do(ctx, &VoidInvoiceInput{Key: newKey(), Invoice: sent}))(t)
	if billing, hours := mine(); billing != "unbilled" || hours != "0" {
		t.Errorf("%s, %s", billing, hours)
	}
	key := newKey()
	again := func(in *InvoiceTimeInput) { all(in); in.Key = key }
	one, two := must(b.invoiceTime(b.bright.admin, b.acme, again))(t), must(b.invoiceTime(b.bright.admin, b.acme, again))(t)
	if one.Body.ID != two.Body.ID {
		t.Error("one key wrote two invoices")
	}
}

// Entries that nobody was asked about may be deleted, others are kept.
func TestTimeThatWasAskedAboutIsKept(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	free := b.logged(b.bright, b.acme, b.acme.task, "2026-11-03", "2")
	must(b.DeleteTime.Do(ctx, &TimeEntryInput{Project: b.acme.project, Entry: free}))(t)
	_, err := b.DeleteTime.Do(ctx, &TimeEntryInput{Project: b.acme.project, Entry: free})
	refused(t, err, portal.CodeNotFound, "")
	_, err = b.DeleteTime.Do(ctx, &TimeEntryInput{Project: b.acme.project, Entry: b.acme.entry})
	refused(t, err, portal.CodeConflict, "")
	if e := must(b.GetTime.Do(ctx, &TimeEntryInput{Project: b.acme.project, Entry: b.acme.entry}))(t).Body; e.ID != b.acme.entry || e.Staff == nil {
		t.Errorf("%+v", e)
	}
	task := &EditTaskInput{Project: b.acme.project, Task: b.acme.task}
	task.Body.Version, task.Body.Name, task.Body.Billable = 1, "Drawing", false
	_, err = b.EditTask.Do(ctx, task)
	refused(t, err, portal.CodeConflict, "")
	task.Body.Billable, task.Body.Rate = true, new(int64(120_00))
	must(b.EditTask.Do(ctx, task))(t)
	if e := b.entryOf(b.bright, b.acme, b.logged(b.bright, b.acme, b.acme.task, "2026-11-03", "2")); e.Staff.Rate.Amount != 120_00 {
		t.Errorf("%+v", e.Staff)
	}
	project := &EditProjectInput{Project: b.acme.project}
	project.Body.Version, project.Body.Name, project.Body.Status = 1, "Website", "closed"
	must(b.EditProject.Do(ctx, project))(t)
	_, err = b.EditProject.Do(ctx, project)
	refused(t, err, portal.CodeStale, "")
	_, err = b.LogTime.Do(ctx, newTime(b.acme, b.acme.task, "2026-11-03", "2"))
	refused(t, err, portal.CodeConflict, "")
}

// A task goes as long as no time was logged on it, and says so in its project's history.
func TestTasksWithTimeAreKept(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	_, err := b.DeleteTask.Do(ctx, &TaskInput{Project: b.acme.project, Task: b.acme.task})
	refused(t, err, portal.CodeConflict, "")
	spare := b.addTask(b.bright, b.acme, "Spare", true)
	left := must(b.DeleteTask.Do(ctx, &TaskInput{Project: b.acme.project, Task: spare}))(t).Body.Tasks
	if slices.ContainsFunc(left, func(task ProjectTask) bool { return task.ID == spare }) {
		t.Error("the task is still there")
	}
	_, err = b.DeleteTask.Do(ctx, &TaskInput{Project: b.acme.project, Task: spare})
	refused(t, err, portal.CodeNotFound, "")
	newest := must(b.ListActivity.Do(ctx, &ListActivityInput{}))(t).Body.Activity[0]
	if newest.Kind != "task.deleted" || !strings.HasSuffix(newest.Text, "deleted the task Spare") {
		t.Errorf("%+v", newest)
	}
}

// What can't be logged is refused beside its field.
func TestTimeIsCheckedWhenItIsLogged(t *testing.T) {
	b := setup(t)
	for field, spoil := range map[string]func(*LogTimeInput){
		"hours":    func(in *LogTimeInput) { in.Body.Hours = "24.5" },
		"day":      func(in *LogTimeInput) { in.Body.Day = portal.Date{} },
		"task":     func(in *LogTimeInput) { in.Body.Task = b.birch.task },
		"member":   func(in *LogTimeInput) { in.Body.Member = &b.other.admin.Actor },
		"billable": func(in *LogTimeInput) { in.Body.Task, in.Body.Billable = b.acme.internal, new(true) },
	} {
		in := newTime(b.acme, b.acme.task, "2026-11-03", "2")
		spoil(in)
		_, err := b.LogTime.Do(as(t.Context(), b.bright.admin), in)
		refused(t, err, portal.CodeInvalid, field)
	}
	in := newTime(b.acme, b.acme.task, "2026-11-03", "2")
	in.Body.Member = &b.bright.member.Actor
	first, second := must(b.LogTime.Do(as(t.Context(), b.bright.admin), in))(t).Body, must(b.LogTime.Do(as(t.Context(), b.bright.admin), in))(t).Body
	if first.ID != second.ID || first.By != b.bright.member.Name {
		t.Errorf("%+v, %+v", first, second)
	}
	_, err := b.LogTime.Do(as(t.Context(), portal.Principal{Org: b.bright.id, Side: portal.SideStaff, ActorKind: portal.ActorAPIKey, Actor: b.NewID(), Scopes: portal.Scopes()}),
		newTime(b.acme, b.acme.task, "2026-11-03", "2"))
	refused(t, err, portal.CodeInvalid, "member")
}

// R42: whatever is logged, submitted, approved, invoiced, sent and voided, in
// whatever order, the hours that both sides read are those of the entries,
// counted apart from the statements under test.
func TestHoursAreThoseOfTheEntries(t *testing.T) {
	b := setup(t)
	type entry struct {
		id                 uuid.UUID
		hours              decimal.Decimal
		billable           bool
		approval, invoiced string
		invoice            uuid.UUID
	}
	read := func() []entry {
		rows, err := b.owner.Query(context.Background(), `SELECT e.id, e.hours::text, e.billable, e.approval, coalesce(i.state, ''), coalesce(e.invoice_id, e.org_id)
			FROM time_entries e LEFT JOIN invoices i ON i.id = e.invoice_id WHERE e.project_id = $1`, b.acme.project)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var all []entry
		for rows.Next() {
			var e entry
			var hours string
			if err := rows.Scan(&e.id, &hours, &e.billable, &e.approval, &e.invoiced, &e.invoice); err != nil {
				t.Fatal(err)
			}
			e.hours = decimal.RequireFromString(hours)
			all = append(all, e)
		}
		return all
	}
	check := func(t *rapid.T) {
		var want portal.Hours
		for _, e := range read() {
			h := portal.Hours{Logged: e.hours}
			if e.billable {
				h.Billable = e.hours
			}
			switch e.invoiced {
			case "sent":
				h.Billed = e.hours
			case "draft":
				h.Drafted = e.hours
			}
			want = want.Plus(h)
			if e.invoiced != "" && e.approval != "none" && e.approval != "approved" {
				t.Fatalf("%s time is invoiced", e.approval)
			}
		}
		staff, err := b.GetProject.Do(as(context.Background(), b.bright.admin), &ProjectInput{Project: b.acme.project})
		if err != nil {
			t.Fatal(err)
		}
		if got := staff.Body.Hours; got != hoursSoFar(b.bright.admin, want) {
			t.Fatalf("staff read %+v of %+v", got, want)
		}
		contact, err := b.GetMyProject.Do(as(context.Background(), b.acme.contact), &ProjectInput{Project: b.acme.project})
		if err != nil {
			t.Fatal(err)
		}
		if got := contact.Body.Hours; got != (HoursSoFar{Logged: want.Billable.String(), Billed: want.Billed.String(), Unbilled: want.Unbilled().String()}) {
			t.Fatalf("a contact reads %+v of %+v", got, want)
		}
	}
	begun := time.Now()
	rapid.Check(t, func(r *rapid.T) {
		if time.Since(begun) > 20*time.Second {
			return // enough was tried on a slow machine
		}
		some := func(approvals ...string) []uuid.UUID {
			var ids []uuid.UUID
			for _, e := range read() {
				if e.billable && e.invoiced == "" && slices.Contains(approvals, e.approval) && rapid.Bool().Draw(r, "chosen") {
					ids = append(ids, e.id)
				}
			}
			return ids
		}
		ctx := as(context.Background(), b.bright.admin)
		for range rapid.IntRange(1, 4).Draw(r, "steps") {
			switch rapid.IntRange(0, 4).Draw(r, "step") {
			case 0:
				task := rapid.SampledFrom([]uuid.UUID{b.acme.task, b.acme.internal}).Draw(r, "task")
				b.logged(b.bright, b.acme, task, "2026-11-03", decimal.New(rapid.Int64Range(1, 2400).Draw(r, "hundredths"), -2).String())
			case 1:
				if ids := some("none", "rejected"); len(ids) > 0 {
					sheet := b.submitted(b.bright, b.acme, ids...)
					switch rapid.IntRange(0, 2).Draw(r, "answer") {
					case 0:
						if err := b.decided(b.bright, b.acme, sheet, 1, portal.TimesheetRejected); err != nil {
							r.Fatal(err)
						}
					case 1:
						if err := b.decided(b.bright, b.acme, sheet, 1, portal.TimesheetApproved, activities.Rejection{Entry: ids[0], Reason: "No"}); err != nil {
							r.Fatal(err)
						}
					case 2:
						if err := b.recalled(b.bright, sheet); err != nil {
							r.Fatal(err)
						}
					}
				}
			case 2:
				if ids := some("none", "approved"); len(ids) > 0 {
					if _, err := b.invoiceTime(b.bright.admin, b.acme, func(in *InvoiceTimeInput) { in.Body.Entries = ids }); err != nil {
						r.Fatal(err)
					}
				}
			case 3, 4:
				for _, e := range read() {
					if e.invoiced == "draft" && rapid.Bool().Draw(r, "sent") {
						_, _ = b.SendInvoice.Do(ctx, &SendInvoiceInput{Key: newKey(), Invoice: e.invoice})
					} else if e.invoiced == "sent" && rapid.Bool().Draw(r, "voided") {
						_, _ = b.VoidInvoice.Do(ctx, &VoidInvoiceInput{Key: newKey(), Invoice: e.invoice})
					}
				}
			}
			check(r)
		}
	})
}
