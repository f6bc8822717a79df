package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
)

// payThere does what a person would on the processor's page that the link leads to.
func payThere(t *testing.T, s *stack.Stack, link string, p stripesim.PayParams) stripesim.PaySummary {
	t.Helper()
	session := link[strings.Index(link, "cs_test_"):]
	if end := strings.IndexAny(session, "?#/"); end >= 0 {
		session = session[:end]
	}
	paid, err := s.Sim.Pay(t.Context(), session, p)
	if err != nil {
		t.Fatal(err)
	}
	return paid
}

func TestPagesNeedASignInAndComeBackToWhereOneWasHeaded(t *testing.T) {
	s, org := start(t)
	invoice := org.Invoice("INV-1", 12000)
	v := visit(t, s)
	signIn := v.get("/bright/invoices/" + invoice.String())
	if signIn.URL.Path != "/bright/sign-in" {
		t.Fatalf("a stranger was led to %s", signIn.URL)
	}
	refused := signIn.submit("Sign in", "email", "ann@lovelace.test", "password", "wrong wrong wrong").answers(http.StatusUnprocessableEntity)
	refused.has("There is a problem")
	if refused.value("email") != "ann@lovelace.test" {
		t.Error("the email address that was typed is gone")
	}
	if refused.value("password") != "" {
		t.Error("the password came back")
	}
	refused.submit("Sign in", "password", stack.Password).answers(http.StatusOK).has("Invoice INV-1", "$120.00")
}

func TestSignInNeverLeadsElsewhere(t *testing.T) {
	s, _ := start(t)
	for _, next := range []string{"https://evil.test/", "//evil.test", "/\\evil.test", "/other/invoices", "/bright/../other", "javascript:alert(1)", "/bright/sign-out"} {
		v := visit(t, s)
		home := v.get("/bright/sign-in?next="+url.QueryEscape(next)).submit("Sign in", "email", "ann@lovelace.test", "password", stack.Password)
		if home.URL.Host != strings.TrimPrefix(s.URL, "http://") || home.URL.Path != "/bright" {
			t.Errorf("next=%s led to %s", next, home.URL)
		}
	}
}

// R58
func TestSignOutEndsTheSession(t *testing.T) {
	s, _ := start(t)
	v := signedIn(t, s, "ann@lovelace.test")
	v.get("/bright").submit("Sign out").has("You are signed out.")
	if to := v.get("/bright"); to.URL.Path != "/bright/sign-in" {
		t.Errorf("after signing out, home led to %s", to.URL)
	}
}

func TestEveryAnswerIsHardened(t *testing.T) {
	s, _ := start(t)
	v := signedIn(t, s, "ann@lovelace.test")
	for _, path := range []string{"/", "/bright", "/bright/sign-in", "/bright/nowhere", "/nobody", "/bright/invoices/x"} {
		p := v.get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if !strings.HasPrefix(p.Header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, p.Header.Get(name))
			}
		}
		if strings.Contains(p.Body, "<script>") || strings.Contains(p.Body, "style=\"") {
			t.Errorf("%s has inline script or style", path)
		}
	}
}

func TestPagesThatAreNotThereSaySoInTheBrand(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 100)
	v := signedIn(t, s, "ann@lovelace.test")
	v.get("/bright/nowhere").answers(http.StatusNotFound).has("Bright bright", "There is no page here")
	v.get("/bright/invoices/" + uuid.NewString()).answers(http.StatusNotFound).has("Bright bright")
	v.get("/nobody").answers(http.StatusNotFound).lacks("Bright")
	v.get("/").answers(http.StatusOK).lacks("Bright", "bright")
}

// R18 R19 R20 R21 R23
func TestHomeSaysWhatIsOwedAndWhatWaits(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 12000)
	org.Invoice("INV-2", 50050)
	estimate(t, org, "New shelves")
	v := signedIn(t, s, "ann@lovelace.test")
	home := v.get("/bright").has("Lovelace Ltd", "Outstanding", "$620.50", "2 unpaid invoices", "Available credit", "Last payment", "None yet", "Ann Lovelace", "Ben Okafor", "office@bright.test")
	home.follow("Available credit").has("No credit notes")
	org.Staff().Must(201, "POST", "/api/bright/console/credit-notes", "", map[string]any{"customer": org.Customer, "amount": 2500, "reason": "A scratched panel"}, nil)
	v.get("/bright").has("$25.00").follow("Available credit").has("A scratched panel", "$25.00")
	home.follow("Estimates to decide").answers(http.StatusOK).has("New shelves", "Waiting for a decision")
	home.follow("Pay now").answers(http.StatusOK).has("2 invoices", "$620.50")
}

// R29
func TestInvoicesAreFilteredSearchedAndPaged(t *testing.T) {
	s, org := start(t)
	for _, n := range []string{"INV-1", "INV-2", "INV-3"} {
		org.Invoice(n, 1000)
	}
	for n := 10; n < 40; n++ {
		org.Invoice("INV-"+time.Unix(int64(n), 0).UTC().Format("05")+"x", int64(n)*100)
	}
	v := signedIn(t, s, "ann@lovelace.test")
	first := v.get("/bright/invoices?sort=amount")
	second := first.follow("Next").answers(http.StatusOK)
	if second.follow("Previous").words() != first.words() {
		t.Error("Previous doesn't lead back to the first page")
	}
	v.get("/bright/invoices").submitSearch("INV-2").has("INV-2").lacks("INV-3 ")
	v.get("/bright/invoices?q=zzz").has("Nothing found")
	v.get("/bright/invoices?status=paid").has("Nothing is paid yet")
	v.get("/bright/invoices?status=overdue").has("Nothing is overdue")
	v.get("/bright/invoices?status=nonsense").answers(http.StatusUnprocessableEntity)
}

// submitSearch types into the list's search box.
func (p *page) submitSearch(words string) *page {
	to := *p.URL
	q := to.Query()
	q.Set("q", words)
	to.RawQuery = q.Encode()
	return p.v.get(to.String())
}

// R30 R32 R36 R37 R40
func TestBulkPaymentFromTheHomePageToItsReceipt(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 12000)
	org.Invoice("INV-2", 50050)
	left := org.Invoice("INV-3", 700)
	v := signedIn(t, s, "ann@lovelace.test")
	pay := v.get("/bright").follow("Pay now").has("3 invoices", "$627.50")
	var chosen []string
	for _, id := range values(pay, "invoice") {
		if id != left.String() {
			chosen = append(chosen, "invoice", id)
		}
	}
	preview := pay.submit("Update the total", chosen...).answers(http.StatusOK).has("2 invoices", "$620.50")
	progress := preview.submit("Pay $620.50").answers(http.StatusOK)
	if !strings.HasPrefix(progress.URL.Path, "/bright/payments/") || progress.URL.Query().Get("go") != "1" {
		t.Fatalf("paying led to %s", progress.URL)
	}
	open := progress.reloadUntil("Continue to secure payment")
	if !strings.Contains(open.Body, `http-equiv="refresh" content="0; url=`) || !strings.Contains(open.Body, "data-forward") {
		t.Error("right after pressing Pay the page doesn't lead on by itself")
	}
	link := open.href("Continue to secure payment")
	back := v.get(open.URL.Path+"?from=cancel").has("You came back without paying", "Cancel this payment")
	if strings.Contains(back.Body, "data-forward") || strings.Contains(back.Body, "content=\"0; url=") {
		t.Error("coming back from the processor leads there again")
	}
	payThere(t, s, link, stripesim.PayParams{})
	receipt := v.get(open.URL.Path + "?from=checkout").reloadUntil("Paid. Thank you.")
	receipt.has("$620.50", "INV-1", "INV-2", "$120.00", "$500.50", "Ann Lovelace").lacks("INV-3")
	v.get("/bright").has("$7.00", "1 unpaid invoice", "$620.50")
	v.get("/bright/invoices?status=paid").has("INV-1", "INV-2").lacks("INV-3")
	list := v.get("/bright/payments?kind=card").has("Paid", "For 2 invoices", "$620.50")
	v.get("/bright/payments?kind=cash").has("Nothing found")
	list.follow("For 2 invoices").has("Receipt", "INV-1")
	v.get("/bright/invoices").follow("INV-1").has("Paid in full", "Ann Lovelace paid $120.00 with receipt R-00001").lacks("Pay now")
}

// values are all values of the fields with that name.
func values(p *page, name string) []string {
	var all []string
	for n := range p.root.Descendants() {
		if attr(n, "name") == name {
			all = append(all, attr(n, "value"))
		}
	}
	return all
}

// N5
func TestPartOfWhatIsOwedSettlesTheOldestFirst(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 10000)
	org.Invoice("INV-2", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	pay := v.get("/bright/pay")
	pay.submit("Pay $200.00", "amount", "250").answers(http.StatusUnprocessableEntity).has("This is more than the $200.00")
	if typed := pay.submit("Pay $200.00", "amount", "12.345").answers(http.StatusUnprocessableEntity).value("amount"); typed != "12.345" {
		t.Errorf("the amount that was typed became %q", typed)
	}
	part := pay.submit("Update the total", "amount", "150").has("Left for later", "$50.00")
	open := part.submit("Pay $150.00").reloadUntil("Continue to secure payment")
	payThere(t, s, open.href("Continue to secure payment"), stripesim.PayParams{})
	v.get(open.URL.Path+"?from=checkout").reloadUntil("Paid. Thank you.").has("INV-1", "$100.00", "INV-2", "$50.00")
	v.get("/bright/invoices").follow("INV-2").has("Left to pay", "$50.00", "Partly paid")
}

func TestNobodyIsChargedATotalThatTheyHaveNotSeen(t *testing.T) {
	s, org := start(t)
	one := org.Invoice("INV-1", 10000)
	org.Invoice("INV-2", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	asked := v.get("/bright/pay").submit("Pay $200.00", "invoice", one.String()).answers(http.StatusConflict).has("Please check the total", "$100.00")
	asked.submit("Pay $100.00").answers(http.StatusOK).reloadUntil("Continue to secure payment").has("$100.00", "INV-1").lacks("INV-2")
}

func TestNothingChosenIsSaidOnThePage(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	empty := v.get("/bright/pay").submit("Update the total", "invoice", "").has("Choose at least one invoice.")
	empty.submit("Pay $0.00").answers(http.StatusUnprocessableEntity).has("could not be started")
}

// N3
func TestSecondPayerIsToldWhoPaysAndMayTakeOver(t *testing.T) {
	s, org := start(t)
	invoice := org.Invoice("INV-1", 10000)
	ben := signedIn(t, s, "ben@lovelace.test")
	bens := ben.get("/bright/pay").submit("Pay $100.00").reloadUntil("Continue to secure payment")

	ann := signedIn(t, s, "ann@lovelace.test")
	ann.get("/bright/invoices/" + invoice.String()).has("Ben Okafor is paying this invoice right now").lacks("Continue to secure payment")
	ann.get(bens.URL.Path).has("Ben Okafor is paying right now").lacks("Continue to secure payment")
	pay := ann.get("/bright/invoices/"+invoice.String()).follow("Pay now").has("Ben Okafor is paying", "Take over")
	pay.submit("Pay $100.00").answers(http.StatusConflict).has("Ben Okafor is paying invoice INV-1", "Nothing was charged")
	anns := pay.submit("Pay $100.00", "take_over", "on").answers(http.StatusOK).reloadUntil("Continue to secure payment")
	ben.get(bens.URL.Path).has("This payment was cancelled")

	// Her own unfinished payment is gone on with, not begun again.
	again := ann.get("/bright/pay?invoice=" + invoice.String()).submit("Pay $100.00")
	if again.URL.Path != anns.URL.Path {
		t.Errorf("paying again led to %s, not to %s", again.URL.Path, anns.URL.Path)
	}

	// With more chosen than that payment is for, she is asked to end it first.
	org.Invoice("INV-2", 500)
	both := ann.get("/bright/pay").has("you began to pay this", "$5.00")
	more := both.submit("Update the total", "invoice", values(both, "invoice")[0], "invoice", values(both, "invoice")[1]).has("You began to pay some of these", "Give it up and start anew")
	resumed := more.submit("Pay $105.00").has("You began this payment before")
	if resumed.URL.Path != anns.URL.Path || strings.Contains(resumed.Body, "data-forward") {
		t.Errorf("choosing more led to %s", resumed.URL)
	}
	again.submit("Cancel this payment").has("This payment was cancelled", "Nothing was charged", "Pay again")
}

// R33 R38
func TestSavedCardIsChargedDeclinedAndTriedAgain(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	open := v.get("/bright/pay").submit("Pay $100.00", "save", "on").reloadUntil("Continue to secure payment")
	payThere(t, s, open.href("Continue to secure payment"), stripesim.PayParams{Save: true})
	v.get(open.URL.Path + "?from=checkout").reloadUntil("Paid. Thank you.")
	v.get("/bright/account").reloadUntil("Visa ending 4242")
	method := methodOf(t, s, org)
	if err := s.Sim.Decline(t.Context(), method.processor, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}

	org.Invoice("INV-2", 25000)
	pay := v.get("/bright/pay").has("Visa ending 4242", "Another card")
	declined := pay.submit("Pay $250.00", "way", method.id.String()).reloadUntil("was declined")
	declined.has("Nothing was charged", "not enough money", "Try again with", "The one that was declined")
	declined.submit("Pay $250.00").reloadUntil("Receipt R").has("$250.00", "INV-2", "Visa ending 4242")

	v.get("/bright/account").submit("Remove").has("It is removed").lacks("Visa ending 4242")
	org.Invoice("INV-3", 100)
	v.get("/bright/pay").lacks("Visa ending 4242")
}

type savedMethod struct {
	id        uuid.UUID
	processor string
}

func methodOf(t *testing.T, s *stack.Stack, org stack.Org) savedMethod {
	t.Helper()
	var found savedMethod
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		rows, err := q.ListPaymentMethods(context.Background(), dbsqlc.ListPaymentMethodsParams{OrgID: org.ID, CustomerID: org.Customer})
		if err == nil && len(rows) == 1 {
			found = savedMethod{rows[0].ID, rows[0].ProcessorMethod}
		}
		return err
	})
	if found.id == uuid.Nil {
		t.Fatal("no method was saved")
	}
	return found
}

// estimate has staff write an estimate and send it; it gives its ID.
func estimate(t *testing.T, org stack.Org, title string) uuid.UUID {
	t.Helper()
	var written struct {
		ID uuid.UUID `json:"id"`
	}
	staff := org.Staff()
	staff.Must(201, "POST", "/api/bright/console/estimates", "", contents(org, title, 84000), &written)
	staff.Must(200, "POST", "/api/bright/console/estimates/"+written.ID.String()+"/send", "", nil, nil)
	return written.ID
}

func contents(org stack.Org, title string, price int) map[string]any {
	return map[string]any{
		"customer": org.Customer, "title": title, "valid_until": time.Now().AddDate(0, 0, 20).Format("2006-01-02"),
		"lines": []map[string]any{{"description": "Oak shelves\nHand-rubbed oil", "quantity": "1", "unit_price": price}},
	}
}

// R24 R25 N2
func TestEstimateIsAcceptedWithEvidence(t *testing.T) {
	s, org := start(t)
	id := estimate(t, org, "New shelves")
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.get("/bright/estimates?status=sent").follow("New shelves").has("Oak shelves", "Hand-rubbed oil", "$840.00", "Accepting is binding", "Grace Bright sent version 1")
	accepted := page.submit("Accept estimate").answers(http.StatusOK).has("You accepted this estimate", "Accepted by Ann Lovelace", "What was recorded", "ann@lovelace.test")
	accepted.lacks("Decline estimate", "Accept estimate")
	v.get("/bright/estimates?status=sent").has("Nothing to decide")
	late := v.post("/bright/estimates/"+id.String()+"/decision", url.Values{"idempotency_key": {uuid.NewString()}, "decision": {"declined"}, "version": {"1"}})
	late.answers(http.StatusConflict).has("Nothing was recorded", "Accepted by Ann Lovelace")
}

// R25 R28
func TestEstimateIsDeclinedWithAReason(t *testing.T) {
	s, org := start(t)
	estimate(t, org, "New shelves")
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.get("/bright/estimates").follow("New shelves")
	page.submit("Decline estimate", "reason", strings.Repeat("x", 2001)).answers(http.StatusUnprocessableEntity).has("There is a problem", "Accept estimate")
	page.submit("Decline estimate", "reason", "Too dear for us.").has("You declined this estimate", "Declined by Ann Lovelace", "Too dear for us.")
}

// N1
func TestDecisionOnAnOldVersionIsRefusedAndTheNewOneShown(t *testing.T) {
	s, org := start(t)
	id := estimate(t, org, "New shelves")
	v := signedIn(t, s, "ann@lovelace.test")
	read := v.get("/bright/estimates/" + id.String()).has("$840.00")
	revised := contents(org, "New shelves", 91000)
	revised["version"] = 2
	delete(revised, "customer")
	staff := org.Staff()
	staff.Must(200, "PUT", "/api/bright/console/estimates/"+id.String(), "", revised, nil)
	staff.Must(200, "POST", "/api/bright/console/estimates/"+id.String()+"/send", "", nil, nil)

	now := read.submit("Accept estimate").answers(http.StatusConflict).has("This estimate changed, and nothing was recorded", "You read version 1", "$910.00")
	now.lacks("Accepted by")
	now.submit("Accept estimate").answers(http.StatusOK).has("Accepted by Ann Lovelace", "version 2")
}

// R15
func TestInvitationIsAcceptedOnceWithAPasswordThatMeetsTheRules(t *testing.T) {
	s, org := start(t)
	eve := org.Contact("Eve Stone", "eve@lovelace.test")
	org.Staff().Must(200, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/access", "",
		map[string]any{"contacts": []map[string]any{{"id": eve, "access": true}}}, nil)
	email, err := s.Inbox.WaitFor(t.Context(), "eve@lovelace.test", "")
	if err != nil {
		t.Fatal(err)
	}
	link := strings.TrimPrefix(email.Link("Accept"), s.URL)
	v := visit(t, s)
	v.get(link)
	invited := v.get(link).answers(http.StatusOK).has("Welcome, Eve Stone", "Lovelace Ltd", "At least 12 characters")
	invited.submit("Accept and go in", "password", "short", "repeat", "short").answers(http.StatusUnprocessableEntity).has("There is a problem", "12 characters")
	invited.submit("Accept and go in", "password", "four odd paper boats", "repeat", "other words entirely").answers(http.StatusUnprocessableEntity).has("Type the same password again.")
	home := invited.submit("Accept and go in", "password", "four odd paper boats", "repeat", "four odd paper boats")
	if home.URL.Path != "/bright" {
		t.Fatalf("accepting led to %s: %s", home.URL, home.words())
	}
	home.has("Welcome", "Eve Stone")
	visit(t, s).get(link).answers(http.StatusGone).has("This link can’t be used any more", "Sign in")
	visit(t, s).get("/bright/invitations/" + strings.Repeat("a", 43)).answers(http.StatusGone).has("This link can’t be used any more")
}

// R54 R10
func TestCompanyDetailsAreEditedUnlessTheSwitchIsOff(t *testing.T) {
	s, org := start(t)
	v := signedIn(t, s, "ann@lovelace.test")
	form := v.get("/bright/account").follow("Edit").answers(http.StatusOK)
	bad := form.submit("Save", "name", "", "billing_address.city", "Providence").answers(http.StatusUnprocessableEntity).has("Please fill this in.")
	if bad.value("billing_address.city") != "Providence" {
		t.Error("the city that was typed is gone")
	}
	form.submit("Save", "name", "Lovelace & Daughters", "billing_address.city", "Providence", "billing_address.country", "US").has("details are saved", "Lovelace & Daughters", "Providence")
	form.submit("Save", "name", "From an old tab").answers(http.StatusConflict)

	var settings map[string]any
	staff := org.Staff()
	staff.Must(200, "GET", "/api/bright/console/settings", "", nil, &settings)
	settings["edit_details"] = false
	delete(settings, "updated_at")
	staff.Must(200, "PUT", "/api/bright/console/settings", "", settings, nil)
	v.get("/bright/account").lacks("Edit")
	v.get("/bright/account/company").answers(http.StatusNotFound)
	v.post("/bright/account/company", url.Values{"version": {"2"}, "name": {"Sneaky"}}).answers(http.StatusForbidden)
}

// R55 R58
func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	s, _ := start(t)
	here, there := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test")
	form := here.get("/bright/account").follow("Change password").has("At least 12 characters")
	form.submit("Change password", "current", "not it at all", "new", "four odd paper boats", "repeat", "four odd paper boats").answers(http.StatusUnprocessableEntity)
	form.submit("Change password", "current", stack.Password, "new", "four odd paper boats", "repeat", "four odd paper boats").has("Your password is changed")
	if to := there.get("/bright"); to.URL.Path != "/bright/sign-in" {
		t.Errorf("the other session still opens %s", to.URL)
	}
	visit(t, s).get("/bright/sign-in").submit("Sign in", "email", "ann@lovelace.test", "password", "four odd paper boats").has("Lovelace Ltd")
}

// R58
func TestOneCanSignOutElsewhere(t *testing.T) {
	s, _ := start(t)
	here, there := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test")
	account := here.get("/bright/account")
	form, _ := account.form("Sign out Unknown device")
	if form == nil {
		form, _ = account.form("Sign out Go")
	}
	if form == nil {
		t.Fatalf("no button ends the other session:\n%s", account.words())
	}
	here.post(attr(form, "action"), fields(form)).has("That sign-in is ended.")
	if to := there.get("/bright"); to.URL.Path != "/bright/sign-in" {
		t.Errorf("the other session still opens %s", to.URL)
	}
}

func TestAnEditThatCameTooLateKeepsWhatWasTyped(t *testing.T) { // R54
	s, _ := start(t)
	ann, ben := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ben@lovelace.test")
	late := ann.get("/bright/account/company")
	ben.get("/bright/account/company").submit("Save", "phone", "+1 555 0100").has("are saved")
	kept := late.submit("Save", "phone", "+1 555 0199", "website", "lovelace.test").answers(http.StatusConflict)
	kept.has("Somebody else changed this", "It is “+1 555 0100” now")
	if kept.value("phone") != "+1 555 0199" || kept.value("website") != "lovelace.test" {
		t.Errorf("what was typed is lost: %q, %q", kept.value("phone"), kept.value("website"))
	}
	kept.submit("Save").answers(http.StatusOK).has("are saved", "+1 555 0199")
	me := ann.get("/bright/account/me")
	ann.get("/bright/account/me").submit("Save", "title", "Owner").has("Your details are saved")
	me.submit("Save", "title", "Partner").answers(http.StatusConflict).has("It is “Owner” now").submit("Save").has("Partner")
}

func TestBackupCodesAreKeptAsAFile(t *testing.T) { // R61
	s, _ := start(t)
	ann := signedIn(t, s, "ann@lovelace.test")
	codes := []string{"q7rk-m2vd-9xhp-c4tw", "b3nf-8sjz-kw5y-6gqm", "x9dc-t4hr-2pvb-njk7", "m6wz-5gyq-f8rs-3dht", "k2vp-cx7n-h9jm-w4bf"}
	file := ann.post("/bright/account/backup-codes/download", url.Values{"codes": codes}).answers(http.StatusOK)
	if got := file.Header.Get("Content-Disposition"); got != `attachment; filename="backup-codes-bright.txt"` || !strings.HasPrefix(file.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("it is sent as %q, %q", got, file.Header.Get("Content-Type"))
	}
	for _, code := range codes {
		if !strings.Contains(file.Body, code) {
			t.Errorf("the file lacks %s: %s", code, file.Body)
		}
	}
	// Nothing else comes back as a file of ours.
	codes[2] = "<script>"
	ann.post("/bright/account/backup-codes/download", url.Values{"codes": codes}).answers(http.StatusNotFound)
	visit(t, s).post("/bright/account/backup-codes/download", url.Values{"codes": codes}).has("Sign in")
}

func TestOneCanSignOutEverywhereElse(t *testing.T) { // R58
	s, _ := start(t)
	here, there, elsewhere := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test")
	here.get("/bright/account").has("All 2 other sign-ins at once").submit("Sign out of all").has("You are signed out everywhere else.")
	for _, v := range []*visitor{there, elsewhere} {
		v.get("/bright").has("Forgotten password")
	}
	here.get("/bright").has("Outstanding")
}
