package console

import (
	"errors"
	"net/http"
	"strconv"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

func (p pages) emails(r *web.Request) error {
	out, err := p.ListEmailTemplates.Do(r.Context(), &api.EmailTemplatesInput{Org: r.Org.Slug})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, emailsView(r, out.Body.Templates))
}

func (p pages) readEmail(r *web.Request) (api.EmailTemplate, error) {
	out, err := p.GetEmailTemplate.Do(r.Context(), &api.EmailTemplateInput{Org: r.Org.Slug, Template: r.Param("template")})
	if err != nil {
		return api.EmailTemplate{}, err
	}
	return out.Body, nil
}

func (p pages) email(r *web.Request) error {
	t, err := p.readEmail(r)
	if err != nil {
		return err
	}
	return drawEmail(r, http.StatusOK, t, emailForm(t))
}

// emailForm is an email's wording as it stands.
func emailForm(t api.EmailTemplate) *web.Form {
	return web.NewForm("version", strconv.Itoa(t.Version), "subject", t.Subject, "body", t.Text)
}

// drawEmail allows the page the one thing that other pages don't: to show its
// preview in a frame.
func drawEmail(r *web.Request, status int, t api.EmailTemplate, f *web.Form) error {
	r.Writer().Header().Set("Content-Security-Policy", web.SecurityPolicy+"; frame-src 'self'")
	return r.Draw(status, emailView(r, t, f))
}

func (p pages) saveEmail(r *web.Request) error {
	t, err := p.readEmail(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.SaveEmailTemplate, &api.SaveEmailTemplateInput{Org: r.Org.Slug, Template: t.Name}); err != nil {
		status, err := takeBackOver(f, err, func() (*web.Form, error) { now, err := p.readEmail(r); return emailForm(now), err })
		if err != nil {
			return err
		}
		return drawEmail(r, status, t, f)
	}
	return r.Redirect(with(r.Path("emails", t.Name), "done", "worded"))
}

func (p pages) resetEmail(r *web.Request) error {
	t, err := p.readEmail(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.ResetEmailTemplate, &api.ResetEmailTemplateInput{Org: r.Org.Slug, Template: t.Name}); err != nil {
		f = emailForm(t)
		status, err := takeBack(f, err)
		if err != nil {
			return err
		}
		return drawEmail(r, status, t, f)
	}
	return r.Redirect(with(r.Path("emails", t.Name), "done", "reworded"))
}

// previewSavedEmail is what the editor's frame shows at first.
func (p pages) previewSavedEmail(r *web.Request) error {
	t, err := p.readEmail(r)
	if err != nil {
		return err
	}
	in := &api.PreviewEmailTemplateInput{Org: r.Org.Slug, Template: t.Name, Body: api.EmailWording{Subject: t.Subject, Text: t.Text}}
	out, err := p.PreviewEmailTemplate.Do(r.Context(), in)
	return drawPreview(r, out, err)
}

// previewEmail is what it shows of a text that isn't saved: the editor's own
// form, sent to the frame.
func (p pages) previewEmail(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.PreviewEmailTemplate, &api.PreviewEmailTemplateInput{Org: r.Org.Slug, Template: r.Param("template")})
	return drawPreview(r, out, err)
}

// previewPolicy shuts a preview in: its own inline styles are all that it may
// use, and it has no origin, so that nothing in it could act as who looks at it.
const previewPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; sandbox"

func drawPreview(r *web.Request, out *api.PreviewEmailTemplateOutput, err error) error {
	status := http.StatusOK
	var problems []portal.FieldError
	if refused, ok := errors.AsType[*portal.Error](err); ok && refused.Code == portal.CodeInvalid {
		status, problems = api.StatusOf(err), refused.Fields
		out = &api.PreviewEmailTemplateOutput{}
	} else if err != nil {
		return err
	}
	h := r.Writer().Header()
	h.Set("Content-Security-Policy", previewPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	return r.Draw(status, emailPreview(out.Body, problems))
}
