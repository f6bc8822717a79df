package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type staffOperations struct {
	Me                    *Operation[StaffMeInput, StaffMeOutput]
	ListStaff             *Operation[ListStaffInput, ListStaffOutput]
	AddStaff              *Operation[AddStaffInput, StaffMemberOutput]
	EditStaff             *Operation[EditStaffInput, StaffMemberOutput]
	ResendStaffInvitation *Operation[ResendStaffInvitationInput, StaffMemberOutput]
	SetStaffAccess        *Operation[SetStaffAccessInput, StaffMemberOutput]
}

// StaffMeInput needs nothing: it asks who the caller is.
type StaffMeInput struct {
	Org string `path:"org" maxLength:"40"`
}

// StaffMeOutput is who the caller is.
type StaffMeOutput struct {
	Body StaffMe
}

// StaffMe is a member of staff or an API key, and what it may do.
type StaffMe struct {
	ID      uuid.UUID `json:"id"`
	Kind    string    `json:"kind" enum:"staff,api_key"`
	Name    string    `json:"name"`
	Email   string    `json:"email,omitempty"`
	Role    string    `json:"role,omitempty" enum:"admin,member"`
	Actions []string  `json:"actions" doc:"What the caller may do, as scopes are named."`
	// TemporalUI is where operators watch the flows, if this installation says where.
	TemporalUI string `json:"temporal_ui,omitempty"`
}

// ListStaffInput needs nothing: staff are the organization's.
type ListStaffInput struct {
	Org string `path:"org" maxLength:"40"`
}

// ListStaffOutput is all staff, by name.
type ListStaffOutput struct {
	Body struct {
		Staff []StaffMember `json:"staff"`
	}
}

// StaffMemberOutput is one of the organization's people.
type StaffMemberOutput struct {
	Status int
	Body   StaffMember
}

// StaffMember is one of the organization's people.
type StaffMember struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Email string    `json:"email"`
	Role  string    `json:"role" enum:"admin,member"`
	// Active members may sign in.
	Active bool `json:"active"`
	// Invited says that they never chose a password, so that they can't sign in yet.
	Invited bool `json:"invited"`
	// LinkUntil is until when the newest link to choose a password works, if one is open.
	LinkUntil *time.Time `json:"link_until,omitempty"`
	Version   int        `json:"version" doc:"Named by an edit: an older one refuses it."`
	CreatedAt time.Time  `json:"created_at"`
}

// AddStaffInput adds a colleague, who is emailed a link to choose a password.
type AddStaffInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Name  string `json:"name" minLength:"1" maxLength:"120"`
		Email string `json:"email" minLength:"1" maxLength:"254" doc:"They sign in with it."`
		Role  string `json:"role" enum:"admin,member" doc:"Administrators also change settings and staff, and make API keys."`
	}
}

// EditStaffInput changes a colleague's name and role.
type EditStaffInput struct {
	Org    string    `path:"org" maxLength:"40"`
	Member uuid.UUID `path:"member"`
	Body   struct {
		Version int    `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		Name    string `json:"name" minLength:"1" maxLength:"120"`
		Role    string `json:"role" enum:"admin,member"`
	}
}

// ResendStaffInvitationInput names a colleague who hasn't chosen a password yet.
type ResendStaffInvitationInput struct {
	Key
	Org    string    `path:"org" maxLength:"40"`
	Member uuid.UUID `path:"member"`
}

// SetStaffAccessInput switches a colleague's access off, or on again.
type SetStaffAccessInput struct {
	Org    string    `path:"org" maxLength:"40"`
	Member uuid.UUID `path:"member"`
	Body   struct {
		Active bool `json:"active" doc:"Whether they may sign in."`
	}
}

func (a *API) declareStaff() {
	a.Me = declare(a, route{
		id: "me", method: http.MethodGet, path: "/api/{org}/console/me", tag: "Organization",
		summary: "Read who the caller is and what they may do", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.me)
	a.ListStaff = declare(a, route{
		id: "list-staff", method: http.MethodGet, path: "/api/{org}/console/staff", tag: "Organization",
		summary: "List the organization's staff", side: portal.SideStaff, action: portal.ActionManageStaff,
	}, a.listStaff)
	manage := func(id, method, path, summary string) route {
		return route{id: id, method: method, path: "/api/{org}/console/staff" + path, summary: summary, side: portal.SideStaff, action: portal.ActionManageStaff, tag: "Organization"}
	}
	// A key that could make administrators would outlive its own revocation.
	add := manage("add-staff-member", http.MethodPost, "", "Add a colleague and invite them by email")
	add.status = http.StatusCreated
	a.AddStaff = declare(a, add, person(a.addStaff))
	a.EditStaff = declare(a, manage("edit-staff-member", http.MethodPut, "/{member}", "Change a colleague's name and role"), person(a.editStaff))
	a.ResendStaffInvitation = declare(a, manage("resend-staff-invitation", http.MethodPost, "/{member}/invitation", "Send a colleague's invitation again"), person(a.resendStaffInvitation))
	a.SetStaffAccess = declare(a, manage("set-staff-access", http.MethodPut, "/{member}/access", "Switch a colleague's access off, or on again"), person(a.setStaffAccess))
}

func (a *API) me(ctx context.Context, _ *StaffMeInput) (*StaffMeOutput, error) {
	p := principal(ctx)
	out := &StaffMeOutput{StaffMe{ID: p.Actor, Kind: string(p.ActorKind), Name: p.Name, Email: p.Email, Actions: []string{}}}
	for _, role := range p.Roles {
		out.Body.Role = string(role)
	}
	for _, scope := range portal.Scopes() {
		if p.May(portal.Action(scope)) == nil {
			out.Body.Actions = append(out.Body.Actions, scope)
		}
	}
	if p.HasRole(portal.RoleAdmin) {
		out.Body.TemporalUI = a.TemporalUI
	}
	return out, nil
}

func (a *API) listStaff(ctx context.Context, _ *ListStaffInput) (*ListStaffOutput, error) {
	out := &ListStaffOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body.Staff, err = readStaff(ctx, q)
		return err
	})
	return out, err
}

func readStaff(ctx context.Context, q *dbsqlc.Queries) ([]StaffMember, error) {
	rows, err := q.ListStaff(ctx, principal(ctx).Org)
	staff := make([]StaffMember, 0, len(rows))
	for _, r := range rows {
		staff = append(staff, StaffMember{
			ID: r.ID, Name: r.Name, Email: r.Email, Role: r.Role, Active: r.Active, Invited: !r.HasPassword, LinkUntil: r.LinkUntil,
			Version: int(r.Version), CreatedAt: r.CreatedAt,
		})
	}
	return staff, err
}

// changeStaff makes one change of who works here. Changes come one after the
// other, and whoever asks must still be an administrator when it is their turn:
// so nobody but the last administrator themselves could leave the organization
// without one, which keepAnAdministrator refuses. change is given everybody as
// they are by then, and the one whom it is about.
func (a *API) changeStaff(ctx context.Context, member uuid.UUID, change func(q *dbsqlc.Queries, staff []StaffMember, of StaffMember) error) (*StaffMemberOutput, error) {
	p, out := principal(ctx), &StaffMemberOutput{Status: http.StatusOK}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		if err := q.LockStaff(ctx, p.Org); err != nil {
			return err
		}
		staff, err := readStaff(ctx, q)
		if err != nil {
			return err
		}
		if by, ok := memberOf(staff, p.Actor); !ok || !by.Active || by.Role != string(portal.RoleAdmin) {
			return portal.Forbidden("You are not an administrator any more.")
		}
		of, _ := memberOf(staff, member)
		if err := change(q, staff, of); err != nil {
			return err
		}
		if staff, err = readStaff(ctx, q); err != nil {
			return err
		}
		var ok bool
		if out.Body, ok = memberOf(staff, member); !ok {
			return portal.NotFound("member of staff")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func memberOf(staff []StaffMember, id uuid.UUID) (StaffMember, bool) {
	for _, s := range staff {
		if s.ID == id {
			return s, true
		}
	}
	return StaffMember{}, false
}

// keepAnAdministrator refuses to take the role or the access of the only
// administrator who can sign in. One who is merely invited may never come.
func keepAnAdministrator(ctx context.Context, staff []StaffMember, of StaffMember) error {
	for _, s := range staff {
		if s.ID != of.ID && s.Active && s.Role == string(portal.RoleAdmin) && (!s.Invited || s.ID == principal(ctx).Actor) {
			return nil
		}
	}
	return portal.Conflict("%s is the only administrator who can sign in. Make somebody else an administrator first; whoever is invited counts once they have chosen a password.", of.Name)
}

func (a *API) addStaff(ctx context.Context, in *AddStaffInput) (*StaffMemberOutput, error) {
	p := principal(ctx)
	name, err := staffName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	email, err := readEmail("email", in.Body.Email, false)
	if err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "add-staff-member", in.Key.Key)
	out, err := a.changeStaff(ctx, id, func(q *dbsqlc.Queries, staff []StaffMember, _ StaffMember) error {
		if done, err := a.once(ctx, q, id, in.Body); err != nil || done {
			return err
		}
		for _, s := range staff {
			if s.Email == email {
				return staffTaken(s)
			}
		}
		if err := q.InsertStaff(ctx, dbsqlc.InsertStaffParams{OrgID: p.Org, ID: id, Email: email, Name: name, Role: in.Body.Role}); err != nil {
			return err
		}
		if err := a.inviteStaff(ctx, q, id); err != nil {
			return err
		}
		return a.recordStaff(ctx, q, "staff.added", StaffMember{ID: id, Name: name})
	})
	if err != nil {
		return nil, err
	}
	out.Status = http.StatusCreated
	return out, nil
}

// staffTaken says what to do instead of adding somebody a second time.
func staffTaken(s StaffMember) error {
	words := s.Name + " has this email address and is a colleague already."
	switch {
	case !s.Active:
		words = s.Name + " has this email address and no access any more. Switch their access on again instead."
	case s.Invited:
		words = s.Name + " has this email address and is invited already. Send the invitation again if it was lost."
	}
	return portal.Invalid("This colleague was added before.", portal.Field("email", "%s", words))
}

func staffName(text string) (string, error) {
	name := strings.TrimSpace(text)
	if name == "" {
		return "", portal.Invalid("A colleague has a name.", portal.Field("name", "Please fill this in."))
	}
	return name, nil
}

func (a *API) recordStaff(ctx context.Context, q *dbsqlc.Queries, kind string, of StaffMember) error {
	return a.record(ctx, q, principal(ctx), happened{kind: kind, subject: "staff", id: of.ID, internal: true, data: map[string]any{"staff": of.Name}})
}

// staffInvitationLifetime is how long a colleague's link works, as an invitation to the portal does.
const staffInvitationLifetime = 14 * 24 * time.Hour

// inviteStaff has a link emailed to choose the first password with. Links from before end.
func (a *API) inviteStaff(ctx context.Context, q *dbsqlc.Queries, member uuid.UUID) error {
	p, id, now := principal(ctx), a.NewID(), a.now()
	if err := q.EndPasswordResets(ctx, dbsqlc.EndPasswordResetsParams{OrgID: p.Org, SubjectID: member, At: &now}); err != nil {
		return err
	}
	if err := q.InsertStaffPasswordReset(ctx, dbsqlc.InsertStaffPasswordResetParams{
		OrgID: p.Org, ID: id, SubjectID: member, At: now, ExpiresAt: now.Add(staffInvitationLifetime),
	}); err != nil {
		return err
	}
	return q.InsertAccountEmail(ctx, dbsqlc.InsertAccountEmailParams{
		OrgID: p.Org, ID: id, Side: string(portal.SideStaff), SubjectID: member, Template: "invitation", AskedBy: p.Name, At: now,
	})
}

func (a *API) editStaff(ctx context.Context, in *EditStaffInput) (*StaffMemberOutput, error) {
	p, body := principal(ctx), in.Body
	name, err := staffName(body.Name)
	if err != nil {
		return nil, err
	}
	return a.changeStaff(ctx, in.Member, func(q *dbsqlc.Queries, staff []StaffMember, of StaffMember) error {
		if of.Active && of.Role == string(portal.RoleAdmin) && body.Role != of.Role {
			if refused, ok := errors.AsType[*portal.Error](keepAnAdministrator(ctx, staff, of)); ok {
				return portal.Invalid("Somebody must be an administrator.", portal.Field("role", "%s", refused.Message))
			}
		}
		n, err := q.EditStaff(ctx, dbsqlc.EditStaffParams{OrgID: p.Org, ID: in.Member, Version: int32(body.Version), Name: name, Role: body.Role})
		if err != nil {
			return err
		}
		if n == 0 && of.ID != uuid.Nil {
			return portal.Stale("colleague")
		}
		return a.recordChanges(ctx, q, happened{kind: "staff.edited", subject: "staff", id: in.Member, internal: true, data: map[string]any{"staff": name}}, []change{
			{"name", of.Name, name}, {"role", roleWords(of.Role), roleWords(body.Role)},
		})
	})
}

// roleWords are what people call a role of staff.
func roleWords(role string) string {
	if role == string(portal.RoleAdmin) {
		return "administrator"
	}
	return role
}

func (a *API) resendStaffInvitation(ctx context.Context, in *ResendStaffInvitationInput) (*StaffMemberOutput, error) {
	p := principal(ctx)
	id := portal.BeginID(p.Org, p.Actor, "resend-staff-invitation:"+in.Member.String(), in.Key.Key)
	return a.changeStaff(ctx, in.Member, func(q *dbsqlc.Queries, _ []StaffMember, of StaffMember) error {
		if done, err := a.once(ctx, q, id, in.Member); err != nil || done || of.ID == uuid.Nil {
			return err
		}
		switch {
		case !of.Active:
			return portal.Conflict("%s has no access any more. Switch it on again, which sends the invitation too.", of.Name)
		case !of.Invited:
			return portal.Conflict("%s has chosen a password already. If it is forgotten, the sign-in page sends a link to choose another.", of.Name)
		}
		if err := a.inviteStaff(ctx, q, of.ID); err != nil {
			return err
		}
		return a.recordStaff(ctx, q, "staff.invited", of)
	})
}

// setStaffAccess ends every session and every open link, both ways: what was
// opened while access was being switched off is not there when it is on again.
func (a *API) setStaffAccess(ctx context.Context, in *SetStaffAccessInput) (*StaffMemberOutput, error) {
	p := principal(ctx)
	return a.changeStaff(ctx, in.Member, func(q *dbsqlc.Queries, staff []StaffMember, of StaffMember) error {
		if of.ID == uuid.Nil || of.Active == in.Body.Active {
			return nil
		}
		kind := "staff.access_given"
		if !in.Body.Active {
			kind = "staff.access_ended"
			if of.Role == string(portal.RoleAdmin) {
				if err := keepAnAdministrator(ctx, staff, of); err != nil {
					return err
				}
			}
		}
		if err := q.SetStaffActive(ctx, dbsqlc.SetStaffActiveParams{OrgID: p.Org, ID: of.ID, Active: in.Body.Active}); err != nil {
			return err
		}
		if _, err := q.DeleteSessionsOf(ctx, dbsqlc.DeleteSessionsOfParams{OrgID: p.Org, SubjectID: of.ID}); err != nil {
			return err
		}
		if err := q.EndPasswordResets(ctx, dbsqlc.EndPasswordResetsParams{OrgID: p.Org, SubjectID: of.ID, At: new(a.now())}); err != nil {
			return err
		}
		if in.Body.Active && of.Invited { // there is no password yet to sign in with
			if err := a.inviteStaff(ctx, q, of.ID); err != nil {
				return err
			}
		}
		return a.recordStaff(ctx, q, kind, of)
	})
}
