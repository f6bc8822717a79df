package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

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
// currency, customer and payment. Applied again it changes nothing.
func (a *Activities) apply(ctx context.Context, payment dbsqlc.Payment, intent gateway.Intent) (PaymentState, error) {
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
		if _, err := q.SetPaymentIntent(ctx, dbsqlc.SetPaymentIntentParams{OrgID: locked.OrgID, ID: locked.ID, IntentID: intent.ID, At: a.now()}); err != nil {
			return err
		}
		switch intent.Status {
		case gateway.IntentSucceeded:
			return a.settle(ctx, q, locked, held, intent)
		case gateway.IntentProcessing:
			return a.move(ctx, q, locked, portal.PaymentProcessing, "payment.processing", nil)
		case gateway.IntentRequiresMethod:
			return a.decline(ctx, q, locked, intent)
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
// and what they don't take is the customer's credit.
func (a *Activities) settle(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, held []dbsqlc.ListReservationsRow, intent gateway.Intent) error {
	received := portal.FromProcessor(intent.AmountReceived, payment.Currency).Amount
	now := a.now()
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
		return mismatch("payment %s is %s, but its charge %s succeeded", payment.ID, payment.Status, intent.ID)
	}
	allocations := dbsqlc.InsertPaymentAllocationsParams{OrgID: payment.OrgID, CustomerID: payment.CustomerID, PaymentID: payment.ID, At: now}
	left := received
	for _, h := range held {
		amount := min(h.Amount, h.Due, left)
		if h.State != "live" || h.InvoiceState != "sent" || amount <= 0 {
			continue
		}
		allocations.Ids = append(allocations.Ids, a.NewID())
		allocations.InvoiceIds = append(allocations.InvoiceIds, h.InvoiceID)
		allocations.Amounts = append(allocations.Amounts, amount)
		left -= amount
	}
	if err := q.InsertPaymentAllocations(ctx, allocations); err != nil {
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
	if err := a.endAttempt(ctx, q, payment, intent, "succeeded"); err != nil {
		return err
	}
	by := Actor{Kind: portal.ActorKind(payment.StartedByKind), Name: payment.StartedByName}
	if payment.StartedBy != nil {
		by.ID = *payment.StartedBy
	}
	if err := a.record(ctx, q, happened{
		org: payment.OrgID, customer: payment.CustomerID, kind: "payment.succeeded", subject: "payment", id: payment.ID, by: by, at: now,
		data: map[string]any{"amount": received, "currency": payment.Currency, "receipt": receipt, "invoices": len(allocations.Ids), "credit": left},
	}); err != nil {
		return err
	}
	return a.recordPaid(ctx, q, payment, allocations.InvoiceIds, by, receipt)
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

// decline books a refusal by the bank. On the processor's page the customer may
// try another card at once, so the payment waits on; with a saved method it waits
// for a retry.
func (a *Activities) decline(ctx context.Context, q *dbsqlc.Queries, payment dbsqlc.Payment, intent gateway.Intent) error {
	if intent.LastDecline == nil {
		return nil
	}
	code := intent.LastDecline.Reason()
	data := map[string]any{"amount": payment.Amount, "currency": payment.Currency, "code": code, "reason": portal.DeclineMessage(code)}
	if payment.Channel == ChannelCheckout {
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
	by := Actor{Kind: portal.ActorKind(payment.StartedByKind), Name: payment.StartedByName}
	if payment.StartedBy != nil {
		by.ID = *payment.StartedBy
	}
	return a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		_, err := a.keep(ctx, q, keeping{org: payment.OrgID, customer: payment.CustomerID, account: payment.Account, method: method, by: by})
		return err
	})
}

// MailPaymentInput is one round of emails about a payment.
type MailPaymentInput struct {
	PaymentRef
	// Template is payment_receipt, payment_failed or payment_canceled.
	Template string `json:"template"`
	// Attempt tells apart the emails about several declines.
	Attempt int `json:"attempt"`
}

// MailPayment emails whoever pays: the contact who started the payment, or the
// customer's contacts when staff or a schedule did.
func (a *Activities) MailPayment(ctx context.Context, in MailPaymentInput) error {
	var (
		payment     dbsqlc.Payment
		customer    dbsqlc.Customer
		org         dbsqlc.Organization
		recipients  []dbsqlc.Contact
		allocations []dbsqlc.ListAllocationsOfPaymentRow
		method      dbsqlc.PaymentMethod
	)
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		if payment, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: in.Org, ID: in.Payment}); err != nil {
			return err
		}
		if customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: in.Org, ID: payment.CustomerID}); err != nil {
			return err
		}
		if org, err = q.GetOrganization(ctx, in.Org); err != nil {
			return err
		}
		if allocations, err = q.ListAllocationsOfPayment(ctx, dbsqlc.ListAllocationsOfPaymentParams{OrgID: in.Org, PaymentID: payment.ID}); err != nil {
			return err
		}
		if payment.MethodID != nil {
			if method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: in.Org, ID: *payment.MethodID}); err != nil {
				return err
			}
		}
		if payment.StartedByKind == string(portal.ActorContact) && payment.StartedBy != nil {
			contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: in.Org, ID: *payment.StartedBy})
			recipients = []dbsqlc.Contact{contact}
			return err
		}
		recipients, err = q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: in.Org, CustomerID: payment.CustomerID})
		return err
	})
	if err != nil {
		return boundary(err)
	}
	amount := portal.NewMoney(payment.Amount, payment.Currency)
	if payment.Received > 0 {
		amount.Amount = payment.Received
	}
	var paid []string
	for i, al := range allocations {
		// An email is not a ledger: the receipt's page lists them all.
		if i == 20 {
			paid = append(paid, fmt.Sprintf("and %d more", len(allocations)-i))
			break
		}
		paid = append(paid, al.Number+": "+portal.NewMoney(al.Amount, payment.Currency).Format(org.Locale))
	}
	page := a.address(org, "payments", payment.ID)
	values := map[string]string{
		"customer_name": customer.Name, "amount": amount.Format(org.Locale), "failure_reason": payment.FailureMessage,
		"invoice_list": strings.Join(paid, "\n"), "receipt_link": page, "payment_link": page,
		"payment_method": methodName(payment, method),
	}
	if payment.ReceiptNumber != nil {
		values["payment_number"] = *payment.ReceiptNumber
	}
	if payment.SucceededAt != nil {
		values["paid_on"] = dayIn(org, *payment.SucceededAt)
	}
	template := in.Template
	if template == "payment_failed" && payment.FailureCode == "authentication_required" {
		template = "payment_confirmation" // it is not lost: the bank only wants to hear it from them
	}
	for _, contact := range recipients {
		err := a.deliver(ctx, letter{
			org: org, customer: customer.ID, to: toContact(contact), template: template, subject: "payment", id: payment.ID,
			send: in.Attempt, values: values,
		})
		if err != nil {
			return boundary(err)
		}
	}
	return nil
}

func methodName(payment dbsqlc.Payment, method dbsqlc.PaymentMethod) string {
	if method.Last4 != "" {
		return strings.ToUpper(method.Brand[:1]) + method.Brand[1:] + " ending in " + method.Last4
	}
	if payment.Kind == "bank_debit" {
		return "Bank account"
	}
	return "Card"
}

// attemptOf is which try of the activity this is, from 1; outside of one it is 1.
func attemptOf(ctx context.Context) int {
	if !activity.IsActivity(ctx) {
		return 1
	}
	return int(activity.GetInfo(ctx).Attempt)
}
