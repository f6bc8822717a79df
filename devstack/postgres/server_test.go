package postgres

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// setup gives a folder for the state of one server, removed with the test.
func setup(t *testing.T) Options {
	t.Helper()
	o := Options{Dir: filepath.Join(t.TempDir(), "postgres"), Disposable: true, Log: t.Output()}
	t.Cleanup(func() {
		if err := Remove(context.Background(), o.Dir); err != nil {
			t.Error(err)
		}
	})
	return o
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// ask runs a statement and returns its one value, as text.
func ask(t *testing.T, s *Server, statement string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var answer string
	if err := conn.QueryRow(t.Context(), statement).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return answer
}

func TestStateIsKeptBetweenRuns(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.Disposable = false
	first := start(t, o)
	ask(t, first, "WITH made AS (SELECT lo_from_bytea(4711, 'a note')) SELECT 'made' FROM made")
	stop(t, first)
	if err := first.Err(); err != nil {
		t.Errorf("after Stop, Err is %v", err)
	}
	if got := ask(t, start(t, o), "SELECT convert_from(lo_get(4711), 'UTF8')"); got != "a note" {
		t.Errorf("the second run reads %q", got)
	}
}

func TestTextIsUnicode(t *testing.T) {
	t.Parallel()
	s := start(t, setup(t))
	if got := ask(t, s, "SHOW server_encoding"); got != "UTF8" {
		t.Errorf("the encoding is %s", got)
	}
	if got := ask(t, s, "SELECT lower('ÄÖÜ É')"); got != "äöü é" {
		t.Errorf("lower case is %q", got)
	}
}

func TestOnlyThePasswordOpensIt(t *testing.T) {
	t.Parallel()
	s := start(t, setup(t))
	if _, err := pgx.Connect(t.Context(), strings.Replace(s.URL(), s.password, "guess", 1)); err == nil {
		t.Error("a guessed password was taken")
	}
	info, err := os.Stat(s.cluster.passwordFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file is %v, %v", info.Mode(), err)
	}
}

// A killed `up` can leave its Postgres behind; the next must start all the same.
func TestAServerOfARunThatWasKilledIsEnded(t *testing.T) {
	t.Parallel()
	o := setup(t)
	left := start(t, o)
	next := start(t, o)
	<-left.Done()
	if got := ask(t, next, "SELECT 'alive'"); got != "alive" {
		t.Error(got)
	}
}

func TestAMarkWhoseNumberAnotherProgramHasIsNoObstacle(t *testing.T) {
	t.Parallel()
	o := setup(t)
	first := start(t, o)
	stop(t, first)
	mark := filepath.Join(first.cluster.data(), "postmaster.pid")
	text := strconv.Itoa(os.Getpid()) + "\n" + first.cluster.data() + "\n1700000000\n5432\n\n127.0.0.1\n"
	if err := os.WriteFile(mark, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := first.cluster.as.own(mark); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, start(t, o), "SELECT 'alive'"); got != "alive" {
		t.Error(got)
	}
}

func TestDataThatWereHalfMadeAreMadeAnew(t *testing.T) {
	t.Parallel()
	o := setup(t)
	c, err := clusterOf(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(c.home, "data.partial", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.home, "data.partial", "PG_VERSION"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, start(t, o), "SELECT 'alive'"); got != "alive" {
		t.Error(got)
	}
}

func TestDataOfAVersionThatIsNotInstalledSayWhatToDo(t *testing.T) {
	t.Parallel()
	o := setup(t)
	first := start(t, o)
	stop(t, first)
	if err := os.WriteFile(filepath.Join(first.cluster.data(), "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "made by Postgres 9; install that version, or begin anew with `countersign up --reset`") {
		t.Errorf("got %v", err)
	}
}

func TestATakenPortIsSaid(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	o := setup(t)
	o.Port = listener.Addr().(*net.TCPAddr).Port
	_, err = Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "Address already in use") {
		t.Errorf("got %v", err)
	}
}

func TestAnEndOfItsOwnIsSaidWithTheLog(t *testing.T) {
	t.Parallel()
	s := start(t, setup(t))
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	// A killed backend makes the others end; a killed server ends alone.
	if err := killServer(s); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	_ = conn.Close(t.Context())
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "Postgres ended (killed); the end of its log") ||
		!strings.Contains(err.Error(), "database system is ready to accept connections") {
		t.Errorf("Err is %v", err)
	}
}

// Root must run Postgres as another user, who can't reach every folder of root's.
func TestTheStateIsWhereWhoRunsPostgresCanReachIt(t *testing.T) {
	t.Parallel()
	o := setup(t)
	if err := os.Chmod(filepath.Dir(o.Dir), 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, o)
	if root, inside := os.Geteuid() == 0, s.cluster.home == o.Dir; root == inside {
		t.Errorf("as root: %v, and the state is in %s", root, s.cluster.home)
	}
	stop(t, s)
	if got := ask(t, start(t, o), "SELECT current_database()"); got != "countersign" {
		t.Errorf("the database is %s", got)
	}
	if err := Remove(t.Context(), o.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.cluster.home); !os.IsNotExist(err) {
		t.Errorf("after Remove, the state is still there: %v", err)
	}
}
