package e2e

import (
	"strings"
	"testing"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/pdf/pdftest"
	"countersign/portal"
	"countersign/workflows"

	"github.com/google/uuid"
)

// unsaved pays an invoice with what is entered on the processor's page, and keeps
// none of it.
func unsaved(ann *stack.Client, org stack.Org, invoice uuid.UUID, kind string, p stripesim.PayParams) uuid.UUID {
	body := acts.Checkout(invoice)
	body["save"], body["kind"] = false, kind
	var begun acts.Begun
	ann.Must(201, "POST", acts.Payments, "", body, &begun)
	org.PayOnPage(ann, begun.ID, p)
	return begun.ID
}

// R40 R48: whoever reads of a payment is told which card it was charged to,
// also when it was entered on the processor's page and never saved.
func TestWhatWasChargedIsNamedWhereverThePaymentIs(t *testing.T) {
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	invoice := org.Invoice("INV-1", 10000)
	id := unsaved(ann, org, invoice, "card", stripesim.PayParams{Card: "5555555555554444"})
	paid := acts.ReadPayment(t, s, ann, org, id, portal.PaymentSucceeded)
	if paid.Brand != "mastercard" || paid.Last4 != "4444" || paid.Method != nil {
		t.Errorf("charged to %+v, saved as %+v", paid.ChargedTo, paid.Method)
	}
	const words = "Mastercard ending 4444"
	for _, c := range []struct {
		side string
		as   *stack.Client
	}{{acts.Portal, ann}, {acts.Console, staff}} {
		var list api.ListPaymentsOutput
		c.as.Must(200, "GET", c.side+"/payments", "", nil, &list.Body)
		if len(list.Body.Payments) != 1 || list.Body.Payments[0].ChargedTo != paid.ChargedTo {
			t.Errorf("%s lists %+v", c.side, list.Body.Payments)
		}
		var on api.Invoice
		c.as.Must(200, "GET", c.side+"/invoices/"+invoice.String(), "", nil, &on)
		if len(on.Payments) != 1 || on.Payments[0].ChargedTo != paid.ChargedTo {
			t.Errorf("%s: the invoice was paid by %+v", c.side, on.Payments)
		}
	}
	for _, page := range []string{"/bright/payments", "/bright/payments/" + id.String(), "/bright/invoices/" + invoice.String(), "/bright/statement?period=all", acts.Portal + "/statement.csv?period=all"} {
		if got := ann.Must(200, "GET", page, "", nil, nil); !strings.Contains(string(got.Body), words) {
			t.Errorf("%s doesn't say %q", page, words)
		}
	}
	for _, page := range []string{"/console/bright/payments", "/console/bright/payments/" + id.String(), "/console/bright/invoices/" + invoice.String()} {
		if got := staff.Must(200, "GET", page, "", nil, nil); !strings.Contains(string(got.Body), words) {
			t.Errorf("%s doesn't say %q", page, words)
		}
	}
	for _, file := range []string{"/payments/" + id.String() + "/receipt.pdf", "/invoices/" + invoice.String() + "/pdf", "/statement.pdf?period=all"} {
		text := strings.Join(pdftest.Pages(t, ann.Must(200, "GET", acts.Portal+file, "", nil, nil).Body), "\n")
		if !strings.Contains(text, words) {
			t.Errorf("%s doesn't say %q:\n%s", file, words, text)
		}
	}
	if e := acts.EmailTo(t, s, "ann@lovelace.test", "eceipt"); !strings.Contains(e.Text, words) {
		t.Errorf("the receipt by email doesn't say %q:\n%s", words, e.Text)
	}
	acts.Completed(t, s, workflows.PaymentID(id))
}

// N4: a debit names its bank and account from when the bank has accepted it; a
// saved card is named before it is charged, and after it was removed.
func TestAnAccountIsNamedWhileItsBankSettlesAndACardAfterItIsGone(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	org.AllowBankDebit()
	ann := org.AsAnn()
	debit := unsaved(ann, org, org.Invoice("INV-1", 10000), "bank_debit", stripesim.PayParams{BankAccount: "000123456789"})
	if got := acts.ReadPayment(t, s, ann, org, debit, portal.PaymentProcessing); got.Last4 != "6789" || got.Brand != "STRIPE TEST BANK" {
		t.Errorf("at the bank: %+v", got.ChargedTo)
	}

	card, processor := org.SaveCard(ann)
	if err := s.Sim.Decline(t.Context(), processor, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	visa := api.ChargedTo{Brand: "visa", Last4: "4242"}
	var p acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Saved(card, org.Invoice("INV-2", 5000)), &p)
	if got := acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentDeclined); got.ChargedTo != visa {
		t.Errorf("declined: %+v", got.ChargedTo)
	}
	ann.Must(200, "POST", acts.Payments+"/"+p.ID.String()+"/retry", "", map[string]any{}, nil)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	ann.Must(204, "DELETE", acts.Methods+"/"+card.String(), "", nil, nil)
	if got := org.ReadPayment(ann, p.ID); got.ChargedTo != visa {
		t.Errorf("after the card was removed: %+v", got.ChargedTo)
	}
}
