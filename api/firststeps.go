package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type firstStepOperations struct {
	FirstSteps *Operation[FirstStepsInput, FirstStepsOutput]
}

// FirstStepsInput needs nothing: the steps are the caller's organization's.
type FirstStepsInput struct {
	Org string `path:"org" maxLength:"40"`
}

// FirstStepsOutput is how far a new organization is.
type FirstStepsOutput struct {
	Body FirstSteps
}

// FirstSteps are those from nothing to the first invitation. Once that is sent,
// the others are no longer looked at.
type FirstSteps struct {
	Invited     bool `json:"invited" doc:"A contact was given access to the portal."`
	Profile     bool `json:"profile" doc:"The organization's address is known."`
	Logo        bool `json:"logo"`
	BankDetails bool `json:"bank_details" doc:"Customers can be told how to pay by bank transfer."`
	// Customer is the first one, once there is one.
	Customer     *uuid.UUID `json:"customer,omitempty"`
	CustomerName string     `json:"customer_name,omitempty"`
	Contact      bool       `json:"contact" doc:"The first customer has a contact."`
}

func (a *API) declareFirstSteps() {
	a.FirstSteps = declare(a, route{
		id: "get-first-steps", method: http.MethodGet, path: "/api/{org}/console/first-steps", tag: "Settings",
		summary: "Read how far a new organization is", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.firstSteps)
}

func (a *API) firstSteps(ctx context.Context, _ *FirstStepsInput) (*FirstStepsOutput, error) {
	p, out := principal(ctx), &FirstStepsOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		s := &out.Body
		if s.Invited, err = q.AnybodyInvited(ctx, p.Org); err != nil || s.Invited {
			return err
		}
		done, err := q.FirstSteps(ctx, p.Org)
		if err != nil {
			return err
		}
		s.Profile, s.Logo, s.BankDetails = done.Profile, done.Logo, done.BankDetails
		first, err := q.FirstCustomers(ctx, p.Org)
		for _, c := range first {
			s.Customer, s.CustomerName, s.Contact = &c.ID, c.Name, c.HasContact
		}
		return err
	})
	return out, err
}
