package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

type invitationOperations struct {
	SetAccess        *Operation[SetAccessInput, SetAccessOutput]
	ResendInvitation *Operation[ResendInvitationInput, InvitationOutput]
	ReadInvitation   *Operation[ReadInvitationInput, OpenInvitationOutput]
	AcceptInvitation *Operation[AcceptInvitationInput, SignInOutput]
}

// SetAccessInput is the dialog that lists all contacts of a customer, R11.
type SetAccessInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	Body     struct {
		Contacts []ContactAccess `json:"contacts" maxItems:"200" doc:"Contacts that aren't named keep what they have."`
	}
}

// ContactAccess gives or refuses one contact access to the portal.
type ContactAccess struct {
	ID     uuid.UUID `json:"id"`
	Access bool      `json:"access"`
}

// SetAccessOutput says what became of each contact.
type SetAccessOutput struct {
	Body struct {
		Contacts []ContactAccessResult `json:"contacts"`
	}
}

// ContactAccessResult is what became of one contact.
type ContactAccessResult struct {
	ID uuid.UUID `json:"id"`
	// Result is invited, unchanged, withdrawn, pending or refused.
	Result  string `json:"result" enum:"invited,unchanged,withdrawn,pending,refused"`
	Message string `json:"message,omitempty"`
}

// ResendInvitationInput names the contact whose invitation to send again.
type ResendInvitationInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Contact uuid.UUID `path:"contact"`
}

// InvitationOutput is an invitation as staff see it.
type InvitationOutput struct {
	Body struct {
		ID        uuid.UUID `json:"id"`
		Status    string    `json:"status"`
		SentAt    time.Time `json:"sent_at"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

// ReadInvitationInput is the link of an invitation's email.
type ReadInvitationInput struct {
	Org   string `path:"org" maxLength:"40"`
	Token string `path:"token" maxLength:"100"`
}

// OpenInvitationOutput is an invitation as its contact sees it. Reading it
// spends nothing: mail scanners follow links too.
type OpenInvitationOutput struct {
	Body struct {
		ContactName  string    `json:"contact_name"`
		Email        string    `json:"email"`
		CustomerName string    `json:"customer_name"`
		ExpiresAt    time.Time `json:"expires_at"`
	}
}

// AcceptInvitationInput spends an invitation: the contact chooses a password, R15.
type AcceptInvitationInput struct {
	Org   string `path:"org" maxLength:"40"`
	Token string `path:"token" maxLength:"100"`
	Body  struct {
		Password string `json:"password" minLength:"1" maxLength:"128"`
		Repeat   string `json:"repeat" minLength:"1" maxLength:"128" doc:"The password again."`
	}
}

func (a *API) declareInvitations() {
	a.SetAccess = declare(a, route{
		id: "set-access", method: http.MethodPost, path: "/api/{org}/console/customers/{customer}/access", tag: "Access",
		summary: "Give contacts access to the portal, or withdraw it", side: portal.SideStaff, action: portal.ActionManageCustomers,
	}, a.setAccess)
	a.ResendInvitation = declare(a, route{
		id: "resend-invitation", method: http.MethodPost, path: "/api/{org}/console/contacts/{contact}/invitation", tag: "Access",
		summary: "Send a contact's invitation again", side: portal.SideStaff, action: portal.ActionManageCustomers,
	}, a.resendInvitation)
	a.ReadInvitation = declare(a, route{
		id: "read-invitation", method: http.MethodGet, path: "/api/{org}/portal/invitations/{token}", tag: "Access",
		summary: "Read the invitation that a link opens",
	}, a.readInvitation)
	a.AcceptInvitation = declare(a, route{
		id: "accept-invitation", method: http.MethodPost, path: "/api/{org}/portal/invitations/{token}", tag: "Access",
		summary: "Accept an invitation and choose a password",
	}, a.acceptInvitation)
}

func (a *API) setAccess(ctx context.Context, in *SetAccessInput) (*SetAccessOutput, error) {
	p := principal(ctx)
	var contacts []dbsqlc.Contact
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		if _, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Customer}); err != nil {
			return err
		}
		contacts, err = q.ListContacts(ctx, dbsqlc.ListContactsParams{OrgID: p.Org, CustomerID: in.Customer})
		return err
	})
	if err != nil {
		return nil, err
	}
	known := make(map[uuid.UUID]dbsqlc.Contact, len(contacts))
	for _, c := range contacts {
		known[c.ID] = c
	}
	for _, wanted := range in.Body.Contacts {
		if _, ok := known[wanted.ID]; !ok {
			return nil, portal.NotFound("contact")
		}
	}
	out := &SetAccessOutput{}
	for _, wanted := range in.Body.Contacts {
		contact := known[wanted.ID]
		result, err := ContactAccessResult{ID: wanted.ID, Result: "unchanged"}, error(nil)
		switch has := contact.Access == "invited" || contact.Access == "active"; {
		case wanted.Access && !has:
			result, err = a.invite(ctx, contact, in.Key.Key)
		case !wanted.Access && has:
			result, err = a.withdraw(ctx, contact)
		}
		if err != nil {
			return nil, err
		}
		out.Body.Contacts = append(out.Body.Contacts, result)
	}
	return out, nil
}

func (a *API) invite(ctx context.Context, contact dbsqlc.Contact, key string) (ContactAccessResult, error) {
	p := principal(ctx)
	hash, err := portal.RequestHash(map[string]string{"contact": contact.ID.String()})
	if err != nil {
		return ContactAccessResult{}, err
	}
	id := portal.BeginID(p.Org, p.Actor, "invite:"+contact.ID.String(), key)
	state, err := begin[workflows.InvitationState](ctx, a, start{
		id: workflows.InvitationID(id), name: workflows.InvitationName,
		customer: contact.CustomerID, document: contact.ID,
		input: workflows.InvitationInput{
			InvitationRef: workflows.InvitationRef{Org: p.Org, Invitation: id},
			Request:       &workflows.InviteRequest{Customer: contact.CustomerID, Contact: contact.ID, By: workflows.ActorOf(p), Hash: hash},
			Times:         a.Times.Invitation,
		},
	})
	switch {
	case errors.Is(err, errPending):
		return ContactAccessResult{ID: contact.ID, Result: "pending", Message: "The invitation is on its way."}, nil
	case err != nil:
		return ContactAccessResult{}, err
	case state.Refused != nil:
		return ContactAccessResult{ID: contact.ID, Result: "refused", Message: state.Refused.Message}, nil
	}
	return ContactAccessResult{ID: contact.ID, Result: "invited"}, nil
}

// withdraw takes access away, and ends every session and every schedule by which
// what the contact began is charged again, in one transaction: it must work while
// everything else is down (R17).
func (a *API) withdraw(ctx context.Context, contact dbsqlc.Contact) (ContactAccessResult, error) {
	p := principal(ctx)
	var open []dbsqlc.Invitation
	var stopped []uuid.UUID
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		if _, err = q.SetContactAccess(ctx, dbsqlc.SetContactAccessParams{
			OrgID: p.Org, ID: contact.ID, Access: "withdrawn", FromAccess: []string{"invited", "active"},
		}); err != nil {
			return err
		}
		if _, err = q.DeleteSessionsOf(ctx, dbsqlc.DeleteSessionsOfParams{OrgID: p.Org, SubjectID: contact.ID}); err != nil {
			return err
		}
		if open, err = q.PendingInvitationOf(ctx, dbsqlc.PendingInvitationOfParams{OrgID: p.Org, ContactID: contact.ID}); err != nil {
			return err
		}
		now := a.now()
		for _, invitation := range open {
			if _, err = q.EndInvitation(ctx, dbsqlc.EndInvitationParams{OrgID: p.Org, ID: invitation.ID, Status: portal.InvitationWithdrawn, At: &now}); err != nil {
				return err
			}
		}
		if stopped, err = a.stopSchedules(ctx, q, contact); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: contact.CustomerID, kind: "access.withdrawn", subject: "contact", id: contact.ID, internal: true,
			data: map[string]any{"contact": contact.Name},
		})
	})
	if err != nil {
		return ContactAccessResult{}, err
	}
	for _, invitation := range open {
		a.wake(ctx, workflows.InvitationID(invitation.ID))
	}
	for _, payment := range stopped {
		a.wake(ctx, workflows.PaymentID(payment))
	}
	a.wakeAutopay(ctx, contact.CustomerID) // it ends with the access of whoever turned it on
	return ContactAccessResult{ID: contact.ID, Result: "withdrawn"}, nil
}

// stopSchedules has nothing tried again by itself that a contact began who can't
// pay any more, N6. A declined payment then waits for people: for the others at the
// customer, who hear of it, and for staff. It gives the payments whose flows are to look.
func (a *API) stopSchedules(ctx context.Context, q *dbsqlc.Queries, contact dbsqlc.Contact) ([]uuid.UUID, error) {
	p := principal(ctx)
	rows, err := q.StopSchedulesOfContact(ctx, dbsqlc.StopSchedulesOfContactParams{OrgID: p.Org, ContactID: &contact.ID, At: a.now()})
	if err != nil {
		return nil, err
	}
	stopped := make([]uuid.UUID, len(rows))
	for n, row := range rows {
		stopped[n] = row.ID
		if err := a.record(ctx, q, p, happened{
			customer: contact.CustomerID, kind: "payment.schedule_stopped", subject: "payment", id: row.ID,
			data: map[string]any{"amount": row.Amount, "currency": row.Currency, "reason": contact.Name + " can't pay in the portal any more."},
		}); err != nil {
			return nil, err
		}
	}
	return stopped, nil
}

func (a *API) resendInvitation(ctx context.Context, in *ResendInvitationInput) (*InvitationOutput, error) {
	p := principal(ctx)
	var contact dbsqlc.Contact
	var open []dbsqlc.Invitation
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		if contact, err = q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: p.Org, ID: in.Contact}); err != nil {
			return err
		}
		open, err = q.PendingInvitationOf(ctx, dbsqlc.PendingInvitationOfParams{OrgID: p.Org, ContactID: in.Contact})
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, portal.Conflict("%s has no open invitation. Give access again to send a new one.", contact.Name)
	}
	ref := workflows.InvitationRef{Org: p.Org, Invitation: open[0].ID}
	state, err := decide(ctx, a, workflows.InvitationID(ref.Invitation), workflows.UpdateResend, in.Key.Key,
		workflows.ResendRequest{By: workflows.ActorOf(p)}, func() (workflows.InvitationState, error) {
			return workflows.InvitationState{}, portal.Conflict("This invitation is not open any more. Give access again to send a new one.")
		})
	if err != nil {
		return nil, err
	}
	out := &InvitationOutput{}
	out.Body.ID, out.Body.Status, out.Body.SentAt, out.Body.ExpiresAt = ref.Invitation, state.Status, state.SentAt, state.ExpiresAt
	return out, nil
}

// invitationByToken finds what a link opens, and says kindly why it can't be
// used any more. A link that never was ours and one of another organization
// are not told apart.
func (a *API) invitationByToken(ctx context.Context, slug, token string) (dbsqlc.InvitationRow, error) {
	var found []dbsqlc.InvitationRow
	err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) (err error) {
		found, err = q.InvitationByToken(ctx, dbsqlc.InvitationByTokenParams{Hash: auth.Hash(token), Slug: slug})
		return err
	})
	switch {
	case err != nil:
		return dbsqlc.InvitationRow{}, err
	case len(found) != 1:
		return dbsqlc.InvitationRow{}, portal.Gone("This invitation can't be used. If a newer email was sent to you, use the link in that one.")
	case found[0].Status == string(portal.InvitationAccepted):
		return found[0], portal.Gone("This invitation was already accepted. Sign in with the password you chose.")
	case found[0].Status != string(portal.InvitationPending), !found[0].ExpiresAt.After(a.now()):
		return found[0], portal.Gone("This invitation has ended. Ask for a new one.")
	}
	return found[0], nil
}

func (a *API) readInvitation(ctx context.Context, in *ReadInvitationInput) (*OpenInvitationOutput, error) {
	invitation, err := a.invitationByToken(ctx, in.Org, in.Token)
	if err != nil {
		return nil, err
	}
	out := &OpenInvitationOutput{}
	out.Body.ContactName, out.Body.Email = invitation.ContactName, invitation.ContactEmail
	out.Body.CustomerName, out.Body.ExpiresAt = invitation.CustomerName, invitation.ExpiresAt
	return out, nil
}

func (a *API) acceptInvitation(ctx context.Context, in *AcceptInvitationInput) (*SignInOutput, error) {
	invitation, err := a.invitationByToken(ctx, in.Org, in.Token)
	if err != nil {
		return nil, err
	}
	if err := choosable(in.Body.Password, in.Body.Repeat, invitation.ContactEmail, ""); err != nil {
		return nil, err
	}
	hash, err := a.Passwords.Hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	// The token proves who this is: from here on the contact acts.
	p := portal.Principal{
		Org: invitation.OrgID, OrgSlug: in.Org, Side: portal.SideContact, Customer: invitation.CustomerID,
		Actor: invitation.ContactID, ActorKind: portal.ActorContact, Name: invitation.ContactName, Email: invitation.ContactEmail,
	}
	now := a.now()
	err = a.DB.In(ctx, portal.System(invitation.OrgID), func(q *dbsqlc.Queries) error {
		n, err := q.AcceptInvitation(ctx, dbsqlc.AcceptInvitationParams{OrgID: p.Org, ID: invitation.ID, TokenHash: auth.Hash(in.Token), At: &now})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Gone("This invitation was used or ended a moment ago. Sign in, or ask for a new one.")
		}
		if _, err := q.SetContactAccess(ctx, dbsqlc.SetContactAccessParams{OrgID: p.Org, ID: p.Actor, Access: "active", FromAccess: []string{"invited"}}); err != nil {
			return err
		}
		if err := q.SetPassword(ctx, dbsqlc.SetPasswordParams{OrgID: p.Org, SubjectID: p.Actor, PasswordHash: hash, ChangedAt: now}); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: p.Customer, kind: "invitation.accepted", subject: "contact", id: p.Actor, internal: true,
			data: map[string]any{"contact": p.Name},
		})
	})
	if err != nil {
		return nil, err
	}
	a.wake(ctx, workflows.InvitationID(invitation.ID))
	return a.enter(ctx, p, func(*dbsqlc.Queries) error { return nil })
}
