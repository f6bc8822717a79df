package screens

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"countersign/e2e/acts"
	"countersign/pdf/pdftest"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
	"countersign/portal"
)

// kept downloads a PDF of that name, and fails the test unless its pages say all of these.
func kept(t *testing.T, tab *browser.Tab, press, name string, says ...string) {
	t.Helper()
	got, file := tab.Download(press)
	if got != name {
		t.Errorf("it is kept as %q, not %q", got, name)
	}
	whole := strings.Join(pdftest.Pages(t, file), "\n")
	for _, words := range says {
		if !strings.Contains(whole, words) {
			t.Errorf("%s lacks %q:\n%s", name, words, whole)
		}
	}
}

// R2 R26 R27 R30 R37 R40 R45 R48 R52 R54 R55 R56 R58 N5: a month of a customer's contact, most of it on a phone: what she forwards, downloads, prints,
// asks, accepts, pays a part of, approves, writes and changes; and staff are mailed each of these things, once.
func TestACustomersMonth(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true, GatherFor: 2 * time.Second})
	org := s.Seed("bright", "USD")
	staff := org.Staff()
	today := portal.DateOf(time.Now(), time.UTC)
	first, second := org.InvoiceDue("INV-1", 12000, today.AddDays(10)), org.InvoiceDue("INV-2", 50050, today.AddDays(20))
	org.InvoiceDue("INV-3", 6000, today.AddDays(30))
	estimate := acts.SendEstimate(t, s, org, staff)
	project, entries := acts.WorkedFor(t, s, org, staff, 2)
	sheet := acts.Submit(staff, project.ID, entries)
	home := s.URL + "/bright"
	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")
	desk := signIn(chromium.Visitor(browser.Options{}), s, "ann@lovelace.test")
	train := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")

	// The estimate: kept as a file, printed, shown to a colleague, asked about, accepted.
	ann.Press("Estimates to decide").Press(estimate.Number).Says("Accepting is binding").Fits()
	kept(t, ann, "Download PDF", "Bright bright estimate "+estimate.Number+".pdf", estimate.Number, "$360.00", "Lovelace Ltd")
	if paper := strings.Join(pdftest.Pages(t, ann.Print("estimate")), "\n"); !strings.Contains(paper, estimate.Number) || strings.Contains(paper, "Accept estimate") {
		t.Errorf("printed, the estimate is %s", paper)
	}
	ann.Press("Forward").Type("To", "partner@faraday.test, not an address").Press("Forward it").Says("problem")
	ann.Type("To", "partner@faraday.test").Type("Message", "What do you think?").Press("Forward it").Says("It is on its way", "partner@faraday.test", portal.ForwardedDelivered.Words()).Fits().Shot("1-forwarded")
	if mail := acts.EmailTo(t, s, "partner@faraday.test", "forwards estimate"); !strings.Contains(mail.Text, "What do you think?") || len(mail.Attachments) != 1 {
		t.Errorf("it arrives with %d files: %s", len(mail.Attachments), mail.Text)
	}
	ann.Type("Your comment", "Does it include hosting?").Press("Comment").Says("Does it include hosting?")
	ann.Press("Accept estimate").Says("You accepted this estimate", "Accepted by Ann Lovelace").Fits()

	// The hours are approved; the company moves.
	ann.Open(home).Press("Timesheets to approve").Press(sheet.Number).Press("Approve").Says("Your decision is recorded", "Approved by Ann Lovelace").Fits()
	ann.Open(home).Press("Edit").Type("Street", "7 Loom Lane").Press("Save").Says("saved", "7 Loom Lane")

	// Of two invoices she pays a part: the older one whole, and some of the next.
	ann.Open(home).Says("$680.50", "3 unpaid invoices").Press("Pay now").Untick("Pay INV-3").Says("Pay $620.50")
	ann.Press("Pay a different amount").Type("Amount to pay now", "700").Press("Pay $").Says("problem").Fits()
	ann.Type("Amount to pay now", "150").Keys(browser.Tabulator).Says("Pay $150.00").Fits().Shot("2-part")
	ann.Press("Pay $150.00").Says("Card number", "$150.00")
	enter(ann, "4242424242424242").Press("Pay $150.00").Says("Paid. Thank you.", "INV-1", "$120.00", "INV-2", "$30.00").Lacks("INV-3").Fits().Shot("3-receipt")
	receipt := ann.Address().Path
	ann.Open(home+"/invoices/"+first.String()).Says("Paid in full").Open(home+"/invoices/"+second.String()).Says("Left to pay", "$470.50").Fits()
	kept(t, ann, "Download PDF", "Bright bright invoice INV-2.pdf", "INV-2", "$500.50", "$470.50")
	ann.Open(home+"/invoices").Press("Partly paid").Says("INV-2").Lacks("INV-1", "INV-3")
	ann.Open(home).Says("Last payment", "$150.00", "$530.50", "2 unpaid invoices")
	ann.Open(home + "/pay").Untick("Pay INV-2").Press("Pay $60.00")
	enter(ann, "4242424242424242").Press("Pay $60.00").Says("Paid. Thank you.")

	// At the desk: the payments by amount, a receipt and the statement as files.
	desk.Open(home+"/payments").Press("Amount").Says("R-00001", "R-00002")
	down := strings.Join(desk.Texts("td.money, td .money"), " ")
	desk.Mark()
	desk.Press("Amount")
	s.Eventually("the list in its other order", func() bool { return !desk.Marked() })
	desk.Says("R-00001", "R-00002")
	up := strings.Join(desk.Texts("td.money, td .money"), " ")
	for order, amounts := range map[string][]string{down: {"$60.00", "$150.00"}, up: {"$60.00", "$150.00"}} {
		if !strings.Contains(order, amounts[0]) || !strings.Contains(order, amounts[1]) {
			t.Errorf("by amount it lists %q", order)
		}
	}
	if (strings.Index(down, "$60.00") < strings.Index(down, "$150.00")) == (strings.Index(up, "$60.00") < strings.Index(up, "$150.00")) {
		t.Errorf("sorted the other way it lists %q after %q", up, down)
	}
	desk.Open(home+"/payments?kind=bank_debit").Says("Nothing found").Press("Card").Says("R-00001", "R-00002")
	desk.Open(s.URL+receipt).Says("Receipt R-00001", "How this payment was allocated")
	kept(t, desk, "Download", "Bright bright receipt R-00001.pdf", "R-00001", "$150.00", "INV-1", "INV-2", "$30.00")
	desk.Open(home).Press("Statement").Press("This year").Says("Opening balance", "INV-1", "INV-2", "INV-3", "R-00001", "Closing balance", "$470.50").Shot("4-statement")
	name, file := desk.Download("Download PDF")
	if paper := strings.Join(pdftest.Pages(t, file), "\n"); !strings.HasSuffix(name, ".pdf") || !strings.Contains(paper, "INV-2") || !strings.Contains(paper, "$470.50") {
		t.Errorf("%s has %s", name, paper)
	}
	if name, file = desk.Download("Download CSV"); !strings.HasSuffix(name, ".csv") || !bytes.Contains(file, []byte("INV-2")) || !bytes.Contains(file, []byte("470.50")) {
		t.Errorf("%s has %s", name, file)
	}
	if paper := strings.Join(pdftest.Pages(t, desk.Print("statement")), "\n"); !strings.Contains(paper, "$470.50") || strings.Contains(paper, "Download CSV") {
		t.Errorf("printed, the statement is %s", paper)
	}

	// She writes to the organization, from its card on the home page.
	ann.Open(home).Press("Send an email").Press("Send").Says("problem").Fits()
	ann.Type("Subject", "Our fair in May").Type("Message", "Could you come on Tuesday?").Press("Send").Says("Your message is on its way", "ann@lovelace.test").Fits()
	if mail := acts.EmailTo(t, s, "office@bright.test", "Our fair in May"); !strings.Contains(mail.Text, "Could you come on Tuesday?") || !strings.Contains(strings.Join(mail.ReplyTo, " "), "ann@lovelace.test") {
		t.Errorf("the message arrives as %s, to be answered to %v", mail.Text, mail.ReplyTo)
	}
	ann.Open(home).Press("Write a review").Choose("Stars", "5 stars").Type("Your review", "Good hands.").Press("Send the review").Says("Thank you")

	// She signs out on the train, and changes her password: the desk is signed out too, and Ben is not.
	ben := signIn(chromium.Visitor(browser.Options{}), s, "ben@lovelace.test")
	ann.Open(home+"/account").Says("Where you are signed in", "This one").Press("Change password").Says("At least 12 characters").Fits()
	ann.Type("Current password", "not this one at all").Type("New password", evesPassword).Type("Repeat the new password", evesPassword).Press("Change password").Says("problem")
	if problem := ann.Problem("Current password"); problem == "" {
		t.Error("nothing is said about the wrong password")
	}
	ann.Type("Current password", stack.Password).Type("New password", "short").Type("Repeat the new password", "other").Press("Change password").Says("problem")
	for _, field := range []string{"New password", "Repeat the new password"} {
		if ann.Problem(field) == "" {
			t.Errorf("nothing is said about %q", field)
		}
	}
	desk.Open(home + "/account").Says("Where you are signed in")
	ann.Type("Current password", stack.Password).Type("New password", evesPassword).Type("Repeat the new password", evesPassword).Press("Change password").Says("Your password is changed").Fits().Shot("5-changed")
	for _, elsewhere := range []*browser.Tab{desk, train} {
		elsewhere.Open(home + "/invoices").Says("Forgotten password").Lacks("INV-1")
	}
	ben.Open(home + "/invoices").Says("INV-1")
	desk.Type("Email address", "ann@lovelace.test").Type("Password", stack.Password).Press("Sign in").Says("problem")
	desk.Type("Email address", "ann@lovelace.test").Type("Password", evesPassword).Press("Sign in").Says("INV-1")
	ann.Open(home + "/account").Press("Sign out Chrome on Linux").Says("That sign-in is ended")
	desk.Open(home + "/invoices").Says("Forgotten password")
	signOut(ann.Open(home + "/invoices")).Open(home + "/invoices").Says("Forgotten password")

	// Staff are mailed of it all, once of each thing however often she looked.
	for _, words := range []string{
		"viewed estimate " + estimate.Number, "viewed invoice INV-1", "forwarded estimate " + estimate.Number, "accepted estimate " + estimate.Number, "Does it include hosting?",
		"approved timesheet " + sheet.Number, "paid $150.00", "company", "wrote a review", "Our fair in May",
	} {
		told(t, s, "grace@bright.test", words)
	}
	all, err := s.Inbox.List(t.Context(), "grace@bright.test")
	if err != nil {
		t.Fatal(err)
	}
	whole := ""
	for _, mail := range all {
		whole += mail.Text
	}
	if n := strings.Count(whole, "viewed estimate "+estimate.Number); n != 1 {
		t.Errorf("that she viewed the estimate is told %d times: %s", n, whole)
	}
}
