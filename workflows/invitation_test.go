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

// R65: sent, reminded of after three days, sent again on request with a new
// lifetime, expired at its end.
func TestInvitationRemindsResendsAndExpires(t *testing.T) {
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	env.SetStartTime(start)
	state := workflows.InvitationState{Begun: workflows.Begun{Status: "pending"}, Send: 1, SentAt: start, ExpiresAt: start.Add(14 * 24 * time.Hour)}
	var mails []string
	env.OnActivity(steps.BeginInvitation, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.BeginInvitationInput) (workflows.InvitationState, error) {
			return state, nil
		})
	env.OnActivity(steps.SendInvitation, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.SendInvitationInput) error {
			kind := "invitation"
			if in.Reminder {
				kind = "reminder"
			}
			mails = append(mails, kind+" after "+env.Now().Sub(start).Round(time.Hour).String())
			return nil
		})
	env.OnActivity(steps.ResendInvitation, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.ResendInvitationInput) (workflows.InvitationState, error) {
			state.Send, state.SentAt, state.ExpiresAt = in.Send+1, env.Now(), env.Now().Add(in.Lifetime)
			return state, nil
		})
	env.OnActivity(steps.EndInvitation, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.EndInvitationInput) (workflows.InvitationState, error) {
			state.Status = string(in.Status)
			return state, nil
		})
	env.OnActivity(steps.CloseInvitation, mock.Anything, mock.Anything).Return(nil)
	again := &told{}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateResend, "1", again, workflows.ResendRequest{By: workflows.Actor{Kind: portal.ActorStaff, Name: "Grace"}})
	}, 5*24*time.Hour)
	env.ExecuteWorkflow(workflows.Invitation, workflows.InvitationInput{
		InvitationRef: workflows.InvitationRef{Org: uuid.New(), Invitation: uuid.New()}, Request: &workflows.InviteRequest{},
	})
	ended(t, env, "expired")
	equal(t, mails, "invitation after 0s", "reminder after 72h0m0s", "invitation after 120h0m0s", "reminder after 192h0m0s")
	if after := env.Now().Sub(start); after < 19*24*time.Hour {
		t.Errorf("expired after %s", after)
	}
	if again.err != nil {
		t.Error(again.err)
	}
}
