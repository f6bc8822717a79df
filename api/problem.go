package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.temporal.io/api/serviceerror"

	"countersign/db"
	"countersign/portal"
	"countersign/workflows"
)

// Problem is an error as HTTP tells it: RFC 9457, with our code beside it.
type Problem struct {
	Type   string `json:"type" doc:"about:blank: the status and the code say what kind of problem it is."`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail" doc:"What is wrong and what to do, for people."`
	Code   string `json:"code" doc:"What is wrong, for programs."`
	// Errors say which fields are wrong.
	Errors []ProblemField `json:"errors,omitempty"`

	retryAfter time.Duration
}

// ProblemField is one wrong field.
type ProblemField struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders says when to try again, where that is known.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	return h
}

// statusOf is the one table from our codes to HTTP's.
func statusOf(code portal.Code) int {
	switch code {
	case portal.CodeInvalid, portal.CodeKeyReused:
		return http.StatusUnprocessableEntity
	case portal.CodeUnauthenticated:
		return http.StatusUnauthorized
	case portal.CodeForbidden:
		return http.StatusForbidden
	case portal.CodeNotFound:
		return http.StatusNotFound
	case portal.CodeConflict, portal.CodeStale:
		return http.StatusConflict
	case portal.CodeGone:
		return http.StatusGone
	case portal.CodeTooMany:
		return http.StatusTooManyRequests
	case portal.CodeUnavailable, portal.CodeNotConfirmed:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// StatusOf is the HTTP status of an operation's error, for pages.
func StatusOf(err error) int { return statusOf(portal.CodeOf(err)) }

func problemOf(err error) *Problem {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok {
		refused = portal.Internal()
	}
	status := statusOf(refused.Code)
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: refused.Message,
		Code: string(refused.Code), retryAfter: refused.RetryAfter,
	}
	for _, f := range refused.Fields {
		p.Errors = append(p.Errors, ProblemField{Location: "body." + f.Path, Message: f.Message})
	}
	return p
}

func writeProblem(w http.ResponseWriter, err error) {
	p := problemOf(err)
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func writeHumaProblem(ctx huma.Context, p *Problem) {
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p)
}

// mapError makes what a person may read of an operation's error, once for all
// of them. What isn't a refusal is logged, and its details stay with us.
func (a *API) mapError(ctx context.Context, operation string, err error) error {
	if refused, ok := errors.AsType[*portal.Error](err); ok {
		return refused
	}
	if refused := workflows.Refusal(err); refused != nil {
		return refused
	}
	if db.NotFound(err) {
		return portal.NotFound("document")
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		a.Log.WarnContext(ctx, "A request was not answered in time.", "operation", operation, "error", err)
		return portal.LateAnswer(5 * time.Second)
	}
	if away(err) {
		a.Log.WarnContext(ctx, "A part of the system is away.", "operation", operation, "error", err)
		return portal.Unavailable("This can't be done at the moment. Nothing was recorded; please try again in a few seconds.", 5*time.Second)
	}
	if errors.Is(err, context.Canceled) {
		return portal.Unavailable("The request was given up.", time.Second)
	}
	a.Log.ErrorContext(ctx, "An operation failed.", "operation", operation, "error", err)
	return portal.Internal()
}

// away reports whether err says only that the database or Temporal can't be reached.
func away(err error) bool {
	if errors.Is(err, db.ErrUnavailable) || db.Contended(err) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var (
		unavailable *serviceerror.Unavailable
		exhausted   *serviceerror.ResourceExhausted
		deadline    *serviceerror.DeadlineExceeded
	)
	return errors.As(err, &unavailable) || errors.As(err, &exhausted) || errors.As(err, &deadline)
}
