package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// TimelineEntry is one event of a document's history.
type TimelineEntry struct {
	ID    uuid.UUID      `json:"id"`
	Kind  string         `json:"kind" doc:"What happened, as noun.verb."`
	Actor string         `json:"actor"`
	Side  string         `json:"side" doc:"contact, staff, api_key or system"`
	At    time.Time      `json:"at"`
	Data  map[string]any `json:"data,omitempty"`
}

// timeline reads the events of a document that p may see.
func timeline(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, subject uuid.UUID) ([]TimelineEntry, error) {
	rows, err := q.ListEventsOfSubject(ctx, dbsqlc.ListEventsOfSubjectParams{OrgID: p.Org, SubjectID: subject})
	if err != nil {
		return nil, err
	}
	entries := make([]TimelineEntry, 0, len(rows))
	for _, r := range rows {
		entries = append(entries, entryOf(r))
	}
	return entries, nil
}

func entryOf(r dbsqlc.Event) TimelineEntry {
	e := TimelineEntry{ID: r.ID, Kind: r.Kind, Actor: r.ActorName, Side: r.ActorKind, At: r.At}
	_ = json.Unmarshal(r.Data, &e.Data) // always an object: the schema's default, or ours
	return e
}
