package portal

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) timesheets(r *web.Request) error {
	out, err := p.ListMyTimesheets.Do(r.Context(), &api.ListMyTimesheetsInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, Status: r.Query("status")})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, timesheetsPage(r, out.Body.Timesheets, out.Body.Next))
}

func timesheetTabs(r *web.Request) []ui.Tab {
	return []ui.Tab{
		r.Tab("All", "status", ""), r.Tab("To approve", "status", "submitted"), r.Tab("Approved", "status", "approved"),
		r.Tab("Partly approved", "status", "partly_approved"), r.Tab("Rejected", "status", "rejected"),
	}
}

func period(r *web.Request, from, to portal.Date) string {
	return portal.FormatPeriod(from, to, r.Org.Locale)
}

func timesheetTable(r *web.Request, sheets []api.TimesheetSummary) ui.Table {
	t := ui.Table{Caption: "Timesheets", Columns: []ui.Column{
		{Label: "Timesheet", Place: ui.Lead}, {Label: "Period"}, {Label: "Received"}, {Label: "Status", Place: ui.MarkAt}, {Label: "Hours", Numeric: true, Place: ui.FigureAt},
	}}
	for _, s := range sheets {
		t.Rows = append(t.Rows, ui.Row{Href: r.Path("timesheets", s.ID.String()), Cells: []templ.Component{
			ui.Titled(s.Number, s.ProjectName), ui.Text(period(r, s.From, s.To)), ui.Text(r.Day(&s.SubmittedAt)),
			ui.Chip(ui.TimesheetStatus(s.Status)), ui.Text(hours(r, s.Hours)),
		}})
	}
	return t
}

func noTimesheets(r *web.Request) ui.Empty {
	if r.Query("status") == "submitted" {
		return ui.Empty{Icon: ui.IconClock, Title: "Nothing to approve", Words: "Hours that wait for your approval are listed here.", Action: &ui.Action{Label: "See all timesheets", Href: r.Path("timesheets")}}
	}
	return ui.Empty{Icon: ui.IconClock, Title: "No timesheets here", Words: "Hours that " + r.Org.Name + " asks you to approve are listed here."}
}

func (p pages) readTimesheet(r *web.Request) (api.Timesheet, error) {
	id, err := r.ID("timesheet", "timesheet")
	if err != nil {
		return api.Timesheet{}, err
	}
	out, err := p.GetMyTimesheet.Do(r.Context(), &api.TimesheetInput{Org: r.Org.Slug, Timesheet: id})
	if err != nil {
		return api.Timesheet{}, err
	}
	return out.Body, nil
}

func (p pages) timesheet(r *web.Request) error {
	s, err := p.readTimesheet(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, timesheetPage(r, s, decided{form: web.NewForm(), key: web.NewKey()}))
}

func (p pages) timesheetLive(r *web.Request) error {
	s, err := p.readTimesheet(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), s.ID)
	return nil
}

// postTimesheet approves the version that was on screen, all of it or without the entries that are ticked, or rejects it.
// When it is refused, the timesheet is shown as it is now, and the page says that nothing was recorded.
func (p pages) postTimesheet(r *web.Request) error {
	id, err := r.ID("timesheet", "timesheet")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if f.Value("decision") == string(portal.TimesheetApproved) {
		for i, entry := range f.Values("reject") {
			f.Set(fmt.Sprintf("rejected[%d].entry", i), entry)
			f.Set(fmt.Sprintf("rejected[%d].reason", i), f.Value("reason-"+entry))
		}
	}
	if f.Intent() == "preview" { // the Enter key decides nothing
		s, err := p.readTimesheet(r)
		if err != nil {
			return err
		}
		return r.Draw(http.StatusOK, timesheetPage(r, s, decided{form: f, key: f.Key()}))
	}
	in := &api.DecideTimesheetInput{Org: r.Org.Slug, Key: f.APIKey(), Timesheet: id}
	_, err = web.Submit(r, f, p.DecideTimesheet, in)
	if err == nil {
		return r.Redirect(r.Path("timesheets", id.String()) + "?done=decided")
	}
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok || refused.Code == portal.CodeUnauthenticated || refused.Code == portal.CodeForbidden {
		return err
	}
	s, gone := p.readTimesheet(r)
	if gone != nil {
		return gone
	}
	d := decided{form: f, key: web.NewKey(), notice: refusedApproval(refused)}
	if refused.Code == portal.CodeNotConfirmed {
		d.key = f.Key() // the same again is safe, and tells
	}
	f.Refuse(atEntries(refused, f.Values("reject")))
	return r.Draw(api.StatusOf(err), timesheetPage(r, s, d))
}

// atEntries names what is wrong with the entries that were ticked by their fields on the page.
func atEntries(refused *portal.Error, ticked []string) error {
	named := *refused
	named.Fields = slices.Clone(refused.Fields)
	for i, entry := range ticked {
		for n, field := range named.Fields {
			if field.Path == fmt.Sprintf("rejected[%d].reason", i) {
				named.Fields[n].Path = "reason-" + entry
			}
		}
	}
	return &named
}

// refusedApproval says why a decision wasn't taken.
func refusedApproval(refused *portal.Error) *ui.Notice {
	switch refused.Code {
	case portal.CodeStale:
		return &ui.Notice{Tone: ui.Warning, Title: "This timesheet changed, and nothing was recorded", Words: "An entry was corrected. Please read it again below before you decide."}
	case portal.CodeNotConfirmed:
		return &ui.Notice{Tone: ui.Warning, Title: "Your decision is not confirmed yet", Words: "It may have been recorded already. Press the same button again: it is never recorded twice."}
	case portal.CodeUnavailable:
		return &ui.Notice{Tone: ui.Failure, Title: "Your decision could not be recorded", Words: refused.Message}
	case portal.CodeInvalid:
		return nil // said beside the fields
	default:
		return &ui.Notice{Tone: ui.Warning, Title: "Nothing was recorded", Words: refused.Message}
	}
}

func timesheetShell(r *web.Request, s api.Timesheet, d decided) ui.PortalShell {
	frame := shell(r, "Timesheet "+s.Number, "Timesheets")
	frame.Head.Refused = d.notice != nil
	frame.Flash = d.notice
	if frame.Flash == nil && s.Decision != nil && r.Query("done") == "decided" {
		frame.Flash = &ui.Notice{Tone: ui.Success, Title: "Your decision is recorded", Words: r.Org.Name + " has been told."}
	}
	return frame
}

func waits(s api.Timesheet) bool { return s.Status.Live() }

// sheetTable lists the entries. While they wait, whoever may approve can tick those that are not to be approved.
func sheetTable(r *web.Request, s api.Timesheet, d decided) ui.Table {
	asks := waits(s) && mayApprove(r)
	t := ui.Table{Caption: "Entries", Columns: []ui.Column{{Label: "Work", Place: ui.Lead, Wrap: true}, {Label: "Day"}, {Label: "By"}, {Label: "Hours", Numeric: true, Place: ui.FigureAt}}}
	if asks {
		t.Columns = append(t.Columns, ui.Column{Label: "Reject", Place: ui.PickAt}, ui.Column{Label: "Reason", LabelHidden: true, Unlabelled: true})
	} else {
		t.Columns = append(t.Columns, ui.Column{Label: "Decision", Place: ui.MarkAt}, ui.Column{Label: "Reason", Wrap: true})
	}
	ticked := d.form.Values("reject")
	for _, e := range s.Entries {
		id := e.ID.String()
		cells := []templ.Component{ui.Titled(e.Task, e.Description), ui.Text(r.Date(e.Day)), ui.Text(e.By), ui.Text(hours(r, e.Hours))}
		if asks {
			about := e.Task // as the row names it: a task can have several entries on one day
			if e.Description != "" {
				about += ": " + e.Description
			}
			about += ", " + r.Date(e.Day)
			cells = append(cells,
				ui.Pick(ui.Choice{Name: "reject", Value: id, Suffix: id, Label: "Reject " + about, Checked: slices.Contains(ticked, id)}),
				whyRejected(d.form.Field(ui.Field{Name: "reason-" + id, Label: "Reason", About: "for " + about, MaxLength: 500})))
		} else {
			cells = append(cells, ui.Chip(entryOutcome(e.Outcome)), ui.Text(e.Reason))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	if !asks && !slices.ContainsFunc(s.Entries, func(e api.TimesheetEntry) bool { return e.Reason != "" }) {
		t = t.Without("Reason")
	}
	return t
}

func entryOutcome(outcome string) ui.Status {
	if outcome == "pending" {
		return ui.TimesheetStatus("submitted")
	}
	return ui.TimesheetStatus(outcome)
}

func timesheetFacts(r *web.Request, s api.Timesheet) []ui.Fact {
	facts := []ui.Fact{
		{Term: "Project", Value: s.ProjectName}, {Term: "Period", Value: period(r, s.From, s.To)},
		{Term: "Submitted", Value: r.Day(&s.SubmittedAt) + " by " + s.SubmittedBy}, {Term: "Entries", Value: strconv.Itoa(s.EntryCount)},
	}
	if s.Decision != nil {
		facts = append(facts, ui.Fact{Term: "Approved hours", Value: hours(r, s.ApprovedHours)})
	}
	return facts
}

// approvalSeal is the decision as it was recorded, N2.
func approvalSeal(r *web.Request, s api.Timesheet) ui.Seal {
	d := s.Decision
	words := strings.ReplaceAll(d.Decision, "_", " ")
	return ui.Seal{
		Declined: s.Status == portal.TimesheetRejected, Reason: d.Reason, Title: strings.ToUpper(words[:1]) + words[1:] + " by " + d.By,
		Words: fmt.Sprintf("%s · version %d · %s of %s hours approved", r.Instant(d.At), s.Version, hours(r, s.ApprovedHours), hours(r, s.Hours)),
	}
}

// approvalEvidence is what is kept of a decision, in full.
func approvalEvidence(r *web.Request, s api.Timesheet) []ui.Fact {
	d := s.Decision
	facts := []ui.Fact{{Term: "Who", Value: d.By + "\n" + d.Email}, {Term: "When", Value: r.Instant(d.At)}, {Term: "Which version", Value: versionWords(s.Version)}}
	if d.IP != "" {
		facts = append(facts, ui.Fact{Term: "From", Value: d.IP})
	}
	if d.Reason != "" {
		facts = append(facts, ui.Fact{Term: "Reason", Value: d.Reason})
	}
	return append(facts, ui.Fact{Term: "Content", Show: fingerprint(d.ContentHash)})
}
