package portal

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
		return r.Draw(http.StatusOK, linkSentPage(r))
	}
	return r.Draw(http.StatusOK, forgottenPage(r, web.NewForm()))
}

func (p pages) postForgotten(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.ForgetPassword, &api.ForgetPasswordInput{Org: r.Org.Slug}); err != nil {
		return r.Again(f, err, forgottenPage(r, f))
	}
	return r.Redirect(r.Path("password") + "?done=sent")
}

// reset shows what the link of an email opens. It spends nothing, however often a mail scanner follows the link.
func (p pages) reset(r *web.Request) error {
	open, err := p.ReadPasswordReset.Do(r.Context(), &api.PasswordResetInput{Org: r.Org.Slug, Token: r.Param("token")})
	if err != nil {
		return spentLink(r, err)
	}
	return r.Draw(http.StatusOK, resetPage(r, web.NewForm(), open))
}

func (p pages) postReset(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	token := r.Param("token")
	if _, err = web.Submit(r, f, p.ResetPassword, &api.ResetPasswordInput{Org: r.Org.Slug, Token: token}); err == nil {
		return r.Redirect(r.Path("sign-in") + "?done=password")
	}
	open, gone := p.ReadPasswordReset.Do(r.Context(), &api.PasswordResetInput{Org: r.Org.Slug, Token: token})
	if gone != nil {
		return spentLink(r, gone)
	}
	return r.Again(f, err, resetPage(r, f, open))
}

// spentLink says kindly why a link for a new password can't be used.
func spentLink(r *web.Request, err error) error {
	if gone, ok := errors.AsType[*portal.Error](err); ok && gone.Code == portal.CodeGone {
		return r.Draw(http.StatusGone, spentLinkPage(r, gone.Message))
	}
	return err
}
