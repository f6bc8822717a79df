package stripe

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// The one table of what each failure means to the caller.
func TestMapError(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header http.Header
		body   string
		kind   gateway.Kind
		code   string
		after  time.Duration
	}{
		{"server error", 500, nil, `{"error":{"type":"api_error","message":"m"}}`, gateway.UnknownOutcome, "api_error", 0},
		{"unavailable", 503, nil, `{"error":{"type":"api_error"}}`, gateway.UnknownOutcome, "api_error", 0},
		{"a saved server error", 500, http.Header{"Idempotent-Replayed": {"true"}}, `{"error":{"type":"api_error"}}`, gateway.Spoiled, "api_error", 0},
		{"a proxy's page", 502, nil, `<html>Bad gateway</html>`, gateway.UnknownOutcome, "", 0},
		{"no error in the answer", 400, nil, `{}`, gateway.UnknownOutcome, "", 0},
		{"a success that can't be read", 200, nil, `{"id":`, gateway.UnknownOutcome, "", 0},
		{"a redirect", 307, http.Header{"Location": {"http://127.0.0.1:1/"}}, ``, gateway.UnknownOutcome, "", 0},
		{"key in use", 409, nil, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}`, gateway.UnknownOutcome, "idempotency_key_in_use", 0},
		{"rate", 429, http.Header{"Retry-After": {"3"}}, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, gateway.RateLimited, "rate_limit", 3 * time.Second},
		{"lock", 429, nil, `{"error":{"type":"invalid_request_error","code":"lock_timeout"}}`, gateway.RateLimited, "lock_timeout", 0},
		{"key with another body", 400, nil, `{"error":{"type":"idempotency_error"}}`, gateway.Permanent, "idempotency_error", 0},
		{"state", 400, nil, `{"error":{"type":"invalid_request_error","code":"payment_intent_unexpected_state"}}`, gateway.UnexpectedState, "payment_intent_unexpected_state", 0},
		{"refunded", 400, nil, `{"error":{"type":"invalid_request_error","code":"charge_already_refunded"}}`, gateway.UnexpectedState, "charge_already_refunded", 0},
		{"mandate", 400, nil, `{"error":{"type":"invalid_request_error","code":"payment_intent_mandate_invalid"}}`, gateway.NeedsCustomer, "payment_intent_mandate_invalid", 0},
		{"authentication without an intent", 402, nil, `{"error":{"type":"card_error","code":"authentication_required"}}`, gateway.NeedsCustomer, "authentication_required", 0},
		{"not found", 404, nil, `{"error":{"type":"invalid_request_error","code":"resource_missing"}}`, gateway.NotFound, "resource_missing", 0},
		{"parameter not found", 400, nil, `{"error":{"type":"invalid_request_error","code":"resource_missing","param":"customer"}}`, gateway.NotFound, "resource_missing", 0},
		{"unknown address", 404, nil, `{"error":{"type":"invalid_request_error"}}`, gateway.NotFound, "invalid_request_error", 0},
		{"bad request", 400, nil, `{"error":{"type":"invalid_request_error","code":"parameter_unknown"}}`, gateway.Permanent, "parameter_unknown", 0},
		{"bad key", 401, nil, `{"error":{"type":"invalid_request_error"}}`, gateway.Permanent, "invalid_request_error", 0},
		{"not our account", 403, nil, `{"error":{"type":"invalid_request_error","code":"account_invalid"}}`, gateway.Permanent, "account_invalid", 0},
		{"card without an intent", 402, nil, `{"error":{"type":"card_error","code":"card_declined"}}`, gateway.Permanent, "card_declined", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), tc.header)
				w.Header().Set("Request-Id", "req_1")
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			}))
			defer srv.Close()
			c, err := New(Config{Key: "sk_test_1", URL: srv.URL})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.ConfirmIntent(t.Context(), "", "pi_1", gateway.ConfirmParams{PaymentID: "p"})
			var e *gateway.Error
			if !errors.As(err, &e) || e.Kind != tc.kind || e.Code != tc.code || e.RetryAfter != tc.after {
				t.Fatalf("got %#v", err)
			}
			if tc.code != "" && e.RequestID != "req_1" {
				t.Errorf("request ID %q", e.RequestID)
			}
		})
	}
}

func TestNoAnswerIsUnknownOutcome(t *testing.T) {
	hang := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	defer close(hang)
	c, err := New(Config{Key: "sk_test_1", URL: srv.URL, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetIntent(t.Context(), "", "pi_1"); gateway.KindOf(err) != gateway.UnknownOutcome {
		t.Errorf("timed out: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.GetIntent(ctx, "", "pi_1"); gateway.KindOf(err) != gateway.UnknownOutcome || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	srv.CloseClientConnections()
	c, err = New(Config{Key: "sk_test_1", URL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetIntent(t.Context(), "", "pi_1"); gateway.KindOf(err) != gateway.UnknownOutcome {
		t.Errorf("nobody there: %v", err)
	}
}

// Every call that changes something carries our key and the account, and none is
// made twice by the library.
func TestCallsAreKeyedAndNotRetried(t *testing.T) {
	var calls []http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Header.Clone())
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"error":{"type":"api_error"}}`))
	}))
	defer srv.Close()
	c, err := New(Config{Key: "sk_test_1", URL: srv.URL, NewKey: func() string { return "k" }})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for _, tc := range []struct {
		key  string
		call func() error
	}{
		{"cus:c1:4d01ebbbc427", func() error { _, err := c.EnsureCustomer(ctx, "acct_9", gateway.CustomerParams{ID: "c1"}); return err }},
		{"cus:c1:ab034e250063:again:1", func() error {
			_, err := c.EnsureCustomer(ctx, "acct_9", gateway.CustomerParams{ID: "c1", Name: "Ada", Again: 1})
			return err
		}},
		{"confirm:p1:3:again:2", func() error {
			_, err := c.ConfirmIntent(ctx, "acct_9", "pi_1", gateway.ConfirmParams{PaymentID: "p1", Attempt: 3, Again: 2})
			return err
		}},
		{"pi:p1", func() error {
			_, err := c.CreateIntent(ctx, "acct_9", gateway.IntentParams{PaymentID: "p1"})
			return err
		}},
		{"pi:p1:2", func() error {
			_, err := c.CreateIntent(ctx, "acct_9", gateway.IntentParams{PaymentID: "p1", Attempt: 2})
			return err
		}},
		{"confirm:p1:3", func() error {
			_, err := c.ConfirmIntent(ctx, "acct_9", "pi_1", gateway.ConfirmParams{PaymentID: "p1", Attempt: 3})
			return err
		}},
		{"cancel:p1", func() error { _, err := c.CancelIntent(ctx, "acct_9", "pi_1", "cancel:p1"); return err }},
		{"cs:p1:4", func() error {
			_, err := c.CreateCheckout(ctx, "acct_9", gateway.CheckoutParams{PaymentID: "p1", Attempt: 4})
			return err
		}},
		{"expire:cs_1:k", func() error { _, err := c.ExpireCheckout(ctx, "acct_9", "cs_1"); return err }},
		{"update:pm_1:k", func() error { _, err := c.UpdateMethod(ctx, "acct_9", "pm_1", gateway.MethodParams{}); return err }},
		{"detach:pm_1:k", func() error { _, err := c.DetachMethod(ctx, "acct_9", "pm_1"); return err }},
		{"refund:r1", func() error { _, err := c.Refund(ctx, "acct_9", gateway.RefundParams{ID: "r1"}); return err }},
		{"", func() error { _, err := c.GetIntent(ctx, "acct_9", "pi_1"); return err }},
		{"", func() error { _, _, err := c.FindIntent(ctx, "acct_9", "cus_1", "p1"); return err }},
		{"", func() error { _, err := c.ListEvents(ctx, "acct_9", time.Now(), ""); return err }},
	} {
		calls = nil
		if err := tc.call(); gateway.KindOf(err) != gateway.UnknownOutcome {
			t.Errorf("%s: %v", tc.key, err)
		}
		if len(calls) != 1 {
			t.Errorf("%s: called %d times", tc.key, len(calls))
			continue
		}
		h := calls[0]
		if h.Get("Idempotency-Key") != tc.key || h.Get("Stripe-Account") != "acct_9" || h.Get("Stripe-Version") != sdk.APIVersion {
			t.Errorf("%s: sent %v", tc.key, h)
		}
	}
	if sdk.APIVersion != "2023-10-16" {
		t.Errorf("stripe-go speaks %s", sdk.APIVersion)
	}
}

func TestNewNeedsAKey(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("an empty key was taken")
	}
}
