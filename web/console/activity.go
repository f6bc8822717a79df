package console

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) activity(r *web.Request) error {
	of, err := p.narrowed(r)
	if err != nil {
		return err
	}
	out, err := p.ListActivity.Do(r.Context(), &api.ListActivityInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after"), Size: 50}, Customer: of.customer, Contacts: r.Query("status") == "portal",
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, activityView(r, of, out.Body.Activity, out.Body.Next))
}

// activityStory tells what happened; named says with which customer, too.
func activityStory(r *web.Request, activity []api.Activity, named bool) []ui.Happening {
	told := make([]ui.Happening, len(activity))
	for i, a := range activity {
		told[i] = ui.Happening{Tone: web.ToneOf(a.Kind), Words: a.Text, Detail: a.Detail, When: r.Moment(a.At)}
		if named {
			told[i].Detail = join(a.CustomerName, a.Detail)
		}
	}
	return told
}

// subjectAddress is the page of what an event is about, at its place there; empty where it has none.
func subjectAddress(r *web.Request, a api.Activity) string {
	at := aboutAddress(r, a.SubjectKind, a.Subject, a.Customer)
	switch {
	case strings.HasSuffix(a.Kind, ".commented"):
		return at + "#comments"
	case strings.HasSuffix(a.Kind, ".discarded"):
		return aboutAddress(r, "", uuid.Nil, a.Customer)
	case a.Kind == "review.written":
		return r.Path("customers", a.Customer.String()) + "#reviews"
	case a.Kind == "settings.saved":
		return unlessForbidden(r, portal.ActionManageSettings, r.Path("settings"))
	case strings.HasPrefix(a.Kind, "email_template."):
		return unlessForbidden(r, portal.ActionManageSettings, r.Path("emails"))
	}
	return at
}

// aboutAddress is the page of a thing, which may be a customer's; empty where it has none.
func aboutAddress(r *web.Request, kind string, id uuid.UUID, customer *uuid.UUID) string {
	switch kind {
	case "estimate", "invoice", "payment", "timesheet", "project", "reconciliation":
		return r.Path(kind+"s", id.String())
	case "organization":
		return unlessForbidden(r, portal.ActionManageSettings, r.Path("organization"))
	case "staff":
		return unlessForbidden(r, portal.ActionManageStaff, r.Path("staff"))
	case "api_key":
		return unlessForbidden(r, portal.ActionManageIntegrations, r.Path("api-keys"))
	}
	if customer == nil {
		return ""
	}
	at := r.Path("customers", customer.String())
	switch kind {
	case "credit_note":
		return with(r.Path("credit-notes"), "customer", customer.String())
	case "contact":
		return at + "#contact-" + id.String()
	case "payment_method", "method_request", "method_setup":
		return at + "#methods"
	case "autopay":
		return at + "#autopay-card"
	}
	return at
}

func unlessForbidden(r *web.Request, action portal.Action, address string) string {
	if r.Who.May(action) != nil {
		return ""
	}
	return address
}
