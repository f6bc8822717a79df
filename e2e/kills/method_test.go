package kills

import (
	"testing"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
)

// R38: the processes die between the processor and our write: what was saved,
// changed or removed there is so here, once.
func TestKilledWhileMethodsChange(t *testing.T) {
	s := killable(t)
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	atProcessor(t, s, "/v1/checkout/sessions", stripesim.LoseAnswer)
	var begun api.MethodSetup
	ann.Must(201, "POST", acts.Methods, "", acts.ACard(), &begun)
	reached(t, s, "/v1/checkout/sessions")
	both(s)
	open := acts.ReadSetup(t, s, ann, begun.ID, portal.MethodSetupOpen)
	s.WorkerProcess.Kill()
	acts.FillIn(t, s, open, stripesim.PayParams{})
	s.WorkerProcess.Start()
	card := *acts.ReadSetup(t, s, ann, open.ID, portal.MethodSetupSaved).Method
	processor, _ := acts.ProcessorID(s, org, card.ID)

	atProcessor(t, s, "/v1/payment_methods/*", stripesim.LoseAnswer)
	key, change := uuid.NewString(), acts.EditOf(card, map[string]any{"name": "Ada Lovelace", "exp_year": 2041})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = ann.Do("PUT", acts.Methods+"/"+card.ID.String(), key, change) // its API is killed: it never hears
	}()
	reached(t, s, "/v1/payment_methods/"+processor)
	both(s)
	<-answered
	var changed api.PaymentMethod
	s.Eventually("the change", func() bool {
		answer, err := ann.Do("PUT", acts.Methods+"/"+card.ID.String(), key, change)
		return err == nil && answer.Status == 200 && answer.Decode(&changed) == nil && changed.ExpYear == 2041
	})
	if changed.Version != card.Version+1 || changed.Name != "Ada Lovelace" {
		t.Fatalf("changed to %+v", changed)
	}

	atProcessor(t, s, "/v1/payment_methods/*/detach", stripesim.LoseAnswer)
	ann.Must(204, "DELETE", acts.Methods+"/"+card.ID.String(), "", nil, nil)
	reached(t, s, "/v1/payment_methods/"+processor+"/detach")
	both(s)
	s.Eventually("the card to be forgotten", func() bool { _, gone := acts.ProcessorID(s, org, card.ID); return gone })
	if n := acts.Attached(t, s, org); n != 0 {
		t.Fatalf("the processor holds %d methods", n)
	}
}
