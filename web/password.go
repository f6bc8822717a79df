package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/auth"
	"countersign/portal"
	"countersign/web/ui"
)

// Passwords are the pages of one side on which people renew a forgotten password, R58, and change the one that they have, R55.
type Passwords struct {
	Forget *api.Operation[api.ForgetPasswordInput, api.ForgetPasswordOutput]
	Read   *api.Operation[api.PasswordResetInput, api.PasswordResetOutput]
	Reset  *api.Operation[api.ResetPasswordInput, api.ResetPasswordOutput]
	Change *api.Operation[api.ChangePasswordInput, api.ChangePasswordOutput]
	// Bare is the side's frame around a page for somebody who isn't signed in.
	Bare func(r *Request, title string, refused bool) ui.BareShell
	// Framed draws a form of the account in the side's frame.
	Framed func(r *Request, title, words string, f *Form, form templ.Component) templ.Component
}

// PasswordRules are the rules for a new password, a line each.
func PasswordRules() []string {
	var rules []string
	for rule := range strings.SplitAfterSeq(auth.PasswordRules, ". ") {
		rules = append(rules, strings.TrimSpace(rule))
	}
	return rules
}

// AskLink asks where to send a link for a new password.
func (p Passwords) AskLink(r *Request) error {
	if r.Query("done") == "sent" {
		return r.Draw(http.StatusOK, linkSentPage(r, p.Bare(r, "Check your email", false)))
	}
	return r.Draw(http.StatusOK, p.forgotten(r, NewForm()))
}

// SendLink sends it.
func (p Passwords) SendLink(r *Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := Submit(r, f, p.Forget, &api.ForgetPasswordInput{Org: r.Org.Slug}); err != nil {
		return r.Again(f, err, p.forgotten(r, f))
	}
	return r.Redirect(r.Path("password") + "?done=sent")
}

func (p Passwords) forgotten(r *Request, f *Form) templ.Component {
	return forgottenPage(r, p.Bare(r, "Forgotten password", len(f.Errors) > 0), f)
}

// OpenLink shows what the link of an email opens. It spends nothing, however often a mail scanner follows the link.
func (p Passwords) OpenLink(r *Request) error {
	open, err := p.Read.Do(r.Context(), &api.PasswordResetInput{Org: r.Org.Slug, Token: r.Param("token")})
	if err != nil {
		return p.spent(r, err)
	}
	return r.Draw(http.StatusOK, p.renewal(r, NewForm(), open))
}

// SpendLink gives whoever has the link another password.
func (p Passwords) SpendLink(r *Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	token := r.Param("token")
	if _, err = Submit(r, f, p.Reset, &api.ResetPasswordInput{Org: r.Org.Slug, Token: token}); err == nil {
		return r.Redirect(r.Path("sign-in") + "?done=password")
	}
	open, gone := p.Read.Do(r.Context(), &api.PasswordResetInput{Org: r.Org.Slug, Token: token})
	if gone != nil {
		return p.spent(r, gone)
	}
	return r.Again(f, err, p.renewal(r, f, open))
}

func (p Passwords) renewal(r *Request, f *Form, open *api.PasswordResetOutput) templ.Component {
	words := ui.Heading{Title: "Choose a new password", Subtitle: "Saving it signs you out everywhere. Then sign in with the new one."}
	if open.Body.Invitation {
		words = ui.Heading{Title: "Welcome, " + open.Body.Name, Subtitle: "You were added to the console of " + r.Org.Name + ". Choose a password, then sign in with it."}
	}
	s := p.Bare(r, words.Title, len(f.Errors) > 0)
	s.Foot = "This link works once, until " + r.Instant(open.Body.ExpiresAt) + "."
	return renewalPage(s, f, words, open)
}

// spent says kindly why a link for a new password can't be used.
func (p Passwords) spent(r *Request, err error) error {
	if gone, ok := errors.AsType[*portal.Error](err); ok && gone.Code == portal.CodeGone {
		return r.Draw(http.StatusGone, spentLinkPage(r, p.Bare(r, "New password", false), gone.Message))
	}
	return err
}

// AskChange asks for the password that somebody has, and the one that they want.
func (p Passwords) AskChange(r *Request) error {
	return r.Draw(http.StatusOK, p.change(r, NewForm()))
}

// MakeChange changes it. This session goes on with another token.
func (p Passwords) MakeChange(r *Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := Submit(r, f, p.Change, &api.ChangePasswordInput{Org: r.Org.Slug})
	if err != nil {
		return r.Again(f, err, p.change(r, f))
	}
	r.SetCookies(out.SetCookie)
	return r.Redirect(r.Path("account") + "?done=password")
}

func (p Passwords) change(r *Request, f *Form) templ.Component {
	return p.Framed(r, "Change password", "You stay signed in here, and are signed out everywhere else.", f, changePasswordForm(r, f))
}
