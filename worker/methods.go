package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/workflows"
)

// removalBatch is how many flows are started at a time.
const removalBatch = 40

// methodEvent has a setup's flow ask the processor, as paymentEvent does for a
// payment. A flow that has ended is started again for it. What happened to a saved
// method is read and taken over at once.
func (c Config) methodEvent(ctx context.Context, e dbsqlc.WebhookEvent) (string, error) {
	switch e.Type {
	case "payment_method.updated", "payment_method.automatically_updated", "payment_method.detached":
		return c.Activities.RefreshMethod(ctx, e.Account, e.ObjectID)
	}
	if e.PaymentID == nil {
		return "ignored: it is about nothing of ours", nil
	}
	var found []dbsqlc.FindMethodSetupAcrossRow
	err := c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		found, err = q.FindMethodSetupAcross(ctx, *e.PaymentID)
		return err
	})
	if err != nil {
		return "", err
	}
	if len(found) == 0 || found[0].Account != e.Account {
		return "ignored: it is about nothing of ours", nil
	}
	ref := workflows.MethodSetupRef{Org: found[0].OrgID, Setup: found[0].ID}
	o := openSetup(ref.Org, ref.Setup)
	handle, err := c.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.Temporal.NewWithStartWorkflowOperation(
			o.options(), o.flow, o.input),
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: o.workflowID, UpdateID: "webhook:" + e.EventID, UpdateName: workflows.UpdateObserve, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return "", fmt.Errorf("telling %s: %w", o.workflowID, err)
	}
	var state workflows.MethodSetupState
	if err := handle.Get(ctx, &state); err != nil {
		if refused := activities.Refusal(err); refused != nil {
			return "ignored: " + refused.Message, nil
		}
		return "", fmt.Errorf("telling %s: %w", o.workflowID, err)
	}
	return "applied: " + state.Status, nil
}

// removals starts the flows of methods that were just removed. What is killed in
// between is started again: a flow that runs already is left alone.
func (c Config) removals(ctx context.Context) (more bool, err error) {
	var removed []dbsqlc.RemovedMethodsToStartAcrossRow
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		removed, err = q.RemovedMethodsToStartAcross(ctx, removalBatch)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, r := range removed {
		if err := c.startRemoval(ctx, r); err != nil {
			return false, err
		}
	}
	return len(removed) == removalBatch, nil
}

func (c Config) startRemoval(ctx context.Context, r dbsqlc.RemovedMethodsToStartAcrossRow) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	o := openRemoval(r.OrgID, r.ID)
	if _, err := c.Temporal.ExecuteWorkflow(ctx, o.options(), o.flow, o.input); err != nil {
		return fmt.Errorf("starting %s: %w", o.workflowID, err)
	}
	return c.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		return q.MarkRemovalStartedAcross(ctx, dbsqlc.MarkRemovalStartedAcrossParams(r))
	})
}

func openRemoval(org, method uuid.UUID) open {
	return open{org: org, workflowID: workflows.MethodRemovalID(method), flow: workflows.MethodRemovalName,
		input: workflows.MethodRemovalInput{MethodRef: workflows.MethodRef{Org: org, Method: method}}, live: true}
}

func (c Config) openMethodRemovals(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenMethodRemovalsAcross(ctx, dbsqlc.OpenMethodRemovalsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = openRemoval(r.OrgID, r.ID)
		}
		return batch, err
	})
}

func openSetup(org, setup uuid.UUID) open {
	return open{org: org, workflowID: workflows.MethodSetupID(setup), flow: workflows.MethodSetupName,
		input: workflows.MethodSetupInput{MethodSetupRef: workflows.MethodSetupRef{Org: org, Setup: setup}}, live: true}
}

func (c Config) openMethodSetups(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenMethodSetupsAcross(ctx, dbsqlc.OpenMethodSetupsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			// One that is saved still has something to do: to remove what it replaces.
			batch[i] = openSetup(r.OrgID, r.ID)
		}
		return batch, err
	})
}

func (c Config) openMethodEdits(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenMethodEditsAcross(ctx, dbsqlc.OpenMethodEditsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = open{org: r.OrgID, workflowID: workflows.MethodEditID(r.ID), flow: workflows.MethodEditName,
				input: workflows.MethodEditInput{MethodEditRef: workflows.MethodEditRef{Org: r.OrgID, Edit: r.ID}}, live: true}
		}
		return batch, err
	})
}
