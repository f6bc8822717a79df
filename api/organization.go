package api

import (
	"context"
	"encoding/hex"
	"net/http"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type organizationOperations struct {
	Brand           *Operation[BrandInput, BrandOutput]
	GetOrganization *Operation[OrganizationInput, OrganizationOutput]
	EditProfile     *Operation[EditOrganizationInput, OrganizationOutput]
}

// BrandInput names an organization by its slug.
type BrandInput struct {
	Org string `path:"org" maxLength:"40"`
}

// BrandOutput is how an organization presents itself, to anybody.
type BrandOutput struct {
	Body Brand
}

// Brand is what pages without a sign-in show, and how all pages write dates and money.
type Brand struct {
	ID       uuid.UUID       `json:"id"`
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Email    string          `json:"email"`
	Phone    string          `json:"phone,omitempty"`
	Website  string          `json:"website,omitempty"`
	Accent   string          `json:"accent" doc:"A colour, such as #1f4e79."`
	Locale   string          `json:"locale" doc:"BCP 47, such as en-US."`
	TimeZone string          `json:"time_zone" doc:"IANA, such as America/New_York."`
	Currency portal.Currency `json:"currency"`
	Logo     string          `json:"logo,omitempty" doc:"Names the logo's picture; empty without a logo."`
}

// OrganizationInput needs nothing: the organization is the caller's own.
type OrganizationInput struct {
	Org string `path:"org" maxLength:"40"`
}

// OrganizationOutput is the organization's profile.
type OrganizationOutput struct {
	Body OrganizationProfile
}

// OrganizationProfile is what an organization says of itself on its documents and pages.
type OrganizationProfile struct {
	Brand
	LegalName   string         `json:"legal_name,omitempty"`
	Address     portal.Address `json:"address"`
	BankDetails string         `json:"bank_details,omitempty" doc:"How to pay by bank transfer, as customers read it."`
	Version     int            `json:"version" doc:"Named by an edit: an older one refuses it."`
}

// EditOrganizationInput changes the profile. The slug, the currency, the
// locale and the time zone are given when the organization is made.
type EditOrganizationInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Version     int            `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		Name        string         `json:"name" minLength:"1" maxLength:"120"`
		LegalName   string         `json:"legal_name,omitempty" maxLength:"200"`
		Email       string         `json:"email" minLength:"1" maxLength:"254"`
		Phone       string         `json:"phone,omitempty" maxLength:"50"`
		Website     string         `json:"website,omitempty" maxLength:"200"`
		Address     portal.Address `json:"address"`
		Accent      string         `json:"accent" pattern:"^#[0-9a-f]{6}$" patternDescription:"a colour such as #1f4e79"`
		BankDetails string         `json:"bank_details,omitempty" maxLength:"2000"`
	}
}

func (a *API) declareOrganization() {
	a.Brand = declare(a, route{
		id: "brand", method: http.MethodGet, path: "/api/{org}/portal/brand", tag: "Organization",
		summary: "Read how an organization presents itself",
	}, a.brand)
	a.GetOrganization = declare(a, route{
		id: "get-organization", method: http.MethodGet, path: "/api/{org}/console/organization", tag: "Organization",
		summary: "Read the organization's profile", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.getOrganization)
	a.EditProfile = declare(a, route{
		id: "edit-organization", method: http.MethodPut, path: "/api/{org}/console/organization", tag: "Organization",
		summary: "Change the organization's profile", side: portal.SideStaff, action: portal.ActionManageSettings,
	}, a.editOrganization)
}

func (a *API) brand(ctx context.Context, in *BrandInput) (*BrandOutput, error) {
	out := &BrandOutput{}
	err := a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) error {
		b, err := q.GetBrand(ctx, in.Org)
		out.Body = Brand(b)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("portal")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// organization is the caller's.
func (a *API) organization(ctx context.Context) (org dbsqlc.Organization, err error) {
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err = q.GetOrganization(ctx, principal(ctx).Org)
		return err
	})
	return org, err
}

func (a *API) getOrganization(ctx context.Context, _ *OrganizationInput) (*OrganizationOutput, error) {
	var org dbsqlc.Organization
	logo := ""
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		if org, err = q.GetOrganization(ctx, principal(ctx).Org); err != nil {
			return err
		}
		logos, err := q.GetLogo(ctx, org.ID)
		for _, l := range logos {
			logo = hex.EncodeToString(l.Hash)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &OrganizationOutput{OrganizationProfile{
		Brand: Brand{
			ID: org.ID, Slug: org.Slug, Name: org.Name, Email: org.Email, Phone: org.Phone, Website: org.Website,
			Accent: org.Accent, Locale: org.Locale, TimeZone: org.TimeZone, Currency: org.Currency, Logo: logo,
		},
		LegalName: org.LegalName, Address: org.Address, BankDetails: org.BankDetails, Version: int(org.Version),
	}}, nil
}

func (a *API) editOrganization(ctx context.Context, in *EditOrganizationInput) (*OrganizationOutput, error) {
	p, body := principal(ctx), in.Body
	email, err := readEmail("email", body.Email, false)
	if err != nil {
		return nil, err
	}
	website, err := readWebsite(body.Website)
	if err != nil {
		return nil, err
	}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		n, err := q.UpdateOrganization(ctx, dbsqlc.UpdateOrganizationParams{
			ID: p.Org, Version: int32(body.Version), Name: body.Name, LegalName: body.LegalName, Email: email, Phone: body.Phone, Website: website,
			Address: body.Address, Accent: body.Accent, BankDetails: body.BankDetails,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("profile")
		}
		return a.record(ctx, q, p, happened{kind: "organization.edited", subject: "organization", id: p.Org, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return a.getOrganization(ctx, nil)
}
