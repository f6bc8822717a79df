package portal

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code says what kind of refusal an Error is. Callers decide by it: the API
// maps it to an HTTP status, a flow to retry or not, a page to what it draws.
type Code string

// The codes. They are stored and travel between processes: a value never
// changes once released.
const (
	// CodeInvalid: the request breaks a rule; Error.Fields says where.
	CodeInvalid Code = "invalid"
	// CodeUnauthenticated: nobody is signed in, or the sign-in has ended.
	CodeUnauthenticated Code = "unauthenticated"
	// CodeForbidden: known, but not allowed to do this.
	CodeForbidden Code = "forbidden"
	// CodeNotFound: there is no such thing, or the caller may not know of it.
	CodeNotFound Code = "not_found"
	// CodeConflict: the thing's present state doesn't allow it.
	CodeConflict Code = "conflict"
	// CodeStale: the thing changed since it was on the caller's screen.
	CodeStale Code = "stale"
	// CodeKeyReused: an idempotency key came back with another request.
	CodeKeyReused Code = "key_reused"
	// CodeUnavailable: nothing was recorded; the same request may be sent later.
	CodeUnavailable Code = "unavailable"
	// CodeTooMany: the caller is going too fast.
	CodeTooMany Code = "too_many"
	// CodeInternal: our fault; the details stay in our logs.
	CodeInternal Code = "internal"
	// CodeNotConfirmed: it may or may not have been recorded; sending exactly
	// the same again is safe and tells.
	CodeNotConfirmed Code = "not_confirmed"
	// CodeGone: it existed, and can't be used any more (a spent or expired link).
	CodeGone Code = "gone"
)

// FieldError is one broken rule and the place where it was broken.
type FieldError struct {
	// Path names the field as the request's JSON does, such as
	// "lines[2].quantity".
	Path string `json:"path"`
	// Message says what is wrong, in a sentence for people.
	Message string `json:"message"`
}

// Field makes a FieldError.
func Field(path, format string, args ...any) FieldError {
	return FieldError{Path: path, Message: fmt.Sprintf(format, args...)}
}

// Error is a refusal that a person may read. It is JSON all through, so that
// it survives the way from an activity through a flow's failure to a page.
type Error struct {
	Code Code `json:"code"`
	// Message is for people: plain, and without internals.
	Message string `json:"message"`
	// Fields locate what is wrong in the request; only with CodeInvalid.
	Fields []FieldError `json:"fields,omitempty"`
	// RetryAfter, when positive, says how long to wait before trying again
	// (nanoseconds in JSON).
	RetryAfter time.Duration `json:"retry_after,omitempty"`
}

// Error writes the message followed by the fields.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Message
	}
	var b strings.Builder
	b.WriteString(e.Message)
	for i, f := range e.Fields {
		if i == 0 {
			b.WriteString(" (")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(f.Path)
		b.WriteString(": ")
		b.WriteString(f.Message)
	}
	b.WriteString(")")
	return b.String()
}

// Is reports whether target is an *Error with the same code, so that
// errors.Is(err, &Error{Code: CodeStale}) asks for the kind, not the words.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeOf returns the code of the first *Error in err's chain, "" for nil, and
// CodeInternal for an error that isn't ours.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// Invalid refuses a request that breaks rules.
func Invalid(message string, fields ...FieldError) *Error {
	return &Error{Code: CodeInvalid, Message: message, Fields: fields}
}

// Unauthenticated refuses somebody who isn't signed in.
func Unauthenticated(message string) *Error {
	return &Error{Code: CodeUnauthenticated, Message: message}
}

// Forbidden refuses somebody who may not do this.
func Forbidden(message string) *Error {
	return &Error{Code: CodeForbidden, Message: message}
}

// NotFound refuses a name that leads nowhere. what is the noun, such as
// "invoice".
func NotFound(what string) *Error {
	return &Error{Code: CodeNotFound, Message: "There is no such " + what + "."}
}

// Conflict refuses what the present state doesn't allow.
func Conflict(format string, args ...any) *Error {
	return &Error{Code: CodeConflict, Message: fmt.Sprintf(format, args...)}
}

// Stale refuses a decision on something that changed since it was read. what
// is the noun, such as "estimate".
func Stale(what string) *Error {
	return &Error{Code: CodeStale, Message: "This " + what + " changed. Please read it again before you decide."}
}

// KeyReused refuses an idempotency key that came with another request before.
func KeyReused() *Error {
	return &Error{Code: CodeKeyReused, Message: "This idempotency key was already used for another request."}
}

// Unavailable says that nothing was recorded, and when to try again.
func Unavailable(message string, retryAfter time.Duration) *Error {
	return &Error{Code: CodeUnavailable, Message: message, RetryAfter: retryAfter}
}

// TooMany slows down a caller.
func TooMany(message string, retryAfter time.Duration) *Error {
	return &Error{Code: CodeTooMany, Message: message, RetryAfter: retryAfter}
}

// Internal stands, before people, for an error whose details aren't theirs.
func Internal() *Error {
	return &Error{Code: CodeInternal, Message: "Something went wrong on our side. Please try again."}
}

// NotConfirmed says that no answer came in time, so that the request may or
// may not have been recorded.
func NotConfirmed(retryAfter time.Duration) *Error {
	return &Error{
		Code:       CodeNotConfirmed,
		Message:    "This is not confirmed yet. Sending the same again is safe.",
		RetryAfter: retryAfter,
	}
}

// LateAnswer says that a part of the system is there and doesn't answer, so that
// the request may or may not have been recorded.
func LateAnswer(retryAfter time.Duration) *Error {
	return &Error{Code: CodeNotConfirmed, Message: "No answer came in time. Trying again is safe.", RetryAfter: retryAfter}
}

// Gone refuses what existed but can't be used any more.
func Gone(format string, args ...any) *Error {
	return &Error{Code: CodeGone, Message: fmt.Sprintf(format, args...)}
}
