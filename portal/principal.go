package portal

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// Side is the side of the counter that somebody stands on.
type Side string

// The sides.
const (
	SideStaff   Side = "staff"
	SideContact Side = "contact"
)

// ActorKind says what acts.
type ActorKind string

// The kinds of actor.
const (
	ActorContact ActorKind = "contact"
	ActorStaff   ActorKind = "staff"
	ActorAPIKey  ActorKind = "api_key"
	ActorSystem  ActorKind = "system"
)

// Role is what somebody was given to do.
type Role string

// The roles: of contacts, and of staff.
const (
	RoleView    Role = "view"
	RoleApprove Role = "approve"
	RolePay     Role = "pay"

	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

// Principal is who is asking. It is resolved once per request and travels in
// the context; nothing below asks again.
type Principal struct {
	Org     uuid.UUID
	OrgSlug string
	Side    Side
	// Customer that a contact belongs to; zero for staff.
	Customer uuid.UUID
	// Actor is the contact, the staff member or the API key; zero for the
	// system.
	Actor     uuid.UUID
	ActorKind ActorKind
	Name      string
	Email     string
	Roles     []Role
	// SessionID of the sign-in; zero for API keys and the system.
	SessionID uuid.UUID
	// Scopes are the actions that an API key was made for.
	Scopes []string
}

// System is the organization itself at work: the flows' steps, the sweeps.
func System(org uuid.UUID) Principal {
	return Principal{Org: org, Side: SideStaff, ActorKind: ActorSystem, Name: "Countersign"}
}

// HasRole reports whether p was given r.
func (p Principal) HasRole(r Role) bool { return slices.Contains(p.Roles, r) }

// Action is something that is allowed to some and not to others.
type Action string

// What contacts do in the portal.
const (
	ActionViewDocuments        Action = "documents.view"
	ActionComment              Action = "documents.comment"
	ActionForward              Action = "documents.forward"
	ActionApprove              Action = "documents.approve"
	ActionPay                  Action = "payments.pay"
	ActionManagePaymentMethods Action = "payment_methods.manage"
	ActionEditDetails          Action = "details.edit"
	ActionReview               Action = "reviews.write"
	ActionWriteMessage         Action = "messages.write"
)

// What staff do in the console, and integrations through the API.
const (
	ActionManageCustomers    Action = "customers.manage"
	ActionManageDocuments    Action = "documents.manage"
	ActionManagePayments     Action = "payments.manage"
	ActionManageTimesheets   Action = "timesheets.manage"
	ActionViewActivity       Action = "activity.view"
	ActionManageSettings     Action = "settings.manage"
	ActionManageStaff        Action = "staff.manage"
	ActionManageIntegrations Action = "integrations.manage"
)

// allowed is one row of the table of who may do what.
type allowed struct {
	action Action
	// contact and staff list the roles of which one is enough; none when that
	// side never does this.
	contact, staff []Role
}

// permissions is the table of who may do what.
func permissions() []allowed {
	var (
		anyContact = []Role{RoleView, RoleApprove, RolePay}
		anyStaff   = []Role{RoleAdmin, RoleMember}
		admins     = []Role{RoleAdmin}
	)
	return []allowed{
		{ActionViewDocuments, anyContact, anyStaff},
		{ActionComment, anyContact, anyStaff},
		{ActionForward, anyContact, anyStaff},
		// Staff never decide or pay in a customer's name.
		{ActionApprove, []Role{RoleApprove}, nil},
		{ActionPay, []Role{RolePay}, nil},
		{ActionManagePaymentMethods, []Role{RolePay}, anyStaff},
		{ActionEditDetails, anyContact, anyStaff},
		{ActionReview, anyContact, nil},
		{ActionWriteMessage, anyContact, nil},

		{ActionManageCustomers, nil, anyStaff},
		{ActionManageDocuments, nil, anyStaff},
		{ActionManagePayments, nil, anyStaff},
		{ActionManageTimesheets, nil, anyStaff},
		{ActionViewActivity, nil, anyStaff},
		{ActionManageSettings, nil, admins},
		{ActionManageStaff, nil, admins},
		{ActionManageIntegrations, nil, admins},
	}
}

// Scopes lists the scopes that an API key may be given: each is an action that
// staff may do.
func Scopes() []string {
	var scopes []string
	for _, row := range permissions() {
		if len(row.staff) > 0 {
			scopes = append(scopes, string(row.action))
		}
	}
	return scopes
}

// May says why p may not do a, or nil if p may. The customer's and the
// organization's boundaries are not its business: the database draws those.
func (p Principal) May(a Action) error {
	if p.Org == uuid.Nil {
		return Unauthenticated("Please sign in.")
	}
	if p.ActorKind == ActorSystem {
		return nil
	}
	for _, row := range permissions() {
		if row.action == a && p.fits(row) {
			return nil
		}
	}
	return Forbidden("You are not allowed to do this.")
}

// fits reports whether the row allows its action to p. An API key needs the
// scope instead of a role, and can't have one that staff couldn't.
func (p Principal) fits(row allowed) bool {
	switch {
	case p.ActorKind == ActorAPIKey:
		return p.Side == SideStaff && len(row.staff) > 0 && slices.Contains(p.Scopes, string(row.action))
	case p.Side == SideStaff && p.ActorKind == ActorStaff:
		return slices.ContainsFunc(row.staff, p.HasRole)
	case p.Side == SideContact && p.ActorKind == ActorContact && p.Customer != uuid.Nil:
		return slices.ContainsFunc(row.contact, p.HasRole)
	default:
		return false
	}
}

type principalKey struct{}

// WithPrincipal is ctx with p in it.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalFrom is the principal that WithPrincipal put into ctx; false when
// nobody is known.
func PrincipalFrom(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}
