package api

import (
	"net/http"
	"testing"
	"time"

	"countersign/auth"
	"countersign/devstack/authenticator"
	"countersign/portal"
)

// linkOf makes the link of p's newest request, as the worker does; empty if there is none.
func (b *bundle) linkOf(p portal.Principal) string {
	b.t.Helper()
	id := value[string](b, `SELECT coalesce((SELECT id::text FROM password_resets WHERE subject_id = $1 AND spent_at IS NULL AND replaced_at IS NULL), '')`, p.Actor)
	if id == "" {
		return ""
	}
	token := "link-" + id
	b.sql(`UPDATE password_resets SET token_hash = $2 WHERE id = $1 AND token_hash IS NULL`, id, auth.Hash(token))
	return token
}

func TestAForgottenPasswordIsReplacedByALinkThatWorksOnce(t *testing.T) { // R58
	b := setup(t)
	for where, p := range map[string]portal.Principal{"portal": b.acme.contact, "console": b.bright.member} {
		b.password(p, old)
		at := "/api/bright/" + where + "/password-resets"
		ask := func(email string) answer {
			return b.call(nobody, http.MethodPost, at, map[string]string{"email": email})
		}
		known, unknown := ask(" "+p.Email), ask("nobody@acme.example")
		if known.status != http.StatusAccepted || unknown.status != known.status || string(known.body) != string(unknown.body) {
			t.Errorf("%s: the answers differ: %d %s, %d %s", where, known.status, known.body, unknown.status, unknown.body)
		}
		if n := value[int](b, `SELECT count(*) FROM account_emails WHERE subject_id = $1 AND template = 'password_reset'`, p.Actor); n != 1 {
			t.Errorf("%s: %d emails", where, n)
		}
		first := b.linkOf(p)
		ask(p.Email)
		if got := b.call(nobody, http.MethodGet, at+"/"+first, nil); got.status != http.StatusGone {
			t.Errorf("%s: the link before the newest: %d", where, got.status)
		}
		link := b.linkOf(p)
		for range 3 {
			if got := b.call(nobody, http.MethodGet, at+"/"+link, nil); got.status != http.StatusOK {
				t.Errorf("%s: looked at: %d %s", where, got.status, got.body)
			}
		}
		reset := func(token, password, repeat string) answer {
			return b.call(nobody, http.MethodPost, at+"/"+token, map[string]string{"password": password, "repeat": repeat})
		}
		for name, got := range map[string]answer{
			"differing": reset(link, chosen, chosen+"!"), "common": reset(link, "password1234", "password1234"),
		} {
			if got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %s passwords: %d", where, name, got.status)
			}
		}
		elsewhere := b.signedIn(p)
		done := decoded[struct {
			SignedOut int `json:"signed_out"`
		}](t, reset(link, chosen, chosen), http.StatusOK)
		if done.SignedOut != 2 {
			t.Errorf("%s: %d sessions ended", where, done.SignedOut)
		}
		if got := b.call(session(elsewhere), http.MethodGet, "/api/bright/"+where+"/account/sessions", nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s: a session from before: %d", where, got.status)
		}
		if got := reset(link, old, old); got.status != http.StatusGone {
			t.Errorf("%s: the link again: %d", where, got.status)
		}
		for password, want := range map[string]int{old: http.StatusUnprocessableEntity, chosen: http.StatusOK} {
			if got := b.call(nobody, http.MethodPost, "/api/bright/"+where+"/session", map[string]string{"email": p.Email, "password": password}); got.status != want {
				t.Errorf("%s: signing in with %q: %d", where, password, got.status)
			}
		}
		if n := value[int](b, `SELECT count(*) FROM account_emails WHERE subject_id = $1 AND template = 'password_changed'`, p.Actor); n != 1 {
			t.Errorf("%s: %d emails say that it was changed", where, n)
		}
	}
	// Neither side's link opens the other's.
	b.call(nobody, http.MethodPost, "/api/bright/portal/password-resets", map[string]string{"email": b.acme.contact.Email})
	if got := b.call(nobody, http.MethodGet, "/api/bright/console/password-resets/"+b.linkOf(b.acme.contact), nil); got.status != http.StatusGone {
		t.Errorf("a contact's link in the console: %d", got.status)
	}
}

func TestALinkForANewPasswordEndsInTimeAndWithTheAccess(t *testing.T) { // R58
	b := setup(t)
	p := b.acme.contact
	b.password(p, old)
	ask := func() string {
		b.call(nobody, http.MethodPost, "/api/bright/portal/password-resets", map[string]string{"email": p.Email})
		return b.linkOf(p)
	}
	opens := func(token string) int {
		return b.call(nobody, http.MethodGet, "/api/bright/portal/password-resets/"+token, nil).status
	}
	link := ask()
	b.now = b.now.Add(resetLifetime - time.Second)
	if got := opens(link); got != http.StatusOK {
		t.Errorf("within the hour: %d", got)
	}
	b.now = b.now.Add(time.Second)
	if got := opens(link); got != http.StatusGone {
		t.Errorf("after the hour: %d", got)
	}
	if got := b.call(nobody, http.MethodPost, "/api/bright/portal/password-resets/"+link, map[string]string{"password": chosen, "repeat": chosen}).status; got != http.StatusGone {
		t.Errorf("spent after the hour: %d", got)
	}
	link = ask()
	must(b.ChangeMyPassword.Do(as(t.Context(), p), changePassword(old, chosen, chosen)))(t)
	if got := opens(link); got != http.StatusGone {
		t.Errorf("after the password was changed: %d", got)
	}
	link = ask()
	edit := &EditMeInput{}
	edit.Body.Version, edit.Body.Name, edit.Body.Email, edit.Body.Password = 1, "Maria", "maria.new@acme.example", chosen
	must(b.EditMe.Do(as(t.Context(), p), edit))(t)
	if got := opens(link); got != http.StatusGone {
		t.Errorf("sent to an address that was given up: %d", got)
	}
	p.Email = "maria.new@acme.example"
	link = ask()
	b.sql(`UPDATE contacts SET access = 'withdrawn' WHERE id = $1`, p.Actor)
	if got := opens(link); got != http.StatusGone {
		t.Errorf("after the access was withdrawn: %d", got)
	}
	b.sql(`DELETE FROM throttles`)
	if ask() != link {
		t.Error("somebody without access was sent a link")
	}
}

func TestTheSecondFactorIsAskedForAfterANewPassword(t *testing.T) { // R58, R62
	b := setup(t)
	p := b.acme.contact
	e := b.enrol(p)
	_, half := b.passwordGiven(p, old)
	b.call(nobody, http.MethodPost, "/api/bright/portal/password-resets", map[string]string{"email": p.Email})
	got := b.call(nobody, http.MethodPost, "/api/bright/portal/password-resets/"+b.linkOf(p), map[string]string{"password": chosen, "repeat": chosen})
	if got.status != http.StatusOK || len(got.received()) != 0 {
		t.Errorf("a new password signs in: %d %v", got.status, got.received())
	}
	if again := b.call(cookies(half), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now))); again.status != http.StatusUnauthorized {
		t.Errorf("a sign-in by the old password goes on: %d", again.status)
	}
	in, pending := b.passwordGiven(p, chosen)
	if in.Need != NeedCode {
		t.Errorf("with the new password: %+v", in)
	}
	if done := b.call(cookies(pending), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now))); done.status != http.StatusOK {
		t.Errorf("and the code: %d %s", done.status, done.body)
	}
}

func TestAskingForLinksIsSlowedDownForAnyAddress(t *testing.T) { // R58
	b := setup(t)
	b.password(b.acme.contact, old)
	for _, email := range []string{b.acme.contact.Email, "nobody@acme.example"} {
		for range resetsPerAccount {
			if got := b.call(nobody, http.MethodPost, "/api/bright/portal/password-resets", map[string]string{"email": email}); got.status != http.StatusAccepted {
				t.Fatalf("%s: %d", email, got.status)
			}
		}
		if got := b.call(nobody, http.MethodPost, "/api/bright/portal/password-resets", map[string]string{"email": email}); got.status != http.StatusTooManyRequests {
			t.Errorf("%s, once more: %d", email, got.status)
		}
	}
}

func TestAllOtherSessionsAreEndedAtOnce(t *testing.T) { // R58
	b := setup(t)
	p := b.acme.contact
	first, second := b.signedIn(p), b.signedIn(p)
	if out := must(b.EndMyOthers.Do(as(t.Context(), p), &ListSessionsInput{}))(t); out.Body.SignedOut != 2 {
		t.Errorf("%d were ended", out.Body.SignedOut)
	}
	for name, who := range map[string]portal.Principal{"first": first, "second": second} {
		if got := b.call(session(who), http.MethodGet, "/api/bright/portal/home", nil); got.status != http.StatusUnauthorized {
			t.Errorf("the %s: %d", name, got.status)
		}
	}
	for name, who := range map[string]portal.Principal{"this one": p, "another contact's": b.acme.viewer} {
		if got := b.call(session(who), http.MethodGet, "/api/bright/portal/home", nil); got.status != http.StatusOK {
			t.Errorf("%s: %d", name, got.status)
		}
	}
}

func TestHistoryKeepsWhatWasAndWhatIs(t *testing.T) { // R54
	b := setup(t)
	ctx := as(t.Context(), b.acme.contact)
	must(b.EditMyCompany.Do(ctx, editCompany(b, 1, "Acme Limited")))(t)
	must(b.EditMyCompany.Do(ctx, editCompany(b, 2, "Acme Limited")))(t) // changes nothing
	edit := &EditMeInput{}
	edit.Body.Version, edit.Body.Name, edit.Body.Email, edit.Body.Phone = 1, b.acme.contact.Name, b.acme.contact.Email, "+1 555 0100"
	must(b.EditMe.Do(ctx, edit))(t)
	shown := must(b.ListActivity.Do(as(t.Context(), b.bright.member), &ListActivityInput{Customer: b.acme.id}))(t).Body.Activity
	if got := shown[0].Text + " | " + shown[0].Detail; got != "Maria Acme changed their own phone | phone: nothing → +1 555 0100" {
		t.Errorf("staff read: %s", got)
	}
	if got := shown[1].Text + " | " + shown[1].Detail; got != "Maria Acme changed the company's name, email and billing address | "+
		"name: Acme → Acme Limited; email: nothing → post@acme.example; billing address: nothing → 1 High Street, Boston, United States" {
		t.Errorf("staff read: %s", got)
	}
	if shown[2].Kind == "customer.updated" {
		t.Error("an edit that changed nothing is told")
	}
}
