package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// mostUnread is how far the bell counts: past it, it says 99+.
const mostUnread = 100

type bellOperations struct {
	ListBell    *Operation[ListBellInput, ListBellOutput]
	CountUnread *Operation[BellInput, UnreadOutput]
	ReadBell    *Operation[ReadBellInput, UnreadOutput]
	ReadBellOne *Operation[ReadBellOneInput, UnreadOutput]
}

// BellInput needs nothing: the bell is the caller's own.
type BellInput struct {
	Org string `path:"org" maxLength:"40"`
}

// ListBellInput asks for a page of what rings, newest first, R51.
type ListBellInput struct {
	Page
	Org      string `path:"org" maxLength:"40"`
	Comments bool   `query:"comments" doc:"Only what contacts commented."`
}

// ListBellOutput is a page of what rings.
type ListBellOutput struct {
	Body struct {
		Rings  []Ring `json:"rings"`
		Unread int    `json:"unread" doc:"At most 100, which means that many or more."`
		Next   string `json:"next,omitempty"`
	}
}

// Ring is one thing that a contact did, or an email that did not arrive.
type Ring struct {
	Activity
	Read bool `json:"read"`
}

// UnreadOutput is how much of what rings the caller has not read.
type UnreadOutput struct {
	Body struct {
		Unread int `json:"unread" doc:"At most 100, which means that many or more."`
	}
}

// ReadBellInput marks as read all that was on screen: what came after it stays
// unread.
type ReadBellInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Through uuid.UUID `json:"through" doc:"The newest one that was on screen."`
	}
}

// ReadBellOneInput marks one thing as read.
type ReadBellOneInput struct {
	Org   string    `path:"org" maxLength:"40"`
	Event uuid.UUID `path:"event"`
}

func (a *API) declareBell() {
	a.ListBell = declare(a, route{
		id: "list-bell", method: http.MethodGet, path: "/api/{org}/console/bell", tag: "Activity",
		summary: "List what contacts did, and emails that did not arrive", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, person(a.listBell))
	a.CountUnread = declare(a, route{
		id: "count-unread", method: http.MethodGet, path: "/api/{org}/console/bell/unread", tag: "Activity",
		summary: "Count what the caller has not read", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, person(a.countUnread))
	a.ReadBell = declare(a, route{
		id: "read-bell", method: http.MethodPost, path: "/api/{org}/console/bell/read", tag: "Activity",
		summary: "Mark all as read", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, person(a.readBell))
	a.ReadBellOne = declare(a, route{
		id: "read-bell-one", method: http.MethodPost, path: "/api/{org}/console/bell/{event}/read", tag: "Activity",
		summary: "Mark one as read", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, person(a.readBellOne))
}

func (a *API) listBell(ctx context.Context, in *ListBellInput) (*ListBellOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	out := &ListBellOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		rows, err := q.ListBell(ctx, dbsqlc.ListBellParams{OrgID: p.Org, StaffID: p.Actor, Comments: in.Comments, Before: from.ID, PageSize: in.size() + 1})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListBellRow) cursor { return cursor{ID: r.ID} })
		out.Body.Rings = make([]Ring, 0, len(rows))
		for _, r := range rows {
			entry := entryOf(dbsqlc.Event{ID: r.ID, Kind: r.Kind, ActorName: r.ActorName, ActorKind: r.ActorKind, At: r.At, Data: r.Data})
			entry.Text = Sentence(entry, documentOf(r.SubjectKind, r.CustomerName, r.Number), org.Locale)
			out.Body.Rings = append(out.Body.Rings, Ring{Activity{entry, r.CustomerID, r.CustomerName, r.SubjectKind, r.SubjectID, r.Number}, r.Read})
		}
		out.Body.Unread, err = unread(ctx, q)
		return err
	})
	return out, err
}

func unread(ctx context.Context, q *dbsqlc.Queries) (int, error) {
	p := principal(ctx)
	n, err := q.CountUnread(ctx, dbsqlc.CountUnreadParams{OrgID: p.Org, StaffID: p.Actor, Most: mostUnread})
	return int(n), err
}

func (a *API) countUnread(ctx context.Context, _ *BellInput) (*UnreadOutput, error) {
	out := &UnreadOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body.Unread, err = unread(ctx, q)
		return err
	})
	return out, err
}

func (a *API) readBell(ctx context.Context, in *ReadBellInput) (*UnreadOutput, error) {
	p, out := principal(ctx), &UnreadOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		rings, err := q.BellHas(ctx, dbsqlc.BellHasParams{OrgID: p.Org, ID: in.Body.Through})
		if err != nil {
			return err
		}
		if !rings {
			return portal.Invalid("This can't be marked as read.", portal.Field("through", "Name the newest one of the list."))
		}
		if err := q.ReadBellThrough(ctx, dbsqlc.ReadBellThroughParams{OrgID: p.Org, StaffID: p.Actor, Through: in.Body.Through}); err != nil {
			return err
		}
		out.Body.Unread, err = unread(ctx, q)
		return err
	})
	return out, err
}

func (a *API) readBellOne(ctx context.Context, in *ReadBellOneInput) (*UnreadOutput, error) {
	p, out := principal(ctx), &UnreadOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		rings, err := q.BellHas(ctx, dbsqlc.BellHasParams{OrgID: p.Org, ID: in.Event})
		if err != nil {
			return err
		}
		if !rings {
			return portal.NotFound("activity")
		}
		if _, err := q.ReadBellOne(ctx, dbsqlc.ReadBellOneParams{OrgID: p.Org, StaffID: p.Actor, EventID: in.Event}); err != nil {
			return err
		}
		out.Body.Unread, err = unread(ctx, q)
		return err
	})
	return out, err
}
