package postgres

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version that the schema and the tests can use
// (CREATE DATABASE … STRATEGY, NULLS NOT DISTINCT).
const oldest = 15

// binaries is a folder with postgres and initdb of one version.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// installed lists the folders in which Postgres may be: PATH's first, then
// Debian's and its relatives', Red Hat's, and Homebrew's, newest version first.
func installed() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// initdb lies beside the program, not always beside a link to it.
		if target, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		slices.SortFunc(found, func(a, b string) int { return numberIn(b) - numberIn(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

var digits = regexp.MustCompile(`[0-9]+`)

// numberIn returns the first number in a text, or 0.
func numberIn(text string) int {
	n, err := strconv.Atoi(digits.FindString(text))
	if err != nil {
		return 0
	}
	return n
}

// errNone means that no folder has a Postgres that serves.
var errNone = errors.New("no Postgres found")

// choose returns the first binaries that the account can run and that are new
// enough; where data exist, of the major version that made them, since another
// can't read them. want is that version, or 0.
func choose(ctx context.Context, dirs []string, as *account, want int) (binaries, error) {
	var others []string
	for _, dir := range dirs {
		major, err := version(ctx, dir, as)
		switch {
		case err != nil:
			continue
		case want == 0 && major >= oldest, want == major:
			return binaries{dir: dir, major: major}, nil
		}
		if other := strconv.Itoa(major); !slices.Contains(others, other) {
			others = append(others, other)
		}
	}
	if len(others) == 0 {
		return binaries{}, errNone
	}
	if want == 0 {
		want = oldest
	}
	return binaries{}, fmt.Errorf("%w of version %d, only %s", errNone, want, strings.Join(others, ", "))
}

// version asks both programs for it, as the account that is to run them.
func version(ctx context.Context, dir string, as *account) (int, error) {
	var major int
	for _, program := range []string{"postgres", "initdb"} {
		out, err := run(ctx, as, "/", filepath.Join(dir, program), "--version")
		if err != nil {
			return 0, err
		}
		major = numberIn(out) // "postgres (PostgreSQL) 15.8 (Debian 15.8-0)"
	}
	return major, nil
}
