package stripe

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// metadataPayment is where an intent and a session carry our payment's ID.
const metadataPayment = "payment"

// latestCharge is expanded where it matters what was charged: the intent's own
// method says so only while it is saved. A call that charges a saved one doesn't
// ask for it: it is known, and the call must stay the same under its key.
const latestCharge = "latest_charge"

// CreateIntent implements [gateway.Gateway].
func (c *Client) CreateIntent(ctx context.Context, account string, p gateway.IntentParams) (gateway.Intent, error) {
	key := "pi:" + p.PaymentID
	if p.Attempt > 0 {
		key = fmt.Sprintf("%s:%d", key, p.Attempt)
	}
	pi, err := c.api.PaymentIntents.New(&sdk.PaymentIntentParams{
		Params:             write(ctx, account, key),
		Amount:             sdk.Int64(p.Amount),
		Currency:           lower(p.Currency),
		Customer:           sdk.String(p.CustomerID),
		PaymentMethod:      optional(p.MethodID),
		PaymentMethodTypes: kinds(p.Kinds),
		Description:        optional(p.Description),
		Metadata:           map[string]string{metadataPayment: p.PaymentID},
	})
	if err != nil {
		return gateway.Intent{}, mapError(err)
	}
	return intent(pi), nil
}

// ConfirmIntent implements [gateway.Gateway].
func (c *Client) ConfirmIntent(ctx context.Context, account, intentID string, p gateway.ConfirmParams) (gateway.Intent, error) {
	params := &sdk.PaymentIntentConfirmParams{
		Params:        write(sendUntil(ctx, p.Until), account, again(fmt.Sprintf("confirm:%s:%d", p.PaymentID, p.Attempt), p.Again)),
		PaymentMethod: optional(p.MethodID),
		ReturnURL:     optional(p.ReturnURL),
	}
	if p.OffSession {
		params.OffSession = sdk.Bool(true)
	}
	pi, err := c.api.PaymentIntents.Confirm(intentID, params)
	if err != nil {
		if declined, ok := decline(err); ok {
			return declined, nil
		}
		return gateway.Intent{}, mapError(err)
	}
	return intent(pi), nil
}

// CancelIntent implements [gateway.Gateway].
func (c *Client) CancelIntent(ctx context.Context, account, intentID, key string) (gateway.Intent, error) {
	pi, err := c.api.PaymentIntents.Cancel(intentID, &sdk.PaymentIntentCancelParams{
		Params:             write(ctx, account, key),
		CancellationReason: sdk.String(string(sdk.PaymentIntentCancellationReasonAbandoned)),
	})
	if err != nil {
		return gateway.Intent{}, mapError(err)
	}
	return intent(pi), nil
}

// GetIntent implements [gateway.Gateway].
func (c *Client) GetIntent(ctx context.Context, account, id string) (gateway.Intent, error) {
	params := &sdk.PaymentIntentParams{Params: read(ctx, account)}
	params.AddExpand(latestCharge)
	pi, err := c.api.PaymentIntents.Get(id, params)
	if err != nil {
		return gateway.Intent{}, mapError(err)
	}
	return intent(pi), nil
}

// FindIntent implements [gateway.Gateway].
func (c *Client) FindIntent(ctx context.Context, account, customerID, paymentID string) (gateway.Intent, bool, error) {
	var found gateway.Intent
	ok := false
	it := c.api.PaymentIntents.List(&sdk.PaymentIntentListParams{
		ListParams: page(ctx, account),
		Customer:   sdk.String(customerID),
	})
	for it.Next() {
		pi := intent(it.PaymentIntent())
		if pi.PaymentID != paymentID {
			continue
		}
		if !ok || standing(pi.Status) > standing(found.Status) {
			found, ok = pi, true
		}
	}
	if err := it.Err(); err != nil {
		return gateway.Intent{}, false, mapError(err)
	}
	return found, ok, nil
}

// standing orders intents by how near they are to holding the customer's money.
func standing(s gateway.IntentStatus) int {
	switch s {
	case gateway.IntentSucceeded:
		return 4
	case gateway.IntentProcessing, gateway.IntentRequiresCapture:
		return 3
	case gateway.IntentRequiresAction:
		return 2
	case gateway.IntentRequiresMethod, gateway.IntentRequiresConfirmation:
		return 1
	default:
		return 0
	}
}

// decline reads a refused charge out of the error that Stripe answers it with:
// 402, with the intent as the refusal left it.
func decline(err error) (gateway.Intent, bool) {
	var e *sdk.Error
	if !errors.As(err, &e) || e.Type != sdk.ErrorTypeCard || e.PaymentIntent == nil {
		return gateway.Intent{}, false
	}
	pi := intent(e.PaymentIntent)
	if pi.LastDecline == nil {
		pi.LastDecline = reason(e)
	}
	if pi.ChargeID == "" {
		pi.ChargeID = e.ChargeID
	}
	return pi, true
}

func reason(e *sdk.Error) *gateway.Decline {
	if e == nil {
		return nil
	}
	return &gateway.Decline{Code: string(e.Code), DeclineCode: string(e.DeclineCode), Message: e.Msg}
}

func intent(pi *sdk.PaymentIntent) gateway.Intent {
	i := gateway.Intent{
		ID:             pi.ID,
		Status:         gateway.IntentStatus(pi.Status),
		Amount:         pi.Amount,
		AmountReceived: pi.AmountReceived,
		Currency:       upper(pi.Currency),
		PaymentID:      pi.Metadata[metadataPayment],
		LastDecline:    reason(pi.LastPaymentError),
		CancelReason:   string(pi.CancellationReason),
		Created:        utc(pi.Created),
	}
	if pi.Customer != nil {
		i.CustomerID = pi.Customer.ID
	}
	if pi.PaymentMethod != nil {
		i.MethodID = pi.PaymentMethod.ID
	}
	if pi.LatestCharge != nil {
		i.ChargeID = pi.LatestCharge.ID
		i.Charged = charged(pi.LatestCharge.PaymentMethodDetails)
	}
	if a := pi.NextAction; a != nil {
		switch {
		case a.RedirectToURL != nil:
			i.NextActionURL = a.RedirectToURL.URL
		case a.VerifyWithMicrodeposits != nil:
			i.NextActionURL = a.VerifyWithMicrodeposits.HostedVerificationURL
		}
	}
	return i
}

func charged(d *sdk.ChargePaymentMethodDetails) gateway.Charged {
	switch {
	case d == nil:
		return gateway.Charged{}
	case d.Card != nil:
		return gateway.Charged{Kind: gateway.Card, Brand: string(d.Card.Brand), Last4: d.Card.Last4}
	case d.USBankAccount != nil:
		return gateway.Charged{Kind: gateway.BankAccount, Brand: d.USBankAccount.BankName, Last4: d.USBankAccount.Last4}
	default:
		return gateway.Charged{Kind: gateway.MethodKind(d.Type)}
	}
}

func kinds(ks []gateway.MethodKind) []*string {
	out := make([]*string, len(ks))
	for i, k := range ks {
		out[i] = sdk.String(string(k))
	}
	return out
}
