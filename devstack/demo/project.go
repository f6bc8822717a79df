package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// project is work for a customer on which time is logged.
type project struct {
	customer, name, about string
	// rate is what an hour costs where its task says nothing else.
	rate   int64
	tax    string
	closed bool
	tasks  []task
	stints []stint
}

// task is a part of a project.
type task struct {
	name string
	rate int64
	// internal time is not billable.
	internal bool
	// by is which of the staff works on it.
	by int
	// often is on how many days in a hundred.
	often int
	// done are descriptions of a day's work, one after the other.
	done []string
}

// stint is some weeks of a project, and what became of their time.
type stint struct {
	// from and until are how many days ago it began and ended.
	from, until int
	// asked is what the customer said of it: "" was never asked, and submitted is
	// begun, so that its flow runs.
	asked portal.TimesheetStatus
	// message to the customer, and the reason of whatever was rejected.
	message, reason string
	// invoiced says that what may be invoiced was.
	invoiced bool
}

// undertaking is a project in its year.
type undertaking struct {
	project
	id      uuid.UUID
	buyer   *buyer
	began   time.Time
	entries []*entry
	sheets  []*sheet
}

// entry is a day's work on a task.
type entry struct {
	id       uuid.UUID
	task     int
	day      day
	at       time.Time
	hours    decimal.Decimal
	text     string
	sheet    *sheet
	approval portal.EntryApproval
	bill     *bill
}

// sheet is a timesheet that was decided.
type sheet struct {
	stint
	id                 uuid.UUID
	number             string
	entries            []*entry
	submitted, decided time.Time
}

// undertake makes the projects with their time, and the invoices of it.
func (y *year) undertake() error {
	for _, p := range y.b.projects {
		b := y.named(p.customer)
		if b == nil {
			return fmt.Errorf("%s has no customer %q", y.b.name, p.customer)
		}
		u := &undertaking{project: p, id: y.projectID(p), buyer: b}
		l := chance(y.b.slug, "project", p.name)
		u.began = y.at(y.ago(p.stints[0].from+l.between(3, 9)), l)
		for i, s := range p.stints {
			worked := y.workOn(u, s, l)
			if err := y.ask(u, s, i, worked, l); err != nil {
				return err
			}
		}
		y.projects = append(y.projects, u)
	}
	y.numberSheets()
	return nil
}

func (y *year) projectID(p project) uuid.UUID { return y.id("project", p.customer, p.name) }

func (y *year) sheetID(p project, stint int) uuid.UUID {
	return y.id("timesheet", p.customer, p.name, fmt.Sprint(stint))
}

// workOn logs the time of a stint.
func (y *year) workOn(u *undertaking, s stint, l luck) []*entry {
	var worked []*entry
	for d := y.today.AddDays(-s.from); !d.After(y.today.AddDays(-s.until)); d = d.AddDays(1) {
		for i, t := range u.tasks {
			hit, halves, minutes := l.hits(t.often), l.between(2, 11), l.between(0, 90)
			if !hit || !y.working(d) {
				continue
			}
			n := len(u.entries) + len(worked)
			worked = append(worked, &entry{
				id: y.id("time", u.id.String(), d.String(), t.name), task: i, day: d, at: y.clock(d, 16, 30).Add(time.Duration(minutes) * time.Minute),
				hours: decimal.NewFromInt(int64(halves)).Div(decimal.NewFromInt(2)), text: t.done[n%len(t.done)], approval: portal.EntryNone,
			})
		}
	}
	u.entries = append(u.entries, worked...)
	return worked
}

// ask has the customer decide on a stint that was decided on, and invoices it.
func (y *year) ask(u *undertaking, s stint, n int, worked []*entry, l luck) error {
	worked = slices.DeleteFunc(slices.Clone(worked), func(e *entry) bool { return u.tasks[e.task].internal })
	if len(worked) < 2 {
		return fmt.Errorf("nobody worked on %q", u.name)
	}
	invoiceFrom := y.today.AddDays(-s.until)
	if s.asked.Final() {
		sheet := &sheet{stint: s, id: y.sheetID(u.project, n), entries: worked}
		day := y.onOrAfter(y.today.AddDays(1 - s.until))
		sheet.submitted = y.at(day, l)
		sheet.decided = y.clock(y.onOrAfter(day.AddDays(l.between(1, 2))), 8, 0).Add(time.Duration(l.between(0, 10*3600)) * time.Second)
		invoiceFrom = portal.DateOf(sheet.decided, y.zone)
		for i, e := range worked {
			e.sheet, e.approval = sheet, portal.EntryApproved
			switch {
			case s.asked == portal.TimesheetRecalled:
				e.sheet, e.approval = nil, portal.EntryNone
			case s.asked == portal.TimesheetRejected, s.asked == portal.TimesheetPartlyApproved && i == len(worked)/2:
				e.approval = portal.EntryRejected
			}
		}
		u.sheets = append(u.sheets, sheet)
	}
	if !s.invoiced {
		return nil
	}
	return y.invoiceTime(u, worked, y.onOrAfter(invoiceFrom.AddDays(2)), n)
}

// invoiceTime writes the invoice of what may be invoiced.
func (y *year) invoiceTime(u *undertaking, worked []*entry, issue day, n int) error {
	worked = slices.DeleteFunc(slices.Clone(worked), func(e *entry) bool { return !e.approval.Invoiceable() })
	charged := make([]portal.TimeToInvoice, 0, len(worked))
	for _, e := range worked {
		charged = append(charged, portal.TimeToInvoice{Day: e.day, Hours: e.hours, Task: u.tasks[e.task].name, Rate: u.rateOf(e.task)})
	}
	c := content{discount: percent(u.buyer.discount)}
	for _, line := range portal.TimeLines(charged, portal.GroupByTask) {
		c.lines = append(c.lines, portal.LineInput{Description: line.Text(y.b.locale), Quantity: line.Hours, UnitPrice: line.Rate, TaxPercent: percent(u.tax)})
		c.units = append(c.units, "hours")
	}
	var err error
	if c.totals, err = portal.ComputeTotals(y.b.currency, c.lines, c.discount); err != nil {
		return fmt.Errorf("adding up the time of %q: %w", u.name, err)
	}
	name := fmt.Sprintf("time of %s %d", u.name, n)
	of := y.add(u.buyer, name, u.name, c, issue, chance(y.b.slug, u.buyer.name, name))
	for _, e := range worked {
		e.bill = of
	}
	return nil
}

func (p project) rateOf(task int) int64 { return cmp.Or(p.tasks[task].rate, p.rate) }

// numberSheets gives the timesheets their numbers in the order they were sent in.
func (y *year) numberSheets() {
	for _, u := range y.projects {
		y.sheets = append(y.sheets, u.sheets...)
	}
	slices.SortFunc(y.sheets, func(a, b *sheet) int {
		return cmp.Or(a.submitted.Compare(b.submitted), cmp.Compare(a.id.String(), b.id.String()))
	})
	for i, s := range y.sheets {
		s.number = fmt.Sprintf("TS-%04d", i+1)
	}
}

func (y *year) writeProjects(r *rows) error {
	lead := y.staffMember(0)
	for _, u := range y.projects {
		row := dbsqlc.Project{
			OrgID: y.org, ID: u.id, CustomerID: u.buyer.row.ID, Name: u.name, Description: u.about, Status: "active", Currency: y.b.currency, Rate: u.rate,
			Version: 1, CreatedBy: &lead.ID, CreatedAt: u.began, UpdatedAt: u.began,
		}
		y.tellProject(u, u.began, "project.created", lead, nil)
		if u.closed {
			row.Status, row.Version = "closed", 2
			row.UpdatedAt = u.entries[len(u.entries)-1].at.Add(72 * time.Hour)
			y.tellProject(u, row.UpdatedAt, "project.edited", lead, nil)
		}
		r.projects = append(r.projects, row)
		for i, t := range u.tasks {
			at := u.began.Add(time.Duration(i+1) * time.Minute)
			r.tasks = append(r.tasks, dbsqlc.ProjectTask{
				OrgID: y.org, ID: u.taskID(y, i), ProjectID: u.id, CustomerID: row.CustomerID, Name: t.name, Billable: !t.internal, Rate: optional(t.rate),
				Version: 1, CreatedAt: at, UpdatedAt: at,
			})
			y.tellProject(u, at, "task.created", lead, map[string]any{"task": t.name})
		}
		y.writeTime(r, u)
		for _, s := range u.sheets {
			if err := y.writeSheet(r, u, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u *undertaking) taskID(y *year, task int) uuid.UUID {
	return y.id("task", u.id.String(), u.tasks[task].name)
}

func (y *year) tellProject(u *undertaking, at time.Time, kind string, by activities.Actor, data map[string]any) {
	y.tell(event{at: at, kind: kind, subject: "project", id: u.id, customer: u.buyer, by: by, internal: true, data: data})
}

func (y *year) writeTime(r *rows, u *undertaking) {
	invoiced := map[*bill]int{}
	for _, e := range u.entries {
		by, t := y.staffMember(u.tasks[e.task].by), u.tasks[e.task]
		row := dbsqlc.TimeEntry{
			OrgID: y.org, ID: e.id, ProjectID: u.id, TaskID: u.taskID(y, e.task), CustomerID: u.buyer.row.ID, StaffID: by.ID, StaffName: by.Name,
			Day: e.day, Hours: e.hours, Description: e.text, Billable: !t.internal, Rate: u.rateOf(e.task), Approval: e.approval, Version: 1,
			CreatedBy: &by.ID, CreatedAt: e.at, UpdatedAt: e.at,
		}
		if e.sheet != nil {
			row.TimesheetID, row.UpdatedAt = &e.sheet.id, e.sheet.decided
		}
		if e.bill != nil {
			row.InvoiceID, row.UpdatedAt = &e.bill.id, e.bill.created
			invoiced[e.bill]++
		}
		r.time = append(r.time, row)
		y.tellProject(u, e.at, "time_entry.logged", by, map[string]any{"hours": e.hours.String(), "task": t.name})
	}
	for _, b := range u.buyer.bills {
		if n := invoiced[b]; n > 0 {
			y.tellProject(u, b.created, "project.invoiced", y.staffMember(2), map[string]any{"invoice": b.id, "entries": n})
		}
	}
}

// writeSheet writes a timesheet with its entries as they were decided on.
func (y *year) writeSheet(r *rows, u *undertaking, s *sheet) error {
	by, who := y.staffMember(0), contactActor(u.buyer.contacts[0])
	row := dbsqlc.Timesheet{
		OrgID: y.org, ID: s.id, CustomerID: u.buyer.row.ID, ProjectID: u.id, Number: s.number, Status: s.asked, Version: 1, Message: s.message,
		FromDay: s.entries[0].day, ToDay: s.entries[len(s.entries)-1].day, EntryCount: int32(len(s.entries)), RequestHash: digest("submit", s.id),
		SubmittedBy: &by.ID, SubmittedByName: by.Name, SubmittedAt: s.submitted, EndedAt: &s.decided,
	}
	read := portal.TimesheetContent{Number: s.number, Project: u.name}
	rejected := 0
	for _, e := range s.entries {
		worker, t := y.staffMember(u.tasks[e.task].by), u.tasks[e.task]
		line := dbsqlc.TimesheetEntry{
			OrgID: y.org, TimesheetID: s.id, EntryID: e.id, CustomerID: row.CustomerID, Day: e.day, Hours: e.hours, TaskName: t.name,
			StaffName: worker.Name, Description: e.text, Outcome: string(e.approval),
		}
		row.Hours = row.Hours.Add(e.hours)
		switch {
		case s.asked == portal.TimesheetRecalled:
			line.Outcome = "recalled"
		case e.approval == portal.EntryRejected:
			line.Reason = s.reason
			rejected++
		default:
			row.ApprovedCount++
			row.ApprovedHours = row.ApprovedHours.Add(e.hours)
		}
		r.sheetEntries = append(r.sheetEntries, line)
		read.Entries = append(read.Entries, portal.TimesheetContentEntry{
			ID: e.id, Day: e.day, Hours: e.hours.String(), Task: t.name, Staff: worker.Name, Description: e.text,
		})
	}
	var err error
	if row.ContentHash, err = read.Hash(); err != nil {
		return err
	}
	tell := func(at time.Time, kind string, by activities.Actor, data map[string]any) {
		y.tell(event{at: at, kind: "timesheet." + kind, subject: "timesheet", id: s.id, customer: u.buyer, by: by, data: data})
	}
	tell(s.submitted, "submitted", by, map[string]any{"number": s.number, "project": u.name, "hours": row.Hours.String(), "entries": len(s.entries)})
	if s.asked == portal.TimesheetRecalled {
		tell(s.decided, "recalled", by, map[string]any{"number": s.number, "reason": s.reason})
		r.sheets = append(r.sheets, row)
		return nil
	}
	data := map[string]any{"number": s.number, "hours": row.Hours.String(), "approved_hours": row.ApprovedHours.String(), "entries": len(s.entries), "rejected": rejected}
	if s.reason != "" {
		data["reason"] = s.reason
	}
	tell(s.decided, string(s.asked), who, data)
	row.DecidedAt, row.DecisionHash = &s.decided, digest("decide", s.id)
	r.sheets = append(r.sheets, row)
	r.decisions = append(r.decisions, y.evidence(u.buyer.contacts[0], dbsqlc.Decision{
		DocumentKind: "timesheet", DocumentID: s.id, Version: 1, Decision: string(s.asked), Reason: s.reason, ContentHash: row.ContentHash, DecidedAt: s.decided,
	}))
	return nil
}

// submitted are the timesheets to send to customers.
func (y *year) submitted() []flow {
	var flows []flow
	for _, p := range y.b.projects {
		for i, s := range p.stints {
			if s.asked != portal.TimesheetSubmitted {
				continue
			}
			id, customer := y.sheetID(p, i), y.named(p.customer).row.ID
			from, to := y.today.AddDays(-s.from), y.today.AddDays(-s.until)
			flows = append(flows, flow{
				id: workflows.TimesheetID(id), name: workflows.TimesheetName, customer: customer, document: id,
				input: workflows.TimesheetInput{TimesheetRef: workflows.TimesheetRef{Org: y.org, Timesheet: id}, Request: &workflows.SubmitRequest{
					Project: y.projectID(p), From: &from, To: &to, Message: s.message, By: y.staffMember(0), Hash: digest("submit", id),
				}},
			})
		}
	}
	return flows
}
