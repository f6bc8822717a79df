package kills

import (
	"testing"

	"countersign/api"
	"countersign/devstack/inbox"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// R69: whatever is killed, and whenever, each recipient has the document once.
func TestKilledAtEachStepOfForwarding(t *testing.T) {
	for name, fault := range map[string]string{
		"before the provider took it": inbox.FaultTimeoutBefore,
		"after the provider took it":  inbox.FaultTimeoutAfter,
		"while it is away":            inbox.FaultError,
		"right after it was begun":    "",
	} {
		t.Run(name, func(t *testing.T) {
			s := killable(t)
			org := s.Seed("bright", "USD")
			ann, invoice := org.AsAnn(), org.Invoice("INV-1", 10000)
			if fault != "" {
				if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: fault, Count: 2}); err != nil {
					t.Fatal(err)
				}
			}
			var f api.Forward
			ann.Must(201, "POST", acts.Forwards, "", acts.ToForward("invoice", invoice, "one@partner.example", "two@partner.example"), &f)
			if fault != "" {
				s.Eventually("the provider to be asked", func() bool {
					left, err := s.Inbox.Faults(t.Context())
					return err == nil && (len(left) == 0 || left[0].Count < 2)
				})
			}
			both(s)
			for _, address := range []string{"one@partner.example", "two@partner.example"} {
				acts.ReadForward(s, ann, f.ID, address, portal.ForwardedDelivered)
				got, err := s.Inbox.List(t.Context(), address)
				if err != nil || len(got) != 1 {
					t.Errorf("%s has it %d times, %v", address, len(got), err)
				}
			}
			acts.Completed(t, s, workflows.ForwardID(f.ID))
		})
	}
}
