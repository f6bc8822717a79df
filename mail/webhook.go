// Webhooks: what Resend tells of an email after it was accepted, signed in Svix's way.

package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Types of Hint that the product acts on.
const (
	EventSent       = "email.sent"
	EventDelivered  = "email.delivered"
	EventDelayed    = "email.delivery_delayed"
	EventBounced    = "email.bounced"
	EventComplained = "email.complained"
	EventFailed     = "email.failed"
)

// webhookTolerance is how far a webhook's time may be from ours, either way.
const webhookTolerance = 5 * time.Minute

var (
	// ErrSignature says that a webhook was not signed with our secret, or was changed on its way.
	ErrSignature = errors.New("webhook signature is wrong")
	// ErrWebhookTime says that a webhook is too old, and perhaps replayed, or from the future.
	ErrWebhookTime = errors.New("webhook time is out of tolerance")
)

// Hint is what a verified webhook says. Hints come more than once and in any order: EventID tells repeats apart, At
// orders them.
type Hint struct {
	EventID string    // unique per event, the same when it is sent again
	Type    string    // EventDelivered and so on
	EmailID string    // what Send returned
	At      time.Time // when it happened
	Reason  string    // of a bounce or failure, in the provider's words; else empty
}

// Verifier checks a webhook's signature and time, and reads it. body must be the bytes as they came.
type Verifier func(body []byte, header http.Header, now time.Time) (Hint, error)

// NewVerifier returns a verifier for the webhook's secret ("whsec_…"). More than one may be given while a secret is being
// replaced. An empty or malformed secret is an error: nothing may be verified against it.
func NewVerifier(secrets ...string) (Verifier, error) {
	var keys [][]byte
	for _, secret := range secrets {
		encoded, ok := strings.CutPrefix(secret, "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < 16 {
			return nil, errors.New("resend webhook secret: want whsec_ and at least 16 bytes in base64")
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("resend webhook secret: none given")
	}
	return func(body []byte, header http.Header, now time.Time) (Hint, error) {
		id, at := header.Get("svix-id"), header.Get("svix-timestamp")
		if !signed(keys, id, at, body, header.Get("svix-signature")) {
			return Hint{}, ErrSignature
		}
		seconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return Hint{}, ErrWebhookTime
		}
		if age := now.Sub(time.Unix(seconds, 0)); age > webhookTolerance || age < -webhookTolerance {
			return Hint{}, ErrWebhookTime
		}
		return readHint(id, body)
	}, nil
}

// signed tells whether one of the signatures ("v1,base64 v1,base64") is HMAC-SHA-256(key, id.at.body) for one of the keys.
func signed(keys [][]byte, id, at string, body []byte, signatures string) bool {
	if id == "" || at == "" {
		return false
	}
	match := false
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + at + "."))
		mac.Write(body)
		want := mac.Sum(nil)
		for _, signature := range strings.Fields(signatures) {
			encoded, ok := strings.CutPrefix(signature, "v1,")
			got, err := base64.StdEncoding.DecodeString(encoded)
			match = match || (ok && err == nil && hmac.Equal(got, want))
		}
	}
	return match
}

func readHint(id string, body []byte) (Hint, error) {
	var event struct {
		Type      string    `json:"type"`
		CreatedAt time.Time `json:"created_at"`
		Data      struct {
			EmailID string `json:"email_id"`
			Bounce  struct {
				Message string `json:"message"`
			} `json:"bounce"`
			Failed struct {
				Reason string `json:"reason"`
			} `json:"failed"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return Hint{}, fmt.Errorf("read webhook: %w", err)
	}
	if event.Type == "" {
		return Hint{}, errors.New("read webhook: it has no type")
	}
	return Hint{EventID: id, Type: event.Type, EmailID: event.Data.EmailID, At: event.CreatedAt.UTC(),
		Reason: harmless(event.Data.Bounce.Message+event.Data.Failed.Reason, Text)}, nil
}
