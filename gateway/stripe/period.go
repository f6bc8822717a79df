package stripe

import (
	"context"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// IntentsCreated implements [gateway.Gateway].
func (c *Client) IntentsCreated(ctx context.Context, account string, in gateway.Period, after string) (gateway.Page[gateway.Intent], error) {
	params := &sdk.PaymentIntentListParams{ListParams: onePage(ctx, account, after), CreatedRange: created(in)}
	it := c.api.PaymentIntents.List(params)
	var out gateway.Page[gateway.Intent]
	for it.Next() {
		out.Items = append(out.Items, intent(it.PaymentIntent()))
	}
	return ended(out, it.Err(), it.Meta(), func(i gateway.Intent) string { return i.ID })
}

// RefundsCreated implements [gateway.Gateway].
func (c *Client) RefundsCreated(ctx context.Context, account string, in gateway.Period, after string) (gateway.Page[gateway.Refund], error) {
	params := &sdk.RefundListParams{ListParams: onePage(ctx, account, after), CreatedRange: created(in)}
	it := c.api.Refunds.List(params)
	var out gateway.Page[gateway.Refund]
	for it.Next() {
		out.Items = append(out.Items, refund(it.Refund()))
	}
	return ended(out, it.Err(), it.Meta(), func(r gateway.Refund) string { return r.ID })
}

// DisputesCreated implements [gateway.Gateway].
func (c *Client) DisputesCreated(ctx context.Context, account string, in gateway.Period, after string) (gateway.Page[gateway.Dispute], error) {
	params := &sdk.DisputeListParams{ListParams: onePage(ctx, account, after), CreatedRange: created(in)}
	it := c.api.Disputes.List(params)
	var out gateway.Page[gateway.Dispute]
	for it.Next() {
		out.Items = append(out.Items, dispute(it.Dispute()))
	}
	return ended(out, it.Err(), it.Meta(), func(d gateway.Dispute) string { return d.ID })
}

// onePage is a list that the caller goes on with, and stripe-go doesn't.
func onePage(ctx context.Context, account, after string) sdk.ListParams {
	p := page(ctx, account)
	p.Single = true
	p.StartingAfter = optional(after)
	return p
}

func created(in gateway.Period) *sdk.RangeQueryParams {
	return &sdk.RangeQueryParams{GreaterThanOrEqual: in.From.Unix(), LesserThan: in.To.Unix()}
}

// ended says where the page after this one begins, if there is one.
func ended[T any](p gateway.Page[T], err error, meta *sdk.ListMeta, id func(T) string) (gateway.Page[T], error) {
	if err != nil {
		return gateway.Page[T]{}, mapError(err)
	}
	if meta.HasMore && len(p.Items) > 0 {
		p.Next = id(p.Items[len(p.Items)-1])
	}
	return p, nil
}
