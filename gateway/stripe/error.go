package stripe

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"countersign/gateway"
)

// mapError sorts everything that a call to Stripe can fail with by what the
// caller must do. It is the only place that does. Declines of a charge don't
// come here: see decline.
//
// The rules, from https://docs.stripe.com/error-low-level and
// https://docs.stripe.com/api/errors: an answer of 5xx, a 409 and no answer at
// all leave the outcome open; 429 is never acted on; all other 4xx are definite.
func mapError(err error) *gateway.Error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		// No answer, or one that isn't Stripe's (a proxy's page): the
		// request may have arrived.
		return &gateway.Error{Kind: gateway.UnknownOutcome, Message: err.Error(), Err: err}
	}
	return &gateway.Error{
		Kind:       kindOf(e),
		Code:       code(e),
		Param:      e.Param,
		Message:    e.Msg,
		RetryAfter: retryAfter(e),
		RequestID:  e.RequestID,
		Err:        err,
	}
}

func kindOf(e *sdk.Error) gateway.Kind {
	switch {
	case e.HTTPStatusCode >= http.StatusInternalServerError && replayed(e):
		return gateway.Spoiled
	case e.HTTPStatusCode >= http.StatusInternalServerError:
		return gateway.UnknownOutcome
	case e.HTTPStatusCode == http.StatusTooManyRequests:
		return gateway.RateLimited
	case e.HTTPStatusCode == http.StatusConflict:
		// The same key is being worked on by another call.
		return gateway.UnknownOutcome
	case e.Type == sdk.ErrorTypeIdempotency:
		return gateway.Permanent
	}
	switch e.Code {
	case sdk.ErrorCodeLockTimeout, sdk.ErrorCodeIdempotencyKeyInUse:
		return gateway.UnknownOutcome
	case sdk.ErrorCodeRateLimit:
		return gateway.RateLimited
	case sdk.ErrorCodePaymentIntentUnexpectedState,
		sdk.ErrorCodeSetupIntentUnexpectedState,
		sdk.ErrorCodePaymentMethodUnexpectedState,
		sdk.ErrorCodeIntentInvalidState,
		sdk.ErrorCodeChargeAlreadyRefunded,
		sdk.ErrorCodeStatusTransitionInvalid:
		return gateway.UnexpectedState
	case sdk.ErrorCodeAuthenticationRequired,
		sdk.ErrorCodePaymentIntentActionRequired,
		sdk.ErrorCodePaymentIntentAuthenticationFailure,
		sdk.ErrorCodePaymentIntentMandateInvalid,
		sdk.ErrorCodeSetupIntentAuthenticationFailure,
		sdk.ErrorCodeSetupIntentMandateInvalid,
		sdk.ErrorCodeBillingInvalidMandate,
		sdk.ErrorCodeBankAccountUnverified,
		sdk.ErrorCodePaymentMethodBillingDetailsAddressMissing:
		return gateway.NeedsCustomer
	case sdk.ErrorCodeResourceMissing:
		return gateway.NotFound
	}
	if e.HTTPStatusCode == http.StatusNotFound {
		return gateway.NotFound
	}
	return gateway.Permanent
}

// replayed reports whether an answer is the one that was saved for its key: Stripe
// saves a 500 too. https://docs.stripe.com/api/idempotent_requests
func replayed(e *sdk.Error) bool {
	return e.LastResponse != nil && e.LastResponse.Header.Get("Idempotent-Replayed") == "true"
}

// code is Stripe's code; for errors without one, their type.
func code(e *sdk.Error) string {
	if e.Code != "" {
		return string(e.Code)
	}
	return string(e.Type)
}

// retryAfter reads the header of that name, in seconds. Stripe sends it with
// some 429s; where it doesn't, the caller's own back-off decides.
func retryAfter(e *sdk.Error) time.Duration {
	if e.LastResponse == nil {
		return 0
	}
	seconds, err := strconv.Atoi(e.LastResponse.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
