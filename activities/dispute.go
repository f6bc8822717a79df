package activities

import (
	"context"
	"strings"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// applyDispute moves a dispute to what the processor says, whatever was heard of
// it before. Money that was taken is owed again; money that came back pays again
// what it had paid.
func (a *Activities) applyDispute(ctx context.Context, payment dbsqlc.Payment, d gateway.Dispute) error {
	if !strings.EqualFold(d.Currency, string(payment.Currency)) || d.IntentID != payment.IntentID {
		return mismatch("dispute %s in %s of %s isn't of payment %s", d.ID, d.Currency, d.IntentID, payment.ID)
	}
	amount := portal.FromProcessor(d.Amount, payment.Currency).Amount
	return a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		p, err := a.lockBooks(ctx, q, payment)
		if err != nil {
			return err
		}
		now := a.now()
		fresh, err := q.InsertDispute(ctx, dbsqlc.InsertDisputeParams{
			OrgID: p.OrgID, ID: a.NewID(), CustomerID: p.CustomerID, PaymentID: p.ID, Account: p.Account, ProcessorDispute: d.ID,
			Status: string(d.Status), Reason: d.Reason, Currency: p.Currency, Amount: amount, OpenedAt: d.Created, At: now,
		})
		if err != nil {
			return err
		}
		row, err := q.LockDispute(ctx, dbsqlc.LockDisputeParams{OrgID: p.OrgID, Account: p.Account, ProcessorDispute: d.ID})
		if err != nil {
			return err
		}
		if row.Amount != amount {
			return mismatch("dispute %s is over %d, and was over %d", d.ID, amount, row.Amount)
		}
		next := dbsqlc.MoveDisputeParams{OrgID: row.OrgID, ID: row.ID, Status: string(d.Status), TakenAt: row.TakenAt, RestoredAt: row.RestoredAt, At: now}
		kind := ""
		switch {
		case d.Status.MoneyTaken() && row.TakenAt == nil:
			kind, next.TakenAt = "payment.disputed", &now
			if p.Kind == "bank_debit" {
				kind = "payment.returned"
			}
			if _, _, err := a.takeBack(ctx, q, p, amount, cause{dispute: &row.ID}, now); err != nil {
				return err
			}
		case d.Status == gateway.DisputeWon && row.TakenAt != nil && row.RestoredAt == nil:
			kind, next.RestoredAt = "payment.dispute_won", &now
			if err := a.giveBack(ctx, q, p, amount, cause{dispute: &row.ID}, now); err != nil {
				return err
			}
		case d.Status == gateway.DisputeLost && row.Status != string(d.Status):
			kind = "payment.dispute_lost"
		case fresh > 0 && !d.Status.MoneyTaken() && d.Status != gateway.DisputeWon:
			kind = "payment.inquired"
		}
		if kind == "" && row.Status == string(d.Status) {
			return nil
		}
		if err := q.MoveDispute(ctx, next); err != nil || kind == "" {
			return err
		}
		if err := q.OpenPaymentFlow(ctx, dbsqlc.OpenPaymentFlowParams{OrgID: p.OrgID, ID: p.ID}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: p.OrgID, customer: p.CustomerID, kind: kind, subject: "payment", id: p.ID, by: system(), at: now,
			// What is between the organization and its bank is not the customer's to read.
			internal: kind == "payment.inquired" || kind == "payment.dispute_lost",
			data:     map[string]any{"amount": amount, "currency": p.Currency, "code": d.Reason},
		})
	})
}
