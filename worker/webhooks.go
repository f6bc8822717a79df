package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// webhookSlots is how many events are dispatched at a time.
const webhookSlots = 32

// dispatchFor is how long one event may take. Its claim lasts longer, so that
// nobody else takes it up meanwhile.
const dispatchFor = 10 * time.Second

// dispatcher takes stored webhooks to whom they concern, and marks each when that
// has acknowledged it. What fails is tried again, later each time. One that waits
// for its answer keeps no other waiting.
type dispatcher struct {
	Config
	slots chan struct{} // one in it for each event under way
	under sync.WaitGroup
}

func (c Config) dispatch(ctx context.Context) error {
	d := &dispatcher{Config: c, slots: make(chan struct{}, webhookSlots)}
	defer d.under.Wait()
	return every(ctx, c.PollEvery, c.Log, "webhooks", d.claim)
}

// claim takes as many events as there are free slots, waiting for the first.
func (d *dispatcher) claim(ctx context.Context) (more bool, err error) {
	select {
	case d.slots <- struct{}{}:
		<-d.slots
	case <-ctx.Done():
		return false, nil
	}
	free := cap(d.slots) - len(d.slots) // only this loop fills them
	var events []dbsqlc.WebhookEvent
	err = d.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		events, err = q.ClaimWebhooksAcross(ctx, dbsqlc.ClaimWebhooksAcrossParams{ForSeconds: (dispatchFor + 5*time.Second).Seconds(), Batch: int32(free)})
		return err
	})
	for _, e := range events {
		d.slots <- struct{}{}
		d.under.Go(func() {
			defer func() { <-d.slots }()
			d.one(ctx, e)
		})
	}
	return len(events) == free, err
}

func (d *dispatcher) one(ctx context.Context, e dbsqlc.WebhookEvent) {
	handling, cancel := context.WithTimeout(ctx, dispatchFor)
	defer cancel()
	handle := d.paymentEvent
	if e.Provider == "resend" {
		handle = d.mailEvent
	}
	result, failed := handle(handling, e)
	ctx = context.WithoutCancel(ctx)
	err := d.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		if failed != nil {
			d.Log.Warn("A webhook was not acknowledged; it is tried again.", "provider", e.Provider, "event", e.EventID, "type", e.Type, "error", failed)
			return q.FailWebhookAcross(ctx, dbsqlc.FailWebhookAcrossParams{Provider: e.Provider, Account: e.Account, EventID: e.EventID, Result: failed.Error()})
		}
		return q.FinishWebhookAcross(ctx, dbsqlc.FinishWebhookAcrossParams{Provider: e.Provider, Account: e.Account, EventID: e.EventID, Result: result})
	})
	if err != nil {
		d.Log.Warn("What became of a webhook can't be noted; it is tried again.", "event", e.EventID, "error", err)
	}
}

// paymentEvent has the payment's flow ask the processor: an event is a hint, and
// what it says is never believed. A flow that has ended is started again for it.
func (c Config) paymentEvent(ctx context.Context, e dbsqlc.WebhookEvent) (string, error) {
	update := workflows.UpdateObserve
	if MoneyBack(e.Type) {
		update = workflows.UpdateMoneyBack
	}
	ref, found, err := c.paymentOf(ctx, e)
	if err == nil && !found && MoneyBack(e.Type) {
		ref, found, err = c.paymentByIntent(ctx, e)
	}
	if err != nil {
		return "", err
	}
	if !found {
		return c.methodEvent(ctx, e)
	}
	// The event's ID makes a repeat the same Update.
	return c.tellPayment(ctx, ref, update, "webhook:"+e.EventID)
}

// tellPayment has the flow of a payment ask the processor, and says what came of
// it. The same ID again is the same Update. A flow that has ended is started again.
func (c Config) tellPayment(ctx context.Context, ref workflows.PaymentRef, update, updateID string) (string, error) {
	o := openPayment(ref, true)
	handle, err := c.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.Temporal.NewWithStartWorkflowOperation(
			o.options(), o.flow, o.input),
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: o.workflowID, UpdateID: updateID, UpdateName: update, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return "", fmt.Errorf("telling %s: %w", o.workflowID, err)
	}
	var state workflows.PaymentState
	if err := handle.Get(ctx, &state); err != nil {
		if refused := activities.Refusal(err); refused != nil {
			return "ignored: " + refused.Message, nil
		}
		return "", fmt.Errorf("telling %s: %w", o.workflowID, err)
	}
	return "applied: " + state.Status, nil
}

// paymentOf finds the payment that an event is about: by the ID that its object
// carries, or by the processor's IDs that payments keep. A payment of another
// account isn't this account's to speak of.
func (c Config) paymentOf(ctx context.Context, e dbsqlc.WebhookEvent) (ref workflows.PaymentRef, found bool, err error) {
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		if e.PaymentID != nil {
			rows, err := q.FindPaymentAcross(ctx, *e.PaymentID)
			if err != nil {
				return err
			}
			if len(rows) == 1 && rows[0].Account == e.Account {
				ref, found = workflows.PaymentRef{Org: rows[0].OrgID, Payment: rows[0].ID}, true
				return nil
			}
		}
		rows, err := q.FindPaymentByProcessorAcross(ctx, dbsqlc.FindPaymentByProcessorAcrossParams{Account: e.Account, ObjectID: e.ObjectID})
		if err == nil && len(rows) == 1 {
			ref, found = workflows.PaymentRef{Org: rows[0].OrgID, Payment: rows[0].ID}, true
		}
		return err
	})
	return ref, found, err
}

// MoneyBack reports whether an event is of money that goes back.
func MoneyBack(kind string) bool {
	return strings.HasPrefix(kind, "charge.dispute.") || strings.HasPrefix(kind, "charge.refund") || strings.HasPrefix(kind, "refund.")
}

// paymentByIntent finds the payment of an event that doesn't name it by asking the
// processor, for payments that know nothing of their charge yet.
func (c Config) paymentByIntent(ctx context.Context, e dbsqlc.WebhookEvent) (ref workflows.PaymentRef, found bool, err error) {
	payment, err := c.Activities.PaymentOfIntent(ctx, e.Account, e.ObjectID)
	if err != nil || payment == uuid.Nil {
		return ref, false, err
	}
	e.PaymentID = &payment
	return c.paymentOf(ctx, e)
}

// emailKnownWithin is how long after a webhook its email may still become known.
const emailKnownWithin = time.Hour

// mailEvent follows an email: what became of it stands on its delivery, and a
// bounce is told to staff. Whoever looks at a document that was forwarded sees
// at once what became of the email, so that each word of it is an event.
func (c Config) mailEvent(ctx context.Context, e dbsqlc.WebhookEvent) (string, error) {
	status, ok := map[string]string{
		"email.delivered": "delivered", "email.delivery_delayed": "delayed", "email.bounced": "bounced", "email.complained": "complained", "email.failed": "bounced",
	}[e.Type]
	if !ok {
		return "ignored: nothing to note", nil
	}
	var followed []dbsqlc.FollowDeliveryAcrossRow
	var known []dbsqlc.FindDeliveryAcrossRow
	err := c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		if followed, err = q.FollowDeliveryAcross(ctx, dbsqlc.FollowDeliveryAcrossParams{Status: status, Detail: "", ProviderID: e.ObjectID}); err != nil {
			return err
		}
		known, err = q.FindDeliveryAcross(ctx, e.ObjectID)
		return err
	})
	if err != nil {
		return "", err
	}
	// Also when there is nothing new: this may be the second try of a webhook whose first was noted and not told of.
	if err := c.tellForward(ctx, known); err != nil {
		return "", err
	}
	switch {
	case len(followed) == 0 && len(known) > 0:
		return "ignored: nothing new", nil
	case len(followed) == 0 && time.Since(e.ReceivedAt) < emailKnownWithin:
		// The provider can be faster than our own note that it took the email.
		return "", errors.New("the email is not known yet")
	case len(followed) == 0:
		return "ignored: no email of ours", nil
	}
	d := followed[0]
	forwarded := slices.ContainsFunc(known, func(k dbsqlc.FindDeliveryAcrossRow) bool { return k.ForwardID != nil })
	if status != "bounced" && status != "complained" && !forwarded {
		return status, nil
	}
	data, err := json.Marshal(map[string]string{"recipient": d.Recipient})
	if err != nil {
		return "", err
	}
	return status, c.DB.In(ctx, portal.System(d.OrgID), func(q *dbsqlc.Queries) error {
		return q.InsertEvent(ctx, dbsqlc.InsertEventParams{
			OrgID: d.OrgID, ID: c.Activities.NewID(), CustomerID: d.CustomerID, Kind: "email." + status, SubjectKind: d.SubjectKind, SubjectID: d.SubjectID,
			ActorKind: string(portal.ActorSystem), ActorName: "Countersign", Visible: false,
			Data: data, At: c.Activities.Now().UTC(),
		})
	})
}

// tellForward wakes the flow of the forward that an email belongs to, if it
// still waits for word of it.
func (c Config) tellForward(ctx context.Context, known []dbsqlc.FindDeliveryAcrossRow) error {
	for _, d := range known {
		if d.ForwardID == nil {
			continue
		}
		err := c.Temporal.SignalWorkflow(ctx, workflows.ForwardID(*d.ForwardID), "", workflows.SignalReread, nil)
		var none *serviceerror.NotFound
		if err != nil && !errors.As(err, &none) {
			return fmt.Errorf("telling forward %s: %w", d.ForwardID, err)
		}
	}
	return nil
}
