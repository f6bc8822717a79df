package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"countersign/portal"
	"countersign/workflows"
)

// start is a flow to begin.
type start struct {
	id    string
	name  string
	input any
	about string // as workflows.Summary has it
	// customer and document are what operators find the flow by.
	customer, document uuid.UUID
}

func (a *API) startOptions(org uuid.UUID, s start) client.StartWorkflowOptions {
	attributes := []temporal.SearchAttributeUpdate{workflows.AttributeOrganization.ValueSet(org.String())}
	if s.customer != uuid.Nil {
		attributes = append(attributes, workflows.AttributeCustomer.ValueSet(s.customer.String()))
	}
	if s.document != uuid.Nil {
		attributes = append(attributes, workflows.AttributeDocument.ValueSet(s.document.String()))
	}
	return client.StartWorkflowOptions{
		ID: s.id, TaskQueue: workflows.TaskQueue, StaticSummary: workflows.Summary(s.name, s.about),
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes:    temporal.NewSearchAttributes(attributes...),
	}
}

// errPending says that a flow was started and has not answered yet: what was
// asked for is under way, and its status address will tell.
var errPending = errors.New("begun, and not answered yet")

// begin starts a flow, or meets the one that is running, and waits for its
// first step: the committed answer. errPending means that the start is
// acknowledged; any other error, that nothing was recorded or that it isn't known.
func begin[S any](ctx context.Context, a *API, s start) (S, error) {
	var state S
	waiting, cancel := context.WithTimeout(ctx, a.Times.Answer)
	defer cancel()
	org := principal(ctx).Org
	handle, err := a.Temporal.UpdateWithStartWorkflow(waiting, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: a.Temporal.NewWithStartWorkflowOperation(a.startOptions(org, s), s.name, s.input),
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: s.id, UpdateName: workflows.UpdateBegun, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(waiting, &state)
	}
	if err == nil {
		return state, nil
	}
	if ctx.Err() != nil || workflows.Refusal(err) != nil {
		return state, err
	}
	if waiting.Err() == nil && !slow(err) {
		return state, fmt.Errorf("beginning %s: %w", s.id, err)
	}
	// No answer in time. Whether the start was taken is a question of its own.
	asking, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, asked := a.Temporal.DescribeWorkflowExecution(asking, s.id, "")
	var none *serviceerror.NotFound
	switch {
	case asked == nil:
		return state, errPending
	case errors.As(asked, &none):
		return state, portal.Unavailable("This can't be done at the moment. Nothing was recorded; please try again in a few seconds.", 5*time.Second)
	default:
		return state, portal.NotConfirmed(5 * time.Second)
	}
}

// decide sends an Update to a running flow and waits for its result. Sent again
// under the same key it gets the same answer. ended is called when no flow is
// running: the database then has the answer.
func decide[S any](ctx context.Context, a *API, workflowID, update, key string, request any, ended func() (S, error)) (S, error) {
	var state S
	updateID, err := portal.DecideID(principal(ctx).Actor, update, key, request)
	if err != nil {
		return state, err
	}
	waiting, cancel := context.WithTimeout(ctx, a.Times.Answer)
	defer cancel()
	handle, err := a.Temporal.UpdateWorkflow(waiting, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateID: updateID, UpdateName: update, Args: []any{request}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(waiting, &state)
	}
	var none *serviceerror.NotFound
	switch {
	case err == nil:
		return state, nil
	case errors.As(err, &none):
		return ended()
	case workflows.Refusal(err) != nil:
		return state, workflows.Refusal(err)
	case waiting.Err() != nil || slow(err):
		return state, portal.NotConfirmed(5 * time.Second)
	case away(err):
		return state, err
	default:
		return state, fmt.Errorf("%s of %s: %w", update, workflowID, err)
	}
}

// resume sends an Update to a flow, which is started again if it has ended, and
// waits for its result. Sent again under the same key it gets the same answer.
func resume[S any](ctx context.Context, a *API, s start, update, key string, request any) (S, error) {
	var state S
	updateID, err := portal.DecideID(principal(ctx).Actor, update, key, request)
	if err != nil {
		return state, err
	}
	waiting, cancel := context.WithTimeout(ctx, a.Times.Answer)
	defer cancel()
	handle, err := a.Temporal.UpdateWithStartWorkflow(waiting, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: a.Temporal.NewWithStartWorkflowOperation(a.startOptions(principal(ctx).Org, s), s.name, s.input),
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: s.id, UpdateID: updateID, UpdateName: update, Args: []any{request}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(waiting, &state)
	}
	switch {
	case err == nil:
		return state, nil
	case workflows.Refusal(err) != nil:
		return state, workflows.Refusal(err)
	case waiting.Err() != nil || slow(err):
		return state, portal.NotConfirmed(5 * time.Second)
	case away(err):
		return state, err
	default:
		return state, fmt.Errorf("%s of %s: %w", update, s.id, err)
	}
}

// wake tells a flow that its row changed without it. The sweep does so too, so
// a failure is only logged.
func (a *API) wake(ctx context.Context, workflowID string) {
	waking, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	err := a.Temporal.SignalWorkflow(waking, workflowID, "", workflows.SignalReread, nil)
	var none *serviceerror.NotFound
	if err != nil && !errors.As(err, &none) {
		a.Log.WarnContext(ctx, "A flow could not be woken; the sweep will.", "workflow", workflowID, "error", err)
	}
}

// slow reports whether an Update gave no answer in the time it had.
func slow(err error) bool {
	var late *client.WorkflowUpdateServiceTimeoutOrCanceledError
	var deadline *serviceerror.DeadlineExceeded
	return errors.As(err, &late) || errors.As(err, &deadline) || errors.Is(err, context.DeadlineExceeded)
}
