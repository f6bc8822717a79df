package faults

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// mishaps are what befalls the workers on skipped time: killed before they could
// tell what came of a step, cut off from the database between two statements, or
// frozen in the middle of a step that another worker takes over meanwhile, and
// going on with it long after.
type mishaps struct {
	interceptor.WorkerInterceptorBase
	luck *luck
	c    *clockwork
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (m *mishaps) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &step{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, mishaps: m}
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (m *mishaps) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &flow{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, c: m.c}
}

// flow is one that another flow may have started, past the clockwork.
type flow struct {
	interceptor.WorkflowInboundInterceptorBase
	c *clockwork
}

// ExecuteWorkflow implements interceptor.WorkflowInboundInterceptor.
func (f *flow) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	info := workflow.GetInfo(ctx)
	if parent := info.ParentWorkflowExecution; parent == nil || parent.ID == f.c.root {
		return f.Next.ExecuteWorkflow(ctx, in)
	}
	defer f.c.nested(info.WorkflowExecution.ID)()
	return f.Next.ExecuteWorkflow(ctx, in)
}

type step struct {
	interceptor.ActivityInboundInterceptorBase
	*mishaps
}

var errKilled = errors.New("the worker was killed")

// localTries is how often a local step is tried; the environment tries it once.
const localTries = 20

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (s *step) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	if !activity.GetInfo(ctx).IsLocalActivity {
		return s.try(ctx, in)
	}
	for range localTries {
		result, err = s.try(ctx, in)
		final, is := errors.AsType[*temporal.ApplicationError](err)
		if err == nil || is && final.NonRetryable() {
			break
		}
	}
	return result, err
}

func (s *step) try(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	switch s.luck.draw(80) {
	case 0, 1:
		ctx = context.WithValue(ctx, cutKey{}, newCut(s.luck))
	case 2, 3, 4:
		if !activity.GetInfo(ctx).IsLocalActivity {
			return s.freeze(ctx, in)
		}
	case 5, 6:
		result, err := s.Next.ExecuteActivity(ctx, in)
		if err != nil {
			return result, err
		}
		s.luck.counts.add("killed a worker after a step")
		return nil, errKilled
	}
	return s.Next.ExecuteActivity(ctx, in)
}

// freeze runs a step that may come to a halt at a call to the processor. It is
// then given up for lost, and goes on later, whatever has happened since.
func (s *step) freeze(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	type came struct {
		result any
		err    error
	}
	done, halted := make(chan came, 1), make(chan struct{})
	st := &stale{halted: halted, halt: s.c.halt}
	// The attempt is over for Temporal, and its context with it; the frozen process doesn't know.
	going := context.WithValue(context.WithoutCancel(ctx), staleKey{}, st)
	go func() {
		result, err := s.Next.ExecuteActivity(going, in)
		done <- came{result, err}
		if st.used.Load() {
			s.c.rest()
		}
	}()
	select {
	case c := <-done:
		return c.result, c.err
	case <-halted:
		return nil, errKilled
	}
}

// stale is a step that may halt once.
type stale struct {
	used   atomic.Bool
	halted chan struct{}
	halt   func(d time.Duration, gone func())
}

type staleKey struct{}

func staleOf(ctx context.Context) *stale {
	s, _ := ctx.Value(staleKey{}).(*stale)
	return s
}

// maybe halts the step here, for seconds or for hours.
func (s *stale) maybe(l *luck, what string) {
	if s == nil || s.used.Load() || l.draw(3) != 0 {
		return
	}
	for_ := []time.Duration{7 * time.Second, time.Minute, 40 * time.Minute, 26 * time.Hour}[max(0, l.draw(4))]
	if !s.used.CompareAndSwap(false, true) {
		return
	}
	l.counts.add(what)
	// From here on the step is nobody's: it holds the clock while it is awake, as a person does.
	s.halt(for_, func() { close(s.halted) })
}

// cut is a connection to the database that breaks at a statement to come.
type cut struct {
	left atomic.Int32
	luck *luck
}

type cutKey struct{}

func newCut(l *luck) *cut {
	c := &cut{luck: l}
	c.left.Store(int32(1 + max(0, l.draw(20))))
	return c
}

// tracer cuts statements off. What was sent before in the same transaction is
// rolled back by Postgres, as when a connection is lost.
type tracer struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c, ok := ctx.Value(cutKey{}).(*cut)
	if !ok || c.left.Add(-1) != 0 {
		return ctx
	}
	c.luck.counts.add("cut a connection to Postgres")
	gone, cancel := context.WithCancel(ctx)
	cancel()
	return gone
}

// TraceQueryEnd implements pgx.QueryTracer.
func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
