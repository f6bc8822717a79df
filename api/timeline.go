package api

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// TimelineEntry is one event of a document's history.
type TimelineEntry struct {
	ID   uuid.UUID `json:"id"`
	Kind string    `json:"kind" doc:"What happened, as noun.verb."`
	Text string    `json:"text" doc:"The same in plain words, with money as the organization writes it."`
	// Detail says what was and what is now, where values were changed.
	Detail string         `json:"detail,omitempty"`
	Actor  string         `json:"actor"`
	Side   string         `json:"side" enum:"contact,staff,api_key,system"`
	At     time.Time      `json:"at"`
	Data   map[string]any `json:"data,omitempty"`
}

// timeline reads the events of a document that p may see.
func timeline(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, subject uuid.UUID) ([]TimelineEntry, error) {
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return nil, err
	}
	rows, err := q.ListEventsOfSubject(ctx, dbsqlc.ListEventsOfSubjectParams{OrgID: p.Org, SubjectID: subject, CustomerID: optional(p.Customer)})
	if err != nil {
		return nil, err
	}
	entries := make([]TimelineEntry, 0, len(rows))
	for _, r := range rows {
		entry := entryOf(r)
		if code, ok := entry.Data["code"].(string); ok && p.Side == portal.SideContact && strings.HasSuffix(r.Kind, "declined") {
			entry.Data["code"] = portal.CustomerCode(code)
		}
		entry.Text = Sentence(entry, "this "+portal.Noun(r.SubjectKind), org.Locale)
		entries = append(entries, entry)
	}
	return entries, nil
}

func entryOf(r dbsqlc.Event) TimelineEntry {
	e := TimelineEntry{ID: r.ID, Kind: r.Kind, Actor: r.ActorName, Side: r.ActorKind, At: r.At}
	_ = json.Unmarshal(r.Data, &e.Data) // always an object: the schema's default, or ours
	e.Detail = portal.Happening{Data: e.Data}.Detail()
	return e
}

// Sentence says in plain words what happened to document, with money as in locale.
func Sentence(e TimelineEntry, document, locale string) string {
	return portal.Happening{Kind: e.Kind, Actor: e.Actor, Side: portal.ActorKind(e.Side), Data: e.Data}.Sentence(document, locale)
}
