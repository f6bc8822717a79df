package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
)

// documentOperations answer with files. Reading one is no opening of the document:
// mail scanners and programs fetch them too, R50.
type documentOperations struct {
	MyEstimateFile    *Operation[EstimateInput, FileOutput]
	MyInvoiceFile     *Operation[InvoiceInput, FileOutput]
	MyReceiptFile     *Operation[PaymentInput, FileOutput]
	MyCreditNoteFile  *Operation[CreditNoteInput, FileOutput]
	MyCertificateFile *Operation[DecisionInput, FileOutput]

	EstimateFile    *Operation[EstimateInput, FileOutput]
	InvoiceFile     *Operation[InvoiceInput, FileOutput]
	ReceiptFile     *Operation[PaymentInput, FileOutput]
	CreditNoteFile  *Operation[CreditNoteInput, FileOutput]
	CertificateFile *Operation[DecisionInput, FileOutput]
}

// CreditNoteInput names a credit note.
type CreditNoteInput struct {
	Org        string    `path:"org" maxLength:"40"`
	CreditNote uuid.UUID `path:"credit_note"`
}

// DecisionInput names the record of a decision.
type DecisionInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Decision uuid.UUID `path:"decision"`
}

func (a *API) declareDocuments() {
	contact := func(id, path, tag, summary string) route {
		return route{id: id, method: http.MethodGet, path: "/api/{org}/portal/" + path, summary: summary, side: portal.SideContact, action: portal.ActionViewDocuments, tag: tag, media: documents.TypePDF}
	}
	staff := func(id, path, tag, summary string) route {
		return route{id: id, method: http.MethodGet, path: "/api/{org}/console/" + path, summary: summary, side: portal.SideStaff, action: portal.ActionViewDocuments, tag: tag, media: documents.TypePDF}
	}
	a.MyEstimateFile = declare(a, contact("get-my-estimate-pdf", "estimates/{estimate}/pdf", "Estimates", "Download an estimate as PDF"), a.estimateFile)
	a.MyInvoiceFile = declare(a, contact("get-my-invoice-pdf", "invoices/{invoice}/pdf", "Invoices", "Download an invoice as PDF"), a.invoiceFile)
	a.MyReceiptFile = declare(a, contact("get-my-receipt-pdf", "payments/{payment}/receipt.pdf", "Payments", "Download a payment's receipt as PDF"), a.receiptFile)
	a.MyCreditNoteFile = declare(a, contact("get-my-credit-note-pdf", "credit-notes/{credit_note}/pdf", "Credit notes", "Download a credit note as PDF"), a.creditNoteFile)
	a.MyCertificateFile = declare(a, contact("get-my-certificate-pdf", "decisions/{decision}/certificate.pdf", "Estimates", "Download the evidence of a decision as PDF"), a.certificateFile)
	a.EstimateFile = declare(a, staff("get-estimate-pdf", "estimates/{estimate}/pdf", "Estimates", "Download an estimate as PDF"), a.estimateFile)
	a.InvoiceFile = declare(a, staff("get-invoice-pdf", "invoices/{invoice}/pdf", "Invoices", "Download an invoice as PDF"), a.invoiceFile)
	a.ReceiptFile = declare(a, staff("get-receipt-pdf", "payments/{payment}/receipt.pdf", "Payments", "Download a payment's receipt as PDF"), a.receiptFile)
	a.CreditNoteFile = declare(a, staff("get-credit-note-pdf", "credit-notes/{credit_note}/pdf", "Credit notes", "Download a credit note as PDF"), a.creditNoteFile)
	a.CertificateFile = declare(a, staff("get-certificate-pdf", "decisions/{decision}/certificate.pdf", "Estimates", "Download the evidence of a decision as PDF"), a.certificateFile)
}

// draw answers with a document that is read at one moment. What isn't there, or
// isn't the caller's, is said to be no such thing.
func (a *API) draw(ctx context.Context, what string, read func(q *dbsqlc.Queries) (documents.File, error)) (*FileOutput, error) {
	var file documents.File
	err := a.DB.Snapshot(ctx, principal(ctx), func(q *dbsqlc.Queries) (err error) {
		file, err = read(q)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound(what)
	}
	if err != nil {
		return nil, err
	}
	return fileOf(file), nil
}

// estimateFile draws the version that the caller is to see, as getEstimate shows it.
func (a *API) estimateFile(ctx context.Context, in *EstimateInput) (*FileOutput, error) {
	p := principal(ctx)
	return a.draw(ctx, "estimate", func(q *dbsqlc.Queries) (documents.File, error) {
		row, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: p.Org, ID: in.Estimate})
		if err != nil {
			return documents.File{}, err
		}
		if err := mine(ctx, row.CustomerID, "estimate"); err != nil {
			return documents.File{}, err
		}
		shown := shownVersion(p, row)
		if shown == 0 {
			return documents.File{}, portal.NotFound("estimate") // never sent, R16
		}
		return documents.Estimate(ctx, q, p.Org, row.ID, int(shown))
	})
}

func (a *API) invoiceFile(ctx context.Context, in *InvoiceInput) (*FileOutput, error) {
	p := principal(ctx)
	return a.draw(ctx, "invoice", func(q *dbsqlc.Queries) (documents.File, error) {
		row, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: p.Org, ID: in.Invoice})
		if err != nil {
			return documents.File{}, err
		}
		if err := mine(ctx, row.CustomerID, "invoice"); err != nil {
			return documents.File{}, err
		}
		if p.Side == portal.SideContact && row.State == "draft" {
			return documents.File{}, portal.NotFound("invoice") // R16
		}
		return documents.Invoice(ctx, q, p.Org, row.ID)
	})
}

func (a *API) receiptFile(ctx context.Context, in *PaymentInput) (*FileOutput, error) {
	p := principal(ctx)
	return a.draw(ctx, "receipt", func(q *dbsqlc.Queries) (documents.File, error) {
		row, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: p.Org, ID: in.Payment})
		if err != nil {
			return documents.File{}, err
		}
		if err := mine(ctx, row.CustomerID, "receipt"); err != nil {
			return documents.File{}, err
		}
		return documents.Receipt(ctx, q, p.Org, row.ID)
	})
}

func (a *API) creditNoteFile(ctx context.Context, in *CreditNoteInput) (*FileOutput, error) {
	p := principal(ctx)
	return a.draw(ctx, "credit note", func(q *dbsqlc.Queries) (documents.File, error) {
		row, err := q.GetCreditNote(ctx, dbsqlc.GetCreditNoteParams{OrgID: p.Org, ID: in.CreditNote})
		if err != nil {
			return documents.File{}, err
		}
		if err := mine(ctx, row.CustomerID, "credit note"); err != nil {
			return documents.File{}, err
		}
		return documents.CreditNote(ctx, q, p.Org, row.ID)
	})
}

func (a *API) certificateFile(ctx context.Context, in *DecisionInput) (*FileOutput, error) {
	p := principal(ctx)
	return a.draw(ctx, "decision", func(q *dbsqlc.Queries) (documents.File, error) {
		row, err := q.GetDecisionByID(ctx, dbsqlc.GetDecisionByIDParams{OrgID: p.Org, ID: in.Decision})
		if err != nil {
			return documents.File{}, err
		}
		if err := mine(ctx, row.CustomerID, "decision"); err != nil {
			return documents.File{}, err
		}
		if p.Side == portal.SideContact && row.DocumentKind == "timesheet" { // R8, R10
			settings, err := a.settings(ctx)
			if err != nil {
				return documents.File{}, err
			}
			if err := settings.Allows(portal.FeatureTimesheets); err != nil {
				return documents.File{}, err
			}
		}
		return documents.Certificate(ctx, q, p.Org, row.ID)
	})
}
