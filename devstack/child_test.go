package devstack

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"countersign/devstack/freeport"
)

// child is a component that runs a line of shell.
func child(t *testing.T, line string) Child {
	t.Helper()
	dir := t.TempDir()
	return Child{
		Title:   "Worker",
		Command: func() (Command, error) { return Command{Path: "/bin/sh", Args: []string{"-c", line}}, nil },
		Log:     filepath.Join(dir, "worker.log"),
		PIDFile: filepath.Join(dir, "worker.pid"),
	}
}

// run starts a component, and stops it with the test. Its progress can be read
// line by line.
func run(t *testing.T, c Component) (Info, *bufio.Reader) {
	t.Helper()
	read, write := io.Pipe()
	info, err := c.Start(t.Context(), write)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = read.Close() // nobody reads any more
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return info, bufio.NewReader(read)
}

func expectLine(t *testing.T, progress *bufio.Reader, want string) {
	t.Helper()
	line, err := progress.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != want {
		t.Fatalf("it says %q, %v; not %q", line, err, want)
	}
}

func TestAKilledChildIsStartedAgainAndSaysSo(t *testing.T) {
	t.Parallel()
	c := child(t, "echo working; while :; do sleep 1; done")
	c.ReadyLine, c.Restart = "working", true
	p := NewProcess(c)
	_, progress := run(t, p)
	for range 2 {
		before := p.PID()
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		expectLine(t, progress, "Worker ended (killed); starting it again")
		expectLine(t, progress, "Worker runs again")
		if p.PID() == before {
			t.Errorf("it is still process %d", before)
		}
	}
}

func TestAChildThatNeverServesAgainIsGivenUpWithTheEndOfItsLog(t *testing.T) {
	t.Parallel()
	c := child(t, "")
	broken := filepath.Join(t.TempDir(), "broken")
	c.Command = func() (Command, error) {
		return Command{Path: "/bin/sh", Args: []string{"-c", "test -e " + broken + " && { echo no database; exit 7; }; echo working; while :; do sleep 1; done"}}, nil
	}
	c.ReadyLine, c.Restart = "working", true
	p := NewProcess(c)
	p.pause = time.Millisecond
	info, progress := run(t, p)
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	expectLine(t, progress, "Worker ended (killed); starting it again")
	err := <-info.Ended
	if err == nil || !strings.HasPrefix(err.Error(), "Worker ended (exit status 7); the end of its log "+c.Log) || !strings.HasSuffix(err.Error(), "no database") {
		t.Errorf("it ended with %v", err)
	}
	text, err := os.ReadFile(c.Log)
	if err != nil || strings.Count(string(text), "no database") != restarts {
		t.Errorf("it was tried again, by its log:\n%s%v", text, err)
	}
}

func TestAChildWithoutRestartEndsTheStackByItsEnd(t *testing.T) {
	t.Parallel()
	c := child(t, "echo working; while :; do sleep 1; done")
	c.ReadyLine = "working"
	p := NewProcess(c)
	info, _ := run(t, p)
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-info.Ended; err == nil || !strings.HasPrefix(err.Error(), "Worker ended (killed); the end of its log "+c.Log+":\nworking") {
		t.Errorf("it ended with %v", err)
	}
}

func TestAChildThatIsNotReadyInTimeIsSaidWithTheEndOfItsLogAndEnded(t *testing.T) {
	t.Parallel()
	c := child(t, "echo waiting for the database; while :; do sleep 1; done")
	c.ReadyLine, c.ReadyTimeout = "working", 300*time.Millisecond
	_, err := NewProcess(c).Start(t.Context(), t.Output())
	if err == nil || !strings.Contains(err.Error(), "Worker wasn't ready within 300ms") || !strings.Contains(err.Error(), "waiting for the database") {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(c.PIDFile); !os.IsNotExist(err) {
		t.Errorf("it still runs: %v", err)
	}
}

func TestAChildIsReadyWhenItsAddressAnswers(t *testing.T) {
	t.Parallel()
	port, err := freeport.Find()
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	// The answers come from here, the process only lives: ready is what answers.
	c := child(t, "while :; do sleep 1; done")
	c.ReadyURL = "http://" + address + "/healthz"
	asked := make(chan struct{}, 1000)
	var ready bool
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		ready = true // for the second question
		asked <- struct{}{}
	})}
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	run(t, NewProcess(c))
	if n := len(asked); n != 2 {
		t.Errorf("it was asked %d times", n)
	}
}

// handler is a fake simulator.
type handler struct {
	http.HandlerFunc
	closed bool
}

func (h *handler) Close() error {
	h.closed = true
	return nil
}

func TestAServedHandlerAnswersUntilItIsStopped(t *testing.T) {
	t.Parallel()
	h := &handler{HandlerFunc: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }}
	c := Serve("Inbox", 0, func() (Handler, error) { return h, nil })
	info, err := c.Start(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(info.Says)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil || string(text) != "hello" {
		t.Errorf("it answers %q, %v", text, err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !h.closed {
		t.Error("the handler wasn't closed")
	}
	if _, err := http.Get(info.Says); err == nil {
		t.Error("it still answers")
	}
	select {
	case err := <-info.Ended:
		t.Errorf("it ended by itself: %v", err)
	default:
	}
}
