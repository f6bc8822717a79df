package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"countersign/activities"
	"countersign/portal"
	"countersign/workflows"
)

// paymentRow stands for the row, and the processor, that the steps would act on.
type paymentRow struct {
	state   workflows.PaymentState
	charges int
	checks  int
	mails   []string
	// mailError is what each try of an email comes to.
	mailError error
	// outcomes of the charges, in turn.
	outcomes []portal.PaymentStatus
	// codes are of the charges that are declined, of a payment on schedule.
	codes []string
	// tried is when each charge was made, and by whom each try but the first was asked for.
	tried []time.Time
	by    []string
	// check changes the state when the processor is asked.
	check func(*paymentRow)
}

func (r *paymentRow) is(status portal.PaymentStatus) workflows.PaymentState {
	r.state.Status = string(status)
	return r.state
}

func paymentFlow(t *testing.T, row *paymentRow, channel string) (*testsuite.TestWorkflowEnvironment, workflows.PaymentInput) {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	in := workflows.PaymentInput{PaymentRef: workflows.PaymentRef{Org: uuid.New(), Payment: uuid.New()}, Request: &workflows.PayRequest{}}
	row.state = workflows.PaymentState{Begun: workflows.Begun{Status: "reserved"}, Channel: channel, Attempt: 1, CreatedAt: env.Now()}
	state := func(f func() workflows.PaymentState) func(context.Context, workflows.PaymentRef) (workflows.PaymentState, error) {
		return func(context.Context, workflows.PaymentRef) (workflows.PaymentState, error) { return f(), nil }
	}
	env.OnActivity(steps.BeginPayment, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.BeginPaymentInput) (workflows.PaymentState, error) {
			return row.state, nil
		})
	env.OnActivity(steps.OpenCheckout, mock.Anything, mock.Anything).Return(state(func() workflows.PaymentState {
		row.state.CheckoutExpiresAt = env.Now().Add(35 * time.Minute)
		return row.is(portal.PaymentAwaitingCustomer)
	}))
	env.OnActivity(steps.ChargeSaved, mock.Anything, mock.Anything).Return(state(func() workflows.PaymentState {
		row.charges++
		row.tried = append(row.tried, env.Now())
		row.state.NextTryAt = time.Time{}
		if row.charges <= len(row.codes) {
			row.state.NextTryAt, _ = portal.Declined{Code: row.codes[row.charges-1], Kind: "card", Attempt: row.state.Attempt, First: row.state.CreatedAt, At: env.Now()}.NextTry(time.UTC)
		}
		return row.is(row.outcomes[row.charges-1])
	}))
	env.OnActivity(steps.CheckPayment, mock.Anything, mock.Anything).Return(state(func() workflows.PaymentState {
		row.checks++
		if row.check != nil {
			row.check(row)
		}
		return row.state
	}))
	env.OnActivity(steps.Release, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.ReleaseInput) (workflows.PaymentState, error) {
			row.state.Failure = in.Reason
			return row.is(portal.PaymentCanceled), nil
		})
	env.OnActivity(steps.RequestRetry, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.RetryPaymentInput) (workflows.PaymentState, error) {
			if row.state.Status != "declined" {
				return row.state, portal.Conflict("nothing to retry")
			}
			row.state.Attempt++
			row.state.NextTryAt = time.Time{}
			row.by = append(row.by, in.By.Name)
			return row.is(portal.PaymentReserved), nil
		})
	env.OnActivity(steps.MailPayment, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.MailPaymentInput) error {
			row.mails = append(row.mails, in.Template)
			return row.mailError
		}).After(time.Second)
	env.OnActivity(steps.ClosePayment, mock.Anything, mock.Anything).Return(nil)
	return env, in
}

// R67 R70: a declined payment waits; each retry is one more charge; the
// second tells of nothing that the first didn't.
func TestDeclinedPaymentWaitsForRetries(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentDeclined, portal.PaymentDeclined, portal.PaymentSucceeded}}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	nobody, first, second := &told{}, &told{}, &told{}
	by := workflows.RetryRequest{By: workflows.Actor{Kind: portal.ActorStaff, Name: "Omar"}}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateRetry, "0", nobody, workflows.RetryRequest{})
		env.UpdateWorkflow(workflows.UpdateRetry, "1", first, by)
	}, 24*time.Hour)
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(workflows.UpdateRetry, "2", second, by) }, 48*time.Hour)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "succeeded")
	if row.charges != 3 || row.state.Attempt != 3 {
		t.Fatalf("%d charges, attempt %d", row.charges, row.state.Attempt)
	}
	equal(t, row.mails, "payment_failed", "payment_failed", "payment_receipt")
	if nobody.rejected == nil || first.err != nil || second.err != nil {
		t.Fatalf("retries answered %+v %+v %+v", nobody, first, second)
	}
}

// A retry that comes while the email about the decline is under way is taken up
// at once, not when the payment would be given up.
func TestRetryBesideTheEmailOfTheDecline(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentDeclined, portal.PaymentSucceeded}}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	start, asked := env.Now(), &told{}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateRetry, "1", asked, workflows.RetryRequest{By: workflows.Actor{Kind: portal.ActorStaff, Name: "Omar"}})
	}, 500*time.Millisecond)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "succeeded")
	if took := env.Now().Sub(start); took > time.Minute || asked.err != nil {
		t.Errorf("retried after %s, answered %+v", took, asked)
	}
	equal(t, row.mails, "payment_failed", "payment_receipt")
}

// A mail provider that is away for days costs its email, not the payment.
func TestPaymentOutlivesTheMailProvider(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentSucceeded}, mailError: errors.New("the provider is away")}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "succeeded")
	if len(row.mails) < 10 {
		t.Errorf("the receipt was tried %d times", len(row.mails))
	}
}

// A mail provider that is away holds up neither a retry nor the money: the flow
// ends once the emails are taken.
func TestARetryDoesNotWaitForTheMailProvider(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentDeclined, portal.PaymentSucceeded}, mailError: errors.New("the provider is away")}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	asked := &told{}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateRetry, "1", asked, workflows.RetryRequest{By: workflows.Actor{Kind: portal.ActorStaff, Name: "Omar"}})
	}, 2*time.Hour)
	env.RegisterDelayedCallback(func() {
		if row.charges != 2 || row.state.Status != string(portal.PaymentSucceeded) {
			t.Errorf("an hour after the retry there are %d charges, and the payment is %s", row.charges, row.state.Status)
		}
		row.mailError = nil
	}, 3*time.Hour)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "succeeded")
	if after := env.Now().Sub(row.state.CreatedAt); after > 4*time.Hour || asked.err != nil {
		t.Errorf("ended after %s; the retry answered %+v", after, asked)
	}
	if last := row.mails[len(row.mails)-1]; last != "payment_receipt" && last != "payment_failed" {
		t.Errorf("the last email was %s", last)
	}
}

// A declined payment that nobody retries is given up after 15 days, and the
// customer is told.
func TestDeclinedPaymentIsGivenUp(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentDeclined}}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	start := env.Now()
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "canceled")
	if after := env.Now().Sub(start); after < 15*24*time.Hour {
		t.Errorf("given up after %s", after)
	}
	equal(t, row.mails, "payment_failed", "payment_canceled")
}

// A saved card whose owner never confirms at the bank is given up after 15 days
// too: the processor would wait for ever, and the invoices with it.
func TestUnconfirmedPaymentIsGivenUp(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentAwaitingCustomer}}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	start := env.Now()
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "canceled")
	if after := env.Now().Sub(start); after < 15*24*time.Hour || after > 16*24*time.Hour {
		t.Errorf("given up after %s", after)
	}
	equal(t, row.mails, "payment_confirmation", "payment_canceled")
}

// A Checkout whose webhook never came is asked about until it has closed; the
// timer alone frees nothing.
func TestLostWebhookIsMadeUpForByThePoll(t *testing.T) {
	row := &paymentRow{}
	row.check = func(r *paymentRow) {
		if r.checks == 2 {
			r.is(portal.PaymentSucceeded)
		}
	}
	env, in := paymentFlow(t, row, workflows.ChannelCheckout)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "succeeded")
	equal(t, row.mails, "payment_receipt")
}

// N4: a bank debit is processing for days and asked about daily; a webhook
// doubled or late changes nothing.
func TestBankDebitIsPolledDaily(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentProcessing}}
	row.check = func(r *paymentRow) {
		if r.checks >= 4 {
			r.is(portal.PaymentSucceeded)
		}
	}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	start := env.Now()
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(workflows.UpdateObserve, "webhook:1", &told{}) }, time.Hour)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "succeeded")
	if days := env.Now().Sub(start); days < 3*24*time.Hour || days > 5*24*time.Hour {
		t.Errorf("settled after %s", days)
	}
}

// A cancel is refused while money may be under way, and done when it isn't.
func TestCancelFreesAnOpenPage(t *testing.T) {
	row := &paymentRow{}
	env, in := paymentFlow(t, row, workflows.ChannelCheckout)
	canceled := &told{}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateCancel, "1", canceled, workflows.CancelRequest{By: workflows.Actor{Kind: portal.ActorContact, Name: "Ann"}})
	}, time.Minute)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "canceled")
	if canceled.err != nil {
		t.Fatal(canceled.err)
	}
	// Whoever canceled it needs no email about it.
	equal(t, row.mails)
}
