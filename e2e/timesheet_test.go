package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"

	"countersign/api"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

const timesheets = "/api/bright/portal/timesheets/"

// settled waits until a flow has nothing to do but wait for the decision.
func settled(t *testing.T, s *stack.Stack, workflowID string) {
	t.Helper()
	s.Eventually(workflowID+" to wait", func() bool {
		events, _ := historyOf(t, s, workflowID)
		return slices.Contains(events, enumspb.EVENT_TYPE_TIMER_STARTED.String())
	})
}

// historyOf counts a flow's events and weighs them.
func historyOf(t *testing.T, s *stack.Stack, workflowID string) (events []string, largest int) {
	t.Helper()
	history := s.Temporal.GetWorkflowHistory(t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, event.Size())
		// How many tasks the server makes of what happens is a matter of timing, and so
		// is whether the sweep wakes a flow that is about to close.
		if kind := event.GetEventType().String(); !strings.HasPrefix(kind, "WorkflowTask") && kind != "WorkflowExecutionSignaled" {
			events = append(events, kind)
		}
	}
	slices.Sort(events)
	return events, largest
}

// R45 R46 R68: five entries or five hundred, of which forty are rejected with
// reasons of their own, are one timesheet, one decision and one invoice; the flow's
// history is as long for both, and no event of it larger for the many.
func TestTimesheetOfFiveHundredEntries(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	run := func(n, rejected int) (events []string, largest int) {
		project, entries := acts.WorkedFor(t, s, org, staff, n)
		sheet := acts.Submit(staff, project.ID, entries)
		if sheet.EntryCount != n || len(sheet.Entries) != n {
			t.Fatalf("%d entries of %d", sheet.EntryCount, n)
		}
		flow := workflows.TimesheetID(sheet.ID)
		settled(t, s, flow)
		no := make([]map[string]any, 0, rejected)
		for i := range rejected {
			no = append(no, map[string]any{"entry": entries[i], "reason": fmt.Sprintf("Piece %d was not agreed: %s", i+1, strings.Repeat("we said so on Tuesday. ", 20))})
		}
		var decided api.Timesheet
		ann.Must(200, "POST", timesheets+sheet.ID.String()+"/decision", "", map[string]any{"decision": "approved", "version": 1, "rejected": no}, &decided)
		if decided.Status != portal.TimesheetPartlyApproved || decided.ApprovedCount != n-rejected {
			t.Fatalf("%s with %d approved", decided.Status, decided.ApprovedCount)
		}
		for _, e := range decided.Entries {
			out := slices.Contains(entries[:rejected], e.ID)
			if (e.Outcome == "rejected") != out || (e.Reason != "") != out || (e.Outcome == "approved") == out {
				t.Fatalf("%+v", e)
			}
		}
		acts.Completed(t, s, flow)
		var invoice api.Invoice
		left := func() int {
			var read api.Timesheet
			staff.Must(200, "GET", acts.Console+"/timesheets/"+sheet.ID.String(), "", nil, &read)
			return read.ToInvoice
		}
		if got := left(); got != n-rejected {
			t.Errorf("%d entries are to be invoiced, not %d", got, n-rejected)
		}
		staff.Must(201, "POST", acts.Projects+"/"+project.ID.String()+"/invoices", "", map[string]any{"timesheet": sheet.ID}, &invoice)
		if got := left(); got != 0 {
			t.Errorf("%d entries are still to be invoiced", got)
		}
		if want := int64(n-rejected) * 45_00; invoice.Total.Amount != want || len(invoice.Lines) != 1 {
			t.Fatalf("%d on %d lines, not %d", invoice.Total.Amount, len(invoice.Lines), want)
		}
		staff.Must(200, "POST", "/api/bright/console/invoices/"+invoice.ID.String()+"/send", "", nil, nil)
		var read api.Project
		ann.Must(200, "GET", "/api/bright/portal/projects/"+project.ID.String(), "", nil, &read)
		if want := fmt.Sprint(float64(n-rejected) / 2); read.Hours.Billed != want || read.Hours.Unbilled != fmt.Sprint(float64(rejected)/2) {
			t.Fatalf("%+v: %s hours should be billed", read.Hours, want)
		}
		// What was rejected may be changed and asked about again, as the period's rest.
		var again api.Timesheet
		staff.Must(201, "POST", acts.Projects+"/"+project.ID.String()+"/timesheets", "", map[string]any{"from": "2026-03-01", "to": "2026-03-31"}, &again)
		if again.EntryCount != rejected {
			t.Fatalf("%d entries are submitted again", again.EntryCount)
		}
		return historyOf(t, s, flow)
	}
	few, fewLargest := run(5, 2)
	many, manyLargest := run(500, 40)
	if !slices.Equal(few, many) {
		t.Errorf("the history of five entries has %d events, that of five hundred %d:\n%v\n%v", len(few), len(many), few, many)
	}
	if manyLargest > fewLargest+64 {
		t.Errorf("the largest event has %d bytes with five hundred entries, %d with five", manyLargest, fewLargest)
	}
}

// R68: an approval and a recall race: one of them is done, the other refused,
// and the entries are as the winner left them.
func TestRecallRacesApproval(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	project, entries := acts.WorkedFor(t, s, org, staff, 12)
	won := map[string]int{}
	for round := range 6 {
		sheet := acts.Submit(staff, project.ID, entries[2*round:2*round+2])
		var group sync.WaitGroup
		var approval, recall stack.Answer
		var errs [2]error
		group.Go(func() {
			approval, errs[0] = ann.Do("POST", timesheets+sheet.ID.String()+"/decision", "", map[string]any{"decision": "approved", "version": 1})
		})
		group.Go(func() {
			recall, errs[1] = staff.Do("POST", "/api/bright/console/timesheets/"+sheet.ID.String()+"/recall", "", map[string]any{"reason": "Too early"})
		})
		group.Wait()
		if errs[0] != nil || errs[1] != nil {
			t.Fatal(errs)
		}
		want := map[bool]string{true: "approved", false: "none"}[approval.Status == 200]
		if approval.Status+recall.Status != 200+409 || approval.Status != 200 && approval.Status != 409 {
			t.Fatalf("the approval got %d: %s; the recall %d: %s", approval.Status, approval.Body, recall.Status, recall.Body)
		}
		won[want]++
		var read api.Timesheet
		ann.Must(200, "GET", timesheets+sheet.ID.String(), "", nil, &read)
		if (read.Status == portal.TimesheetApproved) != (want == "approved") || (read.Decision != nil) != (want == "approved") || read.Status.Live() {
			t.Errorf("%s, decided: %v, after %d and %d", read.Status, read.Decision, approval.Status, recall.Status)
		}
		var list struct {
			Entries []api.TimeEntry `json:"entries"`
		}
		staff.Must(200, "GET", acts.Projects+"/"+project.ID.String()+"/entries?size=100", "", nil, &list)
		for _, e := range list.Entries {
			if slices.Contains(entries[2*round:2*round+2], e.ID) && string(e.Approval) != want {
				t.Errorf("an entry is %s, not %s", e.Approval, want)
			}
		}
		acts.Completed(t, s, workflows.TimesheetID(sheet.ID))
	}
	t.Logf("approved %d times, recalled %d times", won["approved"], won["none"])
}

// R45 R68 N2: the way of a timesheet as people see it: asked by email, reminded,
// decided once, confirmed; each email once, and only to whom it concerns.
func TestTimesheetIsMailedRemindedAndDecidedOnce(t *testing.T) {
	s := stack.New(t, stack.Options{Pages: true, Times: api.Times{Timesheet: workflows.TimesheetTimes{RemindAfter: time.Second, RemindEvery: time.Hour}}})
	org := s.Seed("bright", "USD")
	ann, ben, staff := org.AsAnn(), org.AsBen(), org.Staff()
	project, entries := acts.WorkedFor(t, s, org, staff, 3)
	sheet := acts.Submit(staff, project.ID, entries)
	mailed := func(to, subject string) inbox.Email {
		t.Helper()
		e, err := s.Inbox.WaitFor(t.Context(), to, subject)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	asked := mailed("ann@lovelace.test", "Please approve 1.5 hours for Website")
	if !strings.Contains(asked.Text, "/bright/timesheets/"+sheet.ID.String()) || !strings.Contains(asked.Text, "As agreed.") {
		t.Errorf("%s", asked.Text)
	}
	mailed("ben@lovelace.test", "A timesheet for Website is waiting for you")
	s.Eventually("the reminder in the timeline", func() bool {
		var read api.Timesheet
		ann.Must(200, "GET", timesheets+sheet.ID.String(), "", nil, &read)
		return slices.ContainsFunc(read.Timeline, func(e api.TimelineEntry) bool { return e.Kind == "timesheet.reminded" })
	})
	at, key := timesheets+sheet.ID.String()+"/decision", uuid.NewString()
	yes := map[string]any{"decision": "approved", "version": 1, "rejected": []map[string]any{{"entry": entries[0], "reason": "Not agreed"}}}
	var first, second api.Timesheet
	ann.Must(200, "POST", at, key, yes, &first)
	ann.Must(200, "POST", at, key, yes, &second)
	if first.Decision == nil || first.Decision.IP == "" || first.Decision.ContentHash == "" || second.Decision.ID != first.Decision.ID {
		t.Errorf("%+v, then %+v", first.Decision, second.Decision)
	}
	if got, _ := ben.Do("POST", at, "", yes); got.Status != 409 || !strings.Contains(string(got.Body), "Ann Lovelace partly approved this timesheet already") {
		t.Errorf("%d: %s", got.Status, got.Body)
	}
	if got, _ := ann.Do("POST", at, key, map[string]any{"decision": "rejected", "version": 1, "reason": "No"}); got.Status != 409 {
		t.Errorf("no after yes got %d: %s", got.Status, got.Body)
	}
	acts.Completed(t, s, workflows.TimesheetID(sheet.ID))
	decided := mailed("ben@lovelace.test", "is partly approved")
	for _, words := range []string{"Ann Lovelace", "1 hour", "0.5 hours"} {
		if !strings.Contains(decided.Text, words) {
			t.Errorf("%q is not in %s", words, decided.Text)
		}
	}
	all, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil || len(all) != 3 {
		t.Errorf("%d emails (%v)", len(all), err)
	}
	ann.Must(200, "POST", at, key, yes, nil) // its flow has ended: the database answers
	acts.KeepHistory(t, s, workflows.TimesheetID(sheet.ID), "timesheet-reminded-partly-approved")

	later := acts.Submit(staff, project.ID, entries[:1])
	mailed("ann@lovelace.test", "Please approve 0.5 hours for Website")
	staff.Must(200, "POST", "/api/bright/console/timesheets/"+later.ID.String()+"/recall", "", map[string]any{"reason": "Billed to another project"}, nil)
	back := mailed("ann@lovelace.test", "was taken back")
	if !strings.Contains(back.Text, "Billed to another project") || !strings.Contains(back.Text, "Grace Bright") {
		t.Errorf("%s", back.Text)
	}
	acts.Completed(t, s, workflows.TimesheetID(later.ID))
	acts.KeepHistory(t, s, workflows.TimesheetID(later.ID), "timesheet-recalled")
}

// A timesheet whose flow was lost is taken up by the sweep, and nobody is asked twice.
func TestLostTimesheetIsTakenUp(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	project, entries := acts.WorkedFor(t, s, org, staff, 2)
	sheet := acts.Submit(staff, project.ID, entries)
	flow := workflows.TimesheetID(sheet.ID)
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Please approve"); err != nil {
		t.Fatal(err)
	}
	settled(t, s, flow)
	if err := s.Temporal.TerminateWorkflow(t.Context(), flow, "", "lost"); err != nil {
		t.Fatal(err)
	}
	s.Eventually("another flow", func() bool {
		described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), flow, "")
		return err == nil && described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	})
	ann.Insist(200, "POST", timesheets+sheet.ID.String()+"/decision", uuid.NewString(), map[string]any{"decision": "approved", "version": 1}, nil)
	acts.Completed(t, s, flow)
	all, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil || len(all) != 2 {
		t.Errorf("%d emails (%v), not one to ask and one to confirm", len(all), err)
	}
}

// R44 R8 R10: both sides talk about a project; what staff say is theirs alone
// unless it is displayed in the portal; with projects switched off the customer
// neither reads nor writes.
func TestProjectIsTalkedAbout(t *testing.T) {
	s := stack.New(t, stack.Options{GatherFor: time.Second})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	project, _ := acts.WorkedFor(t, s, org, staff, 1)
	at := "/comments/project/" + project.ID.String()
	ann.Must(201, "POST", acts.Portal+at, "", acts.Said("When will this be done?"), nil)
	staff.Must(201, "POST", acts.Console+at, "", acts.Said("They are in a hurry.", false), nil)
	staff.Must(201, "POST", acts.Console+at, "", acts.Said("On Friday.", true), nil)

	words := func(c *stack.Client, side string) (texts []string) {
		var out struct{ Comments []api.Comment }
		c.Must(200, "GET", side+at, "", nil, &out)
		for _, said := range out.Comments {
			texts = append(texts, said.Text)
		}
		return texts
	}
	if got := words(ann, acts.Portal); !slices.Equal(got, []string{"On Friday.", "When will this be done?"}) {
		t.Errorf("the contact reads %q", got)
	}
	if got := words(staff, acts.Console); !slices.Equal(got, []string{"On Friday.", "They are in a hurry.", "When will this be done?"}) {
		t.Errorf("staff read %q", got)
	}
	link := "/bright/projects/" + project.ID.String()
	for _, told := range []struct{ address, subject, words, link string }{
		{"ann@lovelace.test", "commented on project Website", "On Friday.", s.URL + link},
		{"grace@bright.test", "activity", "Ann Lovelace commented on project Website: “When will this be done?”", s.URL + "/console" + link},
	} {
		mail, err := s.Inbox.WaitFor(t.Context(), told.address, told.subject)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(mail.Text, told.words) || !strings.Contains(mail.Text, told.link) || strings.Contains(mail.Text, "in a hurry") {
			t.Errorf("%s is mailed %s", told.address, mail.Text)
		}
	}

	var settings map[string]any
	staff.Must(200, "GET", acts.Console+"/settings", "", nil, &settings)
	settings["timesheets"] = false
	delete(settings, "updated_at")
	staff.Must(200, "PUT", acts.Console+"/settings", "", settings, nil)
	ann.Must(403, "GET", acts.Portal+at, "", nil, nil)
	ann.Must(403, "POST", acts.Portal+at, "", acts.Said("Hello?"), nil)
	if got := words(staff, acts.Console); len(got) != 3 {
		t.Errorf("staff read %q", got)
	}
}
