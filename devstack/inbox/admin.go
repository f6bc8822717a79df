// The admin API under /_inbox/, for tests and for the page.

package inbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

func readFilter(r *http.Request) (filter, error) {
	q := r.URL.Query()
	f := filter{to: q.Get("to"), subject: q.Get("subject"), search: q.Get("q")}
	if after := q.Get("after"); after != "" {
		n, err := strconv.ParseInt(after, 10, 64)
		if err != nil {
			return f, invalid("`after` must be a number.")
		}
		f.after = n
	}
	return f, nil
}

func (in *Inbox) adminList(w http.ResponseWriter, r *http.Request) {
	f, err := readFilter(r)
	if err != nil {
		refuse(w, refusal{http.StatusBadRequest, "validation_error", err.Error()})
		return
	}
	found, _, _ := in.store.list(f, keep)
	answer(w, http.StatusOK, slices.Concat([]Email{}, found))
}

func (in *Inbox) adminGet(w http.ResponseWriter, r *http.Request) {
	e, ok := in.store.get(r.PathValue("id"))
	if !ok {
		refuse(w, refusal{http.StatusNotFound, "not_found", "Email not found"})
		return
	}
	answer(w, http.StatusOK, e)
}

func (in *Inbox) adminClear(w http.ResponseWriter, _ *http.Request) {
	if err := in.store.clear(); err != nil {
		refuse(w, refusal{http.StatusInternalServerError, "application_error", err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// adminWait answers with the newest email that matches as soon as there is one, or 204 after the timeout (at most 60 s).
// With event=…, the email must also have had that event.
func (in *Inbox) adminWait(w http.ResponseWriter, r *http.Request) {
	f, err := readFilter(r)
	timeout, timeoutErr := time.ParseDuration(r.URL.Query().Get("timeout"))
	if err != nil || timeoutErr != nil {
		refuse(w, refusal{http.StatusBadRequest, "validation_error", "`after` must be a number and `timeout` a duration like 30s."})
		return
	}
	id, event := r.URL.Query().Get("id"), r.URL.Query().Get("event")
	ended := time.NewTimer(min(timeout, time.Minute))
	defer ended.Stop()
	for {
		found, _, changed := in.store.list(f, keep)
		for _, e := range found {
			had := event == "" || slices.ContainsFunc(e.Events, func(ev Event) bool { return ev.Type == event })
			if full, ok := in.store.get(e.ID); ok && had && (id == "" || e.ID == id) {
				answer(w, http.StatusOK, full)
				return
			}
		}
		select {
		case <-changed:
		case <-ended.C:
			w.WriteHeader(http.StatusNoContent)
			return
		case <-in.stopped.Done():
			w.WriteHeader(http.StatusNoContent)
			return
		case <-r.Context().Done():
			return
		}
	}
}

// adminRevision tells the page whether anything changed.
func (in *Inbox) adminRevision(w http.ResponseWriter, _ *http.Request) {
	_, revision, _ := in.store.list(filter{}, 0)
	answer(w, http.StatusOK, map[string]int64{"revision": revision})
}

// adminEvent makes something happen to an email that was kept, such as a complaint or a late bounce.
func (in *Inbox) adminEvent(w http.ResponseWriter, r *http.Request) {
	var wanted struct {
		Type string `json:"type"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&wanted)
	if err != nil || !slices.Contains([]string{Sent, Delivered, Bounced, Complained, Delayed}, wanted.Type) {
		refuse(w, invalid("`type` must be one of email.sent, email.delivered, email.bounced, email.complained, email.delivery_delayed."))
		return
	}
	e, ok := in.store.get(r.PathValue("id"))
	if !ok {
		refuse(w, refusal{http.StatusNotFound, "not_found", "Email not found"})
		return
	}
	event := Event{ID: "msg_" + uuid.NewString(), Type: wanted.Type, At: in.now().UTC()}
	if err := in.store.note(e.ID, event); err != nil {
		refuse(w, refusal{http.StatusInternalServerError, "application_error", err.Error()})
		return
	}
	in.tell(e, []Event{event}, false)
	answer(w, http.StatusOK, event)
}

func (in *Inbox) adminFaults(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, in.faults.pending())
}

func (in *Inbox) adminFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&f); err != nil {
		refuse(w, invalid("The fault is not valid JSON: %v", err))
		return
	}
	if err := f.check(); err != nil {
		refuse(w, invalid("%v", err))
		return
	}
	in.faults.add(f)
	w.WriteHeader(http.StatusNoContent)
}

func (in *Inbox) adminMend(w http.ResponseWriter, _ *http.Request) {
	in.faults.clear()
	w.WriteHeader(http.StatusNoContent)
}
