package worker

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/devstack/freeport"
	"countersign/devstack/temporal"
	"countersign/portal"
	"countersign/workflows"
)

// A worker that is started before Temporal, or while it restarts, begins to work when Temporal answers.
func TestAWorkerWaitsForTemporal(t *testing.T) {
	port := free(t)
	asked := make(chan struct{}, 1)
	c := Config{
		Temporal: dialed(t, port), Activities: &activities.Activities{}, Patience: 2 * time.Minute,
		Log: slog.New(slog.NewTextHandler(signal{asked}, nil)),
	}.defaults()
	started := make(chan error, 1)
	go func() {
		w, err := c.start(t.Context())
		if err == nil {
			w.Stop()
		}
		started <- err
	}()
	select {
	case <-asked:
	case err := <-started:
		t.Fatalf("it didn't wait: %v", err)
	}
	server, err := temporal.Start(t.Context(), temporal.Options{Dir: t.TempDir(), Port: port, Headless: true, Disposable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.WithoutCancel(t.Context())) })
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	// Without patience what is wrong is said at once.
	c.Patience, c.Temporal = 0, dialed(t, free(t))
	if _, err := c.start(t.Context()); err == nil {
		t.Error("it works without Temporal")
	}
}

// registry takes the names of flows.
type registry struct {
	worker.WorkflowRegistry
	names []string
}

func (r *registry) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) {
	r.names = append(r.names, o.Name)
}

// Temporal UI says of every flow what it is for.
func TestEveryFlowHasASummary(t *testing.T) {
	var r registry
	Register(&r)
	abouts := map[string][]string{workflows.NotifyName: {
		string(portal.AudienceStaff), string(portal.AudienceCustomer), string(portal.AudienceInvoice), string(portal.AudienceInvoiceAgain),
		string(portal.AudienceEstimateAgain), string(portal.AudienceMessage), string(portal.AudienceMethodRequest),
	}}
	said := map[string]string{}
	for _, name := range r.names {
		kinds := abouts[name]
		if kinds == nil {
			kinds = []string{""}
		}
		for _, about := range kinds {
			summary := workflows.Summary(name, about)
			if summary == "" || said[summary] != "" {
				t.Errorf("%s of %q is summed up as %q, as is %q", name, about, summary, said[summary])
			}
			said[summary] = name
		}
	}
	if got := workflows.Summary(workflows.EstimateName, "EST-00001"); got != "Approval of an estimate: EST-00001" {
		t.Errorf("an estimate's flow is summed up as %q", got)
	}
}

func free(t *testing.T) int {
	t.Helper()
	port, err := freeport.Find()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func dialed(t *testing.T, port int) client.Client {
	t.Helper()
	flows, err := client.NewLazyClient(client.Options{HostPort: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(flows.Close)
	return flows
}

// signal tells that something was logged.
type signal struct{ logged chan<- struct{} }

func (s signal) Write(p []byte) (int, error) {
	select {
	case s.logged <- struct{}{}:
	default:
	}
	return io.Discard.Write(p)
}
