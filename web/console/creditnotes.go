package console

import (
	"net/http"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

func (p pages) creditNotes(r *web.Request) error {
	l, err := p.listing(r)
	if err != nil {
		return err
	}
	out, err := list(r, l, p.ListCreditNotes, &api.ListCreditNotesInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, CreditNoteFilter: creditNoteFilter(r, l)})
	if err != nil {
		return err
	}
	return r.Draw(l.status(), creditNotesView(r, l, out.Body.CreditNotes, out.Body.Next))
}

func (p pages) creditNotesCSV(r *web.Request) error {
	return listedTable(p, r, p.CreditNotesCSV, func(l *listing) *api.CreditNotesCSVInput {
		return &api.CreditNotesCSVInput{Org: r.Org.Slug, CreditNoteFilter: creditNoteFilter(r, l)}
	})
}

func creditNoteFilter(r *web.Request, l *listing) api.CreditNoteFilter {
	return api.CreditNoteFilter{Search: r.Query("q"), Customer: l.customer, Days: l.days}
}

// correction is a credit note being written: for whom, and the invoice that it corrects, if it corrects one.
type correction struct {
	customer api.Customer
	invoice  *api.Invoice
}

// readCorrection reads what the credit note is about; invoice is the one that the address or the form names.
func (p pages) readCorrection(r *web.Request, invoice string) (c correction, err error) {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return c, err
	}
	if c.customer, err = p.customer(r, id); err != nil {
		return c, err
	}
	corrected, none := uuid.Parse(invoice)
	if none != nil {
		return c, nil
	}
	out, err := p.GetInvoice.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: corrected})
	if err != nil {
		return c, err
	}
	c.invoice = &out.Body
	return c, nil
}

func (c correction) currency() portal.Currency {
	if c.invoice != nil {
		return c.invoice.Total.Currency
	}
	return portal.Currency(c.customer.Currency)
}

func (p pages) newCreditNote(r *web.Request) error {
	c, err := p.readCorrection(r, r.Query("invoice"))
	if err != nil {
		return err
	}
	f := web.NewForm("currency", string(c.currency()), "issue_date", r.Today().String())
	return r.Draw(http.StatusOK, newCreditNoteView(r, c, f))
}

func (p pages) createCreditNote(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	c, err := p.readCorrection(r, f.Value("invoice"))
	if err != nil {
		return err
	}
	f.Set("customer", c.customer.ID.String())
	f.Money("amount", formCurrency(f, c.currency()))
	if _, err := web.Submit(r, f, p.CreateCreditNote, &api.CreateCreditNoteInput{Key: f.APIKey(), Org: r.Org.Slug}); err != nil {
		return again(r, f, err, newCreditNoteView(r, c, f))
	}
	return r.Redirect(with(r.Path("customers", c.customer.ID.String()), "done", "credited"))
}
