package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/api"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

const autopay = "/api/bright/portal/autopay"

// soon has autopay charge two seconds after its notice what is due today.
func soon() api.Times {
	return api.Times{Autopay: workflows.AutopayTimes{Least: 2 * time.Second, Look: 500 * time.Millisecond}}
}

func autopayOf(c *stack.Client) api.AutopayStanding {
	var read api.AutopayStanding
	c.Must(200, "GET", autopay, "", nil, &read)
	return read
}

// enrol turns autopay on, agreeing to what is read.
func enrol(c *stack.Client, method uuid.UUID, credit bool) api.AutopayStanding {
	var on api.AutopayStanding
	c.Must(201, "POST", autopay, "", map[string]any{"method": method, "credit": credit, "terms": autopayOf(c).Terms}, &on)
	return on
}

func chargeNumbers(charges []api.AutopayCharge) string {
	var numbers []string
	for _, c := range charges {
		numbers = append(numbers, c.Number)
	}
	slices.Sort(numbers)
	return strings.Join(numbers, " ")
}

// N7: an invoice is told of and then charged on the day that it is due, once; what
// was due before is left to be paid by hand; every step is told.
func TestAutopayChargesWhatIsDue(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, ben, staff := org.AsAnn(), org.AsBen(), org.Staff()
	method, _ := org.SaveCard(ann)
	org.InvoiceDue("INV-1", 500, today.AddDays(-1))
	due := org.InvoiceDue("INV-2", 10000, today)
	org.InvoiceDue("INV-3", 700, today.AddDays(20))

	// Only what was read is agreed to, and only by somebody who pays.
	ann.Must(409, "POST", autopay, "", map[string]any{"method": method, "terms": "Whatever."}, nil)
	key := uuid.NewString()
	body := map[string]any{"method": method, "terms": autopayOf(ann).Terms}
	var on api.AutopayStanding
	ann.Must(201, "POST", autopay, key, body, &on)
	ann.Must(201, "POST", autopay, key, body, nil) // the same is the same
	ben.Must(409, "POST", autopay, "", body, nil)  // one at a time
	if !on.On() || on.Autopay.Contact != "Ann Lovelace" || on.Autopay.Terms != body["terms"] || chargeNumbers(on.ByHand) != "INV-1" || chargeNumbers(on.Charges) != "INV-2 INV-3" {
		t.Fatalf("turned on: %+v", on)
	}
	ann.Must(409, "DELETE", "/api/bright/portal/payment-methods/"+method.String(), "", nil, nil)

	var paid api.Payment
	s.Eventually("the charge", func() bool {
		past := autopayOf(ann).Past
		if len(past) != 1 || past[0].Invoice != due || past[0].Payment == nil {
			return false
		}
		paid = org.ReadPayment(ann, *past[0].Payment)
		return paid.Status == portal.PaymentSucceeded
	})
	if paid.Received.Amount != 10000 || paid.StartedBy != "Autopay" || len(paid.Invoices) != 1 {
		t.Errorf("paid %+v", paid)
	}
	notice, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "for invoice INV-2 is charged on")
	if err != nil || !strings.Contains(notice.Text, "$100.00") || !strings.Contains(notice.Text, "/bright/account/autopay") {
		t.Errorf("%v: the notice says %s", err, notice.Text)
	}
	for _, subject := range []string{"Autopay is on", "Receipt for your payment of $100.00"} {
		if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", subject); err != nil {
			t.Error(err)
		}
	}
	if n := acts.Succeeded(t, s); n != 2 {
		t.Errorf("%d charges succeeded, of the one that saved the card and one more", n)
	}

	// Staff see it and turn it off; the contact is told, and the flow ends.
	var seen api.AutopayStanding
	at := "/api/bright/console/customers/" + org.Customer.String() + "/autopay"
	staff.Must(200, "GET", at, "", nil, &seen)
	if !seen.On() || seen.Autopay.WorkflowID == "" || chargeNumbers(seen.Charges) != "INV-3" {
		t.Errorf("staff see %+v", seen)
	}
	staff.Must(200, "POST", at+"/end", "", map[string]any{"reason": "You asked us to."}, &seen)
	if seen.On() || seen.Autopay.EndedBy != "Grace Bright" {
		t.Errorf("turned off: %+v", seen.Autopay)
	}
	if mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Autopay is off"); err != nil || !strings.Contains(mail.Text, "You asked us to.") {
		t.Errorf("%v: the email says %s", err, mail.Text)
	}
	acts.Completed(t, s, workflows.AutopayID(on.Autopay.ID))
	acts.KeepHistory(t, s, workflows.AutopayID(on.Autopay.ID), "autopay")
	ann.Must(204, "DELETE", "/api/bright/portal/payment-methods/"+method.String(), "", nil, nil)
}

// N7: what its contact pays by hand is not charged; put back, it is told of anew.
// What was paid meanwhile is not charged either, and that is said.
func TestAutopayLeavesOutWhatIsPaidByHand(t *testing.T) {
	times := soon()
	times.Autopay.Least = 6 * time.Second
	s := stack.New(t, stack.Options{Times: times})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann := org.AsAnn()
	method, _ := org.SaveCard(ann)
	byHand, paid := org.InvoiceDue("INV-1", 500, today), org.InvoiceDue("INV-2", 600, today)
	enrol(ann, method, false)
	plan := func(status int, invoice uuid.UUID, byHand bool) {
		ann.Must(status, "PUT", autopay+"/charges", "", map[string]any{"invoice": invoice, "due_on": today, "by_hand": byHand}, nil)
	}
	s.Eventually("both notices", func() bool {
		return !slices.ContainsFunc(autopayOf(ann).Charges, func(c api.AutopayCharge) bool { return c.Status != portal.ChargeNoticed })
	})
	plan(200, byHand, true)
	plan(404, uuid.New(), true)
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(method, paid), &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	s.Eventually("what was paid to be left out", func() bool {
		past := autopayOf(ann).Past
		return len(past) == 1 && past[0].Invoice == paid && past[0].Status == portal.ChargeSkipped && past[0].Reason != ""
	})
	plan(409, paid, true)
	if now := autopayOf(ann); chargeNumbers(now.ByHand) != "INV-1" || len(now.Charges) != 0 {
		t.Errorf("by hand are %+v, charged %+v", now.ByHand, now.Charges)
	}
	plan(200, byHand, false)
	s.Eventually("the charge that was put back", func() bool {
		return slices.ContainsFunc(autopayOf(ann).Past, func(c api.AutopayCharge) bool { return c.Invoice == byHand && c.Status == portal.ChargeMade })
	})
	plan(409, byHand, true)
}

// N7: credit is used first where that was asked for, and what was announced is not
// charged while somebody else is paying.
func TestAutopayUsesCreditAndGivesWay(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, ben, staff := org.AsAnn(), org.AsBen(), org.Staff()
	method, _ := org.SaveCard(ann)
	staff.Must(201, "POST", "/api/bright/console/credit-notes", "", map[string]any{"customer": org.Customer, "amount": 300, "reason": "Sorry."}, nil)
	invoice, busy := org.InvoiceDue("INV-1", 1000, today), org.InvoiceDue("INV-2", 900, today)
	var page acts.Begun
	ben.Must(201, "POST", acts.Payments, "", acts.Checkout(busy), &page)
	acts.ReadPayment(t, s, ben, org, page.ID, portal.PaymentAwaitingCustomer)
	enrol(ann, method, true)
	s.Eventually("both to be done with", func() bool { return len(autopayOf(ann).Past) == 2 })
	for _, c := range autopayOf(ann).Past {
		switch c.Invoice {
		case invoice:
			if p := acts.ReadPayment(t, s, ann, org, *c.Payment, portal.PaymentSucceeded); p.Received.Amount != 700 {
				t.Errorf("charged %+v beside the credit", p.Received)
			}
		case busy:
			if c.Status != portal.ChargeSkipped || !strings.Contains(c.Reason, "Ben Okafor is paying invoice INV-2") {
				t.Errorf("under Ben's payment: %+v", c)
			}
		}
	}
	if mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Autopay did not charge invoice INV-2"); err != nil || !strings.Contains(mail.Text, "Ben Okafor") {
		t.Errorf("%v: the email says %s", err, mail.Text)
	}
}

// N7: no notice, no charge. What the contact could not be told of is left out, on
// their page too; staff's bell rings, and somebody else at the customer is told.
func TestAutopayChargesNothingThatWasRefusedByEmail(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, staff := org.AsAnn(), org.Staff()
	method, _ := org.SaveCard(ann)
	org.MakePrimary(org.Ben)
	charges := acts.Succeeded(t, s)
	enrol(ann, method, false)
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Autopay is on"); err != nil {
		t.Fatal(err)
	}
	// The one about the charge, and the one that says that it isn't made.
	if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: inbox.FaultRefuse, Count: 2, To: "ann@lovelace.test"}); err != nil {
		t.Fatal(err)
	}
	invoice := org.InvoiceDue("INV-1", 500, today)
	nudge(t, s, ann)
	s.Eventually("the charge to be left out", func() bool { return len(autopayOf(ann).Past) == 1 })
	past := autopayOf(ann).Past[0]
	if past.Invoice != invoice || past.Status != portal.ChargeSkipped || past.Amount.Amount != 500 || !strings.Contains(past.Reason, "could not be delivered to ann@lovelace.test") {
		t.Errorf("left out is %+v", past)
	}
	if mail, err := s.Inbox.WaitFor(t.Context(), "ben@lovelace.test", "Autopay did not charge invoice INV-1"); err != nil || !strings.Contains(mail.Text, past.Reason) {
		t.Errorf("%v: the email says %s", err, mail.Text)
	}
	var bell struct {
		Rings []api.Ring `json:"rings"`
	}
	staff.Must(200, "GET", "/api/bright/console/bell", "", nil, &bell)
	if !slices.ContainsFunc(bell.Rings, func(r api.Ring) bool { return r.Kind == "email.failed" }) {
		t.Errorf("the bell has %+v", bell.Rings)
	}
	// Longer than what is announced takes to be charged.
	time.Sleep(3 * time.Second)
	if n := acts.Succeeded(t, s); n != charges {
		t.Errorf("%d charges succeeded, of %d before", n, charges)
	}
}

// nudge has a customer's autopay look for what is due, as whoever sends an invoice does.
func nudge(t *testing.T, s *stack.Stack, c *stack.Client) {
	t.Helper()
	if err := s.Temporal.SignalWorkflow(t.Context(), workflows.AutopayID(autopayOf(c).Autopay.ID), "", workflows.SignalReread, nil); err != nil {
		t.Fatal(err)
	}
}

// N7: never more is charged than an email said: what was changed between two tries
// of one is told in another, and one that may have arrived counts for what it said.
func TestAutopayChargesNoMoreThanItsEmailSaid(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, staff := org.AsAnn(), org.Staff()
	method, _ := org.SaveCard(ann)
	on := enrol(ann, method, false).Autopay.ID
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Autopay is on"); err != nil {
		t.Fatal(err)
	}
	// Its flow looks no further than some days ahead: the steps are the test's own.
	due := today.AddDays(20)
	invoice := org.InvoiceDue("INV-1", 10000, due)
	step := activities.AutopayStep{
		AutopayLook: activities.AutopayLook{AutopayRef: activities.AutopayRef{Org: org.ID, Autopay: on}, Least: portal.AutopayNoticeLeast}, Invoice: invoice, DueOn: due, Amount: 10000, At: time.Now(),
	}
	notice := func(step activities.AutopayStep) error {
		out, err := s.Steps.NoticeCharge(t.Context(), step)
		if out.Reason != "" {
			t.Errorf("left out: %s", out.Reason)
		}
		return err
	}
	row := func() (c dbsqlc.AutopayCharge) {
		s.In(org.ID, func(q *dbsqlc.Queries) (err error) {
			c, err = q.LockAutopayCharge(t.Context(), dbsqlc.LockAutopayChargeParams{OrgID: org.ID, AutopayID: on, InvoiceID: invoice, DueOn: due})
			if db.NotFound(err) {
				return nil
			}
			return err
		})
		return c
	}
	said := func() (amounts []string) {
		all, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if amount, of, is := strings.Cut(m.Subject, " for invoice INV-1 is charged on "); is {
				amounts = append(amounts, amount)
				if moment := moment(t, s, org, *row().ChargeAt); row().Status == portal.ChargeNoticed && of != moment {
					t.Errorf("charged on %s is said, and %s is stored", of, moment)
				}
			}
		}
		slices.Sort(amounts)
		return amounts
	}
	edit := func(amount int64) {
		var read api.Invoice
		address := "/api/bright/console/invoices/" + invoice.String()
		staff.Must(200, "GET", address, "", nil, &read)
		staff.Must(200, "PUT", address, "", map[string]any{
			"revision": read.Revision, "title": read.Title, "issue_date": read.IssueDate, "due_date": due,
			"lines": []map[string]any{{"description": "Work", "quantity": "1", "unit_price": amount}},
		}, nil)
	}

	// One that was begun before the change may have arrived: it counts for what it says, and no more.
	if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: inbox.FaultError, Count: 1, To: "ann@lovelace.test"}); err != nil {
		t.Fatal(err)
	}
	if err := notice(step); err == nil || row().Status == portal.ChargeNoticed {
		t.Fatalf("%v: the provider was away, and the charge is %+v", err, row())
	}
	edit(15000)
	if err := notice(step); err != nil || row().Amount != 10000 {
		t.Errorf("%v: stored is %+v", err, row())
	}
	if got := said(); !slices.Equal(got, []string{"$100.00"}) {
		t.Errorf("told of %v", got)
	}
	// What grew is what is told of next; told again it changes nothing.
	step.Amount, step.At = 15000, time.Now()
	for range 2 {
		if err := notice(step); err != nil || row().Amount != 15000 || row().Notices != 2 {
			t.Errorf("%v: stored is %+v", err, row())
		}
	}
	if got := said(); !slices.Equal(got, []string{"$100.00", "$150.00"}) {
		t.Errorf("told of %v", got)
	}
	// One that was not begun before the change is not sent any more.
	edit(16000)
	step.Amount, step.At = 15500, time.Now()
	if err := notice(step); err != nil || row().Amount != 15000 {
		t.Errorf("%v: stored is %+v", err, row())
	}
	if got := said(); len(got) != 2 {
		t.Errorf("told of %v", got)
	}
}

// N7: a notice that was given up after most of a day is not sent later with the
// day that it said then: it is written anew.
func TestAutopayWritesALateNoticeAnew(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	due := org.AtNoon().AddDays(20)
	ann := org.AsAnn()
	method, _ := org.SaveCard(ann)
	on := enrol(ann, method, false).Autopay.ID
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Autopay is on"); err != nil {
		t.Fatal(err)
	}
	invoice := org.InvoiceDue("INV-1", 10000, due)
	// Its day is so near that a day after the notice is what counts.
	step := activities.AutopayStep{
		AutopayLook: activities.AutopayLook{AutopayRef: activities.AutopayRef{Org: org.ID, Autopay: on}, Least: 30 * 24 * time.Hour},
		Invoice:     invoice, DueOn: due, Amount: 10000, At: time.Now().Add(-21 * time.Hour),
	}
	if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: inbox.FaultError, Count: 1, To: "ann@lovelace.test"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Steps.NoticeCharge(t.Context(), step); err == nil {
		t.Fatal("the provider was away")
	}
	step.At = time.Now()
	if _, err := s.Steps.NoticeCharge(t.Context(), step); err != nil {
		t.Fatal(err)
	}
	mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "is charged on")
	if want := moment(t, s, org, step.At.Add(step.Least)); err != nil || !strings.HasSuffix(mail.Subject, want) {
		t.Errorf("%v: the email says %s, not %s", err, mail.Subject, want)
	}
}

// moment is an instant as a subject writes it.
func moment(t *testing.T, s *stack.Stack, org stack.Org, at time.Time) (text string) {
	t.Helper()
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		row, err := q.GetOrganization(t.Context(), org.ID)
		if err != nil {
			return err
		}
		loc, err := time.LoadLocation(row.TimeZone)
		text = strings.ReplaceAll(portal.FormatMoment(at, loc, row.Locale), "\u00a0", " ")
		return err
	})
	return text
}

// N7 R31 R34: what can't be charged any more in the way that autopay charges is left out with
// just that reason, and the contact hears of it.
func TestAutopaySaysWhatItCantChargeAnyMore(t *testing.T) {
	times := soon()
	times.Autopay.Least = 4 * time.Second
	s := stack.New(t, stack.Options{Times: times})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann := org.AsAnn()
	method, _ := org.SaveCard(ann)
	invoice := org.InvoiceDue("INV-1", 500, today)
	enrol(ann, method, false)
	s.Eventually("the notice", func() bool {
		now := autopayOf(ann).Charges
		return len(now) == 1 && now[0].Status == portal.ChargeNoticed
	})
	var read api.Invoice
	address, staff := "/api/bright/console/invoices/"+invoice.String(), org.Staff()
	staff.Must(200, "GET", address, "", nil, &read)
	staff.Must(200, "PUT", address, "", map[string]any{
		"revision": read.Revision, "title": read.Title, "issue_date": read.IssueDate, "due_date": today, "ways_to_pay": []string{"bank_transfer"},
		"lines": []map[string]any{{"description": "Work", "quantity": "1", "unit_price": 500}},
	}, nil)
	s.Eventually("it to be left out", func() bool { return len(autopayOf(ann).Past) == 1 })
	if past := autopayOf(ann).Past[0]; past.Status != portal.ChargeSkipped || past.Reason != "It can't be paid by card." {
		t.Errorf("left out is %+v", past)
	}
	if mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Autopay did not charge invoice INV-1"); err != nil || !strings.Contains(mail.Text, "It can't be paid by card.") {
		t.Errorf("%v: the email says %s", err, mail.Text)
	}
}

// N6 N7: while autopay's own payment of an earlier part waits for its next try, the
// next part waits with it, and is charged after it.
func TestAutopayWaitsForItsOwnEarlierPart(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, staff := org.AsAnn(), org.Staff()
	method, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	on := enrol(ann, method, false).Autopay.ID
	i := planned(t, staff, org, 100000, map[string]any{"deposit_percent": "30", "parts": 1, "first_on": today.AddDays(1)})
	var first uuid.UUID
	s.Eventually("the first part to be declined", func() bool {
		past := autopayOf(ann).Past
		if len(past) != 1 || past[0].Payment == nil {
			return false
		}
		first = *past[0].Payment
		return org.ReadPayment(ann, first).Status == portal.PaymentDeclined
	})
	second := activities.AutopayStep{
		AutopayLook: activities.AutopayLook{AutopayRef: activities.AutopayRef{Org: org.ID, Autopay: on}, Least: 2 * time.Second}, Invoice: i.ID, DueOn: today.AddDays(1),
	}
	s.Eventually("the second part's notice", func() bool {
		now := autopayOf(ann).Charges
		return len(now) == 1 && now[0].Status == portal.ChargeNoticed
	})
	// Its day comes.
	steps := *s.Steps
	steps.Now = func() time.Time { return time.Now().Add(48 * time.Hour) }
	if out, err := steps.ChargeDue(t.Context(), second); err != nil || out.Payment != nil || out.Reason != "" {
		t.Fatalf("%v: under the first part's payment came %+v", err, out)
	}
	if now := autopayOf(ann); len(now.Past) != 1 || len(now.Charges) != 1 || now.Charges[0].Status != portal.ChargeNoticed || now.Charges[0].At.Before(steps.Now()) {
		t.Errorf("the second part is %+v", now.Charges)
	}
	ann.Must(200, "POST", acts.Payments+"/"+first.String()+"/retry", "", map[string]any{}, nil)
	acts.ReadPayment(t, s, ann, org, first, portal.PaymentSucceeded)
	steps.Now = func() time.Time { return time.Now().Add(96 * time.Hour) }
	out, err := steps.ChargeDue(t.Context(), second)
	if err != nil || out.Payment == nil {
		t.Fatalf("%v: after the first part's payment came %+v", err, out)
	}
	if paid := org.ReadPayment(ann, *out.Payment); paid.Amount.Amount != 70000 {
		t.Errorf("the second part's payment is %+v", paid)
	}
}

// N7: autopay ends with the access of whoever turned it on; the primary contact
// and staff hear of it. Ended by itself or by its contact, nothing more is charged.
func TestAutopayEndsWithItsContact(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, ben, staff := org.AsAnn(), org.AsBen(), org.Staff()
	method, _ := org.SaveCard(ann)
	org.MakePrimary(org.Ben)
	enrol(ann, method, false)
	staff.Must(200, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/access", "", map[string]any{"contacts": []map[string]any{{"id": org.Ann, "access": false}}}, nil)
	s.Eventually("autopay to end", func() bool { return !autopayOf(ben).On() })
	if mail, err := s.Inbox.WaitFor(t.Context(), "ben@lovelace.test", "Autopay is off"); err != nil || !strings.Contains(mail.Text, "Ann Lovelace can't pay in the portal any more.") {
		t.Errorf("%v: the email says %s", err, mail.Text)
	}
	var bell struct {
		Rings []api.Ring `json:"rings"`
	}
	staff.Must(200, "GET", "/api/bright/console/bell", "", nil, &bell)
	if !slices.ContainsFunc(bell.Rings, func(r api.Ring) bool { return r.Kind == "autopay.lapsed" }) {
		t.Errorf("the bell has %+v", bell.Rings)
	}
	on := enrol(ben, method, false)
	ben.Must(200, "POST", autopay+"/end", "", nil, nil)
	ben.Must(200, "POST", autopay+"/end", "", nil, nil) // again changes nothing
	acts.Completed(t, s, workflows.AutopayID(on.Autopay.ID))
	org.InvoiceDue("INV-1", 500, today)
	if now := autopayOf(ben); now.On() || len(now.Past) != 0 {
		t.Errorf("after its end: %+v", now)
	}
}

// N7: of a charge and a cancel at one moment one wins, and whoever cancels is told which.
func TestAutopayChargeAndCancelRace(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann := org.AsAnn()
	method, _ := org.SaveCard(ann)
	const many = 6
	invoices := map[uuid.UUID]int{}
	for n := range many {
		invoices[org.InvoiceDue(fmt.Sprintf("INV-1%d", n), 500, today)] = 0
	}
	enrol(ann, method, false)
	done := func(now api.AutopayStanding) int { return len(now.Past) + len(now.ByHand) }
	s.Eventually("each to be charged or canceled", func() bool {
		now := autopayOf(ann)
		for _, c := range now.Charges {
			// Each is tried just when it is to be charged.
			if c.Status != portal.ChargeNoticed || time.Until(*c.At) > 20*time.Millisecond {
				continue
			}
			answer, err := ann.Do("PUT", autopay+"/charges", "", map[string]any{"invoice": c.Invoice, "due_on": today, "by_hand": true})
			if err != nil {
				t.Fatal(err)
			}
			invoices[c.Invoice] = answer.Status
		}
		return done(now) == many
	})
	now, charged := autopayOf(ann), map[uuid.UUID]bool{}
	for _, c := range now.Past {
		charged[c.Invoice] = c.Status == portal.ChargeMade
		acts.ReadPayment(t, s, ann, org, *c.Payment, portal.PaymentSucceeded)
	}
	for invoice, status := range invoices {
		if want := map[int]bool{0: true, 200: false, 409: true}; charged[invoice] != want[status] {
			t.Errorf("invoice %s: the cancel was answered with %d, charged: %v", invoice, status, charged[invoice])
		}
	}
	if n := acts.Succeeded(t, s); n != 1+len(now.Past) {
		t.Errorf("%d charges succeeded, of %d", n, 1+len(now.Past))
	}
}
