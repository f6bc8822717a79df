package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// EstimateInput starts the flow of one version of an estimate. Without By it
// takes up a version that was sent already.
type EstimateInput struct {
	EstimateRef
	By    *Actor        `json:"by,omitempty"`
	Times EstimateTimes `json:"times"`
}

// EstimateTimes are the durations of an approval. Zero values are the defaults.
type EstimateTimes struct {
	// RemindBefore the estimate expires: 3 days.
	RemindBefore time.Duration `json:"remind_before,omitempty"`
	// RemindNotWithin this long after sending: 1 day.
	RemindNotWithin time.Duration `json:"remind_not_within,omitempty"`
}

// EstimateResult is how a version ended.
type EstimateResult struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// DecideRequest is a contact's decision on the version that was on screen.
type DecideRequest struct {
	// Decision is accepted or declined.
	Decision portal.EstimateStatus `json:"decision"`
	Reason   string                `json:"reason,omitempty"`
	By       Actor                 `json:"by"`
	Origin   Origin                `json:"origin"`
}

// Estimate takes one version of an estimate from its sending to a decision:
// send, remind, expire at the end of its last valid day in the organization's
// time zone, accept or decline (R66). A newer version supersedes it.
func Estimate(ctx workflow.Context, in EstimateInput) (EstimateResult, error) {
	f := &estimate{in: in, lock: workflow.NewMutex(ctx)}
	f.in.Times.RemindBefore = orElse(in.Times.RemindBefore, 72*time.Hour)
	f.in.Times.RemindNotWithin = orElse(in.Times.RemindNotWithin, 24*time.Hour)
	if err := f.setup(ctx); err != nil {
		return EstimateResult{}, err
	}
	return f.run(ctx)
}

type estimate struct {
	in       EstimateInput
	lock     workflow.Mutex
	state    EstimateState
	begun    bool
	nudged   bool
	reminded bool
}

func (f *estimate) setup(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (EstimateState, error) {
		err := workflow.Await(ctx, func() bool { return f.begun })
		return f.state, err
	}, workflow.UpdateHandlerOptions{Description: "Waits for the first step and answers with its result."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateDecide, f.decide, workflow.UpdateHandlerOptions{
		Validator:   f.mayDecide,
		Description: "Records a contact's decision with its evidence. Sent by the portal.",
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

func (f *estimate) run(ctx workflow.Context) (EstimateResult, error) {
	err := workflow.ExecuteLocalActivity(commit(ctx, "Send this version"), steps.BeginEstimate, activities.BeginEstimateInput{
		EstimateRef: f.in.EstimateRef, By: f.in.By,
	}).Get(ctx, &f.state)
	if err != nil {
		return EstimateResult{}, err
	}
	f.begun = true
	if f.state.Refused != nil {
		workflow.SetCurrentDetails(ctx, "Refused: "+f.state.Refused.Message)
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return EstimateResult{Status: "refused", Reason: f.state.Refused.Message}, err
	}
	f.describe(ctx)
	if f.state.Live() {
		f.releaseFormer(ctx)
		if err := f.mail(ctx, "estimate_sent", "Email the estimate"); err != nil {
			return EstimateResult{}, err
		}
	}
	for f.state.Live() {
		if err := f.next(ctx); err != nil {
			return EstimateResult{}, err
		}
	}
	f.describe(ctx)
	switch f.state.Status {
	case string(portal.EstimateAccepted):
		err = f.mail(ctx, "estimate_accepted", "Email a confirmation")
	case string(portal.EstimateDeclined):
		err = f.mail(ctx, "estimate_declined", "Email a confirmation")
	}
	if err != nil {
		return EstimateResult{}, err
	}
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Close this version"), steps.CloseEstimate, f.in.EstimateRef).Get(ctx, nil); err != nil {
		return EstimateResult{}, err
	}
	err = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	return EstimateResult{Status: f.state.Status}, err
}

// releaseFormer wakes the flow of the version that this one replaces. It may
// have ended long ago; the sweep wakes it too.
func (f *estimate) releaseFormer(ctx workflow.Context) {
	if f.in.Version > 1 {
		_ = workflow.SignalExternalWorkflow(ctx, EstimateID(f.in.Estimate, f.in.Version-1), "", SignalReread, nil).Get(ctx, nil)
	}
}

// next waits for the decision, the reminder's time or the end of the last valid day.
func (f *estimate) next(ctx workflow.Context) error {
	now := workflow.Now(ctx)
	until, summary := f.state.ExpiresAt, "Wait for the decision, until the last valid day is over"
	remind := f.state.ExpiresAt.Add(-f.in.Times.RemindBefore)
	if !f.reminded && remind.Sub(now) > f.in.Times.RemindNotWithin {
		until, summary = remind, "Wait for the decision, then remind"
	} else {
		f.reminded = true
	}
	woken, err := wait(ctx, until.Sub(now), summary, func() bool { return f.nudged || !f.state.Live() })
	if err != nil || !f.state.Live() {
		return err
	}
	if woken {
		f.nudged = false
		return f.step(ctx, "Read the estimate again", steps.ReadEstimate)
	}
	if !f.reminded {
		f.reminded = true
		return f.mail(ctx, "estimate_reminder", "Email a reminder")
	}
	return f.step(ctx, "Expire this version", steps.ExpireEstimate)
}

func (f *estimate) step(ctx workflow.Context, summary string, step any) error {
	if err := f.lock.Lock(ctx); err != nil {
		return err
	}
	defer f.lock.Unlock()
	if !f.state.Live() {
		return nil
	}
	var state EstimateState
	if err := workflow.ExecuteActivity(database(ctx, summary), step, f.in.EstimateRef).Get(ctx, &state); err != nil {
		return err
	}
	f.state = state
	return nil
}

func (f *estimate) mail(ctx workflow.Context, template, summary string) error {
	err := workflow.ExecuteActivity(email(ctx, summary), steps.MailEstimate, activities.SendEstimateInput{
		EstimateRef: f.in.EstimateRef, Template: template,
	}).Get(ctx, nil)
	if lapsed(err) {
		return nil
	}
	return err
}

func (f *estimate) mayDecide(_ workflow.Context, in DecideRequest) error {
	if in.Decision != portal.EstimateAccepted && in.Decision != portal.EstimateDeclined {
		return refuse(portal.Invalid("An estimate is accepted or declined.", portal.Field("decision", "Choose accepted or declined.")))
	}
	if in.By.Kind != portal.ActorContact {
		return refuse(portal.Forbidden("Only a contact of the customer decides."))
	}
	return nil
}

func (f *estimate) decide(ctx workflow.Context, in DecideRequest) (EstimateState, error) {
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
	var state EstimateState
	err := workflow.ExecuteLocalActivity(commit(ctx, "Record the decision"), steps.DecideEstimate, activities.DecideEstimateInput{
		EstimateRef: f.in.EstimateRef, Decision: in.Decision, Reason: in.Reason, By: in.By, Origin: in.Origin,
	}).Get(ctx, &state)
	if err != nil {
		f.nudged = true // the row may have moved without the flow
		return f.state, err
	}
	f.state = state
	return state, nil
}

func (f *estimate) describe(ctx workflow.Context) {
	words := fmt.Sprintf("Version %d was %s.", f.in.Version, f.state.Status)
	if f.state.Live() {
		words = fmt.Sprintf("Version %d is with the customer. It can be decided on until %s.", f.in.Version, f.state.ExpiresAt.Format("Monday 2 January 2006 15:04 MST"))
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}
