package stripesim

import (
	"context"
	"slices"
	"time"
)

// Two clocks. The one that is written on things (created, expires_at, a webhook's
// signature) is Options.Now. What waits (a bank debit, a session's expiry, an
// idempotency key's end) waits by a clock that [Admin.Advance] moves ahead of it,
// so that a test or a person need not wait, and nothing carries a date that the
// product's own clock hasn't reached.

// lead is how far the clock of what waits is ahead.
type lead struct {
	Ahead time.Duration `json:"ahead"`
}

func (*lead) kind() string { return "clock" }
func (*lead) key() string  { return "clock" }

// timer is something that will happen.
type timer struct {
	Due  time.Time `json:"due"`
	What string    `json:"what"`
	Of   string    `json:"of"` // the object's ID
}

func (*timer) kind() string  { return "timer" }
func (m *timer) key() string { return m.What + " " + m.Of }

// What timers do.
const (
	whatSettle     = "settle"      // a bank debit's intent
	whatExpire     = "expire"      // a session
	whatSettleBack = "settle_back" // a refund that was pending
	whatFailBack   = "fail_back"   // a refund that will fail
	whatDispute    = "dispute"     // a charge
)

// clock is the time that waiting things wait by. While a due thing happens, it is
// when that was due, so that what follows from it isn't late however far the
// clock was moved.
func (s *Sim) clock() time.Time {
	if !s.happening.IsZero() {
		return s.happening
	}
	return s.opts.Now().UTC().Add(s.ahead())
}

func (s *Sim) ahead() time.Duration {
	if r, ok := s.store.shelf("", (*lead)(nil).kind()).byKey["clock"]; ok {
		return r.(*lead).Ahead
	}
	return 0
}

// after makes something happen to an object when d has passed.
func (t *tx) after(d time.Duration, what, of string) {
	m := &timer{Due: t.s.clock().Add(d), What: what, Of: of}
	t.put(m)
	if t.s.nextDue.IsZero() || m.Due.Before(t.s.nextDue) {
		t.s.nextDue = m.Due
	}
}

// never calls off what was going to happen to an object.
func (t *tx) never(what, of string) {
	if m, ok := get[*timer](t, what+" "+of); ok {
		t.drop(m)
	}
}

// advance moves everything that waits nearer by d.
func (s *Sim) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &tx{s: s}
	l, ok := get[*lead](t, "clock")
	if !ok {
		l = &lead{}
	}
	l.Ahead += d
	t.put(l)
	t.commit()
	s.runDue()
	s.prune()
}

// tick makes due things happen while nobody asks.
func (s *Sim) tick(ctx context.Context) {
	beat := time.NewTicker(200 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			s.mu.Lock()
			s.runDue()
			s.mu.Unlock()
		}
	}
}

// runDue makes everything happen that is due, oldest first. The caller holds the
// lock.
func (s *Sim) runDue() {
	for !s.nextDue.IsZero() && !s.clock().Before(s.nextDue) {
		account, first := s.firstTimer()
		switch {
		case first == nil:
			s.nextDue = time.Time{}
		case s.clock().Before(first.Due):
			s.nextDue = first.Due
		default:
			t := &tx{s: s, account: account}
			s.happening = first.Due
			t.drop(first)
			t.happen(first)
			t.commit()
			s.happening = time.Time{}
		}
	}
}

func (s *Sim) firstTimer() (string, *timer) {
	var account string
	var first *timer
	for a, shelves := range s.store.accounts {
		sh := shelves[(*timer)(nil).kind()]
		if sh == nil {
			continue
		}
		for _, r := range sh.byKey {
			m := r.(*timer)
			if first == nil || m.Due.Before(first.Due) || m.Due.Equal(first.Due) && m.key() < first.key() {
				account, first = a, m
			}
		}
	}
	return account, first
}

func (t *tx) happen(m *timer) {
	switch m.What {
	case whatSettle:
		if pi, ok := get[*intent](t, m.Of); ok {
			t.settle(pi, "")
		}
	case whatExpire:
		if cs, ok := get[*session](t, m.Of); ok && cs.Status == "open" {
			t.expire(cs)
		}
	case whatSettleBack:
		if r, ok := get[*refund](t, m.Of); ok && r.Status == "pending" {
			t.settleRefund(r)
		}
	case whatFailBack:
		if r, ok := get[*refund](t, m.Of); ok && r.Status != "failed" {
			t.failRefund(r)
		}
	case whatDispute:
		if ch, ok := get[*charge](t, m.Of); ok && ch.Dispute == "" && ch.Refunded < ch.Amount {
			t.dispute(ch, ch.Amount-ch.Refunded, t.disputeOf(ch))
		}
	}
}

// accountsNamed lists the accounts that have state, the key's own first.
func (s *Sim) accountsNamed() []string {
	var names []string
	for a := range s.store.accounts {
		names = append(names, a)
	}
	slices.Sort(names)
	return names
}
