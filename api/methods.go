package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type methodOperations struct {
	ListMyMethods  *Operation[ListMyMethodsInput, ListMethodsOutput]
	RemoveMyMethod *Operation[RemoveMethodInput, RemoveMethodOutput]
	ListMethods    *Operation[ListMethodsInput, ListMethodsOutput]
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
	}
}

// RemoveMethodInput names a saved card or bank account.
type RemoveMethodInput struct {
	Org    string    `path:"org" maxLength:"40"`
	Method uuid.UUID `path:"method"`
}

// RemoveMethodOutput has nothing to say.
type RemoveMethodOutput struct{}

func (a *API) declareMethods() {
	a.ListMyMethods = declare(a, route{
		id: "list-my-payment-methods", method: http.MethodGet, path: "/api/{org}/portal/payment-methods", tag: "Payment methods",
		summary: "List saved cards and bank accounts", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, func(ctx context.Context, _ *ListMyMethodsInput) (*ListMethodsOutput, error) {
		return a.listMethods(ctx, &ListMethodsInput{Customer: principal(ctx).Customer})
	})
	a.RemoveMyMethod = declare(a, route{
		id: "remove-my-payment-method", method: http.MethodDelete, path: "/api/{org}/portal/payment-methods/{method}", tag: "Payment methods",
		summary: "Remove a saved card or bank account", side: portal.SideContact, action: portal.ActionManagePaymentMethods,
	}, a.removeMyMethod)
	a.ListMethods = declare(a, route{
		id: "list-payment-methods", method: http.MethodGet, path: "/api/{org}/console/customers/{customer}/payment-methods", tag: "Payment methods",
		summary: "List a customer's saved cards and bank accounts", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.listMethods)
}

func (a *API) listMethods(ctx context.Context, in *ListMethodsInput) (*ListMethodsOutput, error) {
	p := principal(ctx)
	out := &ListMethodsOutput{}
	out.Body.Methods = []PaymentMethod{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		if _, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Customer}); err != nil {
			return err
		}
		rows, err := q.ListPaymentMethods(ctx, dbsqlc.ListPaymentMethodsParams{OrgID: p.Org, CustomerID: in.Customer})
		for _, r := range rows {
			out.Body.Methods = append(out.Body.Methods, methodOf(r))
		}
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	return out, err
}

// removeMyMethod makes a saved method unusable at once. Removed again it is
// still removed.
func (a *API) removeMyMethod(ctx context.Context, in *RemoveMethodInput) (*RemoveMethodOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		method, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: p.Org, ID: in.Method})
		if err != nil {
			return err
		}
		if err := mine(ctx, method.CustomerID, "payment method"); err != nil {
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
	if db.NotFound(err) {
		return nil, portal.NotFound("payment method")
	}
	return &RemoveMethodOutput{}, err
}
