package web

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// Sessions ends the sign-ins of whoever asks, on one side, R58.
type Sessions struct {
	End       *api.Operation[api.EndSessionInput, api.EndSessionOutput]
	EndOthers *api.Operation[api.ListSessionsInput, api.EndSessionsOutput]
}

// EndOne signs them out in one place.
func (s Sessions) EndOne(r *Request) error {
	id, err := r.ID("session", "session")
	if err != nil {
		return err
	}
	out, err := s.End.Do(r.Context(), &api.EndSessionInput{Org: r.Org.Slug, Session: id})
	if err != nil && portal.CodeOf(err) != portal.CodeNotFound {
		return err // one that isn't there any more is ended, too
	}
	if err == nil {
		r.SetCookies(out.SetCookie)
	}
	return r.Redirect(r.Path("account") + "?done=session")
}

// EndRest signs them out everywhere but here.
func (s Sessions) EndRest(r *Request) error {
	if _, err := s.EndOthers.Do(r.Context(), &api.ListSessionsInput{Org: r.Org.Slug}); err != nil {
		return err
	}
	return r.Redirect(r.Path("account") + "?done=sessions")
}

func sessionItems(r *Request, sessions []api.Session) []ui.Item {
	var items []ui.Item
	for _, s := range sessions {
		item := ui.Item{Icon: ui.IconLock, Name: Device(s.UserAgent), About: "Last used " + LowerToday(r.Moment(s.LastSeenAt).Shown) + " from " + s.IP}
		if s.Current {
			item.Status = &ui.Status{Label: "This one", Tone: ui.Success, Shape: ui.Ticked}
			item.About = "Signed in " + LowerToday(r.Moment(s.CreatedAt).Shown) + " from " + s.IP
		} else {
			item.Aside = endButton(r, s.ID, item.Name)
		}
		items = append(items, item)
	}
	if others := len(sessions) - 1; others > 1 {
		items = append(items, ui.Item{Icon: ui.IconOut, Name: "Everywhere else", About: "All " + strconv.Itoa(others) + " other sign-ins at once", Aside: ui.PostButton(ui.Post{
			To:     r.Path("account", "sessions", "others", "end"),
			Action: ui.Action{Label: "Sign out of all", Size: ui.Small, Busy: "Signing out…"},
		})})
	}
	return items
}

func endButton(r *Request, session uuid.UUID, device string) templ.Component {
	return ui.PostButton(ui.Post{
		To:     r.Path("account", "sessions", session.String(), "end"),
		Action: ui.Action{Label: "Sign out", About: device, Size: ui.Small, Busy: "Signing out…"},
	})
}

// LowerToday makes "Today, 10:42" fit into a sentence.
func LowerToday(moment string) string {
	for _, word := range []string{"Today", "Yesterday"} {
		if rest, ok := strings.CutPrefix(moment, word); ok {
			return strings.ToLower(word) + rest
		}
	}
	return moment
}
