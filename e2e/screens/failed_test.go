package screens

import (
	"fmt"
	"testing"

	"countersign/e2e/acts"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

// R70: three payments failed. In the console somebody sees why, gives one another try, then those that are ticked, then all; and each is charged once.
func TestFailedPaymentsAreTriedAgainOnScreen(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	card, processor := org.SaveCard(org.AsAnn())
	for i := range 4 {
		org.Declined(org.AsAnn(), card, processor, fmt.Sprintf("INV-%d", i+1), int64(1000*(i+1)), "insufficient_funds")
	}
	grace := asGrace(chromium.Visitor(browser.Options{}), s)
	grace.Press("Failed payments").Says("Lovelace Ltd", "$10.00", "$20.00", "$30.00", "$40.00").Shot("1-failed")
	before := acts.Succeeded(t, s)
	charged := func(n int) {
		t.Helper()
		s.Eventually("the payments to be charged", func() bool { return acts.Succeeded(t, s) == before+n })
	}
	grace.Press("Retry Lovelace Ltd, $10.00").Says("1 payment was tried again")
	charged(1)
	grace.Open(s.URL + "/console/bright/payments/failed").Says("$20.00").Lacks("$10.00").Tick("Choose $20.00").Press("Retry selected").Says("1 payment was tried again")
	charged(2)
	grace.Open(s.URL+"/console/bright/payments/failed").Says("$30.00", "$40.00").Lacks("$20.00").Press("Retry all").Says("Retry all failed payments?").Shot("2-all")
	grace.Keys(browser.Tabulator).Follow("Retry all")
	charged(4)
	grace.Open(s.URL+"/console/bright/payments/failed").Says("Nothing has failed").Press("Payments").Says("$10.00", "$40.00", "R-00004")
}
