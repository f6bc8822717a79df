package api

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// happened is one event to record, in the transaction that makes it true.
type happened struct {
	customer uuid.UUID
	kind     string
	subject  string
	id       uuid.UUID
	// internal events are for staff alone.
	internal bool
	data     map[string]any
}

func (a *API) record(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, e happened) error {
	if e.data == nil {
		e.data = map[string]any{}
	}
	data, err := json.Marshal(e.data)
	if err != nil {
		return fmt.Errorf("writing the data of %s: %w", e.kind, err)
	}
	return q.InsertEvent(ctx, dbsqlc.InsertEventParams{
		OrgID: p.Org, ID: a.NewID(), CustomerID: optional(e.customer), Kind: e.kind, SubjectKind: e.subject, SubjectID: e.id,
		ActorKind: string(p.ActorKind), ActorID: optional(p.Actor), ActorName: p.Name, Visible: !e.internal, Data: data, At: a.now(),
	})
}
