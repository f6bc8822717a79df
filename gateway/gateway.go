// Package gateway is the payment processor as the flows see it: a handful of
// calls, the few facts of each answer that Countersign acts on, and errors
// sorted by what the caller must do next. It names no vendor; package
// gateway/stripe stands behind it.
//
// Amounts are int64 in the currency's minor unit as the processor counts it
// (cents for USD, whole yen for JPY, thousandths for KWD). Currencies are ISO
// 4217 codes in upper case. Times are UTC.
//
// A charge that the bank refuses is a result, not an error: the call returns the
// [Intent] with LastDecline set. An error means that the call itself did not
// give an answer; see [Kind] for what each one asks of the caller.
package gateway

import (
	"context"
	"time"
)

// Gateway moves money. Every method takes the processor's account ID of the
// organization that is being paid; an empty account means the account that the
// configured key belongs to. Implementations never retry: Temporal does.
//
// Every call that could be felt twice carries an idempotency key made from our
// own IDs, so calling again with the same parameters is always safe. Calling
// again with the same IDs and other parameters is refused as [Permanent].
type Gateway interface {
	// EnsureCustomer creates the customer at the processor and returns its
	// ID there. The key is made of all that is said of them: a repeat within a
	// day gives the same customer. Store the ID; after a day, or an edit, a
	// repeat would make another one.
	EnsureCustomer(ctx context.Context, account string, p CustomerParams) (string, error)

	// CreateIntent prepares a charge without making it (key pi:{payment}).
	// After UnknownOutcome ask FindIntent.
	CreateIntent(ctx context.Context, account string, p IntentParams) (Intent, error)
	// ConfirmIntent charges (key confirm:{payment}:{n}). A decline comes back
	// as an Intent with LastDecline set. After UnknownOutcome or
	// UnexpectedState, GetIntent and apply what it says.
	ConfirmIntent(ctx context.Context, account, intentID string, p ConfirmParams) (Intent, error)
	// CancelIntent gives a charge up under the key given. An intent that
	// can no longer be cancelled (it succeeded, it is processing) is
	// UnexpectedState: GetIntent and apply what it says.
	CancelIntent(ctx context.Context, account, intentID, key string) (Intent, error)
	// GetIntent reads an intent as it is now.
	GetIntent(ctx context.Context, account, id string) (Intent, error)
	// FindIntent looks through the customer's intents for the one that
	// carries our payment ID. It lists rather than searches, because the
	// processor's search index lags behind its charges. Should several
	// match, the one that holds or may yet take money wins.
	FindIntent(ctx context.Context, account, customerID, paymentID string) (Intent, bool, error)

	// CreateCheckout opens a page of the processor where the customer enters
	// a method and pays, or only saves it (key cs:{payment}:{n}).
	CreateCheckout(ctx context.Context, account string, p CheckoutParams) (Checkout, error)
	// GetCheckout reads a session as it is now.
	GetCheckout(ctx context.Context, account, id string) (Checkout, error)
	// ExpireCheckout closes a session so that nobody can pay in it any
	// more. If it turns out that somebody already did, the session is
	// returned as complete, and not as an error: the caller must apply it.
	ExpireCheckout(ctx context.Context, account, id string) (Checkout, error)
	// GetSetup reads what became of a session that saves a method.
	GetSetup(ctx context.Context, account, id string) (Setup, error)

	// GetMethod reads a saved method; detached ones can still be read.
	GetMethod(ctx context.Context, account, id string) (Method, error)
	// ListMethods lists the customer's saved cards and bank accounts,
	// newest first.
	ListMethods(ctx context.Context, account, customerID string) ([]Method, error)
	// UpdateMethod changes a saved method's expiry and billing details.
	UpdateMethod(ctx context.Context, account, id string, p MethodParams) (Method, error)
	// DetachMethod forgets a saved method. One that is already detached is
	// returned as it is.
	DetachMethod(ctx context.Context, account, id string) (Method, error)

	// Refund gives money back (key refund:{p.ID}).
	Refund(ctx context.Context, account string, p RefundParams) (Refund, error)
	// GetRefund reads a refund as it is now.
	GetRefund(ctx context.Context, account, id string) (Refund, error)
	// ListRefunds lists an intent's refunds, whoever made them, newest first.
	ListRefunds(ctx context.Context, account, intentID string) ([]Refund, error)
	// GetDispute reads a dispute as it is now.
	GetDispute(ctx context.Context, account, id string) (Dispute, error)
	// ListDisputes lists an intent's disputes, newest first.
	ListDisputes(ctx context.Context, account, intentID string) ([]Dispute, error)

	// IntentsCreated gives the intents that were created in the account in that
	// time, whoever created them, newest first, one page at a time: pass the
	// page's Next as after until it is empty. It and its two siblings are for
	// holding the books against the processor's.
	IntentsCreated(ctx context.Context, account string, in Period, after string) (Page[Intent], error)
	// RefundsCreated is IntentsCreated for refunds.
	RefundsCreated(ctx context.Context, account string, in Period, after string) (Page[Refund], error)
	// DisputesCreated is IntentsCreated for disputes.
	DisputesCreated(ctx context.Context, account string, in Period, after string) (Page[Dispute], error)

	// ListEvents gives what happened in the account at or after since, newest
	// first, one page at a time: pass the page's Next as after until it is
	// empty. It is for the sweep that finds missed webhooks.
	ListEvents(ctx context.Context, account string, since time.Time, after string) (EventPage, error)
}
