package workflows_test

import (
	"testing"
	"time"

	"countersign/portal"
	"countersign/workflows"
)

const onSchedule = "Countersign, on schedule"

// days are how long after the first try each of them was made, in days.
func days(tried []time.Time) []int {
	out := make([]int, len(tried))
	for i, at := range tried {
		out[i] = portal.DateOf(tried[0], time.UTC).DaysUntil(portal.DateOf(at, time.UTC))
	}
	return out
}

// N6: four tries within fifteen days, at nine in the morning, each told of; then
// the payment is given up.
func TestScheduleTriesFourTimesAndGivesUp(t *testing.T) {
	declined := portal.PaymentDeclined
	row := &paymentRow{
		outcomes: []portal.PaymentStatus{declined, declined, declined, declined},
		codes:    []string{"insufficient_funds", "insufficient_funds", "processing_error", "insufficient_funds"},
	}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	start := env.Now()
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "canceled")
	equal(t, days(row.tried), 0, 1, 5, 12)
	for _, at := range row.tried[1:] {
		if at.Hour() != 9 {
			t.Errorf("tried at %s", at)
		}
	}
	equal(t, row.by, onSchedule, onSchedule, onSchedule)
	equal(t, row.mails, "payment_failed", "payment_failed", "payment_failed", "payment_failed", "payment_canceled")
	if after := env.Now().Sub(start); after < portal.RetryWindow || after > portal.RetryWindow+time.Hour {
		t.Errorf("given up after %s", after)
	}
}

// N6: a refusal that won't pass ends the schedule; the payment waits for people.
func TestScheduleEndsWithARefusalForGood(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentDeclined, portal.PaymentDeclined}, codes: []string{"insufficient_funds", "do_not_honor"}}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "canceled")
	equal(t, days(row.tried), 0, 1)
	equal(t, row.mails, "payment_failed", "payment_failed", "payment_canceled")
}

// N6: whoever tries by hand between two tries on schedule has made one of them.
func TestTryByHandCountsForTheSchedule(t *testing.T) {
	declined := portal.PaymentDeclined
	row := &paymentRow{
		outcomes: []portal.PaymentStatus{declined, declined, declined, portal.PaymentSucceeded},
		codes:    []string{"insufficient_funds", "insufficient_funds", "insufficient_funds"},
	}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	asked := &told{}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateRetry, "1", asked, workflows.RetryRequest{By: workflows.Actor{Kind: portal.ActorStaff, Name: "Omar"}})
	}, 3*24*time.Hour)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "succeeded")
	equal(t, days(row.tried), 0, 1, 3, 12)
	equal(t, row.by, onSchedule, "Omar", onSchedule)
	if asked.err != nil {
		t.Fatal(asked.err)
	}
}

// N6: giving the payment up ends the schedule with it.
func TestCancelEndsTheSchedule(t *testing.T) {
	row := &paymentRow{outcomes: []portal.PaymentStatus{portal.PaymentDeclined}, codes: []string{"insufficient_funds"}}
	env, in := paymentFlow(t, row, workflows.ChannelSaved)
	start := env.Now()
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateCancel, "1", &told{}, workflows.CancelRequest{By: workflows.Actor{Kind: portal.ActorContact, Name: "Ann"}})
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Payment, in)
	ended(t, env, "canceled")
	equal(t, days(row.tried), 0)
	if after := env.Now().Sub(start); after > 2*time.Hour {
		t.Errorf("it went on for %s", after)
	}
}
