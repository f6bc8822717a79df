package stripe

import (
	"context"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// EnsureCustomer implements [gateway.Gateway].
func (c *Client) EnsureCustomer(ctx context.Context, account string, p gateway.CustomerParams) (string, error) {
	cus, err := c.api.Customers.New(&sdk.CustomerParams{
		Params:   write(ctx, account, "cus:"+p.ID),
		Name:     optional(p.Name),
		Email:    optional(p.Email),
		Metadata: map[string]string{"customer": p.ID},
	})
	if err != nil {
		return "", mapError(err)
	}
	return cus.ID, nil
}
