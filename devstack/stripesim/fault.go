package stripesim

import (
	"net/http"
	"path"
	"strconv"
	"time"
)

// FaultKind is a way in which an API request goes wrong.
type FaultKind string

// The ways.
const (
	// LoseRequest: the request is never acted on, and no answer comes.
	LoseRequest FaultKind = "lose_request"
	// LoseAnswer: the request is acted on, and no answer comes. With a
	// charge, this is the fault that makes people charge twice.
	LoseAnswer FaultKind = "lose_answer"
	// Refuse: the request is answered with Status and not acted on.
	Refuse FaultKind = "refuse"
	// ActAndRefuse: the request is acted on, and answered with Status.
	ActAndRefuse FaultKind = "act_and_refuse"
	// Slow: the request waits for Hold, its idempotency key in use, and is
	// then acted on and answered.
	Slow FaultKind = "slow"
)

// Fault makes the next requests that match go wrong.
type Fault struct {
	// Method is such as POST; "" is any.
	Method string `json:"method,omitempty"`
	// Path is a path.Match pattern, such as /v1/payment_intents/*/confirm; ""
	// is any.
	Path string    `json:"path,omitempty"`
	Kind FaultKind `json:"kind"`
	// Status is what Refuse and ActAndRefuse answer: 409, 429, 500, 503.
	Status int `json:"status,omitempty"`
	// Count is how many requests it is for; 0 means one.
	Count int `json:"count,omitempty"`
	// Hold is how long a lost request or answer keeps the connection open,
	// so that the caller times out; 0 closes it at once.
	Hold time.Duration `json:"hold,omitempty"`
}

// String names the kind of fault, with the status that it answers or, where the
// caller is kept waiting for an answer that never comes, "held".
func (f *Fault) String() string {
	switch {
	case f.Kind == Refuse || f.Kind == ActAndRefuse:
		return string(f.Kind) + " " + strconv.Itoa(f.Status)
	case f.Kind != Slow && f.Hold > 0:
		return string(f.Kind) + " held"
	default:
		return string(f.Kind)
	}
}

func (f *Fault) matches(r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method {
		return false
	}
	if f.Path == "" {
		return true
	}
	ok, err := path.Match(f.Path, r.URL.Path)
	return err == nil && ok
}

// takeFault finds the fault that is set for a request, and uses it up once.
func (s *Sim) takeFault(r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !f.matches(r) {
			continue
		}
		if f.Count--; f.Count <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		copied := *f
		s.hit(f.String())
		return &copied
	}
	return nil
}

// lose ends a request without an answer, after holding it.
func (f *Fault) lose(r *http.Request) {
	f.wait(r)
	panic(http.ErrAbortHandler) // net/http closes the connection, silently
}

func (f *Fault) wait(r *http.Request) {
	if f.Hold <= 0 {
		return
	}
	hold := time.NewTimer(f.Hold)
	defer hold.Stop()
	select {
	case <-hold.C:
	case <-r.Context().Done():
	}
}

// problem is what a fault answers.
func (f *Fault) problem() *problem {
	switch f.Status {
	case http.StatusConflict:
		return keyInUse("?")
	case http.StatusTooManyRequests:
		return &problem{
			status:  429,
			kind:    "invalid_request_error",
			code:    "rate_limit",
			message: "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
			unsaved: true,
		}
	default:
		return &problem{
			status:  f.Status,
			kind:    "api_error",
			message: "An unknown error occurred.",
		}
	}
}
