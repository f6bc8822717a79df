package screens

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	sdkpb "go.temporal.io/api/sdk/v1"

	"countersign/api"
	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/devstack/temporal"
	"countersign/e2e/acts"
	"countersign/e2e/browser"
	"countersign/portal"
	"countersign/workflows"
)

const evesPassword = "four odd paper boats"

// R11 R12 R13 R15 R18 R21 R25 R30 R32 R36 R37 R65 R66 R67 N2: from the dialog that gives a contact access to the receipt for
// three invoices, on screens alone; and the three flows that carried it are complete and tell their story in Temporal's UI.
func TestJourneyFromAccessToReceipt(t *testing.T) {
	chromium := browser.Start(t)
	server, err := temporal.Start(t.Context(), temporal.Options{Dir: t.TempDir(), Disposable: true, Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	s := stack.New(t, stack.Options{Pages: true, Temporal: server})
	org := s.Seed("bright", "USD")
	eve := org.Contact("Eve Stone", "eve@lovelace.test")
	for i, amount := range []int64{12000, 50050, 725, 100000} {
		org.Invoice(fmt.Sprintf("INV-%d", i+1), amount)
	}
	estimate := acts.SendEstimate(t, s, org, org.Staff())

	// Staff give Eve access.
	grace := chromium.Visitor(browser.Options{Lively: true}).Open(s.URL + "/console/bright/sign-in")
	grace.Shot("01-staff-sign-in")
	grace.Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in")
	grace.Says("Grace Bright").Shot("02-staff-home")
	grace.Press("Customers").Says("Lovelace Ltd").Press("Lovelace Ltd").Says("Portal access", "Eve Stone", "$1,627.75").Shot("03-customer")
	grace.Press("Portal access").Says("Whom you newly choose gets an invitation by email").Tick("Eve Stone").Shot("04-access-dialog")
	grace.Press("Save and send invitations").Says("1 invitation is on the way").Shot("05-invited")

	// Eve chooses a password, the second time one that is long enough.
	email, err := s.Inbox.WaitFor(t.Context(), "eve@lovelace.test", "")
	if err != nil {
		t.Fatal(err)
	}
	tab := chromium.Visitor(browser.Options{Lively: true}).Open(email.Link("Accept"))
	tab.Says("Welcome, Eve Stone").Shot("06-invitation")
	tab.Type("Password", "too short").Type("Repeat the password", "too short").Press("Accept and go in")
	if problem := tab.Problem("Password"); !strings.Contains(problem, "12 characters") {
		t.Errorf("beside the password it says %q", problem)
	}
	tab.Shot("07-password-too-short")
	tab.Type("Password", evesPassword).Type("Repeat the password", evesPassword).Press("Accept and go in")
	tab.Says("Outstanding", "$1,627.75", "4 unpaid invoices", "You are signed in", "Waiting for your decision").Shot("08-home")

	// She accepts the estimate.
	tab.Press("Estimates to decide").Says("Waiting for a decision").Shot("09-estimates")
	tab.Press(estimate.Number).Says("$360.00", "Accepting is binding").Shot("10-estimate")
	tab.Press("Accept estimate").Says("You accepted this estimate", "Accepted by Eve Stone").Shot("11-estimate-accepted")

	// She pays three of the four invoices: the first card is declined, on the processor's page, and the second isn't.
	tab.Press("Home").Says("$1,627.75", "Nothing waits for you").Press("Pay now")
	tab.Says("4 invoices", "Pay $1,627.75").Untick("Pay INV-4").Says("3 invoices", "Pay $627.75").Shot("12-pay")
	// The processor takes its time: the page says so, and leads on by itself.
	if err := s.Sim.Fail(t.Context(), stripesim.Fault{Method: http.MethodPost, Path: "/v1/checkout/sessions", Kind: stripesim.Slow, Hold: 2 * time.Second}); err != nil {
		t.Fatal(err)
	}
	tab.Press("Pay $627.75").Says("Opening the secure payment page").Shot("13-opening")
	tab.Says("Card number", "3 invoices", "$627.75")
	payment := paymentAt(t, s, org)
	tab.Shot("13-page")
	enter(tab, "4000000000000002").Press("Pay $627.75").Says("Your card was declined").Shot("14-checkout-declined")
	s.StopWorker()
	enter(tab, "4242424242424242").Press("Pay $627.75")

	// She is back before anybody has looked at how it went. Then somebody does, and her page becomes the receipt by itself.
	tab.Says("Checking your payment", "You confirmed").Lacks("declined", "Continue to", "Cancel this payment").Shot("15-checking")
	tab.Mark()
	s.StartWorker()
	tab.Says("Paid. Thank you.")
	if !tab.Marked() {
		t.Error("the page had to be loaded again to show the receipt")
	}
	tab.Says("$627.75", "INV-1", "$120.00", "INV-2", "$500.50", "INV-3", "$7.25", "Eve Stone", "Visa ending 4242").Lacks("INV-4").Shot("16-receipt")
	tab.Press("Back to your home page").Says("$1,000.00", "1 unpaid invoice").Shot("17-home-after")
	if n := acts.Succeeded(t, s); n != 1 {
		t.Errorf("charged %d times", n)
	}

	// Its three flows are complete, and say in words what they were for and how they ended.
	invitation := invitationOf(t, s, org, eve)
	for id, words := range map[string][2]string{
		workflows.InvitationID(invitation):   {"Invitation", "accepted"},
		workflows.EstimateID(estimate.ID, 1): {estimate.Number, "accepted"},
		workflows.PaymentID(payment):         {"Payment", "Paid, allocated to its invoices, receipt sent."},
	} {
		acts.Completed(t, s, id)
		summary, details := toldBy(t, s, id)
		if !strings.Contains(summary, words[0]) || !strings.Contains(details, words[1]) {
			t.Errorf("%s says %q and %q, without %q", id, summary, details, words)
		}
	}

	// From the console, staff open the payment's flow in Temporal's UI.
	grace.Press("Payments").Says("$627.75").Shot("18-staff-payments")
	grace.Press("R-00001").Says("INV-1", "INV-2", "INV-3", "R-00001", "Declined", "Charged").Shot("19-staff-payment")
	ui := chromium.Visitor(browser.Options{Foreign: true}).Open(grace.Link("Open in Temporal"))
	ui.Says("Completed", workflows.PaymentID(payment)).Shot("20-temporal-payment")
	ui.Press("User Metadata").Says("Current Details", "Reserve the invoices", "Email the receipt").Shot("20-temporal-payment-told")
	for name, id := range map[string]string{"21-temporal-estimate": workflows.EstimateID(estimate.ID, 1), "22-temporal-invitation": workflows.InvitationID(invitation)} {
		ui.Open(server.UI()+"/namespaces/default/workflows/"+strings.ReplaceAll(id, "/", "%2F")).Says("Completed", id).Shot(name)
	}
}

// enter fills in the processor's page for a card.
func enter(tab *browser.Tab, number string) *browser.Tab {
	tab.Says("Card number").Type("Card number", number).Type("Expires", "12 / 40").Type("Security code", "123").Type("Name on card", "Eve Stone")
	return tab.Type("Postal code", "02903")
}

// paymentAt is the one payment that there is.
func paymentAt(t *testing.T, s *stack.Stack, org stack.Org) uuid.UUID {
	t.Helper()
	var page struct {
		Payments []api.PaymentSummary `json:"payments"`
	}
	org.Staff().Must(200, "GET", "/api/"+org.Slug+"/console/payments", "", nil, &page)
	if len(page.Payments) != 1 {
		t.Fatalf("%d payments", len(page.Payments))
	}
	return page.Payments[0].ID
}

func invitationOf(t *testing.T, s *stack.Stack, org stack.Org, contact uuid.UUID) (id uuid.UUID) {
	t.Helper()
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		latest, err := q.LatestInvitations(t.Context(), dbsqlc.LatestInvitationsParams{OrgID: org.ID, CustomerID: org.Customer})
		for _, i := range latest {
			if i.ContactID == contact {
				id = i.ID
			}
		}
		return err
	})
	return id
}

// toldBy is what a flow that is complete says of itself to who reads it in Temporal's UI: what it is for, and how it went.
func toldBy(t *testing.T, s *stack.Stack, id string) (summary, details string) {
	t.Helper()
	described, err := s.Temporal.DescribeWorkflow(t.Context(), id, "")
	if err != nil {
		t.Fatal(err)
	}
	if described.Status != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		t.Errorf("%s is %s", id, described.Status)
	}
	if summary, err = described.GetStaticSummary(); err != nil {
		t.Fatal(err)
	}
	answer, err := s.Temporal.QueryWorkflow(t.Context(), id, "", "__temporal_workflow_metadata")
	if err != nil {
		t.Fatal(err)
	}
	var metadata sdkpb.WorkflowMetadata
	if err := answer.Get(&metadata); err != nil {
		t.Fatal(err)
	}
	return summary, metadata.GetCurrentDetails()
}

// signIn opens the portal as a contact.
func signIn(tab *browser.Tab, s *stack.Stack, email string) *browser.Tab {
	tab.Open(s.URL+"/bright/sign-in").Type("Email address", email).Type("Password", stack.Password).Press("Sign in")
	return tab.Says("Outstanding")
}

// N3: Ann and Ben look at the same invoice and both press Pay. Ben is told that Ann is paying, and his page says so by itself
// until she has; in a second tab of hers, Ann is led on to the payment that she has begun.
func TestTwoTabsPayTheSameInvoice(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	invoice := s.URL + "/bright/invoices/" + org.Invoice("INV-1", 12000).String()
	pay := s.URL + "/bright/pay?invoice=" + invoice[strings.LastIndex(invoice, "/")+1:]
	ann := signIn(chromium.Visitor(browser.Options{}), s, "ann@lovelace.test")
	ben := signIn(chromium.Visitor(browser.Options{Width: browser.Phone}), s, "ben@lovelace.test")
	second := ann.Another()
	for _, tab := range []*browser.Tab{ann, second, ben} {
		tab.Open(pay).Says("Pay $120.00")
	}
	ann.Press("Pay $120.00").Says("Card number")

	ben.Press("Pay $120.00").Says("Nothing was charged", "Ann Lovelace is paying").Shot("1-told-who-is-paying")
	ben.Open(invoice).Says("Ann Lovelace is paying", "Left to pay").Shot("2-invoice-being-paid").Mark()

	second.Press("Pay $120.00").Says("Card number")
	if at, first := second.Address(), ann.Address(); at.Path != first.Path {
		t.Errorf("Ann's second tab is at %s, her first at %s", at, first)
	}
	enter(second, "4242424242424242").Press("Pay $120.00").Says("Paid. Thank you.")
	ben.Says("Paid in full", "Ann Lovelace paid").Lacks("Unpaid", "Pay now", "is paying")
	if !ben.Marked() {
		t.Error("Ben's page had to be loaded again")
	}
	ben.Shot("3-invoice-paid")
	ann.Open(ann.Address().String()).Says("All done here").Shot("4-checkout-done")
	if n := acts.Succeeded(t, s); n != 1 {
		t.Errorf("charged %d times", n)
	}
}

// R32 R36 R37: paying works for people who let no script run.
func TestPaysWithoutScript(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	org.Invoice("INV-1", 12000)
	org.Invoice("INV-2", 50050)
	org.Invoice("INV-3", 700)
	tab := signIn(chromium.Visitor(browser.Options{NoScript: true}), s, "ann@lovelace.test")
	tab.Says("$627.50").Press("Pay now")
	tab.Says("Pay $627.50").Untick("Pay INV-3").Press("Update the total").Says("2 invoices", "Pay $620.50").Shot("1-pay")
	tab.Press("Pay $620.50").Says("Card number", "2 invoices", "$620.50")
	enter(tab, "4000000000000002").Press("Pay $620.50").Says("Your card was declined")
	enter(tab, "4242424242424242").Press("Pay $620.50")
	tab.Says("Paid. Thank you.", "$620.50", "INV-1", "INV-2").Lacks("INV-3").Shot("2-receipt")
	tab.Press("Back to your home page").Says("$7.00", "1 unpaid invoice")
	if n := acts.Succeeded(t, s); n != 1 {
		t.Errorf("charged %d times", n)
	}
}

// WCAG 2.2, 1.4.10: on a phone no page scrolls sideways, whatever long names and large amounts are on it.
func TestPagesFitOnAPhone(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	invoice := org.Invoice("INV-2026-00000000000000000001", 98765432)
	org.Invoice("INV-2", 99)
	var estimate api.Estimate
	staff := org.Staff()
	staff.Must(201, "POST", "/api/bright/console/estimates", "", map[string]any{
		"customer": org.Customer, "title": "Meeting room table and sideboard, oiled, with a Donaudampfschifffahrtsgesellschaftskapitänsmütze",
		"valid_until": portal.DateOf(time.Now(), time.UTC).AddDays(10),
		"lines":       []map[string]any{{"description": "Oak, https://example.com/a/very/long/address/that/has/no/space/in/it/at/all", "quantity": "1000.25", "unit_price": 123456789, "tax_percent": "20"}},
	}, &estimate)
	staff.Must(200, "POST", "/api/bright/console/estimates/"+estimate.ID.String()+"/send", "", nil, nil)
	var begun acts.Begun
	org.AsAnn().Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &begun)

	tab := chromium.Visitor(browser.Options{Width: browser.Phone})
	tab.Open(s.URL + "/bright/sign-in").Says("Sign in").Fits().Shot("sign-in")
	signIn(tab, s, "ann@lovelace.test")
	for _, page := range []struct{ name, path, says string }{
		{"home", "", "Outstanding"},
		{"invoices", "/invoices", "$987,654.32"},
		{"invoice", "/invoices/" + invoice.String(), "You began"},
		{"pay", "/pay?invoice=" + invoice.String(), "Give it up and start anew"},
		{"payment", "/payments/" + begun.ID.String(), "Continue to secure payment"},
		{"payments", "/payments", "Payments"},
		{"estimates", "/estimates", "Meeting room table"},
		{"estimate", "/estimates/" + estimate.ID.String(), "Accepting is binding"},
		{"account", "/account", "Where you are signed in"},
	} {
		tab.Open(s.URL + "/bright" + page.path).Says(page.says).Fits().Shot(page.name)
	}
	tab.Open(s.URL + "/bright/payments/" + begun.ID.String()).Press("Continue to secure payment")
	enter(tab, "4242424242424242").Fits().Press("Pay $987,654.32").Says("Paid. Thank you.").Fits().Shot("receipt")
}
