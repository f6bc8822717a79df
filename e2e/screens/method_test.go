package screens

import (
	"testing"

	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/e2e/browser"
)

// wideAndNarrow keeps pictures of a page, on which nothing may stick out of a phone's screen.
func wideAndNarrow(tab *browser.Tab, name string) {
	tab.Shot(name).Width(390).Fits().Width(1280)
}

// R33 R38 R39: staff ask for payment details; the link in the email leads, by way of sign-in, to where a card is entered at the
// processor; it is edited, pays an invoice with its bank's confirmation, is replaced, and removed: on screens alone.
func TestJourneyOfASavedCard(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	org.Invoice("INV-1", 12000)
	acts.AllowBankDebit(t, s, org)

	grace := chromium.Visitor(browser.Options{}).Open(s.URL + "/console/bright/sign-in")
	grace.Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in")
	grace.Press("Customers").Press("Lovelace Ltd").Says("Payment methods", "None saved")
	wideAndNarrow(grace, "methods-01-customer")
	grace.Press("Ask").Says("Ask for payment details", "Ann Lovelace", "Ben Okafor").Type("A word with it", "We bill monthly from May.")
	wideAndNarrow(grace, "methods-02-ask")
	grace.Press("Send the email").Says("The email is on its way", "Ann Lovelace was asked for payment details").Shot("methods-03-asked")

	email, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "payment details")
	if err != nil {
		t.Fatal(err)
	}
	ann := chromium.Visitor(browser.Options{}).Open(email.Link("Save payment details"))
	ann.Type("Email address", "ann@lovelace.test").Type("Password", stack.Password).Press("Sign in")
	ann.Says("Grace Bright of Bright bright asks you to save a way to pay", "We bill monthly from May.", "Bank account")
	wideAndNarrow(ann, "methods-04-add")
	// The first card is refused, and the page says why when she comes back; the second needs her bank.
	ann.Press("Continue to the secure page").Says("Card number")
	enter(ann, "4000000000000002").Press("Save card").Says("declined")
	ann.Open(s.URL + "/bright/account").Press("Add").Press("Continue to the secure page").Says("Card number")
	enter(ann, "4000002760003184").Press("Save card").Says("Is this you?").Press("Complete authentication")
	ann.Says("Saved", "Visa ending 3184")
	wideAndNarrow(ann, "methods-05-saved")
	ann.Press("Back to payment methods").Says("Visa ending 3184", "Expires 12/2040").Lacks("asks you to save")
	wideAndNarrow(ann, "methods-06-account")
	ann.Press("Home").Says("Payment methods", "Visa ending 3184")
	wideAndNarrow(ann, "methods-07-home")
	grace.Open(s.URL + "/console/bright/activity").Says("Ann Lovelace saved Visa ending 3184 for later, as Grace Bright had asked")

	ann.Press("Actions for Visa ending 3184").Press("Edit").Says("Edit Visa ending 3184").Type("Name on the card", "Ada Lovelace").Type("City", "Boston")
	wideAndNarrow(ann, "methods-08-edit")
	ann.Press("Save").Says("Your changes are saved, at the payment processor too", "Ada Lovelace")

	// She pays with it: her bank asks, she says no, and goes back to say yes.
	ann.Press("Home").Press("Pay now").Says("Visa ending 3184").Press("Pay $120.00").Says("Is this you?").Press("Fail authentication")
	ann.Says("declined")
	payment := paymentAt(t, s, org)
	org.Staff().Must(200, "POST", "/api/bright/console/payments/"+payment.String()+"/retry", "", map[string]any{}, nil)
	ann.Says("Your bank wants you to confirm", "Confirm with your bank")
	wideAndNarrow(ann, "methods-09-confirm")
	asked, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "confirm your payment")
	if err != nil {
		t.Fatal(err)
	}
	ann.Open(asked.Link("Confirm with your bank")).Press("Confirm with your bank").Says("Is this you?").Press("Complete authentication")
	ann.Says("Paid. Thank you.", "Visa ending 3184")

	ann.Open(s.URL + "/bright/account").Press("Actions for Visa ending 3184").Press("Replace").Says("Replace Visa ending 3184")
	wideAndNarrow(ann, "methods-10-replace")
	ann.Press("Continue to the secure page")
	enter(ann, "5555555555554444").Press("Save card").Says("Mastercard ending 4444", "takes the place of Visa ending 3184").Shot("methods-11-replaced")
	ann.Press("Back to payment methods").Says("Mastercard ending 4444").Lacks("Visa ending 3184")
	ann.Press("Actions for Mastercard ending 4444").Press("Remove").Says("Remove Mastercard ending 4444?")
	wideAndNarrow(ann, "methods-12-remove")
	ann.Press("Remove").Says("It is removed", "None saved").Shot("methods-13-removed")
}
