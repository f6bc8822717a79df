// Package filelock keeps two processes of one machine from doing the same work
// at once, with flock(2): the kernel lets go when the holder ends, however it ends.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrHeld means that another process, or another part of this one, has the lock.
var ErrHeld = errors.New("the lock is held")

// poll is how often Wait looks again. A blocking flock couldn't be cancelled.
const poll = 50 * time.Millisecond

// Lock is a held lock.
type Lock struct{ file *os.File }

// Try takes the lock on the file at path, made if absent, or returns ErrHeld.
func Try(path string) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock file: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return &Lock{file: file}, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrHeld
	}
	return nil, fmt.Errorf("locking %s: %w", path, err)
}

// Wait takes the lock on the file at path as soon as nobody else has it. It
// calls waiting, if not nil, once when it has to wait.
func Wait(ctx context.Context, path string, waiting func()) (*Lock, error) {
	lock, err := Try(path)
	if !errors.Is(err, ErrHeld) {
		return lock, err
	}
	if waiting != nil {
		waiting()
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the lock %s: %w", path, ctx.Err())
		case <-tick.C:
			if lock, err := Try(path); !errors.Is(err, ErrHeld) {
				return lock, err
			}
		}
	}
}

// Release lets go of the lock. The file stays: removing it would let two
// processes lock two files of one name. Closing it would not be enough: a child
// that is being started at this moment has the file open too, until it runs its program.
func (l *Lock) Release() error {
	if err := errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close()); err != nil {
		return fmt.Errorf("releasing the lock: %w", err)
	}
	return nil
}
