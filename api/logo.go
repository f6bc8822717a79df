package api

import (
	"context"
	"encoding/hex"
	"net/http"

	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
)

type logoOperations struct {
	Logo       *Operation[LogoInput, FileOutput]
	SaveLogo   *Operation[SaveLogoInput, OrganizationOutput]
	RemoveLogo *Operation[OrganizationInput, OrganizationOutput]
}

// LogoInput names an organization's logo as its brand does.
type LogoInput struct {
	Org  string `path:"org" maxLength:"40"`
	Logo string `query:"v" maxLength:"64" doc:"The brand's logo."`
}

// SaveLogoInput gives the organization a logo, in place of the one before.
type SaveLogoInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Image []byte `json:"image" doc:"A PNG or JPEG of at most 512 KB, in base64." example:"iVBORw0KGgo="`
	}
}

func (a *API) declareLogo() {
	a.Logo = declare(a, route{
		id: "logo", method: http.MethodGet, path: "/api/{org}/portal/logo.png", tag: "Organization",
		summary: "Read an organization's logo", media: "image/png",
	}, a.logo)
	a.SaveLogo = declare(a, route{
		id: "save-logo", method: http.MethodPut, path: "/api/{org}/console/organization/logo", tag: "Organization",
		summary: "Give the organization a logo", side: portal.SideStaff, action: portal.ActionManageSettings,
	}, a.saveLogo)
	a.RemoveLogo = declare(a, route{
		id: "remove-logo", method: http.MethodDelete, path: "/api/{org}/console/organization/logo", tag: "Organization",
		summary: "Take the organization's logo away", side: portal.SideStaff, action: portal.ActionManageSettings,
	}, a.removeLogo)
}

func (a *API) logo(ctx context.Context, in *LogoInput) (*FileOutput, error) {
	hash, err := hex.DecodeString(in.Logo)
	if err != nil {
		return nil, portal.NotFound("logo")
	}
	var found []dbsqlc.Logo
	err = a.DB.Anonymous(ctx, func(q *dbsqlc.Queries) (err error) {
		found, err = q.FindLogo(ctx, dbsqlc.FindLogoParams{Slug: in.Org, Hash: hash})
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, portal.NotFound("logo")
	}
	return &FileOutput{FileHeaders{
		ContentType: "image/png", Disposition: "inline", Sniffing: "nosniff",
		CacheControl: "public, max-age=31536000, immutable", // another picture has another address
	}, found[0].Png}, nil
}

func (a *API) saveLogo(ctx context.Context, in *SaveLogoInput) (*OrganizationOutput, error) {
	logo, err := documents.ReadLogo(in.Body.Image)
	if err != nil {
		return nil, err
	}
	p := principal(ctx)
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		if err := q.SaveLogo(ctx, dbsqlc.SaveLogoParams{
			OrgID: p.Org, Png: logo.PNG, Width: int32(logo.Width), Height: int32(logo.Height), Hash: logo.Hash, At: a.now(),
		}); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{kind: "organization.edited", subject: "organization", id: p.Org, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return a.getOrganization(ctx, nil)
}

func (a *API) removeLogo(ctx context.Context, _ *OrganizationInput) (*OrganizationOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		n, err := q.RemoveLogo(ctx, p.Org)
		if err != nil || n == 0 {
			return err
		}
		return a.record(ctx, q, p, happened{kind: "organization.edited", subject: "organization", id: p.Org, internal: true})
	})
	if err != nil {
		return nil, err
	}
	return a.getOrganization(ctx, nil)
}
