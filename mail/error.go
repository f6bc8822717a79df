// Errors of sending, sorted by what to do next.

package mail

import (
	"fmt"
	"time"
)

// ErrorKind says what to do after a failed Send.
type ErrorKind string

const (
	// Retryable: it was not sent; send the same message again later.
	Retryable ErrorKind = "retryable"
	// RateLimited: it was not sent; wait RetryAfter first.
	RateLimited ErrorKind = "rate_limited"
	// Permanent: it was not sent, and the same message never will be.
	Permanent ErrorKind = "permanent"
	// UnknownOutcome: it may have been sent. Sending the same message with the same key again within 24 hours is safe,
	// and tells.
	UnknownOutcome ErrorKind = "unknown_outcome"
)

// Error is why an email was not, or perhaps not, sent.
type Error struct {
	Kind ErrorKind
	// RetryAfter is how long to wait; 0 when the provider didn't say.
	RetryAfter time.Duration
	// Status is the HTTP status of the answer; 0 when there was none.
	Status int
	// Code is the provider's name for the error ("validation_error"); may be empty.
	Code string
	Err  error
}

func (e *Error) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("send email: %s: %v", e.Kind, e.Err)
	}
	return fmt.Sprintf("send email: %s: status %d %s: %v", e.Kind, e.Status, e.Code, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
