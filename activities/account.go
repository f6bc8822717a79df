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

// AccountEmailRef names an email to somebody about their own account.
type AccountEmailRef struct {
	Org   uuid.UUID `json:"org"`
	Email uuid.UUID `json:"email"`
}

// AccountEmailState is what there is to send.
type AccountEmailState struct {
	Template string `json:"template"`
	// Open says that the email is still to be sent: a link that was replaced, or
	// has had its time, is not worth an email.
	Open bool `json:"open"`
}

// The emails about accounts, as their rows name them.
const (
	emailPasswordReset   = "password_reset"
	emailPasswordChanged = "password_changed"
	emailMFAReset        = "mfa_reset"
	emailInvitation      = "invitation"
)

// bringsLink reports whether an email brings a link to choose a password.
func bringsLink(template string) bool {
	return template == emailPasswordReset || template == emailInvitation
}

// PrepareAccountEmail reads what is to be sent. For a password to be chosen it
// makes the link, of which only the hash is stored: SendAccountEmail can make
// the same one again.
func (a *Activities) PrepareAccountEmail(ctx context.Context, ref AccountEmailRef) (AccountEmailState, error) {
	var state AccountEmailState
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		email, err := q.GetAccountEmail(ctx, dbsqlc.GetAccountEmailParams{OrgID: ref.Org, ID: ref.Email})
		if db.NotFound(err) {
			return portal.NotFound("email")
		}
		if err != nil {
			return err
		}
		state = AccountEmailState{Template: email.Template, Open: email.FlowOpen}
		if !state.Open || !bringsLink(email.Template) {
			return nil
		}
		now := a.now()
		made, err := q.MakePasswordResetLink(ctx, dbsqlc.MakePasswordResetLinkParams{
			OrgID: ref.Org, ID: ref.Email, TokenHash: auth.Hash(a.resetToken(ref.Email)),
		})
		if err != nil {
			return err
		}
		reset, err := q.GetPasswordReset(ctx, dbsqlc.GetPasswordResetParams{OrgID: ref.Org, ID: ref.Email})
		if err != nil {
			return err
		}
		state.Open = usable(reset, now)
		if made == 0 || email.Template == emailInvitation { // whoever invites is recorded when they do
			return nil
		}
		owner, err := readOwner(ctx, q, email)
		if err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: ref.Org, customer: customerOf(email), kind: "password.reset_requested", subject: email.Side, id: email.SubjectID,
			by: system(), internal: true, at: now, data: map[string]any{"name": owner.name},
		})
	})
	return state, boundary(err)
}

// usable reports whether a link for a new password still works.
func usable(r dbsqlc.PasswordReset, at time.Time) bool {
	return r.SpentAt == nil && r.ReplacedAt == nil && r.ExpiresAt.After(at)
}

// resetToken is the token of a password reset's one email.
func (a *Activities) resetToken(reset uuid.UUID) string {
	return auth.DerivedToken(a.TokenKey, "password_reset", reset, 1)
}

// readOwner is whose account an email is about.
func readOwner(ctx context.Context, q *dbsqlc.Queries, email dbsqlc.AccountEmail) (recipient, error) {
	if email.Side == string(portal.SideStaff) {
		staff, err := q.GetStaff(ctx, dbsqlc.GetStaffParams{OrgID: email.OrgID, ID: email.SubjectID})
		return toStaff(staff), err
	}
	contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: email.OrgID, ID: email.SubjectID})
	return toContact(contact), err
}

// customerOf is the customer of the contact whom an email is for, if it is for one.
func customerOf(email dbsqlc.AccountEmail) uuid.UUID {
	if email.CustomerID == nil {
		return uuid.Nil
	}
	return *email.CustomerID
}

// SendAccountEmail emails somebody about their own account.
func (a *Activities) SendAccountEmail(ctx context.Context, ref AccountEmailRef) error {
	var (
		org   dbsqlc.Organization
		email dbsqlc.AccountEmail
		reset dbsqlc.PasswordReset
		to    recipient
	)
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		if email, err = q.GetAccountEmail(ctx, dbsqlc.GetAccountEmailParams{OrgID: ref.Org, ID: ref.Email}); err != nil {
			return err
		}
		if bringsLink(email.Template) {
			if reset, err = q.GetPasswordReset(ctx, dbsqlc.GetPasswordResetParams{OrgID: ref.Org, ID: ref.Email}); err != nil {
				return err
			}
		}
		if to, err = readOwner(ctx, q, email); err != nil {
			return err
		}
		org, err = q.GetOrganization(ctx, ref.Org)
		return err
	})
	if err != nil {
		return boundary(err)
	}
	base := a.SiteURL + "/" + org.Slug
	l := letter{
		org: org, customer: customerOf(email), to: to, template: email.Template, subject: "account", id: email.ID, values: map[string]string{},
	}
	if email.Side == string(portal.SideStaff) {
		base = a.SiteURL + "/console/" + org.Slug
		l.template = "staff_" + email.Template
	}
	switch email.Template {
	case emailPasswordReset, emailInvitation:
		token := a.resetToken(reset.ID)
		if !bytes.Equal(auth.Hash(token), reset.TokenHash) {
			return boundary(fmt.Errorf("the token of password reset %s was made with another key", reset.ID))
		}
		l.values["expires_on"] = momentIn(org, reset.ExpiresAt)
		if email.Template == emailInvitation {
			l.values["invited_by"] = email.AskedBy
		}
		l.secret = map[string]string{"reset_link": base + "/password/" + token}
	case emailPasswordChanged:
		l.values["changed_on"] = momentIn(org, email.CreatedAt)
		l.values["forgot_link"] = base + "/password"
	case emailMFAReset:
		l.values["changed_on"] = momentIn(org, email.CreatedAt)
		l.values["portal_link"] = base + "/sign-in"
	}
	return boundary(a.deliver(ctx, l))
}

// CloseAccountEmail marks that the flow has nothing more to do.
func (a *Activities) CloseAccountEmail(ctx context.Context, ref AccountEmailRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.CloseAccountEmailFlow(ctx, dbsqlc.CloseAccountEmailFlowParams{OrgID: ref.Org, ID: ref.Email})
	}))
}

// momentIn writes the day and the time at which an instant falls for the organization.
func momentIn(org dbsqlc.Organization, at time.Time) string {
	return dayIn(org, at) + ", " + at.In(zoneOf(org)).Format("15:04 MST")
}
