package gateway

import (
	"errors"
	"fmt"
	"time"
)

// Kind sorts errors by what the caller must do.
type Kind string

// The kinds of error.
const (
	// UnknownOutcome: the call may or may not have acted (a time-out, a lost
	// connection, a 5xx, the same key in use). Repeat it with the same key,
	// or get the object and apply what it says; never raise the attempt.
	UnknownOutcome Kind = "unknown_outcome"
	// Spoiled: the processor answered a first call under this key with an error
	// of its own, and gives that answer to every repeat for as long as it
	// remembers the key. That first call is over: what it did is seen in its
	// object. If it did nothing, or nothing that matters, raise Again and repeat.
	Spoiled Kind = "spoiled"
	// RateLimited: nothing was done; repeat after RetryAfter.
	RateLimited Kind = "rate_limited"
	// NeedsCustomer: the method can't be charged until its owner has done
	// something about it at the processor (a mandate, a verification). A
	// bank that wants authentication is a decline: see
	// [Intent.NeedsCustomer].
	NeedsCustomer Kind = "needs_customer"
	// UnexpectedState: the object has moved on since. Get it and apply what
	// it says.
	UnexpectedState Kind = "unexpected_state"
	// NotFound: the account has no such object.
	NotFound Kind = "not_found"
	// Permanent: the call is wrong, or the account may not make it.
	// Repeating it can't help.
	Permanent Kind = "permanent"
)

// Error is a call that gave no answer.
type Error struct {
	Kind Kind
	// Code is the processor's, such as payment_intent_unexpected_state;
	// empty when the call never came back.
	Code string
	// Param is the parameter that the processor complained about, if any.
	Param string
	// Message is for staff and logs, never for customers.
	Message string
	// RetryAfter is how long to wait before a repeat; 0 if the processor
	// didn't say.
	RetryAfter time.Duration
	// RequestID is the processor's own, for asking its support.
	RequestID string
	// Err is the cause, if the call failed on its way.
	Err error
}

// Error describes the failure for a log.
func (e *Error) Error() string {
	s := fmt.Sprintf("payment processor: %s", e.Kind)
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.RequestID != "" {
		s += " [" + e.RequestID + "]"
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first *[Error] in err's chain, and "" if there
// is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}
