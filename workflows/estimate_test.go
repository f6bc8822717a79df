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

// steps names the activities; none of them is run here.
var steps *activities.Activities

// told is what an Update was answered with.
type told struct {
	state    any
	err      error
	rejected error
}

func (c *told) Accept()          {}
func (c *told) Reject(err error) { c.rejected = err }
func (c *told) Complete(state any, err error) {
	c.state, c.err = state, err
}

// estimateRow stands for the row that the flow's steps would write.
type estimateRow struct {
	state  workflows.EstimateState
	mails  []string
	mailed []time.Time
	closed bool
}

func estimateFlow(t *testing.T, row *estimateRow, validFor time.Duration) (*testsuite.TestWorkflowEnvironment, workflows.EstimateInput) {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	env.SetStartTime(start)
	in := workflows.EstimateInput{EstimateRef: workflows.EstimateRef{Org: uuid.New(), Estimate: uuid.New(), Version: 1}, By: &workflows.Actor{Kind: portal.ActorStaff, Name: "Grace"}}
	row.state = workflows.EstimateState{Begun: workflows.Begun{Status: "sent"}, ExpiresAt: start.Add(validFor)}
	read := func(context.Context, workflows.EstimateRef) (workflows.EstimateState, error) { return row.state, nil }
	env.OnActivity(steps.BeginEstimate, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.BeginEstimateInput) (workflows.EstimateState, error) {
			return row.state, nil
		})
	env.OnActivity(steps.ReadEstimate, mock.Anything, mock.Anything).Return(read)
	env.OnActivity(steps.ExpireEstimate, mock.Anything, mock.Anything).Return(
		func(context.Context, workflows.EstimateRef) (workflows.EstimateState, error) {
			row.state.Status = "expired"
			return row.state, nil
		})
	env.OnActivity(steps.DecideEstimate, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.DecideEstimateInput) (workflows.EstimateState, error) {
			row.state.Status = string(in.Decision)
			return row.state, nil
		})
	env.OnActivity(steps.MailEstimate, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.SendEstimateInput) error {
			row.mails, row.mailed = append(row.mails, in.Template), append(row.mailed, env.Now())
			return nil
		})
	env.OnActivity(steps.CloseEstimate, mock.Anything, mock.Anything).Return(func(context.Context, workflows.EstimateRef) error {
		row.closed = true
		return nil
	})
	return env, in
}

func ended(t *testing.T, env *testsuite.TestWorkflowEnvironment, status string) {
	t.Helper()
	if !env.IsWorkflowCompleted() {
		t.Fatal("the flow is still running")
	}
	var result struct {
		Status string `json:"status"`
	}
	if err := env.GetWorkflowResult(&result); err != nil {
		t.Fatal(err)
	}
	if result.Status != status {
		t.Fatalf("ended as %q, not %q", result.Status, status)
	}
}

func equal[T comparable](t *testing.T, got []T, want ...T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %v, not %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, not %v", got, want)
		}
	}
}

// R66: an estimate that nobody answers is reminded of three days before its end
// and expires at its end, not before.
func TestEstimateRemindsAndExpires(t *testing.T) {
	row := &estimateRow{}
	env, in := estimateFlow(t, row, 10*24*time.Hour)
	start := env.Now()
	env.ExecuteWorkflow(workflows.Estimate, in)
	ended(t, env, "expired")
	equal(t, row.mails, "estimate_sent", "estimate_reminder")
	if after := row.mailed[1].Sub(start); after < 7*24*time.Hour || after > 7*24*time.Hour+time.Minute {
		t.Errorf("reminded after %s", after)
	}
	if after := env.Now().Sub(start); after < 10*24*time.Hour {
		t.Errorf("expired after %s", after)
	}
	if !row.closed {
		t.Error("the row was not closed")
	}
}

// A reminder that would follow the estimate on its heels isn't sent.
func TestEstimateOfThreeDaysIsNotRemindedOf(t *testing.T) {
	row := &estimateRow{}
	env, in := estimateFlow(t, row, 72*time.Hour)
	env.ExecuteWorkflow(workflows.Estimate, in)
	ended(t, env, "expired")
	equal(t, row.mails, "estimate_sent")
}

// R25 R66: a decision ends the flow at once, with a confirmation; what isn't a
// contact's decision leaves no trace.
func TestEstimateIsDecided(t *testing.T) {
	row := &estimateRow{}
	env, in := estimateFlow(t, row, 10*24*time.Hour)
	yes, staff, odd := &told{}, &told{}, &told{}
	ann := workflows.Actor{Kind: portal.ActorContact, ID: uuid.New(), Name: "Ann"}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateDecide, "1", staff, workflows.DecideRequest{Decision: "accepted", By: workflows.Actor{Kind: portal.ActorStaff, Name: "Grace"}})
		env.UpdateWorkflow(workflows.UpdateDecide, "2", odd, workflows.DecideRequest{Decision: "expired", By: ann})
		env.UpdateWorkflow(workflows.UpdateDecide, "3", yes, workflows.DecideRequest{Decision: "accepted", By: ann})
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Estimate, in)
	ended(t, env, "accepted")
	equal(t, row.mails, "estimate_sent", "estimate_accepted")
	if staff.rejected == nil || odd.rejected == nil {
		t.Errorf("accepted what it should refuse: %v, %v", staff, odd)
	}
	if yes.err != nil || yes.state.(workflows.EstimateState).Status != "accepted" {
		t.Errorf("answered %+v", yes)
	}
}

// R28: a version that a newer one replaced ends when it is told to look.
func TestEstimateEndsWhenSuperseded(t *testing.T) {
	row := &estimateRow{}
	env, in := estimateFlow(t, row, 10*24*time.Hour)
	env.RegisterDelayedCallback(func() {
		row.state.Status = "superseded"
		env.SignalWorkflow(workflows.SignalReread, nil)
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Estimate, in)
	ended(t, env, "superseded")
	equal(t, row.mails, "estimate_sent")
}
