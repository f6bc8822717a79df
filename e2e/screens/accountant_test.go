package screens

import (
	"strings"
	"testing"

	"countersign/e2e/acts"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

// R11 R12 R13 R14 R15 R16 R17 R31 R34 R38 R47: an accountant takes on a customer, from its name to its statement, and in the end shows its contact out. The
// invitation is in the organization's own words; the contact sees what she is sent and nothing else.
func TestAccountantTakesOnACustomer(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	another := org.Invoice("INV-900", 99900) // of Lovelace Ltd
	grace := asGrace(chromium.Visitor(browser.Options{}), s)

	grace.Press("Customers").Press("New customer").Type("Email address", "books@faraday.test").Press("Save").Says("problem")
	grace.Type("Name", "Faraday Works").Press("Save").Says("The customer is added", "Faraday Works", "No access", "Nobody yet")
	customer := grace.Address().Path
	for name, email := range map[string]string{"Mary Kay": "mary@faraday.test", "Otto Ray": "otto@faraday.test"} {
		grace.Press("Add a contact").Type("Name", name).Type("Email address", email).Press("Save").Says("The contact is added", name)
	}

	// The invitation gets words of its own. What can't be sent is said in the preview, and not saved.
	grace.Press("Emails").Press("Invitation").Says("What may stand in it", "contact_name").Framed("/emails/invitation/preview", "invites you to its customer portal")
	grace.Type("Subject", "Come in, {{contact_name}}").Type("Text", "Hello {{nobody}}").Press("Preview").Framed("/emails/invitation/preview", "can’t be used yet", "nobody")
	grace.Press("Save").Says("problem")
	grace.Type("Text", "Dear {{contact_name}} of {{customer_name}}:\n\n[Step inside]({{accept_link}})").Press("Preview").Framed("/emails/invitation/preview", "Come in, ", "Dear ", "Step inside")
	grace.Shot("1-email").Press("Save").Says("Emails that are sent from now on are worded like this", "Your words")

	// Of two contacts one is given access. Her gear menu sends the invitation again, and changes who she is.
	grace.Open(s.URL+customer).Press("Portal access").Says("Mary Kay", "Otto Ray").Tick("Mary Kay").Press("Save and send invitations").Says("1 invitation is on the way", "Invited")
	first := acts.EmailTo(t, s, "mary@faraday.test", "Come in, Mary Kay")
	if !strings.Contains(first.Text, "Dear Mary Kay of Faraday Works:") {
		t.Errorf("the invitation says %s", first.Text)
	}
	grace.Press("Emails").Press("Invitation").Press("Reset to the default").Says("Reset this email?").Press("Reset").Says("default words back").Lacks("Your words are deleted")
	grace.Open(s.URL + customer).Press("Actions for Mary Kay").Press("Resend invitation").Says("The invitation was sent again")
	again, err := s.Inbox.WaitForAfter(t.Context(), first, "mary@faraday.test", "invites you to its customer portal")
	if err != nil {
		t.Fatal(err)
	}
	mary := chromium.Visitor(browser.Options{Width: browser.Phone}).Open(again.Link("Accept the invitation")).Says("Welcome, Mary Kay")
	mary.Type("Password", evesPassword).Type("Repeat the password", evesPassword).Press("Accept and go in").Says("Faraday Works", "Outstanding").Fits()
	grace.Open(s.URL+customer).Says("Has access", "No access")
	grace.Press("Actions for Mary Kay").Press("Edit").Says("Edit contact").Type("What they do", "Treasurer").Press("Save").Says("The contact is saved", "Treasurer")
	if email, err := s.Inbox.List(t.Context(), "otto@faraday.test"); err != nil || len(email) != 0 {
		t.Errorf("Otto, who has no access, got %v %v", email, err)
	}

	// Two invoices are sent, each with its ways to pay, and one stays a draft.
	write := func(title, price string, ways ...string) string {
		grace.Open(s.URL+customer).Press("New invoice").Type("Title", title).Type("Line 1, description", title).Type("Line 1, quantity", "1").Type("Line 1, price in USD", price)
		for _, way := range []string{"Card", "Bank debit", "Bank transfer"} {
			grace.Untick(way)
		}
		for _, way := range ways {
			grace.Tick(way)
		}
		return grace.Press("Save draft").Says("Saved as a draft", title).Address().Path
	}
	send := func() { grace.Press("Send").Press("Send to Faraday Works").Says("Sent to the customer") }
	draft := write("Coils to come", "77", "Card")
	write("Cable", "100", "Card")
	cable := grace.Texts("h1")[0]
	send()
	write("Coil", "50", "Card", "Bank debit")
	send()
	grace.Says("Ways to pay", "Card, bank debit").Shot("2-invoice")

	mary.Open(s.URL+"/bright/invoices").Says("Cable", "Coil", "$100.00", "$50.00").Lacks("Coils to come", "INV-900").Fits()
	for _, path := range []string{strings.TrimPrefix(draft, "/console"), "/bright/invoices/" + another.String()} {
		mary.Open(s.URL+path).Says("There is no page here").Lacks("$77.00", "$999.00")
	}
	// A bank account is offered once the customer may pay from one, and then for what was chosen to be paid so alone.
	pay := s.URL + "/bright/pay"
	mary.Open(pay).Says("Pay $150.00", "Card").Lacks("Bank account").Fits()
	grace.Open(s.URL+customer+"/edit").Tick("May pay from a bank account").Press("Save").Says("Your changes are saved", "Allowed")
	mary.Open(pay).Says("Pay $150.00", "Bank account", "leave it out to pay this way").Shot("3-pay-both")
	mary.Untick("Pay "+cable).Says("Pay $50.00", "Takes a few working days").Lacks("leave it out").Shot("4-pay-one")

	// She is given a card on file, money that came by transfer, and credit; the statement and the activity tell it.
	grace.Press("Add a payment method").Says("its number never reaches us")
	if grace.Has("Bank account") {
		grace.Tick("Card")
	}
	grace.Press("Continue to the secure page")
	enter(grace, "4242424242424242").Press("Save card").Says("Saved", "Visa ending 4242")
	mary.Open(s.URL+"/bright").Says("Visa ending 4242", "$150.00").Fits()
	grace.Open(s.URL+customer).Press("Record a payment").Type("Amount", "30").Choose("How", "Bank transfer").Tick(cable).Press("Record this payment").Says("The payment is recorded")
	grace.Open(s.URL+customer).Press("Write a credit note").Type("Amount", "20").Type("Reason", "A dented drum").Press("Give this credit").Says("The credit note is written", "A dented drum")
	mary.Open(s.URL+"/bright").Says("$120.00", "Available credit", "$20.00", "Last payment", "$30.00").Fits().Shot("5-home")
	grace.Press("Statement").Says("Statement of account", "Opening balance", "$100.00", "$50.00", "$30.00", "$20.00", "Closing balance").Shot("6-statement")
	grace.Open(s.URL + customer).Says("Activity")
	grace.Press("Activity").Says("Grace Bright", "Mary Kay").Shot("7-activity")

	// Whoever is shown out is out on every screen, and doesn't get in again.
	desk := chromium.Visitor(browser.Options{}).Open(s.URL+"/bright/sign-in").Type("Email address", "mary@faraday.test").Type("Password", evesPassword).Press("Sign in").Says("Outstanding")
	grace.Open(s.URL+customer).Press("Portal access").Untick("Mary Kay").Press("Save and send invitations").Says("1 contact was signed out and has no access any more", "Access withdrawn")
	for _, tab := range []*browser.Tab{mary, desk} {
		tab.Open(s.URL+"/bright/invoices").Says("Sign in", "Forgotten password").Lacks("Cable")
	}
	desk.Type("Email address", "mary@faraday.test").Type("Password", evesPassword).Press("Sign in").Says("problem").Lacks("Outstanding")
}
