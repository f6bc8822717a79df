package console_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/devstack/visitor"
)

func TestPagesNeedAStaffSignIn(t *testing.T) {
	s, org := start(t)
	v := visitor.New(t, s.URL)
	customer := "/console/bright/customers/" + org.Customer.String()
	signIn := v.Get(customer)
	if signIn.URL.Path != "/console/bright/sign-in" {
		t.Fatalf("a stranger was led to %s", signIn.URL)
	}
	contact := signIn.Submit("Sign in", "email", "ann@lovelace.test", "password", stack.Password).Answers(http.StatusUnprocessableEntity)
	if contact.Value("email") != "ann@lovelace.test" || contact.Value("password") != "" {
		t.Error("what was typed was not kept, or the password came back")
	}
	contact.Submit("Sign in", "email", "grace@bright.test", "password", stack.Password).Answers(http.StatusOK).Has("Lovelace Ltd", "Contacts")
	v.Get("/console/bright").Submit("Sign out").Has("You are signed out.")
	if to := v.Get(customer); to.URL.Path != "/console/bright/sign-in" {
		t.Errorf("after signing out, the customer's page led to %s", to.URL)
	}
}

// Whatever a page links to is there.
func TestNoLinkLeadsNowhere(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 12000)
	declinedPayment(org, "INV-2", 5000, "insufficient_funds")
	v := atWork(t, s)
	newEstimate(v, org, "Window seats").Submit("Send to Lovelace Ltd").Answers(http.StatusOK)
	seen, todo := map[string]bool{}, []string{"/console/bright"}
	for len(todo) > 0 {
		address := todo[0]
		todo = todo[1:]
		if seen[address] || len(seen) > 200 {
			continue
		}
		seen[address] = true
		p := v.Get(address)
		if p.Status != http.StatusOK {
			t.Errorf("%s answers %d: %s", address, p.Status, p.Words())
			continue
		}
		for n := range p.Root.Descendants() {
			if href := visitor.Attr(n, "href"); n.Type == html.ElementNode && n.Data == "a" && strings.HasPrefix(href, "/console/") {
				to, _, _ := strings.Cut(href, "#")
				todo = append(todo, to)
			}
		}
	}
	for _, page := range []string{"/activity", "/customers/new", "/estimates/new", "/invoices?sort=due", "/payments/failed", "/settings", "/organization", "/staff", "/api-keys"} {
		if !seen["/console/bright"+page] {
			t.Errorf("no page leads to %s", page)
		}
	}
}

// newEstimate writes an estimate over $84.00 and saves it as a draft.
func newEstimate(v *visitor.Visitor, org stack.Org, title string) *visitor.Page {
	return v.Get("/console/bright/estimates/new?customer="+org.Customer.String()).Submit("Save draft", "title", title,
		"lines[0].description", "Oak", "lines[0].quantity", "2", "lines[0].unit_price", "42.00").Answers(http.StatusOK)
}

func last(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// R28 N1
func TestDeclinedEstimateIsEditedAndSentAgain(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	estimate := v.Get("/console/bright/estimates/new").Follow("Lovelace Ltd").Submit("Save draft", "title", "New shelves",
		"lines[0].description", "Oak shelving", "lines[0].unit_price", "1,240.50", "lines[0].tax_percent", "20",
		"lines[2].description", "Delivery", "lines[2].quantity", "1", "lines[2].unit_price", "60").Answers(http.StatusOK)
	estimate.Has("EST-0001", "Saved as a draft", "Oak shelving", "Delivery", "$1,548.60", "Version 1")
	sent := estimate.Submit("Send to Lovelace Ltd").Answers(http.StatusOK).Has("Sent to the customer.", "Waiting for Lovelace Ltd to decide on version 1", "Grace Bright sent version 1")
	if sent.Href("Open in Temporal") != "http://temporal.test/namespaces/countersign/workflows/estimate%2F"+last(sent.URL.Path)+"%2Fv1" {
		t.Errorf("the flow is at %q", sent.Href("Open in Temporal"))
	}
	ann, decision := org.AsAnn(), "/api/bright/portal/estimates/"+last(sent.URL.Path)+"/decision"
	ann.Must(200, "POST", decision, "", map[string]any{"decision": "declined", "version": 1, "reason": "Too dark"}, nil)
	v.Get("/console/bright").Has("Declined estimates", "EST-0001")
	declined := v.Get(sent.URL.Path).Has("Declined by Ann Lovelace: “Too dark”")
	edit := declined.Follow("Edit and send again")
	if edit.Value("lines[0].unit_price") != "1240.50" || edit.Value("version") != "2" {
		t.Fatalf("editing begins with %q, version %q", edit.Value("lines[0].unit_price"), edit.Value("version"))
	}
	draft := edit.Submit("Save draft", "lines[0].description", "Maple shelving").Answers(http.StatusOK)
	draft.Has("Maple shelving", "Lovelace Ltd still sees version 1", "Declined by Ann Lovelace")
	draft.Submit("Send to Lovelace Ltd").Answers(http.StatusOK).Has("decide on version 2")
	ann.Must(409, "POST", decision, "", map[string]any{"decision": "accepted", "version": 1}, nil)
	ann.Must(200, "POST", decision, "", map[string]any{"decision": "accepted", "version": 2}, nil)
	accepted := v.Get(sent.URL.Path).Has("Accepted by Ann Lovelace", "SHA-256")
	v.Get("/console/bright/estimates?status=to_invoice").Has("EST-0001")
	invoice := accepted.Follow("Invoice this").Submit("Save draft").Answers(http.StatusOK)
	invoice.Has("INV-0001", "Maple shelving", "$1,548.60", "Estimate EST-0001")
	v.Get("/console/bright/estimates?status=to_invoice").Lacks("EST-0001")
	again := v.Get(sent.URL.Path).Lacks("Invoice this").Has("Invoice again", "INV-0001 over $1,548.60 was written from this estimate over $1,548.60")
	if form := again.Follow("Write another invoice"); form.Value("lines[0].description") == "" {
		t.Error("another invoice doesn't begin with what was accepted")
	}
	invoice.Submit("Send to Lovelace Ltd").Submit("Void the invoice").Answers(http.StatusOK)
	v.Get("/console/bright/estimates?status=to_invoice").Has("EST-0001")
	v.Get(sent.URL.Path).Has("Invoice this", "INV-0001", "Void").Lacks("Invoice again")
}

func TestEditOfAnOlderVersionIsRefusedAndKeepsWhatWasTyped(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	estimate := newEstimate(v, org, "Window seats")
	edit := estimate.Follow("Edit")
	estimate.Submit("Send to Lovelace Ltd").Answers(http.StatusOK)
	stale := edit.Submit("Save draft", "title", "Window seats, longer").Answers(http.StatusConflict).Has("Somebody else changed this", "It is “Window seats” now.")
	if stale.Value("title") != "Window seats, longer" {
		t.Errorf("the title that was typed became %q", stale.Value("title"))
	}
	stale.Submit("Save draft").Answers(http.StatusOK).Has("Window seats, longer", "still sees version 1")
}

// What a colleague saved meanwhile is told beside each field, and saving a second time saves: with lines, boxes and choices too.
func TestEditsThatCameTooLateCanBeSaved(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	draft := v.Get("/console/bright/invoices/new?customer="+org.Customer.String()).Submit("Save draft", "title", "Repairs",
		"lines[0].description", "Repairs", "lines[0].unit_price", "95", "ways_to_pay", "card").Answers(http.StatusOK)
	mine, theirs := draft.Follow("Edit"), draft.Follow("Edit")
	theirs.Submit("Save draft", "lines[0].unit_price", "90", "ways_to_pay", "card", "ways_to_pay", "bank_transfer").Answers(http.StatusOK)
	late := mine.Submit("Save draft", "lines[0].unit_price", "99").Answers(http.StatusConflict)
	late.Has("Line 1: It is “90.00” now", "It is “card, bank transfer” now")
	late.Submit("Save draft").Answers(http.StatusOK).Has("$99.00")

	contact := "/console/bright/customers/" + org.Customer.String() + "/contacts/" + org.Ben.String() + "/edit"
	old := v.Get(contact)
	v.Get(contact).Submit("Save", "roles", "view").Answers(http.StatusOK)
	kept := old.Submit("Save", "name", "Ben Okafor Jr", "roles", "approve", "roles", "pay").Answers(http.StatusConflict).Has("It is “view” now")
	kept.Submit("Save").Answers(http.StatusOK).Has("Ben Okafor Jr", "approves, pays")

	profile := v.Get("/console/bright/organization")
	v.Get("/console/bright/organization").Submit("Save", "phone", "555 0100", "address.country", "JP").Answers(http.StatusOK)
	profile.Submit("Save", "phone", "555 0199", "address.country", "KW").Answers(http.StatusConflict).Has("It is “555 0100” now", "It is “Japan” now").
		Submit("Save").Answers(http.StatusOK).Has("Your changes are saved.")
}

// A contact who may do nothing is one without access: an edit that leaves no box ticked is refused.
func TestAContactKeepsARole(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	at := "/console/bright/customers/" + org.Customer.String()
	edit := v.Get(at + "/contacts/" + org.Ben.String() + "/edit")
	edit.Submit("Save", "roles", "view").Answers(http.StatusOK)
	none := v.Get(edit.URL.Path).Submit("Save", "roles", "").Answers(http.StatusUnprocessableEntity).Has("Error: Tick at least one, or withdraw access.")
	if to := none.Href("Tick at least one"); none.ByID(strings.TrimPrefix(to, "#")) == nil {
		t.Errorf("the summary leads to %q, where nothing is", to)
	}
	v.Get(edit.URL.Path).Submit("Save").Answers(http.StatusOK)
	if ticked := visitor.Fields(first(v.Get(edit.URL.Path).Form("Save")))["roles"]; !slices.Equal(ticked, []string{"view"}) {
		t.Errorf("the contact may now %v", ticked)
	}
}

func TestLinesGrowShrinkAndAddUpWithoutScript(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.Get("/console/bright/invoices/new?customer="+org.Customer.String()).Has("Subtotal –", "Total (USD) –")
	more := form.Submit("Add lines", "lines[0].description", "Oak", "lines[0].unit_price", "10", "lines[1].description", "Beech", "lines[1].quantity", "3", "lines[1].unit_price", "1.10", "discount_percent", "10").Answers(http.StatusOK)
	more.Has("Subtotal $13.30", "Discount 10% -$1.33", "$11.97", "$3.30")
	if more.Value("lines[5].description") != "" || !strings.Contains(more.Body, `name="lines[5].description"`) {
		t.Error("Add lines made no room for a sixth line")
	}
	less := more.Submit("Remove Line 1").Answers(http.StatusOK)
	if less.Value("lines[0].description") != "Beech" {
		t.Errorf("after the first line was removed, the first is %q", less.Value("lines[0].description"))
	}
	less.Submit("Save draft", "title", "Timber").Answers(http.StatusOK).Has("Beech", "$2.97").Lacks("Oak")
}

func TestWhatCantBeReadIsSaidAtItsPlaceAndKept(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.Get("/console/bright/invoices/new?customer=" + org.Customer.String())
	refused := form.Submit("Save draft", "title", "Repairs", "due_date", "",
		"lines[0].description", "Repairs", "lines[0].quantity", "two", "lines[0].unit_price", "six forty",
		"lines[2].unit_price", "12.345").Answers(http.StatusUnprocessableEntity)
	refused.Has("There are some problems", "Line 1: Enter a number", "Line 1: This is not an amount", "Line 2: Describe it.")
	for name, want := range map[string]string{"lines[0].quantity": "two", "lines[0].unit_price": "six forty", "lines[1].unit_price": "12.345"} {
		if refused.Value(name) != want {
			t.Errorf("%s was %q and became %q", name, want, refused.Value(name))
		}
	}
	refused.Submit("Save draft", "currency", "JPY", "lines[0].quantity", "2,5", "lines[0].unit_price", "¥640", "lines[1].unit_price", "").Answers(http.StatusOK).Has("¥1,600", "Draft")
}

func TestTheSameFormSentTwiceWritesOneInvoice(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.Get("/console/bright/invoices/new?customer=" + org.Customer.String())
	line := []string{"title", "Repairs", "lines[0].description", "Repairs", "lines[0].unit_price", "100"}
	first := form.Submit("Save draft", line...).Answers(http.StatusOK)
	if again := form.Submit("Save draft", line...).Answers(http.StatusOK); again.URL.Path != first.URL.Path {
		t.Errorf("sent twice, the form wrote %s and %s", first.URL, again.URL)
	}
	other := form.Submit("Save draft", "title", "Repairs", "lines[0].description", "Other repairs", "lines[0].unit_price", "100").Answers(http.StatusUnprocessableEntity)
	other.Has("This form was sent before, with other contents")
	if other.Value("idempotency_key") == form.Value("idempotency_key") {
		t.Error("another invoice would again be sent under the spent key")
	}
}

// R31
func TestInvoiceIsWrittenSentChangedAndVoided(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	draft := v.Get("/console/bright/invoices/new?customer="+org.Customer.String()).Submit("Save draft", "title", "Repairs",
		"lines[0].description", "Repairs", "lines[0].quantity", "2.5", "lines[0].unit", "hours", "lines[0].unit_price", "95",
		"ways_to_pay", "card", "ways_to_pay", "bank_transfer").Answers(http.StatusOK)
	draft.Has("This is a draft", "$237.50", "Card, Bank transfer")
	ann, path := org.AsAnn(), "/api/bright/portal/invoices/"+last(draft.URL.Path)
	ann.Must(404, "GET", path, "", nil, nil)
	sent := draft.Submit("Send to Lovelace Ltd").Answers(http.StatusOK).Has("Sent to the customer.", "Unpaid")
	ann.Must(200, "GET", path, "", nil, nil)
	changed := sent.Follow("Edit").Submit("Save changes", "lines[0].quantity", "3").Answers(http.StatusOK).Has("Your changes are saved.", "$285.00")
	changed.Has("Void INV-0001?", "Lovelace Ltd no longer owes $285.00")
	long := strings.Repeat("x", 501)
	refused := changed.Submit("Void the invoice", "reason", long).Answers(http.StatusUnprocessableEntity)
	if refused.Value("reason") != long || !strings.Contains(refused.Body, `<section class="dialog inline" id="void"`) || refused.Href("Reason") == "" {
		t.Errorf("the dialog lost what was typed, or is shut: %s", refused.Words())
	}
	changed.Submit("Void the invoice", "reason", "Written twice").Answers(http.StatusOK).Has("The invoice is void.", "Written twice", "Nothing is owed on it")
	sent.Submit("Void the invoice").Answers(http.StatusConflict).Has("already voided")
	v.Get("/console/bright/invoices?status=void").Has("INV-0001")
	v.Get("/console/bright/invoices?status=unpaid").Has("Nothing fits")
}

// R11 R12 R13 R17
func TestAccessIsGivenAndWithdrawnContactByContact(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	customer := v.Get("/console/bright/customers/" + org.Customer.String())
	added := customer.Follow("Add a contact").Submit("Save", "name", "Eve Stone", "email", "eve@lovelace.test").Answers(http.StatusOK)
	added.Has("The contact is added.", "Eve Stone No access")
	var eve string
	for _, id := range values(added, "listed") {
		if id != org.Ann.String() && id != org.Ben.String() {
			eve = id
		}
	}
	invited := added.Submit("Save and send invitations", "access", org.Ann.String(), "access", org.Ben.String(), "access", eve).Answers(http.StatusOK)
	invited.Has("1 invitation is on the way.", "Eve Stone Invited")
	if _, err := s.Inbox.WaitFor(t.Context(), "eve@lovelace.test", ""); err != nil {
		t.Fatal(err)
	}
	invited.Submit("Resend invitation").Answers(http.StatusOK).Has("The invitation was sent again.")
	ben := org.AsBen()
	// A dialog drawn before Eve was invited has her unticked; she is none of this save's business.
	withdrawn := added.Submit("Save and send invitations", "access", org.Ann.String()).Answers(http.StatusOK)
	withdrawn.Has("1 contact was signed out", "Ben Okafor Access withdrawn", "Eve Stone Invited", "Ann Lovelace Has access")
	ben.Must(401, "GET", "/api/bright/portal/home", "", nil, nil)
}

// values are all values of the fields with that name.
func values(p *visitor.Page, name string) []string {
	var all []string
	for n := range p.Root.Descendants() {
		if visitor.Attr(n, "name") == name && !slices.Contains(all, visitor.Attr(n, "value")) {
			all = append(all, visitor.Attr(n, "value"))
		}
	}
	return all
}

func TestAnAddressThatSignsInElsewhereIsRefusedByName(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	other := v.Get("/console/bright/customers/new").Submit("Save", "name", "Babbage GmbH", "number", "C-0002", "currency", "EUR", "terms_days", "14",
		"billing_address.city", "Bremen", "billing_address.country", "DE").Answers(http.StatusOK)
	other.Has("The customer is added.", "Babbage GmbH", "Bremen", "14 days", "EUR", "No access")
	twin := other.Follow("Add a contact").Submit("Save", "name", "Ann Twin", "email", "ann@lovelace.test").Answers(http.StatusOK)
	refused := twin.Submit("Save and send invitations", "access", values(twin, "listed")[0])
	refused.Has("Ann Twin:", "Ann Twin (primary) No access")
	_ = org
}

func TestCustomersAreEditedAndFound(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	path := "/console/bright/customers/" + org.Customer.String()
	v.Get(path).Has("C-0001")
	form := v.Get(path + "/edit")
	refused := form.Submit("Save", "name", "", "terms_days", "9999").Answers(http.StatusUnprocessableEntity).Has("There are some problems")
	if refused.Value("terms_days") != "9999" {
		t.Error("the terms that were typed are gone")
	}
	form.Submit("Save", "name", "Lovelace & Sons", "bank_debit_allowed", "on", "shipping_address.line1", "Dock 4").Answers(http.StatusOK).Has("Your changes are saved.", "Lovelace & Sons", "Allowed", "Dock 4")
	form.Submit("Save", "name", "Too late").Answers(http.StatusConflict).Has("Somebody else changed this", "It is “Lovelace & Sons” now", "It is on now").
		Submit("Save", "name", "Lovelace & Co, once Lovelace & Sons").Answers(http.StatusOK)
	v.Get("/console/bright/customers?q=sons").Has("Lovelace & Sons")
	v.Get("/console/bright/customers?q=ben@").Has("Lovelace & Sons")
	v.Get("/console/bright/customers?q=nobody").Has("Nothing fits")
}

// R19
func TestCreditIsGiven(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.Get("/console/bright/customers/" + org.Customer.String()).Follow("Write a credit note")
	form.Submit("Give this credit", "amount", "nothing").Answers(http.StatusUnprocessableEntity).Has("This is not an amount")
	form.Submit("Give this credit", "amount", "$1,020.30", "reason", "Scratches").Answers(http.StatusOK).Has("The credit note is written.", "CN-0001", "Scratches", "Credits $1,020.30")
}

// declinedPayment is a payment by Ann of a new invoice with a saved card, which the bank declines for that reason.
func declinedPayment(org stack.Org, number string, amount int64, reason string) uuid.UUID {
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	return org.Declined(ann, method, processor, number, amount, reason)
}

// R70
func TestFailedPaymentsAreRetriedOneSomeAndAll(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	v.Get("/console/bright/payments/failed").Has("Nothing has failed")
	var ids []string
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	for n, number := range []string{"INV-1", "INV-2", "INV-3", "INV-4", "INV-5"} {
		ids = append(ids, org.Declined(ann, method, processor, number, int64(1000*(n+1)), "insufficient_funds").String())
	}
	v.Get("/console/bright").Has("Failed payments 5 $150.00", "Insufficient funds")
	failed := v.Get("/console/bright/payments/failed").Has("5 failed payments", "Insufficient funds May work with the same card", "$40.00")
	failed.Submit("Retry selected").Answers(http.StatusUnprocessableEntity).Has("Choose at least one payment")
	paid := func(id string) {
		t.Helper()
		v.Get("/console/bright/payments/"+id).ReloadUntil("The money arrived").Has("Try 2 by Grace Bright", "Grace Bright tried to charge $")
	}
	failed.Submit("Retry Lovelace Ltd, $40.00").Answers(http.StatusOK).Has("1 payment was tried again")
	paid(ids[3])
	v.Get("/console/bright/payments/" + ids[4]).Submit("Give it up").Answers(http.StatusOK)
	refused := failed.Submit("Retry selected", "payments", ids[4], "payments", ids[3], "payments", ids[2]).Answers(http.StatusOK)
	refused.Has("2 payments were tried again", "1 is paid already", "1 was refused", "A payment that is no longer declined")
	paid(ids[2])
	refused.Submit("Retry all", "intent", "all").Answers(http.StatusOK).Has("2 payments were tried again")
	paid(ids[0])
	paid(ids[1])
	v.Get("/console/bright/payments/failed").Has("Nothing has failed")
	v.Get("/console/bright/payments?status=succeeded").Has("5 payments", "$40.00")
}

func TestDeclinedPaymentIsGivenUpWithAReason(t *testing.T) {
	s, org := start(t)
	id := declinedPayment(org, "INV-1", 5000, "insufficient_funds")
	v := atWork(t, s)
	p := v.Get("/console/bright/payments/"+id.String()).Has("Declined: insufficient funds", "The payer was told", "INV-1", "Reserved", "Visa ending 4242")
	if !strings.HasPrefix(p.Href("Open in Temporal"), "http://temporal.test/namespaces/countersign/workflows/payment%2F") {
		t.Errorf("the flow is at %q", p.Href("Open in Temporal"))
	}
	long := strings.Repeat("x", 501)
	if refused := p.Submit("Give it up", "reason", long).Answers(http.StatusUnprocessableEntity); refused.Value("reason") != long {
		t.Error("the reason that was typed is gone")
	}
	p.Submit("Give it up", "reason", "They pay by check").Answers(http.StatusOK).Has("The payment is given up", "They pay by check", "Released")
	p.Submit("Try again").Answers(http.StatusConflict)
}

// R1 R2 R3 R4 R5 R7 R8 R9
func TestSettingsAreSavedTogetherAndNeverOverNewerOnes(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	form := v.Get("/console/bright/settings")
	switches := []string{"email_staff_on_activity", "email_customer_on_comment", "edit_details", "forward_documents", "reviews", "timesheets", "mfa"}
	flip := func(p *visitor.Page) (typed []string, now map[string]bool) {
		now = map[string]bool{}
		form, _ := p.Form("Save")
		posted := visitor.Fields(form)
		for _, name := range switches {
			if now[name] = !posted.Has(name); now[name] {
				typed = append(typed, name, "on")
			} else {
				typed = append(typed, name, "")
			}
		}
		return typed, now
	}
	typed, want := flip(form)
	saved := form.Submit("Save", append(typed, "banner", "Closed in April")...).Answers(http.StatusOK).Has("Your changes are saved.", "Closed in April")
	posted := visitor.Fields(first(saved.Form("Save")))
	for _, name := range switches {
		if posted.Has(name) != want[name] {
			t.Errorf("%s is on: %v, and was saved as %v", name, posted.Has(name), want[name])
		}
	}
	form.Submit("Save", "banner", "Closed in May").Answers(http.StatusConflict).Has("Somebody else changed this", "It is “Closed in April” now", "Closed in May").
		Submit("Save").Answers(http.StatusOK).Has("Closed in May")
	v.Get("/console/bright/settings").Has("Closed in May").Lacks("Closed in April")
}

func first(form, _ *html.Node) *html.Node { return form }

func TestOrganizationIsEdited(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	form := v.Get("/console/bright/organization")
	form.Submit("Save", "accent", "green").Answers(http.StatusUnprocessableEntity).Has("There is a problem")
	form.Submit("Save", "name", "Bright & Daughters", "accent", "#1d5b52", "bank_details", "Ocean Bank 123").Answers(http.StatusOK).Has("Your changes are saved.", "Bright & Daughters", "Ocean Bank 123")
}

func TestAPIKeyIsShownOnceAndRevoked(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	page := v.Get("/console/bright/api-keys").Has("No keys yet")
	page.Submit("Make the key", "name", "Sync").Answers(http.StatusUnprocessableEntity)
	made := page.Submit("Make the key", "name", "Sync", "scopes", "documents.view").Answers(http.StatusCreated).Has("it is not shown again")
	var token string
	for n := range made.Root.Descendants() {
		if visitor.Attr(n, "id") == "api-key" {
			token = visitor.Text(n)
		}
	}
	program := s.Client()
	program.Bearer = token
	program.Must(200, "GET", "/api/bright/console/invoices", "", nil, nil)
	program.Must(403, "GET", "/api/bright/console/settings", "", nil, nil)
	after := v.Get("/console/bright/api-keys").Has("Sync", "documents.view", "by Grace Bright").Lacks(token)
	after.Submit("Revoke the key").Answers(http.StatusOK).Has("The key is revoked.", "Revoked")
	program.Must(401, "GET", "/api/bright/console/invoices", "", nil, nil)
}

func TestNothingIsChangedFromAnotherSite(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	invoice := org.Invoice("INV-1", 1000)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/console/bright/invoices/"+invoice.String()+"/void",
		strings.NewReader(url.Values{"idempotency_key": {"forged-forged"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	v.Do(request).Answers(http.StatusForbidden)
	v.Get("/console/bright/invoices/" + invoice.String()).Has("Unpaid")
}

func TestMembersNeitherSeeNorReachWhatIsForAdministrators(t *testing.T) {
	s, org := start(t)
	passwords, err := auth.NewPasswords(rand.Reader, 2)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := passwords.Hash(t.Context(), stack.Password)
	if err != nil {
		t.Fatal(err)
	}
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		id := uuid.New()
		if err := q.InsertStaff(context.Background(), dbsqlc.InsertStaffParams{OrgID: org.ID, ID: id, Email: "mo@bright.test", Name: "Mo Member", Role: "member"}); err != nil {
			return err
		}
		return q.SetPassword(context.Background(), dbsqlc.SetPasswordParams{OrgID: org.ID, SubjectID: id, PasswordHash: hash, ChangedAt: time.Now()})
	})
	v := visitor.New(t, s.URL)
	v.Get("/console/bright/sign-in").Submit("Sign in", "email", "mo@bright.test", "password", stack.Password).Answers(http.StatusOK).
		Has("Customers", "Nothing needs you").Lacks("Portal settings", "API keys", "Set up")
	for _, page := range []string{"settings", "organization", "staff", "api-keys"} {
		v.Get("/console/bright/" + page).Answers(http.StatusForbidden)
	}
}

// N6
func TestCardThatMustRestIsNotOfferedForAnotherTry(t *testing.T) {
	s, org := start(t)
	id := declinedPayment(org, "INV-1", 5000, "stolen_card").String()
	v := atWork(t, s)
	failed := v.Get("/console/bright/payments/failed").Has("Must not be tried again with this card", "1 of them has a card that must not be tried again")
	if form, _ := failed.Form("Retry Lovelace Ltd"); form != nil {
		t.Error("the list offers to charge the card again")
	}
	p := v.Get("/console/bright/payments/"+id).Has("Declined: stolen card", "This card must not be tried again", "Your bank declined the card")
	if form, _ := p.Form("Try again"); form != nil {
		t.Error("the payment's page offers to charge the card again")
	}
}
