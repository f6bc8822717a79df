package console_test

import (
	"net/http"
	"testing"

	"golang.org/x/net/html"
)

// option is the value of the answer to choose that has this label.
func option(t *testing.T, p *page, label string) string {
	t.Helper()
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "option" && textOf(n) == label {
			return attr(n, "value")
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
	project := v.get("/console/bright/projects/new?customer="+org.Customer.String()).submit("Save project", "name", "New website", "rate", "90.00").answers(http.StatusOK).has("Saved.", "No time yet")
	at := project.URL.Path
	v.get(at+"/tasks").submit("Add task", "name", "Design").answers(http.StatusOK).has("Design")
	form := v.get(at + "/time")
	task := option(t, form, "Design")
	form.submit("Log time", "task", task, "day", "2026-03-02", "hours", "30").answers(http.StatusUnprocessableEntity).has("There is a problem", "up to 24")
	for _, hours := range []string{"2.5", "4"} {
		v.get(at+"/time").submit("Log time", "task", task, "day", "2026-03-02", "hours", hours, "description", "Drew "+hours).answers(http.StatusOK)
	}
	v.get(at).submit("Submit for approval").answers(http.StatusUnprocessableEntity).has("Choose entries, or a period.")
	sheet := v.get(at+"/submit").submit("Submit for approval", "from", "2026-03-01", "to", "2026-03-31").answers(http.StatusOK).has("TS-0001", "Waiting for approval", "6.5")
	sheet.submit("Recall the timesheet", "reason", "Too early").answers(http.StatusOK).has("Recalled", "Too early")
	picked := v.get(at).has("Not submitted", "6.5")
	invoice := picked.submit("Write an invoice", "entries", picked.value("entries")).answers(http.StatusOK).has("Draft", "Design (Mar 2, 2026)")
	v.get(at).has("On a draft")
	invoice.submit("Discard the draft").answers(http.StatusOK).has("The draft is discarded")
	v.get(at).lacks("On a draft")
	v.get("/console/bright/timesheets").has("TS-0001", "New website", "Recalled")
}

// R43 R46: time and tasks are changed and deleted; what is billed, or asked about, says why it is kept.
func TestTimeAndTasksAreChangedAndDeleted(t *testing.T) {
	s, org := start(t)
	v := atWork(t, s)
	project := v.get("/console/bright/projects/new?customer="+org.Customer.String()).submit("Save project", "name", "New website", "rate", "90.00").answers(http.StatusOK)
	at := project.URL.Path
	v.get(at+"/tasks").submit("Add task", "name", "Design").answers(http.StatusOK)
	v.get(at+"/tasks").submit("Add task", "name", "Meetings").answers(http.StatusOK)
	task := option(t, v.get(at+"/time"), "Design")
	log := func(what string) {
		v.get(at+"/time").submit("Log time", "task", task, "day", "2026-03-02", "hours", "2.5", "description", what).answers(http.StatusOK)
	}
	log("Drew a page")
	entry := v.get(at).follow("Design").has("Drew a page")
	entry.submit("Save changes", "hours", "25").answers(http.StatusUnprocessableEntity).has("up to 24")
	entry.submit("Save changes", "hours", "3.5", "description", "Drew two pages").answers(http.StatusOK).has("Your changes are saved.", "Drew two pages", "3.5")
	entry.submit("Save changes", "hours", "1").answers(http.StatusConflict).has("Someone else changed this")
	v.get(at).follow("Design").submit("Delete the time").answers(http.StatusOK).has("It is deleted.", "No time yet")

	meetings := v.get(at).follow("Meetings")
	meetings.submit("Save changes", "name", "Workshops").answers(http.StatusOK).has("Workshops")
	v.get(at).follow("Workshops").submit("Delete the task").answers(http.StatusOK).has("It is deleted.").lacks("Workshops")

	log("Drew it again")
	kept := v.get(at).follow("Design")
	sheet := v.get(at+"/submit").submit("Submit for approval", "from", "2026-03-01", "to", "2026-03-31").answers(http.StatusOK).has("TS-0001")
	kept.submit("Delete the time").answers(http.StatusConflict).has("Recall timesheet TS-0001 first").lacks("Delete this time")
	v.get(kept.URL.Path).has("The customer is being asked to approve this time", "another version of timesheet TS-0001").lacks("Delete this time")
	sheet.submit("Recall the timesheet").answers(http.StatusOK)
	picked := v.get(at)
	picked.submit("Write an invoice", "entries", picked.value("entries")).answers(http.StatusOK)
	v.get(kept.URL.Path).has("This time is on invoice", "2.5").lacks("Save changes", "Delete this time")
	kept.submit("Save changes", "hours", "1").answers(http.StatusConflict).has("This time is on invoice")
}
