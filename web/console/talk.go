package console

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/web"
	"countersign/web/ui"
)

// comment takes a comment on a document, which draw shows again if it is refused.
func (p pages) comment(kind string, draw func(r *web.Request, status int, x *refusal, comment *web.Form) error) func(*web.Request) error {
	return func(r *web.Request) error {
		return r.Comment(kind, func(f *web.Form, err error) error {
			status, err := takeBack(f, err)
			if err != nil {
				return err
			}
			return draw(r, status, nil, f)
		})
	}
}

// viewedItems are the contacts who have opened a document, R50.
func viewedItems(r *web.Request, views []api.View) []ui.Item {
	items := make([]ui.Item, len(views))
	for i, v := range views {
		items[i] = ui.Item{Icon: ui.IconUser, Name: v.Name, About: firstViewed(r, v), Aside: whenAside(r.Moment(v.LastAt))}
	}
	return items
}

// mailedItems are the emails about a document, and what became of them, N9.
func mailedItems(r *web.Request, mailed []api.Mailed) []ui.Item {
	items := make([]ui.Item, len(mailed))
	for i, m := range mailed {
		status := mailStatus(m.Status)
		about := m.Recipient + ", " + r.Moment(m.CreatedAt).Shown
		if m.Detail != "" {
			about += ". " + m.Detail
		}
		items[i] = ui.Item{Name: m.Subject, About: about, Status: &status}
	}
	return items
}

func mailStatus(status string) ui.Status {
	switch status {
	case "delivered":
		return ui.Status{Label: "Delivered", Tone: ui.Success}
	case "sent":
		return ui.Status{Label: "Sent", Tone: ui.Info}
	case "delayed":
		return ui.Status{Label: "Delayed", Tone: ui.Warning}
	case "bounced":
		return ui.Status{Label: "Came back", Tone: ui.Failure}
	case "complained":
		return ui.Status{Label: "Marked as unwanted", Tone: ui.Failure}
	case "failed":
		return ui.Status{Label: "Not sent", Tone: ui.Failure}
	default:
		return ui.Status{Label: "On its way"}
	}
}

func (p pages) bell(r *web.Request) error {
	out, err := p.ListBell.Do(r.Context(), &api.ListBellInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after"), Size: 50}, Comments: r.Query("status") == "comments"})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, bellView(r, out.Body.Rings, out.Body.Unread, out.Body.Next))
}

// bellMark is the bell alone, for pages to bring theirs up to date.
func (p pages) bellMark(r *web.Request) error { return r.Draw(http.StatusOK, ui.BellOf(bellLink(r))) }

func (p pages) bellLive(r *web.Request) error {
	p.StreamBell(r.Writer(), r.HTTP())
	return nil
}

func (p pages) readBell(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.ReadBell, &api.ReadBellInput{Org: r.Org.Slug}); err != nil {
		return err
	}
	return r.Redirect(backFrom(r, f))
}

// backFrom is where a form that says where it stands leads back to.
func backFrom(r *web.Request, f *web.Form) string {
	if next := f.Value("next"); next != "" {
		return r.Next(next)
	}
	return r.Path("bell")
}

func (p pages) readBellOne(r *web.Request) error {
	id, err := r.ID("event", "activity")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.ReadBellOne.Do(r.Context(), &api.ReadBellOneInput{Org: r.Org.Slug, Event: id}); err != nil {
		return err
	}
	return r.Redirect(backFrom(r, f))
}

// bellLink is the bell with what the reader has not read. A page is drawn without the number rather than not at all.
func bellLink(r *web.Request) ui.Bell {
	b := ui.Bell{Href: r.Path("bell"), From: r.Path("bell", "mark"), Stream: r.Path("bell", "live")}
	out, err := r.Site.API.CountUnread.Do(r.Context(), &api.BellInput{Org: r.Org.Slug})
	switch {
	case err != nil || out.Body.Unread == 0:
	case out.Body.Unread >= 100:
		b.Count = "99+"
	default:
		b.Count = strconv.Itoa(out.Body.Unread)
	}
	return b
}

func rings(r *web.Request, all []api.Ring) []ui.Item {
	activity := make([]api.Activity, len(all))
	for i, ring := range all {
		activity[i] = ring.Activity
	}
	items := activityItems(r, activity)
	for i, ring := range all {
		if !ring.Read {
			items[i].Fresh = true
			items[i].Aside = unreadAside(r, ring)
			if to := items[i].Href; to != "" {
				// Following it marks it as read, which takes a POST.
				items[i].Href = ""
				items[i].Post = &ui.Post{To: r.Path("bell", ring.ID.String(), "read"), Hidden: []ui.Hidden{{Name: "next", Value: to}}}
			}
		}
	}
	return items
}

// someReviews is how many reviews a customer's page shows at once.
const someReviews = 10

// reviewsOf are what the contacts of a customer wrote, R57: a page of it, and where the next one begins.
func (p pages) reviewsOf(r *web.Request, customer uuid.UUID) (reviews []api.Review, next string, err error) {
	out, err := p.ListReviews.Do(r.Context(), &api.ReviewsInput{Org: r.Org.Slug, Customer: customer, Page: api.Page{After: r.Query("reviews"), Size: someReviews}})
	if err != nil {
		return nil, "", err
	}
	return out.Body.Reviews, out.Body.Next, nil
}

// firstViewed says when a document was opened first, if that isn't the last time too.
func firstViewed(r *web.Request, v api.View) string {
	if v.FirstAt.Equal(v.LastAt) {
		return ""
	}
	return "First: " + r.Moment(v.FirstAt).Shown
}
