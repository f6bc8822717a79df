package stripesim

import (
	"slices"
	"time"
)

// tx is one request's, or one tick's, work on the state of one account. It holds
// the simulator's lock. What it has put is kept even where the request is
// refused: a declined charge is a charge.
type tx struct {
	s       *Sim
	account string
	// requestID and key are the API request's, for the events that it
	// causes; empty when the clock or a person caused them.
	requestID string
	key       string
	dirty     []change
}

type change struct {
	account string
	record  record
	dropped bool
}

// in runs fn alone on the account's state, and writes down what it changed.
func (s *Sim) in(account string, fn func(t *tx)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runDue()
	t := &tx{s: s, account: account}
	defer t.commit()
	fn(t)
}

// commit journals the transaction.
func (t *tx) commit() {
	entries := make([]written, 0, len(t.dirty))
	for _, c := range t.dirty {
		e := written{Account: c.account, Kind: c.record.kind(), Key: c.record.key()}
		if !c.dropped {
			e.Data = mustJSON(c.record)
		}
		entries = append(entries, e)
	}
	t.dirty = nil
	if err := t.s.store.write(entries); err != nil {
		t.s.log.Error("stripesim: the state could not be written", "error", err)
	}
}

// put keeps a record that is new or was changed.
func (t *tx) put(r record) { t.note(r, false) }

// drop forgets a record.
func (t *tx) drop(r record) { t.note(r, true) }

func (t *tx) note(r record, dropped bool) {
	if dropped {
		t.s.store.drop(t.account, r)
	} else {
		t.s.store.put(t.account, r)
	}
	for i, c := range t.dirty {
		if c.record == r && c.account == t.account {
			t.dirty[i].dropped = dropped
			return
		}
	}
	t.dirty = append(t.dirty, change{account: t.account, record: r, dropped: dropped})
}

// get finds a record of the account by its key.
func get[T record](t *tx, key string) (T, bool) {
	var none T
	r, ok := t.s.store.shelf(t.account, none.kind()).byKey[key]
	if !ok {
		return none, false
	}
	return r.(T), true
}

// list gives the account's records of a kind that match, newest first.
func list[T record](t *tx, match func(T) bool) []T {
	var none T
	sh := t.s.store.shelf(t.account, none.kind())
	var out []T
	for _, r := range slices.Backward(sh.order) {
		if sh.byKey[r.key()] != r {
			continue
		}
		if v := r.(T); match == nil || match(v) {
			out = append(out, v)
		}
	}
	return out
}

// id makes an ID in Stripe's manner.
func (t *tx) id(prefix string) string { return t.s.newID(prefix, 24) }

// now is the time that is written on things.
func (t *tx) now() time.Time { return t.s.opts.Now().UTC().Truncate(time.Second) }

// at runs fn on another account's state within the same transaction.
func (t *tx) at(account string, fn func()) {
	mine := t.account
	t.account = account
	defer func() { t.account = mine }()
	fn()
}
