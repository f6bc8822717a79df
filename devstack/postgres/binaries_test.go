package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// fake makes a folder whose programs only tell a version.
func fake(t *testing.T, dir string, version string, programs ...string) string {
	t.Helper()
	path := filepath.Join(dir, version)
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s'\n", program, version)
		if err := os.WriteFile(filepath.Join(path, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestChooseTakesTheFirstThatIsNewEnoughAndWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	absent := filepath.Join(dir, "absent")
	alone := fake(t, dir, "18.1", "postgres")
	old := fake(t, dir, "14.9", "postgres", "initdb")
	first := fake(t, dir, "16.4", "postgres", "initdb")
	second := fake(t, dir, "17.2", "postgres", "initdb")
	all := []string{absent, alone, old, first, second}

	for _, c := range []struct {
		what string
		want int
		dir  string
	}{
		{"no data yet", 0, first},
		{"data of 17", 17, second},
		{"data of 14", 14, old},
	} {
		b, err := choose(t.Context(), all, nil, c.want)
		if err != nil || b.dir != c.dir {
			t.Errorf("%s: chose %s, %v; want %s", c.what, b.dir, err, c.dir)
		}
	}
}

func TestChooseSaysWhichVersionsItSawInVain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := fake(t, dir, "13.3", "postgres", "initdb")
	_, err := choose(t.Context(), []string{old}, nil, 0)
	if !errors.Is(err, errNone) || err.Error() != "no Postgres found of version 15, only 13" {
		t.Errorf("got %v", err)
	}
	if _, err := choose(t.Context(), nil, nil, 0); !errors.Is(err, errNone) {
		t.Errorf("got %v", err)
	}
}
