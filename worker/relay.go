package worker

import (
	"context"
	"encoding/json"
	"fmt"

	"countersign/db"
	"countersign/db/dbsqlc"
)

// relayBatch keeps a notice under Postgres's 8,000 bytes.
const relayBatch = 40

// relay tells of a batch of events that nobody was told of yet. Claiming,
// telling and marking are one transaction: an event is told of, and is in a batch
// to be mailed, when, and only when, it is marked.
func (c Config) relay(ctx context.Context) (more bool, err error) {
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		events, err := q.ClaimEventsAcross(ctx, relayBatch)
		if err != nil || len(events) == 0 {
			return err
		}
		more = len(events) == relayBatch
		mark := dbsqlc.MarkEventsRelayedAcrossParams{}
		notices := make([]db.Notice, len(events))
		for i, e := range events {
			notices[i] = db.Notice{Org: e.OrgID, Customer: e.CustomerID, Kind: e.Kind, Subject: e.SubjectID, Rings: e.Rings}
			mark.OrgIds, mark.Ids = append(mark.OrgIds, e.OrgID), append(mark.Ids, e.ID)
		}
		payload, err := json.Marshal(notices)
		if err != nil {
			return err
		}
		if _, err := q.MarkEventsRelayedAcross(ctx, mark); err != nil {
			return fmt.Errorf("marking events as told of: %w", err)
		}
		if err := c.gather(ctx, q, events); err != nil {
			return fmt.Errorf("gathering events to mail: %w", err)
		}
		return q.NotifyAcross(ctx, dbsqlc.NotifyAcrossParams{Channel: db.EventsChannel, Payload: string(payload)})
	})
	return more, err
}
