package main

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"countersign/devstack/freeport"
	"countersign/devstack/stack"
	"countersign/devstack/temporal/temporaltest"
	"countersign/workflows"
)

func TestMain(m *testing.M) { stack.Main(m) }

// process runs the program in this one, as a service of Compose would with the
// settings that docker-compose.yml gives it, but for those that say where the
// others are.
func process(ctx context.Context, t *testing.T, name string, elsewhere map[string]string) (ended <-chan error) {
	t.Helper()
	service := compose(t).Services[name]
	for setting, value := range service.Environment {
		t.Setenv(setting, *value)
	}
	for setting, value := range elsewhere {
		t.Setenv(setting, value)
	}
	command, err := kong.New(new(commands), kong.Exit(func(int) {}), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := command.Parse(service.Command)
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() { end <- parsed.Run() }()
	return end
}

// until asks again and again for what nothing announces. It fails the test when
// the process ends instead, or after half a minute.
func until(t *testing.T, what string, ended <-chan error, ask func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !ask(ctx) {
		select {
		case err := <-ended:
			t.Fatalf("%s: it ended: %v", what, err)
		case <-ctx.Done():
			t.Fatalf("%s: not within half a minute", what)
		case <-again.C:
		}
	}
}

func TestWhatComposeRunsStartsWorksAndEnds(t *testing.T) {
	as := installation(t)
	namespace := temporaltest.New(t)
	port, err := freeport.Find()
	if err != nil {
		t.Fatal(err)
	}
	listen := "127.0.0.1:" + strconv.Itoa(port)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()

	if err := <-process(ctx, t, "migrate", map[string]string{"DATABASE_URL": as("countersign_owner", "owner's", "countersign")}); err != nil {
		t.Fatalf("migrating: %v", err)
	}
	elsewhere := map[string]string{
		"DATABASE_URL":       as("countersign_login", "login's", "countersign"),
		"TEMPORAL_ADDRESS":   namespace.Address,
		"TEMPORAL_NAMESPACE": namespace.Name,
		"LISTEN":             listen,
	}
	api := process(ctx, t, "api", elsewhere)
	until(t, "the API is ready", api, func(ctx context.Context) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	worker := process(ctx, t, "worker", elsewhere)
	flows := namespace.Dial(t, client.Options{})
	until(t, "the worker polls", worker, func(ctx context.Context) bool {
		queue, err := flows.DescribeTaskQueue(ctx, workflows.TaskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
		return err == nil && len(queue.GetPollers()) > 0
	})

	stop()
	for name, ended := range map[string]<-chan error{"api": api, "worker": worker} {
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%s ended with %v", name, err)
			}
		case <-time.After(30 * time.Second):
			t.Errorf("%s doesn't end", name)
		}
	}
}
