package documents

import (
	"context"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/pdf"
	"countersign/portal"
)

// CreditNote draws a credit note. One that isn't there is pgx.ErrNoRows.
func CreditNote(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID) (File, error) {
	note, err := q.GetCreditNote(ctx, dbsqlc.GetCreditNoteParams{OrgID: org, ID: id})
	if err != nil {
		return File{}, err
	}
	s, err := readSides(ctx, q, org, note.CustomerID)
	if err != nil {
		return File{}, err
	}
	d := pdf.CreditNote{
		From: s.from, To: s.to, Number: note.Number, Issued: note.IssueDate, Reason: note.Reason, Amount: portal.NewMoney(note.Amount, note.Currency),
	}
	if note.InvoiceNumber != nil {
		d.Invoice = *note.InvoiceNumber
	}
	return drawn(d, s.org.Name, "Credit note "+note.Number)
}
