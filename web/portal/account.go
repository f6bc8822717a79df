package portal

import (
	"net/http"
	"strconv"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// account is the page of all that belongs to the reader: their company, themselves, saved cards, sign-ins.
func (p pages) account(r *web.Request) error {
	a, err := p.readAccount(r)
	if err != nil {
		return err
	}
	saved, err := p.wallet(r)
	if err != nil {
		return err
	}
	sessions, err := p.ListMySessions.Do(r.Context(), &api.ListSessionsInput{Org: r.Org.Slug})
	if err != nil {
		return err
	}
	mfa, err := p.readMFA(r)
	if err != nil {
		return err
	}
	autopay, err := p.GetMyAutopay.Do(r.Context(), &api.MyAutopayInput{Org: r.Org.Slug})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, accountPage(r, a, saved, autopay.Body, sessions.Body.Sessions, mfa))
}

func (p pages) readAccount(r *web.Request) (api.Account, error) {
	out, err := p.GetMyAccount.Do(r.Context(), &api.AccountInput{Org: r.Org.Slug})
	if err != nil {
		return api.Account{}, err
	}
	return out.Body, nil
}

func accountShell(r *web.Request) ui.PortalShell {
	s := shell(r, "Account and security", "")
	done := map[string]ui.Notice{
		"company":  {Tone: ui.Success, Words: "Your company’s details are saved. " + r.Org.Name + " sees them now."},
		"me":       {Tone: ui.Success, Words: "Your details are saved."},
		"password": {Tone: ui.Success, Title: "Your password is changed", Words: "You are signed out everywhere else."},
		"session":  {Tone: ui.Success, Words: "That sign-in is ended."},
		"sessions": {Tone: ui.Success, Words: "You are signed out everywhere else."},

		"backup-code": {Tone: ui.Info, Title: "You signed in with a backup code", Words: "That code is used up. Under Authenticator you see how many are left, and can make new ones."},

		"method":          {Tone: ui.Success, Words: "It is removed, and can’t be charged any more."},
		"method-changed":  {Tone: ui.Success, Words: "Your changes are saved, at the payment processor too."},
		"method-changing": {Tone: ui.Info, Words: "Your changes are being saved. The payment processor takes longer than usual."},
	}
	if n, ok := done[r.Query("done")]; ok {
		s.Flash = &n
	}
	return s
}

func (p pages) company(r *web.Request) error {
	a, err := p.readAccount(r)
	if err != nil {
		return err
	}
	if !a.Features.EditDetails {
		return portal.NotFound("page")
	}
	return r.Draw(http.StatusOK, companyPage(r, companyForm(a.Company)))
}

func companyForm(c api.Company) *web.Form {
	f := web.NewForm("version", strconv.Itoa(c.Version), "name", c.Name, "email", c.Email, "phone", c.Phone, "website", c.Website, "tax_number", c.TaxNumber)
	setAddress(f, "billing_address", c.BillingAddress)
	setAddress(f, "shipping_address", c.ShippingAddress)
	return f
}

func setAddress(f *web.Form, name string, a portal.Address) {
	for part, value := range map[string]string{
		"line1": a.Line1, "line2": a.Line2, "city": a.City, "region": a.Region, "postal_code": a.PostalCode, "country": a.Country,
	} {
		f.Set(name+"."+part, value)
	}
}

func (p pages) postCompany(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	_, err = web.Submit(r, f, p.EditMyCompany, &api.EditMyCompanyInput{Org: r.Org.Slug})
	if portal.CodeOf(err) == portal.CodeStale {
		a, gone := p.readAccount(r)
		if gone != nil {
			return gone
		}
		f.ChangedMeanwhile(companyForm(a.Company))
		return r.Draw(http.StatusConflict, companyPage(r, f))
	}
	if err != nil {
		return r.Again(f, err, companyPage(r, f))
	}
	return r.Redirect(r.Path("account") + "?done=company")
}

func (p pages) me(r *web.Request) error {
	a, err := p.readAccount(r)
	if err != nil {
		return err
	}
	if !a.Features.EditDetails {
		return portal.NotFound("page")
	}
	return r.Draw(http.StatusOK, mePage(r, meForm(a.Me)))
}

func meForm(m api.Me) *web.Form {
	return web.NewForm("version", strconv.Itoa(m.Version), "name", m.Name, "email", m.Email, "phone", m.Phone, "title", m.Title)
}

func (p pages) postMe(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	_, err = web.Submit(r, f, p.EditMe, &api.EditMeInput{Org: r.Org.Slug})
	if portal.CodeOf(err) == portal.CodeStale {
		a, gone := p.readAccount(r)
		if gone != nil {
			return gone
		}
		f.ChangedMeanwhile(meForm(a.Me))
		return r.Draw(http.StatusConflict, mePage(r, f))
	}
	if err != nil {
		return r.Again(f, err, mePage(r, f))
	}
	return r.Redirect(r.Path("account") + "?done=me")
}

func meFacts(m api.Me) []ui.Fact {
	facts := []ui.Fact{{Term: "Name", Value: m.Name}, {Term: "Email", Value: m.Email}}
	if m.Title != "" {
		facts = append(facts, ui.Fact{Term: "Role", Value: m.Title})
	}
	if m.Phone != "" {
		facts = append(facts, ui.Fact{Term: "Phone", Value: m.Phone})
	}
	may := []string{"read documents"}
	if m.MayApprove {
		may = append(may, "decide on estimates")
	}
	if m.MayPay {
		may = append(may, "pay")
	}
	return append(facts, ui.Fact{Term: "You may", Value: list(may, len(may))})
}
