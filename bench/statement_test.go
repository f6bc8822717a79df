package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"countersign/devstack/stack"
)

// BenchmarkStatement is a contact's statement of account over HTTP: its first
// page, as CSV and as PDF. Beside it stands the same transactions read from a
// table that has them ready and in order, with as many bytes sent by bare gin.
func BenchmarkStatement(b *testing.B) {
	for _, entries := range []int{1_000, 10_000} {
		s := stack.New(b, stack.Options{})
		org := s.Seed("bright", "USD")
		pool := account(b, s, org, entries)
		ann := org.AsAnn()
		const (
			rows = `SELECT day, kind, number, title, way, brand, last4, amount FROM ready WHERE customer_id = $1 ORDER BY place LIMIT $2`
			sums = `SELECT count(*), sum(amount) FROM ready WHERE customer_id = $1 AND $2 > 0`
		)
		for _, of := range []struct {
			name, path string
			reads      []statement
		}{
			{"page", "?period=all&size=250", []statement{{sums, []any{org.Customer, 1}}, {rows, []any{org.Customer, 250}}}},
			{"csv", ".csv?period=all", []statement{{rows, []any{org.Customer, entries}}}},
			{"pdf", ".pdf?period=all", []statement{{rows, []any{org.Customer, entries}}}},
		} {
			b.Run(fmt.Sprintf("%s/entries=%d", of.name, entries), func(b *testing.B) {
				path := "/api/bright/portal/statement" + of.path
				file := ann.Must(200, "GET", path, "", nil, nil).Body
				floor := ready(b, pool, of.reads, file)
				var ours, bare latencies
				b.ResetTimer()
				for range b.N { // in turns, so that both meet the same machine
					bare.time(func() { fetch(b, floor, len(file)) })
					ours.time(func() {
						if answer, err := ann.Do("GET", path, "", nil); err != nil || answer.Status != 200 || len(answer.Body) != len(file) {
							b.Errorf("answered %d %v", answer.Status, err)
						}
					})
				}
				b.StopTimer()
				report(b, &ours, &bare)
				b.ReportMetric(float64(len(file))/1024, "KiB")
			})
		}
	}
}

// account gives the seeded customer so many transactions: invoices over three
// years, each paid by a payment of its own. Nine other customers have as many
// invoices. Table ready has what the statement reads.
func account(b *testing.B, s *stack.Stack, org stack.Org, entries int) *pgxpool.Pool {
	owner, err := pgx.Connect(b.Context(), s.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = owner.Close(b.Context()) }()
	since := time.Now().AddDate(-3, 0, 0)
	for _, do := range []statement{
		{`INSERT INTO customers (org_id, id, number, name, currency)
			SELECT $1, gen_random_uuid(), 'C-1' || n, 'Customer ' || n, 'USD' FROM generate_series(1, 9) n`, []any{org.ID}},
		{`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, subtotal, total, due, sent_at, created_at)
			SELECT c.org_id, gen_random_uuid(), c.id, c.number || '-' || n, 'sent', 'USD', 'Work of week ' || n, at::date, at::date + 30, 1000 + n, 1000 + n, 1000 + n, at, at
			FROM customers c, generate_series(1, $2 / 2) n, LATERAL (SELECT $3::timestamptz + n * interval '3 years' / ($2 / 2 + 1) AS at) t
			WHERE c.org_id = $1`, []any{org.ID, entries, since}},
		{`INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, received, receipt_number, started_by_kind, started_by_name, request_hash, succeeded_at, ended_at, created_at, updated_at, flow_open)
			SELECT org_id, id, customer_id, 'succeeded', 'checkout', 'card', 'USD', total, total, 'R-' || number, 'contact', 'Ann', '\x00', at, at, at, at, false
			FROM invoices, LATERAL (SELECT sent_at + interval '1 hour' AS at) t WHERE org_id = $1 AND customer_id = $2`, []any{org.ID, org.Customer}},
		{`INSERT INTO allocations (org_id, id, customer_id, invoice_id, source, payment_id, amount, created_at)
			SELECT org_id, gen_random_uuid(), customer_id, id, 'payment', id, total, sent_at + interval '1 hour'
			FROM invoices WHERE org_id = $1 AND customer_id = $2`, []any{org.ID, org.Customer}},
		{`CREATE TABLE ready AS SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY day, at, id, kind) AS place FROM statement_entries`, nil},
		{`ALTER TABLE ready ADD PRIMARY KEY (customer_id, place)`, nil},
		{`ANALYZE`, nil},
	} {
		if _, err := owner.Exec(b.Context(), do.sql, do.args...); err != nil {
			b.Fatal(err)
		}
	}
	pool, err := pgxpool.New(b.Context(), s.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool
}

// ready reads the rows, and answers with the same bytes.
func ready(b *testing.B, pool *pgxpool.Pool, reads []statement, body []byte) string {
	router := gin.New()
	router.GET("/", func(c *gin.Context) {
		for _, read := range reads {
			rows, err := pool.Query(c, read.sql, read.args...)
			if err != nil {
				b.Error(err)
				return
			}
			for rows.Next() {
				_ = rows.RawValues()
			}
			if rows.Err() != nil || rows.CommandTag().RowsAffected() == 0 {
				b.Errorf("read %d rows: %v", rows.CommandTag().RowsAffected(), rows.Err())
			}
		}
		c.Data(http.StatusOK, "application/octet-stream", body)
	})
	server := httptest.NewServer(router)
	b.Cleanup(server.Close)
	return server.URL + "/"
}

func fetch(b *testing.B, url string, size int) {
	response, err := http.Get(url)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	if n, err := io.Copy(io.Discard, response.Body); err != nil || n != int64(size) {
		b.Errorf("%d bytes: %v", n, err)
	}
}
