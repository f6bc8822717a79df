// Package devstack runs the whole product on one machine, for development and
// demonstrations: its components one after the other, until a person stops it.
package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Config of Up.
type Config struct {
	// State is the folder of everything that is kept between runs; made if
	// absent. A folder with files that aren't Up's is refused.
	State string
	// Reset deletes all state before the start.
	Reset bool
	// Address is where a person finds the product; a second Up on the same
	// state says it.
	Address string
	// Ports are checked before anything starts.
	Ports []Port
	// Components are started in this order, and stopped in the reverse one.
	Components []Component
	// Ready, if not nil, is called once all of them serve, to tell addresses
	// and sign-ins.
	Ready func(out io.Writer)
}

const (
	// slow is when a start is first mentioned, and how often again.
	slow = 10 * time.Second
	// stopTime is how long all of the stack may take to stop.
	stopTime = 60 * time.Second
)

// Up starts the components, tells a line of progress for each on out, and
// keeps them running until ctx ends or the process is told to end (Ctrl-C,
// SIGTERM, SIGHUP); then it stops them and returns nil. When a component can't
// start, or ends by itself, Up stops the others and returns why, with the end
// of its log. A second signal while they stop kills what is left.
func Up(ctx context.Context, c Config, out io.Writer) (err error) {
	out = &lineWriter{to: out}
	folder, err := claim(c.State, c.Address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.release()) }()

	// `up | tee log`: the reader may end first, and that must not end us halfway.
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	defer signal.Stop(pipe)

	running, cancel := signal.NotifyContext(ctx, ends...)
	defer cancel()
	for _, component := range slices.Backward(c.Components) {
		if r, ok := component.(Recoverer); ok {
			if err := r.Recover(running); err != nil {
				return fmt.Errorf("ending the %s of an earlier run: %w", component.Name(), err)
			}
		}
	}
	if err := checkPorts(c.Ports); err != nil {
		return err
	}
	if c.Reset {
		if err := folder.wipe(running, c.Components); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(out, "Deleted what earlier runs kept.")
	}

	s := &stack{out: out, ended: make(chan *failure, len(c.Components)), stopping: make(chan struct{})}
	failed := s.start(running, c.Components)
	if failed == nil {
		if c.Ready != nil {
			c.Ready(out)
		}
		select {
		case <-running.Done():
		case failed = <-s.ended:
		}
	}
	// From here on a signal is the second one, and kills.
	stopping, release := signal.NotifyContext(context.WithoutCancel(ctx), ends...)
	defer release()
	if failed == nil || running.Err() != nil {
		// What broke because it was told to end is no failure.
		_, _ = fmt.Fprintln(out, "Stopping …")
		return s.stop(stopping)
	}
	_, _ = fmt.Fprintf(out, "%s failed; stopping the rest …\n", failed.component)
	return errors.Join(failed.err, s.stop(stopping))
}

// ends are the signals that ask Up to end.
var ends = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// failure is why a component didn't start, or ended by itself.
type failure struct {
	component string
	err       error
}

// stack is the components that have been started.
type stack struct {
	out      io.Writer
	started  []Component
	ended    chan *failure // of components that ended by themselves
	stopping chan struct{}
}

func (s *stack) start(ctx context.Context, components []Component) *failure {
	for _, c := range components {
		begun := time.Now()
		info, err := s.startOne(ctx, c)
		if err != nil {
			return &failure{c.Name(), fmt.Errorf("starting %s: %w", c.Name(), err)}
		}
		say(s.out, c.Name(), info.Says, time.Since(begun))
		s.started = append(s.started, c)
		if info.Ended != nil {
			go s.watch(c.Name(), info.Ended)
		}
		select {
		case failed := <-s.ended:
			return failed // said before the next one fails for want of it
		case <-ctx.Done():
			return &failure{c.Name(), ctx.Err()}
		default:
		}
	}
	return nil
}

// watch waits for a component to end by itself.
func (s *stack) watch(component string, ended <-chan error) {
	select {
	case err := <-ended:
		s.ended <- &failure{component, err}
	case <-s.stopping:
	}
}

// startOne starts a component, and mentions it now and then while it takes long.
func (s *stack) startOne(ctx context.Context, c Component) (Info, error) {
	begun := time.Now()
	started := make(chan struct{})
	defer close(started)
	go func() {
		tick := time.NewTicker(slow)
		defer tick.Stop()
		for {
			select {
			case <-started:
				return
			case <-tick.C:
				_, _ = fmt.Fprintf(s.out, "%s is still starting … %s\n", c.Name(), time.Since(begun).Round(time.Second))
			}
		}
	}()
	return c.Start(ctx, s.out)
}

// stop stops what was started, the last first.
func (s *stack) stop(ctx context.Context) error {
	close(s.stopping)
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	var problems []error
	for _, c := range slices.Backward(s.started) {
		if err := c.Stop(ctx); err != nil {
			problems = append(problems, fmt.Errorf("stopping %s: %w", c.Name(), err))
		}
	}
	_, _ = fmt.Fprintln(s.out, "Stopped.")
	return errors.Join(problems...)
}

// say writes a component's line: its name, what it says, and how long it took.
func say(out io.Writer, name, what string, took time.Duration) {
	_, _ = fmt.Fprintf(out, "%-18s %-50s %5.1f s\n", name, what, took.Seconds())
}

// lineWriter keeps lines whole that several components write at once.
type lineWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
