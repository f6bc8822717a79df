package db_test

import (
	"context"
	"database/sql"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql's driver, for goose
	"github.com/pressly/goose/v3"

	"countersign/db/dbtest"
)

// shape is everything of the schema that a migration can make: columns, constraints, indexes, views, functions, triggers, policies and grants.
const shape = `
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'view ' || viewname || ' ' || definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'policy ' || tablename || '.' || policyname || ' ' || cmd || ' ' || roles::text || ' ' || coalesce(qual, '') || ' ' || coalesce(with_check, '') FROM pg_policies
UNION ALL SELECT 'grant ' || table_name || ' ' || privilege_type || ' ' || grantee FROM information_schema.role_table_grants WHERE table_schema = 'public' AND grantee LIKE 'countersign%'
ORDER BY 1`

func shapeOf(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), shape)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// migrations are those of a database of its own, and a connection to look at it.
func migrations(t *testing.T) (*goose.Provider, *pgx.Conn) {
	t.Helper()
	url := dbtest.New(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	pool, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	return provider, conn
}

// beginning is the last of the first migrations, which make the tables, the walls and the doors: they are taken back together.
const beginning = 5

// Each migration takes back what it did, and no more.
func TestMigrationsAreTakenBack(t *testing.T) {
	provider, conn := migrations(t)
	up := map[int64][]string{}
	if _, err := provider.DownTo(t.Context(), 0); err != nil {
		t.Fatalf("all the way down: %v", err)
	}
	for _, m := range provider.ListSources() {
		if _, err := provider.UpByOne(t.Context()); err != nil {
			t.Fatal(err)
		}
		up[m.Version] = shapeOf(t, conn)
	}
	sources := provider.ListSources()
	slices.Reverse(sources)
	for n, m := range sources {
		if m.Version == beginning {
			break
		}
		if _, err := provider.Down(t.Context()); err != nil {
			t.Fatalf("taking %d back: %v", m.Version, err)
		}
		before, after := up[sources[n+1].Version], shapeOf(t, conn)
		if lost, left := without(before, after), without(after, before); len(lost)+len(left) > 0 {
			t.Errorf("taking %d back lost\n%s\nand left\n%s", m.Version, strings.Join(lost, "\n"), strings.Join(left, "\n"))
		}
	}
	if _, err := provider.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	left := slices.DeleteFunc(shapeOf(t, conn), func(line string) bool { return strings.Contains(line, "goose_db_version") })
	if len(left) > 0 {
		t.Errorf("all the way down there is still\n%s", strings.Join(left, "\n"))
	}
}

// without are the lines that are not among the others.
func without(lines, others []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return slices.Contains(others, line) })
}

// The payments that were there before it learn from their saved methods what was charged.
func TestPaymentsLearnWhatWasCharged(t *testing.T) {
	provider, conn := migrations(t)
	const charged = 26
	if _, err := provider.DownTo(t.Context(), charged-1); err != nil {
		t.Fatal(err)
	}
	_, err := conn.Exec(t.Context(), `
		INSERT INTO organizations (id, slug, name, email, currency, time_zone, locale) VALUES ('00000000-0000-0000-0000-000000000001', 'bright', 'Bright', 'office@bright.test', 'USD', 'UTC', 'en-US');
		INSERT INTO customers (org_id, id, number, name, email, currency) VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 'C-1', 'Lovelace', 'ap@lovelace.test', 'USD');
		INSERT INTO payment_methods (org_id, id, customer_id, account, processor_method, kind, brand, last4, exp_month, exp_year)
			VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000002', '', 'pm_1', 'card', 'visa', '4242', 12, 2040);
		INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, method_id, started_by_kind, started_by_name, request_hash)
			SELECT '00000000-0000-0000-0000-000000000001', id, '00000000-0000-0000-0000-000000000002', 'reserved', channel, 'card', 'USD', 500, method, 'contact', 'Ann', sha256('x')
			FROM (VALUES ('00000000-0000-0000-0000-000000000004'::uuid, 'saved', '00000000-0000-0000-0000-000000000003'::uuid), ('00000000-0000-0000-0000-000000000005', 'checkout', NULL)) p (id, channel, method)`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), `SELECT channel || ' ' || brand || ' ' || last4 FROM payments ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	told, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []string{"saved visa 4242", "checkout  "}) {
		t.Errorf("they say %q", told)
	}
}
