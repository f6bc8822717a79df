package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type timeBillingOperations struct {
	InvoiceTime    *Operation[InvoiceTimeInput, InvoiceOutput]
	DiscardInvoice *Operation[InvoiceInput, InvoiceDiscarded]
}

// InvoiceTimeInput writes a draft invoice of a project's time: of the entries
// named, of a timesheet's approved ones, or of all in a period that may be
// invoiced. Where approval was asked for, only what was approved may be, R46.
type InvoiceTimeInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Body    struct {
		Entries   []uuid.UUID  `json:"entries,omitempty" maxItems:"500"`
		Timesheet *uuid.UUID   `json:"timesheet,omitempty" doc:"Its approved entries, where no entries are named."`
		From      *portal.Date `json:"from,omitempty" doc:"The first day, where no entries are named."`
		To        *portal.Date `json:"to,omitempty" doc:"The last day, where no entries are named."`
		Group     string       `json:"group,omitempty" enum:"task,person,entry" default:"task" doc:"What shares a line: hours of a task, of a person on a task, or nothing. Hours at different rates never do."`

		Title      string      `json:"title,omitempty" maxLength:"200" doc:"The project's name, if none is given."`
		Notes      string      `json:"notes,omitempty" maxLength:"5000"`
		Terms      string      `json:"terms,omitempty" maxLength:"5000"`
		TaxPercent string      `json:"tax_percent,omitempty" pattern:"^([0-9]{1,3}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage such as 20" doc:"On every line."`
		IssueDate  portal.Date `json:"issue_date,omitzero" doc:"Today, if none is given."`
		DueDate    portal.Date `json:"due_date,omitzero" doc:"From the customer's terms, if none is given."`
	}
}

// InvoiceDiscarded is the answer to a discarded draft: nothing is left to tell.
type InvoiceDiscarded struct{}

func (a *API) declareTimeBilling() {
	invoice := ofTimesheets(portal.SideStaff)("invoice-time", http.MethodPost, "/projects/{project}/invoices", "Write a draft invoice of approved time", portal.ActionManageDocuments)
	invoice.status = http.StatusCreated
	a.InvoiceTime = declare(a, invoice, a.invoiceTime)
	a.DiscardInvoice = declare(a, route{
		id: "discard-invoice", method: http.MethodDelete, path: "/api/{org}/console/invoices/{invoice}", tag: "Invoices",
		summary: "Discard a draft; time that was on it can be invoiced again", side: portal.SideStaff, action: portal.ActionManageDocuments,
	}, a.discardInvoice)
}

func (a *API) invoiceTime(ctx context.Context, in *InvoiceTimeInput) (*InvoiceOutput, error) {
	p := principal(ctx)
	out := &InvoiceOutput{Status: http.StatusCreated}
	id := portal.BeginID(p.Org, p.Actor, "invoice-time:"+in.Project.String(), in.Key.Key)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, in.Project)
		if err != nil {
			return err
		}
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertTimeInvoice(ctx, q, project, id, in); err != nil {
				return err
			}
		}
		out.Body, err = a.readInvoice(ctx, q, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) insertTimeInvoice(ctx context.Context, q *dbsqlc.Queries, project dbsqlc.Project, id uuid.UUID, in *InvoiceTimeInput) error {
	p := principal(ctx)
	ids, err := timeToInvoice(ctx, q, project, in)
	if err != nil {
		return err
	}
	entries, err := q.LockTimeEntries(ctx, dbsqlc.LockTimeEntriesParams{OrgID: p.Org, ProjectID: project.ID, Ids: ids})
	if err != nil {
		return err
	}
	if err := invoiceable(ids, entries); err != nil {
		return err
	}
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return err
	}
	time := make([]portal.TimeToInvoice, 0, len(entries))
	for _, e := range entries {
		t := e.TimeEntry
		time = append(time, portal.TimeToInvoice{Day: t.Day, Hours: t.Hours, Task: e.TaskName, Staff: t.StaffName, Description: t.Description, Rate: t.Rate})
	}
	invoice := &CreateInvoiceInput{}
	invoice.Body.Customer, invoice.Body.Currency = project.CustomerID, string(project.Currency)
	invoice.Body.InvoiceContent = InvoiceContent{
		Title: in.Body.Title, Notes: in.Body.Notes, Terms: in.Body.Terms, IssueDate: in.Body.IssueDate, DueDate: in.Body.DueDate,
	}
	if invoice.Body.Title == "" {
		invoice.Body.Title = project.Name
	}
	group := portal.TimeGrouping(in.Body.Group)
	if group == "" {
		group = portal.GroupByTask
	}
	for _, line := range portal.TimeLines(time, group) {
		invoice.Body.Lines = append(invoice.Body.Lines, LineInput{
			Description: clip(line.Text(org.Locale), 2000), Quantity: line.Hours.String(), Unit: "hours", UnitPrice: line.Rate, TaxPercent: in.Body.TaxPercent,
		})
	}
	if err := a.insertInvoice(ctx, q, id, invoice); err != nil {
		return err
	}
	marked, err := q.InvoiceTimeEntries(ctx, dbsqlc.InvoiceTimeEntriesParams{OrgID: p.Org, InvoiceID: &id, Ids: ids, At: a.now()})
	if err != nil {
		return err
	}
	if int(marked) != len(ids) {
		return portal.Conflict("One of these entries was changed by someone else. Read them again.")
	}
	return a.record(ctx, q, p, happened{
		customer: project.CustomerID, kind: "project.invoiced", subject: "project", id: project.ID, internal: true,
		data: map[string]any{"invoice": id, "entries": len(ids)},
	})
}

// timeToInvoice is which entries a request means.
func timeToInvoice(ctx context.Context, q *dbsqlc.Queries, project dbsqlc.Project, in *InvoiceTimeInput) ([]uuid.UUID, error) {
	b := in.Body
	if len(b.Entries) > 0 {
		if b.Timesheet != nil || b.From != nil || b.To != nil {
			return nil, portal.Invalid("Choose entries, a timesheet or a period.", portal.Field("entries", "Choose entries, a timesheet or a period, not several of them."))
		}
		return b.Entries, nil
	}
	if b.Timesheet == nil && b.From == nil && b.To == nil {
		return nil, portal.Invalid("Choose entries, a timesheet or a period.", portal.Field("entries", "Choose entries, a timesheet or a period."))
	}
	if b.Timesheet != nil {
		sheet, err := timesheetOf(ctx, q, *b.Timesheet)
		if err != nil || sheet.ProjectID != project.ID {
			return nil, portal.Invalid("Choose a timesheet of this project.", portal.Field("timesheet", "Choose a timesheet of this project."))
		}
		if sheet.Status.Live() {
			return nil, portal.Conflict("Timesheet %s still waits for the customer's approval.", sheet.Number)
		}
	}
	ids, err := q.ListEntriesToInvoice(ctx, dbsqlc.ListEntriesToInvoiceParams{
		OrgID: project.OrgID, ProjectID: project.ID, TimesheetID: b.Timesheet, FromDay: b.From, ToDay: b.To, Most: portal.MaxTimesheetEntries + 1,
	})
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, portal.Conflict("There is no time here that can be invoiced: none is left, or the customer has not approved it.")
	case len(ids) > portal.MaxTimesheetEntries:
		return nil, portal.Invalid("This is too much for one invoice.", portal.Field("to", "There are more than %d entries. Choose a shorter period.", portal.MaxTimesheetEntries))
	}
	return ids, nil
}

// invoiceable says which of the chosen entries can't be invoiced, and why.
func invoiceable(ids []uuid.UUID, entries []dbsqlc.LockTimeEntriesRow) error {
	found := make(map[uuid.UUID]dbsqlc.TimeEntry, len(entries))
	for _, e := range entries {
		found[e.TimeEntry.ID] = e.TimeEntry
	}
	refusal := portal.Invalid("Some of this time can't be invoiced.")
	seen := make(map[uuid.UUID]bool, len(ids))
	for i, id := range ids {
		e, known := found[id]
		says := ""
		switch {
		case !known:
			says = "There is no such entry in this project."
		case seen[id]:
			says = "This entry is chosen twice."
		case !e.Billable:
			says = "This time isn't billable."
		case e.InvoiceID != nil:
			says = "This entry is invoiced already."
		case e.Approval == portal.EntryRejected:
			says = "The customer rejected this time: submit it again first."
		case !e.Approval.Invoiceable():
			says = "The customer has not approved this time yet."
		}
		seen[id] = true
		if says != "" {
			refusal.Fields = append(refusal.Fields, portal.Field(fmt.Sprintf("entries[%d]", i), "%s", says))
		}
	}
	if len(refusal.Fields) > 0 {
		return refusal
	}
	return nil
}

// freeTime makes the time on an invoice that is given up free to be invoiced again.
func (a *API) freeTime(ctx context.Context, q *dbsqlc.Queries, invoice uuid.UUID) error {
	_, err := q.FreeTimeEntriesOfInvoice(ctx, dbsqlc.FreeTimeEntriesOfInvoiceParams{OrgID: principal(ctx).Org, InvoiceID: invoice, At: a.now()})
	return err
}

func (a *API) discardInvoice(ctx context.Context, in *InvoiceInput) (*InvoiceDiscarded, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.LockInvoice(ctx, dbsqlc.LockInvoiceParams{OrgID: p.Org, ID: in.Invoice})
		if db.NotFound(err) {
			return portal.NotFound("invoice")
		}
		if err != nil {
			return err
		}
		if row.State != "draft" {
			return portal.Conflict("Invoice %s was sent; it can only be voided.", row.Number)
		}
		if err := a.freeTime(ctx, q, row.ID); err != nil {
			return err
		}
		if _, err := q.DeleteDraftInvoice(ctx, dbsqlc.DeleteDraftInvoiceParams{OrgID: p.Org, ID: row.ID}); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: row.CustomerID, kind: "invoice.discarded", subject: "invoice", id: row.ID, internal: true, data: map[string]any{"number": row.Number},
		})
	})
	if err != nil {
		return nil, err
	}
	return &InvoiceDiscarded{}, nil
}
