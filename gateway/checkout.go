package gateway

import "time"

// CheckoutLifetime is how far ahead to set [CheckoutParams].ExpiresAt: the
// shortest expiry that the processor accepts, half an hour from when it
// receives the call, and some minutes for the call to be retried in.
const CheckoutLifetime = 35 * time.Minute

// CheckoutStatus is where a session stands.
type CheckoutStatus string

// The states of a session. Complete means that the customer confirmed; a bank
// debit is then still processing, and its intent says so.
const (
	CheckoutOpen     CheckoutStatus = "open"
	CheckoutComplete CheckoutStatus = "complete"
	CheckoutExpired  CheckoutStatus = "expired"
)

// Checkout is a session on the processor's own page.
type Checkout struct {
	ID string
	// URL is the page; empty once the session is not open.
	URL    string
	Status CheckoutStatus
	// Setup says that the session saves a method and charges nothing.
	Setup bool
	// IntentID is empty until the customer confirms; SetupIntentID is set
	// from the start when Setup is.
	IntentID      string
	SetupIntentID string
	// PaymentID is our reference, read back: the payment's ID, or for a
	// setup the request's.
	PaymentID  string
	CustomerID string
	// Amount and Currency are zero for a setup.
	Amount    int64
	Currency  string
	ExpiresAt time.Time
}

// CheckoutLine is one line of what is being paid.
type CheckoutLine struct {
	// Name is such as "Invoice 1001".
	Name string
	// Amount is the line's total, in minor units.
	Amount int64
}

// CheckoutParams opens a session. Repeat a call with exactly the same values
// (ExpiresAt too, so keep it): the processor refuses a key that comes back with
// another body.
type CheckoutParams struct {
	// PaymentID is our reference: the payment's ID, or with Setup the
	// request's.
	PaymentID string
	// Attempt is n of the key cs:{payment}:{n}: raised for each new session.
	Attempt int
	// Again is raised where the key was [Spoiled]: the session that it may have
	// opened was never shown to anybody.
	Again int
	// Setup saves a method without charging; Lines, Save and Description
	// are then unused.
	Setup      bool
	CustomerID string
	Currency   string
	Lines      []CheckoutLine
	Kinds      []MethodKind
	// Save keeps the method, of either kind, for charges when the customer is
	// away; the page tells them so. For whoever asked for it on our own page.
	Save        bool
	Description string
	// SuccessURL may hold {CHECKOUT_SESSION_ID}, which the processor fills
	// in. CancelURL is the page's way back.
	SuccessURL string
	CancelURL  string
	// ExpiresAt is when the page stops taking payment; see
	// [CheckoutLifetime]. Ignored with Setup, whose links live a day.
	ExpiresAt time.Time
}

// SetupStatus is where the saving of a method stands.
type SetupStatus string

// The states of a setup.
const (
	SetupRequiresMethod       SetupStatus = "requires_payment_method"
	SetupRequiresConfirmation SetupStatus = "requires_confirmation"
	SetupRequiresAction       SetupStatus = "requires_action"
	SetupProcessing           SetupStatus = "processing"
	SetupCanceled             SetupStatus = "canceled"
	SetupSucceeded            SetupStatus = "succeeded"
)

// Setup is the saving of a method without a charge.
type Setup struct {
	ID         string
	Status     SetupStatus
	CustomerID string
	// MethodID is the saved method once Status is succeeded.
	MethodID string
	// RequestID is our request's ID, read back from the metadata.
	RequestID string
	// LastDecline is why the method was refused; nil if it wasn't.
	LastDecline *Decline
}
