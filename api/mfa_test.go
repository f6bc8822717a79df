package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"countersign/auth"
	"countersign/devstack/authenticator"
	"countersign/portal"
)

// cookies sends what an operation set.
func cookies(set []http.Cookie) func(*http.Request) {
	return func(r *http.Request) {
		for i := range set {
			if set[i].MaxAge >= 0 {
				r.AddCookie(&set[i])
			}
		}
	}
}

// received are the cookies of an answer, as a browser keeps them.
func (a answer) received() []http.Cookie {
	var kept []http.Cookie
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		kept = append(kept, *c)
	}
	return kept
}

// decoded reads an answer's JSON.
func decoded[V any](t *testing.T, a answer, status int) V {
	t.Helper()
	var v V
	if a.status != status {
		t.Fatalf("answered %d, not %d: %s", a.status, status, a.body)
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	return v
}

// requireMFA turns the organization's switch, R9.
func (b *bundle) requireMFA(on bool) {
	b.t.Helper()
	b.sql(`UPDATE settings SET mfa = $2 WHERE org_id = $1`, b.bright.id, on)
}

// withMFA gives p an authenticator, and one row of all that comes with it.
func (b *bundle) withMFA(p portal.Principal) {
	b.t.Helper()
	sealed, err := b.MFA.Seal([]byte("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), secretOf(p))
	if err != nil {
		b.t.Fatal(err)
	}
	b.sql(`INSERT INTO authenticators (org_id, contact_id, customer_id, sealed_secret, last_step) VALUES ($1, $2, $3, $4, 0)`, p.Org, p.Actor, p.Customer, sealed)
	b.sql(`INSERT INTO backup_codes (org_id, contact_id, code_hash) VALUES ($1, $2, $3)`, p.Org, p.Actor, auth.Hash(p.Actor.String()))
	b.sql(`INSERT INTO pending_sign_ins (org_id, id, contact_id, customer_id, token_hash, need, expires_at) VALUES ($1, $2, $3, $4, $5, 'code', now())`,
		p.Org, b.NewID(), p.Actor, p.Customer, auth.Hash("pending "+p.Actor.String()))
	b.sql(`INSERT INTO password_resets (org_id, id, side, subject_id, customer_id, created_at, expires_at) VALUES ($1, $2, 'contact', $3, $4, now(), now())`, p.Org, b.NewID(), p.Actor, p.Customer)
	b.sql(`INSERT INTO account_emails (org_id, id, side, subject_id, customer_id, template) VALUES ($1, $2, 'contact', $3, $4, 'mfa_reset')`, p.Org, b.NewID(), p.Actor, p.Customer)
}

// passwordGiven signs p in as far as the password goes.
func (b *bundle) passwordGiven(p portal.Principal, password string) (SignedIn, []http.Cookie) {
	b.t.Helper()
	got := b.call(nobody, http.MethodPost, "/api/bright/portal/session", map[string]string{"email": p.Email, "password": password})
	return decoded[SignedIn](b.t, got, http.StatusOK), got.received()
}

const (
	pendingAt = "/api/bright/portal/session/pending"
	codeAt    = "/api/bright/portal/session/code"
	setUpAt   = "/api/bright/portal/session/mfa"
)

func code(c string) map[string]string { return map[string]string{"code": c} }

type madeCodes struct {
	BackupCodes []string `json:"backup_codes"`
}

// enrolled is a contact who has set an authenticator up.
type enrolled struct {
	secret string
	codes  []string
	signed []http.Cookie
}

// enrol takes p through the set-up with a code of the step before this one, so
// that this step's and the next one's are still to be used.
func (b *bundle) enrol(p portal.Principal) enrolled {
	b.t.Helper()
	b.password(p, old)
	b.requireMFA(true)
	half, pending := b.passwordGiven(p, old)
	if half.Need != NeedSetUp {
		b.t.Fatalf("after the password: %+v", half)
	}
	open := decoded[PendingSignIn](b.t, b.call(cookies(pending), http.MethodGet, pendingAt, nil), http.StatusOK)
	got := b.call(cookies(pending), http.MethodPost, setUpAt, code(authenticator.Code(b.t, open.Enrolment.Secret, b.now.Add(-30*time.Second))))
	made := decoded[madeCodes](b.t, got, http.StatusOK)
	return enrolled{open.Enrolment.Secret, made.BackupCodes, got.received()}
}

func TestTheFirstSignInSetsUpAnAuthenticator(t *testing.T) { // R9, R59, R60, R61
	b := setup(t)
	p := b.acme.contact
	b.password(p, old)
	b.requireMFA(true)
	half, pending := b.passwordGiven(p, old)
	if half.Need != NeedSetUp || len(pending) != 1 || pending[0].Name != "countersign-bright-pending" || !pending[0].HttpOnly {
		t.Fatalf("after the password: %+v, %+v", half, pending)
	}
	open := decoded[PendingSignIn](t, b.call(cookies(pending), http.MethodGet, pendingAt, nil), http.StatusOK)
	e := open.Enrolment
	if open.Need != NeedSetUp || open.Email != p.Email || e == nil || !strings.HasPrefix(e.URI, "otpauth://totp/Bright%20Studio:maria@acme.example?") ||
		!strings.Contains(e.URI, "issuer=Bright%20Studio") || !strings.Contains(e.URI, "secret="+e.Secret) || !strings.HasPrefix(e.SVG, "<svg") || strings.ReplaceAll(e.Typed, " ", "") != e.Secret {
		t.Errorf("to set up: %+v", open)
	}
	// The secret is nowhere as it is.
	if n := value[int](b, `SELECT count(*) FROM pending_sign_ins WHERE position(convert_to($1, 'UTF8') IN sealed_secret) > 0`, e.Secret); n != 0 {
		t.Error("the secret is stored as it is")
	}
	got := b.call(cookies(pending), http.MethodPost, setUpAt, code("000000"))
	if p := got.problem(t); got.status != http.StatusUnprocessableEntity || len(p.Errors) != 1 || p.Errors[0].Location != "body.code" {
		t.Errorf("a wrong code: %d %+v", got.status, p)
	}
	now := authenticator.Code(t, e.Secret, b.now)
	done := b.call(cookies(pending), http.MethodPost, setUpAt, code(now[:3]+" "+now[3:]))
	made := decoded[madeCodes](t, done, http.StatusOK)
	if len(made.BackupCodes) != auth.BackupCodes {
		t.Errorf("set up: %s", done.body)
	}
	if got := b.call(cookies(done.received()), http.MethodGet, "/api/bright/portal/home", nil); got.status != http.StatusOK {
		t.Errorf("after the set-up: %d", got.status)
	}
	if got := b.call(cookies(pending), http.MethodGet, pendingAt, nil); got.status != http.StatusUnauthorized {
		t.Errorf("the token of the set-up after it: %d", got.status)
	}
	// The set-up's own code is spent, R62.
	half, pending = b.passwordGiven(p, old)
	if half.Need != NeedCode {
		t.Errorf("the next sign-in: %+v", half)
	}
	if got := b.call(cookies(pending), http.MethodPost, codeAt, code(now)); got.status != http.StatusUnprocessableEntity {
		t.Errorf("the code of the set-up signs in again: %d", got.status)
	}
	mine := must(b.GetMyMFA.Do(as(t.Context(), p), &MyMFAInput{}))(t).Body
	if !mine.Enabled || mine.BackupCodes != 5 || !mine.Required || mine.EnabledAt == nil {
		t.Errorf("the account says %+v", mine)
	}
	for _, c := range made.BackupCodes {
		if n := value[int](b, `SELECT count(*) FROM events WHERE data::text LIKE '%' || $1 || '%' OR data::text LIKE '%' || $2 || '%'`, c, e.Secret); n != 0 {
			t.Error("an event tells a secret")
		}
	}
}

// What a token of a sign-in half way opens: the second step, and nothing else.
func TestHalfASignInOpensNothing(t *testing.T) { // R9, R59
	b := setup(t)
	p := b.acme.contact
	b.password(p, old)
	b.requireMFA(true)
	_, pending := b.passwordGiven(p, old)
	asSession := func(r *http.Request) {
		cookies(pending)(r)
		r.AddCookie(&http.Cookie{Name: "countersign-bright-contact", Value: pending[0].Value})
	}
	for _, d := range declaredOperations(b) {
		if d.side == "" {
			continue
		}
		path, body := b.request(d, "bright", b.acme)
		if got := b.call(asSession, d.Method, path, body); got.status != http.StatusUnauthorized {
			t.Errorf("%s: half a sign-in got %d: %s", d.OperationID, got.status, got.body)
		}
	}
	for name, who := range map[string]func(*http.Request){
		"nobody":        nobody,
		"a full one":    session(p),
		"another's":     func(r *http.Request) { r.AddCookie(&http.Cookie{Name: pending[0].Name, Value: "x"}) },
		"for set-up":    cookies(pending),
		"of an old one": func(r *http.Request) { cookies(pending)(r) },
	} {
		if name == "of an old one" {
			b.now = b.now.Add(pendingLifetime)
		}
		if got := b.call(who, http.MethodPost, codeAt, code("123456")); got.status != http.StatusUnauthorized {
			t.Errorf("%s: a code was asked: %d", name, got.status)
		}
		if name == "for set-up" {
			continue
		}
		if got := b.call(who, http.MethodGet, pendingAt, nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s: the secret was shown: %d", name, got.status)
		}
	}
	b.now = noon
	// Withdrawn access, and a switch turned off meanwhile, end it.
	_, pending = b.passwordGiven(p, old)
	b.requireMFA(false)
	if got := b.call(cookies(pending), http.MethodPost, setUpAt, code("123456")); got.status == http.StatusOK {
		t.Error("set up with the switch off") // R10
	}
	if got := b.call(cookies(pending), http.MethodGet, pendingAt, nil); got.status != http.StatusUnauthorized {
		t.Errorf("with the switch off: %d", got.status)
	}
	b.requireMFA(true)
	b.sql(`UPDATE contacts SET access = 'withdrawn' WHERE id = $1`, p.Actor)
	if got := b.call(cookies(pending), http.MethodGet, pendingAt, nil); got.status != http.StatusUnauthorized {
		t.Errorf("without access: %d", got.status)
	}
}

func TestLaterSignInsNeedACodeThatIsTakenOnce(t *testing.T) { // R62
	b := setup(t)
	p := b.acme.contact
	e := b.enrol(p)
	_, pending := b.passwordGiven(p, old)
	for name, wrong := range map[string]string{
		"an old one":   authenticator.Code(t, e.secret, b.now.Add(-60*time.Second)),
		"a future one": authenticator.Code(t, e.secret, b.now.Add(60*time.Second)),
		"letters":      "abcdef",
		"the set-up's": authenticator.Code(t, e.secret, b.now.Add(-30*time.Second)),
	} {
		if got := b.call(cookies(pending), http.MethodPost, codeAt, code(wrong)); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	now := authenticator.Code(t, e.secret, b.now)
	got := b.call(cookies(pending), http.MethodPost, codeAt, code(now))
	in := decoded[SignedIn](t, got, http.StatusOK)
	if in.Need != "" || in.BackupCodes != nil {
		t.Errorf("signed in: %+v", in)
	}
	if home := b.call(cookies(got.received()), http.MethodGet, "/api/bright/portal/home", nil); home.status != http.StatusOK {
		t.Errorf("home: %d", home.status)
	}
	if again := b.call(cookies(pending), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now.Add(30*time.Second)))); again.status != http.StatusUnauthorized {
		t.Errorf("the spent sign-in: %d", again.status)
	}
	_, pending = b.passwordGiven(p, old)
	replayed := b.call(cookies(pending), http.MethodPost, codeAt, code(now))
	if said := replayed.problem(t); replayed.status != http.StatusUnprocessableEntity || !strings.Contains(said.Errors[0].Message, "used before") {
		t.Errorf("a code replayed: %d %+v", replayed.status, said)
	}
	// The next step's is early by 30 s, and fine.
	if next := b.call(cookies(pending), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now.Add(30*time.Second)))); next.status != http.StatusOK {
		t.Errorf("the next code: %d %s", next.status, next.body)
	}
}

func TestOfManyRequestsWithOneCodeOneIsTaken(t *testing.T) { // R62
	b := setup(t)
	p := b.acme.contact
	e := b.enrol(p)
	for name, one := range map[string]string{"a code": authenticator.Code(t, e.secret, b.now), "a backup code": e.codes[0]} {
		var sign []([]http.Cookie)
		for range 8 {
			_, pending := b.passwordGiven(p, old)
			sign = append(sign, pending)
		}
		b.sql(`DELETE FROM throttles`)
		var wg sync.WaitGroup
		status := make([]int, len(sign))
		for i, pending := range sign {
			wg.Go(func() { status[i] = b.call(cookies(pending), http.MethodPost, codeAt, code(one)).status })
		}
		wg.Wait()
		slices.Sort(status)
		if status[0] != http.StatusOK || status[1] != http.StatusUnprocessableEntity {
			t.Errorf("%s at once: %v", name, status)
		}
	}
}

func TestBackupCodesWorkOnceAndAreMadeAnew(t *testing.T) { // R61, R62
	b := setup(t)
	p := b.acme.contact
	e := b.enrol(p)
	try := func(c string) answer {
		_, pending := b.passwordGiven(p, old)
		return b.call(cookies(pending), http.MethodPost, codeAt, code(c))
	}
	in := decoded[SignedIn](t, try(strings.ToUpper(e.codes[0])), http.StatusOK)
	if in.BackupCodes == nil || *in.BackupCodes != 4 {
		t.Errorf("signed in: %+v", in)
	}
	if got := try(e.codes[0]); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a backup code used twice: %d", got.status)
	}
	if n := value[int](b, `SELECT count(*) FROM events WHERE kind = 'mfa.backup_code_used' AND NOT visible`); n != 1 {
		t.Errorf("%d events tell of it", n)
	}
	ctx := as(t.Context(), p)
	make5 := func(c string) (*BackupCodesOutput, error) {
		in := &CodeInput{}
		in.Body.Code = c
		return b.MakeBackupCodes.Do(ctx, in)
	}
	_, err := make5("000000")
	refused(t, err, portal.CodeInvalid, "code")
	fresh := must(make5(authenticator.Code(t, e.secret, b.now)))(t).Body.BackupCodes
	if len(fresh) != auth.BackupCodes || slices.Contains(fresh, e.codes[1]) {
		t.Errorf("new ones: %d", len(fresh))
	}
	if got := try(e.codes[1]); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an old backup code: %d", got.status)
	}
	if got := try(fresh[4]); got.status != http.StatusOK {
		t.Errorf("a new backup code: %d", got.status)
	}
	none := &CodeInput{}
	none.Body.Code = "123456"
	_, err = b.MakeBackupCodes.Do(as(t.Context(), b.acme.viewer), none)
	refused(t, err, portal.CodeConflict, "")
}

func TestTenWrongCodesLockForAWhile(t *testing.T) { // R62
	b := setup(t)
	p := b.acme.contact
	e := b.enrol(p)
	_, pending := b.passwordGiven(p, old)
	for n := range codesPerWindow {
		if got := b.call(cookies(pending), http.MethodPost, codeAt, code("00000"+string(rune('0'+n)))); got.status != http.StatusUnprocessableEntity {
			t.Fatalf("wrong code %d: %d %s", n+1, got.status, got.body)
		}
	}
	if n := value[int](b, `SELECT count(*) FROM events WHERE kind = 'mfa.locked' AND subject_id = $1`, p.Actor); n != 1 {
		t.Errorf("%d events tell staff", n)
	}
	// Neither the right code nor the password given again helps.
	_, pending = b.passwordGiven(p, old)
	for _, right := range []string{authenticator.Code(t, e.secret, b.now), e.codes[0]} {
		got := b.call(cookies(pending), http.MethodPost, codeAt, code(right))
		if said := got.problem(t); got.status != http.StatusTooManyRequests || !strings.Contains(said.Detail, "quarter of an hour") || got.header.Get("Retry-After") == "" {
			t.Errorf("while locked: %d %+v", got.status, said)
		}
	}
	b.sql(`UPDATE throttles SET window_start = window_start - interval '16 minutes' WHERE key LIKE 'mfa:%'`)
	if got := b.call(cookies(pending), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now))); got.status != http.StatusOK {
		t.Errorf("after a while: %d %s", got.status, got.body)
	}
}

func TestTheSecondFactorStaysUntilStaffResetIt(t *testing.T) { // R63, R64
	b := setup(t)
	p := b.acme.contact
	e := b.enrol(p)
	b.password(b.acme.viewer, old)
	b.requireMFA(false)
	if half, _ := b.passwordGiven(p, old); half.Need != NeedCode {
		t.Errorf("switched off, who had set it up: %+v", half)
	}
	if other, _ := b.passwordGiven(b.acme.viewer, old); other.Need != "" {
		t.Errorf("switched off, who had not: %+v", other)
	}
	staff := as(t.Context(), b.bright.member)
	shown := must(b.GetContact.Do(staff, &ContactInput{Contact: p.Actor}))(t).Body
	if !shown.MFA {
		t.Error("staff don't see that the contact has an authenticator")
	}
	_, pending := b.passwordGiven(p, old)
	out := must(b.ResetMFA.Do(staff, &ResetMFAInput{Contact: p.Actor}))(t).Body
	if out.SignedOut == 0 {
		t.Errorf("reset: %+v", out)
	}
	if got := b.call(cookies(e.signed), http.MethodGet, "/api/bright/portal/home", nil); got.status != http.StatusUnauthorized {
		t.Errorf("a session after the reset: %d", got.status)
	}
	if got := b.call(cookies(pending), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now))); got.status != http.StatusUnauthorized {
		t.Errorf("half a sign-in after the reset: %d", got.status)
	}
	if n := value[int](b, `SELECT count(*) FROM account_emails WHERE template = 'mfa_reset' AND subject_id = $1`, p.Actor); n != 1 {
		t.Errorf("%d emails tell the contact", n)
	}
	if n := value[int](b, `SELECT count(*) FROM backup_codes`); n != 0 {
		t.Errorf("%d backup codes are left", n)
	}
	if half, _ := b.passwordGiven(p, old); half.Need != "" {
		t.Errorf("reset and switched off: %+v", half)
	}
	_, err := b.ResetMFA.Do(staff, &ResetMFAInput{Contact: p.Actor})
	refused(t, err, portal.CodeConflict, "")
	b.requireMFA(true)
	half, again := b.passwordGiven(p, old)
	open := decoded[PendingSignIn](t, b.call(cookies(again), http.MethodGet, pendingAt, nil), http.StatusOK)
	if half.Need != NeedSetUp || open.Enrolment.Secret == e.secret {
		t.Errorf("switched on again: %+v", half)
	}
}

func TestSecretsMoveToANewKeyWhenTheyAreUsed(t *testing.T) { // R60
	b := setup(t)
	p := b.acme.contact
	e := b.enrol(p)
	older := auth.Key{ID: "k1", Secret: slices.Repeat([]byte{1}, auth.KeyBytes)}
	newer := auth.Key{ID: "k2", Secret: slices.Repeat([]byte{2}, auth.KeyBytes)}
	ring := func(keys ...auth.Key) *auth.KeyRing {
		r, err := auth.NewKeyRing(b.Random, keys...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	b.MFA = ring(newer, older)
	_, pending := b.passwordGiven(p, old)
	if got := b.call(cookies(pending), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now))); got.status != http.StatusOK {
		t.Fatalf("with both keys: %d %s", got.status, got.body)
	}
	b.MFA = ring(newer)
	_, pending = b.passwordGiven(p, old)
	if got := b.call(cookies(pending), http.MethodPost, codeAt, code(authenticator.Code(t, e.secret, b.now.Add(30*time.Second)))); got.status != http.StatusOK {
		t.Errorf("with the new key alone: %d %s", got.status, got.body)
	}
}

// noFlows is a Temporal where no flow waits to be told of anything.
type noFlows struct{ client.Client }

func (noFlows) SignalWorkflow(context.Context, string, string, string, any) error { return nil }

func TestAcceptingAnInvitationLeadsIntoTheSetUp(t *testing.T) { // R15, R59
	b := setup(t)
	p := b.acme.viewer
	invite := func(token string) answer {
		b.sql(`UPDATE contacts SET access = 'invited' WHERE id = $1`, p.Actor)
		b.sql(`INSERT INTO invitations (org_id, id, customer_id, contact_id, status, token_hash, request_hash, expires_at) VALUES ($1, $2, $3, $4, 'pending', $5, '\x00', $6)`,
			p.Org, b.NewID(), p.Customer, p.Actor, auth.Hash(token), b.now.Add(time.Hour))
		return b.call(nobody, http.MethodPost, "/api/bright/portal/invitations/"+token, map[string]string{"password": chosen, "repeat": chosen})
	}
	b.Temporal = noFlows{}
	b.requireMFA(true)
	got := invite("first")
	if in := decoded[SignedIn](t, got, http.StatusOK); in.Need != NeedSetUp {
		t.Errorf("accepted: %+v", in)
	}
	if home := b.call(cookies(got.received()), http.MethodGet, "/api/bright/portal/home", nil); home.status != http.StatusUnauthorized {
		t.Errorf("home before the set-up: %d", home.status)
	}
	// Whoever has an authenticator from before needs its code.
	b.withMFA(p)
	if in := decoded[SignedIn](t, invite("second"), http.StatusOK); in.Need != NeedCode {
		t.Errorf("accepted again: %+v", in)
	}
}
