package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/portal"
)

// books are many invoices of one customer, in every state, of two currencies.
func books(b *bundle) {
	for n := range 23 {
		in := newInvoice(b.acme.id, int64(1000+(n*37)%11*100), fmt.Sprintf("2026-11-%02d", 10+n%20))
		in.Body.IssueDate = day(fmt.Sprintf("2026-10-%02d", 1+n%9))
		in.Body.Title = fmt.Sprintf("Job %d", n)
		if n%5 == 0 {
			in.Body.Currency = "EUR"
		}
		id := must(b.CreateInvoice.Do(as(b.t.Context(), b.bright.admin), in))(b.t).Body.ID
		if n%7 == 6 {
			continue // a draft
		}
		must(b.SendInvoice.Do(as(b.t.Context(), b.bright.admin), &SendInvoiceInput{Key: newKey(), Invoice: id}))(b.t)
		switch n % 4 {
		case 1:
			b.paid(b.bright, b.acme, id, 300)
		case 2:
			b.paid(b.bright, b.acme, id, in.Body.Lines[0].UnitPrice)
		case 3:
			if n%8 == 3 {
				must(b.VoidInvoice.Do(as(b.t.Context(), b.bright.admin), &VoidInvoiceInput{Key: newKey(), Invoice: id}))(b.t)
			}
		}
	}
}

// allPages reads a list to its end, few rows at a time.
func allPages(t *testing.T, b *bundle, who portal.Principal, in ListInvoicesInput) []InvoiceSummary {
	t.Helper()
	var all []InvoiceSummary
	list := b.ListMyInvoices
	if who.Side == portal.SideStaff {
		list = b.ListInvoices
	}
	in.Size = 4
	for range 50 {
		page := must(list.Do(as(t.Context(), who), &in))(t)
		all = append(all, page.Body.Invoices...)
		if page.Body.Next == "" {
			return all
		}
		in.After = page.Body.Next
	}
	t.Fatal("the list has no end")
	return nil
}

func TestInvoicesAreListedInEveryOrderWithoutGapOrRepeat(t *testing.T) { // R29
	b := setup(t)
	books(b)
	orders := map[string]func(x, y InvoiceSummary) int{
		"date": func(x, y InvoiceSummary) int { return x.IssueDate.Compare(y.IssueDate) },
		"due":  func(x, y InvoiceSummary) int { return x.DueDate.Compare(y.DueDate) },
		"amount": func(x, y InvoiceSummary) int {
			return cmp.Or(strings.Compare(string(x.Total.Currency), string(y.Total.Currency)), cmp.Compare(x.Total.Amount, y.Total.Amount))
		},
		"number": func(x, y InvoiceSummary) int { return strings.Compare(x.Number, y.Number) },
	}
	want := len(allPages(t, b, b.bright.admin, ListInvoicesInput{InvoiceFilter: InvoiceFilter{Customer: b.acme.id}}))
	if want < 23 {
		t.Fatalf("only %d invoices", want)
	}
	for name, order := range orders {
		for _, sort := range []string{name, "-" + name} {
			all := allPages(t, b, b.bright.admin, ListInvoicesInput{InvoiceFilter: InvoiceFilter{Customer: b.acme.id, Sort: sort}})
			seen := map[uuid.UUID]bool{}
			for _, i := range all {
				seen[i.ID] = true
			}
			if len(all) != want || len(seen) != want {
				t.Errorf("%s: %d rows, %d invoices, want %d", sort, len(all), len(seen), want)
			}
			if !slices.IsSortedFunc(all, func(x, y InvoiceSummary) int {
				if strings.HasPrefix(sort, "-") {
					return order(y, x)
				}
				return order(x, y)
			}) {
				t.Errorf("%s is out of order: %+v", sort, all)
			}
		}
	}
}

func TestInvoiceFiltersAgreeWithTheStatusShown(t *testing.T) { // R29, R16
	b := setup(t)
	books(b)
	all := allPages(t, b, b.acme.contact, ListInvoicesInput{InvoiceFilter: InvoiceFilter{Status: "all"}})
	fits := map[string]func(InvoiceSummary) bool{
		"unpaid": func(i InvoiceSummary) bool {
			return i.Status == portal.InvoiceOpen || i.Status == portal.InvoiceOverdue || i.Status == portal.InvoicePartlyPaid
		},
		"overdue":     func(i InvoiceSummary) bool { return i.Status == portal.InvoiceOverdue },
		"paid":        func(i InvoiceSummary) bool { return i.Status == portal.InvoicePaid },
		"partly_paid": func(i InvoiceSummary) bool { return i.Paid.Amount > 0 && i.Due.Amount > 0 },
		"void":        func(i InvoiceSummary) bool { return i.Status == portal.InvoiceVoid },
		"draft":       func(InvoiceSummary) bool { return false },
	}
	for filter, fit := range fits {
		var want []uuid.UUID
		for _, i := range all {
			if i.Status == portal.InvoiceDraft {
				t.Errorf("a contact sees draft %s", i.Number)
			}
			if fit(i) {
				want = append(want, i.ID)
			}
		}
		var got []uuid.UUID
		for _, i := range allPages(t, b, b.acme.contact, ListInvoicesInput{InvoiceFilter: InvoiceFilter{Status: filter}}) {
			got = append(got, i.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %d, want %d", filter, len(got), len(want))
		}
		if len(want) == 0 && filter != "draft" {
			t.Errorf("no invoice is %s: this proves nothing", filter)
		}
	}
	found := allPages(t, b, b.acme.contact, ListInvoicesInput{InvoiceFilter: InvoiceFilter{Search: "job 1"}})
	if len(found) == 0 || slices.ContainsFunc(found, func(i InvoiceSummary) bool { return !strings.HasPrefix(i.Title, "Job 1") }) {
		t.Errorf("searching found %+v", found)
	}
	if found := allPages(t, b, b.acme.contact, ListInvoicesInput{InvoiceFilter: InvoiceFilter{Search: "%"}}); len(found) > 0 {
		t.Errorf("a percent sign found %d invoices", len(found))
	}
}

func TestAnInvoiceIsLateFromTheNextDayInTheOrganizationsZone(t *testing.T) { // R29
	b := setup(t)
	id := b.sentInvoice(b.bright, b.acme.id, 100_00, "2026-11-22")
	status := func() portal.InvoiceStatus {
		return must(b.GetMyInvoice.Do(as(t.Context(), b.acme.contact), &InvoiceInput{Invoice: id}))(t).Body.Status
	}
	b.now = time.Date(2026, 11, 23, 4, 59, 0, 0, time.UTC) // still the 22nd in New York
	if got := status(); got != portal.InvoiceOpen {
		t.Errorf("on its last day it is %s", got)
	}
	b.now = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	if got := status(); got != portal.InvoiceOverdue {
		t.Errorf("the day after it is %s", got)
	}
}

func TestAnInvoiceIsWrittenOnceForItsKey(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	in := newInvoice(b.acme.id, 100_00, "2026-12-01")
	first := must(b.CreateInvoice.Do(ctx, in))(t)
	again := must(b.CreateInvoice.Do(ctx, in))(t)
	if first.Body.ID != again.Body.ID || first.Body.Number != again.Body.Number {
		t.Errorf("sent twice it made %s and %s", first.Body.Number, again.Body.Number)
	}
	in.Body.Title = "Another"
	_, err := b.CreateInvoice.Do(ctx, in)
	refused(t, err, portal.CodeKeyReused, "")
	in.Key = newKey()
	if other := must(b.CreateInvoice.Do(ctx, in))(t); other.Body.ID == first.Body.ID {
		t.Error("another key gave the same invoice")
	}
}

func TestConcurrentRepeatsMakeOneInvoice(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	in := newInvoice(b.acme.id, 100_00, "2026-12-01")
	numbers := make(chan string, 6)
	for range cap(numbers) {
		go func() {
			copied := *in
			out, err := b.CreateInvoice.Do(ctx, &copied)
			if err != nil {
				numbers <- err.Error()
				return
			}
			numbers <- out.Body.Number
		}()
	}
	first := <-numbers
	for range cap(numbers) - 1 {
		if other := <-numbers; other != first {
			t.Errorf("got %s and %s", first, other)
		}
	}
}

func TestAnEditOnAnOldCopyIsRefused(t *testing.T) { // N1
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	edit := func(revision int, title string) (*InvoiceOutput, error) {
		in := &EditInvoiceInput{Invoice: b.acme.invoice}
		in.Body.Revision, in.Body.Title = revision, title
		in.Body.Lines = []LineInput{{Description: "More work", Quantity: "2.5", UnitPrice: 40_00, TaxPercent: "10"}}
		return b.EditInvoice.Do(ctx, in)
	}
	edited := must(edit(1, "Newer"))(t)
	if edited.Body.Revision != 2 || edited.Body.Total.Amount != 110_00 || edited.Body.Due.Amount != 110_00 || len(edited.Body.Lines) != 1 {
		t.Errorf("edited it is %+v", edited.Body)
	}
	_, err := edit(1, "Older")
	refused(t, err, portal.CodeStale, "")
}

func TestAnInvoiceUnderAChargeCantBeChanged(t *testing.T) { // N3
	for _, status := range []portal.PaymentStatus{portal.PaymentCharging, portal.PaymentProcessing} {
		t.Run(string(status), func(t *testing.T) {
			b := setup(t)
			ctx := as(t.Context(), b.bright.admin)
			payment := b.holds(b.bright, b.acme, b.acme.invoice, status, 100_00)
			in := &EditInvoiceInput{Invoice: b.acme.invoice}
			in.Body.Revision, in.Body.Title = 1, "Changed"
			in.Body.Lines = []LineInput{{Description: "Work", Quantity: "1", UnitPrice: 1_00}}
			_, err := b.EditInvoice.Do(ctx, in)
			refused(t, err, portal.CodeConflict, "")
			_, err = b.VoidInvoice.Do(ctx, &VoidInvoiceInput{Key: newKey(), Invoice: b.acme.invoice})
			refused(t, err, portal.CodeConflict, "")
			if !strings.Contains(err.Error(), "Maria Acme") {
				t.Errorf("%q doesn't say who pays", err)
			}
			now := must(b.GetMyInvoice.Do(as(t.Context(), b.acme.viewer), &InvoiceInput{Invoice: b.acme.invoice}))(t).Body
			if now.Revision != 1 || now.Total.Amount != 100_00 || now.Status != portal.InvoiceOpen || now.Payable || now.Editable {
				t.Errorf("it is %+v", now)
			}
			if p := now.PayingNow; p == nil || p.Payment != payment || p.Name != "Maria Acme" || p.Status != status || p.Mine {
				t.Errorf("paying now is %+v", now.PayingNow)
			}
			if mine := must(b.GetMyInvoice.Do(as(t.Context(), b.acme.contact), &InvoiceInput{Invoice: b.acme.invoice}))(t); !mine.Body.PayingNow.Mine {
				t.Error("the payer's own payment isn't told to be theirs")
			}
		})
	}
}

func TestAPaidInvoiceCantBeChanged(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	b.paid(b.bright, b.acme, b.acme.invoice, 10_00)
	in := &EditInvoiceInput{Invoice: b.acme.invoice}
	in.Body.Revision, in.Body.Title = 1, "Changed"
	in.Body.Lines = []LineInput{{Description: "Work", Quantity: "1", UnitPrice: 1_00}}
	_, err := b.EditInvoice.Do(ctx, in)
	refused(t, err, portal.CodeConflict, "")
	_, err = b.VoidInvoice.Do(ctx, &VoidInvoiceInput{Key: newKey(), Invoice: b.acme.invoice})
	refused(t, err, portal.CodeConflict, "")
	b.sql(`INSERT INTO events (org_id, id, customer_id, kind, subject_kind, subject_id, actor_kind, data) SELECT $1, $2, $3, 'invoice.paid', 'invoice', $4, 'contact',
		jsonb_build_object('payment', payment_id, 'receipt', 'R-00012') FROM allocations WHERE invoice_id = $4`, b.bright.id, b.NewID(), b.acme.id, b.acme.invoice)
	got := must(b.GetInvoice.Do(ctx, &InvoiceInput{Invoice: b.acme.invoice}))(t).Body
	if last := got.Timeline[len(got.Timeline)-1]; last.Text != "Paid $10.00 with receipt R-00012" {
		t.Errorf("its story ends with %q", last.Text)
	}
	if got.Status != portal.InvoicePartlyPaid || got.Paid.Amount != 10_00 || got.Due.Amount != 90_00 || len(got.Payments) != 1 || got.Payments[0].Amount.Amount != 10_00 {
		t.Errorf("it is %+v", got)
	}
}

func TestAnInvoiceIsSentAndVoidedOnce(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	send := &SendInvoiceInput{Key: newKey(), Invoice: b.acme.draft}
	must(b.SendInvoice.Do(ctx, send))(t)
	if again := must(b.SendInvoice.Do(ctx, send))(t); again.Body.Status != portal.InvoiceOpen {
		t.Errorf("sent again under its key it is %s", again.Body.Status)
	}
	_, err := b.SendInvoice.Do(ctx, &SendInvoiceInput{Key: newKey(), Invoice: b.acme.draft})
	refused(t, err, portal.CodeConflict, "")
	void := &VoidInvoiceInput{Key: newKey(), Invoice: b.acme.draft}
	void.Body.Reason = "A mistake."
	must(b.VoidInvoice.Do(ctx, void))(t)
	again := must(b.VoidInvoice.Do(ctx, void))(t)
	if again.Body.Status != portal.InvoiceVoid || !again.Body.Due.IsZero() || again.Body.Payable {
		t.Errorf("voided again under its key it is %+v", again.Body)
	}
	_, err = b.VoidInvoice.Do(ctx, &VoidInvoiceInput{Key: newKey(), Invoice: b.acme.draft})
	refused(t, err, portal.CodeConflict, "")
	if n := value[int](b, `SELECT count(*) FROM events WHERE subject_id = $1 AND kind IN ('invoice.sent', 'invoice.voided')`, b.acme.draft); n != 2 {
		t.Errorf("%d events tell of a sending and a voiding", n)
	}
}

func TestAnAcceptedEstimateIsInvoicedAsItIs(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	in := &CreateInvoiceInput{Key: newKey()}
	in.Body.Customer, in.Body.Estimate = b.acme.id, &b.acme.estimate
	_, err := b.CreateInvoice.Do(ctx, in)
	refused(t, err, portal.CodeInvalid, "estimate")
	b.sql(`UPDATE estimate_versions SET status = 'accepted' WHERE estimate_id = $1`, b.acme.estimate)
	b.sql(`UPDATE estimates SET status = 'accepted', decided_at = now() WHERE id = $1`, b.acme.estimate)
	made := must(b.CreateInvoice.Do(ctx, in))(t).Body
	if made.Total.Amount != 900_00 || made.Title != "A kitchen" || made.Estimate == nil || made.Estimate.ID != b.acme.estimate {
		t.Errorf("it is %+v", made)
	}
	if made.IssueDate != day("2026-11-22") || made.DueDate != day("2026-12-22") {
		t.Errorf("issued %s, due %s: not today and the customer's 30 days", made.IssueDate, made.DueDate)
	}
	in = &CreateInvoiceInput{Key: newKey()}
	in.Body.Customer, in.Body.Estimate = b.birch.id, &b.acme.estimate
	_, err = b.CreateInvoice.Do(ctx, in)
	refused(t, err, portal.CodeInvalid, "estimate")
}

func TestWhatCanBePaidIsGroupedByCurrencyWithCommonWays(t *testing.T) { // R31, R34, R36, R37
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	only := newInvoice(b.acme.id, 30_00, "2026-11-01")
	only.Body.Ways = []string{"bank_transfer"}
	transfer := must(b.CreateInvoice.Do(ctx, only))(t).Body
	must(b.SendInvoice.Do(ctx, &SendInvoiceInput{Key: newKey(), Invoice: transfer.ID}))(t)
	euros := newInvoice(b.acme.id, 10, "2026-12-05")
	euros.Body.Currency = "EUR"
	small := must(b.CreateInvoice.Do(ctx, euros))(t).Body
	must(b.SendInvoice.Do(ctx, &SendInvoiceInput{Key: newKey(), Invoice: small.ID}))(t)
	held := b.sentInvoice(b.bright, b.acme.id, 500_00, "2026-12-07")
	b.holds(b.bright, b.acme, held, portal.PaymentProcessing, 500_00)

	groups := must(b.PayableInvoices.Do(as(t.Context(), b.acme.contact), &PayableInvoicesInput{}))(t).Body.Groups
	if len(groups) != 2 || groups[0].Currency != "EUR" || groups[1].Currency != "USD" {
		t.Fatalf("the groups are %+v", groups)
	}
	if groups[0].Refusal == "" {
		t.Error("ten cents of a euro can't be charged, and nothing says so")
	}
	usd := groups[1]
	if usd.Count != 2 || usd.Total.Amount != 130_00 || usd.Overdue.Amount != 30_00 || len(usd.Invoices) != 3 {
		t.Errorf("dollars are %+v", usd)
	}
	if usd.Invoices[0].ID != transfer.ID {
		t.Error("the oldest isn't first")
	}
	if !slices.Equal(usd.Ways, []string{"bank_transfer"}) || usd.BankDetails == "" {
		t.Errorf("common ways are %v", usd.Ways)
	}
	if len(usd.LeaveOut) != 1 || usd.LeaveOut[0].Way != "card" || !slices.Equal(usd.LeaveOut[0].Numbers, []string{transfer.Number}) {
		t.Errorf("to leave out: %+v", usd.LeaveOut)
	}
	last := usd.Invoices[2]
	if last.ID != held || last.Payable || last.PayingNow == nil {
		t.Errorf("what is being charged is shown as %+v", last)
	}
	// Bank debit needs staff's word for the customer.
	for _, allowed := range []bool{false, true} {
		b.sql(`UPDATE customers SET bank_debit_allowed = $2 WHERE id = $1`, b.acme.id, allowed)
		ways := must(b.GetMyInvoice.Do(as(t.Context(), b.acme.contact), &InvoiceInput{Invoice: b.acme.invoice}))(t).Body.Ways
		if slices.Contains(ways, "bank_debit") != allowed {
			t.Errorf("with bank debit allowed %v the ways are %v", allowed, ways)
		}
	}
}

// Amounts that can't be: each is refused with the field that is wrong.
func TestImpossibleAmountsAreRefusedByField(t *testing.T) {
	b := setup(t)
	credit := func(body string) answer {
		return b.call(session(b.bright.admin), http.MethodPost, "/api/bright/console/credit-notes", strings.ReplaceAll(body, "ACME", b.acme.id.String()))
	}
	invoice := func(line string) answer {
		return b.call(session(b.bright.admin), http.MethodPost, "/api/bright/console/invoices",
			`{"customer": "`+b.acme.id.String()+`", "title": "Work", "issue_date": "2026-11-22", "due_date": "2026-12-22", "lines": [`+line+`]}`)
	}
	pay := func(amount string) answer {
		return b.call(session(b.acme.contact), http.MethodPost, "/api/bright/portal/payments",
			`{"way": "checkout", "invoices": [{"id": "`+b.acme.invoice.String()+`", "amount": `+amount+`}]}`)
	}
	for name, c := range map[string]struct {
		got   answer
		field string
	}{
		"credit of 0":                    {credit(`{"customer": "ACME", "amount": 0}`), "body.amount"},
		"credit of -1":                   {credit(`{"customer": "ACME", "amount": -1}`), "body.amount"},
		"credit of 2^63":                 {credit(`{"customer": "ACME", "amount": 9223372036854775808}`), "body.amount"},
		"credit of 1e300":                {credit(`{"customer": "ACME", "amount": 1e300}`), "body.amount"},
		"credit of a fraction":           {credit(`{"customer": "ACME", "amount": 1.5}`), "body.amount"},
		"credit of a text":               {credit(`{"customer": "ACME", "amount": "100"}`), "body.amount"},
		"credit without an amount":       {credit(`{"customer": "ACME"}`), "body.amount"},
		"credit in no currency":          {credit(`{"customer": "ACME", "amount": 1, "currency": "XXX"}`), "body.currency"},
		"credit for nobody":              {credit(`{"customer": "` + uuid.NewString() + `", "amount": 1}`), "body.customer"},
		"credit for no ID":               {credit(`{"customer": "acme", "amount": 1}`), "body.customer"},
		"credit of an unknown field":     {credit(`{"customer": "ACME", "amount": 1, "amout": 1}`), "body.amout"},
		"credit on a date that isn't":    {credit(`{"customer": "ACME", "amount": 1, "issue_date": "2026-02-30"}`), "body.issue_date"},
		"half a body":                    {credit(`{"customer": "ACME", "amount": `), "body"},
		"no body":                        {credit(``), ""},
		"a body of null":                 {credit(`null`), "body"},
		"a price of -1":                  {invoice(`{"description": "x", "quantity": "1", "unit_price": -1}`), "body.lines[0].unit_price"},
		"a price of 2^63":                {invoice(`{"description": "x", "quantity": "1", "unit_price": 9223372036854775808}`), "body.lines[0].unit_price"},
		"a quantity of words":            {invoice(`{"description": "x", "quantity": "many", "unit_price": 1}`), "body.lines[0].quantity"},
		"a quantity of -1":               {invoice(`{"description": "x", "quantity": "-1", "unit_price": 1}`), "body.lines[0].quantity"},
		"a quantity of 1e9":              {invoice(`{"description": "x", "quantity": "1e9", "unit_price": 1}`), "body.lines[0].quantity"},
		"a tax of 101 %":                 {invoice(`{"description": "x", "quantity": "1", "unit_price": 1, "tax_percent": "101"}`), "body.lines[0].tax_percent"},
		"a line without words":           {invoice(`{"description": "", "quantity": "1", "unit_price": 1}`), "body.lines[0].description"},
		"no line":                        {invoice(``), "body.lines"},
		"a payment of -1":                {pay(`-1`), "body.invoices[0].amount"},
		"a payment of 2^63":              {pay(`9223372036854775808`), "body.invoices[0].amount"},
		"a payment of a fraction":        {pay(`0.5`), "body.invoices[0].amount"},
		"an amount too large to be true": {pay(`99999999999999999999999999`), "body.invoices[0].amount"},
	} {
		if c.got.status < 400 || c.got.status >= 500 {
			t.Errorf("%s: %d: %s", name, c.got.status, c.got.body)
			continue
		}
		p := c.got.problem(t)
		if p.Code != "invalid" || p.Detail == "" || p.Status != c.got.status {
			t.Errorf("%s: %s", name, c.got.body)
		}
		if c.field != "" && !slices.ContainsFunc(p.Errors, func(f ProblemField) bool { return f.Location == c.field && f.Message != "" }) {
			t.Errorf("%s: no error at %s: %s", name, c.field, c.got.body)
		}
	}
	if n := value[int](b, `SELECT count(*) FROM credit_notes WHERE customer_id = $1`, b.acme.id); n != 1 {
		t.Errorf("there are %d credit notes", n)
	}
}

func TestPreviewedTotalsAreWhatTheInvoiceComesTo(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	lines := []LineInput{
		{Description: "Hours", Quantity: "2.75", UnitPrice: 33_33, TaxPercent: "7.25"},
		{Description: "Parts", Quantity: "3", UnitPrice: 1_99, DiscountPercent: "12.5", TaxPercent: "7.25"},
	}
	preview := &PreviewTotalsInput{}
	preview.Body.Currency, preview.Body.Lines, preview.Body.DiscountPercent = "USD", lines, "5"
	in := newInvoice(b.acme.id, 0, "2026-12-01")
	in.Body.Lines, in.Body.DiscountPercent = lines, "5"
	seen, made := must(b.PreviewTotals.Do(ctx, preview))(t).Body.Totals, must(b.CreateInvoice.Do(ctx, in))(t).Body
	if seen != made.Totals || made.Total != seen.Total || seen.Total.Amount == 0 {
		t.Errorf("previewed %+v, made %+v", seen, made.Totals)
	}
}

func TestAmountsOfThreeDecimalsAreRoundedToWhatACardCanPay(t *testing.T) {
	b := setup(t)
	in := newInvoice(b.acme.id, 1_234, "2026-12-01") // 1.234 KWD
	in.Body.Currency = "kwd"
	if made := must(b.CreateInvoice.Do(as(t.Context(), b.bright.admin), in))(t).Body; made.Total != portal.NewMoney(1_230, "KWD") {
		t.Errorf("it comes to %+v", made.Total)
	}
}

func TestAnEstimateIsWrittenOnceForItsKey(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	in := &CreateEstimateInput{Key: newKey()}
	in.Body.Customer, in.Body.Title, in.Body.ValidUntil = b.acme.id, "A bath", day("2026-12-24")
	in.Body.Lines = []LineInput{{Description: "Work", Quantity: "1", UnitPrice: 900_00}}
	first, again := must(b.CreateEstimate.Do(ctx, in))(t).Body, must(b.CreateEstimate.Do(ctx, in))(t).Body
	if first.ID != again.ID {
		t.Error("one key made two estimates")
	}
	in.Body.Title = "A garden"
	_, err := b.CreateEstimate.Do(ctx, in)
	refused(t, err, portal.CodeKeyReused, "")
}
