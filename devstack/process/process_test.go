package process

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// parent is set in the environment of a copy of this test program that only
// starts a child and waits to be killed; its value is the child's log.
const parent = "PROCESS_TEST_PARENT"

func TestMain(m *testing.M) {
	if log := os.Getenv(parent); log != "" {
		if _, err := Start(shell(log, "echo ready; while :; do sleep 1; done")); err != nil {
			panic(err)
		}
		select {}
	}
	os.Exit(m.Run())
}

// shell is a spec that runs a line of shell.
func shell(log, line string) Spec {
	return Spec{Name: "Fake", Path: "/bin/sh", Args: []string{"-c", line}, Log: log}
}

func start(t *testing.T, spec Spec) *Process {
	t.Helper()
	p, err := Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(context.Background()) })
	return p
}

// pipe is a log whose lines can be waited for, and which ends when the last of
// its writers has ended.
type pipe struct {
	path  string
	lines *bufio.Reader
	hold  *os.File // keeps it from ending before its first writer
}

func newPipe(t *testing.T) *pipe {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	hold, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hold.Close(); _ = reader.Close() })
	return &pipe{path: path, lines: bufio.NewReader(reader), hold: hold}
}

// expect reads one line.
func (p *pipe) expect(t *testing.T, want string) {
	t.Helper()
	got, err := p.lines.ReadString('\n')
	if err != nil || strings.TrimSpace(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

// expectEnd waits until no process has the log open any more.
func (p *pipe) expectEnd(t *testing.T) {
	t.Helper()
	if err := p.hold.Close(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(p.lines); err != nil || len(rest) > 0 {
		t.Errorf("until the end of the log: %q, %v", rest, err)
	}
}

func TestAProcessThatEndsByItselfSaysHowAndTheEndOfItsLog(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "logs", "fake.log")
	first := start(t, shell(log, "echo from the first run"))
	<-first.Done()
	p := start(t, shell(log, "for i in $(seq 100); do echo line $i; done; exit 3"))
	<-p.Done()
	var ended *EndedError
	if !errors.As(p.Err(), &ended) {
		t.Fatalf("Err is %v", p.Err())
	}
	if ended.How != "exit status 3" {
		t.Errorf("it ended by %q", ended.How)
	}
	lines := strings.Split(ended.Tail, "\n")
	if len(lines) != tailLines || lines[len(lines)-1] != "line 100" {
		t.Errorf("the tail is %q", ended.Tail)
	}
	if text := p.Err().Error(); !strings.HasPrefix(text, "Fake ended (exit status 3); the end of its log "+log) {
		t.Errorf("the error says %q", text)
	}
}

func TestTheTailShowsOnlyWhatTheLastRunLogged(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "fake.log")
	<-start(t, shell(log, "echo old")).Done()
	p := start(t, shell(log, "exit 1"))
	<-p.Done()
	if got := p.Err().Error(); got != "Fake ended (exit status 1), and logged nothing" {
		t.Errorf("the error says %q", got)
	}
}

func TestAKilledProcessSaysSo(t *testing.T) {
	t.Parallel()
	p := start(t, shell(filepath.Join(t.TempDir(), "log"), "while :; do sleep 1; done"))
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	var ended *EndedError
	if !errors.As(p.Err(), &ended) || ended.How != "killed" {
		t.Errorf("Err is %v", p.Err())
	}
}

func TestStopSendsTheSignalAndWaits(t *testing.T) {
	t.Parallel()
	log := newPipe(t)
	spec := shell(log.path, "trap 'echo goodbye; exit 0' INT; echo ready; while :; do sleep 0.05; done")
	spec.StopSignal = syscall.SIGINT
	p := start(t, spec)
	log.expect(t, "ready")
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	log.expect(t, "goodbye")
	if err := p.Err(); err != nil {
		t.Errorf("after Stop, Err is %v", err)
	}
}

func TestStopKillsAProcessThatIgnoresItAndWhatItStarted(t *testing.T) {
	t.Parallel()
	log := newPipe(t)
	spec := shell(log.path, "trap '' TERM; echo ready; sleep 1000 & wait; while :; do sleep 1; done")
	spec.StopTimeout = time.Millisecond
	p := start(t, spec)
	log.expect(t, "ready")
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The log ends only when nobody of the group is left to write to it.
	log.expectEnd(t)
}

func TestEndStaleEndsWhatThePIDFileRemembers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	spec := shell(filepath.Join(dir, "log"), "while :; do sleep 1; done")
	spec.PIDFile = filepath.Join(dir, "fake.pid")
	p := start(t, spec)
	if err := EndStale(t.Context(), spec.PIDFile, syscall.SIGTERM, time.Minute); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if _, err := os.Stat(spec.PIDFile); !os.IsNotExist(err) {
		t.Errorf("the PID file is still there: %v", err)
	}
}

func TestEndStaleSparesAnotherProgramThatGotTheNumber(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, shell(filepath.Join(dir, "log"), "while :; do sleep 1; done"))
	pidFile := filepath.Join(dir, "fake.pid")
	if err := remember(pidFile, p.PID(), []string{"/usr/bin/temporal", "server", "start-dev"}); err != nil {
		t.Fatal(err)
	}
	if err := EndStale(t.Context(), pidFile, syscall.SIGKILL, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.PID(), 0); err != nil || p.Err() != nil {
		t.Errorf("the other program is gone: %v, %v", err, p.Err())
	}
}

func TestEndStaleHasNothingToDoWithoutAProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"absent":  "",
		"cut":     `{"pid": 12`,
		"ended":   `{"pid":` + strconv.Itoa(1<<22+1) + `,"command":["/bin/sh"]}`,
		"nothing": `{}`,
	} {
		path := filepath.Join(dir, name)
		if name != "absent" {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := EndStale(t.Context(), path, syscall.SIGKILL, time.Minute); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALogThatHasGrownIsSetAside(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(log, make([]byte, maxLog+1), 0o600); err != nil {
		t.Fatal(err)
	}
	<-start(t, shell(log, "echo new")).Done()
	text, err := os.ReadFile(log)
	if err != nil || string(text) != "new\n" {
		t.Errorf("the log holds %d bytes, %v", len(text), err)
	}
	if info, err := os.Stat(log + ".1"); err != nil || info.Size() != maxLog+1 {
		t.Errorf("the old log: %v", err)
	}
}
