package workflows_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"countersign/activities"
	"countersign/portal"
	"countersign/workflows"
)

// forwarding is a forward to two people whose steps are played.
type forwarding struct {
	*testsuite.TestWorkflowEnvironment
	start time.Time
	mu    sync.Mutex
	state workflows.ForwardState
	sent  []uuid.UUID
	reads int
}

func newForwarding(statuses ...portal.ForwardedStatus) *forwarding {
	suite := &testsuite.WorkflowTestSuite{}
	f := &forwarding{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	f.SetStartTime(f.start)
	f.state = workflows.ForwardState{Begun: workflows.Begun{Status: "sending"}}
	for _, status := range statuses {
		f.state.Recipients = append(f.state.Recipients, activities.ForwardRecipient{Contact: uuid.New(), Status: status})
	}
	read := func() workflows.ForwardState {
		f.mu.Lock()
		defer f.mu.Unlock()
		state := f.state
		state.Recipients = append([]activities.ForwardRecipient{}, f.state.Recipients...)
		return state
	}
	f.OnActivity(steps.BeginForward, mock.Anything, mock.Anything).Return(func(context.Context, activities.BeginForwardInput) (workflows.ForwardState, error) {
		return read(), nil
	})
	f.OnActivity(steps.DrawForward, mock.Anything, mock.Anything).Return(nil)
	f.OnActivity(steps.SendForward, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.SendForwardInput) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.sent = append(f.sent, in.Contact)
		return nil
	})
	f.OnActivity(steps.SettleForward, mock.Anything, mock.Anything).Return(func(context.Context, workflows.ForwardRef) (workflows.ForwardState, error) {
		f.mu.Lock()
		f.state.Status, f.state.SentAt = "following", f.Now()
		f.mu.Unlock()
		return read(), nil
	})
	f.OnActivity(steps.ReadForward, mock.Anything, mock.Anything).Return(func(context.Context, workflows.ForwardRef) (workflows.ForwardState, error) {
		f.reads++
		return read(), nil
	})
	f.OnActivity(steps.CloseForward, mock.Anything, mock.Anything).Return(func(context.Context, workflows.ForwardRef) (workflows.ForwardState, error) {
		f.mu.Lock()
		f.state.Status = "ended"
		f.mu.Unlock()
		return read(), nil
	})
	return f
}

// becomes is word of a recipient's email, after a while.
func (f *forwarding) becomes(recipient int, status portal.ForwardedStatus, after time.Duration) {
	f.RegisterDelayedCallback(func() {
		f.mu.Lock()
		f.state.Recipients[recipient].Status = status
		f.mu.Unlock()
		f.SignalWorkflow(workflows.SignalReread, nil)
	}, after)
}

func (f *forwarding) run() {
	f.ExecuteWorkflow(workflows.Forward, workflows.ForwardInput{
		ForwardRef: workflows.ForwardRef{Org: uuid.New(), Forward: uuid.New()}, Request: &workflows.ForwardRequest{},
	})
}

// R69: sent to each once, and over with the last word.
func TestForwardEndsWithTheLastWord(t *testing.T) {
	f := newForwarding(portal.ForwardedSent, portal.ForwardedSent)
	f.becomes(0, portal.ForwardedDelivered, time.Minute)
	f.becomes(1, portal.ForwardedDelayed, time.Hour)
	f.becomes(1, portal.ForwardedBounced, 5*time.Hour)
	f.run()
	ended(t, f.TestWorkflowEnvironment, "ended")
	if len(f.sent) != 2 || f.sent[0] == f.sent[1] {
		t.Errorf("sent to %v", f.sent)
	}
	if took := f.Now().Sub(f.start); took < 5*time.Hour || took > 6*time.Hour || f.reads != 3 {
		t.Errorf("it took %s and %d reads", took, f.reads)
	}
}

// R69: silence is waited for three days, and no longer.
func TestForwardThatIsNotHeardOfEndsAfterThreeDays(t *testing.T) {
	f := newForwarding(portal.ForwardedSent, portal.ForwardedDelivered)
	f.run()
	ended(t, f.TestWorkflowEnvironment, "ended")
	if took := f.Now().Sub(f.start).Round(time.Minute); took != 72*time.Hour {
		t.Errorf("it took %s", took)
	}
}

// R69: a forward that was refused leaves nothing behind.
func TestRefusedForwardEndsAtOnce(t *testing.T) {
	f := newForwarding()
	f.state.Refused = portal.Conflict("No.")
	f.run()
	ended(t, f.TestWorkflowEnvironment, "refused")
	if len(f.sent) != 0 || f.Now().Sub(f.start) > time.Minute {
		t.Errorf("sent %v, after %s", f.sent, f.Now().Sub(f.start))
	}
}

// R69: a provider that is away for a day ends the sending, and nothing hangs.
func TestForwardThatCannotBeSentIsGivenUp(t *testing.T) {
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	state := workflows.ForwardState{Begun: workflows.Begun{Status: "sending"}, Recipients: []activities.ForwardRecipient{{Contact: uuid.New(), Status: portal.ForwardedWaiting}}}
	env.OnActivity(steps.BeginForward, mock.Anything, mock.Anything).Return(state, nil)
	env.OnActivity(steps.DrawForward, mock.Anything, mock.Anything).Return(nil)
	env.OnActivity(steps.SendForward, mock.Anything, mock.Anything).Return(errors.New("the provider is away"))
	state.Status, state.SentAt, state.Recipients = "following", env.Now(), []activities.ForwardRecipient{{Contact: state.Recipients[0].Contact, Status: portal.ForwardedFailed}}
	env.OnActivity(steps.SettleForward, mock.Anything, mock.Anything).Return(state, nil)
	state.Status = "ended"
	env.OnActivity(steps.CloseForward, mock.Anything, mock.Anything).Return(state, nil)
	start := env.Now()
	env.ExecuteWorkflow(workflows.Forward, workflows.ForwardInput{ForwardRef: workflows.ForwardRef{Org: uuid.New(), Forward: uuid.New()}, Request: &workflows.ForwardRequest{}})
	ended(t, env, "ended")
	if took := env.Now().Sub(start); took > 21*time.Hour {
		t.Errorf("it took %s", took)
	}
}
