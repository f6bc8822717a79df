package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type staffOperations struct {
	Me        *Operation[StaffMeInput, StaffMeOutput]
	ListStaff *Operation[ListStaffInput, ListStaffOutput]
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

// StaffMember is one of the organization's people.
type StaffMember struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Role      string    `json:"role" enum:"admin,member"`
	Active    bool      `json:"active"`
	CreatedAt time.Time `json:"created_at"`
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
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListStaff(ctx, principal(ctx).Org)
		out.Body.Staff = make([]StaffMember, 0, len(rows))
		for _, r := range rows {
			out.Body.Staff = append(out.Body.Staff, StaffMember{r.ID, r.Name, r.Email, r.Role, r.Active, r.CreatedAt})
		}
		return err
	})
	return out, err
}
