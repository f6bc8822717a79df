package activities

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// InviteRequest asks a contact to come to the portal, R13.
type InviteRequest struct {
	Customer uuid.UUID `json:"customer"`
	Contact  uuid.UUID `json:"contact"`
	By       Actor     `json:"by"`
	Hash     []byte    `json:"hash"`
}

// InvitationRef names an invitation.
type InvitationRef struct {
	Org        uuid.UUID `json:"org"`
	Invitation uuid.UUID `json:"invitation"`
}

// BeginInvitationInput is an invitation to store. A nil Request reads what is
// stored, for a flow that was started again.
type BeginInvitationInput struct {
	InvitationRef
	Request *InviteRequest `json:"request,omitempty"`
	// Lifetime of the link in each email.
	Lifetime time.Duration `json:"lifetime"`
}

// InvitationState is where an invitation stands.
type InvitationState struct {
	Begun
	Send      int       `json:"send"`
	SentAt    time.Time `json:"sent_at"`
	ExpiresAt time.Time `json:"expires_at"`
	// Contact and Customer are shown to operators by ID only.
	Contact  uuid.UUID `json:"contact"`
	Customer uuid.UUID `json:"customer"`
}

// Live reports whether the invitation can still be accepted.
func (s InvitationState) Live() bool { return s.Status == string(portal.InvitationPending) }

// BeginInvitation stores the invitation and gives the contact access as
// invited, in one transaction. It is the flow's first step, and what the
// caller's answer comes from.
func (a *Activities) BeginInvitation(ctx context.Context, in BeginInvitationInput) (InvitationState, error) {
	var state InvitationState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		stored, err := q.GetInvitation(ctx, dbsqlc.GetInvitationParams{OrgID: in.Org, ID: in.Invitation})
		switch {
		case err == nil:
			state = invitationState(stored)
			return nil
		case !db.NotFound(err):
			return err
		case in.Request == nil:
			return portal.NotFound("invitation")
		}
		return a.invite(ctx, q, in)
	})
	if db.Violates(err, "invitations_one_pending") {
		err = portal.Conflict("This contact was invited a moment ago.")
	}
	if db.Violates(err, "contacts_email_signs_in") {
		err = portal.Conflict("Another contact with this email address may already sign in.")
	}
	if refused := Refusal(err); refused != nil {
		return InvitationState{Begun: Begun{Refused: refused}}, nil
	}
	if err == nil && state.Status == "" {
		return a.ReadInvitation(ctx, in.InvitationRef)
	}
	return state, boundary(err)
}

func (a *Activities) invite(ctx context.Context, q *dbsqlc.Queries, in BeginInvitationInput) error {
	contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: in.Org, ID: in.Request.Contact})
	if db.NotFound(err) || err == nil && contact.CustomerID != in.Request.Customer {
		return portal.NotFound("contact")
	}
	if err != nil {
		return err
	}
	if contact.Access == "active" {
		return portal.Conflict("%s already has access.", contact.Name)
	}
	// An invitation that is still open makes way for this one.
	open, err := q.PendingInvitationOf(ctx, dbsqlc.PendingInvitationOfParams{OrgID: in.Org, ContactID: contact.ID})
	if err != nil {
		return err
	}
	now := a.now()
	for _, old := range open {
		if _, err := q.EndInvitation(ctx, dbsqlc.EndInvitationParams{OrgID: in.Org, ID: old.ID, Status: portal.InvitationWithdrawn, At: &now}); err != nil {
			return err
		}
	}
	if _, err := q.SetContactAccess(ctx, dbsqlc.SetContactAccessParams{
		OrgID: in.Org, ID: contact.ID, Access: "invited", FromAccess: []string{"none", "withdrawn", "invited"},
	}); err != nil {
		return err
	}
	if _, err := q.InsertInvitation(ctx, dbsqlc.InsertInvitationParams{
		OrgID: in.Org, ID: in.Invitation, CustomerID: contact.CustomerID, ContactID: contact.ID,
		TokenHash: auth.Hash(a.invitationToken(in.Invitation, 1)), InvitedBy: optional(in.Request.By.ID), InvitedByName: in.Request.By.Name,
		RequestHash: in.Request.Hash, At: now, ExpiresAt: now.Add(in.Lifetime),
	}); err != nil {
		return err
	}
	return a.record(ctx, q, happened{
		org: in.Org, customer: contact.CustomerID, kind: "invitation.sent", subject: "contact", id: contact.ID,
		by: in.Request.By, internal: true, data: map[string]any{"contact": contact.Name, "email": contact.Email}, at: now,
	})
}

// ReadInvitation reads where an invitation stands.
func (a *Activities) ReadInvitation(ctx context.Context, ref InvitationRef) (InvitationState, error) {
	var state InvitationState
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		stored, err := q.GetInvitation(ctx, dbsqlc.GetInvitationParams{OrgID: ref.Org, ID: ref.Invitation})
		if db.NotFound(err) {
			return portal.NotFound("invitation")
		}
		state = invitationState(stored)
		return err
	})
	return state, boundary(err)
}

func invitationState(i dbsqlc.Invitation) InvitationState {
	return InvitationState{
		Begun: Begun{Status: string(i.Status), RequestHash: i.RequestHash},
		Send:  int(i.SendNumber), SentAt: i.SentAt, ExpiresAt: i.ExpiresAt, Contact: i.ContactID, Customer: i.CustomerID,
	}
}

// invitationToken is the token of an invitation's send-th email.
func (a *Activities) invitationToken(invitation uuid.UUID, send int) string {
	return auth.DerivedToken(a.TokenKey, "invitation", invitation, send)
}

// SendInvitationInput is one email of an invitation.
type SendInvitationInput struct {
	InvitationRef
	// Reminder sends the reminder instead of the invitation.
	Reminder bool `json:"reminder,omitempty"`
}

// SendInvitation emails the contact the link, if the invitation is still open.
func (a *Activities) SendInvitation(ctx context.Context, in SendInvitationInput) error {
	var (
		invitation dbsqlc.Invitation
		contact    dbsqlc.Contact
		customer   dbsqlc.Customer
		org        dbsqlc.Organization
	)
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		if invitation, err = q.GetInvitation(ctx, dbsqlc.GetInvitationParams{OrgID: in.Org, ID: in.Invitation}); err != nil {
			return err
		}
		if contact, err = q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: in.Org, ID: invitation.ContactID}); err != nil {
			return err
		}
		if customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: in.Org, ID: invitation.CustomerID}); err != nil {
			return err
		}
		org, err = q.GetOrganization(ctx, in.Org)
		return err
	})
	if err != nil {
		return boundary(err)
	}
	if invitation.Status != portal.InvitationPending {
		return nil
	}
	token := a.invitationToken(invitation.ID, int(invitation.SendNumber))
	if !bytes.Equal(auth.Hash(token), invitation.TokenHash) {
		return boundary(fmt.Errorf("the token of invitation %s was made with another key", invitation.ID))
	}
	template := "invitation"
	if in.Reminder {
		template = "invitation_reminder"
	}
	return boundary(a.deliver(ctx, letter{
		org: org, customer: customer.ID, to: toContact(contact), template: template, subject: "invitation", id: invitation.ID,
		send: int(invitation.SendNumber),
		values: map[string]string{
			"customer_name": customer.Name,
			"expires_on":    dayIn(org, invitation.ExpiresAt),
		},
		secret: map[string]string{"accept_link": a.SiteURL + "/" + org.Slug + "/invitations/" + token},
	}))
}

// ResendInvitationInput makes a new email, with a new link, of an invitation.
type ResendInvitationInput struct {
	InvitationRef
	// Send is the newest send that the caller knows of.
	Send     int           `json:"send"`
	Lifetime time.Duration `json:"lifetime"`
	By       Actor         `json:"by"`
}

// ResendInvitation gives the invitation a new link and a new lifetime. The old
// link stops working.
func (a *Activities) ResendInvitation(ctx context.Context, in ResendInvitationInput) (InvitationState, error) {
	now := a.now()
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		n, err := q.ResendInvitation(ctx, dbsqlc.ResendInvitationParams{
			OrgID: in.Org, ID: in.Invitation, SendNumber: int32(in.Send),
			TokenHash: auth.Hash(a.invitationToken(in.Invitation, in.Send+1)), At: now, ExpiresAt: now.Add(in.Lifetime),
		})
		if err != nil {
			return err
		}
		stored, err := q.GetInvitation(ctx, dbsqlc.GetInvitationParams{OrgID: in.Org, ID: in.Invitation})
		if err != nil {
			return err
		}
		if n == 0 {
			if stored.Status != portal.InvitationPending {
				return portal.Conflict("This invitation is not open any more.")
			}
			return nil // this very resend was stored before
		}
		return a.record(ctx, q, happened{
			org: in.Org, customer: stored.CustomerID, kind: "invitation.resent", subject: "contact", id: stored.ContactID,
			by: in.By, internal: true, at: now,
		})
	})
	if err != nil {
		return InvitationState{}, boundary(err)
	}
	return a.ReadInvitation(ctx, in.InvitationRef)
}

// EndInvitationInput ends an open invitation as expired or withdrawn.
type EndInvitationInput struct {
	InvitationRef
	Status portal.InvitationStatus `json:"status"`
	By     Actor                   `json:"by"`
}

// EndInvitation ends an invitation that is still open. One that was accepted or
// extended meanwhile is left alone: the state returned says which.
func (a *Activities) EndInvitation(ctx context.Context, in EndInvitationInput) (InvitationState, error) {
	now := a.now()
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		stored, err := q.GetInvitation(ctx, dbsqlc.GetInvitationParams{OrgID: in.Org, ID: in.Invitation})
		if err != nil {
			return err
		}
		if in.Status == portal.InvitationExpired && stored.ExpiresAt.After(now) {
			return nil
		}
		n, err := q.EndInvitation(ctx, dbsqlc.EndInvitationParams{OrgID: in.Org, ID: in.Invitation, Status: in.Status, At: &now})
		if err != nil || n == 0 {
			return err
		}
		if _, err := q.SetContactAccess(ctx, dbsqlc.SetContactAccessParams{
			OrgID: in.Org, ID: stored.ContactID, Access: "none", FromAccess: []string{"invited"},
		}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: in.Org, customer: stored.CustomerID, kind: "invitation." + string(in.Status), subject: "contact", id: stored.ContactID,
			by: in.By, internal: true, at: now,
		})
	})
	if err != nil {
		return InvitationState{}, boundary(err)
	}
	return a.ReadInvitation(ctx, in.InvitationRef)
}

// CloseInvitation marks that the flow has nothing more to do.
func (a *Activities) CloseInvitation(ctx context.Context, ref InvitationRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.CloseInvitationFlow(ctx, dbsqlc.CloseInvitationFlowParams{OrgID: ref.Org, ID: ref.Invitation})
	}))
}

// dayIn writes the day on which an instant falls for the organization.
func dayIn(org dbsqlc.Organization, at time.Time) string {
	return portal.DateOf(at, zoneOf(org)).Format(org.Locale)
}

// zoneOf is the organization's time zone; the schema accepts only what Go knows.
func zoneOf(org dbsqlc.Organization) *time.Location {
	zone, err := time.LoadLocation(org.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}
