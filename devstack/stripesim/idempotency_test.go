package stripesim

import (
	"bytes"
	"runtime"
	"testing"
	"time"
)

func TestSameKeySameBodyGivesTheSavedAnswer(t *testing.T) {
	b := setup(t, Options{})
	first := b.must(b.post("/v1/customers", "k1", "name", "Ada"))
	again := b.must(b.post("/v1/customers", "k1", "name", "Ada"))
	if !bytes.Equal(first.raw, again.raw) || first.replayed || !again.replayed {
		t.Errorf("first (replayed %v): %s\nagain (replayed %v): %s", first.replayed, first.raw, again.replayed, again.raw)
	}
	if other := b.must(b.post("/v1/customers", "k2", "name", "Ada")); other.str("id") == first.str("id") {
		t.Error("another key gave the same customer")
	}
	if other := b.must(b.call("POST", "/v1/customers", "k1", "acct_1", "name", "Ada")); other.str("id") == first.str("id") {
		t.Error("the same key in another account gave the same customer")
	}
}

func TestSameKeyOtherRequestIsRefused(t *testing.T) {
	b := setup(t, Options{})
	b.must(b.post("/v1/customers", "k1", "name", "Ada"))
	for _, r := range []reply{
		b.post("/v1/customers", "k1", "name", "Grace"),
		b.post("/v1/customers", "k1"),
		b.post("/v1/payment_methods", "k1", "name", "Ada"),
	} {
		if r.status != 400 || r.str("error.type") != "idempotency_error" {
			t.Errorf("answered %d: %s", r.status, r.raw)
		}
	}
}

// A saved 500 is repeated as any answer is; refusals before acting aren't saved.
func TestWhatIsSaved(t *testing.T) {
	b := setup(t, Options{})
	for _, tc := range []struct {
		name  string
		fault Fault
		saved bool
		acted bool
	}{
		{"500 before acting", Fault{Kind: Refuse, Status: 500}, true, false},
		{"500 after acting", Fault{Kind: ActAndRefuse, Status: 500}, true, true},
		{"429", Fault{Kind: Refuse, Status: 429}, false, false},
		{"409", Fault{Kind: Refuse, Status: 409}, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fault := tc.fault
			fault.Method, fault.Path = "POST", "/v1/customers"
			if err := b.Fail(t.Context(), fault); err != nil {
				t.Fatal(err)
			}
			before := len(b.get("/v1/customers", "limit", "100").doc["data"].([]any))
			if r := b.post("/v1/customers", tc.name, "name", "Ada"); r.status != fault.Status {
				t.Fatalf("answered %d", r.status)
			}
			made := len(b.get("/v1/customers", "limit", "100").doc["data"].([]any)) - before
			if (made == 1) != tc.acted {
				t.Errorf("it made %d customers", made)
			}
			again := b.post("/v1/customers", tc.name, "name", "Ada")
			if again.replayed != tc.saved || (again.status == fault.Status) != tc.saved {
				t.Errorf("again: %d, replayed %v", again.status, again.replayed)
			}
		})
	}
	t.Run("invalid parameters", func(t *testing.T) {
		if r := b.post("/v1/customers", "k9", "nome", "Ada"); r.status != 400 || r.str("error.code") != "parameter_unknown" {
			t.Fatalf("answered %d: %s", r.status, r.raw)
		}
		if r := b.post("/v1/customers", "k9", "name", "Ada"); r.status != 200 {
			t.Errorf("put right: %d: %s", r.status, r.raw)
		}
	})
	t.Run("a decline", func(t *testing.T) {
		for n := range 2 {
			r := b.post("/v1/payment_intents", "k10", "amount", "500", "currency", "usd", "confirm", "true", "payment_method", "pm_card_chargeDeclined")
			if r.status != 402 || r.replayed != (n == 1) {
				t.Errorf("%d: answered %d, replayed %v", n, r.status, r.replayed)
			}
		}
	})
}

func TestConcurrentSameKeyIsInUse(t *testing.T) {
	b := setup(t, Options{})
	if err := b.Fail(t.Context(), Fault{Path: "/v1/customers", Kind: Slow, Hold: 500 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	first := make(chan reply, 1)
	go func() {
		r, err := b.try("POST", "/v1/customers", "k1", "", "name", "Ada")
		if err != nil {
			t.Error(err)
		}
		first <- r
	}()
	for !b.busy() {
		runtime.Gosched()
	}
	if r := b.post("/v1/customers", "k1", "name", "Ada"); r.status != 409 || r.str("error.code") != "idempotency_key_in_use" {
		t.Errorf("answered %d: %s", r.status, r.raw)
	}
	if r := b.post("/v1/customers", "k2", "name", "Ada"); r.status != 200 {
		t.Errorf("another key: %d", r.status)
	}
	done := b.must(<-first)
	if r := b.post("/v1/customers", "k1", "name", "Ada"); !r.replayed || r.str("id") != done.str("id") {
		t.Errorf("afterwards: %d, replayed %v: %s", r.status, r.replayed, r.raw)
	}
}

// busy reports whether a key is being worked on.
func (b *bundle) busy() bool {
	b.sim.mu.Lock()
	defer b.sim.mu.Unlock()
	return len(b.sim.inFlight) > 0
}

func TestKeysArePrunedAfterADay(t *testing.T) {
	b := setup(t, Options{})
	first := b.must(b.post("/v1/customers", "k1", "name", "Ada")).str("id")
	if err := b.Advance(t.Context(), 23*time.Hour); err != nil {
		t.Fatal(err)
	}
	if r := b.must(b.post("/v1/customers", "k1", "name", "Ada")); r.str("id") != first {
		t.Error("the key was forgotten within a day")
	}
	if err := b.Advance(t.Context(), 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	if r := b.must(b.post("/v1/customers", "k1", "name", "Grace")); r.str("id") == first {
		t.Error("the key was remembered after a day")
	}
}
