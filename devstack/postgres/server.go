// Package postgres runs a Postgres for the development stack and the tests:
// one that is installed, or else one that is downloaded.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"countersign/devstack/freeport"
	"countersign/devstack/process"
)

const (
	// stopTimeout is how long a fast shutdown, with its checkpoint, may take.
	stopTimeout = 20 * time.Second
	// readyTimeout leaves room for recovery after a crash.
	readyTimeout = 60 * time.Second
	// poll is how often a starting server is asked whether it is ready.
	poll = 10 * time.Millisecond
	// attempts at a free port, in case somebody else gets it first.
	attempts = 5
)

// Options of Start.
type Options struct {
	// Dir keeps the state between runs; made if absent. As root, when the
	// unprivileged user that Postgres runs as can't reach Dir, the state is
	// kept in /var/tmp/countersign-postgres, in a folder that belongs to Dir.
	Dir string
	// Port on 127.0.0.1; 0 is a free one.
	Port int
	// Database is made if absent; empty is "countersign".
	Database string
	// Repository is the Maven repository to download Postgres from where none
	// is installed; empty is Maven Central.
	Repository string
	// Disposable trades safety for speed: a crash of the machine may destroy
	// the data. For tests.
	Disposable bool
	// Log gets lines of progress; nil drops them.
	Log io.Writer

	folders []string // to look for binaries in; nil is where systems install them
	cache   string   // for downloaded binaries; empty is the user's, or root's shelter
}

// Server is a running Postgres.
type Server struct {
	cluster  cluster
	process  *process.Process
	port     int
	password string
	database string
}

// Start makes the data if there are none, starts the server on them, and
// returns once it answers and has its database. A server that a crash of ours
// left behind is ended first.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Database == "" {
		o.Database = "countersign"
	}
	if o.Repository == "" {
		o.Repository = mavenCentral
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	c, err := clusterOf(o.Dir)
	if err != nil {
		return nil, err
	}
	major, err := c.major()
	if err != nil {
		return nil, err
	}
	b, err := find(ctx, o, c.as, major)
	if err != nil {
		return nil, err
	}
	if major == 0 {
		err = c.initialize(ctx, b, o.Disposable)
	} else {
		err = c.endStale(ctx)
	}
	if err != nil {
		return nil, err
	}
	password, err := c.password()
	if err != nil {
		return nil, err
	}
	s := &Server{cluster: c, password: password, database: o.Database}
	if err := s.start(ctx, b, o); err != nil {
		return nil, err
	}
	if err := s.ensureDatabase(ctx); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// find returns installed binaries, or downloaded ones.
func find(ctx context.Context, o Options, as *account, major int) (binaries, error) {
	dirs := o.folders
	if dirs == nil {
		dirs = installed()
	}
	b, missing := choose(ctx, dirs, as, major)
	if missing == nil {
		return b, nil
	}
	cache := o.cache
	if cache == "" {
		var err error
		if cache, err = defaultCache(as); err != nil {
			return binaries{}, err
		}
	}
	if major != 0 && major != numberIn(string(downloadable)) {
		return binaries{}, fmt.Errorf("%w: the data in %s were made by Postgres %d; install that version, or begin anew with `countersign up --reset`", missing, o.Dir, major)
	}
	dir, err := download(ctx, o, cache, as)
	if err == nil {
		b, err = choose(ctx, []string{dir}, as, major)
	}
	if ctx.Err() != nil {
		return binaries{}, ctx.Err()
	}
	if err != nil {
		return binaries{}, fmt.Errorf("%w on PATH, in /usr/lib/postgresql or from Homebrew, and none could be had (%w). "+
			"Install Postgres %d or newer (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql@17), or set DATABASE_URL to one that runs",
			missing, err, oldest)
	}
	return b, nil
}

// defaultCache is where downloaded binaries are kept: as root, where the
// account can reach them.
func defaultCache(as *account) (string, error) {
	if as != nil {
		return shelter()
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for Postgres's programs: %w", err)
	}
	return filepath.Join(cache, "countersign"), nil
}

// start runs the server on the wanted port, or on one that is free.
func (s *Server) start(ctx context.Context, b binaries, o Options) error {
	if o.Port != 0 {
		return s.startOn(ctx, b, o.Port, o.Disposable)
	}
	var err error
	for range attempts {
		var port int
		if port, err = freeport.Find(); err != nil {
			return err
		}
		err = s.startOn(ctx, b, port, o.Disposable)
		if err == nil || !freeport.Taken(port) {
			return err
		}
	}
	return err
}

func (s *Server) startOn(ctx context.Context, b binaries, port int, disposable bool) error {
	settings := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=", // one way in is enough, and a socket's path may be too long for the system
		"max_connections=300",
		"lc_messages=C",
		"log_timezone=UTC",
		"timezone=UTC",
	}
	if disposable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB")
	}
	args := []string{"-D", s.cluster.data()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	p, err := process.Start(process.Spec{
		Name: "Postgres",
		Path: b.path("postgres"),
		Args: args,
		Env:  environment(),
		Dir:  s.cluster.home,
		Log:  s.cluster.log(),
		// SIGINT is Postgres's fast shutdown: it ends sessions and writes a checkpoint.
		StopSignal:  syscall.SIGINT,
		StopTimeout: stopTimeout,
		Credential:  s.cluster.as.credential(),
	})
	if err != nil {
		return err
	}
	s.process, s.port = p, port
	if err := s.waitReady(ctx); err != nil {
		return errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return nil
}

// waitReady returns when the server accepts a connection.
func (s *Server) waitReady(ctx context.Context) error {
	// A connection attempt must not outlive the server: somebody else who has
	// the port may take the connection and never answer.
	connecting, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	go func() {
		select {
		case <-s.process.Done():
			cancel()
		case <-connecting.Done():
		}
	}()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(connecting, s.url(superuser))
		if err == nil {
			return conn.Close(connecting)
		}
		select {
		case <-tick.C:
		case <-connecting.Done():
		}
		if connecting.Err() == nil {
			continue
		}
		if ended := s.process.Err(); ended != nil {
			return ended
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waiting for Postgres: %w", ctx.Err())
		}
		return fmt.Errorf("Postgres didn't answer within %s: %w", readyTimeout, err) //nolint:staticcheck // a product's name
	}
}

// ensureDatabase makes the database of the options unless it is there.
func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url(superuser))
	if err != nil {
		return fmt.Errorf("connecting to Postgres: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", s.database).Scan(&exists)
	if err != nil {
		return fmt.Errorf("looking for the database %s: %w", s.database, err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{s.database}.Sanitize()); err != nil {
		return fmt.Errorf("making the database %s: %w", s.database, err)
	}
	return nil
}

// URL is the address of the server's database, with its user and password.
// The user may do everything.
func (s *Server) URL() string { return s.url(s.database) }

func (s *Server) url(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, s.password),
		Host:     s.Address(),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Address is the host and port that the server listens on.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// LogFile is the path of the server's log.
func (s *Server) LogFile() string { return s.cluster.log() }

// Done is closed when the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }

// Err says why the server ended, if it ended by itself.
func (s *Server) Err() error { return s.process.Err() }

// Stop ends the server: sessions are ended, and the data are left complete.
func (s *Server) Stop(ctx context.Context) error { return s.process.Stop(ctx) }

// EndStale ends a server that still runs on the state of dir, because a run of
// ours was killed before it could stop it.
func EndStale(ctx context.Context, dir string) error {
	c, err := clusterOf(dir)
	if err != nil {
		return err
	}
	return c.endStale(ctx)
}

// Remove ends a server that still runs on the state of dir, and deletes that
// state, wherever it is kept.
func Remove(ctx context.Context, dir string) error {
	c, err := clusterOf(dir)
	if err != nil {
		return err
	}
	if err := c.endStale(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(c.home); err != nil {
		return fmt.Errorf("deleting the state of Postgres: %w", err)
	}
	return nil
}
