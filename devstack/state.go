package devstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"countersign/devstack/filelock"
)

// The files of the state folder that are Up's own.
const (
	marker   = "README.txt" // tells that the folder is one of ours
	lockFile = "lock"       // held while an Up runs on it
	whoFile  = "running.json"
)

const markerText = "`countersign up` keeps its state here: databases, logs, emails.\n" +
	"It is for development only. `countersign up --reset` deletes it.\n"

// RunningError says that another Up runs on the same state.
type RunningError struct {
	PID     int    `json:"pid"`
	Address string `json:"address"` // where a person finds it
}

func (e *RunningError) Error() string {
	return fmt.Sprintf("Countersign is already running, at %s (process %d). To stop it, press Ctrl-C where it was started", e.Address, e.PID)
}

// state is a state folder that this process has to itself.
type state struct {
	path string
	lock *filelock.Lock
}

// claim makes the folder if it is absent, and takes it.
func claim(path, address string) (*state, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the state folder: %w", err)
	}
	// Others may pass through, so that Postgres, which root must run as
	// another user, reaches its own part. What is secret has its own mode.
	if err := os.MkdirAll(path, 0o711); err != nil {
		return nil, fmt.Errorf("making the state folder: %w", err)
	}
	if err := mark(path); err != nil {
		return nil, err
	}
	lock, err := filelock.Try(filepath.Join(path, lockFile))
	if errors.Is(err, filelock.ErrHeld) {
		return nil, whoRuns(path)
	}
	if err != nil {
		return nil, err
	}
	s := &state{path: path, lock: lock}
	text, err := json.Marshal(RunningError{PID: os.Getpid(), Address: address})
	if err == nil {
		err = os.WriteFile(filepath.Join(path, whoFile), text, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing who runs: %w", err), lock.Release())
	}
	return s, nil
}

// mark puts our mark into an empty folder, and refuses one with other people's
// files: a reset would delete them.
func mark(path string) error {
	file := filepath.Join(path, marker)
	if text, err := os.ReadFile(file); err == nil && string(text) == markerText {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("reading the state folder: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s has files that aren't Countersign's; choose another folder for its state, or an empty one", path)
	}
	if err := os.WriteFile(file, []byte(markerText), 0o600); err != nil {
		return fmt.Errorf("marking the state folder: %w", err)
	}
	return nil
}

// whoRuns reads what the holder of the lock wrote about itself.
func whoRuns(path string) error {
	running := &RunningError{Address: "an address that it hasn't said yet"}
	if text, err := os.ReadFile(filepath.Join(path, whoFile)); err == nil {
		_ = json.Unmarshal(text, running) // else it is just starting
	}
	return running
}

// wipe deletes all state: what components keep elsewhere, and all of the
// folder but what says that it is ours and taken.
func (s *state) wipe(ctx context.Context, components []Component) error {
	for _, c := range components {
		if r, ok := c.(Resetter); ok {
			if err := r.Reset(ctx); err != nil {
				return fmt.Errorf("deleting the state of %s: %w", c.Name(), err)
			}
		}
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return fmt.Errorf("reading the state folder: %w", err)
	}
	for _, entry := range entries {
		switch entry.Name() {
		case marker, lockFile, whoFile:
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.path, entry.Name())); err != nil {
			return fmt.Errorf("deleting old state: %w", err)
		}
	}
	return nil
}

func (s *state) release() error {
	if err := os.Remove(filepath.Join(s.path, whoFile)); err != nil {
		return errors.Join(fmt.Errorf("removing who runs: %w", err), s.lock.Release())
	}
	return s.lock.Release()
}
