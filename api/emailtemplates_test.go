package api

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"countersign/portal"
)

// wording is the save of an email's own words.
func wording(name string, version int, subject, body string) *SaveEmailTemplateInput {
	in := &SaveEmailTemplateInput{Template: name}
	in.Body.Version, in.Body.Subject, in.Body.Text = version, subject, body
	return in
}

func TestStaffWordEveryEmail(t *testing.T) { // R14
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	all := must(b.ListEmailTemplates.Do(ctx, &EmailTemplatesInput{}))(t).Body.Templates
	if len(all) < 15 {
		t.Fatalf("only %d emails can be worded", len(all))
	}
	for _, summary := range all {
		read := must(b.GetEmailTemplate.Do(ctx, &EmailTemplateInput{Template: summary.Name}))(t).Body
		if read.Custom || read.Version != 0 || read.Subject == "" || read.Text == "" || read.About == "" || len(read.Placeholders) == 0 {
			t.Fatalf("%s begins as %+v", summary.Name, read)
		}
		saved := must(b.SaveEmailTemplate.Do(ctx, wording(summary.Name, 0, " Ours: "+read.Subject, read.Text+"\r\n\r\nWith thanks.")))(t).Body
		if !saved.Custom || saved.Version != 1 || saved.Subject != "Ours: "+read.Subject || !strings.HasSuffix(saved.Text, "\n\nWith thanks.") || saved.UpdatedBy != b.bright.admin.Name {
			t.Errorf("%s was saved as %+v", summary.Name, saved)
		}
		reset := &ResetEmailTemplateInput{Template: summary.Name}
		reset.Body.Version = 1
		if back := must(b.ResetEmailTemplate.Do(ctx, reset))(t).Body; back.Custom || back.Version != 2 || back.Subject != read.Subject || back.Text != read.Text {
			t.Errorf("%s was reset to %+v", summary.Name, back)
		}
	}
	// Another organization's emails are worded apart from these.
	other := must(b.GetEmailTemplate.Do(as(t.Context(), b.other.admin), &EmailTemplateInput{Template: "invitation"}))(t).Body
	if other.Version != 0 {
		t.Errorf("another organization reads %+v", other)
	}
	_, err := b.GetEmailTemplate.Do(ctx, &EmailTemplateInput{Template: "no_such_email"})
	refused(t, err, portal.CodeNotFound, "")
	if n := value[int](b, `SELECT count(*) FROM events WHERE kind IN ('email_template.saved', 'email_template.reset') AND NOT visible`); n != 2*len(all) {
		t.Errorf("%d events for %d emails", n, len(all))
	}
}

func TestAnOlderCopyOfAnEmailIsNotSaved(t *testing.T) { // R14
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	body := "[Accept]({{accept_link}})"
	must(b.SaveEmailTemplate.Do(ctx, wording("invitation", 0, "One", body)))(t)
	for _, version := range []int{0, 2} {
		_, err := b.SaveEmailTemplate.Do(ctx, wording("invitation", version, "Two", body))
		refused(t, err, portal.CodeStale, "")
	}
	reset := &ResetEmailTemplateInput{Template: "invitation"}
	_, err := b.ResetEmailTemplate.Do(ctx, reset)
	refused(t, err, portal.CodeStale, "")
	// A reset counts as a change: who read before it is told.
	reset.Body.Version = 1
	must(b.ResetEmailTemplate.Do(ctx, reset))(t)
	for _, version := range []int{0, 1} {
		_, err := b.SaveEmailTemplate.Do(ctx, wording("invitation", version, "Two", body))
		refused(t, err, portal.CodeStale, "")
	}
	must(b.SaveEmailTemplate.Do(ctx, wording("invitation", 2, "Two", body)))(t)
	_, err = b.SaveEmailTemplate.Do(ctx, wording("estimate_sent", 7, "Seven", "[See]({{estimate_link}})"))
	refused(t, err, portal.CodeStale, "")
}

func TestWhatIsWrongWithAnEmailIsSaidWhereItIs(t *testing.T) { // R14
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	for _, c := range []struct{ subject, body, field, message string }{
		{"Hi", "Hello,\n\nhere is {{acept_link}}.\n\n[Go]({{accept_link}})", "body", "Line 3, column 9: {{acept_link}} is not one of this email's placeholders. Did you mean {{accept_link}}?"},
		{"{{total}}", "[Go]({{accept_link}})", "subject", "Line 1, column 1: {{total}} is not one of this email's placeholders."},
		{"Hi", "Hello {{contact_name}}", "body", "Line 1, column 1: The text needs {{accept_link}}"},
		{"Hi", "[Go](https://evil.example)", "body", "Line 1, column 6: A link can lead only to a placeholder"},
		{"Hi\r\nBcc: all@evil.example", "[Go]({{accept_link}})", "subject", "Line 1, column 1: The subject must be one line."},
		{"{{accept_link}}", "[Go]({{accept_link}})", "subject", "Line 1, column 1: {{accept_link}} is a link"},
		{"Hi", "{{range .}}{{accept_link}}{{end}}", "body", "Line 1, column 1: {{range .}} is not one"},
	} {
		_, err := b.SaveEmailTemplate.Do(ctx, wording("invitation", 0, c.subject, c.body))
		refused(t, err, portal.CodeInvalid, c.field)
		said, _ := errors.AsType[*portal.Error](err)
		if len(said.Fields) == 0 || !strings.HasPrefix(said.Fields[0].Message, c.message) {
			t.Errorf("%q: said %+v, want %q", c.body, said.Fields, c.message)
		}
		preview := &PreviewEmailTemplateInput{Template: "invitation", Body: EmailWording{c.subject, c.body}}
		_, err = b.PreviewEmailTemplate.Do(ctx, preview)
		refused(t, err, portal.CodeInvalid, c.field)
	}
	if n := value[int](b, `SELECT count(*) FROM email_templates`); n != 0 {
		t.Errorf("%d of them were stored", n)
	}
}

func TestAPreviewShowsTheOrganizationsOwnData(t *testing.T) { // R14
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	preview := func(name, subject, body string) EmailPreview {
		t.Helper()
		return must(b.PreviewEmailTemplate.Do(ctx, &PreviewEmailTemplateInput{Template: name, Body: EmailWording{subject, body}}))(t).Body
	}
	number := value[string](b, `SELECT number FROM estimates WHERE org_id = $1 AND version > 0 ORDER BY sent_at DESC, id DESC LIMIT 1`, b.bright.id)
	customer := value[string](b, `SELECT c.name FROM estimates e JOIN customers c ON c.id = e.customer_id WHERE e.org_id = $1 AND e.number = $2`, b.bright.id, number)
	got := preview("estimate_sent", "{{estimate_number}} for {{customer_name}}", "From {{organization_name}}\n\n[See]({{estimate_link}})")
	if got.Subject != number+" for "+customer || !strings.Contains(got.Text, "From Bright Studio") || got.BasedOn != "estimate "+number+" of "+customer {
		t.Errorf("the estimate's preview is %+v", got)
	}
	if !strings.Contains(got.HTML, "http://localhost:8080/bright/estimates/") {
		t.Errorf("its link leads elsewhere: %s", got.Text)
	}
	// Nothing that anyone could use: a one-time link stays made up.
	if got := preview("invitation", "Hi", "[Go]({{accept_link}})"); !strings.Contains(got.Text, "http://localhost:8080/bright/invitations/sample") {
		t.Errorf("the invitation's preview is %s", got.Text)
	}
	for _, s := range must(b.ListEmailTemplates.Do(ctx, &EmailTemplatesInput{}))(t).Body.Templates {
		read := must(b.GetEmailTemplate.Do(ctx, &EmailTemplateInput{Template: s.Name}))(t).Body
		if got := preview(s.Name, read.Subject, read.Text); got.Subject == "" || got.HTML == "" || got.Text == "" || strings.Contains(got.Text, "{{") {
			t.Errorf("%s: the preview is %+v", s.Name, got)
		}
	}
}

// What staff write is words, whatever it looks like.
func TestAnEmailsTextCanDoNothing(t *testing.T) { // R14
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	b.sql(`UPDATE customers SET name = '</p><script>alert(1)</script>{{accept_link}}[x](http://evil.example)' WHERE org_id = $1`, b.bright.id)
	hostile := []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `</td></tr></table><iframe src="https://evil.example">`, `"><svg/onload=alert(1)>`,
		`<style>*{display:none}</style>`, `<!--[if mso]><v:rect><![endif]-->`, `&lt;script&gt;`, `<%= 1 %> ${7*7} #{7*7}`, "javascript:alert(1)", "\u202egpj.exe", "\x00\x07",
		`<a href="https://evil.example">click</a>`, `<meta http-equiv="refresh" content="0;url=https://evil.example">`, `{ { accept_link } }`, `[x] (https://evil.example)`,
	}
	body := strings.Join(hostile, "\n\n") + "\n\n{{customer_name}}\n\n[Go <b>on</b>]({{accept_link}})"
	subject := "<b>Hi</b> \t\u2028Bcc: x@evil.example {{customer_name}}"
	saved := must(b.SaveEmailTemplate.Do(ctx, wording("invitation", 0, subject, body)))(t).Body
	got := must(b.PreviewEmailTemplate.Do(ctx, &PreviewEmailTemplateInput{Template: "invitation", Body: EmailWording{saved.Subject, saved.Text}}))(t).Body
	for _, r := range got.Subject {
		if r < ' ' || r == '\u2028' {
			t.Errorf("the subject has %q: %q", r, got.Subject)
		}
	}
	root, err := html.Parse(strings.NewReader(got.HTML))
	if err != nil {
		t.Fatal(err)
	}
	styles := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "iframe", "img", "svg", "object", "form", "input", "base", "link", "b":
			t.Errorf("the email has a <%s>", n.Data)
		case "style":
			styles++
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "http-equiv" || a.Key == "src" {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "http://localhost:8080/bright/") {
				t.Errorf("a link leads to %s", a.Val)
			}
		}
	}
	if styles != 1 {
		t.Errorf("%d style elements, and only ours is one", styles)
	}
	for _, words := range []string{"<script>alert(1)</script>", "&lt;script&gt;", "<%= 1 %> ${7*7} #{7*7}"} {
		if !strings.Contains(got.Text, words) {
			t.Errorf("the text part doesn't show %s as it was written: %s", words, got.Text)
		}
	}
}
