package worker

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// notifyBatch is how many flows are started at a time.
const notifyBatch = 40

// audience is whom a batch of notifications is for.
type audience struct {
	org  uuid.UUID
	kind portal.Audience
	id   uuid.UUID
}

// gather puts events that somebody is mailed about into the batches that gather
// for them.
func (c Config) gather(ctx context.Context, q *dbsqlc.Queries, events []dbsqlc.ClaimEventsAcrossRow) error {
	members := map[audience][]uuid.UUID{}
	for _, e := range events {
		for _, kind := range portal.AudiencesOf(e.Kind, portal.ActorKind(e.ActorKind), e.Visible) {
			to := audience{e.OrgID, kind, e.OrgID}
			switch {
			case kind == portal.AudienceCustomer && e.CustomerID != nil:
				to.id = *e.CustomerID
			case kind.One():
				to.id = e.SubjectID
			}
			members[to] = append(members[to], e.ID)
		}
	}
	// Always in one order, so that two relays never wait for each other.
	order := slices.SortedFunc(maps.Keys(members), func(x, y audience) int {
		return cmp.Or(bytes.Compare(x.org[:], y.org[:]), strings.Compare(string(x.kind), string(y.kind)), bytes.Compare(x.id[:], y.id[:]))
	})
	for _, to := range order {
		wait := c.GatherFor
		if to.kind.One() {
			wait = 0 // it is one thing, and there is nothing to gather
		}
		batch, err := q.GatherAcross(ctx, dbsqlc.GatherAcrossParams{
			OrgID: to.org, ID: c.Activities.NewID(), Kind: string(to.kind), AudienceID: to.id, GatherSeconds: wait.Seconds(),
		})
		if err != nil {
			return err
		}
		if err := q.AddToBatchAcross(ctx, dbsqlc.AddToBatchAcrossParams{OrgID: to.org, EventIds: members[to], Kind: string(to.kind), BatchID: batch}); err != nil {
			return err
		}
	}
	return nil
}

// notify starts the flows of new batches. What is killed in between is started
// again: a flow that runs already is left alone.
func (c Config) notify(ctx context.Context) (more bool, err error) {
	var batches []dbsqlc.BatchesToStartAcrossRow
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		batches, err = q.BatchesToStartAcross(ctx, notifyBatch)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, b := range batches {
		if err := c.startNotify(ctx, b); err != nil {
			return false, err
		}
	}
	return len(batches) == notifyBatch, nil
}

func (c Config) startNotify(ctx context.Context, b dbsqlc.BatchesToStartAcrossRow) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	o := openNotification(b.OrgID, b.ID, b.Kind)
	if _, err := c.Temporal.ExecuteWorkflow(ctx, o.options(), o.flow, o.input); err != nil {
		return fmt.Errorf("starting %s: %w", o.workflowID, err)
	}
	return c.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		return q.MarkBatchStartedAcross(ctx, dbsqlc.MarkBatchStartedAcrossParams{OrgID: b.OrgID, ID: b.ID})
	})
}

func openNotification(org, batch uuid.UUID, kind string) open {
	return open{org: org, workflowID: workflows.NotifyID(batch), flow: workflows.NotifyName, about: kind,
		input: workflows.NotifyInput{NotifyRef: workflows.NotifyRef{Org: org, Batch: batch}}, live: true}
}

func (c Config) openNotifications(ctx context.Context, older time.Time, handle func([]open) error) error {
	var org, id uuid.UUID
	return c.pages(ctx, handle, func(q *dbsqlc.Queries) ([]open, error) {
		rows, err := q.OpenNotifyFlowsAcross(ctx, dbsqlc.OpenNotifyFlowsAcrossParams{OlderThan: older, AfterOrg: org, AfterID: id, Batch: sweepBatch})
		batch := make([]open, len(rows))
		for i, r := range rows {
			org, id = r.OrgID, r.ID
			batch[i] = openNotification(r.OrgID, r.ID, r.Kind)
		}
		return batch, err
	})
}
