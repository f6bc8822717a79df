package worker

import (
	"context"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/workflows"
)

// accountBatch is how many emails are taken up at a time.
const accountBatch = 20

// accountEmails starts the flows of emails that were asked for since. Claiming,
// starting and marking are one transaction; a start that was not marked is met
// by the next one, since the flow's name is the email's.
func (c Config) accountEmails(ctx context.Context) (more bool, err error) {
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		waiting, err := q.AccountEmailsToStartAcross(ctx, accountBatch)
		if err != nil {
			return err
		}
		more = len(waiting) == accountBatch
		for _, e := range waiting {
			o := openAccountEmail(e.OrgID, e.ID)
			if _, err := c.Temporal.ExecuteWorkflow(ctx, o.options(), o.flow, o.input); err != nil {
				return wrap(err, o)
			}
			if err := q.MarkAccountEmailStartedAcross(ctx, dbsqlc.MarkAccountEmailStartedAcrossParams(e)); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}

func openAccountEmail(org, id uuid.UUID) open {
	return open{org: org, workflowID: workflows.AccountEmailID(id), flow: workflows.AccountEmailName,
		input: workflows.AccountEmailInput{AccountEmailRef: workflows.AccountEmailRef{Org: org, Email: id}}, live: true}
}

func (c Config) openAccountEmails(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenAccountEmailFlowsAcross(ctx, dbsqlc.OpenAccountEmailFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = openAccountEmail(r.OrgID, r.ID)
		}
		return batch, err
	})
}
