package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

type reconciliationOperations struct {
	ListReconciliations *Operation[ListReconciliationsInput, ListReconciliationsOutput]
	GetReconciliation   *Operation[ReconciliationInput, ReconciliationOutput]
}

// ListReconciliationsInput asks for a page of the comparisons with the processor,
// newest first.
type ListReconciliationsInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
}

// ListReconciliationsOutput is a page of them.
type ListReconciliationsOutput struct {
	Body struct {
		Reconciliations []Reconciliation `json:"reconciliations"`
		Next            string           `json:"next,omitempty"`
	}
}

// Reconciliation is the books of some days held against the processor's.
type Reconciliation struct {
	ID     uuid.UUID   `json:"id"`
	From   portal.Date `json:"from"`
	To     portal.Date `json:"to"`
	Status string      `json:"status" enum:"comparing,agreed,differs,failed"`
	Daily  bool        `json:"daily" doc:"Made by itself, for each day."`
	// AskedBy is empty for those of each day.
	AskedBy     string     `json:"asked_by,omitempty"`
	Compared    int        `json:"compared" doc:"How many charges were compared."`
	Differences int        `json:"differences" doc:"In how many places the two differ."`
	Mended      int        `json:"mended" doc:"In how many they did until the payments' flows asked again."`
	Failure     string     `json:"failure,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	// WorkflowID is where operators find its flow.
	WorkflowID string `json:"workflow_id"`
}

// ReconciliationInput names a comparison, and asks for a page of its differences.
type ReconciliationInput struct {
	Page
	Org            string    `path:"org" maxLength:"40"`
	Reconciliation uuid.UUID `path:"reconciliation"`
}

// ReconciliationOutput is a comparison with a page of its differences.
type ReconciliationOutput struct {
	Body struct {
		Reconciliation
		Found []ChargeDifference `json:"found"`
		Next  string             `json:"next,omitempty"`
	}
}

// ChargeDifference is one place in which a charge and the books differ, or did.
type ChargeDifference struct {
	Kind         string     `json:"kind" enum:"missing_here,missing_there,charged_twice,amount,currency,customer,status,received,refunded,disputed"`
	Charge       string     `json:"charge" doc:"The processor's ID."`
	Payment      *uuid.UUID `json:"payment,omitempty"`
	Customer     *uuid.UUID `json:"customer,omitempty"`
	CustomerName string     `json:"customer_name,omitempty"`
	Ours         string     `json:"ours"`
	Theirs       string     `json:"theirs"`
	MendedAt     *time.Time `json:"mended_at,omitempty"`
}

func (a *API) declareReconciliations() {
	a.ListReconciliations = declare(a, route{
		id: "list-reconciliations", method: http.MethodGet, path: "/api/{org}/console/reconciliations", tag: "Payments",
		summary: "List the comparisons of the books with the processor's", side: portal.SideStaff, action: portal.ActionManagePayments,
	}, a.listReconciliations)
	a.GetReconciliation = declare(a, route{
		id: "get-reconciliation", method: http.MethodGet, path: "/api/{org}/console/reconciliations/{reconciliation}", tag: "Payments",
		summary: "Read a comparison, and what differs", side: portal.SideStaff, action: portal.ActionManagePayments,
	}, a.getReconciliation)
}

func (a *API) listReconciliations(ctx context.Context, in *ListReconciliationsInput) (*ListReconciliationsOutput, error) {
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	out := &ListReconciliationsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListReconciliations(ctx, dbsqlc.ListReconciliationsParams{
			OrgID: principal(ctx).Org, BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.Reconciliation) cursor { return cursor{At: r.CreatedAt, ID: r.ID} })
		out.Body.Reconciliations = make([]Reconciliation, 0, len(rows))
		for _, r := range rows {
			out.Body.Reconciliations = append(out.Body.Reconciliations, reconciliationOf(r))
		}
		return nil
	})
	return out, err
}

func (a *API) getReconciliation(ctx context.Context, in *ReconciliationInput) (*ReconciliationOutput, error) {
	p, out := principal(ctx), &ReconciliationOutput{}
	from, err := readCursor(in.After, cursor{})
	if err != nil {
		return nil, err
	}
	// The charge and the kind are one key: no charge's ID has a space.
	charge, kind, _ := strings.Cut(from.Text, " ")
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.GetReconciliation(ctx, dbsqlc.GetReconciliationParams{OrgID: p.Org, ID: in.Reconciliation})
		if db.NotFound(err) {
			return portal.NotFound("comparison")
		}
		if err != nil {
			return err
		}
		out.Body.Reconciliation = reconciliationOf(row)
		rows, err := q.ListDifferences(ctx, dbsqlc.ListDifferencesParams{
			OrgID: p.Org, ReconciliationID: in.Reconciliation, AfterObject: charge, AfterKind: kind, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListDifferencesRow) cursor { return cursor{Text: r.ObjectID + " " + r.Kind} })
		out.Body.Found = make([]ChargeDifference, 0, len(rows))
		for _, r := range rows {
			out.Body.Found = append(out.Body.Found, ChargeDifference{
				Kind: r.Kind, Charge: r.ObjectID, Payment: r.PaymentID, Customer: r.CustomerID, CustomerName: r.CustomerName, Ours: r.Ours, Theirs: r.Theirs, MendedAt: r.MendedAt,
			})
		}
		return nil
	})
	return out, err
}

func reconciliationOf(r dbsqlc.Reconciliation) Reconciliation {
	flow := workflows.AskedReconciliationID(r.OrgID, r.ID)
	if r.Daily {
		flow = workflows.ReconciliationID(r.OrgID, r.ToDay)
	}
	return Reconciliation{
		ID: r.ID, From: r.FromDay, To: r.ToDay, Status: r.Status, Daily: r.Daily, AskedBy: r.AskedByName, Compared: int(r.Compared), Differences: int(r.Differences),
		Mended: int(r.Mended), Failure: r.Failure, CreatedAt: r.CreatedAt, EndedAt: r.EndedAt, WorkflowID: flow,
	}
}
