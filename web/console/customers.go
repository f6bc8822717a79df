package console

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// someOf is how many of a customer's documents of each kind its page shows; the rest is in the lists.
const someOf = 5

func (p pages) customers(r *web.Request) error {
	out, err := p.ListCustomers.Do(r.Context(), &api.ListCustomersInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, Status: r.Query("status"), Search: r.Query("q"), Sort: r.Query("sort"),
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, customersView(r, out.Body.Customers, out.Body.Next))
}

// dealings are what there is between the organization and one customer.
type dealings struct {
	customer    api.Customer
	invoices    []api.InvoiceSummary
	estimates   []api.EstimateSummary
	payments    []api.PaymentSummary
	creditNotes []api.CreditNote
	methods     []api.PaymentMethod
	requests    []api.MethodRequest
	autopay     api.AutopayStanding
	activity    []api.Activity
	reviews     []api.Review
	// olderReviews is where the next page of reviews begins; empty for the last one.
	olderReviews string
}

func (p pages) readDealings(r *web.Request) (d dealings, err error) {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return d, err
	}
	if d.customer, err = p.customer(r, id); err != nil {
		return d, err
	}
	ctx, few := r.Context(), api.Page{Size: someOf}
	invoices, err := p.ListInvoices.Do(ctx, &api.ListInvoicesInput{Org: r.Org.Slug, Page: few, InvoiceFilter: api.InvoiceFilter{Customer: id}})
	if err != nil {
		return d, err
	}
	estimates, err := p.ListEstimates.Do(ctx, &api.ListEstimatesInput{Org: r.Org.Slug, Page: few, EstimateFilter: api.EstimateFilter{Customer: id}})
	if err != nil {
		return d, err
	}
	payments, err := p.ListPayments.Do(ctx, &api.ListPaymentsInput{Org: r.Org.Slug, Page: few, PaymentFilter: api.PaymentFilter{Customer: id}})
	if err != nil {
		return d, err
	}
	notes, err := p.ListCreditNotes.Do(ctx, &api.ListCreditNotesInput{Org: r.Org.Slug, Page: few, CreditNoteFilter: api.CreditNoteFilter{Customer: id}})
	if err != nil {
		return d, err
	}
	methods, err := p.ListMethods.Do(ctx, &api.ListMethodsInput{Org: r.Org.Slug, Customer: id})
	if err != nil {
		return d, err
	}
	autopay, err := p.GetAutopay.Do(ctx, &api.AutopayInput{Org: r.Org.Slug, Customer: id})
	if err != nil {
		return d, err
	}
	d.autopay = autopay.Body
	activity, err := p.ListActivity.Do(ctx, &api.ListActivityInput{Org: r.Org.Slug, Page: api.Page{Size: 10}, Customer: id})
	if err != nil {
		return d, err
	}
	d.invoices, d.estimates, d.payments = invoices.Body.Invoices, estimates.Body.Estimates, payments.Body.Payments
	d.creditNotes, d.methods, d.requests, d.activity = notes.Body.CreditNotes, methods.Body.Methods, methods.Body.Requests, activity.Body.Activity
	return d, nil
}

func (p pages) customerPage(r *web.Request) error { return p.drawCustomer(r, nil, nil) }

func (p pages) drawCustomer(r *web.Request, x *refusal, results []api.ContactAccessResult) error {
	d, err := p.readDealings(r)
	if err != nil {
		return err
	}
	if d.reviews, d.olderReviews, err = p.reviewsOf(r, d.customer.ID); err != nil {
		return err
	}
	return r.Draw(x.status(), customerView(r, d, x, results))
}

func (p pages) newCustomer(r *web.Request) error {
	f := web.NewForm("currency", string(r.Org.Currency), "terms_days", "30")
	return r.Draw(http.StatusOK, newCustomerView(r, f))
}

func (p pages) createCustomer(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.CreateCustomer, &api.CreateCustomerInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		return again(r, f, err, newCustomerView(r, f))
	}
	return r.Redirect(with(r.Path("customers", out.Body.ID.String()), "done", "customer"))
}

func (p pages) editCustomer(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	f, err := p.customerForm(r, id)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, editCustomerView(r, id, f))
}

// customerForm is a customer as it stands.
func (p pages) customerForm(r *web.Request, id uuid.UUID) (*web.Form, error) {
	c, err := p.customer(r, id)
	if err != nil {
		return nil, err
	}
	f := web.NewForm("version", strconv.Itoa(c.Version), "number", c.Number, "name", c.Name, "email", c.Email, "phone", c.Phone, "website", c.Website,
		"tax_number", c.TaxNumber, "currency", c.Currency, "terms_days", strconv.Itoa(c.TermsDays), "notes", c.Notes, "bank_debit_allowed", on(c.BankDebitAllowed))
	startAddress(f, "billing_address", c.BillingAddress)
	startAddress(f, "shipping_address", c.ShippingAddress)
	return f, nil
}

func (p pages) saveCustomer(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.EditCustomer, &api.EditCustomerInput{Org: r.Org.Slug, Customer: id}); err != nil {
		return againOver(r, f, err, func() (*web.Form, error) { return p.customerForm(r, id) }, editCustomerView(r, id, f))
	}
	return r.Redirect(with(r.Path("customers", id.String()), "done", "saved"))
}

// startAddress begins a form with an address.
func startAddress(f *web.Form, name string, a portal.Address) {
	for field, value := range map[string]string{
		"line1": a.Line1, "line2": a.Line2, "city": a.City, "region": a.Region, "postal_code": a.PostalCode, "country": a.Country,
	} {
		f.Set(name+"."+field, value)
	}
}

// narrowed is a list that its address may narrow to one customer: whose it is, in words for its subtitle.
type narrowed struct {
	customer uuid.UUID
	words    string
}

func (p pages) narrowed(r *web.Request) (narrowed, error) {
	id, none := uuid.Parse(r.Query("customer"))
	if none != nil {
		return narrowed{}, nil
	}
	c, err := p.customer(r, id)
	return narrowed{id, "Of " + c.Name}, err
}
