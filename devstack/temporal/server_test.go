package temporal

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
)

// A first build takes minutes, which no test's clock should count.
func TestMain(m *testing.M) {
	if _, err := Program(context.Background(), os.Stderr); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func setup(t *testing.T) Options {
	t.Helper()
	return Options{Dir: t.TempDir(), Namespace: "countersign", Headless: true, Disposable: true, Log: t.Output()}
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

func dial(t *testing.T, s *Server) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{HostPort: s.Address(), Namespace: s.Namespace(), Logger: quiet{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func wait(workflow.Context) error { return nil }

// waiting starts a flow that no worker takes up.
func waiting(t *testing.T, s *Server) {
	t.Helper()
	if _, err := dial(t, s).ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "waiting", TaskQueue: "nobody's"}, wait); err != nil {
		t.Fatal(err)
	}
}

func expectWaiting(t *testing.T, s *Server) {
	t.Helper()
	if _, err := dial(t, s).DescribeWorkflowExecution(t.Context(), "waiting", ""); err != nil {
		t.Errorf("the flow of the first run is gone: %v", err)
	}
}

func TestFlowsAreKeptBetweenRunsAndAUIIsServed(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.DBFile, o.Headless, o.Disposable = "temporal.db", false, false
	first := start(t, o)
	response, err := http.Get(first.UI())
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the UI answers %s", response.Status)
	}
	waiting(t, first)
	stop(t, first)
	if err := first.Err(); err != nil {
		t.Errorf("after Stop, Err is %v", err)
	}
	expectWaiting(t, start(t, o))
}

// A killed `up` can leave its Temporal behind; the next must start all the same.
func TestAServerOfARunThatWasKilledIsEndedAndItsFlowsAreKept(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.DBFile = "temporal.db"
	left := start(t, o)
	waiting(t, left)
	next := start(t, o)
	<-left.Done()
	expectWaiting(t, next)
}

func TestFlowsOutliveACrash(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.DBFile = "temporal.db"
	first := start(t, o)
	waiting(t, first)
	if err := syscall.Kill(first.process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	if err := first.Err(); err == nil || !strings.HasPrefix(err.Error(), "Temporal ended (killed)") {
		t.Errorf("Err is %v", err)
	}
	expectWaiting(t, start(t, o))
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
	if err == nil || !strings.Contains(err.Error(), "Temporal ended") || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}

// The server chooses ports for its own parts, and ends when somebody else gets
// one first.
func TestAServerThatEndsWhileItStartsIsStartedAgain(t *testing.T) {
	t.Parallel()
	real, err := Program(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "temporal")
	script := fmt.Sprintf("#!/bin/sh\n[ -e '%[1]s.ran' ] && exec '%[2]s' \"$@\"\n: >'%[1]s.ran'\necho 'panic: failed assigning ephemeral port' >&2\nexit 2\n", program, real)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := startProgram(t.Context(), program, setup(t))
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
}

func TestAStateThatCannotBeOpenedIsSaidWithTheLog(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.DBFile = filepath.Join(o.Dir, "broken.db")
	if err := os.WriteFile(o.DBFile, []byte(strings.Repeat("this is no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "the end of its log "+filepath.Join(o.Dir, "temporal.log")) ||
		!strings.Contains(err.Error(), "not a database") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyAServerThatKnowsOurCallsServes(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)": true,
		"temporal version 1.3.0 (Server 1.27.1, UI 2.36.0)":     true,
		"temporal version 2.0.0 (Server 2.0.0, UI 3.0.0)":       true,
		"temporal version 1.0.0 (Server 1.24.2, UI 2.28.0)":     false,
		"something else called temporal":                        false,
	} {
		if got := serves(version); got != want {
			t.Errorf("%s: %v", version, got)
		}
	}
}
