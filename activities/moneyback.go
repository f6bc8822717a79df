package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// CheckMoneyBack asks the processor what went back of a payment that succeeded,
// and applies the answer: refunds, also those made there by hand, and disputes.
func (a *Activities) CheckMoneyBack(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if payment.Status != portal.PaymentSucceeded {
		// Only money that arrived can go back: so see first whether it did.
		if state, err := a.check(ctx, payment); err != nil || !state.Is(portal.PaymentSucceeded) {
			return state, boundary(err)
		}
		if payment, err = a.payment(ctx, ref); err != nil {
			return PaymentState{}, boundary(err)
		}
	}
	if payment.IntentID != "" {
		if err := a.moneyBack(ctx, payment); err != nil {
			return PaymentState{}, boundary(err)
		}
	}
	return a.ReadPayment(ctx, ref)
}

// PaymentOfIntent asks the processor for which payment a charge is made; of one that
// isn't ours it is uuid.Nil. The news that its money goes back may overtake the news
// of the charge, and carries no ID of ours.
func (a *Activities) PaymentOfIntent(ctx context.Context, account, intentID string) (uuid.UUID, error) {
	intent, err := a.Gateway.GetIntent(ctx, account, intentID)
	if gateway.KindOf(err) == gateway.NotFound {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("asking whose charge it is: %w", err)
	}
	payment, err := uuid.Parse(intent.PaymentID)
	if err != nil {
		return uuid.Nil, nil //nolint:nilerr // whoever made it has IDs of another kind
	}
	return payment, nil
}

func (a *Activities) moneyBack(ctx context.Context, payment dbsqlc.Payment) error {
	refunds, err := a.Gateway.ListRefunds(ctx, payment.Account, payment.IntentID)
	if err != nil {
		return fmt.Errorf("asking for refunds: %w", err)
	}
	disputes, err := a.Gateway.ListDisputes(ctx, payment.Account, payment.IntentID)
	if err != nil {
		return fmt.Errorf("asking for disputes: %w", err)
	}
	for _, r := range refunds {
		if err := a.applyRefund(ctx, payment, r); err != nil {
			return err
		}
	}
	for _, d := range disputes {
		if err := a.applyDispute(ctx, payment, d); err != nil {
			return err
		}
	}
	return nil
}

// code is the processor's word for an error, empty if it has none.
func code(err error) string {
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		return e.Code
	}
	return ""
}

// MailMoneyBack tells those who pay what went back of their payment, once for
// each refund and each dispute. Called again it sends what was not sent; a contact
// who comes later hears nothing of what the others were told. What has turned
// meanwhile is told to nobody anew, but an email that was about to be sent may have
// arrived: it is brought to its end.
func (a *Activities) MailMoneyBack(ctx context.Context, ref PaymentRef) error {
	var (
		refunds  []dbsqlc.Refund
		disputes []dbsqlc.Dispute
		about    paymentLetter
	)
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		if refunds, err = q.ListRefundsOfPayment(ctx, dbsqlc.ListRefundsOfPaymentParams{OrgID: ref.Org, PaymentID: ref.Payment}); err != nil {
			return err
		}
		if disputes, err = q.ListDisputesOfPayment(ctx, dbsqlc.ListDisputesOfPaymentParams{OrgID: ref.Org, PaymentID: ref.Payment}); err != nil {
			return err
		}
		about, err = a.readPaymentLetter(ctx, q, ref)
		return err
	})
	if err != nil {
		return boundary(err)
	}
	// send writes to everybody who pays; id tells apart the emails about one payment.
	send := func(template string, id uuid.UUID, amount int64, turned bool, values map[string]string) error {
		for _, contact := range about.recipients {
			l := about.letter(a, template)
			l.to, l.cause, l.begun = toContact(contact), id, turned
			l.values["amount"] = portal.NewMoney(amount, about.payment.Currency).Format(about.org.Locale)
			maps.Copy(l.values, values)
			if err := a.deliver(ctx, l); err != nil {
				return boundary(err)
			}
		}
		return nil
	}
	for _, r := range refunds {
		turned := r.UnbookedAt != nil
		if r.BookedAt == nil || r.ToldAt != nil {
			continue
		}
		values := map[string]string{"refund_reason": r.Reason, "refunded_on": dayIn(about.org, *r.BookedAt)}
		if err := send("payment_refunded", r.ID, r.Amount, turned, values); err != nil {
			return err
		}
		if turned {
			continue
		}
		if err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
			return q.TellRefund(ctx, dbsqlc.TellRefundParams{OrgID: ref.Org, ID: r.ID, At: new(a.now())})
		}); err != nil {
			return boundary(err)
		}
	}
	for _, d := range disputes {
		turned := d.RestoredAt != nil
		if d.TakenAt == nil || d.ToldAt != nil {
			continue
		}
		template := "payment_disputed"
		if about.payment.Kind == "bank_debit" {
			template = "payment_returned"
		}
		values := map[string]string{"return_reason": portal.ReturnMessage(d.Reason), "returned_on": dayIn(about.org, *d.TakenAt)}
		if err := send(template, d.ID, d.Amount, turned, values); err != nil {
			return err
		}
		if turned {
			continue
		}
		if err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
			return q.TellDispute(ctx, dbsqlc.TellDisputeParams{OrgID: ref.Org, ID: d.ID, At: new(a.now())})
		}); err != nil {
			return boundary(err)
		}
	}
	return nil
}
