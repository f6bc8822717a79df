package documents

import (
	"context"
	"encoding/hex"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/pdf"
	"countersign/portal"
)

// Certificate draws the evidence of a decision, N2. A decision that isn't there is
// pgx.ErrNoRows.
func Certificate(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID) (File, error) {
	decision, err := q.GetDecisionByID(ctx, dbsqlc.GetDecisionByIDParams{OrgID: org, ID: id})
	if err != nil {
		return File{}, err
	}
	s, err := readSides(ctx, q, org, decision.CustomerID)
	if err != nil {
		return File{}, err
	}
	if decision.DocumentKind == "timesheet" {
		return timesheetCertificate(ctx, q, s, decision)
	}
	estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: org, ID: decision.DocumentID})
	if err != nil {
		return File{}, err
	}
	version, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: org, EstimateID: estimate.ID, Version: decision.Version})
	if err != nil {
		return File{}, err
	}
	return drawn(pdf.Certificate{
		From: s.from, To: s.to, ID: decision.ID.String(), Kind: "Estimate", Number: estimate.Number, Title: version.Title,
		Version: int(decision.Version), Total: portal.NewMoney(version.Total, estimate.Currency),
		Decision: s.decision(decision), ContentHash: hex.EncodeToString(decision.ContentHash),
	}, s.org.Name, "Certificate of decision on estimate "+estimate.Number)
}

func timesheetCertificate(ctx context.Context, q *dbsqlc.Queries, s sides, decision dbsqlc.Decision) (File, error) {
	sheet, err := q.GetTimesheet(ctx, dbsqlc.GetTimesheetParams{OrgID: s.org.ID, ID: decision.DocumentID})
	if err != nil {
		return File{}, err
	}
	decided := s.decision(decision)
	switch decision.Decision {
	case "approved":
		decided.Accepted, decided.Verb = true, "Approved"
	case "partly_approved":
		decided.Accepted, decided.Verb = true, "Partly approved"
	default:
		decided.Verb = "Rejected"
	}
	return drawn(pdf.Certificate{
		From: s.from, To: s.to, ID: decision.ID.String(), Kind: "Timesheet", Number: sheet.Number,
		Title:   sheet.Hours.String() + " hours, " + sheet.FromDay.Format(s.org.Locale) + " – " + sheet.ToDay.Format(s.org.Locale),
		Version: int(decision.Version), Decision: decided, ContentHash: hex.EncodeToString(decision.ContentHash),
	}, s.org.Name, "Certificate of decision on timesheet "+sheet.Number)
}

// decision is what was decided, with its time in the organization's zone.
func (s sides) decision(d dbsqlc.Decision) pdf.Decision {
	return pdf.Decision{
		Accepted: d.Decision == string(portal.EstimateAccepted), By: d.ContactName, Email: d.ContactEmail, At: d.DecidedAt.In(s.zone),
		Reason: d.Reason, IP: d.IP, UserAgent: d.UserAgent,
	}
}
