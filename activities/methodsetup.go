package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// MethodSetupRef names a setup: a page of the processor where a card or bank
// account is saved, and nothing is charged.
type MethodSetupRef struct {
	Org   uuid.UUID `json:"org"`
	Setup uuid.UUID `json:"setup"`
}

// SetUpMethodRequest asks for such a page, R38.
type SetUpMethodRequest struct {
	Customer uuid.UUID `json:"customer"`
	// Kind is card or bank_debit; the latter only for customers who may (R34).
	Kind string `json:"kind"`
	// Replaces is the saved method whose place the new one takes.
	Replaces *uuid.UUID `json:"replaces,omitempty"`
	By       Actor      `json:"by"`
	Hash     []byte     `json:"hash"`
}

// BeginMethodSetupInput is a setup to store. A nil Request reads what is stored.
type BeginMethodSetupInput struct {
	MethodSetupRef
	Request *SetUpMethodRequest `json:"request,omitempty"`
}

// MethodSetupState is where a setup stands, as its flow needs it.
type MethodSetupState struct {
	Begun
	CreatedAt time.Time `json:"created_at"`
	// Confirmed says that the page was finished, and the bank has still to answer.
	Confirmed bool `json:"confirmed,omitempty"`
	// Failure is why the last try was refused, in words for people.
	Failure string `json:"failure,omitempty"`
	// Replaces says that the new method is to take another one's place.
	Replaces bool `json:"replaces,omitempty"`
}

// Final reports whether nothing more will come of the setup.
func (s MethodSetupState) Final() bool { return portal.MethodSetupStatus(s.Status).Final() }

func methodSetupState(s dbsqlc.MethodSetup) MethodSetupState {
	return MethodSetupState{
		Begun: Begun{Status: string(s.Status), RequestHash: s.RequestHash}, CreatedAt: s.CreatedAt, Failure: s.FailureMessage, Replaces: s.Replaces != nil,
	}
}

// BeginMethodSetup stores a setup, in one transaction.
func (a *Activities) BeginMethodSetup(ctx context.Context, in BeginMethodSetupInput) (MethodSetupState, error) {
	var state MethodSetupState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		stored, err := q.GetMethodSetup(ctx, dbsqlc.GetMethodSetupParams{OrgID: in.Org, ID: in.Setup})
		switch {
		case err == nil:
			state = methodSetupState(stored)
			return nil
		case !db.NotFound(err):
			return err
		case in.Request == nil:
			return portal.NotFound("setup")
		}
		if err := mayBeSaved(ctx, q, in.Org, *in.Request); err != nil {
			return err
		}
		org, err := q.GetOrganization(ctx, in.Org)
		if err != nil {
			return err
		}
		r, now := in.Request, a.now()
		if err := q.InsertMethodSetup(ctx, dbsqlc.InsertMethodSetupParams{
			OrgID: in.Org, ID: in.Setup, CustomerID: r.Customer, Kind: r.Kind, Replaces: r.Replaces, Account: org.StripeAccount,
			StartedByKind: string(r.By.Kind), StartedBy: optional(r.By.ID), StartedByName: r.By.Name, RequestHash: r.Hash, At: now,
		}); err != nil {
			return err
		}
		state = MethodSetupState{
			Begun: Begun{Status: string(portal.MethodSetupRequested), RequestHash: r.Hash}, CreatedAt: now, Replaces: r.Replaces != nil,
		}
		return nil
	})
	if refused := Refusal(err); refused != nil {
		return MethodSetupState{Begun: Begun{Refused: refused}}, nil
	}
	return state, boundary(err)
}

// mayBeSaved says why this customer can't save a method of that kind.
func mayBeSaved(ctx context.Context, q *dbsqlc.Queries, org uuid.UUID, r SetUpMethodRequest) error {
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: org, ID: r.Customer})
	if db.NotFound(err) {
		return portal.NotFound("customer")
	}
	if err != nil {
		return err
	}
	if r.Kind == "bank_debit" && !customer.BankDebitAllowed {
		return portal.Invalid("Paying from a bank account is not offered to you.", portal.Field("kind", "Choose a card."))
	}
	if r.Replaces == nil {
		return nil
	}
	old, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: org, ID: *r.Replaces})
	switch {
	case db.NotFound(err), err == nil && old.CustomerID != r.Customer:
		return portal.NotFound("payment method")
	case err == nil && old.RemovedAt != nil:
		return portal.Conflict("This is not saved any more, so there is nothing to replace. Add the new one instead.")
	case err == nil && old.Kind != r.Kind:
		return portal.Invalid("A card takes the place of a card, and a bank account that of a bank account.", portal.Field("kind", "Choose the same kind."))
	}
	return err
}

func (a *Activities) methodSetup(ctx context.Context, ref MethodSetupRef) (setup dbsqlc.MethodSetup, err error) {
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		setup, err = q.GetMethodSetup(ctx, dbsqlc.GetMethodSetupParams{OrgID: ref.Org, ID: ref.Setup})
		if db.NotFound(err) {
			return portal.NotFound("setup")
		}
		return err
	})
	return setup, err
}

// OpenMethodSetup opens the processor's page. Called again it finds the same page.
func (a *Activities) OpenMethodSetup(ctx context.Context, ref MethodSetupRef) (MethodSetupState, error) {
	setup, err := a.methodSetup(ctx, ref)
	if err != nil || setup.Status != portal.MethodSetupRequested {
		return methodSetupState(setup), boundary(err)
	}
	customer, err := a.processorCustomer(ctx, dbsqlc.Payment{OrgID: ref.Org, CustomerID: setup.CustomerID, Account: setup.Account})
	if err != nil {
		return MethodSetupState{}, boundary(err)
	}
	var org dbsqlc.Organization
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		org, err = q.GetOrganization(ctx, ref.Org)
		return err
	})
	if err != nil {
		return MethodSetupState{}, boundary(err)
	}
	page := a.SiteURL + "/" + org.Slug + "/account/methods/setups/" + ref.Setup.String()
	if setup.StartedByKind != string(portal.ActorContact) {
		page = a.SiteURL + "/console/" + org.Slug + "/customers/" + setup.CustomerID.String() + "/methods/setups/" + ref.Setup.String()
	}
	session, err := unspoiled(func(again int) (gateway.Checkout, error) {
		return a.Gateway.CreateCheckout(ctx, setup.Account, gateway.CheckoutParams{
			PaymentID: ref.Setup.String(), Attempt: 1, Again: again, Setup: true, CustomerID: customer, Kinds: []gateway.MethodKind{processorKind(setup.Kind)},
			SuccessURL: page + "?from=page", CancelURL: page + "?from=cancel",
		})
	})
	if gateway.KindOf(err) == gateway.Permanent {
		return a.endMethodSetup(ctx, setup, portal.MethodSetupFailed, "The payment processor could not open its page. Nothing was saved.")
	}
	if err != nil {
		return MethodSetupState{}, boundary(fmt.Errorf("opening the page: %w", err))
	}
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		now := a.now()
		n, err := q.OpenMethodSetup(ctx, dbsqlc.OpenMethodSetupParams{OrgID: ref.Org, ID: ref.Setup, CheckoutID: session.ID, ActionUrl: session.URL, At: now})
		if err != nil || n == 0 {
			return err
		}
		// Whoever asked waits on our page to be led on: it has to hear of this.
		return a.record(ctx, q, setupHappened(setup, "payment_method.page_opened", now, nil))
	})
	if err != nil {
		return MethodSetupState{}, boundary(err)
	}
	return a.readMethodSetup(ctx, ref)
}

// setupHappened is a step of a setup. It is the page's business and staff's.
func setupHappened(s dbsqlc.MethodSetup, kind string, at time.Time, data map[string]any) happened {
	return happened{org: s.OrgID, customer: s.CustomerID, kind: kind, subject: "method_setup", id: s.ID, by: system(), internal: true, at: at, data: data}
}

func (a *Activities) readMethodSetup(ctx context.Context, ref MethodSetupRef) (MethodSetupState, error) {
	setup, err := a.methodSetup(ctx, ref)
	return methodSetupState(setup), boundary(err)
}

// CheckMethodSetup asks the processor how a setup stands and applies the answer:
// what a webhook, the poll and operators all lead to.
func (a *Activities) CheckMethodSetup(ctx context.Context, ref MethodSetupRef) (MethodSetupState, error) {
	setup, err := a.methodSetup(ctx, ref)
	if err != nil || setup.Status != portal.MethodSetupOpen {
		return methodSetupState(setup), boundary(err)
	}
	session, err := a.Gateway.GetCheckout(ctx, setup.Account, setup.CheckoutID)
	if err != nil {
		return MethodSetupState{}, boundary(fmt.Errorf("asking for the page: %w", err))
	}
	state, err := a.applyMethodSetup(ctx, setup, session)
	return state, boundary(err)
}

func (a *Activities) applyMethodSetup(ctx context.Context, setup dbsqlc.MethodSetup, session gateway.Checkout) (MethodSetupState, error) {
	ref := MethodSetupRef{setup.OrgID, setup.ID}
	if session.PaymentID != setup.ID.String() || session.SetupIntentID == "" {
		return MethodSetupState{}, mismatch("the page %s belongs to %q, not to setup %s", session.ID, session.PaymentID, setup.ID)
	}
	made, err := a.Gateway.GetSetup(ctx, setup.Account, session.SetupIntentID)
	if err != nil {
		return MethodSetupState{}, fmt.Errorf("asking what was saved: %w", err)
	}
	switch {
	case made.Status == gateway.SetupSucceeded:
		return a.saveSetUpMethod(ctx, setup, made)
	case session.Status == gateway.CheckoutExpired, made.Status == gateway.SetupCanceled:
		return a.endMethodSetup(ctx, setup, portal.MethodSetupExpired, "The page was closed before it was finished. Nothing was saved.")
	case made.LastDecline != nil:
		if err := a.noteRefusal(ctx, setup, made.LastDecline.Reason()); err != nil {
			return MethodSetupState{}, err
		}
	}
	state, err := a.readMethodSetup(ctx, ref)
	state.Confirmed = session.Status == gateway.CheckoutComplete
	return state, err
}

// saveSetUpMethod keeps what was saved on the page.
func (a *Activities) saveSetUpMethod(ctx context.Context, setup dbsqlc.MethodSetup, made gateway.Setup) (MethodSetupState, error) {
	method, err := a.Gateway.GetMethod(ctx, setup.Account, made.MethodID)
	if err != nil {
		return MethodSetupState{}, fmt.Errorf("reading the method: %w", err)
	}
	by := actorFrom(setup.StartedByKind, setup.StartedBy, setup.StartedByName)
	err = a.in(ctx, setup.OrgID, func(q *dbsqlc.Queries) error {
		locked, err := q.LockMethodSetup(ctx, dbsqlc.LockMethodSetupParams{OrgID: setup.OrgID, ID: setup.ID})
		if err != nil || locked.Status != portal.MethodSetupOpen {
			return err
		}
		customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: setup.OrgID, ID: setup.CustomerID})
		if err != nil {
			return err
		}
		switch {
		case made.RequestID != setup.ID.String():
			return mismatch("setup intent %s names %q, not setup %s", made.ID, made.RequestID, setup.ID)
		case made.CustomerID != customer.ProcessorCustomer:
			return mismatch("setup intent %s belongs to customer %s, setup %s to %s", made.ID, made.CustomerID, setup.ID, customer.ProcessorCustomer)
		}
		kept, err := a.keep(ctx, q, keeping{org: setup.OrgID, customer: setup.CustomerID, account: setup.Account, method: method, by: by})
		if err != nil {
			return err
		}
		now := a.now()
		if _, err := q.EndMethodSetup(ctx, dbsqlc.EndMethodSetupParams{
			OrgID: setup.OrgID, ID: setup.ID, Status: portal.MethodSetupSaved, MethodID: &kept.ID, At: &now,
			FromStatus: texts(portal.MethodSetupMachine().From(portal.MethodSetupSaved)),
		}); err != nil {
			return err
		}
		return a.record(ctx, q, setupHappened(setup, "payment_method.setup_ended", now, nil))
	})
	if err != nil {
		return MethodSetupState{}, err
	}
	return a.readMethodSetup(ctx, MethodSetupRef{setup.OrgID, setup.ID})
}

// noteRefusal keeps why a method was refused on the page, which takes another one.
func (a *Activities) noteRefusal(ctx context.Context, setup dbsqlc.MethodSetup, code string) error {
	return a.in(ctx, setup.OrgID, func(q *dbsqlc.Queries) error {
		now := a.now()
		n, err := q.RefuseMethodSetup(ctx, dbsqlc.RefuseMethodSetupParams{OrgID: setup.OrgID, ID: setup.ID, FailureMessage: portal.DeclineMessage(code), At: now})
		if err != nil || n == 0 {
			return err
		}
		return a.record(ctx, q, setupHappened(setup, "payment_method.refused", now, map[string]any{"code": code, "kind": setup.Kind}))
	})
}

func (a *Activities) endMethodSetup(ctx context.Context, setup dbsqlc.MethodSetup, to portal.MethodSetupStatus, reason string) (MethodSetupState, error) {
	err := a.in(ctx, setup.OrgID, func(q *dbsqlc.Queries) error {
		now := a.now()
		n, err := q.EndMethodSetup(ctx, dbsqlc.EndMethodSetupParams{
			OrgID: setup.OrgID, ID: setup.ID, Status: to, FailureMessage: reason, At: &now, FromStatus: texts(portal.MethodSetupMachine().From(to)),
		})
		if err != nil || n == 0 {
			return err
		}
		return a.record(ctx, q, setupHappened(setup, "payment_method.setup_ended", now, map[string]any{"reason": reason}))
	})
	if err != nil {
		return MethodSetupState{}, err
	}
	return a.readMethodSetup(ctx, MethodSetupRef{setup.OrgID, setup.ID})
}

// ExpireMethodSetup gives a setup up: first at the processor, so that nobody can
// save anything in it any more, and only then here. If it turns out that
// something was saved, that is kept instead.
func (a *Activities) ExpireMethodSetup(ctx context.Context, ref MethodSetupRef) (MethodSetupState, error) {
	setup, err := a.methodSetup(ctx, ref)
	if err != nil || setup.Status.Final() {
		return methodSetupState(setup), boundary(err)
	}
	if setup.CheckoutID != "" {
		session, err := a.Gateway.ExpireCheckout(ctx, setup.Account, setup.CheckoutID)
		if err != nil && gateway.KindOf(err) != gateway.NotFound {
			return MethodSetupState{}, boundary(fmt.Errorf("closing the page: %w", err))
		}
		if err == nil && session.Status == gateway.CheckoutComplete {
			state, err := a.applyMethodSetup(ctx, setup, session)
			if err != nil || state.Final() {
				return state, boundary(err)
			}
		}
	}
	state, err := a.endMethodSetup(ctx, setup, portal.MethodSetupExpired, "It was not finished in time. Nothing was saved.")
	return state, boundary(err)
}

// FinishReplacement removes the method whose place a newly saved one takes. It
// reports whether that is done: a payment under way can still need the old one.
func (a *Activities) FinishReplacement(ctx context.Context, ref MethodSetupRef) (done bool, err error) {
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		setup, err := q.GetMethodSetup(ctx, dbsqlc.GetMethodSetupParams{OrgID: ref.Org, ID: ref.Setup})
		if err != nil {
			return err
		}
		if setup.Replaces == nil || setup.MethodID == nil {
			done = true
			return nil
		}
		by := actorFrom(setup.StartedByKind, setup.StartedBy, setup.StartedByName)
		done, err = a.takesPlace(ctx, q, ref.Org, *setup.Replaces, *setup.MethodID, by, a.now())
		return err
	})
	return done, boundary(err)
}

// CloseMethodSetup marks that the flow has nothing more to do.
func (a *Activities) CloseMethodSetup(ctx context.Context, ref MethodSetupRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.CloseMethodSetupFlow(ctx, dbsqlc.CloseMethodSetupFlowParams{OrgID: ref.Org, ID: ref.Setup})
	}))
}
