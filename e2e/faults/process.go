package faults

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"countersign/devstack/process"
)

// service is one process of the product: an API or a worker.
type service struct {
	name    string // api-0, worker-1
	program string
	command string // api or worker
	env     []string
	dir     string // of its log
	health  string // its address that tells whether it serves; empty for a worker

	mu      sync.Mutex
	running *process.Process
	stopped bool
}

// start runs the process unless it runs, and waits until an API serves.
func (s *service) start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return nil
	}
	p, err := process.Start(process.Spec{
		Name: s.name, Path: s.program, Args: []string{s.command}, Env: s.env, Log: filepath.Join(s.dir, s.name+".log"),
	})
	if err != nil {
		return err
	}
	s.running, s.stopped = p, false
	if s.health == "" {
		return nil
	}
	return until(ctx, 20*time.Second, s.name+" to serve", func() bool {
		response, err := http.Get(s.health)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK || p.Err() != nil
	})
}

// kill ends the process as kill -9 does.
func (s *service) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return
	}
	_ = syscall.Kill(s.running.PID(), syscall.SIGKILL)
	<-s.running.Done()
	s.running = nil
}

// freeze stops the process where it is, until thaw: what it has in its hands it
// goes on with then, though others may have taken it over.
func (s *service) freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		s.stopped = true
		_ = syscall.Kill(s.running.PID(), syscall.SIGSTOP)
	}
}

func (s *service) thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil && s.stopped {
		s.stopped = false
		_ = syscall.Kill(s.running.PID(), syscall.SIGCONT)
	}
}

// ended says why the process ended by itself, if it did.
func (s *service) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return nil
	}
	return s.running.Err()
}

// mend brings the process back, whatever was done to it.
func (s *service) mend(ctx context.Context) error {
	s.thaw()
	if err := s.ended(); err != nil {
		return err
	}
	return s.start(ctx)
}

// log is the end of what the process said.
func (s *service) log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, s.name+".log"))
	if err != nil {
		return ""
	}
	return string(text[max(0, len(text)-4000):])
}

// until asks again and again, and gives up after a while.
func until(ctx context.Context, patience time.Duration, what string, is func() bool) error {
	deadline := time.Now().Add(patience)
	for !is() {
		if time.Now().After(deadline) {
			return fmt.Errorf("never came: %s", what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}
