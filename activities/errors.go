package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"countersign/gateway"
	"countersign/mail"
	"countersign/portal"
)

// Types of the failures that no retry can mend. They stand in histories: a
// value never changes once released.
const (
	// TypeRefused carries a *portal.Error as its details.
	TypeRefused = "Refused"
	// TypeProcessorRefused: the processor says that the call itself is wrong.
	TypeProcessorRefused = "ProcessorRefused"
	// TypeProcessorMismatch: the processor's object isn't the one we made.
	TypeProcessorMismatch = "ProcessorMismatch"
	// TypeMailRefused: the mail provider will never take this email.
	TypeMailRefused = "MailRefused"
)

// boundary turns an error into what Temporal is to make of it: a refusal is
// final, a vendor's error is as it was sorted, and the rest is tried again.
func boundary(err error) error {
	if err == nil || temporal.IsApplicationError(err) || errors.Is(err, context.Canceled) {
		return err
	}
	if refused, ok := errors.AsType[*portal.Error](err); ok {
		if refused.Code == portal.CodeUnavailable {
			return err
		}
		return temporal.NewNonRetryableApplicationError(refused.Message, TypeRefused, err, refused)
	}
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		switch e.Kind {
		case gateway.RateLimited:
			return temporal.NewApplicationErrorWithOptions(e.Error(), string(e.Kind), temporal.ApplicationErrorOptions{
				NextRetryDelay: e.RetryAfter, Cause: err,
			})
		case gateway.Permanent, gateway.NotFound:
			return temporal.NewNonRetryableApplicationError(e.Error(), TypeProcessorRefused, err)
		default:
			return err
		}
	}
	if e, ok := errors.AsType[*mail.Error](err); ok {
		switch e.Kind {
		case mail.RateLimited:
			return temporal.NewApplicationErrorWithOptions(e.Error(), "MailRateLimited", temporal.ApplicationErrorOptions{
				NextRetryDelay: e.RetryAfter, Cause: err,
			})
		case mail.Permanent:
			return temporal.NewNonRetryableApplicationError(e.Error(), TypeMailRefused, err)
		default:
			return err
		}
	}
	return err
}

// Refusal is the *portal.Error in an error that came through Temporal, or nil.
func Refusal(err error) *portal.Error {
	if refused, ok := errors.AsType[*portal.Error](err); ok {
		return refused
	}
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || app.Type() != TypeRefused || !app.HasDetails() {
		return nil
	}
	var refused portal.Error
	if app.Details(&refused) != nil {
		return nil
	}
	return &refused
}
