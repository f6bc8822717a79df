package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/portal"
)

// live hands the relay's events to the streams that watch their subjects.
type live struct {
	mu       sync.Mutex
	watchers map[chan struct{}]watched
	// done ends every stream, when the process is about to.
	done chan struct{}
}

type watched struct {
	org     uuid.UUID
	subject uuid.UUID
	// bell is told of all that rings, whatever it is about.
	bell bool
}

func newLive() *live { return &live{watchers: map[chan struct{}]watched{}, done: make(chan struct{})} }

// run listens until ctx ends. After a break everyone is told to look again:
// what happened meanwhile was missed.
func (l *live) run(ctx context.Context, d *db.DB, log *slog.Logger) {
	defer close(l.done)
	for ctx.Err() == nil {
		err := d.Listen(ctx, db.EventsChannel, func() { l.tell(func(watched) bool { return true }) }, func(payload string) {
			var batch []db.Notice
			if err := json.Unmarshal([]byte(payload), &batch); err != nil {
				log.WarnContext(ctx, "An event's notice can't be read.", "error", err)
				return
			}
			for _, e := range batch {
				l.tell(func(w watched) bool { return w.org == e.Org && (w.bell && e.Rings || w.subject == e.Subject) })
			}
		})
		if ctx.Err() == nil {
			log.WarnContext(ctx, "Live updates lost the database; trying again.", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func (l *live) tell(match func(watched) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for told, w := range l.watchers {
		if match(w) {
			select {
			case told <- struct{}{}:
			default: // it has not looked since the last time
			}
		}
	}
}

// Stream writes an event-stream that says "changed" whenever something
// happened to subject, until the client leaves. Only a caller who may read the
// subject may be given one: the caller of Stream makes sure of that. A stream
// ends by itself after a while, so that a sign-out ends it too; the page then
// asks again.
func (a *API) Stream(w http.ResponseWriter, r *http.Request, subject uuid.UUID) {
	a.stream(w, r, watched{subject: subject})
}

// StreamBell is Stream for staff and all that rings the bell.
func (a *API) StreamBell(w http.ResponseWriter, r *http.Request) {
	if p, ok := portal.PrincipalFrom(r.Context()); !ok || p.Side != portal.SideStaff || p.May(portal.ActionViewActivity) != nil {
		writeProblem(w, portal.Unauthenticated("Please sign in."))
		return
	}
	a.stream(w, r, watched{bell: true})
}

func (a *API) stream(w http.ResponseWriter, r *http.Request, what watched) {
	p, ok := portal.PrincipalFrom(r.Context())
	if !ok {
		writeProblem(w, portal.Unauthenticated("Please sign in."))
		return
	}
	what.org = p.Org
	told := make(chan struct{}, 1)
	a.live.mu.Lock()
	a.live.watchers[told] = what
	a.live.mu.Unlock()
	defer func() {
		a.live.mu.Lock()
		delete(a.live.watchers, told)
		a.live.mu.Unlock()
	}()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	// The first message makes the page look once: something may have happened
	// between its drawing and this stream.
	if _, err := fmt.Fprint(w, "retry: 2000\nevent: changed\ndata: {}\n\n"); err != nil {
		return
	}
	_ = out.Flush()
	beat, end := time.NewTicker(20*time.Second), time.NewTimer(5*time.Minute)
	defer beat.Stop()
	defer end.Stop()
	for {
		message := ": still here\n\n"
		select {
		case <-r.Context().Done():
			return
		case <-end.C:
			return
		case <-a.live.done:
			return
		case <-told:
			message = "event: changed\ndata: {}\n\n"
		case <-beat.C:
		}
		if _, err := fmt.Fprint(w, message); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
	}
}
