package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/visitor"
)

// worked is a project with two entries that wait for approval, of 2 and 3.5 hours.
func worked(org stack.Org) (project, sheet uuid.UUID, entries []uuid.UUID) {
	staff := org.Staff()
	const projects = "/api/bright/console/projects"
	var p api.Project
	staff.Must(201, "POST", projects, "", map[string]any{"customer": org.Customer, "name": "New website", "rate": 90_00}, &p)
	at := projects + "/" + p.ID.String()
	staff.Must(201, "POST", at+"/tasks", "", map[string]any{"name": "Design", "billable": true}, &p)
	for _, hours := range []string{"2", "3.5"} {
		var e api.TimeEntry
		staff.Must(201, "POST", at+"/entries", "", map[string]any{"task": p.Tasks[0].ID, "day": "2026-03-0" + hours[:1], "hours": hours, "description": "Worked " + hours}, &e)
		entries = append(entries, e.ID)
	}
	staff.Must(201, "POST", at+"/tasks", "", map[string]any{"name": "Coffee", "billable": false}, nil)
	var s api.Timesheet
	staff.Must(201, "POST", at+"/timesheets", "", map[string]any{"entries": entries, "message": "As agreed on Monday."}, &s)
	return p.ID, s.ID, entries
}

// R22 R41 R42 R43 R45: from home to the timesheets that wait, which are approved but for one entry.
func TestTimesheetIsApprovedWithoutOneEntry(t *testing.T) {
	s, org := start(t)
	_, _, entries := worked(org)
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.Get("/bright").Follow("Timesheets to approve").Has("New website", "5.5").Follow("New website").Has("As agreed on Monday.", "Worked 3.5", "Grace Bright")
	page.Submit("Reject all").Answers(http.StatusUnprocessableEntity).Has("There is a problem", "Say why.")
	again := page.Submit("Approve", "reject", entries[1].String()).Answers(http.StatusUnprocessableEntity).Has("There is a problem", "Error: Say why.")
	if at := again.Href("Say why."); again.ByID(strings.TrimPrefix(at, "#")) == nil {
		t.Errorf("the summary leads to %q, where nothing is", at)
	}
	decided := again.Submit("Approve", "reject", entries[1].String(), "reason-"+entries[1].String(), "Tuesday was not agreed").Answers(http.StatusOK)
	decided.Has("Your decision is recorded", "Partly approved by Ann Lovelace", "2 of 5.5 hours approved", "Tuesday was not agreed", "What was recorded").Lacks("Reject all")
	v.Get("/bright/timesheets?status=submitted").Has("Nothing to approve")
	v.Get("/bright").Follow("Projects").Has("New website").Follow("New website").Has("Design", "5.5", "Unbilled").Lacks("Coffee", "90.00")
}

// R45: the Enter key in a reason presses the form's first button, which decides nothing and keeps what was typed.
func TestEnterDecidesNothing(t *testing.T) {
	s, org := start(t)
	_, sheet, entries := worked(org)
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.Get("/bright/timesheets/" + sheet.String())
	form, _ := page.Form("Approve")
	var first *html.Node
	for n := range form.Descendants() {
		if n.Type == html.ElementNode && n.Data == "button" && visitor.Attr(n, "type") == "submit" {
			first = n
			break
		}
	}
	reason := "reason-" + entries[1].String()
	seen := page.Submit(visitor.Text(first), "reject", entries[1].String(), reason, "Tuesday was not").Answers(http.StatusOK).Has("Approve").Lacks("There is a problem", "is recorded")
	if got := seen.Value(reason); got != "Tuesday was not" {
		t.Errorf("the reason that was typed became %q", got)
	}
	v.Get("/bright/timesheets?status=submitted").Has("New website")
	seen.Submit("Approve").Answers(http.StatusOK).Has("Partly approved by Ann Lovelace", "Tuesday was not")
}

// N1: a timesheet that was corrected since it was read is shown again, and nothing is recorded.
func TestCorrectedTimesheetIsShownAgain(t *testing.T) {
	s, org := start(t)
	project, sheet, _ := worked(org)
	v := signedIn(t, s, "ann@lovelace.test")
	page := v.Get("/bright/timesheets/" + sheet.String())
	var list struct {
		Entries []api.TimeEntry `json:"entries"`
	}
	staff, at := org.Staff(), "/api/bright/console/projects/"+project.String()+"/entries"
	staff.Must(200, "GET", at, "", nil, &list)
	e := list.Entries[0]
	staff.Must(200, "PUT", at+"/"+e.ID.String(), "", map[string]any{"version": e.Staff.Version, "task": e.Task, "day": e.Day, "hours": "4.25"}, nil)
	now := page.Submit("Approve").Answers(http.StatusConflict).Has("This timesheet changed, and nothing was recorded", "4.25")
	now.Submit("Approve").Answers(http.StatusOK).Has("Approved by Ann Lovelace", "version 2")
}

// R8 R10: with the switch off no page leads to projects and timesheets, and their addresses are refused.
func TestSwitchedOffProjectsAreNowhere(t *testing.T) {
	s, org := start(t)
	project, sheet, _ := worked(org)
	v := signedIn(t, s, "ann@lovelace.test")
	v.Get("/bright").Has("Projects", "Timesheets to approve")
	var settings map[string]any
	staff := org.Staff()
	staff.Must(200, "GET", "/api/bright/console/settings", "", nil, &settings)
	settings["timesheets"] = false
	delete(settings, "updated_at")
	staff.Must(200, "PUT", "/api/bright/console/settings", "", settings, nil)
	v.Get("/bright").Lacks("Projects", "Timesheets")
	for _, address := range []string{"/projects", "/projects/" + project.String(), "/projects/" + project.String() + "/live", "/timesheets", "/timesheets/" + sheet.String()} {
		v.Get("/bright" + address).Answers(http.StatusForbidden)
	}
}
