package screens

import (
	"testing"

	"countersign/e2e/acts"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

// WCAG 2.2, 2.3.3: for somebody who asks for less motion nothing on any of these pages moves or takes time to change, and pages don't fade into each
// other; for everybody else they do.
func TestNothingMovesForWhoAsksForLessMotion(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	invoice := org.Invoice("INV-1", 12000)
	estimate := acts.SendEstimate(t, s, org, org.Staff())
	var begun acts.Begun
	org.AsAnn().Must(201, "POST", acts.Payments, "", acts.Checkout(org.Invoice("INV-2", 700)), &begun)

	lively := signIn(chromium.Visitor(browser.Options{Lively: true}).WatchFades(), s, "ann@lovelace.test")
	faded := false
	for range 5 { // a browser that is busy leaves it out now and then
		lively.Open(s.URL + "/bright/estimates").Press(estimate.Number).Says("Accepting is binding")
		if faded = lively.Faded(); faded {
			break
		}
	}
	if !faded || len(lively.Moving()) == 0 {
		t.Errorf("nothing moves for anybody, so that this test would see no difference: %v %v", faded, lively.Moving())
	}
	calm := signIn(chromium.Visitor(browser.Options{}).WatchFades(), s, "ann@lovelace.test")
	grace := asGrace(chromium.Visitor(browser.Options{}).WatchFades(), s)
	for _, page := range []struct {
		tab       *browser.Tab
		path      string
		says      string
		andInside string
	}{
		{calm, "/bright", "Outstanding", ""},
		{calm, "/bright/pay", "Pay $120.00", "Pay a different amount"},
		{calm, "/bright/invoices/" + invoice.String(), "Left to pay", "Forward"},
		{calm, "/bright/estimates/" + estimate.ID.String(), "Accepting is binding", "Decline"},
		{calm, "/bright/payments/" + begun.ID.String(), "Continue to", ""},
		{calm, "/bright/account", "Where you are signed in", "Your account"},
		{grace, "/console/bright", "Owed to you", ""},
		{grace, "/console/bright/settings", "Banner message", ""},
		{grace, "/console/bright/customers/" + org.Customer.String(), "Lovelace Ltd", "Portal access"},
	} {
		page.tab.Open(s.URL + page.path).Says(page.says)
		if page.andInside != "" {
			page.tab.Press(page.andInside)
		}
		for _, moving := range page.tab.Moving() {
			t.Errorf("%s: %s", page.path, moving)
		}
	}
	calm.Open(s.URL + "/bright/estimates").Press(estimate.Number).Says("Accepting is binding")
	grace.Press("Invoices").Says("New invoice")
	for name, tab := range map[string]*browser.Tab{"portal": calm, "console": grace} {
		if tab.Faded() {
			t.Errorf("a page of the %s fades into the next", name)
		}
	}
}
