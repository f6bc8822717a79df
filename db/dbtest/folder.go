package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"countersign/devstack/filelock"
	"countersign/devstack/postgres"
)

// prefix of the folders that test programs keep their Postgres in.
const prefix = "countersign-dbtest-"

// folder is one test program's folder. While the program lives it holds the
// lock inside, so that what a killed one left can be told and removed.
type folder struct {
	path string
	lock *filelock.Lock
}

// newFolder makes a folder in parent, and removes those whose programs are gone.
func newFolder(parent string) (*folder, error) {
	removeAbandoned(parent)
	path, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, fmt.Errorf("making a folder for the tests' Postgres: %w", err)
	}
	// As root, another user runs Postgres and must pass.
	if err := os.Chmod(path, 0o711); err != nil {
		return nil, fmt.Errorf("making a folder for the tests' Postgres: %w", err)
	}
	lock, err := filelock.Try(filepath.Join(path, "lock"))
	if err != nil {
		return nil, err
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) state() string { return filepath.Join(f.path, "postgres") }

func (f *folder) remove(ctx context.Context) error {
	if err := postgres.Remove(ctx, f.state()); err != nil {
		return err
	}
	if err := os.RemoveAll(f.path); err != nil {
		return fmt.Errorf("removing the folder of the tests' Postgres: %w", err)
	}
	return f.lock.Release()
}

// removeAbandoned removes the folders, in parent, of test programs that were
// killed. One that can't be removed, as another user's, is left alone.
func removeAbandoned(parent string) {
	paths, err := filepath.Glob(filepath.Join(parent, prefix+"*"))
	if err != nil {
		return
	}
	for _, path := range paths {
		file := filepath.Join(path, "lock")
		if _, err := os.Stat(file); err != nil {
			continue // just being made
		}
		lock, err := filelock.Try(file)
		if err != nil {
			continue
		}
		_ = (&folder{path: path, lock: lock}).remove(context.Background())
	}
}
