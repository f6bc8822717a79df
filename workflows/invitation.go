package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// InvitationInput starts an invitation's flow. Without a Request it takes up an
// invitation that is stored already.
type InvitationInput struct {
	InvitationRef
	Request *InviteRequest  `json:"request,omitempty"`
	Times   InvitationTimes `json:"times"`
}

// InvitationTimes are the durations of an invitation. Zero values are the defaults.
type InvitationTimes struct {
	// Lifetime of the link in each email: 14 days.
	Lifetime time.Duration `json:"lifetime,omitempty"`
	// RemindAfter this long without an answer: 3 days.
	RemindAfter time.Duration `json:"remind_after,omitempty"`
}

// InvitationResult is how an invitation ended.
type InvitationResult struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// ResendRequest asks for a new email with a new link.
type ResendRequest struct {
	By Actor `json:"by"`
}

// Invitation takes a contact from the first email to an account: send, remind,
// expire, resend, withdraw, accept (R65). The password never passes through here:
// the API stores it, spends the invitation, and then wakes the flow.
func Invitation(ctx workflow.Context, in InvitationInput) (InvitationResult, error) {
	f := &invitation{in: in, lock: workflow.NewMutex(ctx)}
	f.in.Times.Lifetime = orElse(in.Times.Lifetime, 14*24*time.Hour)
	f.in.Times.RemindAfter = orElse(in.Times.RemindAfter, 72*time.Hour)
	if err := f.setup(ctx); err != nil {
		return InvitationResult{}, err
	}
	return f.run(ctx)
}

type invitation struct {
	in     InvitationInput
	lock   workflow.Mutex
	state  InvitationState
	begun  bool
	nudged bool
	// sent and reminded are the newest send that was mailed, and reminded of.
	sent, reminded int
}

func (f *invitation) setup(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (InvitationState, error) {
		err := workflow.Await(ctx, func() bool { return f.begun })
		return f.state, err
	}, workflow.UpdateHandlerOptions{Description: "Waits for the first step and answers with its result."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateResend, f.resend, workflow.UpdateHandlerOptions{
		Validator: func(_ workflow.Context, in ResendRequest) error {
			if in.By.Name == "" {
				return refuse(portal.Invalid("Say who sends it again, as by.name.", portal.Field("by.name", "Enter a name.")))
			}
			return nil
		},
		Description: `Sends the invitation again with a new link. Input: {"by": {"kind": "staff", "name": "your name"}}`,
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

func (f *invitation) run(ctx workflow.Context) (InvitationResult, error) {
	err := workflow.ExecuteLocalActivity(commit(ctx, "Store the invitation"), steps.BeginInvitation, activities.BeginInvitationInput{
		InvitationRef: f.in.InvitationRef, Request: f.in.Request, Lifetime: f.in.Times.Lifetime,
	}).Get(ctx, &f.state)
	if err != nil {
		return InvitationResult{}, err
	}
	f.begun = true
	if f.state.Refused != nil {
		workflow.SetCurrentDetails(ctx, "Refused: "+f.state.Refused.Message)
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return InvitationResult{Status: "refused", Reason: f.state.Refused.Message}, err
	}
	for f.state.Live() {
		f.describe(ctx)
		if err := f.next(ctx); err != nil {
			return InvitationResult{}, err
		}
	}
	f.describe(ctx)
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Close the invitation"), steps.CloseInvitation, f.in.InvitationRef).Get(ctx, nil); err != nil {
		return InvitationResult{}, err
	}
	err = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	return InvitationResult{Status: f.state.Status}, err
}

// next sends what is unsent, or else waits for an answer, the reminder's time
// or the link's end.
func (f *invitation) next(ctx workflow.Context) error {
	if f.sent < f.state.Send {
		f.sent = f.state.Send
		return f.mail(ctx, false)
	}
	now := workflow.Now(ctx)
	until, summary := f.state.ExpiresAt, "Wait for the contact, then expire"
	remind := f.state.SentAt.Add(f.in.Times.RemindAfter)
	if f.reminded < f.state.Send && remind.Before(f.state.ExpiresAt) {
		until, summary = remind, "Wait for the contact, then remind"
	} else {
		f.reminded = f.state.Send
	}
	was := f.state.Send
	woken, err := wait(ctx, until.Sub(now), summary, func() bool { return f.nudged || !f.state.Live() || f.state.Send != was })
	if err != nil {
		return err
	}
	if woken {
		if f.nudged {
			f.nudged = false
			return f.step(ctx, "Read the invitation again", steps.ReadInvitation, f.in.InvitationRef)
		}
		return nil
	}
	if f.reminded < f.state.Send {
		f.reminded = f.state.Send
		return f.mail(ctx, true)
	}
	return f.step(ctx, "Expire the invitation", steps.EndInvitation, activities.EndInvitationInput{
		InvitationRef: f.in.InvitationRef, Status: portal.InvitationExpired, By: Actor{Kind: portal.ActorSystem, Name: "Countersign"},
	})
}

func (f *invitation) step(ctx workflow.Context, summary string, step, input any) error {
	if err := f.lock.Lock(ctx); err != nil {
		return err
	}
	defer f.lock.Unlock()
	var state InvitationState
	if err := workflow.ExecuteActivity(database(ctx, summary), step, input).Get(ctx, &state); err != nil {
		return err
	}
	f.state = state
	return nil
}

func (f *invitation) mail(ctx workflow.Context, reminder bool) error {
	summary := "Email the invitation"
	if reminder {
		summary = "Email a reminder"
	}
	err := workflow.ExecuteActivity(email(ctx, summary), steps.SendInvitation, activities.SendInvitationInput{
		InvitationRef: f.in.InvitationRef, Reminder: reminder,
	}).Get(ctx, nil)
	if lapsed(err) {
		return nil
	}
	return err
}

func (f *invitation) resend(ctx workflow.Context, in ResendRequest) (InvitationState, error) {
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
	var state InvitationState
	err := workflow.ExecuteLocalActivity(commit(ctx, "Make a new link"), steps.ResendInvitation, activities.ResendInvitationInput{
		InvitationRef: f.in.InvitationRef, Send: f.state.Send, Lifetime: f.in.Times.Lifetime, By: in.By,
	}).Get(ctx, &state)
	if err != nil {
		f.nudged = true
		return f.state, err
	}
	f.state = state
	return state, nil
}

func (f *invitation) describe(ctx workflow.Context) {
	words := fmt.Sprintf("The invitation was %s.", f.state.Status)
	if f.state.Live() {
		words = fmt.Sprintf("Sent %d time(s). The link works until %s. To send it again send Update `resend`.",
			f.state.Send, f.state.ExpiresAt.Format("Monday 2 January 2006 15:04 MST"))
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}
