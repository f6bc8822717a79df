package activities

import (
	"context"
	"errors"
	"fmt"

	"countersign/db/dbsqlc"
	"countersign/gateway"
)

// errBeingChanged is a method that somebody is changing just now: what the
// processor says of it may be half of that.
var errBeingChanged = errors.New("the method is being changed; it is looked at again")

// RefreshMethod takes over what the processor says of a saved method now, R38: banks
// replace cards and tell the processor, and what is detached there can't be
// charged. It says in a word what it did; of a method that isn't ours it does
// nothing.
func (a *Activities) RefreshMethod(ctx context.Context, account, processorMethod string) (string, error) {
	var found []dbsqlc.PaymentMethod
	err := a.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		found, err = q.FindProcessorMethodAcross(ctx, dbsqlc.FindProcessorMethodAcrossParams{Account: account, ProcessorMethod: processorMethod})
		return err
	})
	if err != nil {
		return "", err
	}
	if len(found) == 0 || found[0].RemovedAt != nil {
		return "ignored: it is not kept here", nil
	}
	before := found[0]
	there, err := a.Gateway.GetMethod(ctx, account, processorMethod)
	if gateway.KindOf(err) == gateway.NotFound {
		return "ignored: the processor doesn't know it", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the method: %w", err)
	}
	now := a.now()
	said := "ignored: nothing new"
	err = a.in(ctx, before.OrgID, func(q *dbsqlc.Queries) error {
		row, err := q.LockPaymentMethod(ctx, dbsqlc.LockPaymentMethodParams{OrgID: before.OrgID, ID: before.ID})
		if err != nil || row.RemovedAt != nil {
			return err
		}
		changing, err := q.IsMethodBeingEdited(ctx, dbsqlc.IsMethodBeingEditedParams{OrgID: row.OrgID, MethodID: row.ID})
		if err != nil {
			return err
		}
		if changing || row.Version != before.Version {
			return errBeingChanged
		}
		data := map[string]any{"kind": row.Kind, "brand": row.Brand, "last4": row.Last4}
		kind := "payment_method.refreshed"
		if there.CustomerID == "" {
			// Its removal's flow finds that there is nothing left to detach.
			kind, said = "payment_method.detached", "removed: it is detached at the processor"
			_, err = q.RemovePaymentMethod(ctx, dbsqlc.RemovePaymentMethodParams{OrgID: row.OrgID, CustomerID: row.CustomerID, ID: row.ID, At: &now})
		} else {
			var gone bool
			if gone, err = a.giveWay(ctx, q, row, there.Fingerprint, system(), now); err != nil || gone {
				said = "replaced: the same is saved already"
				return err
			}
			parts := changedParts(row, there)
			if len(parts) == 0 {
				return nil
			}
			said, data["changed"] = "applied", parts
			_, err = q.RefreshPaymentMethod(ctx, dbsqlc.RefreshPaymentMethodParams{
				OrgID: row.OrgID, ID: row.ID, Brand: there.Brand, Last4: there.Last4, ExpMonth: int32(there.ExpMonth), ExpYear: int32(there.ExpYear), Fingerprint: there.Fingerprint,
				BillingName: there.Billing.Name, BillingEmail: there.Billing.Email, BillingPhone: there.Billing.Phone, BillingAddress: addressOf(there.Billing.Address),
			})
		}
		if err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: row.OrgID, customer: row.CustomerID, kind: kind, subject: "payment_method", id: row.ID, by: system(), at: now, data: data,
		})
	})
	return said, err
}
