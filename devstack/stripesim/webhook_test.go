package stripesim

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

var paidEvents = []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}

func TestWebhooksComeInOrderAndAreRetried(t *testing.T) {
	h := receive(t)
	b := setup(t, Options{WebhookURL: h.url, WebhookSecret: "whsec_1"})
	h.answer <- 500
	b.must(b.charged("pm_card_visa"))
	if got := h.take(t, 3); got[2] != "payment_intent.created" || got[0] != "charge.succeeded" {
		t.Errorf("with the first refused once: %v", got)
	}
	if err := b.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	b.must(b.charged("pm_card_visa"))
	if got := h.take(t, 3); !slices.Equal(got, paidEvents) {
		t.Errorf("came %v", got)
	}
}

func TestWebhookFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault HookFault
		want  []string
	}{
		{"drop", HookFault{Type: "charge.*", Kind: Drop}, []string{"payment_intent.created", "payment_intent.succeeded"}},
		{"double", HookFault{Type: "charge.*", Kind: Double}, []string{"payment_intent.created", "charge.succeeded", "charge.succeeded", "payment_intent.succeeded"}},
		{"delay", HookFault{Kind: Delay, Delay: 300 * time.Millisecond}, []string{"charge.succeeded", "payment_intent.succeeded", "payment_intent.created"}},
		{"reorder", HookFault{Kind: Reorder, Count: 3}, []string{"payment_intent.succeeded", "charge.succeeded", "payment_intent.created"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := receive(t)
			b := setup(t, Options{WebhookURL: h.url, WebhookSecret: "whsec_1"})
			if err := b.FailHooks(t.Context(), tc.fault); err != nil {
				t.Fatal(err)
			}
			b.must(b.charged("pm_card_visa"))
			if got := h.take(t, len(tc.want)); !slices.Equal(got, tc.want) {
				t.Errorf("came %v", got)
			}
			if err := b.Drain(t.Context()); err != nil {
				t.Error(err)
			}
			// It was for this once.
			b.must(b.charged("pm_card_visa"))
			if got := h.take(t, 3); !slices.Equal(got, paidEvents) {
				t.Errorf("then came %v", got)
			}
			// Nothing is lost to the list.
			if n := len(b.get("/v1/events", "limit", "100").doc["data"].([]any)); n != 6 {
				t.Errorf("%d events are listed", n)
			}
		})
	}
}

func TestShuffledWebhooksAllCome(t *testing.T) {
	h := receive(t)
	b := setup(t, Options{WebhookURL: h.url, WebhookSecret: "whsec_1", Events: []string{"payment_intent.succeeded"}})
	if err := b.Shuffle(t.Context(), 200*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	var made, came []string
	for range 12 {
		made = append(made, b.must(b.charged("pm_card_visa")).str("id"))
	}
	for range made {
		select {
		case e := <-h.events:
			for _, id := range made {
				if bytes.Contains(e.Body, []byte(`"id":"`+id+`"`)) {
					came = append(came, id)
				}
			}
		case <-time.After(10 * time.Second):
			t.Fatal("they didn't all come")
		}
	}
	if slices.Equal(made, came) {
		t.Error("twelve shuffled webhooks came in order")
	}
	slices.Sort(made)
	slices.Sort(came)
	if !slices.Equal(made, came) {
		t.Errorf("made %v, came %v", made, came)
	}
}

func TestPausedAndHealed(t *testing.T) {
	h := receive(t)
	b := setup(t, Options{WebhookURL: h.url, WebhookSecret: "whsec_1"})
	if err := b.Pause(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	b.must(b.charged("pm_card_visa"))
	if pending, err := b.Pending(t.Context()); err != nil || len(pending) != 3 || len(h.events) != 0 {
		t.Fatalf("%v pending, %v", pending, err)
	}
	if err := b.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.take(t, 3); !slices.Equal(got, paidEvents) {
		t.Errorf("came %v", got)
	}
}

func TestWebhookNeedsASecret(t *testing.T) {
	if _, err := New(Options{WebhookURL: "http://127.0.0.1:1"}); err == nil {
		t.Error("a webhook without a secret was taken")
	}
	b := setup(t, Options{})
	if err := b.SetWebhook(t.Context(), "http://127.0.0.1:1", ""); err == nil {
		t.Error("a webhook without a secret was set")
	}
}

// Events of a connected account say whose they are.
func TestWebhookOfAnAccount(t *testing.T) {
	h := receive(t)
	b := setup(t, Options{WebhookURL: h.url, WebhookSecret: "whsec_1"})
	b.must(b.call("POST", "/v1/customers", "", "acct_7", "name", "Ada"))
	select {
	case e := <-h.events:
		if e.Account != "acct_7" || e.Type != "customer.created" {
			t.Errorf("%+v", e)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("none came")
	}
}
