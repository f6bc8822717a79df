package kills

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// binary builds the product once for all tests that kill it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "countersign-binary-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "countersign")
	build := exec.Command("go", "build", "-o", path, "countersign/cmd/countersign")
	build.Stderr = os.Stderr
	return path, build.Run()
})

// killable is a product whose processes can be killed.
func killable(t *testing.T) *stack.Stack { t.Helper(); return impatient(t, 0) }

// impatient is one whose API waits only so long for a flow's answer; a minute, if 0.
func impatient(t *testing.T, answer time.Duration) *stack.Stack {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return stack.New(t, stack.Options{Binary: path, Times: api.Times{Answer: answer}})
}

// both kills both processes and starts them again.
func both(s *stack.Stack) {
	s.WorkerProcess.Kill()
	s.APIProcess.Kill()
	s.APIProcess.Start()
	s.WorkerProcess.Start()
}

// atProcessor kills both processes while a call to the processor is held: before
// it acts, or after it acted and before its answer came.
func atProcessor(t *testing.T, s *stack.Stack, path string, kind stripesim.FaultKind) {
	t.Helper()
	if err := s.Sim.Fail(t.Context(), stripesim.Fault{Method: http.MethodPost, Path: path, Kind: kind, Hold: 4 * time.Second}); err != nil {
		t.Fatal(err)
	}
}

// reached waits until the processor has seen a call.
func reached(t *testing.T, s *stack.Stack, path string) {
	t.Helper()
	s.Eventually("the call to "+path, func() bool {
		requests, err := s.Sim.Requests(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range requests {
			if ok, _ := filepath.Match(path, r.Path); ok && r.Method == http.MethodPost {
				return true
			}
		}
		return false
	})
}

// R67: whatever is killed, and whenever, a payment on the processor's page ends
// once, charged once, with one receipt.
func TestKilledAtEachStepOfACheckout(t *testing.T) {
	steps := map[string]func(t *testing.T, s *stack.Stack, ann *stack.Client, org stack.Org, pay func() uuid.UUID) uuid.UUID{
		"before the payment is begun": func(_ *testing.T, s *stack.Stack, _ *stack.Client, _ stack.Org, pay func() uuid.UUID) uuid.UUID {
			both(s)
			return pay()
		},
		"while the processor makes the customer": func(t *testing.T, s *stack.Stack, _ *stack.Client, _ stack.Org, pay func() uuid.UUID) uuid.UUID {
			atProcessor(t, s, "/v1/customers", stripesim.LoseAnswer)
			id := pay()
			reached(t, s, "/v1/customers")
			both(s)
			return id
		},
		"while the page is opened": func(t *testing.T, s *stack.Stack, _ *stack.Client, _ stack.Org, pay func() uuid.UUID) uuid.UUID {
			atProcessor(t, s, "/v1/checkout/sessions", stripesim.LoseAnswer)
			id := pay()
			reached(t, s, "/v1/checkout/sessions")
			both(s)
			return id
		},
		"while the customer is on the page": func(t *testing.T, s *stack.Stack, ann *stack.Client, org stack.Org, pay func() uuid.UUID) uuid.UUID {
			id := pay()
			acts.ReadPayment(t, s, ann, org, id, portal.PaymentAwaitingCustomer)
			both(s)
			return id
		},
	}
	for name, kill := range steps {
		t.Run(name, func(t *testing.T) {
			s := killable(t)
			org := s.Seed("bright", "USD")
			ann, one, two := org.AsAnn(), org.Invoice("INV-1", 10000), org.Invoice("INV-2", 2500)
			id := kill(t, s, ann, org, func() uuid.UUID {
				var p acts.Begun
				ann.Must(201, "POST", acts.Payments, "", acts.Checkout(one, two), &p)
				return p.ID
			})
			org.PayOnPage(ann, id, stripesim.PayParams{})
			settledOnce(t, s, ann, org, id, 12500)
		})
	}
	t.Run("right after the customer paid", func(t *testing.T) {
		s := killable(t)
		org := s.Seed("bright", "USD")
		ann := org.AsAnn()
		var p acts.Begun
		ann.Must(201, "POST", acts.Payments, "", acts.Checkout(org.Invoice("INV-1", 10000)), &p)
		acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentAwaitingCustomer)
		// Nobody is there when the webhooks come.
		s.WorkerProcess.Kill()
		open, _ := acts.PaymentRow(s, org, p.ID)
		s.APIProcess.Kill()
		if _, err := s.Sim.Pay(t.Context(), open.CheckoutID, stripesim.PayParams{}); err != nil {
			t.Fatal(err)
		}
		s.APIProcess.Start()
		s.WorkerProcess.Start()
		settledOnce(t, s, ann, org, p.ID, 10000)
	})
}

// R67: killed while a saved card is charged, before the bank has acted or after.
func TestKilledWhileASavedCardIsCharged(t *testing.T) {
	for name, fault := range map[string]struct {
		path string
		kind stripesim.FaultKind
	}{
		"while the charge is prepared": {"/v1/payment_intents", stripesim.LoseAnswer},
		"before the bank has charged":  {"/v1/payment_intents/*/confirm", stripesim.LoseRequest},
		"after the bank has charged":   {"/v1/payment_intents/*/confirm", stripesim.LoseAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			s := killable(t)
			org := s.Seed("bright", "USD")
			ann := org.AsAnn()
			method, _ := org.SaveCard(ann)
			atProcessor(t, s, fault.path, fault.kind)
			var p acts.Begun
			ann.Must(201, "POST", acts.Payments, "", acts.Saved(method, org.Invoice("INV-1", 10000)), &p)
			reached(t, s, fault.path)
			both(s)
			settledOnce(t, s, ann, org, p.ID, 10000)
		})
	}
}

// settledOnce holds a payment to have ended well: paid and allocated, charged
// once, one receipt in the inbox, the flow complete.
func settledOnce(t *testing.T, s *stack.Stack, ann *stack.Client, org stack.Org, id uuid.UUID, amount int64) {
	t.Helper()
	paid := acts.ReadPayment(t, s, ann, org, id, portal.PaymentSucceeded)
	acts.Completed(t, s, workflows.PaymentID(id))
	allocated := int64(0)
	for _, i := range paid.Invoices {
		allocated += i.Amount.Amount
	}
	if paid.Received.Amount != amount || allocated != amount {
		t.Errorf("received %d and allocated %d, of %d", paid.Received.Amount, allocated, amount)
	}
	charges, err := s.Sim.Charges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, c := range charges {
		if c.Metadata["payment"] == id.String() && c.Status == "succeeded" {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("charged %d times: %+v", taken, charges)
	}
	mails, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil {
		t.Fatal(err)
	}
	receipts := 0
	for _, m := range mails {
		if m.Subject != "" && strings.Contains(m.Text, paid.ReceiptNumber) {
			receipts++
		}
	}
	if receipts != 1 {
		t.Errorf("%d emails with receipt %s", receipts, paid.ReceiptNumber)
	}
}
