package worker

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// reconcile starts the comparison of each organization's last day with the
// processor, once it is over there. The day's row is what keeps it from being
// started again; until it is written, the flow's name does.
func (c Config) reconcile(ctx context.Context) (more bool, err error) {
	var due []dbsqlc.ReconciliationsDueAcrossRow
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		due, err = q.ReconciliationsDueAcross(ctx, time.Now())
		return err
	})
	if err != nil {
		return false, err
	}
	var errs []error
	for _, d := range due {
		o := openReconciliation(d.ID, activities.DailyReconciliation(d.ID, d.LastDay), true, d.LastDay)
		_, err := c.Temporal.ExecuteWorkflow(ctx, o.options(), o.flow, o.input)
		errs = append(errs, wrap(err, o))
	}
	return false, errors.Join(errs...)
}

func openReconciliation(org, id uuid.UUID, daily bool, day portal.Date) open {
	input := workflows.ReconciliationInput{ReconciliationRef: workflows.ReconciliationRef{Org: org, Reconciliation: id}}
	name := workflows.AskedReconciliationID(org, id)
	if daily {
		input.Request = &workflows.ReconciliationRequest{From: day.AddDays(1 - activities.ReconciledDays), To: day, Daily: true}
		name = workflows.ReconciliationID(org, day)
	}
	return open{org: org, workflowID: name, flow: workflows.ReconciliationName, input: input, live: true}
}

func (c Config) openReconciliations(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenReconciliationFlowsAcross(ctx, dbsqlc.OpenReconciliationFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = openReconciliation(r.OrgID, r.ID, r.Daily, r.ToDay)
		}
		return batch, err
	})
}

// askedFor is how long the flow of a payment that differs is waited for.
const askedFor = 20 * time.Second

// ask is [activities.Activities].Ask.
func (c Config) ask(ctx context.Context, ref workflows.PaymentRef, update, updateID string) error {
	ctx, cancel := context.WithTimeout(ctx, askedFor)
	defer cancel()
	_, err := c.tellPayment(ctx, ref, update, updateID)
	return err
}
