package stripesim

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browser follows no redirect, so that each can be looked at.
var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func visit(t *testing.T, page string, form ...string) (status int, location, html string) {
	t.Helper()
	var resp *http.Response
	var err error
	if form == nil {
		resp, err = browser.Get(page)
	} else {
		values := url.Values{}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		resp, err = browser.PostForm(page, values)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(raw)
}

func card(number string, more ...string) []string {
	return append([]string{"kind", "card", "number", number, "expiry", "12 / 40", "cvc", "123", "name", "Ada Byron", "country", "GB", "postal", "SW1A 1AA"}, more...)
}

// A person can pay on the page with what is on it.
func TestPageShowsAndTakesAPayment(t *testing.T) {
	b := setup(t, Options{Merchant: "Northwind & Co"})
	id, page := b.session("saved_payment_method_options[payment_method_save]", "enabled", "customer", b.customer())
	status, _, html := visit(t, page)
	if status != 200 {
		t.Fatalf("answered %d", status)
	}
	for _, want := range []string{
		"Northwind &amp; Co", "$20.00", "Invoice &lt;1001&gt;", "Test mode", `href="http://127.0.0.1:1/back"`, "ada@example.com",
		`name="number"`, `name="expiry"`, `name="cvc"`, `name="name"`, `name="country"`, `name="postal"`, `name="save"`, `id="pay"`,
		"4000 0000 0000 9995", "United Kingdom",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	status, next, html := visit(t, page, card("4000 0000 0000 9995", "save", "yes")...)
	if status != 402 || !strings.Contains(html, "Your card has insufficient funds.") || !strings.Contains(html, `value="Ada Byron"`) {
		t.Fatalf("declined: %d %s", status, next)
	}
	status, next, _ = visit(t, page, card("4242 4242 4242 4242", "save", "yes")...)
	if status != 303 || next != "http://127.0.0.1:1/ok?s="+id {
		t.Fatalf("paid: %d %s", status, next)
	}
	// Pressed again, it leads on and doesn't charge again.
	if status, again, _ := visit(t, page, card("4242424242424242")...); status != 303 || again != next {
		t.Errorf("pressed twice: %d %s", status, again)
	}
	if _, _, html := visit(t, page); !strings.Contains(html, "All done here") {
		t.Error("a paid page can be paid again")
	}
	charges, err := b.Charges(t.Context())
	if err != nil || len(charges) != 2 || charges[1].Status != "succeeded" || charges[1].Amount != 2000 {
		t.Errorf("%+v, %v", charges, err)
	}
	methods := b.get("/v1/customers/" + charges[1].Customer + "/payment_methods").doc["data"].([]any)
	if len(methods) != 1 || methods[0].(doc)["billing_details"].(doc)["address"].(doc)["country"] != "GB" {
		t.Errorf("saved %v", methods)
	}
}

func TestPageSaysWhatIsWrongBesideTheFields(t *testing.T) {
	b := setup(t, Options{})
	_, page := b.session()
	status, _, html := visit(t, page, "kind", "card", "expiry", "13/40", "country", "US")
	if status != 422 {
		t.Errorf("answered %d", status)
	}
	for _, want := range []string{"Enter the card number.", "Enter the date as MM / YY.", "Enter the security code.", "Enter the name."} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for number, want := range map[string]string{
		"4242424242424241": "Your card number is incorrect.",
		"1234":             "Your card number is incorrect.",
		"4539578763621486": "non test (live) card",
	} {
		if _, _, html := visit(t, page, card(number)...); !strings.Contains(html, want) {
			t.Errorf("%s: the page lacks %q", number, want)
		}
	}
	if charges, err := b.Charges(t.Context()); err != nil || len(charges) != 0 {
		t.Errorf("%+v, %v", charges, err)
	}
}

// Every test case that the page lists fills in a form that can be sent.
func TestTestCasesFillInTheForm(t *testing.T) {
	b := setup(t, Options{})
	_, page := b.session("payment_method_types[0]", "card", "payment_method_types[1]", "us_bank_account")
	_, _, html := visit(t, page)
	cases := 0
	for rest := html; ; cases++ {
		_, after, ok := strings.Cut(rest, `href="?fill=`)
		if !ok {
			break
		}
		number, after, _ := strings.Cut(after, `"`)
		rest = after
		_, _, filled := visit(t, page+"?fill="+number)
		if !strings.Contains(filled, `value="Test Payer"`) || !strings.Contains(strings.ReplaceAll(filled, " ", ""), `value="`+number+`"`) {
			t.Errorf("%s doesn't fill in the form", number)
		}
	}
	if cases < 15 {
		t.Errorf("the page lists %d test cases", cases)
	}
}

func TestPageAsksTheBank(t *testing.T) {
	b := setup(t, Options{})
	id, page := b.session()
	status, bank, _ := visit(t, page, card("4000002760003184")...)
	if status != 303 || !strings.Contains(bank, "/c/authenticate/pi_") {
		t.Fatalf("%d %s", status, bank)
	}
	if _, _, html := visit(t, bank); !strings.Contains(html, "$20.00") || !strings.Contains(html, "3184") || !strings.Contains(html, `id="complete"`) || !strings.Contains(html, `id="fail"`) {
		t.Error("the bank's page lacks something")
	}
	status, back, _ := visit(t, bank, "result", "fail")
	if status != 303 || !strings.HasPrefix(back, page) {
		t.Fatalf("failed: %d %s", status, back)
	}
	if _, _, html := visit(t, back); !strings.Contains(html, "unable to authenticate") {
		t.Error("the page doesn't say what the bank said")
	}
	_, bank, _ = visit(t, page, card("4000002500003155")...)
	status, next, _ := visit(t, bank, "result", "complete")
	if status != 303 || next != "http://127.0.0.1:1/ok?s="+id {
		t.Errorf("completed: %d %s", status, next)
	}
	if got := b.get("/v1/checkout/sessions/" + id); got.str("status") != "complete" || got.str("payment_status") != "paid" {
		t.Errorf("%s", got.raw)
	}
	// Back in the browser's history and pressed again: nothing more happens.
	visit(t, bank, "result", "complete")
	charges, err := b.Charges(t.Context())
	if err != nil || len(charges) != 1 {
		t.Errorf("%+v, %v", charges, err)
	}
}

// An authentication that the API asked for leads back with Stripe's parameters.
func TestAuthenticationOfAnIntentLeadsBack(t *testing.T) {
	b := setup(t, Options{})
	r := b.must(b.charged("pm_card_authenticationRequired", "return_url", "http://127.0.0.1:1/return?a=1"))
	if r.str("status") != requiresAction {
		t.Fatalf("%s", r.raw)
	}
	_, next, _ := visit(t, r.str("next_action.redirect_to_url.url"), "result", "complete")
	u, err := url.Parse(next)
	if err != nil || u.Query().Get("payment_intent") != r.str("id") || u.Query().Get("redirect_status") != "succeeded" {
		t.Errorf("led to %s", next)
	}
}

func TestPagesThatLeadNowhere(t *testing.T) {
	b := setup(t, Options{})
	for _, path := range []string{"/c/pay/cs_test_none", "/c/authenticate/pi_none"} {
		if status, _, html := visit(t, b.URL+path); status != 404 || !strings.Contains(html, "Nothing here") {
			t.Errorf("%s: %d", path, status)
		}
	}
	id, page := b.session()
	b.must(b.post("/v1/checkout/sessions/"+id+"/expire", ""))
	if _, _, html := visit(t, page); !strings.Contains(html, "This page has expired") {
		t.Error("an expired page can be paid")
	}
	if status, next, _ := visit(t, page, card("4242424242424242")...); status == 303 {
		t.Errorf("an expired page was paid: %s", next)
	}
	for _, asset := range []string{"/c/checkout.css", "/c/checkout.js"} {
		if status, _, _ := visit(t, b.URL+asset); status != 200 {
			t.Errorf("%s: %d", asset, status)
		}
	}
}

// The simulator's own page shows what was charged, and lets days pass.
func TestHome(t *testing.T) {
	b := setup(t, Options{Merchant: "Northwind"})
	if _, _, html := visit(t, b.URL+"/"); !strings.Contains(html, "Nothing has been charged yet.") {
		t.Error("an empty page doesn't say so")
	}
	b.charged("pm_card_chargeDeclined", "description", "Invoice 7")
	debit := b.must(b.charged("pm_usBankAccount_success")).str("id")
	_, _, html := visit(t, b.URL+"/")
	for _, want := range []string{"Invoice 7", "Your card was declined.", "Visa ending in 0002", "Bank account ending in 6789", "pending", "$10.00", "Northwind"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if status, next, _ := visit(t, b.URL+"/_sim/days", "days", "5"); status != 303 || next != "/" {
		t.Errorf("answered %d %s", status, next)
	}
	if got := b.get("/v1/payment_intents/" + debit).str("status"); got != succeeded {
		t.Errorf("after five days the debit is %s", got)
	}
	if status, _, _ := visit(t, b.URL+"/_sim/days", "days", "-5"); status != 400 {
		t.Errorf("going back: %d", status)
	}
}
