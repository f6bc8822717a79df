package stripe

import (
	"context"
	"fmt"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// metadataRefund is where a refund carries our refund's ID.
const metadataRefund = "refund"

// Refund implements [gateway.Gateway].
func (c *Client) Refund(ctx context.Context, account string, p gateway.RefundParams) (gateway.Refund, error) {
	key := "refund:" + p.ID
	if p.Attempt > 0 {
		key = fmt.Sprintf("%s:%d", key, p.Attempt)
	}
	params := &sdk.RefundParams{
		Params:        write(sendUntil(ctx, p.Until), account, key),
		PaymentIntent: sdk.String(p.IntentID),
		Metadata:      map[string]string{metadataRefund: p.ID},
	}
	if p.Amount != 0 {
		params.Amount = sdk.Int64(p.Amount)
	}
	r, err := c.api.Refunds.New(params)
	if err != nil {
		return gateway.Refund{}, mapError(err)
	}
	return refund(r), nil
}

// GetRefund implements [gateway.Gateway].
func (c *Client) GetRefund(ctx context.Context, account, id string) (gateway.Refund, error) {
	r, err := c.api.Refunds.Get(id, &sdk.RefundParams{Params: read(ctx, account)})
	if err != nil {
		return gateway.Refund{}, mapError(err)
	}
	return refund(r), nil
}

// ListRefunds implements [gateway.Gateway].
func (c *Client) ListRefunds(ctx context.Context, account, intentID string) ([]gateway.Refund, error) {
	var refunds []gateway.Refund
	it := c.api.Refunds.List(&sdk.RefundListParams{
		ListParams:    page(ctx, account),
		PaymentIntent: sdk.String(intentID),
	})
	for it.Next() {
		refunds = append(refunds, refund(it.Refund()))
	}
	if err := it.Err(); err != nil {
		return nil, mapError(err)
	}
	return refunds, nil
}

// GetDispute implements [gateway.Gateway].
func (c *Client) GetDispute(ctx context.Context, account, id string) (gateway.Dispute, error) {
	d, err := c.api.Disputes.Get(id, &sdk.DisputeParams{Params: read(ctx, account)})
	if err != nil {
		return gateway.Dispute{}, mapError(err)
	}
	return dispute(d), nil
}

// ListDisputes implements [gateway.Gateway].
func (c *Client) ListDisputes(ctx context.Context, account, intentID string) ([]gateway.Dispute, error) {
	var disputes []gateway.Dispute
	it := c.api.Disputes.List(&sdk.DisputeListParams{
		ListParams:    page(ctx, account),
		PaymentIntent: sdk.String(intentID),
	})
	for it.Next() {
		disputes = append(disputes, dispute(it.Dispute()))
	}
	if err := it.Err(); err != nil {
		return nil, mapError(err)
	}
	return disputes, nil
}

func refund(r *sdk.Refund) gateway.Refund {
	out := gateway.Refund{
		ID:            r.ID,
		Status:        gateway.RefundStatus(r.Status),
		Amount:        r.Amount,
		Currency:      upper(r.Currency),
		RefundID:      r.Metadata[metadataRefund],
		FailureReason: string(r.FailureReason),
		Created:       utc(r.Created),
	}
	if r.PaymentIntent != nil {
		out.IntentID = r.PaymentIntent.ID
	}
	if r.Charge != nil {
		out.ChargeID = r.Charge.ID
	}
	return out
}

func dispute(d *sdk.Dispute) gateway.Dispute {
	out := gateway.Dispute{
		ID:       d.ID,
		Status:   gateway.DisputeStatus(d.Status),
		Reason:   string(d.Reason),
		Amount:   d.Amount,
		Currency: upper(d.Currency),
		Created:  utc(d.Created),
	}
	if d.PaymentIntent != nil {
		out.IntentID = d.PaymentIntent.ID
	}
	if d.Charge != nil {
		out.ChargeID = d.Charge.ID
	}
	return out
}
