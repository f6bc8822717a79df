package activities

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// MailTimesheetInput is one round of emails about a timesheet.
type MailTimesheetInput struct {
	TimesheetRef
	// Template is timesheet_submitted, timesheet_reminder, timesheet_decided or timesheet_recalled.
	Template string `json:"template"`
	// Send tells one reminder from the next.
	Send int `json:"send"`
}

// MailTimesheet emails those of the customer's contacts who may approve. What
// asks for a decision isn't sent once there is nothing to decide, and that it was
// taken back is told to those alone who had been asked. While customers may not
// see timesheets, nothing is sent.
func (a *Activities) MailTimesheet(ctx context.Context, in MailTimesheetInput) error {
	var (
		sheet      dbsqlc.Timesheet
		project    dbsqlc.Project
		customer   dbsqlc.Customer
		org        dbsqlc.Organization
		settings   dbsqlc.Setting
		recipients []dbsqlc.Contact
		decisions  []dbsqlc.Decision
		sent       []dbsqlc.Delivery
		recalledBy dbsqlc.Event
	)
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		if sheet, err = q.GetTimesheet(ctx, dbsqlc.GetTimesheetParams{OrgID: in.Org, ID: in.Timesheet}); err != nil {
			return err
		}
		if project, err = q.GetProject(ctx, dbsqlc.GetProjectParams{OrgID: in.Org, ID: sheet.ProjectID}); err != nil {
			return err
		}
		if customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: in.Org, ID: sheet.CustomerID}); err != nil {
			return err
		}
		if org, err = q.GetOrganization(ctx, in.Org); err != nil {
			return err
		}
		if settings, err = q.GetSettings(ctx, in.Org); err != nil {
			return err
		}
		if decisions, err = q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: in.Org, DocumentKind: "timesheet", DocumentID: sheet.ID, Version: sheet.Version}); err != nil {
			return err
		}
		if sent, err = q.ListDeliveriesOfSubject(ctx, dbsqlc.ListDeliveriesOfSubjectParams{OrgID: in.Org, SubjectID: sheet.ID}); err != nil {
			return err
		}
		if recalledBy, err = recall(ctx, q, sheet); err != nil {
			return err
		}
		recipients, err = q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: in.Org, CustomerID: sheet.CustomerID})
		return err
	})
	if err != nil {
		return boundary(err)
	}
	asks := in.Template == "timesheet_submitted" || in.Template == "timesheet_reminder"
	if !settings.Timesheets || asks && !sheet.Status.Live() {
		return nil
	}
	values := map[string]string{
		"customer_name": customer.Name, "project_name": project.Name, "timesheet_number": sheet.Number, "message": sheet.Message,
		"hours":          portal.FormatHours(sheet.Hours, org.Locale),
		"period":         portal.FormatPeriod(sheet.FromDay, sheet.ToDay, org.Locale),
		"timesheet_link": a.address(org, "timesheets", sheet.ID),
		"outcome":        inWords(sheet.Status),
		"recalled_by":    recalledBy.ActorName,
		"reason":         reasonOf(recalledBy),
	}
	for _, d := range decisions {
		values["decided_by"], values["decided_on"], values["reason"] = d.ContactName, dayIn(org, d.DecidedAt), d.Reason
		if sheet.ApprovedCount > 0 {
			values["approved_hours"] = portal.FormatHours(sheet.ApprovedHours, org.Locale)
		}
		if sheet.ApprovedCount < sheet.EntryCount {
			values["rejected_hours"] = portal.FormatHours(sheet.Hours.Sub(sheet.ApprovedHours), org.Locale)
		}
	}
	for _, contact := range approversOf(recipients) {
		if in.Template == "timesheet_recalled" && !wasAsked(sent, contact.ID) {
			continue
		}
		err := a.deliver(ctx, letter{
			org: org, customer: customer.ID, to: toContact(contact), template: in.Template, subject: "timesheet", id: sheet.ID, send: in.Send, values: values,
		})
		if err != nil {
			return boundary(err)
		}
	}
	return nil
}

// recall is the event of a recall, or none.
func recall(ctx context.Context, q *dbsqlc.Queries, sheet dbsqlc.Timesheet) (dbsqlc.Event, error) {
	if sheet.Status != portal.TimesheetRecalled {
		return dbsqlc.Event{}, nil
	}
	events, err := q.ListEventsOfSubject(ctx, dbsqlc.ListEventsOfSubjectParams{OrgID: sheet.OrgID, SubjectID: sheet.ID})
	if err != nil {
		return dbsqlc.Event{}, err
	}
	for _, e := range slices.Backward(events) {
		if e.Kind == "timesheet.recalled" {
			return e, nil
		}
	}
	return dbsqlc.Event{}, nil
}

// approversOf are the recipients who may approve, N8; everybody where nobody
// may, since somebody must learn of it.
func approversOf(recipients []dbsqlc.Contact) []dbsqlc.Contact {
	may := slices.DeleteFunc(slices.Clone(recipients), func(c dbsqlc.Contact) bool {
		return !slices.Contains(c.Roles, string(portal.RoleApprove))
	})
	if len(may) == 0 {
		return recipients
	}
	return may
}

func wasAsked(sent []dbsqlc.Delivery, contact uuid.UUID) bool {
	return slices.ContainsFunc(sent, func(d dbsqlc.Delivery) bool {
		return d.Template == "timesheet_submitted" && d.ContactID != nil && *d.ContactID == contact && d.SentAt != nil
	})
}
