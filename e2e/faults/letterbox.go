package faults

import (
	"context"
	"slices"
	"strings"
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
	// meanwhile has staff change what a notice by autopay is about.
	meanwhile func(subject string)

	mu    sync.Mutex
	mails []inbox.Email
	// away says until when the provider doesn't answer about a key.
	away map[string]time.Time
}

// keysRemembered is how long Resend remembers an idempotency key.
const keysRemembered = 24 * time.Hour

// Send implements mail.Sender.
func (b *letterbox) Send(_ context.Context, m mail.Message) (string, error) {
	if b.isAway(m.IdempotencyKey) {
		return "", &mail.Error{Kind: mail.Retryable}
	}
	if b.luck.out(30, "mail: refused") {
		return "", &mail.Error{Kind: mail.Retryable, Status: 500}
	}
	notice := strings.Contains(m.Subject, noticeSubject)
	if notice && !b.had(m.IdempotencyKey) && b.luck.out(8, "mail: refused for good") {
		return "", &mail.Error{Kind: mail.Permanent, Status: 422}
	}
	if notice && !b.wasAway(m.IdempotencyKey) && b.luck.out(3, "mail: away while what it is about is changed") {
		// It may have taken it before. It comes back while the email is still tried: the
		// test environment gives a step up after ten tries.
		if b.luck.draw(2) == 0 {
			b.take(m)
		}
		b.goAway(m.IdempotencyKey, []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute}[max(0, b.luck.draw(3))])
		b.meanwhile(m.Subject)
		return "", &mail.Error{Kind: mail.Retryable}
	}
	id := b.take(m)
	if b.luck.out(30, "mail: answer lost") {
		return "", &mail.Error{Kind: mail.Retryable}
	}
	return id, nil
}

// noticeSubject is in the subject of each notice by autopay.
const noticeSubject = " is charged on "

func (b *letterbox) had(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.mails, func(e inbox.Email) bool { return e.IdempotencyKey == key })
}

func (b *letterbox) isAway(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now().Before(b.away[key])
}

func (b *letterbox) wasAway(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, was := b.away[key]
	return was
}

func (b *letterbox) goAway(key string, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away == nil {
		b.away = map[string]time.Time{}
	}
	b.away[key] = b.now().Add(d)
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
