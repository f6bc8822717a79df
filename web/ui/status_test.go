package ui

import (
	"testing"

	"countersign/portal"
)

// Every status that the product knows has words, and a shape so that it isn't told by colour alone.
func TestEveryStatusHasWordsAndAShape(t *testing.T) {
	check := func(status string, s Status) {
		t.Helper()
		if s.Label == "" || s.Shape == "" {
			t.Errorf("%s: %+v", status, s)
		}
	}
	// Files say what the pages say.
	same := func(words string, s Status) {
		t.Helper()
		if words != s.Label {
			t.Errorf("a file says %q, and a page %q", words, s.Label)
		}
	}
	for _, s := range portal.EstimateMachine().States() {
		check(string(s), EstimateStatus(s))
		same(s.Words(), EstimateStatus(s))
	}
	for _, s := range portal.InvitationMachine().States() {
		check(string(s), InvitationStatus(s))
	}
	for _, s := range portal.PaymentMachine().States() {
		check(string(s), PaymentStatus(s))
		same(s.Words(), PaymentStatus(s))
	}
	for _, s := range portal.TimesheetMachine().States() {
		check(string(s), TimesheetStatus(s))
	}
	for _, s := range []portal.InvoiceStatus{portal.InvoiceDraft, portal.InvoiceOpen, portal.InvoicePartlyPaid, portal.InvoicePaid, portal.InvoiceOverdue, portal.InvoiceVoid} {
		check(string(s), InvoiceStatus(s))
		same(s.Words(), InvoiceStatus(s))
	}
}

func TestAStatusWithoutWordsIsShownPlainly(t *testing.T) {
	if got := InvoiceStatus("on_hold").Label; got != "On hold" {
		t.Errorf("%q", got)
	}
}
