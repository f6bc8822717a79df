package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// cursor is where a page of a list ended: the sort key and the ID of its last row.
type cursor struct {
	At   time.Time   `json:"t,omitzero"`
	Key  int64       `json:"k,omitempty"`
	Text string      `json:"s,omitempty"`
	Day  portal.Date `json:"d,omitzero"`
	ID   uuid.UUID   `json:"i"`
}

// newest is before everything, newest first.
func newest() cursor {
	return cursor{Day: portal.NewDate(9999, 12, 31), At: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), ID: uuid.Max}
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor reads what a caller sends back of a page; empty is start.
func readCursor(after string, start cursor) (cursor, error) {
	if after == "" {
		return start, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(after)
	var c cursor
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return c, portal.Invalid("This page of the list can't be found.", portal.Field("after", "Use the next of the page before."))
	}
	return c, nil
}

// size is how many rows a page has, one more being read to know if there is a next.
func (p Page) size() int32 {
	if p.Size == 0 {
		return 25
	}
	return int32(p.Size)
}

// pageOf cuts the row too many off and says where the next page begins.
func pageOf[R any](rows []R, size int32, at func(R) cursor) ([]R, string) {
	if len(rows) <= int(size) {
		return rows, ""
	}
	rows = rows[:size]
	return rows, at(rows[size-1]).String()
}

// Days narrow a list to what is dated within them, both ends included.
type Days struct {
	From portal.Date `query:"from" doc:"The first day, in the organization's time zone; none is from the beginning."`
	To   portal.Date `query:"to" doc:"The last day; none is until the end."`
}

func (d Days) check() error {
	if !d.From.IsZero() && !d.To.IsZero() && d.To.Before(d.From) {
		return portal.Invalid("The period ends before it begins.", portal.Field("to", "The period ends before it begins."))
	}
	return nil
}

// moments are when the days begin and when they are over, for lists that are dated by the clock.
func (d Days) moments(ctx context.Context, q *dbsqlc.Queries) (since, before *time.Time, err error) {
	if d == (Days{}) {
		return nil, nil, nil
	}
	org, err := q.GetOrganization(ctx, principal(ctx).Org)
	if err != nil {
		return nil, nil, err
	}
	if !d.From.IsZero() {
		since = new(d.From.StartOfDay(zoneOf(org)))
	}
	if !d.To.IsZero() {
		before = new(d.To.EndOfDay(zoneOf(org)))
	}
	return since, before, nil
}

// pattern is what ILIKE looks for to find text anywhere; empty finds all.
func pattern(search string) string {
	search = strings.TrimSpace(search)
	if search == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(search) + "%"
}
