package console_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"countersign/devstack/visitor"
)

// option is the value of the answer to choose that has this label.
func option(t *testing.T, p *visitor.Page, label string) string {
	t.Helper()
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "option" && visitor.Text(n) == label {
			return visitor.Attr(n, "value")
		}
	}
	t.Fatalf("there is no answer %q", label)
	return ""
}

// R41 R45 R46: staff make a project, log time, submit it, take it back, and
// invoice it; a draft that is discarded frees the time.
func TestTimeIsLoggedSubmittedRecalledAndInvoiced(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	project := v.Get("/console/bright/projects/new?customer="+org.Customer.String()).Submit("Save project", "name", "New website", "rate", "90.00").Answers(http.StatusOK).Has("Saved.", "No time yet")
	at := project.URL.Path
	v.Get(at+"/tasks").Submit("Add task", "name", "Design").Answers(http.StatusOK).Has("Design")
	form := v.Get(at + "/time")
	task := option(t, form, "Design")
	form.Submit("Log time", "task", task, "day", "2026-03-02", "hours", "30").Answers(http.StatusUnprocessableEntity).Has("There is a problem", "up to 24")
	for _, hours := range []string{"2.5", "4"} {
		v.Get(at+"/time").Submit("Log time", "task", task, "day", "2026-03-02", "hours", hours, "description", "Drew "+hours).Answers(http.StatusOK)
	}
	v.Get(at).Submit("Submit for approval").Answers(http.StatusUnprocessableEntity).Has("Choose entries, or a period.")
	sheet := v.Get(at+"/submit").Submit("Submit for approval", "from", "2026-03-01", "to", "2026-03-31").Answers(http.StatusOK).Has("TS-0001", "Waiting for approval", "6.5")
	long := strings.Repeat("x", 501)
	if refused := sheet.Submit("Recall the timesheet", "reason", long).Answers(http.StatusUnprocessableEntity); refused.Value("reason") != long {
		t.Error("the reason that was typed is gone")
	}
	sheet.Submit("Recall the timesheet", "reason", "Too early").Answers(http.StatusOK).Has("Recalled", "Too early")
	picked := v.Get(at).Has("Not submitted", "6.5")
	invoice := picked.Submit("Write an invoice", "entries", picked.Value("entries")).Answers(http.StatusOK).Has("Draft", "Design (Mar 2, 2026)")
	v.Get(at).Has("On a draft")
	invoice.Submit("Discard the draft").Answers(http.StatusOK).Has("The draft is discarded")
	v.Get(at).Lacks("On a draft")
	v.Get("/console/bright/timesheets").Has("TS-0001", "New website", "Recalled")
	v.Get("/console/bright/activity").Follow("TS-0001").Has("Recalled", "Drew 4")
	v.Get("/console/bright/activity").Follow("project New website").Has("Log time")
	// A refused choice is drawn on the same page of the same filter.
	refused := v.Get(at + "?status=submittable").Submit("Submit for approval").Answers(http.StatusUnprocessableEntity).Has("Choose entries")
	if refused.URL.Query().Get("status") != "submittable" {
		t.Errorf("the filter is lost at %s", refused.URL)
	}
}

// R43 R46: time and tasks are changed and deleted; what is billed, or asked about, says why it is kept.
func TestTimeAndTasksAreChangedAndDeleted(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	project := v.Get("/console/bright/projects/new?customer="+org.Customer.String()).Submit("Save project", "name", "New website", "rate", "90.00").Answers(http.StatusOK)
	at := project.URL.Path
	v.Get(at+"/tasks").Submit("Add task", "name", "Design").Answers(http.StatusOK)
	v.Get(at+"/tasks").Submit("Add task", "name", "Meetings").Answers(http.StatusOK)
	task := option(t, v.Get(at+"/time"), "Design")
	log := func(what string) {
		v.Get(at+"/time").Submit("Log time", "task", task, "day", "2026-03-02", "hours", "2.5", "description", what).Answers(http.StatusOK)
	}
	log("Drew a page")
	entry := v.Get(at).Follow("Design").Has("Drew a page")
	entry.Submit("Save changes", "hours", "25").Answers(http.StatusUnprocessableEntity).Has("up to 24")
	entry.Submit("Save changes", "hours", "3.5", "description", "Drew two pages").Answers(http.StatusOK).Has("Your changes are saved.", "Drew two pages", "3.5")
	entry.Submit("Save changes", "hours", "1").Answers(http.StatusConflict).Has("Somebody else changed this")
	v.Get(at).Follow("Design").Submit("Delete the time").Answers(http.StatusOK).Has("It is deleted.", "No time yet")

	meetings := v.Get(at).Follow("Meetings")
	meetings.Submit("Save changes", "name", "Workshops").Answers(http.StatusOK).Has("Workshops")
	v.Get(at).Follow("Workshops").Submit("Delete the task").Answers(http.StatusOK).Has("It is deleted.").Lacks("Workshops")

	log("Drew it again")
	kept := v.Get(at).Follow("Design")
	sheet := v.Get(at+"/submit").Submit("Submit for approval", "from", "2026-03-01", "to", "2026-03-31").Answers(http.StatusOK).Has("TS-0001")
	kept.Submit("Delete the time").Answers(http.StatusConflict).Has("Recall timesheet TS-0001 first").Lacks("Delete this time")
	v.Get(kept.URL.Path).Has("The customer is being asked to approve this time", "another version of timesheet TS-0001").Lacks("Delete this time")
	sheet.Submit("Recall the timesheet").Answers(http.StatusOK)
	picked := v.Get(at)
	picked.Submit("Write an invoice", "entries", picked.Value("entries")).Answers(http.StatusOK)
	v.Get(kept.URL.Path).Has("This time is on invoice", "2.5").Lacks("Save changes", "Delete this time")
	kept.Submit("Save changes", "hours", "1").Answers(http.StatusConflict).Has("This time is on invoice")
}
