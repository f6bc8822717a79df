package screens

import (
	"strings"
	"testing"

	"countersign/e2e/acts"

	"countersign/api"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

// asGrace opens the console as the organization's administrator.
func asGrace(tab *browser.Tab, s *stack.Stack) *browser.Tab {
	tab.Open(s.URL+"/console/bright/sign-in").Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in")
	return tab.Says("Grace Bright")
}

// told waits for emails to an address that have all of these words.
func told(t *testing.T, s *stack.Stack, address string, words ...string) (emails []inbox.Email) {
	t.Helper()
	s.Eventually("an email to "+address+" with "+strings.Join(words, ", "), func() bool {
		emails = acts.EmailsTo(t, s, address, words...)
		return len(emails) > 0
	})
	return emails
}

// set changes the portal's settings on their page, and saves them.
func set(grace *browser.Tab, change func(tab *browser.Tab)) {
	change(grace.Press("Portal settings").Says("Nothing changes until you save"))
	grace.Press("Save").Says("Your changes are saved")
}

// R1 R2 R3 R4 R5 R6 R7 R8 R10 R53 R57: an administrator sets the portal up, one switch after the other; what each one does is seen at once on
// the phone of a customer's contact, whose page from before doesn't help her past a switch that is off, and in the mailboxes.
func TestSettingsTakeEffectOnTheCustomersPhone(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	invoice := s.URL + "/bright/invoices/" + org.Invoice("INV-1", 12000).String()
	staff, asAnn := org.Staff(), org.AsAnn()
	var p api.Project
	staff.Must(201, "POST", acts.Projects, "", map[string]any{"customer": org.Customer, "name": "New website", "rate": 90_00}, &p)
	grace := asGrace(chromium.Visitor(browser.Options{}), s)
	home := s.URL + "/bright"

	// Everything is on at first. She has each of the forms open when it is switched off.
	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")
	ann.Says("Write a review", "Timesheets to approve").Press("Menu").Press("Projects").Says("New website")
	review, forward, company, project := ann.Another(), ann.Another(), ann.Another(), ann.Another()
	review.Open(home+"/review").Choose("Stars", "5 stars").Type("Your review", "Too late")
	forward.Open(invoice).Press("Forward").Type("To", "late@partner.example")
	company.Open(home+"/account/company").Type("Company name", "Too Late Ltd")
	project.Open(home + "/projects/" + p.ID.String()).Says("New website")

	// Nothing changes until it is saved, and then it does.
	grace.Press("Portal settings").Untick("Write a review").Press("Home").Says("Owed to you")
	ann.Open(home).Says("Write a review").Lacks("We move on Friday")
	set(grace, func(tab *browser.Tab) {
		tab.Type("Banner message", "We move on Friday: no calls, please.").Untick("Edit their addresses").Untick("Forward documents").Untick("Write a review").Untick("See projects and timesheets")
		tab.Untick("Tell staff what happens").Untick("Tell customers when staff comment").Shot("1-settings-off")
	})
	signOut(ann)
	signIn(ann, s, "ann@lovelace.test").Says("We move on Friday").Press("Menu").Says("Estimates").Lacks("Write a review", "Projects", "Timesheets").Fits().Shot("2-home-off")
	if ann.Has("Edit") {
		t.Error("with the switch off, the company can be edited")
	}
	ann.Open(invoice).Says("Left to pay", "Comments").Lacks("Forward").Fits().Shot("3-invoice-off")
	ann.Open(home + "/account").Says("Where you are signed in")
	if ann.Has("Edit") {
		t.Error("with the switch off, her own details can be edited")
	}
	// What she had open doesn't go through, and the API says no to programs too.
	for name, tab := range map[string]*browser.Tab{"review": review, "forward": forward, "company": company} {
		tab.Press(map[string]string{"review": "Send the review", "forward": "Forward it", "company": "Save"}[name])
		tab.Says("switched off in this portal").Lacks("on its way", "saved").Fits().Shot("4-" + name + "-refused")
	}
	project.Open(project.Address().String()).Says("switched off in this portal").Lacks("New website")
	for path, body := range map[string]any{
		"reviews":         map[string]any{"stars": 5, "text": "Too late"},
		"forwards":        acts.ToForward("invoice", org.Ann, "late@partner.example"),
		"account/company": map[string]any{"name": "Too Late Ltd", "version": 1},
	} {
		method := map[string]string{"account/company": "PUT"}[path]
		if method == "" {
			method = "POST"
		}
		if answer, err := asAnn.Do(method, "/api/bright/portal/"+path, "", body); err != nil || answer.Status != 403 {
			t.Errorf("%s of a feature that is off: %d %s %v", path, answer.Status, answer.Body, err)
		}
	}

	// Neither side hears of comments by email.
	ann.Open(invoice).Type("Your comment", "Unheard question").Press("Comment").Says("Unheard question")
	grace.Open(strings.Replace(invoice, "/bright/", "/console/bright/", 1)).Says("Unheard question").Tick("Display in portal").Type("Your comment", "Unheard answer").Press("Comment").Says("Unheard answer")
	ann.Says("Unheard answer")

	// Switched on again, each is there.
	set(grace, func(tab *browser.Tab) {
		tab.Type("Banner message", "").Tick("Edit their addresses").Tick("Forward documents").Tick("Write a review").Tick("See projects and timesheets")
		tab.Tick("Tell staff what happens").Tick("Tell customers when staff comment").Shot("5-settings-on")
	})
	ann.Open(home).Says("Write a review").Lacks("We move on Friday").Press("Menu").Press("Projects").Says("New website")
	ann.Open(home).Press("Edit").Says("Billing address").Type("Street", "7 Loom Lane").Press("Save").Says("saved", "7 Loom Lane")
	ann.Open(invoice).Press("Forward").Type("To", "cfo@partner.example").Press("Forward it").Says("It is on its way", "cfo@partner.example")
	acts.EmailTo(t, s, "cfo@partner.example", "forwards invoice")
	ann.Open(home).Press("Write a review").Choose("Stars", "4 stars").Type("Your review", "Careful work, on time.").Press("Send the review").Says("Thank you").Fits().Shot("6-reviewed")
	grace.Press("Customers").Press("Lovelace Ltd").Says("cfo@partner.example", "No access", "7 Loom Lane", "Client reviews", "4 of 5 stars", "Careful work, on time.").Shot("7-customer")
	ann.Open(invoice).Type("Your comment", "Heard question").Press("Comment").Says("Heard question")
	mailed := told(t, s, "grace@bright.test", "Heard question")
	grace.Open(strings.Replace(invoice, "/bright/", "/console/bright/", 1)).Says("Heard question").Tick("Display in portal").Type("Your comment", "Heard answer").Press("Comment").Says("Heard answer")
	mailed = append(mailed, told(t, s, "ann@lovelace.test", "Heard answer")...)
	for _, email := range mailed {
		if strings.Contains(email.Text, "Unheard") {
			t.Errorf("while it was off, this was kept for an email: %s", email.Text)
		}
	}
}
