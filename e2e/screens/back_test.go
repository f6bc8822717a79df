package screens

import (
	"net/http"
	"strings"
	"testing"

	"countersign/e2e/acts"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

// The browser's Back button, after whatever changes something, leads to a page that tells how things are now, asks nobody to send a form again, and sends
// none.
func TestBackShowsHowThingsAreNow(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	org.Invoice("INV-1", 12000)
	estimate := acts.SendEstimate(t, s, org, org.Staff())
	home := s.URL + "/bright"
	ann := chromium.Visitor(browser.Options{Width: browser.Phone})
	back := func(says ...string) *browser.Tab {
		t.Helper()
		for _, asked := range ann.Asks(func() { ann.Back().Says(says...) }) {
			if asked.Method != http.MethodGet && !strings.HasSuffix(asked.URL.Path, "/viewed") {
				t.Errorf("going back sent %s %s", asked.Method, asked.URL)
			}
		}
		return ann
	}

	// A sign-in that was refused, and then wasn't.
	ann.Open(home+"/sign-in").Type("Email address", "ann@lovelace.test").Type("Password", "not this one at all").Press("Sign in").Says("problem")
	ann.Type("Email address", "ann@lovelace.test").Type("Password", stack.Password).Press("Sign in").Says("Outstanding")
	back("Outstanding").Lacks("Forgotten password")

	// A form that was refused, and then wasn't.
	ann.Open(home+"/account/company").Type("Company name", "").Press("Save").Says("problem")
	back("Billing address").Lacks("problem")
	ann.Type("Company name", "").Press("Save").Says("problem")
	ann.Type("Company name", "Lovelace & Co").Press("Save").Says("saved", "Lovelace & Co")
	back("Billing address").Lacks("problem", "Resubmission", "ERR_")
	if name := ann.Value("Company name"); name != "Lovelace & Co" {
		t.Errorf("back on the form, the company is called %q", name)
	}

	// An estimate that was accepted.
	ann.Open(home + "/estimates?status=sent").Press(estimate.Number).Says("Accepting is binding").Press("Accept estimate").Says("You accepted this estimate")
	back("Accepted by Ann Lovelace").Lacks("Accepting is binding", "Accept estimate")
	back("Nothing to decide").Lacks("Accepting is binding", "Accept estimate")

	// An invoice that was paid: back through the processor's page, to the choice of what to pay.
	ann.Open(home).Press("Pay now").Press("Pay $120.00").Says("Card number")
	enter(ann, "4242424242424242").Press("Pay $120.00").Says("Paid. Thank you.", "$120.00")
	for range 6 {
		at := ann.Address()
		if at.Path == "/bright/pay" {
			break
		}
		ann.Back().Lacks("Resubmission", "ERR_")
	}
	ann.Says("Nothing to pay").Lacks("Pay $120.00")
	back("Nothing to pay", "Outstanding").Lacks("$120.00 overdue", "Pay now")
	if n := acts.Succeeded(t, s); n != 1 {
		t.Errorf("charged %d times", n)
	}

	// Signed out.
	ann.Open(home + "/invoices").Says("INV-1")
	signOut(ann)
	back("Forgotten password").Lacks("INV-1")
	ann.Back().Says("Forgotten password").Lacks("Outstanding", "$120.00")
}
