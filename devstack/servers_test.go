package devstack

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"countersign/devstack/postgres"
	"countersign/devstack/temporal"
)

func TestPostgresAndTemporalKeepTheirStateBetweenRunsUntilAReset(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	t.Cleanup(func() {
		if err := postgres.Remove(context.Background(), filepath.Join(state, "postgres")); err != nil {
			t.Error(err)
		}
	})
	// run brings both up, asks the database, and lets them stop.
	run := func(reset bool, statement string) string {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		database := NewPostgres(postgres.Options{Dir: filepath.Join(state, "postgres"), Disposable: true})
		flows := NewTemporal(temporal.Options{Dir: filepath.Join(state, "temporal"), DBFile: "temporal.db", Disposable: true, Namespace: "countersign"})
		var answer string
		err := Up(ctx, Config{
			State: state, Reset: reset,
			Components: []Component{database, Step("Question", func(ctx context.Context, _ io.Writer) (string, error) {
				conn, err := pgx.Connect(ctx, database.URL())
				if err != nil {
					return "", err
				}
				err = conn.QueryRow(ctx, statement).Scan(&answer)
				return "asked", errors.Join(err, conn.Close(ctx))
			}), flows},
			Ready: func(io.Writer) {
				if flows.Namespace() != "countersign" || flows.Address() == "" || !strings.HasPrefix(flows.UI(), "http://127.0.0.1:") {
					t.Errorf("Temporal is at %s, its UI at %s, its namespace %s", flows.Address(), flows.UI(), flows.Namespace())
				}
				cancel()
			},
		}, t.Output())
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	const count = "SELECT count(*)::text FROM pg_largeobject_metadata WHERE oid = 4711"
	run(false, "SELECT lo_create(4711)::text")
	if got := run(false, count); got != "1" {
		t.Errorf("the second run finds %s of it", got)
	}
	if got := run(true, count); got != "0" {
		t.Errorf("after a reset, %s of it is left", got)
	}
	if _, err := os.Stat(filepath.Join(state, "temporal", "temporal.db")); err != nil {
		t.Errorf("Temporal's state: %v", err)
	}
}
