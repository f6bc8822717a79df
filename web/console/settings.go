package console

import (
	"net/http"
	"strconv"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

func (p pages) settings(r *web.Request) error {
	f, err := p.settingsForm(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, settingsView(r, f))
}

// settingsForm is the settings as they stand.
func (p pages) settingsForm(r *web.Request) (*web.Form, error) {
	out, err := p.GetSettings.Do(r.Context(), &api.SettingsInput{Org: r.Org.Slug})
	if err != nil {
		return nil, err
	}
	s := out.Body
	return web.NewForm(
		"version", strconv.Itoa(s.Version), "banner", s.Banner, "email_staff_on_activity", on(s.EmailStaffOnActivity),
		"email_customer_on_comment", on(s.EmailCustomerOnComment), "edit_details", on(s.EditDetails), "forward_documents", on(s.ForwardDocuments),
		"reviews", on(s.Reviews), "timesheets", on(s.Timesheets), "mfa", on(s.MFA),
	), nil
}

func (p pages) saveSettings(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.SaveSettings, &api.SaveSettingsInput{Org: r.Org.Slug}); err != nil {
		return againOver(r, f, err, func() (*web.Form, error) { return p.settingsForm(r) }, settingsView(r, f))
	}
	return r.Redirect(with(r.Path("settings"), "done", "saved"))
}

func (p pages) organization(r *web.Request) error {
	// Everyone may read the profile, but this page is for changing it.
	if err := r.Who.May(portal.ActionManageSettings); err != nil {
		return err
	}
	f, err := p.organizationForm(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, organizationView(r, f))
}

// organizationForm is the profile as it stands.
func (p pages) organizationForm(r *web.Request) (*web.Form, error) {
	out, err := p.GetOrganization.Do(r.Context(), &api.OrganizationInput{Org: r.Org.Slug})
	if err != nil {
		return nil, err
	}
	o := out.Body
	f := web.NewForm("version", strconv.Itoa(o.Version), "name", o.Name, "legal_name", o.LegalName, "email", o.Email, "phone", o.Phone, "website", o.Website,
		"accent", o.Accent, "bank_details", o.BankDetails)
	startAddress(f, "address", o.Address)
	return f, nil
}

func (p pages) saveOrganization(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.EditProfile, &api.EditOrganizationInput{Org: r.Org.Slug}); err != nil {
		return againOver(r, f, err, func() (*web.Form, error) { return p.organizationForm(r) }, organizationView(r, f))
	}
	return r.Redirect(with(r.Path("organization"), "done", "saved"))
}
