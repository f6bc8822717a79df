package activities

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// MethodEditRef names a change of a saved method.
type MethodEditRef struct {
	Org  uuid.UUID `json:"org"`
	Edit uuid.UUID `json:"edit"`
}

// EditMethodRequest is what a saved method is to be, R38.
type EditMethodRequest struct {
	Customer uuid.UUID `json:"customer"`
	Method   uuid.UUID `json:"method"`
	// Version is the one that was on screen: an edit of an older one is refused.
	Version int `json:"version"`
	// ExpMonth and ExpYear are zero for a bank account.
	ExpMonth int            `json:"exp_month,omitempty"`
	ExpYear  int            `json:"exp_year,omitempty"`
	Name     string         `json:"name"`
	Email    string         `json:"email"`
	Phone    string         `json:"phone"`
	Address  portal.Address `json:"address"`
	By       Actor          `json:"by"`
	Hash     []byte         `json:"hash"`
}

// BeginMethodEditInput is an edit to store. A nil Request reads what is stored.
type BeginMethodEditInput struct {
	MethodEditRef
	Request *EditMethodRequest `json:"request,omitempty"`
}

// MethodEditState is where an edit stands.
type MethodEditState struct {
	Begun
}

// Final reports whether the edit is carried out or refused.
func (s MethodEditState) Final() bool { return portal.MethodEditStatus(s.Status).Final() }

func methodEditState(e dbsqlc.MethodEdit) MethodEditState {
	state := MethodEditState{Begun{Status: string(e.Status), RequestHash: e.RequestHash}}
	if e.Status == portal.MethodEditRefused {
		refused := portal.Invalid(e.FailureMessage)
		if e.FailureField != "" {
			refused.Fields = []portal.FieldError{{Path: e.FailureField, Message: e.FailureMessage}}
		}
		state.Refused = refused
	}
	return state
}

// BeginMethodEdit stores an edit, in one transaction. It changes nothing yet:
// what the processor doesn't take never shows here.
func (a *Activities) BeginMethodEdit(ctx context.Context, in BeginMethodEditInput) (MethodEditState, error) {
	var state MethodEditState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		stored, err := q.GetMethodEdit(ctx, dbsqlc.GetMethodEditParams{OrgID: in.Org, ID: in.Edit})
		switch {
		case err == nil:
			state = methodEditState(stored)
			return nil
		case !db.NotFound(err):
			return err
		case in.Request == nil:
			return portal.NotFound("edit")
		}
		r := in.Request
		method, err := q.LockPaymentMethod(ctx, dbsqlc.LockPaymentMethodParams{OrgID: in.Org, ID: r.Method})
		switch {
		case db.NotFound(err), err == nil && method.CustomerID != r.Customer:
			return portal.NotFound("payment method")
		case err != nil:
			return err
		case method.RemovedAt != nil:
			return portal.Conflict("This was removed meanwhile, so it can't be changed.")
		case int(method.Version) != r.Version:
			return portal.Stale("payment method")
		}
		state = MethodEditState{Begun{Status: string(portal.MethodEditPending), RequestHash: r.Hash}}
		return q.InsertMethodEdit(ctx, dbsqlc.InsertMethodEditParams{
			OrgID: in.Org, ID: in.Edit, CustomerID: r.Customer, MethodID: r.Method, ExpMonth: int32(r.ExpMonth), ExpYear: int32(r.ExpYear),
			BillingName: r.Name, BillingEmail: r.Email, BillingPhone: r.Phone, BillingAddress: r.Address,
			AskedByKind: string(r.By.Kind), AskedBy: optional(r.By.ID), AskedByName: r.By.Name, RequestHash: r.Hash, At: a.now(),
		})
	})
	if db.Violates(err, "method_edits_one_pending") {
		err = portal.Conflict("Somebody else is changing this right now. Please look at it again in a moment.")
	}
	if refused := Refusal(err); refused != nil {
		return MethodEditState{Begun{Refused: refused}}, nil
	}
	return state, boundary(err)
}

// SaveMethodEdit changes the method at the processor, and then here. What the
// processor refuses is a result. Called again it says the same to the processor,
// to which that is no second change.
func (a *Activities) SaveMethodEdit(ctx context.Context, ref MethodEditRef) (MethodEditState, error) {
	var edit dbsqlc.MethodEdit
	var method dbsqlc.PaymentMethod
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		if edit, err = q.GetMethodEdit(ctx, dbsqlc.GetMethodEditParams{OrgID: ref.Org, ID: ref.Edit}); err != nil {
			return err
		}
		method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: ref.Org, ID: edit.MethodID})
		return err
	})
	if err != nil || edit.Status.Final() {
		return methodEditState(edit), boundary(err)
	}
	if method.RemovedAt != nil {
		return a.refuseEdit(ctx, edit, "This was removed meanwhile, so it can't be changed.", "")
	}
	params := gateway.MethodParams{Billing: &gateway.Billing{
		Name: edit.BillingName, Email: edit.BillingEmail, Phone: edit.BillingPhone, Address: processorAddress(edit.BillingAddress),
	}}
	if method.Kind == "card" {
		params.ExpMonth, params.ExpYear = int(edit.ExpMonth), int(edit.ExpYear)
	}
	changed, err := a.Gateway.UpdateMethod(ctx, method.Account, method.ProcessorMethod, params)
	if kind := gateway.KindOf(err); kind == gateway.Permanent || kind == gateway.NotFound || kind == gateway.UnexpectedState {
		message, field := editRefusal(err)
		return a.refuseEdit(ctx, edit, message, field)
	}
	if err != nil {
		return MethodEditState{}, boundary(fmt.Errorf("changing the method: %w", err))
	}
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		before, err := q.LockPaymentMethod(ctx, dbsqlc.LockPaymentMethodParams{OrgID: ref.Org, ID: method.ID})
		if err != nil {
			return err
		}
		now := a.now()
		n, err := q.EndMethodEdit(ctx, dbsqlc.EndMethodEditParams{OrgID: ref.Org, ID: ref.Edit, Status: portal.MethodEditSaved, At: &now})
		if err != nil || n == 0 {
			return err
		}
		by := actorFrom(edit.AskedByKind, edit.AskedBy, edit.AskedByName)
		if gone, err := a.giveWay(ctx, q, before, changed.Fingerprint, by, now); err != nil || gone {
			return err
		}
		if _, err := q.EditPaymentMethod(ctx, dbsqlc.EditPaymentMethodParams{
			OrgID: ref.Org, ID: method.ID, ExpMonth: int32(changed.ExpMonth), ExpYear: int32(changed.ExpYear), Fingerprint: changed.Fingerprint,
			BillingName: changed.Billing.Name, BillingEmail: changed.Billing.Email, BillingPhone: changed.Billing.Phone, BillingAddress: addressOf(changed.Billing.Address),
		}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: ref.Org, customer: method.CustomerID, kind: "payment_method.updated", subject: "payment_method", id: method.ID, by: by, at: now,
			data: map[string]any{"kind": method.Kind, "brand": method.Brand, "last4": method.Last4, "changed": changedParts(before, changed)},
		})
	})
	if err != nil {
		return MethodEditState{}, boundary(err)
	}
	return MethodEditState{Begun{Status: string(portal.MethodEditSaved), RequestHash: edit.RequestHash}}, nil
}

// editRefusal says in words for the customer why the processor refused an edit,
// and which field that is about.
func editRefusal(err error) (message, field string) {
	refused, _ := errors.AsType[*gateway.Error](err)
	switch {
	case refused.Code == "invalid_expiry_month", strings.HasPrefix(refused.Param, "card[exp_month"):
		return "The card's month of expiry is not right.", "exp_month"
	case refused.Code == "invalid_expiry_year", strings.HasPrefix(refused.Param, "card[exp_year"):
		return "The card would have expired already.", "exp_year"
	case strings.Contains(refused.Param, "email"):
		return "The payment processor doesn't take this email address.", "email"
	case strings.Contains(refused.Param, "address"):
		return "The payment processor doesn't take this address.", "address.line1"
	default:
		return "The payment processor doesn't take this change. Nothing was changed.", ""
	}
}

func (a *Activities) refuseEdit(ctx context.Context, edit dbsqlc.MethodEdit, message, field string) (MethodEditState, error) {
	err := a.in(ctx, edit.OrgID, func(q *dbsqlc.Queries) error {
		now := a.now()
		n, err := q.EndMethodEdit(ctx, dbsqlc.EndMethodEditParams{
			OrgID: edit.OrgID, ID: edit.ID, Status: portal.MethodEditRefused, FailureMessage: message, FailureField: field, At: &now,
		})
		if err != nil || n == 0 {
			return err
		}
		return a.record(ctx, q, happened{
			org: edit.OrgID, customer: edit.CustomerID, kind: "payment_method.edit_refused", subject: "payment_method", id: edit.MethodID,
			by: system(), internal: true, at: now, data: map[string]any{"reason": message},
		})
	})
	if err != nil {
		return MethodEditState{}, boundary(err)
	}
	edit.Status, edit.FailureMessage, edit.FailureField = portal.MethodEditRefused, message, field
	return methodEditState(edit), nil
}

// changedParts names what an edit changed. The values are nobody's business but
// the processor's and the customer's: history keeps the names alone.
func changedParts(before dbsqlc.PaymentMethod, now gateway.Method) []string {
	parts := []string{}
	expiry := func(month, year int) string { return strconv.Itoa(month) + "/" + strconv.Itoa(year) }
	for _, part := range []struct {
		name    string
		changed bool
	}{
		{"number", before.Last4 != now.Last4},
		{"expiry", expiry(int(before.ExpMonth), int(before.ExpYear)) != expiry(now.ExpMonth, now.ExpYear)},
		{"name", before.BillingName != now.Billing.Name},
		{"email", before.BillingEmail != now.Billing.Email},
		{"phone", before.BillingPhone != now.Billing.Phone},
		{"billing address", before.BillingAddress != addressOf(now.Billing.Address)},
	} {
		if part.changed {
			parts = append(parts, part.name)
		}
	}
	return parts
}

// CloseMethodEdit marks that the flow has nothing more to do.
func (a *Activities) CloseMethodEdit(ctx context.Context, ref MethodEditRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.CloseMethodEditFlow(ctx, dbsqlc.CloseMethodEditFlowParams{OrgID: ref.Org, ID: ref.Edit})
	}))
}
