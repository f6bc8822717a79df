package console_test

import (
	"strings"
	"testing"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

// With script, a document adds itself up while it is written, and an estimate that is looked at tells of its decision.
func TestPagesStayUpToDateByThemselves(t *testing.T) {
	chromium := browser.Start(t)
	s, org := start(t)
	sent := newEstimate(atWork(t, s), org, "Window seats").Submit("Send to Lovelace Ltd")

	tab := chromium.Visitor(browser.Options{}).Open(s.URL+"/console/bright/sign-in").
		Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in").Says("Overdue invoices")
	tab.Open(s.URL+"/console/bright/invoices/new?customer="+org.Customer.String()).
		Type("Line 1, price in USD", "1240.50").Type("Line 1, quantity", "2").Type("Line 1, description", "Oak").Says("$2,481.00")
	for _, sum := range []string{"#sums", "#amount-0"} {
		if shown := strings.Join(tab.Texts(sum), " "); !strings.Contains(shown, "$2,481.00") {
			t.Errorf("%s shows %q", sum, shown)
		}
	}

	tab.Open(s.URL + sent.URL.Path).Says("Waiting for Lovelace Ltd to decide").Mark()
	org.AsAnn().Must(200, "POST", "/api/bright/portal/estimates/"+last(sent.URL.Path)+"/decision", "", map[string]any{"decision": "accepted", "version": 1}, nil)
	if !tab.Says("Accepted by Ann Lovelace").Marked() {
		t.Error("the page was loaded again to say so")
	}
}
