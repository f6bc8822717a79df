package workflows

import (
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// MethodEditInput starts the flow of a change of a saved method. Without a
// Request it takes up an edit that is stored already.
type MethodEditInput struct {
	MethodEditRef
	Request *EditMethodRequest `json:"request,omitempty"`
}

// MethodEditResult is how an edit ended.
type MethodEditResult struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// MethodEdit changes a saved method's expiry and billing details at the
// processor, and then here (R38). Whoever asked for it waits for the end.
func MethodEdit(ctx workflow.Context, in MethodEditInput) (MethodEditResult, error) {
	f := &methodEdit{in: in}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (MethodEditState, error) {
		err := workflow.Await(ctx, func() bool { return f.ended })
		return f.state, err
	}, workflow.UpdateHandlerOptions{Description: "Waits for the change and answers with its result."}); err != nil {
		return MethodEditResult{}, err
	}
	return f.run(ctx)
}

type methodEdit struct {
	in    MethodEditInput
	state MethodEditState
	ended bool
}

func (f *methodEdit) run(ctx workflow.Context) (MethodEditResult, error) {
	err := workflow.ExecuteLocalActivity(commit(ctx, "Store the change"), steps.BeginMethodEdit, activities.BeginMethodEditInput{
		MethodEditRef: f.in.MethodEditRef, Request: f.in.Request,
	}).Get(ctx, &f.state)
	if err != nil {
		return MethodEditResult{}, err
	}
	if f.state.Status == string(portal.MethodEditPending) {
		workflow.SetCurrentDetails(ctx, "Next: change it at the processor. It is asked until it answers.")
		tag(ctx, f.state.Status)
		if err := workflow.ExecuteActivity(processor(ctx, "Change it at the processor, and here"), steps.SaveMethodEdit, f.in.MethodEditRef).Get(ctx, &f.state); err != nil {
			return MethodEditResult{}, err
		}
	}
	f.ended = true
	result := MethodEditResult{Status: f.state.Status}
	words := "Changed."
	if f.state.Refused != nil {
		result.Status, result.Reason, words = "refused", f.state.Refused.Message, "Refused: "+f.state.Refused.Message
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, result.Status)
	if f.state.Final() {
		if err := workflow.ExecuteLocalActivity(commit(ctx, "Close the change"), steps.CloseMethodEdit, f.in.MethodEditRef).Get(ctx, nil); err != nil {
			return MethodEditResult{}, err
		}
	}
	return result, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}
