package console

import (
	"net/url"
	"strings"

	"countersign/web"
)

// with adds a query to an address: names and values in turn, leaving out what is empty.
func with(address string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

// flowAddress is where operators watch a flow in Temporal's UI; empty where no UI is known or there is no flow. The configured
// address is that of a namespace's pages, or of the UI as such, where the namespace is then the default one.
func flowAddress(r *web.Request, workflowID string) string {
	ui := strings.TrimRight(r.Site.API.TemporalUI, "/")
	if ui == "" || workflowID == "" {
		return ""
	}
	if !strings.Contains(ui, "/namespaces/") {
		ui += "/namespaces/default"
	}
	return ui + "/workflows/" + url.PathEscape(workflowID)
}
