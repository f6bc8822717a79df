// Package temporaltest gives each test a namespace of its own, with the
// product's search attributes, in a Temporal dev server that the tests of one
// package share.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { temporaltest.Main(m) }
//
// or, with databases too,
//
//	func TestMain(m *testing.M) { dbtest.Main(temporaltest.Around(m)) }
package temporaltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"countersign/devstack/temporal"
)

// Runner is what Main runs: a *testing.M, or something around it.
type Runner interface{ Run() int }

// shared is the one server of this test program. A test function can be handed
// nothing by TestMain, so the package has to hold it.
var shared struct {
	sync.Mutex
	running bool // whether Around will stop what is started
	server  *server
	failed  error
}

// server is a running Temporal and a connection to it.
type server struct {
	*temporal.Server
	dir    string
	client client.Client
	made   int // namespaces so far
}

// Main runs the tests of a package, stops the Temporal that they started, if
// any, and exits.
func Main(m Runner) { os.Exit(Around(m).Run()) }

// Around runs m, and then stops the Temporal that its tests started. Before,
// it makes sure that there is a program to start: building one takes minutes,
// which no test's clock should count.
func Around(m Runner) Runner { return around{m} }

type around struct{ Runner }

func (a around) Run() int {
	if _, err := temporal.Program(context.Background(), os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	shared.Lock()
	shared.running = true
	shared.Unlock()
	code := a.Runner.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		return code
	}
	if err := shared.server.stop(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// Namespace is one test's own part of a Temporal.
type Namespace struct {
	Address string // of the server, host:port
	Name    string // of the namespace
}

// New makes a namespace.
func New(t testing.TB) Namespace {
	t.Helper()
	s, name, err := acquire(t.Context())
	if err != nil {
		t.Fatalf("starting Temporal for the tests: %v", err)
	}
	if err := s.register(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return Namespace{Address: s.Address(), Name: name}
}

// Dial connects to the namespace until the test ends. What the SDK says goes
// to the test's log. o's address and namespace are the test's; the rest of o,
// as a data converter, is the caller's.
func (n Namespace) Dial(t testing.TB, o client.Options) client.Client {
	t.Helper()
	o.HostPort, o.Namespace = n.Address, n.Name
	if o.Logger == nil {
		o.Logger = sdklog.NewStructuredLogger(newLogger(t))
	}
	c, err := client.DialContext(t.Context(), o)
	if err != nil {
		t.Fatalf("connecting to Temporal: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

// acquire starts the package's Temporal when the first test asks for it, and
// gives a name that no other test has.
func acquire(ctx context.Context) (*server, string, error) {
	shared.Lock()
	defer shared.Unlock()
	switch {
	case !shared.running:
		return nil, "", errors.New("this package needs func TestMain(m *testing.M) { temporaltest.Main(m) }")
	case shared.server == nil && shared.failed == nil:
		// It outlives the test that happens to be the first.
		shared.server, shared.failed = start(context.WithoutCancel(ctx))
	}
	if shared.failed != nil {
		return nil, "", shared.failed
	}
	shared.server.made++
	return shared.server, fmt.Sprintf("test-%d", shared.server.made), nil
}

func start(ctx context.Context) (*server, error) {
	dir, err := os.MkdirTemp("", "countersign-temporaltest-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the tests' Temporal: %w", err)
	}
	s := &server{dir: dir}
	s.Server, err = temporal.Start(ctx, temporal.Options{Dir: dir, Headless: true, Disposable: true, Log: os.Stderr})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.client, err = client.DialContext(ctx, client.Options{HostPort: s.Address(), Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to the tests' Temporal: %w", err), s.Stop(ctx), os.RemoveAll(dir))
	}
	return s, nil
}

// register makes a namespace that knows the product's search attributes.
func (s *server) register(ctx context.Context, name string) error {
	_, err := s.client.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        name,
		WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	if err != nil {
		return fmt.Errorf("making a namespace for the test: %w", err)
	}
	_, err = s.client.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace:        name,
		SearchAttributes: temporal.SearchAttributes(),
	})
	if err != nil {
		return fmt.Errorf("adding search attributes to the test's namespace: %w", err)
	}
	return nil
}

func (s *server) stop(ctx context.Context) error {
	s.client.Close()
	if err := s.Stop(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("removing the folder of the tests' Temporal: %w", err)
	}
	return nil
}
