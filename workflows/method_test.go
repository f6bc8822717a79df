package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"countersign/workflows"
)

// R38: the page is asked about ever more rarely, and closed after a day; a bank
// that has still to answer is given longer.
func TestSetupIsGivenUpAfterItsTime(t *testing.T) {
	for name, c := range map[string]struct {
		confirmed bool
		after     time.Duration
	}{
		"nobody finished the page":  {false, 24 * time.Hour},
		"the bank has still to act": {true, 10 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			suite := &testsuite.WorkflowTestSuite{}
			env := suite.NewTestWorkflowEnvironment()
			start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			env.SetStartTime(start)
			open := workflows.MethodSetupState{Begun: workflows.Begun{Status: "open"}, CreatedAt: start, Confirmed: c.confirmed}
			ended := open
			ended.Status, ended.Failure = "expired", "It was not finished in time."
			asked := 0
			env.OnActivity(steps.BeginMethodSetup, mock.Anything, mock.Anything).Return(workflows.MethodSetupState{Begun: workflows.Begun{Status: "requested"}, CreatedAt: start}, nil)
			env.OnActivity(steps.OpenMethodSetup, mock.Anything, mock.Anything).Return(open, nil)
			env.OnActivity(steps.CheckMethodSetup, mock.Anything, mock.Anything).Return(func(context.Context, workflows.MethodSetupRef) (workflows.MethodSetupState, error) {
				asked++
				return open, nil
			})
			var closed time.Time
			env.OnActivity(steps.ExpireMethodSetup, mock.Anything, mock.Anything).Return(func(context.Context, workflows.MethodSetupRef) (workflows.MethodSetupState, error) {
				closed = env.Now()
				return ended, nil
			})
			env.OnActivity(steps.CloseMethodSetup, mock.Anything, mock.Anything).Return(nil)
			env.ExecuteWorkflow(workflows.MethodSetup, workflows.MethodSetupInput{MethodSetupRef: workflows.MethodSetupRef{Org: uuid.New(), Setup: uuid.New()}})
			var result workflows.MethodSetupResult
			if err := env.GetWorkflowResult(&result); err != nil || result.Status != "expired" {
				t.Fatalf("ended as %+v, %v", result, err)
			}
			if got := closed.Sub(start).Round(time.Minute); got != c.after {
				t.Errorf("closed after %s", got)
			}
			if asked < 5 || asked > 30 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// R38: the processor forgets a removed method as soon as the last payment that
// needs it is over.
func TestRemovalWaitsForThePaymentThatNeedsIt(t *testing.T) {
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	asked := 0
	env.OnActivity(steps.DetachMethod, mock.Anything, mock.Anything).Return(func(context.Context, workflows.MethodRef) (workflows.MethodRemovalState, error) {
		asked++
		return workflows.MethodRemovalState{Needed: asked < 4, Done: asked == 4}, nil
	})
	env.ExecuteWorkflow(workflows.MethodRemoval, workflows.MethodRemovalInput{MethodRef: workflows.MethodRef{Org: uuid.New(), Method: uuid.New()}})
	if err := env.GetWorkflowError(); err != nil || asked != 4 {
		t.Fatalf("asked %d times, %v", asked, err)
	}
}

// R38: what is replaced stays until its charge is over.
func TestReplacedMethodStaysUntilItsChargeIsOver(t *testing.T) {
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	kept := workflows.MethodSetupState{Begun: workflows.Begun{Status: "saved"}, Replaces: true}
	env.OnActivity(steps.BeginMethodSetup, mock.Anything, mock.Anything).Return(kept, nil)
	tries, over := 0, false
	env.OnActivity(steps.FinishReplacement, mock.Anything, mock.Anything).Return(func(context.Context, workflows.MethodSetupRef) (bool, error) {
		tries++
		over = tries == 3
		return over, nil
	})
	env.OnActivity(steps.CloseMethodSetup, mock.Anything, mock.Anything).Return(func(context.Context, workflows.MethodSetupRef) error {
		if !over {
			t.Error("closed before the old one was removed")
		}
		return nil
	})
	env.ExecuteWorkflow(workflows.MethodSetup, workflows.MethodSetupInput{MethodSetupRef: workflows.MethodSetupRef{Org: uuid.New(), Setup: uuid.New()}})
	if err := env.GetWorkflowError(); err != nil || tries != 3 {
		t.Fatalf("tried %d times, %v", tries, err)
	}
}
