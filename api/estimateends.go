package api

import (
	"context"
	"net/http"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// What staff do about an estimate besides writing and sending it: have it emailed again, withdraw it, discard a draft.

// WithdrawEstimateInput takes an estimate back that waits for a decision.
type WithdrawEstimateInput struct {
	Key
	EstimateInput
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"The customer reads it."`
	}
}

// EstimateDiscarded is the answer to a discarded draft: nothing is left to tell.
type EstimateDiscarded struct{}

func (a *API) declareEstimateEnds(staff func(id, method, path, summary string, action portal.Action) route) {
	a.ResendEstimate = declare(a, staff("resend-estimate", http.MethodPost, "/{estimate}/emails", "Email a sent estimate to the customer again", portal.ActionManageDocuments), a.resendEstimate)
	a.WithdrawEstimate = declare(a, staff("withdraw-estimate", http.MethodPost, "/{estimate}/withdrawal", "Withdraw an estimate that waits for a decision", portal.ActionManageDocuments), a.withdrawEstimate)
	a.DiscardEstimate = declare(a, staff("discard-estimate", http.MethodDelete, "/{estimate}/draft", "Discard the draft version; of an estimate that was never sent, all of it", portal.ActionManageDocuments), a.discardEstimate)
}

// resendEstimate has those emailed again who were emailed when it was sent. The email goes out as a notification: the flow of
// the estimate has sent its own.
func (a *API) resendEstimate(ctx context.Context, in *SendEstimateInput) (*EstimateOutput, error) {
	p := principal(ctx)
	id := portal.BeginID(p.Org, p.Actor, "resend-estimate:"+in.Estimate.String(), in.Key.Key)
	return a.changeEstimate(ctx, &EstimateInput{Estimate: in.Estimate}, func(q *dbsqlc.Queries, row dbsqlc.Estimate) error {
		done, err := a.once(ctx, q, id, nil)
		if err != nil || done {
			return err
		}
		if !row.Status.Live() {
			return portal.Conflict("Estimate %s doesn't wait for a decision. Nobody was emailed.", row.Number)
		}
		return a.record(ctx, q, p, happened{
			customer: row.CustomerID, kind: "estimate.resent", subject: "estimate", id: row.ID, internal: true, data: map[string]any{"number": row.Number, "version": row.Version},
		})
	})
}

// withdrawEstimate ends the version that was sent, and drops the one in writing. Its flow is woken, and ends; the sweep wakes it too.
func (a *API) withdrawEstimate(ctx context.Context, in *WithdrawEstimateInput) (*EstimateOutput, error) {
	p := principal(ctx)
	id := portal.BeginID(p.Org, p.Actor, "withdraw-estimate:"+in.Estimate.String(), in.Key.Key)
	out, err := a.changeEstimate(ctx, &in.EstimateInput, func(q *dbsqlc.Queries, row dbsqlc.Estimate) error {
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil || done {
			return err
		}
		if !row.Status.CanMove(portal.EstimateWithdrawn) {
			return portal.Conflict("Estimate %s was %s; it can't be withdrawn.", row.Number, row.Status)
		}
		now := a.now()
		if err := q.DropEstimateDraft(ctx, dbsqlc.DropEstimateDraftParams{OrgID: p.Org, ID: row.ID, At: now}); err != nil {
			return err
		}
		if _, err := q.EndEstimateVersion(ctx, dbsqlc.EndEstimateVersionParams{
			OrgID: p.Org, EstimateID: row.ID, Version: row.Version, Status: string(portal.EstimateWithdrawn), At: &now,
		}); err != nil {
			return err
		}
		if _, err := q.EndEstimate(ctx, dbsqlc.EndEstimateParams{OrgID: p.Org, ID: row.ID, Version: row.Version, Status: portal.EstimateWithdrawn, At: now}); err != nil {
			return err
		}
		data := map[string]any{"number": row.Number, "version": row.Version}
		if in.Body.Reason != "" {
			data["reason"] = in.Body.Reason
		}
		return a.record(ctx, q, p, happened{customer: row.CustomerID, kind: "estimate.withdrawn", subject: "estimate", id: row.ID, data: data})
	})
	if err == nil {
		a.wake(ctx, workflows.EstimateID(in.Estimate, out.Body.Version))
	}
	return out, err
}

// changeEstimate does something with an estimate that is locked, and reads what it came to.
func (a *API) changeEstimate(ctx context.Context, in *EstimateInput, change func(*dbsqlc.Queries, dbsqlc.Estimate) error) (*EstimateOutput, error) {
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.LockEstimate(ctx, dbsqlc.LockEstimateParams{OrgID: principal(ctx).Org, ID: in.Estimate})
		if err != nil {
			return err
		}
		return change(q, row)
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("estimate")
	}
	if err != nil {
		return nil, err
	}
	return a.getEstimate(ctx, in)
}

// discardEstimate drops the version that is being written, and an estimate that was never sent with it.
func (a *API) discardEstimate(ctx context.Context, in *EstimateInput) (*EstimateDiscarded, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.LockEstimate(ctx, dbsqlc.LockEstimateParams{OrgID: p.Org, ID: in.Estimate})
		if err != nil {
			return err
		}
		if row.DraftVersion == nil {
			return portal.Conflict("Estimate %s has no draft: it was sent. Withdraw it, if nobody is to decide on it.", row.Number)
		}
		if err := q.DropEstimateDraft(ctx, dbsqlc.DropEstimateDraftParams{OrgID: p.Org, ID: row.ID, At: a.now()}); err != nil {
			return err
		}
		if row.Version == 0 {
			if _, err := q.DeleteDraftEstimate(ctx, dbsqlc.DeleteDraftEstimateParams{OrgID: p.Org, ID: row.ID}); err != nil {
				return err
			}
		}
		return a.record(ctx, q, p, happened{
			customer: row.CustomerID, kind: "estimate.discarded", subject: "estimate", id: row.ID, internal: true,
			data: map[string]any{"number": row.Number, "version": *row.DraftVersion},
		})
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("estimate")
	}
	if err != nil {
		return nil, err
	}
	return &EstimateDiscarded{}, nil
}
