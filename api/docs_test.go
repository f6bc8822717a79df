package api

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestTheDocumentIsOpenAPI31WithOurErrors(t *testing.T) { // N12
	b := setup(t)
	got := b.call(nobody, http.MethodGet, "/openapi.json", nil)
	var document struct {
		OpenAPI    string
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(got.body, &document); err != nil || got.status != http.StatusOK {
		t.Fatalf("%d: %v", got.status, err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1") || len(document.Paths) < 50 || document.Components.Schemas["Problem"] == nil || document.Components.Schemas["ErrorModel"] != nil {
		t.Errorf("it is OpenAPI %s with %d paths", document.OpenAPI, len(document.Paths))
	}
	if n := strings.Count(string(got.body), "ErrorModel"); n > 0 {
		t.Errorf("%d answers are of a kind that we never give", n)
	}
	for _, d := range declaredOperations(b) {
		if d.Summary == "" || len(d.Tags) != 1 {
			t.Errorf("%s has no summary or no tag", d.OperationID)
		}
		keyed := false
		for _, p := range d.Parameters {
			keyed = keyed || p.Name == "Idempotency-Key" && p.Required
		}
		if d.Responses["201"] != nil && !keyed {
			t.Errorf("%s makes something without an Idempotency-Key", d.OperationID)
		}
	}
}

func TestTheDocumentationShowsEveryOperationAndLoadsNothing(t *testing.T) { // N12
	b := setup(t)
	got := b.call(nobody, http.MethodGet, "/docs", nil)
	page := string(got.body)
	if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d %s", got.status, got.header.Get("Content-Type"))
	}
	if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("its policy is %q", csp)
	}
	for _, d := range declaredOperations(b) {
		if !strings.Contains(page, `<article id="`+d.OperationID+`">`) {
			t.Errorf("%s is missing", d.OperationID)
		}
	}
	for _, bad := range []string{"<script", "style=", "onclick", "http-equiv"} {
		if strings.Contains(page, bad) {
			t.Errorf("it has %q", bad)
		}
	}
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(link[1], "#") && !strings.HasPrefix(link[1], "/") {
			t.Errorf("it leads to %s", link[1])
		}
	}
	if style := b.call(nobody, http.MethodGet, "/docs/style.css", nil); style.status != http.StatusOK || !strings.HasPrefix(style.header.Get("Content-Type"), "text/css") {
		t.Errorf("its style: %d", style.status)
	}
}

func TestWhatHappenedIsSaidInPlainWords(t *testing.T) { // N10
	for _, c := range []struct {
		kind, side string
		data       map[string]any
		want       string
	}{
		{"estimate.accepted", "contact", nil, "Maria Lopez accepted this estimate"},
		{"estimate.declined", "contact", map[string]any{"reason": "Too dear."}, "Maria Lopez declined this estimate: Too dear"},
		{"estimate.sent", "staff", map[string]any{"version": 2.0, "total": 120000.0, "currency": "USD"}, "Maria Lopez sent version 2 of this estimate, $1,200.00"},
		{"estimate.expired", "system", nil, "This estimate expired without a decision"},
		{"payment.succeeded", "contact", map[string]any{"amount": 120000.0, "currency": "USD", "receipt": "R-00012"}, "Maria Lopez paid $1,200.00 with receipt R-00012"},
		{"payment.succeeded", "contact", map[string]any{"amount": 120000.0, "currency": "USD", "receipt": "R-00012", "credit": 5000.0}, "Maria Lopez paid $1,200.00 with receipt R-00012; $50.00 of it became credit"},
		{"payment.declined", "system", map[string]any{"code": "insufficient_funds"}, "Card declined: insufficient funds"},
		{"payment.declined", "system", map[string]any{"code": "stolen_card"}, "Card declined: the bank refused it"},
		{"payment.started", "contact", map[string]any{"amount": 500.0, "currency": "JPY", "invoices": 3.0}, "Maria Lopez started to pay ¥500 for 3 invoices"},
		{"payment.canceled", "system", map[string]any{"reason": "The invoice was voided."}, "Countersign gave up the payment: The invoice was voided"},
		{"invitation.sent", "staff", map[string]any{"contact": "Ann"}, "Maria Lopez invited Ann to the portal"},
		{"customer.updated", "contact", map[string]any{"changed": []any{"email", "name", "phone"}}, "Maria Lopez changed the company's email, name and phone"},
		{"email.bounced", "system", map[string]any{"recipient": "a@b.example"}, "The email to a@b.example came back: the address doesn't take it"},
		{"staff.added", "staff", map[string]any{"staff": "Ann"}, "Maria Lopez added Ann to the staff"},
		{"staff.invited", "staff", map[string]any{"staff": "Ann"}, "Maria Lopez sent the invitation to Ann again"},
		{"staff.joined", "staff", nil, "Maria Lopez accepted the invitation to the staff"},
		{"staff.edited", "staff", map[string]any{"staff": "Ann", "changed": []any{"role"}}, "Maria Lopez changed the role of Ann"},
		{"staff.access_ended", "staff", map[string]any{"staff": "Ann"}, "Maria Lopez switched off the access of Ann"},
		{"staff.access_given", "staff", map[string]any{"staff": "Ann"}, "Maria Lopez switched the access of Ann on again"},
		{"something.new_here", "staff", nil, "Something new here"},
	} {
		e := TimelineEntry{Kind: c.kind, Actor: "Maria Lopez", Side: c.side, Data: c.data}
		if got := Sentence(e, "this estimate", "en-US"); got != c.want {
			t.Errorf("%s: %q, want %q", c.kind, got, c.want)
		}
	}
	e := TimelineEntry{Kind: "payment.succeeded", Data: map[string]any{"amount": 120050.0, "currency": "EUR"}}
	if got := Sentence(e, "", "de-DE"); got != "Paid 1.200,50\u00a0€" {
		t.Errorf("in German: %q", got)
	}
}

func TestActivityNamesTheDocumentAndTheCustomer(t *testing.T) { // R51
	b := setup(t)
	ctx := as(t.Context(), b.bright.member)
	must(b.EditMyCompany.Do(as(t.Context(), b.acme.contact), editCompany(b, 1, "Acme Limited")))(t)
	in := ListActivityInput{Customer: b.acme.id}
	in.Size = 3
	var all []Activity
	for {
		page := must(b.ListActivity.Do(ctx, &in))(t).Body
		all = append(all, page.Activity...)
		if in.After = page.Next; in.After == "" {
			break
		}
	}
	if first := all[0]; first.Text != "Maria Acme changed the company's name, email and billing address" || first.CustomerName != "Acme Limited" || first.Side != "contact" {
		t.Errorf("last happened %+v", first)
	}
	sent := 0
	for _, a := range all {
		if a.Text == "" || a.Customer == nil || *a.Customer != b.acme.id {
			t.Errorf("there is %+v", a)
		}
		if a.Kind == "invoice.sent" && strings.Contains(a.Text, "sent invoice "+a.Number) && strings.HasPrefix(a.Number, "INV-") {
			sent++
		}
	}
	if sent != 2 {
		t.Errorf("%d sentences tell of a sent invoice", sent)
	}
	if got := must(b.ListActivity.Do(ctx, &ListActivityInput{Contacts: true}))(t).Body.Activity; len(got) != 1 {
		t.Errorf("contacts did %+v", got)
	}
	shown := must(b.GetMyInvoice.Do(as(t.Context(), b.acme.contact), &InvoiceInput{Invoice: b.acme.invoice}))(t).Body.Timeline
	for _, e := range shown {
		if e.Kind == "invoice.created" {
			t.Error("the customer reads what is for staff")
		}
	}
	if len(shown) != 1 || shown[0].Text != "Sam admin sent this invoice, $100.00" {
		t.Errorf("the customer reads %+v", shown)
	}
	if staff := must(b.GetInvoice.Do(as(t.Context(), b.bright.admin), &InvoiceInput{Invoice: b.acme.invoice}))(t).Body.Timeline; len(staff) != 2 {
		t.Errorf("staff read %+v", staff)
	}
}
