package worker

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

	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// sweepBatch is how many rows are read at a time.
const sweepBatch = 200

// open is a row whose flow has not closed it.
type open struct {
	org        uuid.UUID
	workflowID string
	flow       string
	input      any
	about      string // as workflows.Summary has it
	// live rows must have a flow; others have moved on without it.
	live bool
}

// sweep compares rows with flows: it starts the missing flow of every live row,
// and wakes the flow of every row that moved on without it. Flows normally close
// their rows themselves; this is for what was lost.
func (c Config) sweep(ctx context.Context) (more bool, err error) {
	older := time.Now().Add(-c.Settled)
	var errs []error
	for _, read := range []func(context.Context, time.Time, func([]open) error) error{
		c.openPayments, c.openEstimates, c.openInvitations, c.openTimesheets, c.openForwards, c.openAccountEmails, c.openNotifications,
		c.openMethodSetups, c.openMethodEdits, c.openMethodRemovals, c.openReconciliations, c.openAutopays,
	} {
		errs = append(errs, read(ctx, older, func(batch []open) error {
			var failed []error
			for _, o := range batch {
				failed = append(failed, c.mend(ctx, o))
			}
			return errors.Join(failed...)
		}))
	}
	return false, errors.Join(errs...)
}

func (c Config) mend(ctx context.Context, o open) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	options := o.options()
	options.StaticSummary += ", taken up again"
	if !o.live {
		_, err := c.Temporal.SignalWithStartWorkflow(ctx, o.workflowID, workflows.SignalReread, nil, options, o.flow, o.input)
		return wrap(err, o)
	}
	described, err := c.Temporal.DescribeWorkflowExecution(ctx, o.workflowID, "")
	var none *serviceerror.NotFound
	if err == nil && described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil
	}
	if err != nil && !errors.As(err, &none) {
		return wrap(err, o)
	}
	c.Log.Warn("A live row had no flow; it is started.", "workflow", o.workflowID)
	_, err = c.Temporal.ExecuteWorkflow(ctx, options, o.flow, o.input)
	return wrap(err, o)
}

func wrap(err error, o open) error {
	if err != nil {
		return fmt.Errorf("sweeping %s: %w", o.workflowID, err)
	}
	return nil
}

// options are those that a row's flow is started with.
func (o open) options() client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: o.workflowID, TaskQueue: workflows.TaskQueue, StaticSummary: workflows.Summary(o.flow, o.about),
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes:    temporal.NewSearchAttributes(workflows.AttributeOrganization.ValueSet(o.org.String())),
	}
}

func openPayment(ref workflows.PaymentRef, live bool) open {
	return open{org: ref.Org, workflowID: workflows.PaymentID(ref.Payment), flow: workflows.PaymentName, input: workflows.PaymentInput{PaymentRef: ref}, live: live}
}

func (c Config) openPayments(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenPaymentFlowsAcross(ctx, dbsqlc.OpenPaymentFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = openPayment(workflows.PaymentRef{Org: r.OrgID, Payment: r.ID}, r.Status.Live() || r.RefundsOpen > 0)
		}
		return batch, err
	})
}

func (c Config) openEstimates(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	var version int32
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenEstimateFlowsAcross(ctx, dbsqlc.OpenEstimateFlowsAcrossParams{OlderThan: &older, AfterOrg: org, AfterID: id, AfterVersion: version, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id, version = r.OrgID, r.EstimateID, r.Version
			batch[i] = open{org: r.OrgID, workflowID: workflows.EstimateID(r.EstimateID, int(r.Version)), flow: workflows.EstimateName, about: r.Number,
				input: workflows.EstimateInput{EstimateRef: workflows.EstimateRef{Org: r.OrgID, Estimate: r.EstimateID, Version: int(r.Version)}}, live: r.Status == string(portal.EstimateSent)}
		}
		return batch, err
	})
}

func (c Config) openInvitations(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenInvitationFlowsAcross(ctx, dbsqlc.OpenInvitationFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = open{org: r.OrgID, workflowID: workflows.InvitationID(r.ID), flow: workflows.InvitationName,
				input: workflows.InvitationInput{InvitationRef: workflows.InvitationRef{Org: r.OrgID, Invitation: r.ID}}, live: r.Status.Live()}
		}
		return batch, err
	})
}

func (c Config) openTimesheets(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenTimesheetFlowsAcross(ctx, dbsqlc.OpenTimesheetFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = open{org: r.OrgID, workflowID: workflows.TimesheetID(r.ID), flow: workflows.TimesheetName,
				input: workflows.TimesheetInput{TimesheetRef: workflows.TimesheetRef{Org: r.OrgID, Timesheet: r.ID}}, live: r.Status.Live()}
		}
		return batch, err
	})
}

func (c Config) openForwards(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenForwardFlowsAcross(ctx, dbsqlc.OpenForwardFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = open{org: r.OrgID, workflowID: workflows.ForwardID(r.ID), flow: workflows.ForwardName,
				input: workflows.ForwardInput{ForwardRef: workflows.ForwardRef{Org: r.OrgID, Forward: r.ID}}, live: r.Status.Live()}
		}
		return batch, err
	})
}

// pages reads batch after batch until one is not full. What fails of one batch
// doesn't keep the next from being handled.
func (c Config) pages(ctx context.Context, handle func([]open) error, read func(q *dbsqlc.Queries) ([]open, error)) error {
	var failed []error
	for {
		var batch []open
		err := c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
			batch, err = read(q)
			return err
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		failed = append(failed, handle(batch))
		if len(batch) < sweepBatch || ctx.Err() != nil {
			return errors.Join(failed...)
		}
	}
}
