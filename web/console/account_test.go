package console_test

import (
	"net/http"
	"testing"

	"countersign/devstack/stack"
	"countersign/devstack/visitor"
)

// R55 R58: staff see where they are signed in, end the other sign-ins one by one or all at once, change their password, and
// read what happened to their account.
func TestStaffLookAfterTheirOwnAccount(t *testing.T) {
	s, _ := start(t)
	v, laptop, phone, desk := atWork(t, s), atWork(t, s), atWork(t, s), atWork(t, s)
	at := "/console/bright/account"
	account := v.Get("/console/bright").Follow("Account and security").Answers(http.StatusOK).Has("grace@bright.test", "This one", "All 3 other sign-ins at once", "sign-ins that you ended are told of here.")
	account.Submit("Sign out of all").Answers(http.StatusOK).Has("You are signed out everywhere else.", "signed out elsewhere").Lacks("other sign-ins at once")
	for _, other := range []*visitor.Visitor{laptop, phone, desk} {
		if p := other.Get(at); p.URL.Path != "/console/bright/sign-in" {
			t.Errorf("a sign-in that was ended reads %s", p.URL)
		}
	}

	laptop = atWork(t, s)
	v.Get(at).Submit("Sign out Unknown device").Answers(http.StatusOK).Has("That sign-in is ended.")
	if p := laptop.Get(at); p.URL.Path != "/console/bright/sign-in" {
		t.Errorf("the sign-in that was ended reads %s", p.URL)
	}

	form := v.Get(at).Follow("Change password")
	form.Submit("Change password", "current", "something else", "new", "nine quiet harbours", "repeat", "nine quiet harbours").Answers(http.StatusUnprocessableEntity).Has("There is a problem")
	form.Submit("Change password", "current", stack.Password, "new", "nine quiet harbours", "repeat", "nine quiet harbors").Answers(http.StatusUnprocessableEntity).Has("Type the same password again.")
	form.Submit("Change password", "current", stack.Password, "new", "nine quiet harbours", "repeat", "nine quiet harbours").Answers(http.StatusOK).
		Has("Your password is changed", "You are signed out everywhere else.", "changed their password")
	visitor.New(t, s.URL).Get("/console/bright/sign-in").Submit("Sign in", "email", "grace@bright.test", "password", stack.Password).Answers(http.StatusUnprocessableEntity)
	visitor.New(t, s.URL).Get("/console/bright/sign-in").Submit("Sign in", "email", "grace@bright.test", "password", "nine quiet harbours").Answers(http.StatusOK)
}
