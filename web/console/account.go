package console

import (
	"net/http"

	"countersign/api"
	"countersign/web"
	"countersign/web/ui"
)

// account is the page of the member of staff who reads it: who they are, where they are signed in, what happened.
func (p pages) account(r *web.Request) error {
	sessions, err := p.ListStaffSessions.Do(r.Context(), &api.ListSessionsInput{Org: r.Org.Slug})
	if err != nil {
		return err
	}
	history, err := p.ListStaffHistory.Do(r.Context(), &api.AccountHistoryInput{Org: r.Org.Slug})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, accountView(r, sessions.Body.Sessions, history.Body.Timeline))
}

// changed says that the password is another one, where the reader stays signed in.
func changed(r *web.Request) *ui.Notice {
	if r.Query("done") != "password" {
		return nil
	}
	return &ui.Notice{Tone: ui.Success, Title: "Your password is changed", Words: "You are signed out everywhere else."}
}
