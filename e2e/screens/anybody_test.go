package screens

import (
	"strings"
	"testing"

	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/e2e/browser"
)

// R13 R15 R18 R25 R26 R27 R30 R32 R36 R47 R58 R69: all that a customer comes for works where no script runs, from the invitation in
// their inbox to signing out.
func TestMainJourneyWithoutScript(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	eve := org.Contact("Eve Stone", "eve@lovelace.test")
	invoice := org.Invoice("INV-1", 12000)
	staff := org.Staff()
	estimate := acts.SendEstimate(t, s, org, staff)
	staff.Must(200, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/access", "",
		map[string]any{"contacts": []map[string]any{{"id": eve, "access": true}}}, nil)

	tab := chromium.Visitor(browser.Options{NoScript: true, Width: browser.Phone}).Open(acts.EmailTo(t, s, "eve@lovelace.test", "").Link("Accept"))
	tab.Says("Welcome, Eve Stone").Type("Password", "too short").Type("Repeat the password", "otherwise").Press("Accept and go in")
	for field, problem := range map[string]string{"Password": "Use at least 12 characters.", "Repeat the password": "Type the same password again."} {
		if said := tab.Problem(field); !strings.HasSuffix(said, problem) {
			t.Errorf("beside %q it says %q", field, said)
		}
	}
	tab.Type("Password", evesPassword).Type("Repeat the password", evesPassword).Press("Accept and go in").Says("Outstanding", "$120.00", "you are signed in")

	tab.Press("Estimates to decide").Press(estimate.Number).Says("$360.00", "Accepting is binding")
	tab.Type("Your comment", "Does it include hosting?").Press("Comment").Says("Does it include hosting?").Lacks("Does it include hosting? Does it")
	tab.Press("Accept estimate").Says("You accepted this estimate", "Accepted by Eve Stone").Press("What was recorded").Says("Download certificate", "eve@lovelace.test")
	tab.Press("Forward").Says("Whoever receives it").Type("To", "cfo@partner.example").Press("Forward it").Says("It is on its way", "cfo@partner.example")
	acts.EmailTo(t, s, "cfo@partner.example", "forwards estimate")

	tab.Open(s.URL + "/bright").Press("Pay now").Says("INV-1").Press("Pay $120.00").Says("Card number")
	enter(tab, "4242424242424242").Press("Pay $120.00").Says("Paid. Thank you.", "$120.00", "INV-1", "Eve Stone")
	tab.Open(s.URL+"/bright/invoices/"+invoice.String()).Says("Paid in full", "Eve Stone paid")
	tab.Open(s.URL+"/bright").Press("Statement").Says("Statement of account", "INV-1", "Closing balance").Press("This year").Says("INV-1")
	tab.Press("Your account").Press("Sign out").Says("You are signed out")
	tab.Open(s.URL + "/bright/invoices/" + invoice.String()).Says("Forgotten password")
}

// R25 R32 R36, WCAG 2.2, 2.1.1 and 2.4.7: signing in, accepting and paying by keyboard alone; at each stop it can be seen where one
// is, and the first one leads past what every page begins with.
func TestMainJourneyByKeyboard(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	org.Invoice("INV-1", 12000)
	org.Invoice("INV-2", 700)
	estimate := acts.SendEstimate(t, s, org, org.Staff())
	tab := chromium.Visitor(browser.Options{}).Open(s.URL + "/bright/sign-in").Says("Sign in")
	// What is wrong is where the focus lands; from there the fields are a step away.
	tab.Follow("Sign in").Says("problem").Focus("There are some problems")
	tab.Fill("Email address", "ann@lovelace.test").Fill("Password", stack.Password).Follow("Sign in").Says("Outstanding")

	tab.Keys(browser.Tabulator).Focus("Skip to content").Keys(browser.Enter).Keys(browser.Tabulator).Focus("Statement")
	tab.Follow("Estimates to decide").Says("To decide").Follow(estimate.Number).Says("Accepting is binding")
	// A dialog takes the focus, gives it back, and Escape leaves it.
	tab.Follow("Decline").Says("Decline this estimate?").Reach("Reason").Keys("\x1b").Focus("Decline")
	tab.Open(tab.Address().String()).Follow("Accept estimate").Says("You accepted this estimate")

	tab.Open(s.URL + "/bright").Follow("Pay now").Says("Pay $127.00").Reach("Pay INV-2").Keys(browser.Space).Says("Pay $120.00")
	tab.Follow("Pay $120.00").Says("Card number")
	tab.Fill("Card number", "4242424242424242").Fill("Expires", "1240").Fill("Security code", "123").Fill("Name on card", "Ann Lovelace").Fill("Postal code", "02903")
	tab.Follow("Pay $120.00").Says("Paid. Thank you.", "$120.00", "INV-1").Lacks("INV-2")
	tab.Follow("AL Ann Lovelace").Follow("Sign out").Says("You are signed out")
}
