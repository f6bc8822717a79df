package portal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/devstack/visitor"
	"countersign/e2e/acts"
	"countersign/portal"
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
	v := visitor.New(t, s.URL)
	signIn := v.Get("/bright/invoices/" + invoice.String())
	if signIn.URL.Path != "/bright/sign-in" {
		t.Fatalf("a stranger was led to %s", signIn.URL)
	}
	refused := signIn.Submit("Sign in", "email", "ann@lovelace.test", "password", "wrong wrong wrong").Answers(http.StatusUnprocessableEntity)
	refused.Has("There is a problem")
	if refused.Value("email") != "ann@lovelace.test" {
		t.Error("the email address that was typed is gone")
	}
	if refused.Value("password") != "" {
		t.Error("the password came back")
	}
	refused.Submit("Sign in", "password", stack.Password).Answers(http.StatusOK).Has("Invoice INV-1", "$120.00")
}

func TestSignInNeverLeadsElsewhere(t *testing.T) {
	s, _ := start(t)
	for _, next := range []string{"https://evil.test/", "//evil.test", "/\\evil.test", "/other/invoices", "/bright/../other", "javascript:alert(1)", "/bright/sign-out"} {
		v := visitor.New(t, s.URL)
		home := v.Get("/bright/sign-in?next="+url.QueryEscape(next)).Submit("Sign in", "email", "ann@lovelace.test", "password", stack.Password)
		if home.URL.Host != strings.TrimPrefix(s.URL, "http://") || home.URL.Path != "/bright" {
			t.Errorf("next=%s led to %s", next, home.URL)
		}
	}
}

// R58
func TestSignOutEndsTheSession(t *testing.T) {
	s, _ := start(t)
	v := signedIn(t, s, "ann@lovelace.test")
	v.Get("/bright").Submit("Sign out").Has("You are signed out.")
	if to := v.Get("/bright"); to.URL.Path != "/bright/sign-in" {
		t.Errorf("after signing out, home led to %s", to.URL)
	}
}

func TestEveryAnswerIsHardened(t *testing.T) {
	s, _ := start(t)
	v := signedIn(t, s, "ann@lovelace.test")
	for _, path := range []string{"/", "/bright", "/bright/sign-in", "/bright/nowhere", "/nobody", "/bright/invoices/x"} {
		p := v.Get(path)
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
	v.Get("/bright/nowhere").Answers(http.StatusNotFound).Has("Bright bright", "There is no page here")
	v.Get("/bright/invoices/" + uuid.NewString()).Answers(http.StatusNotFound).Has("Bright bright")
	v.Get("/nobody").Answers(http.StatusNotFound).Lacks("Bright")
	v.Get("/").Answers(http.StatusOK).Lacks("Bright", "bright")
}

// R18 R19 R20 R21 R23
func TestHomeSaysWhatIsOwedAndWhatWaits(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 12000)
	org.Invoice("INV-2", 50050)
	estimate(t, org, "New shelves")
	v := signedIn(t, s, "ann@lovelace.test")
	home := v.Get("/bright").Has("Lovelace Ltd", "Outstanding", "$620.50", "2 unpaid invoices", "Available credit", "Last payment", "None yet", "Ann Lovelace", "Ben Okafor", "office@bright.test")
	home.Follow("Available credit").Has("No credit yet")
	org.Staff().Must(201, "POST", "/api/bright/console/credit-notes", "", map[string]any{"customer": org.Customer, "amount": 2500, "reason": "A scratched panel"}, nil)
	v.Get("/bright").Has("$25.00").Follow("Available credit").Has("A scratched panel", "$25.00")
	home.Follow("Estimates to decide").Answers(http.StatusOK).Has("New shelves", "Waiting for a decision")
	home.Follow("Pay now").Answers(http.StatusOK).Has("2 invoices", "$620.50")
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
	first := v.Get("/bright/invoices?sort=amount")
	second := first.Follow("Next").Answers(http.StatusOK)
	if second.Follow("Previous").Words() != first.Words() {
		t.Error("Previous doesn't lead back to the first page")
	}
	search(v.Get("/bright/invoices"), "INV-2").Has("INV-2").Lacks("INV-3 ")
	v.Get("/bright/invoices?q=zzz").Has("Nothing found")
	v.Get("/bright/invoices?status=paid").Has("Nothing is paid yet")
	v.Get("/bright/invoices?status=overdue").Has("Nothing is overdue")
	v.Get("/bright/invoices?status=nonsense").Answers(http.StatusUnprocessableEntity)
}

// search types into the list's search box.
func search(p *visitor.Page, words string) *visitor.Page {
	q := p.URL.Query()
	q.Set("q", words)
	return p.Open("?" + q.Encode())
}

// R30 R32 R36 R37 R40
func TestBulkPaymentFromTheHomePageToItsReceipt(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 12000)
	org.Invoice("INV-2", 50050)
	left := org.Invoice("INV-3", 700)
	v := signedIn(t, s, "ann@lovelace.test")
	pay := v.Get("/bright").Follow("Pay now").Has("3 invoices", "$627.50")
	var chosen []string
	for _, id := range values(pay, "invoice") {
		if id != left.String() {
			chosen = append(chosen, "invoice", id)
		}
	}
	preview := pay.Submit("Update the total", chosen...).Answers(http.StatusOK).Has("2 invoices", "$620.50")
	progress := preview.Submit("Pay $620.50").Answers(http.StatusOK)
	if !strings.HasPrefix(progress.URL.Path, "/bright/payments/") || progress.URL.Query().Get("go") != "1" {
		t.Fatalf("paying led to %s", progress.URL)
	}
	open := progress.ReloadUntil("Continue to secure payment")
	if !strings.Contains(open.Body, `http-equiv="refresh" content="0; url=`) || !strings.Contains(open.Body, "data-forward") {
		t.Error("right after pressing Pay the page doesn't lead on by itself")
	}
	link := open.Href("Continue to secure payment")
	back := v.Get(open.URL.Path+"?from=cancel").Has("You came back without paying", "Cancel this payment")
	if strings.Contains(back.Body, "data-forward") || strings.Contains(back.Body, "content=\"0; url=") {
		t.Error("coming back from the processor leads there again")
	}
	payThere(t, s, link, stripesim.PayParams{})
	receipt := v.Get(open.URL.Path + "?from=checkout").ReloadUntil("Paid. Thank you.")
	receipt.Has("$620.50", "INV-1", "INV-2", "$120.00", "$500.50", "Ann Lovelace").Lacks("INV-3")
	v.Get("/bright").Has("$7.00", "1 unpaid invoice", "$620.50")
	v.Get("/bright/invoices?status=paid").Has("INV-1", "INV-2").Lacks("INV-3")
	list := v.Get("/bright/payments?kind=card").Has("Paid", "For 2 invoices", "$620.50")
	v.Get("/bright/payments?kind=cash").Has("Nothing found")
	list.Follow("For 2 invoices").Has("Receipt", "INV-1")
	v.Get("/bright/invoices").Follow("INV-1").Has("Paid in full", "Ann Lovelace paid $120.00 with receipt R-00001").Lacks("Pay now")
}

// values are all values of the fields with that name.
func values(p *visitor.Page, name string) []string {
	var all []string
	for n := range p.Root.Descendants() {
		if visitor.Attr(n, "name") == name {
			all = append(all, visitor.Attr(n, "value"))
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
	pay := v.Get("/bright/pay")
	pay.Submit("Pay $200.00", "amount", "250").Answers(http.StatusUnprocessableEntity).Has("This is more than the $200.00")
	if typed := pay.Submit("Pay $200.00", "amount", "12.345").Answers(http.StatusUnprocessableEntity).Value("amount"); typed != "12.345" {
		t.Errorf("the amount that was typed became %q", typed)
	}
	pay.Submit("Pay $200.00", "amount", "199.80").Answers(http.StatusUnprocessableEntity).Has("This would leave 0.20, and the smallest payment in USD is 0.50.")
	part := pay.Submit("Update the total", "amount", "150").Has("Left for later", "$50.00")
	open := part.Submit("Pay $150.00").ReloadUntil("Continue to secure payment")
	payThere(t, s, open.Href("Continue to secure payment"), stripesim.PayParams{})
	v.Get(open.URL.Path+"?from=checkout").ReloadUntil("Paid. Thank you.").Has("INV-1", "$100.00", "INV-2", "$50.00")
	v.Get("/bright/invoices").Follow("INV-2").Has("Left to pay", "$50.00", "Partly paid")
}

func TestNobodyIsChargedATotalThatTheyHaveNotSeen(t *testing.T) {
	s, org := start(t)
	one := org.Invoice("INV-1", 10000)
	org.Invoice("INV-2", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	asked := v.Get("/bright/pay").Submit("Pay $200.00", "invoice", one.String()).Answers(http.StatusConflict).Has("Please check the total", "$100.00")
	asked.Submit("Pay $100.00").Answers(http.StatusOK).ReloadUntil("Continue to secure payment").Has("$100.00", "INV-1").Lacks("INV-2")
}

// N5: what credit leaves to pay is an amount that can be charged, and it is what the button says.
func TestCreditLeavesAnAmountThatCanBeCharged(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 10000)
	credit(org, 9980)
	v := signedIn(t, s, "ann@lovelace.test")
	open := v.Get("/bright/pay").Has("From your credit", "$99.50").Submit("Pay $0.50").Answers(http.StatusOK).ReloadUntil("Continue to secure payment").Has("$0.50")
	payThere(t, s, open.Href("Continue to secure payment"), stripesim.PayParams{})
	v.Get(open.URL.Path + "?from=checkout").ReloadUntil("Paid. Thank you.").Has("$0.50")
	v.Get("/bright").Has("$0.30")
}

// credit gives the customer credit.
func credit(org stack.Org, amount int64) {
	org.Staff().Must(201, "POST", acts.Console+"/credit-notes", "", map[string]any{"customer": org.Customer, "amount": amount, "reason": "Goodwill"}, nil)
}

// R31 R34: of the ways to pay one is chosen that the invoices offer.
func TestAnInvoiceThatTakesNoCardsBeginsWithAnAccount(t *testing.T) {
	s, org := start(t)
	acts.AllowBankDebit(t, s, org)
	staff := org.Staff()
	var made struct {
		ID uuid.UUID `json:"id"`
	}
	staff.Must(201, "POST", acts.Console+"/invoices", "", map[string]any{
		"customer": org.Customer, "title": "By account", "ways_to_pay": []string{"bank_debit"},
		"lines": []map[string]any{{"description": "Work", "quantity": "1", "unit_price": 10000}},
	}, &made)
	staff.Must(200, "POST", acts.Console+"/invoices/"+made.ID.String()+"/send", "", nil, nil)
	ann := org.AsAnn()
	org.SaveCard(ann)
	v := signedIn(t, s, "ann@lovelace.test")
	pay := v.Get("/bright/pay?invoice=" + made.ID.String()).Has("Not offered for what you chose")
	// A way that isn't offered, as from a page that was open before, is refused where it is chosen.
	pay.Submit("Pay $100.00", "way", "checkout").Answers(http.StatusUnprocessableEntity).Has("Choose how to pay: what was chosen isn’t offered")
	open := pay.Submit("Pay $100.00").Answers(http.StatusOK).ReloadUntil("Continue to secure payment")
	payThere(t, s, open.Href("Continue to secure payment"), stripesim.PayParams{BankAccount: "000123456789"})
	v.Get(open.URL.Path + "?from=checkout").ReloadUntil("Your payment is on its way")
}

func TestNothingChosenIsSaidOnThePage(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	empty := v.Get("/bright/pay").Submit("Update the total", "invoice", "").Has("Choose at least one invoice.")
	empty.Submit("Pay $0.00").Answers(http.StatusUnprocessableEntity).Has("could not be started")
}

// N3
func TestSecondPayerIsToldWhoPaysAndMayTakeOver(t *testing.T) {
	s, org := start(t)
	invoice := org.Invoice("INV-1", 10000)
	ben := signedIn(t, s, "ben@lovelace.test")
	bens := ben.Get("/bright/pay").Submit("Pay $100.00").ReloadUntil("Continue to secure payment")

	ann := signedIn(t, s, "ann@lovelace.test")
	ann.Get("/bright/invoices/" + invoice.String()).Has("Ben Okafor is paying this invoice right now").Lacks("Continue to secure payment")
	ann.Get(bens.URL.Path).Has("Ben Okafor is paying right now").Lacks("Continue to secure payment")
	pay := ann.Get("/bright/invoices/"+invoice.String()).Follow("Pay now").Has("Ben Okafor is paying", "Take over")
	pay.Submit("Pay $100.00").Answers(http.StatusConflict).Has("Ben Okafor is paying invoice INV-1", "Nothing was charged")
	anns := pay.Submit("Pay $100.00", "take_over", "on").Answers(http.StatusOK).ReloadUntil("Continue to secure payment")
	ben.Get(bens.URL.Path).Has("This payment was cancelled")

	// Her own unfinished payment is gone on with, not begun again.
	again := ann.Get("/bright/pay?invoice=" + invoice.String()).Submit("Pay $100.00")
	if again.URL.Path != anns.URL.Path {
		t.Errorf("paying again led to %s, not to %s", again.URL.Path, anns.URL.Path)
	}

	// With more chosen than that payment is for, she is asked to end it first.
	org.Invoice("INV-2", 500)
	both := ann.Get("/bright/pay").Has("you began to pay this", "$5.00")
	more := both.Submit("Update the total", "invoice", values(both, "invoice")[0], "invoice", values(both, "invoice")[1]).Has("You began to pay some of these", "Give it up and start anew")
	resumed := more.Submit("Pay $105.00").Has("You began this payment before")
	if resumed.URL.Path != anns.URL.Path || strings.Contains(resumed.Body, "data-forward") {
		t.Errorf("choosing more led to %s", resumed.URL)
	}
	again.Submit("Cancel this payment").Has("This payment was cancelled", "Nothing was charged", "Pay again")
}

// R33 R38
func TestSavedCardIsChargedDeclinedAndTriedAgain(t *testing.T) {
	s, org := start(t)
	org.Invoice("INV-1", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	open := v.Get("/bright/pay").Submit("Pay $100.00", "save", "on").ReloadUntil("Continue to secure payment")
	payThere(t, s, open.Href("Continue to secure payment"), stripesim.PayParams{Save: true})
	v.Get(open.URL.Path + "?from=checkout").ReloadUntil("Paid. Thank you.")
	v.Get("/bright/account").ReloadUntil("Visa ending 4242")
	method := methodOf(t, s, org)
	if err := s.Sim.Decline(t.Context(), method.processor, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}

	org.Invoice("INV-2", 25000)
	pay := v.Get("/bright/pay").Has("Visa ending 4242", "Another card")
	declined := pay.Submit("Pay $250.00", "way", method.id.String()).ReloadUntil("was declined")
	declined.Has("Nothing was charged", "not enough money", "Try again with", "The one that was declined")
	declined.Submit("Pay $250.00").ReloadUntil("Receipt R").Has("$250.00", "INV-2", "Visa ending 4242")

	v.Get("/bright/account/methods/" + method.id.String() + "/remove").Submit("Remove").Has("It is removed").Lacks("Visa ending 4242")
	org.Invoice("INV-3", 100)
	v.Get("/bright/pay").Lacks("Visa ending 4242")
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
	page := v.Get("/bright/estimates?status=sent").Follow("New shelves").Has("Oak shelves", "Hand-rubbed oil", "$840.00", "Accepting is binding", "Grace Bright sent version 1")
	accepted := page.Submit("Accept estimate").Answers(http.StatusOK).Has("You accepted this estimate", "Accepted by Ann Lovelace", "What was recorded", "ann@lovelace.test")
	accepted.Lacks("Decline estimate", "Accept estimate")
	v.Get("/bright/estimates?status=sent").Has("Nothing to decide")
	late := v.Post("/bright/estimates/"+id.String()+"/decision", url.Values{"idempotency_key": {uuid.NewString()}, "decision": {"declined"}, "version": {"1"}})
	late.Answers(http.StatusConflict).Has("Nothing was recorded", "Accepted by Ann Lovelace")
}

// R25 R28
func TestEstimateIsDeclinedWithAReason(t *testing.T) {
	s, org := start(t)
	estimate(t, org, "New shelves")
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.Get("/bright/estimates").Follow("New shelves")
	page.Submit("Decline estimate", "reason", strings.Repeat("x", 2001)).Answers(http.StatusUnprocessableEntity).Has("There is a problem", "Accept estimate")
	page.Submit("Decline estimate", "reason", "Too dear for us.").Has("You declined this estimate", "Declined by Ann Lovelace", "Too dear for us.")
}

// N1
func TestDecisionOnAnOldVersionIsRefusedAndTheNewOneShown(t *testing.T) {
	s, org := start(t)
	id := estimate(t, org, "New shelves")
	v := signedIn(t, s, "ann@lovelace.test")
	read := v.Get("/bright/estimates/" + id.String()).Has("$840.00")
	revised := contents(org, "New shelves", 91000)
	revised["version"] = 2
	delete(revised, "customer")
	staff := org.Staff()
	staff.Must(200, "PUT", "/api/bright/console/estimates/"+id.String(), "", revised, nil)
	staff.Must(200, "POST", "/api/bright/console/estimates/"+id.String()+"/send", "", nil, nil)

	now := read.Submit("Accept estimate").Answers(http.StatusConflict).Has("This estimate changed, and nothing was recorded", "You read version 1", "$910.00")
	now.Lacks("Accepted by")
	now.Submit("Accept estimate").Answers(http.StatusOK).Has("Accepted by Ann Lovelace", "version 2")
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
	v := visitor.New(t, s.URL)
	v.Get(link)
	invited := v.Get(link).Answers(http.StatusOK).Has("Welcome, Eve Stone", "Lovelace Ltd", "At least 12 characters")
	invited.Submit("Accept and go in", "password", "short", "repeat", "short").Answers(http.StatusUnprocessableEntity).Has("There is a problem", "12 characters")
	invited.Submit("Accept and go in", "password", "four odd paper boats", "repeat", "other words entirely").Answers(http.StatusUnprocessableEntity).Has("Type the same password again.")
	home := invited.Submit("Accept and go in", "password", "four odd paper boats", "repeat", "four odd paper boats")
	if home.URL.Path != "/bright" {
		t.Fatalf("accepting led to %s: %s", home.URL, home.Words())
	}
	home.Has("Welcome", "Eve Stone")
	visitor.New(t, s.URL).Get(link).Answers(http.StatusGone).Has("This link can’t be used any more", "Sign in")
	visitor.New(t, s.URL).Get("/bright/invitations/" + strings.Repeat("a", 43)).Answers(http.StatusGone).Has("This link can’t be used any more")
}

// R54 R10
func TestCompanyDetailsAreEditedUnlessTheSwitchIsOff(t *testing.T) {
	s, org := start(t)
	v := signedIn(t, s, "ann@lovelace.test")
	form := v.Get("/bright/account").Follow("Edit").Answers(http.StatusOK)
	bad := form.Submit("Save", "name", "", "billing_address.city", "Providence").Answers(http.StatusUnprocessableEntity).Has("Please fill this in.")
	if bad.Value("billing_address.city") != "Providence" {
		t.Error("the city that was typed is gone")
	}
	form.Submit("Save", "name", "Lovelace & Daughters", "billing_address.city", "Providence", "billing_address.country", "US").Has("details are saved", "Lovelace & Daughters", "Providence")
	form.Submit("Save", "name", "From an old tab").Answers(http.StatusConflict)

	var settings map[string]any
	staff := org.Staff()
	staff.Must(200, "GET", "/api/bright/console/settings", "", nil, &settings)
	settings["edit_details"] = false
	delete(settings, "updated_at")
	staff.Must(200, "PUT", "/api/bright/console/settings", "", settings, nil)
	v.Get("/bright/account").Lacks("Edit")
	v.Get("/bright/account/company").Answers(http.StatusNotFound)
	v.Post("/bright/account/company", url.Values{"version": {"2"}, "name": {"Sneaky"}}).Answers(http.StatusForbidden)
}

// R55 R58
func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	s, _ := start(t)
	here, there := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test")
	form := here.Get("/bright/account").Follow("Change password").Has("At least 12 characters")
	form.Submit("Change password", "current", "not it at all", "new", "four odd paper boats", "repeat", "four odd paper boats").Answers(http.StatusUnprocessableEntity)
	form.Submit("Change password", "current", stack.Password, "new", "four odd paper boats", "repeat", "four odd paper boats").Has("Your password is changed")
	if to := there.Get("/bright"); to.URL.Path != "/bright/sign-in" {
		t.Errorf("the other session still opens %s", to.URL)
	}
	visitor.New(t, s.URL).Get("/bright/sign-in").Submit("Sign in", "email", "ann@lovelace.test", "password", "four odd paper boats").Has("Lovelace Ltd")
}

// R58
func TestOneCanSignOutElsewhere(t *testing.T) {
	s, _ := start(t)
	here, there := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test")
	account := here.Get("/bright/account")
	form, _ := account.Form("Sign out Unknown device")
	if form == nil {
		form, _ = account.Form("Sign out Go")
	}
	if form == nil {
		t.Fatalf("no button ends the other session:\n%s", account.Words())
	}
	here.Post(visitor.Attr(form, "action"), visitor.Fields(form)).Has("That sign-in is ended.")
	if to := there.Get("/bright"); to.URL.Path != "/bright/sign-in" {
		t.Errorf("the other session still opens %s", to.URL)
	}
}

func TestAnEditThatCameTooLateKeepsWhatWasTyped(t *testing.T) { // R54
	s, _ := start(t)
	ann, ben := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ben@lovelace.test")
	late := ann.Get("/bright/account/company")
	ben.Get("/bright/account/company").Submit("Save", "phone", "+1 555 0100").Has("are saved")
	kept := late.Submit("Save", "phone", "+1 555 0199", "website", "lovelace.test").Answers(http.StatusConflict)
	kept.Has("Somebody else changed this", "It is “+1 555 0100” now")
	if kept.Value("phone") != "+1 555 0199" || kept.Value("website") != "lovelace.test" {
		t.Errorf("what was typed is lost: %q, %q", kept.Value("phone"), kept.Value("website"))
	}
	kept.Submit("Save").Answers(http.StatusOK).Has("are saved", "+1 555 0199")
	me := ann.Get("/bright/account/me")
	ann.Get("/bright/account/me").Submit("Save", "title", "Owner").Has("Your details are saved")
	me.Submit("Save", "title", "Partner").Answers(http.StatusConflict).Has("It is “Owner” now").Submit("Save").Has("Partner")
}

func TestBackupCodesAreKeptAsAFile(t *testing.T) { // R61
	s, _ := start(t)
	ann := signedIn(t, s, "ann@lovelace.test")
	codes := []string{"q7rk-m2vd-9xhp-c4tw", "b3nf-8sjz-kw5y-6gqm", "x9dc-t4hr-2pvb-njk7", "m6wz-5gyq-f8rs-3dht", "k2vp-cx7n-h9jm-w4bf"}
	file := ann.Post("/bright/account/backup-codes/download", url.Values{"codes": codes}).Answers(http.StatusOK)
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
	ann.Post("/bright/account/backup-codes/download", url.Values{"codes": codes}).Answers(http.StatusNotFound)
	visitor.New(t, s.URL).Post("/bright/account/backup-codes/download", url.Values{"codes": codes}).Has("Sign in")
}

func TestOneCanSignOutEverywhereElse(t *testing.T) { // R58
	s, _ := start(t)
	here, there, elsewhere := signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test"), signedIn(t, s, "ann@lovelace.test")
	here.Get("/bright/account").Has("All 2 other sign-ins at once").Submit("Sign out of all").Has("You are signed out everywhere else.")
	for _, v := range []*visitor.Visitor{there, elsewhere} {
		v.Get("/bright").Has("Forgotten password")
	}
	here.Get("/bright").Has("Outstanding")
}

// R34 N6: whose card is declined pays from their bank account on the same page: in a payment of its own, which ends the declined one.
func TestADeclinedCardIsFollowedByABankAccount(t *testing.T) {
	s, org := start(t)
	acts.AllowBankDebit(t, s, org)
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	bank := acts.SavedOn(t, s, ann, map[string]any{"kind": "bank_debit"}, stripesim.PayParams{BankAccount: "000123456789"})
	declined := org.Declined(ann, method, processor, "INV-7", 9000, "do_not_honor")
	ann.Must(409, "POST", acts.Payments+"/"+declined.String()+"/retry", "", map[string]any{"method": bank.ID}, nil)
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.Get("/bright/payments/"+declined.String()).Has("Try again with", "ending 6789")
	paid := page.Submit("Pay $90.00", "method", bank.ID.String()).Answers(http.StatusOK)
	next, err := uuid.Parse(paid.URL.Path[strings.LastIndex(paid.URL.Path, "/")+1:])
	if err != nil || next == declined {
		t.Fatalf("it leads to %s", paid.URL)
	}
	if now := acts.ReadPayment(t, s, ann, org, next, portal.PaymentProcessing); now.Kind != "bank_debit" || now.Amount.Amount != 9000 {
		t.Errorf("it became %+v", now)
	}
	acts.ReadPayment(t, s, ann, org, declined, portal.PaymentCanceled)
}

// N5: a declined payment that is paid another way comes to what its button says, with the credit that it held.
func TestADeclinedPaymentKeepsItsCreditInAnotherWay(t *testing.T) {
	s, org := start(t)
	acts.AllowBankDebit(t, s, org)
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	bank := acts.SavedOn(t, s, ann, map[string]any{"kind": "bank_debit"}, stripesim.PayParams{BankAccount: "000123456789"})
	covered, short := org.Invoice("INV-1", 10000), org.Invoice("INV-2", 9000)
	credit(org, 14000)
	if err := s.Sim.Decline(t.Context(), processor, "do_not_honor"); err != nil {
		t.Fatal(err)
	}
	body := acts.Saved(method, covered, short)
	body["credit"] = true
	var declined acts.Begun
	ann.Must(201, "POST", acts.Payments, "", body, &declined)
	acts.ReadPayment(t, s, ann, org, declined.ID, portal.PaymentDeclined)
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.Get("/bright/payments/" + declined.ID.String())
	paid := page.Submit("Pay $50.00", "method", bank.ID.String()).Answers(http.StatusOK)
	next, err := uuid.Parse(paid.URL.Path[strings.LastIndex(paid.URL.Path, "/")+1:])
	if err != nil || next == declined.ID {
		t.Fatalf("it leads to %s", paid.URL)
	}
	now := acts.ReadPayment(t, s, ann, org, next, portal.PaymentProcessing)
	if now.Amount.Amount != 5000 || len(now.Invoices) != 2 || now.Invoices[0].Credit == nil || now.Invoices[1].Credit == nil || now.Invoices[0].Credit.Amount+now.Invoices[1].Credit.Amount != 14000 {
		t.Errorf("it became %+v", now)
	}
}

// R19: home's credit is explained where it leads: how it came and went, and what is left.
func TestCreditIsExplained(t *testing.T) {
	s, org := start(t)
	invoice, staff := org.Invoice("INV-1", 1000), org.Staff()
	staff.Must(201, "POST", "/api/bright/console/credit-notes", "", map[string]any{"customer": org.Customer, "amount": 3000, "reason": "Scratches"}, nil)
	staff.Must(201, "POST", "/api/bright/console/payments", "", map[string]any{"customer": org.Customer, "invoices": []uuid.UUID{org.Invoice("INV-2", 5000)}, "total": 7000, "kind": "check"}, nil)
	staff.Must(201, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/credit/uses", "", map[string]any{"invoices": []uuid.UUID{invoice}}, nil)
	staff.Must(201, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/credit/payouts", "", map[string]any{"amount": 500, "currency": "USD", "kind": "bank_transfer"}, nil)
	v := signedIn(t, s, "ann@lovelace.test")
	credit := v.Get("/bright").Follow("Available credit").Answers(http.StatusOK)
	credit.Has("Available credit $35.00", "Credit note CN-0001 Scratches", "+$30.00", "More was paid than was due", "+$20.00", "Used on an invoice", "-$10.00", "Paid out", "-$5.00")
	credit.Follow("Invoice INV-1").Has("INV-1")
	if to := credit.Href("PDF"); to == "" {
		t.Error("the credit note can't be had as a file")
	}
	signedIn(t, s, "ben@lovelace.test").Get("/bright/credits").Has("$35.00") // the same customer's
}

// R5 R10: with forwarding off, the page that forwards is not there; nor is it for what is not one's own.
func TestForwardingPageIsGoneWithTheSwitch(t *testing.T) {
	s, org := start(t)
	invoice := org.Invoice("INV-1", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	form := "/bright/forward?document=invoice&id=" + invoice.String()
	statement := "/bright/forward?document=statement&id=" + org.Customer.String()
	v.Get(form).Answers(http.StatusOK).Has("Forward by email")
	v.Get(statement).Answers(http.StatusOK)
	v.Get("/bright/forward?document=invoice&id=" + uuid.NewString()).Answers(http.StatusNotFound)
	v.Get("/bright/forward?document=statement&id=" + uuid.NewString()).Answers(http.StatusNotFound)
	var settings map[string]any
	staff := org.Staff()
	staff.Must(200, "GET", "/api/bright/console/settings", "", nil, &settings)
	settings["forward_documents"] = false
	delete(settings, "updated_at")
	staff.Must(200, "PUT", "/api/bright/console/settings", "", settings, nil)
	v.Get(form).Answers(http.StatusNotFound)
	v.Get(statement).Answers(http.StatusNotFound)
}

// N7: the deposit is asked for until it is paid; what is left is on the invoice.
func TestDepositIsAskedForUntilItIsPaid(t *testing.T) {
	s, org := start(t)
	staff := org.Staff()
	wanted := contents(org, "A roof", 100000)
	wanted["deposit_percent"] = "40"
	var e struct{ ID, Invoice any }
	staff.Must(201, "POST", "/api/bright/console/estimates", "", wanted, &e)
	at := "/estimates/" + fmt.Sprint(e.ID)
	staff.Must(200, "POST", "/api/bright/console"+at+"/send", "", nil, nil)
	v := signedIn(t, s, "ann@lovelace.test")
	accepted := v.Get("/bright"+at).Submit("Accept estimate").Answers(http.StatusOK).Has("Pay the deposit", "See invoice")
	invoice := accepted.Href("See invoice")
	staff.Must(201, "POST", "/api/bright/console/payments", "", map[string]any{"customer": org.Customer, "invoices": []string{invoice[strings.LastIndex(invoice, "/")+1:]}, "total": 40000, "kind": "check"}, nil)
	v.Get("/bright" + at).Has("See invoice").Lacks("Pay the deposit")
}

// A form whose key was spent on other contents can be sent as what it is now: another one.
func TestASpentFormCanBeSentAgain(t *testing.T) {
	s, org := start(t)
	invoice := org.Invoice("INV-1", 10000)
	v := signedIn(t, s, "ann@lovelace.test")
	forms := map[string][]string{
		"/bright/message": {"Send", "subject", "Hello", "text"}, "/bright/review": {"Send the review", "stars", "5", "text"}, "/bright/invoices/" + invoice.String(): {"Comment", "text"},
	}
	for address, typed := range forms {
		page := v.Get(address)
		send := func(p *visitor.Page, text string) *visitor.Page {
			return p.Submit(typed[0], append(slices.Clone(typed[1:]), text)...)
		}
		send(page, "The first words.").Answers(http.StatusOK)
		refused := send(page, "Other words.").Answers(http.StatusUnprocessableEntity).Has("sent before, with other contents")
		send(refused, "Other words.").Answers(http.StatusOK)
	}
	v.Get("/bright/invoices/"+invoice.String()).Has("The first words.", "Other words.")
}
