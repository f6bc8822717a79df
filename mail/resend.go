// Resend: the Sender that speaks to Resend's API.

package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/resend/resend-go/v2"
)

// ResendURL is where Resend's API is.
const ResendURL = "https://api.resend.com"

// ResendOptions configure a Resend sender.
type ResendOptions struct {
	APIKey string
	// URL is ResendURL, or a stand-in's address.
	URL string
	// Transport is nil for Go's own.
	Transport http.RoundTripper
	// Timeout of one Send, answer included; 0 means 30 s.
	Timeout time.Duration
}

// Resend sends through Resend. It is safe for use by many goroutines.
type Resend struct {
	client *resend.Client
}

var _ Sender = (*Resend)(nil)

// NewResend returns a sender, or an error when the options can't work.
func NewResend(o ResendOptions) (*Resend, error) {
	if strings.TrimSpace(o.APIKey) == "" {
		return nil, errors.New("resend: the API key is empty")
	}
	base, err := url.Parse(strings.TrimRight(o.URL, "/") + "/")
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, fmt.Errorf("resend: %q is not an http or https address", o.URL)
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	client := resend.NewCustomClient(&http.Client{
		Transport: &witness{next: o.Transport},
		Timeout:   o.Timeout,
		// The key must not follow a redirect, and an API has none.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, o.APIKey)
	client.BaseURL = base
	return &Resend{client: client}, nil
}

// Send hands the message to Resend. Sending the same message with the same IdempotencyKey again within 24 hours returns
// the first one's ID and sends nothing. Errors are *Error.
func (r *Resend) Send(ctx context.Context, m Message) (string, error) {
	if err := m.check(); err != nil {
		return "", &Error{Kind: Permanent, Err: err}
	}
	request := &resend.SendEmailRequest{
		From: m.From, To: m.To, ReplyTo: m.ReplyTo, Subject: m.Subject, Text: m.Text, Html: m.HTML,
	}
	for _, a := range m.Attachments {
		request.Attachments = append(request.Attachments, &resend.Attachment{
			Filename: a.Name, ContentType: a.ContentType, Content: a.Bytes,
		})
	}
	// The same message must be the same bytes each time: Resend compares them under the key.
	for _, name := range slices.Sorted(maps.Keys(m.Tags)) {
		request.Tags = append(request.Tags, resend.Tag{Name: name, Value: m.Tags[name]})
	}
	seen := new(exchange)
	response, err := r.client.Emails.SendWithOptions(context.WithValue(ctx, exchangeKey{}, seen), request,
		&resend.SendEmailOptions{IdempotencyKey: m.IdempotencyKey})
	if err != nil {
		return "", seen.classify(err)
	}
	if response.Id == "" {
		return "", &Error{Kind: UnknownOutcome, Status: seen.status, Err: errors.New("the answer has no email ID")}
	}
	return response.Id, nil
}

// exchange is what the client's errors don't tell of one request.
type exchange struct {
	written    atomic.Bool // the request, or part of it, left for the provider; set by the transport's goroutine
	status     int
	retryAfter time.Duration
	code       string
}

type exchangeKey struct{}

// witness is a transport that notes each request's exchange in the one that its context carries.
type witness struct{ next http.RoundTripper }

func (w *witness) RoundTrip(request *http.Request) (*http.Response, error) {
	seen, ok := request.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return w.next.RoundTrip(request)
	}
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		WroteHeaders: func() { seen.written.Store(true) },
	}))
	response, err := w.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	seen.status = response.StatusCode
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		seen.retryAfter = time.Duration(seconds) * time.Second
	}
	if response.StatusCode >= 300 {
		// An error's body is small; it is read here for its name and given to the client again.
		body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
		response.Body.Close()
		if err != nil {
			body = nil
		}
		var named struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(body, &named) == nil {
			seen.code = named.Name
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
	}
	return response, nil
}

// classify sorts a failure by https://resend.com/docs/api-reference/errors.
func (seen *exchange) classify(err error) *Error {
	e := &Error{Kind: Permanent, Status: seen.status, Code: seen.code, RetryAfter: seen.retryAfter, Err: err}
	switch {
	case seen.status == 0 && !seen.written.Load():
		e.Kind = Retryable
	case seen.status < 300: // no answer to what was sent, or one that can't be read
		e.Kind = UnknownOutcome
	case seen.status == http.StatusTooManyRequests:
		e.Kind = RateLimited
	case seen.status == http.StatusBadGateway, seen.status == http.StatusGatewayTimeout:
		e.Kind = UnknownOutcome // a proxy gave up on an answer that may still have been yes
	case seen.status >= 500, seen.status == http.StatusRequestTimeout:
		e.Kind = Retryable
	case seen.code == "concurrent_idempotent_requests":
		e.Kind = Retryable
	case seen.status == http.StatusUnauthorized, seen.status == http.StatusForbidden, seen.code == "missing_api_key", seen.code == "invalid_from_address":
		// The email and its recipient are fine, the configuration isn't, such as a key or a
		// domain that is not verified: it goes out once that is mended.
		e.Kind, e.Err = Retryable, fmt.Errorf("the mail provider refuses our own configuration, so every email waits until it is mended: %w", err)
	}
	return e
}
