package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/devstack/inbox"
	"countersign/devstack/stripesim"
)

// fault is a way to break the world. strike breaks it, keeps it broken for as
// long as it has to be, and mends what only it can mend.
type fault struct {
	kind   string
	strike func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error
}

// errSpared is a fault that was spared.
var errSpared = errors.New("spared")

// heavy faults take a process or a server away.
func heavy() []fault {
	return []fault{
		{"killed an API", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return killed(ctx, rng, w.apis[rng.IntN(len(w.apis))])
		}},
		{"killed a worker", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return killed(ctx, rng, w.workers[rng.IntN(len(w.workers))])
		}},
		{"killed all workers", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return killed(ctx, rng, w.workers...)
		}},
		{"killed everything", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return killed(ctx, rng, w.services()...)
		}},
		{"froze a worker past its time-outs", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return frozen(ctx, w.workers[rng.IntN(len(w.workers))], 7*time.Second)
		}},
		{"froze an API past its callers' patience", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return frozen(ctx, w.apis[rng.IntN(len(w.apis))], 6*time.Second)
		}},
		{"restarted Postgres", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return w.restartPostgres(ctx)
		}},
		{"restarted Temporal", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return w.restartTemporal(ctx)
		}},
	}
}

func killed(ctx context.Context, rng *rand.Rand, services ...*service) error {
	for _, s := range services {
		s.kill()
	}
	wait(ctx, time.Duration(rng.IntN(1500))*time.Millisecond)
	for _, s := range services {
		if err := s.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func frozen(ctx context.Context, s *service, for_ time.Duration) error {
	s.freeze()
	wait(ctx, for_)
	s.thaw()
	return nil
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// calls are those of the processor that faults are aimed at; the empty one is any.
var calls = []string{
	"", "", "", "/v1/payment_intents", "/v1/payment_intents/*", "/v1/payment_intents/*/confirm", "/v1/payment_intents/*/confirm",
	"/v1/payment_intents/*/cancel", "/v1/checkout/sessions", "/v1/checkout/sessions/*", "/v1/checkout/sessions/*/expire", "/v1/customers", "/v1/payment_methods/*",
}

// atProcessor is how a call to the processor goes wrong.
func atProcessor(rng *rand.Rand) stripesim.Fault {
	f := stripesim.Fault{Path: calls[rng.IntN(len(calls))], Count: 1 + rng.IntN(2)}
	kinds := []stripesim.Fault{
		{Kind: stripesim.LoseRequest},
		{Kind: stripesim.LoseRequest, Hold: time.Duration(1+rng.IntN(2)) * time.Second},
		{Kind: stripesim.LoseAnswer},
		{Kind: stripesim.LoseAnswer},
		// While the answer is held, the webhooks that tell of it come early.
		{Kind: stripesim.LoseAnswer, Hold: time.Duration(1+rng.IntN(2)) * time.Second},
		{Kind: stripesim.Slow, Hold: time.Second},
		{Kind: stripesim.Refuse, Status: http.StatusConflict},
		{Kind: stripesim.Refuse, Status: http.StatusTooManyRequests},
		{Kind: stripesim.Refuse, Status: http.StatusServiceUnavailable},
		// Its answer is saved under the key, and given again.
		{Kind: stripesim.Refuse, Status: http.StatusInternalServerError},
		{Kind: stripesim.ActAndRefuse, Status: http.StatusInternalServerError},
	}
	kind := kinds[rng.IntN(len(kinds))]
	f.Kind, f.Status, f.Hold = kind.Kind, kind.Status, kind.Hold
	return f
}

// dropped are the webhooks that may never come: all. Of money that goes back
// nothing else tells but the sweep of missed events.
var dropped = []string{"payment_intent.*", "checkout.session.*", "charge.*", "refund.*", "setup_intent.*"}

// light faults are in what passes between us and others.
func light() []fault {
	return []fault{
		{"", func(ctx context.Context, w *World, rng *rand.Rand, _ func(string)) error {
			return w.sim.Fail(ctx, atProcessor(rng))
		}},
		{"", func(ctx context.Context, w *World, rng *rand.Rand, _ func(string)) error {
			return w.sim.Fail(ctx, atProcessor(rng))
		}},
		{"", func(ctx context.Context, w *World, rng *rand.Rand, _ func(string)) error {
			return w.sim.Fail(ctx, atProcessor(rng))
		}},
		{"", func(ctx context.Context, w *World, rng *rand.Rand, _ func(string)) error {
			kinds := []stripesim.HookFault{
				{Kind: stripesim.Drop}, {Kind: stripesim.Double}, {Kind: stripesim.Reorder}, {Kind: stripesim.Delay, Delay: 3 * time.Second},
			}
			f := kinds[rng.IntN(len(kinds))]
			f.Count = 2 + rng.IntN(4)
			if f.Kind == stripesim.Drop {
				f.Type = dropped[rng.IntN(len(dropped))]
			}
			return w.sim.FailHooks(ctx, f)
		}},
		{"no webhook came any more", func(ctx context.Context, w *World, rng *rand.Rand, _ func(string)) error {
			if rng.IntN(3) > 0 {
				return errSpared
			}
			for _, kind := range dropped {
				if err := w.sim.FailHooks(ctx, stripesim.HookFault{Type: kind, Kind: stripesim.Drop, Count: 1000}); err != nil {
					return err
				}
			}
			return nil
		}},
		{"shuffled webhooks", func(ctx context.Context, w *World, _ *rand.Rand, note func(string)) error {
			err := w.sim.Shuffle(ctx, time.Second)
			wait(ctx, 2*time.Second)
			return err
		}},
		{"", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			return w.forge(ctx, rng, note)
		}},
		{"", func(ctx context.Context, w *World, rng *rand.Rand, note func(string)) error {
			kinds := []string{inbox.FaultError, inbox.FaultRateLimit, inbox.FaultWebhookTwice}
			f := inbox.Fault{Kind: kinds[rng.IntN(len(kinds))], Count: 1 + rng.IntN(2)}
			if err := w.inbox.Fail(ctx, f); err != nil {
				return err
			}
			wait(ctx, 3*time.Second)
			left, err := w.inbox.Faults(ctx)
			if err == nil && len(left) == 0 {
				note("mail: " + f.Kind)
			}
			return err
		}},
	}
}

// forge posts webhooks that aren't what they seem. Those with a wrong, an old or a
// future signature have to be refused; one that is signed well and lies may be
// taken, and has to change nothing.
func (w *World) forge(ctx context.Context, rng *rand.Rand, note func(string)) error {
	var payment uuid.UUID
	// Any payment that waits: it isn't paid just because somebody says so.
	if err := w.owner.QueryRow(ctx, "SELECT id FROM payments WHERE status IN ('awaiting_customer', 'declined') LIMIT 1").Scan(&payment); err != nil {
		payment = newID()
	}
	body := fmt.Appendf(nil, `{"id":"evt_forged_%d","object":"event","type":"payment_intent.succeeded","created":%d,"data":{"object":{"id":"pi_forged","object":"payment_intent","status":"succeeded","amount_received":1,"metadata":{"payment":"%s"}}}}`,
		rng.Uint32(), time.Now().Unix(), payment)
	for what, signature := range map[string]string{
		"forged: wrong secret":        stripesim.Sign(body, "whsec_other", time.Now()),
		"forged: an hour old":         stripesim.Sign(body, stripeSecret, time.Now().Add(-time.Hour)),
		"forged: from the future":     stripesim.Sign(body, stripeSecret, time.Now().Add(time.Hour)),
		"forged: signed well, a lie":  stripesim.Sign(body, stripeSecret, time.Now()),
		"forged: without a signature": "",
	} {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.gate.URL+"/webhooks/stripe", bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Stripe-Signature", signature)
		asked, cancel := context.WithTimeout(ctx, 3*time.Second)
		response, err := http.DefaultClient.Do(request.WithContext(asked))
		if err == nil {
			_ = response.Body.Close()
			lie := what == "forged: signed well, a lie"
			if taken := response.StatusCode < 300; taken && !lie {
				cancel()
				return fmt.Errorf("a webhook was taken that is %s", what)
			} else if taken || response.StatusCode == http.StatusBadRequest {
				note(what)
			}
		}
		cancel()
	}
	return nil
}
