package stripe

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"countersign/gateway"
)

// tolerance is how far a signature's time may be from ours, before or after: the
// five minutes that Stripe's documentation recommends.
const tolerance = 5 * time.Minute

// NewVerifier makes the check of Stripe's webhooks. It takes the signing secret
// of each endpoint that posts to the same address (an account's and a Connect
// platform's differ, and so do an old and a new one while they are rolled). An
// empty secret is refused here, because stripe-go would then accept whatever
// anybody signs with nothing.
func NewVerifier(secrets ...string) (gateway.Verifier, error) {
	if len(secrets) == 0 {
		return nil, errors.New("stripe: no webhook signing secret")
	}
	for _, s := range secrets {
		if strings.TrimSpace(s) == "" {
			return nil, errors.New("stripe: the webhook signing secret is empty")
		}
	}
	return func(body []byte, header http.Header, now time.Time) (gateway.Hint, error) {
		signature := header.Get("Stripe-Signature")
		signed, err := signedAt(signature)
		if err != nil {
			return gateway.Hint{}, err
		}
		// stripe-go checks against its own clock, and takes any time to
		// come, so that a captured body could be replayed later.
		if age := now.Sub(signed); age > tolerance || age < -tolerance {
			return gateway.Hint{}, fmt.Errorf("stripe webhook: signed %s from now", age.Round(time.Second))
		}
		for _, secret := range secrets {
			event, err := webhook.ConstructEventWithOptions(body, signature, secret, webhook.ConstructEventOptions{
				IgnoreTolerance:          true,
				IgnoreAPIVersionMismatch: true,
			})
			switch {
			case errors.Is(err, webhook.ErrNoValidSignature):
				continue
			case err != nil:
				return gateway.Hint{}, fmt.Errorf("stripe webhook: %w", err)
			}
			h := hint(&event)
			if h.EventID == "" || h.Type == "" {
				return gateway.Hint{}, errors.New("stripe webhook: the body is not an event")
			}
			return h, nil
		}
		return gateway.Hint{}, fmt.Errorf("stripe webhook: %w", webhook.ErrNoValidSignature)
	}, nil
}

// signedAt reads the signature's time. A header with two of them is refused:
// stripe-go signs with the last, so a forger could show us another.
func signedAt(signature string) (time.Time, error) {
	var at time.Time
	for part := range strings.SplitSeq(signature, ",") {
		key, value, _ := strings.Cut(part, "=")
		if key != "t" {
			continue
		}
		if !at.IsZero() {
			return time.Time{}, errors.New("stripe webhook: the signature has two times")
		}
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return time.Time{}, errors.New("stripe webhook: the signature's time is not a number")
		}
		at = time.Unix(seconds, 0)
	}
	if at.IsZero() {
		return time.Time{}, errors.New("stripe webhook: not signed")
	}
	return at, nil
}
