package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// How many messages a contact may write: nobody writes more in an hour, and a
// stolen session shall not fill a mailbox.
const (
	messagesAnHour = 10
	messageWindow  = time.Hour
)

type messageOperations struct {
	WriteMessage *Operation[WriteMessageInput, MessageOutput]
}

// WriteMessageInput writes to the organization's registered address, R56.
type WriteMessageInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Subject string `json:"subject" minLength:"1" maxLength:"150"`
		Text    string `json:"text" minLength:"1" maxLength:"8000"`
	}
}

// MessageOutput is the message as it is sent. An answer comes by email, to the
// contact's own address.
type MessageOutput struct {
	Status int
	Body   struct {
		ID      uuid.UUID `json:"id"`
		Subject string    `json:"subject"`
		Text    string    `json:"text"`
		At      time.Time `json:"at"`
	}
}

func (a *API) declareMessages() {
	a.WriteMessage = declare(a, route{
		id: "write-message", method: http.MethodPost, path: "/api/{org}/portal/messages", tag: "Account", status: http.StatusCreated,
		summary: "Write to the organization by email", side: portal.SideContact, action: portal.ActionWriteMessage,
	}, a.writeMessage)
}

func (a *API) writeMessage(ctx context.Context, in *WriteMessageInput) (*MessageOutput, error) {
	p := principal(ctx)
	subject, err := readHeader("subject", in.Body.Subject)
	if err != nil {
		return nil, err
	}
	text, err := readText("text", in.Body.Text, 8000)
	if err != nil {
		return nil, err
	}
	request, id := portal.BeginID(p.Org, p.Actor, "write-message", in.Key.Key), a.NewID()
	out := &MessageOutput{Status: http.StatusCreated}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, request, in.Body)
		if err != nil {
			return err
		}
		if !done {
			hits, err := q.ThrottleHit(ctx, dbsqlc.ThrottleHitParams{Key: "message:" + p.Org.String() + ":" + p.Actor.String(), Seconds: messageWindow.Seconds()})
			if err != nil {
				return err
			}
			if hits > messagesAnHour {
				return portal.TooMany("You have written many messages within an hour. Please wait a while, or answer an email that you have.", messageWindow)
			}
			if err := q.InsertMessage(ctx, dbsqlc.InsertMessageParams{
				OrgID: p.Org, ID: id, RequestID: request, CustomerID: p.Customer, ContactID: p.Actor, Subject: subject, Body: text, At: a.now(),
			}); err != nil {
				return err
			}
			if err := a.record(ctx, q, p, happened{
				customer: p.Customer, kind: "message.written", subject: "message", id: id, internal: true, data: map[string]any{"subject": subject},
			}); err != nil {
				return err
			}
		}
		m, err := q.GetMessageOfRequest(ctx, dbsqlc.GetMessageOfRequestParams{OrgID: p.Org, RequestID: request})
		out.Body.ID, out.Body.Subject, out.Body.Text, out.Body.At = m.ID, m.Subject, m.Body, m.At
		return err
	})
	return out, err
}

// readHeader reads one line that becomes part of an email's head. What could end
// that line is refused, and not quietly mended: nobody types it.
func readHeader(field, text string) (string, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return "", portal.Invalid("This can't be sent.", portal.Field(field, "Use one line, without control characters."))
	}
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return "", portal.Invalid("There is nothing written here.", portal.Field(field, "Please fill this in."))
	}
	return text, nil
}
