package e2e

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/gateway"
	"countersign/portal"
	"countersign/workflows"
)

func methodsOf(c *stack.Client) (out struct {
	Methods  []api.PaymentMethod `json:"methods"`
	Kinds    []string            `json:"kinds"`
	Requests []api.MethodRequest `json:"requests"`
}) {
	c.Must(200, "GET", acts.Methods, "", nil, &out)
	return out
}

// R33 R38: a card is saved without paying, and pays a later invoice; the same
// card saved again stays one entry, at the processor too.
func TestSavingACardWithoutPaying(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	first := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{Name: "Ann Lovelace"})
	if first.Last4 != "4242" || first.Kind != "card" || first.Name != "Ann Lovelace" {
		t.Fatalf("saved %+v", first)
	}
	if n := acts.Succeeded(t, s); n != 0 {
		t.Fatalf("%d charges", n)
	}
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(first.ID, org.Invoice("INV-1", 10000)), &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)

	again := acts.SetUp(t, s, ann, acts.ACard())
	acts.FillIn(t, s, again, stripesim.PayParams{})
	read := acts.ReadSetup(t, s, ann, again.ID, portal.MethodSetupSaved)
	acts.Completed(t, s, workflows.MethodSetupID(again.ID))
	acts.KeepHistory(t, s, workflows.MethodSetupID(again.ID), "method-setup-saved")
	listed := methodsOf(ann).Methods
	if len(listed) != 1 || listed[0].ID != read.Method.ID {
		t.Fatalf("listed %+v", listed)
	}
	s.Eventually("the first entry to be forgotten", func() bool { _, gone := acts.ProcessorID(s, org, first.ID); return gone })
	if n := acts.Attached(t, s, org); n != 1 {
		t.Fatalf("the processor holds %d methods", n)
	}
	// The entry that gave way can't be charged any more.
	ann.Must(422, "POST", acts.Payments, "", acts.Saved(first.ID, org.Invoice("INV-2", 100)), nil)
}

// R38: a begin that is repeated is one setup; an unfinished page is gone on with.
func TestSettingUpTwiceIsOnePage(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben := org.AsAnn(), org.AsBen()
	key := uuid.NewString()
	var one, two, three, bens api.MethodSetup
	ann.Must(201, "POST", acts.Methods, key, acts.ACard(), &one)
	ann.Must(201, "POST", acts.Methods, key, acts.ACard(), &two)
	ann.Must(200, "POST", acts.Methods, "", acts.ACard(), &three)
	ben.Must(201, "POST", acts.Methods, "", acts.ACard(), &bens)
	if two.ID != one.ID || three.ID != one.ID || bens.ID == one.ID {
		t.Fatalf("%s, %s, %s and %s", one.ID, two.ID, three.ID, bens.ID)
	}
	ann.Must(422, "POST", acts.Methods, key, map[string]any{"kind": "bank_debit"}, nil)
	// What Ann enters is saved in her name: Ben is not led to her page.
	acts.ReadSetup(t, s, ann, one.ID, portal.MethodSetupOpen)
	if seen := acts.ReadSetup(t, s, ben, one.ID, portal.MethodSetupOpen); seen.ActionURL != "" || seen.Mine {
		t.Fatalf("Ben sees %+v", seen)
	}
}

// R34 R35 R38: a bank account is saved only for a customer who may pay from one.
func TestSavingABankAccount(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	account := map[string]any{"kind": "bank_debit"}
	ann.Must(422, "POST", acts.Methods, "", account, nil)
	if kinds := methodsOf(ann).Kinds; len(kinds) != 1 {
		t.Fatalf("offered %v", kinds)
	}
	acts.AllowBankDebit(t, s, org)
	if kinds := methodsOf(ann).Kinds; len(kinds) != 2 {
		t.Fatalf("offered %v", kinds)
	}
	kept := acts.SavedOn(t, s, ann, account, stripesim.PayParams{BankAccount: "000123456789"})
	if kept.Kind != "bank_debit" || kept.Last4 != "6789" || kept.ExpMonth != 0 {
		t.Fatalf("saved %+v", kept)
	}
	ann.Must(422, "PUT", acts.Methods+"/"+kept.ID.String(), "", acts.EditOf(kept, map[string]any{"exp_month": 2, "exp_year": 2035}), nil)
	ann.Must(200, "PUT", acts.Methods+"/"+kept.ID.String(), "", acts.EditOf(kept, map[string]any{"name": "Lovelace Ltd"}), &kept)
	if kept.Name != "Lovelace Ltd" || kept.Version != 2 {
		t.Fatalf("edited to %+v", kept)
	}
	// A card doesn't take a bank account's place.
	ann.Must(422, "POST", acts.Methods, "", map[string]any{"kind": "card", "replaces": kept.ID}, nil)
}

// R38: a card that the bank refuses is not saved; the page says why, and another
// one can be entered.
func TestRefusedSetupSaysWhy(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	open := acts.SetUp(t, s, ann, acts.ACard())
	acts.FillIn(t, s, open, stripesim.PayParams{Card: "4000000000000002"})
	s.Eventually("the reason", func() bool {
		return acts.ReadSetup(t, s, ann, open.ID, portal.MethodSetupOpen).Failure == portal.DeclineMessage("generic_decline")
	})
	acts.FillIn(t, s, open, stripesim.PayParams{Card: "4000002760003184", Authenticate: "fail"})
	s.Eventually("the other reason", func() bool {
		return acts.ReadSetup(t, s, ann, open.ID, portal.MethodSetupOpen).Failure == portal.DeclineMessage("setup_intent_authentication_failure")
	})
	if listed := methodsOf(ann).Methods; len(listed) != 0 {
		t.Fatalf("listed %+v", listed)
	}
	acts.FillIn(t, s, open, stripesim.PayParams{})
	if read := acts.ReadSetup(t, s, ann, open.ID, portal.MethodSetupSaved); read.Failure != "" || read.Method == nil {
		t.Fatalf("saved %+v", read)
	}
}

// R38: nobody finishes the page: it is closed at the processor, and a new one can be had.
func TestAbandonedSetupExpires(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Method: workflows.MethodSetupTimes{GiveUp: 2 * time.Second}}})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	open := acts.SetUp(t, s, ann, acts.ACard())
	ended := acts.ReadSetup(t, s, ann, open.ID, portal.MethodSetupExpired)
	acts.Completed(t, s, workflows.MethodSetupID(open.ID))
	acts.KeepHistory(t, s, workflows.MethodSetupID(open.ID), "method-setup-abandoned")
	_, session, _ := strings.Cut(open.ActionURL, "/c/pay/")
	if summary, err := s.Sim.Pay(t.Context(), session, stripesim.PayParams{}); err == nil && summary.Status == "complete" {
		t.Fatal("the closed page saved a card")
	}
	if ended.Failure == "" || ended.ActionURL != "" {
		t.Fatalf("ended as %+v", ended)
	}
	var next api.MethodSetup
	if ann.Must(201, "POST", acts.Methods, "", acts.ACard(), &next); next.ID == open.ID {
		t.Fatal("the ended setup was gone on with")
	}
}

// R38: expiry and billing details are changed at the processor and here; a
// repeat is the same change, and an old version is refused.
func TestEditingASavedCard(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben := org.AsAnn(), org.AsBen()
	card := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{})
	path, key := acts.Methods+"/"+card.ID.String(), uuid.NewString()
	change := acts.EditOf(card, map[string]any{
		"exp_month": 3, "exp_year": 2039, "name": "Ada Lovelace", "email": "ada@lovelace.test",
		"address": map[string]any{"line1": "1 Mill Lane", "city": "Boston", "region": "MA", "postal_code": "02110", "country": "US"},
	})
	var changed, repeated api.PaymentMethod
	ann.Must(200, "PUT", path, key, change, &changed)
	ann.Must(200, "PUT", path, key, change, &repeated)
	if changed.ExpMonth != 3 || changed.ExpYear != 2039 || changed.Name != "Ada Lovelace" || changed.Address.City != "Boston" || changed.Version != card.Version+1 || repeated.Version != changed.Version {
		t.Fatalf("changed to %+v, repeated %+v", changed, repeated)
	}
	processor, _ := acts.ProcessorID(s, org, card.ID)
	there, err := s.Steps.Gateway.GetMethod(t.Context(), "", processor)
	if err != nil || there.ExpYear != 2039 || there.Billing.Email != "ada@lovelace.test" || there.Billing.City != "Boston" {
		t.Fatalf("the processor has %+v, %v", there, err)
	}
	begun := workflows.MethodEditID(portal.BeginID(org.ID, org.Ann, "edit-method", key))
	acts.Completed(t, s, begun)
	acts.KeepHistory(t, s, begun, "method-edit")
	ann.Must(422, "PUT", path, key, acts.EditOf(card, nil), nil)                                                // the key stands for something else
	ben.Must(409, "PUT", path, "", acts.EditOf(card, map[string]any{"name": "Ben"}), nil)                       // he saw it before Ann's change
	ben.Must(422, "PUT", path, "", acts.EditOf(changed, map[string]any{"exp_month": 1, "exp_year": 2020}), nil) // long past
	if requests := calls(t, s, "/v1/payment_methods/"+processor); requests != 1 {
		t.Fatalf("the processor was told %d times", requests)
	}
}

// R38: what the bank changes on a saved card, and what is detached at the
// processor by somebody else, is so here as soon as the processor tells of it.
func TestSavedCardFollowsTheProcessor(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	card := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{})
	processor, _ := acts.ProcessorID(s, org, card.ID)
	if _, err := s.Steps.Gateway.UpdateMethod(t.Context(), "", processor, gateway.MethodParams{ExpMonth: 7, ExpYear: 2044}); err != nil {
		t.Fatal(err)
	}
	var now api.PaymentMethod
	s.Eventually("the new expiry", func() bool {
		now = methodsOf(ann).Methods[0]
		return now.ExpMonth == 7 && now.ExpYear == 2044
	})
	if now.ID != card.ID || now.Name != card.Name || now.Version != card.Version+1 {
		t.Errorf("it is %+v", now)
	}
	ann.Must(409, "PUT", acts.Methods+"/"+card.ID.String(), "", acts.EditOf(card, nil), nil) // she saw it before
	if _, err := s.Steps.Gateway.DetachMethod(t.Context(), "", processor); err != nil {
		t.Fatal(err)
	}
	s.Eventually("it to be gone", func() bool { return len(methodsOf(ann).Methods) == 0 })
	acts.Completed(t, s, workflows.MethodRemovalID(card.ID))
	for words, times := range map[string]int{"The bank changed the expiry of the saved Visa ending 4242": 1, "can't be charged any more": 1} {
		if got := told(t, s, org, words); got != times {
			t.Errorf("%q is told %d times", words, got)
		}
	}
}

// renewed is a processor at which a bank has put another number on a method.
type renewed struct {
	gateway.Gateway
	method, fingerprint string
}

// GetMethod implements gateway.Gateway.
func (r renewed) GetMethod(ctx context.Context, account, id string) (gateway.Method, error) {
	m, err := r.Gateway.GetMethod(ctx, account, id)
	if id == r.method {
		m.Fingerprint, m.Last4 = r.fingerprint, "4444"
	}
	return m, err
}

// R33 R38 N7: a bank's new card that was saved by hand as well is one entry, and
// what charged the old one charges that.
func TestBanksNewCardThatWasSavedByHandToo(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann := org.AsAnn()
	old := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{})
	byHand := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{Card: "5555555555554444"})
	enrol(ann, old.ID, false)
	processor, _ := acts.ProcessorID(s, org, old.ID)
	other, _ := acts.ProcessorID(s, org, byHand.ID)
	m, err := s.Steps.Gateway.GetMethod(t.Context(), "", other)
	if err != nil {
		t.Fatal(err)
	}
	steps := *s.Steps
	steps.Gateway = renewed{s.Steps.Gateway, processor, m.Fingerprint}
	for range 2 { // an event may come twice
		if said, err := steps.RefreshMethod(t.Context(), "", processor); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	if listed := methodsOf(ann).Methods; len(listed) != 1 || listed[0].ID != byHand.ID {
		t.Fatalf("listed %+v", listed)
	}
	if n := told(t, s, org, "replaced the saved Visa ending 4242 by Mastercard ending 4444"); n != 1 {
		t.Errorf("it is told %d times", n)
	}
	invoice := org.InvoiceDue("INV-1", 500, today)
	nudge(t, s, ann)
	s.Eventually("the charge of the one that was saved by hand", func() bool {
		now := autopayOf(ann)
		return now.Autopay.Method.ID == byHand.ID && len(now.Past) == 1 && now.Past[0].Invoice == invoice && now.Past[0].Payment != nil
	})
	acts.ReadPayment(t, s, ann, org, *autopayOf(ann).Past[0].Payment, portal.PaymentSucceeded)
}

// told counts the activities that have these words.
func told(t *testing.T, s *stack.Stack, org stack.Org, words string) (n int) {
	t.Helper()
	var list api.ListActivityOutput
	org.Staff().Must(200, "GET", acts.Console+"/activity", "", nil, &list.Body)
	for _, a := range list.Body.Activity {
		if strings.Contains(a.Text, words) {
			n++
		}
	}
	return n
}

// calls counts the POST calls to a path at the processor.
func calls(t *testing.T, s *stack.Stack, path string) int {
	t.Helper()
	requests, err := s.Sim.Requests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range requests {
		if r.Path == path && r.Method == http.MethodPost {
			n++
		}
	}
	return n
}

// R38: a card is replaced: the new one takes its place, also in a payment that
// waits for another try, and the old one is forgotten.
func TestReplacingASavedCard(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Method: workflows.MethodSetupTimes{Retire: 200 * time.Millisecond}}})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	old := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{})
	processor, _ := acts.ProcessorID(s, org, old.ID)
	declined := org.Declined(ann, old.ID, processor, "INV-1", 10000, "expired_card")
	fresh := acts.SavedOn(t, s, ann, map[string]any{"kind": "card", "replaces": old.ID}, stripesim.PayParams{Card: "5555555555554444"})
	s.Eventually("only the new one to be listed", func() bool {
		listed := methodsOf(ann).Methods
		return len(listed) == 1 && listed[0].ID == fresh.ID
	})
	s.Eventually("the old one to be forgotten", func() bool { _, gone := acts.ProcessorID(s, org, old.ID); return gone })
	acts.Completed(t, s, workflows.MethodRemovalID(old.ID))
	acts.KeepHistory(t, s, workflows.MethodRemovalID(old.ID), "method-removal")
	// Staff try again with "the card there was": that is the new one now.
	staff.Must(200, "POST", "/api/bright/console/payments/"+declined.String()+"/retry", "", map[string]any{}, nil)
	paid := acts.ReadPayment(t, s, ann, org, declined, portal.PaymentSucceeded)
	if paid.Method == nil || paid.Method.ID != fresh.ID {
		t.Fatalf("paid with %+v", paid.Method)
	}
	// Whoever names the old one is told that it isn't there.
	ann.Must(422, "POST", acts.Payments, "", acts.Saved(old.ID, org.Invoice("INV-2", 100)), nil)
}

// R38: a removed card is gone at once, and forgotten at the processor however
// long that is away.
func TestRemovingASavedCard(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben := org.AsAnn(), org.AsBen()
	card := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{})
	path := acts.Methods + "/" + card.ID.String()
	if err := s.Sim.Fail(t.Context(), stripesim.Fault{Method: http.MethodPost, Path: "/v1/payment_methods/*/detach", Kind: stripesim.LoseAnswer, Count: 2}); err != nil {
		t.Fatal(err)
	}
	ben.Must(204, "DELETE", path, "", nil, nil)
	ann.Must(204, "DELETE", path, "", nil, nil) // it is removed already
	if listed := methodsOf(ann).Methods; len(listed) != 0 {
		t.Fatalf("listed %+v", listed)
	}
	ann.Must(404, "GET", path, "", nil, nil)
	ann.Must(422, "POST", acts.Payments, "", acts.Saved(card.ID, org.Invoice("INV-1", 10000)), nil)
	ann.Must(409, "PUT", path, "", acts.EditOf(card, map[string]any{"name": "Ann"}), nil)
	ann.Must(409, "POST", acts.Methods, "", map[string]any{"kind": "card", "replaces": card.ID}, nil)
	s.Eventually("the card to be forgotten", func() bool { _, gone := acts.ProcessorID(s, org, card.ID); return gone })
	if n := acts.Attached(t, s, org); n != 0 {
		t.Fatalf("the processor holds %d methods", n)
	}
}

// R38: no charge is made with a card whose removal was confirmed, and no removal
// is confirmed under a charge: whichever comes first wins.
func TestRemovingWhilePaying(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben, third := org.AsAnn(), org.AsBen(), org.AsBen()
	for range 6 {
		card := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{})
		before := acts.Succeeded(t, s)
		invoice := org.Invoice("INV-"+uuid.NewString()[:8], 700)
		var paying, removing, removingToo stack.Answer
		var group sync.WaitGroup
		group.Go(func() { paying, _ = ann.Do("POST", acts.Payments, "", acts.Saved(card.ID, invoice)) })
		group.Go(func() { removing, _ = ben.Do("DELETE", acts.Methods+"/"+card.ID.String(), "", nil) })
		group.Go(func() { removingToo, _ = third.Do("DELETE", acts.Methods+"/"+card.ID.String(), "", nil) })
		group.Wait()
		removed := removing.Status == 204 || removingToo.Status == 204
		switch {
		case paying.Status == 201:
			var p acts.Begun
			if err := paying.Decode(&p); err != nil {
				t.Fatal(err)
			}
			acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
			// It may have been removed after the charge ended, never before.
		case paying.Status == 422 && removed:
			if n := acts.Succeeded(t, s); n != before {
				t.Fatalf("%d charges with a card that was removed", n-before)
			}
		default:
			t.Fatalf("paying answered %d, removing %d and %d: %s", paying.Status, removing.Status, removingToo.Status, paying.Body)
		}
		ann.Must(204, "DELETE", acts.Methods+"/"+card.ID.String(), "", nil, nil)
	}
}

// R38: while a charge is under way its card can't be removed, and the reason says so.
func TestCardInUseIsNotRemoved(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben := org.AsAnn(), org.AsBen()
	card := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{Card: "4000002760003184"})
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(card.ID, org.Invoice("INV-1", 10000)), &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentAwaitingCustomer)
	refused := ben.Must(409, "DELETE", acts.Methods+"/"+card.ID.String(), "", nil, nil)
	if !strings.Contains(string(refused.Body), "Ann Lovelace") || !strings.Contains(string(refused.Body), "$100.00") {
		t.Fatalf("refused as %s", refused.Body)
	}
	ann.Must(200, "POST", acts.Payments+"/"+p.ID.String()+"/cancel", "", map[string]any{}, nil)
	ben.Must(204, "DELETE", acts.Methods+"/"+card.ID.String(), "", nil, nil)
}

// R39: staff ask a contact for payment details: one email, which leads to where
// they are saved; not again at once; the answer is told.
func TestStaffAskForPaymentDetails(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben, staff := org.AsAnn(), org.AsBen(), org.Staff()
	path, key := "/api/bright/console/contacts/"+org.Ann.String()+"/payment-method-requests", uuid.NewString()
	ask := map[string]any{"message": "We bill monthly from May."}
	staff.Must(201, "POST", path, key, ask, nil)
	staff.Must(201, "POST", path, key, ask, nil)
	staff.Must(429, "POST", path, "", ask, nil)
	mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "payment details")
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Grace Bright", "We bill monthly from May.", s.URL + "/bright/account/methods/new"} {
		if !strings.Contains(mail.Text, words) {
			t.Errorf("the email lacks %q: %s", words, mail.Text)
		}
	}
	if asked := methodsOf(ann).Requests; len(asked) != 1 || asked[0].By != "Grace Bright" {
		t.Fatalf("asked %+v", asked)
	}
	if asked := methodsOf(ben).Requests; len(asked) != 0 {
		t.Fatalf("Ben is asked %+v", asked)
	}
	stranger := org.Contact("Cleo Park", "cleo@lovelace.test")
	staff.Must(409, "POST", "/api/bright/console/contacts/"+stranger.String()+"/payment-method-requests", "", ask, nil)
	acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{})
	if asked := methodsOf(ann).Requests; len(asked) != 0 {
		t.Fatalf("still asked %+v", asked)
	}
	s.Eventually("the bell", func() bool {
		answer := staff.Must(200, "GET", "/api/bright/console/bell", "", nil, nil)
		return strings.Contains(string(answer.Body), "Ann Lovelace saved Visa ending 4242 for later, as Grace Bright had asked")
	})
	mails, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d emails, %v", len(mails), err)
	}
}

// R38: staff add a customer's card on the processor's page.
func TestStaffAddACard(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	var setup api.MethodSetup
	staff.Must(201, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/payment-methods", "", acts.ACard(), &setup)
	s.Eventually("the page", func() bool {
		staff.Must(200, "GET", "/api/bright/console/method-setups/"+setup.ID.String(), "", nil, &setup)
		return setup.ActionURL != ""
	})
	acts.FillIn(t, s, setup, stripesim.PayParams{})
	acts.ReadSetup(t, s, ann, setup.ID, portal.MethodSetupSaved)
	if listed := methodsOf(ann).Methods; len(listed) != 1 {
		t.Fatalf("listed %+v", listed)
	}
}

// R33 R38: staff try a card again that its bank charges only when the owner
// confirms: the owner is emailed, goes to the bank from the payment's page, and
// the payment is paid.
func TestChargeWhileAwayIsConfirmedAtTheBank(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	card := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{Card: "4000002760003184"})
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(card.ID, org.Invoice("INV-1", 10000)), &p)
	payment := p.ID
	acts.ReadPayment(t, s, ann, org, payment, portal.PaymentAwaitingCustomer)
	stored, _ := acts.PaymentRow(s, org, payment)
	if err := s.Sim.Authenticate(t.Context(), stored.IntentID, false); err != nil {
		t.Fatal(err)
	}
	acts.ReadPayment(t, s, ann, org, payment, portal.PaymentDeclined)
	staff.Must(200, "POST", "/api/bright/console/payments/"+payment.String()+"/retry", "", map[string]any{}, nil)
	s.Eventually("the bank to ask for its customer", func() bool {
		read := org.ReadPayment(ann, payment)
		return len(read.Attempts) == 2 && read.Attempts[1].Code == "authentication_required" && read.Status == portal.PaymentDeclined
	})
	mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "confirm your payment")
	if err != nil || !strings.Contains(mail.Text, "/bright/payments/"+payment.String()) {
		t.Fatalf("emailed %+v, %v", mail, err)
	}
	ann.Must(200, "POST", acts.Payments+"/"+payment.String()+"/retry", "", map[string]any{}, nil)
	waiting := acts.ReadPayment(t, s, ann, org, payment, portal.PaymentAwaitingCustomer)
	if waiting.ActionURL == "" || !waiting.Mine {
		t.Fatalf("waiting as %+v", waiting)
	}
	if err := s.Sim.Authenticate(t.Context(), stored.IntentID, true); err != nil {
		t.Fatal(err)
	}
	paid := acts.ReadPayment(t, s, ann, org, payment, portal.PaymentSucceeded)
	if paid.Received.Amount != 10000 || len(paid.Attempts) != 3 {
		t.Fatalf("paid %+v", paid)
	}
	if n := acts.Succeeded(t, s); n != 1 {
		t.Fatalf("%d charges succeeded", n)
	}
}

// R33: somebody leaves before their bank asks: they are emailed, once, with the
// way to the page that leads on to the bank.
func TestLeavingBeforeTheBankAsks(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Payment: workflows.PaymentTimes{PollCheckout: 300 * time.Millisecond}}})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	card := acts.SavedOn(t, s, ann, acts.ACard(), stripesim.PayParams{Card: "4000002760003184"})
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(card.ID, org.Invoice("INV-1", 10000)), &p)
	mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "confirm your payment")
	if err != nil || !strings.Contains(mail.Text, "/bright/payments/"+p.ID.String()) {
		t.Fatalf("emailed %+v, %v", mail, err)
	}
	stored, _ := acts.PaymentRow(s, org, p.ID)
	if err := s.Sim.Authenticate(t.Context(), stored.IntentID, true); err != nil {
		t.Fatal(err)
	}
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	acts.Completed(t, s, workflows.PaymentID(p.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(p.ID), "payment-confirmed-at-the-bank")
	mails, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil || len(mails) != 2 {
		t.Fatalf("%d emails, of a reminder and a receipt; %v", len(mails), err)
	}
}
