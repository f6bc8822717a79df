package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that Postgres runs as when we are root, which Postgres
// refuses to be. A nil account is ourselves.
type account struct{ uid, gid int }

// chooseAccount returns nil unless we are root.
func chooseAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(found.Uid)
		if err != nil || uid == 0 {
			continue
		}
		gid, err := strconv.Atoi(found.Gid)
		if err != nil {
			continue
		}
		return &account{uid: uid, gid: gid}, nil
	}
	return nil, errors.New("Postgres doesn't run as root, and there is neither a user postgres nor nobody to run it as: run this as an ordinary user") //nolint:staticcheck // a product's name
}

func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// own gives a file or folder of ours to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// home returns the folder for the state that belongs to dir: dir itself, or,
// when the account can't reach dir (as one below /root), a folder outside that
// is always the same for one dir.
func (a *account) home(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the folder of Postgres: %w", err)
	}
	if a == nil {
		return dir, nil
	}
	// Whether the account can pass mustn't change once the folder is made.
	if err := os.MkdirAll(filepath.Dir(dir), 0o711); err != nil {
		return "", fmt.Errorf("making the folder of Postgres: %w", err)
	}
	if passable(filepath.Dir(dir)) {
		return dir, nil
	}
	shelter, err := shelter()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(shelter, hex.EncodeToString(sum[:])[:16]), nil
}

// passable reports whether every user can pass through dir and all above it.
func passable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}

// shelter is root's folder for what the account must reach. Its name is known
// and its parent anyone's, so one that somebody else made is refused.
func shelter() (string, error) {
	parent := "/var/tmp"
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		parent = os.TempDir()
	}
	path := filepath.Join(parent, "countersign-postgres")
	if err := os.Mkdir(path, 0o711); err == nil {
		// The umask may have taken bits away.
		if err := os.Chmod(path, 0o711); err != nil {
			return "", fmt.Errorf("making Postgres's folder: %w", err)
		}
	} else if !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("making Postgres's folder: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return "", fmt.Errorf("making Postgres's folder: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || stat.Uid != 0 || info.Mode().Perm()&0o022 != 0 {
		return "", fmt.Errorf("%s isn't root's own folder: remove it", path)
	}
	return path, nil
}
