package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// ForwardInput starts the flow of a forwarded document. Without a Request it
// takes up a forward that is stored already.
type ForwardInput struct {
	ForwardRef
	Request *ForwardRequest `json:"request,omitempty"`
	Times   ForwardTimes    `json:"times"`
}

// ForwardTimes are the durations of a forward. Zero values are the defaults.
type ForwardTimes struct {
	// FollowFor is how long to wait for word of each email: 3 days.
	FollowFor time.Duration `json:"follow_for,omitempty"`
}

// ForwardResult is how a forward ended.
type ForwardResult struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// Forward emails a document to people (R69): make them contacts, draw the
// document, send it to each, follow what becomes of each email until all is
// known or the time is over.
func Forward(ctx workflow.Context, in ForwardInput) (ForwardResult, error) {
	f := &forward{in: in}
	f.in.Times.FollowFor = orElse(in.Times.FollowFor, 72*time.Hour)
	if err := f.setup(ctx); err != nil {
		return ForwardResult{}, err
	}
	return f.run(ctx)
}

type forward struct {
	in     ForwardInput
	state  ForwardState
	begun  bool
	nudged bool
}

func (f *forward) setup(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (ForwardState, error) {
		err := workflow.Await(ctx, func() bool { return f.begun })
		return f.state, err
	}, workflow.UpdateHandlerOptions{Description: "Waits for the first step and answers with its result."}); err != nil {
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

func (f *forward) run(ctx workflow.Context) (ForwardResult, error) {
	err := workflow.ExecuteLocalActivity(commit(ctx, "Store the forward"), steps.BeginForward, activities.BeginForwardInput{
		ForwardRef: f.in.ForwardRef, Request: f.in.Request,
	}).Get(ctx, &f.state)
	if err != nil {
		return ForwardResult{}, err
	}
	f.begun = true
	if f.state.Refused != nil {
		workflow.SetCurrentDetails(ctx, "Refused: "+f.state.Refused.Message)
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return ForwardResult{Status: "refused", Reason: f.state.Refused.Message}, err
	}
	f.describe(ctx)
	if f.state.Status == string(portal.ForwardSending) {
		if err := f.send(ctx); err != nil {
			return ForwardResult{}, err
		}
	}
	if err := f.follow(ctx); err != nil {
		return ForwardResult{}, err
	}
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Close the forward"), steps.CloseForward, f.in.ForwardRef).Get(ctx, &f.state); err != nil {
		return ForwardResult{}, err
	}
	f.describe(ctx)
	err = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	return ForwardResult{Status: f.state.Status}, err
}

// send draws the document and emails it to all at once: an address that the
// provider is slow to take keeps nobody else waiting.
func (f *forward) send(ctx workflow.Context) error {
	if err := workflow.ExecuteActivity(rendering(ctx, "Draw the document"), steps.DrawForward, f.in.ForwardRef).Get(ctx, nil); err != nil {
		return err
	}
	sending := make([]workflow.Future, len(f.state.Recipients))
	for i, r := range f.state.Recipients {
		sending[i] = workflow.ExecuteActivity(email(ctx, "Email the document"), steps.SendForward, activities.SendForwardInput{
			ForwardRef: f.in.ForwardRef, Contact: r.Contact,
		})
	}
	for _, sent := range sending {
		// One email that can't be sent is given up by the next step, and fails none of the others.
		if err := sent.Get(ctx, nil); temporal.IsCanceledError(err) {
			return err
		}
	}
	return f.step(ctx, "Note that it was sent", steps.SettleForward)
}

// follow waits for word of every email, or for the end of the time.
func (f *forward) follow(ctx workflow.Context) error {
	until := f.state.SentAt.Add(f.in.Times.FollowFor)
	for f.state.Live() && !f.state.Settled() {
		f.describe(ctx)
		woken, err := wait(ctx, until.Sub(workflow.Now(ctx)), "Wait for word of the emails", func() bool { return f.nudged })
		if err != nil || !woken {
			return err
		}
		// Put down before the rows are read: a word that comes meanwhile wakes once more.
		f.nudged = false
		if err := f.step(ctx, "Read what became of the emails", steps.ReadForward); err != nil {
			return err
		}
	}
	return nil
}

func (f *forward) step(ctx workflow.Context, summary string, step any) error {
	var state ForwardState
	if err := workflow.ExecuteActivity(database(ctx, summary), step, f.in.ForwardRef).Get(ctx, &state); err != nil {
		return err
	}
	f.state = state
	return nil
}

func (f *forward) describe(ctx workflow.Context) {
	words := fmt.Sprintf("Sending to %s.", people(len(f.state.Recipients)))
	switch f.state.Status {
	case string(portal.ForwardFollowing):
		words = fmt.Sprintf("Sent to %s: %s. Followed until %s.", people(len(f.state.Recipients)), f.tally(),
			f.state.SentAt.Add(f.in.Times.FollowFor).Format("Monday 2 January 2006 15:04 MST"))
	case string(portal.ForwardEnded):
		words = fmt.Sprintf("Sent to %s: %s.", people(len(f.state.Recipients)), f.tally())
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}

// tally counts the emails by what became of them: "2 delivered, 1 came back".
func (f *forward) tally() string {
	var words []string
	for _, status := range []portal.ForwardedStatus{
		portal.ForwardedDelivered, portal.ForwardedComplained, portal.ForwardedSent, portal.ForwardedDelayed, portal.ForwardedWaiting, portal.ForwardedBounced, portal.ForwardedFailed,
	} {
		n := 0
		for _, r := range f.state.Recipients {
			if r.Status == status {
				n++
			}
		}
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, strings.ToLower(status.Words())))
		}
	}
	return strings.Join(words, ", ")
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
