package console

import (
	"countersign/api"
	"countersign/web"
	"countersign/web/ui"
)

// printAndDownload are the actions of a document's page, before those that change it; at is the document's address, file its
// own name below it.
func printAndDownload(at, file string, more ...ui.Action) []ui.Action {
	return append([]ui.Action{
		{Label: "Download PDF", Icon: ui.IconDownload, Href: at + "/" + file, Download: true},
		{Label: "Print", Icon: ui.IconPrint, Print: true},
	}, more...)
}

func (p pages) estimateFile(r *web.Request) error {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return err
	}
	return web.Download(r, p.EstimateFile, &api.EstimateInput{Org: r.Org.Slug, Estimate: id})
}

func (p pages) invoiceFile(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	return web.Download(r, p.InvoiceFile, &api.InvoiceInput{Org: r.Org.Slug, Invoice: id})
}

func (p pages) receiptFile(r *web.Request) error {
	id, err := r.ID("payment", "receipt")
	if err != nil {
		return err
	}
	return web.Download(r, p.ReceiptFile, &api.PaymentInput{Org: r.Org.Slug, Payment: id})
}

func (p pages) creditNoteFile(r *web.Request) error {
	id, err := r.ID("credit_note", "credit note")
	if err != nil {
		return err
	}
	return web.Download(r, p.CreditNoteFile, &api.CreditNoteInput{Org: r.Org.Slug, CreditNote: id})
}

func (p pages) certificate(r *web.Request) error {
	id, err := r.ID("decision", "decision")
	if err != nil {
		return err
	}
	return web.Download(r, p.CertificateFile, &api.DecisionInput{Org: r.Org.Slug, Decision: id})
}
