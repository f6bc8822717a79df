package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type sessionOperations struct {
	ChangeMyPassword    *Operation[ChangePasswordInput, ChangePasswordOutput]
	ChangeStaffPassword *Operation[ChangePasswordInput, ChangePasswordOutput]
	ListMySessions      *Operation[ListSessionsInput, ListSessionsOutput]
	ListStaffSessions   *Operation[ListSessionsInput, ListSessionsOutput]
	EndMySession        *Operation[EndSessionInput, EndSessionOutput]
	EndStaffSession     *Operation[EndSessionInput, EndSessionOutput]
	EndMyOthers         *Operation[ListSessionsInput, EndSessionsOutput]
	EndStaffOthers      *Operation[ListSessionsInput, EndSessionsOutput]
	ListStaffHistory    *Operation[AccountHistoryInput, AccountHistoryOutput]
}

// ChangePasswordInput changes one's own password, R55.
type ChangePasswordInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Current string `json:"current" minLength:"1" maxLength:"128"`
		New     string `json:"new" minLength:"1" maxLength:"128"`
		Repeat  string `json:"repeat" minLength:"1" maxLength:"128" doc:"The new password again."`
	}
}

// ChangePasswordOutput says how many other sessions were ended, and carries the
// new token of this one.
type ChangePasswordOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		SignedOut int `json:"signed_out" doc:"Other sessions that were ended."`
	}
}

// ListSessionsInput needs nothing: the sessions are the caller's own.
type ListSessionsInput struct {
	Org string `path:"org" maxLength:"40"`
}

// ListSessionsOutput is where one is signed in, R58, last used first.
type ListSessionsOutput struct {
	Body struct {
		Sessions []Session `json:"sessions"`
	}
}

// Session is one sign-in.
type Session struct {
	ID         uuid.UUID `json:"id"`
	Current    bool      `json:"current"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
}

// AccountHistoryInput needs nothing: the account is the caller's own.
type AccountHistoryInput struct {
	Org string `path:"org" maxLength:"40"`
}

// AccountHistoryOutput is what happened to one's own account, newest first.
type AccountHistoryOutput struct {
	Body struct {
		Timeline []TimelineEntry `json:"timeline"`
	}
}

// EndSessionInput names one of one's own sessions.
type EndSessionInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Session uuid.UUID `path:"session"`
}

// EndSessionOutput takes the cookie away when the session was this one.
type EndSessionOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

// EndSessionsOutput says how many sessions were ended.
type EndSessionsOutput struct {
	Body struct {
		SignedOut int `json:"signed_out"`
	}
}

func (a *API) declareSessions() {
	for _, side := range []struct {
		side     portal.Side
		name     string
		at       string
		change   **Operation[ChangePasswordInput, ChangePasswordOutput]
		sessions **Operation[ListSessionsInput, ListSessionsOutput]
		end      **Operation[EndSessionInput, EndSessionOutput]
		others   **Operation[ListSessionsInput, EndSessionsOutput]
	}{
		{portal.SideContact, "my", "portal", &a.ChangeMyPassword, &a.ListMySessions, &a.EndMySession, &a.EndMyOthers},
		{portal.SideStaff, "staff", "console", &a.ChangeStaffPassword, &a.ListStaffSessions, &a.EndStaffSession, &a.EndStaffOthers},
	} {
		own := func(id, method, path, summary string) route {
			return route{id: id, method: method, path: "/api/{org}/" + side.at + path, summary: summary, side: side.side, action: portal.ActionViewDocuments, tag: "Sign-in"}
		}
		*side.change = declare(a, own("change-"+side.name+"-password", http.MethodPost, "/account/password", "Change one's own password"), person(a.changePassword))
		*side.sessions = declare(a, own("list-"+side.name+"-sessions", http.MethodGet, "/account/sessions", "List where one is signed in"), person(a.listSessions))
		*side.others = declare(a, own("end-other-"+side.name+"-sessions", http.MethodDelete, "/account/sessions", "Sign out everywhere else"), person(a.endOtherSessions))
		*side.end = declare(a, own("end-"+side.name+"-session", http.MethodDelete, "/account/sessions/{session}", "Sign out somewhere else"), person(a.endSession))
	}
	a.ListStaffHistory = declare(a, route{
		id: "list-staff-history", method: http.MethodGet, path: "/api/{org}/console/account/history", tag: "Sign-in",
		summary: "List what happened to one's own account", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, person(a.accountHistory))
}

// person keeps API keys from what only somebody with a password has.
func person[I, O any](run func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		if principal(ctx).SessionID == uuid.Nil {
			return nil, portal.Forbidden("Only somebody who is signed in can do this.")
		}
		return run(ctx, in)
	}
}

func (a *API) changePassword(ctx context.Context, in *ChangePasswordInput) (*ChangePasswordOutput, error) {
	p := principal(ctx)
	if err := a.proveOwnPassword(ctx, in.Body.Current, "current"); err != nil {
		return nil, err
	}
	if in.Body.New == in.Body.Current {
		return nil, portal.Invalid("This is the password that you have.", portal.Field("new", "Choose another password than the current one."))
	}
	org, err := a.organization(ctx)
	if err != nil {
		return nil, err
	}
	if err := choosable(in.Body.New, in.Body.Repeat, p.Email, org.Name); err != nil {
		return nil, renamed(err, "password", "new")
	}
	hash, err := a.Passwords.Hash(ctx, in.Body.New)
	if err != nil {
		return nil, err
	}
	out := &ChangePasswordOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		var err error
		if out.Body.SignedOut, err = a.setPassword(ctx, q, p, hash, p.SessionID); err != nil {
			return err
		}
		if err := a.tellOwner(ctx, q, p, "password_changed"); err != nil {
			return err
		}
		// Whoever had this session's token along with the old password has nothing now.
		token, hash := a.NewToken()
		renewed, err := q.RenewSession(ctx, dbsqlc.RenewSessionParams{OrgID: p.Org, ID: p.SessionID, SubjectID: p.Actor, TokenHash: hash})
		if err != nil {
			return err
		}
		if renewed > 0 {
			out.SetCookie = []http.Cookie{a.cookie(a.CookieName(p.OrgSlug, p.Side), token, a.now().Add(sessionAbsolute))}
		}
		return a.record(ctx, q, p, happened{customer: p.Customer, kind: "password.changed", subject: string(p.ActorKind), id: p.Actor, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// renamed is a refusal with one field's path changed to what the caller sent.
func renamed(err error, from, to string) error {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok {
		return err
	}
	other := *refused
	other.Fields = nil
	for _, f := range refused.Fields {
		if f.Path == from {
			f.Path = to
		}
		other.Fields = append(other.Fields, f)
	}
	return &other
}

func (a *API) listSessions(ctx context.Context, _ *ListSessionsInput) (*ListSessionsOutput, error) {
	p := principal(ctx)
	out := &ListSessionsOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListSessionsOf(ctx, dbsqlc.ListSessionsOfParams{OrgID: p.Org, SubjectID: p.Actor, At: a.now()})
		out.Body.Sessions = make([]Session, 0, len(rows))
		for _, r := range rows {
			if a.Now().Sub(r.LastSeenAt) > sessionIdle {
				continue // it has ended for want of use
			}
			out.Body.Sessions = append(out.Body.Sessions, Session{r.ID, r.ID == p.SessionID, r.IP, r.UserAgent, r.CreatedAt, r.LastSeenAt})
		}
		return err
	})
	return out, err
}

func (a *API) endSession(ctx context.Context, in *EndSessionInput) (*EndSessionOutput, error) {
	p := principal(ctx)
	out := &EndSessionOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		n, err := q.DeleteSession(ctx, dbsqlc.DeleteSessionParams{OrgID: p.Org, ID: in.Session, SubjectID: p.Actor})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.NotFound("session")
		}
		return a.record(ctx, q, p, happened{customer: p.Customer, kind: "session.ended", subject: string(p.ActorKind), id: p.Actor, internal: true})
	})
	if err != nil {
		return nil, err
	}
	if in.Session == p.SessionID {
		out.SetCookie = []http.Cookie{a.ended(a.CookieName(p.OrgSlug, p.Side))}
	}
	return out, nil
}

func (a *API) endOtherSessions(ctx context.Context, _ *ListSessionsInput) (*EndSessionsOutput, error) {
	p := principal(ctx)
	out := &EndSessionsOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		ended, err := q.DeleteSessionsOf(ctx, dbsqlc.DeleteSessionsOfParams{OrgID: p.Org, SubjectID: p.Actor, Keep: p.SessionID})
		if err != nil || ended == 0 {
			return err
		}
		out.Body.SignedOut = int(ended)
		return a.record(ctx, q, p, happened{customer: p.Customer, kind: "session.ended", subject: string(p.ActorKind), id: p.Actor, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) accountHistory(ctx context.Context, _ *AccountHistoryInput) (*AccountHistoryOutput, error) {
	p, out := principal(ctx), &AccountHistoryOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body.Timeline, err = timeline(ctx, q, p, p.Actor)
		slices.Reverse(out.Body.Timeline)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
