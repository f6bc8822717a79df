package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"countersign/devstack/stack"
	"countersign/devstack/visitor"
	"countersign/e2e/browser"
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
