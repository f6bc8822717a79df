package e2e

import (
	"bytes"
	"context"
	"mime"
	"strings"
	"testing"

	"countersign/e2e/acts"
	"countersign/pdf/pdftest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/workflows"
)

// filed is a document as the API serves it.
type filed struct {
	name string
	path string   // after the side
	file string   // the end of its name
	says []string // some of its words
}

// everyDocument makes one of each with the seeded customer.
func everyDocument(t *testing.T, s *stack.Stack, org stack.Org, ann, staff *stack.Client) []filed {
	t.Helper()
	estimate := acts.SendEstimate(t, s, org, staff)
	ann.Must(200, "POST", acts.Portal+"/estimates/"+estimate.ID.String()+"/decision", "", map[string]any{"decision": "accepted", "version": 1}, nil)
	ann.Must(200, "GET", acts.Portal+"/estimates/"+estimate.ID.String(), "", nil, &estimate)

	invoice := org.Invoice("INV-1", 10000)
	var paid acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(invoice), &paid)
	org.PayOnPage(ann, paid.ID, stripesim.PayParams{})
	acts.Completed(t, s, workflows.PaymentID(paid.ID))

	var note struct {
		ID     uuid.UUID `json:"id"`
		Number string    `json:"number"`
	}
	staff.Must(201, "POST", acts.Console+"/credit-notes", "", map[string]any{"customer": org.Customer, "amount": 4200, "reason": "Две ручки поцарапаны."}, &note)

	project, entries := acts.WorkedFor(t, s, org, staff, 3)
	sheet := acts.Submit(staff, project.ID, entries)
	no := []map[string]any{{"entry": entries[0], "reason": "Not agreed."}}
	ann.Must(200, "POST", timesheets+sheet.ID.String()+"/decision", "", map[string]any{"decision": "approved", "version": 1, "rejected": no}, nil)
	ann.Must(200, "GET", timesheets+sheet.ID.String(), "", nil, &sheet)

	return []filed{
		{"estimate", "estimates/" + estimate.ID.String() + "/pdf", "estimate " + estimate.Number + ".pdf", []string{estimate.Number, "$300.00", "$360.00", "Accepted by Ann Lovelace"}},
		{"invoice", "invoices/" + invoice.String() + "/pdf", "invoice INV-1.pdf", []string{"INV-1", "$100.00", "Paid", "Thank you."}},
		{"receipt", "payments/" + paid.ID.String() + "/receipt.pdf", ".pdf", []string{"Receipt", "INV-1", "Received (USD)", "$100.00"}},
		{"credit note", "credit-notes/" + note.ID.String() + "/pdf", "credit note " + note.Number + ".pdf", []string{note.Number, "$42.00", "Две ручки поцарапаны."}},
		{"certificate", "decisions/" + estimate.Decision.ID.String() + "/certificate.pdf", "certificate of decision on estimate " + estimate.Number + ".pdf",
			[]string{"Accepted by Ann Lovelace", "127.0.0.1", "ann@lovelace.test", estimate.Decision.ContentHash, estimate.Decision.ID.String()}},
		{"timesheet's certificate", "decisions/" + sheet.Decision.ID.String() + "/certificate.pdf", "certificate of decision on timesheet " + sheet.Number + ".pdf",
			[]string{"Partly approved by Ann Lovelace", "Website", "1.5 hours in 3 entries", "1 hour in 2 entries", "127.0.0.1", sheet.Decision.ContentHash}},
	}
}

// R26 R30 R40 R48 N2: each document is a file that says what its rows say, for
// both sides; the same rows give the same bytes; its name is the organization's
// own, in any script; nobody keeps it on the way; a customer of another company is
// told that there is no such thing; and reading it claims no view (R50).
func TestEveryDocumentIsAFileForThoseWhoMayHaveIt(t *testing.T) {
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(context.Background()) }()
	const name = `Мастерская «Ясень» & "Söhne"`
	if _, err := owner.Exec(t.Context(), `UPDATE organizations SET name = $2 WHERE id = $1`, org.ID, name); err != nil {
		t.Fatal(err)
	}
	ann, staff := org.AsAnn(), org.Staff()
	documents := everyDocument(t, s, org, ann, staff)
	if _, err := owner.Exec(t.Context(), `INSERT INTO customers (org_id, id, number, name, currency) VALUES ($1, $2, 'C-0002', 'Babbage & Co', 'USD')`, org.ID, uuid.New()); err != nil {
		t.Fatal(err)
	}
	// Ben is the other company's.
	if _, err := owner.Exec(t.Context(), `UPDATE contacts SET customer_id = (SELECT id FROM customers WHERE number = 'C-0002') WHERE id = $1`, org.Ben); err != nil {
		t.Fatal(err)
	}
	stranger := org.AsBen()
	events := func() (events, views int) {
		err := owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM events WHERE kind LIKE '%viewed%' OR kind LIKE '%download%'), (SELECT count(*) FROM views)`).Scan(&events, &views)
		if err != nil {
			t.Fatal(err)
		}
		return events, views
	}
	eventsBefore, viewsBefore := events()
	for _, d := range append(documents, filed{"statement", "statement.pdf?period=all", ".pdf", []string{"Statement", "INV-1", "Closing balance", "Less unused credit", "-$42.00"}}) {
		first := ann.Must(200, "GET", acts.Portal+"/"+d.path, "", nil, nil)
		for header, want := range map[string]string{"Content-Type": "application/pdf", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
			if got := first.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", d.name, header, got)
			}
		}
		disposition := first.Header.Get("Content-Disposition")
		kind, parameters, err := mime.ParseMediaType(disposition)
		if err != nil || kind != "attachment" || !strings.HasPrefix(parameters["filename"], "Мастерская «Ясень» & Söhne ") || !strings.HasSuffix(parameters["filename"], d.file) {
			t.Errorf("%s: %v %s %q of %s", d.name, err, kind, parameters["filename"], disposition)
		}
		for i := range len(disposition) {
			if disposition[i] < ' ' || disposition[i] > '~' {
				t.Fatalf("%s: %q is no header's text", d.name, disposition)
			}
		}
		if again := ann.Must(200, "GET", acts.Portal+"/"+d.path, "", nil, nil); !bytes.Equal(again.Body, first.Body) {
			t.Errorf("%s: another file the second time", d.name)
		}
		inTheirs := acts.Console + "/" + d.path
		if d.name == "statement" {
			inTheirs = acts.Console + "/customers/" + org.Customer.String() + "/" + d.path
		}
		if theirs := staff.Must(200, "GET", inTheirs, "", nil, nil); !bytes.Equal(theirs.Body, first.Body) {
			t.Errorf("%s: staff get another file", d.name)
		}
		text := strings.Join(pdftest.Pages(t, first.Body), "\n")
		for _, want := range append(d.says, "Page 1 of 1", "Lovelace Ltd") {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", d.name, want, text)
			}
		}
		s.Client().Must(401, "GET", acts.Portal+"/"+d.path, "", nil, nil)
		if d.name == "statement" {
			continue // one's own, whoever asks
		}
		if refused := stranger.Must(404, "GET", acts.Portal+"/"+d.path, "", nil, nil); bytes.Contains(refused.Body, []byte("%PDF")) {
			t.Errorf("%s: a stranger has it", d.name)
		}
	}
	if events, views := events(); events != eventsBefore || views != viewsBefore {
		t.Errorf("downloading told of %d events and %d views", events-eventsBefore, views-viewsBefore)
	}
}

// R40 R47: what is paid back of an overpaid part is on the receipt, and what is
// left of it is in the ageing of the statement, on the page as on the PDF.
func TestRefundOfAnOverpaymentIsOnReceiptAndStatement(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	invoice := org.Invoice("INV-1", 10000)
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(context.Background()) }()
	payment := s.Steps.NewID()
	for _, statement := range []string{
		`INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, received, receipt_number, started_by_kind, started_by_name, request_hash, succeeded_at, ended_at, flow_open)
			VALUES ($1, $2, $3, 'succeeded', 'checkout', 'card', 'USD', 12000, 12000, 'R-1', 'contact', 'Ann', '\x00', now(), now(), false)`,
		`INSERT INTO allocations (org_id, id, customer_id, invoice_id, source, payment_id, amount) SELECT $1, gen_random_uuid(), $3, id, 'payment', $2, 10000 FROM invoices WHERE org_id = $1`,
		`INSERT INTO credit_entries (org_id, id, customer_id, currency, amount, reason, payment_id) VALUES ($1, gen_random_uuid(), $3, 'USD', 2000, 'overpayment', $2)`,
		`WITH refund AS (
			INSERT INTO refunds (org_id, id, customer_id, payment_id, channel, kind, currency, amount, status, requested_by_kind, request_hash, booked_at)
			VALUES ($1, gen_random_uuid(), $3, $2, 'processor', 'card', 'USD', 1500, 'succeeded', 'staff', '\x00', now()) RETURNING id
		) INSERT INTO credit_entries (org_id, id, customer_id, currency, amount, reason, payment_id, refund_id) SELECT $1, gen_random_uuid(), $3, 'USD', -1500, 'refund', $2, id FROM refund`,
	} {
		if _, err := owner.Exec(t.Context(), statement, org.ID, payment, org.Customer); err != nil {
			t.Fatalf("%s: %v (invoice %s)", statement, err, invoice)
		}
	}
	receipt := strings.Join(pdftest.Pages(t, ann.Must(200, "GET", acts.Portal+"/payments/"+payment.String()+"/receipt.pdf", "", nil, nil).Body), "\n")
	for _, want := range []string{"Kept as credit", "$20.00", "Received (USD)", "$120.00", "Paid back since", "-$15.00"} {
		if !strings.Contains(receipt, want) {
			t.Errorf("the receipt lacks %q:\n%s", want, receipt)
		}
	}
	var statement api.Statement
	ann.Must(200, "GET", acts.Portal+"/statement?period=all", "", nil, &statement)
	if len(statement.Accounts) != 1 || statement.Accounts[0].Ageing.Credit.Amount != 500 || statement.Accounts[0].Closing.Amount != -500 || !statement.Forwardable {
		t.Fatalf("%+v", statement)
	}
	drawn := strings.Join(pdftest.Pages(t, ann.Must(200, "GET", acts.Portal+"/statement.pdf?period=all", "", nil, nil).Body), "\n")
	for _, want := range []string{"In your favour (USD)", "Less unused credit", "-$5.00"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("the statement lacks %q:\n%s", want, drawn)
		}
	}
}
