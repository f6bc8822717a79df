package gateway

import (
	"net/http"
	"time"
)

// Hint is what a verified webhook, or the list of events, tells: that something
// happened to an object. It says nothing of the object's state, because events
// come late, twice and out of order: get the object and apply that.
type Hint struct {
	EventID string
	// Type is the processor's name of the event, such as
	// payment_intent.succeeded.
	Type string
	// Account is the connected account that it happened in; empty for the
	// key's own.
	Account string
	// ObjectID is the object's ID, ObjectKind what it is at the processor:
	// payment_intent, checkout.session, setup_intent, payment_method,
	// charge, refund, dispute and others.
	ObjectID   string
	ObjectKind string
	// IntentID is the charge's intent when the object is or names one.
	IntentID string
	// PaymentID is our reference when the object carries it: a payment's ID,
	// or a setup's; empty otherwise.
	PaymentID string
	Created   time.Time
}

// EventPage is one page of events.
type EventPage struct {
	// Hints are the page's events, newest first.
	Hints []Hint
	// Next asks for the following page; empty at the end.
	Next string
}

// Verifier proves that a webhook's raw body was signed by the processor
// recently, and reads it. Its error says why a body is refused, and must not be
// shown to the caller.
type Verifier func(body []byte, header http.Header, now time.Time) (Hint, error)
