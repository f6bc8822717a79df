package workflows_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
	"countersign/workflows"
)

// enrolment stands for the row and the invoices that the steps would act on.
type enrolment struct {
	on bool
	// dues are what is owed; noticed says of which its contact was told, and when.
	dues    []portal.Date
	noticed map[portal.Date]time.Time
	charged map[portal.Date]time.Time
	mails   []string
	paying  []uuid.UUID
	// noticeError is what each try of a notice comes to.
	noticeError error
	// refused is what a notice that the provider refuses for good comes to.
	refused *workflows.AutopayOutcome
	outcome *workflows.AutopayOutcome
	// behind is how often it is not yet time for a notice, by the clock of who gives it; asked is how often it was asked for.
	behind, asked int
	// asks are the notices that were asked for, but not those that failed.
	asks []activities.AutopayStep
}

func autopayFlow(t *testing.T, e *enrolment) (*testsuite.TestWorkflowEnvironment, workflows.AutopayInput) {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))
	env.RegisterWorkflowWithOptions(func(_ workflow.Context, in workflows.PaymentInput) (workflows.PaymentResult, error) {
		e.paying = append(e.paying, in.Payment)
		return workflows.PaymentResult{Status: "succeeded"}, nil
	}, workflow.RegisterOptions{Name: workflows.PaymentName})
	e.noticed, e.charged, e.on = map[portal.Date]time.Time{}, map[portal.Date]time.Time{}, true
	env.OnActivity(steps.BeginAutopay, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.BeginAutopayInput) (workflows.AutopayState, error) {
			return workflows.AutopayState{Begun: workflows.Begun{Status: "on"}}, nil
		})
	env.OnActivity(steps.LookAhead, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.AutopayLook) (workflows.AutopayState, error) {
			if !e.on {
				return workflows.AutopayState{Begun: workflows.Begun{Status: "ended"}}, nil
			}
			state := workflows.AutopayState{Begun: workflows.Begun{Status: "on"}}
			for _, due := range e.dues {
				next := workflows.AutopayDue{Do: activities.AutopayTell, At: portal.AutopayNoticeAt(due, time.UTC), DueOn: due, Amount: 12345}
				if at, told := e.noticed[due]; told {
					next.Do, next.At = activities.AutopayCharge, portal.AutopayChargeAt(due, at, in.Least, time.UTC)
				}
				if _, done := e.charged[due]; !done && (state.Next.Do == "" || next.At.Before(state.Next.At)) {
					state.Next = next
				}
			}
			return state, nil
		})
	env.OnActivity(steps.NoticeCharge, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.AutopayStep) (workflows.AutopayOutcome, error) {
			if e.noticeError != nil {
				return workflows.AutopayOutcome{}, e.noticeError
			}
			e.asks = append(e.asks, in)
			if e.refused != nil {
				e.dues = slices.DeleteFunc(e.dues, func(d portal.Date) bool { return d == in.DueOn })
				return *e.refused, nil
			}
			if e.asked++; e.asked > e.behind {
				e.noticed[in.DueOn] = env.Now()
			}
			return workflows.AutopayOutcome{}, nil
		})
	env.OnActivity(steps.ChargeDue, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.AutopayStep) (workflows.AutopayOutcome, error) {
			e.charged[in.DueOn] = env.Now()
			if e.outcome != nil {
				return *e.outcome, nil
			}
			return workflows.AutopayOutcome{Payment: new(activities.AutopayPaymentID(in.Autopay, in.Invoice, in.DueOn))}, nil
		})
	env.OnActivity(steps.MailAutopay, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.MailAutopayInput) error {
			e.mails = append(e.mails, in.Template)
			return nil
		})
	env.OnActivity(steps.CloseAutopay, mock.Anything, mock.Anything).Return(nil)
	in := workflows.AutopayInput{AutopayRef: workflows.AutopayRef{Org: uuid.New(), Autopay: uuid.New()}, Request: &workflows.EnrolRequest{}}
	return env, in
}

// endAfter ends the enrolment, as the API does: on the row first, and then the flow is told.
func endAfter(env *testsuite.TestWorkflowEnvironment, e *enrolment, d time.Duration) {
	env.RegisterDelayedCallback(func() {
		e.on = false
		env.SignalWorkflow(workflows.SignalReread, nil)
	}, d)
}

// N7: told of three days before, at nine; charged on the day, at nine; what came
// too late for that a day after it was told of. Each becomes one payment.
func TestAutopayTellsAndThenCharges(t *testing.T) {
	soon, later := portal.NewDate(2026, 3, 3), portal.NewDate(2026, 3, 20)
	e := &enrolment{dues: []portal.Date{soon, later}}
	env, in := autopayFlow(t, e)
	start := env.Now()
	endAfter(env, e, 30*24*time.Hour)
	env.ExecuteWorkflow(workflows.Autopay, in)
	ended(t, env, "ended")
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	for what, times := range map[string][2]time.Time{
		"the late one's notice": {e.noticed[soon], start}, "the late one's charge": {e.charged[soon], start.Add(24 * time.Hour)},
		"the notice": {e.noticed[later], at(17, 9)}, "the charge": {e.charged[later], at(20, 9)},
	} {
		if d := times[0].Sub(times[1]); d < 0 || d > time.Minute {
			t.Errorf("%s was at %s, not at %s", what, times[0], times[1])
		}
	}
	if want := []uuid.UUID{activities.AutopayPaymentID(in.Autopay, uuid.Nil, soon), activities.AutopayPaymentID(in.Autopay, uuid.Nil, later)}; !slices.Equal(e.paying, want) {
		t.Errorf("payments %v, not %v", e.paying, want)
	}
	equal(t, e.mails, "autopay_started", "autopay_ended")
}

// N7: an invoice that is sent while the flow sleeps is taken up when it is woken,
// and one that nobody woke it for within a day.
func TestAutopayLooksWhenWokenAndEachDay(t *testing.T) {
	woken, unheard := portal.NewDate(2026, 3, 4), portal.NewDate(2026, 3, 12)
	e := &enrolment{}
	env, in := autopayFlow(t, e)
	start := env.Now()
	env.RegisterDelayedCallback(func() {
		e.dues = append(e.dues, woken)
		env.SignalWorkflow(workflows.SignalReread, nil)
	}, time.Hour)
	env.RegisterDelayedCallback(func() { e.dues = append(e.dues, unheard) }, 7*24*time.Hour)
	endAfter(env, e, 20*24*time.Hour)
	env.ExecuteWorkflow(workflows.Autopay, in)
	ended(t, env, "ended")
	if d := e.noticed[woken].Sub(start); d < time.Hour || d > time.Hour+time.Minute {
		t.Errorf("told of %s after it was begun", d)
	}
	if d := e.noticed[unheard].Sub(start); d < 7*24*time.Hour || d > 8*24*time.Hour {
		t.Errorf("what nobody woke it for was told of %s after it was begun", d)
	}
	if len(e.charged) != 2 {
		t.Errorf("charged %v", e.charged)
	}
}

// N7: no notice, no charge: while the mail provider is away nothing is charged.
func TestAutopayChargesNothingThatItCouldNotTell(t *testing.T) {
	due := portal.NewDate(2026, 3, 3)
	e := &enrolment{dues: []portal.Date{due}, noticeError: errors.New("the provider is away")}
	env, in := autopayFlow(t, e)
	var back time.Time
	env.RegisterDelayedCallback(func() { e.noticeError, back = nil, env.Now() }, 5*24*time.Hour)
	endAfter(env, e, 10*24*time.Hour)
	env.ExecuteWorkflow(workflows.Autopay, in)
	ended(t, env, "ended")
	if e.noticed[due].Before(back) || e.charged[due].Sub(e.noticed[due]) < portal.AutopayNoticeLeast {
		t.Errorf("the provider came back at %s; told at %s, charged at %s", back, e.noticed[due], e.charged[due])
	}
}

// N7: what can't be charged is told of, and the next one is not kept by it.
func TestAutopayTellsWhatItLeavesOut(t *testing.T) {
	e := &enrolment{dues: []portal.Date{portal.NewDate(2026, 3, 6)}, outcome: &workflows.AutopayOutcome{Reason: "Ben Okafor is paying invoice INV-1 right now.", Tell: true}}
	env, in := autopayFlow(t, e)
	endAfter(env, e, 10*24*time.Hour)
	env.ExecuteWorkflow(workflows.Autopay, in)
	ended(t, env, "ended")
	equal(t, e.mails, "autopay_started", "autopay_skipped", "autopay_ended")
	if len(e.paying) != 0 {
		t.Errorf("and yet %v is paid", e.paying)
	}
}

// N7: a notice says what the flow found to be due, and when it was asked for. One
// that is refused is said to be left out, and nothing is charged.
func TestAutopayLeavesOutWhatItCouldNotTell(t *testing.T) {
	e := &enrolment{
		dues:    []portal.Date{portal.NewDate(2026, 3, 6)},
		refused: &workflows.AutopayOutcome{Reason: "The email about it could not be delivered.", Tell: true},
	}
	env, in := autopayFlow(t, e)
	start := env.Now()
	endAfter(env, e, 10*24*time.Hour)
	env.ExecuteWorkflow(workflows.Autopay, in)
	ended(t, env, "ended")
	equal(t, e.mails, "autopay_started", "autopay_skipped", "autopay_ended")
	if len(e.paying) != 0 || len(e.charged) != 0 {
		t.Errorf("and yet %v is charged, %v paid", e.charged, e.paying)
	}
	if len(e.asks) != 1 || e.asks[0].Amount != 12345 || e.asks[0].At.Before(start) {
		t.Errorf("asked for %+v", e.asks)
	}
}

// N7: a step to which it is not time yet, since its clock is behind, is tried
// again in a minute and not at once.
func TestAutopayWaitsForAClockThatIsBehind(t *testing.T) {
	e := &enrolment{dues: []portal.Date{portal.NewDate(2026, 3, 20)}, behind: 5}
	env, in := autopayFlow(t, e)
	endAfter(env, e, 40*24*time.Hour)
	env.ExecuteWorkflow(workflows.Autopay, in)
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	due := portal.AutopayNoticeAt(e.dues[0], time.UTC)
	late := e.noticed[e.dues[0]].Sub(due)
	if e.asked != 6 || late < 5*time.Minute || late > 6*time.Minute || len(e.paying) != 1 {
		t.Errorf("asked %d times, told %v after it was due, %d payments", e.asked, late, len(e.paying))
	}
}

// A history that has grown long goes on in a new one, which takes up what is
// stored and asks for nothing anew.
func TestAutopayGoesOnInANewHistory(t *testing.T) {
	e := &enrolment{dues: []portal.Date{portal.NewDate(2026, 3, 20)}}
	env, in := autopayFlow(t, e)
	env.SetCurrentHistoryLength(2001)
	env.ExecuteWorkflow(workflows.Autopay, in)
	again, ok := errors.AsType[*workflow.ContinueAsNewError](env.GetWorkflowError())
	if !ok {
		t.Fatalf("it ended with %v", env.GetWorkflowError())
	}
	var next workflows.AutopayInput
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
		t.Fatal(err)
	}
	if next.Request != nil || next.AutopayRef != in.AutopayRef || again.WorkflowType.Name != workflows.AutopayName {
		t.Errorf("it goes on as %s with %+v", again.WorkflowType.Name, next)
	}
}
