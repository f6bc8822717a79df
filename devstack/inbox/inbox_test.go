package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

type fixture struct {
	*Client
	t     *testing.T
	inbox *Inbox
	now   *clockwork
}

// clockwork is a clock that tests set.
type clockwork struct {
	mu sync.Mutex
	at time.Time
}

func (c *clockwork) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clockwork) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func setup(t *testing.T, o Options) fixture {
	t.Helper()
	clock := &clockwork{at: time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)}
	o.Now = clock.Now
	in, err := New(o)
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
	return fixture{&Client{URL: server.URL}, t, in, clock}
}

// post sends a request to Resend's API and returns the status and the decoded answer.
func (f fixture) post(path, body string, header ...string) (int, map[string]any) {
	f.t.Helper()
	return f.do(http.MethodPost, path, body, append([]string{"Authorization", "Bearer re_1"}, header...)...)
}

func (f fixture) do(method, path, body string, header ...string) (int, map[string]any) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.URL+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && !errors.Is(err, io.EOF) {
		f.t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, answer
}

func (f fixture) all() []Email {
	f.t.Helper()
	all, err := f.List(f.t.Context(), "")
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

const hello = `{"from":"a@b.example","to":"ann@x.example","subject":"Hello","text":"Hi"}`

func TestEmailIsKeptAndReadBack(t *testing.T) {
	f := setup(t, Options{})
	status, answer := f.post("/emails", `{"from":"Bright <a@b.example>","to":["Ann <ann@x.example>","ben@x.example"],"cc":"c@x.example",
		"reply_to":"r@x.example","subject":"Hello","html":"<p>Hi</p>","tags":[{"name":"kind","value":"note"}],"headers":{"X-A":"b"},
		"attachments":[{"filename":"a.txt","content":"aGV5"},{"filename":"b.bin","content":[1,255],"content_type":"x/y"}]}`)
	id, _ := answer["id"].(string)
	if status != 200 || id == "" {
		t.Fatalf("answer is %d %v", status, answer)
	}
	got, err := f.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got.HTML != "<p>Hi</p>" || got.Tags["kind"] != "note" || got.Headers["X-A"] != "b" || len(got.To) != 2 || got.ReplyTo[0] != "r@x.example" {
		t.Errorf("kept as %+v", got)
	}
	want := []Attachment{{"a.txt", "text/plain; charset=utf-8", 3, []byte("hey")}, {"b.bin", "x/y", 2, []byte{1, 255}}}
	if fmt.Sprint(got.Attachments) != fmt.Sprint(want) {
		t.Errorf("attachments are %v", got.Attachments)
	}
	status, answer = f.do(http.MethodGet, "/emails/"+id, "", "Authorization", "Bearer re_1")
	if status != 200 || answer["object"] != "email" || answer["last_event"] != "delivered" || answer["created_at"] != "2026-03-14T09:00:00Z" {
		t.Errorf("read back as %d %v", status, answer)
	}
	if status, answer = f.do(http.MethodGet, "/emails/nothing", "", "Authorization", "Bearer re_1"); status != 404 || answer["name"] != "not_found" {
		t.Errorf("an unknown ID: %d %v", status, answer)
	}
	if list := f.all(); len(list) != 1 || list[0].Attachments[0].Bytes != nil || list[0].Attachments[0].Size != 3 {
		t.Errorf("the list is %+v", list)
	}
}

func TestRefusalsAreShapedLikeResends(t *testing.T) {
	f := setup(t, Options{APIKey: "re_1"})
	for _, c := range []struct {
		body, name, message string
		status              int
	}{
		{`{`, "validation_error", "not valid JSON", 400},
		{`{"to":"a@b.example","subject":"s","text":"t"}`, "missing_required_field", "Missing `from` field.", 422},
		{`{"from":"a@b.example","subject":"s","text":"t"}`, "missing_required_field", "Missing `to` field.", 422},
		{`{"from":"a@b.example","to":[],"subject":"s","text":"t"}`, "missing_required_field", "Missing `to` field.", 422},
		{`{"from":"a@b.example","to":"a@b.example","text":"t"}`, "missing_required_field", "Missing `subject` field.", 422},
		{`{"from":"a@b.example","to":"a@b.example","subject":"s"}`, "missing_required_field", "Missing `html` or `text` field.", 422},
		{`{"from":"nobody","to":"a@b.example","subject":"s","text":"t"}`, "validation_error", "Invalid `from` field.", 422},
		{`{"from":"a@b.example","to":["a@b.example","x"],"subject":"s","text":"t"}`, "validation_error", "Invalid `to` field.", 422},
		{`{"from":"a@b.example","to":"a@b.example","reply_to":"x","subject":"s","text":"t"}`, "validation_error", "Invalid `reply_to` field.", 422},
		{`{"from":"a@b.example","to":"a@b.example","subject":"s\nt","text":"t"}`, "validation_error", "not allowed in the `subject`", 422},
		{`{"from":"a@b.example","to":"a@b.example","subject":"s","text":"t","tags":[{"name":"a b","value":"c"}]}`, "validation_error", "Tags should only", 422},
		{`{"from":"a@b.example","to":"a@b.example","subject":"s","text":"t","attachments":[{"filename":"x"}]}`, "invalid_attachment", "must have either", 422},
		{`{"from":"a@b.example","to":"a@b.example","subject":"s","text":"t","attachments":[{"filename":"x","content":"*"}]}`, "invalid_attachment", "not valid base64", 422},
		{`{"from":"a@b.example","to":"a@b.example","subject":"s","text":"t","attachments":[{"filename":"x","path":"https://x.example"}]}`, "invalid_attachment", "fetches nothing", 422},
	} {
		status, answer := f.post("/emails", c.body)
		message, _ := answer["message"].(string)
		if status != c.status || answer["name"] != c.name || answer["statusCode"] != float64(c.status) || !strings.Contains(message, c.message) {
			t.Errorf("%s: %d %v", c.body, status, answer)
		}
	}
	if status, answer := f.do(http.MethodPost, "/emails", hello); status != 401 || answer["name"] != "missing_api_key" {
		t.Errorf("without a key: %d %v", status, answer)
	}
	if status, answer := f.do(http.MethodPost, "/emails", hello, "Authorization", "Bearer re_2"); status != 403 || answer["name"] != "invalid_api_key" {
		t.Errorf("with another key: %d %v", status, answer)
	}
	if status, answer := f.post("/emails", hello, "Idempotency-Key", strings.Repeat("x", 257)); status != 400 || answer["name"] != "invalid_idempotency_key" {
		t.Errorf("with a long idempotency key: %d %v", status, answer)
	}
	if status, answer := f.post("/nothing", hello); status != 404 || answer["name"] != "not_found" {
		t.Errorf("an unknown endpoint: %d %v", status, answer)
	}
	if n := len(f.all()); n != 0 {
		t.Errorf("%d refused emails were kept", n)
	}
}

func TestBatchIsKeptWholeOrNotAtAll(t *testing.T) {
	f := setup(t, Options{})
	status, answer := f.post("/emails/batch", "["+hello+","+strings.Replace(hello, "ann@", "ben@", 1)+"]", "Idempotency-Key", "k")
	if status != 200 || len(answer["data"].([]any)) != 2 || len(f.all()) != 2 {
		t.Errorf("batch: %d %v", status, answer)
	}
	if _, again := f.post("/emails/batch", "["+hello+","+strings.Replace(hello, "ann@", "ben@", 1)+"]", "Idempotency-Key", "k"); fmt.Sprint(again) != fmt.Sprint(answer) {
		t.Errorf("again: %v, want %v", again, answer)
	}
	for _, body := range []string{"[]", "[" + hello + `,{"from":"x"}]`, `[{"from":"a@b.example","to":"a@b.example","subject":"s","text":"t","attachments":[{"filename":"x","content":"aGV5"}]}]`} {
		if status, answer := f.post("/emails/batch", body); status != 422 {
			t.Errorf("%s: %d %v", body, status, answer)
		}
	}
	if n := len(f.all()); n != 2 {
		t.Errorf("%d emails, want 2", n)
	}
}

func TestIdempotencyKeyIsRememberedForADay(t *testing.T) {
	f := setup(t, Options{})
	_, first := f.post("/emails", hello, "Idempotency-Key", "k")
	if _, again := f.post("/emails", ` {"text":"Hi", "subject":"Hello","to":"ann@x.example","from":"a@b.example"} `, "Idempotency-Key", "k"); again["id"] != first["id"] {
		t.Errorf("the same request, spelled otherwise: %v, want %v", again, first)
	}
	other := strings.Replace(hello, "Hi", "Ho", 1)
	if status, answer := f.post("/emails", other, "Idempotency-Key", "k"); status != 409 || answer["name"] != "invalid_idempotent_request" {
		t.Errorf("another request: %d %v", status, answer)
	}
	f.now.advance(24*time.Hour - time.Second)
	if _, again := f.post("/emails", hello, "Idempotency-Key", "k"); again["id"] != first["id"] {
		t.Errorf("almost a day later: %v, want %v", again, first)
	}
	f.now.advance(time.Second)
	status, answer := f.post("/emails", other, "Idempotency-Key", "k")
	if status != 200 || answer["id"] == first["id"] {
		t.Errorf("a day later: %d %v", status, answer)
	}
	if n := len(f.all()); n != 2 {
		t.Errorf("%d emails, want 2", n)
	}
}

func TestSameKeyFromManySendersKeepsOneEmail(t *testing.T) {
	f := setup(t, Options{})
	ids := make(chan any, 20)
	var wg sync.WaitGroup
	for range cap(ids) {
		wg.Go(func() {
			_, answer := f.post("/emails", hello, "Idempotency-Key", "k")
			ids <- answer["id"]
		})
	}
	wg.Wait()
	close(ids)
	first := <-ids
	for id := range ids {
		if id != first {
			t.Errorf("IDs %v and %v", first, id)
		}
	}
	if n := len(f.all()); n != 1 {
		t.Errorf("%d emails, want 1", n)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "inbox.jsonl")
	before := setup(t, Options{StateFile: file})
	_, first := before.post("/emails", hello, "Idempotency-Key", "k")
	_, batch := before.post("/emails/batch", "["+hello+","+hello+"]", "Idempotency-Key", "batch")
	if err := before.inbox.Close(); err != nil {
		t.Fatal(err)
	}
	// A crash in the middle of a line must not lose what stands before it.
	out, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.WriteString(`{"accepted":{"at":"20`); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	want := before.inbox.store.emails
	for range 2 {
		after := setup(t, Options{StateFile: file})
		got := after.all()
		if len(got) != 3 || got[2].ID != want[0].ID || got[2].Seq != 1 || got[0].Seq != 3 || len(got[0].Events) != 2 {
			t.Fatalf("after the restart: %+v", got)
		}
		if _, again := after.post("/emails", hello, "Idempotency-Key", "k"); again["id"] != first["id"] {
			t.Errorf("the key was forgotten: %v, want %v", again, first)
		}
		if _, again := after.post("/emails/batch", "["+hello+","+hello+"]", "Idempotency-Key", "batch"); fmt.Sprint(again) != fmt.Sprint(batch) {
			t.Errorf("the batch's key was forgotten: %v, want %v", again, batch)
		}
		if err := after.inbox.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cleared := setup(t, Options{StateFile: file})
	if err := cleared.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := cleared.inbox.Close(); err != nil {
		t.Fatal(err)
	}
	if left := setup(t, Options{StateFile: file}).all(); len(left) != 0 {
		t.Errorf("%d emails were not cleared", len(left))
	}
}

func TestDamagedStateIsNotOverwritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "inbox.jsonl")
	if err := os.WriteFile(file, []byte("{oops\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Now: time.Now, StateFile: file}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("error is %v", err)
	}
	if left, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(left, []byte("{oops")) {
		t.Errorf("the file is now %q, %v", left, err)
	}
}

func TestOldestEmailsGoFirst(t *testing.T) {
	s, err := openStore("")
	if err != nil {
		t.Fatal(err)
	}
	for i := range keep + 5 {
		if _, _, err := s.accept(acceptance{Emails: []Email{{ID: fmt.Sprint(i)}}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.emails) != keep || s.emails[0].ID != "5" || s.lastSeq != keep+5 {
		t.Errorf("%d emails from %s", len(s.emails), s.emails[0].ID)
	}
}

// hook is a product that is told of events; it answers with the statuses in turn, then 200.
type hook struct {
	*httptest.Server
	told chan told
}

type told struct{ id, signature, kind, email string }

func newHook(t *testing.T, statuses ...int) hook {
	h := hook{told: make(chan told, 100)}
	var mu sync.Mutex
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Type string `json:"type"`
			Data struct {
				EmailID string `json:"email_id"`
			} `json:"data"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		mu.Lock()
		status := http.StatusOK
		if len(statuses) > 0 {
			status, statuses = statuses[0], statuses[1:]
		}
		mu.Unlock()
		w.WriteHeader(status)
		h.told <- told{r.Header.Get("Svix-Id"), r.Header.Get("Svix-Signature"), body.Type, body.Data.EmailID}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h hook) kinds(n int) (kinds []string) {
	for range n {
		kinds = append(kinds, (<-h.told).kind)
	}
	return kinds
}

func TestAddressDecidesWhatBecomesOfAnEmail(t *testing.T) { // N9
	h := newHook(t)
	f := setup(t, Options{WebhookURL: h.URL, WebhookSecret: hookSecret})
	for to, want := range map[string][]string{
		"ann@x.example":               {Sent, Delivered},
		"delivered@resend.dev":        {Sent, Delivered},
		"bounced@resend.dev":          {Sent, Bounced},
		"bounced+label@resend.dev":    {Sent, Bounced},
		"Ann <anyone@Bounce.example>": {Sent, Bounced},
		"complained@resend.dev":       {Sent, Delivered, Complained},
		"anyone@complain.example":     {Sent, Delivered, Complained},
	} {
		f.post("/emails", strings.Replace(hello, "ann@x.example", to, 1))
		if got := h.kinds(len(want)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", to, got, want)
		}
	}
}

func TestWebhookIsSentAgainUntilItIsAnswered(t *testing.T) { // N9
	h := newHook(t, 500, 404)
	f := setup(t, Options{WebhookURL: h.URL, WebhookSecret: hookSecret, WebhookRetries: slices.Repeat([]time.Duration{time.Millisecond}, 3)})
	_, answer := f.post("/emails", hello)
	a, b, c, d := <-h.told, <-h.told, <-h.told, <-h.told
	if a.id != b.id || a.id != c.id || a.kind != Sent || c.kind != Sent || d.kind != Delivered || d.id == a.id {
		t.Errorf("told %v %v %v %v", a, b, c, d)
	}
	id := answer["id"].(string)
	if a.email != id || !strings.HasPrefix(a.signature, "v1,") {
		t.Errorf("told %v of email %s", a, id)
	}
}

func TestWebhookNotAnsweredIsToldAfterTheRestart(t *testing.T) { // N9
	file := filepath.Join(t.TempDir(), "inbox.jsonl")
	h := newHook(t, 500)
	before := setup(t, Options{StateFile: file, WebhookURL: h.URL, WebhookSecret: hookSecret, WebhookRetries: []time.Duration{time.Hour}})
	before.post("/emails", hello)
	first := <-h.told
	if err := before.inbox.Close(); err != nil {
		t.Fatal(err)
	}
	setup(t, Options{StateFile: file, WebhookURL: h.URL, WebhookSecret: hookSecret})
	if again := <-h.told; again.id != first.id {
		t.Errorf("told %v, want %v again", again, first)
	}
	if got := h.kinds(1); got[0] != Delivered {
		t.Errorf("then %v", got)
	}
}

func TestEventsCanBeMadeToHappenAndWaitedFor(t *testing.T) {
	h := newHook(t)
	f := setup(t, Options{WebhookURL: h.URL, WebhookSecret: hookSecret})
	_, answer := f.post("/emails", hello)
	id := answer["id"].(string)
	h.kinds(2)
	if err := f.Happen(t.Context(), id, Bounced); err != nil {
		t.Fatal(err)
	}
	e, err := f.WaitForEvent(t.Context(), id, Bounced)
	if err != nil || e.LastEvent() != "bounced" {
		t.Errorf("%+v, %v", e, err)
	}
	if got := h.kinds(1); got[0] != Bounced {
		t.Errorf("told %v", got)
	}
	if err := f.Happen(t.Context(), id, "email.exploded"); err == nil {
		t.Error("an event that Resend doesn't have was accepted")
	}
	if err := f.Happen(t.Context(), "nothing", Bounced); err == nil {
		t.Error("something happened to an unknown email")
	}
}

func TestFaultsHitWhomTheyAreMeantFor(t *testing.T) {
	h := newHook(t)
	f, ctx := setup(t, Options{WebhookURL: h.URL, WebhookSecret: hookSecret}), t.Context()
	if err := f.Fail(ctx, Fault{Kind: FaultError, Count: 2, To: "ben@x.example"}); err != nil {
		t.Fatal(err)
	}
	ben := strings.Replace(hello, "ann@", "Ben@", 1)
	for i, c := range []struct {
		body string
		want int
	}{{ben, 500}, {hello, 200}, {ben, 500}, {ben, 200}} {
		if status, answer := f.post("/emails", c.body); status != c.want {
			t.Errorf("request %d: %d %v", i, status, answer)
		}
	}
	h.kinds(4)
	if err := f.Fail(ctx, Fault{Kind: FaultWebhookTwice, Count: 1}); err != nil {
		t.Fatal(err)
	}
	f.post("/emails", hello)
	if got := h.kinds(4); !slices.Equal(got, []string{Sent, Sent, Delivered, Delivered}) {
		t.Errorf("told %v", got)
	}
	for _, bad := range []Fault{{Kind: "flood", Count: 1}, {Kind: FaultError}} {
		if err := f.Fail(ctx, bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	if err := f.Fail(ctx, Fault{Kind: FaultRateLimit, Count: 5}); err != nil {
		t.Fatal(err)
	}
	if list, err := f.Faults(ctx); err != nil || len(list) != 1 || list[0].Count != 5 {
		t.Errorf("faults are %v, %v", list, err)
	}
	if err := f.Mend(ctx); err != nil {
		t.Fatal(err)
	}
	if status, _ := f.post("/emails", hello); status != 200 {
		t.Errorf("after the mend: %d", status)
	}
}

func TestWaitForAnswersWhenTheEmailComes(t *testing.T) {
	f := setup(t, Options{})
	_, first := f.post("/emails", hello)
	got, err := f.WaitFor(t.Context(), "ann@x.example", "hell")
	if err != nil || got.ID != first["id"] {
		t.Fatalf("%v, %v", got, err)
	}
	arrived := make(chan Email)
	go func() {
		defer close(arrived)
		e, err := f.WaitForAfter(t.Context(), got, "ann@x.example", "Hello")
		if err != nil {
			t.Error(err)
		}
		arrived <- e
	}()
	f.post("/emails", strings.Replace(hello, "ann@", "ben@", 1))
	_, second := f.post("/emails", hello)
	if e := <-arrived; e.ID != second["id"] {
		t.Errorf("waited for %v, got %v", second["id"], e.ID)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := f.WaitFor(ctx, "ben@x.example", "Goodbye"); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `there is "Hello"`) {
		t.Errorf("error is %v", err)
	}
}

func TestLinksAreFoundInOrder(t *testing.T) {
	e := Email{HTML: `<a href="https://x.example/a?b=1&amp;c=2">Accept <b>now</b></a> <A HREF='https://x.example/d'>More</A> <a href="https://x.example/d">again</a><a>none</a>`}
	if got := e.Links(); !slices.Equal(got, []string{"https://x.example/a?b=1&c=2", "https://x.example/d"}) {
		t.Errorf("links are %v", got)
	}
	if got := e.Link("Accept now"); got != "https://x.example/a?b=1&c=2" {
		t.Errorf("link is %q", got)
	}
	if got := e.Link("Nothing"); got != "" {
		t.Errorf("link is %q", got)
	}
	if got := (Email{Text: "See https://x.example/a, or (http://y.example)."}).Links(); !slices.Equal(got, []string{"https://x.example/a", "http://y.example"}) {
		t.Errorf("links in text are %v", got)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{{}, {Now: time.Now, WebhookURL: "http://127.0.0.1:1"}, {Now: time.Now, WebhookURL: "http://127.0.0.1:1", WebhookSecret: "x"}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}
