package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"
)

// poll is how often a process that isn't our child is looked at; the system
// tells us of the end of our own children only.
const poll = 20 * time.Millisecond

// memory is what a PID file holds. A number alone could by now belong to
// another program, so the command line goes with it.
type memory struct {
	PID     int      `json:"pid"`
	Command []string `json:"command"`
}

func remember(path string, pid int, command []string) error {
	text, err := json.Marshal(memory{PID: pid, Command: command})
	if err != nil {
		return fmt.Errorf("writing a PID file: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("writing a PID file: %w", err)
	}
	return nil
}

// EndStale ends the process that pidFile remembers from an earlier run which
// was killed before it could stop it. No file, or no such process: nothing to do.
func EndStale(ctx context.Context, pidFile string, signal syscall.Signal, timeout time.Duration) error {
	text, err := os.ReadFile(pidFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a PID file: %w", err)
	}
	var m memory
	// A file that was cut short names nothing that could be ended.
	if json.Unmarshal(text, &m) == nil && m.PID > 0 {
		same := func(command []string) bool { return slices.Equal(command, split(m.Command)) }
		if err := End(ctx, m.PID, same, signal, timeout); err != nil {
			return err
		}
	}
	if err := os.Remove(pidFile); err != nil {
		return fmt.Errorf("removing an old PID file: %w", err)
	}
	return nil
}

// End ends a process that isn't our child: with signal, and after timeout, or
// when ctx ends, with SIGKILL. It touches nothing unless ours accepts the
// process's command line.
func End(ctx context.Context, pid int, ours func(command []string) bool, signal syscall.Signal, timeout time.Duration) error {
	running := func() bool {
		command, ok := CommandLine(pid)
		return ok && ours(command)
	}
	if !running() {
		return nil
	}
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("ending process %d of an earlier run: %w", pid, err)
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	late := time.NewTimer(timeout)
	defer late.Stop()
	stop := ctx.Done()
	for running() {
		select {
		case <-tick.C:
		case <-late.C:
			_ = syscall.Kill(pid, syscall.SIGKILL)
		case <-stop:
			_ = syscall.Kill(pid, syscall.SIGKILL)
			stop = nil
		}
	}
	return nil
}
