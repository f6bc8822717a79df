package worker

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// A webhook that waits for its answer keeps no other waiting.
func TestOneWebhookHoldsUpNoOther(t *testing.T) {
	address := dbtest.New(t)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	pool, err := db.Open(t.Context(), db.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := func(id, kind string) {
		t.Helper()
		err := pool.Anonymous(t.Context(), func(q *dbsqlc.Queries) error {
			_, err := q.StoreWebhook(t.Context(), dbsqlc.StoreWebhookParams{Provider: "resend", EventID: id, Type: kind, ObjectID: "email", Created: time.Now()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// What became of an email can't be noted while somebody holds the table.
	held, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), "LOCK TABLE deliveries"); err != nil {
		t.Fatal(err)
	}
	store("waits", "email.delivered")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		c := Config{DB: pool, Log: slog.New(slog.DiscardHandler), PollEvery: 10 * time.Millisecond}
		ended <- c.dispatch(ctx)
	}()
	is := func(condition string) bool {
		t.Helper()
		var yes bool
		if err := held.QueryRow(t.Context(), "SELECT "+condition+" FROM webhook_events WHERE event_id = 'waits'").Scan(&yes); err != nil {
			t.Fatal(err)
		}
		return yes
	}
	for !is("attempts = 1") {
		time.Sleep(5 * time.Millisecond)
	}
	store("passes", "email.opened")
	for !is("EXISTS (SELECT FROM webhook_events WHERE event_id = 'passes' AND processed_at IS NOT NULL)") {
		time.Sleep(5 * time.Millisecond)
	}
	if !is("attempts = 1 AND result = '' AND processed_at IS NULL") {
		t.Error("the second was handled only when the first had ended")
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// A webhook that fails is tried again later each time, an hour later at most,
// and belongs to one worker for as long as that may take.
func TestAFailedWebhookIsTriedAgainLaterEachTime(t *testing.T) {
	address := dbtest.New(t)
	pool, err := db.Open(t.Context(), db.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), "INSERT INTO webhook_events (provider, event_id, type, created_at) VALUES ('resend', 'e', 'email.delivered', now())"); err != nil {
		t.Fatal(err)
	}
	across := func(run func(q *dbsqlc.Queries) error) {
		t.Helper()
		if err := pool.Across(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	claim := func() (n int) {
		t.Helper()
		across(func(q *dbsqlc.Queries) error {
			claimed, err := q.ClaimWebhooksAcross(t.Context(), dbsqlc.ClaimWebhooksAcrossParams{ForSeconds: dispatchFor.Seconds(), Batch: 5})
			n = len(claimed)
			return err
		})
		return n
	}
	for attempt, seconds := range map[int]int{1: 1, 2: 2, 6: 32, 13: 3600, 5000: 3600} {
		if _, err := conn.Exec(t.Context(), "UPDATE webhook_events SET attempts = $1, next_attempt_at = now()", attempt-1); err != nil {
			t.Fatal(err)
		}
		if claim() != 1 || claim() != 0 {
			t.Fatalf("attempt %d is not one worker's alone", attempt)
		}
		across(func(q *dbsqlc.Queries) error {
			return q.FailWebhookAcross(t.Context(), dbsqlc.FailWebhookAcrossParams{Provider: "resend", EventID: "e", Result: "no answer"})
		})
		var wait float64
		if err := conn.QueryRow(t.Context(), "SELECT extract(epoch FROM next_attempt_at - now())::float8 FROM webhook_events").Scan(&wait); err != nil {
			t.Fatal(err)
		}
		// The clock goes on between the two statements.
		if wait > float64(seconds) || (seconds > 2 && wait < float64(seconds)/2) {
			t.Errorf("after attempt %d the next one is %.1f s later, not %d", attempt, wait, seconds)
		}
	}
}
