package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// MethodSetupInput starts the flow of a setup. Without a Request it takes up a
// setup that is stored already.
type MethodSetupInput struct {
	MethodSetupRef
	Request *SetUpMethodRequest `json:"request,omitempty"`
	Times   MethodSetupTimes    `json:"times"`
}

// MethodSetupTimes are the durations of a setup. Zero values are the defaults.
type MethodSetupTimes struct {
	// Poll is how often the open page is asked about, in case its webhook was
	// lost: 5 minutes, and twice as long each time.
	Poll time.Duration `json:"poll,omitempty"`
	// GiveUp is how long the page stays open: a day.
	GiveUp time.Duration `json:"give_up,omitempty"`
	// Verify is how long the bank may take once the page was finished: 10 days.
	Verify time.Duration `json:"verify,omitempty"`
	// Retire is how often it is looked whether a method that was replaced is
	// still needed: a minute, and twice as long each time.
	Retire time.Duration `json:"retire,omitempty"`
}

// MethodSetupResult is how a setup ended.
type MethodSetupResult struct {
	// Status is the setup's, or "refused" when it was not begun.
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// MethodSetup saves a card or a bank account on the processor's page, without a
// payment (R38): open the page, wait for whoever is on it, keep what they saved,
// and remove what it takes the place of.
func MethodSetup(ctx workflow.Context, in MethodSetupInput) (MethodSetupResult, error) {
	f := &methodSetup{in: in, lock: workflow.NewMutex(ctx)}
	f.in.Times = MethodSetupTimes{
		Poll:   orElse(in.Times.Poll, 5*time.Minute),
		GiveUp: orElse(in.Times.GiveUp, 24*time.Hour),
		Verify: orElse(in.Times.Verify, 10*24*time.Hour),
		Retire: orElse(in.Times.Retire, time.Minute),
	}
	if err := f.setup(ctx); err != nil {
		return MethodSetupResult{}, err
	}
	return f.run(ctx)
}

type methodSetup struct {
	in MethodSetupInput
	// lock is held while a step is under way, so that a webhook and the poll
	// never act at once.
	lock   workflow.Mutex
	state  MethodSetupState
	begun  bool
	nudged bool
	polls  int
}

func (f *methodSetup) setup(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (MethodSetupState, error) {
		err := workflow.Await(ctx, func() bool { return f.begun })
		return f.state, err
	}, workflow.UpdateHandlerOptions{Description: "Waits for the first step and answers with its result."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateObserve, f.observe, workflow.UpdateHandlerOptions{
		Description: "Asks the processor how the page stands and applies the answer. No input.",
	}); err != nil {
		return err
	}
	reread := workflow.GetSignalChannel(ctx, SignalReread)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			reread.Receive(ctx, nil)
			f.nudged = true
		}
	})
	return nil
}

func (f *methodSetup) run(ctx workflow.Context) (MethodSetupResult, error) {
	err := workflow.ExecuteLocalActivity(commit(ctx, "Store what is asked for"), steps.BeginMethodSetup, activities.BeginMethodSetupInput{
		MethodSetupRef: f.in.MethodSetupRef, Request: f.in.Request,
	}).Get(ctx, &f.state)
	if err != nil {
		return MethodSetupResult{}, err
	}
	f.begun = true
	if f.state.Refused != nil {
		workflow.SetCurrentDetails(ctx, "Refused: "+f.state.Refused.Message)
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return MethodSetupResult{Status: "refused", Reason: f.state.Refused.Message}, err
	}
	for !f.state.Final() {
		if err := f.next(ctx); err != nil {
			return MethodSetupResult{}, err
		}
	}
	f.describe(ctx)
	if err := f.retire(ctx); err != nil {
		return MethodSetupResult{}, err
	}
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Close the setup"), steps.CloseMethodSetup, f.in.MethodSetupRef).Get(ctx, nil); err != nil {
		return MethodSetupResult{}, err
	}
	err = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	return MethodSetupResult{Status: f.state.Status, Reason: f.state.Failure}, err
}

// next does what the setup's status asks for, once.
func (f *methodSetup) next(ctx workflow.Context) error {
	f.describe(ctx)
	if f.state.Status == string(portal.MethodSetupRequested) {
		return f.step(ctx, "Open the processor's page", steps.OpenMethodSetup)
	}
	patience := f.in.Times.GiveUp
	if f.state.Confirmed {
		patience = f.in.Times.Verify
	}
	left := f.state.CreatedAt.Add(patience).Sub(workflow.Now(ctx))
	if left <= 0 {
		return f.step(ctx, "Give up and close the page", steps.ExpireMethodSetup)
	}
	was := f.state
	woken, err := wait(ctx, min(left, f.in.Times.Poll<<min(f.polls, 8)), "Wait for the page to be finished", func() bool { return f.nudged || f.moved(was) })
	if err != nil || woken && !f.nudged {
		return err
	}
	f.nudged = false
	f.polls++
	return f.step(ctx, "Ask the processor", steps.CheckMethodSetup)
}

// moved reports whether a webhook has moved the setup on from what it was.
func (f *methodSetup) moved(was MethodSetupState) bool {
	return f.state.Status != was.Status || f.state.Confirmed != was.Confirmed
}

// step runs one step and takes over the state that it returns.
func (f *methodSetup) step(ctx workflow.Context, summary string, step any) error {
	err := f.locked(ctx, summary, step)
	if !needsPerson(err) {
		return err
	}
	// Nothing is kept on a doubt, and the setup is not dropped either.
	workflow.SetCurrentDetails(ctx, "A person must look at this: "+err.Error()+" It is tried again in a day; to try now send Signal `reread`.")
	_, err = wait(ctx, 24*time.Hour, "Wait for a person to look", func() bool { return f.nudged })
	f.nudged = false
	return err
}

func (f *methodSetup) locked(ctx workflow.Context, summary string, step any) error {
	was := f.state
	if err := f.lock.Lock(ctx); err != nil {
		return err
	}
	defer f.lock.Unlock()
	if f.moved(was) {
		return nil // whoever held the lock moved the setup on
	}
	return f.take(ctx, summary, step)
}

func (f *methodSetup) take(ctx workflow.Context, summary string, step any) error {
	var state MethodSetupState
	if err := workflow.ExecuteActivity(processor(ctx, summary), step, f.in.MethodSetupRef).Get(ctx, &state); err != nil {
		return err
	}
	f.state = state
	return nil
}

func (f *methodSetup) observe(ctx workflow.Context) (MethodSetupState, error) {
	if err := workflow.Await(ctx, func() bool { return f.begun }); err != nil {
		return f.state, err
	}
	if f.state.Refused != nil {
		return f.state, refuse(f.state.Refused)
	}
	if err := f.lock.Lock(ctx); err != nil {
		return f.state, err
	}
	defer f.lock.Unlock()
	err := f.take(ctx, "Ask the processor, as its webhook says", steps.CheckMethodSetup)
	return f.state, err
}

// retire removes the method whose place the new one takes, as soon as no payment
// under way needs it.
func (f *methodSetup) retire(ctx workflow.Context) error {
	if f.state.Status != string(portal.MethodSetupSaved) || !f.state.Replaces {
		return nil
	}
	for tries := 0; ; tries++ {
		var done bool
		if err := workflow.ExecuteActivity(database(ctx, "Remove the one that was replaced"), steps.FinishReplacement, f.in.MethodSetupRef).Get(ctx, &done); err != nil {
			return err
		}
		if done {
			return nil
		}
		workflow.SetCurrentDetails(ctx, "Saved. The one that it replaces is being charged, and is removed when that has ended.")
		if _, err := wait(ctx, f.in.Times.Retire<<min(tries, 6), "Wait for a charge to end", func() bool { return f.nudged }); err != nil {
			return err
		}
		f.nudged = false
	}
}

func (f *methodSetup) describe(ctx workflow.Context) {
	var words string
	switch portal.MethodSetupStatus(f.state.Status) {
	case portal.MethodSetupRequested:
		words = "Next: open the processor's page."
	case portal.MethodSetupOpen:
		words = "The processor's page is open until " + f.state.CreatedAt.Add(f.in.Times.GiveUp).Format("Monday 15:04 MST") + "."
		if f.state.Confirmed {
			words = "The page was finished. The bank has still to confirm."
		}
		if f.state.Failure != "" {
			words += " Last try: " + f.state.Failure
		}
	case portal.MethodSetupSaved:
		words = "Saved."
	default:
		words = "Ended: " + f.state.Failure
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}
