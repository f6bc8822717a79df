package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type customerOperations struct {
	ListCustomers  *Operation[ListCustomersInput, ListCustomersOutput]
	GetCustomer    *Operation[CustomerInput, CustomerOutput]
	CreateCustomer *Operation[CreateCustomerInput, CustomerOutput]
	EditCustomer   *Operation[EditCustomerInput, CustomerOutput]
}

// ListCustomersInput asks for a page of customers.
type ListCustomersInput struct {
	Page
	Org    string `path:"org" maxLength:"40"`
	Status string `query:"status" enum:",owing,overdue,access,no_access" doc:"owing and overdue: there are unpaid invoices; access: a contact was given access to the portal."`
	Search string `query:"search" maxLength:"100" doc:"Part of a name, a number or an email address, a contact's too."`
	Sort   string `query:"sort" enum:",name,-name"`
}

// ListCustomersOutput is a page of customers.
type ListCustomersOutput struct {
	Body struct {
		Customers []CustomerSummary `json:"customers"`
		Next      string            `json:"next,omitempty"`
	}
}

// CustomerSummary is a customer in a list.
type CustomerSummary struct {
	ID       uuid.UUID       `json:"id"`
	Number   string          `json:"number"`
	Name     string          `json:"name"`
	Email    string          `json:"email,omitempty"`
	Phone    string          `json:"phone,omitempty"`
	Currency portal.Currency `json:"currency"`
	// Access is the most that one of its contacts has, R12.
	Access      string        `json:"access" enum:"none,invited,active,withdrawn"`
	Outstanding []Outstanding `json:"outstanding"`
	CreatedAt   time.Time     `json:"created_at"`
}

// CustomerInput names a customer.
type CustomerInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
}

// CustomerOutput is a customer with its contacts.
type CustomerOutput struct {
	Status int
	Body   Customer
}

// Customer as staff see it.
type Customer struct {
	ID uuid.UUID `json:"id"`
	CustomerContent
	// Access is the most that one of its contacts has, R12.
	Access      string         `json:"access" enum:"none,invited,active,withdrawn"`
	Outstanding []Outstanding  `json:"outstanding"`
	CreatedAt   time.Time      `json:"created_at"`
	Version     int            `json:"version" doc:"Named by an edit: an older one refuses it."`
	Credits     []portal.Money `json:"credits"`
	Contacts    []Contact      `json:"contacts"`
	Methods     int            `json:"payment_methods" doc:"How many saved cards and bank accounts there are."`
}

// CustomerContent is what staff write.
type CustomerContent struct {
	Number           string         `json:"number,omitempty" maxLength:"40" doc:"The next free one, if none is given."`
	Name             string         `json:"name" minLength:"1" maxLength:"200"`
	Email            string         `json:"email,omitempty" maxLength:"254"`
	Phone            string         `json:"phone,omitempty" maxLength:"50"`
	Website          string         `json:"website,omitempty" maxLength:"200"`
	TaxNumber        string         `json:"tax_number,omitempty" maxLength:"50"`
	Currency         string         `json:"currency,omitempty" maxLength:"3" doc:"The organization's, if none is given."`
	TermsDays        int            `json:"terms_days" minimum:"0" maximum:"365" doc:"Days from an invoice's date to its due date."`
	BillingAddress   portal.Address `json:"billing_address"`
	ShippingAddress  portal.Address `json:"shipping_address"`
	Notes            string         `json:"notes,omitempty" maxLength:"5000" doc:"For staff alone."`
	BankDebitAllowed bool           `json:"bank_debit_allowed,omitempty" doc:"May pay from a bank account, R34."`
}

// CreateCustomerInput makes a customer.
type CreateCustomerInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct{ CustomerContent }
}

// EditCustomerInput changes a customer.
type EditCustomerInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	Body     struct {
		Version int `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		CustomerContent
	}
}

func (a *API) declareCustomers() {
	staff := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/console/customers" + path, summary: summary, side: portal.SideStaff, action: action, tag: "Customers"}
	}
	a.ListCustomers = declare(a, staff("list-customers", http.MethodGet, "", "List customers", portal.ActionViewDocuments), a.listCustomers)
	a.GetCustomer = declare(a, staff("get-customer", http.MethodGet, "/{customer}", "Read a customer and its contacts", portal.ActionViewDocuments), a.getCustomer)
	create := staff("create-customer", http.MethodPost, "", "Make a customer", portal.ActionManageCustomers)
	create.status = http.StatusCreated
	a.CreateCustomer = declare(a, create, a.createCustomer)
	a.EditCustomer = declare(a, staff("edit-customer", http.MethodPut, "/{customer}", "Change a customer", portal.ActionManageCustomers), a.editCustomer)
}

func (a *API) listCustomers(ctx context.Context, in *ListCustomersInput) (*ListCustomersOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, cursor{})
	if err != nil {
		return nil, err
	}
	sort := in.Sort
	if sort == "" {
		sort = "name"
	}
	out := &ListCustomersOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		rows, err := q.ListCustomers(ctx, dbsqlc.ListCustomersParams{
			OrgID: p.Org, Filter: in.Status, Today: a.today(org), Search: pattern(in.Search), Sort: sort, FirstPage: in.After == "", FromText: from.Text, FromID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListCustomersRow) cursor { return cursor{Text: r.SortName, ID: r.ID} })
		ids := make([]uuid.UUID, 0, len(rows))
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		owed, err := outstandingOfMany(ctx, q, ids, a.today(org))
		if err != nil {
			return err
		}
		out.Body.Customers = make([]CustomerSummary, 0, len(rows))
		for _, r := range rows {
			summary := CustomerSummary{r.ID, r.Number, r.Name, r.Email, r.Phone, r.Currency, r.Access, owed[r.ID], r.CreatedAt}
			if summary.Outstanding == nil {
				summary.Outstanding = []Outstanding{}
			}
			out.Body.Customers = append(out.Body.Customers, summary)
		}
		return nil
	})
	return out, err
}

func (a *API) getCustomer(ctx context.Context, in *CustomerInput) (*CustomerOutput, error) {
	out := &CustomerOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body, err = a.readCustomer(ctx, q, in.Customer)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) readCustomer(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (Customer, error) {
	p := principal(ctx)
	row, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: id})
	if err != nil {
		return Customer{}, err
	}
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return Customer{}, err
	}
	c := Customer{
		ID: row.ID, Access: "none", CreatedAt: row.CreatedAt,
		CustomerContent: CustomerContent{
			Number: row.Number, Name: row.Name, Email: row.Email, Phone: row.Phone, Website: row.Website, TaxNumber: row.TaxNumber,
			Currency: string(row.Currency), TermsDays: int(row.TermsDays), BillingAddress: row.BillingAddress, ShippingAddress: row.ShippingAddress,
			Notes: row.Notes, BankDebitAllowed: row.BankDebitAllowed,
		},
		Version: int(row.Version),
	}
	if c.Outstanding, err = outstandingOf(ctx, q, id, a.today(org)); err != nil {
		return Customer{}, err
	}
	if c.Credits, err = creditsOf(ctx, q, id); err != nil {
		return Customer{}, err
	}
	if c.Contacts, err = readContacts(ctx, q, id); err != nil {
		return Customer{}, err
	}
	for _, contact := range c.Contacts {
		if accessRank(contact.Access) > accessRank(c.Access) {
			c.Access = contact.Access
		}
	}
	methods, err := q.ListPaymentMethods(ctx, dbsqlc.ListPaymentMethodsParams{OrgID: p.Org, CustomerID: id})
	c.Methods = len(methods)
	return c, err
}

// accessRank orders what contacts have, so that the customer's is the most of it.
func accessRank(access string) int {
	switch access {
	case "active":
		return 3
	case "invited":
		return 2
	case "withdrawn":
		return 1
	default:
		return 0
	}
}

// read checks what staff wrote; the currency may be left to the organization.
func (c *CustomerContent) read(fallback portal.Currency) (portal.Currency, error) {
	var err error
	if c.Email, err = readEmail("email", c.Email, true); err != nil {
		return "", err
	}
	if c.Website, err = readWebsite(c.Website); err != nil {
		return "", err
	}
	if c.Name, c.Number = strings.TrimSpace(c.Name), strings.TrimSpace(c.Number); c.Name == "" {
		return "", portal.Invalid("A customer has a name.", portal.Field("name", "Please fill this in."))
	}
	if c.Currency == "" {
		return fallback, nil
	}
	return readCurrency(c.Currency)
}

func numberTaken() *portal.Error {
	return portal.Invalid("Another customer has this number.", portal.Field("number", "Another customer has this number."))
}

func (a *API) createCustomer(ctx context.Context, in *CreateCustomerInput) (*CustomerOutput, error) {
	p := principal(ctx)
	out := &CustomerOutput{Status: http.StatusCreated}
	id := portal.BeginID(p.Org, p.Actor, "create-customer", in.Key.Key)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertCustomer(ctx, q, id, in.Body.CustomerContent); err != nil {
				return err
			}
		}
		out.Body, err = a.readCustomer(ctx, q, id)
		return err
	})
	if db.Violates(err, "customers_org_id_number_key") {
		return nil, numberTaken()
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) insertCustomer(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, content CustomerContent) error {
	p := principal(ctx)
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return err
	}
	currency, err := content.read(org.Currency)
	if err != nil {
		return err
	}
	// A number may have been given by hand before the count came to it.
	for taken := content.Number == ""; taken; {
		n, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: p.Org, Kind: "customer"})
		if err != nil {
			return err
		}
		content.Number = fmt.Sprintf("C-%04d", n)
		if taken, err = q.CustomerNumberTaken(ctx, dbsqlc.CustomerNumberTakenParams{OrgID: p.Org, Number: content.Number}); err != nil {
			return err
		}
	}
	if err := q.InsertCustomer(ctx, dbsqlc.InsertCustomerParams{
		OrgID: p.Org, ID: id, Number: content.Number, Name: content.Name, Email: content.Email, Phone: content.Phone, Website: content.Website,
		TaxNumber: content.TaxNumber, Currency: currency, TermsDays: int32(content.TermsDays), BillingAddress: content.BillingAddress,
		ShippingAddress: content.ShippingAddress, Notes: content.Notes, BankDebitAllowed: content.BankDebitAllowed, At: a.now(),
	}); err != nil {
		return err
	}
	return a.record(ctx, q, p, happened{customer: id, kind: "customer.created", subject: "customer", id: id, internal: true})
}

func (a *API) editCustomer(ctx context.Context, in *EditCustomerInput) (*CustomerOutput, error) {
	p, content := principal(ctx), in.Body.CustomerContent
	out := &CustomerOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Customer})
		if err != nil {
			return err
		}
		currency, err := content.read(row.Currency)
		if err != nil {
			return err
		}
		if content.Number == "" {
			content.Number = row.Number
		}
		n, err := q.EditCustomer(ctx, dbsqlc.EditCustomerParams{
			OrgID: p.Org, ID: row.ID, Version: int32(in.Body.Version), Number: content.Number, Name: content.Name, Email: content.Email, Phone: content.Phone,
			Website: content.Website, TaxNumber: content.TaxNumber, Currency: currency, TermsDays: int32(content.TermsDays),
			BillingAddress: content.BillingAddress, ShippingAddress: content.ShippingAddress, Notes: content.Notes,
			BankDebitAllowed: content.BankDebitAllowed, At: a.now(),
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("customer")
		}
		if err := a.record(ctx, q, p, happened{customer: row.ID, kind: "customer.edited", subject: "customer", id: row.ID, internal: true}); err != nil {
			return err
		}
		out.Body, err = a.readCustomer(ctx, q, row.ID)
		return err
	})
	switch {
	case db.NotFound(err):
		return nil, portal.NotFound("customer")
	case db.Violates(err, "customers_org_id_number_key"):
		return nil, numberTaken()
	case err != nil:
		return nil, err
	}
	return out, nil
}
