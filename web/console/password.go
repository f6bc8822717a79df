package console

import (
	"errors"
	"net/http"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// forgotten asks where to send a link for a new password, R58.
func (p pages) forgotten(r *web.Request) error {
	if r.Query("done") == "sent" {
		return r.Draw(http.StatusOK, linkSentView(r))
	}
	return r.Draw(http.StatusOK, forgottenView(r, web.NewForm()))
}

func (p pages) postForgotten(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.ForgetStaffPassword, &api.ForgetPasswordInput{Org: r.Org.Slug}); err != nil {
		return r.Again(f, err, forgottenView(r, f))
	}
	return r.Redirect(with(r.Path("password"), "done", "sent"))
}

// reset shows what the link of an email opens. It spends nothing, however often a mail scanner follows the link.
func (p pages) reset(r *web.Request) error {
	open, err := p.ReadStaffPasswordReset.Do(r.Context(), &api.PasswordResetInput{Org: r.Org.Slug, Token: r.Param("token")})
	if err != nil {
		return spentLink(r, err)
	}
	return r.Draw(http.StatusOK, resetView(r, web.NewForm(), open))
}

func (p pages) postReset(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	token := r.Param("token")
	if _, err = web.Submit(r, f, p.ResetStaffPassword, &api.ResetPasswordInput{Org: r.Org.Slug, Token: token}); err == nil {
		return r.Redirect(with(r.Path("sign-in"), "done", "password"))
	}
	open, gone := p.ReadStaffPasswordReset.Do(r.Context(), &api.PasswordResetInput{Org: r.Org.Slug, Token: token})
	if gone != nil {
		return spentLink(r, gone)
	}
	return r.Again(f, err, resetView(r, f, open))
}

// spentLink says kindly why a link for a new password can't be used.
func spentLink(r *web.Request, err error) error {
	if gone, ok := errors.AsType[*portal.Error](err); ok && gone.Code == portal.CodeGone {
		return r.Draw(http.StatusGone, spentLinkView(r, gone.Message))
	}
	return err
}

// askResetMFA asks whether to take a contact's authenticator away, R63: somebody else may be asking for it.
func (p pages) askResetMFA(r *web.Request) error {
	c, err := p.contact(r)
	if err != nil {
		return err
	}
	if !c.MFA {
		return portal.NotFound("page")
	}
	return r.Draw(http.StatusOK, resetMFAView(r, c))
}

func (p pages) resetMFA(r *web.Request) error {
	c, err := p.contact(r)
	if err != nil {
		return err
	}
	if _, err := p.ResetMFA.Do(r.Context(), &api.ResetMFAInput{Org: r.Org.Slug, Contact: c.ID}); err != nil && portal.CodeOf(err) != portal.CodeConflict {
		return err // one that isn't there any more is reset, too
	}
	return r.Redirect(with(r.Path("customers", c.Customer.String()), "done", "mfa"))
}
