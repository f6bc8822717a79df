package portal

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
	return r.Draw(http.StatusOK, signInPage(r, web.NewForm("next", r.Query("next")), r.Query("done") == "signed-out"))
}

func (p pages) postSignIn(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SignInContact, &api.SignInInput{Org: r.Org.Slug})
	if err != nil {
		return r.Again(f, err, signInPage(r, f, false))
	}
	r.SetCookies(out.SetCookie)
	return r.Redirect(r.Next(f.Value("next")))
}

// postSignOut works for whoever is signed in no more, too: their wish is fulfilled.
func (p pages) postSignOut(r *web.Request) error {
	out, err := p.SignOutContact.Do(r.Context(), &api.SignOutInput{Org: r.Org.Slug})
	if err == nil {
		r.SetCookies(out.SetCookie)
	} else if portal.CodeOf(err) != portal.CodeUnauthenticated {
		return err
	}
	return r.Redirect(r.Path("sign-in") + "?done=signed-out")
}
