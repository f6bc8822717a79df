package api

import (
	"context"
	"maps"
	"strings"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// change is one value that somebody replaced by another, as history keeps it.
type change struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// recordChanges records an edit with what was and what is, R54. Nothing is
// recorded of an edit that changed nothing.
func (a *API) recordChanges(ctx context.Context, q *dbsqlc.Queries, e happened, all []change) error {
	var names []string
	var changes []change
	for _, c := range all {
		if c.From != c.To {
			names, changes = append(names, c.Field), append(changes, c)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	data := map[string]any{"changed": names, "changes": changes}
	maps.Copy(data, e.data)
	e.data = data
	return a.record(ctx, q, principal(ctx), e)
}

// oneLine is an address as history keeps it.
func oneLine(a portal.Address) string { return strings.Join(a.Lines(), ", ") }
