package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"countersign/activities"
)

// NotifyInput starts the flow of a batch of events that are mailed together.
// The relay has stored the batch; it goes on gathering until its time has come.
type NotifyInput struct {
	NotifyRef
}

// NotifyResult is how a batch ended.
type NotifyResult struct {
	Status string `json:"status"`
}

// Notify mails what happened to those who want to know: gather what comes in a
// burst, then one email to each recipient (R52, R53, R56).
func Notify(ctx workflow.Context, in NotifyInput) (NotifyResult, error) {
	f := &notify{in: in}
	if err := f.setup(ctx); err != nil {
		return NotifyResult{}, err
	}
	return f.run(ctx)
}

type notify struct {
	in    NotifyInput
	state NotifyState
}

// setup takes the sweep's signal, which has nothing to tell: the batch moves
// only through its flow.
func (f *notify) setup(ctx workflow.Context) error {
	reread := workflow.GetSignalChannel(ctx, SignalReread)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			reread.Receive(ctx, nil)
		}
	})
	return nil
}

func (f *notify) run(ctx workflow.Context) (NotifyResult, error) {
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Read the batch"), steps.ReadNotification, f.in.NotifyRef).Get(ctx, &f.state); err != nil {
		return NotifyResult{}, err
	}
	if f.state.Status == activities.BatchGathering {
		f.describe(ctx, fmt.Sprintf("Gathering what happens until %s.", f.state.SendAt.Format("15:04:05 MST")))
		if _, err := wait(ctx, f.state.SendAt.Sub(workflow.Now(ctx)), "Gather what happens", func() bool { return false }); err != nil {
			return NotifyResult{}, err
		}
		if err := workflow.ExecuteLocalActivity(commit(ctx, "Close the batch"), steps.CloseGathering, f.in.NotifyRef).Get(ctx, nil); err != nil {
			return NotifyResult{}, err
		}
		f.state.Status = activities.BatchSending
	}
	if f.state.Status == activities.BatchSending {
		f.describe(ctx, "Mailing each recipient.")
		err := workflow.ExecuteActivity(email(ctx, "Email what happened"), steps.MailNotification, f.in.NotifyRef).Get(ctx, nil)
		if err != nil && !lapsed(err) {
			return NotifyResult{}, err
		}
		if err := workflow.ExecuteLocalActivity(commit(ctx, "Finish the batch"), steps.FinishNotification, f.in.NotifyRef).Get(ctx, nil); err != nil {
			return NotifyResult{}, err
		}
		f.state.Status = activities.BatchDone
	}
	f.describe(ctx, "Everybody who wants to know was mailed.")
	return NotifyResult{Status: f.state.Status}, nil
}

func (f *notify) describe(ctx workflow.Context, words string) {
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}
