package console_test

import (
	"testing"
)

// R26 R30 N9: staff forward an invoice from its page, without script; what was typed comes back when it is refused; what
// became of each email stands on the page.
func TestForwardingFromThePage(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	at := "/console/bright/invoices/" + org.Invoice("INV-7", 5000).String()
	refused := v.get(at).submit("Forward it", "recipients", "cfo@partner.example\nnobody", "message", "Kept words").answers(422)
	refused.has("“nobody” can't be an email address", "cfo@partner.example nobody", "Kept words")
	sent := refused.submit("Forward it", "recipients", "cfo@partner.example\nbounced@resend.dev", "message", "Kept words").answers(200).has("It is on its way")
	if sent.URL.Path != at {
		t.Errorf("it led to %s", sent.URL)
	}
	sent.reloadUntil("Came back").has("cfo@partner.example", "Grace Bright forwarded this invoice to cfo@partner.example and bounced@resend.dev")
	v.get("/console/bright/forward?document=invoice&id=nonsense").answers(404)
	v.get("/console/bright/forward?document=password&id=" + org.Customer.String()).answers(404)
}

// R14: staff word an email on its page, without script, and reset it.
func TestWordingAnEmailOnItsPage(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	page := v.get("/console/bright").follow("Emails").follow("Invitation reminder").has("{{accept_link}}")
	page.submit("Save", "body", "Hello {{nobody}}").answers(422).has("Line 1, column 7: {{nobody}} is not one of this email's placeholders", "Hello {{nobody}}")
	saved := page.submit("Save", "subject", "Still open", "body", "Hello {{contact_name}}\n\n[Come in]({{accept_link}})").answers(200).has("Saved.", "Your words")
	v.get(saved.URL.Path + "/preview").answers(200).has("Still open")
	page.submit("Save", "subject", "Older", "body", "[Come in]({{accept_link}})").answers(409).has("Someone else changed this")
	saved.submit("Reset", "version", "1").answers(200).has("first words back").lacks("Your words")
}
