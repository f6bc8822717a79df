package documents

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/pdf"
	"countersign/portal"
)

// Estimate draws one version of an estimate, with the decision on it if there is
// one. Version 0 is the one last sent, or the draft of one that never was. An
// estimate or a version that isn't there is pgx.ErrNoRows.
func Estimate(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID, version int) (File, error) {
	estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: org, ID: id})
	if err != nil {
		return File{}, err
	}
	if version == 0 {
		version = max(int(estimate.Version), 1)
	}
	v, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: org, EstimateID: id, Version: int32(version)})
	if err != nil {
		return File{}, err
	}
	lines, err := q.ListEstimateLines(ctx, dbsqlc.ListEstimateLinesParams{OrgID: org, EstimateID: id, Version: int32(version)})
	if err != nil {
		return File{}, err
	}
	decisions, err := q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: org, DocumentKind: "estimate", DocumentID: id, Version: int32(version)})
	if err != nil {
		return File{}, err
	}
	s, err := readSides(ctx, q, org, estimate.CustomerID)
	if err != nil {
		return File{}, err
	}
	d := pdf.Estimate{
		From: s.from, To: s.to, Number: estimate.Number, Title: v.Title, Status: portal.EstimateStatus(v.Status),
		Issued: portal.DateOf(estimate.CreatedAt, s.zone), ValidUntil: v.ValidUntil, Notes: v.Notes, Terms: v.Terms,
	}
	if v.DepositPercent.IsPositive() {
		d.Terms = strings.TrimSpace("A deposit of " + v.DepositPercent.String() + "% of the total is due when this estimate is accepted.\n\n" + d.Terms)
	}
	if v.SentAt != nil {
		d.Issued = portal.DateOf(*v.SentAt, s.zone)
	}
	if version > 1 {
		d.Version = version // a first version needs no number
	}
	for _, l := range lines {
		d.Lines = append(d.Lines, lineOf(dbsqlc.InvoiceLine{
			Description: l.Description, Quantity: l.Quantity, Unit: l.Unit, UnitPrice: l.UnitPrice,
			DiscountPercent: l.DiscountPercent, TaxPercent: l.TaxPercent, Amount: l.Amount,
		}, estimate.Currency))
	}
	d.Totals = amounts{v.Subtotal, v.Discount, v.Tax, v.Total, v.DiscountPercent}.totals(d.Lines, estimate.Currency)
	for _, decision := range decisions {
		decided := s.decision(decision)
		d.Decision = &decided
	}
	return drawn(d, s.org.Name, "Estimate "+estimate.Number)
}
