package portal

import (
	"countersign/api"
	"countersign/web"
	"countersign/web/ui"
)

// printAndDownload are the actions of a document's page; at is the document's address, file its own name below it.
func printAndDownload(at, file string) []ui.Action {
	return []ui.Action{
		{Label: "Download PDF", Icon: ui.IconDownload, Href: at + "/" + file, Download: true},
		{Label: "Print", Icon: ui.IconPrint, Print: true},
	}
}

func (p pages) estimateFile(r *web.Request) error {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return err
	}
	return web.Download(r, p.MyEstimateFile, &api.EstimateInput{Org: r.Org.Slug, Estimate: id})
}

func (p pages) invoiceFile(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	return web.Download(r, p.MyInvoiceFile, &api.InvoiceInput{Org: r.Org.Slug, Invoice: id})
}

func (p pages) receiptFile(r *web.Request) error {
	id, err := r.ID("payment", "receipt")
	if err != nil {
		return err
	}
	return web.Download(r, p.MyReceiptFile, &api.PaymentInput{Org: r.Org.Slug, Payment: id})
}

func (p pages) creditNoteFile(r *web.Request) error {
	id, err := r.ID("credit_note", "credit note")
	if err != nil {
		return err
	}
	return web.Download(r, p.MyCreditNoteFile, &api.CreditNoteInput{Org: r.Org.Slug, CreditNote: id})
}

func (p pages) certificate(r *web.Request) error {
	id, err := r.ID("decision", "decision")
	if err != nil {
		return err
	}
	return web.Download(r, p.MyCertificateFile, &api.DecisionInput{Org: r.Org.Slug, Decision: id})
}
