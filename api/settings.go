package api

import (
	"context"
	"net/http"
	"time"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type settingsOperations struct {
	GetSettings  *Operation[SettingsInput, SettingsOutput]
	SaveSettings *Operation[SaveSettingsInput, SettingsOutput]
}

// SettingsInput needs nothing: there is one page of settings.
type SettingsInput struct {
	Org string `path:"org" maxLength:"40"`
}

// SettingsOutput are the portal's settings, R1 to R9.
type SettingsOutput struct {
	Body struct {
		portal.Settings
		Version   int       `json:"version" doc:"Named by a save: an older one refuses it."`
		UpdatedAt time.Time `json:"updated_at"`
	}
}

// SaveSettingsInput saves them all at once.
type SaveSettingsInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		portal.Settings
		Version int `json:"version" minimum:"1" doc:"As it was read: an older one refuses the save."`
	}
}

func (a *API) declareSettings() {
	a.GetSettings = declare(a, route{
		id: "get-settings", method: http.MethodGet, path: "/api/{org}/console/settings", tag: "Settings",
		summary: "Read the portal's settings", side: portal.SideStaff, action: portal.ActionManageSettings,
	}, a.getSettings)
	a.SaveSettings = declare(a, route{
		id: "save-settings", method: http.MethodPut, path: "/api/{org}/console/settings", tag: "Settings",
		summary: "Save the portal's settings", side: portal.SideStaff, action: portal.ActionManageSettings,
	}, a.saveSettings)
}

// settings are the organization's switches, as the caller may read them.
func (a *API) settings(ctx context.Context) (portal.Settings, error) {
	var s dbsqlc.Setting
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		s, err = q.GetSettings(ctx, principal(ctx).Org)
		return err
	})
	return settingsOf(s), err
}

func settingsOf(s dbsqlc.Setting) portal.Settings {
	return portal.Settings{
		Banner: s.Banner, EmailStaffOnActivity: s.EmailStaffOnActivity, EmailCustomerOnComment: s.EmailCustomerOnComment,
		EditDetails: s.EditDetails, ForwardDocuments: s.ForwardDocuments, Reviews: s.Reviews, Timesheets: s.Timesheets, MFA: s.Mfa,
	}
}

func (a *API) getSettings(ctx context.Context, _ *SettingsInput) (*SettingsOutput, error) {
	out := &SettingsOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		s, err := q.GetSettings(ctx, principal(ctx).Org)
		out.Body.Settings, out.Body.Version, out.Body.UpdatedAt = settingsOf(s), int(s.Version), s.UpdatedAt
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) saveSettings(ctx context.Context, in *SaveSettingsInput) (*SettingsOutput, error) {
	p, s := principal(ctx), in.Body.Settings
	if err := s.Validate(); err != nil {
		return nil, err
	}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		n, err := q.SaveSettings(ctx, dbsqlc.SaveSettingsParams{
			OrgID: p.Org, Version: int32(in.Body.Version), Banner: s.Banner, EmailStaffOnActivity: s.EmailStaffOnActivity,
			EmailCustomerOnComment: s.EmailCustomerOnComment, EditDetails: s.EditDetails, ForwardDocuments: s.ForwardDocuments, Reviews: s.Reviews,
			Timesheets: s.Timesheets, Mfa: s.MFA,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("page")
		}
		return a.record(ctx, q, p, happened{kind: "settings.saved", subject: "organization", id: p.Org, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return a.getSettings(ctx, nil)
}
