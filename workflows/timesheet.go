package workflows

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// TimesheetInput starts the flow of a timesheet. Without a Request it takes up
// one that was submitted already.
type TimesheetInput struct {
	TimesheetRef
	Request *SubmitRequest `json:"request,omitempty"`
	Times   TimesheetTimes `json:"times"`
}

// TimesheetTimes are the durations of an approval. Zero values are the defaults.
type TimesheetTimes struct {
	// RemindAfter submitting: 3 days.
	RemindAfter time.Duration `json:"remind_after,omitempty"`
	// RemindEvery so long after the first reminder: 7 days.
	RemindEvery time.Duration `json:"remind_every,omitempty"`
	// Reminders is how many there are at most: 4.
	Reminders int `json:"reminders,omitempty"`
}

func (t TimesheetTimes) defaults() TimesheetTimes {
	t.RemindAfter = orElse(t.RemindAfter, 72*time.Hour)
	t.RemindEvery = orElse(t.RemindEvery, 7*24*time.Hour)
	if t.Reminders == 0 {
		t.Reminders = 4
	}
	return t
}

// TimesheetResult is how a timesheet ended.
type TimesheetResult struct {
	// Status is the timesheet's, or "refused" when it was not submitted.
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// TimesheetDecision is a contact's decision on the version that was on screen.
// Which entries are rejected is kept in Postgres, and named here: the flow's
// history is as long for one entry as for five hundred.
type TimesheetDecision struct {
	Version int `json:"version"`
	// Decision is approved or rejected.
	Decision portal.TimesheetStatus `json:"decision"`
	Reason   string                 `json:"reason,omitempty"`
	// Rejections is the kept choice of entries that are not approved, if some are.
	Rejections *uuid.UUID `json:"rejections,omitempty"`
	// Hash is of the whole request.
	Hash   []byte `json:"hash"`
	By     Actor  `json:"by"`
	Origin Origin `json:"origin"`
}

// RecallRequest takes a question back.
type RecallRequest struct {
	// By says who does. An operator in Temporal UI fills in at least the name.
	By     Actor  `json:"by"`
	Reason string `json:"reason,omitempty"`
}

// Timesheet takes a timesheet from its submission to a decision: submit,
// remind, approve or reject wholly or by entry, or recall; what was approved is
// locked (R68).
func Timesheet(ctx workflow.Context, in TimesheetInput) (TimesheetResult, error) {
	f := &timesheet{in: in, times: in.Times.defaults(), lock: workflow.NewMutex(ctx)}
	if err := f.setup(ctx); err != nil {
		return TimesheetResult{}, err
	}
	return f.run(ctx)
}

type timesheet struct {
	in    TimesheetInput
	times TimesheetTimes
	// lock is held while a step is under way, so that a decision and a recall
	// never act at once.
	lock   workflow.Mutex
	state  TimesheetState
	begun  bool
	nudged bool
}

func (f *timesheet) setup(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (TimesheetState, error) {
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
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateRecall, f.recall, workflow.UpdateHandlerOptions{
		Validator:   f.mayRecall,
		Description: `Takes the timesheet back while it isn't decided. Input: {"by": {"kind": "staff", "name": "your name"}, "reason": "why"}`,
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

func (f *timesheet) run(ctx workflow.Context) (TimesheetResult, error) {
	err := workflow.ExecuteLocalActivity(commit(ctx, "Submit the entries"), steps.BeginTimesheet, activities.BeginTimesheetInput{
		TimesheetRef: f.in.TimesheetRef, Request: f.in.Request,
	}).Get(ctx, &f.state)
	if err != nil {
		return TimesheetResult{}, err
	}
	f.begun = true
	if f.state.Refused != nil {
		workflow.SetCurrentDetails(ctx, "Refused: "+f.state.Refused.Message)
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return TimesheetResult{Status: "refused", Reason: f.state.Refused.Message}, err
	}
	f.describe(ctx)
	if f.state.Live() {
		if err := f.mail(ctx, "timesheet_submitted", 0, "Email the timesheet"); err != nil {
			return TimesheetResult{}, err
		}
	}
	for f.state.Live() {
		if err := f.next(ctx); err != nil {
			return TimesheetResult{}, err
		}
	}
	f.describe(ctx)
	if f.state.Status == string(portal.TimesheetRecalled) {
		err = f.mail(ctx, "timesheet_recalled", 0, "Email that it was taken back")
	} else {
		err = f.mail(ctx, "timesheet_decided", 0, "Email a confirmation")
	}
	if err != nil {
		return TimesheetResult{}, err
	}
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Close the timesheet"), steps.CloseTimesheet, f.in.TimesheetRef).Get(ctx, nil); err != nil {
		return TimesheetResult{}, err
	}
	err = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	return TimesheetResult{Status: f.state.Status}, err
}

// next waits for the decision or the next reminder's time.
func (f *timesheet) next(ctx workflow.Context) error {
	woken := func() bool { return f.nudged || !f.state.Live() }
	if f.state.Reminders >= f.times.Reminders {
		if err := workflow.Await(ctx, woken); err != nil {
			return err
		}
		return f.wake(ctx)
	}
	remind := f.state.SubmittedAt.Add(f.times.RemindAfter)
	if f.state.Reminders > 0 {
		remind = f.state.RemindedAt.Add(f.times.RemindEvery)
	}
	early, err := wait(ctx, remind.Sub(workflow.Now(ctx)), "Wait for the decision, then remind", woken)
	if err != nil {
		return err
	}
	if early {
		return f.wake(ctx)
	}
	before := f.state.Reminders
	if err := f.step(ctx, "Note the reminder", steps.RemindTimesheet, activities.RemindTimesheetInput{TimesheetRef: f.in.TimesheetRef, Reminders: before}); err != nil {
		return err
	}
	if !f.state.Live() || f.state.Reminders == before {
		return nil
	}
	f.describe(ctx)
	return f.mail(ctx, "timesheet_reminder", f.state.Reminders, "Email a reminder")
}

// wake reads the row again if somebody said that it changed.
func (f *timesheet) wake(ctx workflow.Context) error {
	if !f.state.Live() {
		return nil
	}
	f.nudged = false
	return f.step(ctx, "Read the timesheet again", steps.ReadTimesheet, f.in.TimesheetRef)
}

func (f *timesheet) step(ctx workflow.Context, summary string, step, input any) error {
	if err := f.lock.Lock(ctx); err != nil {
		return err
	}
	defer f.lock.Unlock()
	if !f.state.Live() {
		return nil
	}
	var state TimesheetState
	if err := workflow.ExecuteActivity(database(ctx, summary), step, input).Get(ctx, &state); err != nil {
		return err
	}
	f.state = state
	return nil
}

// mail sends a round of emails. send tells one reminder from the next.
func (f *timesheet) mail(ctx workflow.Context, template string, send int, summary string) error {
	err := workflow.ExecuteActivity(email(ctx, summary), steps.MailTimesheet, activities.MailTimesheetInput{
		TimesheetRef: f.in.TimesheetRef, Template: template, Send: send,
	}).Get(ctx, nil)
	if lapsed(err) {
		return nil
	}
	return err
}

func (f *timesheet) mayDecide(_ workflow.Context, in TimesheetDecision) error {
	if in.Decision != portal.TimesheetApproved && in.Decision != portal.TimesheetRejected {
		return refuse(portal.Invalid("A timesheet is approved or rejected.", portal.Field("decision", "Choose approved or rejected.")))
	}
	if in.By.Kind != portal.ActorContact {
		return refuse(portal.Forbidden("Only a contact of the customer decides."))
	}
	return nil
}

func (f *timesheet) mayRecall(_ workflow.Context, in RecallRequest) error {
	if in.By.Kind == portal.ActorContact {
		return refuse(portal.Forbidden("Only staff take a timesheet back."))
	}
	if in.By.Name == "" {
		return refuse(portal.Invalid("Say who takes it back, as by.name.", portal.Field("by.name", "Enter a name.")))
	}
	return nil
}

func (f *timesheet) decide(ctx workflow.Context, in TimesheetDecision) (TimesheetState, error) {
	return f.end(ctx, "Record the decision", steps.DecideTimesheet, activities.DecideTimesheetInput{
		TimesheetRef: f.in.TimesheetRef, Version: in.Version, Decision: in.Decision, Reason: in.Reason, Rejections: in.Rejections,
		Hash: in.Hash, By: in.By, Origin: in.Origin,
	})
}

func (f *timesheet) recall(ctx workflow.Context, in RecallRequest) (TimesheetState, error) {
	if in.By.Kind == "" {
		in.By.Kind = portal.ActorStaff
	}
	return f.end(ctx, "Take the timesheet back", steps.RecallTimesheet, activities.RecallTimesheetInput{
		TimesheetRef: f.in.TimesheetRef, By: in.By, Reason: in.Reason,
	})
}

// end runs a step that ends the wait, one at a time: of a decision and a recall
// that come together, the second meets what the first has made of the row.
func (f *timesheet) end(ctx workflow.Context, summary string, step, input any) (TimesheetState, error) {
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
	var state TimesheetState
	if err := workflow.ExecuteLocalActivity(commit(ctx, summary), step, input).Get(ctx, &state); err != nil {
		f.nudged = true // the row may have moved without the flow
		return f.state, err
	}
	f.state = state
	return state, nil
}

func (f *timesheet) describe(ctx workflow.Context) {
	words := fmt.Sprintf("The timesheet was %s.", f.state.Status)
	switch {
	case f.state.Live() && f.state.Reminders > 0:
		words = fmt.Sprintf("The timesheet is with the customer, who was reminded %d time(s). To take it back send Update `recall`.", f.state.Reminders)
	case f.state.Live():
		words = "The timesheet is with the customer. To take it back send Update `recall`."
	case f.state.Status == string(portal.TimesheetPartlyApproved):
		words = "The timesheet was approved in part; the rejected entries are free again."
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}
