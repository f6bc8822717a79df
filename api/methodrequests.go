package api

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// RequestMethodInput asks a contact, by email, to save a way to pay, R39.
type RequestMethodInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Contact uuid.UUID `path:"contact"`
	Body    struct {
		Message string `json:"message,omitempty" maxLength:"2000" doc:"For the contact; stands in the email."`
	}
}

// RequestMethodOutput is the request that was made.
type RequestMethodOutput struct {
	Status int
	Body   MethodRequest
}

// How often one contact is asked at most, and for how long a request stays open.
const (
	requestPause   = time.Hour
	requestsPerDay = 3
	requestLife    = 90 * 24 * time.Hour
)

// requestMethod stores the request. Its email hangs off the event, and so is
// sent once for each request.
func (a *API) requestMethod(ctx context.Context, in *RequestMethodInput) (*RequestMethodOutput, error) {
	p := principal(ctx)
	message := strings.TrimSpace(in.Body.Message)
	if strings.ContainsRune(message, 0) || !utf8.ValidString(message) {
		return nil, portal.Invalid("Nothing was sent.", portal.Field("message", "The message has characters that can't be sent."))
	}
	id := portal.BeginID(p.Org, p.Actor, "request-method", in.Key.Key)
	out := &RequestMethodOutput{Status: 201}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: p.Org, ID: in.Contact})
		if err != nil {
			return err
		}
		done, err := a.once(ctx, q, id, map[string]any{"contact": in.Contact, "message": message})
		if err != nil {
			return err
		}
		if done {
			stored, err := q.GetMethodRequest(ctx, dbsqlc.GetMethodRequestParams{OrgID: p.Org, ID: id})
			out.Body = MethodRequest{stored.ID, contact.Name, stored.AskedByName, stored.Message, stored.CreatedAt}
			return err
		}
		if err := a.mayBeAsked(ctx, q, contact); err != nil {
			return err
		}
		now := a.now()
		out.Body = MethodRequest{id, contact.Name, p.Name, message, now}
		if err := q.InsertMethodRequest(ctx, dbsqlc.InsertMethodRequestParams{
			OrgID: p.Org, ID: id, CustomerID: contact.CustomerID, ContactID: contact.ID, Message: message, AskedBy: optional(p.Actor), AskedByName: p.Name, At: now,
		}); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: contact.CustomerID, kind: "payment_method.requested", subject: "method_request", id: id, data: map[string]any{"contact": contact.Name},
		})
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("contact")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mayBeAsked says why a contact can't be asked, or can't be asked again yet.
func (a *API) mayBeAsked(ctx context.Context, q *dbsqlc.Queries, contact dbsqlc.Contact) error {
	switch {
	case contact.Access != "active":
		return portal.Conflict("%s can't sign in to the portal yet. Give access first: the page where payment details are saved asks for it.", contact.Name)
	case !slices.Contains(contact.Roles, string(portal.RolePay)):
		return portal.Conflict("%s may not pay, and so can't save payment details. Ask somebody who may.", contact.Name)
	}
	// Two who ask at once are asked to take turns: the second sees the first.
	if _, err := q.LockContact(ctx, dbsqlc.LockContactParams{OrgID: contact.OrgID, ID: contact.ID}); err != nil {
		return err
	}
	now := a.now()
	asked, err := q.MethodRequestsSince(ctx, dbsqlc.MethodRequestsSinceParams{OrgID: contact.OrgID, ContactID: contact.ID, Since: now.Add(-24 * time.Hour)})
	if err != nil || len(asked) == 0 {
		return err
	}
	if wait := asked[0].CreatedAt.Add(requestPause).Sub(now); wait > 0 {
		return portal.TooMany(contact.Name+" was asked by "+asked[0].AskedByName+" less than an hour ago.", wait)
	}
	if len(asked) >= requestsPerDay {
		return portal.TooMany(contact.Name+" was asked several times today. Please wait until tomorrow.", asked[len(asked)-1].CreatedAt.Add(24*time.Hour).Sub(now))
	}
	return nil
}
