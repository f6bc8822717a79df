package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
)

// ReconciliationInput starts the flow of a comparison with the processor.
// Without a Request it takes up one that is stored already.
type ReconciliationInput struct {
	ReconciliationRef
	Request *ReconciliationRequest `json:"request,omitempty"`
	// Settle is how long the second try to mend waits after the first: 10 seconds.
	Settle time.Duration `json:"settle,omitempty"`
}

// reconcileTries is how often what differs is asked about.
const reconcileTries = 2

// Reconciliation holds the books of one organization against the processor's for
// some days: compare every charge, refund and dispute, have the flows of the
// payments that differ ask again, compare those once more, and report what is left.
func Reconciliation(ctx workflow.Context, in ReconciliationInput) (ReconciliationState, error) {
	f := &reconciliation{in: in}
	if err := f.setup(ctx); err != nil {
		return ReconciliationState{}, err
	}
	return f.run(ctx)
}

type reconciliation struct {
	in    ReconciliationInput
	state ReconciliationState
}

// setup takes the sweep's signal, which has nothing to tell: the report moves
// only through its flow.
func (f *reconciliation) setup(ctx workflow.Context) error {
	f.in.Settle = orElse(f.in.Settle, 10*time.Second)
	reread := workflow.GetSignalChannel(ctx, SignalReread)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			reread.Receive(ctx, nil)
		}
	})
	return nil
}

func (f *reconciliation) run(ctx workflow.Context) (ReconciliationState, error) {
	for {
		err := workflow.ExecuteLocalActivity(commit(ctx, "Begin the report"), steps.BeginReconciliation, activities.ReconciliationInput{
			ReconciliationRef: f.in.ReconciliationRef, Request: f.in.Request,
		}).Get(ctx, &f.state)
		if err != nil {
			return f.state, err
		}
		if !f.state.Waits {
			break
		}
		f.describe(ctx, "Another comparison of this organization is under way. This one begins when it has ended.")
		if _, err := wait(ctx, f.in.Settle, "Wait for the other comparison", func() bool { return false }); err != nil {
			return f.state, err
		}
	}
	failure := ""
	if f.state.Status == activities.ReconciliationComparing {
		if err := f.compare(ctx); needsPerson(err) {
			failure = "The processor refuses to tell. " + messageOf(err)
		} else if err != nil {
			return f.state, err
		}
	}
	err := workflow.ExecuteLocalActivity(commit(ctx, "End the report"), steps.FinishReconciliation, activities.FinishReconciliationInput{
		ReconciliationRef: f.in.ReconciliationRef, Failure: failure,
	}).Get(ctx, &f.state)
	if err != nil {
		return f.state, err
	}
	f.describe(ctx, f.ending())
	return f.state, nil
}

// compare finds what differs and has it mended where asking again mends it.
func (f *reconciliation) compare(ctx workflow.Context) error {
	f.describe(ctx, "Holding each charge, refund and dispute at the processor against the books.")
	if err := workflow.ExecuteActivity(comparing(ctx, "Compare all charges"), steps.CompareCharges, f.in.ReconciliationRef).Get(ctx, &f.state); err != nil {
		return err
	}
	for try := 1; try <= reconcileTries && f.state.Differences > 0; try++ {
		if try > 1 {
			if _, err := wait(ctx, f.in.Settle, "Let what is under way settle", func() bool { return false }); err != nil {
				return err
			}
		}
		f.describe(ctx, fmt.Sprintf("%d differences so far. The flows of those payments ask the processor again.", f.state.Differences))
		if err := workflow.ExecuteActivity(comparing(ctx, "Have the payments that differ ask again"), steps.MendDifferences, activities.MendDifferencesInput{
			ReconciliationRef: f.in.ReconciliationRef, Try: try,
		}).Get(ctx, nil); err != nil {
			return err
		}
		if err := workflow.ExecuteActivity(comparing(ctx, "Compare those again"), steps.CompareAgain, f.in.ReconciliationRef).Get(ctx, &f.state); err != nil {
			return err
		}
	}
	return nil
}

func (f *reconciliation) ending() string {
	switch f.state.Status {
	case activities.ReconciliationAgreed:
		return fmt.Sprintf("%d charges compared: all agree. %d differences were mended.", f.state.Compared, f.state.Mended)
	case activities.ReconciliationDiffers:
		return fmt.Sprintf("A person must look at this: %d differences are left of %d charges. To see them: countersign payments reconcile, or the report's page of the API.",
			f.state.Differences, f.state.Compared)
	default:
		return "It could not be compared: " + f.state.Failure
	}
}

func (f *reconciliation) describe(ctx workflow.Context, words string) {
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}

// messageOf is what a step said went wrong, without what Temporal puts around it.
func messageOf(err error) string {
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return app.Message()
	}
	return err.Error()
}
