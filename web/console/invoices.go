package console

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

func (p pages) invoices(r *web.Request) error {
	l, err := p.listing(r)
	if err != nil {
		return err
	}
	out, err := list(r, l, p.ListInvoices, &api.ListInvoicesInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, InvoiceFilter: invoiceFilter(r, l)})
	if err != nil {
		return err
	}
	return r.Draw(l.status(), invoicesView(r, p.bulkInvoices(), l, out.Body.Invoices, out.Body.Next))
}

func (p pages) invoicesCSV(r *web.Request) error {
	return listedTable(p, r, p.InvoicesCSV, func(l *listing) *api.InvoicesCSVInput {
		return &api.InvoicesCSVInput{Org: r.Org.Slug, InvoiceFilter: invoiceFilter(r, l)}
	})
}

func invoiceFilter(r *web.Request, l *listing) api.InvoiceFilter {
	return api.InvoiceFilter{Status: r.Query("status"), Search: r.Query("q"), Sort: r.Query("sort"), Customer: l.customer, Days: l.days}
}

func (p pages) invoice(r *web.Request) error { return p.drawInvoice(r, nil) }

func (p pages) drawInvoice(r *web.Request, x *refusal) error {
	return p.drawInvoiceWith(r, x.status(), x, nil)
}

// drawInvoiceWith draws an invoice with a comment that was refused.
func (p pages) drawInvoiceWith(r *web.Request, status int, x *refusal, comment *web.Form) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	talk, err := r.Talk("invoice", i.ID, comment)
	if err != nil {
		return err
	}
	credit, err := p.creditFor(r, i)
	if err != nil {
		return err
	}
	return r.Draw(status, invoiceView(r, i, credit, x, talk))
}

func (p pages) readInvoice(r *web.Request) (api.Invoice, error) {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return api.Invoice{}, err
	}
	out, err := p.GetInvoice.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: id})
	if err != nil {
		return api.Invoice{}, err
	}
	return out.Body, nil
}

func (p pages) invoiceLive(r *web.Request) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), i.ID)
	return nil
}

func (p pages) sendInvoice(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.SendInvoice.Do(r.Context(), &api.SendInvoiceInput{Key: f.APIKey(), Org: r.Org.Slug, Invoice: id}); err != nil {
		x, err := refuse("send", f, err)
		if err != nil {
			return err
		}
		return p.drawInvoice(r, x)
	}
	return r.Redirect(with(r.Path("invoices", id.String()), "done", "sent"))
}

// resendInvoice has the invoice emailed again.
func (p pages) resendInvoice(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.ResendInvoice.Do(r.Context(), &api.SendInvoiceInput{Key: f.APIKey(), Org: r.Org.Slug, Invoice: id}); err != nil {
		x, err := refuse("resend", f, err)
		if err != nil {
			return err
		}
		return p.drawInvoice(r, x)
	}
	return r.Redirect(with(r.Path("invoices", id.String()), "done", "emailed"))
}

func (p pages) voidInvoice(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.VoidInvoice, &api.VoidInvoiceInput{Key: f.APIKey(), Org: r.Org.Slug, Invoice: id}); err != nil {
		x, err := refuse("void", f, err)
		if err != nil {
			return err
		}
		return p.drawInvoice(r, x)
	}
	return r.Redirect(with(r.Path("invoices", id.String()), "done", "voided"))
}

func (p pages) newInvoice(r *web.Request) error {
	customer, chosen, err := p.newDocument(r, "invoice")
	if err != nil || !chosen {
		return err
	}
	today := r.Today()
	f := web.NewForm("customer", customer.ID.String(), "currency", customer.Currency,
		"issue_date", today.String(), "due_date", today.AddDays(customer.TermsDays).String())
	ways := []string{"card", "bank_transfer"}
	if customer.BankDebitAllowed {
		ways = append(ways, "bank_debit")
	}
	f.Set("ways_to_pay", ways...)
	if err := p.takeOverEstimate(r, f); err != nil {
		return err
	}
	addLines(f)
	return p.drawNewInvoice(r, http.StatusOK, f, customer)
}

// takeOverEstimate begins an invoice with the content of the estimate that the address names, if it names one.
func (p pages) takeOverEstimate(r *web.Request, f *web.Form) error {
	id, err := uuid.Parse(r.Query("estimate"))
	if err != nil {
		return nil
	}
	out, err := p.GetEstimate.Do(r.Context(), &api.EstimateInput{Org: r.Org.Slug, Estimate: id})
	if err != nil {
		return err
	}
	e := out.Body
	f.Set("estimate", e.ID.String())
	f.Set("title", e.Title)
	f.Set("notes", e.Notes)
	f.Set("terms", e.Terms)
	f.Set("discount_percent", e.DiscountPercent)
	f.Set("currency", string(e.Total.Currency))
	startLines(f, e.Lines)
	return nil
}

func (p pages) drawNewInvoice(r *web.Request, status int, f *web.Form, customer api.Customer) error {
	c := formCurrency(f, portal.Currency(customer.Currency))
	return r.Draw(status, writeInvoiceView(r, "New invoice", "Save draft", writing{
		form: f, currency: c, sums: p.addUp(r, f, c), customer: customer, at: r.Path("invoices", "new"), back: r.Path("invoices"),
	}))
}

func (p pages) createInvoice(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	customer, err := p.postedCustomer(r, f)
	if err != nil {
		return err
	}
	if rearrange(f) {
		return p.drawNewInvoice(r, http.StatusOK, f, customer)
	}
	dropEmptyLines(f)
	readLines(f, formCurrency(f, portal.Currency(customer.Currency)))
	out, err := web.Submit(r, f, p.CreateInvoice, &api.CreateInvoiceInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		status, err := takeBack(f, err)
		if err != nil {
			return err
		}
		addLines(f)
		return p.drawNewInvoice(r, status, f, customer)
	}
	return r.Redirect(with(r.Path("invoices", out.Body.ID.String()), "done", "draft"))
}

func (p pages) editInvoice(r *web.Request) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	f := invoiceForm(i)
	addLines(f)
	return p.drawInvoiceEdit(r, http.StatusOK, f, i)
}

// invoiceForm is an invoice as it stands.
func invoiceForm(i api.Invoice) *web.Form {
	f := web.NewForm("title", i.Title, "notes", i.Notes, "terms", i.Terms, "issue_date", i.IssueDate.String(), "due_date", i.DueDate.String(),
		"discount_percent", i.DiscountPercent, "revision", version(i.Revision))
	f.Set("ways_to_pay", i.Ways...)
	if i.Plan != nil {
		f.Set("plan.deposit_percent", i.Plan.DepositPercent)
		f.Set("plan.parts", strconv.Itoa(i.Plan.Parts))
		f.Set("plan.first_on", i.Plan.FirstOn.String())
		f.Set("plan.every", string(i.Plan.Every))
	}
	startLines(f, i.Lines)
	return f
}

func (p pages) drawInvoiceEdit(r *web.Request, status int, f *web.Form, i api.Invoice) error {
	customer, err := p.customer(r, i.Customer)
	if err != nil {
		return err
	}
	at, save := r.Path("invoices", i.ID.String()), "Save draft"
	if i.Status != portal.InvoiceDraft {
		save = "Save changes"
	}
	return r.Draw(status, writeInvoiceView(r, "Edit "+i.Number, save, writing{
		form: f, currency: i.Total.Currency, sums: p.addUp(r, f, i.Total.Currency), customer: customer, settled: true, at: at + "/edit", back: at,
	}))
}

func (p pages) saveInvoice(r *web.Request) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if rearrange(f) {
		return p.drawInvoiceEdit(r, http.StatusOK, f, i)
	}
	dropEmptyLines(f)
	readLines(f, i.Total.Currency)
	if _, err := web.Submit(r, f, p.EditInvoice, &api.EditInvoiceInput{Org: r.Org.Slug, Invoice: i.ID}); err != nil {
		status, err := takeBackOver(f, err, func() (*web.Form, error) { now, err := p.readInvoice(r); return invoiceForm(now), err })
		if err != nil {
			return err
		}
		addLines(f)
		return p.drawInvoiceEdit(r, status, f, i)
	}
	return r.Redirect(with(r.Path("invoices", i.ID.String()), "done", "saved"))
}
