package console

import (
	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// saveLogo takes the picture that was chosen, or takes the logo away.
func (p pages) saveLogo(r *web.Request) error {
	image, err := r.Upload("image")
	if err == nil && len(image) == 0 {
		err = portal.Invalid("Choose a picture first.", portal.Field("image", "Choose a PNG or JPEG picture."))
	}
	if err == nil {
		in := &api.SaveLogoInput{Org: r.Org.Slug}
		in.Body.Image = image
		_, err = p.SaveLogo.Do(r.Context(), in)
	}
	if err != nil {
		f, failed := p.organizationForm(r)
		if failed != nil {
			return failed
		}
		return again(r, f, err, organizationView(r, f))
	}
	return r.Redirect(with(r.Path("organization"), "done", "saved"))
}

func (p pages) removeLogo(r *web.Request) error {
	if _, err := p.RemoveLogo.Do(r.Context(), &api.OrganizationInput{Org: r.Org.Slug}); err != nil {
		return err
	}
	return r.Redirect(with(r.Path("organization"), "done", "saved"))
}
