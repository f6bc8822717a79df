package mail

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/devstack/inbox"
)

func testMessage(key string) Message {
	return Message{
		From: `"Bright Studio" <billing@bright.example>`, To: []string{"ann@lovelace.example"}, ReplyTo: "grace@bright.example",
		Subject: "Invoice INV-0107 – März", Text: "Hello\nthere", HTML: "<p>Hello <b>there</b></p>",
		Attachments:    []Attachment{{Name: "INV-0107.pdf", ContentType: "application/pdf", Bytes: []byte("%PDF-1.7\x00\xff")}},
		Tags:           map[string]string{"kind": "invoice_sent", "delivery": "d-1"},
		IdempotencyKey: key,
	}
}

type bench struct {
	inbox  *inbox.Client
	sender *Resend
	url    string
}

func setup(t *testing.T, o inbox.Options) bench {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	o.APIKey = "re_test"
	in, err := inbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(in)
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return bench{&inbox.Client{URL: server.URL}, newSender(t, server.URL), server.URL}
}

func newSender(t *testing.T, url string) *Resend {
	t.Helper()
	sender, err := NewResend(ResendOptions{APIKey: "re_test", URL: url, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func sendError(t *testing.T, err error, want ErrorKind) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) || failed.Kind != want {
		t.Fatalf("error is %v, want kind %s", err, want)
	}
	return failed
}

func TestMessageArrivesWhole(t *testing.T) {
	b, ctx := setup(t, inbox.Options{}), t.Context()
	id, err := b.sender.Send(ctx, testMessage("d-1"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.inbox.WaitFor(ctx, "ANN@lovelace.example", "inv-0107")
	if err != nil {
		t.Fatal(err)
	}
	want := testMessage("d-1")
	if got.ID != id || got.From != want.From || !slices.Equal(got.To, want.To) || !slices.Equal(got.ReplyTo, []string{want.ReplyTo}) ||
		got.Subject != want.Subject || got.Text != want.Text || got.HTML != want.HTML || got.IdempotencyKey != "d-1" ||
		got.Tags["kind"] != "invoice_sent" || got.Tags["delivery"] != "d-1" {
		t.Errorf("arrived as %+v", got)
	}
	if len(got.Attachments) != 1 || got.Attachments[0].Name != "INV-0107.pdf" || got.Attachments[0].ContentType != "application/pdf" ||
		string(got.Attachments[0].Bytes) != "%PDF-1.7\x00\xff" {
		t.Errorf("attachments are %+v", got.Attachments)
	}
}

func TestSendingTwiceWithOneKeyDeliversOnce(t *testing.T) {
	b, ctx := setup(t, inbox.Options{}), t.Context()
	first, err := b.sender.Send(ctx, testMessage("d-1"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.sender.Send(ctx, testMessage("d-1"))
	if err != nil || again != first {
		t.Errorf("second time: %q, %v; want %q", again, err, first)
	}
	changed := testMessage("d-1")
	changed.Subject = "Another"
	_, err = b.sender.Send(ctx, changed)
	if failed := sendError(t, err, Permanent); failed.Status != 409 || failed.Code != "invalid_idempotent_request" {
		t.Errorf("another message with the key: %+v", failed)
	}
	if other, err := b.sender.Send(ctx, testMessage("d-2")); err != nil || other == first {
		t.Errorf("another key: %q, %v", other, err)
	}
	if all, err := b.inbox.List(ctx, ""); err != nil || len(all) != 2 {
		t.Errorf("%d emails, %v; want 2", len(all), err)
	}
}

func TestLostAnswerIsFoundAgainByTheSameKey(t *testing.T) {
	b := setup(t, inbox.Options{})
	for _, kind := range []string{inbox.FaultTimeoutAfter, inbox.FaultTimeoutBefore} {
		if err := b.inbox.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.inbox.Fail(t.Context(), inbox.Fault{Kind: kind, Count: 1}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := b.sender.Send(ctx, testMessage("d-1"))
		cancel()
		_ = sendError(t, err, UnknownOutcome)
		id, err := b.sender.Send(t.Context(), testMessage("d-1"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := b.inbox.List(t.Context(), "")
		if err != nil || len(all) != 1 || all[0].ID != id {
			t.Errorf("%s: %d emails, %v; want the one with ID %s", kind, len(all), err, id)
		}
	}
}

func TestFailuresAreSortedByWhatToDoNext(t *testing.T) {
	const problem = `{"statusCode":1,"name":"%s","message":"why"}`
	for _, c := range []struct {
		status     int
		code, wait string
		body       string
		want       ErrorKind
		retryAfter time.Duration
	}{
		{status: 500, code: "application_error", want: Retryable},
		{status: 503, body: "<html>down</html>", want: Retryable},
		{status: 502, body: "bad gateway", want: UnknownOutcome},
		{status: 504, want: UnknownOutcome},
		{status: 408, want: Retryable},
		{status: 429, code: "rate_limit_exceeded", wait: "7", want: RateLimited, retryAfter: 7 * time.Second},
		{status: 429, code: "daily_quota_exceeded", want: RateLimited},
		{status: 429, wait: "soon", want: RateLimited},
		{status: 409, code: "concurrent_idempotent_requests", want: Retryable},
		{status: 409, code: "invalid_idempotent_request", want: Permanent},
		{status: 401, code: "missing_api_key", want: Retryable},
		{status: 401, code: "restricted_api_key", want: Retryable},
		{status: 403, code: "invalid_api_key", want: Retryable},
		{status: 403, code: "validation_error", want: Retryable}, // the domain is not verified
		{status: 422, code: "invalid_from_address", want: Retryable},
		{status: 422, code: "validation_error", want: Permanent},
		{status: 400, code: "validation_error", want: Permanent},
		{status: 404, code: "not_found", want: Permanent},
		{status: 405, code: "method_not_allowed", want: Permanent},
		{status: 422, code: "invalid_attachment", want: Permanent},
		{status: 302, want: Permanent},
		{status: 200, body: "not json", want: UnknownOutcome},
		{status: 200, body: "{}", want: UnknownOutcome},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Idempotency-Key") != "d-1" || r.Header.Get("Authorization") != "Bearer re_test" {
				t.Errorf("headers are %v", r.Header)
			}
			if c.wait != "" {
				w.Header().Set("Retry-After", c.wait)
			}
			body := c.body
			if body == "" {
				w.Header().Set("Content-Type", "application/json")
				body = strings.Replace(problem, "%s", c.code, 1)
			}
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(c.status)
			if _, err := io.WriteString(w, body); err != nil {
				t.Error(err)
			}
		}))
		_, err := newSender(t, server.URL).Send(t.Context(), testMessage("d-1"))
		server.Close()
		var failed *Error
		if !errors.As(err, &failed) {
			t.Errorf("%d %s: error is %v", c.status, c.code, err)
			continue
		}
		if failed.Kind != c.want || failed.Status != c.status || failed.RetryAfter != c.retryAfter || failed.Code != c.code {
			t.Errorf("%d %s: %+v, want %s", c.status, c.code, failed, c.want)
		}
		if strings.Contains(err.Error(), "re_test") {
			t.Errorf("the error tells the API key: %v", err)
		}
	}
}

func TestNobodyThereMeansNotSent(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := newSender(t, server.URL).Send(t.Context(), testMessage("d-1"))
	_ = sendError(t, err, Retryable)
}

func TestConnectionCutAfterTheRequestLeavesItUnknown(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	_, err := newSender(t, server.URL).Send(t.Context(), testMessage("d-1"))
	_ = sendError(t, err, UnknownOutcome)
}

func TestFaultsOfTheInboxAreUnderstood(t *testing.T) {
	b, ctx := setup(t, inbox.Options{}), t.Context()
	for _, f := range []inbox.Fault{{Kind: inbox.FaultError, Count: 1}, {Kind: inbox.FaultRateLimit, Count: 1, RetryAfter: 3}} {
		if err := b.inbox.Fail(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.sender.Send(ctx, testMessage("d-1"))
	_ = sendError(t, err, Retryable)
	_, err = b.sender.Send(ctx, testMessage("d-1"))
	if failed := sendError(t, err, RateLimited); failed.RetryAfter != 3*time.Second {
		t.Errorf("retry after %v", failed.RetryAfter)
	}
	if _, err := b.sender.Send(ctx, testMessage("d-1")); err != nil {
		t.Error(err)
	}
}

func TestMessagesThatCouldDoHarmAreNotSent(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }))
	defer server.Close()
	sender := newSender(t, server.URL)
	for name, spoil := range map[string]func(*Message){
		"line break in from":          func(m *Message) { m.From = "a@b.example\r\nBcc: c@d.example" },
		"no from":                     func(m *Message) { m.From = "" },
		"line break in to":            func(m *Message) { m.To = []string{"a@b.example\nc@d.example"} },
		"two addresses in one":        func(m *Message) { m.To = []string{"a@b.example, c@d.example"} },
		"nobody":                      func(m *Message) { m.To = nil },
		"too many":                    func(m *Message) { m.To = slices.Repeat([]string{"a@b.example"}, 51) },
		"no address":                  func(m *Message) { m.To = []string{"ann"} },
		"bad reply-to":                func(m *Message) { m.ReplyTo = "x" },
		"line break in subject":       func(m *Message) { m.Subject = "Hi\r\nBcc: c@d.example" },
		"no subject":                  func(m *Message) { m.Subject = " " },
		"no content":                  func(m *Message) { m.Text, m.HTML = "", "" },
		"a secret not filled in":      func(m *Message) { m.HTML += Marker("token") },
		"no key":                      func(m *Message) { m.IdempotencyKey = "" },
		"line break in key":           func(m *Message) { m.IdempotencyKey = "a\r\nX: y" },
		"path in an attachment":       func(m *Message) { m.Attachments[0].Name = "../x" },
		"empty attachment":            func(m *Message) { m.Attachments[0].Bytes = nil },
		"large attachment":            func(m *Message) { m.Attachments[0].Bytes = make([]byte, 28<<20+1) },
		"line break in a type":        func(m *Message) { m.Attachments[0].ContentType = "a\nb" },
		"tag with a space":            func(m *Message) { m.Tags["a b"] = "c" },
		"direction mark in a subject": func(m *Message) { m.Subject = "a\u202eb" },
	} {
		m := testMessage("d-1")
		spoil(&m)
		_, err := sender.Send(t.Context(), m)
		var failed *Error
		if !errors.As(err, &failed) || failed.Kind != Permanent || failed.Status != 0 {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestAddressQuotesNames(t *testing.T) {
	for _, c := range []struct{ name, address, want string }{
		{"", "a@b.example", "a@b.example"},
		{"Bright  Studio", "a@b.example", `"Bright Studio" <a@b.example>`},
		{`Ann "the" \ Boss, Ltd`, "a@b.example", `"Ann \"the\" \\ Boss, Ltd" <a@b.example>`},
		{"Grüße 窓", "a@b.example", `"Grüße 窓" <a@b.example>`},
	} {
		got, err := Address(c.name, c.address)
		if err != nil || got != c.want {
			t.Errorf("Address(%q, %q) = %q, %v", c.name, c.address, got, err)
		}
		parsed, err := parseAddress(got)
		if err != nil || parsed.Address != c.address || parsed.Name != strings.Join(strings.Fields(c.name), " ") {
			t.Errorf("%s is read as %+v, %v", got, parsed, err)
		}
	}
	for _, c := range [][2]string{{"a\r\nBcc: x", "a@b.example"}, {"a\u202e", "a@b.example"}, {"a", "b"}, {"a", "a@b.example>, <c@d.example"}, {"a", "X <a@b.example>"}} {
		if got, err := Address(c[0], c[1]); err == nil {
			t.Errorf("Address(%q, %q) = %q", c[0], c[1], got)
		}
	}
}

func TestResendNeedsAKeyAndAnAddress(t *testing.T) {
	for _, o := range []ResendOptions{{URL: ResendURL}, {APIKey: " ", URL: ResendURL}, {APIKey: "re_1"}, {APIKey: "re_1", URL: "ftp://x.example"}} {
		if _, err := NewResend(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestWebhooksOfTheInboxAreVerified(t *testing.T) { // N9
	verify, err := NewVerifier(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	hints := make(chan Hint, 10)
	product := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		hint, err := verify(body, r.Header, time.Now())
		if err != nil {
			t.Error(err)
		}
		hints <- hint
	}))
	t.Cleanup(product.Close)
	b := setup(t, inbox.Options{WebhookURL: product.URL, WebhookSecret: webhookSecret})
	m := testMessage("d-1")
	m.To = []string{"Gone <gone@bounce.example>"}
	id, err := b.sender.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	sent, bounced := <-hints, <-hints
	if sent.Type != EventSent || sent.EmailID != id || sent.EventID == "" || sent.At.IsZero() || sent.Reason != "" {
		t.Errorf("first hint is %+v", sent)
	}
	if bounced.Type != EventBounced || bounced.EmailID != id || bounced.EventID == sent.EventID || bounced.Reason == "" {
		t.Errorf("second hint is %+v", bounced)
	}
}
