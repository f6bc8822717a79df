package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// How long steps may take and how they are tried again, by what they talk to.
// Failures that no retry can mend are marked so by the steps themselves.

// lost is how long a worker may be silent about a step before another one takes
// it up: what a crash in the middle of a charge costs.
const lost = 6 * time.Second

// commit is for a first step or a decision that a caller waits for, and for a
// flow's last step: one local transaction, tried again for as long as Postgres
// is away.
func commit(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 5 * time.Second,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 50 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 5 * time.Second,
		},
	})
}

// database is for transactions that nobody waits for.
func database(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 15 * time.Second,
		HeartbeatTimeout:    lost,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	})
}

// processor is for calls to the payment processor. They are tried until an
// answer is had: a charge is never left in doubt.
func processor(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 60 * time.Second,
		HeartbeatTimeout:    lost,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
}

// comparing is for going through all charges of a period: a hundred a call, and a
// call for each one that stands out.
func comparing(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour,
		HeartbeatTimeout:    lost,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
	})
}

// rendering is for drawing documents: seconds for the longest statement.
func rendering(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		HeartbeatTimeout:    lost,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
	})
}

// email is for sending mail. The provider remembers our keys for a day: after
// that a repeat could arrive twice, so it ends before.
func email(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: 20 * time.Hour,
		HeartbeatTimeout:       lost,
		Summary:                summary,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Minute},
	})
}

// lapsed reports whether a step failed because its total time was over. Between
// two tries Temporal answers with the failure of the last one: our policies limit
// time and never the number of tries, so a failure that was worth another one
// says it as well.
func lapsed(err error) bool {
	failed, ok := errors.AsType[*temporal.ApplicationError](err)
	return temporal.IsTimeoutError(err) || ok && !failed.NonRetryable()
}

// wait blocks until woken is true or d has passed, and reports whether it was
// woken. The summary is what the timer shows in Temporal UI.
func wait(ctx workflow.Context, d time.Duration, summary string, woken func() bool) (bool, error) {
	if d <= 0 {
		return woken(), nil
	}
	return workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: d, TimerOptions: workflow.TimerOptions{Summary: summary},
	}, woken)
}
