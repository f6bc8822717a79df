package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

func commentsOf(c *stack.Client, side string, invoice uuid.UUID) []api.Comment {
	var out struct{ Comments []api.Comment }
	c.Must(200, "GET", side+"/comments/invoice/"+invoice.String(), "", nil, &out)
	return out.Comments
}

// R27 R30 R49 R53: both sides talk below an invoice; what staff say to each other
// stays with them; the customer's contacts are mailed of the rest, once for a burst.
func TestCommentsReachWhomTheyAreFor(t *testing.T) {
	s := stack.New(t, stack.Options{GatherFor: 2 * time.Second})
	org := s.Seed("bright", "USD")
	ann, staff, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
	at := "/comments/invoice/" + invoice.String()

	key := uuid.NewString()
	var first, again api.Comment
	ann.Must(201, "POST", acts.Portal+at, key, acts.Said("Is the delivery\nincluded?"), &first)
	ann.Must(201, "POST", acts.Portal+at, key, acts.Said("Is the delivery\nincluded?"), &again)
	if first.ID != again.ID {
		t.Error("the same comment was taken twice")
	}
	ann.Must(422, "POST", acts.Portal+at, key, acts.Said("Something else"), nil)
	ann.Must(422, "POST", acts.Portal+at, "", acts.Said(" \n "), nil)
	ann.Must(422, "POST", acts.Portal+at, "", acts.Said(strings.Repeat("x", 4001)), nil)

	staff.Must(201, "POST", acts.Console+at, "", acts.Said("They always ask this.", false), nil)
	staff.Must(201, "POST", acts.Console+at, "", acts.Said("It is.", true), nil)
	staff.Must(201, "POST", acts.Console+at, "", acts.Said("And so is the fitting.", true), nil)

	if got := commentsOf(ann, acts.Portal, invoice); len(got) != 3 || got[2].Text != "Is the delivery\nincluded?" || !got[2].Mine || got[0].Side != "staff" {
		t.Errorf("the contact reads %+v", got)
	}
	if got := commentsOf(staff, acts.Console, invoice); len(got) != 4 || !got[2].Internal {
		t.Errorf("staff read %+v", got)
	}

	for _, address := range []string{"ann@lovelace.test", "ben@lovelace.test"} {
		mail, err := s.Inbox.WaitFor(t.Context(), address, "commented on invoice INV-1")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(mail.Text, "It is.") || !strings.Contains(mail.Text, "And so is the fitting.") || strings.Contains(mail.Text, "always ask") {
			t.Errorf("%s reads %s", address, mail.Text)
		}
		if !strings.Contains(mail.Text, s.URL+"/bright/invoices/"+invoice.String()) {
			t.Errorf("no link to the invoice in %s", mail.Text)
		}
	}
	for _, id := range acts.Batches(t, s, "customer") {
		acts.Completed(t, s, workflows.NotifyID(id))
		acts.KeepHistory(t, s, workflows.NotifyID(id), "notify-customer")
	}
	if n := len(acts.EmailsTo(t, s, "ann@lovelace.test", "commented")); n != 1 {
		t.Errorf("%d emails for one burst", n)
	}
	// N9: the invoice's page in the console says what became of them.
	var i api.Invoice
	staff.Must(200, "GET", acts.Console+"/invoices/"+invoice.String(), "", nil, &i)
	if len(i.Mailed) != 2 {
		t.Errorf("mailed about the invoice: %+v", i.Mailed)
	}
}

// R30 N9: sending an invoice mails it once to those at the customer who are mailed
// about documents, and its page in the console says so.
func TestSendingAnInvoiceMailsIt(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	org.Contact("Cora Lovelace", "cora@lovelace.test") // without access
	staff := org.Staff()
	var i api.Invoice
	today := portal.DateOf(time.Now(), time.UTC)
	staff.Must(201, "POST", acts.Console+"/invoices", "", map[string]any{
		"customer": org.Customer, "title": "Shelves", "issue_date": today, "due_date": today.AddDays(30),
		"lines": []map[string]any{{"description": "Oak", "quantity": "2", "unit_price": 12000}},
	}, &i)
	at, key := acts.Console+"/invoices/"+i.ID.String(), uuid.NewString()
	staff.Must(200, "POST", at+"/send", key, nil, nil)
	staff.Must(200, "POST", at+"/send", key, nil, nil)
	for _, address := range []string{"ann@lovelace.test", "ben@lovelace.test"} {
		mail, err := s.Inbox.WaitFor(t.Context(), address, "Invoice "+i.Number)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range []string{"$240.00", s.URL + "/bright/invoices/" + i.ID.String()} {
			if !strings.Contains(mail.Text, words) {
				t.Errorf("the email to %s lacks %q:\n%s", address, words, mail.Text)
			}
		}
	}
	for _, id := range acts.Batches(t, s, "invoice") {
		acts.Completed(t, s, workflows.NotifyID(id))
	}
	for address, want := range map[string]int{"ann@lovelace.test": 1, "ben@lovelace.test": 1, "cora@lovelace.test": 0} {
		if got := len(acts.EmailsTo(t, s, address, "Invoice "+i.Number)); got != want {
			t.Errorf("%d emails to %s", got, address)
		}
	}
	staff.Must(200, "GET", at, "", nil, &i)
	if len(i.Mailed) != 2 {
		t.Errorf("mailed about the invoice: %+v", i.Mailed)
	}
}

// R50 R51 R52: a contact's opening counts once an hour, nothing else counts, and
// the bell and one email to staff tell of all that came together.
func TestStaffAreToldOnceOfWhatContactsDo(t *testing.T) {
	s := stack.New(t, stack.Options{GatherFor: 2 * time.Second})
	org := s.Seed("bright", "USD")
	ann, staff, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
	at := acts.Portal + "/invoices/" + invoice.String()

	// What fetches the page, and staff's own look, are no views.
	ann.Must(200, "GET", at, "", nil, nil)
	staff.Must(200, "GET", acts.Console+"/invoices/"+invoice.String(), "", nil, nil)
	s.Client().Must(401, "POST", at+"/views", "", nil, nil)
	staff.Must(401, "POST", at+"/views", "", nil, nil)
	var i api.Invoice
	staff.Must(200, "GET", acts.Console+"/invoices/"+invoice.String(), "", nil, &i)
	if len(i.Viewed) != 0 {
		t.Errorf("viewed without a view: %+v", i.Viewed)
	}

	var view struct{ Logged bool }
	ann.Must(200, "POST", at+"/views", "", nil, &view)
	if !view.Logged {
		t.Error("the first view was not logged")
	}
	ann.Must(200, "POST", at+"/views", "", nil, &view)
	if view.Logged {
		t.Error("two views within an hour were logged")
	}
	org.AsBen().Must(200, "POST", at+"/views", "", nil, &view)
	if !view.Logged {
		t.Error("Ben's view was taken for Ann's")
	}
	ann.Must(201, "POST", acts.Portal+"/comments/invoice/"+invoice.String(), "", acts.Said("Could you add our order number?"), nil)
	staff.Must(200, "GET", acts.Console+"/invoices/"+invoice.String(), "", nil, &i)
	if len(i.Viewed) != 2 || i.Viewed[0].Name != "Ben Okafor" {
		t.Errorf("viewed by %+v", i.Viewed)
	}
	var seen api.Invoice
	ann.Must(200, "GET", at, "", nil, &seen)
	if len(seen.Viewed) != 0 || len(seen.Mailed) != 0 {
		t.Errorf("the contact is shown %+v %+v", seen.Viewed, seen.Mailed)
	}

	mail, err := s.Inbox.WaitFor(t.Context(), "grace@bright.test", "3 new activities")
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Ann Lovelace viewed invoice INV-1", "Ben Okafor viewed invoice INV-1", "Ann Lovelace commented on invoice INV-1: “Could you add our order number?”",
		s.URL + "/console/bright/invoices/" + invoice.String()} {
		if !strings.Contains(mail.Text, words) {
			t.Errorf("the email lacks %q:\n%s", words, mail.Text)
		}
	}
	for _, id := range acts.Batches(t, s, "staff") {
		acts.Completed(t, s, workflows.NotifyID(id))
		acts.KeepHistory(t, s, workflows.NotifyID(id), "notify-staff")
	}

	// R51: the bell, read one by one and then whole; another page of it by cursor.
	var bell struct {
		Rings  []api.Ring
		Unread int
		Next   string
	}
	staff.Must(200, "GET", acts.Console+"/bell?size=2", "", nil, &bell)
	if bell.Unread != 3 || len(bell.Rings) != 2 || bell.Next == "" || bell.Rings[0].Read {
		t.Fatalf("the bell has %+v", bell)
	}
	newest := bell.Rings[0].ID
	var unread struct{ Unread int }
	staff.Must(200, "POST", acts.Console+"/bell/"+newest.String()+"/read", "", nil, &unread)
	if unread.Unread != 2 {
		t.Errorf("%d unread after one was read", unread.Unread)
	}
	var rest struct {
		Rings []api.Ring
		Next  string
	}
	staff.Must(200, "GET", acts.Console+"/bell?after="+bell.Next, "", nil, &rest)
	if len(rest.Rings) != 1 || rest.Next != "" || rest.Rings[0].ID == bell.Rings[1].ID {
		t.Errorf("the second page has %+v", rest)
	}
	ann.Must(201, "POST", acts.Portal+"/comments/invoice/"+invoice.String(), "", acts.Said("Thank you."), nil)
	staff.Must(200, "POST", acts.Console+"/bell/read", "", map[string]any{"through": newest}, &unread)
	if unread.Unread != 1 {
		t.Errorf("%d unread after all before a new one were read", unread.Unread)
	}
}

// R2 R3: who is not to be told is not told: asked when it is sent.
func TestSettingsAreRespectedWhenItIsSent(t *testing.T) {
	s := stack.New(t, stack.Options{GatherFor: 2 * time.Second})
	org := s.Seed("bright", "USD")
	ann, staff, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
	ann.Must(201, "POST", acts.Portal+"/comments/invoice/"+invoice.String(), "", acts.Said("Hello?"), nil)
	staff.Must(201, "POST", acts.Console+"/comments/invoice/"+invoice.String(), "", acts.Said("Hello.", true), nil)
	var settings map[string]any
	staff.Must(200, "GET", acts.Console+"/settings", "", nil, &settings)
	settings["email_staff_on_activity"], settings["email_customer_on_comment"] = false, false
	delete(settings, "updated_at")
	delete(settings, "$schema")
	staff.Must(200, "PUT", acts.Console+"/settings", "", settings, nil)
	for _, kind := range []string{"staff", "customer"} {
		s.Eventually("the batch for "+kind, func() bool { return len(acts.Batches(t, s, kind)) == 1 })
		acts.Completed(t, s, workflows.NotifyID(acts.Batches(t, s, kind)[0]))
	}
	for _, address := range []string{"grace@bright.test", "ann@lovelace.test", "ben@lovelace.test"} {
		if mails := acts.EmailsTo(t, s, address); len(mails) != 0 {
			t.Errorf("%s was mailed %+v", address, mails)
		}
	}
}

// R56 R7 R57: a message reaches the registered address, an answer its writer; a
// review stands on the contact; a switched-off review is refused.
func TestMessagesAndReviews(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	write := func(status int, subject, text string) stack.Answer {
		return ann.Must(status, "POST", acts.Portal+"/messages", "", map[string]string{"subject": subject, "text": text}, nil)
	}
	write(201, "A question", "When do you come?\nWe are in all week.")
	mail, err := s.Inbox.WaitFor(t.Context(), "office@bright.test", "A question")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(mail.ReplyTo, ","); !strings.Contains(got, "ann@lovelace.test") || !strings.Contains(mail.Text, "When do you come?\n> We are in all week.") {
		t.Errorf("reply to %q: %s", got, mail.Text)
	}
	for _, subject := range []string{"Hi\r\nBcc: all@example.com", "Hi\nX: y", "Hi\x00", "Hi\u2028there"} {
		write(422, subject, "x")
	}
	for range 9 {
		write(201, "Again", "x")
	}
	if refused := write(429, "Again", "x"); refused.Header.Get("Retry-After") == "" {
		t.Error("when may she write again?")
	}

	review := map[string]any{"stars": 5, "text": "Calm and precise."}
	ann.Must(422, "POST", acts.Portal+"/reviews", "", map[string]any{"stars": 6, "text": "x"}, nil)
	ann.Must(201, "POST", acts.Portal+"/reviews", "", review, nil)
	var list struct{ Reviews []api.Review }
	staff.Must(200, "GET", acts.Console+"/reviews?contact="+org.Ann.String(), "", nil, &list)
	if len(list.Reviews) != 1 || list.Reviews[0].Stars != 5 || list.Reviews[0].ContactName != "Ann Lovelace" {
		t.Errorf("the contact's reviews are %+v", list.Reviews)
	}
	var settings map[string]any
	staff.Must(200, "GET", acts.Console+"/settings", "", nil, &settings)
	settings["reviews"] = false
	delete(settings, "updated_at")
	delete(settings, "$schema")
	staff.Must(200, "PUT", acts.Console+"/settings", "", settings, nil)
	ann.Must(403, "POST", acts.Portal+"/reviews", "", review, nil) // R10
}

// N9: an email that comes back rings the bell and stands on the document.
func TestABouncedEmailIsToldToStaff(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	staff := org.Staff()
	estimate := acts.SendEstimate(t, s, org, staff)
	mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", estimate.Number)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Inbox.Happen(t.Context(), mail.ID, "email.bounced"); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the bounce in the bell", func() bool {
		var bell struct{ Rings []api.Ring }
		staff.Must(200, "GET", acts.Console+"/bell", "", nil, &bell)
		return len(bell.Rings) == 1 && bell.Rings[0].Kind == "email.bounced" && strings.Contains(bell.Rings[0].Text, "ann@lovelace.test")
	})
	var e api.Estimate
	staff.Must(200, "GET", acts.Console+"/estimates/"+estimate.ID.String(), "", nil, &e)
	states := map[string]string{}
	for _, m := range e.Mailed {
		states[m.Recipient] = m.Status
	}
	if states["ann@lovelace.test"] != "bounced" || len(states) != 2 {
		t.Errorf("the estimate's page says %+v", e.Mailed)
	}
}
