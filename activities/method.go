package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// keeping is a method that the processor saved, to be kept here.
type keeping struct {
	org, customer uuid.UUID
	account       string
	method        gateway.Method
	by            Actor
}

// kindOf is what we call a kind of method.
func kindOf(kind gateway.MethodKind) string {
	if kind == gateway.BankAccount {
		return "bank_debit"
	}
	return "card"
}

// processorKind is what the processor calls it.
func processorKind(kind string) gateway.MethodKind {
	if kind == "bank_debit" {
		return gateway.BankAccount
	}
	return gateway.Card
}

// keep stores a saved method once, however often it is told of, and answers what
// staff asked for. The same card or account saved again takes the place of the
// one before (R33). One that was removed meanwhile stays removed.
func (a *Activities) keep(ctx context.Context, q *dbsqlc.Queries, k keeping) (dbsqlc.PaymentMethod, error) {
	find := dbsqlc.FindProcessorMethodParams{OrgID: k.org, Account: k.account, ProcessorMethod: k.method.ID}
	stored, err := q.FindProcessorMethod(ctx, find)
	if err != nil {
		return dbsqlc.PaymentMethod{}, err
	}
	if len(stored) == 1 {
		return stored[0], nil
	}
	now, id, m := a.now(), a.NewID(), k.method
	before, err := q.SupersedePaymentMethods(ctx, dbsqlc.SupersedePaymentMethodsParams{
		OrgID: k.org, CustomerID: k.customer, Account: k.account, Kind: kindOf(m.Kind), Fingerprint: m.Fingerprint,
		ProcessorMethod: m.ID, ReplacedBy: &id, At: &now,
	})
	if err != nil {
		return dbsqlc.PaymentMethod{}, err
	}
	var contact *uuid.UUID
	if k.by.Kind == portal.ActorContact {
		contact = optional(k.by.ID)
	}
	inserted, err := q.InsertPaymentMethod(ctx, dbsqlc.InsertPaymentMethodParams{
		OrgID: k.org, ID: id, CustomerID: k.customer, ContactID: contact, Account: k.account, ProcessorMethod: m.ID, Kind: kindOf(m.Kind),
		Brand: m.Brand, Last4: m.Last4, ExpMonth: int32(m.ExpMonth), ExpYear: int32(m.ExpYear), Fingerprint: m.Fingerprint,
		BillingName: m.Billing.Name, BillingEmail: m.Billing.Email, BillingPhone: m.Billing.Phone, BillingAddress: addressOf(m.Billing.Address), At: now,
	})
	if err != nil {
		return dbsqlc.PaymentMethod{}, err
	}
	if inserted == 0 {
		// Somebody else stored it between our look and our insert. What this
		// transaction superseded would point to nothing: it is tried again.
		return dbsqlc.PaymentMethod{}, fmt.Errorf("method %s was stored meanwhile", m.ID)
	}
	answered, err := q.AnswerMethodRequests(ctx, dbsqlc.AnswerMethodRequestsParams{OrgID: k.org, CustomerID: k.customer, MethodID: &id, At: &now})
	if err != nil {
		return dbsqlc.PaymentMethod{}, err
	}
	data := map[string]any{"kind": kindOf(m.Kind), "brand": m.Brand, "last4": m.Last4}
	if len(before) > 0 {
		data["again"] = true
	}
	if len(answered) > 0 {
		data["asked_by"] = answered[0].AskedByName
	}
	if err := a.record(ctx, q, happened{
		org: k.org, customer: k.customer, kind: "payment_method.saved", subject: "payment_method", id: id, by: k.by, at: now, data: data,
	}); err != nil {
		return dbsqlc.PaymentMethod{}, err
	}
	return q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: k.org, ID: id})
}

func addressOf(a gateway.Address) portal.Address {
	return portal.Address{Line1: a.Line1, Line2: a.Line2, City: a.City, Region: a.State, PostalCode: a.PostalCode, Country: a.Country}
}

func processorAddress(a portal.Address) gateway.Address {
	return gateway.Address{Line1: a.Line1, Line2: a.Line2, City: a.City, State: a.Region, PostalCode: a.PostalCode, Country: a.Country}
}

// MethodRef names a saved method.
type MethodRef struct {
	Org    uuid.UUID `json:"org"`
	Method uuid.UUID `json:"method"`
}

// MethodRemovalState is how far the removal of a saved method is.
type MethodRemovalState struct {
	// Done says that the processor has forgotten the method, or that there was nothing to forget.
	Done bool `json:"done"`
	// Needed says that a payment under way can't do without it yet.
	Needed bool `json:"needed"`
}

// DetachMethod has the processor forget a method that was removed here, once no
// payment under way needs it any more. Called again it changes nothing.
func (a *Activities) DetachMethod(ctx context.Context, ref MethodRef) (MethodRemovalState, error) {
	var method dbsqlc.PaymentMethod
	var needed []dbsqlc.Payment
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		if method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: ref.Org, ID: ref.Method}); err != nil {
			return err
		}
		needed, err = q.PaymentsNeedingMethod(ctx, dbsqlc.PaymentsNeedingMethodParams{OrgID: ref.Org, MethodID: ref.Method})
		return err
	})
	switch {
	case err != nil:
		return MethodRemovalState{}, boundary(err)
	case method.RemovedAt == nil || method.DetachedAt != nil:
		return MethodRemovalState{Done: true}, nil
	case len(needed) > 0:
		return MethodRemovalState{Needed: true}, nil
	}
	// One that the processor doesn't know any more is as forgotten as can be.
	if _, err := a.Gateway.DetachMethod(ctx, method.Account, method.ProcessorMethod); err != nil && gateway.KindOf(err) != gateway.NotFound {
		return MethodRemovalState{}, boundary(fmt.Errorf("detaching the method: %w", err))
	}
	now := a.now()
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		n, err := q.MarkMethodDetached(ctx, dbsqlc.MarkMethodDetachedParams{OrgID: ref.Org, ID: ref.Method, At: &now})
		if err != nil || n == 0 {
			return err
		}
		return a.record(ctx, q, happened{
			org: ref.Org, customer: method.CustomerID, kind: "payment_method.forgotten", subject: "payment_method", id: ref.Method,
			by: system(), internal: true, at: now, data: map[string]any{"kind": method.Kind, "brand": method.Brand, "last4": method.Last4},
		})
	})
	return MethodRemovalState{Done: err == nil}, boundary(err)
}

// takesPlace removes a method in whose place another one was saved, unless a
// payment under way still needs it. Payments that are to be tried again later
// find the new one by it.
func (a *Activities) takesPlace(ctx context.Context, q *dbsqlc.Queries, org, before, after uuid.UUID, by Actor, at time.Time) (done bool, err error) {
	old, err := q.LockPaymentMethod(ctx, dbsqlc.LockPaymentMethodParams{OrgID: org, ID: before})
	if err != nil || old.RemovedAt != nil || before == after {
		return err == nil, err
	}
	needed, err := q.PaymentsNeedingMethod(ctx, dbsqlc.PaymentsNeedingMethodParams{OrgID: org, MethodID: before})
	if err != nil || len(needed) > 0 {
		return false, err
	}
	if _, err := q.RemovePaymentMethod(ctx, dbsqlc.RemovePaymentMethodParams{OrgID: org, CustomerID: old.CustomerID, ID: before, ReplacedBy: &after, At: &at}); err != nil {
		return false, err
	}
	fresh, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: org, ID: after})
	if err != nil {
		return false, err
	}
	return true, a.recordReplaced(ctx, q, old, fresh, by, at)
}

func (a *Activities) recordReplaced(ctx context.Context, q *dbsqlc.Queries, old, fresh dbsqlc.PaymentMethod, by Actor, at time.Time) error {
	return a.record(ctx, q, happened{
		org: old.OrgID, customer: old.CustomerID, kind: "payment_method.replaced", subject: "payment_method", id: old.ID, by: by, at: at,
		data: map[string]any{
			"kind": old.Kind, "brand": old.Brand, "last4": old.Last4,
			"new_kind": fresh.Kind, "new_brand": fresh.Brand, "new_last4": fresh.Last4,
		},
	})
}

// giveWay removes a method that turns out to be one that is saved as another entry
// too, R33: a bank's new card, say, that was also saved by hand. The other entry
// takes its place, so that what charged this one charges that.
func (a *Activities) giveWay(ctx context.Context, q *dbsqlc.Queries, method dbsqlc.PaymentMethod, fingerprint string, by Actor, at time.Time) (gone bool, err error) {
	same, err := q.SavedLikeness(ctx, dbsqlc.SavedLikenessParams{
		OrgID: method.OrgID, CustomerID: method.CustomerID, Account: method.Account, Kind: method.Kind, Fingerprint: fingerprint, ID: method.ID,
	})
	if err != nil || len(same) == 0 || method.RemovedAt != nil {
		return false, err
	}
	if _, err := q.RemovePaymentMethod(ctx, dbsqlc.RemovePaymentMethodParams{
		OrgID: method.OrgID, CustomerID: method.CustomerID, ID: method.ID, ReplacedBy: &same[0].ID, At: &at,
	}); err != nil {
		return false, err
	}
	return true, a.recordReplaced(ctx, q, method, same[0], by, at)
}

// successor follows a method to the one that took its place, if any did.
func successor(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID) (*uuid.UUID, error) {
	for {
		method, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: org, ID: id})
		if err != nil || method.ReplacedBy == nil {
			return &id, err
		}
		id = *method.ReplacedBy
	}
}
