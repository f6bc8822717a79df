package console

import (
	"net/http"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

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
