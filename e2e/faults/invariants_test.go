package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/devstack/inbox"
	"countersign/devstack/stripesim"
	"countersign/portal"
)

var (
	paid, open, customer = uuid.New(), uuid.New(), uuid.New()
	one, two, estimate   = uuid.New(), uuid.New(), uuid.New()
	receipt, notice      = uuid.New(), uuid.New()
	autopay              = uuid.New()
	noon                 = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// aboutCharge is the text of an email about a charge of INV-1.
const aboutCharge = "- Invoice: INV-1\n- Amount: $12.00\n- When: Mar 2, 2026, 7:00\u00a0AM EST\n- Charged: Visa ending 4242\n"

// sound is what a good run leaves: one payment of one invoice that succeeded, one
// that is under way, an email, an edit before the charge's reservation, a decision.
func sound() *Facts {
	return &Facts{
		Intents: []stripesim.Intent{
			{ID: "pi_1", Customer: "cus_1", Amount: 1200, Received: 1200, Currency: "usd", Status: "succeeded", Metadata: map[string]string{"payment": paid.String()}},
			{ID: "pi_2", Customer: "cus_1", Amount: 500, Currency: "usd", Status: "requires_payment_method", Metadata: map[string]string{"payment": open.String()}},
		},
		Charges: []stripesim.Charge{
			{ID: "ch_1", Intent: "pi_1", Status: "succeeded", Metadata: map[string]string{"payment": paid.String()}, At: noon.Add(time.Minute)},
			{ID: "ch_2", Intent: "pi_2", Status: "failed", Metadata: map[string]string{"payment": open.String()}, At: noon.Add(time.Minute)},
		},
		Refunds:   []stripesim.MoneyBack{{ID: "re_1", Intent: "pi_1", Amount: 100, Currency: "usd", Status: "succeeded", Gone: true}},
		Disputes:  []stripesim.MoneyBack{{ID: "dp_1", Intent: "pi_1", Amount: 1100, Currency: "usd", Status: "won"}},
		Requests:  []stripesim.Request{{Path: "/v1/payment_intents/pi_1/confirm", Acted: true, At: noon.Add(time.Minute), Key: "confirm:1"}},
		Customers: []Customer{{ID: customer, Processor: "cus_1"}},
		Invoices: []Invoice{
			{ID: one, Number: "INV-1", State: "sent", Total: 1000, Due: 0},
			{ID: two, Number: "INV-2", State: "sent", Total: 500, Due: 500},
		},
		Payments: []Payment{
			{ID: paid, Customer: customer, Status: portal.PaymentSucceeded, Channel: "saved", Currency: "USD", Amount: 1200, Received: 1200, Intent: "pi_1", Attempt: 1, Autopay: &autopay},
			{ID: open, Customer: customer, Status: portal.PaymentDeclined, Channel: "saved", Currency: "USD", Amount: 500, Intent: "pi_2", Attempt: 1, FlowOpen: true},
		},
		Reservations: []Reservation{
			{Payment: paid, Invoice: one, State: "applied", Amount: 1000, At: noon},
			{Payment: open, Invoice: two, State: "live", Amount: 500, At: noon},
		},
		Allocations: []Allocation{{Payment: &paid, Invoice: one, Amount: 1000}},
		Credits:     []Credit{{Payment: &paid, Amount: 200, Reason: "overpayment"}, {Payment: &paid, Amount: -100, Reason: "refund"}, {Payment: &paid, Amount: -50, Reason: "applied"}},
		Changes:     []Change{{Invoice: one, Kind: "invoice.edited", At: noon.Add(-time.Minute)}, {Invoice: one, Kind: "invoice.edited", At: noon.Add(time.Hour)}},
		Webhooks:    []Webhook{{Provider: "stripe", Event: "evt_1", Type: "payment_intent.succeeded", Processed: true}},
		Deliveries:  []Delivery{{ID: receipt, Template: "payment_receipt", Status: "sent"}, {ID: notice, Template: "autopay_notice", Status: "sent"}},
		Mails:       []inbox.Email{{ID: "m1", IdempotencyKey: receipt.String()}, {ID: "m2", IdempotencyKey: notice.String(), Text: aboutCharge, At: noon.AddDate(0, 0, -1)}},
		Autopays:    []Autopay{{ID: autopay}},
		Announced:   []Announced{{Payment: paid, Number: "INV-1"}},
		Versions: []Version{
			{Estimate: estimate, Version: 1, Status: "declined", Hash: []byte("a"), SentAt: noon},
			{Estimate: estimate, Version: 2, Status: "sent", Hash: []byte("b"), SentAt: noon.Add(time.Hour)},
		},
		Decisions: []Decision{{Estimate: estimate, Version: 1, Decision: "declined", Hash: []byte("a"), At: noon.Add(time.Minute)}},
		Running:   []string{"payment/" + open.String()},
	}
}

func TestSoundFactsBreakNothing(t *testing.T) {
	for _, v := range Check(sound()) {
		t.Error(v)
	}
}

// Each way to break the books is caught, by the invariant that it breaks.
func TestEachInvariantCatchesWhatBreaksIt(t *testing.T) {
	for name, tc := range map[string]struct {
		n      int
		damage func(f *Facts)
	}{
		"money without a payment":            {1, func(f *Facts) { f.Payments[0].Intent = "" }},
		"money of two payments":              {1, func(f *Facts) { f.Payments[1].Intent = "pi_1" }},
		"money not booked":                   {1, func(f *Facts) { f.Payments[0].Status = portal.PaymentCanceled }},
		"another amount":                     {1, func(f *Facts) { f.Intents[0].Received = 1201 }},
		"another currency":                   {1, func(f *Facts) { f.Intents[0].Currency = "eur" }},
		"another customer":                   {1, func(f *Facts) { f.Intents[0].Customer = "cus_2" }},
		"another account":                    {1, func(f *Facts) { f.Intents[0].Account = "acct_2" }},
		"another payment's intent":           {1, func(f *Facts) { f.Intents[0].Metadata = map[string]string{"payment": open.String()} }},
		"booked without money":               {1, func(f *Facts) { f.Intents[0].Status = "canceled" }},
		"received and not allocated":         {2, func(f *Facts) { f.Allocations = nil }},
		"credit lost":                        {2, func(f *Facts) { f.Credits = f.Credits[1:] }},
		"a refund that we don't know":        {2, func(f *Facts) { f.Refunds = append(f.Refunds, f.Refunds[0]) }},
		"given back by hand and forgotten":   {2, func(f *Facts) { f.ByHand = []ByHand{{paid, 100}} }},
		"a dispute that we don't know":       {2, func(f *Facts) { f.Disputes[0].Gone = true }},
		"allocated before it was received":   {2, func(f *Facts) { f.Allocations = append(f.Allocations, Allocation{&open, two, 500}) }},
		"more paid than was asked":           {3, func(f *Facts) { f.Invoices[0].Due = -1 }},
		"due is not derived":                 {3, func(f *Facts) { f.Invoices[1].Due = 400 }},
		"a void invoice with money on it":    {3, func(f *Facts) { f.Invoices[0].State = "void" }},
		"two intents of one payment":         {4, func(f *Facts) { f.Intents[1].Metadata, f.Intents[1].Status = f.Intents[0].Metadata, "succeeded" }},
		"two charges of one payment":         {4, func(f *Facts) { f.Charges[1].Metadata, f.Charges[1].Status = f.Charges[0].Metadata, "succeeded" }},
		"a debit beside a charge":            {4, func(f *Facts) { f.Charges[1].Metadata, f.Charges[1].Status = f.Charges[0].Metadata, "pending" }},
		"a reservation of a payment's ghost": {5, func(f *Facts) { f.Reservations[0].State = "live" }},
		"an invoice that two payments hold": {5, func(f *Facts) {
			f.Reservations[1].State = "live"
			f.Reservations = append(f.Reservations, f.Reservations[1])
		}},
		"let go of too early":           {5, func(f *Facts) { f.Reservations[1].State = "released" }},
		"a payment without a flow":      {6, func(f *Facts) { f.Running = nil }},
		"a webhook left lying":          {7, func(f *Facts) { f.Webhooks[0].Processed = false }},
		"an email twice":                {7, func(f *Facts) { f.Mails = append(f.Mails, f.Mails[0]) }},
		"an email that never came":      {7, func(f *Facts) { f.Mails = nil }},
		"an email left lying":           {7, func(f *Facts) { f.Deliveries[0].Status = "queued" }},
		"an email without a key":        {7, func(f *Facts) { f.Mails = append(f.Mails, inbox.Email{}) }},
		"a history that doesn't replay": {8, func(f *Facts) { f.Unreplayable = map[string]string{"payment/1": "no"} }},
		"autopay without a flow":        {6, func(f *Facts) { f.Autopays = []Autopay{{ID: estimate, On: true}} }},
		"autopay that never said so":    {9, func(f *Facts) { f.Announced = nil }},
		"autopay of more than it said":  {9, func(f *Facts) { f.Mails[1].Text = strings.Replace(aboutCharge, "$12.00", "$11.99", 1) }},
		"autopay before it said so":     {9, func(f *Facts) { f.Mails[1].Text = strings.Replace(aboutCharge, "7:00", "7:02", 1) }},
		"autopay that wrote too late":   {9, func(f *Facts) { f.Mails[1].At = f.Mails[1].At.Add(2 * time.Minute) }},
		"autopay that wrote of another": {9, func(f *Facts) { f.Mails[1].Text = strings.Replace(aboutCharge, "INV-1", "INV-2", 1) }},
		"charged after an edit":         {9, func(f *Facts) { f.Changes[0].At = noon.Add(30 * time.Second) }},
		"confirmed after an edit": {9, func(f *Facts) {
			f.Changes[0].At = noon.Add(90 * time.Second)
			f.Requests[0].At = noon.Add(2 * time.Minute)
		}},
		"decided on an old version":   {10, func(f *Facts) { f.Decisions[0].At = noon.Add(2 * time.Hour) }},
		"decided on other content":    {10, func(f *Facts) { f.Decisions[0].Hash = []byte("c") }},
		"decided on no version":       {10, func(f *Facts) { f.Decisions[0].Version = 7 }},
		"decided and then superseded": {10, func(f *Facts) { f.Versions[0].Status = "superseded" }},
	} {
		t.Run(name, func(t *testing.T) {
			f := sound()
			tc.damage(f)
			for _, v := range Check(f) {
				if v.Invariant == tc.n {
					if v.About == "" || v.Ours == "" || v.Theirs == "" || v.Says == "" {
						t.Errorf("it isn't told whole: %s", v)
					}
					return
				}
			}
			t.Errorf("invariant %d did not catch it: %v", tc.n, Check(f))
		})
	}
}

// What holds at every moment needs our side alone, and is judged on it alone.
func TestWhatHoldsAtEveryMomentIsJudgedOnOurSideAlone(t *testing.T) {
	f := sound()
	f.Intents, f.Charges, f.Requests, f.Running, f.Mails = nil, nil, nil, nil, nil
	for _, v := range CheckNow(f) {
		t.Error(v)
	}
	f.Invoices[1].Due, f.Reservations[1].State = 400, "released"
	if broken := CheckNow(f); len(broken) != 2 || broken[0].Invariant != 3 || broken[1].Invariant != 5 {
		t.Errorf("found %v", broken)
	}
}

// A confirm whose answer was saved before the edit is no new charge.
func TestAReplayedConfirmIsNoNewCharge(t *testing.T) {
	f := sound()
	f.Changes[0].At = noon.Add(90 * time.Second)
	again := f.Requests[0]
	again.At, again.Replayed, again.Acted = noon.Add(2*time.Minute), true, false
	f.Requests = append(f.Requests, again)
	for _, v := range Check(f) {
		t.Error(v)
	}
}
