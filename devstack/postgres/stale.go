package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"countersign/devstack/process"
)

// endStale ends a server that still has the data, because our last run was
// killed before it could stop it.
func (c cluster) endStale(ctx context.Context) error {
	path := filepath.Join(c.data(), "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for a server of an earlier run: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return nil // cut short; Postgres says what is wrong with it
	}
	ours := func(command []string) bool { return slices.Contains(command, c.data()) }
	if command, running := process.CommandLine(pid); running && !ours(command) {
		// The number has gone to another program, as after a restart of the
		// machine. Postgres can't know that and would refuse to start.
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("removing the mark of a server that is gone: %w", err)
		}
		return nil
	}
	return process.End(ctx, pid, ours, syscall.SIGINT, stopTimeout)
}
