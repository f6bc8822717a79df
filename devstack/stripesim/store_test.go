package stripesim

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Everything is there after a restart: objects, keys, time, and webhooks that
// hadn't been taken.
func TestStateSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stripe.json")
	h := receive(t)
	open := func() (*Sim, *bundle) {
		sim, err := New(Options{State: path, WebhookURL: "http://127.0.0.1:1", WebhookSecret: "whsec_1"})
		if err != nil {
			t.Fatal(err)
		}
		url, err := sim.Start("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return sim, &bundle{Admin: &Admin{URL: url}, t: t, sim: sim}
	}

	sim, b := open()
	paid := b.must(b.post("/v1/payment_intents", "k1", "amount", "1000", "currency", "usd", "payment_method", "pm_card_visa", "confirm", "true"))
	debit := b.must(b.charged("pm_usBankAccount_success")).str("id")
	sessionID, _ := b.session()
	if err := b.Advance(t.Context(), 20*time.Minute); err != nil {
		t.Fatal(err)
	}
	charges, err := b.Charges(t.Context())
	if err != nil || len(charges) != 2 {
		t.Fatalf("%+v, %v", charges, err)
	}
	pending, err := b.Pending(t.Context())
	if err != nil || len(pending) == 0 {
		t.Fatalf("%v pending, %v", pending, err)
	}
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	// A process that is killed while it writes leaves half a line.
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`[{"kind":"charge","key":"ch_half","da`); err != nil {
		t.Fatal(err)
	}
	_ = file.Close()

	sim, b = open()
	defer func() { _ = sim.Close() }()
	again := b.post("/v1/payment_intents", "k1", "amount", "1000", "currency", "usd", "payment_method", "pm_card_visa", "confirm", "true")
	if !again.replayed || !bytes.Equal(again.raw, paid.raw) {
		t.Errorf("the saved answer: replayed %v, %s", again.replayed, again.raw)
	}
	if got, err := b.Charges(t.Context()); err != nil || len(got) != 2 || got[0].ID != charges[0].ID || got[1].ID != charges[1].ID {
		t.Errorf("charges: %+v, %v", got, err)
	}
	if got, err := b.Pending(t.Context()); err != nil || len(got) != len(pending) {
		t.Errorf("pending: %v, %v", got, err)
	}
	if err := b.Advance(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/v1/checkout/sessions/" + sessionID).str("status"); got != "expired" {
		t.Errorf("the session is %s", got)
	}
	if err := b.Advance(t.Context(), 3*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/v1/payment_intents/" + debit).str("status"); got != succeeded {
		t.Errorf("the debit is %s", got)
	}
	if err := b.SetWebhook(t.Context(), h.url, "whsec_1"); err != nil {
		t.Fatal(err)
	}
	if err := b.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if len(h.events) < len(pending) {
		t.Errorf("%d of %d webhooks came", len(h.events), len(pending))
	}
}

func TestResetForgetsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stripe.json")
	b := setup(t, Options{State: path})
	b.must(b.charged("pm_card_visa"))
	if err := b.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	charges, err := b.Charges(t.Context())
	events, err2 := b.Events(t.Context())
	if err != nil || err2 != nil || len(charges) != 0 || len(events) != 0 {
		t.Errorf("%v, %v; %v, %v", charges, events, err, err2)
	}
	b.must(b.charged("pm_card_visa"))
	if raw, err := os.ReadFile(path); err != nil || bytes.Count(raw, []byte("\n")) != 1 {
		t.Errorf("the file holds %s, %v", raw, err)
	}
}

func TestUnreadableStateIsSaidNotLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stripe.json")
	if err := os.WriteFile(path, []byte("not ours\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sim, err := New(Options{State: path}); err == nil {
		_ = sim.Close()
		t.Error("it was taken")
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "not ours\n" {
		t.Errorf("the file holds %s, %v", raw, err)
	}
}
