package screens

import (
	"strings"
	"testing"
	"time"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/e2e/browser"
	"countersign/workflows"
)

// N7: somebody has their invoices paid by themselves, from a phone: nothing is charged before they agreed, each charge is announced by email and
// on the invoice's own page, one is taken out and put back, and it is turned off again.
func TestInvoicesArePaidByAutopay(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true, Times: api.Times{Autopay: workflows.AutopayTimes{Least: 8 * time.Second, Look: 500 * time.Millisecond}}})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	invoice, later := org.InvoiceDue("INV-1", 10000, today), org.InvoiceDue("INV-2", 4200, today.AddDays(20))
	home := s.URL + "/bright"
	org.SaveCard(org.AsAnn())
	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")

	ann.Open(home+"/invoices/"+invoice.String()).Says("Left to pay", "$100.00").Lacks("Autopay charges")
	ann.Open(home+"/account").Says("Have each invoice paid by itself").Press("Set up autopay").Says("What would be charged", "INV-1", "INV-2", "What you agree to").Fits()
	ann.Press("Turn autopay on").Says("problem")
	if problem := ann.Problem("I have read this and agree"); !strings.Contains(problem, "nothing is charged without it") {
		t.Errorf("beside the box it says %q", problem)
	}
	ann.Tick("I have read this and agree").Press("Turn autopay on").Says("Autopay is on", "What comes next", "INV-1", "Visa ending 4242").Fits().Shot("1-on")
	acts.EmailTo(t, s, "ann@lovelace.test", "Autopay is on")
	if notice := acts.EmailTo(t, s, "ann@lovelace.test", "for invoice INV-1 is charged"); !strings.Contains(notice.Text, "$100.00") {
		t.Errorf("the notice says %s", notice.Text)
	}

	// What comes later is left to her, and then not.
	ann.Open(home + "/invoices/" + later.String()).Says("Autopay charges $42.00 to Visa ending 4242 on").Fits().Shot("2-invoice")
	ann.Press("See autopay").Says("How it is set up").Press("I’ll pay it myself INV-2").Says("Saved", "Ann Lovelace pays it by hand")
	ann.Open(home + "/invoices/" + later.String()).Says("Left to pay").Lacks("Autopay charges")
	ann.Open(home+"/account/autopay").Press("Let autopay pay it INV-2").Says("Saved", "Planned").Lacks("pays it by hand")

	s.Eventually("the charge", func() bool {
		return strings.Contains(strings.Join(ann.Open(home+"/account/autopay").Says("How it is set up").Texts("main"), " "), "Charged or left out")
	})
	acts.EmailTo(t, s, "ann@lovelace.test", "Receipt")
	ann.Open(home+"/invoices/"+invoice.String()).Says("Paid in full", "Visa ending 4242").Lacks("Autopay charges")
	ann.Open(home+"/account/autopay").Says("Charged", "INV-1").Fits().Shot("3-charged")
	ann.Press("Turn autopay off").Says("You can turn it on again").Press("Turn it off").Says("Autopay is off", "Nothing more is charged by itself").Fits()
	ann.Open(home + "/invoices/" + later.String()).Says("Left to pay").Lacks("Autopay charges")
	acts.EmailTo(t, s, "ann@lovelace.test", "Autopay is off")
}
