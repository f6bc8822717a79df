package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
)

const (
	// eventsOverlap is how far behind the newest event that was read the next
	// reading begins: an event can come to the processor's list after a newer one.
	eventsOverlap = 10 * time.Minute
	// eventsAtFirst is how far back the first reading goes. For so long the
	// processor itself tries to deliver an event.
	eventsAtFirst = 3 * 24 * time.Hour
)

// sweepEvents reads at the processor what happened in each account, and stores
// what no webhook has brought. From there it is dispatched like any other.
func (c Config) sweepEvents(ctx context.Context) (more bool, err error) {
	var accounts []dbsqlc.ClaimEventSweepsAcrossRow
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		if err := q.OpenEventSweepsAcross(ctx, time.Now().Add(-eventsAtFirst)); err != nil {
			return err
		}
		accounts, err = q.ClaimEventSweepsAcross(ctx, c.EventsEvery.Seconds())
		return err
	})
	if err != nil {
		return false, err
	}
	var errs []error
	for _, a := range accounts {
		if err := c.sweepAccount(ctx, a.Account, a.SweptThrough); err != nil {
			errs = append(errs, fmt.Errorf("reading the events of account %q: %w", a.Account, err))
		}
	}
	return false, errors.Join(errs...)
}

// sweepAccount moves the mark of an account only once all pages were read: they
// come newest first, so a reading that broke off has left out the older ones.
func (c Config) sweepAccount(ctx context.Context, account string, through time.Time) error {
	// Of what is as new as this, the webhook may be on its way.
	until := time.Now().Add(-c.Settled)
	since, newest, missed := through.Add(-eventsOverlap), through, 0
	for after := ""; ; {
		page, err := c.Activities.Gateway.ListEvents(ctx, account, since, after)
		if err != nil {
			return err
		}
		settled := slices.DeleteFunc(page.Hints, func(h activities.Hint) bool { return h.Created.After(until) })
		for _, h := range settled {
			if h.Created.After(newest) {
				newest = h.Created
			}
		}
		n, err := c.storeMissed(ctx, account, settled)
		if err != nil {
			return err
		}
		missed += n
		if after = page.Next; after == "" {
			break
		}
	}
	if missed > 0 {
		c.Log.Warn("Events were found that no webhook had brought.", "account", account, "events", missed)
	}
	return c.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		return q.FinishEventSweepAcross(ctx, dbsqlc.FinishEventSweepAcrossParams{Account: account, Through: newest, Missed: int64(missed)})
	})
}

// storeMissed stores the events that are not known yet, and counts them.
func (c Config) storeMissed(ctx context.Context, account string, hints []activities.Hint) (missed int, err error) {
	if len(hints) == 0 {
		return 0, nil
	}
	ids := make([]string, len(hints))
	for i, h := range hints {
		ids[i] = h.EventID
	}
	var known []string
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		known, err = q.KnownWebhooksAcross(ctx, dbsqlc.KnownWebhooksAcrossParams{Provider: "stripe", Account: account, EventIds: ids})
		return err
	})
	if err != nil {
		return 0, err
	}
	err = c.DB.Anonymous(ctx, func(q *dbsqlc.Queries) error {
		// The oldest first, as webhooks come.
		for _, h := range slices.Backward(hints) {
			if slices.Contains(known, h.EventID) {
				continue
			}
			event := dbsqlc.StoreWebhookParams{Provider: "stripe", Account: account, EventID: h.EventID, Type: h.Type, ObjectID: h.ObjectID, Created: h.Created}
			if h.IntentID != "" {
				event.ObjectID = h.IntentID // what payments are known by
			}
			if id, err := uuid.Parse(h.PaymentID); err == nil {
				event.Payment = &id
			}
			stored, err := q.StoreWebhook(ctx, event)
			if err != nil {
				return err
			}
			if stored {
				missed++
			}
		}
		return nil
	})
	return missed, err
}
