package console

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// writing is a document that is being written: the page around its form.
type writing struct {
	form     *web.Form
	currency portal.Currency
	sums     sums
	customer api.Customer
	// settled says that the currency can't change any more: the document exists.
	settled bool
	// at is where the form is posted, back where its writer came from.
	at, back string
}

// newDocument begins a document for the customer that the address names. Without one it answers with a page that asks for
// whom the document is, and chosen is false.
func (p pages) newDocument(r *web.Request, kind string) (customer api.Customer, chosen bool, err error) {
	if id, none := uuid.Parse(r.Query("customer")); none == nil {
		customer, err = p.customer(r, id)
		return customer, err == nil, err
	}
	out, err := p.ListCustomers.Do(r.Context(), &api.ListCustomersInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, Search: r.Query("q")})
	if err != nil {
		return customer, false, err
	}
	return customer, false, r.Draw(http.StatusOK, chooseCustomerView(r, kind, out.Body.Customers, out.Body.Next))
}

// customer reads a customer.
func (p pages) customer(r *web.Request, id uuid.UUID) (api.Customer, error) {
	out, err := p.GetCustomer.Do(r.Context(), &api.CustomerInput{Org: r.Org.Slug, Customer: id})
	if err != nil {
		return api.Customer{}, err
	}
	return out.Body, nil
}

// postedCustomer reads the customer that a form is for.
func (p pages) postedCustomer(r *web.Request, f *web.Form) (api.Customer, error) {
	id, err := uuid.Parse(f.Value("customer"))
	if err != nil {
		return api.Customer{}, portal.NotFound("customer")
	}
	return p.customer(r, id)
}

// join writes what there is to say with dots between.
func join(parts ...string) string {
	var said []string
	for _, part := range parts {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, " · ")
}
