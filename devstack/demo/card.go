package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/devstack/stripesim"
	"countersign/gateway"
	"countersign/gateway/stripe"
)

// card is a saved card, and its customer at the processor.
type card struct {
	method            dbsqlc.PaymentMethod
	processorCustomer string
}

// hasCard reports whether a customer pays with a saved card, or is about to be
// declined with one.
func (b *buyer) hasCard() bool {
	return strings.Contains(b.ways, "saved") || slices.ContainsFunc(b.open, func(o opening) bool { return o.declined != "" })
}

func (y *year) cardID(b *buyer) uuid.UUID { return y.id("card", b.name) }

// saveCards has the customers' cards at the processor, by the customer's name.
// Those that an earlier load saved there are used again.
func saveCards(ctx context.Context, c Config, y *year) (map[string]card, error) {
	cards := map[string]card{}
	if c.StripeURL == "" {
		return cards, nil
	}
	processor, err := stripe.New(stripe.Config{Key: c.StripeKey, URL: c.StripeURL})
	if err != nil {
		return nil, err
	}
	sim := &stripesim.Admin{URL: c.StripeURL, Key: c.StripeKey}
	if err := sim.NameMerchant(ctx, y.account, y.b.name); err != nil {
		return nil, fmt.Errorf("naming the business: %w", err)
	}
	for _, b := range y.buyers {
		if !b.hasCard() {
			continue
		}
		if cards[b.name], err = saveCard(ctx, processor, sim, y, b); err != nil {
			return nil, fmt.Errorf("saving the card of %s: %w", b.name, err)
		}
	}
	return cards, nil
}

func saveCard(ctx context.Context, processor gateway.Gateway, sim *stripesim.Admin, y *year, b *buyer) (card, error) {
	id, err := processor.EnsureCustomer(ctx, y.account, gateway.CustomerParams{ID: b.row.ID.String(), Name: b.name, Email: b.row.Email})
	if err != nil {
		return card{}, err
	}
	methods, err := processor.ListMethods(ctx, y.account, id)
	if err != nil {
		return card{}, err
	}
	if len(methods) == 0 {
		l := chance(y.b.slug, b.name, "card")
		token := []string{"pm_card_visa", "pm_card_mastercard", "pm_card_amex"}[l.IntN(3)]
		saved, err := sim.SaveMethod(ctx, y.account, id, token)
		if err != nil {
			return card{}, err
		}
		method, err := processor.GetMethod(ctx, y.account, saved)
		if err != nil {
			return card{}, err
		}
		methods = []gateway.Method{method}
	}
	m := methods[0]
	if err := sim.Decline(ctx, m.ID, b.declines()...); err != nil {
		return card{}, err
	}
	by := b.payer()
	return card{processorCustomer: id, method: dbsqlc.PaymentMethod{
		OrgID: y.org, ID: y.cardID(b), CustomerID: b.row.ID, ContactID: &by.ID, Account: y.account, ProcessorMethod: m.ID, Kind: "card",
		Brand: m.Brand, Last4: m.Last4, ExpMonth: int32(m.ExpMonth), ExpYear: int32(m.ExpYear), BillingName: by.Name, BillingEmail: m.Billing.Email, BillingPhone: m.Billing.Phone, BillingAddress: b.address, Fingerprint: m.Fingerprint, Version: 1,
		CreatedAt: b.row.CreatedAt.Add(20 * 24 * time.Hour),
	}}, nil
}

// declines are the outcomes of a card's next charges: none when it just works.
// An account that was empty has money again; a card that expired stays so.
func (b *buyer) declines() []string {
	var outcomes []string
	for _, o := range b.open {
		switch o.declined {
		case "":
		case "expired_card":
			outcomes = append(outcomes, slices.Repeat([]string{o.declined}, 20)...)
		default:
			outcomes = append(outcomes, o.declined)
		}
	}
	return outcomes
}
