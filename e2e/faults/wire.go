package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"countersign/devstack/stripesim"
	"countersign/gateway/stripe"
)

// wire carries a request to a handler without a network.
type wire struct{ to http.Handler }

// errCut is a connection that was cut.
var errCut = errors.New("the connection was cut")

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(r *http.Request) (response *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	served := r.Clone(r.Context())
	served.RequestURI, served.RemoteAddr, served.Host = r.URL.RequestURI(), "127.0.0.1:1", r.URL.Host
	if served.Body == nil {
		served.Body = http.NoBody
	}
	defer func() {
		// A handler's way to cut the connection.
		if cut := recover(); cut == http.ErrAbortHandler { //nolint:errorlint // it is panicked with as it is
			response, err = nil, errCut
		} else if cut != nil {
			panic(cut)
		}
	}()
	recorder := httptest.NewRecorder()
	w.to.ServeHTTP(recorder, served)
	response = recorder.Result()
	response.Request = r
	return response, nil
}

// line is the wire between us and the processor, on which calls go wrong.
type line struct {
	wire
	sim  *stripesim.Admin
	luck *luck
	now  func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(io.MultiReader(bodyOf(r)))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	stale := staleOf(r.Context())
	stale.maybe(l.luck, "froze a worker before a call to the processor")
	// The client asks this last of all before the wire: where it is frozen, it asks after that.
	if err := stripe.TooLate(r, l.now()); err != nil {
		l.luck.counts.add("processor: a call came too late to be sent")
		return nil, err
	}
	refuse := func(status int, acted bool) error {
		f := stripesim.Fault{Method: r.Method, Path: r.URL.Path, Kind: stripesim.Refuse, Status: status}
		if acted {
			f.Kind = stripesim.ActAndRefuse
		}
		l.luck.counts.add(fmt.Sprintf("processor: %s %d", f.Kind, status))
		return l.sim.Fail(context.WithoutCancel(r.Context()), f)
	}
	lost := false
	switch l.luck.draw(60) {
	case 0:
		l.luck.counts.add("processor: lose_request")
		return nil, errCut
	case 1, 2:
		l.luck.counts.add("processor: lose_answer")
		lost = true
	case 3:
		err = refuse(http.StatusConflict, false)
	case 4:
		err = refuse(http.StatusTooManyRequests, false)
	case 5:
		err = refuse(http.StatusInternalServerError, false)
	case 6:
		err = refuse(http.StatusInternalServerError, true)
	}
	if err != nil {
		return nil, err
	}
	response, err := l.wire.RoundTrip(r)
	if lost {
		return nil, errCut
	}
	stale.maybe(l.luck, "froze a worker after a call to the processor")
	return response, err
}

func bodyOf(r *http.Request) io.Reader {
	if r.Body == nil {
		return strings.NewReader("")
	}
	return r.Body
}
