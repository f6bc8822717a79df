package console

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// What staff do about money that is there already: give it back, or record it.

func (p pages) newRefund(r *web.Request) error {
	paid, err := p.readRefundable(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, refundView(r, paid, web.NewForm("amount", paid.Refundable.Decimal())))
}

func (p pages) readRefundable(r *web.Request) (api.Payment, error) {
	paid, err := p.readPayment(r)
	if err == nil && paid.Refundable == nil {
		err = portal.Conflict("Only a payment that succeeded can be refunded.")
	}
	return paid, err
}

func (p pages) refund(r *web.Request) error {
	paid, err := p.readRefundable(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Money("amount", paid.Amount.Currency)
	if _, err := web.Submit(r, f, p.RefundPayment, &api.RefundPaymentInput{Key: f.APIKey(), Org: r.Org.Slug, Payment: paid.ID}); err != nil {
		return again(r, f, err, refundView(r, paid, f))
	}
	return r.Redirect(with(r.Path("payments", paid.ID.String()), "done", "refunded"))
}

// incoming is money being recorded: of whom, and what they owe.
type incoming struct {
	customer api.Customer
	owed     []api.InvoiceSummary
}

// readIncoming reads what a customer owes, what is late first; the invoices that are named are always among it.
func (p pages) readIncoming(r *web.Request, named ...string) (in incoming, err error) {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return in, err
	}
	if in.customer, err = p.customer(r, id); err != nil {
		return in, err
	}
	out, err := p.ListInvoices.Do(r.Context(), &api.ListInvoicesInput{Org: r.Org.Slug, InvoiceFilter: api.InvoiceFilter{Customer: id, Status: "unpaid", Sort: "due"}, Page: api.Page{Size: 100}})
	if err != nil {
		return in, err
	}
	in.owed = out.Body.Invoices
	for _, text := range named {
		id, none := uuid.Parse(text)
		if none != nil || slices.ContainsFunc(in.owed, func(i api.InvoiceSummary) bool { return i.ID == id }) {
			continue
		}
		out, err := p.GetInvoice.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: id})
		if err == nil && out.Body.Customer == in.customer.ID && out.Body.Due.Amount > 0 {
			in.owed = slices.Insert(in.owed, 0, out.Body.InvoiceSummary)
		}
	}
	return in, nil
}

func (in incoming) currency() portal.Currency { return portal.Currency(in.customer.Currency) }

func (p pages) newIncoming(r *web.Request) error {
	in, err := p.readIncoming(r, r.Query("invoice"))
	if err != nil {
		return err
	}
	f := web.NewForm("kind", "bank_transfer", "received_on", r.Today().String(), "currency", string(in.currency()))
	if id, err := uuid.Parse(r.Query("invoice")); err == nil {
		for _, i := range in.owed {
			if i.ID == id {
				f.Set("invoices", id.String())
				f.Set("total", i.Due.Decimal())
				f.Set("currency", string(i.Due.Currency))
			}
		}
	}
	return r.Draw(http.StatusOK, incomingView(r, in, f))
}

func (p pages) recordPayment(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	in, err := p.readIncoming(r, f.Values("invoices")...)
	if err != nil {
		return err
	}
	f.Set("customer", in.customer.ID.String())
	f.Money("total", formCurrency(f, in.currency()))
	out, err := web.Submit(r, f, p.RecordPayment, &api.RecordPaymentInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		return again(r, f, err, incomingView(r, in, f))
	}
	return r.Redirect(with(r.Path("payments", out.Body.ID.String()), "done", "recorded"))
}

// payOutCredit records that a customer's credit was paid out.
func (p pages) payOutCredit(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	c, err := p.customer(r, id)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Money("amount", formCurrency(f, portal.Currency(c.Currency)))
	if _, err := web.Submit(r, f, p.PayOutCredit, &api.PayOutCreditInput{Key: f.APIKey(), Org: r.Org.Slug, Customer: id}); err != nil {
		x, err := refuse("payout", f, err)
		if err != nil {
			return err
		}
		return p.drawCustomer(r, x, nil)
	}
	return r.Redirect(with(r.Path("customers", id.String()), "done", "paid_out"))
}

// useCredit pays an invoice from its customer's credit.
func (p pages) useCredit(r *web.Request) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Set("invoices", i.ID.String())
	if _, err := web.Submit(r, f, p.UseCredit, &api.UseCreditInput{Key: f.APIKey(), Org: r.Org.Slug, Customer: i.Customer}); err != nil {
		x, err := refuse("credit", f, err)
		if err != nil {
			return err
		}
		return p.drawInvoice(r, x)
	}
	return r.Redirect(with(r.Path("invoices", i.ID.String()), "done", "credit_used"))
}

// creditFor is the credit that an invoice's customer could pay it from.
func (p pages) creditFor(r *web.Request, i api.Invoice) (portal.Money, error) {
	none := portal.NewMoney(0, i.Due.Currency)
	if i.Status == portal.InvoiceDraft || i.Due.Amount == 0 {
		return none, nil
	}
	customer, err := p.customer(r, i.Customer)
	if err != nil {
		return none, err
	}
	for _, credit := range customer.Credits {
		if credit.Currency == i.Due.Currency {
			return portal.NewMoney(min(max(credit.Amount, 0), i.Due.Amount), credit.Currency), nil
		}
	}
	return none, nil
}
