package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// Ways to make a payment.
const (
	// ChannelCheckout is the processor's own page, R32.
	ChannelCheckout = "checkout"
	// ChannelSaved is a card or account saved before, R33.
	ChannelSaved = "saved"
	// ChannelRecorded is money that came past the processor and that staff record.
	ChannelRecorded = "recorded"
	// ChannelCredit uses the customer's credit and nothing else.
	ChannelCredit = "credit"
)

// StatusCredited is the answer to a request that credit paid for: there is no
// payment, because no money moved.
const StatusCredited = "credited"

// PayInvoice is one invoice to pay, and how much of what is due on it.
type PayInvoice struct {
	ID uuid.UUID `json:"id"`
	// Amount in minor units; 0 pays all that is due.
	Amount int64 `json:"amount,omitempty"`
}

// PayRequest asks for one payment of one or many invoices of one currency.
type PayRequest struct {
	Customer uuid.UUID    `json:"customer"`
	Invoices []PayInvoice `json:"invoices"`
	// Total in minor units spreads this amount over the invoices, the oldest
	// first, N5; 0 pays each as it says. Recorded money names its total, and
	// what the invoices don't take becomes credit.
	Total   int64  `json:"total,omitempty"`
	Channel string `json:"channel"`
	// Kind is card or bank_debit with ChannelCheckout (card, if it is empty), and
	// how the money came with ChannelRecorded. A saved method has its own.
	Kind string `json:"kind,omitempty"`
	// Method is the saved method, with ChannelSaved.
	Method *uuid.UUID `json:"method,omitempty"`
	// Save offers to keep the method for later.
	Save bool `json:"save,omitempty"`
	// Credit uses the customer's credit first, N5.
	Credit bool `json:"credit,omitempty"`
	// Expected is what it comes to, in minor units, as whoever pays saw it: a payment
	// of another amount isn't begun.
	Expected *int64 `json:"expected,omitempty"`
	// OnSchedule tries a saved method again by itself when a decline may pass, N6.
	OnSchedule bool `json:"on_schedule,omitempty"`
	// Autopay is the enrolment that asks for it, if one does.
	Autopay *uuid.UUID `json:"autopay,omitempty"`
	// Currency, ReceivedOn and Reference are of recorded money: the day on
	// which it came, and how to find it in the bank's books.
	Currency   portal.Currency `json:"currency,omitempty"`
	ReceivedOn *portal.Date    `json:"received_on,omitempty"`
	Reference  string          `json:"reference,omitempty"`
	By         Actor           `json:"by"`
	Hash       []byte          `json:"hash"`
}

// PaymentRef names a payment.
type PaymentRef struct {
	Org     uuid.UUID `json:"org"`
	Payment uuid.UUID `json:"payment"`
}

// Holder is the payment that holds an invoice which another wants to pay, N3.
type Holder struct {
	Payment uuid.UUID `json:"payment"`
	Status  string    `json:"status"`
	// By is who started it; Name is shown to the second payer.
	By      uuid.UUID `json:"by"`
	Name    string    `json:"name"`
	Since   time.Time `json:"since"`
	Invoice uuid.UUID `json:"invoice"`
}

// PaymentState is where a payment stands, as its flow needs it.
type PaymentState struct {
	Begun
	Customer uuid.UUID `json:"customer"`
	Channel  string    `json:"channel"`
	Attempt  int       `json:"attempt"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	// CheckoutExpiresAt is when the processor's page closes by itself.
	CheckoutExpiresAt time.Time `json:"checkout_expires_at"`
	CreatedAt         time.Time `json:"created_at"`
	// Failure is why the last try failed, in words for people.
	Failure string `json:"failure,omitempty"`
	// NextTryAt is when the schedule tries a declined payment again, if it does.
	NextTryAt time.Time `json:"next_try_at,omitzero"`
	// RefundsOpen counts refunds that are not made yet, and Turns how often
	// money went back, or came back after all.
	RefundsOpen int `json:"refunds_open,omitempty"`
	Turns       int `json:"turns,omitempty"`
	// Holder is set with Refused when another payment is in the way.
	Holder *Holder `json:"holder,omitempty"`
}

// Is reports whether the payment has this status.
func (s PaymentState) Is(status portal.PaymentStatus) bool { return s.Status == string(status) }

// Final reports whether nothing more will be done about the payment.
func (s PaymentState) Final() bool { return portal.PaymentStatus(s.Status).Final() }

func paymentState(p dbsqlc.Payment) PaymentState {
	state := PaymentState{
		Begun:    Begun{Status: string(p.Status), RequestHash: p.RequestHash},
		Customer: p.CustomerID, Channel: p.Channel, Attempt: int(p.Attempt), Amount: p.Amount, Currency: string(p.Currency),
		CreatedAt: p.CreatedAt, Failure: p.FailureMessage, RefundsOpen: int(p.RefundsOpen), Turns: int(p.Turns),
	}
	if p.CheckoutExpiresAt != nil {
		state.CheckoutExpiresAt = *p.CheckoutExpiresAt
	}
	if p.NextTryAt != nil {
		state.NextTryAt = *p.NextTryAt
	}
	return state
}

// ReadPayment reads where a payment stands.
func (a *Activities) ReadPayment(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	return paymentState(payment), boundary(err)
}

func (a *Activities) payment(ctx context.Context, ref PaymentRef) (payment dbsqlc.Payment, err error) {
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		payment, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: ref.Org, ID: ref.Payment})
		if db.NotFound(err) {
			return portal.NotFound("payment")
		}
		return err
	})
	return payment, err
}

// CheckPayment asks the processor how a payment stands and applies the answer.
// It is what a webhook, the poll and ops all lead to.
func (a *Activities) CheckPayment(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	state, err := a.check(ctx, payment)
	return state, boundary(err)
}

func (a *Activities) check(ctx context.Context, payment dbsqlc.Payment) (PaymentState, error) {
	if payment.CheckoutID == "" {
		if payment.IntentID == "" || payment.Status == portal.PaymentCharging || payment.Status == portal.PaymentReserved {
			// A charge in flight is settled by its own step, under its own key.
			return paymentState(payment), nil
		}
		intent, err := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
		if err != nil {
			return PaymentState{}, fmt.Errorf("asking for the charge: %w", err)
		}
		return a.apply(ctx, payment, intent, false)
	}
	session, err := a.Gateway.GetCheckout(ctx, payment.Account, payment.CheckoutID)
	if err != nil {
		return PaymentState{}, fmt.Errorf("asking for the payment page: %w", err)
	}
	return a.applyCheckout(ctx, payment, session)
}

// plain says a status in a sentence.
func plain(s portal.PaymentStatus) string {
	switch s {
	case portal.PaymentAwaitingCustomer:
		return "waiting for the customer"
	case portal.PaymentReserved, portal.PaymentCharging:
		return "being charged"
	default:
		return string(s)
	}
}

// ClosePayment marks that the flow has nothing more to do.
func (a *Activities) ClosePayment(ctx context.Context, ref PaymentRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.ClosePaymentFlow(ctx, dbsqlc.ClosePaymentFlowParams{OrgID: ref.Org, ID: ref.Payment})
	}))
}
