package demo

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// flow is one to begin.
type flow struct {
	id, name, about    string // about as workflows.Summary has it
	customer, document uuid.UUID
	input              any
}

// begin starts what is under way at a business, once: it is noted that all of
// it was. Starting is durable; the worker may come later.
func begin(ctx context.Context, c Config, y *year) error {
	done := y.id("begun")
	err := c.DB.In(ctx, portal.System(y.org), func(q *dbsqlc.Queries) error {
		_, err := q.GetRequestHash(ctx, dbsqlc.GetRequestHashParams{OrgID: y.org, ID: done})
		return err
	})
	if !db.NotFound(err) {
		return err
	}
	say(c, "Beginning what is under way at "+y.b.name)
	flows, err := y.waiting(ctx, c)
	if err != nil {
		return err
	}
	flows = append(flows, y.invited()...)
	flows = append(flows, y.submitted()...)
	flows = append(flows, y.forwarding()...)
	if c.StripeURL != "" {
		flows = append(flows, y.refused()...)
		flows = append(flows, y.enrolled()...)
	}
	for _, f := range flows {
		if err := start(ctx, c, y.org, f); err != nil {
			return err
		}
	}
	return c.DB.In(ctx, portal.System(y.org), func(q *dbsqlc.Queries) error {
		_, err := q.TakeRequest(ctx, dbsqlc.TakeRequestParams{OrgID: y.org, ID: done, Hash: digest("begun", done), At: c.Now})
		return err
	})
}

func start(ctx context.Context, c Config, org uuid.UUID, f flow) error {
	_, err := c.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: f.id, TaskQueue: c.TaskQueue, StaticSummary: workflows.Summary(f.name, f.about),
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttributeOrganization.ValueSet(org.String()),
			workflows.AttributeCustomer.ValueSet(f.customer.String()),
			workflows.AttributeDocument.ValueSet(f.document.String()),
		),
	}, f.name, f.input)
	if err != nil {
		return fmt.Errorf("starting %s: %w", f.id, err)
	}
	return nil
}

// waiting are the estimates to send.
func (y *year) waiting(ctx context.Context, c Config) ([]flow, error) {
	var flows []flow
	for _, p := range y.b.proposals {
		if p.outcome != waiting {
			continue
		}
		id, by := y.estimateID(p), y.staffMember(2)
		var number string
		err := c.DB.In(ctx, portal.System(y.org), func(q *dbsqlc.Queries) error {
			row, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: y.org, ID: id})
			number = row.Number
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the estimate %q: %w", p.title, err)
		}
		flows = append(flows, flow{
			id: workflows.EstimateID(id, 1), name: workflows.EstimateName, about: number, customer: y.named(p.customer).row.ID, document: id,
			input: workflows.EstimateInput{EstimateRef: workflows.EstimateRef{Org: y.org, Estimate: id, Version: 1}, By: &by},
		})
	}
	return flows, nil
}

// invited are the contacts to invite.
func (y *year) invited() []flow {
	var flows []flow
	for _, b := range y.buyers {
		for i, contact := range b.contacts {
			if b.customer.contacts[i].access != "invite" {
				continue
			}
			id := y.id("invitation", contact.Email)
			flows = append(flows, flow{
				id: workflows.InvitationID(id), name: workflows.InvitationName, customer: b.row.ID, document: contact.ID,
				input: workflows.InvitationInput{InvitationRef: workflows.InvitationRef{Org: y.org, Invitation: id}, Request: &workflows.InviteRequest{
					Customer: b.row.ID, Contact: contact.ID, By: y.staffMember(2), Hash: digest("invite", contact.ID),
				}},
			})
		}
	}
	return flows
}

// refused are the payments whose saved card is about to be declined; they wait
// for somebody to try them again.
func (y *year) refused() []flow {
	var flows []flow
	for _, b := range y.buyers {
		for i, o := range b.open {
			if o.declined == "" {
				continue
			}
			id, method := y.id("payment", b.name, openName(i)), y.cardID(b)
			flows = append(flows, flow{
				id: workflows.PaymentID(id), name: workflows.PaymentName, customer: b.row.ID, document: id,
				input: workflows.PaymentInput{PaymentRef: workflows.PaymentRef{Org: y.org, Payment: id}, Request: &workflows.PayRequest{
					Customer: b.row.ID, Invoices: []workflows.PayInvoice{{ID: y.id("invoice", b.name, openName(i))}}, Channel: workflows.ChannelSaved, Method: &method,
					OnSchedule: len(flows)%2 == 0,
					By:         b.payer(), Hash: digest("pay", id),
				}},
			})
		}
	}
	return flows
}
