// Package temporal runs Temporal's dev server, with its UI, for the development
// stack and the tests.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"countersign/devstack/freeport"
	"countersign/devstack/process"
)

const (
	// stopTimeout is how long the server may take to hand over its shards,
	// which it does to nobody, before it is killed. Its state is in SQLite,
	// which survives that.
	stopTimeout  = 10 * time.Second
	readyTimeout = 60 * time.Second
	poll         = 10 * time.Millisecond
	// attempts at starting, in case somebody else gets a free port first: one of
	// ours, or one of those that the server chooses for its own parts.
	attempts = 5
)

// dynamicConfig makes a dev server as quick as a single machine can be. With
// the defaults a task waits up to 50 ms for its queue to be polled, and stalls
// for 2 s when it lands in the partition that nobody polls.
var dynamicConfig = []string{
	"history.transferProcessorMaxPollRPS=2000",
	"matching.numTaskqueueReadPartitions=1",
	"matching.numTaskqueueWritePartitions=1",
}

// Options of Start.
type Options struct {
	// Dir keeps the log and, with DBFile, the state; made if absent.
	Dir string
	// Port of the gRPC API and of the UI, on 127.0.0.1; 0 is a free one.
	Port, UIPort int
	// Namespace is made if absent; empty is "default".
	Namespace string
	// DBFile is the SQLite file of the state, in Dir unless absolute. Empty
	// keeps the state in memory.
	DBFile string
	// UICodecEndpoint is where the UI has payloads decoded, if set.
	UICodecEndpoint string
	// Headless leaves out the UI.
	Headless bool
	// Disposable trades safety for speed, for tests: the server is killed
	// rather than stopped, and nothing is synced to disk.
	Disposable bool
	// Log gets lines of progress; nil drops them.
	Log io.Writer
}

// Server is a running Temporal.
type Server struct {
	process    *process.Process
	logFile    string
	namespace  string
	port       int
	uiPort     int // 0 when headless
	disposable bool
}

// Start runs the dev server and returns once it serves its namespace. A server
// that a crash of ours left behind is ended first.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	program, err := Program(ctx, o.Log)
	if err != nil {
		return nil, fmt.Errorf("%w. Set TEMPORAL_ADDRESS to use a Temporal that runs, or put the temporal CLI on PATH", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of Temporal: %w", err)
	}
	if err := EndStale(ctx, o.Dir); err != nil {
		return nil, err
	}
	return startProgram(ctx, program, o)
}

func startProgram(ctx context.Context, program string, o Options) (*Server, error) {
	for attempt := 1; ; attempt++ {
		s, err := startOnce(ctx, program, o)
		if err == nil {
			return s, nil
		}
		var crash *crashError
		if !errors.As(err, &crash) || o.chosenTaken() || attempt == attempts {
			return nil, err
		}
	}
}

// EndStale ends a server that still has the state of dir, because a run of ours
// was killed before it could stop it.
func EndStale(ctx context.Context, dir string) error {
	return process.EndStale(ctx, pidFile(dir), syscall.SIGTERM, stopTimeout)
}

func pidFile(dir string) string { return filepath.Join(dir, "temporal.pid") }

// chosenTaken reports whether somebody has a port that the caller chose, which
// no further attempt would change.
func (o Options) chosenTaken() bool {
	return o.Port != 0 && freeport.Taken(o.Port) || !o.Headless && o.UIPort != 0 && freeport.Taken(o.UIPort)
}

// crashError says that the server ended by itself before it was ready.
type crashError struct{ err error }

func (e *crashError) Error() string { return e.err.Error() }
func (e *crashError) Unwrap() error { return e.err }

func startOnce(ctx context.Context, program string, o Options) (*Server, error) {
	s := &Server{
		logFile:    filepath.Join(o.Dir, "temporal.log"),
		namespace:  o.Namespace,
		port:       o.Port,
		uiPort:     o.UIPort,
		disposable: o.Disposable,
	}
	if err := s.choosePorts(o.Headless); err != nil {
		return nil, err
	}
	p, err := process.Start(process.Spec{
		Name:        "Temporal",
		Path:        program,
		Args:        s.arguments(o),
		Env:         environment(),
		Log:         s.logFile,
		PIDFile:     pidFile(o.Dir),
		StopTimeout: stopTimeout,
	})
	if err != nil {
		return nil, err
	}
	s.process = p
	if err := s.waitReady(ctx); err != nil {
		crashed := p.Err()
		err = errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
		if crashed != nil {
			err = &crashError{err}
		}
		return nil, err
	}
	return s, nil
}

// choosePorts finds a free port where none was asked for.
func (s *Server) choosePorts(headless bool) error {
	var err error
	if s.port == 0 {
		if s.port, err = freeport.Find(); err != nil {
			return err
		}
	}
	if headless {
		s.uiPort = 0
	} else if s.uiPort == 0 {
		if s.uiPort, err = freeport.Find(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) arguments(o Options) []string {
	args := []string{
		"server", "start-dev",
		"--ip", "127.0.0.1",
		"--port", strconv.Itoa(s.port),
		"--namespace", s.namespace,
		"--log-level", "warn",
	}
	if s.uiPort == 0 {
		args = append(args, "--headless")
	} else {
		args = append(args, "--ui-port", strconv.Itoa(s.uiPort))
		if o.UICodecEndpoint != "" {
			args = append(args, "--ui-codec-endpoint", o.UICodecEndpoint)
		}
	}
	if o.DBFile != "" {
		file := o.DBFile
		if !filepath.IsAbs(file) {
			file = filepath.Join(o.Dir, file)
		}
		args = append(args, "--db-filename", file, "--sqlite-pragma", "journal_mode=wal")
		// With a write-ahead log, "normal" outlives a crash of the server; a
		// power cut may cost the last moments, which the sweeps mend.
		synchronous := "normal"
		if o.Disposable {
			synchronous = "off"
		}
		args = append(args, "--sqlite-pragma", "synchronous="+synchronous)
	}
	for _, setting := range dynamicConfig {
		args = append(args, "--dynamic-config-value", setting)
	}
	for name, kind := range SearchAttributes() {
		args = append(args, "--search-attribute", name+"="+kind.String())
	}
	return args
}

// waitReady returns when the server serves its namespace, and the UI its page.
func (s *Server) waitReady(ctx context.Context) error {
	// An attempt must not outlive the server: somebody else may have its port.
	asking, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	go func() {
		select {
		case <-s.process.Done():
			cancel()
		case <-asking.Done():
		}
	}()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		err := s.ask(asking)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-asking.Done():
		}
		if asking.Err() == nil {
			continue
		}
		if ended := s.process.Err(); ended != nil {
			return ended
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waiting for Temporal: %w", ctx.Err())
		}
		return fmt.Errorf("Temporal didn't answer within %s: %w", readyTimeout, err) //nolint:staticcheck // a product's name
	}
}

// ask fails unless the server is ready for work.
func (s *Server) ask(ctx context.Context) error {
	// Dialling first keeps the SDK's client from backing off while nobody listens.
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp4", s.Address())
	if err != nil {
		return err
	}
	_ = conn.Close()
	c, err := client.DialContext(ctx, client.Options{HostPort: s.Address(), Namespace: s.namespace, Logger: quiet{}})
	if err != nil {
		return err
	}
	defer c.Close()
	// The namespace's search attributes are the last thing to be made.
	attributes, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: s.namespace})
	if err != nil {
		return err
	}
	for name := range SearchAttributes() {
		if _, ok := attributes.GetCustomAttributes()[name]; !ok {
			return fmt.Errorf("the search attribute %s is not there yet", name)
		}
	}
	if s.uiPort == 0 {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.UI(), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the UI answers %s", response.Status)
	}
	return nil
}

// Address of the gRPC API, as host:port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// UI is the address of the web interface, empty when there is none.
func (s *Server) UI() string {
	if s.uiPort == 0 {
		return ""
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.uiPort))
}

// Namespace is the one that the options named.
func (s *Server) Namespace() string { return s.namespace }

// LogFile is the path of the server's log.
func (s *Server) LogFile() string { return s.logFile }

// Done is closed when the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }

// Err says why the server ended, if it ended by itself.
func (s *Server) Err() error { return s.process.Err() }

// Stop ends the server.
func (s *Server) Stop(ctx context.Context) error {
	if s.disposable {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		cancel() // kill it at once
	}
	return s.process.Stop(ctx)
}

// quiet drops what the SDK says while the server isn't up yet.
type quiet struct{}

var _ sdklog.Logger = quiet{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
