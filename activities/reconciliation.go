package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// ReconciledDays is how many days each day's comparison covers. A bank debit
// settles within it, and what one day's comparison could not see the next ones do.
const ReconciledDays = 7

// ReconciliationRef names a comparison with the processor.
type ReconciliationRef struct {
	Org            uuid.UUID `json:"org"`
	Reconciliation uuid.UUID `json:"reconciliation"`
}

// DailyReconciliation is the ID of the comparison of a day.
func DailyReconciliation(org uuid.UUID, day portal.Date) uuid.UUID {
	return portal.DerivedID("reconciliation", org.String(), day.String())
}

// ReconciliationRequest asks to compare some days, the first and the last among
// them, as the organization's time zone has them.
type ReconciliationRequest struct {
	From portal.Date `json:"from"`
	To   portal.Date `json:"to"`
	// Daily is of those that the worker begins by itself, one for each day.
	Daily bool `json:"daily,omitempty"`
	// By is who asked, if somebody did.
	By string `json:"by,omitempty"`
}

// ReconciliationInput is a comparison to begin, or without a Request one to go on with.
type ReconciliationInput struct {
	ReconciliationRef
	Request *ReconciliationRequest `json:"request,omitempty"`
}

// Statuses of a comparison.
const (
	ReconciliationComparing = "comparing"
	ReconciliationAgreed    = "agreed"
	ReconciliationDiffers   = "differs"
	ReconciliationFailed    = "failed"
)

// ReconciliationState is where a comparison stands.
type ReconciliationState struct {
	Status string `json:"status"`
	// Waits says that another comparison of the organization is under way.
	Waits bool `json:"waits,omitempty"`
	// Compared is how many charges were held against the books, Differences in how
	// many places the two differ now, Mended in how many they did until the flows
	// of the payments asked again.
	Compared    int    `json:"compared"`
	Differences int    `json:"differences"`
	Mended      int    `json:"mended"`
	Failure     string `json:"failure,omitempty"`
}

// BeginReconciliation stores a comparison, unless another one of the organization
// is under way: then it is to be asked again.
func (a *Activities) BeginReconciliation(ctx context.Context, in ReconciliationInput) (ReconciliationState, error) {
	var state ReconciliationState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		row, err := q.GetReconciliation(ctx, dbsqlc.GetReconciliationParams{OrgID: in.Org, ID: in.Reconciliation})
		if !db.NotFound(err) {
			state = reconciliationState(row)
			return err
		}
		if in.Request == nil {
			return portal.NotFound("comparison")
		}
		org, err := q.GetOrganization(ctx, in.Org)
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(org.TimeZone)
		if err != nil {
			return fmt.Errorf("reading the time zone: %w", err)
		}
		r := in.Request
		if r.From.After(r.To) {
			return portal.Invalid("The first day is after the last one.", portal.Field("from", "Choose a day up to %s.", r.To))
		}
		n, err := q.InsertReconciliation(ctx, dbsqlc.InsertReconciliationParams{
			OrgID: in.Org, ID: in.Reconciliation, Daily: r.Daily, AskedByName: r.By, FromDay: r.From, ToDay: r.To,
			FromAt: r.From.StartOfDay(zone), ToAt: r.To.EndOfDay(zone), At: a.now(),
		})
		state = ReconciliationState{Status: ReconciliationComparing, Waits: n == 0}
		return err
	})
	return state, boundary(err)
}

// readReconciliation is the comparison as it stands.
func (a *Activities) readReconciliation(ctx context.Context, ref ReconciliationRef) (state ReconciliationState, err error) {
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		row, err := q.GetReconciliation(ctx, dbsqlc.GetReconciliationParams{OrgID: ref.Org, ID: ref.Reconciliation})
		if err != nil {
			return err
		}
		state = reconciliationState(row)
		if state.Status != ReconciliationComparing {
			return nil
		}
		n, err := q.CountDifferences(ctx, dbsqlc.CountDifferencesParams{OrgID: ref.Org, ReconciliationID: ref.Reconciliation})
		state.Differences, state.Mended = int(n.Standing), int(n.Mended)
		return err
	})
	return state, boundary(err)
}

func reconciliationState(r dbsqlc.Reconciliation) ReconciliationState {
	return ReconciliationState{Status: r.Status, Compared: int(r.Compared), Differences: int(r.Differences), Mended: int(r.Mended), Failure: r.Failure}
}

// FinishReconciliationInput ends a comparison; Failure says why it could not be made.
type FinishReconciliationInput struct {
	ReconciliationRef
	Failure string `json:"failure,omitempty"`
}

// FinishReconciliation ends a comparison. Staff are told when there is a
// difference, or when it could not be made.
func (a *Activities) FinishReconciliation(ctx context.Context, in FinishReconciliationInput) (ReconciliationState, error) {
	var state ReconciliationState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		now := a.now()
		n, err := q.EndReconciliation(ctx, dbsqlc.EndReconciliationParams{OrgID: in.Org, ID: in.Reconciliation, Failure: in.Failure, At: now})
		if err != nil {
			return err
		}
		row, err := q.GetReconciliation(ctx, dbsqlc.GetReconciliationParams{OrgID: in.Org, ID: in.Reconciliation})
		if err != nil {
			return err
		}
		state = reconciliationState(row)
		if n > 0 {
			kind := map[string]string{
				ReconciliationAgreed: "reconciliation.agreed", ReconciliationDiffers: "reconciliation.differed", ReconciliationFailed: "reconciliation.failed",
			}[row.Status]
			data := map[string]any{"from": row.FromDay.String(), "to": row.ToDay.String(), "differences": row.Differences}
			if row.Failure != "" {
				data["reason"] = row.Failure
			}
			if err := a.record(ctx, q, happened{
				org: in.Org, kind: kind, subject: "reconciliation", id: in.Reconciliation, by: system(), internal: true, at: now, data: data,
			}); err != nil {
				return err
			}
		}
		return q.CloseReconciliationFlow(ctx, dbsqlc.CloseReconciliationFlowParams{OrgID: in.Org, ID: in.Reconciliation})
	})
	return state, boundary(err)
}
