package stripesim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Admin works a simulator from outside, in this process or another: it moves
// time, sets faults, does what people and banks do, and lists what happened.
type Admin struct {
	// URL is the simulator's base URL.
	URL string
	// Key is a secret test key, for the calls that go through the API; ""
	// means sk_test_sim.
	Key string
	// HTTP is the client; nil means http.DefaultClient.
	HTTP *http.Client
}

// Advance moves everything that waits nearer by d: bank debits settle, sessions
// expire, idempotency keys are pruned. The dates that are written on things
// don't move.
func (a *Admin) Advance(ctx context.Context, d time.Duration) error {
	return a.call(ctx, http.MethodPost, "/_sim/clock", doc{"by": d}, nil)
}

// Reset forgets everything: objects, events, faults, requests.
func (a *Admin) Reset(ctx context.Context) error {
	return a.call(ctx, http.MethodPost, "/_sim/reset", nil, nil)
}

// Fail makes the next API requests that match go wrong.
func (a *Admin) Fail(ctx context.Context, f Fault) error {
	return a.call(ctx, http.MethodPost, "/_sim/faults", f, nil)
}

// FailHooks makes the next webhooks that match go wrong.
func (a *Admin) FailHooks(ctx context.Context, f HookFault) error {
	return a.call(ctx, http.MethodPost, "/_sim/webhooks/faults", f, nil)
}

// Shuffle delivers each webhook after a random wait of at most over, so that they
// overtake each other; 0 delivers in order again.
func (a *Admin) Shuffle(ctx context.Context, over time.Duration) error {
	return a.call(ctx, http.MethodPost, "/_sim/webhooks/shuffle", doc{"over": over}, nil)
}

// Pause keeps all webhooks back, or sends them again.
func (a *Admin) Pause(ctx context.Context, paused bool) error {
	return a.call(ctx, http.MethodPost, "/_sim/webhooks/pause", doc{"paused": paused}, nil)
}

// Heal takes all faults away, of requests and of webhooks.
func (a *Admin) Heal(ctx context.Context) error {
	return a.call(ctx, http.MethodDelete, "/_sim/faults", nil, nil)
}

// SetWebhook sends events to another address from now on; "" sends none.
func (a *Admin) SetWebhook(ctx context.Context, url, secret string) error {
	return a.call(ctx, http.MethodPost, "/_sim/webhook", doc{"url": url, "secret": secret}, nil)
}

// Pending lists the events that the webhook hasn't taken yet.
func (a *Admin) Pending(ctx context.Context) ([]PendingHook, error) {
	var out []PendingHook
	err := a.call(ctx, http.MethodGet, "/_sim/webhooks", nil, &out)
	return out, err
}

// Drain waits until the webhook has taken every event that was sent.
func (a *Admin) Drain(ctx context.Context) error {
	for {
		pending, err := a.Pending(ctx)
		if err != nil {
			return err
		}
		if len(pending) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d webhooks were not taken: %w", len(pending), ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Requests lists the API requests that were received, oldest first.
func (a *Admin) Requests(ctx context.Context) ([]Request, error) {
	var out []Request
	err := a.call(ctx, http.MethodGet, "/_sim/requests", nil, &out)
	return out, err
}

// NameMerchant names the business that Checkout shows for an account.
func (a *Admin) NameMerchant(ctx context.Context, account, name string) error {
	return a.call(ctx, http.MethodPost, "/_sim/merchant", doc{"account": account, "name": name}, nil)
}

// Decline sets the outcomes of a saved method's next charges, one after the
// other: decline codes such as insufficient_funds, or ok. After them, the
// method does what it always does. Stripe's test cards can't do this, as those
// that decline can't be saved.
func (a *Admin) Decline(ctx context.Context, methodID string, reasons ...string) error {
	return a.call(ctx, http.MethodPost, "/_sim/methods/"+methodID+"/decline", doc{"reasons": reasons}, nil)
}

// PayParams is what a person fills in on the Checkout page. The zero value is
// the test card that succeeds.
type PayParams struct {
	// Card is a test card's number; "" is 4242 4242 4242 4242.
	Card string
	// BankAccount is a test account's number, instead of a card.
	BankAccount string
	// Save ticks the box that saves the method, where it is offered.
	Save bool
	// Authenticate is what the person does when the card asks: pass (also
	// ""), fail, or leave.
	Authenticate string
	// Name and Country are the billing details; they have defaults.
	Name    string
	Country string
}

// Pay does in a Checkout session what a person would, without the page. A
// refused attempt is in the summary, and not an error.
func (a *Admin) Pay(ctx context.Context, sessionID string, p PayParams) (PaySummary, error) {
	in := doc{
		"kind": "card", "number": p.Card, "expiry": "12/40", "cvc": "123",
		"name": p.Name, "country": p.Country, "postal": "94107", "line1": "1 Test Street", "city": "San Francisco", "state": "CA",
		"save": p.Save, "authenticate": p.Authenticate,
	}
	if p.Card == "" {
		in["number"] = "4242424242424242"
	}
	if strings.HasPrefix(p.Card, "37") {
		in["cvc"] = "1234"
	}
	if p.BankAccount != "" {
		in["kind"], in["routing"], in["account"] = "us_bank_account", testRouting, p.BankAccount
	}
	if p.Name == "" {
		in["name"] = "Test Payer"
	}
	if p.Country == "" {
		in["country"] = "US"
	}
	var out PaySummary
	err := a.call(ctx, http.MethodPost, "/_sim/sessions/"+sessionID+"/pay", in, &out)
	return out, err
}

// Settle ends a bank debit now: well, or with a failure such as no_account.
func (a *Admin) Settle(ctx context.Context, intentID, failure string) error {
	return a.call(ctx, http.MethodPost, "/_sim/intents/"+intentID+"/settle", doc{"failure": failure}, nil)
}

// Authenticate does what the customer does on the authentication page.
func (a *Admin) Authenticate(ctx context.Context, intentID string, pass bool) error {
	return a.call(ctx, http.MethodPost, "/_sim/intents/"+intentID+"/authenticate", doc{"pass": pass}, nil)
}

// Dispute takes an intent's charge back, as the customer's bank would, and gives
// the dispute's ID. An amount of 0 is all of it; a bank debit's dispute is lost
// at once.
func (a *Admin) Dispute(ctx context.Context, intentID string, amount int64, reason string) (string, error) {
	var out struct{ ID string }
	err := a.call(ctx, http.MethodPost, "/_sim/intents/"+intentID+"/dispute", doc{"amount": amount, "reason": reason}, &out)
	return out.ID, err
}

// CloseDispute ends a dispute.
func (a *Admin) CloseDispute(ctx context.Context, disputeID string, won bool) error {
	return a.call(ctx, http.MethodPost, "/_sim/disputes/"+disputeID+"/close", doc{"won": won}, nil)
}

// Refund gives an intent's money back, as somebody at the processor's dashboard
// would, and gives the refund's ID. An amount of 0 is all that is left.
func (a *Admin) Refund(ctx context.Context, intentID string, amount int64) (string, error) {
	var out struct{ ID string }
	err := a.call(ctx, http.MethodPost, "/_sim/intents/"+intentID+"/refund", doc{"amount": amount}, &out)
	return out.ID, err
}

// SaveMethod saves a test method (pm_card_visa, pm_usBankAccount_success) for a
// customer and gives its ID. It agrees to charges when the customer is away.
func (a *Admin) SaveMethod(ctx context.Context, account, customerID, token string) (string, error) {
	form := url.Values{
		"customer":                {customerID},
		"payment_method":          {token},
		"confirm":                 {"true"},
		"usage":                   {"off_session"},
		"payment_method_types[0]": {"card"},
		"payment_method_types[1]": {"us_bank_account"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL+"/v1/setup_intents", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	key := a.Key
	if key == "" {
		key = "sk_test_sim"
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if account != "" {
		req.Header.Set("Stripe-Account", account)
	}
	var out struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		Method string `json:"payment_method"`
	}
	if err := a.do(req, &out); err != nil {
		return "", err
	}
	if out.Status == requiresAction {
		if err := a.call(ctx, http.MethodPost, "/_sim/setups/"+out.ID+"/authenticate", doc{"pass": true}, &out); err != nil {
			return "", err
		}
	}
	if out.Status == succeeded {
		return out.Method, nil
	}
	return "", fmt.Errorf("stripesim: %s was not saved: the setup is %s", token, out.Status)
}

func (a *Admin) call(ctx context.Context, verb, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		body = bytes.NewReader(mustJSON(in))
	}
	req, err := http.NewRequestWithContext(ctx, verb, a.URL+path, body)
	if err != nil {
		return err
	}
	return a.do(req, out)
}

func (a *Admin) do(req *http.Request, out any) error {
	client := a.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New("stripesim: " + resp.Status + ": " + string(body))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(body, out)
}
