package api

import (
	"context"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// InvoicePlan is how an invoice is paid in parts, and how far it is, N7.
type InvoicePlan struct {
	portal.Plan
	Words       string       `json:"words" doc:"The plan in a line."`
	Instalments []Instalment `json:"instalments"`
	// Next is what is to be paid next: all that is due by today or, when nothing is,
	// the earliest part that is left.
	Next   portal.Money `json:"next"`
	NextOn portal.Date  `json:"next_on,omitzero"`
}

// Instalment is one part of an invoice.
type Instalment struct {
	Seq    int          `json:"seq"`
	DueOn  portal.Date  `json:"due_on"`
	Amount portal.Money `json:"amount"`
	Left   portal.Money `json:"left"`
	Late   bool         `json:"late,omitempty"`
}

// plansOf are the plans of those of the invoices that have one.
func (a *API) plansOf(ctx context.Context, q *dbsqlc.Queries, invoices []dbsqlc.Invoice, today portal.Date) (map[uuid.UUID]*InvoicePlan, error) {
	split, ids := map[uuid.UUID]dbsqlc.Invoice{}, []uuid.UUID{}
	for _, i := range invoices {
		if i.Plan != nil {
			split[i.ID], ids = i, append(ids, i.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := q.ListInstallments(ctx, dbsqlc.ListInstallmentsParams{OrgID: principal(ctx).Org, InvoiceIds: ids})
	if err != nil {
		return nil, err
	}
	parts := map[uuid.UUID][]portal.Instalment{}
	for _, r := range rows {
		parts[r.InvoiceID] = append(parts[r.InvoiceID], portal.Instalment{Seq: int(r.Seq), DueOn: r.DueOn, Amount: r.Amount})
	}
	plans := make(map[uuid.UUID]*InvoicePlan, len(ids))
	for id, i := range split {
		money := func(amount int64) portal.Money { return portal.NewMoney(amount, i.Currency) }
		paid := i.Total - i.Due
		if i.State == "void" {
			paid = 0
		}
		standings := portal.Standings(parts[id], paid, today)
		next, on := portal.NextDue(standings, today)
		plan := &InvoicePlan{Plan: *i.Plan, Words: i.Plan.Words(), Next: money(next), NextOn: on}
		for _, s := range standings {
			plan.Instalments = append(plan.Instalments, Instalment{s.Seq, s.DueOn, money(s.Amount), money(s.Left), s.Late && i.State == "sent"})
		}
		plans[id] = plan
	}
	return plans, nil
}
