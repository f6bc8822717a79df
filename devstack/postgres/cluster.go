package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// superuser is the one role of a new cluster.
const superuser = "postgres"

// cluster is the data of one server, in a folder that the account can reach:
//
//	data/           the account's
//	password        ours: the superuser's
//	postgres.log    ours
type cluster struct {
	home string
	as   *account
}

// clusterOf finds the cluster whose state belongs to dir.
func clusterOf(dir string) (cluster, error) {
	as, err := chooseAccount()
	if err != nil {
		return cluster{}, err
	}
	home, err := as.home(dir)
	if err != nil {
		return cluster{}, err
	}
	return cluster{home: home, as: as}, nil
}

func (c cluster) data() string         { return filepath.Join(c.home, "data") }
func (c cluster) passwordFile() string { return filepath.Join(c.home, "password") }
func (c cluster) log() string          { return filepath.Join(c.home, "postgres.log") }

// major is the version of Postgres that made the data, 0 when there are none yet.
func (c cluster) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the version of the data: %w", err)
	}
	return numberIn(string(text)), nil
}

func (c cluster) password() (string, error) {
	text, err := os.ReadFile(c.passwordFile())
	if err != nil {
		return "", fmt.Errorf("reading the password of Postgres: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// locales are tried in turn. All of them sort by code point or are used for
// upper and lower case only; which of them exists depends on the system.
var locales = []string{"C.UTF-8", "en_US.UTF-8", "C"}

// initialize makes the data: UTF-8, and a password, made here, for whoever
// connects. It finishes what an earlier run was killed over.
func (c cluster) initialize(ctx context.Context, b binaries, disposable bool) error {
	if err := os.MkdirAll(c.home, 0o711); err != nil {
		return fmt.Errorf("making the folder of Postgres: %w", err)
	}
	if err := os.Chmod(c.home, 0o711); err != nil {
		return fmt.Errorf("making the folder of Postgres: %w", err)
	}
	partial := filepath.Join(c.home, "data.partial")
	words := filepath.Join(c.home, "password.initdb")
	defer func() { _ = os.Remove(words) }()

	password := rand.Text()
	if err := os.WriteFile(c.passwordFile(), []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("keeping the password of Postgres: %w", err)
	}
	if err := os.WriteFile(words, []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("keeping the password of Postgres: %w", err)
	}
	if err := c.as.own(words); err != nil {
		return fmt.Errorf("handing the password to Postgres: %w", err)
	}
	args := []string{
		"--pgdata=" + partial, "--username=" + superuser, "--pwfile=" + words,
		"--auth-host=scram-sha-256", "--auth-local=reject",
		"--encoding=UTF8", "--lc-collate=C", "--lc-messages=C", "--no-instructions",
	}
	if disposable {
		args = append(args, "--no-sync")
	}
	var refused error
	for _, locale := range locales {
		if err := os.RemoveAll(partial); err != nil {
			return fmt.Errorf("clearing half-made data: %w", err)
		}
		if err := os.Mkdir(partial, 0o700); err != nil {
			return fmt.Errorf("making the folder of the data: %w", err)
		}
		if err := c.as.own(partial); err != nil {
			return fmt.Errorf("handing the data's folder to Postgres: %w", err)
		}
		_, refused = run(ctx, c.as, c.home, b.path("initdb"), append(args, "--locale="+locale)...)
		if refused == nil {
			if err := os.Rename(partial, c.data()); err != nil {
				return fmt.Errorf("keeping the new data: %w", err)
			}
			return nil
		}
		if !strings.Contains(refused.Error(), "invalid locale") {
			break
		}
	}
	return fmt.Errorf("initialising Postgres: %w", refused)
}
