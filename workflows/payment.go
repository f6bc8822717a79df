package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// PaymentInput starts a payment's flow. Without a Request it takes up a payment
// that is stored already.
type PaymentInput struct {
	PaymentRef
	Request *PayRequest  `json:"request,omitempty"`
	Times   PaymentTimes `json:"times"`
}

// PaymentTimes are the durations of a payment, part of its input so that a test
// can shrink them. Zero values are the defaults.
type PaymentTimes struct {
	// PollCheckout is how often an open payment page is asked about, in case
	// its webhook was lost: 5 minutes.
	PollCheckout time.Duration `json:"poll_checkout,omitempty"`
	// PollProcessing is how often a bank debit under way is asked about: a day.
	PollProcessing time.Duration `json:"poll_processing,omitempty"`
	// GiveUp is how long a declined payment waits for a retry: 15 days.
	GiveUp time.Duration `json:"give_up,omitempty"`
	// NextTry is how long after a decline the schedule tries again, in place of
	// the days of portal.NextRetry.
	NextTry time.Duration `json:"next_try,omitempty"`
}

func (t PaymentTimes) defaults() PaymentTimes {
	return PaymentTimes{
		PollCheckout:   orElse(t.PollCheckout, 5*time.Minute),
		PollProcessing: orElse(t.PollProcessing, 24*time.Hour),
		GiveUp:         orElse(t.GiveUp, portal.RetryWindow),
		NextTry:        t.NextTry,
	}
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// PaymentResult is how a payment ended.
type PaymentResult struct {
	// Status is the payment's, or "refused" when it was not begun.
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// RetryRequest asks for another try of a declined payment.
type RetryRequest struct {
	// By says who asks. An operator in Temporal UI fills in at least the name.
	By Actor `json:"by"`
	// Method is another saved method to charge; none keeps the last one.
	Method *uuid.UUID `json:"method,omitempty"`
}

// CancelRequest gives a payment up.
type CancelRequest struct {
	By     Actor  `json:"by"`
	Reason string `json:"reason,omitempty"`
}

// Payment takes one payment from its reservation to its receipt: reserve,
// charge, wait for the processor, record, allocate; on a decline wait for a
// retry, or give up and release (R67).
func Payment(ctx workflow.Context, in PaymentInput) (PaymentResult, error) {
	f := &payment{in: in, times: in.Times.defaults(), lock: workflow.NewMutex(ctx)}
	if err := f.setup(ctx); err != nil {
		return PaymentResult{}, err
	}
	return f.run(ctx)
}

type payment struct {
	in    PaymentInput
	times PaymentTimes
	// lock is held while a step is under way, so that a retry, a cancel and a
	// webhook never act at once.
	lock  workflow.Mutex
	state PaymentState
	begun bool
	// nudged is set by whatever may have changed the state, to wake the story.
	nudged bool
	// polls counts how often the processor was asked without news.
	polls int
	// mailed is the last status and attempt that an email told of.
	mailed string
	// tell says that the customer doesn't know of the cancellation yet.
	tell bool
	// told is how many turns of the money the customer was told of.
	told int
	// letters are emails that the mail provider didn't take before the story went on.
	letters []workflow.Future
}

func (f *payment) setup(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateBegun, func(ctx workflow.Context) (PaymentState, error) {
		err := workflow.Await(ctx, func() bool { return f.begun })
		return f.state, err
	}, workflow.UpdateHandlerOptions{Description: "Waits for the first step and answers with its result."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateRetry, f.retry, workflow.UpdateHandlerOptions{
		Validator:   f.mayRetry,
		Description: `Tries a declined payment again. Input: {"by": {"kind": "staff", "name": "your name"}}`,
	}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateCancel, f.cancel, workflow.UpdateHandlerOptions{
		Validator:   f.mayCancel,
		Description: `Gives the payment up and frees its invoices. Input: {"by": {"kind": "staff", "name": "your name"}, "reason": "why"}`,
	}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateObserve, f.observe, workflow.UpdateHandlerOptions{
		Description: "Asks the processor how the payment stands and applies the answer. No input.",
	}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateRefund, f.refund, workflow.UpdateHandlerOptions{
		Validator:   f.mayRefund,
		Description: `Gives back a payment that succeeded, or a part of it (amount in minor units; none is all that is left). Input: {"by": {"kind": "staff", "name": "your name"}, "amount": 1000, "reason": "why", "owed_again": false}`,
	}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateMoneyBack, f.moneyBack, workflow.UpdateHandlerOptions{
		Description: "Asks the processor for refunds and disputes of the payment and applies the answer. No input.",
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

func (f *payment) run(ctx workflow.Context) (PaymentResult, error) {
	begin := commit(ctx, "Reserve the invoices")
	err := workflow.ExecuteLocalActivity(begin, steps.BeginPayment, activities.BeginPaymentInput{
		PaymentRef: f.in.PaymentRef, Request: f.in.Request,
	}).Get(ctx, &f.state)
	if err != nil {
		return PaymentResult{}, err
	}
	f.begun = true
	if f.state.Refused != nil {
		workflow.SetCurrentDetails(ctx, "Refused: "+f.state.Refused.Message)
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return PaymentResult{Status: "refused", Reason: f.state.Refused.Message}, err
	}
	if f.state.Status == activities.StatusCredited {
		workflow.SetCurrentDetails(ctx, "Paid from credit: no money moved.")
		err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		return PaymentResult{Status: f.state.Status}, err
	}
	for {
		for !f.state.Final() {
			if err := f.next(ctx); err != nil {
				return PaymentResult{}, err
			}
		}
		f.describe(ctx)
		if err := f.tellOutcome(ctx); err != nil {
			return PaymentResult{}, err
		}
		if err := f.tellMoneyBack(ctx); err != nil {
			return PaymentResult{}, err
		}
		if f.state.RefundsOpen > 0 {
			if err := f.giveBack(ctx); err != nil {
				return PaymentResult{}, err
			}
			continue
		}
		if sent, err := f.lettersSent(ctx); err != nil {
			return PaymentResult{}, err
		} else if !sent {
			continue
		}
		if err := workflow.ExecuteLocalActivity(commit(ctx, "Close the payment"), steps.ClosePayment, f.in.PaymentRef).Get(ctx, nil); err != nil {
			return PaymentResult{}, err
		}
		if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
			return PaymentResult{}, err
		}
		// A webhook that came last may have found money after all, or money that went back.
		if f.mailed == f.story() && f.told == f.state.Turns && f.state.RefundsOpen == 0 {
			return PaymentResult{Status: f.state.Status, Reason: f.state.Failure}, nil
		}
	}
}

// next does what the payment's status asks for, once.
func (f *payment) next(ctx workflow.Context) error {
	f.describe(ctx)
	switch portal.PaymentStatus(f.state.Status) {
	case portal.PaymentReserved:
		if f.state.Channel == ChannelCheckout {
			return f.step(ctx, processor(ctx, "Open the payment page"), steps.OpenCheckout, f.in.PaymentRef)
		}
		return f.step(ctx, processor(ctx, "Charge the saved card"), steps.ChargeSaved, f.in.PaymentRef)
	case portal.PaymentCharging:
		return f.step(ctx, processor(ctx, "Charge the saved card"), steps.ChargeSaved, f.in.PaymentRef)
	case portal.PaymentAwaitingCustomer:
		if f.state.Channel == ChannelSaved {
			return f.waitForBank(ctx)
		}
		return f.pollAfter(ctx, f.pollCheckout(ctx), "Wait for the customer to pay")
	case portal.PaymentProcessing:
		return f.pollAfter(ctx, f.times.PollProcessing, "Wait for the bank to settle")
	case portal.PaymentDeclined:
		return f.waitForRetry(ctx)
	default:
		return temporal.NewNonRetryableApplicationError("this code does not know the status "+f.state.Status, "UnknownStatus", nil)
	}
}

// pollCheckout waits longer each time, and asks right after the page closes.
func (f *payment) pollCheckout(ctx workflow.Context) time.Duration {
	d := f.times.PollCheckout << min(f.polls, 8)
	closes := f.state.CheckoutExpiresAt.Add(5 * time.Second).Sub(workflow.Now(ctx))
	if !f.state.CheckoutExpiresAt.IsZero() && closes > 0 {
		d = min(d, closes)
	}
	return d
}

// pollAfter waits for news, and asks the processor when none comes.
func (f *payment) pollAfter(ctx workflow.Context, d time.Duration, summary string) error {
	woken, err := f.sleep(ctx, d, summary)
	if err != nil {
		return err
	}
	if woken && !f.takeNudge() {
		return nil
	}
	f.polls++
	return f.step(ctx, processor(ctx, "Ask the processor"), steps.CheckPayment, f.in.PaymentRef)
}

// waitForBank holds a payment open that the customer has to confirm at their bank.
// Unlike a page of the processor's, nothing ends that by itself.
func (f *payment) waitForBank(ctx workflow.Context) error {
	if left := f.givenUpAt().Sub(workflow.Now(ctx)); left > 0 {
		if err := f.pollAfter(ctx, min(f.pollCheckout(ctx), left), "Wait for the customer to confirm at their bank"); err != nil {
			return err
		}
		return f.remindOfBank(ctx)
	}
	return f.giveUp(ctx, "This payment was not confirmed at the bank in time. Nothing was charged.")
}

// givenUpAt is when a payment that waits for somebody is given up.
func (f *payment) givenUpAt() time.Time { return f.state.CreatedAt.Add(f.times.GiveUp) }

// giveUp frees the invoices of a payment whose time is up, and tells the customer.
func (f *payment) giveUp(ctx workflow.Context, reason string) error {
	f.tell = true
	return f.step(ctx, processor(ctx, "Give up and free the invoices"), steps.Release, activities.ReleaseInput{
		PaymentRef: f.in.PaymentRef, By: Actor{Kind: portal.ActorSystem, Name: "Countersign"}, Code: "given_up", Reason: reason,
	})
}

// remindOfBank emails whoever has not confirmed the charge of a saved card at
// their bank when it was first asked about: they may have left before the bank asked.
func (f *payment) remindOfBank(ctx workflow.Context) error {
	if !f.state.Is(portal.PaymentAwaitingCustomer) || f.polls != 1 {
		return nil
	}
	if workflow.GetVersion(ctx, "remind of the bank", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	f.polls++
	return f.letter(ctx, "Email that the bank waits for the customer", steps.MailPayment, activities.MailPaymentInput{
		PaymentRef: f.in.PaymentRef, Template: "payment_confirmation", Attempt: f.state.Attempt,
	})
}

// waitForRetry holds a declined payment open until somebody retries or cancels
// it, the schedule tries it again, or its time is up.
func (f *payment) waitForRetry(ctx workflow.Context) error {
	was := f.story()
	if err := f.tellOutcome(ctx); err != nil {
		return err
	}
	if f.story() != was {
		return nil // retried or given up while the email was under way
	}
	until, summary := f.givenUpAt(), "Wait for a retry, then give up"
	next := f.nextTryAt(ctx)
	scheduled := !next.IsZero() && next.Before(until)
	if scheduled {
		until, summary = next, "Wait for the next try on schedule"
	}
	if left := until.Sub(workflow.Now(ctx)); left > 0 {
		woken, err := f.sleep(ctx, left, summary)
		if err != nil {
			return err
		}
		if woken {
			if f.takeNudge() {
				return f.step(ctx, processor(ctx, "Ask the processor"), steps.CheckPayment, f.in.PaymentRef)
			}
			return nil
		}
	}
	if scheduled {
		return f.retryOnSchedule(ctx, was)
	}
	return f.giveUp(ctx, "This payment was declined and not tried again in time. Nothing was charged.")
}

// nextTryAt is when the schedule tries a declined payment again; zero when it doesn't.
func (f *payment) nextTryAt(ctx workflow.Context) time.Time {
	if f.state.NextTryAt.IsZero() || workflow.GetVersion(ctx, "retry on schedule", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return time.Time{}
	}
	if f.times.NextTry > 0 {
		return workflow.Now(ctx).Add(f.times.NextTry)
	}
	return f.state.NextTryAt
}

// retryOnSchedule asks for the next try as a person would, unless one has acted meanwhile.
func (f *payment) retryOnSchedule(ctx workflow.Context, was string) error {
	if err := f.lock.Lock(ctx); err != nil {
		return err
	}
	defer f.lock.Unlock()
	if f.story() != was {
		return nil
	}
	return f.take(ctx, workflow.ExecuteLocalActivity(commit(ctx, "Retry, on schedule"), steps.RequestRetry, activities.RetryPaymentInput{
		PaymentRef: f.in.PaymentRef, Attempt: f.state.Attempt, By: activities.OnSchedule(),
	}))
}

// sleep waits until the status or the attempt changes, a nudge comes, or d has
// passed, and reports whether it was woken.
func (f *payment) sleep(ctx workflow.Context, d time.Duration, summary string) (bool, error) {
	was := f.page()
	return wait(ctx, d, summary, func() bool { return f.nudged || f.page() != was })
}

func (f *payment) takeNudge() bool {
	nudged := f.nudged
	f.nudged = false
	return nudged
}

// story is what the state tells apart: the status and the attempt.
func (f *payment) story() string { return fmt.Sprintf("%s %d", f.state.Status, f.state.Attempt) }

// page is the story with what happened to the money after it succeeded.
func (f *payment) page() string {
	return fmt.Sprintf("%s %d %d", f.story(), f.state.RefundsOpen, f.state.Turns)
}

// giveBack has the processor give back what was asked for, and waits for a bank
// that takes days over it.
func (f *payment) giveBack(ctx workflow.Context) error {
	was := f.page()
	ran, err := f.tryStep(ctx, processor(ctx, "Give the money back"), steps.SendRefunds, f.in.PaymentRef)
	if err != nil || !ran || f.page() != was || f.state.RefundsOpen == 0 {
		return err
	}
	f.describe(ctx)
	_, err = f.sleep(ctx, f.times.PollProcessing, "Wait for the bank to take the money back")
	f.nudged = false
	return err
}

// tellMoneyBack emails what went back, once for each time that something did.
func (f *payment) tellMoneyBack(ctx workflow.Context) error {
	turns := f.state.Turns
	if f.told == turns {
		return nil
	}
	if err := f.letter(ctx, "Email what went back", steps.MailMoneyBack, f.in.PaymentRef); err != nil {
		return err
	}
	f.told = turns
	return nil
}

// letter has an email sent. While the mail provider is away it goes on being
// tried, for hours; a retry, a refund or a cancellation that comes meanwhile
// doesn't wait for it.
func (f *payment) letter(ctx workflow.Context, summary string, step, input any) error {
	was := f.page()
	sent := workflow.ExecuteActivity(email(ctx, summary), step, input)
	if err := workflow.Await(ctx, func() bool { return sent.IsReady() || f.page() != was }); err != nil {
		return err
	}
	if !sent.IsReady() && workflow.GetVersion(ctx, "emails don't hold up the story", workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		f.letters = append(f.letters, sent)
		return nil
	}
	return taken(ctx, sent)
}

// taken waits until an email was taken by the provider, or its time is over.
func taken(ctx workflow.Context, sent workflow.Future) error {
	if err := sent.Get(ctx, nil); err != nil && !lapsed(err) {
		return err
	}
	return nil
}

// lettersSent waits for the emails that the story didn't wait for. It is false
// when something else is to be done first.
func (f *payment) lettersSent(ctx workflow.Context) (bool, error) {
	was := f.page()
	for len(f.letters) > 0 {
		first := f.letters[0]
		if err := workflow.Await(ctx, func() bool { return first.IsReady() || f.page() != was }); err != nil {
			return false, err
		}
		if f.page() != was {
			return false, nil
		}
		if err := taken(ctx, first); err != nil {
			return false, err
		}
		f.letters = f.letters[1:]
	}
	return true, nil
}

// step runs one step under the lock and takes over the state that it returns.
func (f *payment) step(ctx, options workflow.Context, step any, input any) error {
	_, err := f.tryStep(ctx, options, step, input)
	return err
}

// tryStep is step, and reports whether the step was carried out: not when somebody
// else moved the payment on meanwhile, nor when a person has to look.
func (f *payment) tryStep(ctx, options workflow.Context, step any, input any) (ran bool, err error) {
	was := f.page()
	if err := f.lock.Lock(ctx); err != nil {
		return false, err
	}
	defer f.lock.Unlock()
	if f.page() != was {
		return false, nil // whoever held the lock moved the payment on
	}
	err = f.take(ctx, workflow.ExecuteActivity(options, step, input))
	if !needsPerson(err) {
		return err == nil, err
	}
	// Nothing is booked on a doubt, and the payment is not dropped either.
	workflow.SetCurrentDetails(ctx, "A person must look at this: "+err.Error()+" It is tried again in a day; to try now send Signal `reread`.")
	f.lock.Unlock()
	_, err = f.sleep(ctx, 24*time.Hour, "Wait for a person to look")
	f.nudged = false
	return false, errors.Join(err, f.lock.Lock(ctx))
}

// needsPerson reports whether the processor's answer was one that no retry mends.
func needsPerson(err error) bool {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && (app.Type() == activities.TypeProcessorMismatch || app.Type() == activities.TypeProcessorRefused)
}

func (f *payment) take(ctx workflow.Context, step workflow.Future) error {
	var state PaymentState
	if err := step.Get(ctx, &state); err != nil {
		return err
	}
	if state.Status != f.state.Status {
		f.polls = 0
	}
	f.state = state
	return nil
}

// mayAct refuses a request that doesn't say who asks.
func mayAct(by Actor, does string) error {
	switch {
	case by.Name == "":
		return refuse(portal.Invalid("Say who "+does+", as by.name.", portal.Field("by.name", "Enter a name.")))
	case !slices.Contains([]portal.ActorKind{"", portal.ActorStaff, portal.ActorContact, portal.ActorAPIKey, portal.ActorSystem}, by.Kind):
		return refuse(portal.Invalid("This is no kind of person.", portal.Field("by.kind", "Use staff.")))
	}
	return nil
}

// operator is who asks; somebody in Temporal UI who gives no more than a name is staff.
func operator(by Actor) Actor {
	by.Kind = cmp.Or(by.Kind, portal.ActorStaff)
	return by
}

// mayRetry only reads: an Update that it refuses leaves no trace.
func (f *payment) mayRetry(_ workflow.Context, in RetryRequest) error {
	return mayAct(in.By, "retries")
}

func (f *payment) retry(ctx workflow.Context, in RetryRequest) (PaymentState, error) {
	in.By = operator(in.By)
	if err := f.ready(ctx); err != nil {
		return f.state, err
	}
	defer f.lock.Unlock()
	err := f.take(ctx, workflow.ExecuteLocalActivity(commit(ctx, "Retry, asked for by "+string(in.By.Kind)), steps.RequestRetry, activities.RetryPaymentInput{
		PaymentRef: f.in.PaymentRef, Attempt: f.state.Attempt, Method: in.Method, By: in.By,
	}))
	return f.state, err
}

func (f *payment) mayCancel(_ workflow.Context, in CancelRequest) error {
	return mayAct(in.By, "cancels")
}

func (f *payment) cancel(ctx workflow.Context, in CancelRequest) (PaymentState, error) {
	in.By = operator(in.By)
	if err := f.ready(ctx); err != nil {
		return f.state, err
	}
	defer f.lock.Unlock()
	reason := in.Reason
	if reason == "" {
		reason = "This payment was canceled. Nothing was charged."
	}
	f.tell = in.By.Kind != portal.ActorContact
	err := f.take(ctx, workflow.ExecuteActivity(processor(ctx, "Cancel and free the invoices"), steps.Release, activities.ReleaseInput{
		PaymentRef: f.in.PaymentRef, By: in.By, Code: "canceled", Reason: reason,
	}))
	if err != nil {
		return f.state, err
	}
	switch {
	case f.state.Is(portal.PaymentCharging), f.state.Is(portal.PaymentProcessing):
		return f.state, refuse(portal.Conflict("A charge is under way; it can't be canceled now."))
	case f.state.Is(portal.PaymentSucceeded):
		return f.state, refuse(portal.Conflict("This payment succeeded; it can't be canceled."))
	}
	return f.state, nil
}

func (f *payment) observe(ctx workflow.Context) (PaymentState, error) {
	if err := f.ready(ctx); err != nil {
		return f.state, err
	}
	defer f.lock.Unlock()
	err := f.take(ctx, workflow.ExecuteActivity(processor(ctx, "Ask the processor, as its webhook says"), steps.CheckPayment, f.in.PaymentRef))
	return f.state, err
}

func (f *payment) mayRefund(_ workflow.Context, in RefundRequest) error {
	if in.ByHand != "" && !slices.Contains([]string{"bank_transfer", "cash", "check", "other"}, in.ByHand) {
		return refuse(portal.Invalid("This is no way to give money back.", portal.Field("by_hand", "Use bank_transfer, cash, check or other.")))
	}
	return mayAct(in.By, "refunds")
}

func (f *payment) refund(ctx workflow.Context, in RefundRequest) (PaymentState, error) {
	in.By = operator(in.By)
	if err := f.ready(ctx); err != nil {
		return f.state, err
	}
	defer f.lock.Unlock()
	if in.ID == uuid.Nil {
		// An operator's: the Update's own ID makes it, so that it is the same whoever replays.
		in.ID = portal.DerivedID("refund", f.in.Payment.String(), workflow.GetCurrentUpdateInfo(ctx).ID)
	}
	err := f.take(ctx, workflow.ExecuteLocalActivity(commit(ctx, "Refund, asked for by "+string(in.By.Kind)), steps.BeginRefund, activities.BeginRefundInput{
		PaymentRef: f.in.PaymentRef, Request: in,
	}))
	return f.state, err
}

func (f *payment) moneyBack(ctx workflow.Context) (PaymentState, error) {
	if err := f.ready(ctx); err != nil {
		return f.state, err
	}
	defer f.lock.Unlock()
	err := f.take(ctx, workflow.ExecuteActivity(processor(ctx, "Ask the processor what went back"), steps.CheckMoneyBack, f.in.PaymentRef))
	return f.state, err
}

// ready waits until the payment has begun and takes the lock.
func (f *payment) ready(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return f.begun }); err != nil {
		return err
	}
	if f.state.Refused != nil {
		return refuse(f.state.Refused)
	}
	return f.lock.Lock(ctx)
}

// tellOutcome emails what the customer should know, once for each outcome.
func (f *payment) tellOutcome(ctx workflow.Context) error {
	if f.mailed == f.story() {
		return nil
	}
	outcome := f.story()
	template := ""
	switch portal.PaymentStatus(f.state.Status) {
	case portal.PaymentSucceeded:
		template = "payment_receipt"
	case portal.PaymentDeclined:
		template = "payment_failed"
	case portal.PaymentFailed:
		template = "payment_canceled"
	case portal.PaymentCanceled:
		if f.tell {
			template = "payment_canceled"
		}
	}
	if template != "" {
		summary := map[string]string{
			"payment_receipt": "Email the receipt", "payment_failed": "Email that it was declined", "payment_canceled": "Email that it was canceled",
		}[template]
		err := f.letter(ctx, summary, steps.MailPayment, activities.MailPaymentInput{
			PaymentRef: f.in.PaymentRef, Template: template, Attempt: f.state.Attempt,
		})
		if err != nil {
			return err
		}
	}
	f.mailed = outcome
	return nil
}

// describe says in plain words where the payment stands and what comes next.
func (f *payment) describe(ctx workflow.Context) {
	var words string
	switch portal.PaymentStatus(f.state.Status) {
	case portal.PaymentReserved:
		words = "The invoices are reserved. Next: ask the processor."
	case portal.PaymentAwaitingCustomer:
		if f.state.Channel == ChannelSaved {
			words = "The bank waits for the customer to confirm. It is given up on " + f.givenUpAt().Format("Monday 2 January 15:04 MST") + ". To free the invoices send Update `cancel`."
			break
		}
		words = "The processor's page is open to the customer until " + f.state.CheckoutExpiresAt.Format("15:04 MST") + ". To give it up send Update `cancel`."
	case portal.PaymentCharging:
		words = "A charge is under way at the processor. It is asked again, under the same key, until it answers."
	case portal.PaymentProcessing:
		words = "The bank is settling. Next: ask again within a day, or when the processor tells."
	case portal.PaymentDeclined:
		next := ""
		if !f.state.NextTryAt.IsZero() {
			next = "It is tried again by itself on " + f.state.NextTryAt.Format("Monday 2 January 15:04 MST") + ". "
		}
		words = fmt.Sprintf("Declined: %s %sIt is given up on %s. To try now send Update `retry`; to free the invoices send `cancel`.",
			f.state.Failure, next, f.givenUpAt().Format("Monday 2 January 15:04 MST"))
	case portal.PaymentSucceeded:
		words = "Paid, allocated to its invoices, receipt sent."
		if f.state.RefundsOpen > 0 {
			words = "Paid. A refund is under way: next, ask the processor."
		} else if f.state.Turns > 0 {
			words = "Paid, and since then money went back: see the payment's page for how much and why."
		}
	default:
		words = "Ended: " + f.state.Failure + " The invoices are free again."
	}
	workflow.SetCurrentDetails(ctx, words)
	tag(ctx, f.state.Status)
}
