package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
)

type creditNoteOperations struct {
	ListMyCreditNotes *Operation[ListCreditNotesInput, ListCreditNotesOutput]
	ListCreditNotes   *Operation[ListCreditNotesInput, ListCreditNotesOutput]
	CreditNotesCSV    *Operation[CreditNotesCSVInput, TableOutput]
	CreateCreditNote  *Operation[CreateCreditNoteInput, CreditNoteOutput]
}

// ListCreditNotesInput asks for a page of credit notes, last issued first.
type ListCreditNotesInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
	CreditNoteFilter
}

// CreditNotesCSVInput asks for all of the credit notes that a filter lists, as a file.
type CreditNotesCSVInput struct {
	Org string `path:"org" maxLength:"40"`
	CreditNoteFilter
}

// CreditNoteFilter says which credit notes are listed. Days are those of issue.
type CreditNoteFilter struct {
	Customer uuid.UUID `query:"customer" doc:"Of one customer; for staff."`
	Search   string    `query:"search" maxLength:"100" doc:"Part of a number, a reason or a customer's name."`
	Days
}

// ListCreditNotesOutput is a page of credit notes.
type ListCreditNotesOutput struct {
	Body struct {
		CreditNotes []CreditNote `json:"credit_notes"`
		Next        string       `json:"next,omitempty"`
	}
}

// CreditNote is an amount that the organization owes the customer, R19.
type CreditNote struct {
	ID           uuid.UUID     `json:"id"`
	Number       string        `json:"number"`
	Customer     uuid.UUID     `json:"customer"`
	CustomerName string        `json:"customer_name"`
	Amount       portal.Money  `json:"amount"`
	Reason       string        `json:"reason,omitempty"`
	IssueDate    portal.Date   `json:"issue_date"`
	Invoice      *DocumentLink `json:"invoice,omitempty" doc:"The invoice that it corrects."`
	CreatedAt    time.Time     `json:"created_at"`
}

// CreditNoteOutput is one credit note.
type CreditNoteOutput struct {
	Status int
	Body   CreditNote
}

// CreateCreditNoteInput gives a customer credit.
type CreateCreditNoteInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Customer  uuid.UUID   `json:"customer"`
		Invoice   *uuid.UUID  `json:"invoice,omitempty" doc:"The invoice that it corrects, if it corrects one."`
		Currency  string      `json:"currency,omitempty" maxLength:"3" doc:"The invoice's or the customer's, if none is given."`
		Amount    int64       `json:"amount" minimum:"1" maximum:"99999999999" doc:"In minor units."`
		Reason    string      `json:"reason,omitempty" maxLength:"500"`
		IssueDate portal.Date `json:"issue_date,omitzero" doc:"Today, if none is given."`
	}
}

func (a *API) declareCreditNotes() {
	a.ListMyCreditNotes = declare(a, route{
		id: "list-my-credit-notes", method: http.MethodGet, path: "/api/{org}/portal/credit-notes", tag: "Credit notes",
		summary: "List the credit notes received", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.listCreditNotes)
	a.ListCreditNotes = declare(a, route{
		id: "list-credit-notes", method: http.MethodGet, path: "/api/{org}/console/credit-notes", tag: "Credit notes",
		summary: "List credit notes", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.listCreditNotes)
	a.CreditNotesCSV = declare(a, route{
		id: "get-credit-notes-csv", method: http.MethodGet, path: "/api/{org}/console/credit-notes.csv", tag: "Credit notes", media: documents.TypeCSV,
		summary: "Download a list of credit notes as CSV", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.creditNotesCSV)
	a.CreateCreditNote = declare(a, route{
		id: "create-credit-note", method: http.MethodPost, path: "/api/{org}/console/credit-notes", tag: "Credit notes", status: http.StatusCreated,
		summary: "Give a customer credit", side: portal.SideStaff, action: portal.ActionManageDocuments,
	}, a.createCreditNote)
}

func (a *API) listCreditNotes(ctx context.Context, in *ListCreditNotesInput) (*ListCreditNotesOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	customer := optional(in.Customer)
	if p.Side == portal.SideContact {
		customer = &p.Customer
	}
	out := &ListCreditNotesOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListCreditNotes(ctx, dbsqlc.ListCreditNotesParams{
			OrgID: p.Org, CustomerID: customer, Search: pattern(in.Search), FromDay: optionalDay(in.From), ToDay: optionalDay(in.To),
			BeforeDay: from.Day, BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListCreditNotesRow) cursor {
			return cursor{Day: r.IssueDate, At: r.CreatedAt, ID: r.ID}
		})
		out.Body.CreditNotes = make([]CreditNote, 0, len(rows))
		for _, r := range rows {
			out.Body.CreditNotes = append(out.Body.CreditNotes, creditNoteOf(dbsqlc.GetCreditNoteRow(r)))
		}
		return nil
	})
	return out, err
}

// creditNotesCSV writes the list that listCreditNotes pages through.
func (a *API) creditNotesCSV(ctx context.Context, in *CreditNotesCSVInput) (*TableOutput, error) {
	return tableOf(ctx, a, table[CreditNote]{
		title:   in.title("Credit notes"),
		columns: []string{"Number", "Customer", "Issued", "Invoice", "Reason", "Currency", "Amount"},
		page: func(ctx context.Context, page Page) ([]CreditNote, string, error) {
			out, err := a.listCreditNotes(ctx, &ListCreditNotesInput{Page: page, Org: in.Org, CreditNoteFilter: in.CreditNoteFilter})
			if err != nil {
				return nil, "", err
			}
			return out.Body.CreditNotes, out.Body.Next, nil
		},
		row: func(n CreditNote, _ *time.Location) []any {
			invoice := ""
			if n.Invoice != nil {
				invoice = n.Invoice.Number
			}
			return []any{n.Number, n.CustomerName, n.IssueDate, invoice, n.Reason, n.Amount.Currency, n.Amount}
		},
	})
}

func creditNoteOf(r dbsqlc.GetCreditNoteRow) CreditNote {
	note := CreditNote{
		ID: r.ID, Number: r.Number, Customer: r.CustomerID, CustomerName: r.CustomerName, Amount: portal.NewMoney(r.Amount, r.Currency),
		Reason: r.Reason, IssueDate: r.IssueDate, CreatedAt: r.CreatedAt,
	}
	if r.InvoiceID != nil && r.InvoiceNumber != nil {
		note.Invoice = &DocumentLink{*r.InvoiceID, *r.InvoiceNumber}
	}
	return note
}

func (a *API) createCreditNote(ctx context.Context, in *CreateCreditNoteInput) (*CreditNoteOutput, error) {
	p := principal(ctx)
	out := &CreditNoteOutput{Status: http.StatusCreated}
	id := portal.BeginID(p.Org, p.Actor, "create-credit-note", in.Key.Key)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertCreditNote(ctx, q, id, in); err != nil {
				return err
			}
		}
		row, err := q.GetCreditNote(ctx, dbsqlc.GetCreditNoteParams{OrgID: p.Org, ID: id})
		out.Body = creditNoteOf(row)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) insertCreditNote(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, in *CreateCreditNoteInput) error {
	p, now, body := principal(ctx), a.now(), in.Body
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: body.Customer})
	if db.NotFound(err) {
		return portal.Invalid("Choose a customer.", portal.Field("customer", "Choose a customer."))
	}
	if err != nil {
		return err
	}
	currency := customer.Currency
	if body.Currency != "" {
		if currency, err = readCurrency(body.Currency); err != nil {
			return err
		}
	}
	if body.Invoice != nil {
		// Locked before a number is taken, in the order that everybody locks in.
		invoice, err := q.LockInvoice(ctx, dbsqlc.LockInvoiceParams{OrgID: p.Org, ID: *body.Invoice})
		switch {
		case db.NotFound(err), err == nil && invoice.CustomerID != customer.ID, err == nil && invoice.State == "draft":
			return portal.Invalid("This customer has no such invoice.", portal.Field("invoice", "Choose one of this customer's invoices."))
		case err != nil:
			return err
		case body.Currency != "" && invoice.Currency != currency:
			return portal.Invalid("The invoice is in another currency.", portal.Field("currency", "The invoice is in %s.", invoice.Currency))
		case body.Amount > invoice.Total:
			return portal.Invalid("This is more than the invoice.", portal.Field("amount", "Enter no more than the invoice's total."))
		}
		currency = invoice.Currency
	}
	if body.IssueDate.IsZero() {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		body.IssueDate = a.today(org)
	}
	n, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: p.Org, Kind: "credit_note"})
	if err != nil {
		return err
	}
	number := fmt.Sprintf("CN-%04d", n)
	if err := q.InsertCreditNote(ctx, dbsqlc.InsertCreditNoteParams{
		OrgID: p.Org, ID: id, CustomerID: customer.ID, InvoiceID: body.Invoice, Number: number, Currency: currency, Amount: body.Amount,
		Reason: body.Reason, IssueDate: body.IssueDate, CreatedBy: optional(p.Actor), At: now,
	}); err != nil {
		return err
	}
	if err := q.InsertCreditEntry(ctx, dbsqlc.InsertCreditEntryParams{
		OrgID: p.Org, ID: a.NewID(), CustomerID: customer.ID, Currency: currency, Amount: body.Amount, Reason: "credit_note", CreditNoteID: &id, At: now,
	}); err != nil {
		return err
	}
	data := map[string]any{"number": number, "amount": body.Amount, "currency": currency}
	if body.Invoice != nil {
		if err := a.record(ctx, q, p, happened{customer: customer.ID, kind: "invoice.credited", subject: "invoice", id: *body.Invoice, data: data}); err != nil {
			return err
		}
	}
	return a.record(ctx, q, p, happened{customer: customer.ID, kind: "credit_note.created", subject: "credit_note", id: id, data: data})
}
