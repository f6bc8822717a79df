package workflows

import (
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
)

// AccountEmailInput starts the flow of an email that is stored already.
type AccountEmailInput struct {
	AccountEmailRef
}

// AccountEmailResult is how it ended.
type AccountEmailResult struct {
	Sent bool `json:"sent"`
}

// AccountEmail sends one email to somebody about their own account: a link for
// a forgotten password (R58) or to a new colleague, word that the password was changed, or that staff
// took the authenticator away (R63). The link is made by the steps and never
// passes through here.
func AccountEmail(ctx workflow.Context, in AccountEmailInput) (AccountEmailResult, error) {
	f := &accountEmail{in: in}
	return f.run(ctx)
}

type accountEmail struct {
	in AccountEmailInput
}

func (f *accountEmail) run(ctx workflow.Context) (AccountEmailResult, error) {
	var state activities.AccountEmailState
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Read what to send"), steps.PrepareAccountEmail, f.in.AccountEmailRef).Get(ctx, &state); err != nil {
		return AccountEmailResult{}, err
	}
	if !state.Open {
		workflow.SetCurrentDetails(ctx, "Nothing to send any more.")
		return AccountEmailResult{}, f.close(ctx)
	}
	workflow.SetCurrentDetails(ctx, "Sending "+state.Template+".")
	err := workflow.ExecuteActivity(email(ctx, "Email the account's owner"), steps.SendAccountEmail, f.in.AccountEmailRef).Get(ctx, nil)
	if err != nil && !lapsed(err) {
		return AccountEmailResult{}, err
	}
	words := "Sent " + state.Template + "."
	if err != nil {
		words = "Given up: the mail provider was away for too long."
	}
	workflow.SetCurrentDetails(ctx, words)
	return AccountEmailResult{Sent: err == nil}, f.close(ctx)
}

func (f *accountEmail) close(ctx workflow.Context) error {
	return workflow.ExecuteLocalActivity(commit(ctx, "Close the email"), steps.CloseAccountEmail, f.in.AccountEmailRef).Get(ctx, nil)
}
