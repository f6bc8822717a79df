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
	refused := v.Get(at).Submit("Forward it", "recipients", "cfo@partner.example\nnobody", "message", "Kept words").Answers(422)
	refused.Has("“nobody” can't be an email address", "cfo@partner.example nobody", "Kept words")
	sent := refused.Submit("Forward it", "recipients", "cfo@partner.example\nbounced@resend.dev", "message", "Kept words").Answers(200).Has("It is on its way")
	if sent.URL.Path != at {
		t.Errorf("it led to %s", sent.URL)
	}
	sent.ReloadUntil("Came back").Has("cfo@partner.example", "Grace Bright forwarded this invoice to cfo@partner.example and bounced@resend.dev")
	v.Get("/console/bright/forward?document=invoice&id=nonsense").Answers(404)
	v.Get("/console/bright/forward?document=password&id=" + org.Customer.String()).Answers(404)
}

// R14: staff word an email on its page, without script, and reset it.
func TestWordingAnEmailOnItsPage(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	page := v.Get("/console/bright").Follow("Emails").Follow("Invitation reminder").Has("{{accept_link}}")
	page.Submit("Save", "body", "Hello {{nobody}}").Answers(422).Has("Line 1, column 7: {{nobody}} is not one of this email's placeholders", "Hello {{nobody}}")
	saved := page.Submit("Save", "subject", "Still open", "body", "Hello {{contact_name}}\n\n[Come in]({{accept_link}})").Answers(200).Has("Saved.", "Your words")
	v.Get(saved.URL.Path + "/preview").Answers(200).Has("Still open")
	page.Submit("Save", "subject", "Older", "body", "[Come in]({{accept_link}})").Answers(409).Has("Somebody else changed this", "It is “Still open” now").
		Submit("Save").Answers(200).Has("Saved.")
	v.Get(saved.URL.Path + "/preview").Has("Older")
	v.Get(saved.URL.Path).Submit("Reset").Answers(200).Has("default words back").Lacks("Your words")
}
