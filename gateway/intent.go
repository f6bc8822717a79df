package gateway

import "time"

// IntentStatus is where a charge stands at the processor.
type IntentStatus string

// The states of an intent.
const (
	// IntentRequiresMethod: no method yet, or the last one was declined.
	IntentRequiresMethod IntentStatus = "requires_payment_method"
	// IntentRequiresConfirmation: prepared; nothing has been charged.
	IntentRequiresConfirmation IntentStatus = "requires_confirmation"
	// IntentRequiresAction: the customer must authenticate at NextActionURL.
	IntentRequiresAction IntentStatus = "requires_action"
	// IntentProcessing: under way; a bank debit stays here for days.
	IntentProcessing IntentStatus = "processing"
	// IntentRequiresCapture: authorized only. We never ask for this.
	IntentRequiresCapture IntentStatus = "requires_capture"
	// IntentCanceled: given up; nothing was or will be charged.
	IntentCanceled IntentStatus = "canceled"
	// IntentSucceeded: the money was received (a bank may still take a debit
	// back, which comes as a [Dispute]).
	IntentSucceeded IntentStatus = "succeeded"
)

// Final reports whether an intent in this state can never change its state
// again.
func (s IntentStatus) Final() bool {
	return s == IntentSucceeded || s == IntentCanceled
}

// Intent is one charge, from its preparation to its end.
type Intent struct {
	ID     string
	Status IntentStatus
	// Amount is what is to be charged, AmountReceived what has been, both in
	// minor units of Currency.
	Amount         int64
	AmountReceived int64
	Currency       string
	CustomerID     string
	MethodID       string
	// PaymentID is our payment's ID, read back from the intent's metadata.
	PaymentID string
	// ChargeID is the latest attempt's, declined ones included.
	ChargeID string
	// Charged is the card or account of that attempt. Only GetIntent tells it.
	Charged Charged
	// LastDecline is why the last attempt failed; nil if none did.
	LastDecline *Decline
	// NextActionURL is where the customer goes on when Status is
	// requires_action.
	NextActionURL string
	// CancelReason is the processor's word for why a cancelled intent was
	// given up: ours ("abandoned"), or its own ("automatic", "fraudulent").
	CancelReason string
	Created      time.Time
}

// Charged is the card or bank account that an attempt went to, as it was then:
// known of one that was never saved, and of one that was forgotten since. What the
// processor didn't tell is empty.
type Charged struct {
	Kind MethodKind
	// Brand is the card's scheme, such as visa, or the bank's name.
	Brand string
	Last4 string
}

// Declined reports whether the last attempt was refused and the intent waits
// for another method or another try.
func (i Intent) Declined() bool {
	return i.Status == IntentRequiresMethod && i.LastDecline != nil
}

// NeedsCustomer reports whether only the customer can take the charge further:
// an authentication page waits, or the bank refused to charge without one.
func (i Intent) NeedsCustomer() bool {
	return i.Status == IntentRequiresAction ||
		i.LastDecline != nil && i.LastDecline.Reason() == "authentication_required"
}

// Decline says why a charge was refused.
type Decline struct {
	// Code is the processor's code, such as card_declined or expired_card.
	Code string
	// DeclineCode is the issuer's finer reason, if it gave one, such as
	// insufficient_funds.
	DeclineCode string
	// Message is the processor's sentence for the customer.
	Message string
}

// Reason is the finest code known: the issuer's, or else the processor's.
func (d Decline) Reason() string {
	if d.DeclineCode != "" {
		return d.DeclineCode
	}
	return d.Code
}

// IntentParams prepares a charge.
type IntentParams struct {
	// PaymentID is our payment's ID: the idempotency key and the metadata.
	PaymentID string
	// Attempt is 0 at first. Raise it only when an earlier create is known
	// to have made nothing: FindIntent found none after an unknown outcome
	// (the processor repeats a saved 500 for as long as it keeps the key).
	Attempt    int
	Amount     int64
	Currency   string
	CustomerID string
	MethodID   string
	// Kinds are the kinds of method the charge may be made with, so that a
	// declined card can be followed by a bank account.
	Kinds []MethodKind
	// Description is shown to staff at the processor, such as "Invoices
	// 1001, 1002".
	Description string
}

// ConfirmParams makes a prepared charge.
type ConfirmParams struct {
	PaymentID string
	// Attempt is n of the key confirm:{payment}:{n}. Raise it only after a
	// definite decline, never after an unknown outcome.
	Attempt int
	// Again is raised where the key was [Spoiled] and the intent still waits to
	// be confirmed.
	Again int
	// MethodID replaces the intent's method; empty keeps it.
	MethodID string
	// OffSession says that the customer is not there to authenticate
	// (autopay, a scheduled retry); otherwise ReturnURL is where they come
	// back to after authenticating.
	OffSession bool
	ReturnURL  string
	// Until is when the call may be sent at the latest, as of [RefundParams]: a
	// later one could charge again what was declined meanwhile. Zero is no limit.
	Until time.Time
}
