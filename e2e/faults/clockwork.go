package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	product "countersign/worker"
	"countersign/workflows"
)

// clockwork runs many flows at once in the SDK's test environment, as children of
// one flow that does nothing else, or of each other. They share one clock, which skips to the next
// timer when nothing is under way, and their activities run side by side for real.
//
// People live by the same clock: while one of them is awake it stands all but
// still. Everything of the environment, and every field here, is touched by its
// main loop alone; post brings a function there.
type clockwork struct {
	env *testsuite.TestWorkflowEnvironment
	// awake counts the people who are doing something.
	awake int
	// halted counts the steps that were frozen and will go on.
	halted int
	// coming counts what will be done later.
	coming int
	// held says that a timer keeps the clock from skipping.
	held bool
	// starts are the flows that wait to be started.
	starts []start
	// running are the flows that run, with the number of the run, and runs how
	// often each was started; those that are ready can be asked.
	running map[string]int
	runs    map[string]int
	ready   map[string]bool
	// failed are the flows that ended with an error, with the last one.
	failed map[string]string
	ended  bool
	root   string // the ID of the host
}

// start is a flow to be started, and what to do once it runs.
type start struct {
	id, name string
	input    any
	begun    func()
}

// callersPatience is how long a caller waits for the answer of an Update.
const callersPatience = 5 * time.Second

func newClockwork(steps any, around interceptor.WorkerInterceptor, at time.Time) *clockwork {
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	c := &clockwork{env: suite.NewTestWorkflowEnvironment(), running: map[string]int{}, runs: map[string]int{}, ready: map[string]bool{}, failed: map[string]string{}}
	// A busy machine is no deadlock.
	c.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{around}, DeadlockDetectionTimeout: time.Minute})
	c.env.SetStartTime(at)
	c.env.SetTestTimeout(time.Minute)
	product.Register(c.env)
	c.env.RegisterActivity(steps)
	return c
}

// run lets time pass until end is called. first is done when it begins.
func (c *clockwork) run(first func()) error {
	c.post(first)
	c.env.ExecuteWorkflow(c.host)
	return c.env.GetWorkflowError()
}

const (
	signalStart = "start"
	signalEnd   = "end"
)

// host is the flow whose children all others are.
func (c *clockwork) host(ctx workflow.Context) error {
	c.root = workflow.GetInfo(ctx).WorkflowExecution.ID
	started, ended := workflow.GetSignalChannel(ctx, signalStart), workflow.GetSignalChannel(ctx, signalEnd)
	for !c.ended {
		next := workflow.NewSelector(ctx)
		next.AddReceive(started, func(ch workflow.ReceiveChannel, _ bool) { ch.Receive(ctx, nil) })
		next.AddReceive(ended, func(ch workflow.ReceiveChannel, _ bool) { ch.Receive(ctx, nil) })
		next.Select(ctx)
		for len(c.starts) > 0 {
			s := c.starts[0]
			c.starts = c.starts[1:]
			workflow.Go(ctx, func(ctx workflow.Context) { c.child(ctx, s) })
		}
	}
	return nil
}

func (c *clockwork) child(ctx workflow.Context, s start) {
	if _, is := c.running[s.id]; is {
		_ = workflow.Await(ctx, func() bool { return c.ready[s.id] || c.running[s.id] == 0 }) // the host isn't canceled
		s.begun()
		return
	}
	run := c.number(s.id)
	flow := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: s.id, ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_TERMINATE, WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}), s.name, s.input)
	err := flow.GetChildWorkflowExecution().Get(ctx, nil)
	if _, raced := errors.AsType[*temporal.ChildWorkflowExecutionAlreadyStartedError](err); raced { // by a flow whose child it is
		c.gone(s.id, run)
		s.begun()
		return
	}
	c.ready[s.id] = err == nil
	s.begun()
	if err == nil {
		err = flow.Get(ctx, nil)
	}
	c.gone(s.id, run)
	if err != nil {
		c.failed[s.id] = err.Error()
	}
}

// number counts a flow that runs, and gives the number of the run.
func (c *clockwork) number(id string) int {
	c.runs[id]++
	c.running[id] = c.runs[id]
	delete(c.failed, id)
	return c.runs[id]
}

// gone forgets a run.
func (c *clockwork) gone(id string, run int) {
	if c.running[id] == run {
		delete(c.running, id)
		delete(c.ready, id)
	}
}

// nested counts a flow whose parent isn't the host, until it has ended.
func (c *clockwork) nested(id string) (ended func()) {
	run := c.number(id)
	c.ready[id] = true
	return func() { c.gone(id, run) }
}

// post has the main loop do something next.
func (c *clockwork) post(do func()) { c.env.RegisterDelayedCallback(do, 0) }

// now is the time by which flows, steps, people and the processor live.
func (c *clockwork) now() time.Time { return c.env.Now() }

// wake counts somebody awake, and holds the clock.
func (c *clockwork) wake() {
	c.awake++
	c.hold()
}

// hold keeps the clock from skipping while somebody is awake: there is always one
// more timer, due in a moment.
func (c *clockwork) hold() {
	if c.held || c.awake == 0 {
		return
	}
	c.held = true
	c.env.RegisterDelayedCallback(func() {
		c.held = false
		if c.awake > 0 {
			// Nothing else is to be done by the main loop right now.
			time.Sleep(20 * time.Microsecond)
			c.hold()
		}
	}, time.Microsecond)
}

// rest counts somebody asleep again, after what they posted before.
func (c *clockwork) rest() { c.post(func() { c.awake-- }) }

// spawn has somebody do something on their own. It is called by the main loop.
func (c *clockwork) spawn(do func()) {
	c.wake()
	go func() {
		defer c.rest()
		do()
	}()
}

// sleep lets time pass for whoever is awake and calls it.
func (c *clockwork) sleep(d time.Duration) {
	woken := make(chan struct{})
	c.post(func() {
		c.env.RegisterDelayedCallback(func() {
			c.wake()
			close(woken)
		}, max(d, time.Microsecond))
		c.rest()
	})
	<-woken
}

// halt takes whoever is at work in a step out of it for a while: gone is called
// when nobody waits for them any more, and afterwards they are awake as people are.
func (c *clockwork) halt(d time.Duration, gone func()) {
	woken := make(chan struct{})
	c.post(func() {
		c.halted++
		c.env.RegisterDelayedCallback(func() {
			c.halted--
			c.wake()
			close(woken)
		}, d)
		c.post(gone)
	})
	<-woken
}

// later has somebody do something on their own after a while.
func (c *clockwork) later(d time.Duration, do func()) {
	c.post(func() {
		c.coming++
		c.env.RegisterDelayedCallback(func() {
			c.coming--
			c.spawn(do)
		}, max(d, time.Microsecond))
	})
}

// ask has the main loop find something out for whoever is awake and calls it. The
// question is asked again never: answer is called once, at any time.
func ask[T any](c *clockwork, question func(answer func(T))) T {
	answered := make(chan T, 1)
	c.post(func() {
		done := false
		question(func(v T) {
			if !done {
				done = true
				c.wake()
				answered <- v
			}
		})
		c.rest()
	})
	return <-answered
}

// end lets run return; flows that run are gone then.
func (c *clockwork) end() {
	c.post(func() {
		c.ended = true
		c.env.SignalWorkflow(signalEnd, nil)
	})
}

// begin starts a flow unless it runs, and calls begun when it does.
func (c *clockwork) begin(s start) {
	c.starts = append(c.starts, s)
	c.env.SignalWorkflow(signalStart, nil)
}

// outcome is what came of an Update.
type outcome struct {
	value any
	err   error
}

// Accept implements the SDK's UpdateCallbacks.
func (told) Accept() {}

// Reject implements the SDK's UpdateCallbacks.
func (t told) Reject(err error) { t.tell(outcome{nil, err}) }

// Complete implements the SDK's UpdateCallbacks.
func (t told) Complete(value any, err error) { t.tell(outcome{value, err}) }

type told struct{ tell func(outcome) }

// update sends an Update to a flow that runs. It is called by the main loop.
func (c *clockwork) update(id, name, updateID string, args []any, tell func(outcome)) {
	run, is := c.running[id]
	if !is {
		tell(outcome{nil, serviceerror.NewNotFound("no flow " + id + " runs")})
		return
	}
	if !c.ready[id] {
		c.env.RegisterDelayedCallback(func() { c.update(id, name, updateID, args, tell) }, time.Millisecond)
		return
	}
	c.env.RegisterDelayedCallback(func() { tell(outcome{nil, serviceerror.NewDeadlineExceeded("the flow did not answer")}) }, callersPatience)
	if updateID == "" {
		updateID = newID().String()
	}
	// The environment knows Updates by their ID alone, whatever flow they are for.
	err := c.env.UpdateWorkflowByID(id, name, fmt.Sprintf("%s#%d:%s", id, run, updateID), told{tell}, args...)
	if err != nil {
		tell(outcome{nil, err})
	}
}

// frontend is Temporal's client in front of a clockwork: just what the API and the
// worker's sweep ask of it. What else they asked would panic on the nil client.
type frontend struct {
	client.Client
	c *clockwork
}

// withStart is a start that waits for its Update.
type withStart struct {
	client.WithStartWorkflowOperation
	start
}

// NewWithStartWorkflowOperation implements client.Client.
func (f *frontend) NewWithStartWorkflowOperation(o client.StartWorkflowOptions, flow any, args ...any) client.WithStartWorkflowOperation {
	return &withStart{start: start{id: o.ID, name: flow.(string), input: args[0]}}
}

// UpdateWithStartWorkflow implements client.Client.
func (f *frontend) UpdateWithStartWorkflow(_ context.Context, o client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	op := o.StartWorkflowOperation.(*withStart).start
	u := o.UpdateOptions
	return f.handle(func(answer func(outcome)) {
		op.begun = func() { f.c.update(op.id, u.UpdateName, u.UpdateID, u.Args, answer) }
		f.c.begin(op)
	})
}

// UpdateWorkflow implements client.Client.
func (f *frontend) UpdateWorkflow(_ context.Context, u client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	return f.handle(func(answer func(outcome)) { f.c.update(u.WorkflowID, u.UpdateName, u.UpdateID, u.Args, answer) })
}

func (f *frontend) handle(question func(answer func(outcome))) (client.WorkflowUpdateHandle, error) {
	o := ask(f.c, question)
	if o.err != nil {
		return nil, o.err
	}
	return updated{value: o.value}, nil
}

// updated is an Update that was answered.
type updated struct {
	client.WorkflowUpdateHandle
	value any
}

// Get implements client.WorkflowUpdateHandle.
func (u updated) Get(_ context.Context, into any) error {
	if into == nil || u.value == nil {
		return nil
	}
	text, err := json.Marshal(u.value) // as it would travel
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// SignalWorkflow implements client.Client: the one signal there is.
func (f *frontend) SignalWorkflow(_ context.Context, id, _, _ string, _ any) error {
	return ask(f.c, func(answer func(error)) {
		if _, is := f.c.running[id]; !is {
			answer(serviceerror.NewNotFound("no flow " + id + " runs"))
			return
		}
		answer(f.c.env.SignalWorkflowByID(id, workflows.SignalReread, nil))
	})
}

// DescribeWorkflowExecution implements client.Client: whether the flow runs, ran, or never did.
func (f *frontend) DescribeWorkflowExecution(_ context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	status := ask(f.c, func(answer func(enumspb.WorkflowExecutionStatus)) {
		switch _, is := f.c.running[id]; {
		case is:
			answer(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
		case f.c.runs[id] > 0:
			answer(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
		default:
			answer(enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED)
		}
	})
	if status == enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED {
		return nil, serviceerror.NewNotFound("there never was a flow " + id)
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Status: status}}, nil
}
