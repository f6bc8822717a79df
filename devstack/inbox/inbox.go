// The inbox itself: its options, its routes, its beginning and end.

package inbox

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Options configure an inbox. Only Now is required.
type Options struct {
	Now func() time.Time
	// StateFile keeps the emails over restarts; empty keeps them in memory.
	StateFile string
	// APIKey is the only one accepted; empty accepts any.
	APIKey string
	// WebhookURL is told what happens to each email; empty tells nobody. WebhookSecret ("whsec_…") signs it.
	WebhookURL, WebhookSecret string
	// WebhookRetries are the waits before a webhook that was not answered with 2xx is sent again; nil is Resend-like.
	WebhookRetries []time.Duration
	Log            *slog.Logger // nil is silent
}

// Inbox is the stand-in for Resend: an http.Handler to be served at the root of its own address. Close it at the end.
type Inbox struct {
	now    func() time.Time
	apiKey string
	log    *slog.Logger
	store  *store
	faults faults
	mux    http.Handler

	webhook *teller
	stop    context.CancelFunc
	stopped context.Context
	under   sync.WaitGroup
}

// New opens the state file, goes on telling what was not yet told, and returns the inbox.
func New(o Options) (*Inbox, error) {
	if o.Now == nil {
		return nil, errors.New("inbox: Options.Now is missing")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WebhookRetries == nil {
		o.WebhookRetries = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	}
	kept, err := openStore(o.StateFile)
	if err != nil {
		return nil, err
	}
	in := &Inbox{now: o.Now, apiKey: o.APIKey, log: o.Log, store: kept}
	in.stopped, in.stop = context.WithCancel(context.Background())
	in.webhook, err = newTeller(o)
	if err != nil {
		return nil, errors.Join(err, kept.close())
	}
	in.mux = in.routes()
	in.resume()
	return in, nil
}

// Close ends webhooks and held requests, and closes the state file. Webhooks not yet answered are sent by the next New.
func (in *Inbox) Close() error {
	in.stop()
	in.under.Wait()
	return in.store.close()
}

// ServeHTTP answers Resend's API, the admin API under /_inbox/ and the page.
func (in *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { in.mux.ServeHTTP(w, r) }

func (in *Inbox) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /emails", in.authorized(in.sendOne))
	mux.Handle("POST /emails/batch", in.authorized(in.sendBatch))
	mux.Handle("GET /emails", in.authorized(in.listEmails))
	mux.Handle("GET /emails/{id}", in.authorized(in.retrieve))

	mux.HandleFunc("GET /_inbox/emails", in.adminList)
	mux.HandleFunc("DELETE /_inbox/emails", in.adminClear)
	mux.HandleFunc("GET /_inbox/emails/{id}", in.adminGet)
	mux.HandleFunc("POST /_inbox/emails/{id}/events", in.adminEvent)
	mux.HandleFunc("GET /_inbox/wait", in.adminWait)
	mux.HandleFunc("GET /_inbox/revision", in.adminRevision)
	mux.HandleFunc("GET /_inbox/faults", in.adminFaults)
	mux.HandleFunc("POST /_inbox/faults", in.adminFault)
	mux.HandleFunc("DELETE /_inbox/faults", in.adminMend)

	mux.HandleFunc("GET /{$}", in.pageList)
	mux.HandleFunc("GET /mail/{id}", in.pageMail)
	mux.HandleFunc("GET /mail/{id}/html", in.pageHTML)
	mux.HandleFunc("GET /mail/{id}/attachments/{n}", in.pageAttachment)
	mux.HandleFunc("POST /clear", in.pageClear)
	mux.Handle("GET /static/", http.FileServerFS(pageFiles))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, refusal{http.StatusNotFound, "not_found", "The requested endpoint does not exist."})
	})
	// A page of another site must not clear or break the inbox of whoever has it open.
	return http.NewCrossOriginProtection().Handler(mux)
}
