package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"countersign/portal"
)

// inMarch has each list's rows around March 2024 as Auckland has it, whose midnight is none in UTC: a row for each edge of the
// month, in and out, and six within it. Each list names its rows IN or OUT, and Other has one of each that is IN and FOREIGN.
func inMarch(b *bundle) {
	b.sql(`UPDATE organizations SET time_zone = 'Pacific/Auckland'`)
	b.sql(`UPDATE customers SET name = '=HYPERLINK("x")' WHERE id = $1`, b.acme.id)
	for _, of := range []struct {
		org, customer uuid.UUID
		name          string
	}{{b.bright.id, b.acme.id, ""}, {b.other.id, b.foreign.id, "FOREIGN"}} {
		rows := `FROM (VALUES
			('OUT', timestamp '2024-02-29 23:59:59.999999'), ('IN', '2024-03-01 00:00:00'), ('IN', '2024-03-05 09:00:00'), ('IN', '2024-03-05 10:00:00'),
			('IN', '2024-03-17 12:00:00'), ('IN', '2024-03-18 12:00:00'), ('IN', '2024-03-19 12:00:00'), ('IN', '2024-03-31 23:59:59.999999'), ('OUT', '2024-04-01 00:00:00')
		) t (side, local), LATERAL (SELECT $3 || side || '-' || to_char(local, 'MMDDHH24') AS name, local AT TIME ZONE 'Pacific/Auckland' AS at) named`
		b.sql(`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, subtotal, tax, total, due, sent_at, created_at)
			SELECT $1, gen_random_uuid(), $2, name, 'sent', 'USD', '-1+cmd', local::date, local::date, 10000, 1905, 11905, 11905, at, at `+rows, of.org, of.customer, of.name)
		b.sql(`INSERT INTO estimates (org_id, id, customer_id, number, status, version, currency, title, total, valid_until, sent_at, created_at)
			SELECT $1, gen_random_uuid(), $2, name, 'sent', 1, 'EUR', '@SUM(A1)', 5, date '2024-06-01', at, timestamptz '2023-01-01' `+rows, of.org, of.customer, of.name)
		b.sql(`INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, received, receipt_number, started_by_kind, started_by_name, request_hash, succeeded_at, ended_at, created_at, flow_open)
			SELECT $1, gen_random_uuid(), $2, 'succeeded', 'checkout', 'bank_debit', 'JPY', 700, 700, name, 'contact', '+1', '\x00', at, at, at, false `+rows, of.org, of.customer, of.name)
		b.sql(`INSERT INTO credit_notes (org_id, id, customer_id, number, currency, amount, reason, issue_date, created_at)
			SELECT $1, gen_random_uuid(), $2, name, 'USD', 1234567, E'\t=1', local::date, timestamptz '2025-01-01' `+rows, of.org, of.customer, of.name)
	}
}

// readTable reads a file as a spreadsheet does.
func readTable(t *testing.T, file []byte) [][]string {
	t.Helper()
	text, marked := bytes.CutPrefix(file, []byte("\xef\xbb\xbf"))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || !marked || !bytes.HasSuffix(text, []byte("\r\n")) || len(rows) == 0 {
		t.Fatalf("%v: %q", err, text[:min(40, len(text))])
	}
	return rows
}

func TestListsAreNarrowedToDaysAndDownloaded(t *testing.T) { // R24, R29, R40, R48
	b := setup(t)
	inMarch(b)
	ctx, march := as(t.Context(), b.bright.admin), Days{From: day("2024-03-01"), To: day("2024-03-31")}
	for _, list := range []struct {
		path, status string
		column       int // that has the number
		head, last   string
		pages        func(Page, Days) ([]string, string, error)
	}{
		{
			"invoices", "&status=overdue", 0, "Number,Customer,Title,Status,Issued,Due,Sent,Currency,Net,Tax,Total,Paid,Owed",
			`IN-033123,'=HYPERLINK("x"),'-1+cmd,Overdue,2024-03-31,2024-03-31,2024-03-31,USD,100.00,19.05,119.05,0.00,119.05`,
			func(p Page, d Days) (numbers []string, next string, err error) {
				out, err := b.ListInvoices.Do(ctx, &ListInvoicesInput{Page: p, InvoiceFilter: InvoiceFilter{Status: "overdue", Days: d}})
				if err != nil {
					return nil, "", err
				}
				for _, i := range out.Body.Invoices {
					numbers = append(numbers, i.Number)
				}
				return numbers, out.Body.Next, nil
			},
		},
		{
			"estimates", "&status=sent", 0, "Number,Customer,Title,Status,Written,Sent,Valid until,Currency,Total",
			`IN-033123,'=HYPERLINK("x"),'@SUM(A1),Waiting for a decision,2023-01-01,2024-03-31,2024-06-01,EUR,0.05`,
			func(p Page, d Days) (numbers []string, next string, err error) {
				out, err := b.ListEstimates.Do(ctx, &ListEstimatesInput{Page: p, EstimateFilter: EstimateFilter{Status: "sent", Days: d}})
				if err != nil {
					return nil, "", err
				}
				for _, e := range out.Body.Estimates {
					numbers = append(numbers, e.Number)
				}
				return numbers, out.Body.Next, nil
			},
		},
		{
			"payments", "&status=succeeded&kind=bank_debit", 2, "Begun,Paid,Receipt,Customer,Status,Way to pay,Card or account,Invoices,Currency,Amount,Begun by,Why it failed",
			`2024-03-31,2024-03-31,IN-033123,'=HYPERLINK("x"),Paid,Bank debit,,0,JPY,700,'+1,`,
			func(p Page, d Days) (numbers []string, next string, err error) {
				out, err := b.ListPayments.Do(ctx, &ListPaymentsInput{Page: p, PaymentFilter: PaymentFilter{Status: "succeeded", Kind: "bank_debit", Days: d}})
				if err != nil {
					return nil, "", err
				}
				for _, x := range out.Body.Payments {
					numbers = append(numbers, x.ReceiptNumber)
				}
				return numbers, out.Body.Next, nil
			},
		},
		{
			"credit-notes", "", 0, "Number,Customer,Issued,Invoice,Reason,Currency,Amount",
			`IN-033123,'=HYPERLINK("x"),2024-03-31,,' =1,USD,12345.67`,
			func(p Page, d Days) (numbers []string, next string, err error) {
				out, err := b.ListCreditNotes.Do(ctx, &ListCreditNotesInput{Page: p, CreditNoteFilter: CreditNoteFilter{Days: d}})
				if err != nil {
					return nil, "", err
				}
				for _, n := range out.Body.CreditNotes {
					numbers = append(numbers, n.Number)
				}
				return numbers, out.Body.Next, nil
			},
		},
	} {
		listed := func(d Days) (all []string) {
			page := Page{Size: 3}
			for {
				numbers, next, err := list.pages(page, d)
				if err != nil || len(all) > 100 {
					t.Fatalf("%s: %d rows, %v", list.path, len(all), err)
				}
				if all = append(all, numbers...); next == "" {
					return all
				}
				page.After = next
			}
		}
		numbers := listed(march)
		if len(numbers) != 7 || slices.ContainsFunc(numbers, func(n string) bool { return !strings.HasPrefix(n, "IN-") }) || numbers[0] != "IN-033123" || numbers[6] != "IN-030100" {
			t.Errorf("%s: March has %v", list.path, numbers)
		}
		if since := listed(Days{From: march.From}); !slices.Contains(since, "OUT-040100") || slices.Contains(since, "OUT-022923") {
			t.Errorf("%s: since March there are %v", list.path, since)
		}
		if until := listed(Days{To: march.To}); slices.Contains(until, "OUT-040100") || !slices.Contains(until, "OUT-022923") {
			t.Errorf("%s: until March there are %v", list.path, until)
		}
		_, _, err := list.pages(Page{}, Days{From: march.To, To: march.From})
		refused(t, err, portal.CodeInvalid, "to")

		address := "/api/bright/console/" + list.path + ".csv?from=2024-03-01&to=2024-03-31" + list.status
		got := b.call(session(b.bright.admin), http.MethodGet, address, nil)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/csv; charset=utf-8" || got.header.Get("Cache-Control") != "no-store" ||
			!strings.Contains(got.header.Get("Content-Disposition"), strings.ReplaceAll(list.path, "-", " ")+` 2024-03-01 to 2024-03-31.csv"`) {
			t.Fatalf("%s: %d %v %s", list.path, got.status, got.header, got.body)
		}
		rows := readTable(t, got.body)
		var filed []string
		for _, row := range rows[1:] {
			filed = append(filed, row[list.column])
		}
		if strings.Join(rows[0], ",") != list.head || !slices.Equal(filed, numbers) {
			t.Errorf("%s: under %v the file has %v, and the list %v", list.path, rows[0], filed, numbers)
		}
		if strings.Join(rows[1], ",") != list.last {
			t.Errorf("%s: a row is\n%s, want\n%s", list.path, strings.Join(rows[1], ","), list.last)
		}
		if got := b.call(session(b.bright.admin), http.MethodGet, "/api/bright/console/"+list.path+".csv?from=2024-03-02&to=2024-03-01", nil); got.status != http.StatusUnprocessableEntity || !strings.Contains(string(got.body), "The period ends before it begins.") {
			t.Errorf("%s: a period that ends before it begins is answered %d %s", list.path, got.status, got.body)
		}
		all := b.call(session(b.bright.admin), http.MethodGet, "/api/bright/console/"+list.path+".csv", nil)
		if all.status != http.StatusOK || bytes.Contains(all.body, []byte("FOREIGN")) || !bytes.Contains(all.body, []byte("OUT-")) {
			t.Errorf("%s: without a period it is %d: %s", list.path, all.status, all.body)
		}
	}
}

func TestADownloadedListIsWholeOrBrokenOff(t *testing.T) { // R48
	b := setup(t)
	const many = 2*tableBatch + 7
	b.sql(`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, total, due, sent_at)
		SELECT $1, gen_random_uuid(), $2, 'X-' || g, 'sent', 'USD', 'Job', date '2024-01-01' + g % 3, '2024-02-01', 100, 100, now() FROM generate_series(1, $3) g`, b.bright.id, b.birch.id, many)
	got := b.call(session(b.bright.admin), http.MethodGet, "/api/bright/console/invoices.csv?to=2024-12-31", nil)
	seen := map[string]bool{}
	for _, row := range readTable(t, got.body)[1:] {
		seen[row[0]] = true
	}
	if lines := bytes.Count(got.body, []byte("\n")); len(seen) != many || lines != many+1 {
		t.Errorf("%d invoices are %d in the file, in %d lines", many, len(seen), lines)
	}

	ctx := as(t.Context(), b.bright.admin)
	out := must(tableOf(ctx, b.API, table[int]{
		title: "Numbers", columns: []string{"Number"},
		page: func(_ context.Context, p Page) ([]int, string, error) {
			if p.After != "" {
				return nil, "", errors.New("the database is away")
			}
			return []int{1, 2, 3}, "more", nil
		},
		row: func(n int, _ *time.Location) []any { return []any{fmt.Sprint(n)} },
	}))(t)
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/", func(c *gin.Context) { out.Send(c.Writer) })
	server := httptest.NewServer(router)
	defer server.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(request)
	if err == nil {
		defer func() { _ = answer.Body.Close() }()
		_, err = io.ReadAll(answer.Body)
	}
	if err == nil {
		t.Error("a part of the list came as if it were the whole")
	}
}
