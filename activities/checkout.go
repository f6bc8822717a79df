package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// OpenCheckout opens the processor's page for a reserved payment. Called again
// it finds the same page.
func (a *Activities) OpenCheckout(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if payment.Status != portal.PaymentReserved || payment.Channel != ChannelCheckout {
		return paymentState(payment), nil
	}
	customer, err := a.processorCustomer(ctx, payment)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	params, err := a.checkoutParams(ctx, payment, customer)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	session, err := unspoiled(func(again int) (gateway.Checkout, error) {
		params.Again = again
		return a.Gateway.CreateCheckout(ctx, payment.Account, params)
	})
	if refused, ok := errors.AsType[*gateway.Error](err); ok && (refused.Kind == gateway.Permanent || refused.Kind == gateway.NotFound) {
		if refused.Param != "expires_at" {
			return a.fail(ctx, payment, err)
		}
		return a.renewCheckout(ctx, payment)
	}
	if err != nil {
		return PaymentState{}, boundary(fmt.Errorf("opening the payment page: %w", err))
	}
	var stored int64
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		now := a.now()
		stored, err = q.SetPaymentCheckout(ctx, dbsqlc.SetPaymentCheckoutParams{
			OrgID: ref.Org, ID: ref.Payment, CheckoutID: session.ID, ActionUrl: session.URL, Attempt: payment.Attempt, At: now,
		})
		if err != nil || stored == 0 {
			return err
		}
		// The customer waits on our page to be led on: it has to hear of this.
		return a.record(ctx, q, happened{
			org: ref.Org, customer: payment.CustomerID, kind: "payment.page_opened", subject: "payment", id: ref.Payment, by: system(), internal: true, at: now,
		})
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	state, err := a.ReadPayment(ctx, ref)
	if err == nil && stored == 0 && state.Final() {
		// It was given up while the page was being made: nobody may pay in it.
		if _, err := a.Gateway.ExpireCheckout(ctx, payment.Account, session.ID); err != nil {
			return state, boundary(fmt.Errorf("closing the payment page: %w", err))
		}
	}
	return state, err
}

// renewCheckout gives up a session that was asked for so long ago that its end
// is too near for the processor. Nobody was ever shown it.
func (a *Activities) renewCheckout(ctx context.Context, payment dbsqlc.Payment) (PaymentState, error) {
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		_, err := q.RenewCheckout(ctx, dbsqlc.RenewCheckoutParams{OrgID: payment.OrgID, ID: payment.ID, Attempt: payment.Attempt, At: a.now()})
		return err
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}

func (a *Activities) checkoutParams(ctx context.Context, payment dbsqlc.Payment, customer string) (gateway.CheckoutParams, error) {
	var (
		held    []dbsqlc.ListReservationsRow
		org     dbsqlc.Organization
		expires time.Time
	)
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) (err error) {
		if org, err = q.GetOrganization(ctx, payment.OrgID); err != nil {
			return err
		}
		if held, err = q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID}); err != nil {
			return err
		}
		expires, err = q.SetCheckoutExpiry(ctx, dbsqlc.SetCheckoutExpiryParams{
			OrgID: payment.OrgID, ID: payment.ID, ExpiresAt: a.now().Truncate(time.Second).Add(gateway.CheckoutLifetime),
		})
		return err
	})
	if err != nil {
		return gateway.CheckoutParams{}, err
	}
	amount, err := portal.ToProcessor(portal.NewMoney(payment.Amount, payment.Currency))
	if err != nil {
		return gateway.CheckoutParams{}, err
	}
	page := a.address(org, "payments", payment.ID)
	return gateway.CheckoutParams{
		PaymentID: payment.ID.String(), Attempt: int(payment.Attempt), CustomerID: customer, Currency: string(payment.Currency),
		// One line for the whole: a page can show only so many, and the invoices are listed on ours.
		Lines: []gateway.CheckoutLine{{Name: describe(held), Amount: amount}},
		Kinds: kindsOf(payment), Save: payment.SaveMethod, Description: describe(held),
		SuccessURL: page + "?from=checkout", CancelURL: page + "?from=cancel", ExpiresAt: expires,
	}, nil
}

// kindsOf is what the processor may take for a payment: a customer who chose to
// pay by card is not asked for a bank account.
func kindsOf(payment dbsqlc.Payment) []gateway.MethodKind {
	if payment.Kind == "bank_debit" {
		return []gateway.MethodKind{gateway.BankAccount}
	}
	return []gateway.MethodKind{gateway.Card}
}

// describe says what is paid, as the processor and the customer's bank show it.
func describe(held []dbsqlc.ListReservationsRow) string {
	if len(held) == 1 {
		return "Invoice " + held[0].Number
	}
	return fmt.Sprintf("%d invoices, %s and others", len(held), held[0].Number)
}

// applyCheckout moves a payment to what its page and the charge made in it say.
func (a *Activities) applyCheckout(ctx context.Context, payment dbsqlc.Payment, session gateway.Checkout) (PaymentState, error) {
	if session.PaymentID != payment.ID.String() {
		return PaymentState{}, mismatch("the payment page %s belongs to payment %s, not %s", session.ID, session.PaymentID, payment.ID)
	}
	if session.IntentID != "" {
		intent, err := a.Gateway.GetIntent(ctx, payment.Account, session.IntentID)
		if err != nil {
			return PaymentState{}, fmt.Errorf("asking for the charge: %w", err)
		}
		// On an open page, a refused card can be followed by another; a bank debit that came back can't.
		if session.Status != gateway.CheckoutExpired || intent.Status == gateway.IntentSucceeded || intent.Status == gateway.IntentProcessing {
			return a.apply(ctx, payment, intent, session.Status == gateway.CheckoutOpen)
		}
	}
	if session.Status == gateway.CheckoutExpired {
		return a.letGo(ctx, payment, system(), "checkout_expired", "The payment page was closed before it was paid. Nothing was charged.")
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}
