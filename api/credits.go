package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type creditOperations struct {
	ListMyCredit *Operation[ListCreditInput, ListCreditOutput]
}

// ListCreditInput asks for a page of how credit came and went, newest first.
type ListCreditInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
}

// ListCreditOutput is a page of how a customer's credit came and went, with what is left of it, R19.
type ListCreditOutput struct {
	Body struct {
		Left      []portal.Money   `json:"left" doc:"What the organization owes the customer, one amount a currency."`
		Movements []CreditMovement `json:"movements"`
		Next      string           `json:"next,omitempty"`
	}
}

// CreditMovement is credit that came or went.
type CreditMovement struct {
	ID     uuid.UUID    `json:"id"`
	At     time.Time    `json:"at"`
	Amount portal.Money `json:"amount" doc:"Below zero where credit went."`
	Reason string       `json:"reason" enum:"credit_note,overpayment,unapplied,returned,applied,refund,dispute" doc:"unapplied is credit that an invoice gave up because the money behind it went back, returned is money that came back after all."`
	// Why is the credit note's reason, in staff's words.
	Why        string        `json:"why,omitempty"`
	CreditNote *DocumentLink `json:"credit_note,omitempty"`
	Payment    *DocumentLink `json:"payment,omitempty" doc:"With its receipt's number."`
	Invoice    *DocumentLink `json:"invoice,omitempty" doc:"The one that it paid, or came back from."`
}

func (a *API) declareCredits() {
	a.ListMyCredit = declare(a, route{
		id: "list-my-credit", method: http.MethodGet, path: "/api/{org}/portal/credit", tag: "Credit notes",
		summary: "List how credit came and went, and what is left", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.listMyCredit)
}

func (a *API) listMyCredit(ctx context.Context, in *ListCreditInput) (*ListCreditOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	out := &ListCreditOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		if out.Body.Left, err = creditsOf(ctx, q, p.Customer); err != nil {
			return err
		}
		rows, err := q.ListCreditEntries(ctx, dbsqlc.ListCreditEntriesParams{OrgID: p.Org, CustomerID: p.Customer, BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListCreditEntriesRow) cursor { return cursor{At: r.CreatedAt, ID: r.ID} })
		out.Body.Movements = make([]CreditMovement, len(rows))
		for n, r := range rows {
			out.Body.Movements[n] = CreditMovement{
				ID: r.ID, At: r.CreatedAt, Amount: portal.NewMoney(r.Amount, r.Currency), Reason: r.Reason, Why: r.CreditNoteReason,
				CreditNote: linkTo(r.CreditNoteID, r.CreditNoteNumber), Payment: linkTo(r.PaymentID, r.ReceiptNumber), Invoice: linkTo(r.InvoiceID, r.InvoiceNumber),
			}
		}
		return nil
	})
	return out, err
}

// linkTo names a document, where there is one that the reader may see.
func linkTo(id *uuid.UUID, number string) *DocumentLink {
	if id == nil || number == "" {
		return nil
	}
	return &DocumentLink{*id, number}
}
