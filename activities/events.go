package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
)

// happened is one event to record, in the transaction that makes it true.
type happened struct {
	org      uuid.UUID
	customer uuid.UUID
	kind     string
	subject  string
	id       uuid.UUID
	by       Actor
	// internal events are for staff alone.
	internal bool
	data     map[string]any
	at       time.Time
}

func (a *Activities) record(ctx context.Context, q *dbsqlc.Queries, e happened) error {
	data, err := json.Marshal(e.data)
	if err != nil {
		return fmt.Errorf("writing the data of %s: %w", e.kind, err)
	}
	if e.data == nil {
		data = []byte("{}")
	}
	return q.InsertEvent(ctx, dbsqlc.InsertEventParams{
		OrgID: e.org, ID: a.NewID(), CustomerID: optional(e.customer), Kind: e.kind,
		SubjectKind: e.subject, SubjectID: e.id,
		ActorKind: string(e.by.Kind), ActorID: optional(e.by.ID), ActorName: e.by.Name,
		Visible: !e.internal, Data: data, At: e.at,
	})
}

// reasonOf is the reason that an event tells of, if it does.
func reasonOf(e dbsqlc.Event) string {
	var data struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(e.Data, &data) // always an object: the schema's default, or ours
	return data.Reason
}
