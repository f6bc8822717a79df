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
)

func TestPagesNeedAStaffSignIn(t *testing.T) {
	s, org := start(t)
	v := visit(t, s)
	customer := "/console/bright/customers/" + org.Customer.String()
	signIn := v.get(customer)
	if signIn.URL.Path != "/console/bright/sign-in" {
		t.Fatalf("a stranger was led to %s", signIn.URL)
	}
	contact := signIn.submit("Sign in", "email", "ann@lovelace.test", "password", stack.Password).answers(http.StatusUnprocessableEntity)
	if contact.value("email") != "ann@lovelace.test" || contact.value("password") != "" {
		t.Error("what was typed was not kept, or the password came back")
	}
	contact.submit("Sign in", "email", "grace@bright.test", "password", stack.Password).answers(http.StatusOK).has("Lovelace Ltd", "Contacts")
	v.get("/console/bright").submit("Sign out").has("You are signed out.")
	if to := v.get(customer); to.URL.Path != "/console/bright/sign-in" {
		t.Errorf("after signing out, the customer's page led to %s", to.URL)
	}
}

// Whatever a page links to is there.
func TestNoLinkLeadsNowhere(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 12000)
	declinedPayment(org, "INV-2", 5000, "insufficient_funds")
	v := atWork(t, s)
	newEstimate(v, org, "Window seats").submit("Send to Lovelace Ltd").answers(http.StatusOK)
	seen, todo := map[string]bool{}, []string{"/console/bright"}
	for len(todo) > 0 {
		address := todo[0]
		todo = todo[1:]
		if seen[address] || len(seen) > 200 {
			continue
		}
		seen[address] = true
		p := v.get(address)
		if p.Status != http.StatusOK {
			t.Errorf("%s answers %d: %s", address, p.Status, p.words())
			continue
		}
		for n := range p.root.Descendants() {
			if href := attr(n, "href"); n.Type == html.ElementNode && n.Data == "a" && strings.HasPrefix(href, "/console/") {
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
func newEstimate(v *visitor, org stack.Org, title string) *page {
	return v.get("/console/bright/estimates/new?customer="+org.Customer.String()).submit("Save draft", "title", title,
		"lines[0].description", "Oak", "lines[0].quantity", "2", "lines[0].unit_price", "42.00").answers(http.StatusOK)
}

func last(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// R28 N1
func TestDeclinedEstimateIsEditedAndSentAgain(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	estimate := v.get("/console/bright/estimates/new").follow("Lovelace Ltd").submit("Save draft", "title", "New shelves",
		"lines[0].description", "Oak shelving", "lines[0].unit_price", "1,240.50", "lines[0].tax_percent", "20",
		"lines[2].description", "Delivery", "lines[2].quantity", "1", "lines[2].unit_price", "60").answers(http.StatusOK)
	estimate.has("EST-0001", "Saved as a draft", "Oak shelving", "Delivery", "$1,548.60", "Version 1")
	sent := estimate.submit("Send to Lovelace Ltd").answers(http.StatusOK).has("Sent to the customer.", "Waiting for Lovelace Ltd to decide on version 1", "Grace Bright sent version 1")
	if sent.href("Open in Temporal") != "http://temporal.test/namespaces/countersign/workflows/estimate%2F"+last(sent.URL.Path)+"%2Fv1" {
		t.Errorf("the flow is at %q", sent.href("Open in Temporal"))
	}
	ann, decision := org.AsAnn(), "/api/bright/portal/estimates/"+last(sent.URL.Path)+"/decision"
	ann.Must(200, "POST", decision, "", map[string]any{"decision": "declined", "version": 1, "reason": "Too dark"}, nil)
	v.get("/console/bright").has("Declined estimates", "EST-0001")
	declined := v.get(sent.URL.Path).has("Declined by Ann Lovelace: “Too dark”")
	edit := declined.follow("Edit and send again")
	if edit.value("lines[0].unit_price") != "1240.50" || edit.value("version") != "2" {
		t.Fatalf("editing begins with %q, version %q", edit.value("lines[0].unit_price"), edit.value("version"))
	}
	draft := edit.submit("Save draft", "lines[0].description", "Maple shelving").answers(http.StatusOK)
	draft.has("Maple shelving", "Lovelace Ltd still sees version 1", "Declined by Ann Lovelace")
	draft.submit("Send to Lovelace Ltd").answers(http.StatusOK).has("decide on version 2")
	ann.Must(409, "POST", decision, "", map[string]any{"decision": "accepted", "version": 1}, nil)
	ann.Must(200, "POST", decision, "", map[string]any{"decision": "accepted", "version": 2}, nil)
	accepted := v.get(sent.URL.Path).has("Accepted by Ann Lovelace", "SHA-256")
	invoice := accepted.follow("Invoice this").submit("Save draft").answers(http.StatusOK)
	invoice.has("INV-0001", "Maple shelving", "$1,548.60", "Estimate EST-0001")
}

func TestEditOfAnOlderVersionIsRefusedAndKeepsWhatWasTyped(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	estimate := newEstimate(v, org, "Window seats")
	edit := estimate.follow("Edit")
	estimate.submit("Send to Lovelace Ltd").answers(http.StatusOK)
	stale := edit.submit("Save draft", "title", "Window seats, longer").answers(http.StatusConflict).has("Someone else changed this", "Nothing was saved")
	if stale.value("title") != "Window seats, longer" {
		t.Errorf("the title that was typed became %q", stale.value("title"))
	}
}

func TestLinesGrowShrinkAndAddUpWithoutScript(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.get("/console/bright/invoices/new?customer=" + org.Customer.String()).has("The total appears once a line has a price.")
	more := form.submit("Add lines", "lines[0].description", "Oak", "lines[0].unit_price", "10", "lines[1].description", "Beech", "lines[1].quantity", "3", "lines[1].unit_price", "1.10", "discount_percent", "10").answers(http.StatusOK)
	more.has("Subtotal $13.30", "Discount 10% -$1.33", "$11.97", "$3.30")
	if more.value("lines[5].description") != "" || !strings.Contains(more.Body, `name="lines[5].description"`) {
		t.Error("Add lines made no room for a sixth line")
	}
	less := more.submit("Remove Line 1").answers(http.StatusOK)
	if less.value("lines[0].description") != "Beech" {
		t.Errorf("after the first line was removed, the first is %q", less.value("lines[0].description"))
	}
	less.submit("Save draft", "title", "Timber").answers(http.StatusOK).has("Beech", "$2.97").lacks("Oak")
}

func TestWhatCantBeReadIsSaidAtItsPlaceAndKept(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.get("/console/bright/invoices/new?customer=" + org.Customer.String())
	refused := form.submit("Save draft", "title", "Repairs", "due_date", "",
		"lines[0].description", "Repairs", "lines[0].quantity", "two", "lines[0].unit_price", "six forty",
		"lines[2].unit_price", "12.345").answers(http.StatusUnprocessableEntity)
	refused.has("There are some problems", "Line 1: Enter a number", "Line 1: This is not an amount", "Line 2: Describe it.")
	for name, want := range map[string]string{"lines[0].quantity": "two", "lines[0].unit_price": "six forty", "lines[1].unit_price": "12.345"} {
		if refused.value(name) != want {
			t.Errorf("%s was %q and became %q", name, want, refused.value(name))
		}
	}
	refused.submit("Save draft", "currency", "JPY", "lines[0].quantity", "2,5", "lines[0].unit_price", "¥640", "lines[1].unit_price", "").answers(http.StatusOK).has("¥1,600", "Draft")
}

func TestTheSameFormSentTwiceWritesOneInvoice(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.get("/console/bright/invoices/new?customer=" + org.Customer.String())
	line := []string{"title", "Repairs", "lines[0].description", "Repairs", "lines[0].unit_price", "100"}
	first := form.submit("Save draft", line...).answers(http.StatusOK)
	if again := form.submit("Save draft", line...).answers(http.StatusOK); again.URL.Path != first.URL.Path {
		t.Errorf("sent twice, the form wrote %s and %s", first.URL, again.URL)
	}
	other := form.submit("Save draft", "title", "Repairs", "lines[0].description", "Other repairs", "lines[0].unit_price", "100").answers(http.StatusUnprocessableEntity)
	other.has("This form was sent before, with other contents")
	if other.value("idempotency_key") == form.value("idempotency_key") {
		t.Error("another invoice would again be sent under the spent key")
	}
}

// R31
func TestInvoiceIsWrittenSentChangedAndVoided(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	draft := v.get("/console/bright/invoices/new?customer="+org.Customer.String()).submit("Save draft", "title", "Repairs",
		"lines[0].description", "Repairs", "lines[0].quantity", "2.5", "lines[0].unit", "hours", "lines[0].unit_price", "95",
		"ways_to_pay", "card", "ways_to_pay", "bank_transfer").answers(http.StatusOK)
	draft.has("This is a draft", "$237.50", "Card, Bank transfer")
	ann, path := org.AsAnn(), "/api/bright/portal/invoices/"+last(draft.URL.Path)
	ann.Must(404, "GET", path, "", nil, nil)
	sent := draft.submit("Send to Lovelace Ltd").answers(http.StatusOK).has("Sent to the customer.", "Unpaid")
	ann.Must(200, "GET", path, "", nil, nil)
	changed := sent.follow("Edit").submit("Save changes", "lines[0].quantity", "3").answers(http.StatusOK).has("Your changes are saved.", "$285.00")
	changed.has("Void INV-0001?", "Lovelace Ltd no longer owes $285.00")
	changed.submit("Void the invoice", "reason", "Written twice").answers(http.StatusOK).has("The invoice is void.", "Written twice", "Nothing is owed on it")
	sent.submit("Void the invoice").answers(http.StatusConflict).has("already voided")
	v.get("/console/bright/invoices?status=void").has("INV-0001")
	v.get("/console/bright/invoices?status=unpaid").has("Nothing fits")
}

// R11 R12 R13 R17
func TestAccessIsGivenAndWithdrawnContactByContact(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	customer := v.get("/console/bright/customers/" + org.Customer.String())
	added := customer.follow("Add a contact").submit("Save", "name", "Eve Stone", "email", "eve@lovelace.test").answers(http.StatusOK)
	added.has("The contact is added.", "Eve Stone No access")
	var eve string
	for _, id := range values(added, "listed") {
		if id != org.Ann.String() && id != org.Ben.String() {
			eve = id
		}
	}
	invited := added.submit("Save and send invitations", "access", org.Ann.String(), "access", org.Ben.String(), "access", eve).answers(http.StatusOK)
	invited.has("1 invitation is on the way.", "Eve Stone Invited")
	if _, err := s.Inbox.WaitFor(t.Context(), "eve@lovelace.test", ""); err != nil {
		t.Fatal(err)
	}
	invited.submit("Resend invitation").answers(http.StatusOK).has("The invitation was sent again.")
	ben := org.AsBen()
	// A dialog drawn before Eve was invited has her unticked; she is none of this save's business.
	withdrawn := added.submit("Save and send invitations", "access", org.Ann.String()).answers(http.StatusOK)
	withdrawn.has("1 contact was signed out", "Ben Okafor Access withdrawn", "Eve Stone Invited", "Ann Lovelace Has access")
	ben.Must(401, "GET", "/api/bright/portal/home", "", nil, nil)
}

// values are all values of the fields with that name.
func values(p *page, name string) []string {
	var all []string
	for n := range p.root.Descendants() {
		if attr(n, "name") == name && !slices.Contains(all, attr(n, "value")) {
			all = append(all, attr(n, "value"))
		}
	}
	return all
}

func TestAnAddressThatSignsInElsewhereIsRefusedByName(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	other := v.get("/console/bright/customers/new").submit("Save", "name", "Babbage GmbH", "number", "C-0002", "currency", "EUR", "terms_days", "14",
		"billing_address.city", "Bremen", "billing_address.country", "DE").answers(http.StatusOK)
	other.has("The customer is added.", "Babbage GmbH", "Bremen", "14 days", "EUR", "No access")
	twin := other.follow("Add a contact").submit("Save", "name", "Ann Twin", "email", "ann@lovelace.test").answers(http.StatusOK)
	refused := twin.submit("Save and send invitations", "access", values(twin, "listed")[0])
	refused.has("Ann Twin:", "Ann Twin (primary) No access")
	_ = org
}

func TestCustomersAreEditedAndFound(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	path := "/console/bright/customers/" + org.Customer.String()
	v.get(path).has("C-0001")
	form := v.get(path + "/edit")
	refused := form.submit("Save", "name", "", "terms_days", "9999").answers(http.StatusUnprocessableEntity).has("There are some problems")
	if refused.value("terms_days") != "9999" {
		t.Error("the terms that were typed are gone")
	}
	form.submit("Save", "name", "Lovelace & Sons", "bank_debit_allowed", "on", "shipping_address.line1", "Dock 4").answers(http.StatusOK).has("Your changes are saved.", "Lovelace & Sons", "Allowed", "Dock 4")
	form.submit("Save", "name", "Too late").answers(http.StatusConflict).has("Someone else changed this")
	v.get("/console/bright/customers?q=sons").has("Lovelace & Sons")
	v.get("/console/bright/customers?q=ben@").has("Lovelace & Sons")
	v.get("/console/bright/customers?q=nobody").has("Nothing fits")
}

// R19
func TestCreditIsGiven(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	form := v.get("/console/bright/customers/" + org.Customer.String()).follow("Write a credit note")
	form.submit("Give this credit", "amount", "nothing").answers(http.StatusUnprocessableEntity).has("This is not an amount")
	form.submit("Give this credit", "amount", "$1,020.30", "reason", "Scratches").answers(http.StatusOK).has("The credit note is written.", "CN-0001", "Scratches", "Credits $1,020.30")
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
	v.get("/console/bright/payments/failed").has("Nothing has failed")
	var ids []string
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	for n, number := range []string{"INV-1", "INV-2", "INV-3", "INV-4", "INV-5"} {
		ids = append(ids, org.Declined(ann, method, processor, number, int64(1000*(n+1)), "insufficient_funds").String())
	}
	v.get("/console/bright").has("Failed payments 5 $150.00", "Insufficient funds")
	failed := v.get("/console/bright/payments/failed").has("5 failed payments", "Insufficient funds May work with the same card", "$40.00")
	failed.submit("Retry selected").answers(http.StatusUnprocessableEntity).has("Choose at least one payment")
	paid := func(id string) {
		t.Helper()
		v.get("/console/bright/payments/"+id).reloadUntil("The money arrived").has("Try 2 by Grace Bright", "Grace Bright tried to charge $")
	}
	failed.submit("Retry Lovelace Ltd, $40.00").answers(http.StatusOK).has("1 payment was tried again")
	paid(ids[3])
	v.get("/console/bright/payments/" + ids[4]).submit("Give it up").answers(http.StatusOK)
	refused := failed.submit("Retry selected", "payments", ids[4], "payments", ids[3], "payments", ids[2]).answers(http.StatusOK)
	refused.has("2 payments were tried again", "1 is paid already", "1 was refused", "A payment that is no longer declined")
	paid(ids[2])
	refused.submit("Retry all", "intent", "all").answers(http.StatusOK).has("2 payments were tried again")
	paid(ids[0])
	paid(ids[1])
	v.get("/console/bright/payments/failed").has("Nothing has failed")
	v.get("/console/bright/payments?status=succeeded").has("5 payments", "$40.00")
}

func TestDeclinedPaymentIsGivenUpWithAReason(t *testing.T) {
	s, org := start(t)
	id := declinedPayment(org, "INV-1", 5000, "insufficient_funds")
	v := atWork(t, s)
	p := v.get("/console/bright/payments/"+id.String()).has("Declined: insufficient funds", "The payer was told", "INV-1", "Reserved", "Visa ending 4242")
	if !strings.HasPrefix(p.href("Open in Temporal"), "http://temporal.test/namespaces/countersign/workflows/payment%2F") {
		t.Errorf("the flow is at %q", p.href("Open in Temporal"))
	}
	p.submit("Give it up", "reason", "They pay by check").answers(http.StatusOK).has("The payment is given up", "They pay by check", "Released")
	p.submit("Try again").answers(http.StatusConflict)
}

// R1 R2 R3 R4 R5 R7 R8 R9
func TestSettingsAreSavedTogetherAndNeverOverNewerOnes(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	form := v.get("/console/bright/settings")
	switches := []string{"email_staff_on_activity", "email_customer_on_comment", "edit_details", "forward_documents", "reviews", "timesheets", "mfa"}
	flip := func(p *page) (typed []string, now map[string]bool) {
		now = map[string]bool{}
		form, _ := p.form("Save")
		posted := fields(form)
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
	saved := form.submit("Save", append(typed, "banner", "Closed in April")...).answers(http.StatusOK).has("Your changes are saved.", "Closed in April")
	posted := fields(first(saved.form("Save")))
	for _, name := range switches {
		if posted.Has(name) != want[name] {
			t.Errorf("%s is on: %v, and was saved as %v", name, posted.Has(name), want[name])
		}
	}
	form.submit("Save", "banner", "Closed in May").answers(http.StatusConflict).has("Someone else changed this", "Closed in May")
	v.get("/console/bright/settings").has("Closed in April")
}

func first(form, _ *html.Node) *html.Node { return form }

func TestOrganizationIsEdited(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	form := v.get("/console/bright/organization")
	form.submit("Save", "accent", "green").answers(http.StatusUnprocessableEntity).has("There is a problem")
	form.submit("Save", "name", "Bright & Daughters", "accent", "#1d5b52", "bank_details", "Ocean Bank 123").answers(http.StatusOK).has("Your changes are saved.", "Bright & Daughters", "Ocean Bank 123")
}

func TestAPIKeyIsShownOnceAndRevoked(t *testing.T) {
	s, _ := start(t)
	v := atWork(t, s)
	page := v.get("/console/bright/api-keys").has("No keys yet")
	page.submit("Make the key", "name", "Sync").answers(http.StatusUnprocessableEntity)
	made := page.submit("Make the key", "name", "Sync", "scopes", "documents.view").answers(http.StatusCreated).has("it is not shown again")
	var token string
	for n := range made.root.Descendants() {
		if attr(n, "id") == "api-key" {
			token = textOf(n)
		}
	}
	program := s.Client()
	program.Bearer = token
	program.Must(200, "GET", "/api/bright/console/invoices", "", nil, nil)
	program.Must(403, "GET", "/api/bright/console/settings", "", nil, nil)
	after := v.get("/console/bright/api-keys").has("Sync", "documents.view", "by Grace Bright").lacks(token)
	after.submit("Revoke the key").answers(http.StatusOK).has("The key is revoked.", "Revoked")
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
	response, err := v.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	v.read(response).answers(http.StatusForbidden)
	v.get("/console/bright/invoices/" + invoice.String()).has("Unpaid")
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
	v := visit(t, s)
	v.get("/console/bright/sign-in").submit("Sign in", "email", "mo@bright.test", "password", stack.Password).answers(http.StatusOK).
		has("Customers", "Nothing needs you").lacks("Portal settings", "API keys", "Set up")
	for _, page := range []string{"settings", "organization", "staff", "api-keys"} {
		v.get("/console/bright/" + page).answers(http.StatusForbidden)
	}
}

// N6
func TestCardThatMustRestIsNotOfferedForAnotherTry(t *testing.T) {
	s, org := start(t)
	id := declinedPayment(org, "INV-1", 5000, "stolen_card").String()
	v := atWork(t, s)
	failed := v.get("/console/bright/payments/failed").has("Must not be tried again with this card", "1 of them has a card that must not be tried again")
	if form, _ := failed.form("Retry Lovelace Ltd"); form != nil {
		t.Error("the list offers to charge the card again")
	}
	p := v.get("/console/bright/payments/"+id).has("Declined: stolen card", "This card must not be tried again", "Your bank declined the card")
	if form, _ := p.form("Try again"); form != nil {
		t.Error("the payment's page offers to charge the card again")
	}
}
