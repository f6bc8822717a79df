package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"

	"countersign/devstack/filelock"
	"countersign/devstack/freeport"
	"countersign/devstack/progress"
)

// mavenCentral is where embedded-postgres's builds are published.
const mavenCentral = "https://repo1.maven.org/maven2"

// downloadable is the version that is downloaded where none is installed.
const downloadable = embedded.V18

// download returns the folder of binaries that were fetched from a Maven
// repository, now or earlier, into cache.
func download(ctx context.Context, o Options, cache string, as *account) (string, error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("making the folder for Postgres's programs: %w", err)
	}
	final := filepath.Join(cache, "postgres-"+string(downloadable))
	bin := filepath.Join(final, "bin")
	lock, err := filelock.Wait(ctx, final+".lock", nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Release() }()
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}

	// What was fetched halfway must not be found under its name.
	partial, err := os.MkdirTemp(cache, "partial-")
	if err != nil {
		return "", fmt.Errorf("making the folder for Postgres's programs: %w", err)
	}
	defer func() { _ = os.RemoveAll(partial) }()
	what := "Downloading Postgres " + string(downloadable) + " (first run only)"
	if err := progress.While(o.Log, what, func() error { return fetch(ctx, o.Repository, partial) }); err != nil {
		return "", err
	}
	programs := filepath.Join(partial, "programs")
	if as != nil {
		if err := shareReading(programs); err != nil {
			return "", err
		}
	}
	if err := os.Rename(programs, final); err != nil {
		return "", fmt.Errorf("keeping Postgres's programs: %w", err)
	}
	return bin, nil
}

// fetch puts the programs into dir/programs. The library has no call that only
// fetches: Start goes on to initialise and start a cluster as the current user,
// which as root can't work. An encoding that doesn't exist ends it, always,
// right after the programs have been extracted.
func fetch(ctx context.Context, repository, dir string) error {
	port, err := freeport.Find()
	if err != nil {
		return err
	}
	library := embedded.NewDatabase(embedded.DefaultConfig().
		Version(downloadable).
		BinaryRepositoryURL(repository).
		CachePath(filepath.Join(dir, "archive")).
		BinariesPath(filepath.Join(dir, "programs")).
		RuntimePath(filepath.Join(dir, "runtime")).
		DataPath(filepath.Join(dir, "data")).
		Port(uint32(port)).
		Encoding("extracted").
		Logger(nil))
	ended := make(chan error, 1)
	go func() { ended <- library.Start() }()
	select {
	case <-ctx.Done(): // the library takes no context, and its answer has no use any more
		return ctx.Err()
	case err := <-ended:
		if err == nil {
			return fmt.Errorf("downloading Postgres: initdb took an encoding that doesn't exist; stopping: %w", library.Stop())
		}
		if strings.HasPrefix(err.Error(), "unable to init database") {
			return nil
		}
		return fmt.Errorf("downloading Postgres from %s: %w", repository, err)
	}
}

// shareReading lets every user read what is below dir, whatever our umask is.
func shareReading(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
