package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// Mailed is an email about a document, and what became of it, N9.
type Mailed struct {
	ID        uuid.UUID `json:"id"`
	Subject   string    `json:"subject"`
	Recipient string    `json:"recipient"`
	Name      string    `json:"name,omitempty"`
	Status    string    `json:"status" enum:"queued,sent,delivered,delayed,bounced,complained,failed"`
	Detail    string    `json:"detail,omitempty" doc:"Why it failed."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at" doc:"When its status was last heard of."`
}

// mailedAbout is what was mailed about a document to others than staff, newest
// first, for staff.
func mailedAbout(ctx context.Context, q *dbsqlc.Queries, document uuid.UUID) ([]Mailed, error) {
	p := principal(ctx)
	if p.Side != portal.SideStaff {
		return nil, nil
	}
	rows, err := q.ListDeliveriesOfSubject(ctx, dbsqlc.ListDeliveriesOfSubjectParams{OrgID: p.Org, SubjectID: document})
	mailed := make([]Mailed, 0, len(rows))
	for _, d := range rows {
		mailed = append(mailed, Mailed{d.ID, d.Subject, d.Recipient, d.RecipientName, d.Status, d.Detail, d.CreatedAt, d.UpdatedAt})
	}
	return mailed, err
}
