package api

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type signInOperations struct {
	SignInContact  *Operation[SignInInput, SignInOutput]
	SignInStaff    *Operation[SignInInput, SignInOutput]
	SignOutContact *Operation[SignOutInput, SignOutOutput]
	SignOutStaff   *Operation[SignOutInput, SignOutOutput]
}

// Client is where a request came from, for evidence and throttling.
type Client struct {
	IP        string
	UserAgent string
}

type clientKey struct{}

// WithClient puts the request's origin into ctx; the HTTP surface does so for
// every request.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

func clientOf(ctx context.Context) Client {
	c, _ := ctx.Value(clientKey{}).(Client)
	return c
}

// SignInInput is who wants to sign in.
type SignInInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Email    string `json:"email" minLength:"1" maxLength:"254" doc:"Email address"`
		Password string `json:"password" minLength:"1" maxLength:"128"`
	}
}

// SignInOutput carries the new session's cookie, or that of a sign-in that needs
// one thing more.
type SignInOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      SignedIn
}

// SignedIn is how far a sign-in has come.
type SignedIn struct {
	Name string `json:"name"`
	// Need is what is left to do, R59 and R62: nothing for staff, and for contacts without MFA.
	Need SignInNeed `json:"need,omitempty" enum:"code,set_up" doc:"What this sign-in still needs: a code of the contact's authenticator, or an authenticator to be set up. Empty: signed in."`
	// BackupCodes is said after one was used.
	BackupCodes *int `json:"backup_codes,omitempty" doc:"How many backup codes are left, after one was used."`
}

// SignOutInput needs nothing: the session is the caller's own.
type SignOutInput struct {
	Org string `path:"org" maxLength:"40"`
}

// SignOutOutput takes the cookie away.
type SignOutOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (a *API) declareSignIn() {
	a.SignInContact = declare(a, route{
		id: "sign-in-contact", method: http.MethodPost, path: "/api/{org}/portal/session", summary: "Sign a contact in", tag: "Sign-in",
	}, func(ctx context.Context, in *SignInInput) (*SignInOutput, error) {
		return a.signIn(ctx, in, portal.SideContact)
	})
	a.SignInStaff = declare(a, route{
		id: "sign-in-staff", method: http.MethodPost, path: "/api/{org}/console/session", summary: "Sign a member of staff in", tag: "Sign-in",
	}, func(ctx context.Context, in *SignInInput) (*SignInOutput, error) {
		return a.signIn(ctx, in, portal.SideStaff)
	})
	a.SignOutContact = declare(a, route{
		id: "sign-out-contact", method: http.MethodDelete, path: "/api/{org}/portal/session", summary: "Sign out", tag: "Sign-in",
		side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.signOut)
	a.SignOutStaff = declare(a, route{
		id: "sign-out-staff", method: http.MethodDelete, path: "/api/{org}/console/session", summary: "Sign out", tag: "Sign-in",
		side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.signOut)
}

// Sign-in is throttled per account and per address. The answer is the same
// whether the account exists, and takes as long.
const (
	throttleWindow     = 15 * time.Minute
	throttlePerAccount = 10
	throttlePerAddress = 50
)

func (a *API) signIn(ctx context.Context, in *SignInInput, side portal.Side) (*SignInOutput, error) {
	email := strings.ToLower(strings.TrimSpace(in.Body.Email))
	account := signInThrottle(in.Org, side, email)
	address := "sign-in-from:" + network(clientOf(ctx).IP)
	var found []dbsqlc.AccountRow
	err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) error {
		for key, limit := range map[string]int32{account: throttlePerAccount, address: throttlePerAddress} {
			hits, err := q.ThrottleHit(ctx, dbsqlc.ThrottleHitParams{Key: key, Seconds: throttleWindow.Seconds()})
			if err != nil {
				return err
			}
			if hits > limit {
				return portal.TooMany("Too many attempts. Please wait a quarter of an hour and try again.", throttleWindow)
			}
		}
		var err error
		found, err = q.SignInAccount(ctx, dbsqlc.SignInAccountParams{Slug: in.Org, Email: email, Side: string(side)})
		return err
	})
	if err != nil {
		return nil, err
	}
	var verdict auth.Verdict
	if len(found) == 1 {
		verdict, err = a.Passwords.Verify(ctx, in.Body.Password, found[0].PasswordHash)
	} else {
		verdict, err = a.Passwords.VerifyNobody(ctx, in.Body.Password)
	}
	if err != nil {
		return nil, err
	}
	if !verdict.Match {
		return nil, portal.Invalid("The email address or the password is not right.",
			portal.Field("password", "Check both, or choose a new password."))
	}
	p := portal.Principal{
		Org: found[0].OrgID, OrgSlug: in.Org, Side: side, Actor: found[0].SubjectID, ActorKind: portal.ActorKind(side),
		Name: found[0].Name, Email: found[0].Email,
	}
	if found[0].CustomerID != nil {
		p.Customer = *found[0].CustomerID
	}
	return a.enter(ctx, p, func(q *dbsqlc.Queries) error {
		if err := q.ThrottleClear(ctx, account); err != nil {
			return err
		}
		if !verdict.Rehash {
			return nil
		}
		hash, err := a.Passwords.Hash(ctx, in.Body.Password)
		if err != nil {
			return err
		}
		return q.SetPassword(ctx, dbsqlc.SetPasswordParams{OrgID: p.Org, SubjectID: p.Actor, PasswordHash: hash, ChangedAt: a.now()})
	})
}

// signInThrottle counts the attempts to sign in to one account, be there one or not.
func signInThrottle(slug string, side portal.Side, email string) string {
	return "sign-in:" + slug + ":" + string(side) + ":" + email
}

// enter lets in whoever has proven who they are by a password or an invitation:
// at once, or as far as the second factor that is asked of them. It is one
// transaction with whatever comes before it.
func (a *API) enter(ctx context.Context, p portal.Principal, before func(q *dbsqlc.Queries) error) (*SignInOutput, error) {
	out := &SignInOutput{Body: SignedIn{Name: p.Name}}
	err := a.DB.In(ctx, p, func(q *dbsqlc.Queries) error {
		if err := before(q); err != nil {
			return err
		}
		var err error
		if out.Body.Need, err = secondFactor(ctx, q, p); err != nil {
			return err
		}
		var cookie http.Cookie
		if out.Body.Need == "" {
			cookie, err = a.openSession(ctx, q, p)
		} else {
			cookie, err = a.openPendingSignIn(ctx, q, p, out.Body.Need)
		}
		out.SetCookie = []http.Cookie{cookie}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// openSession signs p in, under a new token.
func (a *API) openSession(ctx context.Context, q *dbsqlc.Queries, p portal.Principal) (http.Cookie, error) {
	token, hash := a.NewToken()
	now, from := a.now(), clientOf(ctx)
	expires := now.Add(sessionAbsolute)
	if p.Side == portal.SideContact {
		if err := q.TouchContact(ctx, dbsqlc.TouchContactParams{OrgID: p.Org, ID: p.Actor}); err != nil {
			return http.Cookie{}, err
		}
	}
	err := q.InsertSession(ctx, dbsqlc.InsertSessionParams{
		OrgID: p.Org, ID: a.NewID(), TokenHash: hash, Side: string(p.Side), SubjectID: p.Actor, CustomerID: optional(p.Customer),
		IP: from.IP, UserAgent: clip(from.UserAgent, 300), At: now, ExpiresAt: expires,
	})
	return a.cookie(a.CookieName(p.OrgSlug, p.Side), token, expires), err
}

func (a *API) signOut(ctx context.Context, _ *SignOutInput) (*SignOutOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		_, err := q.DeleteSession(ctx, dbsqlc.DeleteSessionParams{OrgID: p.Org, ID: p.SessionID, SubjectID: p.Actor})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &SignOutOutput{SetCookie: []http.Cookie{a.ended(a.CookieName(p.OrgSlug, p.Side))}}, nil
}

// network is the part of an address that one person can hardly leave: all of an
// IPv4 address, the first 64 bits of an IPv6 one.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	if addr = addr.Unmap(); addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return ip
	}
	return prefix.String()
}

// clip shortens a text from outside to n bytes, at a character's border.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
