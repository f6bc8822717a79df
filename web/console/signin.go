package console

import (
	"net/http"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

func (p pages) signIn(r *web.Request) error {
	if r.Who.Org != uuid.Nil {
		return r.Redirect(r.Next(r.Query("next")))
	}
	return r.Draw(http.StatusOK, signInView(r, web.NewForm("next", r.Query("next"))))
}

func (p pages) postSignIn(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SignInStaff, &api.SignInInput{Org: r.Org.Slug})
	if err != nil {
		return r.Again(f, err, signInView(r, f))
	}
	r.SetCookies(out.SetCookie)
	return r.Redirect(r.Next(f.Value("next")))
}

// postSignOut works for whoever is signed in no more, too: their wish is fulfilled.
func (p pages) postSignOut(r *web.Request) error {
	out, err := p.SignOutStaff.Do(r.Context(), &api.SignOutInput{Org: r.Org.Slug})
	if err == nil {
		r.SetCookies(out.SetCookie)
	} else if portal.CodeOf(err) != portal.CodeUnauthenticated {
		return err
	}
	return r.Redirect(with(r.Path("sign-in"), "done", "signed-out"))
}
