package demo

import (
	"fmt"
	"time"

	"countersign/db/dbsqlc"
	"countersign/mail"
)

// mail writes an email as it was sent: a delivery with its words.
func (y *year) mail(r *rows, d dbsqlc.Delivery, values map[string]string) error {
	template, ok := mail.Lookup(d.Template)
	if !ok {
		return fmt.Errorf("there is no email %q", d.Template)
	}
	source, err := template.Default()
	if err != nil {
		return fmt.Errorf("reading email %q: %w", d.Template, err)
	}
	values["organization_name"] = y.b.name
	rendered, err := source.Render(mail.Brand{Name: y.b.name, Colour: y.b.accent, Address: y.b.address.Lines()}, values)
	if err != nil {
		return fmt.Errorf("writing email %q: %w", d.Template, err)
	}
	sent := d.CreatedAt.Add(2 * time.Second)
	d.OrgID, d.SentAt, d.Subject, d.TextBody, d.HtmlBody = y.org, &sent, rendered.Subject, rendered.Text, rendered.HTML
	r.deliveries = append(r.deliveries, d)
	return nil
}
