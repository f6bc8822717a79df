// Package db is the way to what is true: the only doors to Postgres, its
// migrations, and the statements that sqlc generates from queries/.
package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	pgxdecimal "github.com/jackc/pgx-shopspring-decimal"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// The roles that migrations make. They own nothing, and row-level security
// holds for both of them.
const (
	roleApp    = "countersign_app"
	roleAcross = "countersign_across"
)

// DB holds the connections of one process. Its two pools log in alike and then
// take one role each, so that a statement can never borrow the other's rights.
type DB struct {
	app    *pgxpool.Pool
	across *pgxpool.Pool
}

// Options of Open.
type Options struct {
	// URL of the database, as postgres://user:password@host:port/name. Its user
	// must be a member of both of the product's roles.
	URL string
	// MaxConns is the size of the application's pool; 0 is a default of 16.
	MaxConns int32
	// Tracer watches the application's statements, if set.
	Tracer pgx.QueryTracer
	// Patience is how long a database that is not there, or is still starting, is
	// waited for; not at all, if 0.
	Patience time.Duration
}

// Open connects, and fails when the database can't be reached or was not
// migrated.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.MaxConns == 0 {
		o.MaxConns = 16
	}
	app, err := openPool(ctx, o, roleApp, o.MaxConns, o.Tracer)
	if err != nil {
		return nil, err
	}
	across, err := openPool(ctx, o, roleAcross, max(o.MaxConns/4, 2), nil)
	if err != nil {
		app.Close()
		return nil, err
	}
	return &DB{app: app, across: across}, nil
}

func openPool(ctx context.Context, o Options, role string, conns int32, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the database's address: %w", err)
	}
	config.MaxConns = conns
	config.ConnConfig.Tracer = tracer
	config.ConnConfig.RuntimeParams["role"] = role
	config.ConnConfig.RuntimeParams["application_name"] = role
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// A transaction that somebody forgot must not hold its locks for ever.
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxdecimal.Register(conn.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if err := reach(ctx, pool, o.Patience); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	return pool, nil
}

// reach asks until the database answers, whatever it answers.
func reach(ctx context.Context, pool *pgxpool.Pool, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		err := pool.Ping(ctx)
		if err == nil || !errors.Is(mapError(err), ErrUnavailable) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Close waits for the transactions under way and closes the connections.
func (d *DB) Close() {
	d.app.Close()
	d.across.Close()
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.app.Ping(ctx) }

// In runs fn in one transaction as p: row-level security shows and accepts only
// what p may see and write. An error from fn rolls back. The principal travels
// with BEGIN, in one round trip.
func (d *DB) In(ctx context.Context, p portal.Principal, fn func(q *dbsqlc.Queries) error) error {
	return run(ctx, d.app, "BEGIN; "+setPrincipal(p), fn)
}

// Snapshot is In for a document that is read with several statements: all of
// them see the database as it was at the first one, and none may write.
func (d *DB) Snapshot(ctx context.Context, p portal.Principal, fn func(q *dbsqlc.Queries) error) error {
	return run(ctx, d.app, "BEGIN READ ONLY, ISOLATION LEVEL REPEATABLE READ; "+setPrincipal(p), fn)
}

// Anonymous runs statements before anyone is known: no row is visible, and only
// the functions that take an exact key (a token's hash, a slug) answer. Each
// statement stands alone, so that finding out who asks is one round trip.
func (d *DB) Anonymous(_ context.Context, fn func(q *dbsqlc.Queries) error) error {
	return mapError(fn(dbsqlc.New(d.app)))
}

// Across runs fn over all organizations, for the relay, the sweeps and the
// command line. Its role sees just the tables that they need.
func (d *DB) Across(ctx context.Context, fn func(q *dbsqlc.Queries) error) error {
	return run(ctx, d.across, "BEGIN", fn)
}

// setPrincipal says who is asking. Every value is a UUID or one of our own
// constants, so nothing a person typed gets into the statement.
func setPrincipal(p portal.Principal) string {
	side := "contact"
	if p.Side == portal.SideStaff {
		side = "staff"
	}
	return "SELECT set_config('app.org', '" + p.Org.String() + "', true)" +
		", set_config('app.side', '" + side + "', true)" +
		", set_config('app.customer', '" + p.Customer.String() + "', true)" +
		", set_config('app.actor', '" + p.Actor.String() + "', true)"
}

func run(ctx context.Context, pool *pgxpool.Pool, begin string, fn func(q *dbsqlc.Queries) error) error {
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{BeginQuery: begin}, func(tx pgx.Tx) error {
		return fn(dbsqlc.New(tx))
	})
	return mapError(err)
}

// Listen calls handle with each payload notified on a channel, until ctx ends
// or the connection breaks. It holds a connection of its own.
func (d *DB) Listen(ctx context.Context, channel string, ready func(), handle func(payload string)) error {
	conn, err := d.app.Acquire(ctx)
	if err != nil {
		return mapError(err)
	}
	// A listening connection must not go back among the others.
	own := conn.Hijack()
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = own.Close(closing)
	}()
	if _, err := own.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return mapError(err)
	}
	ready()
	for {
		n, err := own.WaitForNotification(ctx)
		if err != nil {
			return mapError(err)
		}
		handle(n.Payload)
	}
}

// ErrUnavailable is in the chain of an error that says nothing about the
// request: the database could not be reached, or is restarting.
var ErrUnavailable = errors.New("the database is not available")

// mapError gives the errors that callers tell apart their names; others pass.
func mapError(err error) error {
	if err == nil {
		return nil
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "57P"), pg.Code == "53300":
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// NotFound reports whether err says that a row isn't there, or isn't the
// principal's to see.
func NotFound(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// Violates reports whether err is the refusal of the named constraint or unique
// index.
func Violates(err error, constraint string) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.ConstraintName == constraint
}

// Contended reports whether err is Postgres giving up on a deadlock or a
// serialization, where the same transaction may simply run again.
func Contended(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "55P03")
}
