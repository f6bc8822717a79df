package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type activityOperations struct {
	ListActivity *Operation[ListActivityInput, ListActivityOutput]
}

// ListActivityInput asks for a page of what happened, newest first, R51.
type ListActivityInput struct {
	Page
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `query:"customer" doc:"With one customer alone."`
	Contacts bool      `query:"contacts" doc:"Only what contacts did in the portal."`
}

// ListActivityOutput is a page of what happened.
type ListActivityOutput struct {
	Body struct {
		Activity []Activity `json:"activity"`
		Next     string     `json:"next,omitempty"`
	}
}

// Activity is one thing that happened, and where to look at it.
type Activity struct {
	TimelineEntry
	Customer     *uuid.UUID `json:"customer,omitempty"`
	CustomerName string     `json:"customer_name,omitempty"`
	SubjectKind  string     `json:"subject_kind" doc:"What it is about: estimate, invoice, payment, contact, customer and so on."`
	Subject      uuid.UUID  `json:"subject"`
	Number       string     `json:"number,omitempty" doc:"The document's, or the receipt's."`
}

func (a *API) declareActivity() {
	a.ListActivity = declare(a, route{
		id: "list-activity", method: http.MethodGet, path: "/api/{org}/console/activity", tag: "Activity",
		summary: "List what happened, in plain words", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, a.listActivity)
}

func (a *API) listActivity(ctx context.Context, in *ListActivityInput) (*ListActivityOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	out := &ListActivityOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		rows, err := q.ListActivity(ctx, dbsqlc.ListActivityParams{
			OrgID: p.Org, CustomerID: optional(in.Customer), ByContacts: in.Contacts, Before: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListActivityRow) cursor { return cursor{ID: r.ID} })
		out.Body.Activity = make([]Activity, 0, len(rows))
		for _, r := range rows {
			entry := entryOf(dbsqlc.Event{ID: r.ID, Kind: r.Kind, ActorName: r.ActorName, ActorKind: r.ActorKind, At: r.At, Data: r.Data})
			entry.Text = Sentence(entry, documentOf(r.SubjectKind, r.CustomerName, r.Number), org.Locale)
			out.Body.Activity = append(out.Body.Activity, Activity{entry, r.CustomerID, r.CustomerName, r.SubjectKind, r.SubjectID, r.Number})
		}
		return nil
	})
	return out, err
}

// documentOf names what an event is about, where it doesn't stand beside it.
func documentOf(subject, customer, number string) string {
	if subject == "customer" && customer != "" {
		return customer
	}
	return portal.DocumentName(subject, number)
}
