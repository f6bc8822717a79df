// Faults: how the inbox is made to fail, for tests and for trying things out.

package inbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kinds of Fault.
const (
	// FaultError answers 500 and accepts nothing.
	FaultError = "error"
	// FaultRateLimit answers 429 with Retry-After and accepts nothing.
	FaultRateLimit = "rate_limit"
	// FaultTimeoutBefore accepts nothing and never answers.
	FaultTimeoutBefore = "timeout_before"
	// FaultTimeoutAfter accepts the email and never answers: the client can't know.
	FaultTimeoutAfter = "timeout_after"
	// FaultRefuse answers 422 and accepts nothing: the same email would never be taken.
	FaultRefuse = "refuse"
	// FaultWebhookTwice sends each webhook of the email twice.
	FaultWebhookTwice = "webhook_twice"
)

// holdAtMost ends a request that is never answered, in case its client has no timeout.
const holdAtMost = 2 * time.Minute

// Fault makes the next Count requests to send fail.
type Fault struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
	// To limits it to requests with this recipient, so that tests that run side by side don't meet each other's faults.
	To string `json:"to,omitempty"`
	// RetryAfter is what FaultRateLimit asks for, in seconds; 0 means 1.
	RetryAfter int `json:"retry_after,omitempty"`
}

func (f Fault) check() error {
	if !slices.Contains([]string{FaultError, FaultRateLimit, FaultTimeoutBefore, FaultTimeoutAfter, FaultRefuse, FaultWebhookTwice}, f.Kind) {
		return fmt.Errorf("unknown kind of fault %q", f.Kind)
	}
	if f.Count < 1 {
		return fmt.Errorf("count is %d, want 1 or more", f.Count)
	}
	return nil
}

type faults struct {
	mu   sync.Mutex
	list []Fault
}

func (f *faults) add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fault)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

func (f *faults) pending() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Fault{}, f.list...)
}

// next uses up one count of the first fault that is meant for these recipients.
func (f *faults) next(to []string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		meant := fault.To == "" || slices.ContainsFunc(to, func(a string) bool { return strings.EqualFold(bare(a), fault.To) })
		if !meant {
			continue
		}
		if f.list[i].Count--; f.list[i].Count == 0 {
			f.list = slices.Delete(f.list, i, i+1)
		}
		return fault, true
	}
	return Fault{}, false
}

// hold keeps a request unanswered until its client gives up.
func (in *Inbox) hold(r *http.Request) {
	timeout := time.NewTimer(holdAtMost)
	defer timeout.Stop()
	select {
	case <-r.Context().Done():
	case <-in.stopped.Done():
	case <-timeout.C:
	}
}

func rateLimited(w http.ResponseWriter, f Fault) {
	wait := strconv.Itoa(max(1, f.RetryAfter))
	w.Header().Set("Retry-After", wait)
	w.Header().Set("Ratelimit-Limit", "2")
	w.Header().Set("Ratelimit-Remaining", "0")
	w.Header().Set("Ratelimit-Reset", wait)
	refuse(w, refusal{http.StatusTooManyRequests, "rate_limit_exceeded", "Too many requests. Please limit the number of requests per second."})
}
