package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// processorCustomer is the customer at the processor, made when first needed.
func (a *Activities) processorCustomer(ctx context.Context, p dbsqlc.Payment) (string, error) {
	var customer dbsqlc.Customer
	err := a.in(ctx, p.OrgID, func(q *dbsqlc.Queries) (err error) {
		customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.OrgID, ID: p.CustomerID})
		return err
	})
	if err != nil || customer.ProcessorCustomer != "" {
		return customer.ProcessorCustomer, err
	}
	made, err := unspoiled(func(again int) (string, error) {
		return a.Gateway.EnsureCustomer(ctx, p.Account, gateway.CustomerParams{ID: customer.ID.String(), Name: customer.Name, Email: customer.Email, Again: again})
	})
	if err != nil {
		return "", fmt.Errorf("making the customer at the processor: %w", err)
	}
	var stored string
	err = a.in(ctx, p.OrgID, func(q *dbsqlc.Queries) (err error) {
		stored, err = q.SetProcessorCustomer(ctx, dbsqlc.SetProcessorCustomerParams{OrgID: p.OrgID, ID: p.CustomerID, ProcessorCustomer: made})
		return err
	})
	return stored, err
}

// keysAtMost is how many keys of one call may be spoiled before it is left to its
// next try.
const keysAtMost = 5

// unspoiled makes a call, and makes it again under another key where the
// processor has an error of its own saved under the first one.
func unspoiled[T any](call func(again int) (T, error)) (answer T, err error) {
	for again := range keysAtMost {
		if answer, err = call(again); gateway.KindOf(err) != gateway.Spoiled {
			break
		}
	}
	return answer, err
}

// ChargeSaved charges a saved method: it prepares the intent, re-reads the
// invoices, marks the payment as charging and only then confirms. A decline is
// a result. Called again after a crash it repeats the same confirm under the
// same key, which the processor answers as it did the first time.
func (a *Activities) ChargeSaved(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if payment.Channel != ChannelSaved || payment.Status != portal.PaymentReserved && payment.Status != portal.PaymentCharging {
		return paymentState(payment), nil
	}
	if payment.IntentID == "" {
		payment, err = a.prepareIntent(ctx, payment)
		// The customer or the card may be gone at the processor: no other try finds it there.
		if kind := gateway.KindOf(err); kind == gateway.Permanent || kind == gateway.NotFound {
			return a.fail(ctx, payment, err)
		}
		if err != nil {
			return PaymentState{}, boundary(err)
		}
	}
	if payment.Status == portal.PaymentReserved {
		state, err := a.markCharging(ctx, payment)
		if err != nil {
			return PaymentState{}, boundary(err)
		}
		if !state.Is(portal.PaymentCharging) {
			return state, nil
		}
	}
	return a.confirm(ctx, ref)
}

// keysKept is how long the processor remembers idempotency keys, less a margin.
const keysKept = 23 * time.Hour

func (a *Activities) prepareIntent(ctx context.Context, payment dbsqlc.Payment) (dbsqlc.Payment, error) {
	customer, err := a.processorCustomer(ctx, payment)
	if err != nil {
		return payment, err
	}
	var (
		method dbsqlc.PaymentMethod
		held   []dbsqlc.ListReservationsRow
	)
	err = a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) (err error) {
		if method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: payment.OrgID, ID: *payment.MethodID}); err != nil {
			return err
		}
		held, err = q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID})
		return err
	})
	if err != nil {
		return payment, err
	}
	amount, err := portal.ToProcessor(portal.NewMoney(payment.Amount, payment.Currency))
	if err != nil {
		return payment, err
	}
	intent, found := gateway.Intent{}, false
	// A first try may have made one whose answer was lost, and its key may be forgotten by now.
	if attemptOf(ctx) > 1 || a.now().Sub(payment.CreatedAt) > keysKept {
		if intent, found, err = a.Gateway.FindIntent(ctx, payment.Account, customer, payment.ID.String()); err != nil {
			return payment, fmt.Errorf("looking for the charge: %w", err)
		}
		found = found && intent.Status != gateway.IntentCanceled
	}
	if !found {
		intent, err = a.Gateway.CreateIntent(ctx, payment.Account, gateway.IntentParams{
			PaymentID: payment.ID.String(), Attempt: attemptOf(ctx) - 1, Amount: amount, Currency: string(payment.Currency),
			CustomerID: customer, MethodID: method.ProcessorMethod, Kinds: kindsOf(payment), Description: describe(held),
		})
		if err != nil {
			return payment, fmt.Errorf("preparing the charge: %w", err)
		}
	}
	err = a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		if _, err := q.SetPaymentIntent(ctx, dbsqlc.SetPaymentIntentParams{OrgID: payment.OrgID, ID: payment.ID, IntentID: intent.ID, At: a.now()}); err != nil {
			return err
		}
		payment, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: payment.OrgID, ID: payment.ID})
		return err
	})
	return payment, err
}

// markCharging re-reads the invoices under their locks. If one was voided,
// edited or paid since it was reserved, the payment is given up; else it is
// charging, and its invoices can't change until it isn't.
func (a *Activities) markCharging(ctx context.Context, p dbsqlc.Payment) (PaymentState, error) {
	var changed string
	err := a.in(ctx, p.OrgID, func(q *dbsqlc.Queries) error {
		held, err := a.lockHeld(ctx, q, p)
		if err != nil {
			return err
		}
		locked, err := q.LockPayment(ctx, dbsqlc.LockPaymentParams{OrgID: p.OrgID, ID: p.ID})
		if err != nil || locked.Status != portal.PaymentReserved || locked.Attempt != p.Attempt {
			return err
		}
		for _, h := range held {
			if h.InvoiceState != "sent" || h.InvoiceRevision != h.Revision || h.Due < h.Amount {
				changed = h.Number
				return nil
			}
		}
		now := a.now()
		if _, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
			OrgID: p.OrgID, ID: p.ID, Status: portal.PaymentCharging, FromStatus: []string{string(portal.PaymentReserved)}, At: now,
		}); err != nil {
			return err
		}
		_, err = q.InsertAttempt(ctx, dbsqlc.InsertAttemptParams{
			OrgID: p.OrgID, PaymentID: p.ID, N: p.Attempt, Outcome: "pending", Channel: p.Channel, RequestedBy: cmp.Or(p.RetriedByName, p.StartedByName), StartedAt: now,
		})
		return err
	})
	if err != nil {
		return PaymentState{}, err
	}
	if changed != "" {
		return a.Release(ctx, ReleaseInput{PaymentRef: PaymentRef{p.OrgID, p.ID}, By: system(),
			Code: "invoice_changed", Reason: "Invoice " + changed + " changed before it was charged. Nothing was charged."})
	}
	return a.ReadPayment(ctx, PaymentRef{p.OrgID, p.ID})
}

// lockHeld locks the invoices that a payment holds, in the order of their IDs,
// and reads them as they are under the lock.
func (a *Activities) lockHeld(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment) ([]dbsqlc.ListReservationsRow, error) {
	held, err := q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: p.OrgID, PaymentID: p.ID})
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(held))
	for i, h := range held {
		ids[i] = h.InvoiceID
	}
	if _, err := q.LockInvoicesToPay(ctx, dbsqlc.LockInvoicesToPayParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Ids: ids}); err != nil {
		return nil, err
	}
	return q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: p.OrgID, PaymentID: p.ID})
}

func (a *Activities) confirm(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	var (
		method dbsqlc.PaymentMethod
		org    dbsqlc.Organization
		tries  []dbsqlc.PaymentAttempt
	)
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		if org, err = q.GetOrganization(ctx, ref.Org); err != nil {
			return err
		}
		if tries, err = q.ListAttempts(ctx, dbsqlc.ListAttemptsParams{OrgID: ref.Org, PaymentID: payment.ID}); err != nil {
			return err
		}
		method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: ref.Org, ID: *payment.MethodID})
		return err
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	params := gateway.ConfirmParams{
		PaymentID: payment.ID.String(), Attempt: int(payment.Attempt), MethodID: method.ProcessorMethod,
		OffSession: !attended(payment), Until: begunAt(payment, tries).Add(keysKept),
	}
	if a.now().After(params.Until) {
		// The processor may have forgotten the key: what the confirm did, if it ever came, stands on the intent.
		got, err := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
		if err != nil {
			return PaymentState{}, boundary(fmt.Errorf("asking for the charge: %w", err))
		}
		if got.Status != gateway.IntentRequiresConfirmation {
			return a.apply(ctx, payment, got, false)
		}
		params.Until = a.now().Add(lookedAtFor)
	}
	if !params.OffSession {
		params.ReturnURL = a.address(org, "payments", payment.ID) + "?from=bank"
	}
	intent, err := unspoiled(func(again int) (gateway.Intent, error) {
		if again > 0 {
			// The confirm that spoiled the key is over. What it did stands on the intent.
			got, err := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
			if err != nil || got.Status != gateway.IntentRequiresConfirmation {
				return got, err
			}
		}
		params.Again = again
		return a.Gateway.ConfirmIntent(ctx, payment.Account, payment.IntentID, params)
	})
	if kind := gateway.KindOf(err); kind == gateway.UnexpectedState || kind == gateway.UnknownOutcome {
		got, getErr := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
		if getErr != nil || got.Status != gateway.IntentSucceeded && got.Status != gateway.IntentProcessing && got.Status != gateway.IntentCanceled {
			// Still not known: the same confirm again, under the same key.
			return PaymentState{}, boundary(fmt.Errorf("charging: %w", err))
		}
		intent, err = got, nil
	}
	if kind := gateway.KindOf(err); kind == gateway.Permanent || kind == gateway.NotFound || kind == gateway.NeedsCustomer {
		// An earlier try may have charged, and its answer been lost: that is seen on the intent.
		got, getErr := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
		switch {
		case getErr != nil && gateway.KindOf(getErr) != gateway.NotFound:
			return PaymentState{}, boundary(fmt.Errorf("charging: %w", errors.Join(getErr, err)))
		case getErr != nil, got.Status == gateway.IntentRequiresConfirmation, got.Status == gateway.IntentCanceled, got.Status == gateway.IntentRequiresMethod && got.LastDecline == nil:
			return a.fail(ctx, payment, err)
		}
		intent, err = got, nil
	}
	if err != nil {
		return PaymentState{}, boundary(fmt.Errorf("charging: %w", err))
	}
	return a.apply(ctx, payment, intent, false)
}

// begunAt is when the present attempt was begun: no confirm of it was sent before.
func begunAt(payment dbsqlc.Payment, tries []dbsqlc.PaymentAttempt) time.Time {
	for _, t := range tries {
		if t.N == payment.Attempt {
			return t.StartedAt
		}
	}
	return payment.CreatedAt
}

// attended reports whether a contact asked for the present try, and so sits in
// front of it and can be sent to the bank to confirm.
func attended(p dbsqlc.Payment) bool {
	if p.Attempt > 1 {
		return p.RetriedByKind == string(portal.ActorContact)
	}
	return p.StartedByKind == string(portal.ActorContact)
}

// fail ends a payment that the processor will never take as it is asked for.
func (a *Activities) fail(ctx context.Context, payment dbsqlc.Payment, cause error) (PaymentState, error) {
	now := a.now()
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		n, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
			OrgID: payment.OrgID, ID: payment.ID, Status: portal.PaymentFailed, At: now, FailureCode: "processor_refused",
			FailureMessage: "The card processor could not take this payment. Nothing was charged.",
			FromStatus:     texts(portal.PaymentMachine().From(portal.PaymentFailed)),
		})
		if err != nil || n == 0 {
			return err
		}
		if _, err := q.ReleaseReservations(ctx, dbsqlc.ReleaseReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID, State: "released"}); err != nil {
			return err
		}
		if _, err := q.EndAttempt(ctx, dbsqlc.EndAttemptParams{
			OrgID: payment.OrgID, PaymentID: payment.ID, N: payment.Attempt, Outcome: "abandoned", Code: code(cause), Message: "The card processor could not take this payment.", At: &now,
		}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: payment.OrgID, customer: payment.CustomerID, kind: "payment.failed", subject: "payment", id: payment.ID, by: system(), at: now,
			data: map[string]any{"amount": payment.Amount, "currency": payment.Currency},
		})
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}
