package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

type methodOperations struct {
	ListMyMethods  *Operation[ListMyMethodsInput, ListMethodsOutput]
	GetMyMethod    *Operation[MethodInput, MethodOutput]
	SetUpMyMethod  *Operation[SetUpMyMethodInput, MethodSetupOutput]
	GetMySetup     *Operation[MethodSetupInput, MethodSetupOutput]
	EditMyMethod   *Operation[EditMyMethodInput, MethodOutput]
	RemoveMyMethod *Operation[MethodInput, RemoveMethodOutput]

	ListMethods   *Operation[ListMethodsInput, ListMethodsOutput]
	SetUpMethod   *Operation[SetUpMethodInput, MethodSetupOutput]
	GetSetup      *Operation[MethodSetupInput, MethodSetupOutput]
	RequestMethod *Operation[RequestMethodInput, RequestMethodOutput]
}

// PaymentMethod is a saved card or bank account.
type PaymentMethod struct {
	ID       uuid.UUID `json:"id"`
	Kind     string    `json:"kind" enum:"card,bank_debit"`
	Brand    string    `json:"brand" doc:"The card's scheme, or the bank."`
	Last4    string    `json:"last4"`
	ExpMonth int       `json:"exp_month,omitempty"`
	ExpYear  int       `json:"exp_year,omitempty"`
	Expired  bool      `json:"expired,omitempty" doc:"Its last day has passed."`
	// Whose it is.
	Name    string         `json:"name,omitempty"`
	Email   string         `json:"email,omitempty"`
	Phone   string         `json:"phone,omitempty"`
	Address portal.Address `json:"address"`
	Version int            `json:"version" doc:"Named by an edit: an older one refuses it."`
	SavedAt time.Time      `json:"saved_at"`
}

// MethodRequest is staff's wish that a contact save a way to pay, R39.
type MethodRequest struct {
	ID      uuid.UUID `json:"id"`
	Contact string    `json:"contact"`
	By      string    `json:"by"`
	Message string    `json:"message,omitempty"`
	At      time.Time `json:"at"`
}

// MethodSetup is a page of the processor where a method is saved, and nothing charged.
type MethodSetup struct {
	ID       uuid.UUID                `json:"id"`
	Customer uuid.UUID                `json:"customer"`
	Status   portal.MethodSetupStatus `json:"status" enum:"pending,requested,open,saved,expired,failed"`
	Kind     string                   `json:"kind" enum:"card,bank_debit"`
	// ActionURL is where the method is entered, while the page is open.
	ActionURL string         `json:"action_url,omitempty"`
	Failure   string         `json:"failure,omitempty" doc:"Why the last try was refused, or nothing was saved."`
	StartedBy string         `json:"started_by"`
	Mine      bool           `json:"mine"`
	CreatedAt time.Time      `json:"created_at"`
	Replaces  *PaymentMethod `json:"replaces,omitempty"`
	Method    *PaymentMethod `json:"method,omitempty" doc:"What was saved."`
	// WorkflowID is for staff.
	WorkflowID string `json:"workflow_id,omitempty"`
}

// ListMyMethodsInput asks for the saved cards and bank accounts of one's company, R38.
type ListMyMethodsInput struct {
	Org string `path:"org" maxLength:"40"`
}

// ListMethodsInput asks for those of a customer.
type ListMethodsInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
}

// ListMethodsOutput are saved cards and bank accounts, newest first.
type ListMethodsOutput struct {
	Body struct {
		Methods []PaymentMethod `json:"methods"`
		Kinds   []string        `json:"kinds" doc:"What can be saved: card, and for customers who may pay from one (R34) bank_debit."`
		// Requests are not answered yet: to a contact those to them, to staff all.
		Requests []MethodRequest `json:"requests"`
	}
}

// MethodInput names a saved card or bank account.
type MethodInput struct {
	Org    string    `path:"org" maxLength:"40"`
	Method uuid.UUID `path:"method"`
}

// MethodOutput is a saved card or bank account. With status 202 a change of it is
// under way, and the processor has not answered yet.
type MethodOutput struct {
	Status int
	Body   PaymentMethod
}

// RemoveMethodOutput has nothing to say.
type RemoveMethodOutput struct{}

// SetUpMyMethodInput asks for a page on which a method is saved for one's company.
type SetUpMyMethodInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body SetUpMethodBody
}

// SetUpMethodInput asks for a page on which staff save a method for a customer.
type SetUpMethodInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	Body     SetUpMethodBody
}

// SetUpMethodBody says what is to be saved.
type SetUpMethodBody struct {
	Kind     string     `json:"kind" enum:"card,bank_debit"`
	Replaces *uuid.UUID `json:"replaces,omitempty" doc:"The saved method of the same kind whose place it takes: that one is removed when the new one is saved."`
}

// MethodSetupInput names a setup.
type MethodSetupInput struct {
	Org   string    `path:"org" maxLength:"40"`
	Setup uuid.UUID `path:"setup"`
}

// MethodSetupOutput is a setup. With status 202 it was begun, and its first step
// has not answered yet.
type MethodSetupOutput struct {
	Status int
	Body   MethodSetup
}

// EditMyMethodInput changes a saved method's expiry and billing details, at the
// processor and here.
type EditMyMethodInput struct {
	Key
	Org    string    `path:"org" maxLength:"40"`
	Method uuid.UUID `path:"method"`
	Body   struct {
		Version  int            `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		ExpMonth int            `json:"exp_month,omitempty" minimum:"0" maximum:"12" doc:"Of a card."`
		ExpYear  int            `json:"exp_year,omitempty" minimum:"0" maximum:"2100" doc:"Of a card, in four digits."`
		Name     string         `json:"name" minLength:"1" maxLength:"200" doc:"As it stands on the card or the account."`
		Email    string         `json:"email,omitempty" maxLength:"254"`
		Phone    string         `json:"phone,omitempty" maxLength:"20"`
		Address  portal.Address `json:"address"`
	}
}

func (a *API) declareMethods() {
	const tag = "Payment methods"
	mine := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/portal" + path, summary: summary, side: portal.SideContact, action: action, tag: tag}
	}
	staff := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/console" + path, summary: summary, side: portal.SideStaff, action: action, tag: tag}
	}
	a.ListMyMethods = declare(a, mine("list-my-payment-methods", http.MethodGet, "/payment-methods", "List saved cards and bank accounts", portal.ActionViewDocuments),
		func(ctx context.Context, _ *ListMyMethodsInput) (*ListMethodsOutput, error) {
			return a.listMethods(ctx, &ListMethodsInput{Customer: principal(ctx).Customer})
		})
	a.GetMyMethod = declare(a, mine("get-my-payment-method", http.MethodGet, "/payment-methods/{method}", "Read a saved card or bank account", portal.ActionViewDocuments), a.getMethod)
	add := mine("set-up-my-payment-method", http.MethodPost, "/payment-methods", "Save a card or bank account on the processor's page", portal.ActionManagePaymentMethods)
	add.status = http.StatusCreated
	a.SetUpMyMethod = declare(a, add, func(ctx context.Context, in *SetUpMyMethodInput) (*MethodSetupOutput, error) {
		return a.setUpMethod(ctx, principal(ctx).Customer, in.Key.Key, in.Body)
	})
	a.GetMySetup = declare(a, mine("get-my-method-setup", http.MethodGet, "/method-setups/{setup}", "Read how the saving of a method stands", portal.ActionViewDocuments), a.getSetup)
	a.EditMyMethod = declare(a, mine("edit-my-payment-method", http.MethodPut, "/payment-methods/{method}", "Change a saved card's expiry and billing details", portal.ActionManagePaymentMethods), a.editMyMethod)
	a.RemoveMyMethod = declare(a, mine("remove-my-payment-method", http.MethodDelete, "/payment-methods/{method}", "Remove a saved card or bank account", portal.ActionManagePaymentMethods), a.removeMyMethod)

	a.ListMethods = declare(a, staff("list-payment-methods", http.MethodGet, "/customers/{customer}/payment-methods", "List a customer's saved cards and bank accounts", portal.ActionViewDocuments), a.listMethods)
	add = staff("set-up-payment-method", http.MethodPost, "/customers/{customer}/payment-methods", "Save a customer's card or bank account on the processor's page", portal.ActionManagePaymentMethods)
	add.status = http.StatusCreated
	a.SetUpMethod = declare(a, add, func(ctx context.Context, in *SetUpMethodInput) (*MethodSetupOutput, error) {
		return a.setUpMethod(ctx, in.Customer, in.Key.Key, in.Body)
	})
	a.GetSetup = declare(a, staff("get-method-setup", http.MethodGet, "/method-setups/{setup}", "Read how the saving of a method stands", portal.ActionViewDocuments), a.getSetup)
	ask := staff("request-payment-method", http.MethodPost, "/contacts/{contact}/payment-method-requests", "Ask a contact for payment details by email", portal.ActionManagePaymentMethods)
	ask.status = http.StatusCreated
	a.RequestMethod = declare(a, ask, a.requestMethod)
}

func (a *API) listMethods(ctx context.Context, in *ListMethodsInput) (*ListMethodsOutput, error) {
	p := principal(ctx)
	out := &ListMethodsOutput{}
	out.Body.Methods, out.Body.Kinds, out.Body.Requests = []PaymentMethod{}, []string{"card"}, []MethodRequest{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Customer})
		if err != nil {
			return err
		}
		if customer.BankDebitAllowed {
			out.Body.Kinds = append(out.Body.Kinds, "bank_debit")
		}
		rows, err := q.ListPaymentMethods(ctx, dbsqlc.ListPaymentMethodsParams{OrgID: p.Org, CustomerID: in.Customer})
		if err != nil {
			return err
		}
		for _, r := range rows {
			out.Body.Methods = append(out.Body.Methods, a.methodOf(r))
		}
		asked := dbsqlc.OpenMethodRequestsParams{OrgID: p.Org, CustomerID: in.Customer, Since: a.now().Add(-requestLife)}
		if p.Side == portal.SideContact {
			asked.ContactID = &p.Actor
		}
		requests, err := q.OpenMethodRequests(ctx, asked)
		for _, r := range requests {
			out.Body.Requests = append(out.Body.Requests, MethodRequest{r.ID, r.ContactName, r.AskedByName, r.Message, r.CreatedAt})
		}
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	return out, err
}

func (a *API) methodOf(m dbsqlc.PaymentMethod) PaymentMethod {
	out := PaymentMethod{
		ID: m.ID, Kind: m.Kind, Brand: m.Brand, Last4: m.Last4, ExpMonth: int(m.ExpMonth), ExpYear: int(m.ExpYear),
		Name: m.BillingName, Email: m.BillingEmail, Phone: m.BillingPhone, Address: m.BillingAddress, Version: int(m.Version), SavedAt: m.CreatedAt,
	}
	out.Expired = portal.CardExpired(out.ExpMonth, out.ExpYear, a.now())
	return out
}

// readMethod reads a saved method that is the caller's to see. One that was
// removed is no such method.
func readMethod(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (dbsqlc.PaymentMethod, error) {
	method, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: principal(ctx).Org, ID: id})
	if db.NotFound(err) {
		return method, portal.NotFound("payment method")
	}
	if err != nil {
		return method, err
	}
	return method, mine(ctx, method.CustomerID, "payment method")
}

func (a *API) getMethod(ctx context.Context, in *MethodInput) (*MethodOutput, error) {
	out := &MethodOutput{Status: http.StatusOK}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		method, err := readMethod(ctx, q, in.Method)
		if err == nil && method.RemovedAt != nil {
			return portal.NotFound("payment method")
		}
		out.Body = a.methodOf(method)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// setupLife is for how long an unfinished page is gone on with instead of opening
// another one. The processor closes it after a day.
const setupLife = 20 * time.Hour

func (a *API) setUpMethod(ctx context.Context, customer uuid.UUID, key string, body SetUpMethodBody) (*MethodSetupOutput, error) {
	p := principal(ctx)
	hash, err := portal.RequestHash(map[string]any{"customer": customer, "body": body})
	if err != nil {
		return nil, err
	}
	var open []dbsqlc.MethodSetup
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		if _, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: customer}); err != nil {
			return err
		}
		if body.Replaces != nil {
			if _, err := readMethod(ctx, q, *body.Replaces); err != nil {
				return err
			}
		}
		open, err = q.OpenMethodSetupOf(ctx, dbsqlc.OpenMethodSetupOfParams{
			OrgID: p.Org, CustomerID: customer, StartedBy: &p.Actor, Kind: body.Kind, Replaces: body.Replaces, Since: a.now().Add(-setupLife),
		})
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	if err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "set-up-method", key)
	if len(open) == 1 && open[0].ID != id {
		return a.readSetup(ctx, http.StatusOK, open[0].ID)
	}
	state, err := begin[workflows.MethodSetupState](ctx, a, start{
		id: workflows.MethodSetupID(id), name: workflows.MethodSetupName, customer: customer, document: id,
		input: workflows.MethodSetupInput{
			MethodSetupRef: workflows.MethodSetupRef{Org: p.Org, Setup: id},
			Request:        &workflows.SetUpMethodRequest{Customer: customer, Kind: body.Kind, Replaces: body.Replaces, By: workflows.ActorOf(p), Hash: hash},
			Times:          a.Times.Method,
		},
	})
	switch {
	case errors.Is(err, errPending):
		return &MethodSetupOutput{http.StatusAccepted, MethodSetup{ID: id, Customer: customer, Status: "pending", Kind: body.Kind, StartedBy: p.Name, Mine: true, CreatedAt: a.now()}}, nil
	case err != nil:
		return nil, err
	case state.Refused != nil:
		return nil, state.Refused
	case !bytes.Equal(state.RequestHash, hash):
		return nil, portal.KeyReused()
	}
	return a.readSetup(ctx, http.StatusCreated, id)
}

func (a *API) getSetup(ctx context.Context, in *MethodSetupInput) (*MethodSetupOutput, error) {
	return a.readSetup(ctx, http.StatusOK, in.Setup)
}

func (a *API) readSetup(ctx context.Context, status int, id uuid.UUID) (*MethodSetupOutput, error) {
	p := principal(ctx)
	out := &MethodSetupOutput{Status: status}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.GetMethodSetup(ctx, dbsqlc.GetMethodSetupParams{OrgID: p.Org, ID: id})
		if err != nil {
			return err
		}
		if err := mine(ctx, row.CustomerID, "setup"); err != nil {
			return err
		}
		out.Body = MethodSetup{
			ID: row.ID, Customer: row.CustomerID, Status: row.Status, Kind: row.Kind, Failure: row.FailureMessage, StartedBy: row.StartedByName,
			Mine: row.StartedBy != nil && *row.StartedBy == p.Actor, CreatedAt: row.CreatedAt,
		}
		// The page is for whoever asked for it: what they enter is saved in their name.
		if row.Status == portal.MethodSetupOpen && out.Body.Mine {
			out.Body.ActionURL = row.ActionUrl
		}
		if p.Side == portal.SideStaff {
			out.Body.WorkflowID = workflows.MethodSetupID(row.ID)
		}
		if out.Body.Replaces, err = a.methodNamed(ctx, q, row.Replaces); err != nil {
			return err
		}
		out.Body.Method, err = a.methodNamed(ctx, q, row.MethodID)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("setup")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// methodNamed is a method that something of the caller's names, removed or not.
func (a *API) methodNamed(ctx context.Context, q *dbsqlc.Queries, id *uuid.UUID) (*PaymentMethod, error) {
	if id == nil {
		return nil, nil
	}
	row, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: principal(ctx).Org, ID: *id})
	if err != nil {
		return nil, err
	}
	method := a.methodOf(row)
	return &method, nil
}

func (a *API) editMyMethod(ctx context.Context, in *EditMyMethodInput) (*MethodOutput, error) {
	p, body := principal(ctx), in.Body
	email, err := readEmail("email", body.Email, true)
	if err != nil {
		return nil, err
	}
	var method dbsqlc.PaymentMethod
	err = a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		method, err = readMethod(ctx, q, in.Method)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := a.expiryOf(method.Kind, body.ExpMonth, body.ExpYear); err != nil {
		return nil, err
	}
	hash, err := portal.RequestHash(map[string]any{"method": in.Method, "body": body})
	if err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "edit-method", in.Key.Key)
	state, err := begin[workflows.MethodEditState](ctx, a, start{
		id: workflows.MethodEditID(id), name: workflows.MethodEditName, customer: p.Customer, document: method.ID,
		input: workflows.MethodEditInput{
			MethodEditRef: workflows.MethodEditRef{Org: p.Org, Edit: id},
			Request: &workflows.EditMethodRequest{
				Customer: p.Customer, Method: method.ID, Version: body.Version, ExpMonth: body.ExpMonth, ExpYear: body.ExpYear,
				Name: strings.TrimSpace(body.Name), Email: email, Phone: strings.TrimSpace(body.Phone), Address: body.Address, By: workflows.ActorOf(p), Hash: hash,
			},
		},
	})
	status := http.StatusOK
	switch {
	case errors.Is(err, errPending):
		status = http.StatusAccepted
	case err != nil:
		return nil, err
	case len(state.RequestHash) > 0 && !bytes.Equal(state.RequestHash, hash):
		return nil, portal.KeyReused()
	case state.Refused != nil:
		return nil, state.Refused
	}
	out, err := a.getMethod(ctx, &MethodInput{Method: method.ID})
	if err != nil {
		return nil, err
	}
	out.Status = status
	return out, nil
}

// expiryOf says what is wrong with a card's expiry. A bank account has none.
func (a *API) expiryOf(kind string, month, year int) error {
	switch {
	case kind != "card":
		if month != 0 || year != 0 {
			return portal.Invalid("A bank account doesn't expire.", portal.Field("exp_month", "Leave this out."))
		}
		return nil
	case month == 0:
		return portal.Invalid("Some of what was entered can't be taken.", portal.Field("exp_month", "Choose the month."))
	case year < 2000:
		return portal.Invalid("Some of what was entered can't be taken.", portal.Field("exp_year", "Enter the year in four digits."))
	case portal.CardExpired(month, year, a.now()):
		return portal.Invalid("Some of what was entered can't be taken.", portal.Field("exp_year", "This is in the past. Replace an expired card by the new one."))
	}
	return nil
}

// removeMyMethod makes a saved method unusable at once; a flow has the processor
// forget it. Whatever else is down, this works. Removed again it is still removed.
func (a *API) removeMyMethod(ctx context.Context, in *MethodInput) (*RemoveMethodOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		if _, err := readMethod(ctx, q, in.Method); err != nil {
			return err
		}
		// A payment that begins with it now waits, and then finds it gone.
		method, err := q.LockPaymentMethod(ctx, dbsqlc.LockPaymentMethodParams{OrgID: p.Org, ID: in.Method})
		if err != nil || method.RemovedAt != nil {
			return err
		}
		if err := methodNeeded(ctx, q, method); err != nil {
			return err
		}
		now := a.now()
		removed, err := q.RemovePaymentMethod(ctx, dbsqlc.RemovePaymentMethodParams{OrgID: p.Org, CustomerID: p.Customer, ID: method.ID, At: &now})
		if err != nil || removed == 0 {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: p.Customer, kind: "payment_method.removed", subject: "payment_method", id: method.ID,
			data: map[string]any{"kind": method.Kind, "brand": method.Brand, "last4": method.Last4},
		})
	})
	return &RemoveMethodOutput{}, err
}

// methodNeeded says why a method can't be removed now, or nil. It is asked under
// the method's lock.
func methodNeeded(ctx context.Context, q *dbsqlc.Queries, method dbsqlc.PaymentMethod) error {
	payments, err := q.PaymentsNeedingMethod(ctx, dbsqlc.PaymentsNeedingMethodParams{OrgID: method.OrgID, MethodID: method.ID})
	if err != nil {
		return err
	}
	scheduled, err := q.PaymentsTriedAgainWithMethod(ctx, dbsqlc.PaymentsTriedAgainWithMethodParams{OrgID: method.OrgID, MethodID: method.ID})
	if err != nil {
		return err
	}
	payments = append(payments, scheduled...)
	enrolled, err := q.AutopaysOfMethod(ctx, dbsqlc.AutopaysOfMethodParams{OrgID: method.OrgID, MethodID: method.ID})
	if err != nil || len(payments)+len(enrolled) == 0 {
		return err
	}
	org, err := q.GetOrganization(ctx, method.OrgID)
	if err != nil {
		return err
	}
	uses := make([]portal.MethodUse, 0, len(payments)+len(enrolled))
	for _, pay := range payments {
		uses = append(uses, portal.MethodUse{Status: pay.Status, Amount: portal.NewMoney(pay.Amount, pay.Currency).Format(org.Locale), By: pay.StartedByName})
	}
	for _, on := range enrolled {
		uses = append(uses, portal.MethodUse{Autopay: true, By: on.ContactName})
	}
	return portal.MethodNeeded(uses)
}
