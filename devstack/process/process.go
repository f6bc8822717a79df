// Package process runs a program as a child of this one: it is stopped with
// us, what it says goes to a log file, and when it ends by itself we know at
// once and can say why.
package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// Spec says what to run and how to end it.
type Spec struct {
	// Name is what a person calls the program, as "Postgres".
	Name string
	// Path of the program, and its arguments without the name.
	Path string
	Args []string
	// Env is its whole environment; nil is ours.
	Env []string
	// Dir is its working directory; empty is ours.
	Dir string
	// Log is the file that its output is appended to, made if absent. One
	// that has grown past 5 MB is first set aside as Log.1.
	Log string
	// Credential is the user to run it as; nil is ours.
	Credential *syscall.Credential
	// PIDFile, if set, remembers the process, so that EndStale can end one
	// that a crash of ours left behind.
	PIDFile string
	// StopSignal asks it to end; the default is SIGTERM.
	StopSignal syscall.Signal
	// StopTimeout is how long it gets to end before it is killed; the default
	// is 10 seconds.
	StopTimeout time.Duration
}

// Process is a started child.
type Process struct {
	spec     Spec
	pid      int
	logStart int64
	done     chan struct{}
	stopping atomic.Bool
	state    *os.ProcessState // set before done is closed
}

// maxLog is the size, in bytes, at which a log is set aside.
const maxLog = 5 << 20

// Start runs the program. It doesn't wait until the program is ready.
func Start(spec Spec) (*Process, error) {
	if spec.StopSignal == 0 {
		spec.StopSignal = syscall.SIGTERM
	}
	if spec.StopTimeout == 0 {
		spec.StopTimeout = 10 * time.Second
	}
	log, logStart, err := openLog(spec.Log)
	if err != nil {
		return nil, err
	}
	// The child has its own descriptor of the log.
	defer func() { _ = log.Close() }()

	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own: Ctrl-C in the terminal is for us, and we end the
	// children in their order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: spec.Credential}
	dieWithParent(cmd.SysProcAttr, spec.StopSignal)

	p := &Process{spec: spec, logStart: logStart, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Linux sends a child its parent's-death signal when the thread that
		// forked it ends, not the process. So that thread stays until the
		// child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // what matters of it is in ProcessState
		// Its own children have nobody to talk to any more.
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		p.state = cmd.ProcessState
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Name, err)
	}
	if spec.PIDFile != "" {
		if err := remember(spec.PIDFile, p.pid, append([]string{spec.Path}, spec.Args...)); err != nil {
			_ = p.Stop(context.Background())
			return nil, err
		}
	}
	return p, nil
}

// PID is the number that the system knows the process by.
func (p *Process) PID() int { return p.pid }

// Done is closed when the process has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is nil while the process runs and after Stop ended it. A process that
// ended by itself gives an *EndedError.
func (p *Process) Err() error {
	select {
	case <-p.done:
	default:
		return nil
	}
	if p.stopping.Load() {
		return nil
	}
	return p.ended()
}

// Failure waits until the process has ended, and is nil if that was with
// success: for a program that has something to finish, not to serve.
func (p *Process) Failure() error {
	<-p.done
	if p.state != nil && p.state.Success() {
		return nil
	}
	return p.ended()
}

func (p *Process) ended() error {
	return &EndedError{Name: p.spec.Name, How: how(p.state), Log: p.spec.Log, Tail: p.LogTail()}
}

// Stop asks the process to end and waits until it has. When ctx or the spec's
// time-out ends first, it is killed.
func (p *Process) Stop(ctx context.Context) error {
	select {
	case <-p.done:
		// It had ended by itself, and Err still says so.
	default:
		p.stopping.Store(true)
		_ = syscall.Kill(p.pid, p.spec.StopSignal)
		timeout := time.NewTimer(p.spec.StopTimeout)
		defer timeout.Stop()
		select {
		case <-p.done:
		case <-ctx.Done():
			p.kill()
		case <-timeout.C:
			p.kill()
		}
	}
	if p.spec.PIDFile != "" {
		_ = os.Remove(p.spec.PIDFile)
	}
	return nil
}

func (p *Process) kill() {
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	<-p.done
}

// EndedError says that a child ended though nobody had asked it to.
type EndedError struct {
	Name string // as the Spec's
	How  string // "killed", "exit status 1"
	Log  string // the path of its log
	Tail string // the last lines that it logged since its start
}

func (e *EndedError) Error() string {
	text := fmt.Sprintf("%s ended (%s)", e.Name, e.How)
	if e.Tail == "" {
		return text + ", and logged nothing"
	}
	return fmt.Sprintf("%s; the end of its log %s:\n%s", text, e.Log, e.Tail)
}

func how(state *os.ProcessState) string {
	if state == nil {
		return "its end is unknown"
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return state.String()
}

// openLog opens the log for appending, and tells where this start's part begins.
func openLog(path string) (*os.File, int64, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
		return nil, 0, fmt.Errorf("making the folder of a log: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, fmt.Errorf("setting an old log aside: %w", err)
		}
	}
	log, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("opening a log: %w", err)
	}
	info, err := log.Stat()
	if err != nil {
		_ = log.Close()
		return nil, 0, fmt.Errorf("opening a log: %w", err)
	}
	return log, info.Size(), nil
}
