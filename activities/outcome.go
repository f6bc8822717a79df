package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// mismatch is an object of the processor that isn't what we made: a person has
// to look at it, and nothing is booked meanwhile.
func mismatch(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), TypeProcessorMismatch, nil)
}

// apply moves a payment to what the processor says, whoever noticed: the
// confirm's answer, a webhook, the poll, ops. It locks the invoices and then the
// payment, accepts legal moves only, and checks that the intent is ours: amount,
// currency, customer and payment. Applied again it changes nothing. open says that
// the charge is made on a page of the processor that the customer can still use.
func (a *Activities) apply(ctx context.Context, payment dbsqlc.Payment, intent gateway.Intent, open bool) (PaymentState, error) {
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		held, err := a.lockHeld(ctx, q, payment)
		if err != nil {
			return err
		}
		locked, err := q.LockPayment(ctx, dbsqlc.LockPaymentParams{OrgID: payment.OrgID, ID: payment.ID})
		if err != nil {
			return err
		}
		if err := a.ours(ctx, q, locked, intent); err != nil {
			return err
		}
		if locked.Status == portal.PaymentSucceeded {
			return nil
		}
		named := dbsqlc.SetPaymentIntentParams{OrgID: locked.OrgID, ID: locked.ID, IntentID: intent.ID, At: a.now()}
		if intent.Status == gateway.IntentSucceeded || intent.Status == gateway.IntentProcessing {
			named.Brand, named.Last4 = intent.Charged.Brand, intent.Charged.Last4
		}
		if _, err := q.SetPaymentIntent(ctx, named); err != nil {
			return err
		}
		switch intent.Status {
		case gateway.IntentSucceeded:
			received := portal.FromProcessor(intent.AmountReceived, locked.Currency).Amount
			if err := a.settle(ctx, q, locked, held, received, intent.ID); err != nil {
				return err
			}
			return a.endAttempt(ctx, q, locked, intent, "succeeded")
		case gateway.IntentProcessing:
			return a.move(ctx, q, locked, portal.PaymentProcessing, "payment.processing", nil)
		case gateway.IntentRequiresMethod:
			return a.decline(ctx, q, locked, intent, open)
		case gateway.IntentRequiresAction:
			if locked.Channel != ChannelSaved || locked.Status != portal.PaymentCharging {
				return nil
			}
			if err := q.SetPaymentAction(ctx, dbsqlc.SetPaymentActionParams{OrgID: locked.OrgID, ID: locked.ID, ActionUrl: intent.NextActionURL}); err != nil {
				return err
			}
			return a.move(ctx, q, locked, portal.PaymentAwaitingCustomer, "payment.authentication_needed", nil)
		case gateway.IntentCanceled:
			return a.canceledThere(ctx, q, locked)
		default:
			return nil
		}
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if intent.Status == gateway.IntentSucceeded {
		if err := a.keepMethod(ctx, payment, intent); err != nil {
			return PaymentState{}, boundary(err)
		}
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}

// ours refuses an intent that doesn't fit the payment.
func (a *Activities) ours(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, intent gateway.Intent) error {
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: payment.OrgID, ID: payment.CustomerID})
	if err != nil {
		return err
	}
	amount, err := portal.ToProcessor(portal.NewMoney(payment.Amount, payment.Currency))
	if err != nil {
		return err
	}
	switch {
	case intent.PaymentID != payment.ID.String():
		return mismatch("intent %s names payment %q, not %s", intent.ID, intent.PaymentID, payment.ID)
	case !strings.EqualFold(intent.Currency, string(payment.Currency)):
		return mismatch("intent %s is in %s, payment %s in %s", intent.ID, intent.Currency, payment.ID, payment.Currency)
	case intent.Amount != amount:
		return mismatch("intent %s is for %d, payment %s for %d", intent.ID, intent.Amount, payment.ID, amount)
	case intent.CustomerID != customer.ProcessorCustomer:
		return mismatch("intent %s belongs to customer %s, payment %s to %s", intent.ID, intent.CustomerID, payment.ID, customer.ProcessorCustomer)
	case payment.IntentID != "" && payment.IntentID != intent.ID:
		return mismatch("payment %s has intent %s, not %s", payment.ID, payment.IntentID, intent.ID)
	}
	return nil
}

// settle books money that has arrived: the reservations become allocations,
// of the money first and then of the credit that was to be used, and what they
// don't take is the customer's credit. charge names it at the processor.
func (a *Activities) settle(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, held []dbsqlc.ListReservationsRow, received int64, charge string) error {
	now := a.now()
	// Nobody else's receipt waits until this customer's credit is free.
	if slices.ContainsFunc(held, func(h dbsqlc.ListReservationsRow) bool { return h.Credit > 0 }) {
		if _, err := q.LockCustomer(ctx, dbsqlc.LockCustomerParams{OrgID: payment.OrgID, ID: payment.CustomerID}); err != nil {
			return err
		}
	}
	number, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: payment.OrgID, Kind: "receipt"})
	if err != nil {
		return err
	}
	receipt := fmt.Sprintf("R-%05d", number)
	n, err := q.SucceedPayment(ctx, dbsqlc.SucceedPaymentParams{
		OrgID: payment.OrgID, ID: payment.ID, Received: received, Kind: payment.Kind, ReceiptNumber: &receipt, At: &now,
		FromStatus: texts(portal.PaymentMachine().From(portal.PaymentSucceeded)),
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return mismatch("payment %s is %s, but its charge %s succeeded", payment.ID, payment.Status, charge)
	}
	allocations := dbsqlc.InsertPaymentAllocationsParams{OrgID: payment.OrgID, CustomerID: payment.CustomerID, PaymentID: payment.ID, At: now}
	left := received
	var credit []CreditUse
	for _, h := range held {
		if h.State != "live" || h.InvoiceState != "sent" {
			continue
		}
		amount := min(h.Amount, h.Due, left)
		if amount > 0 {
			allocations.Ids = append(allocations.Ids, a.NewID())
			allocations.InvoiceIds = append(allocations.InvoiceIds, h.InvoiceID)
			allocations.Amounts = append(allocations.Amounts, amount)
			left -= amount
		}
		if use := min(h.Credit, h.Due-max(amount, 0)); use > 0 {
			credit = append(credit, CreditUse{h.InvoiceID, use})
		}
	}
	if err := q.InsertPaymentAllocations(ctx, allocations); err != nil {
		return err
	}
	if err := a.useHeld(ctx, q, payment, credit, now); err != nil {
		return err
	}
	if _, err := q.ReleaseReservations(ctx, dbsqlc.ReleaseReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID, State: "applied"}); err != nil {
		return err
	}
	if left > 0 {
		if err := q.InsertCreditEntry(ctx, dbsqlc.InsertCreditEntryParams{
			OrgID: payment.OrgID, ID: a.NewID(), CustomerID: payment.CustomerID, Currency: payment.Currency, Amount: left,
			Reason: "overpayment", PaymentID: &payment.ID, At: now,
		}); err != nil {
			return err
		}
	}
	by := actorFrom(payment.StartedByKind, payment.StartedBy, payment.StartedByName)
	data := map[string]any{"amount": received, "currency": payment.Currency, "receipt": receipt, "invoices": len(allocations.Ids), "credit": left}
	kind := "payment.succeeded"
	if payment.Channel == ChannelRecorded {
		kind, data["kind"] = "payment.recorded", payment.Kind
	}
	if err := a.record(ctx, q, happened{
		org: payment.OrgID, customer: payment.CustomerID, kind: kind, subject: "payment", id: payment.ID, by: by, at: now, data: data,
	}); err != nil {
		return err
	}
	paid := allocations.InvoiceIds
	for _, u := range credit {
		if !slices.Contains(paid, u.Invoice) {
			paid = append(paid, u.Invoice)
		}
	}
	return a.recordPaid(ctx, q, payment, paid, by, receipt)
}

// useHeld uses the credit that the payment held, as far as it is still there:
// a refund or a dispute may have taken of it since. The customer is locked.
func (a *Activities) useHeld(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, wanted []CreditUse, at time.Time) error {
	if len(wanted) == 0 {
		return nil
	}
	credit, err := q.CreditBalance(ctx, dbsqlc.CreditBalanceParams{OrgID: payment.OrgID, CustomerID: payment.CustomerID, Currency: payment.Currency})
	if err != nil {
		return err
	}
	left, uses := max(credit.Balance, 0), wanted[:0:0]
	for _, u := range wanted {
		if u.Amount = min(u.Amount, left); u.Amount > 0 {
			uses, left = append(uses, u), left-u.Amount
		}
	}
	return UseCredit(ctx, q, a.NewID, payment.OrgID, payment.CustomerID, payment.Currency, nil, uses, at)
}

// recordPaid writes each invoice's own line of history.
func (a *Activities) recordPaid(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, invoices []uuid.UUID, by Actor, receipt string) error {
	ids := make([]uuid.UUID, len(invoices))
	for i := range ids {
		ids[i] = a.NewID()
	}
	data, err := json.Marshal(map[string]any{"payment": payment.ID, "receipt": receipt})
	if err != nil {
		return err
	}
	return q.InsertEventsOfInvoices(ctx, dbsqlc.InsertEventsOfInvoicesParams{
		OrgID: payment.OrgID, CustomerID: &payment.CustomerID, Kind: "invoice.paid",
		ActorKind: string(by.Kind), ActorID: optional(by.ID), ActorName: by.Name,
		Data: data, At: a.now(), Ids: ids, InvoiceIds: invoices,
	})
}

// decline books a refusal by the bank. On the processor's page, while it is open,
// the customer may try another card at once, so the payment waits on; with a saved
// method, or when a bank debit comes back after days, it waits for a retry.
func (a *Activities) decline(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, intent gateway.Intent, open bool) error {
	if intent.LastDecline == nil {
		return nil
	}
	code := intent.LastDecline.Reason()
	data := map[string]any{"amount": payment.Amount, "currency": payment.Currency, "code": code, "reason": portal.DeclineMessage(code)}
	if open {
		now := a.now()
		n, err := q.InsertAttempt(ctx, dbsqlc.InsertAttemptParams{
			OrgID: payment.OrgID, PaymentID: payment.ID, N: payment.Attempt, Charge: intent.ChargeID, Outcome: "declined", Channel: payment.Channel,
			Code: code, Class: string(portal.ClassifyDecline(code)), Message: portal.DeclineMessage(code),
			RequestedBy: cmp.Or(payment.RetriedByName, payment.StartedByName), StartedAt: now, EndedAt: &now,
		})
		if err != nil || n == 0 {
			return err
		}
		return a.record(ctx, q, happened{
			org: payment.OrgID, customer: payment.CustomerID, kind: "payment.card_declined", subject: "payment", id: payment.ID,
			by: system(), data: data, at: now,
		})
	}
	if payment.Status != portal.PaymentCharging && payment.Status != portal.PaymentProcessing && payment.Status != portal.PaymentAwaitingCustomer {
		return nil
	}
	if err := a.endAttempt(ctx, q, payment, intent, "declined"); err != nil {
		return err
	}
	return a.move(ctx, q, payment, portal.PaymentDeclined, "payment.declined", data)
}

// nextTry is when the schedule tries a payment again that is being declined now,
// and the day that this is for the organization; nil when it doesn't.
func (a *Activities) nextTry(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, code string) (*time.Time, portal.Date, error) {
	if !payment.OnSchedule {
		return nil, portal.Date{}, nil
	}
	org, err := q.GetOrganization(ctx, payment.OrgID)
	if err != nil {
		return nil, portal.Date{}, err
	}
	declined := portal.Declined{Code: code, Kind: payment.Kind, Attempt: int(payment.Attempt), First: payment.CreatedAt, At: a.now()}
	at, ok := declined.NextTry(zoneOf(org))
	if !ok {
		return nil, portal.Date{}, nil
	}
	return new(at.UTC()), portal.DateOf(at, zoneOf(org)), nil
}

func (a *Activities) endAttempt(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, intent gateway.Intent, outcome string) error {
	now := a.now()
	params := dbsqlc.EndAttemptParams{OrgID: payment.OrgID, PaymentID: payment.ID, N: payment.Attempt, Outcome: outcome, At: &now}
	if outcome == "declined" {
		params.Code = intent.LastDecline.Reason()
		params.Class = string(portal.ClassifyDecline(params.Code))
		params.Message = portal.DeclineMessage(params.Code)
	}
	n, err := q.EndAttempt(ctx, params)
	if err != nil || n > 0 || payment.Channel != ChannelCheckout {
		return err
	}
	_, err = q.InsertAttempt(ctx, dbsqlc.InsertAttemptParams{
		OrgID: payment.OrgID, PaymentID: payment.ID, N: payment.Attempt, Charge: intent.ChargeID, Outcome: outcome, Channel: payment.Channel,
		RequestedBy: cmp.Or(payment.RetriedByName, payment.StartedByName), StartedAt: now, EndedAt: &now,
	})
	return err
}

// move takes a payment on, if it may go there from where it is, and records it.
func (a *Activities) move(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, to portal.PaymentStatus, event string, data map[string]any) error {
	now := a.now()
	params := dbsqlc.MovePaymentParams{OrgID: payment.OrgID, ID: payment.ID, Status: to, At: now, FromStatus: texts(portal.PaymentMachine().From(to))}
	if code, ok := data["code"].(string); ok {
		params.FailureCode, params.FailureMessage = code, portal.DeclineMessage(code)
		next, day, err := a.nextTry(ctx, q, payment, code)
		if err != nil {
			return err
		}
		if next != nil {
			params.NextTryAt, data["next_try"] = next, day
		}
	}
	n, err := q.MovePayment(ctx, params)
	if err != nil || n == 0 {
		return err
	}
	if data == nil {
		data = map[string]any{"amount": payment.Amount, "currency": payment.Currency}
	}
	return a.record(ctx, q, happened{
		org: payment.OrgID, customer: payment.CustomerID, kind: event, subject: "payment", id: payment.ID, by: system(), data: data, at: now,
	})
}

// canceledThere lets go of a payment whose charge was canceled at the processor.
func (a *Activities) canceledThere(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment) error {
	n, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
		OrgID: payment.OrgID, ID: payment.ID, Status: portal.PaymentCanceled, FailureCode: "canceled_at_processor",
		FailureMessage: "This payment was canceled. Nothing was charged.", At: a.now(),
		FromStatus: texts(portal.PaymentMachine().From(portal.PaymentCanceled)),
	})
	if err != nil || n == 0 {
		return err
	}
	if _, err := q.ReleaseReservations(ctx, dbsqlc.ReleaseReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID, State: "released"}); err != nil {
		return err
	}
	return a.record(ctx, q, happened{
		org: payment.OrgID, customer: payment.CustomerID, kind: "payment.canceled", subject: "payment", id: payment.ID, by: system(), at: a.now(),
		data: map[string]any{"amount": payment.Amount, "currency": payment.Currency},
	})
}

// keepMethod stores a method that the customer chose to save while paying, R33.
func (a *Activities) keepMethod(ctx context.Context, payment dbsqlc.Payment, intent gateway.Intent) error {
	if payment.Channel != ChannelCheckout || intent.MethodID == "" {
		return nil
	}
	method, err := a.Gateway.GetMethod(ctx, payment.Account, intent.MethodID)
	if err != nil {
		return fmt.Errorf("reading the method: %w", err)
	}
	if method.CustomerID == "" {
		return nil
	}
	by := actorFrom(payment.StartedByKind, payment.StartedBy, payment.StartedByName)
	return a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		_, err := a.keep(ctx, q, keeping{org: payment.OrgID, customer: payment.CustomerID, account: payment.Account, method: method, by: by})
		return err
	})
}

// attemptOf is which try of the activity this is, from 1; outside of one it is 1.
func attemptOf(ctx context.Context) int {
	if !activity.IsActivity(ctx) {
		return 1
	}
	return int(activity.GetInfo(ctx).Attempt)
}
