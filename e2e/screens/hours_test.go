package screens

import (
	"strings"
	"testing"

	"countersign/e2e/acts"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

// R41 R42 R43 R44 R45 R46 R49 R68: hours from the project that they are logged on to the invoice: submitted, recalled, corrected, submitted again, approved by
// entry, and locked; both sides talk about the project meanwhile, and the customer reads only what is meant for it.
func TestHoursFromTheProjectToTheInvoice(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	grace := asGrace(chromium.Visitor(browser.Options{}), s)
	ann := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ann@lovelace.test")

	grace.Open(s.URL+"/console/bright/projects/new?customer="+org.Customer.String()).Type("Name", "New website").Type("Price of an hour", "90").Press("Save project").Says("New website", "Lovelace Ltd")
	project := grace.Address().Path
	grace.Open(s.URL+project+"/tasks").Type("Name", "Design").Tick("Billable").Press("Add task").Says("New website", "Design")
	for _, work := range [][2]string{{"2", "Sketches"}, {"3.5", "A long meeting"}} {
		grace.Press("Log time").Choose("Task", "Design").Type("Hours", work[0]).Type("What was done", work[1]).Press("Log time").Says("New website", work[1])
	}

	// A comment is staff's own until it is marked.
	at := s.URL + "/bright" + project[len("/console/bright"):]
	ann.Open(s.URL+"/bright").Press("Menu").Press("Projects").Press("New website").Says("Design", "5.5", "Sketches", "A long meeting").Fits().Mark()
	grace.Type("Your comment", "Between us: too long").Press("Comment").Says("Between us: too long")
	grace.Tick("Display in portal").Type("Your comment", "The first drafts are done.").Press("Comment").Says("The first drafts are done.")
	ann.Says("The first drafts are done.").Lacks("Between us")
	if !ann.Marked() {
		t.Error("the page had to be loaded again to show the comment")
	}
	ann.Type("Your comment", "They are lovely.").Press("Comment").Says("They are lovely.").Lacks("Between us")
	grace.Says("They are lovely.")

	// Submitted and recalled: there is nothing to decide. Submitted again: she approves one of two.
	submit := func() string {
		grace.Open(s.URL + project).Tick("Choose all").Press("Submit for approval")
		s.Eventually("the timesheet's own page", func() bool { return strings.HasPrefix(grace.Address().Path, "/console/bright/timesheets/") })
		grace.Says("Entries", "Waiting", "Recall")
		return grace.Address().Path
	}
	first := submit()
	acts.EmailTo(t, s, "ann@lovelace.test", "")
	ann.Open(s.URL+"/bright").Press("Timesheets to approve").Says("New website", "5.5").Fits()
	grace.Press("Recall").Type("Reason", "An hour too many").Press("Recall the timesheet").Says("The timesheet is recalled")
	ann.Open(s.URL + "/bright" + first[len("/console/bright"):]).Says("nothing to decide any more").Lacks("Reject all").Fits()
	second := submit()
	ann.Open(s.URL+"/bright").Press("Timesheets to approve").Says("New website", "Waiting for approval")
	ann.Open(s.URL+"/bright"+second[len("/console/bright"):]).Says("Sketches", "A long meeting").Tick("Reject Design").Press("Approve").Says("problem").Fits()
	ann.Type("Reason for Design", "Not agreed").Press("Approve").Says("Your decision is recorded", "Partly approved by Ann Lovelace").Fits().Shot("1-decided")

	// What she approved is invoiced once, and what is invoiced can't be submitted again.
	grace.Open(s.URL+second).Says("Partly approved", "Not agreed").Press("Invoice approved time").Says("Draft", "Design").Lacks("$495.00").Shot("2-invoice")
	grace.Press("Send").Press("Send to Lovelace Ltd").Says("Sent to the customer")
	billed, rejected := "Sketches", "A long meeting"
	if strings.Contains(grace.Open(s.URL + project).Press("Billed").Says("1 entry").Texts("tbody")[0], rejected) {
		billed, rejected = rejected, billed
	}
	grace.Press("To submit").Says("1 entry", rejected).Lacks(billed)
	if grace.Open(s.URL+second).Says("Partly approved", "Not agreed").Has("Invoice approved time") {
		t.Error("what is invoiced can be invoiced again")
	}
	ann.Open(at).Says("Design", "Sketches", "A long meeting").Fits().Shot("3-project")
}
