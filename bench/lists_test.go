package bench

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"countersign/devstack/stack"
)

// BenchmarkLists is what staff look at all day, over HTTP, in an organization
// with 1,000 invoices and in one with 100,000, on the same database and in turns:
// the ratio says how far the cost follows the organization's size. Filters are
// those that a tenth, a hundredth or none of the invoices pass.
func BenchmarkLists(b *testing.B) {
	s := stack.New(b, stack.Options{})
	small, large := s.Seed("small", "USD"), s.Seed("large", "USD")
	crowd(b, s, small, 1_000)
	crowd(b, s, large, 100_000)
	few, many := small.Staff(), large.Staff()
	for _, list := range []struct{ name, path string }{
		{"invoices", "invoices"},
		{"invoices/due", "invoices?sort=due"},
		{"invoices/amount", "invoices?sort=-amount"},
		{"invoices/number", "invoices?sort=number"},
		{"invoices/overdue", "invoices?status=overdue&sort=due"},
		{"invoices/draft", "invoices?status=draft"},
		{"invoices/void", "invoices?status=void"},
		{"invoices/days", "invoices?from=2025-03-01&to=2025-03-02&sort=number"},
		{"customers", "customers"},
		{"customers/overdue", "customers?status=overdue&size=5"}, // as many as the small one has: two pages of a kind
		{"payments", "payments"},
		{"payments/processing", "payments?status=processing"},
		{"search/number", "search?for=742"},
		{"search/name", "search?for=customer+7"},
	} {
		b.Run(list.name, func(b *testing.B) {
			address := func(slug string) string { return "/api/" + slug + "/console/" + list.path }
			few.Must(200, "GET", address("small"), "", nil, nil)
			many.Must(200, "GET", address("large"), "", nil, nil)
			var ours, floor latencies
			b.ResetTimer()
			for range b.N {
				floor.time(func() { few.Must(200, "GET", address("small"), "", nil, nil) })
				ours.time(func() { many.Must(200, "GET", address("large"), "", nil, nil) })
			}
			b.StopTimer()
			report(b, &ours, &floor)
		})
	}
}

// crowd gives an organization a customer for each twenty invoices, and so many
// invoices over three years: nine in ten are paid, one in a hundred is a draft.
func crowd(b *testing.B, s *stack.Stack, org stack.Org, invoices int) {
	owner, err := pgx.Connect(b.Context(), s.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = owner.Close(b.Context()) }()
	for _, do := range []statement{
		{`INSERT INTO customers (org_id, id, number, name, currency)
			SELECT $1, gen_random_uuid(), 'C-1' || n, 'Customer ' || n, 'USD' FROM generate_series(1, $2 / 20) n`, []any{org.ID, invoices}},
		{`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, subtotal, total, due, sent_at, settled_at, created_at)
			SELECT $1, gen_random_uuid(), c.id, 'INV-' || n, CASE WHEN n % 100 = 7 THEN 'draft' ELSE 'sent' END, 'USD', 'Work ' || n, at::date, at::date + 30, 1000 + n, 1000 + n,
				CASE WHEN n % 10 = 7 THEN 1000 + n ELSE 0 END, CASE WHEN n % 100 = 7 THEN NULL ELSE at END, CASE WHEN n % 10 = 7 THEN NULL ELSE at + interval '20 days' END, at
			FROM generate_series(1, $2) n
			JOIN customers c ON c.org_id = $1 AND c.number = 'C-1' || (n % ($2 / 20) + 1),
			LATERAL (SELECT now() - n * interval '3 years' / $2 AS at) t`, []any{org.ID, invoices}},
		{`INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, received, receipt_number, started_by_kind, started_by_name, request_hash, succeeded_at, ended_at, created_at, updated_at, flow_open)
			SELECT org_id, gen_random_uuid(), customer_id, 'succeeded', 'checkout', 'card', 'USD', total, total, 'R-' || number, 'contact', 'Ann', '\x00', settled_at, settled_at, settled_at, settled_at, false
			FROM invoices WHERE org_id = $1 AND settled_at IS NOT NULL`, []any{org.ID}},
		{`ANALYZE`, nil},
	} {
		if _, err := owner.Exec(b.Context(), do.sql, do.args...); err != nil {
			b.Fatal(fmt.Errorf("%w: %s", err, do.sql))
		}
	}
}
