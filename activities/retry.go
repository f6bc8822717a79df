package activities

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// ReleaseInput gives a payment up.
type ReleaseInput struct {
	PaymentRef
	By Actor `json:"by"`
	// Code and Reason say why, the reason in words for the customer.
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Release gives a payment up: first at the processor, so that nobody can pay in
// it any more, and only then here. If it turns out that the money was taken,
// that is applied instead; the state returned says which.
func (a *Activities) Release(ctx context.Context, in ReleaseInput) (PaymentState, error) {
	payment, err := a.payment(ctx, in.PaymentRef)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if payment.Status.Final() || payment.Status == portal.PaymentProcessing || payment.Status == portal.PaymentCharging {
		return paymentState(payment), nil
	}
	intentID := payment.IntentID
	if payment.CheckoutID != "" {
		session, err := a.Gateway.ExpireCheckout(ctx, payment.Account, payment.CheckoutID)
		if err != nil {
			return PaymentState{}, boundary(fmt.Errorf("closing the payment page: %w", err))
		}
		if session.Status == gateway.CheckoutComplete {
			state, err := a.applyCheckout(ctx, payment, session)
			if err != nil || state.Final() || state.Is(portal.PaymentProcessing) {
				return state, boundary(err)
			}
			intentID = session.IntentID // declined, or waiting for a bank that wants to know more
		} else {
			intentID = "" // it went with its page
		}
	}
	if intentID != "" {
		intent, err := unspoiled(func(again int) (gateway.Intent, error) {
			return a.Gateway.CancelIntent(ctx, payment.Account, intentID, fmt.Sprintf("cancel:%s:%d:%d", payment.ID, payment.Attempt, again))
		})
		if gateway.KindOf(err) == gateway.UnexpectedState {
			intent, err = a.Gateway.GetIntent(ctx, payment.Account, intentID)
		}
		if err != nil {
			return PaymentState{}, boundary(fmt.Errorf("giving the charge up: %w", err))
		}
		if intent.Status != gateway.IntentCanceled {
			state, err := a.apply(ctx, payment, intent, false)
			return state, boundary(err)
		}
	}
	state, err := a.letGo(ctx, payment, in.By, in.Code, in.Reason)
	return state, boundary(err)
}

// letGo ends a payment of which the processor holds nothing, and frees its invoices.
func (a *Activities) letGo(ctx context.Context, payment dbsqlc.Payment, by Actor, code, reason string) (PaymentState, error) {
	now := a.now()
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		n, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
			OrgID: payment.OrgID, ID: payment.ID, Status: portal.PaymentCanceled, FailureCode: code, FailureMessage: reason, At: now,
			FromStatus: texts([]portal.PaymentStatus{portal.PaymentReserved, portal.PaymentAwaitingCustomer, portal.PaymentDeclined}),
		})
		if err != nil || n == 0 {
			return err
		}
		if _, err := q.ReleaseReservations(ctx, dbsqlc.ReleaseReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID, State: "released"}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: payment.OrgID, customer: payment.CustomerID, kind: "payment.canceled", subject: "payment", id: payment.ID, by: by, at: now,
			data: map[string]any{"amount": payment.Amount, "currency": payment.Currency, "reason": reason},
		})
	})
	if err != nil {
		return PaymentState{}, err
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}

// RetryPaymentInput asks for another try of a declined payment.
type RetryPaymentInput struct {
	PaymentRef
	// Attempt is the one that was declined, as the caller saw it.
	Attempt int `json:"attempt"`
	// Method pays with this saved method instead; nil keeps the one there was.
	Method *uuid.UUID `json:"method,omitempty"`
	By     Actor      `json:"by"`
}

// OnSchedule asks for a try when nobody did but the schedule, N6.
func OnSchedule() Actor { return Actor{Kind: portal.ActorSystem, Name: "Countersign, on schedule"} }

// RequestRetry takes a declined payment back to reserved for its next attempt.
// A retry of an attempt that another retry already follows is answered with the
// state as it is. The schedule that can't go on ends: the payment waits for people.
func (a *Activities) RequestRetry(ctx context.Context, in RetryPaymentInput) (PaymentState, error) {
	err := a.requestRetry(ctx, in)
	if refused := Refusal(err); refused != nil && in.By == OnSchedule() {
		err = a.stopSchedule(ctx, in, refused.Message)
	}
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	return a.ReadPayment(ctx, in.PaymentRef)
}

func (a *Activities) requestRetry(ctx context.Context, in RetryPaymentInput) error {
	now := a.now()
	return a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		payment, err := q.LockPayment(ctx, dbsqlc.LockPaymentParams{OrgID: in.Org, ID: in.Payment})
		if err != nil {
			return err
		}
		if int(payment.Attempt) == in.Attempt+1 {
			return nil
		}
		if payment.Status != portal.PaymentDeclined || int(payment.Attempt) != in.Attempt {
			return portal.Conflict("This payment is %s; there is nothing to retry.", plain(payment.Status))
		}
		if in.By == OnSchedule() && payment.NextTryAt == nil {
			return portal.Conflict("This payment is not tried again by itself.")
		}
		channel, method := payment.Channel, payment.MethodID
		if in.Method != nil {
			channel, method = ChannelSaved, in.Method
		}
		if channel == ChannelSaved {
			// Also the one there was: a card that was removed since is never charged. One that was replaced is charged as its successor.
			if in.Method == nil {
				if method, err = successor(ctx, q, in.Org, *method); err != nil {
					return err
				}
			}
			var kind string
			if method, kind, err = savedMethod(ctx, q, in.Org, payment.CustomerID, *method); err != nil {
				return err
			}
			if kind != payment.Kind {
				// What was begun for one is refused with the other by the processor, and its invoices may not be payable so.
				return portal.Conflict("A payment that began with a card doesn't go on from a bank account, nor the other way round. Pay its invoices anew: this one ends by that.")
			}
			same := payment.Channel == ChannelSaved && payment.MethodID != nil && *method == *payment.MethodID
			if same && portal.ClassifyDecline(payment.FailureCode) == portal.DeclineNever {
				return portal.Conflict("The bank refuses this card for good, so it is not tried again. Choose another way to pay.")
			}
		}
		if channel == ChannelCheckout && payment.IntentID != "" {
			return portal.Conflict("To pay with another card, cancel this payment and start again.")
		}
		if _, err := q.RetryPayment(ctx, dbsqlc.RetryPaymentParams{
			OrgID: in.Org, ID: in.Payment, Channel: channel, MethodID: method, Attempt: payment.Attempt,
			RetriedByKind: string(in.By.Kind), RetriedBy: optional(in.By.ID), RetriedByName: in.By.Name, At: now,
		}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: in.Org, customer: payment.CustomerID, kind: "payment.retried", subject: "payment", id: in.Payment, by: in.By, at: now,
			data: map[string]any{"attempt": payment.Attempt + 1, "amount": payment.Amount, "currency": payment.Currency},
		})
	})
}

// stopSchedule leaves a declined payment to people, who are told why.
func (a *Activities) stopSchedule(ctx context.Context, in RetryPaymentInput, reason string) error {
	now := a.now()
	return a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		n, err := q.StopSchedule(ctx, dbsqlc.StopScheduleParams{OrgID: in.Org, ID: in.Payment, Attempt: int32(in.Attempt), At: now})
		if err != nil || n == 0 {
			return err
		}
		payment, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: in.Org, ID: in.Payment})
		if err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: in.Org, customer: payment.CustomerID, kind: "payment.schedule_stopped", subject: "payment", id: in.Payment, by: in.By, at: now,
			data: map[string]any{"amount": payment.Amount, "currency": payment.Currency, "reason": reason},
		})
	})
}
