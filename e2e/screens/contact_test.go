package screens

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/e2e/browser"
	"countersign/portal"
)

// R24 R25 R27 R28 N1: a contact asks about an estimate, declines it with a reason, gets another version, and accepts that one.
func TestEstimateIsNegotiatedOnScreen(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	staff := org.Staff()
	estimate := acts.SendEstimate(t, s, org, staff)
	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")
	ann.Open(s.URL+"/bright/estimates").Press("To decide").Says(estimate.Number, "New website").Press(estimate.Number)
	ann.Type("Your comment", "Could the design be simpler?").Press("Comment").Says("Could the design be simpler?")
	ann.Press("Decline").Says("Decline this estimate?").Type("Reason", "Too dear for us.").Press("Decline estimate")
	ann.Says("You declined this estimate", "Declined by Ann Lovelace", "Too dear for us.").Fits()
	ann.Open(s.URL+"/bright/estimates?status=declined").Says(estimate.Number, "Declined").Open(s.URL + "/bright/estimates?status=sent").Says("Nothing to decide")

	at := "/api/bright/console/estimates/" + estimate.ID.String()
	staff.Must(200, "GET", at, "", nil, &estimate)
	staff.Must(200, "PUT", at, "", map[string]any{
		"version": estimate.Version + 1, "title": "New website, simpler", "valid_until": estimate.ValidUntil,
		"lines": []map[string]any{{"description": "Design", "quantity": "1", "unit_price": 12000}},
	}, nil)
	staff.Insist(200, "POST", at+"/send", uuid.NewString(), nil, &estimate)
	ann.Open(s.URL+"/bright").Press("Estimates to decide").Says("New website, simpler", "$120.00").Press(estimate.Number)
	ann.Says("Version 2, total", "$120.00").Press("Accept estimate").Says("You accepted this estimate", "version 2")
}

// R22 R41 R42 R43 R45 R46: hours are looked through on a phone, one of two is rejected with its reason, and the project says how they stand.
func TestHoursAreApprovedOnAPhone(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	staff := org.Staff()
	var p api.Project
	staff.Must(201, "POST", acts.Projects, "", map[string]any{"customer": org.Customer, "name": "New website", "rate": 90_00}, &p)
	at := acts.Projects + "/" + p.ID.String()
	staff.Must(201, "POST", at+"/tasks", "", map[string]any{"name": "Design", "billable": true}, &p)
	var entries []uuid.UUID
	for _, e := range []struct{ day, hours, words string }{{"2026-03-02", "2", "Sketches"}, {"2026-03-03", "3.5", "A long meeting"}} {
		var entry api.TimeEntry
		staff.Must(201, "POST", at+"/entries", "", map[string]any{"task": p.Tasks[0].ID, "day": e.day, "hours": e.hours, "description": e.words}, &entry)
		entries = append(entries, entry.ID)
	}
	var sheet api.Timesheet
	staff.Must(201, "POST", at+"/timesheets", "", map[string]any{"entries": entries, "message": "As agreed on Monday."}, &sheet)

	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")
	ann.Press("Timesheets to approve").Says("New website", "5.5").Press(sheet.Number).Says("As agreed on Monday.", "Sketches", "A long meeting").Fits()
	// A reason is asked for once there is something to give one for.
	meeting := "Design: A long meeting, " + portal.NewDate(2026, time.March, 3).Format("en-US")
	ann.Tick("Reject "+meeting).Type("Reason for "+meeting, "The meeting was not agreed").Shot("rejecting")
	ann.Press("Approve").Says("Your decision is recorded", "Partly approved by Ann Lovelace", "2 of 5.5 hours approved", "The meeting was not agreed").Fits()
	ann.Open(s.URL+"/bright/projects").Press("New website").Says("Design", "5.5", "Sketches", "A long meeting").Fits()

	// Who logged the hours reads why they were rejected where they are corrected.
	grace := chromium.Visitor(browser.Options{}).Open(s.URL + "/console/bright/sign-in")
	grace.Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in").Says("Grace Bright")
	grace.Open(s.URL+"/console/bright/projects/"+p.ID.String()+"/time/"+entries[1].String()).Says("The customer rejected this time", "The meeting was not agreed", "submit it again")
}

// R19 R20 R29 R34 R35 R38 R40: a bank account is used and kept, and what is paid, owed and to the customer's credit is found in its lists.
func TestListsSayWhatWasPaidAndOwed(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	org.AllowBankDebit()
	org.Invoice("INV-1", 12000)
	org.Invoice("INV-2", 50000)
	org.Staff().Must(201, "POST", "/api/bright/console/credit-notes", "", map[string]any{"customer": org.Customer, "amount": 2500, "reason": "A scratched panel"}, nil)
	ann := signIn(chromium.Visitor(browser.Options{}), s, "ann@lovelace.test")
	ann.Says("Available credit", "$25.00").Press("Available credit").Says("A scratched panel", "$25.00")
	ann.Open(s.URL+"/bright/invoices?sort=-amount").Press("Unpaid").Says("INV-1", "INV-2")
	ann.Reach("Search by number or title").Keys("INV-2" + browser.Enter).Says("1 invoice").Lacks("INV-1")
	ann.Press("INV-2").Press("Pay now").Says("Bank account").Tick("Bank account").Tick("Save it for later").Untick("Use")
	ann.Press("Pay $500.00").Says("Routing number").Type("Routing number", "110000000").Type("Account number", "000123456789").Type("Name on account", "Ann Lovelace").Press("Pay $500.00")
	ann.Says("Your payment is on its way", "a few working days").Fits().Shot("bank")
	payment := paymentAt(t, s, org)
	ann.Open(s.URL + "/bright/payments").Press("Bank debit").Says("$500.00")
	if err := s.Sim.Advance(t.Context(), 8*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	ann.Open(s.URL+"/bright/payments/"+payment.String()).Says("Receipt R-00001", "$500.00", "STRIPE TEST BANK ending 6789")
	s.Eventually("the account to be kept", func() bool {
		var saved struct{ Methods []api.PaymentMethod }
		org.AsAnn().Must(200, "GET", "/api/bright/portal/payment-methods", "", nil, &saved)
		return len(saved.Methods) == 1 && saved.Methods[0].Kind == "bank_debit"
	})
	ann.Open(s.URL+"/bright").Says("Last payment", "$500.00", "ending 6789")
	ann.Open(s.URL + "/bright/payments?kind=card").Says("Nothing found").Lacks("$500.00")
}

// R23 R54: what a contact corrects in its company's details is what staff see at once.
func TestCompanyIsCorrectedByItsContact(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	s.Seed("bright", "USD")
	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")
	ann.Says("Your company", "Lovelace Ltd", "Ben Okafor", "office@bright.test").Press("Edit").Says("Billing address")
	ann.Type("Company name", "").Type("Street", "12 Analytical Row").Press("Save").Says("problem")
	ann.Type("Company name", "Lovelace & Co").Press("Save").Says("saved", "Lovelace & Co", "12 Analytical Row")
	grace := chromium.Visitor(browser.Options{}).Open(s.URL + "/console/bright/sign-in")
	grace.Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in").Press("Customers").Press("Lovelace & Co").Says("12 Analytical Row", "Ann Lovelace")
}

// R26 R30 R69 N9: who forwards an invoice sees the email arrive, on the page that they forwarded it from.
func TestForwardedInvoiceIsSeenToArrive(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	invoice := org.Invoice("INV-1", 12000)
	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")
	if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: inbox.FaultError, Count: 2, To: "cfo@partner.example"}); err != nil {
		t.Fatal(err)
	}
	ann.Open(s.URL+"/bright/invoices/"+invoice.String()).Says("Forward by email").Press("Forward").Type("To", "cfo@partner.example").Press("Forward it")
	ann.Says("It is on its way", "Forwarded to", "cfo@partner.example", portal.ForwardedWaiting.Words()).Mark()
	ann.Says(portal.ForwardedDelivered.Words())
	if !ann.Marked() {
		t.Error("the page had to be loaded again to show that the email arrived")
	}
}
