// Package activities holds the business steps of the flows: each method does
// one thing to the database, at the payment processor or by email, and may be
// called again at any time without doing it twice.
package activities

import (
	"context"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/mail"
	"countersign/portal"
)

// Activities carries what the steps need. One value serves all flows.
type Activities struct {
	DB      *db.DB
	Gateway gateway.Gateway
	Mail    mail.Sender
	// MailFrom is the address that all mail comes from; the organization's
	// name is put before it.
	MailFrom string
	// SiteURL is where customers reach the portal, without a slash at its end.
	SiteURL string
	// TokenKey makes the tokens of emails that must be built again, 32 bytes.
	TokenKey []byte
	// Ask has a payment's flow ask the processor: its Update of that name, under
	// that ID. The worker sets it.
	Ask func(ctx context.Context, payment PaymentRef, update, updateID string) error
	Now func() time.Time
	// NewID gives UUIDv7s.
	NewID func() uuid.UUID
}

// Hint is an event at the processor, for the sweep of missed ones.
type Hint = gateway.Hint

// Actor is who asked for a step, as events and evidence name them.
type Actor struct {
	Kind  portal.ActorKind `json:"kind"`
	ID    uuid.UUID        `json:"id"`
	Name  string           `json:"name"`
	Email string           `json:"email,omitempty"`
}

// ActorOf is the principal as events name it.
func ActorOf(p portal.Principal) Actor {
	return Actor{Kind: p.ActorKind, ID: p.Actor, Name: p.Name, Email: p.Email}
}

// system acts when nobody asked: timers, the processor.
func system() Actor { return Actor{Kind: portal.ActorSystem, Name: "Countersign"} }

// actorFrom is who a row names.
func actorFrom(kind string, id *uuid.UUID, name string) Actor {
	by := Actor{Kind: portal.ActorKind(kind), Name: name}
	if id != nil {
		by.ID = *id
	}
	return by
}

// Origin is where a decision came from, for its evidence.
type Origin struct {
	IP        string `json:"ip,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
}

// Begun is what a flow's first step answers to whoever began it.
type Begun struct {
	// Status of the row after the step.
	Status string `json:"status"`
	// RequestHash is of the request that made the row: another one under the
	// same key is refused.
	RequestHash []byte `json:"request_hash,omitempty"`
	// Refused says why nothing was begun.
	Refused *portal.Error `json:"refused,omitempty"`
}

// in runs fn as the organization of a flow.
func (a *Activities) in(ctx context.Context, org uuid.UUID, fn func(q *dbsqlc.Queries) error) error {
	return a.DB.In(ctx, portal.System(org), fn)
}

// now is the clock as Postgres keeps it: in UTC, to the microsecond.
func (a *Activities) now() time.Time { return a.Now().UTC().Truncate(time.Microsecond) }

func optional(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func texts[S ~string](values []S) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
