package documents

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

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
	project, err := q.GetProject(ctx, dbsqlc.GetProjectParams{OrgID: s.org.ID, ID: sheet.ProjectID})
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
		Title: project.Name, Version: int(decision.Version), More: s.timesheetFacts(sheet),
		Decision: decided, ContentHash: hex.EncodeToString(decision.ContentHash),
	}, s.org.Name, "Certificate of decision on timesheet "+sheet.Number)
}

// timesheetFacts say how much work a timesheet is of, and how much of it was approved.
func (s sides) timesheetFacts(sheet dbsqlc.Timesheet) []pdf.Fact {
	days := sheet.FromDay.Format(s.org.Locale)
	if sheet.ToDay != sheet.FromDay {
		days += " – " + sheet.ToDay.Format(s.org.Locale)
	}
	return []pdf.Fact{
		{Label: "Days", Words: days},
		{Label: "Work", Words: work(sheet.Hours, sheet.EntryCount)},
		{Label: "Approved", Words: work(sheet.ApprovedHours, sheet.ApprovedCount)},
	}
}

func work(hours decimal.Decimal, entries int32) string {
	if entries == 0 {
		return "nothing"
	}
	in := "entries"
	if entries == 1 {
		in = "entry"
	}
	return fmt.Sprintf("%s %s in %d %s", hours, portal.UnitWords(hours.String(), "hours"), entries, in)
}

// decision is what was decided, with its time in the organization's zone.
func (s sides) decision(d dbsqlc.Decision) pdf.Decision {
	return pdf.Decision{
		Accepted: d.Decision == string(portal.EstimateAccepted), By: d.ContactName, Email: d.ContactEmail, At: d.DecidedAt.In(s.zone),
		Reason: d.Reason, IP: d.IP, UserAgent: d.UserAgent,
	}
}
