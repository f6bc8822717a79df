package api

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/portal"
)

// A page of a long list is read by an index, in every order: row-level security
// must leave the planner able to see that.
func TestAPageOfALongListReadsFewRows(t *testing.T) { // R24, R29, R40
	b := setup(t)
	const many = 8_000
	b.sql(`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, total, due, sent_at, created_at)
		SELECT $1, gen_random_uuid(), $2, 'X-' || g, 'sent', 'USD', 'Job ' || g, date '2024-01-01' + g % 900, date '2024-02-01' + g % 900, g % 500 + 1, g % 500 + 1, now(), now()
		FROM generate_series(1, $3) g`, b.bright.id, b.birch.id, many)
	b.sql(`INSERT INTO estimates (org_id, id, customer_id, number, status, version, currency, title, total, valid_until, sent_at)
		SELECT $1, gen_random_uuid(), $2, 'Y-' || g, 'sent', 1, 'USD', 'Job ' || g, g % 500 + 1, date '2024-02-01' + g % 900, now() - g * interval '1 minute'
		FROM generate_series(1, $3) g`, b.bright.id, b.birch.id, many)
	b.sql(`INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, started_by_kind, request_hash, created_at)
		SELECT $1, gen_random_uuid(), $2, 'declined', 'checkout', 'card', 'USD', g % 500 + 1, 'contact', '\x00', now() - g * interval '1 minute' FROM generate_series(1, $3) g`,
		b.bright.id, b.birch.id, many)
	b.sql(`INSERT INTO events (org_id, id, customer_id, kind, subject_kind, subject_id, actor_kind)
		SELECT $1, gen_random_uuid(), $2, 'invoice.sent', 'invoice', gen_random_uuid(), 'staff' FROM generate_series(1, $3) g`, b.bright.id, b.birch.id, many)
	b.sql(`INSERT INTO credit_notes (org_id, id, customer_id, number, currency, amount, reason, issue_date, created_at)
		SELECT $1, gen_random_uuid(), $2, 'Z-' || g, 'USD', 100, '', date '2024-01-01' + g % 900, now() FROM generate_series(1, $3) g`, b.bright.id, b.birch.id, many)
	b.sql(`ANALYZE`)
	for _, table := range []string{"estimates", "invoices", "payments", "events", "credit_notes"} {
		b.sql(`SELECT pg_stat_reset_single_table_counters($1::text::regclass)`, table)
	}
	ctx, pages := as(t.Context(), b.bright.admin), 0
	for _, sort := range []string{"date", "-date", "due", "-due", "amount", "-amount", "number", "-number"} {
		in := &ListInvoicesInput{InvoiceFilter: InvoiceFilter{Sort: sort}}
		for range 3 {
			in.After = must(b.ListInvoices.Do(ctx, in))(t).Body.Next
			pages++
		}
	}
	for name, order := range map[string]func(x, y EstimateSummary) int{
		"date":   func(x, y EstimateSummary) int { return x.SentAt.Compare(*y.SentAt) },
		"valid":  func(x, y EstimateSummary) int { return x.ValidUntil.Compare(y.ValidUntil) },
		"amount": func(x, y EstimateSummary) int { return cmp.Compare(x.Total.Amount, y.Total.Amount) },
		"number": func(x, y EstimateSummary) int {
			return cmp.Or(cmp.Compare(len(x.Number), len(y.Number)), strings.Compare(x.Number, y.Number))
		},
	} {
		for _, sort := range []string{name, "-" + name} {
			var listed []EstimateSummary
			seen := map[uuid.UUID]bool{}
			in := &ListEstimatesInput{EstimateFilter: EstimateFilter{Sort: sort}}
			for range 3 {
				page := must(b.ListEstimates.Do(ctx, in))(t).Body
				listed, in.After = append(listed, page.Estimates...), page.Next
				pages++
			}
			for _, e := range listed {
				seen[e.ID] = true
			}
			sorted := slices.IsSortedFunc(listed, func(x, y EstimateSummary) int {
				if strings.HasPrefix(sort, "-") {
					return order(y, x)
				}
				return order(x, y)
			})
			if !sorted || len(seen) != 75 || len(listed) != 75 {
				t.Errorf("by %s: %d rows, %d estimates, in order: %t", sort, len(listed), len(seen), sorted)
			}
		}
	}
	for _, sort := range []string{"date", "-date", "amount", "-amount"} {
		in := &ListPaymentsInput{PaymentFilter: PaymentFilter{Sort: sort}}
		for range 3 {
			in.After = must(b.ListPayments.Do(ctx, in))(t).Body.Next
			pages++
		}
	}
	// A month is read by the index as well, wherever it lies and whatever the order.
	month := Days{From: day("2024-05-01"), To: day("2024-05-31")}
	dayBefore := Days{From: portal.DateOf(time.Now(), time.UTC).AddDays(-2), To: portal.DateOf(time.Now(), time.UTC).AddDays(-2)}
	for _, sort := range []string{"-date", "date", "number"} {
		must(b.ListInvoices.Do(ctx, &ListInvoicesInput{InvoiceFilter: InvoiceFilter{Sort: sort, Days: month}}))(t)
		pages++
	}
	must(b.ListEstimates.Do(ctx, &ListEstimatesInput{EstimateFilter: EstimateFilter{Days: dayBefore}}))(t)
	must(b.ListPayments.Do(ctx, &ListPaymentsInput{PaymentFilter: PaymentFilter{Days: dayBefore}}))(t)
	must(b.ListCreditNotes.Do(ctx, &ListCreditNotesInput{CreditNoteFilter: CreditNoteFilter{Days: month}}))(t)
	pages += 3
	must(b.ListActivity.Do(ctx, &ListActivityInput{}))(t)
	must(b.ListActivity.Do(ctx, &ListActivityInput{Customer: b.acme.id}))(t)
	must(b.FailedPayments.Do(ctx, &FailedPaymentsInput{}))(t)
	// A connection tells its counts when it ends.
	b.DB.Close()
	for deadline := time.Now().Add(10 * time.Second); value[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`) > 0; {
		if time.Now().After(deadline) {
			t.Fatal("the connections don't end")
		}
	}
	b.sql(`SELECT pg_stat_clear_snapshot()`)
	for _, table := range []string{"estimates", "invoices", "payments", "events", "credit_notes"} {
		read := value[int](b, `SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = $1`, table)
		if read == 0 || read > many/2 {
			t.Errorf("%d rows of %s were read for %d short pages", read, table, pages)
		}
	}
}
