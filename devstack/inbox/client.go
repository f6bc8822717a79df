// Client: the admin API for tests.

package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Client asks an inbox what it got, and makes it fail.
type Client struct {
	// URL is the inbox's address, "http://127.0.0.1:8025".
	URL string
	// HTTP is nil for Go's own.
	HTTP *http.Client
}

// List returns the emails to that address (all of them when it is empty), newest first, without attachments' contents.
func (c *Client) List(ctx context.Context, to string) ([]Email, error) {
	var found []Email
	_, err := c.call(ctx, http.MethodGet, "/_inbox/emails?"+url.Values{"to": {to}}.Encode(), nil, &found)
	return found, err
}

// WaitFor returns the newest email to that address whose subject contains those words (whatever the case), whole. It waits for one until ctx ends.
func (c *Client) WaitFor(ctx context.Context, to, subjectContains string) (Email, error) {
	return c.WaitForAfter(ctx, Email{}, to, subjectContains)
}

// WaitForAfter is WaitFor for emails that came after another one.
func (c *Client) WaitForAfter(ctx context.Context, after Email, to, subjectContains string) (Email, error) {
	e, err := c.wait(ctx, url.Values{"to": {to}, "subject": {subjectContains}, "after": {strconv.FormatInt(after.Seq, 10)}})
	if err != nil {
		return e, fmt.Errorf("wait for an email to %s about %q: %w%s", to, subjectContains, err, c.present(to))
	}
	return e, nil
}

// WaitForEvent waits until that event happened to the email, and returns the email as it is then.
func (c *Client) WaitForEvent(ctx context.Context, id, event string) (Email, error) {
	e, err := c.wait(ctx, url.Values{"id": {id}, "event": {event}})
	if err != nil {
		return e, fmt.Errorf("wait for %s of email %s: %w", event, id, err)
	}
	return e, nil
}

func (c *Client) wait(ctx context.Context, q url.Values) (Email, error) {
	q.Set("timeout", "30s")
	for {
		var e Email
		status, err := c.call(ctx, http.MethodGet, "/_inbox/wait?"+q.Encode(), nil, &e)
		if err != nil || status == http.StatusOK {
			return e, err
		}
		if ctx.Err() != nil {
			return e, ctx.Err()
		}
	}
}

// present says what there is instead of what was waited for, to make a failed test readable.
func (c *Client) present(to string) string {
	found, err := c.List(context.Background(), to)
	if err != nil || len(found) == 0 {
		return " (there is none)"
	}
	var subjects []string
	for _, e := range found {
		subjects = append(subjects, strconv.Quote(e.Subject))
	}
	return " (there is " + strings.Join(subjects, ", ") + ")"
}

// Get returns one email whole, attachments included.
func (c *Client) Get(ctx context.Context, id string) (Email, error) {
	var e Email
	_, err := c.call(ctx, http.MethodGet, "/_inbox/emails/"+url.PathEscape(id), nil, &e)
	return e, err
}

// Clear forgets all emails and idempotency keys.
func (c *Client) Clear(ctx context.Context) error {
	_, err := c.call(ctx, http.MethodDelete, "/_inbox/emails", nil, nil)
	return err
}

// Fail makes the next requests to send fail.
func (c *Client) Fail(ctx context.Context, f Fault) error {
	_, err := c.call(ctx, http.MethodPost, "/_inbox/faults", f, nil)
	return err
}

// Faults lists the faults that are still to come.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	var list []Fault
	_, err := c.call(ctx, http.MethodGet, "/_inbox/faults", nil, &list)
	return list, err
}

// Mend ends all faults.
func (c *Client) Mend(ctx context.Context) error {
	_, err := c.call(ctx, http.MethodDelete, "/_inbox/faults", nil, nil)
	return err
}

// Happen makes something happen to an email: Bounced, Complained, Delayed or Delivered.
func (c *Client) Happen(ctx context.Context, id, event string) error {
	_, err := c.call(ctx, http.MethodPost, "/_inbox/emails/"+url.PathEscape(id)+"/events", map[string]string{"type": event}, nil)
	return err
}

func (c *Client) call(ctx context.Context, method, path string, in, out any) (status int, err error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.URL, "/")+path, body)
	if err != nil {
		return 0, err
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		var r refusal
		if err := json.NewDecoder(response.Body).Decode(&r); err != nil {
			return response.StatusCode, fmt.Errorf("inbox answered %s", response.Status)
		}
		return response.StatusCode, r
	}
	if out == nil || response.StatusCode == http.StatusNoContent {
		return response.StatusCode, nil
	}
	return response.StatusCode, json.NewDecoder(response.Body).Decode(out)
}
