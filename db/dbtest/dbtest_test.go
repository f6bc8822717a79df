package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"countersign/devstack/filelock"
)

func TestMain(m *testing.M) { Main(m) }

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestEachTestHasItsOwnMigratedDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	one, other := connect(t, New(t)), connect(t, New(t))
	var version int
	if err := one.QueryRow(ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil || version < 1 {
		t.Fatalf("the schema is at version %d, %v", version, err)
	}
	if _, err := one.Exec(ctx, "CREATE TABLE mine AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	var seen bool
	if err := other.QueryRow(ctx, "SELECT to_regclass('mine') IS NOT NULL").Scan(&seen); err != nil || seen {
		t.Errorf("another test's table is seen: %v, %v", seen, err)
	}
}

func TestADatabaseEndsWithItsTestThoughSomebodyIsConnected(t *testing.T) {
	t.Parallel()
	var address string
	var conn *pgx.Conn
	used := t.Run("using it", func(inner *testing.T) {
		address = New(inner)
		conn = connect(t, address)
	})
	if !used {
		t.FailNow()
	}
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the connection still works")
	}
	if _, err := pgx.Connect(t.Context(), address); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("connecting again: %v", err)
	}
}

func TestOnlyFoldersOfProgramsThatAreGoneAreRemoved(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	alive, err := newFolder(parent)
	if err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(parent, prefix+"killed")
	if err := os.MkdirAll(filepath.Join(killed, "postgres", "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := filelock.Try(filepath.Join(killed, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	next, err := newFolder(parent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(killed); !os.IsNotExist(err) {
		t.Errorf("the killed program's folder is still there: %v", err)
	}
	if _, err := os.Stat(alive.path); err != nil {
		t.Errorf("the live program's folder is gone: %v", err)
	}
	for _, f := range []*folder{alive, next} {
		if err := f.remove(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		c, err := acquire(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		_, drop, err := c.copyOf(b.Context(), template)
		if err != nil {
			b.Fatal(err)
		}
		if err := drop(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
