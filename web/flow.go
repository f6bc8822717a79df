package web

import (
	"net/url"
	"strings"
)

// Flow is where operators watch a flow in Temporal's UI; empty where no UI is known or there is no flow. The configured address
// is that of a namespace's pages, or of the UI as such, where the namespace is then the default one.
func (r *Request) Flow(workflowID string) string {
	ui := strings.TrimRight(r.Site.API.TemporalUI, "/")
	if ui == "" || workflowID == "" {
		return ""
	}
	if !strings.Contains(ui, "/namespaces/") {
		ui += "/namespaces/default"
	}
	return ui + "/workflows/" + url.PathEscape(workflowID)
}
