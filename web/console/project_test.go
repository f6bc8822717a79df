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
