package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"countersign/portal"
	"countersign/workflows"
)

// R52 R53: a batch gathers until its time has come, is closed before it is mailed,
// and finished after; one that is done already is left alone.
func TestNotifyGathersThenMailsOnce(t *testing.T) {
	for status, want := range map[string][]string{
		"gathering": {"closed after 1m0s", "mailed after 1m0s", "finished after 1m0s"},
		"sending":   {"mailed after 0s", "finished after 0s"},
		"done":      nil,
	} {
		t.Run(status, func(t *testing.T) {
			suite := &testsuite.WorkflowTestSuite{}
			env := suite.NewTestWorkflowEnvironment()
			start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			env.SetStartTime(start)
			var done []string
			did := func(what string) func(context.Context, workflows.NotifyRef) error {
				return func(context.Context, workflows.NotifyRef) error {
					done = append(done, what+" after "+env.Now().Sub(start).Round(time.Second).String())
					return nil
				}
			}
			env.OnActivity(steps.ReadNotification, mock.Anything, mock.Anything).Return(
				func(context.Context, workflows.NotifyRef) (workflows.NotifyState, error) {
					return workflows.NotifyState{Status: status, Kind: portal.AudienceStaff, SendAt: start.Add(time.Minute)}, nil
				})
			env.OnActivity(steps.CloseGathering, mock.Anything, mock.Anything).Return(did("closed"))
			env.OnActivity(steps.MailNotification, mock.Anything, mock.Anything).Return(did("mailed"))
			env.OnActivity(steps.FinishNotification, mock.Anything, mock.Anything).Return(did("finished"))
			env.ExecuteWorkflow(workflows.Notify, workflows.NotifyInput{NotifyRef: workflows.NotifyRef{Org: uuid.New(), Batch: uuid.New()}})
			ended(t, env, "done")
			equal(t, done, want...)
		})
	}
}
