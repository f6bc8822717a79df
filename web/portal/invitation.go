package portal

import (
	"errors"
	"net/http"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// invitation shows what a link opens. It spends nothing, however often a mail scanner follows the link.
func (p pages) invitation(r *web.Request) error {
	open, err := p.ReadInvitation.Do(r.Context(), &api.ReadInvitationInput{Org: r.Org.Slug, Token: r.Param("token")})
	if err != nil {
		return spent(r, err)
	}
	return r.Draw(http.StatusOK, invitationPage(r, web.NewForm(), open))
}

func (p pages) postInvitation(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	token := r.Param("token")
	out, err := web.Submit(r, f, p.AcceptInvitation, &api.AcceptInvitationInput{Org: r.Org.Slug, Token: token})
	if err == nil {
		r.SetCookies(out.SetCookie)
		if out.Body.Need != "" {
			return led(r, out.Body, "")
		}
		return r.Redirect(r.Path() + "?done=welcome")
	}
	open, gone := p.ReadInvitation.Do(r.Context(), &api.ReadInvitationInput{Org: r.Org.Slug, Token: token})
	if gone != nil {
		return spent(r, gone)
	}
	return r.Again(f, err, invitationPage(r, f, open))
}

// spent says kindly why an invitation can't be used.
func spent(r *web.Request, err error) error {
	if gone, ok := errors.AsType[*portal.Error](err); ok && gone.Code == portal.CodeGone {
		return r.Draw(http.StatusGone, spentInvitation(r, gone.Message))
	}
	return err
}
