// Reading back: GET /emails and GET /emails/{id}.

package inbox

import (
	"net/http"
	"strconv"
	"time"
)

// retrieved is an email as Resend shows it, https://resend.com/docs/api-reference/emails/retrieve-email.
type retrieved struct {
	Object    string   `json:"object"`
	ID        string   `json:"id"`
	From      string   `json:"from"`
	To        []string `json:"to"`
	CC        []string `json:"cc"`
	BCC       []string `json:"bcc"`
	ReplyTo   []string `json:"reply_to"`
	CreatedAt string   `json:"created_at"`
	Subject   string   `json:"subject"`
	HTML      string   `json:"html"`
	Text      string   `json:"text"`
	LastEvent string   `json:"last_event"`
}

func show(e Email) retrieved {
	return retrieved{Object: "email", ID: e.ID, From: e.From, To: e.To, CC: e.CC, BCC: e.BCC, ReplyTo: e.ReplyTo,
		CreatedAt: e.At.Format(time.RFC3339Nano), Subject: e.Subject, HTML: e.HTML, Text: e.Text, LastEvent: e.LastEvent()}
}

func (in *Inbox) retrieve(w http.ResponseWriter, r *http.Request) {
	e, ok := in.store.get(r.PathValue("id"))
	if !ok {
		refuse(w, refusal{http.StatusNotFound, "not_found", "Email not found"})
		return
	}
	answer(w, http.StatusOK, show(e))
}

func (in *Inbox) listEmails(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		limit = 20
	}
	found, _, _ := in.store.list(filter{}, limit+1)
	data := []retrieved{}
	for _, e := range found[:min(limit, len(found))] {
		data = append(data, show(e))
	}
	answer(w, http.StatusOK, map[string]any{"object": "list", "has_more": len(found) > limit, "data": data})
}
