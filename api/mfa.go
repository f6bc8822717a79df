package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type mfaOperations struct {
	ReadPendingSignIn *Operation[PendingSignInInput, PendingSignInOutput]
	SignInWithCode    *Operation[CodeInput, SignInOutput]
	SetUpMFA          *Operation[CodeInput, SetUpMFAOutput]
	GetMyMFA          *Operation[MyMFAInput, MyMFAOutput]
	MakeBackupCodes   *Operation[CodeInput, BackupCodesOutput]
	ResetMFA          *Operation[ResetMFAInput, ResetMFAOutput]
}

// SignInNeed is what a sign-in still needs after the password.
type SignInNeed string

// The needs.
const (
	// NeedCode: a code of the authenticator, or a backup code (R62).
	NeedCode SignInNeed = "code"
	// NeedSetUp: an authenticator is to be set up first (R59).
	NeedSetUp SignInNeed = "set_up"
)

// PendingSignInInput needs nothing: the sign-in is that of the caller's cookie.
type PendingSignInInput struct {
	Org string `path:"org" maxLength:"40"`
}

// PendingSignInOutput is a sign-in that needs one thing more.
type PendingSignInOutput struct {
	Body PendingSignIn
}

// PendingSignIn is what a sign-in still needs.
type PendingSignIn struct {
	Name  string     `json:"name"`
	Email string     `json:"email"`
	Need  SignInNeed `json:"need" enum:"code,set_up"`
	// Enrolment is what to set up, with need set_up.
	Enrolment *Enrolment `json:"enrolment,omitempty"`
}

// Enrolment is an authenticator to be set up, R60.
type Enrolment struct {
	Secret string `json:"secret" doc:"For typing by hand, in base32."`
	Typed  string `json:"typed" doc:"The secret in groups of four."`
	URI    string `json:"uri" doc:"The otpauth address that the QR code holds."`
	SVG    string `json:"svg" doc:"The QR code as a picture."`
}

// CodeInput is a code of the authenticator or a backup code.
type CodeInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"40" doc:"Six digits of the authenticator, or a backup code. Spaces and hyphens don't matter."`
	}
}

// SetUpMFAOutput carries the new session's cookie, and the backup codes, which
// are never shown again.
type SetUpMFAOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Name        string   `json:"name"`
		BackupCodes []string `json:"backup_codes" doc:"Each signs in once without the authenticator. They are shown only now."`
	}
}

// MyMFAInput needs nothing: the authenticator is the caller's own.
type MyMFAInput struct {
	Org string `path:"org" maxLength:"40"`
}

// MyMFAOutput is where the caller's second factor stands.
type MyMFAOutput struct {
	Body MyMFA
}

// MyMFA is the caller's authenticator.
type MyMFA struct {
	Enabled     bool       `json:"enabled"`
	EnabledAt   *time.Time `json:"enabled_at,omitempty"`
	BackupCodes int        `json:"backup_codes" doc:"How many are left."`
	// Required says that the portal asks it of every contact, R9.
	Required bool `json:"required"`
}

// BackupCodesOutput is five new codes, which are never shown again.
type BackupCodesOutput struct {
	Body struct {
		BackupCodes []string `json:"backup_codes"`
	}
}

// ResetMFAInput names the contact whose authenticator to take away, R63.
type ResetMFAInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Contact uuid.UUID `path:"contact"`
}

// ResetMFAOutput says how many sessions were ended.
type ResetMFAOutput struct {
	Body struct {
		SignedOut int `json:"signed_out" doc:"Sessions that were ended."`
	}
}

func (a *API) declareMFA() {
	a.ReadPendingSignIn = declare(a, route{
		id: "read-pending-sign-in", method: http.MethodGet, path: "/api/{org}/portal/session/pending", tag: "Sign-in",
		summary: "Read what a contact's sign-in still needs",
	}, a.readPendingSignIn)
	a.SignInWithCode = declare(a, route{
		id: "sign-in-with-code", method: http.MethodPost, path: "/api/{org}/portal/session/code", tag: "Sign-in",
		summary: "Complete a contact's sign-in with a code",
	}, a.signInWithCode)
	a.SetUpMFA = declare(a, route{
		id: "set-up-mfa", method: http.MethodPost, path: "/api/{org}/portal/session/mfa", tag: "Sign-in",
		summary: "Prove a new authenticator by a code, and complete the sign-in",
	}, a.setUpMFA)
	a.GetMyMFA = declare(a, route{
		id: "get-my-mfa", method: http.MethodGet, path: "/api/{org}/portal/account/mfa", tag: "Account",
		summary: "Read where one's second factor stands", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.getMyMFA)
	a.MakeBackupCodes = declare(a, route{
		id: "make-backup-codes", method: http.MethodPost, path: "/api/{org}/portal/account/mfa/backup-codes", tag: "Account",
		summary: "Make five new backup codes in place of the old ones", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.makeBackupCodes)
	a.ResetMFA = declare(a, route{
		id: "reset-contact-mfa", method: http.MethodDelete, path: "/api/{org}/console/contacts/{contact}/mfa", tag: "Access",
		summary: "Take a contact's authenticator away", side: portal.SideStaff, action: portal.ActionManageCustomers,
	}, a.resetMFA)
}

// pendingLifetime is how long there is for the second step of a sign-in: enough
// to install an app.
const pendingLifetime = 15 * time.Minute

// How many codes may be tried: in a quarter of an hour, and in a day. Of the
// million codes three are right at any time.
const (
	codesPerWindow = 10
	codesPerDay    = 50
)

type pendingKey struct{}

// withPendingToken is ctx with the token of a sign-in that needs one thing more.
func withPendingToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, pendingKey{}, token)
}

// secondFactor is what is asked of p besides the password. Whoever has set an
// authenticator up is asked for its code, whatever the switch says (R64).
func secondFactor(ctx context.Context, q *dbsqlc.Queries, p portal.Principal) (SignInNeed, error) {
	if p.Side != portal.SideContact {
		return "", nil
	}
	own, err := q.AuthenticatorOf(ctx, dbsqlc.AuthenticatorOfParams{OrgID: p.Org, ContactID: p.Actor})
	if err != nil || len(own) > 0 {
		return NeedCode, err
	}
	settings, err := q.GetSettings(ctx, p.Org)
	if err != nil || !settings.Mfa {
		return "", err
	}
	return NeedSetUp, nil
}

// openPendingSignIn notes that p has given the password, and makes a secret if
// an authenticator is to be set up: a new one each time, so that nobody who saw
// an earlier one has it.
func (a *API) openPendingSignIn(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, need SignInNeed) (http.Cookie, error) {
	now := a.now()
	var sealed []byte
	if need == NeedSetUp {
		made, err := auth.NewEnrolment(a.Random, "", "")
		if err != nil {
			return http.Cookie{}, err
		}
		if sealed, err = a.MFA.Seal([]byte(made.Secret), secretOf(p)); err != nil {
			return http.Cookie{}, err
		}
	}
	if err := q.DeleteExpiredPendingSignInsOf(ctx, dbsqlc.DeleteExpiredPendingSignInsOfParams{OrgID: p.Org, ContactID: p.Actor, At: now}); err != nil {
		return http.Cookie{}, err
	}
	token, hash := a.NewToken()
	err := q.InsertPendingSignIn(ctx, dbsqlc.InsertPendingSignInParams{
		OrgID: p.Org, ID: a.NewID(), ContactID: p.Actor, CustomerID: p.Customer, TokenHash: hash, Need: string(need), SealedSecret: sealed,
		At: now, ExpiresAt: now.Add(pendingLifetime),
	})
	return a.cookie(a.pendingCookieName(p.OrgSlug), token, now.Add(pendingLifetime)), err
}

// secretOf is what the sealed secret of p's authenticator is bound to, so that
// it opens in no other row.
func secretOf(p portal.Principal) []byte {
	return []byte("authenticator:" + p.Org.String() + ":" + p.Actor.String())
}

// pendingSignIn is the caller's sign-in that has this need, and who it is that
// gave the password: from here on the contact acts.
func (a *API) pendingSignIn(ctx context.Context, slug string, needs ...SignInNeed) (dbsqlc.PendingSignInRow, portal.Principal, error) {
	token, _ := ctx.Value(pendingKey{}).(string)
	var found []dbsqlc.PendingSignInRow
	if token != "" {
		err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) (err error) {
			found, err = q.PendingSignIn(ctx, dbsqlc.PendingSignInParams{Hash: auth.Hash(token), Slug: slug, At: a.now()})
			return err
		})
		if err != nil {
			return dbsqlc.PendingSignInRow{}, portal.Principal{}, err
		}
	}
	for _, row := range found {
		for _, need := range needs {
			if row.Need == string(need) {
				return row, portal.Principal{
					Org: row.OrgID, OrgSlug: slug, Side: portal.SideContact, Customer: row.CustomerID, Actor: row.ContactID,
					ActorKind: portal.ActorContact, Name: row.Name, Email: row.Email,
				}, nil
			}
		}
	}
	return dbsqlc.PendingSignInRow{}, portal.Principal{}, portal.Unauthenticated("This sign-in has ended. Please sign in again.")
}

// stillRequired refuses to set anything up once the switch is off, R10: signing
// in again then needs the password alone.
func stillRequired(ctx context.Context, q *dbsqlc.Queries, p portal.Principal) error {
	settings, err := q.GetSettings(ctx, p.Org)
	if err == nil && !settings.Mfa {
		err = portal.Unauthenticated("This is not needed any more. Please sign in again.")
	}
	return err
}

func (a *API) readPendingSignIn(ctx context.Context, in *PendingSignInInput) (*PendingSignInOutput, error) {
	row, p, err := a.pendingSignIn(ctx, in.Org, NeedCode, NeedSetUp)
	if err != nil {
		return nil, err
	}
	out := &PendingSignInOutput{Body: PendingSignIn{Name: row.Name, Email: row.Email, Need: SignInNeed(row.Need)}}
	if out.Body.Need == NeedCode {
		return out, nil
	}
	var issuer string
	err = a.DB.In(ctx, p, func(q *dbsqlc.Queries) error {
		if err := stillRequired(ctx, q, p); err != nil {
			return err
		}
		org, err := q.GetOrganization(ctx, p.Org)
		issuer = org.Name
		return err
	})
	if err != nil {
		return nil, err
	}
	secret, err := a.MFA.Open(row.SealedSecret, secretOf(p))
	if err != nil {
		return nil, err
	}
	enrolment := auth.EnrolmentOf(string(secret), issuer, row.Email)
	picture, err := enrolment.SVG()
	if err != nil {
		return nil, err
	}
	out.Body.Enrolment = &Enrolment{Secret: enrolment.Secret, Typed: enrolment.Typed(), URI: enrolment.URI, SVG: picture}
	return out, nil
}

func (a *API) signInWithCode(ctx context.Context, in *CodeInput) (*SignInOutput, error) {
	row, p, err := a.pendingSignIn(ctx, in.Org, NeedCode)
	if err != nil {
		return nil, err
	}
	tries, err := a.countCode(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &SignInOutput{Body: SignedIn{Name: p.Name}}
	err = a.DB.In(ctx, p, func(q *dbsqlc.Queries) error {
		left, err := a.proveFactor(ctx, q, p, row.SealedSecret, in.Body.Code)
		if err != nil {
			return err
		}
		out.Body.BackupCodes = left
		if err := rightCode(ctx, q, p); err != nil {
			return err
		}
		spent, err := q.SpendPendingSignIn(ctx, dbsqlc.SpendPendingSignInParams{OrgID: p.Org, ID: row.ID, ContactID: p.Actor})
		if err != nil {
			return err
		}
		if spent == 0 {
			return portal.Unauthenticated("This sign-in has ended. Please sign in again.")
		}
		session, err := a.openSession(ctx, q, p)
		out.SetCookie = []http.Cookie{session, a.ended(a.pendingCookieName(p.OrgSlug))}
		return err
	})
	if err != nil {
		return nil, a.wrongCode(ctx, p, tries, err)
	}
	return out, nil
}

// proveFactor accepts a code of p's authenticator, each step once, or one of the
// backup codes, each once; left is how many of those remain after one was used.
func (a *API) proveFactor(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, sealed []byte, typed string) (left *int, err error) {
	secret, err := a.MFA.Open(sealed, secretOf(p))
	if err != nil {
		return nil, err
	}
	if step, ok := auth.Step(typed, string(secret), a.Now()); ok {
		used, err := q.UseStep(ctx, dbsqlc.UseStepParams{OrgID: p.Org, ContactID: p.Actor, Step: step})
		if err != nil {
			return nil, err
		}
		if used == 0 {
			return nil, refusedCode("This code was used before. Wait until your app shows the next one.")
		}
		return nil, a.freshen(ctx, q, p, sealed, secret)
	}
	hash, ok := auth.HashBackupCode(typed)
	if !ok {
		return nil, refusedCode("This code is not right. Codes change every 30 seconds, and the clock of your phone must be right.")
	}
	used, err := q.UseBackupCode(ctx, dbsqlc.UseBackupCodeParams{OrgID: p.Org, ContactID: p.Actor, CodeHash: hash, At: new(a.now())})
	if err != nil {
		return nil, err
	}
	if used == 0 {
		return nil, refusedCode("This backup code is not right, or was used before.")
	}
	own, err := q.AuthenticatorOf(ctx, dbsqlc.AuthenticatorOfParams{OrgID: p.Org, ContactID: p.Actor})
	if err != nil {
		return nil, err
	}
	for _, authenticator := range own {
		left = new(int(authenticator.BackupCodes))
	}
	return left, a.record(ctx, q, p, happened{
		customer: p.Customer, kind: "mfa.backup_code_used", subject: "contact", id: p.Actor, internal: true, data: map[string]any{"left": left},
	})
}

// freshen seals the secret anew once there is a newer key.
func (a *API) freshen(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, sealed, secret []byte) error {
	if !a.MFA.Stale(sealed) {
		return nil
	}
	again, err := a.MFA.Seal(secret, secretOf(p))
	if err != nil {
		return err
	}
	return q.ResealSecret(ctx, dbsqlc.ResealSecretParams{OrgID: p.Org, ContactID: p.Actor, SealedSecret: again})
}

func refusedCode(message string) error {
	return portal.Invalid("This code can't be taken.", portal.Field("code", "%s", message))
}

// limit is how often something may be tried in a window of time.
type limit struct {
	key    string
	window time.Duration
	most   int32
}

// codeLimits are those on the codes that are tried for one contact.
func codeLimits(p portal.Principal) []limit {
	who := p.Org.String() + ":" + p.Actor.String()
	return []limit{{"mfa:" + who, throttleWindow, codesPerWindow}, {"mfa-day:" + who, 24 * time.Hour, codesPerDay}}
}

// countCode counts one more try before it is looked at, so that many at once
// gain nothing, and says whether it is the last one. It is a statement of its
// own: a refusal doesn't take it back.
func (a *API) countCode(ctx context.Context, p portal.Principal) (lastTry bool, err error) {
	err = a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) error {
		for _, l := range codeLimits(p) {
			hits, err := q.ThrottleHit(ctx, dbsqlc.ThrottleHitParams{Key: l.key, Seconds: l.window.Seconds()})
			if err != nil {
				return err
			}
			if hits > l.most {
				return portal.TooMany(lockedWords(l.window), l.window)
			}
			lastTry = lastTry || hits == l.most
		}
		return nil
	})
	return lastTry, err
}

func lockedWords(window time.Duration) string {
	if window > throttleWindow {
		return "Too many codes were tried today. No code is taken until tomorrow; ask for a reset if you can't wait."
	}
	return "Too many wrong codes. No code is taken for a quarter of an hour; then try again."
}

// wrongCode tells staff when the last code that may be tried was wrong.
func (a *API) wrongCode(ctx context.Context, p portal.Principal, lastTry bool, refusal error) error {
	if !lastTry || portal.CodeOf(refusal) != portal.CodeInvalid {
		return refusal
	}
	err := a.DB.In(ctx, p, func(q *dbsqlc.Queries) error {
		return a.record(ctx, q, p, happened{customer: p.Customer, kind: "mfa.locked", subject: "contact", id: p.Actor, internal: true})
	})
	if err != nil {
		return err
	}
	return refusal
}

// rightCode forgives the tries that came before.
func rightCode(ctx context.Context, q *dbsqlc.Queries, p portal.Principal) error {
	for _, l := range codeLimits(p) {
		if err := q.ThrottleClear(ctx, l.key); err != nil {
			return err
		}
	}
	return nil
}

// setUpMFA turns the second factor on: the code proves that the authenticator
// has the secret, and is itself used up. Sessions that were opened without it end.
func (a *API) setUpMFA(ctx context.Context, in *CodeInput) (*SetUpMFAOutput, error) {
	row, p, err := a.pendingSignIn(ctx, in.Org, NeedSetUp)
	if err != nil {
		return nil, err
	}
	if _, err := a.countCode(ctx, p); err != nil {
		return nil, err
	}
	secret, err := a.MFA.Open(row.SealedSecret, secretOf(p))
	if err != nil {
		return nil, err
	}
	step, ok := auth.Step(in.Body.Code, string(secret), a.Now())
	if !ok {
		return nil, refusedCode("This code is not right. Codes change every 30 seconds, and the clock of your phone must be right.")
	}
	out := &SetUpMFAOutput{}
	out.Body.Name = p.Name
	err = a.DB.In(ctx, p, func(q *dbsqlc.Queries) error {
		if err := stillRequired(ctx, q, p); err != nil {
			return err
		}
		made, err := q.InsertAuthenticator(ctx, dbsqlc.InsertAuthenticatorParams{
			OrgID: p.Org, ContactID: p.Actor, CustomerID: p.Customer, SealedSecret: row.SealedSecret, LastStep: step, At: a.now(),
		})
		if err != nil {
			return err
		}
		if made == 0 {
			return portal.Conflict("An authenticator was set up in another window a moment ago. Sign in with its code.")
		}
		if out.Body.BackupCodes, err = a.newBackupCodes(ctx, q, p); err != nil {
			return err
		}
		if err := q.DeletePendingSignInsOf(ctx, dbsqlc.DeletePendingSignInsOfParams{OrgID: p.Org, ContactID: p.Actor}); err != nil {
			return err
		}
		if _, err := q.DeleteSessionsOf(ctx, dbsqlc.DeleteSessionsOfParams{OrgID: p.Org, SubjectID: p.Actor}); err != nil {
			return err
		}
		if err := rightCode(ctx, q, p); err != nil {
			return err
		}
		session, err := a.openSession(ctx, q, p)
		if err != nil {
			return err
		}
		out.SetCookie = []http.Cookie{session, a.ended(a.pendingCookieName(p.OrgSlug))}
		return a.record(ctx, q, p, happened{customer: p.Customer, kind: "mfa.enabled", subject: "contact", id: p.Actor, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// newBackupCodes stores five new codes in place of the old ones. Nothing but
// the answer to this request ever holds them.
func (a *API) newBackupCodes(ctx context.Context, q *dbsqlc.Queries, p portal.Principal) ([]string, error) {
	codes, hashes, err := auth.NewBackupCodes(a.Random)
	if err != nil {
		return nil, err
	}
	if err := q.DeleteBackupCodes(ctx, dbsqlc.DeleteBackupCodesParams{OrgID: p.Org, ContactID: p.Actor}); err != nil {
		return nil, err
	}
	return codes, q.InsertBackupCodes(ctx, dbsqlc.InsertBackupCodesParams{OrgID: p.Org, ContactID: p.Actor, At: a.now(), CodeHashes: hashes})
}

func (a *API) getMyMFA(ctx context.Context, _ *MyMFAInput) (*MyMFAOutput, error) {
	p := principal(ctx)
	out := &MyMFAOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		own, err := q.AuthenticatorOf(ctx, dbsqlc.AuthenticatorOfParams{OrgID: p.Org, ContactID: p.Actor})
		if err != nil {
			return err
		}
		for _, authenticator := range own {
			out.Body.Enabled, out.Body.EnabledAt, out.Body.BackupCodes = true, &authenticator.EnabledAt, int(authenticator.BackupCodes)
		}
		settings, err := q.GetSettings(ctx, p.Org)
		out.Body.Required = settings.Mfa
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// makeBackupCodes needs a code: whoever sits at an open screen must not take
// the ways in with them.
func (a *API) makeBackupCodes(ctx context.Context, in *CodeInput) (*BackupCodesOutput, error) {
	p := principal(ctx)
	tries, err := a.countCode(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &BackupCodesOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		sealed, err := q.OwnSealedSecret(ctx)
		if err != nil {
			return err
		}
		if sealed == nil {
			return portal.Conflict("You have no authenticator set up, so there are no backup codes to make.")
		}
		if _, err := a.proveFactor(ctx, q, p, sealed, in.Body.Code); err != nil {
			return err
		}
		if out.Body.BackupCodes, err = a.newBackupCodes(ctx, q, p); err != nil {
			return err
		}
		if err := rightCode(ctx, q, p); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{customer: p.Customer, kind: "mfa.backup_codes_made", subject: "contact", id: p.Actor, internal: true})
	})
	if err != nil {
		return nil, a.wrongCode(ctx, p, tries, err)
	}
	return out, nil
}

// resetMFA is the only way to release a contact from the second factor, R63 and
// R64. Whoever is signed in as that contact is signed out, and the contact is told.
func (a *API) resetMFA(ctx context.Context, in *ResetMFAInput) (*ResetMFAOutput, error) {
	p := principal(ctx)
	out := &ResetMFAOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: p.Org, ID: in.Contact})
		if err != nil {
			return err
		}
		taken, err := q.DeleteAuthenticator(ctx, dbsqlc.DeleteAuthenticatorParams{OrgID: p.Org, ContactID: contact.ID})
		if err != nil {
			return err
		}
		if taken == 0 {
			return portal.Conflict("%s has no authenticator set up.", contact.Name)
		}
		if err := q.DeletePendingSignInsOf(ctx, dbsqlc.DeletePendingSignInsOfParams{OrgID: p.Org, ContactID: contact.ID}); err != nil {
			return err
		}
		ended, err := q.DeleteSessionsOf(ctx, dbsqlc.DeleteSessionsOfParams{OrgID: p.Org, SubjectID: contact.ID})
		if err != nil {
			return err
		}
		out.Body.SignedOut = int(ended)
		them := portal.Principal{Org: p.Org, Side: portal.SideContact, Customer: contact.CustomerID, Actor: contact.ID}
		if err := rightCode(ctx, q, them); err != nil {
			return err
		}
		if err := a.tellOwner(ctx, q, them, "mfa_reset"); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: contact.CustomerID, kind: "mfa.reset", subject: "contact", id: contact.ID, internal: true, data: map[string]any{"contact": contact.Name},
		})
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("contact")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}
