package stripe

import (
	"context"
	"errors"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// GetMethod implements [gateway.Gateway].
func (c *Client) GetMethod(ctx context.Context, account, id string) (gateway.Method, error) {
	pm, err := c.api.PaymentMethods.Get(id, &sdk.PaymentMethodParams{Params: read(ctx, account)})
	if err != nil {
		return gateway.Method{}, mapError(err)
	}
	return method(pm), nil
}

// ListMethods implements [gateway.Gateway].
func (c *Client) ListMethods(ctx context.Context, account, customerID string) ([]gateway.Method, error) {
	var methods []gateway.Method
	it := c.api.Customers.ListPaymentMethods(&sdk.CustomerListPaymentMethodsParams{
		ListParams: page(ctx, account),
		Customer:   sdk.String(customerID),
	})
	for it.Next() {
		m := method(it.PaymentMethod())
		if m.Kind == gateway.Card || m.Kind == gateway.BankAccount {
			methods = append(methods, m)
		}
	}
	if err := it.Err(); err != nil {
		return nil, mapError(err)
	}
	return methods, nil
}

// UpdateMethod implements [gateway.Gateway].
func (c *Client) UpdateMethod(ctx context.Context, account, id string, p gateway.MethodParams) (gateway.Method, error) {
	params := &sdk.PaymentMethodParams{Params: write(ctx, account, "update:"+id+":"+c.newKey())}
	if p.ExpMonth != 0 && p.ExpYear != 0 {
		params.Card = &sdk.PaymentMethodCardParams{
			ExpMonth: sdk.Int64(int64(p.ExpMonth)),
			ExpYear:  sdk.Int64(int64(p.ExpYear)),
		}
	}
	if b := p.Billing; b != nil {
		params.BillingDetails = &sdk.PaymentMethodBillingDetailsParams{
			Name:  sdk.String(b.Name),
			Email: sdk.String(b.Email),
			Phone: sdk.String(b.Phone),
			Address: &sdk.AddressParams{
				Line1:      sdk.String(b.Line1),
				Line2:      sdk.String(b.Line2),
				City:       sdk.String(b.City),
				State:      sdk.String(b.State),
				PostalCode: sdk.String(b.PostalCode),
				Country:    sdk.String(b.Country),
			},
		}
	}
	pm, err := c.api.PaymentMethods.Update(id, params)
	if err != nil {
		return gateway.Method{}, mapError(err)
	}
	return method(pm), nil
}

// DetachMethod implements [gateway.Gateway].
func (c *Client) DetachMethod(ctx context.Context, account, id string) (gateway.Method, error) {
	pm, err := c.api.PaymentMethods.Detach(id, &sdk.PaymentMethodDetachParams{
		Params: write(ctx, account, "detach:"+id+":"+c.newKey()),
	})
	if err == nil {
		return method(pm), nil
	}
	// A method that isn't attached is refused with a 400; it is what the
	// caller wanted.
	var e *sdk.Error
	if !errors.As(err, &e) || e.HTTPStatusCode != http.StatusBadRequest {
		return gateway.Method{}, mapError(err)
	}
	now, getErr := c.GetMethod(ctx, account, id)
	if getErr != nil {
		return gateway.Method{}, getErr
	}
	if now.CustomerID != "" {
		return gateway.Method{}, mapError(err)
	}
	return now, nil
}

func method(pm *sdk.PaymentMethod) gateway.Method {
	m := gateway.Method{
		ID:      pm.ID,
		Kind:    gateway.MethodKind(pm.Type),
		Created: utc(pm.Created),
	}
	if pm.Customer != nil {
		m.CustomerID = pm.Customer.ID
	}
	if card := pm.Card; card != nil {
		m.Brand = string(card.Brand)
		m.Last4 = card.Last4
		m.ExpMonth = int(card.ExpMonth)
		m.ExpYear = int(card.ExpYear)
		m.Fingerprint = card.Fingerprint
	}
	if bank := pm.USBankAccount; bank != nil {
		m.Brand = bank.BankName
		m.Last4 = bank.Last4
		m.Fingerprint = bank.Fingerprint
	}
	if b := pm.BillingDetails; b != nil {
		m.Billing = gateway.Billing{Name: b.Name, Email: b.Email, Phone: b.Phone}
		if a := b.Address; a != nil {
			m.Billing.Address = gateway.Address{
				Line1:      a.Line1,
				Line2:      a.Line2,
				City:       a.City,
				State:      a.State,
				PostalCode: a.PostalCode,
				Country:    a.Country,
			}
		}
	}
	return m
}
