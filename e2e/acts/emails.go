package acts

import (
	"strings"
	"testing"

	"countersign/devstack/inbox"
	"countersign/devstack/stack"
)

// EmailTo waits for the one email to an address, whole.
func EmailTo(t *testing.T, s *stack.Stack, address, subject string) inbox.Email {
	t.Helper()
	e, err := s.Inbox.WaitFor(t.Context(), address, subject)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// EmailsTo are the emails to one address whose text has all of these words.
func EmailsTo(t *testing.T, s *stack.Stack, address string, words ...string) []inbox.Email {
	t.Helper()
	all, err := s.Inbox.List(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	var found []inbox.Email
	for _, m := range all {
		has := true
		for _, w := range words {
			has = has && strings.Contains(m.Subject+"\n"+m.Text, w)
		}
		if has {
			found = append(found, m)
		}
	}
	return found
}
