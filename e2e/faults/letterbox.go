package faults

import (
	"context"
	"sync"
	"time"

	"countersign/devstack/inbox"
	"countersign/mail"
)

// letterbox is a mail provider on skipped time: it takes an email once for each
// key, and remembers its keys for a day.
type letterbox struct {
	now  func() time.Time
	luck *luck

	mu    sync.Mutex
	mails []inbox.Email
}

// keysRemembered is how long Resend remembers an idempotency key.
const keysRemembered = 24 * time.Hour

// Send implements mail.Sender.
func (b *letterbox) Send(_ context.Context, m mail.Message) (string, error) {
	if b.luck.out(30, "mail: refused") {
		return "", &mail.Error{Kind: mail.Retryable, Status: 500}
	}
	id := b.take(m)
	if b.luck.out(30, "mail: answer lost") {
		return "", &mail.Error{Kind: mail.Retryable}
	}
	return id, nil
}

func (b *letterbox) take(m mail.Message) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for _, had := range b.mails {
		if had.IdempotencyKey == m.IdempotencyKey && now.Sub(had.At) < keysRemembered {
			return had.ID
		}
	}
	e := inbox.Email{ID: newID().String(), At: now, To: m.To, Subject: m.Subject, Text: m.Text, IdempotencyKey: m.IdempotencyKey}
	b.mails = append(b.mails, e)
	return e.ID
}

func (b *letterbox) all() []inbox.Email {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]inbox.Email{}, b.mails...)
}
