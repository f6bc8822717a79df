package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type passwordOperations struct {
	ForgetPassword         *Operation[ForgetPasswordInput, ForgetPasswordOutput]
	ReadPasswordReset      *Operation[PasswordResetInput, PasswordResetOutput]
	ResetPassword          *Operation[ResetPasswordInput, ResetPasswordOutput]
	ForgetStaffPassword    *Operation[ForgetPasswordInput, ForgetPasswordOutput]
	ReadStaffPasswordReset *Operation[PasswordResetInput, PasswordResetOutput]
	ResetStaffPassword     *Operation[ResetPasswordInput, ResetPasswordOutput]
}

// ForgetPasswordInput asks for a link to choose a new password, R58.
type ForgetPasswordInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Email string `json:"email" minLength:"1" maxLength:"254" doc:"Email address"`
	}
}

// ForgetPasswordOutput is the same whether there is an account or not.
type ForgetPasswordOutput struct {
	Body struct {
		Message string `json:"message"`
	}
}

// PasswordResetInput is the link of the email.
type PasswordResetInput struct {
	Org   string `path:"org" maxLength:"40"`
	Token string `path:"token" maxLength:"100"`
}

// PasswordResetOutput is who may choose a new password. Reading it spends
// nothing: mail scanners follow links too.
type PasswordResetOutput struct {
	Body struct {
		Name      string    `json:"name"`
		Email     string    `json:"email"`
		ExpiresAt time.Time `json:"expires_at"`
		// Invitation links are for the first password of a new colleague.
		Invitation bool `json:"invitation,omitempty"`
	}
}

// ResetPasswordInput spends the link: a new password is chosen.
type ResetPasswordInput struct {
	Org   string `path:"org" maxLength:"40"`
	Token string `path:"token" maxLength:"100"`
	Body  struct {
		Password string `json:"password" minLength:"1" maxLength:"128"`
		Repeat   string `json:"repeat" minLength:"1" maxLength:"128" doc:"The password again."`
	}
}

// ResetPasswordOutput says how many sessions were ended. Nobody is signed in by
// it: the new password, and the code where there is one, are asked for.
type ResetPasswordOutput struct {
	Body struct {
		SignedOut int `json:"signed_out" doc:"Sessions that were ended."`
	}
}

func (a *API) declarePasswords() {
	for _, side := range []struct {
		side   portal.Side
		of, at string
		forget **Operation[ForgetPasswordInput, ForgetPasswordOutput]
		read   **Operation[PasswordResetInput, PasswordResetOutput]
		reset  **Operation[ResetPasswordInput, ResetPasswordOutput]
	}{
		{portal.SideContact, "contact", "portal", &a.ForgetPassword, &a.ReadPasswordReset, &a.ResetPassword},
		{portal.SideStaff, "staff", "console", &a.ForgetStaffPassword, &a.ReadStaffPasswordReset, &a.ResetStaffPassword},
	} {
		at := "/api/{org}/" + side.at + "/password-resets"
		*side.forget = declare(a, route{
			id: "forget-" + side.of + "-password", method: http.MethodPost, path: at, tag: "Sign-in", status: http.StatusAccepted,
			summary: "Ask for an email with a link to choose a new password",
		}, func(ctx context.Context, in *ForgetPasswordInput) (*ForgetPasswordOutput, error) {
			return a.forgetPassword(ctx, in, side.side)
		})
		*side.read = declare(a, route{
			id: "read-" + side.of + "-password-reset", method: http.MethodGet, path: at + "/{token}", tag: "Sign-in",
			summary: "Read whose password a link is for",
		}, func(ctx context.Context, in *PasswordResetInput) (*PasswordResetOutput, error) {
			return a.readPasswordReset(ctx, in, side.side)
		})
		*side.reset = declare(a, route{
			id: "reset-" + side.of + "-password", method: http.MethodPost, path: at + "/{token}", tag: "Sign-in",
			summary: "Choose a new password with a link",
		}, func(ctx context.Context, in *ResetPasswordInput) (*ResetPasswordOutput, error) {
			return a.resetPassword(ctx, in, side.side)
		})
	}
}

// resetLifetime is how long a link for a new password works.
const resetLifetime = time.Hour

// How many links may be asked for: for one account and from one address.
const (
	resetsPerAccount = 5
	resetsPerAddress = 30
)

// forgetPassword answers the same, and takes as long, with an account and without.
func (a *API) forgetPassword(ctx context.Context, in *ForgetPasswordInput, side portal.Side) (*ForgetPasswordOutput, error) {
	email := strings.ToLower(strings.TrimSpace(in.Body.Email))
	tooMany := portal.TooMany("A new password was asked for too often. Please wait an hour and try again.", resetLifetime)
	err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) error {
		hits, err := q.ThrottleHit(ctx, dbsqlc.ThrottleHitParams{Key: "password-from:" + network(clientOf(ctx).IP), Seconds: resetLifetime.Seconds()})
		if err != nil {
			return err
		}
		if hits > resetsPerAddress {
			return tooMany
		}
		hits, err = q.RequestPasswordReset(ctx, dbsqlc.RequestPasswordResetParams{
			Slug: in.Org, Email: email, Side: string(side), ID: a.NewID(), At: a.now(), LifetimeSeconds: resetLifetime.Seconds(),
			Throttle: "password:" + in.Org + ":" + string(side) + ":" + email, WindowSeconds: resetLifetime.Seconds(), Most: resetsPerAccount,
		})
		if err == nil && hits > resetsPerAccount {
			err = tooMany
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &ForgetPasswordOutput{}
	out.Body.Message = "If this address can sign in, an email with a link is on its way. The link works for an hour."
	return out, nil
}

// passwordReset finds what a link opens, and says kindly why it can't be used.
func (a *API) passwordReset(ctx context.Context, slug, token string, side portal.Side) (dbsqlc.PasswordResetRow, error) {
	var found []dbsqlc.PasswordResetRow
	err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) (err error) {
		found, err = q.PasswordResetByToken(ctx, dbsqlc.PasswordResetByTokenParams{Hash: auth.Hash(token), Slug: slug, Side: string(side)})
		return err
	})
	switch {
	case err != nil:
		return dbsqlc.PasswordResetRow{}, err
	case len(found) != 1:
		return dbsqlc.PasswordResetRow{}, portal.Gone("This link can't be used. Ask for a new one.")
	case found[0].SpentAt != nil:
		return found[0], portal.Gone("This link was used already. Sign in with the password you chose, or ask for a new link.")
	case found[0].ReplacedAt != nil:
		return found[0], portal.Gone("This link was replaced. If a newer email was sent to you, use the link in that one.")
	case !found[0].ExpiresAt.After(a.now()) && found[0].Invitation:
		return found[0], portal.Gone("The time of this invitation has passed. Ask for a new link here, or ask an administrator to send the invitation again.")
	case !found[0].ExpiresAt.After(a.now()):
		return found[0], portal.Gone("This link was for one hour, which has passed. Ask for a new one.")
	}
	return found[0], nil
}

func (a *API) readPasswordReset(ctx context.Context, in *PasswordResetInput, side portal.Side) (*PasswordResetOutput, error) {
	reset, err := a.passwordReset(ctx, in.Org, in.Token, side)
	if err != nil {
		return nil, err
	}
	out := &PasswordResetOutput{}
	out.Body.Name, out.Body.Email, out.Body.ExpiresAt = reset.Name, reset.Email, reset.ExpiresAt
	out.Body.Invitation = reset.Invitation
	return out, nil
}

func (a *API) resetPassword(ctx context.Context, in *ResetPasswordInput, side portal.Side) (*ResetPasswordOutput, error) {
	reset, err := a.passwordReset(ctx, in.Org, in.Token, side)
	if err != nil {
		return nil, err
	}
	// The token proves who this is.
	p := portal.Principal{
		Org: reset.OrgID, OrgSlug: in.Org, Side: side, Actor: reset.SubjectID, ActorKind: portal.ActorKind(side), Name: reset.Name, Email: reset.Email,
	}
	if reset.CustomerID != nil {
		p.Customer = *reset.CustomerID
	}
	var org dbsqlc.Organization
	if err := a.DB.In(ctx, p, func(q *dbsqlc.Queries) (err error) {
		org, err = q.GetOrganization(ctx, p.Org)
		return err
	}); err != nil {
		return nil, err
	}
	if err := choosable(in.Body.Password, in.Body.Repeat, p.Email, org.Name); err != nil {
		return nil, err
	}
	hash, err := a.Passwords.Hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	out := &ResetPasswordOutput{}
	now := a.now()
	err = a.DB.In(ctx, p, func(q *dbsqlc.Queries) error {
		spent, err := q.SpendPasswordReset(ctx, dbsqlc.SpendPasswordResetParams{OrgID: p.Org, ID: reset.ID, TokenHash: auth.Hash(in.Token), At: &now})
		if err != nil {
			return err
		}
		if spent == 0 {
			return portal.Gone("This link was used or replaced a moment ago. Sign in, or ask for a new one.")
		}
		if err := q.ThrottleClear(ctx, signInThrottle(in.Org, side, p.Email)); err != nil {
			return err
		}
		if out.Body.SignedOut, err = a.setPassword(ctx, q, p, hash, uuid.Nil); err != nil {
			return err
		}
		kind := "staff.joined"
		if !reset.Invitation { // nobody else can have chosen the first one
			kind = "password.reset"
			if err := a.tellOwner(ctx, q, p, "password_changed"); err != nil {
				return err
			}
		}
		return a.record(ctx, q, p, happened{customer: p.Customer, kind: kind, subject: string(p.ActorKind), id: p.Actor, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// choosable refuses a new password that breaks the rules and one that was typed differently the second time: both at once, so that
// nobody mends the one only to hear of the other.
func choosable(password, repeat, email, name string) error {
	err := auth.CheckRules(password, email, name)
	if password == repeat {
		return err
	}
	differs := portal.Field("repeat", "Type the same password again.")
	if weak, ok := errors.AsType[*portal.Error](err); ok {
		return portal.Invalid(weak.Message, append(weak.Fields, differs)...)
	}
	return portal.Invalid("The two passwords differ.", differs)
}

// setPassword stores p's new password and ends what the old one had opened: all
// sessions but the one to keep, sign-ins half way, links for a new password.
func (a *API) setPassword(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, hash string, keep uuid.UUID) (signedOut int, err error) {
	now := a.now()
	if err := q.SetPassword(ctx, dbsqlc.SetPasswordParams{OrgID: p.Org, SubjectID: p.Actor, PasswordHash: hash, ChangedAt: now}); err != nil {
		return 0, err
	}
	if err := q.EndPasswordResets(ctx, dbsqlc.EndPasswordResetsParams{OrgID: p.Org, SubjectID: p.Actor, At: &now}); err != nil {
		return 0, err
	}
	if err := q.DeletePendingSignInsOf(ctx, dbsqlc.DeletePendingSignInsOfParams{OrgID: p.Org, ContactID: p.Actor}); err != nil {
		return 0, err
	}
	ended, err := q.DeleteSessionsOf(ctx, dbsqlc.DeleteSessionsOfParams{OrgID: p.Org, SubjectID: p.Actor, Keep: keep})
	return int(ended), err
}

// tellOwner has an email sent to the owner of an account about what happened to
// it, which may not have been their own doing.
func (a *API) tellOwner(ctx context.Context, q *dbsqlc.Queries, owner portal.Principal, template string) error {
	return q.InsertAccountEmail(ctx, dbsqlc.InsertAccountEmailParams{
		OrgID: owner.Org, ID: a.NewID(), Side: string(owner.Side), SubjectID: owner.Actor, CustomerID: optional(owner.Customer), Template: template, At: a.now(),
	})
}
