package worker

import (
	"context"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

func (c Config) openAutopays(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenAutopayFlowsAcross(ctx, dbsqlc.OpenAutopayFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = open{org: r.OrgID, workflowID: workflows.AutopayID(r.ID), flow: workflows.AutopayName,
				input: workflows.AutopayInput{AutopayRef: workflows.AutopayRef{Org: r.OrgID, Autopay: r.ID}}, live: r.Status == portal.AutopayOn}
		}
		return batch, err
	})
}
