package stripe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// EnsureCustomer implements [gateway.Gateway].
func (c *Client) EnsureCustomer(ctx context.Context, account string, p gateway.CustomerParams) (string, error) {
	cus, err := c.api.Customers.New(&sdk.CustomerParams{
		Params:   write(ctx, account, again(customerKey(p), p.Again)),
		Name:     optional(p.Name),
		Email:    optional(p.Email),
		Metadata: map[string]string{"customer": p.ID},
	})
	if err != nil {
		return "", mapError(err)
	}
	return cus.ID, nil
}

// customerKey holds what is said of the customer too. They may change their name
// after a call whose answer was lost, and a key that comes back with another body
// is refused.
func customerKey(p gateway.CustomerParams) string {
	said := sha256.Sum256(fmt.Appendf(nil, "%q %q", p.Name, p.Email))
	return "cus:" + p.ID + ":" + hex.EncodeToString(said[:6])
}
