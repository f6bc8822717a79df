package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"countersign/devstack/stack"
)

// statement is one that the API sent, as Postgres saw it.
type statement struct {
	sql  string
	args []any
}

// recorder notes the statements of one request.
type recorder struct{ seen []statement }

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	r.seen = append(r.seen, statement{q.SQL, q.Args})
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// BenchmarkInvoiceList is a page of a contact's invoices over HTTP, beside the
// very statements that it sends (the session's look-up and the transaction
// included), played by bare gin and pgx.
func BenchmarkInvoiceList(b *testing.B) {
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			trace := &recorder{}
			s := stack.New(b, stack.Options{Tracer: trace})
			org := s.Seed("bright", "USD")
			for i := range 200 {
				org.Invoice(fmt.Sprintf("INV-%04d", i), int64(1000+i))
			}
			ann := org.AsAnn()
			const path = "/api/bright/portal/invoices?size=25"
			ann.Must(200, "GET", path, "", nil, nil)
			trace.seen = nil
			answer := ann.Must(200, "GET", path, "", nil, nil)
			statements := trace.seen
			floor := bareServer(b, s.DatabaseURL, statements, answer.Body)
			n := max(b.N, 200)
			var ours, bare time.Duration
			b.ResetTimer()
			const rounds = 4
			for range rounds {
				start := time.Now()
				spread(n/rounds, clients, func(int) { get(b, floor) })
				bare += time.Since(start)
				start = time.Now()
				spread(n/rounds, clients, func(int) {
					if answer, err := ann.Do("GET", path, "", nil); err != nil || answer.Status != 200 {
						b.Errorf("answered %d %v", answer.Status, err)
					}
				})
				ours += time.Since(start)
			}
			b.StopTimer()
			count := float64(n / rounds * rounds)
			b.ReportMetric(count/ours.Seconds(), "per-s")
			b.ReportMetric(count/bare.Seconds(), "floor-per-s")
			b.ReportMetric(bare.Seconds()/ours.Seconds(), "throughput-ratio")
			b.ReportMetric(float64(len(statements)), "statements")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// bareServer plays the statements, reads every row, and answers with the same
// bytes: all that can't be done without.
func bareServer(b *testing.B, url string, statements []statement, body []byte) string {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		b.Fatal(err)
	}
	config.ConnConfig.RuntimeParams["role"] = "countersign_app"
	config.MaxConns = 12
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	router := gin.New()
	router.GET("/", func(c *gin.Context) {
		conn, err := pool.Acquire(c)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Release()
		read := 0
		for _, st := range statements {
			if len(st.args) == 0 { // BEGIN with its settings, and COMMIT
				if _, err := conn.Exec(c, st.sql); err != nil {
					b.Error(err)
				}
				continue
			}
			rows, err := conn.Query(c, st.sql, st.args...)
			if err != nil {
				b.Error(err)
				return
			}
			for rows.Next() {
				read += len(rows.RawValues())
			}
			if rows.Err() != nil {
				b.Error(rows.Err())
			}
		}
		if read == 0 {
			b.Error("nothing was read")
		}
		c.Data(http.StatusOK, "application/json", body)
	})
	server := httptest.NewServer(router)
	b.Cleanup(server.Close)
	return server.URL + "/"
}

func get(b *testing.B, url string) {
	response, err := http.Get(url)
	if err != nil {
		b.Error(err)
		return
	}
	defer response.Body.Close()
	var body any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		b.Error(err)
	}
}
