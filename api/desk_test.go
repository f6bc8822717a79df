package api

import (
	"slices"
	"testing"
	"time"

	"countersign/portal"
)

// Staff begin their day with what needs them: counted, added up, each currency by itself.
func TestDeskCountsWhatWaits(t *testing.T) { // R51, R70
	b := talking(t)
	b.sql(`UPDATE staff SET created_at = $1`, b.now.AddDate(-1, 0, 0)) // what is older than they are rings for nobody
	b.sentInvoice(b.bright, b.acme.id, 70_00, "2026-11-01")            // late
	euros := newInvoice(b.birch.id, 12_34, "2026-11-20")               // late, too
	euros.Body.Currency = "EUR"
	inEuros := must(b.CreateInvoice.Do(as(t.Context(), b.bright.admin), euros))(t).Body.ID
	must(b.SendInvoice.Do(as(t.Context(), b.bright.admin), &SendInvoiceInput{Key: newKey(), Invoice: inEuros}))(t)
	b.holds(b.bright, b.acme, b.acme.invoice, portal.PaymentDeclined, 100_00)
	declined := b.sentEstimate(b.bright, b.acme.id, "Too dear", 300_00)
	b.sql(`UPDATE estimate_versions SET status = 'declined', ended_at = $2 WHERE estimate_id = $1`, declined, b.now)
	b.sql(`UPDATE estimates SET status = 'declined', decided_at = $2 WHERE id = $1`, declined, b.now)
	for n, status := range []string{"bounced", "delivered", "failed", "bounced"} {
		at := b.now.Add(-time.Duration(n) * 7 * 24 * time.Hour) // the last one is three weeks old
		b.sql(`INSERT INTO deliveries (org_id, id, customer_id, template, subject_kind, subject_id, recipient, subject, text_body, html_body, status, sent_at, created_at)
			VALUES ($1, $2, $3, 'invoice_sent', 'invoice', $4, 'ann@acme.example', 'An invoice', '', '', $5, $6, $6)`, b.bright.id, b.NewID(), b.acme.id, b.acme.invoice, status, at)
	}

	d := must(b.Desk.Do(as(t.Context(), b.bright.admin), &DeskInput{}))(t).Body
	usd, eur := func(n int64) portal.Money { return portal.NewMoney(n, "USD") }, func(n int64) portal.Money { return portal.NewMoney(n, "EUR") }
	for name, c := range map[string]struct {
		pile  Pile
		count int
		sums  []portal.Money
	}{
		"failed payments":    {d.FailedPayments, 1, []portal.Money{usd(100_00)}},
		"overdue invoices":   {d.OverdueInvoices, 2, []portal.Money{eur(12_34), usd(70_00)}},
		"declined estimates": {d.DeclinedEstimates, 1, []portal.Money{usd(300_00)}},
		"undelivered mail":   {d.UndeliveredMail, 2, []portal.Money{}},
		"unread comments":    {d.UnreadComments, 2, []portal.Money{}}, // staff's own don't count
		"differences":        {d.Differences, 1, []portal.Money{}},
		"draft invoices":     {d.DraftInvoices, 2, []portal.Money{usd(100_00)}},
		"estimates waiting":  {d.EstimatesWaiting, 2, []portal.Money{usd(1800_00)}},
		"timesheets waiting": {d.TimesheetsWaiting, 2, []portal.Money{}},
	} {
		if c.pile.Count != c.count || !slices.Equal(c.pile.Amounts, c.sums) {
			t.Errorf("%s: %+v, want %d %v", name, c.pile, c.count, c.sums)
		}
	}
	if d.Comparison == nil || !d.Pressing() {
		t.Errorf("the comparison that differs is %v", d.Comparison)
	}

	// Whoever reads a comment has read it for themselves alone.
	rings := must(b.ListBell.Do(as(t.Context(), b.bright.admin), &ListBellInput{Comments: true}))(t).Body.Rings
	if len(rings) != 2 || rings[0].Kind != "invoice.commented" {
		t.Fatalf("the bell's comments: %+v", rings)
	}
	must(b.ReadBellOne.Do(as(t.Context(), b.bright.admin), &ReadBellOneInput{Event: rings[0].ID}))(t)
	for who, want := range map[*portal.Principal]int{&b.bright.admin: 1, &b.bright.member: 2} {
		if got := must(b.Desk.Do(as(t.Context(), *who), &DeskInput{}))(t).Body.UnreadComments.Count; got != want {
			t.Errorf("%s has %d unread comments, want %d", who.Name, got, want)
		}
	}

	mail := func(in ListMailInput) (statuses []string) {
		in.Size = 1
		for {
			page := must(b.ListMail.Do(as(t.Context(), b.bright.admin), &in))(t).Body
			for _, m := range page.Mail {
				statuses = append(statuses, m.Status)
			}
			if in.After = page.Next; in.After == "" {
				return statuses
			}
		}
	}
	if got := mail(ListMailInput{}); !slices.Equal(got, []string{"bounced", "delivered", "failed", "bounced"}) {
		t.Errorf("mailed, newest first: %v", got)
	}
	if got := mail(ListMailInput{Undelivered: true, Customer: b.acme.id}); !slices.Equal(got, []string{"bounced", "failed", "bounced"}) {
		t.Errorf("undelivered: %v", got)
	}
	if got := mail(ListMailInput{Customer: b.birch.id}); len(got) != 0 {
		t.Errorf("to another customer: %v", got)
	}
}

// The months are those of the organization's own calendar, and the sums those of its books.
func TestFiguresFollowTheBooks(t *testing.T) {
	b := setup(t)
	b.sentInvoice(b.bright, b.acme.id, 70_00, "2026-11-21") // a day late
	old := b.sentInvoice(b.bright, b.acme.id, 30_00, "2026-12-01")
	b.sql(`UPDATE invoices SET issue_date = '2026-07-01', due_date = '2026-08-01' WHERE id = $1`, old)
	for amount, at := range map[int64]time.Time{
		100_00: time.Date(2026, 11, 1, 3, 59, 0, 0, time.UTC), // still October in New York
		200_00: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC),
		400_00: time.Date(2025, 12, 1, 12, 0, 0, 0, time.UTC),  // the first of the twelve
		800_00: time.Date(2025, 11, 30, 12, 0, 0, 0, time.UTC), // too long ago
	} {
		invoice := b.sentInvoice(b.bright, b.birch.id, amount, "2026-12-01")
		payment := b.paid(b.bright, b.birch, invoice, amount)
		b.sql(`UPDATE payments SET succeeded_at = $2 WHERE id = $1`, payment, at)
		b.sql(`UPDATE invoices SET issue_date = $2::timestamptz - interval '10 days', settled_at = $2 WHERE id = $1`, invoice, at)
		if amount == 200_00 {
			b.sql(`INSERT INTO refunds (org_id, id, customer_id, payment_id, channel, kind, currency, amount, status, requested_by_kind, request_hash, booked_at)
				VALUES ($1, $2, $3, $4, 'recorded', 'card', 'USD', 5000, 'succeeded', 'staff', '\x00', $5)`, b.bright.id, b.NewID(), b.birch.id, payment, at)
		}
	}
	// Recorded now, and received in June.
	recorded := b.paid(b.bright, b.birch, b.sentInvoice(b.bright, b.birch.id, 50_00, "2026-12-01"), 50_00)
	b.sql(`UPDATE payments SET channel = 'recorded', received_on = '2026-06-30' WHERE id = $1`, recorded)

	f := must(b.Figures.Do(as(t.Context(), b.bright.member), &FiguresInput{}))(t).Body
	if len(f.Currencies) != 1 || f.Currencies[0].Currency != "USD" || len(f.Currencies[0].Months) != 12 {
		t.Fatalf("figures: %+v", f)
	}
	usd := f.Currencies[0]
	ages := map[string]int64{}
	for _, aged := range usd.Receivables {
		ages[aged.Age] = aged.Amount.Amount
	}
	if ages["1-30"] != 70_00 || ages["older"] != 30_00 || ages["current"] != 200_00 {
		t.Errorf("owed by age: %v", ages) // current: an invoice of each company
	}
	months := map[string]MonthFigures{}
	for _, m := range usd.Months {
		months[m.Month.String()] = m
	}
	for month, want := range map[string]int64{"2025-12-01": 400_00, "2026-06-01": 50_00, "2026-10-01": 100_00, "2026-11-01": 200_00 + 40_00} {
		if got := months[month].Received.Amount; got != want {
			t.Errorf("received in %s: %d, want %d", month, got, want) // November has each company's own payment, too
		}
	}
	if got := months["2026-11-01"].GivenBack.Amount; got != 50_00 {
		t.Errorf("given back: %d", got)
	}
	if days := months["2025-12-01"].DaysToPay; days == nil || *days != 10 {
		t.Errorf("days to pay: %v", days)
	}
	if months["2026-01-01"].DaysToPay != nil {
		t.Error("a month in which nothing was settled has days to pay")
	}
	waiting := 0
	for _, w := range f.Approvals {
		waiting += w.Estimates + 100*w.Timesheets
	}
	if waiting != 202 { // an estimate and a timesheet of each company
		t.Errorf("approvals: %+v", f.Approvals)
	}
}

func TestFirstStepsLeadToTheFirstInvitation(t *testing.T) { // R13
	b := setup(t)
	fresh := b.organization("fresh")
	ctx := as(t.Context(), fresh.admin)
	steps := func() FirstSteps { return must(b.FirstSteps.Do(ctx, &FirstStepsInput{}))(t).Body }
	b.sql(`UPDATE organizations SET bank_details = '' WHERE id = $1`, fresh.id)
	if s := steps(); s != (FirstSteps{}) {
		t.Errorf("a new organization has done %+v", s)
	}
	b.sql(`UPDATE organizations SET address = '{"line1": "1 High St"}', bank_details = 'Account 1' WHERE id = $1`, fresh.id)
	customer := must(b.CreateCustomer.Do(ctx, newCustomer("First")))(t).Body.ID
	if s := steps(); !s.Profile || !s.BankDetails || s.Logo || s.Customer == nil || *s.Customer != customer || s.CustomerName != "First" || s.Contact || s.Invited {
		t.Errorf("with a profile and a customer: %+v", s)
	}
	in := &CreateContactInput{Key: newKey(), Customer: customer}
	in.Body.Name, in.Body.Email = "Ann", "ann@first.example"
	contact := must(b.CreateContact.Do(ctx, in))(t).Body.ID
	if s := steps(); !s.Contact || s.Invited {
		t.Errorf("with a contact: %+v", s)
	}
	b.sql(`UPDATE contacts SET access = 'invited' WHERE id = $1`, contact)
	if s := steps(); !s.Invited {
		t.Errorf("with an invitation: %+v", s)
	}
}
