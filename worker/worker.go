// Package worker runs the flows and their steps, and what keeps them honest:
// the relay of events, the dispatcher of webhooks and the sweep.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"countersign/activities"
	"countersign/db"
	"countersign/workflows"
)

// Config is what a worker needs of the process that runs it.
type Config struct {
	DB         *db.DB
	Temporal   client.Client
	Activities *activities.Activities
	Log        *slog.Logger
	// SweepEvery is how often rows and flows are compared: a minute.
	SweepEvery time.Duration
	// Settled is how long a row is left alone before the sweep looks at it: 30 s.
	Settled time.Duration
	// EventsEvery is how often each account's events are read at the processor,
	// for those that no webhook brought: 2 minutes. Negative is never.
	EventsEvery time.Duration
	// PollEvery is how often the relay and the dispatcher look for work when
	// there is none: 200 ms.
	PollEvery time.Duration
	// GatherFor is how long what happens is gathered into one email: a minute.
	GatherFor time.Duration
	// Patience is how long a Temporal that doesn't answer is waited for at the
	// start; not at all, if 0.
	Patience time.Duration
}

func (c Config) defaults() Config {
	if c.SweepEvery == 0 {
		c.SweepEvery = time.Minute
	}
	if c.Settled == 0 {
		c.Settled = 30 * time.Second
	}
	if c.EventsEvery == 0 {
		c.EventsEvery = 2 * time.Minute
	}
	if c.PollEvery == 0 {
		c.PollEvery = 200 * time.Millisecond
	}
	if c.GatherFor == 0 {
		c.GatherFor = time.Minute
	}
	return c
}

// Register makes the flows known to a Temporal worker, or to a replayer.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(workflows.Invitation, workflow.RegisterOptions{Name: workflows.InvitationName})
	r.RegisterWorkflowWithOptions(workflows.Estimate, workflow.RegisterOptions{Name: workflows.EstimateName})
	r.RegisterWorkflowWithOptions(workflows.Payment, workflow.RegisterOptions{Name: workflows.PaymentName})
	r.RegisterWorkflowWithOptions(workflows.Forward, workflow.RegisterOptions{Name: workflows.ForwardName})
	r.RegisterWorkflowWithOptions(workflows.AccountEmail, workflow.RegisterOptions{Name: workflows.AccountEmailName})
	r.RegisterWorkflowWithOptions(workflows.Timesheet, workflow.RegisterOptions{Name: workflows.TimesheetName})
	r.RegisterWorkflowWithOptions(workflows.Notify, workflow.RegisterOptions{Name: workflows.NotifyName})
	r.RegisterWorkflowWithOptions(workflows.MethodSetup, workflow.RegisterOptions{Name: workflows.MethodSetupName})
	r.RegisterWorkflowWithOptions(workflows.MethodEdit, workflow.RegisterOptions{Name: workflows.MethodEditName})
	r.RegisterWorkflowWithOptions(workflows.MethodRemoval, workflow.RegisterOptions{Name: workflows.MethodRemovalName})
	r.RegisterWorkflowWithOptions(workflows.Autopay, workflow.RegisterOptions{Name: workflows.AutopayName})
	r.RegisterWorkflowWithOptions(workflows.Reconciliation, workflow.RegisterOptions{Name: workflows.ReconciliationName})
}

// Run works until ctx ends, then finishes what is under way. An error means
// that the worker could not start or go on.
func Run(ctx context.Context, c Config) error {
	c = c.defaults()
	w, err := c.start(ctx)
	if err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	defer w.Stop()
	c.Log.Info("Working.", "queue", workflows.TaskQueue)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return every(ctx, c.PollEvery, c.Log, "relay", c.relay) })
	group.Go(func() error { return c.dispatch(ctx) })
	group.Go(func() error { return every(ctx, c.PollEvery, c.Log, "account emails", c.accountEmails) })
	group.Go(func() error { return every(ctx, c.PollEvery, c.Log, "notifications", c.notify) })
	group.Go(func() error { return every(ctx, c.PollEvery, c.Log, "removed payment methods", c.removals) })
	group.Go(func() error { return every(ctx, c.SweepEvery, c.Log, "sweep", c.sweep) })
	group.Go(func() error { return every(ctx, c.SweepEvery, c.Log, "reconciliations", c.reconcile) })
	if c.EventsEvery > 0 {
		group.Go(func() error {
			return every(ctx, min(c.SweepEvery, c.EventsEvery), c.Log, "missed events", c.sweepEvents)
		})
	}
	return group.Wait()
}

// start begins to work. A Temporal that is not there yet, or restarts, is waited for.
func (c Config) start(ctx context.Context) (worker.Worker, error) {
	deadline := time.Now().Add(c.Patience)
	for {
		w := c.new()
		err := w.Start()
		if err == nil {
			return w, nil
		}
		_, away := errors.AsType[*serviceerror.Unavailable](err)
		if !away && !errors.Is(err, context.DeadlineExceeded) || time.Now().After(deadline) {
			return nil, err
		}
		c.Log.Warn("Temporal doesn't answer; it is asked again.", "error", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(c.PollEvery):
		}
	}
}

// new is a worker that hasn't started.
func (c Config) new() worker.Worker {
	w := worker.New(c.Temporal, workflows.TaskQueue, worker.Options{
		Interceptors:                            []interceptor.WorkerInterceptor{&heartbeats{}},
		WorkerStopTimeout:                       10 * time.Second,
		MaxConcurrentWorkflowTaskPollers:        8,
		MaxConcurrentActivityTaskPollers:        8,
		MaxConcurrentWorkflowTaskExecutionSize:  200,
		MaxConcurrentActivityExecutionSize:      100,
		MaxConcurrentLocalActivityExecutionSize: 100,
		OnFatalError: func(err error) {
			c.Log.Error("The worker met an error that it can't go on from.", "error", err)
		},
	})
	Register(w)
	steps := *c.Activities
	steps.Ask = c.ask
	w.RegisterActivity(&steps)
	return w
}

// every does a piece of work again and again until ctx ends: at once while there
// is more, and after a pause when there is none or it failed. A failure is logged
// when it begins, not each time.
func every(ctx context.Context, pause time.Duration, log *slog.Logger, name string, work func(context.Context) (more bool, err error)) error {
	failing := false
	for {
		more, err := work(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !failing {
			log.Warn("Work in the background fails; it is tried again.", "work", name, "error", err)
		}
		failing = err != nil
		if more && err == nil {
			continue
		}
		wait := pause
		if failing {
			wait = max(pause, time.Second)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}
