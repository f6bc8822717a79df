package workflows

import (
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// AutopayInput starts the flow of an enrolment. Without a Request it takes up one
// that is stored already.
type AutopayInput struct {
	AutopayRef
	Request *EnrolRequest `json:"request,omitempty"`
	Times   AutopayTimes  `json:"times"`
}

// AutopayTimes are the durations of autopay. Zero values are the defaults.
type AutopayTimes struct {
	// Least is how long before a charge it is told of, at least: a day.
	Least time.Duration `json:"least,omitempty"`
	// Look is how often it looks for what is due, in case nobody woke it: a day.
	Look time.Duration `json:"look,omitempty"`
	// Payment are those of the payments that it begins.
	Payment PaymentTimes `json:"payment"`
}

// AutopayResult is how an enrolment ended.
type AutopayResult struct {
	// Status is the enrolment's, or "refused" when it was not begun.
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// autopayEvents is how long a history may grow before the flow goes on in a new one.
const autopayEvents = 2000

// Autopay charges a customer's invoices on the days that they are due, for as long
// as its contact wants (N7): find what is due next, tell of it, charge what was
// told of, and begin anew. The rows decide; the flow keeps their time.
func Autopay(ctx workflow.Context, in AutopayInput) (AutopayResult, error) {
	f := &autopay{in: in}
	f.in.Times.Least = orElse(in.Times.Least, portal.AutopayNoticeLeast)
	f.in.Times.Look = orElse(in.Times.Look, 24*time.Hour)
	if err := f.setup(ctx); err != nil {
		return AutopayResult{}, err
	}
	return f.run(ctx)
}

type autopay struct {
	in     AutopayInput
	state  AutopayState
	begun  bool
	nudged bool
	// did is what was last done; it is due again only where that came to nothing.
	did AutopayDue
}

func (f *autopay) setup(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (AutopayState, error) {
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

func (f *autopay) run(ctx workflow.Context) (AutopayResult, error) {
	err := workflow.ExecuteLocalActivity(commit(ctx, "Store what was agreed to"), steps.BeginAutopay, activities.BeginAutopayInput{
		AutopayRef: f.in.AutopayRef, Request: f.in.Request,
	}).Get(ctx, &f.state)
	if err != nil {
		return AutopayResult{}, err
	}
	f.begun = true
	if f.state.Refused != nil {
		workflow.SetCurrentDetails(ctx, "Refused: "+f.state.Refused.Message)
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return AutopayResult{Status: "refused", Reason: f.state.Refused.Message}, err
	}
	if f.in.Request != nil {
		if err := f.mail(ctx, "Email what was agreed to", activities.MailAutopayInput{AutopayRef: f.in.AutopayRef, Template: "autopay_started"}); err != nil {
			return AutopayResult{}, err
		}
	}
	for {
		// Whatever changes from here on wakes it once more.
		f.nudged = false
		var state AutopayState // a fresh one: what an answer leaves out is not what it was before
		if err := workflow.ExecuteLocalActivity(commit(ctx, "Look for what is due"), steps.LookAhead, f.look()).Get(ctx, &state); err != nil {
			return AutopayResult{}, err
		}
		f.state = state
		f.describe(ctx)
		if !f.state.On() {
			return f.end(ctx)
		}
		if err := f.next(ctx); err != nil {
			return AutopayResult{}, err
		}
		if info := workflow.GetInfo(ctx); info.GetCurrentHistoryLength() > autopayEvents || info.GetContinueAsNewSuggested() {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return AutopayResult{}, err
			}
			again := f.in
			again.Request = nil
			return AutopayResult{}, workflow.NewContinueAsNewError(ctx, AutopayName, again)
		}
	}
}

func (f *autopay) look() activities.AutopayLook {
	return activities.AutopayLook{AutopayRef: f.in.AutopayRef, Least: f.in.Times.Least}
}

// next waits for what is due next, and does it. Woken meanwhile, it only looks again.
func (f *autopay) next(ctx workflow.Context) error {
	due := f.state.Next
	left, summary := f.in.Times.Look, "Wait for an invoice that comes due"
	if due.Do != "" {
		left = min(left, due.At.Sub(workflow.Now(ctx)))
		summary = map[string]string{activities.AutopayTell: "Wait to tell of a charge", activities.AutopayCharge: "Wait until it is charged"}[due.Do]
	}
	if left > 0 {
		woken, err := wait(ctx, left, summary, func() bool { return f.nudged })
		if err != nil || woken || due.Do == "" || workflow.Now(ctx).Before(due.At) {
			return err
		}
	}
	if due.Do == f.did.Do && due.Invoice == f.did.Invoice && due.DueOn == f.did.DueOn &&
		workflow.GetVersion(ctx, "what came to nothing waits a minute", workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		// To the steps it is not time yet: their clock is behind the server's, or an email was given up.
		f.did = AutopayDue{}
		_, err := wait(ctx, time.Minute, "Wait to try again", func() bool { return f.nudged })
		return err
	}
	f.did = due
	step := activities.AutopayStep{AutopayLook: f.look(), Invoice: due.Invoice, DueOn: due.DueOn}
	if due.Do == activities.AutopayTell {
		step.Amount, step.At = due.Amount, workflow.Now(ctx)
		var out AutopayOutcome
		err := workflow.ExecuteActivity(email(ctx, "Email what is charged and when"), steps.NoticeCharge, step).Get(ctx, &out)
		if err != nil && lapsed(err) {
			return nil // not told, so not charged: it is told later, and charged a day after that
		}
		if err != nil || !out.Tell {
			return err
		}
		return f.tell(ctx, step, out) // refused, so not charged
	}
	return f.charge(ctx, step)
}

// charge makes a payment of what is due, or says why not.
func (f *autopay) charge(ctx workflow.Context, step activities.AutopayStep) error {
	var out AutopayOutcome
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Begin the payment, or leave it"), steps.ChargeDue, step).Get(ctx, &out); err != nil {
		return err
	}
	if out.Payment != nil {
		return f.pay(ctx, PaymentRef{Org: f.in.Org, Payment: *out.Payment})
	}
	if !out.Tell {
		return nil
	}
	return f.tell(ctx, step, out)
}

// tell says why nothing is charged.
func (f *autopay) tell(ctx workflow.Context, step activities.AutopayStep, out AutopayOutcome) error {
	return f.mail(ctx, "Email that nothing was charged", activities.MailAutopayInput{
		AutopayRef: f.in.AutopayRef, Template: "autopay_skipped", Invoice: &step.Invoice, DueOn: step.DueOn, Reason: out.Reason,
	})
}

// pay starts the flow of a payment that is stored, and leaves it to itself. One
// that runs already is the same one; the sweep starts what is lost here.
func (f *autopay) pay(ctx workflow.Context, ref PaymentRef) error {
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: PaymentID(ref.Payment), TaskQueue: TaskQueue, StaticSummary: Summary(PaymentName, ""),
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeOrganization.ValueSet(ref.Org.String()), AttributeCustomer.ValueSet(f.state.Customer.String()), AttributeDocument.ValueSet(ref.Payment.String()),
		),
	})
	err := workflow.ExecuteChildWorkflow(child, PaymentName, PaymentInput{PaymentRef: ref, Times: f.in.Times.Payment}).GetChildWorkflowExecution().Get(ctx, nil)
	if _, runs := errors.AsType[*temporal.ChildWorkflowExecutionAlreadyStartedError](err); runs {
		return nil
	}
	return err
}

func (f *autopay) end(ctx workflow.Context) (AutopayResult, error) {
	if err := f.mail(ctx, "Email that autopay is off", activities.MailAutopayInput{AutopayRef: f.in.AutopayRef, Template: "autopay_ended"}); err != nil {
		return AutopayResult{}, err
	}
	if err := workflow.ExecuteLocalActivity(commit(ctx, "Close autopay"), steps.CloseAutopay, f.in.AutopayRef).Get(ctx, nil); err != nil {
		return AutopayResult{}, err
	}
	err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	return AutopayResult{Status: f.state.Status}, err
}

func (f *autopay) mail(ctx workflow.Context, summary string, in activities.MailAutopayInput) error {
	err := workflow.ExecuteActivity(email(ctx, summary), steps.MailAutopay, in).Get(ctx, nil)
	if err != nil && lapsed(err) {
		return nil
	}
	return err
}

// describe says in plain words what comes next.
func (f *autopay) describe(ctx workflow.Context) {
	words := "Nothing is due soon. It looks again within a day, or when it gets Signal `reread`."
	at := f.state.Next.At.Format("Monday 2 January 15:04 MST")
	switch {
	case !f.state.On():
		words = "Autopay is off."
	case f.state.Next.Do == activities.AutopayTell:
		words = "On " + at + " it tells of the charge of invoice " + f.state.Next.Number + ". Ended in the console, on the customer's page."
	case f.state.Next.Do == activities.AutopayCharge:
		words = "On " + at + " it charges invoice " + f.state.Next.Number + ". Ended in the console, on the customer's page."
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}
