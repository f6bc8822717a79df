package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type mailListOperations struct {
	ListMail *Operation[ListMailInput, ListMailOutput]
}

// ListMailInput asks for a page of what was mailed, newest first, N9.
type ListMailInput struct {
	Page
	Org         string    `path:"org" maxLength:"40"`
	Undelivered bool      `query:"undelivered" doc:"Only what did not arrive: bounced, marked as spam, or not sent."`
	Customer    uuid.UUID `query:"customer" doc:"To one customer alone."`
}

// ListMailOutput is a page of what was mailed.
type ListMailOutput struct {
	Body struct {
		Mail []MailedTo `json:"mail"`
		Next string     `json:"next,omitempty"`
	}
}

// MailedTo is an email, what it was about and what became of it.
type MailedTo struct {
	Mailed
	Template     string     `json:"template" doc:"Which of the product's emails it is."`
	Customer     *uuid.UUID `json:"customer,omitempty"`
	CustomerName string     `json:"customer_name,omitempty"`
	SubjectKind  string     `json:"subject_kind" doc:"What it is about: estimate, invoice, payment and so on."`
	About        uuid.UUID  `json:"about"`
}

func (a *API) declareMailList() {
	a.ListMail = declare(a, route{
		id: "list-mail", method: http.MethodGet, path: "/api/{org}/console/mail", tag: "Activity",
		summary: "List what was mailed, and what became of it", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, a.listMail)
}

func (a *API) listMail(ctx context.Context, in *ListMailInput) (*ListMailOutput, error) {
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	out := &ListMailOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListMail(ctx, dbsqlc.ListMailParams{
			OrgID: principal(ctx).Org, Undelivered: in.Undelivered, CustomerID: optional(in.Customer), BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListMailRow) cursor { return cursor{At: r.CreatedAt, ID: r.ID} })
		out.Body.Mail = make([]MailedTo, 0, len(rows))
		for _, r := range rows {
			out.Body.Mail = append(out.Body.Mail, MailedTo{
				Mailed{r.ID, r.Subject, r.Recipient, r.RecipientName, r.Status, r.Detail, r.CreatedAt, r.UpdatedAt},
				r.Template, r.CustomerID, r.CustomerName, r.SubjectKind, r.SubjectID,
			})
		}
		return nil
	})
	return out, err
}
