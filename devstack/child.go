package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"syscall"
	"time"

	"countersign/devstack/process"
)

// Command is a program with its arguments and its whole environment.
type Command struct {
	Path string
	Args []string
	Env  []string
}

// Child describes a component that runs as a process of its own, so that a
// person can kill it and watch what happens.
type Child struct {
	// Title is the component's name.
	Title string
	// Command is asked at every start, when what was started before is known.
	Command func() (Command, error)
	// Log is the file for its output, PIDFile the one that remembers it.
	Log, PIDFile string
	// ReadyURL, if set, answers with 2xx when the process serves.
	ReadyURL string
	// ReadyLine, if set, is in the log when the process serves.
	ReadyLine string
	// ReadyTimeout is how long that may take; the default is 30 seconds.
	ReadyTimeout time.Duration
	// Says is what the progress line says.
	Says string
	// Restart starts the process again when it ends by itself. One that ends
	// several times before it served is given up.
	Restart bool
}

const (
	childPoll = 20 * time.Millisecond
	// restarts in a row that may fail.
	restarts = 5
	// pause before the second of them; it doubles with each.
	pause = 500 * time.Millisecond
	// childStop is how long a child may take for what it has under way.
	childStop = 15 * time.Second
)

// NewProcess makes the component of a child.
func NewProcess(c Child) *Process {
	if c.ReadyTimeout == 0 {
		c.ReadyTimeout = 30 * time.Second
	}
	return &Process{child: c, pause: pause}
}

// Process is a child as a component.
type Process struct {
	child Child
	pause time.Duration

	mu      sync.Mutex
	running *process.Process // the one that serves now
	stop    context.CancelFunc
	watched sync.WaitGroup
}

// Name implements Component.
func (p *Process) Name() string { return p.child.Title }

// PID is the number of the process that runs now.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running.PID()
}

// Recover implements Recoverer.
func (p *Process) Recover(ctx context.Context) error {
	return process.EndStale(ctx, p.child.PIDFile, syscall.SIGTERM, childStop)
}

// Start implements Component.
func (p *Process) Start(ctx context.Context, progress io.Writer) (Info, error) {
	running, err := p.launch(ctx)
	if err != nil {
		return Info{}, err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.running, p.stop = running, stop
	ended := make(chan error, 1)
	p.watched.Go(func() {
		if err := p.watch(watching, progress); err != nil && watching.Err() == nil {
			ended <- err
		}
	})
	return Info{Says: p.child.Says, Ended: ended}, nil
}

// Stop implements Component.
func (p *Process) Stop(ctx context.Context) error {
	p.stop()
	p.watched.Wait()
	return p.running.Stop(ctx)
}

// launch starts the process and waits until it serves.
func (p *Process) launch(ctx context.Context) (*process.Process, error) {
	command, err := p.child.Command()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.child.Title, err)
	}
	running, err := process.Start(process.Spec{
		Name:        p.child.Title,
		Path:        command.Path,
		Args:        command.Args,
		Env:         command.Env,
		Log:         p.child.Log,
		PIDFile:     p.child.PIDFile,
		StopTimeout: childStop,
	})
	if err != nil {
		return nil, err
	}
	if err := p.waitReady(ctx, running); err != nil {
		return nil, errors.Join(err, running.Stop(context.WithoutCancel(ctx)))
	}
	return running, nil
}

// watch waits for the end of the process and starts it again, as the child
// wants it. It returns why it gave up, or nothing when ctx ended.
func (p *Process) watch(ctx context.Context, progress io.Writer) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.running.Done():
		}
		err := p.running.Err()
		if !p.child.Restart {
			return err
		}
		_, _ = fmt.Fprintf(progress, "%s ended (%s); starting it again\n", p.child.Title, howEnded(err))
		next, err := p.relaunch(ctx)
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.running = next
		p.mu.Unlock()
		_, _ = fmt.Fprintf(progress, "%s runs again\n", p.child.Title)
	}
}

// relaunch tries several times, at growing intervals.
func (p *Process) relaunch(ctx context.Context) (*process.Process, error) {
	wait := p.pause
	for attempt := 1; ; attempt++ {
		next, err := p.launch(ctx)
		if err == nil || attempt == restarts || ctx.Err() != nil {
			return next, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
	}
}

func howEnded(err error) string {
	if ended, ok := errors.AsType[*process.EndedError](err); ok {
		return ended.How
	}
	return "its end is unknown"
}

// waitReady returns when the process serves.
func (p *Process) waitReady(ctx context.Context, running *process.Process) error {
	late := time.NewTimer(p.child.ReadyTimeout)
	defer late.Stop()
	tick := time.NewTicker(childPoll)
	defer tick.Stop()
	for {
		if p.serves(ctx, running) {
			return nil
		}
		select {
		case <-running.Done():
			return running.Err()
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", p.child.Title, ctx.Err())
		case <-late.C:
			return fmt.Errorf("%s wasn't ready within %s; the end of its log %s:\n%s",
				p.child.Title, p.child.ReadyTimeout, p.child.Log, running.LogTail())
		case <-tick.C:
		}
	}
}

func (p *Process) serves(ctx context.Context, running *process.Process) bool {
	return (p.child.ReadyURL == "" || answers(ctx, p.child.ReadyURL)) &&
		(p.child.ReadyLine == "" || running.Logged(p.child.ReadyLine))
}

// answers reports whether an address answers with 2xx.
func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode/100 == 2
}
