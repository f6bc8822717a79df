package api

import (
	"context"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type accountOperations struct {
	GetMyAccount  *Operation[AccountInput, AccountOutput]
	EditMyCompany *Operation[EditMyCompanyInput, AccountOutput]
	EditMe        *Operation[EditMeInput, AccountOutput]
}

// AccountInput needs nothing: the account is the caller's own.
type AccountInput struct {
	Org string `path:"org" maxLength:"40"`
}

// AccountOutput is the account.
type AccountOutput struct {
	Body Account
}

// Account is who the caller is, for whom, and at whose portal, R23.
type Account struct {
	Me           Me               `json:"me"`
	Company      Company          `json:"company"`
	Contacts     []Person         `json:"contacts"`
	Organization OrganizationCard `json:"organization"`
	Features     Features         `json:"features"`
}

// Me is the contact who is signed in.
type Me struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Phone   string    `json:"phone,omitempty"`
	Title   string    `json:"title,omitempty"`
	Version int       `json:"version" doc:"Named by an edit: an older one refuses it."`
	// What the contact may do, N8.
	MayApprove bool `json:"may_approve"`
	MayPay     bool `json:"may_pay"`
}

// Company is the customer, as its contacts see it.
type Company struct {
	ID              uuid.UUID       `json:"id"`
	Number          string          `json:"number"`
	Name            string          `json:"name"`
	Email           string          `json:"email,omitempty"`
	Phone           string          `json:"phone,omitempty"`
	Website         string          `json:"website,omitempty"`
	TaxNumber       string          `json:"tax_number,omitempty"`
	Currency        portal.Currency `json:"currency"`
	BillingAddress  portal.Address  `json:"billing_address"`
	ShippingAddress portal.Address  `json:"shipping_address"`
	BankDebit       bool            `json:"bank_debit" doc:"May pay from a bank account, R34."`
	Version         int             `json:"version" doc:"Named by an edit: an older one refuses it."`
}

// Person is a contact of the customer, as the others see them.
type Person struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Phone   string    `json:"phone,omitempty"`
	Title   string    `json:"title,omitempty"`
	Primary bool      `json:"primary"`
	// Active contacts sign in to the portal.
	Active bool `json:"active"`
}

// OrganizationCard is how to reach the organization.
type OrganizationCard struct {
	Name        string   `json:"name"`
	LegalName   string   `json:"legal_name,omitempty"`
	Email       string   `json:"email"`
	Phone       string   `json:"phone,omitempty"`
	Website     string   `json:"website,omitempty"`
	Address     []string `json:"address" doc:"Its lines."`
	BankDetails string   `json:"bank_details,omitempty"`
}

// Features are the parts of the portal that are switched on, R10.
type Features struct {
	EditDetails      bool `json:"edit_details"`
	ForwardDocuments bool `json:"forward_documents"`
	Reviews          bool `json:"reviews"`
	Timesheets       bool `json:"timesheets"`
	MFA              bool `json:"mfa"`
}

// EditMyCompanyInput changes the customer's details; staff's record changes at once, R54.
type EditMyCompanyInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Version         int            `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		Name            string         `json:"name" minLength:"1" maxLength:"200"`
		Email           string         `json:"email,omitempty" maxLength:"254"`
		Phone           string         `json:"phone,omitempty" maxLength:"50"`
		Website         string         `json:"website,omitempty" maxLength:"200"`
		TaxNumber       string         `json:"tax_number,omitempty" maxLength:"50"`
		BillingAddress  portal.Address `json:"billing_address"`
		ShippingAddress portal.Address `json:"shipping_address"`
	}
}

// EditMeInput changes the contact's own details. A new email address is a new
// way to sign in, so it needs the password.
type EditMeInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Version  int    `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		Name     string `json:"name" minLength:"1" maxLength:"120"`
		Email    string `json:"email" minLength:"1" maxLength:"254"`
		Phone    string `json:"phone,omitempty" maxLength:"50"`
		Title    string `json:"title,omitempty" maxLength:"120" doc:"What the contact does at the company."`
		Password string `json:"password,omitempty" maxLength:"128" doc:"Needed to change the email address."`
	}
}

func (a *API) declareAccount() {
	a.GetMyAccount = declare(a, route{
		id: "get-my-account", method: http.MethodGet, path: "/api/{org}/portal/account", tag: "Account",
		summary: "Read one's account and company", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.getMyAccount)
	a.EditMyCompany = declare(a, route{
		id: "edit-my-company", method: http.MethodPut, path: "/api/{org}/portal/account/company", tag: "Account",
		summary: "Change the company's details", side: portal.SideContact, action: portal.ActionEditDetails, feature: portal.FeatureEditDetails,
	}, a.editMyCompany)
	a.EditMe = declare(a, route{
		id: "edit-me", method: http.MethodPut, path: "/api/{org}/portal/account/me", tag: "Account",
		summary: "Change one's own details", side: portal.SideContact, action: portal.ActionEditDetails, feature: portal.FeatureEditDetails,
	}, a.editMe)
}

func (a *API) getMyAccount(ctx context.Context, _ *AccountInput) (*AccountOutput, error) {
	out := &AccountOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, principal(ctx).Org)
		if err != nil {
			return err
		}
		settings, err := q.GetSettings(ctx, org.ID)
		if err != nil {
			return err
		}
		out.Body, err = readAccount(ctx, q, org, settings)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func readAccount(ctx context.Context, q *dbsqlc.Queries, org dbsqlc.Organization, settings dbsqlc.Setting) (Account, error) {
	p := principal(ctx)
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: p.Customer})
	if err != nil {
		return Account{}, err
	}
	contacts, err := q.ListContacts(ctx, dbsqlc.ListContactsParams{OrgID: p.Org, CustomerID: p.Customer})
	if err != nil {
		return Account{}, err
	}
	account := Account{
		Company: Company{
			ID: customer.ID, Number: customer.Number, Name: customer.Name, Email: customer.Email, Phone: customer.Phone, Website: customer.Website,
			TaxNumber: customer.TaxNumber, Currency: customer.Currency, BillingAddress: customer.BillingAddress, ShippingAddress: customer.ShippingAddress,
			BankDebit: customer.BankDebitAllowed, Version: int(customer.Version),
		},
		Contacts: make([]Person, 0, len(contacts)),
		Organization: OrganizationCard{
			Name: org.Name, LegalName: org.LegalName, Email: org.Email, Phone: org.Phone, Website: org.Website,
			Address: addressLines(org.Address), BankDetails: org.BankDetails,
		},
		Features: Features{settings.EditDetails, settings.ForwardDocuments, settings.Reviews, settings.Timesheets, settings.Mfa},
	}
	for _, c := range contacts {
		account.Contacts = append(account.Contacts, Person{
			ID: c.ID, Name: c.Name, Email: c.Email, Phone: c.Phone, Title: c.Title, Primary: c.IsPrimary, Active: c.Access == "active",
		})
		if c.ID == p.Actor {
			account.Me = Me{
				ID: c.ID, Name: c.Name, Email: c.Email, Phone: c.Phone, Title: c.Title, Version: int(c.Version),
				MayApprove: p.May(portal.ActionApprove) == nil, MayPay: p.May(portal.ActionPay) == nil,
			}
		}
	}
	return account, nil
}

// addressLines are never none, for JSON.
func addressLines(a portal.Address) []string {
	if l := a.Lines(); l != nil {
		return l
	}
	return []string{}
}

func (a *API) editMyCompany(ctx context.Context, in *EditMyCompanyInput) (*AccountOutput, error) {
	p, body := principal(ctx), in.Body
	email, err := readEmail("email", body.Email, true)
	if err != nil {
		return nil, err
	}
	website, err := readWebsite(body.Website)
	if err != nil {
		return nil, err
	}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		before, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: p.Customer})
		if err != nil {
			return err
		}
		n, err := q.EditCompany(ctx, dbsqlc.EditCompanyParams{
			OrgID: p.Org, ID: p.Customer, Version: int32(body.Version), Name: strings.TrimSpace(body.Name), Email: email, Phone: body.Phone, Website: website,
			TaxNumber: body.TaxNumber, BillingAddress: body.BillingAddress, ShippingAddress: body.ShippingAddress, At: a.now(),
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("company")
		}
		return a.recordChanges(ctx, q, happened{customer: p.Customer, kind: "customer.updated", subject: "customer", id: p.Customer}, []change{
			{"name", before.Name, strings.TrimSpace(body.Name)}, {"email", before.Email, email}, {"phone", before.Phone, body.Phone},
			{"website", before.Website, website}, {"tax number", before.TaxNumber, body.TaxNumber},
			{"billing address", oneLine(before.BillingAddress), oneLine(body.BillingAddress)},
			{"shipping address", oneLine(before.ShippingAddress), oneLine(body.ShippingAddress)},
		})
	})
	if err != nil {
		return nil, err
	}
	return a.getMyAccount(ctx, nil)
}

func (a *API) editMe(ctx context.Context, in *EditMeInput) (*AccountOutput, error) {
	p, body := principal(ctx), in.Body
	email, err := readEmail("email", body.Email, false)
	if err != nil {
		return nil, err
	}
	if email != p.Email {
		if err := a.proveOwnPassword(ctx, body.Password, "password"); err != nil {
			return nil, err
		}
	}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		before, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: p.Org, ID: p.Actor})
		if err != nil {
			return err
		}
		n, err := q.EditContact(ctx, dbsqlc.EditContactParams{
			OrgID: p.Org, ID: p.Actor, Version: int32(body.Version), Name: strings.TrimSpace(body.Name), Email: email, Phone: body.Phone, Title: body.Title,
			IsPrimary: before.IsPrimary, Roles: before.Roles, At: a.now(),
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("contact")
		}
		if email != before.Email {
			// Links that were sent to the old address are not for whoever reads it now.
			if err := q.EndPasswordResets(ctx, dbsqlc.EndPasswordResetsParams{OrgID: p.Org, SubjectID: p.Actor, At: new(a.now())}); err != nil {
				return err
			}
		}
		return a.recordChanges(ctx, q, happened{
			customer: p.Customer, kind: "contact.updated", subject: "contact", id: p.Actor, data: map[string]any{"contact": before.Name},
		}, []change{
			{"name", before.Name, strings.TrimSpace(body.Name)}, {"email", before.Email, email}, {"phone", before.Phone, body.Phone}, {"title", before.Title, body.Title},
		})
	})
	if taken(err) {
		return nil, emailTaken()
	}
	if err != nil {
		return nil, err
	}
	return a.getMyAccount(ctx, nil)
}

// proveOwnPassword asks for the caller's password before something that a
// stranger at an open screen must not do. Wrong ones are counted.
func (a *API) proveOwnPassword(ctx context.Context, password, field string) error {
	p := principal(ctx)
	throttle := "own-password:" + p.Org.String() + ":" + p.Actor.String()
	var hash string
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		hits, err := q.ThrottleHit(ctx, dbsqlc.ThrottleHitParams{Key: throttle, Seconds: throttleWindow.Seconds()})
		if err != nil {
			return err
		}
		if hits > throttlePerAccount {
			return portal.TooMany("Too many attempts. Please wait a quarter of an hour and try again.", throttleWindow)
		}
		hash, err = q.OwnPasswordHash(ctx)
		return err
	})
	if err != nil {
		return err
	}
	verdict := auth.Verdict{}
	if hash != "" {
		if verdict, err = a.Passwords.Verify(ctx, password, hash); err != nil {
			return err
		}
	}
	if !verdict.Match {
		return portal.Invalid("The password is not right.", portal.Field(field, "This is not your current password."))
	}
	return a.in(ctx, func(q *dbsqlc.Queries) error { return q.ThrottleClear(ctx, throttle) })
}

// taken reports whether another contact has the email address already.
func taken(err error) bool {
	return db.Violates(err, "contacts_email_signs_in") || db.Violates(err, "contacts_email_of_customer")
}

func emailTaken() *portal.Error {
	return portal.Invalid("Another contact has this email address.", portal.Field("email", "Another contact has this email address."))
}

// readEmail reads one plain address, in lower case.
func readEmail(field, text string, optional bool) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" && optional {
		return "", nil
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || parsed.Name != "" {
		return "", portal.Invalid("This email address can't be taken.", portal.Field(field, "Enter an email address, such as name@example.com."))
	}
	return text, nil
}

// readWebsite reads an address of the web, with https where no scheme is
// written. Anything else, such as javascript:, must never become a link.
func readWebsite(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	site, err := url.Parse(text)
	if err != nil || site.Scheme != "https" && site.Scheme != "http" || !strings.Contains(site.Hostname(), ".") || site.User != nil || strings.ContainsAny(text, " \t\n\"<>") {
		return "", portal.Invalid("This website can't be taken.", portal.Field("website", "Enter a web address, such as https://example.com."))
	}
	return site.String(), nil
}
