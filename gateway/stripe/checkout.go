package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// metadataRequest is where a setup carries the ID of our request for it.
const metadataRequest = "request"

// CreateCheckout implements [gateway.Gateway].
func (c *Client) CreateCheckout(ctx context.Context, account string, p gateway.CheckoutParams) (gateway.Checkout, error) {
	params := &sdk.CheckoutSessionParams{
		Params:                   write(ctx, account, again(fmt.Sprintf("cs:%s:%d", p.PaymentID, p.Attempt), p.Again)),
		ClientReferenceID:        sdk.String(p.PaymentID),
		Customer:                 sdk.String(p.CustomerID),
		PaymentMethodTypes:       kinds(p.Kinds),
		BillingAddressCollection: sdk.String(string(sdk.CheckoutSessionBillingAddressCollectionRequired)),
		SuccessURL:               sdk.String(p.SuccessURL),
		CancelURL:                sdk.String(p.CancelURL),
	}
	if slices.Contains(p.Kinds, gateway.BankAccount) {
		// At once, by the bank's own sign-in: two small deposits would take days, for which the invoices would be held.
		params.PaymentMethodOptions = &sdk.CheckoutSessionPaymentMethodOptionsParams{USBankAccount: &sdk.CheckoutSessionPaymentMethodOptionsUSBankAccountParams{
			VerificationMethod: sdk.String(string(sdk.CheckoutSessionPaymentMethodOptionsUSBankAccountVerificationMethodInstant)),
		}}
	}
	if p.Setup {
		params.Mode = sdk.String(string(sdk.CheckoutSessionModeSetup))
		params.SetupIntentData = &sdk.CheckoutSessionSetupIntentDataParams{
			Metadata: map[string]string{metadataRequest: p.PaymentID},
		}
	} else {
		charge(params, p)
	}
	cs, err := c.api.CheckoutSessions.New(params)
	if err != nil {
		return gateway.Checkout{}, mapError(err)
	}
	return checkout(cs), nil
}

// charge fills in what only a session that takes money has.
func charge(params *sdk.CheckoutSessionParams, p gateway.CheckoutParams) {
	params.Mode = sdk.String(string(sdk.CheckoutSessionModePayment))
	params.ExpiresAt = sdk.Int64(p.ExpiresAt.Unix())
	params.SubmitType = sdk.String("pay")
	params.PaymentIntentData = &sdk.CheckoutSessionPaymentIntentDataParams{
		Description: optional(p.Description),
		Metadata:    map[string]string{metadataPayment: p.PaymentID},
	}
	if p.Save {
		params.PaymentIntentData.SetupFutureUsage = sdk.String(string(sdk.PaymentIntentSetupFutureUsageOffSession))
	}
	for _, line := range p.Lines {
		params.LineItems = append(params.LineItems, &sdk.CheckoutSessionLineItemParams{
			Quantity: sdk.Int64(1),
			PriceData: &sdk.CheckoutSessionLineItemPriceDataParams{
				Currency:    lower(p.Currency),
				UnitAmount:  sdk.Int64(line.Amount),
				ProductData: &sdk.CheckoutSessionLineItemPriceDataProductDataParams{Name: sdk.String(line.Name)},
			},
		})
	}
}

// GetCheckout implements [gateway.Gateway].
func (c *Client) GetCheckout(ctx context.Context, account, id string) (gateway.Checkout, error) {
	cs, err := c.api.CheckoutSessions.Get(id, &sdk.CheckoutSessionParams{Params: read(ctx, account)})
	if err != nil {
		return gateway.Checkout{}, mapError(err)
	}
	return checkout(cs), nil
}

// ExpireCheckout implements [gateway.Gateway].
func (c *Client) ExpireCheckout(ctx context.Context, account, id string) (gateway.Checkout, error) {
	cs, err := c.api.CheckoutSessions.Expire(id, &sdk.CheckoutSessionExpireParams{
		Params: write(ctx, account, "expire:"+id+":"+c.newKey()),
	})
	if err == nil {
		return checkout(cs), nil
	}
	// Stripe refuses to expire what isn't open, with a 400 that has no code
	// of its own; only the session can say what it is instead.
	var e *sdk.Error
	if !errors.As(err, &e) || e.HTTPStatusCode != http.StatusBadRequest {
		return gateway.Checkout{}, mapError(err)
	}
	now, getErr := c.GetCheckout(ctx, account, id)
	if getErr != nil {
		return gateway.Checkout{}, getErr
	}
	if now.Status == gateway.CheckoutOpen {
		return gateway.Checkout{}, mapError(err)
	}
	return now, nil
}

// GetSetup implements [gateway.Gateway].
func (c *Client) GetSetup(ctx context.Context, account, id string) (gateway.Setup, error) {
	si, err := c.api.SetupIntents.Get(id, &sdk.SetupIntentParams{Params: read(ctx, account)})
	if err != nil {
		return gateway.Setup{}, mapError(err)
	}
	s := gateway.Setup{
		ID:          si.ID,
		Status:      gateway.SetupStatus(si.Status),
		RequestID:   si.Metadata[metadataRequest],
		LastDecline: reason(si.LastSetupError),
	}
	if si.Customer != nil {
		s.CustomerID = si.Customer.ID
	}
	if si.PaymentMethod != nil {
		s.MethodID = si.PaymentMethod.ID
	}
	return s, nil
}

func checkout(cs *sdk.CheckoutSession) gateway.Checkout {
	c := gateway.Checkout{
		ID:        cs.ID,
		URL:       cs.URL,
		Status:    gateway.CheckoutStatus(cs.Status),
		Setup:     cs.Mode == sdk.CheckoutSessionModeSetup,
		PaymentID: cs.ClientReferenceID,
		Amount:    cs.AmountTotal,
		Currency:  upper(cs.Currency),
		ExpiresAt: utc(cs.ExpiresAt),
	}
	if cs.PaymentIntent != nil {
		c.IntentID = cs.PaymentIntent.ID
	}
	if cs.SetupIntent != nil {
		c.SetupIntentID = cs.SetupIntent.ID
	}
	if cs.Customer != nil {
		c.CustomerID = cs.Customer.ID
	}
	return c
}
