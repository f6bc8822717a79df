package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// undeliveredFor is how long staff are told on their desk of mail that did not
// arrive; the list of mail has it for ever.
const undeliveredFor = 14 * 24 * time.Hour

type deskOperations struct {
	Desk *Operation[DeskInput, DeskOutput]
}

// DeskInput needs nothing: the desk is the caller's organization's.
type DeskInput struct {
	Org string `path:"org" maxLength:"40"`
}

// DeskOutput is what waits for somebody.
type DeskOutput struct {
	Body Desk
}

// Desk is how much of each kind of work waits, for staff to begin their day with.
type Desk struct {
	FailedPayments    Pile `json:"failed_payments" doc:"Declined, and waiting for another try."`
	OverdueInvoices   Pile `json:"overdue_invoices"`
	DeclinedEstimates Pile `json:"declined_estimates"`
	UndeliveredMail   Pile `json:"undelivered_mail" doc:"Emails of the last 14 days that did not arrive."`
	UnreadComments    Pile `json:"unread_comments" doc:"Comments by contacts that the caller has not read, at most 100; none for an API key."`
	Differences       Pile `json:"differences" doc:"In how many places the newest comparison with the processor differs."`
	// Comparison is the one that differs.
	Comparison        *uuid.UUID `json:"comparison,omitempty"`
	DraftInvoices     Pile       `json:"draft_invoices"`
	EstimatesWaiting  Pile       `json:"estimates_waiting" doc:"Sent, and waiting for the customer's decision."`
	TimesheetsWaiting Pile       `json:"timesheets_waiting" doc:"Submitted, and waiting for the customer's decision."`
}

// Pile is so much of one kind.
type Pile struct {
	Count   int            `json:"count"`
	Amounts []portal.Money `json:"amounts" doc:"What it comes to, one amount a currency; none where the kind has no amount."`
}

// Pressing reports whether something on the desk needs staff, rather than a
// customer whom it waits for.
func (d Desk) Pressing() bool {
	return d.FailedPayments.Count+d.OverdueInvoices.Count+d.DeclinedEstimates.Count+d.UndeliveredMail.Count+d.UnreadComments.Count+d.Differences.Count > 0
}

func (a *API) declareDesk() {
	a.Desk = declare(a, route{
		id: "get-desk", method: http.MethodGet, path: "/api/{org}/console/desk", tag: "Activity",
		summary: "Count what waits for somebody", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, a.desk)
}

func (a *API) desk(ctx context.Context, _ *DeskInput) (*DeskOutput, error) {
	p, out := principal(ctx), &DeskOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		rows, err := q.CountWaitingWork(ctx, dbsqlc.CountWaitingWorkParams{
			OrgID: p.Org, StaffID: p.Actor, Today: a.today(org), MailedSince: a.now().Add(-undeliveredFor),
		})
		if err != nil {
			return err
		}
		d := &out.Body
		piles := map[string]*Pile{
			"failed_payments": &d.FailedPayments, "overdue_invoices": &d.OverdueInvoices, "declined_estimates": &d.DeclinedEstimates,
			"undelivered_mail": &d.UndeliveredMail, "unread_comments": &d.UnreadComments, "draft_invoices": &d.DraftInvoices,
			"estimates_waiting": &d.EstimatesWaiting, "timesheets_waiting": &d.TimesheetsWaiting,
		}
		d.Differences.Amounts = []portal.Money{}
		for _, pile := range piles {
			pile.Amounts = []portal.Money{}
		}
		for _, r := range rows {
			pile := piles[r.Kind]
			pile.Count += int(r.Waiting)
			if r.Currency != "" {
				pile.Amounts = append(pile.Amounts, portal.NewMoney(r.Amount, portal.Currency(r.Currency)))
			}
		}
		newest, err := q.NewestReconciliation(ctx, p.Org)
		for _, r := range newest {
			if r.Status == "differs" {
				d.Differences.Count, d.Comparison = int(r.Differences), &r.ID
			}
		}
		return err
	})
	return out, err
}
