package devstack

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"countersign/devstack/process"
	"countersign/devstack/temporal"
)

// upState is set in the environment of a copy of this test program that is an
// Up with a child of shell; its value is the state folder.
const upState = "DEVSTACK_TEST_STATE"

func TestMain(m *testing.M) {
	state := os.Getenv(upState)
	if state == "" {
		// A first build takes minutes, which no test's clock should count.
		if _, err := temporal.Program(context.Background(), os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	worker := NewProcess(Child{
		Title: "Worker",
		Command: func() (Command, error) {
			return Command{Path: "/bin/sh", Args: []string{"-c", "echo working; while :; do sleep 1; done"}}, nil
		},
		Log:       filepath.Join(state, "worker.log"),
		PIDFile:   filepath.Join(state, "worker.pid"),
		ReadyLine: "working",
		Restart:   true,
	})
	err := Up(context.Background(), Config{
		State:      state,
		Components: []Component{worker},
		Ready:      func(out io.Writer) { _, _ = fmt.Fprintln(out, "ready", worker.PID()) },
	}, os.Stdout)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// up is an Up in a process of its own.
type up struct {
	cmd    *exec.Cmd
	lines  *bufio.Scanner
	worker int // the process that it has started
}

func startUp(t *testing.T, state string) *up {
	t.Helper()
	us, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	u := &up{cmd: exec.Command(us)}
	u.cmd.Env = append(os.Environ(), upState+"="+state)
	u.cmd.Stderr = t.Output()
	stdout, err := u.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.cmd.Process.Kill(); _ = u.cmd.Wait() })
	u.lines = bufio.NewScanner(stdout)
	for u.lines.Scan() {
		if _, err := fmt.Sscanf(u.lines.Text(), "ready %d", &u.worker); err == nil {
			return u
		}
	}
	t.Fatal("it ended before it was ready")
	return nil
}

// rest reads what it says until it has ended.
func (u *up) rest(t *testing.T) string {
	t.Helper()
	var lines []string
	for u.lines.Scan() {
		lines = append(lines, u.lines.Text())
	}
	return strings.Join(lines, "\n")
}

func TestASignalStopsEverythingCleanly(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			u := startUp(t, filepath.Join(t.TempDir(), "state"))
			if err := u.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if said := u.rest(t); said != "Stopping …\nStopped." {
				t.Errorf("it says %q", said)
			}
			if err := u.cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if command, runs := process.CommandLine(u.worker); runs {
				t.Errorf("its worker still runs: %v", command)
			}
		})
	}
}

func TestAnUpThatWasKilledIsFollowedByAnotherOnTheSameState(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	first := startUp(t, state)
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.cmd.Wait()
	second := startUp(t, state)
	if command, runs := process.CommandLine(first.worker); runs {
		t.Errorf("the worker of the first still runs: %v", command)
	}
	if err := second.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if said := second.rest(t); said != "Stopping …\nStopped." {
		t.Errorf("the second says %q", said)
	}
}
