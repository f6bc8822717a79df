package devstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// journal notes what happens, in its order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) expect(t *testing.T, want ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.lines, want) {
		t.Errorf("what happened is\n%s\nnot\n%s", strings.Join(j.lines, "\n"), strings.Join(want, "\n"))
	}
}

// part is a component that writes a journal.
type part struct {
	name    string
	journal *journal
	fails   error
	ended   chan error
	then    func() // called when it has started
}

func (p *part) Name() string { return p.name }

func (p *part) Start(context.Context, io.Writer) (Info, error) {
	if p.fails != nil {
		return Info{}, p.fails
	}
	p.journal.add("start " + p.name)
	if p.then != nil {
		p.then()
	}
	return Info{Says: "somewhere", Ended: p.ended}, nil
}

func (p *part) Stop(context.Context) error {
	p.journal.add("stop " + p.name)
	return nil
}

func (p *part) Recover(context.Context) error {
	p.journal.add("recover " + p.name)
	return nil
}

func TestComponentsStartInOrderAndStopInReverseWhenToldTo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	j := new(journal)
	var out bytes.Buffer
	err := Up(ctx, Config{
		State:      filepath.Join(t.TempDir(), "state"),
		Components: []Component{&part{name: "Database", journal: j}, &part{name: "Worker", journal: j}},
		Ready: func(out io.Writer) {
			_, _ = fmt.Fprintln(out, "Open http://localhost:8080")
			cancel()
		},
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	j.expect(t, "recover Worker", "recover Database", "start Database", "start Worker", "stop Worker", "stop Database")
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"Database somewhere 0.0 s", "Worker somewhere 0.0 s", "Open http://localhost:8080", "Stopping …", "Stopped."}
	if !slices.Equal(lines, want) {
		t.Errorf("it says\n%s", out.String())
	}
}

func TestAComponentThatCannotStartEndsTheOthers(t *testing.T) {
	t.Parallel()
	j := new(journal)
	broken := errors.New("the disk is full")
	var out bytes.Buffer
	err := Up(t.Context(), Config{
		State: filepath.Join(t.TempDir(), "state"),
		Components: []Component{
			&part{name: "Database", journal: j},
			&part{name: "Worker", journal: j, fails: broken},
			&part{name: "API", journal: j},
		},
		Ready: func(io.Writer) { t.Error("it is called ready") },
	}, &out)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "starting Worker: ") {
		t.Errorf("got %v", err)
	}
	j.expect(t, "recover API", "recover Worker", "recover Database", "start Database", "stop Database")
	if !strings.Contains(out.String(), "Worker failed; stopping the rest …") {
		t.Errorf("it says\n%s", out.String())
	}
}

func TestAComponentThatEndsByItselfEndsTheOthersAndIsSaid(t *testing.T) {
	t.Parallel()
	j := new(journal)
	ended := make(chan error, 1)
	reason := errors.New("Database ended (killed); the end of its log x:\nout of memory")
	var out bytes.Buffer
	err := Up(t.Context(), Config{
		State: filepath.Join(t.TempDir(), "state"),
		Components: []Component{
			&part{name: "Database", journal: j, ended: ended},
			&part{name: "Worker", journal: j},
		},
		Ready: func(io.Writer) { ended <- reason },
	}, &out)
	if !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
	j.expect(t, "recover Worker", "recover Database", "start Database", "start Worker", "stop Worker", "stop Database")
	if !strings.Contains(out.String(), "Database failed; stopping the rest …") {
		t.Errorf("it says\n%s", out.String())
	}
}

func TestBeingToldToEndWhileStartingIsNoFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	j := new(journal)
	err := Up(ctx, Config{
		State: filepath.Join(t.TempDir(), "state"),
		Components: []Component{
			&part{name: "Database", journal: j, then: cancel},
			&part{name: "Worker", journal: j},
		},
	}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	j.expect(t, "recover Worker", "recover Database", "start Database", "stop Database")
}

func TestASecondUpSaysWhereTheFirstIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := Config{State: filepath.Join(t.TempDir(), "state"), Address: "http://localhost:8080"}
	c.Ready = func(io.Writer) {
		var running *RunningError
		err := Up(ctx, Config{State: c.State, Reset: true, Address: "http://localhost:9090"}, t.Output())
		if !errors.As(err, &running) || running.Address != c.Address || running.PID != os.Getpid() {
			t.Errorf("the second gives %v", err)
		}
		cancel()
	}
	if err := Up(ctx, c, t.Output()); err != nil {
		t.Fatal(err)
	}
	again, cancel := context.WithCancel(t.Context())
	c.Ready = func(io.Writer) { cancel() }
	if err := Up(again, c, t.Output()); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

// elsewhere is a component with state outside the folder.
type elsewhere struct {
	part
	file string
}

func (e *elsewhere) Reset(context.Context) error { return os.Remove(e.file) }

func TestResetDeletesAllState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "elsewhere")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state")
	kept := filepath.Join(state, "postgres", "data")
	run := func(reset bool, keep func()) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		err := Up(ctx, Config{
			State: state, Reset: reset,
			Components: []Component{&elsewhere{part{name: "Database", journal: new(journal), then: keep}, file}},
			Ready:      func(io.Writer) { cancel() },
		}, t.Output())
		if err != nil {
			t.Fatal(err)
		}
	}
	run(false, func() {
		if err := os.MkdirAll(kept, 0o700); err != nil {
			t.Error(err)
		}
	})
	run(false, nil)
	if _, err := os.Stat(kept); err != nil {
		t.Fatalf("without a reset the state is gone: %v", err)
	}
	run(true, nil)
	for _, path := range []string{kept, file} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("after a reset %s is still there: %v", path, err)
		}
	}
}

func TestAFolderWithOtherFilesIsNeverTaken(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	letter := filepath.Join(state, "letter.txt")
	if err := os.WriteFile(letter, []byte("Dear Ada"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Up(t.Context(), Config{State: state, Reset: true}, t.Output())
	if err == nil || !strings.Contains(err.Error(), "has files that aren't Countersign's") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(letter); err != nil {
		t.Errorf("the letter: %v", err)
	}
}

func TestPortsThatCannotBeUsedAreSaidWithTheirSettingsBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	taken := listener.Addr().(*net.TCPAddr).Port
	j := new(journal)
	err = Up(t.Context(), Config{
		State: filepath.Join(t.TempDir(), "state"),
		Ports: []Port{
			{Number: taken, For: "the pages and the API", Setting: "--port or PORT"},
			{Number: 1, For: "Temporal", Setting: "--temporal-port"},
			{Number: 1, For: "the inbox", Setting: "--inbox-port"},
			{Number: 0, For: "Postgres", Setting: "--postgres-port"},
		},
		Components: []Component{&part{name: "Database", journal: j}},
	}, t.Output())
	want := fmt.Sprintf("port %d, for the pages and the API, is taken by another program: end that one, or choose another port with --port or PORT\n"+
		"port 1 is wanted twice, for Temporal and for the inbox: choose another with --inbox-port", taken)
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v", err)
	}
	j.expect(t, "recover Database")
}
