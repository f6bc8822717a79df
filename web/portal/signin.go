package portal

import (
	"net/http"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) signIn(r *web.Request) error {
	if r.Who.Org != uuid.Nil {
		return r.Redirect(r.Next(r.Query("next")))
	}
	return r.Draw(http.StatusOK, signInPage(r, web.NewForm("next", r.Query("next")), signInNotice(r.Query("done"))))
}

func (p pages) postSignIn(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SignInContact, &api.SignInInput{Org: r.Org.Slug})
	if err != nil {
		return r.Again(f, err, signInPage(r, f, nil))
	}
	r.SetCookies(out.SetCookie)
	return led(r, out.Body, f.Value("next"))
}

// signInNotice says what led to the sign-in page; nil for nothing that needs saying.
func signInNotice(done string) *ui.Notice {
	notices := map[string]ui.Notice{
		"signed-out": {Tone: ui.Success, Words: "You are signed out."},
		"password":   {Tone: ui.Success, Title: "Your password is changed", Words: "Sign in with it now."},
		"ended":      {Tone: ui.Warning, Words: "That sign-in took too long, or was completed elsewhere. Please sign in again."},
	}
	if n, ok := notices[done]; ok {
		return &n
	}
	return nil
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
