package stripesim

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Stripe's published test methods do what Stripe says they do.
func TestPublishedOutcomes(t *testing.T) {
	b := setup(t, Options{})
	for _, tc := range []struct{ method, status, code, declineCode string }{
		{"pm_card_visa", "succeeded", "", ""},
		{"pm_card_mastercard", "succeeded", "", ""},
		{"pm_card_amex", "succeeded", "", ""},
		{"pm_card_chargeDeclined", "", "card_declined", "generic_decline"},
		{"pm_card_visa_chargeDeclined", "", "card_declined", "generic_decline"},
		{"pm_card_chargeDeclinedInsufficientFunds", "", "card_declined", "insufficient_funds"},
		{"pm_card_chargeDeclinedLostCard", "", "card_declined", "lost_card"},
		{"pm_card_chargeDeclinedStolenCard", "", "card_declined", "stolen_card"},
		{"pm_card_chargeDeclinedExpiredCard", "", "expired_card", ""},
		{"pm_card_chargeDeclinedIncorrectCvc", "", "incorrect_cvc", ""},
		{"pm_card_chargeDeclinedProcessingError", "", "processing_error", ""},
		{"pm_card_radarBlock", "", "card_declined", "fraudulent"},
		{"pm_card_authenticationRequired", "requires_action", "", ""},
		{"pm_usBankAccount_success", "processing", "", ""},
	} {
		r := b.charged(tc.method)
		if tc.code == "" {
			if r.status != 200 || r.str("status") != tc.status {
				t.Errorf("%s: %d %s", tc.method, r.status, r.raw)
			}
			continue
		}
		if r.status != 402 || r.str("error.type") != "card_error" || r.str("error.code") != tc.code || r.str("error.decline_code") != tc.declineCode {
			t.Errorf("%s: %d %s", tc.method, r.status, r.raw)
		}
		if r.str("error.payment_intent.status") != requiresMethod || r.at("error.payment_intent.payment_method") != nil || r.str("error.payment_intent.last_payment_error.code") != tc.code {
			t.Errorf("%s: its intent is %s", tc.method, r.raw)
		}
	}
}

// Every card of the table is a possible card, and its token is its own.
func TestTableOfCards(t *testing.T) {
	tokens, numbers := map[string]bool{}, map[string]bool{}
	for _, c := range testCards {
		if c.decline != "incorrect_number" && !luhn(c.number) {
			t.Errorf("%s isn't a card number", c.number)
		}
		if numbers[c.number] || c.token != "" && tokens[c.token] {
			t.Errorf("%s %s is there twice", c.number, c.token)
		}
		numbers[c.number], tokens[c.token] = true, true
	}
	for alias, token := range alsoNamed {
		if _, ok := cardTokened(alias); !ok || tokens[alias] || !tokens[token] {
			t.Errorf("%s stands for %s", alias, token)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	b := setup(t, Options{})
	customerID := b.customer()
	for _, tc := range []struct {
		name   string
		reply  reply
		status int
		code   string
		param  string
	}{
		{"unknown parameter", b.post("/v1/payment_intents", "", "amount", "500", "currency", "usd", "monies", "1"), 400, "parameter_unknown", "monies"},
		{"no amount", b.post("/v1/payment_intents", "", "currency", "usd"), 400, "parameter_missing", "amount"},
		{"not a number", b.post("/v1/payment_intents", "", "amount", "5.00", "currency", "usd"), 400, "parameter_invalid_integer", "amount"},
		{"too small", b.post("/v1/payment_intents", "", "amount", "49", "currency", "usd"), 400, "amount_too_small", "amount"},
		{"three decimals", b.post("/v1/payment_intents", "", "amount", "5005", "currency", "kwd"), 400, "invalid_charge_amount", "amount"},
		{"no fraction in ISK", b.post("/v1/payment_intents", "", "amount", "5050", "currency", "isk"), 400, "invalid_charge_amount", "amount"},
		{"not a currency", b.post("/v1/payment_intents", "", "amount", "500", "currency", "dollars"), 400, "", "currency"},
		{"no such customer", b.post("/v1/payment_intents", "", "amount", "500", "currency", "usd", "customer", "cus_none"), 400, "resource_missing", "customer"},
		{"no such method", b.post("/v1/payment_intents", "", "amount", "500", "currency", "usd", "payment_method", "pm_none"), 400, "resource_missing", "payment_method"},
		{"a kind that isn't taken", b.post("/v1/payment_intents", "", "amount", "500", "currency", "usd", "payment_method", "pm_usBankAccount_success"), 400, "payment_intent_incompatible_payment_method", ""},
		{"no such intent", b.get("/v1/payment_intents/pi_none"), 404, "resource_missing", "id"},
		{"no such address", b.get("/v1/subscriptions"), 404, "", ""},
		{"a limit that is too long", b.get("/v1/events", "limit", "101"), 400, "parameter_invalid_integer", "limit"},
		{"a card that can't be saved", b.post("/v1/payment_methods/pm_card_chargeDeclined/attach", "", "customer", customerID), 402, "card_declined", ""},
		{"lines of two currencies", b.post("/v1/checkout/sessions", "", "mode", "payment", "success_url", "http://x.test/",
			"line_items[0][price_data][currency]", "usd", "line_items[0][price_data][unit_amount]", "500", "line_items[0][price_data][product_data][name]", "A", "line_items[0][quantity]", "1",
			"line_items[1][price_data][currency]", "eur", "line_items[1][price_data][unit_amount]", "500", "line_items[1][price_data][product_data][name]", "B", "line_items[1][quantity]", "1"),
			400, "", "line_items[1][price_data][currency]"},
		{"nothing to pay", b.post("/v1/checkout/sessions", "", "mode", "payment", "success_url", "http://x.test/"), 400, "parameter_missing", "line_items"},
		{"a bad address", b.post("/v1/checkout/sessions", "", "mode", "setup", "success_url", "javascript:1"), 400, "url_invalid", "success_url"},
	} {
		if tc.reply.status != tc.status || tc.reply.str("error.code") != tc.code || tc.reply.str("error.param") != tc.param {
			t.Errorf("%s: %d %s", tc.name, tc.reply.status, tc.reply.raw)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sk_live_real")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a live key: %d", resp.StatusCode)
	}
}

func TestListsArePagedNewestFirst(t *testing.T) {
	b := setup(t, Options{})
	var ids []string
	for range 5 {
		ids = append([]string{b.customer()}, ids...)
	}
	page := func(params ...string) (string, bool) {
		r := b.must(b.get("/v1/customers", params...))
		var got []string
		for _, v := range r.doc["data"].([]any) {
			got = append(got, v.(doc)["id"].(string))
		}
		return strings.Join(got, " "), r.doc["has_more"].(bool)
	}
	join := func(ids []string) string { return strings.Join(ids, " ") }
	for _, tc := range []struct {
		params []string
		want   string
		more   bool
	}{
		{nil, join(ids), false},
		{[]string{"limit", "2"}, join(ids[:2]), true},
		{[]string{"limit", "2", "starting_after", ids[1]}, join(ids[2:4]), true},
		{[]string{"limit", "2", "starting_after", ids[3]}, join(ids[4:]), false},
		{[]string{"limit", "2", "ending_before", ids[4]}, join(ids[2:4]), true},
		{[]string{"limit", "2", "ending_before", ids[1]}, join(ids[:1]), false},
		{[]string{"created[gt]", "99999999999"}, "", false},
	} {
		if got, more := page(tc.params...); got != tc.want || more != tc.more {
			t.Errorf("%v: %s (more %v), want %s", tc.params, got, more, tc.want)
		}
	}
}

func TestExpand(t *testing.T) {
	b := setup(t, Options{})
	r := b.must(b.charged("pm_card_visa", "expand[0]", "latest_charge", "expand[1]", "payment_method"))
	if r.str("latest_charge.status") != "succeeded" || r.str("payment_method.card.brand") != "visa" {
		t.Errorf("%s", r.raw)
	}
	l := b.must(b.get("/v1/payment_intents", "expand[]", "data.latest_charge"))
	if l.doc["data"].([]any)[0].(doc)["latest_charge"].(doc)["amount"] != float64(1000) {
		t.Errorf("%s", l.raw)
	}
	if r := b.get("/v1/payment_intents/"+r.str("id"), "expand[]", "nothing"); r.status != 400 {
		t.Errorf("answered %d", r.status)
	}
}

// A charge says which card or account it went to, whether that was saved or not,
// and also when it was forgotten since.
func TestAChargeKeepsWhatWasCharged(t *testing.T) {
	b := setup(t, Options{})
	customerID := b.customer()
	for _, tc := range []struct{ token, details, brand, last4 string }{
		{"pm_card_amex", "card.brand", "amex", "0005"},
		{"pm_usBankAccount_success", "us_bank_account.bank_name", "STRIPE TEST BANK", "6789"},
	} {
		pi := b.must(b.charged(tc.token, "customer", customerID, "setup_future_usage", "off_session"))
		b.must(b.post("/v1/payment_methods/"+pi.str("payment_method")+"/detach", ""))
		r := b.must(b.get("/v1/payment_intents/"+pi.str("id"), "expand[]", "latest_charge"))
		kind, _, _ := strings.Cut(tc.details, ".")
		const details = "latest_charge.payment_method_details."
		if r.str(details+"type") != kind || r.str(details+tc.details) != tc.brand || r.str(details+kind+".last4") != tc.last4 {
			t.Errorf("%s: %s", tc.token, r.raw)
		}
	}
}

// The balance is every charge, less what went back.
func TestBalance(t *testing.T) {
	b := setup(t, Options{})
	paid := b.must(b.charged("pm_card_visa")).str("id")
	disputed := b.must(b.charged("pm_card_visa")).str("id")
	b.must(b.charged("pm_card_visa", "currency", "usd"))
	b.must(b.charged("pm_usBankAccount_success"))
	b.must(b.post("/v1/refunds", "", "payment_intent", paid, "amount", "300"))
	id, err := b.Dispute(t.Context(), disputed, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	available := func() any { return b.get("/v1/balance").doc["available"].([]any)[0].(doc)["amount"] }
	if got := available(); got != float64(1700) {
		t.Errorf("available %v", got)
	}
	if got := b.get("/v1/balance").doc["pending"].([]any)[0].(doc)["amount"]; got != float64(1000) {
		t.Errorf("pending %v", got)
	}
	if err := b.CloseDispute(t.Context(), id, true); err != nil {
		t.Fatal(err)
	}
	if got := available(); got != float64(2700) {
		t.Errorf("after the dispute was won: %v", got)
	}
}

// The product's clock and the moved one: what waits goes by the second, what is
// written by the first.
func TestAdvanceMovesNoDates(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := setup(t, Options{Now: func() time.Time { return now }})
	if err := b.Advance(t.Context(), 10*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	r := b.must(b.charged("pm_card_visa"))
	if r.at("created") != float64(now.Unix()) {
		t.Errorf("created %v, want %d", r.at("created"), now.Unix())
	}
	// A session's expiry is still by the date that the caller knows.
	id, _ := b.session("expires_at", itoa(now.Add(35*time.Minute).Unix(), 0))
	if err := b.Advance(t.Context(), 34*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/v1/checkout/sessions/" + id).str("status"); got != "open" {
		t.Errorf("a minute early it is %s", got)
	}
	if err := b.Advance(t.Context(), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/v1/checkout/sessions/" + id).str("status"); got != "expired" {
		t.Errorf("a minute late it is %s", got)
	}
}

// The log of requests says what was acted on.
func TestRequestsAreRemembered(t *testing.T) {
	b := setup(t, Options{})
	if err := b.Fail(t.Context(), Fault{Path: "/v1/payment_intents", Kind: LoseAnswer}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.try("POST", "/v1/payment_intents", "", "acct_1", "amount", "500", "currency", "usd"); err == nil {
		t.Fatal("the answer wasn't lost")
	}
	b.must(b.post("/v1/customers", "k1", "name", "Ada"))
	b.must(b.post("/v1/customers", "k1", "name", "Ada"))
	got, err := b.Requests(t.Context())
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got[0].Status != 0 || !got[0].Acted || got[0].Account != "acct_1" || got[0].Params.Get("amount") != "500" {
		t.Errorf("the lost answer: %+v", got[0])
	}
	if !got[1].Acted || got[1].Replayed || got[1].Key != "k1" {
		t.Errorf("the first: %+v", got[1])
	}
	if got[2].Acted || !got[2].Replayed || got[2].Status != 200 {
		t.Errorf("the second: %+v", got[2])
	}
}

func TestMoneyIsWrittenForPeople(t *testing.T) {
	for want, got := range map[string]string{
		"$1,234.50":          money(123450, "usd"),
		"$0.05":              money(5, "usd"),
		"¥240,000":           money(240000, "jpy"),
		"KWD\u00a01,234.500": money(1234500, "kwd"),
		"-€10.00":            money(-1000, "eur"),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Two people who press Pay in the same session pay once.
func TestOneSessionOneCharge(t *testing.T) {
	b := setup(t, Options{})
	_, page := b.session()
	done := make(chan int, 8)
	for range cap(done) {
		go func() {
			status, _, _ := visit(t, page, card("4242424242424242")...)
			done <- status
		}()
	}
	for range cap(done) {
		if status := <-done; status != 303 {
			t.Errorf("answered %d", status)
		}
	}
	if charges, err := b.Charges(t.Context()); err != nil || len(charges) != 1 {
		t.Errorf("%d charges, %v", len(charges), err)
	}
}
