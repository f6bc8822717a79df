package portal

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/auth"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// led goes where a sign-in leads: on, or to what it still needs.
func led(r *web.Request, in api.SignedIn, next string) error {
	switch in.Need {
	case api.NeedCode:
		return r.Redirect(withNext(r.Path("sign-in", "code"), next))
	case api.NeedSetUp:
		return r.Redirect(withNext(r.Path("sign-in", "set-up"), next))
	}
	if in.BackupCodes != nil {
		return r.Redirect(r.Path("account") + "?done=backup-code#security")
	}
	return r.Redirect(r.Next(next))
}

// withNext is an address that remembers where the reader was headed.
func withNext(address, next string) string {
	if next == "" {
		return address
	}
	return address + "?" + url.Values{"next": {next}}.Encode()
}

// ended leads whoever has no sign-in half way (any more) to where they can go on.
func ended(r *web.Request, err error) error {
	if portal.CodeOf(err) != portal.CodeUnauthenticated {
		return err
	}
	if r.Who.Org != uuid.Nil {
		return r.Redirect(r.Path())
	}
	return r.Redirect(r.Path("sign-in") + "?done=ended")
}

// code asks for the second factor, R62. A backup code is asked for in a field of its own: it has letters, which a phone's
// keypad for digits doesn't.
func (p pages) code(r *web.Request) error {
	open, err := p.ReadPendingSignIn.Do(r.Context(), &api.PendingSignInInput{Org: r.Org.Slug})
	if err != nil {
		return ended(r, err)
	}
	if open.Body.Need != api.NeedCode {
		return r.Redirect(withNext(r.Path("sign-in", "set-up"), r.Query("next")))
	}
	f := web.NewForm("next", r.Query("next"), "with", r.Query("with"))
	return r.Draw(http.StatusOK, codePage(r, open.Body, f))
}

func (p pages) postCode(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SignInWithCode, &api.CodeInput{Org: r.Org.Slug})
	if err == nil {
		r.SetCookies(out.SetCookie)
		return led(r, out.Body, f.Value("next"))
	}
	open, gone := p.ReadPendingSignIn.Do(r.Context(), &api.PendingSignInInput{Org: r.Org.Slug})
	if gone != nil {
		return ended(r, gone)
	}
	return r.Again(f, err, codePage(r, open.Body, f))
}

// setUp shows the secret of an authenticator to be, as a picture and for typing, R60.
func (p pages) setUp(r *web.Request) error {
	open, err := p.ReadPendingSignIn.Do(r.Context(), &api.PendingSignInInput{Org: r.Org.Slug})
	if err != nil {
		return ended(r, err)
	}
	if open.Body.Need != api.NeedSetUp {
		return r.Redirect(withNext(r.Path("sign-in", "code"), r.Query("next")))
	}
	return r.Draw(http.StatusOK, setUpPage(r, open.Body, web.NewForm("next", r.Query("next"))))
}

// postSetUp draws the backup codes as its answer: they are shown once, and no address leads to them.
func (p pages) postSetUp(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SetUpMFA, &api.CodeInput{Org: r.Org.Slug})
	if err == nil {
		r.SetCookies(out.SetCookie)
		return r.Draw(http.StatusOK, firstBackupCodes(r, out.Body.BackupCodes, r.Next(f.Value("next"))))
	}
	open, gone := p.ReadPendingSignIn.Do(r.Context(), &api.PendingSignInInput{Org: r.Org.Slug})
	if gone != nil {
		return ended(r, gone)
	}
	return r.Again(f, err, setUpPage(r, open.Body, f))
}

// picture is a drawing that a page carries in itself, so that no address leads to the secret in it.
func picture(svg string) string {
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg))
}

// backupCodes asks for a code before it makes new backup codes.
func (p pages) backupCodes(r *web.Request) error {
	mfa, err := p.readMFA(r)
	if err != nil {
		return err
	}
	if !mfa.Enabled {
		return portal.NotFound("page")
	}
	return r.Draw(http.StatusOK, newBackupCodesPage(r, mfa, web.NewForm()))
}

func (p pages) postBackupCodes(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.MakeBackupCodes, &api.CodeInput{Org: r.Org.Slug})
	if err == nil {
		return r.Draw(http.StatusOK, freshBackupCodes(r, out.Body.BackupCodes))
	}
	mfa, gone := p.readMFA(r)
	if gone != nil {
		return gone
	}
	return r.Again(f, err, newBackupCodesPage(r, mfa, f))
}

func (p pages) readMFA(r *web.Request) (api.MyMFA, error) {
	out, err := p.GetMyMFA.Do(r.Context(), &api.MyMFAInput{Org: r.Org.Slug})
	if err != nil {
		return api.MyMFA{}, err
	}
	return out.Body, nil
}

// downloadBackupCodes gives the codes that the page shows back as a file. We don't have them: the page sends them along.
func (p pages) downloadBackupCodes(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	codes := f.Values("codes")
	if len(codes) != auth.BackupCodes {
		return portal.NotFound("page")
	}
	for _, code := range codes {
		if _, ok := auth.HashBackupCode(code); !ok {
			return portal.NotFound("page")
		}
	}
	h := r.Writer().Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="backup-codes-`+r.Org.Slug+`.txt"`)
	lines := append([]string{"Backup codes for the customer portal of " + r.Org.Name, r.Who.Email, ""}, codes...)
	lines = append(lines, "", "Each signs you in once when you don't have your authenticator.", "Made on "+r.Day(&r.Now)+". Newer codes make these worthless.", "")
	_, err = r.Writer().Write([]byte(strings.Join(lines, "\r\n")))
	return err
}

func codesHidden(codes []string) []ui.Hidden {
	var hidden []ui.Hidden
	for _, code := range codes {
		hidden = append(hidden, ui.Hidden{Name: "codes", Value: code})
	}
	return hidden
}
