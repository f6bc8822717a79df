package stripe

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type untilKey struct{}

// sendUntil is a context whose call is not sent after a time.
func sendUntil(ctx context.Context, until time.Time) context.Context {
	if until.IsZero() {
		return ctx
	}
	return context.WithValue(ctx, untilKey{}, until)
}

// TooLate says why a call must not be sent at all any more, or nil: a process that
// stood still between deciding on a call and sending it would otherwise act on what
// was so then. It reads the clock, since timers that ran out meanwhile may not
// have fired yet.
func TooLate(r *http.Request, now time.Time) error {
	if until, ok := r.Context().Value(untilKey{}).(time.Time); ok && now.After(until) {
		return fmt.Errorf("stripe: %s %s was to be sent by %s, and was not", r.Method, r.URL.Path, until.Format(time.RFC3339))
	}
	return nil
}

// punctual is the last that a call passes before the network.
type punctual struct {
	network http.RoundTripper
	now     func() time.Time
}

// RoundTrip implements [http.RoundTripper].
func (p punctual) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := TooLate(r, p.now()); err != nil {
		return nil, err
	}
	return p.network.RoundTrip(r)
}
