// Webhooks: what becomes of each email, told to the product as Resend does through Svix.

package inbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// teller sends signed webhooks.
type teller struct {
	url     string
	key     []byte
	retries []time.Duration
	client  *http.Client
	slots   chan struct{} // how many are sent at once
}

func newTeller(o Options) (*teller, error) {
	t := &teller{url: o.WebhookURL, retries: o.WebhookRetries, client: &http.Client{Timeout: 15 * time.Second}, slots: make(chan struct{}, 8)}
	if o.WebhookURL == "" {
		return t, nil
	}
	encoded, ok := strings.CutPrefix(o.WebhookSecret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) == 0 {
		return nil, errors.New("inbox: the webhook secret must be whsec_ and base64")
	}
	t.key = key
	return t, nil
}

// outcome is what happens to emails sent to that address. Resend's own test addresses do what their names say; so do
// the domains bounce.example and complain.example.
func outcome(to []string) []string {
	for _, address := range to {
		local, domain, _ := strings.Cut(strings.ToLower(bare(address)), "@")
		local, _, _ = strings.Cut(local, "+")
		switch {
		case domain == "bounce.example", domain == "resend.dev" && local == "bounced":
			return []string{Sent, Bounced}
		case domain == "complain.example", domain == "resend.dev" && local == "complained":
			return []string{Sent, Delivered, Complained}
		}
	}
	return []string{Sent, Delivered}
}

// deliver records what becomes of an email and tells of it.
func (in *Inbox) deliver(e Email, twice bool) {
	var events []Event
	for _, kind := range outcome(e.To) {
		event := Event{ID: "msg_" + uuid.NewString(), Type: kind, At: in.now().UTC()}
		if err := in.store.note(e.ID, event); err != nil {
			in.log.Error("inbox can't keep an event", "error", err)
			return
		}
		events = append(events, event)
	}
	in.tell(e, events, twice)
}

// resume tells what was not told before the last stop.
func (in *Inbox) resume() {
	found, _, _ := in.store.list(filter{}, keep)
	for _, e := range found {
		var untold []Event
		for _, event := range e.Events {
			if !event.Told && event.Attempts <= len(in.webhook.retries) {
				untold = append(untold, event)
			}
		}
		in.tell(e, untold, false)
	}
}

// tell sends an email's events one after the other, in the background.
func (in *Inbox) tell(e Email, events []Event, twice bool) {
	if in.webhook.url == "" || len(events) == 0 {
		return
	}
	in.under.Go(func() {
		for _, event := range events {
			in.tellOne(e, event)
			if twice {
				in.tellOne(e, event)
			}
		}
	})
}

func (in *Inbox) tellOne(e Email, event Event) {
	for {
		err := in.webhook.post(in.stopped, in.now(), e, event)
		if in.stopped.Err() != nil {
			return // told again after the next start
		}
		event.Attempts++
		event.Told, event.Trouble = err == nil, ""
		if err != nil {
			event.Trouble = err.Error()
		}
		if err := in.store.note(e.ID, event); err != nil {
			in.log.Error("inbox can't keep an event", "error", err)
			return
		}
		if event.Told || event.Attempts > len(in.webhook.retries) {
			return
		}
		in.log.Warn("webhook not answered", "type", event.Type, "email", e.ID, "error", err)
		wait := time.NewTimer(in.webhook.retries[event.Attempts-1])
		select {
		case <-wait.C:
		case <-in.stopped.Done():
			wait.Stop()
			return
		}
	}
}

func (t *teller) post(ctx context.Context, now time.Time, e Email, event Event) error {
	select {
	case t.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-t.slots }()
	body, err := json.Marshal(payload(e, event))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, t.key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", event.ID, at, body)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Svix-Webhooks/1.0 (inbox)")
	request.Header.Set("Svix-Id", event.ID)
	request.Header.Set("Svix-Timestamp", at)
	request.Header.Set("Svix-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	response, err := t.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// Read to the end, so that the connection is used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}

// payload is a webhook's body, https://resend.com/docs/dashboard/webhooks/event-types.
func payload(e Email, event Event) any {
	data := map[string]any{
		"email_id": e.ID, "from": e.From, "to": e.To, "subject": e.Subject, "created_at": e.At.Format(time.RFC3339Nano), "tags": e.Tags,
	}
	if event.Type == Bounced {
		data["bounce"] = map[string]string{"type": "Permanent", "subType": "General",
			"message": "The recipient's email provider sent a hard bounce message."}
	}
	return map[string]any{"type": event.Type, "created_at": event.At.Format(time.RFC3339Nano), "data": data}
}
