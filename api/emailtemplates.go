package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"countersign/db/dbsqlc"
	"countersign/mail"
	"countersign/portal"
)

type emailTemplateOperations struct {
	ListEmailTemplates   *Operation[EmailTemplatesInput, EmailTemplatesOutput]
	GetEmailTemplate     *Operation[EmailTemplateInput, EmailTemplateOutput]
	PreviewEmailTemplate *Operation[PreviewEmailTemplateInput, PreviewEmailTemplateOutput]
	SaveEmailTemplate    *Operation[SaveEmailTemplateInput, EmailTemplateOutput]
	ResetEmailTemplate   *Operation[ResetEmailTemplateInput, EmailTemplateOutput]
}

// EmailTemplatesInput needs nothing: the product sends what it sends.
type EmailTemplatesInput struct {
	Org string `path:"org" maxLength:"40"`
}

// EmailTemplatesOutput is every email that the product sends, R14.
type EmailTemplatesOutput struct {
	Body struct {
		Templates []EmailTemplateSummary `json:"templates"`
	}
}

// EmailTemplateSummary is an email in the list.
type EmailTemplateSummary struct {
	Name      string     `json:"name" doc:"Names it in addresses; it never changes."`
	Title     string     `json:"title"`
	About     string     `json:"about" doc:"When it is sent."`
	Audience  string     `json:"audience" enum:"contact,staff" doc:"Whom it is written for."`
	Custom    bool       `json:"custom" doc:"Staff have worded it themselves."`
	Broken    bool       `json:"broken,omitempty" doc:"The email has changed since staff worded it: their text doesn't fit any more, and ours is sent until they mend it."`
	Version   int        `json:"version" doc:"Named by a save: an older one refuses it. 0 if it was never changed."`
	UpdatedBy string     `json:"updated_by,omitempty"`
	UpdatedAt *time.Time `json:"updated_at,omitempty"`
}

// EmailTemplateInput names an email.
type EmailTemplateInput struct {
	Org      string `path:"org" maxLength:"40"`
	Template string `path:"template" maxLength:"60"`
}

// EmailTemplateOutput is an email with its wording.
type EmailTemplateOutput struct {
	Body EmailTemplate
}

// EmailTemplate is how an email is worded, and what may stand in it.
type EmailTemplate struct {
	EmailTemplateSummary
	Subject        string             `json:"subject"`
	Text           string             `json:"body"`
	DefaultSubject string             `json:"default_subject"`
	DefaultText    string             `json:"default_body"`
	Placeholders   []EmailPlaceholder `json:"placeholders"`
}

// EmailPlaceholder is a value that may stand in an email.
type EmailPlaceholder struct {
	Name     string `json:"name" doc:"Written in double braces: {{name}}."`
	About    string `json:"about"`
	Link     bool   `json:"link" doc:"It is an address: written [Words]({{name}}), and never in a subject."`
	Required bool   `json:"required" doc:"The body can't do without it."`
	Sample   string `json:"sample" doc:"What may stand there."`
}

// EmailWording is what staff write.
type EmailWording struct {
	Subject string `json:"subject" maxLength:"1000"`
	Text    string `json:"body" maxLength:"50000" doc:"Paragraphs, lists that begin with a dash, {{placeholders}} and [links]({{placeholder}}); anything else stands as it is."`
}

// PreviewEmailTemplateInput is a wording to look at before it is saved.
type PreviewEmailTemplateInput struct {
	Org      string `path:"org" maxLength:"40"`
	Template string `path:"template" maxLength:"60"`
	Body     EmailWording
}

// PreviewEmailTemplateOutput is the email as it would be sent.
type PreviewEmailTemplateOutput struct {
	Body EmailPreview
}

// EmailPreview is an email as it would be sent, with data of the organization
// where there is some. One-time links in it lead nowhere.
type EmailPreview struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	BasedOn string `json:"based_on" doc:"The document whose data was used, in words; empty if all of it is made up."`
}

// SaveEmailTemplateInput gives an email the organization's own words.
type SaveEmailTemplateInput struct {
	Org      string `path:"org" maxLength:"40"`
	Template string `path:"template" maxLength:"60"`
	Body     struct {
		Version int `json:"version" minimum:"0" doc:"As it was read: an older one refuses the save."`
		EmailWording
	}
}

// ResetEmailTemplateInput gives an email the product's words back.
type ResetEmailTemplateInput struct {
	Org      string `path:"org" maxLength:"40"`
	Template string `path:"template" maxLength:"60"`
	Body     struct {
		Version int `json:"version" minimum:"0" doc:"As it was read: an older one refuses the reset."`
	}
}

func (a *API) declareEmailTemplates() {
	staff := func(id, method, path, summary string) route {
		return route{
			id: id, method: method, path: "/api/{org}/console/email-templates" + path, summary: summary,
			side: portal.SideStaff, action: portal.ActionManageSettings, tag: "Email templates",
		}
	}
	a.ListEmailTemplates = declare(a, staff("list-email-templates", http.MethodGet, "", "List the emails that are sent"), a.listEmailTemplates)
	a.GetEmailTemplate = declare(a, staff("get-email-template", http.MethodGet, "/{template}", "Read an email's wording"), a.getEmailTemplate)
	a.PreviewEmailTemplate = declare(a, staff("preview-email-template", http.MethodPost, "/{template}/preview", "See an email as it would be sent"), a.previewEmailTemplate)
	a.SaveEmailTemplate = declare(a, staff("save-email-template", http.MethodPut, "/{template}", "Give an email your own words"), a.saveEmailTemplate)
	a.ResetEmailTemplate = declare(a, staff("reset-email-template", http.MethodPost, "/{template}/reset", "Give an email its default words back"), a.resetEmailTemplate)
}

func emailTemplate(name string) (mail.Template, error) {
	t, ok := mail.Lookup(name)
	if !ok {
		return t, portal.NotFound("email")
	}
	return t, nil
}

func (a *API) listEmailTemplates(ctx context.Context, _ *EmailTemplatesInput) (*EmailTemplatesOutput, error) {
	saved := map[string]dbsqlc.EmailTemplate{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListEmailTemplates(ctx, principal(ctx).Org)
		for _, row := range rows {
			saved[row.Name] = row
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &EmailTemplatesOutput{}
	for _, t := range mail.Templates() {
		out.Body.Templates = append(out.Body.Templates, templateOf(t, saved[t.Name]).EmailTemplateSummary)
	}
	return out, nil
}

func (a *API) getEmailTemplate(ctx context.Context, in *EmailTemplateInput) (*EmailTemplateOutput, error) {
	t, err := emailTemplate(in.Template)
	if err != nil {
		return nil, err
	}
	out := &EmailTemplateOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		saved, err := q.GetEmailTemplate(ctx, dbsqlc.GetEmailTemplateParams{OrgID: principal(ctx).Org, Name: t.Name})
		if err != nil {
			return err
		}
		var row dbsqlc.EmailTemplate
		if len(saved) == 1 {
			row = saved[0]
		}
		out.Body = templateOf(t, row)
		facts, err := a.previewFacts(ctx, q, t)
		for i, p := range out.Body.Placeholders {
			out.Body.Placeholders[i].Sample = facts.values[p.Name]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// templateOf is an email as staff see it. The zero row is that of one that was
// never changed.
func templateOf(t mail.Template, row dbsqlc.EmailTemplate) EmailTemplate {
	out := EmailTemplate{
		EmailTemplateSummary: EmailTemplateSummary{
			Name: t.Name, Title: t.Title, About: t.About, Audience: "contact", Custom: row.Subject != "", Version: int(row.Version), UpdatedBy: row.UpdatedByName,
		},
		Subject: t.Subject, Text: t.Body, DefaultSubject: t.Subject, DefaultText: t.Body,
	}
	if t.Audience == mail.ForStaff {
		out.Audience = "staff"
	}
	if row.Version > 0 {
		out.UpdatedAt = &row.UpdatedAt
	}
	if out.Custom {
		out.Subject, out.Text = row.Subject, row.Body
		_, err := t.Parse(row.Subject, row.Body)
		out.Broken = err != nil
	}
	required := map[string]bool{}
	for _, name := range t.Required {
		required[name] = true
	}
	for _, p := range t.Placeholders {
		out.Placeholders = append(out.Placeholders, EmailPlaceholder{p.Name, p.About, p.Kind == mail.Link, required[p.Name], p.Sample})
	}
	return out
}

func (a *API) previewEmailTemplate(ctx context.Context, in *PreviewEmailTemplateInput) (*PreviewEmailTemplateOutput, error) {
	t, err := emailTemplate(in.Template)
	if err != nil {
		return nil, err
	}
	source, err := parseWording(t, in.Body)
	if err != nil {
		return nil, err
	}
	var facts previewFacts
	err = a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		facts, err = a.previewFacts(ctx, q, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	rendered, err := source.Render(facts.brand, facts.values)
	if err != nil {
		return nil, err
	}
	return &PreviewEmailTemplateOutput{EmailPreview{rendered.Subject, rendered.Text, rendered.HTML, facts.basedOn}}, nil
}

// parseWording reads what staff wrote; what is wrong with it is said with its
// line and column.
func parseWording(t mail.Template, w EmailWording) (mail.Source, error) {
	source, err := t.Parse(w.Subject, w.Text)
	if refused, ok := errors.AsType[*portal.Error](err); ok {
		return source, refused
	}
	return source, err
}

func (a *API) saveEmailTemplate(ctx context.Context, in *SaveEmailTemplateInput) (*EmailTemplateOutput, error) {
	t, err := emailTemplate(in.Template)
	if err != nil {
		return nil, err
	}
	if _, err := parseWording(t, in.Body.EmailWording); err != nil {
		return nil, err
	}
	// As the parser reads it, so that the text shown again has the lines that problems are told by. Postgres takes no NUL.
	body := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(in.Body.Text)
	subject := strings.TrimSpace(strings.ReplaceAll(in.Body.Subject, "\x00", ""))
	return a.setWording(ctx, t, in.Body.Version, subject, body, "email_template.saved")
}

func (a *API) resetEmailTemplate(ctx context.Context, in *ResetEmailTemplateInput) (*EmailTemplateOutput, error) {
	t, err := emailTemplate(in.Template)
	if err != nil {
		return nil, err
	}
	return a.setWording(ctx, t, in.Body.Version, "", "", "email_template.reset")
}

// setWording stores an email's wording, or with none that it has the product's
// own. Emails that are frozen already are sent as they were.
func (a *API) setWording(ctx context.Context, t mail.Template, version int, subject, body, kind string) (*EmailTemplateOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		n, err := q.SaveEmailTemplate(ctx, dbsqlc.SaveEmailTemplateParams{
			OrgID: p.Org, Name: t.Name, Subject: subject, Body: body, Version: int32(version), ByName: p.Name, At: a.now(),
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("email")
		}
		return a.record(ctx, q, p, happened{
			kind: kind, subject: "organization", id: p.Org, internal: true, data: map[string]any{"template": t.Name, "title": t.Title},
		})
	})
	if err != nil {
		return nil, err
	}
	return a.getEmailTemplate(ctx, &EmailTemplateInput{Template: t.Name})
}
