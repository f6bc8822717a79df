package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// MethodRemovalInput starts the flow of a saved method that was removed.
type MethodRemovalInput struct {
	MethodRef
	Times MethodRemovalTimes `json:"times"`
}

// MethodRemovalTimes are the durations of a removal. Zero values are the defaults.
type MethodRemovalTimes struct {
	// Wait is how often it is looked whether a payment still needs the method:
	// a minute, and twice as long each time.
	Wait time.Duration `json:"wait,omitempty"`
}

// MethodRemovalResult has nothing to say: a removal ends only when it is done.
type MethodRemovalResult struct{}

// MethodRemoval has the processor forget a saved method that was removed here
// (R38). The removal itself is done when this starts: nobody can charge the
// method any more.
func MethodRemoval(ctx workflow.Context, in MethodRemovalInput) (MethodRemovalResult, error) {
	f := &methodRemoval{in: in}
	f.in.Times.Wait = orElse(in.Times.Wait, time.Minute)
	reread := workflow.GetSignalChannel(ctx, SignalReread)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			reread.Receive(ctx, nil)
			f.nudged = true
		}
	})
	return MethodRemovalResult{}, f.run(ctx)
}

type methodRemoval struct {
	in     MethodRemovalInput
	nudged bool
}

func (f *methodRemoval) run(ctx workflow.Context) error {
	for tries := 0; ; tries++ {
		workflow.SetCurrentDetails(ctx, "Removed. Next: the processor forgets it.")
		tag(ctx, "removing")
		f.nudged = false
		var state MethodRemovalState
		err := workflow.ExecuteActivity(processor(ctx, "Have the processor forget it"), steps.DetachMethod, f.in.MethodRef).Get(ctx, &state)
		pause := f.in.Times.Wait << min(tries, 6)
		switch {
		case needsPerson(err):
			pause = 24 * time.Hour
			workflow.SetCurrentDetails(ctx, "A person must look at this: "+err.Error()+" It is tried again in a day; to try now send Signal `reread`.")
		case err != nil:
			return err
		case state.Done:
			workflow.SetCurrentDetails(ctx, "The processor has forgotten it.")
			tag(ctx, "removed")
			return nil
		default:
			workflow.SetCurrentDetails(ctx, "Removed. A payment that was under way still needs it at the processor.")
		}
		if _, err := wait(ctx, pause, "Wait before the processor is asked again", func() bool { return f.nudged }); err != nil {
			return err
		}
	}
}
