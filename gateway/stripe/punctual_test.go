package stripe

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/gateway"
)

// A refund or a charge that was decided on long ago isn't sent any more: what it was decided on may be so no longer.
func TestMoneyIsMovedInTimeOrNotAtAll(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	sent := 0
	c, err := New(Config{Key: "sk_test", URL: "http://stripe.test", Now: func() time.Time { return noon }, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		sent++
		return nil, http.ErrServerClosed
	})})
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct {
		until time.Time
		sent  int
	}{{time.Time{}, 1}, {noon.Add(time.Second), 1}, {noon, 1}, {noon.Add(-time.Second), 0}} {
		sent = 0
		_, err := c.Refund(t.Context(), "", gateway.RefundParams{ID: "r", IntentID: "pi", Amount: 100, Until: each.until})
		if sent != each.sent {
			t.Errorf("until %v it was sent %d times", each.until, sent)
		}
		refunds := sent
		if _, err := c.ConfirmIntent(t.Context(), "", "pi", gateway.ConfirmParams{PaymentID: "p", Attempt: 1, Until: each.until}); err == nil || sent-refunds != each.sent {
			t.Errorf("until %v a confirm was sent %d times: %v", each.until, sent-refunds, err)
		}
		if each.sent == 0 && (err == nil || !strings.Contains(err.Error(), "was to be sent by") || gateway.KindOf(err) == gateway.Permanent) {
			t.Errorf("until %v it says %v", each.until, err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
