// Sending: POST /emails and POST /emails/batch.

package inbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	netmail "net/mail"
	"path"
	"strings"

	"github.com/google/uuid"
)

// maxBody is what a request may have: Resend's 40 MB of attachments, written as numbers in JSON by its Go client.
const maxBody = 200 << 20

// authorized answers like Resend to a missing or wrong API key.
func (in *Inbox) authorized(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch key = strings.TrimSpace(key); {
		case !ok || key == "":
			refuse(w, refusal{http.StatusUnauthorized, "missing_api_key", "Missing API Key"})
		case in.apiKey != "" && key != in.apiKey:
			refuse(w, refusal{http.StatusForbidden, "invalid_api_key", "API key is invalid"})
		default:
			next(w, r)
		}
	})
}

func (in *Inbox) sendOne(w http.ResponseWriter, r *http.Request) {
	in.send(w, r, func(body []byte) ([]request, error) {
		var one request
		if err := json.Unmarshal(body, &one); err != nil {
			return nil, err
		}
		return []request{one}, nil
	}, func(ids []string) any { return map[string]string{"id": ids[0]} })
}

func (in *Inbox) sendBatch(w http.ResponseWriter, r *http.Request) {
	in.send(w, r, func(body []byte) ([]request, error) {
		var all []request
		if err := json.Unmarshal(body, &all); err != nil {
			return nil, err
		}
		if len(all) < 1 || len(all) > 100 {
			return nil, invalid("A batch must have between 1 and 100 emails.")
		}
		for _, one := range all {
			if len(one.Attachments) > 0 {
				return nil, invalid("The `attachments` field is not supported in batch emails.")
			}
		}
		return all, nil
	}, func(ids []string) any {
		type item struct {
			ID string `json:"id"`
		}
		data := make([]item, len(ids))
		for i, id := range ids {
			data[i].ID = id
		}
		return map[string]any{"data": data}
	})
}

func (in *Inbox) send(w http.ResponseWriter, r *http.Request, read func([]byte) ([]request, error), reply func(ids []string) any) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, refusal{http.StatusRequestEntityTooLarge, "validation_error", "The request can't be read or is too large."})
		return
	}
	requests, readErr := read(body)
	var to []string
	for _, one := range requests {
		to = append(to, one.To...)
	}
	fault, _ := in.faults.next(to)
	switch fault.Kind {
	case FaultError:
		refuse(w, refusal{http.StatusInternalServerError, "application_error", "Something went wrong. We have been notified."})
		return
	case FaultRateLimit:
		rateLimited(w, fault)
		return
	case FaultRefuse:
		refuse(w, refusal{http.StatusUnprocessableEntity, "validation_error", "Invalid `to` field. This address can't be written to."})
		return
	case FaultTimeoutBefore:
		in.hold(r)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	var emails []Email
	if readErr == nil {
		emails, readErr = in.emails(requests, key)
	}
	if readErr == nil && len(key) > 256 {
		readErr = refusal{http.StatusBadRequest, "invalid_idempotency_key", "The key must be between 1-256 chars."}
	}
	if readErr != nil {
		refusedAs, ok := errors.AsType[refusal](readErr)
		if !ok {
			refusedAs = refusal{http.StatusBadRequest, "validation_error", "The request is not valid JSON: " + readErr.Error()}
		}
		refuse(w, refusedAs)
		return
	}
	ids, verdict, err := in.store.accept(acceptance{At: in.now().UTC(), Key: key, Fingerprint: fingerprint(r.URL.Path, body), Emails: emails})
	switch {
	case err != nil:
		in.log.Error("inbox can't keep an email", "error", err)
		refuse(w, refusal{http.StatusInternalServerError, "application_error", "The email could not be kept."})
		return
	case verdict == mismatched:
		refuse(w, refusal{http.StatusConflict, "invalid_idempotent_request", "Same idempotency key used with a different request payload."})
		return
	case verdict == fresh:
		for i := range emails {
			in.log.Info("email kept", "to", strings.Join(emails[i].To, ", "), "subject", emails[i].Subject, "id", emails[i].ID)
			in.deliver(emails[i], fault.Kind == FaultWebhookTwice)
		}
	}
	if fault.Kind == FaultTimeoutAfter {
		in.hold(r)
		return
	}
	answer(w, http.StatusOK, reply(ids))
}

// fingerprint is the same for the same request, however its JSON is spaced and ordered.
func fingerprint(path string, body []byte) string {
	var parsed any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&parsed) == nil {
		if canonical, err := json.Marshal(parsed); err == nil {
			body = canonical
		}
	}
	sum := sha256.Sum256(append([]byte(path+"\n"), body...))
	return hex.EncodeToString(sum[:])
}

// request is the body of POST /emails, https://resend.com/docs/api-reference/emails/send-email.
type request struct {
	From        string            `json:"from"`
	To          addresses         `json:"to"`
	CC          addresses         `json:"cc"`
	BCC         addresses         `json:"bcc"`
	ReplyTo     addresses         `json:"reply_to"`
	Subject     string            `json:"subject"`
	Text        string            `json:"text"`
	HTML        string            `json:"html"`
	Headers     map[string]string `json:"headers"`
	Tags        []tag             `json:"tags"`
	Attachments []file            `json:"attachments"`
}

type tag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type file struct {
	Filename    string  `json:"filename"`
	Content     content `json:"content"`
	ContentType string  `json:"content_type"`
	Path        string  `json:"path"`
}

// addresses is one address or several.
type addresses []string

func (a *addresses) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = nil
		if one != "" {
			*a = addresses{one}
		}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// content is a file's bytes: base64, or an array of numbers as Resend's Go client writes it. encoding/json reads both
// into []byte.
type content []byte

func (c *content) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, (*[]byte)(c)); err != nil {
		return refusal{http.StatusUnprocessableEntity, "invalid_attachment", "Attachment content is not valid base64."}
	}
	return nil
}

func (in *Inbox) emails(requests []request, key string) ([]Email, error) {
	var emails []Email
	for _, one := range requests {
		if err := one.check(); err != nil {
			return nil, err
		}
		e := Email{
			ID: uuid.NewString(), At: in.now().UTC(), From: one.From, To: one.To, CC: one.CC, BCC: one.BCC, ReplyTo: one.ReplyTo,
			Subject: one.Subject, Text: one.Text, HTML: one.HTML, Headers: one.Headers, IdempotencyKey: key, Events: []Event{},
		}
		for _, t := range one.Tags {
			if e.Tags == nil {
				e.Tags = make(map[string]string)
			}
			e.Tags[t.Name] = t.Value
		}
		for _, f := range one.Attachments {
			if f.ContentType == "" {
				f.ContentType = mime.TypeByExtension(path.Ext(f.Filename))
			}
			if f.ContentType == "" {
				f.ContentType = "application/octet-stream"
			}
			e.Attachments = append(e.Attachments, Attachment{Name: f.Filename, ContentType: f.ContentType, Size: len(f.Content), Bytes: f.Content})
		}
		emails = append(emails, e)
	}
	return emails, nil
}

func (r request) check() error {
	const form = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."
	switch {
	case r.From == "":
		return missing("from")
	case len(r.To) == 0:
		return missing("to")
	case len(r.To) > 50:
		return invalid("The `to` field can have at most 50 addresses.")
	case r.Subject == "":
		return missing("subject")
	case strings.ContainsAny(r.Subject, "\r\n"):
		return invalid("The `\\n` is not allowed in the `subject` field.")
	case r.HTML == "" && r.Text == "":
		return missing("html` or `text")
	}
	for _, field := range []struct {
		name string
		list []string
	}{{"from", []string{r.From}}, {"to", r.To}, {"cc", r.CC}, {"bcc", r.BCC}, {"reply_to", r.ReplyTo}} {
		for _, address := range field.list {
			if _, err := netmail.ParseAddress(address); err != nil || strings.ContainsAny(address, "\r\n") {
				return invalid("Invalid `%s` field. %s", field.name, form)
			}
		}
	}
	for _, t := range r.Tags {
		if !isTag(t.Name) || !isTag(t.Value) {
			return invalid("Tags should only contain ASCII letters, numbers, underscores, or dashes.")
		}
	}
	for _, f := range r.Attachments {
		switch {
		case f.Path != "":
			return refusal{http.StatusUnprocessableEntity, "invalid_attachment", "The inbox fetches nothing: send the attachment's `content`, not its `path`."}
		case len(f.Content) == 0:
			return refusal{http.StatusUnprocessableEntity, "invalid_attachment", "Attachment must have either a `content` or `path`."}
		case f.Filename == "":
			return refusal{http.StatusUnprocessableEntity, "invalid_attachment", "Attachment must have a `filename`."}
		}
	}
	return nil
}

func isTag(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 256
}
