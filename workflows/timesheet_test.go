package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"countersign/activities"
	"countersign/portal"
	"countersign/workflows"
)

// timesheetRow stands for the row that the flow's steps would write.
type timesheetRow struct {
	state  workflows.TimesheetState
	mails  []string
	mailed []time.Time
	reads  int
	closed bool
}

func timesheetFlow(t *testing.T, row *timesheetRow) (*testsuite.TestWorkflowEnvironment, workflows.TimesheetInput) {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	env.SetStartTime(start)
	in := workflows.TimesheetInput{
		TimesheetRef: workflows.TimesheetRef{Org: uuid.New(), Timesheet: uuid.New()},
		Request:      &workflows.SubmitRequest{Project: uuid.New(), By: workflows.Actor{Kind: portal.ActorStaff, Name: "Grace"}},
	}
	if row.state.Status == "" {
		row.state = workflows.TimesheetState{Begun: workflows.Begun{Status: "submitted"}, SubmittedAt: start}
	}
	env.OnActivity(steps.BeginTimesheet, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.BeginTimesheetInput) (workflows.TimesheetState, error) {
			return row.state, nil
		})
	env.OnActivity(steps.ReadTimesheet, mock.Anything, mock.Anything).Return(
		func(context.Context, workflows.TimesheetRef) (workflows.TimesheetState, error) {
			row.reads++
			return row.state, nil
		})
	env.OnActivity(steps.RemindTimesheet, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.RemindTimesheetInput) (workflows.TimesheetState, error) {
			if row.state.Live() && row.state.Reminders == in.Reminders {
				row.state.Reminders++
				row.state.RemindedAt = env.Now()
			}
			return row.state, nil
		})
	env.OnActivity(steps.DecideTimesheet, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.DecideTimesheetInput) (workflows.TimesheetState, error) {
			if !row.state.Live() {
				return row.state, portal.Conflict("This timesheet was already %s.", row.state.Status)
			}
			row.state.Status = string(in.Decision)
			if in.Rejections != nil {
				row.state.Status = "partly_approved"
			}
			return row.state, nil
		})
	env.OnActivity(steps.RecallTimesheet, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.RecallTimesheetInput) (workflows.TimesheetState, error) {
			if !row.state.Live() {
				return row.state, portal.Conflict("This timesheet was %s.", row.state.Status)
			}
			row.state.Status = "recalled"
			return row.state, nil
		})
	env.OnActivity(steps.MailTimesheet, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.MailTimesheetInput) error {
			row.mails, row.mailed = append(row.mails, in.Template), append(row.mailed, env.Now())
			return nil
		})
	env.OnActivity(steps.CloseTimesheet, mock.Anything, mock.Anything).Return(func(context.Context, workflows.TimesheetRef) error {
		row.closed = true
		return nil
	})
	return env, in
}

func approval(by workflows.Actor) workflows.TimesheetDecision {
	return workflows.TimesheetDecision{Version: 1, Decision: portal.TimesheetApproved, By: by}
}

var (
	ann   = workflows.Actor{Kind: portal.ActorContact, ID: uuid.New(), Name: "Ann"}
	grace = workflows.Actor{Kind: portal.ActorStaff, ID: uuid.New(), Name: "Grace"}
)

// R68: who doesn't answer is reminded after three days and then once a week,
// four times, and after that left in peace; the timesheet still waits.
func TestTimesheetRemindsFourTimesAndThenWaits(t *testing.T) {
	row := &timesheetRow{}
	env, in := timesheetFlow(t, row)
	start, yes := env.Now(), &told{}
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(workflows.UpdateDecide, "1", yes, approval(ann)) }, 200*24*time.Hour)
	env.ExecuteWorkflow(workflows.Timesheet, in)
	ended(t, env, "approved")
	equal(t, row.mails, "timesheet_submitted", "timesheet_reminder", "timesheet_reminder", "timesheet_reminder", "timesheet_reminder", "timesheet_decided")
	for i, day := range []int{3, 10, 17, 24} {
		if after := row.mailed[i+1].Sub(start).Round(time.Hour); after != time.Duration(day)*24*time.Hour {
			t.Errorf("reminder %d came after %s, not %d days", i+1, after, day)
		}
	}
	if yes.err != nil || !row.closed {
		t.Errorf("%+v, closed: %v", yes, row.closed)
	}
}

// R68: a flow that takes up a timesheet which was reminded of goes on from there.
func TestTimesheetTakenUpRemindsNoSoonerThanBefore(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	row := &timesheetRow{state: workflows.TimesheetState{
		Begun: workflows.Begun{Status: "submitted"}, SubmittedAt: start.Add(-20 * 24 * time.Hour), Reminders: 3, RemindedAt: start.Add(-24 * time.Hour),
	}}
	env, in := timesheetFlow(t, row)
	in.Request = nil
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(workflows.UpdateRecall, "1", &told{}, workflows.RecallRequest{By: grace}) }, 30*24*time.Hour)
	env.ExecuteWorkflow(workflows.Timesheet, in)
	ended(t, env, "recalled")
	equal(t, row.mails, "timesheet_submitted", "timesheet_reminder", "timesheet_recalled")
	if after := row.mailed[1].Sub(start).Round(time.Hour); after != 6*24*time.Hour {
		t.Errorf("reminded after %s", after)
	}
}

// R45 R68: a decision by entry ends the wait; what isn't a contact's decision
// leaves no trace, and whoever takes a timesheet back has a name.
func TestTimesheetIsDecided(t *testing.T) {
	row := &timesheetRow{}
	env, in := timesheetFlow(t, row)
	staff, odd, nameless, contact, partly := &told{}, &told{}, &told{}, &told{}, &told{}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateDecide, "1", staff, approval(grace))
		env.UpdateWorkflow(workflows.UpdateDecide, "2", odd, workflows.TimesheetDecision{Version: 1, Decision: portal.TimesheetRecalled, By: ann})
		env.UpdateWorkflow(workflows.UpdateRecall, "3", nameless, workflows.RecallRequest{})
		env.UpdateWorkflow(workflows.UpdateRecall, "4", contact, workflows.RecallRequest{By: ann})
		some := approval(ann)
		some.Rejections = new(uuid.New())
		env.UpdateWorkflow(workflows.UpdateDecide, "5", partly, some)
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Timesheet, in)
	ended(t, env, "partly_approved")
	equal(t, row.mails, "timesheet_submitted", "timesheet_decided")
	for i, refused := range []*told{staff, odd, nameless, contact} {
		if refused.rejected == nil {
			t.Errorf("%d was taken: %+v", i+1, refused)
		}
	}
	if partly.err != nil || partly.state.(workflows.TimesheetState).Status != "partly_approved" {
		t.Errorf("answered %+v", partly)
	}
}

// R68: of an approval and a recall in the same moment one is done, and the
// other is told so.
func TestTimesheetEndsInOneOfTwo(t *testing.T) {
	row := &timesheetRow{}
	env, in := timesheetFlow(t, row)
	yes, back := &told{}, &told{}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateRecall, "1", back, workflows.RecallRequest{By: grace})
		env.UpdateWorkflow(workflows.UpdateDecide, "2", yes, approval(ann))
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Timesheet, in)
	ended(t, env, "recalled")
	equal(t, row.mails, "timesheet_submitted", "timesheet_recalled")
	if back.err != nil || yes.err == nil {
		t.Errorf("recalled: %+v, approved: %+v", back, yes)
	}
}

// A timesheet that moved without its flow ends it, when it is told to look.
func TestTimesheetReadsItsRowAgain(t *testing.T) {
	row := &timesheetRow{}
	env, in := timesheetFlow(t, row)
	env.RegisterDelayedCallback(func() {
		row.state.Status = "approved"
		env.SignalWorkflow(workflows.SignalReread, nil)
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Timesheet, in)
	ended(t, env, "approved")
	if row.reads != 1 {
		t.Errorf("read %d times", row.reads)
	}
}

// What can't be submitted is answered with the reason, and nothing is sent.
func TestRefusedTimesheetSendsNothing(t *testing.T) {
	row := &timesheetRow{state: workflows.TimesheetState{Begun: workflows.Begun{Status: "refused", Refused: portal.Conflict("Nothing to submit.")}}}
	env, in := timesheetFlow(t, row)
	env.ExecuteWorkflow(workflows.Timesheet, in)
	ended(t, env, "refused")
	equal(t, row.mails)
}
