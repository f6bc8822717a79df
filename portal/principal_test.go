package portal

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
)

var (
	someOrg      = uuid.MustParse("018f0000-0000-7000-8000-000000000001")
	someCustomer = uuid.MustParse("018f0000-0000-7000-8000-000000000002")
)

func contactWith(roles ...Role) Principal {
	return Principal{Org: someOrg, Side: SideContact, Customer: someCustomer, ActorKind: ActorContact, Roles: roles}
}

func staffWith(roles ...Role) Principal {
	return Principal{Org: someOrg, Side: SideStaff, ActorKind: ActorStaff, Roles: roles}
}

func keyWith(scopes ...string) Principal {
	return Principal{Org: someOrg, Side: SideStaff, ActorKind: ActorAPIKey, Scopes: scopes}
}

// N8
func TestWhoMayDoWhat(t *testing.T) {
	actions := make([]Action, 0, len(permissions()))
	for _, row := range permissions() {
		actions = append(actions, row.action)
	}
	everyContact := []Action{ActionViewDocuments, ActionComment, ActionForward, ActionEditDetails, ActionReview, ActionWriteMessage}
	everyStaff := []Action{
		ActionViewDocuments, ActionComment, ActionForward, ActionManagePaymentMethods, ActionEditDetails,
		ActionManageCustomers, ActionManageDocuments, ActionManagePayments, ActionManageTimesheets, ActionViewActivity,
	}
	for _, test := range []struct {
		name string
		who  Principal
		may  []Action
	}{
		{"a contact without a role", contactWith(), nil},
		{"one who may view", contactWith(RoleView), everyContact},
		{"one who may approve", contactWith(RoleApprove), append(slices.Clone(everyContact), ActionApprove)},
		{"one who may pay", contactWith(RolePay), append(slices.Clone(everyContact), ActionPay, ActionManagePaymentMethods)},
		{"a contact with a staff role", contactWith(RoleAdmin), nil},
		{"a member of staff", staffWith(RoleMember), everyStaff},
		{"an administrator", staffWith(RoleAdmin), append(slices.Clone(everyStaff), ActionManageSettings, ActionManageStaff, ActionManageIntegrations)},
		{"staff with a contact's role", staffWith(RolePay, RoleApprove), nil},
		{"an API key without scopes", keyWith(), nil},
		{"an API key with one", keyWith("payments.manage"), []Action{ActionManagePayments}},
		{"an API key that would pay", keyWith("payments.pay", "documents.approve"), nil},
		{"the system", System(someOrg), actions},
		{"a contact of no customer", Principal{Org: someOrg, Side: SideContact, ActorKind: ActorContact, Roles: []Role{RolePay}}, nil},
		{"an actor on the wrong side", Principal{Org: someOrg, Side: SideStaff, ActorKind: ActorContact, Customer: someCustomer, Roles: []Role{RoleAdmin}}, nil},
		{"an API key on the contacts' side", Principal{Org: someOrg, Side: SideContact, ActorKind: ActorAPIKey, Scopes: []string{"documents.view"}}, nil},
	} {
		for _, a := range actions {
			err := test.who.May(a)
			if slices.Contains(test.may, a) {
				if err != nil {
					t.Errorf("%s may not %s: %v", test.name, a, err)
				}
				continue
			}
			if CodeOf(err) != CodeForbidden {
				t.Errorf("%s and %s: got %v, want a refusal", test.name, a, err)
			}
		}
	}
}

func TestNobodyMayDoNothing(t *testing.T) {
	wantCode(t, Principal{}.May(ActionViewDocuments), CodeUnauthenticated)
	wantCode(t, System(uuid.Nil).May(ActionViewDocuments), CodeUnauthenticated)
	wantCode(t, staffWith(RoleAdmin).May("made.up"), CodeForbidden)
}

func TestScopesAreWhatStaffMayDo(t *testing.T) {
	scopes := Scopes()
	if !slices.Contains(scopes, "documents.manage") || slices.Contains(scopes, "payments.pay") {
		t.Errorf("got %v", scopes)
	}
	for _, s := range scopes {
		if err := keyWith(s).May(Action(s)); err != nil {
			t.Errorf("the scope %s opens nothing: %v", s, err)
		}
	}
}

func TestPrincipalTravelsInTheContext(t *testing.T) {
	if p, ok := PrincipalFrom(context.Background()); ok {
		t.Errorf("an empty context knows %v", p)
	}
	ctx := WithPrincipal(context.Background(), contactWith(RolePay))
	if p, ok := PrincipalFrom(ctx); !ok || p.Customer != someCustomer || !p.HasRole(RolePay) {
		t.Errorf("got %v, %v", p, ok)
	}
}
