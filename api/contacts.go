package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

type contactOperations struct {
	GetContact    *Operation[ContactInput, ContactOutput]
	CreateContact *Operation[CreateContactInput, ContactOutput]
	EditContact   *Operation[EditContactInput, ContactOutput]
}

// ContactInput names a contact.
type ContactInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Contact uuid.UUID `path:"contact"`
}

// ContactOutput is a contact.
type ContactOutput struct {
	Status int
	Body   Contact
}

// Contact is one person at a customer, as staff see them.
type Contact struct {
	ID       uuid.UUID `json:"id"`
	Customer uuid.UUID `json:"customer"`
	ContactContent
	// Access is the contact's portal status, R12.
	Access     string     `json:"access" enum:"none,invited,active,withdrawn"`
	LastSeenAt *time.Time `json:"last_seen_at,omitempty"`
	// MFA says that the contact signs in with an authenticator: only a reset
	// releases them (R63, R64).
	MFA bool `json:"mfa"`
	// Invitation is the newest one, if there ever was one.
	Invitation *Invitation `json:"invitation,omitempty"`
	Version    int         `json:"version" doc:"Named by an edit: an older one refuses it."`
	CreatedAt  time.Time   `json:"created_at"`
}

// Invitation is where a contact's invitation stands.
type Invitation struct {
	ID        uuid.UUID               `json:"id"`
	Status    portal.InvitationStatus `json:"status"`
	SentAt    time.Time               `json:"sent_at"`
	ExpiresAt time.Time               `json:"expires_at"`
	InvitedBy string                  `json:"invited_by,omitempty"`
	// WorkflowID is where operators find its flow.
	WorkflowID string `json:"workflow_id"`
}

// ContactContent is what staff write.
type ContactContent struct {
	Name    string   `json:"name" minLength:"1" maxLength:"120"`
	Email   string   `json:"email" minLength:"1" maxLength:"254"`
	Phone   string   `json:"phone,omitempty" maxLength:"50"`
	Title   string   `json:"title,omitempty" maxLength:"120" doc:"What they do at the customer."`
	Primary bool     `json:"primary,omitempty" doc:"The one to write to while nobody has access. A customer's first contact is."`
	Roles   []string `json:"roles,omitempty" enum:"view,approve,pay" maxItems:"3" doc:"What they may do in the portal, N8. A new contact may do all of it, if none is named; an edit names at least one."`
}

// CreateContactInput adds a contact to a customer, without access to the portal.
type CreateContactInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	Body     struct{ ContactContent }
}

// EditContactInput changes a contact. A new address of somebody with access is
// how they sign in from then on.
type EditContactInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Contact uuid.UUID `path:"contact"`
	Body    struct {
		Version int `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		ContactContent
	}
}

func (a *API) declareContacts() {
	a.GetContact = declare(a, route{
		id: "get-contact", method: http.MethodGet, path: "/api/{org}/console/contacts/{contact}", tag: "Customers",
		summary: "Read a contact", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.getContact)
	a.CreateContact = declare(a, route{
		id: "create-contact", method: http.MethodPost, path: "/api/{org}/console/customers/{customer}/contacts", tag: "Customers", status: http.StatusCreated,
		summary: "Add a contact to a customer", side: portal.SideStaff, action: portal.ActionManageCustomers,
	}, a.createContact)
	a.EditContact = declare(a, route{
		id: "edit-contact", method: http.MethodPut, path: "/api/{org}/console/contacts/{contact}", tag: "Customers",
		summary: "Change a contact", side: portal.SideStaff, action: portal.ActionManageCustomers,
	}, a.editContact)
}

func readContacts(ctx context.Context, q *dbsqlc.Queries, customer uuid.UUID) ([]Contact, error) {
	org := principal(ctx).Org
	rows, err := q.ListContacts(ctx, dbsqlc.ListContactsParams{OrgID: org, CustomerID: customer})
	if err != nil {
		return nil, err
	}
	invitations, err := q.LatestInvitations(ctx, dbsqlc.LatestInvitationsParams{OrgID: org, CustomerID: customer})
	if err != nil {
		return nil, err
	}
	latest := make(map[uuid.UUID]*Invitation, len(invitations))
	for _, i := range invitations {
		latest[i.ContactID] = &Invitation{i.ID, i.Status, i.SentAt, i.ExpiresAt, i.InvitedByName, workflows.InvitationID(i.ID)}
	}
	authenticators, err := q.ListAuthenticators(ctx, dbsqlc.ListAuthenticatorsParams{OrgID: org, CustomerID: customer})
	if err != nil {
		return nil, err
	}
	mfa := make(map[uuid.UUID]bool, len(authenticators))
	for _, a := range authenticators {
		mfa[a.ContactID] = true
	}
	contacts := make([]Contact, 0, len(rows))
	for _, r := range rows {
		contacts = append(contacts, Contact{
			ID: r.ID, Customer: r.CustomerID, Access: r.Access, LastSeenAt: r.LastSeenAt, MFA: mfa[r.ID], Invitation: latest[r.ID], Version: int(r.Version), CreatedAt: r.CreatedAt,
			ContactContent: ContactContent{r.Name, r.Email, r.Phone, r.Title, r.IsPrimary, r.Roles},
		})
	}
	return contacts, nil
}

func readContact(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (Contact, error) {
	row, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: principal(ctx).Org, ID: id})
	if err != nil {
		return Contact{}, err
	}
	contacts, err := readContacts(ctx, q, row.CustomerID)
	for _, c := range contacts {
		if c.ID == id {
			return c, nil
		}
	}
	return Contact{}, err
}

func (a *API) getContact(ctx context.Context, in *ContactInput) (*ContactOutput, error) {
	out := &ContactOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body, err = readContact(ctx, q, in.Contact)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("contact")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (c *ContactContent) read() (err error) {
	if c.Name = strings.TrimSpace(c.Name); c.Name == "" {
		return portal.Invalid("A contact has a name.", portal.Field("name", "Please fill this in."))
	}
	if len(c.Roles) == 0 {
		c.Roles = []string{"view", "approve", "pay"}
	}
	c.Roles = slices.Compact(slices.Sorted(slices.Values(c.Roles)))
	c.Email, err = readEmail("email", c.Email, false)
	return err
}

func (a *API) createContact(ctx context.Context, in *CreateContactInput) (*ContactOutput, error) {
	p, content := principal(ctx), in.Body.ContactContent
	if err := content.read(); err != nil {
		return nil, err
	}
	out := &ContactOutput{Status: http.StatusCreated}
	id := portal.BeginID(p.Org, p.Actor, "create-contact:"+in.Customer.String(), in.Key.Key)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		// Locked, so that of two first contacts one is the primary one.
		if _, err := q.LockCustomer(ctx, dbsqlc.LockCustomerParams{OrgID: p.Org, ID: in.Customer}); err != nil {
			return err
		}
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertContact(ctx, q, in.Customer, id, content); err != nil {
				return err
			}
		}
		out.Body, err = readContact(ctx, q, id)
		return err
	})
	switch {
	case db.NotFound(err):
		return nil, portal.NotFound("customer")
	case taken(err):
		return nil, emailTaken()
	case err != nil:
		return nil, err
	}
	return out, nil
}

func (a *API) insertContact(ctx context.Context, q *dbsqlc.Queries, customer, id uuid.UUID, content ContactContent) error {
	p, now := principal(ctx), a.now()
	others, err := q.ListContacts(ctx, dbsqlc.ListContactsParams{OrgID: p.Org, CustomerID: customer})
	if err != nil {
		return err
	}
	primary := content.Primary || len(others) == 0
	if primary {
		if err := q.ClearPrimaryContact(ctx, dbsqlc.ClearPrimaryContactParams{OrgID: p.Org, CustomerID: customer, Keep: id, At: now}); err != nil {
			return err
		}
	}
	if err := q.InsertContact(ctx, dbsqlc.InsertContactParams{
		OrgID: p.Org, ID: id, CustomerID: customer, Name: content.Name, Email: content.Email, Phone: content.Phone, Title: content.Title,
		IsPrimary: primary, Roles: content.Roles, At: now,
	}); err != nil {
		return err
	}
	return a.record(ctx, q, p, happened{
		customer: customer, kind: "contact.created", subject: "contact", id: id, internal: true, data: map[string]any{"contact": content.Name},
	})
}

func (a *API) editContact(ctx context.Context, in *EditContactInput) (*ContactOutput, error) {
	p, content := principal(ctx), in.Body.ContactContent
	mayNothing := len(content.Roles) == 0
	if err := content.read(); err != nil {
		return nil, err
	}
	out := &ContactOutput{}
	var stopped []uuid.UUID
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: p.Org, ID: in.Contact})
		if err != nil {
			return err
		}
		if mayNothing { // left out on purpose: only a new contact may do all of it by default
			return portal.Invalid("Say what the contact may do.", portal.Field("roles", "Tick at least one, or withdraw access."))
		}
		now := a.now()
		if content.Primary && !row.IsPrimary {
			if err := q.ClearPrimaryContact(ctx, dbsqlc.ClearPrimaryContactParams{OrgID: p.Org, CustomerID: row.CustomerID, Keep: row.ID, At: now}); err != nil {
				return err
			}
		}
		n, err := q.EditContact(ctx, dbsqlc.EditContactParams{
			OrgID: p.Org, ID: row.ID, Version: int32(in.Body.Version), Name: content.Name, Email: content.Email, Phone: content.Phone, Title: content.Title,
			IsPrimary: content.Primary, Roles: content.Roles, At: now,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("contact")
		}
		if !slices.Contains(content.Roles, string(portal.RolePay)) {
			if stopped, err = a.stopSchedules(ctx, q, row); err != nil {
				return err
			}
		}
		if content.Email != row.Email {
			// Links that were sent to the old address are not for whoever reads it now.
			if err := q.EndPasswordResets(ctx, dbsqlc.EndPasswordResetsParams{OrgID: p.Org, SubjectID: row.ID, At: &now}); err != nil {
				return err
			}
		}
		if err := a.record(ctx, q, p, happened{
			customer: row.CustomerID, kind: "contact.edited", subject: "contact", id: row.ID, internal: true, data: map[string]any{"contact": content.Name},
		}); err != nil {
			return err
		}
		out.Body, err = readContact(ctx, q, row.ID)
		return err
	})
	switch {
	case db.NotFound(err):
		return nil, portal.NotFound("contact")
	case taken(err):
		return nil, emailTaken()
	case err != nil:
		return nil, err
	}
	for _, payment := range stopped {
		a.wake(ctx, workflows.PaymentID(payment))
	}
	a.wakeAutopay(ctx, out.Body.Customer) // it ends with the role of whoever turned it on
	return out, nil
}
