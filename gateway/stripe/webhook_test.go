package stripe

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"countersign/devstack/stripesim"
	"countersign/gateway"
)

const secret = "whsec_test"

var body = []byte(`{"id":"evt_1","object":"event","api_version":"2099-01-01","created":1700000000,"type":"payment_intent.succeeded",` +
	`"account":"acct_1","data":{"object":{"id":"pi_1","object":"payment_intent","metadata":{"payment":"pay-1"}}}}`)

func signed(body []byte, secret string, at time.Time) http.Header {
	return http.Header{"Stripe-Signature": {stripesim.Sign(body, secret, at)}}
}

func verifier(t *testing.T, secrets ...string) gateway.Verifier {
	t.Helper()
	v, err := NewVerifier(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerifierReadsAHint(t *testing.T) {
	now := time.Unix(1700000100, 0)
	h, err := verifier(t, secret)(body, signed(body, secret, now), now)
	want := gateway.Hint{
		EventID: "evt_1", Type: "payment_intent.succeeded", Account: "acct_1", ObjectID: "pi_1", ObjectKind: "payment_intent",
		IntentID: "pi_1", PaymentID: "pay-1", Created: time.Unix(1700000000, 0).UTC(),
	}
	if err != nil || h != want {
		t.Errorf("got %+v, %v", h, err)
	}
}

func TestVerifierRefuses(t *testing.T) {
	now := time.Unix(1700000100, 0)
	good := stripesim.Sign(body, secret, now)
	notEvent := []byte(`{"hello":"world"}`)
	notJSON := []byte(`hello`)
	for _, tc := range []struct {
		name   string
		body   []byte
		header string
	}{
		{"unsigned", body, ""},
		{"signed with another secret", body, stripesim.Sign(body, "whsec_other", now)},
		{"signed with no secret", body, stripesim.Sign(body, "", now)},
		{"another body", []byte(strings.Replace(string(body), "pay-1", "pay-2", 1)), good},
		{"a byte more", append([]byte(" "), body...), good},
		{"too old", body, stripesim.Sign(body, secret, now.Add(-5*time.Minute-time.Second))},
		{"from the future", body, stripesim.Sign(body, secret, now.Add(5*time.Minute+time.Second))},
		{"a new time before an old one", body, "t=1700000100," + stripesim.Sign(body, secret, now.Add(-time.Hour))},
		{"a new time after an old one", body, stripesim.Sign(body, secret, now.Add(-time.Hour)) + ",t=1700000100"},
		{"time without signature", body, "t=1700000100"},
		{"signature without time", body, strings.SplitN(good, ",", 2)[1]},
		{"time that is none", body, "t=soon," + strings.SplitN(good, ",", 2)[1]},
		{"only an old scheme", body, strings.Replace(good, "v1=", "v0=", 1)},
		{"not an event", notEvent, stripesim.Sign(notEvent, secret, now)},
		{"not JSON", notJSON, stripesim.Sign(notJSON, secret, now)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, err := verifier(t, secret)(tc.body, http.Header{"Stripe-Signature": {tc.header}}, now)
			if err == nil || h != (gateway.Hint{}) {
				t.Errorf("got %+v, %v", h, err)
			}
		})
	}
}

func TestVerifierTakesFiveMinutesEitherWay(t *testing.T) {
	now := time.Unix(1700000100, 0)
	for _, off := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
		if _, err := verifier(t, secret)(body, signed(body, secret, now.Add(off)), now); err != nil {
			t.Errorf("%s off: %v", off, err)
		}
	}
}

// stripe-go would take a body signed with nothing as genuine.
func TestVerifierNeedsASecret(t *testing.T) {
	for _, secrets := range [][]string{nil, {""}, {"  "}, {secret, ""}} {
		if _, err := NewVerifier(secrets...); err == nil {
			t.Errorf("%q was taken", secrets)
		}
	}
}

func TestVerifierTakesEachSecret(t *testing.T) {
	now := time.Unix(1700000100, 0)
	v := verifier(t, "whsec_old", secret)
	for _, s := range []string{"whsec_old", secret} {
		if _, err := v(body, signed(body, s, now), now); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// What the simulator sends verifies, and leads to the payment.
func TestWebhookLeadsToPayment(t *testing.T) {
	v := verifier(t, secret)
	hints := make(chan gateway.Hint, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		h, err := v(raw, r.Header, time.Now())
		if err != nil {
			t.Error(err)
		}
		hints <- h
	}))
	defer receiver.Close()
	b := setup(t, func(o *stripesim.Options) {
		o.WebhookURL, o.WebhookSecret, o.Events = receiver.URL, secret, EventTypes()
	})
	cs := b.session(t, nil)
	if _, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{Card: "4000000000009995"}); err != nil {
		t.Fatal(err)
	}
	paid, err := b.admin.Pay(t.Context(), cs.ID, stripesim.PayParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"payment_intent.payment_failed", "payment_intent.succeeded", "checkout.session.completed"} {
		select {
		case h := <-hints:
			if h.Type != want || h.PaymentID != "pay-1" || h.IntentID != paid.Intent {
				t.Errorf("got %+v, want %s", h, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no %s came", want)
		}
	}
}
