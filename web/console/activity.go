package console

import (
	"net/http"

	"countersign/api"
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

// subjectAddress is the page of what an event is about; empty where it has none.
func subjectAddress(r *web.Request, a api.Activity) string {
	switch a.SubjectKind {
	case "estimate":
		return r.Path("estimates", a.Subject.String())
	case "invoice":
		return r.Path("invoices", a.Subject.String())
	case "payment":
		return r.Path("payments", a.Subject.String())
	}
	if a.Customer != nil {
		return r.Path("customers", a.Customer.String())
	}
	return ""
}
