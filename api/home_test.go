package api

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/portal"
)

func TestHomeSaysWhereTheCustomerStands(t *testing.T) { // R1, R18, R19, R20, R21, R23
	b := setup(t)
	b.sql(`UPDATE settings SET banner = 'We are closed on Friday.' WHERE org_id = $1`, b.bright.id)
	b.sentInvoice(b.bright, b.acme.id, 70_00, "2026-11-01") // late
	euros := newInvoice(b.acme.id, 12_34, "2026-12-05")
	euros.Body.Currency = "EUR"
	inEuros := must(b.CreateInvoice.Do(as(t.Context(), b.bright.admin), euros))(t).Body.ID
	must(b.SendInvoice.Do(as(t.Context(), b.bright.admin), &SendInvoiceInput{Key: newKey(), Invoice: inEuros}))(t)
	under := b.holds(b.bright, b.acme, b.acme.invoice, portal.PaymentDeclined, 100_00)

	home := must(b.Home.Do(as(t.Context(), b.acme.contact), &HomeInput{}))(t).Body
	if len(home.Outstanding) != 2 {
		t.Fatalf("outstanding is %+v", home.Outstanding)
	}
	eur, usd := home.Outstanding[0], home.Outstanding[1]
	if eur.Due != portal.NewMoney(12_34, "EUR") || eur.Invoices != 1 || eur.OverdueInvoices != 0 {
		t.Errorf("euros: %+v", eur)
	}
	if usd.Due != portal.NewMoney(170_00, "USD") || usd.Invoices != 2 || usd.Overdue.Amount != 70_00 || usd.OverdueInvoices != 1 {
		t.Errorf("dollars: %+v", usd)
	}
	if !slices.Equal(home.Credits, []portal.Money{portal.NewMoney(15_00, "USD")}) {
		t.Errorf("credits: %+v", home.Credits)
	}
	if l := home.LastPayment; l == nil || l.ID != b.acme.payment || l.Amount.Amount != 20_00 || !l.At.Equal(noon) {
		t.Errorf("the last payment: %+v", home.LastPayment)
	}
	if home.EstimatesWaiting != 1 {
		t.Errorf("%d estimates wait", home.EstimatesWaiting)
	}
	if len(home.Underway) != 1 || home.Underway[0].ID != under || !home.Underway[0].Mine {
		t.Errorf("under way: %+v", home.Underway)
	}
	if home.Banner != "We are closed on Friday." || home.Organization.Email != "hello@bright.example" || home.Company.Name != "Acme" || len(home.Contacts) != 2 {
		t.Errorf("the account: %+v", home)
	}
	if home.Me.Name != "Maria Acme" || !home.Me.MayPay || !home.Me.MayApprove || !home.Features.EditDetails || home.Features.MFA {
		t.Errorf("me: %+v, features: %+v", home.Me, home.Features)
	}
	if me := must(b.Home.Do(as(t.Context(), b.acme.viewer), &HomeInput{}))(t).Body.Me; me.MayPay || me.MayApprove {
		t.Errorf("a viewer may: %+v", me)
	}
}

func TestPaymentsAreListedAndSorted(t *testing.T) { // R40
	b := setup(t)
	for n, amount := range []int64{500, 100, 300, 200} {
		b.now = noon.Add(time.Duration(n) * time.Hour)
		b.paid(b.bright, b.acme, b.sentInvoice(b.bright, b.acme.id, amount, "2026-12-01"), amount)
	}
	given := b.paymentRow(b.bright, b.acme, portal.PaymentCanceled, 999)
	b.sql(`UPDATE payments SET kind = 'cash' WHERE received = 300`)
	amounts := func(who portal.Principal, in ListPaymentsInput) (all []int64) {
		list := b.ListMyPayments
		if who.Side == portal.SideStaff {
			list, in.Customer = b.ListPayments, b.acme.id
		}
		in.Size = 2
		for {
			page := must(list.Do(as(t.Context(), who), &in))(t).Body
			for _, p := range page.Payments {
				all = append(all, p.Amount.Amount)
			}
			if in.After = page.Next; in.After == "" {
				return all
			}
		}
	}
	for name, c := range map[string]struct {
		who  portal.Principal
		in   ListPaymentsInput
		want []int64
	}{
		"newest first":      {b.acme.contact, ListPaymentsInput{}, []int64{200, 300, 100, 500, 20_00}},
		"oldest first":      {b.acme.contact, ListPaymentsInput{PaymentFilter: PaymentFilter{Sort: "date"}}, []int64{20_00, 500, 100, 300, 200}},
		"smallest first":    {b.acme.contact, ListPaymentsInput{PaymentFilter: PaymentFilter{Sort: "amount"}}, []int64{100, 200, 300, 500, 20_00}},
		"largest first":     {b.acme.contact, ListPaymentsInput{PaymentFilter: PaymentFilter{Sort: "-amount"}}, []int64{20_00, 500, 300, 200, 100}},
		"cash":              {b.acme.contact, ListPaymentsInput{PaymentFilter: PaymentFilter{Kind: "cash"}}, []int64{300}},
		"staff see all":     {b.bright.admin, ListPaymentsInput{PaymentFilter: PaymentFilter{Sort: "-amount"}}, []int64{20_00, 999, 500, 300, 200, 100}},
		"staff, given up":   {b.bright.admin, ListPaymentsInput{PaymentFilter: PaymentFilter{Status: "canceled"}}, []int64{999}},
		"asked for by hand": {b.acme.contact, ListPaymentsInput{PaymentFilter: PaymentFilter{Status: "canceled"}}, []int64{999}},
	} {
		if got := amounts(c.who, c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := must(b.GetMyPayment.Do(as(t.Context(), b.acme.contact), &PaymentInput{Payment: given}))(t); got.Body.Status != portal.PaymentCanceled {
		t.Errorf("it is %s", got.Body.Status)
	}
}

func TestFailedPaymentsSayWhyAndHowManyTries(t *testing.T) { // R70
	b := setup(t)
	declined := b.holds(b.bright, b.acme, b.acme.invoice, portal.PaymentDeclined, 100_00)
	b.sql(`UPDATE payments SET failure_code = 'insufficient_funds', failure_message = 'Not enough money.' WHERE id = $1`, declined)
	for n := range 2 {
		b.sql(`INSERT INTO payment_attempts (org_id, payment_id, n, outcome, channel, class) VALUES ($1, $2, $3, 'declined', 'saved', 'retry')`, b.bright.id, declined, n+1)
	}
	b.holds(b.other, b.foreign, b.foreign.invoice, portal.PaymentDeclined, 100_00)
	failed := must(b.FailedPayments.Do(as(t.Context(), b.bright.member), &FailedPaymentsInput{}))(t).Body.Payments
	if len(failed) != 1 || failed[0].ID != declined {
		t.Fatalf("failed are %+v", failed)
	}
	f := failed[0]
	if f.Tries != 2 || f.Code != "insufficient_funds" || f.Class != "retry" || f.Failure != "Not enough money." || f.Invoices != 1 ||
		!f.GivenUpAt.Equal(noon.Add(15*24*time.Hour)) || f.CustomerName != "Acme" || f.WorkflowID != "payment/"+declined.String() {
		t.Errorf("it is %+v", f)
	}
	_, err := b.RetryPayments.Do(as(t.Context(), b.bright.member), &RetryPaymentsInput{Key: newKey()})
	refused(t, err, portal.CodeInvalid, "payments")
	in := &RetryPaymentsInput{Key: newKey()}
	in.Body.Payments = []uuid.UUID{b.foreign.payment, uuid.New()}
	for _, r := range must(b.RetryPayments.Do(as(t.Context(), b.bright.member), in))(t).Body.Payments {
		if r.Result != "refused" || r.Message == "" {
			t.Errorf("a stranger's payment: %+v", r)
		}
	}
}

func TestARemovedMethodIsGoneAndNotChargedAgain(t *testing.T) { // R38
	b := setup(t)
	ctx := as(t.Context(), b.acme.contact)
	if got := must(b.ListMyMethods.Do(ctx, &ListMyMethodsInput{}))(t).Body.Methods; len(got) != 1 || got[0].Last4 != "4242" {
		t.Fatalf("saved are %+v", got)
	}
	declined := b.holds(b.bright, b.acme, b.acme.invoice, portal.PaymentDeclined, 100_00)
	b.sql(`UPDATE payments SET channel = 'saved', method_id = $2 WHERE id = $1`, declined, b.acme.method)
	must(b.RemoveMyMethod.Do(ctx, &MethodInput{Method: b.acme.method}))(t)
	must(b.RemoveMyMethod.Do(ctx, &MethodInput{Method: b.acme.method}))(t)
	if got := must(b.ListMyMethods.Do(ctx, &ListMyMethodsInput{}))(t).Body.Methods; len(got) != 0 {
		t.Errorf("saved are still %+v", got)
	}
	if n := value[int](b, `SELECT count(*) FROM events WHERE kind = 'payment_method.removed'`); n != 1 {
		t.Errorf("%d events tell of the removal", n)
	}
	_, err := b.RetryMine.Do(ctx, &RetryPaymentInput{Key: newKey(), Payment: declined})
	refused(t, err, portal.CodeInvalid, "method")
	_, err = b.StaffRetry.Do(as(t.Context(), b.bright.admin), &RetryPaymentInput{Key: newKey(), Payment: declined})
	refused(t, err, portal.CodeInvalid, "method")
}

func TestCreditIsGivenOnceAndListed(t *testing.T) { // R19
	b := setup(t)
	b.now = noon.Add(time.Hour)
	ctx := as(t.Context(), b.bright.admin)
	in := &CreateCreditNoteInput{Key: newKey()}
	in.Body.Customer, in.Body.Invoice, in.Body.Amount, in.Body.Reason = b.acme.id, &b.acme.invoice, 25_00, "Came late."
	first := must(b.CreateCreditNote.Do(ctx, in))(t).Body
	if again := must(b.CreateCreditNote.Do(ctx, in))(t).Body; again.ID != first.ID || again.Number != first.Number {
		t.Errorf("given twice: %+v and %+v", first, again)
	}
	in.Key, in.Body.Amount = newKey(), 100_01
	_, err := b.CreateCreditNote.Do(ctx, in)
	refused(t, err, portal.CodeInvalid, "amount")
	in.Key, in.Body.Amount, in.Body.Customer = newKey(), 1, b.birch.id
	_, err = b.CreateCreditNote.Do(ctx, in)
	refused(t, err, portal.CodeInvalid, "invoice")
	notes := must(b.ListMyCreditNotes.Do(as(t.Context(), b.acme.contact), &ListCreditNotesInput{}))(t).Body.CreditNotes
	if len(notes) != 2 || notes[0].Number != first.Number || notes[0].Invoice == nil || notes[0].Invoice.ID != b.acme.invoice {
		t.Errorf("listed are %+v", notes)
	}
	if home := must(b.Home.Do(as(t.Context(), b.acme.contact), &HomeInput{}))(t).Body; home.Credits[0].Amount != 40_00 {
		t.Errorf("credit is %+v", home.Credits)
	}
}

func TestReadyAndDocumentedWithoutASignIn(t *testing.T) { // N12
	b := setup(t)
	if got := b.call(nobody, http.MethodGet, "/api/bright/portal/brand", nil); got.status != http.StatusOK {
		t.Errorf("the brand: %d %s", got.status, got.body)
	}
	if got := b.call(nobody, http.MethodGet, "/api/nobody/portal/brand", nil); got.status != http.StatusNotFound {
		t.Errorf("no brand: %d %s", got.status, got.body)
	}
}
