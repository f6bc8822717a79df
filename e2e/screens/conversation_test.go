package screens

import (
	"testing"
	"time"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/e2e/browser"
)

// R49 R50 R51: two browsers on one invoice: what the one writes is in the other
// within a second, without a reload; staff see who has looked, and the bell counts.
func TestTwoBrowsersTalkAboutAnInvoice(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	invoice := org.Invoice("INV-1", 10000)
	staff := org.Staff()

	grace := chromium.Visitor(browser.Options{}).Open(s.URL + "/console/bright/sign-in")
	grace.Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in").Says("Grace Bright")
	grace.Open(s.URL+"/console/bright/invoices/"+invoice.String()).Says("INV-1", "Comments")
	// Staff's own look is no view.
	var i api.Invoice
	staff.Must(200, "GET", acts.Console+"/invoices/"+invoice.String(), "", nil, &i)
	if len(i.Viewed) != 0 {
		t.Errorf("viewed by %+v", i.Viewed)
	}
	ann := chromium.Visitor(browser.Options{}).Open(s.URL + "/bright/sign-in")
	ann.Type("Email address", "ann@lovelace.test").Type("Password", stack.Password).Press("Sign in").Says("Outstanding")
	ann.Open(s.URL+"/bright/invoices/"+invoice.String()).Says("INV-1", "Comments")
	grace.Mark()
	grace.Says("Viewed", "Ann Lovelace viewed this invoice")

	ann.Type("Your comment", "Is the delivery included?").Press("Comment").Says("Is the delivery included?")
	sent := time.Now()
	grace.Says("Is the delivery included?")
	if late := time.Since(sent); late > time.Second {
		t.Errorf("it was seen after %s", late)
	}
	if !grace.Marked() {
		t.Error("the page had to be loaded again to show the comment")
	}
	grace.Shot("talk-console")
	ann.Mark()
	grace.Tick("Display in portal").Type("Your comment", "It is.").Press("Comment").Says("It is.")
	sent = time.Now()
	ann.Says("It is.")
	if late := time.Since(sent); late > time.Second {
		t.Errorf("it was seen after %s", late)
	}
	if !ann.Marked() {
		t.Error("the page had to be loaded again to show the answer")
	}
	ann.Shot("talk-portal")
	grace.Open(s.URL+"/console/bright/bell").Says("Ann Lovelace viewed invoice INV-1", "Ann Lovelace commented").Shot("talk-bell").Press("Mark all as read")
	s.Eventually("all to be read", func() bool {
		var unread struct{ Unread int }
		staff.Must(200, "GET", acts.Console+"/bell/unread", "", nil, &unread)
		var bell struct{ Unread int }
		grace.Says("Notifications")
		staff.Must(200, "GET", acts.Console+"/bell", "", nil, &bell)
		return bell.Unread == 0 && unread.Unread == 0
	})
	ann.Open(s.URL+"/bright/message").Type("Subject", "Hello").Type("Message", "When do you come?").Shot("talk-message").Press("Send").Says("on its way")
	ann.Open(s.URL + "/bright/review").Shot("talk-review")
}
