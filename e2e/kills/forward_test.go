package kills

import (
	"net/http"
	"testing"
	"time"

	"countersign/api"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/devstack/visitor"
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

// R69: a page that asked while no worker was there says so, and follows what was asked for until it has arrived.
func TestForwardedWhileNoWorkerIsThere(t *testing.T) {
	s := impatient(t, 2*time.Second)
	org := s.Seed("bright", "USD")
	invoice := org.Invoice("INV-1", 10000)
	v := visitor.New(t, s.URL)
	v.Get("/bright/sign-in").Submit("Sign in", "email", "ann@lovelace.test", "password", stack.Password)
	page := v.Get("/bright/invoices/" + invoice.String())
	s.WorkerProcess.Kill()
	asked := page.Submit("Forward it", "recipients", "one@partner.example").Answers(http.StatusOK).Has("It is on its way", "It takes longer than usual to begin")
	if live := asked.ByID("forwarding"); visitor.Attr(live, "data-live") == "" {
		t.Error("the page doesn't follow it")
	}
	s.WorkerProcess.Start()
	asked.ReloadUntil(portal.ForwardedDelivered.Words()).Lacks("It takes longer than usual")
}
