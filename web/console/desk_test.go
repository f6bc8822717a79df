package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/visitor"
	"countersign/e2e/browser"
	"countersign/workflows"
)

// owner runs statements as the database's owner.
func owner(t *testing.T, s *stack.Stack, statements ...string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	for _, statement := range statements {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// empty takes from an organization what it was seeded with, all but its staff.
func empty(t *testing.T, s *stack.Stack, org stack.Org) {
	t.Helper()
	of := ` WHERE org_id = '` + org.ID.String() + `'`
	owner(t, s, `DELETE FROM contacts`+of, `DELETE FROM customers`+of)
}

// differs is a comparison of a week with one difference that stands and one that was mended.
func differs(t *testing.T, s *stack.Stack, org stack.Org) {
	t.Helper()
	id := uuid.NewString()
	key := `'` + org.ID.String() + `', '` + id + `'`
	owner(t, s,
		`INSERT INTO reconciliations (org_id, id, daily, from_day, to_day, from_at, to_at, status, compared, differences, mended, created_at, updated_at, ended_at, flow_open)
			VALUES (`+key+`, true, '2026-11-15', '2026-11-21', '2026-11-15', '2026-11-22', 'differs', 12, 1, 1, now(), now(), now(), false)`,
		`INSERT INTO reconciliation_differences (org_id, reconciliation_id, object_id, kind, ours, theirs, found_at, mended_at)
			VALUES (`+key+`, 'ch_9', 'missing_here', '', '$12.00', now(), NULL), (`+key+`, 'ch_8', 'status', 'processing', 'succeeded', now(), now())`)
}

// R13: a new organization is led from nothing to its first invitation by its home page, without script.
func TestFirstStepsLeadFromNothingToAnInvitation(t *testing.T) {
	s, _ := start(t)
	empty(t, s, s.Seed("fresh", "USD"))
	v := visitor.New(t, s.URL)
	home := v.Get("/console/fresh/sign-in").Submit("Sign in", "email", "grace@fresh.test", "password", stack.Password).Answers(http.StatusOK)
	home.Has("From here to your first customer in the portal", "Say who you are", "Invite them").Lacks("Nothing needs you", "Received")
	home.Follow("Say who you are").Submit("Save", "address.line1", "1 High St", "bank_details", "Account 1").Answers(http.StatusOK)
	home = v.Get("/console/fresh").Has("Done: Say who you are", "Done: Say how to pay you by bank transfer").Lacks("Done: Add your first customer")
	home.Follow("Add your first customer").Submit("Save", "name", "Lovelace Ltd").Answers(http.StatusOK)
	v.Get("/console/fresh").Has("A person at Lovelace Ltd").Follow("Add a contact").Submit("Save", "name", "Ann Lovelace", "email", "ann@first.test").Answers(http.StatusOK)
	invite := v.Get("/console/fresh").Has("Done: Add a contact").Follow("Invite them")
	if box := invite.ByID("access"); box == nil || strings.Contains(visitor.Attr(box, "class"), "dialog") && box.Data != "section" {
		t.Error("the dialog is shut")
	}
	access := values(invite, "listed")
	if len(access) != 1 {
		t.Fatalf("the dialog lists %v", access)
	}
	invite.Submit("Save and send invitations", "access", access[0]).Answers(http.StatusOK).Has("1 invitation is on the way.")
	v.Get("/console/fresh").Lacks("From here to your first customer").Has("Nothing needs you")
}

// R28, R70: home says what needs someone, and leads to the list of it.
func TestHomeLeadsToWhatNeedsSomeone(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	v.Get("/console/bright").Has("Nothing needs you")
	org.Invoice("INV-1", 12000)
	declinedPayment(org, "INV-2", 5000, "insufficient_funds")
	home := v.Get("/console/bright").Lacks("Nothing needs you").Has("Owed to you, by age", "Not yet due", "$170.00 on 2 invoices, none of it late.", "1 invoice")
	home.Follow("Failed payments").Has("Insufficient funds")
	if !strings.Contains(home.Body, `<rect class="value"`) {
		t.Error("nothing is drawn")
	}
}

func TestSearchIsOnEveryPageAndWorksWithoutScript(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-2041", 12000)
	v := atWork(t, s)
	if box := v.Get("/console/bright/settings").Body; !strings.Contains(box, `action="/console/bright/search" role="search" aria-label="Search customers and documents"`) {
		t.Error("the settings have no box to search from")
	}
	found := v.Get("/console/bright/search?q=2041").Answers(http.StatusOK).Has("Invoices", "INV-2041", "Lovelace Ltd", "$120.00")
	found.Follow("INV-2041").Has("Owed $120.00")
	v.Get("/console/bright/search?q=love").Has("Customers", "Contacts", "ann@lovelace.test")
	v.Get("/console/bright/search?q=love&kind=customer").Has("Customers", "Look everywhere").Lacks("ann@lovelace.test")
	v.Get("/console/bright/search?q=%25").Answers(http.StatusOK).Has("Nothing begins with “%”")
	v.Get("/console/bright/search").Has("Type the beginning of a name")
	v.Get("/console/bright/search?q=" + strings.Repeat("x", 300)).Answers(http.StatusOK)
}

func TestKeysLeadIntoTheSearchBox(t *testing.T) {
	chromium := browser.Start(t)
	s, org := start(t)
	org.Invoice("INV-2041", 12000)
	tab := chromium.Visitor(browser.Options{}).Open(s.URL+"/console/bright/sign-in").
		Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in").Says("Nothing needs you")
	tab.Keys("/").Keys("inv2041").Keys("\r").Says("Invoices").Says("INV-2041")
	// Elsewhere a slash is a slash: in the box that was led to, too.
	tab.Open(s.URL+"/console/bright/customers/new").Type("Name", "AC").Keys("/DC").Press("Save").Says("AC/DC")
}

// Several drafts are sent or discarded at once, after a page that says what will happen.
func TestSeveralDraftsAreSentAndDiscardedAtOnce(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	ids := map[string]string{}
	for _, title := range []string{"Oak", "Beech", "Maple"} {
		draft := v.Get("/console/bright/invoices/new?customer="+org.Customer.String()).Submit("Save draft", "title", title,
			"lines[0].description", title, "lines[0].unit_price", "42").Answers(http.StatusOK)
		ids[title] = last(draft.URL.Path)
	}
	org.Invoice("INV-9", 700) // was sent: it can't be chosen
	list := v.Get("/console/bright/invoices")
	if boxes := strings.Count(list.Body, `name="chosen"`); boxes != 3 {
		t.Errorf("%d rows can be chosen", boxes)
	}
	list.Submit("Send selected").Answers(http.StatusOK).Has("No draft was chosen")
	asked := list.Submit("Send selected", "chosen", ids["Oak"], "chosen", ids["Beech"]).Answers(http.StatusOK)
	asked.Has("Send 2 invoices?", "owes it", "Oak", "Beech").Lacks("Maple")
	v.Get("/console/bright/invoices/" + ids["Oak"]).Has("This is a draft.") // nothing has happened yet
	asked.Submit("Send 2 invoices").Answers(http.StatusOK).Has("2 invoices sent.")
	asked.Submit("Send 2 invoices").Answers(http.StatusOK).Has("2 invoices sent.") // the same page once more: done once, and told again
	again := list.Submit("Send selected", "chosen", ids["Oak"], "chosen", ids["Maple"])
	again.Has("Send 1 invoice?", "Left out", "It is not a draft any more.")
	v.Get("/console/bright/invoices/" + ids["Oak"]).Lacks("This is a draft.")

	gone := v.Get("/console/bright/invoices?status=draft").Submit("Discard selected", "chosen", ids["Maple"]).Has("Discard 1 invoice?", "can’t be undone")
	gone.Submit("Discard 1 invoice").Answers(http.StatusOK).Has("1 invoice discarded.")
	v.Get("/console/bright/invoices/" + ids["Maple"]).Answers(http.StatusNotFound)
	v.Get("/console/bright/invoices").Lacks("Send selected")
}

// R67: what the nightly comparison found is read in the console, with what to do about it.
func TestComparisonSaysWhatToDo(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	v.Get("/console/bright").Follow("Reconciliation").Has("Not compared yet")
	differs(t, s, org)
	v.Get("/console/bright").Follow("Books that differ").Has("1 difference is left", "Not in these books", "ch_9", "record it on the customer’s page", "Mended")
	report := v.Get("/console/bright/reconciliations").Has("Differs", "Nightly").Follow("Nov 15, 2026 – Nov 21, 2026")
	if at := report.Href("Open in Temporal"); !strings.Contains(at, "/workflows/reconcile%2F"+org.ID.String()+"%2F2026-11-21") {
		t.Errorf("its flow is at %q", at)
	}
	v.Get("/console/bright/reconciliations/" + org.ID.String()).Answers(http.StatusNotFound)
}

// R51: what rings leads to where it happened and is read by that; marking it as read leads back to the list as it was.
func TestTheBellLeadsToWhatRang(t *testing.T) {
	s, org := start(t)
	invoice := org.Invoice("INV-1", 12000)
	ann := org.AsAnn()
	for _, text := range []string{"Is it urgent?", "It is not."} {
		ann.Must(201, "POST", "/api/bright/portal/comments/invoice/"+invoice.String(), "", map[string]any{"text": text}, nil)
	}
	v := atWork(t, s)
	bell := v.Get("/console/bright/bell?status=comments").Has("Ann Lovelace commented")
	opened := bell.Submit("Ann Lovelace commented").Answers(http.StatusOK).Has("INV-1", "Is it urgent?")
	if opened.URL.Path != "/console/bright/invoices/"+invoice.String() || opened.URL.Fragment != "comments" {
		t.Errorf("it led to %s", opened.URL)
	}
	unread := func() int {
		var bell struct{ Unread int }
		staff := org.Staff()
		staff.Must(200, "GET", "/api/bright/console/bell/unread", "", nil, &bell)
		return bell.Unread
	}
	if n := unread(); n != 1 {
		t.Errorf("after one of two was opened, %d are unread", n)
	}
	marked := v.Get("/console/bright/bell?status=comments").Submit("Mark as read").Answers(http.StatusOK).Lacks("Mark as read")
	if marked.URL.RequestURI() != "/console/bright/bell?status=comments" || unread() != 0 {
		t.Errorf("marking it as read led to %s, and left %d", marked.URL, unread())
	}
	v.Post("/console/bright/bell/read", url.Values{"next": {"https://evil.test/"}, "through": {uuid.NewString()}}).Answers(http.StatusUnprocessableEntity)
}

// Activity leads to the page of what it tells of.
func TestActivityLeadsToItsPlace(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	at := "/console/bright/customers/" + org.Customer.String()
	v.Get(at+"/credit").Submit("Give this credit", "amount", "10").Answers(http.StatusOK)
	v.Get(at+"/contacts/"+org.Ben.String()+"/edit").Submit("Save", "title", "Bookkeeper").Answers(http.StatusOK)
	v.Get("/console/bright/settings").Submit("Save", "banner", "Hello").Answers(http.StatusOK)
	activity := v.Get("/console/bright/activity")
	for words, to := range map[string]string{
		"gave credit of $10.00": "/console/bright/credit-notes?customer=" + org.Customer.String(), "Ben Okafor": at + "#contact-" + org.Ben.String(), "saved the portal": "/console/bright/settings",
	} {
		if got := activity.Href(words); got != to {
			t.Errorf("%q leads to %q, want %q", words, got, to)
		}
		if _, place, found := strings.Cut(to, "#"); found && activity.Open(to).ByID(place) == nil {
			t.Errorf("%s is no place on its page", to)
		}
	}
}

// What a list holds beyond its first page can be had: comments, reviews, and the invoice that a payment is recorded for.
func TestNoListStops(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	first := org.InvoiceDue("INV-LAST", 5000, org.AtNoon().AddDays(90))
	copies := `INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, subtotal, total, due, ways_to_pay, sent_at)
		SELECT org_id, gen_random_uuid(), customer_id, 'COPY-' || n, state, currency, title, issue_date, issue_date, subtotal, total, due, ways_to_pay, sent_at
		FROM invoices, generate_series(1, 100) n WHERE number = 'INV-LAST'`
	// The later one has the higher ID.
	id := func(n string) string {
		return `('00000000-0000-7000-8000-' || lpad(to_hex(1000 - ` + n + `), 12, '0'))::uuid`
	}
	said := `INSERT INTO comments (org_id, id, request_id, customer_id, subject_kind, subject_id, author_kind, author_id, author_name, visible, body, at)
		SELECT org_id, ` + id("n") + `, gen_random_uuid(), customer_id, 'invoice', id, 'staff', gen_random_uuid(), 'Grace Bright', true, 'Remark ' || n || '.', now() - n * interval '1 minute'
		FROM invoices, generate_series(1, 101) n WHERE number = 'INV-LAST'`
	thought := `INSERT INTO reviews (org_id, id, request_id, customer_id, contact_id, stars, body, at)
		SELECT org_id, ` + id("n") + `, gen_random_uuid(), customer_id, id, 5, 'Opinion ' || n || '.', now() - n * interval '1 day' FROM contacts, generate_series(1, 11) n WHERE email = 'ann@lovelace.test'`
	owner(t, s, copies, said, thought)

	record := v.Get("/console/bright/customers/" + org.Customer.String() + "/payment?invoice=" + first.String()).Answers(http.StatusOK).Has("INV-LAST")
	if got := record.Value("total"); got != "50.00" {
		t.Errorf("the amount begins as %q", got)
	}
	record.Submit("Record this payment", "total", "nothing").Answers(http.StatusUnprocessableEntity).Has("INV-LAST")

	page := v.Get("/console/bright/invoices/"+first.String()).Has("Remark 1.", "Remark 100.").Lacks("Remark 101.")
	page.Follow("Older").Has("Remark 101.").Lacks("Remark 100.").Follow("Newest").Has("Remark 1.")
	customer := v.Get("/console/bright/customers/" + org.Customer.String()).Has("Opinion 10.").Lacks("Opinion 11.")
	customer.Follow("Older").Has("Opinion 11.").Lacks("Opinion 10.")
}

// N9: what was sent can be emailed again, once a press: home says so of an email that came back.
func TestSentDocumentsAreEmailedAgain(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	draft := v.Get("/console/bright/invoices/new?customer="+org.Customer.String()).Submit("Save draft", "title", "Repairs", "lines[0].description", "Repairs", "lines[0].unit_price", "95")
	draft.Lacks("Email it again")
	invoice := draft.Submit("Send to Lovelace Ltd").Answers(http.StatusOK)
	estimate := newEstimate(v, org, "Window seats").Submit("Send to Lovelace Ltd").Answers(http.StatusOK)
	for subject, page := range map[string]*visitor.Page{"INV-0001": invoice, "EST-0001": estimate} {
		first, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", subject)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the same press, twice
			page.Submit("Email it again").Answers(http.StatusOK).Has("on its way again", "had")
		}
		again, err := s.Inbox.WaitForAfter(t.Context(), first, "ann@lovelace.test", subject)
		if err != nil || again.Subject != first.Subject {
			t.Fatalf("%v: %q, %q", err, first.Subject, again.Subject)
		}
	}
	invoice.Submit("Void the invoice").Answers(http.StatusOK).Lacks("Email it again")
	v.Get(invoice.URL.Path).Lacks("Email it again")
	v.Post(invoice.URL.Path+"/resend", url.Values{"idempotency_key": {uuid.NewString()}}).Answers(http.StatusConflict).Has("Nothing is owed on invoice INV-0001")
	v.Post(estimate.URL.Path+"/withdraw", url.Values{"idempotency_key": {uuid.NewString()}}).Answers(http.StatusOK)
	v.Post(estimate.URL.Path+"/resend", url.Values{"idempotency_key": {uuid.NewString()}}).Answers(http.StatusConflict).Has("doesn't wait for a decision")
	mail, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, m := range mail {
		count[m.Subject]++
	}
	for subject, n := range count {
		if n != 2 {
			t.Errorf("%q was sent %d times", subject, n)
		}
	}
}

// A sent estimate is withdrawn with a reason that the customer reads, and its flow ends; a draft is discarded, and what was
// sent before it stays.
func TestEstimatesAreWithdrawnAndDiscarded(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	sent := newEstimate(v, org, "Window seats").Submit("Send to Lovelace Ltd").Answers(http.StatusOK)
	id := last(sent.URL.Path)
	second := sent.Follow("Write a new version").Submit("Save draft", "title", "Longer seats").Answers(http.StatusOK).Has("still sees version 1")
	second.Submit("Discard the draft").Answers(http.StatusOK).Has("The draft is discarded.", "Window seats", "decide on version 1").Lacks("Longer seats")
	third := sent.Follow("Write a new version").Submit("Save draft", "title", "Deeper seats").Answers(http.StatusOK)
	long := strings.Repeat("x", 501)
	if refused := third.Submit("Withdraw the estimate", "reason", long).Answers(http.StatusUnprocessableEntity); refused.Value("reason") != long {
		t.Error("the reason that was typed is gone")
	}
	withdrawn := third.Submit("Withdraw the estimate", "reason", "We are fully booked").Answers(http.StatusOK)
	withdrawn.Has("The estimate is withdrawn.", "Withdrawn", "Grace Bright withdrew", "We are fully booked").Lacks("Deeper seats", "Write a new version")
	withdrawn.Open(sent.URL.Path + "/edit").Submit("Save draft").Answers(http.StatusConflict)
	ann := org.AsAnn()
	ann.Must(409, "POST", "/api/bright/portal/estimates/"+id+"/decision", "", map[string]any{"decision": "accepted", "version": 1}, nil)
	var read api.Estimate
	ann.Must(200, "GET", "/api/bright/portal/estimates/"+id, "", nil, &read)
	if story := read.Timeline[len(read.Timeline)-1]; read.Status != "withdrawn" || !strings.Contains(story.Text, "We are fully booked") {
		t.Errorf("the customer reads %s: %q", read.Status, story.Text)
	}
	flow := s.Temporal.GetWorkflow(t.Context(), read.WorkflowID, "")
	if read.WorkflowID == "" {
		flow = s.Temporal.GetWorkflow(t.Context(), workflows.EstimateID(uuid.MustParse(id), 1), "")
	}
	var ended workflows.EstimateResult
	if err := flow.Get(t.Context(), &ended); err != nil || ended.Status != "withdrawn" {
		t.Errorf("its flow ended as %q: %v", ended.Status, err)
	}

	kept, gone := newEstimate(v, org, "Shelves"), newEstimate(v, org, "Benches")
	if list := gone.Submit("Discard the draft").Answers(http.StatusOK).Has("The draft is discarded."); list.URL.Path != "/console/bright/estimates" {
		t.Errorf("it led to %s", list.URL)
	}
	v.Get(gone.URL.Path).Answers(http.StatusNotFound)
	v.Post(sent.URL.Path+"/discard", nil).Answers(http.StatusConflict)
	asked := v.Get("/console/bright/estimates?status=draft").Submit("Discard selected", "chosen", last(kept.URL.Path)).Has("Discard 1 estimate?", "can’t be undone")
	asked.Submit("Discard 1 estimate").Answers(http.StatusOK).Has("1 estimate discarded.")
	v.Get(kept.URL.Path).Answers(http.StatusNotFound)
	activity := v.Get("/console/bright/activity").Has("discarded the draft of estimate EST-0002", "discarded the draft of version 2 of estimate EST-0001")
	activity.Follow("discarded the draft of estimate EST-0002").Answers(http.StatusOK).Has("Lovelace Ltd")
}

// R19: credit is paid out from beside it; what can't be is said there, and what was typed kept.
func TestCreditIsPaidOut(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	at := "/console/bright/customers/" + org.Customer.String()
	v.Get(at).Lacks("Pay out credit")
	v.Get(at+"/credit").Submit("Give this credit", "amount", "25").Answers(http.StatusOK)
	much := v.Get(at).Submit("Record the pay-out", "amount", "30", "reason", "They left").Answers(http.StatusUnprocessableEntity).Has("Enter at most 25.00")
	if much.Value("amount") != "30" || much.Value("reason") != "They left" {
		t.Errorf("what was typed became %q, %q", much.Value("amount"), much.Value("reason"))
	}
	much.Submit("Record the pay-out", "amount", "20").Answers(http.StatusOK).Has("The pay-out is recorded", "Credits $5.00")
}

// Lists of the books are narrowed to days without script, stay so from page to page, and are downloaded as they are narrowed.
func TestListsAreNarrowedToDaysAndDownloaded(t *testing.T) { // R29, R48
	s, org := start(t)
	v := atWork(t, s)
	org.InvoiceDue("INV-LAST", 5000, org.AtNoon().AddDays(90))
	owner(t, s, `INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, subtotal, total, due, ways_to_pay, sent_at)
		SELECT org_id, gen_random_uuid(), customer_id, 'MARCH-' || n, state, currency, 'Repairs', date '2024-03-31' - n, '2024-05-01', subtotal, total, due, ways_to_pay, sent_at
		FROM invoices, generate_series(0, 30) n WHERE number = 'INV-LAST'`)
	all := v.Get("/console/bright/invoices?status=unpaid&sort=number&customer="+org.Customer.String()).Has("Of Lovelace Ltd", "INV-LAST", "MARCH-0")
	march := all.Submit("Show", "from", "2024-03-01", "to", "2024-03-31").Answers(http.StatusOK).Has("Of Lovelace Ltd", "MARCH-0").Lacks("INV-LAST", "MARCH-30")
	next := march.Follow("Next").Has("MARCH-30", "Of Lovelace Ltd").Lacks("INV-LAST")
	if next.Value("from") != "2024-03-01" || next.Value("to") != "2024-03-31" || next.URL.Query().Get("status") != "unpaid" || next.URL.Query().Get("sort") != "number" {
		t.Errorf("the next page is %s", next.URL)
	}
	next.Follow("Due").Has("MARCH-30", "Of Lovelace Ltd").Lacks("INV-LAST")
	for _, page := range []*visitor.Page{march, next} {
		file := page.Follow("Download CSV").Answers(http.StatusOK)
		if lines := strings.Count(file.Body, "\r\n"); lines != 32 || strings.Contains(file.Body, "INV-LAST") || !strings.Contains(file.Body, "MARCH-30") {
			t.Errorf("the file has %d lines: %s", lines, file.Body)
		}
	}
	march.Follow("Show all customers").Has("MARCH-0").Lacks("Of Lovelace Ltd", "INV-LAST", "Show all customers")
	if cleared := march.Follow("Clear").Has("INV-LAST", "Of Lovelace Ltd"); cleared.Value("from") != "" || cleared.Href("Clear") != "" {
		t.Errorf("cleared, it is %s", cleared.URL)
	}
	for _, list := range []string{"invoices", "estimates", "payments", "credit-notes"} {
		page := v.Get("/console/bright/" + list)
		wrong := page.Submit("Show", "from", "2024-03-31", "to", "2024-03-01").Answers(http.StatusUnprocessableEntity).Has("The period ends before it begins.").Lacks("Download CSV")
		if wrong.Value("from") != "2024-03-31" {
			t.Errorf("%s forgets what was typed", list)
		}
		page.Submit("Show", "from", "31.3.2024").Answers(http.StatusUnprocessableEntity).Has("Enter a date, such as 2026-11-22.")
		none := page.Submit("Show", "to", "1999-12-31").Answers(http.StatusOK).Has("Nothing fits", "other days")
		if file := none.Follow("Download CSV").Answers(http.StatusOK); strings.Count(file.Body, "\r\n") != 1 {
			t.Errorf("%s: the file of nothing is %q", list, file.Body)
		}
		none.Follow("Clear").Answers(http.StatusOK)
		v.Get("/console/bright/" + list + "/csv?from=2024-03-31&to=2024-03-01").Answers(http.StatusUnprocessableEntity)
	}
}
