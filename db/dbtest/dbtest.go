// Package dbtest gives each test a database of its own, with the product's
// schema, in a Postgres that the tests of one package share.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"countersign/db"
	"countersign/devstack/postgres"
)

// template is the migrated database that the tests' own are copies of.
const template = "template_countersign"

// Runner is what Main runs: a *testing.M, or something around it.
type Runner interface{ Run() int }

// shared is the one server of this test program. A test function can be handed
// nothing by TestMain, so the package has to hold it.
var shared struct {
	sync.Mutex
	running bool // whether Main will stop what is started
	cluster *cluster
	failed  error
}

// Main runs the tests of a package, stops the Postgres that they started, if
// any, and exits.
func Main(m Runner) { os.Exit(Run(m)) }

// Run is Main without the exit.
func Run(m Runner) int {
	shared.Lock()
	shared.running = true
	shared.Unlock()
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil {
		return code
	}
	if err := shared.cluster.stop(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// New makes a migrated, empty database and returns its address. Its user may do
// everything. The database is dropped when the test ends, whoever is connected.
func New(t testing.TB) string {
	t.Helper()
	c, err := acquire(t.Context())
	if err != nil {
		t.Fatalf("starting Postgres for the tests: %v", err)
	}
	url, drop, err := c.copyOf(t.Context(), template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return url
}

// acquire starts the package's Postgres when the first test asks for it.
func acquire(ctx context.Context) (*cluster, error) {
	shared.Lock()
	defer shared.Unlock()
	switch {
	case !shared.running:
		return nil, fmt.Errorf("this package needs func TestMain(m *testing.M) { dbtest.Main(m) }")
	case shared.cluster == nil && shared.failed == nil:
		// It outlives the test that happens to be the first.
		shared.cluster, shared.failed = startCluster(context.WithoutCancel(ctx))
	}
	return shared.cluster, shared.failed
}

// cluster is a running Postgres with a migrated template.
type cluster struct {
	folder *folder
	server *postgres.Server
	admin  *pgxpool.Pool

	mu   sync.Mutex
	made int // databases so far
}

func startCluster(ctx context.Context) (_ *cluster, err error) {
	dir, err := newFolder(os.TempDir())
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: dir}
	defer func() {
		if err != nil {
			_ = c.stop(ctx)
		}
	}()
	c.server, err = postgres.Start(ctx, postgres.Options{
		Dir:        dir.state(),
		Database:   template,
		Disposable: true,
		Log:        os.Stderr,
	})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, c.server.URL()); err != nil {
		return nil, err
	}
	c.admin, err = pgxpool.New(ctx, c.address("postgres"))
	if err != nil {
		return nil, fmt.Errorf("connecting to the tests' Postgres: %w", err)
	}
	return c, nil
}

// address is that of one database of the cluster.
func (c *cluster) address(database string) string {
	u, err := url.Parse(c.server.URL())
	if err != nil {
		panic(err) // it was made from a url.URL
	}
	u.Path = "/" + database
	return u.String()
}

// copyOf makes a copy of a database.
func (c *cluster) copyOf(ctx context.Context, source string) (address string, drop func(context.Context) error, err error) {
	c.mu.Lock()
	c.made++
	name := fmt.Sprintf("test_%d", c.made)
	c.mu.Unlock()
	quoted := pgx.Identifier{name}.Sanitize()
	// Copying files beats writing every page to the log where nothing is fsynced.
	if err := c.exec(ctx, "CREATE DATABASE", quoted, "TEMPLATE", pgx.Identifier{source}.Sanitize(), "STRATEGY FILE_COPY"); err != nil {
		return "", nil, fmt.Errorf("making a database for the test: %w", err)
	}
	return c.address(name), func(ctx context.Context) error {
		if err := c.exec(ctx, "DROP DATABASE", quoted, "WITH (FORCE)"); err != nil {
			return fmt.Errorf("dropping the test's database: %w", err)
		}
		return nil
	}, nil
}

func (c *cluster) exec(ctx context.Context, words ...string) error {
	_, err := c.admin.Exec(ctx, strings.Join(words, " "))
	return err
}

// stop ends the server and removes all of it.
func (c *cluster) stop(ctx context.Context) error {
	if c.admin != nil {
		c.admin.Close()
	}
	if c.server != nil {
		if err := c.server.Stop(ctx); err != nil {
			return err
		}
	}
	return c.folder.remove(ctx)
}
