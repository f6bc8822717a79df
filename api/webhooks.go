package api

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"countersign/db/dbsqlc"
)

// Hint is what a verified webhook tells: that something happened to an object.
type Hint struct {
	EventID string
	Type    string
	// Account that it happened in; empty for the key's own.
	Account string
	// ObjectID is the processor's or the mail provider's ID of the object.
	ObjectID string
	// PaymentID is ours, when the object carries it.
	PaymentID string
	Created   time.Time
}

// Verifier proves that a webhook's raw body was signed by its sender recently,
// and reads it.
type Verifier func(body []byte, header http.Header, now time.Time) (Hint, error)

// maxWebhook is more than any event of either sender.
const maxWebhook = 1 << 20

func (a *API) webhooks() {
	a.router.POST("/webhooks/stripe", a.webhook("stripe", a.Stripe))
	a.router.POST("/webhooks/resend", a.webhook("resend", a.Resend))
}

// webhook stores a verified event and answers at once. It is dispatched from
// the table, so that nothing is lost however often anything here dies.
func (a *API) webhook(provider string, verify Verifier) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxWebhook))
		if err != nil {
			c.Status(http.StatusRequestEntityTooLarge)
			return
		}
		hint, err := verify(body, c.Request.Header, a.Now())
		if err != nil {
			a.Log.WarnContext(ctx, "A webhook was refused.", "provider", provider, "error", err)
			c.Status(http.StatusBadRequest)
			return
		}
		var payment *uuid.UUID
		if id, err := uuid.Parse(hint.PaymentID); err == nil {
			payment = &id
		}
		err = a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) error {
			_, err := q.StoreWebhook(ctx, dbsqlc.StoreWebhookParams{
				Provider: provider, Account: hint.Account, EventID: hint.EventID, Type: hint.Type, ObjectID: hint.ObjectID,
				Payment: payment, Created: hint.Created,
			})
			return err
		})
		if err != nil {
			a.Log.ErrorContext(ctx, "A webhook could not be stored; it will be sent again.", "provider", provider, "event", hint.EventID, "error", err)
			c.Status(http.StatusServiceUnavailable)
			return
		}
		c.Status(http.StatusOK)
	}
}

// StripeHint makes a Hint of what Stripe's event names: the intent, where there
// is one, is what payments are known by.
func StripeHint(eventID, eventType, account, objectID, intentID, paymentID string, created time.Time) Hint {
	if intentID != "" {
		objectID = intentID
	}
	return Hint{EventID: eventID, Type: eventType, Account: account, ObjectID: objectID, PaymentID: paymentID, Created: created}
}
