package console_test

import (
	"net/url"
	"strings"
	"testing"

	"countersign/devstack/visitor"
)

// An administrator adds a colleague, who chooses a password by the email's link and is signed out when the access ends: all without script.
func TestColleaguesComeAndGo(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	staff := v.Get("/console/bright").Follow("Staff").Has("Grace Bright (you)", "Administrator")
	refused := staff.Follow("Add a colleague").Submit("Add and invite", "name", "Priya Nair", "email", "priya", "role", "member").Answers(422).Has("Enter an email address")
	if refused.Value("name") != "Priya Nair" || refused.Value("email") != "priya" {
		t.Error("what was typed is lost")
	}
	added := refused.Submit("Add and invite", "email", "priya@bright.test").Answers(200).Has("Your colleague is added", "Priya Nair", "Invited", "invited as member, the link works until")
	letter, err := s.Inbox.WaitFor(t.Context(), "priya@bright.test", "Grace Bright added you to the console of Bright bright")
	if err != nil {
		t.Fatal(err)
	}
	link := strings.TrimPrefix(letter.Link("Choose your password"), s.URL)
	again := added.Submit("Send the invitation again").Answers(200).Has("The invitation was sent again.")
	second, err := s.Inbox.WaitForAfter(t.Context(), letter, "priya@bright.test", "added you")
	if err != nil {
		t.Fatal(err)
	}
	priya := visitor.New(t, s.URL)
	priya.Get(link).Answers(410).Has("This link was replaced")
	link = strings.TrimPrefix(second.Link("Choose your password"), s.URL)
	priya.Get(link).Answers(200).Has("Welcome, Priya Nair", "console of Bright bright").
		Submit("Save the password", "password", "short", "repeat", "short").Answers(422).
		Submit("Save the password", "password", "four odd paper boats", "repeat", "four odd paper boats").Answers(200).Has("Your password is saved. Sign in with it now.").
		Submit("Sign in", "email", "priya@bright.test", "password", "four odd paper boats").Answers(200)
	priya.Get(link).Answers(410).Has("used already")
	priya.Get("/console/bright/staff").Answers(403)
	priya.Get("/console/bright/staff/new").Answers(403)
	at := again.Open("/console/bright/staff").Lacks("Send the invitation again", "Invited").Has("Member").Href("Switch access off")
	if got, err := s.Inbox.List(t.Context(), "priya@bright.test"); err != nil || len(got) != 2 {
		t.Errorf("%d emails, not two: %v", len(got), err)
	}

	// The only administrator stays one, and is told why.
	own := v.Get(at).Answers(200).Has("Switch off the access of Grace Bright?", "This is your own access")
	own.Submit("Switch access off").Answers(409).Has("Grace Bright is the only administrator who can sign in")
	mine := strings.TrimSuffix(at, "/end") + "/edit"
	kept := v.Get(mine).Submit("Save", "name", "Grace B. Bright", "role", "member").Answers(422).Has("Grace Bright is the only administrator")
	if kept.Value("name") != "Grace B. Bright" {
		t.Errorf("the name that was typed became %q", kept.Value("name"))
	}
	kept.Submit("Save", "role", "admin").Answers(200).Has("Your changes are saved.", "Grace B. Bright (you)")

	var theirs string
	for _, id := range ids(v.Get("/console/bright/staff")) {
		if page := v.Get("/console/bright/staff/" + id + "/end"); strings.Contains(page.Words(), "Priya Nair") {
			theirs = id
		}
	}
	old := v.Get("/console/bright/staff/" + theirs + "/edit")
	v.Get("/console/bright/staff/"+theirs+"/edit").Submit("Save", "name", "Priya N. Nair").Answers(200)
	old.Submit("Save", "name", "Priya").Answers(409).Has("Somebody else changed this", "It is “Priya N. Nair” now.").Submit("Save", "name", "Priya Nair").Answers(200)
	v.Get("/console/bright/staff/"+theirs+"/end").Has("signed out everywhere at once").Submit("Switch access off").Answers(200).Has("The access is switched off", "No access any more")
	if to := priya.Get("/console/bright"); to.URL.Path != "/console/bright/sign-in" {
		t.Errorf("Priya is still at %s", to.URL)
	}
	back := v.Get("/console/bright/staff/new").Submit("Add and invite", "name", "Priya", "email", "priya@bright.test", "role", "member").Answers(422).Has("Switch their access on again instead", "worked here before")
	back.Submit("Switch on the access of Priya Nair").Answers(200).Has("The access is switched on again").Lacks("No access any more")
	priya.Get("/console/bright/sign-in").Submit("Sign in", "email", "priya@bright.test", "password", "four odd paper boats").Answers(200).Has("Priya Nair")
	v.Get("/console/bright/activity").Has("switched off the access of Priya Nair", "switched the access of Priya Nair on again")
	priya.Post("/console/bright/staff/new", url.Values{"name": {"X"}, "email": {"x@bright.test"}, "role": {"admin"}}).Answers(403)
	priya.Post("/console/bright/staff/"+theirs+"/access", url.Values{}).Answers(403)
}

// ids are the colleagues of the list.
func ids(p *visitor.Page) (found []string) {
	for n := range p.Root.Descendants() {
		if id, ok := strings.CutPrefix(visitor.Attr(n, "id"), "staff-"); ok {
			found = append(found, id)
		}
	}
	return found
}
