package console_test

import (
	"net/http"
	"testing"

	"countersign/devstack/stack"
)

// R55 R58: staff see where they are signed in, end the other sign-ins one by one or all at once, change their password, and
// read what happened to their account.
func TestStaffLookAfterTheirOwnAccount(t *testing.T) {
	s, _ := start(t)
	v, laptop, phone, desk := atWork(t, s), atWork(t, s), atWork(t, s), atWork(t, s)
	at := "/console/bright/account"
	account := v.get("/console/bright").follow("Account and security").answers(http.StatusOK).has("grace@bright.test", "This one", "All 3 other sign-ins at once", "sign-ins that you ended are told of here.")
	account.submit("Sign out of all").answers(http.StatusOK).has("You are signed out everywhere else.", "signed out elsewhere").lacks("other sign-ins at once")
	for _, other := range []*visitor{laptop, phone, desk} {
		if p := other.get(at); p.URL.Path != "/console/bright/sign-in" {
			t.Errorf("a sign-in that was ended reads %s", p.URL)
		}
	}

	laptop = atWork(t, s)
	v.get(at).submit("Sign out Unknown device").answers(http.StatusOK).has("That sign-in is ended.")
	if p := laptop.get(at); p.URL.Path != "/console/bright/sign-in" {
		t.Errorf("the sign-in that was ended reads %s", p.URL)
	}

	form := v.get(at).follow("Change password")
	form.submit("Change password", "current", "something else", "new", "nine quiet harbours", "repeat", "nine quiet harbours").answers(http.StatusUnprocessableEntity).has("There is a problem")
	form.submit("Change password", "current", stack.Password, "new", "nine quiet harbours", "repeat", "nine quiet harbors").answers(http.StatusUnprocessableEntity).has("Type the same password again.")
	form.submit("Change password", "current", stack.Password, "new", "nine quiet harbours", "repeat", "nine quiet harbours").answers(http.StatusOK).
		has("Your password is changed", "You are signed out everywhere else.", "changed their password")
	visit(t, s).get("/console/bright/sign-in").submit("Sign in", "email", "grace@bright.test", "password", stack.Password).answers(http.StatusUnprocessableEntity)
	visit(t, s).get("/console/bright/sign-in").submit("Sign in", "email", "grace@bright.test", "password", "nine quiet harbours").answers(http.StatusOK)
}
