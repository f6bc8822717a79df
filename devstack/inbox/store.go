// The store: every email in memory, and each change appended to a file, so that the inbox survives a restart.

package inbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// keyLife is how long an idempotency key is remembered; Resend's own.
	keyLife = 24 * time.Hour
	// keep is how many emails are kept; the oldest go first.
	keep = 2000
)

// record is one line of the state file.
type record struct {
	Accepted *acceptance `json:"accepted,omitempty"`
	Event    *eventOf    `json:"event,omitempty"`
	Cleared  bool        `json:"cleared,omitempty"`
}

// acceptance is one request that was accepted, with the emails it brought.
type acceptance struct {
	At          time.Time `json:"at"`
	Key         string    `json:"key,omitempty"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	Emails      []Email   `json:"emails"`
}

type eventOf struct {
	EmailID string `json:"email_id"`
	Event   Event  `json:"event"`
}

type remembered struct {
	at          time.Time
	fingerprint string
	ids         []string
}

type store struct {
	mu      sync.Mutex
	file    *os.File // nil when nothing is kept
	emails  []*Email // oldest first
	keys    map[string]remembered
	lastSeq int64
	// revision counts changes; changed is closed at each.
	revision int64
	changed  chan struct{}
}

// openStore reads the state file, or starts an empty one. A last line that was cut off by a crash is dropped.
func openStore(path string) (*store, error) {
	s := &store{keys: make(map[string]remembered), changed: make(chan struct{})}
	if path == "" {
		return s, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("inbox state: %w", err)
	}
	if err := s.load(path); err != nil {
		return nil, fmt.Errorf("inbox state %s: %w", path, err)
	}
	if err := s.rewrite(path); err != nil {
		return nil, fmt.Errorf("inbox state %s: %w", path, err)
	}
	return s, nil
}

func (s *store) load(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // with or without a line that was cut off
		}
		if err != nil {
			return err
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		s.apply(r)
	}
}

// rewrite replaces the file by one without what was cleared or outlived, in one step, and opens it for appending.
func (s *store) rewrite(path string) error {
	next := path + ".next"
	file, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	lines := json.NewEncoder(out)
	for _, e := range s.emails {
		a := &acceptance{At: e.At, Emails: []Email{*e}}
		for key, r := range s.keys {
			// A batch's key is written with each of its emails, and gathered again when they are read.
			if slices.Contains(r.ids, e.ID) {
				a.At, a.Key, a.Fingerprint = r.at, key, r.fingerprint
			}
		}
		if err := lines.Encode(record{Accepted: a}); err != nil {
			_ = file.Close()
			return err
		}
	}
	if err := errors.Join(out.Flush(), os.Rename(next, path)); err != nil {
		_ = file.Close()
		return err
	}
	s.file = file
	return nil
}

// write appends a change to the file, then makes it in memory and wakes those who wait. s.mu is held.
func (s *store) write(r record) error {
	if s.file != nil {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := s.file.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	s.apply(r)
	s.revision++
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

func (s *store) apply(r record) {
	switch {
	case r.Cleared:
		s.emails = nil
		clear(s.keys)
	case r.Accepted != nil:
		for i := range r.Accepted.Emails {
			e := r.Accepted.Emails[i]
			s.emails = append(s.emails, &e)
			s.lastSeq = max(s.lastSeq, e.Seq)
			if r.Accepted.Key != "" {
				known := s.keys[r.Accepted.Key]
				if known.fingerprint != r.Accepted.Fingerprint || r.Accepted.At.Sub(known.at) >= keyLife {
					known = remembered{at: r.Accepted.At, fingerprint: r.Accepted.Fingerprint}
				}
				known.ids = append(slices.Clone(known.ids), e.ID)
				s.keys[r.Accepted.Key] = known
			}
		}
		if extra := len(s.emails) - keep; extra > 0 {
			s.emails = slices.Clone(s.emails[extra:])
		}
	case r.Event != nil:
		e := s.find(r.Event.EmailID)
		if e == nil {
			return // cleared meanwhile
		}
		i := slices.IndexFunc(e.Events, func(ev Event) bool { return ev.ID == r.Event.Event.ID })
		if i < 0 {
			e.Events = append(e.Events, r.Event.Event)
		} else {
			e.Events[i] = r.Event.Event
		}
	}
}

func (s *store) find(id string) *Email {
	i := slices.IndexFunc(s.emails, func(e *Email) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return s.emails[i]
}

// verdict of accepting a request under an idempotency key.
type verdict int

const (
	fresh verdict = iota
	repeated
	mismatched
)

// accept stores emails, unless the key was used within its life: then it returns the first request's IDs, or mismatched
// when that one was different. It numbers the emails.
func (s *store) accept(a acceptance) (ids []string, v verdict, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.keys[a.Key]; ok && a.Key != "" && a.At.Sub(known.at) < keyLife {
		if known.fingerprint != a.Fingerprint {
			return nil, mismatched, nil
		}
		return known.ids, repeated, nil
	}
	for i := range a.Emails {
		a.Emails[i].Seq = s.lastSeq + int64(i) + 1
		ids = append(ids, a.Emails[i].ID)
	}
	delete(s.keys, a.Key)
	if err := s.write(record{Accepted: &a}); err != nil {
		return nil, fresh, err
	}
	return ids, fresh, nil
}

func (s *store) note(emailID string, e Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(record{Event: &eventOf{EmailID: emailID, Event: e}})
}

func (s *store) clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(record{Cleared: true})
}

func (s *store) get(id string) (Email, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(id)
	if e == nil {
		return Email{}, false
	}
	full := *e
	full.Events = slices.Clone(e.Events)
	return full, true
}

// filter chooses emails; its zero value chooses all.
type filter struct {
	to      string // the recipient's address
	subject string // contained in the subject, whatever the case
	search  string // contained in subject or addresses, whatever the case
	after   int64  // with a greater Seq
}

func (f filter) match(e *Email) bool {
	contains := func(s, part string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(part)) }
	return e.Seq > f.after && e.isFor(f.to) && contains(e.Subject, f.subject) &&
		(f.search == "" || contains(e.Subject+"\n"+e.From+"\n"+strings.Join(e.To, "\n"), f.search))
}

// list returns the emails that match, newest first, at most limit, without the attachments' contents. The channel is
// closed at the next change, so that a caller who found too little can wait.
func (s *store) list(f filter, limit int) (found []Email, revision int64, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range slices.Backward(s.emails) {
		if len(found) == limit {
			break
		}
		if f.match(e) {
			found = append(found, e.light())
		}
	}
	return found, s.revision, s.changed
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}
