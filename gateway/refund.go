package gateway

import "time"

// RefundStatus is where a refund stands.
type RefundStatus string

// The states of a refund. A refund to a card succeeds at once, and can fail
// later.
const (
	RefundPending        RefundStatus = "pending"
	RefundRequiresAction RefundStatus = "requires_action"
	RefundSucceeded      RefundStatus = "succeeded"
	RefundFailed         RefundStatus = "failed"
	RefundCanceled       RefundStatus = "canceled"
)

// Refund is money given back.
type Refund struct {
	ID       string
	Status   RefundStatus
	Amount   int64
	Currency string
	IntentID string
	ChargeID string
	// RefundID is our refund's ID, read back from the metadata; empty for
	// one made at the processor by hand.
	RefundID string
	// FailureReason is the processor's code when Status is failed.
	FailureReason string
	Created       time.Time
}

// RefundParams gives money back.
type RefundParams struct {
	// ID is our refund's ID: the idempotency key and the metadata.
	ID string
	// Attempt is 0 at first. Raise it only when an earlier call is known to
	// have given nothing back: ListRefunds showed none after an unknown outcome.
	Attempt  int
	IntentID string
	// Amount is in minor units; 0 gives back all that is left.
	Amount int64
	// Until is when the call may be sent at the latest: while the processor is
	// known to remember the key, or soon after it was seen that there is no such
	// refund. A later one could be a second refund. Zero is no limit.
	Until time.Time
}

// Dispute is money that the customer's bank takes back: a chargeback, or the
// return of a bank debit that had succeeded.
type Dispute struct {
	ID string
	// Status is the processor's word: needs_response, under_review, won,
	// lost, or one of the warnings.
	Status   DisputeStatus
	Reason   string
	Amount   int64
	Currency string
	IntentID string
	ChargeID string
	Created  time.Time
}

// DisputeStatus is where a dispute stands.
type DisputeStatus string

// The states of a dispute. The warnings are inquiries: no money has moved.
const (
	DisputeWarningNeedsResponse DisputeStatus = "warning_needs_response"
	DisputeWarningUnderReview   DisputeStatus = "warning_under_review"
	DisputeWarningClosed        DisputeStatus = "warning_closed"
	DisputeNeedsResponse        DisputeStatus = "needs_response"
	DisputeUnderReview          DisputeStatus = "under_review"
	DisputeWon                  DisputeStatus = "won"
	DisputeLost                 DisputeStatus = "lost"
)

// MoneyTaken reports whether a dispute in this state has the disputed money
// withheld from the organization.
func (s DisputeStatus) MoneyTaken() bool {
	return s == DisputeNeedsResponse || s == DisputeUnderReview || s == DisputeLost
}
