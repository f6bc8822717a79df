package stripe

import (
	"context"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// EventTypes are the events that a payment's state can turn on: those that the
// webhook endpoint must be subscribed to, and that [Client.ListEvents] asks for.
// Stripe takes at most 20 types in a list.
func EventTypes() []string {
	return []string{
		"payment_intent.succeeded",
		"payment_intent.processing",
		"payment_intent.requires_action",
		"payment_intent.payment_failed",
		"payment_intent.canceled",
		"checkout.session.completed",
		"checkout.session.async_payment_succeeded",
		"checkout.session.async_payment_failed",
		"checkout.session.expired",
		"setup_intent.succeeded",
		"setup_intent.setup_failed",
		"payment_method.attached",
		"payment_method.detached",
		"payment_method.updated",
		"payment_method.automatically_updated",
		"charge.refunded",
		"charge.refund.updated",
		"charge.dispute.created",
		"charge.dispute.updated",
		"charge.dispute.closed",
	}
}

// ListEvents implements [gateway.Gateway]. Stripe keeps events for 30 days.
func (c *Client) ListEvents(ctx context.Context, account string, since time.Time, after string) (gateway.EventPage, error) {
	params := &sdk.EventListParams{
		ListParams:   page(ctx, account),
		CreatedRange: &sdk.RangeQueryParams{GreaterThanOrEqual: since.Unix()},
		Types:        sdk.StringSlice(EventTypes()),
	}
	params.Single = true
	params.StartingAfter = optional(after)
	it := c.api.Events.List(params)
	var out gateway.EventPage
	for it.Next() {
		h := hint(it.Event())
		if h.Account == "" {
			// A list made as a connected account doesn't repeat whose it is.
			h.Account = account
		}
		out.Hints = append(out.Hints, h)
	}
	if err := it.Err(); err != nil {
		return gateway.EventPage{}, mapError(err)
	}
	if it.Meta().HasMore && len(out.Hints) > 0 {
		out.Next = out.Hints[len(out.Hints)-1].EventID
	}
	return out, nil
}

// hint reads what an event is about. It believes nothing else of the event: the
// object in it is a snapshot that may be old by the time it is read.
func hint(e *sdk.Event) gateway.Hint {
	h := gateway.Hint{
		EventID: e.ID,
		Type:    string(e.Type),
		Account: e.Account,
		Created: utc(e.Created),
	}
	if e.Data == nil {
		return h
	}
	object := e.Data.Object
	h.ObjectID, _ = object["id"].(string)
	h.ObjectKind, _ = object["object"].(string)
	switch h.ObjectKind {
	case "payment_intent":
		h.IntentID = h.ObjectID
	case "checkout.session", "charge", "refund", "dispute":
		h.IntentID = idOf(object["payment_intent"])
	}
	if h.ObjectKind == "checkout.session" {
		h.PaymentID, _ = object["client_reference_id"].(string)
	}
	if metadata, ok := object["metadata"].(map[string]any); ok && h.PaymentID == "" {
		h.PaymentID, _ = metadata[metadataPayment].(string)
		if h.ObjectKind == "setup_intent" {
			h.PaymentID, _ = metadata[metadataRequest].(string)
		}
	}
	return h
}

// idOf reads a reference, which is an ID, or the object if it was expanded.
func idOf(reference any) string {
	switch r := reference.(type) {
	case string:
		return r
	case map[string]any:
		id, _ := r["id"].(string)
		return id
	default:
		return ""
	}
}
