package api

import (
	"context"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

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
