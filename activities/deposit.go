package activities

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// DepositInvoiceID is the invoice that the acceptance of a version makes, if it
// asks for a deposit.
func DepositInvoiceID(estimate uuid.UUID, version int) uuid.UUID {
	return portal.DerivedID("deposit-invoice", estimate.String(), fmt.Sprint(version))
}

// depositPlan is how the total of a version is split once it is accepted on a day:
// the deposit at once, and the rest on the customer's terms.
func depositPlan(version dbsqlc.EstimateVersion, customer dbsqlc.Customer, day portal.Date) portal.Plan {
	return portal.Plan{
		DepositPercent: version.DepositPercent.String(), Parts: 1, FirstOn: day.AddDays(max(int(customer.TermsDays), 1)), Every: portal.PlanMonthly,
	}
}

// invoiceDeposit makes and sends the invoice of a version that is being accepted,
// in the transaction of the decision: whoever accepted can pay the deposit at once.
func (a *Activities) invoiceDeposit(ctx context.Context, q *dbsqlc.Queries, estimate dbsqlc.Estimate, version dbsqlc.EstimateVersion) error {
	if !version.DepositPercent.IsPositive() {
		return nil
	}
	org, err := q.GetOrganization(ctx, estimate.OrgID)
	if err != nil {
		return err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: estimate.OrgID, ID: estimate.CustomerID})
	if err != nil {
		return err
	}
	now := a.now()
	day := portal.DateOf(now, zoneOf(org))
	plan := depositPlan(version, customer, day)
	parts, err := plan.Split(portal.NewMoney(version.Total, estimate.Currency), day)
	if err != nil {
		return err
	}
	n, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: estimate.OrgID, Kind: "invoice"})
	if err != nil {
		return err
	}
	id, number := DepositInvoiceID(estimate.ID, int(version.Version)), fmt.Sprintf("INV-%04d", n)
	if err := q.InsertInvoice(ctx, dbsqlc.InsertInvoiceParams{
		OrgID: estimate.OrgID, ID: id, CustomerID: estimate.CustomerID, EstimateID: &estimate.ID, Number: number, Currency: estimate.Currency,
		Title: version.Title, Notes: version.Notes, Terms: version.Terms, IssueDate: day, DueDate: parts[len(parts)-1].DueOn,
		DiscountPercent: version.DiscountPercent, Subtotal: version.Subtotal, Discount: version.Discount, Tax: version.Tax, Total: version.Total,
		WaysToPay: []string{"card", "bank_debit", "bank_transfer"}, Plan: &plan, At: now,
	}); err != nil {
		return err
	}
	if err := copyLines(ctx, q, version, id); err != nil {
		return err
	}
	split := dbsqlc.InsertInstallmentsParams{OrgID: estimate.OrgID, InvoiceID: id}
	for _, p := range parts {
		split.DueOn, split.Amounts = append(split.DueOn, p.DueOn.String()), append(split.Amounts, p.Amount)
	}
	if err := q.InsertInstallments(ctx, split); err != nil {
		return err
	}
	if _, err := q.SendInvoice(ctx, dbsqlc.SendInvoiceParams{OrgID: estimate.OrgID, ID: id, At: &now}); err != nil {
		return err
	}
	return a.record(ctx, q, happened{
		org: estimate.OrgID, customer: estimate.CustomerID, kind: "invoice.sent", subject: "invoice", id: id, by: system(), at: now,
		data: map[string]any{"number": number, "total": version.Total, "currency": estimate.Currency, "due_date": parts[0].DueOn},
	})
}

// copyLines takes the lines of a version over into an invoice, as they were accepted.
func copyLines(ctx context.Context, q *dbsqlc.Queries, version dbsqlc.EstimateVersion, invoice uuid.UUID) error {
	lines, err := q.ListEstimateLines(ctx, dbsqlc.ListEstimateLinesParams{OrgID: version.OrgID, EstimateID: version.EstimateID, Version: version.Version})
	if err != nil {
		return err
	}
	in := dbsqlc.InsertInvoiceLinesParams{OrgID: version.OrgID, InvoiceID: invoice}
	for _, l := range lines {
		in.Descriptions, in.Quantities, in.Units = append(in.Descriptions, l.Description), append(in.Quantities, l.Quantity), append(in.Units, l.Unit)
		in.UnitPrices, in.Amounts = append(in.UnitPrices, l.UnitPrice), append(in.Amounts, l.Amount)
		in.DiscountPercents, in.TaxPercents = append(in.DiscountPercents, l.DiscountPercent), append(in.TaxPercents, l.TaxPercent)
	}
	return q.InsertInvoiceLines(ctx, in)
}
