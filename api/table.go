package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
)

// TableOutput is a file with all of a list, written while the list is read.
type TableOutput struct {
	FileHeaders
	Body func(huma.Context)
	send func(http.ResponseWriter)
}

// Send writes the file. One that can't be written to its end is broken off, so
// that nobody takes a part of it for the whole.
func (o *TableOutput) Send(w http.ResponseWriter) { o.send(w) }

// table is a list as a file has it.
type table[R any] struct {
	title   string
	columns []string
	// page is the list's own: the file has what its pages have, in their order.
	page func(context.Context, Page) (rows []R, next string, err error)
	// row has a cell for each column; moments become days of the zone.
	row func(r R, zone *time.Location) []any
}

// A file takes so many rows at a time from its list, and gives its reader so long to take them.
const (
	tableBatch = 500
	readerTime = time.Minute
)

// tableOf answers with all of a list. Its first rows are read before anything is
// said, so that what can't be listed is refused as the list refuses it. Each batch is
// a transaction of its own: a slow reader holds up nobody.
func tableOf[R any](ctx context.Context, a *API, t table[R]) (*TableOutput, error) {
	var org dbsqlc.Organization
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		org, err = q.GetOrganization(ctx, principal(ctx).Org)
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, next, err := t.page(ctx, Page{Size: tableBatch})
	if err != nil {
		return nil, err
	}
	out := &TableOutput{FileHeaders: headersOf(documents.TableName(org.Name, t.title), documents.TypeCSV)}
	out.send = func(w http.ResponseWriter) {
		connection := http.NewResponseController(w)
		file := documents.NewTable(w, t.columns...)
		for {
			// Where there is no deadline to set, none was set either.
			_ = connection.SetWriteDeadline(time.Now().Add(readerTime))
			for _, r := range rows {
				file.Row(t.row(r, zoneOf(org))...)
			}
			if err = file.Flush(); err != nil || next == "" {
				break
			}
			if rows, next, err = pageOfTable(ctx, a, t.page, next); err != nil {
				a.Log.ErrorContext(ctx, "A list broke off while it was downloaded.", "title", t.title, "error", err)
				break
			}
		}
		if err != nil {
			breakOff(connection)
			return
		}
		_ = connection.SetWriteDeadline(time.Time{})
	}
	out.Body = func(h huma.Context) {
		w, ok := h.BodyWriter().(http.ResponseWriter)
		if !ok {
			panic(http.ErrAbortHandler) // every adapter of HTTP has one
		}
		out.send(w)
	}
	return out, nil
}

// pageOfTable reads another batch, which has its own time: the request's is for its beginning.
func pageOfTable[R any](ctx context.Context, a *API, page func(context.Context, Page) ([]R, string, error), after string) ([]R, string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Times.Answer+a.Times.Patience)
	defer cancel()
	return page(ctx, Page{After: after, Size: tableBatch})
}

// breakOff ends a connection without the end that a whole answer has: what is
// still to be written comes too late.
func breakOff(connection *http.ResponseController) {
	if connection.SetWriteDeadline(time.Unix(1, 0)) != nil {
		panic(http.ErrAbortHandler)
	}
}

// title says what is listed and of which days.
func (d Days) title(what string) string {
	switch {
	case d == (Days{}):
		return what
	case d.From.IsZero():
		return what + " until " + d.To.String()
	case d.To.IsZero():
		return what + " since " + d.From.String()
	default:
		return what + " " + d.From.String() + " to " + d.To.String()
	}
}

func dayOf(at *time.Time, zone *time.Location) portal.Date {
	if at == nil {
		return portal.Date{}
	}
	return portal.DateOf(*at, zone)
}
