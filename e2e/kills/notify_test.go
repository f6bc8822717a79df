package kills

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/workflows"
)

// R52 R53: whatever is killed, and whenever, each recipient is told of each event
// once.
func TestKilledAtEachStepOfNotifying(t *testing.T) {
	gathered := func(t *testing.T, s *stack.Stack) {
		s.Eventually("both batches to gather", func() bool { return len(acts.Batches(t, s, "staff")) > 0 && len(acts.Batches(t, s, "customer")) > 0 })
	}
	asked := func(t *testing.T, s *stack.Stack) {
		s.Eventually("the provider to be asked", func() bool {
			left, err := s.Inbox.Faults(t.Context())
			return err == nil && (len(left) == 0 || left[0].Count < 2)
		})
	}
	for name, step := range map[string]struct {
		fault string
		until func(t *testing.T, s *stack.Stack)
	}{
		"right after it was written":      {"", func(*testing.T, *stack.Stack) {}},
		"while it is gathered":            {"", gathered},
		"before the provider took it":     {inbox.FaultTimeoutBefore, asked},
		"after the provider took it":      {inbox.FaultTimeoutAfter, asked},
		"while the mail provider is away": {inbox.FaultError, asked},
	} {
		t.Run(name, func(t *testing.T) {
			s := killable(t)
			org := s.Seed("bright", "USD")
			ann, staff, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
			if step.fault != "" {
				if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: step.fault, Count: 2}); err != nil {
					t.Fatal(err)
				}
			}
			at := "/comments/invoice/" + invoice.String()
			ann.Must(201, "POST", acts.Portal+at, "", acts.Said("Is the delivery included?"), nil)
			staff.Must(201, "POST", acts.Console+at, "", acts.Said("It is.", true), nil)
			step.until(t, s)
			both(s)
			told := map[string]string{"grace@bright.test": "Is the delivery included?", "ann@lovelace.test": "It is.", "ben@lovelace.test": "It is."}
			s.Eventually("everybody to be told", func() bool {
				for address, words := range told {
					if len(acts.EmailsTo(t, s, address, words)) == 0 {
						return false
					}
				}
				return unfinished(t, s) == 0
			})
			for _, kind := range []string{"staff", "customer"} {
				for _, id := range acts.Batches(t, s, kind) {
					acts.Completed(t, s, workflows.NotifyID(id))
				}
			}
			for address, words := range told {
				if n := len(acts.EmailsTo(t, s, address, words)); n != 1 {
					t.Errorf("%s was told %d times", address, n)
				}
			}
		})
	}
}

// unfinished counts the batches and events that still have something to do.
func unfinished(t *testing.T, s *stack.Stack) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var n int
	err = conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM notification_batches WHERE flow_open) + (SELECT count(*) FROM events WHERE relayed_at IS NULL)`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
