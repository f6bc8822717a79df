package activities

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strconv"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	mailing "countersign/mail"
	"countersign/portal"
)

// recipient is who an email goes to: a contact, a member of staff, or, with
// neither ID, an address that is no account's, such as the organization's own.
type recipient struct {
	name    string
	address string
	contact uuid.UUID
	staff   uuid.UUID
}

func toContact(c dbsqlc.Contact) recipient {
	return recipient{name: c.Name, address: c.Email, contact: c.ID}
}

func toStaff(s dbsqlc.Staff) recipient {
	return recipient{name: s.Name, address: s.Email, staff: s.ID}
}

// toOrganization is the organization's registered address.
func toOrganization(org dbsqlc.Organization) recipient {
	return recipient{name: org.Name, address: org.Email}
}

// inPlaceOf are who hears of what a contact began: that contact or, once they have
// no access any more, those in their place.
func inPlaceOf(ctx context.Context, q *dbsqlc.Queries, c dbsqlc.Contact) ([]dbsqlc.Contact, error) {
	if c.Access == "active" {
		return []dbsqlc.Contact{c}, nil
	}
	return standIns(ctx, q, c)
}

// standIns are the customer's primary contact, if that is somebody else, or whoever
// is written to.
func standIns(ctx context.Context, q *dbsqlc.Queries, of dbsqlc.Contact) ([]dbsqlc.Contact, error) {
	all, err := q.ListContacts(ctx, dbsqlc.ListContactsParams{OrgID: of.OrgID, CustomerID: of.CustomerID})
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.IsPrimary && c.ID != of.ID && c.Access != "withdrawn" {
			return []dbsqlc.Contact{c}, nil
		}
	}
	return q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: of.OrgID, CustomerID: of.CustomerID})
}

// key tells recipients of the same letter apart, for as long as it may be sent.
func (r recipient) key() string {
	switch {
	case r.contact != uuid.Nil:
		return r.contact.String()
	case r.staff != uuid.Nil:
		return r.staff.String()
	default:
		return r.address
	}
}

// letter is one email to one person, about a document or whatever else its
// subject and id name.
type letter struct {
	org      dbsqlc.Organization
	customer uuid.UUID
	to       recipient
	// replyTo is who an answer reaches; the organization, if it is empty.
	replyTo  string
	template string
	subject  string
	id       uuid.UUID
	// send tells apart the same letter sent again on purpose.
	send   int
	values map[string]string
	// secret values are filled in only while sending, and never stored.
	secret map[string]string
	// forward is what the letter belongs to, and attachment what goes with it.
	forward    uuid.UUID
	attachment *dbsqlc.ForwardFile
	// cause tells apart letters about one document: a refund, or a dispute.
	cause uuid.UUID
	// begun sends it only if its sending was begun before: it may have been sent.
	begun bool
}

// address of a page of the organization's portal.
func (a *Activities) address(org dbsqlc.Organization, path string, id fmt.Stringer) string {
	return a.SiteURL + "/" + org.Slug + "/" + path + "/" + id.String()
}

// deliver sends a letter once, however often it is called. A refusal by the
// provider is recorded, shown to staff, and no error.
func (a *Activities) deliver(ctx context.Context, l letter) error {
	_, err := a.send(ctx, l)
	return err
}

// send is deliver for whoever has to know what became of the letter: the status of
// its row, failed if the provider refused it for good, now or before; empty if it
// was to be sent only when begun, and was not. What is sent is frozen first, and its
// ID is the provider's idempotency key.
func (a *Activities) send(ctx context.Context, l letter) (status string, err error) {
	about := l.id
	switch {
	case l.forward != uuid.Nil:
		about = l.forward
	case l.cause != uuid.Nil:
		about = l.cause
	}
	id := portal.DerivedID("delivery", l.org.ID.String(), l.template, about.String(), l.to.key(), strconv.Itoa(l.send))
	if l.begun {
		known, err := a.frozen(ctx, l.org.ID, id)
		if err != nil || !known {
			return "", err
		}
	}
	frozen, err := a.freeze(ctx, id, l)
	if err != nil || frozen.Status != "queued" {
		return frozen.Status, err
	}
	var attached []mailing.Attachment
	if l.attachment != nil {
		if !bytes.Equal(frozen.AttachmentHash, l.attachment.Hash) {
			return "", fmt.Errorf("the attachment of email %s is not the one that was frozen", id)
		}
		attached = []mailing.Attachment{{Name: l.attachment.Name, ContentType: l.attachment.Type, Bytes: l.attachment.Content}}
	}
	body := mailing.Rendered{Subject: frozen.Subject, Text: frozen.TextBody, HTML: frozen.HtmlBody}.Fill(l.secret)
	providerID, err := a.Mail.Send(ctx, mailing.Message{
		From:           (&mail.Address{Name: l.org.Name, Address: a.MailFrom}).String(),
		To:             []string{(&mail.Address{Name: frozen.RecipientName, Address: frozen.Recipient}).String()},
		ReplyTo:        frozen.ReplyTo,
		Subject:        body.Subject,
		Text:           body.Text,
		HTML:           body.HTML,
		Attachments:    attached,
		IdempotencyKey: id.String(),
	})
	refused, isRefused := errors.AsType[*mailing.Error](err)
	switch {
	case err == nil:
		return "sent", a.in(ctx, l.org.ID, func(q *dbsqlc.Queries) error {
			_, err := q.MarkDeliverySent(ctx, dbsqlc.MarkDeliverySentParams{OrgID: l.org.ID, ID: id, ProviderID: providerID, At: new(a.now())})
			return err
		})
	case isRefused && refused.Kind == mailing.Permanent:
		return "failed", a.in(ctx, l.org.ID, func(q *dbsqlc.Queries) error {
			n, err := q.MarkDeliveryFailed(ctx, dbsqlc.MarkDeliveryFailedParams{OrgID: l.org.ID, ID: id, Detail: refused.Error(), At: a.now()})
			if err != nil || n == 0 {
				return err
			}
			return a.record(ctx, q, happened{
				org: l.org.ID, customer: l.customer, kind: "email.failed", subject: l.subject, id: l.id,
				by: system(), internal: true, at: a.now(),
				data: map[string]any{"recipient": frozen.Recipient, "reason": refused.Error()},
			})
		})
	default:
		return "", fmt.Errorf("sending %s: %w", l.template, err)
	}
}

// taken reports whether an email of that status was taken by the provider, and has
// not come back.
func taken(status string) bool { return status != "failed" && status != "bounced" }

// frozen reports whether an email was ever about to be sent.
func (a *Activities) frozen(ctx context.Context, org, id uuid.UUID) (known bool, err error) {
	err = a.in(ctx, org, func(q *dbsqlc.Queries) error {
		_, err := q.GetDelivery(ctx, dbsqlc.GetDeliveryParams{OrgID: org, ID: id})
		if db.NotFound(err) {
			return nil
		}
		known = err == nil
		return err
	})
	return known, err
}

// freeze stores what is to be sent, unless it already is stored, and returns
// what is stored.
func (a *Activities) freeze(ctx context.Context, id uuid.UUID, l letter) (dbsqlc.Delivery, error) {
	template, ok := mailing.Lookup(l.template)
	if !ok {
		return dbsqlc.Delivery{}, fmt.Errorf("there is no email %q", l.template)
	}
	// A flow's emails share their values; each template takes the ones it has places for.
	values := map[string]string{}
	for _, p := range template.Placeholders {
		switch _, secret := l.secret[p.Name]; {
		case secret:
			values[p.Name] = mailing.Marker(p.Name)
		case l.values[p.Name] != "":
			values[p.Name] = l.values[p.Name]
		case p.Name == "organization_name":
			values[p.Name] = l.org.Name
		case p.Name == "contact_name" && l.to.contact != uuid.Nil, p.Name == "staff_name" && l.to.staff != uuid.Nil:
			values[p.Name] = l.to.name
		}
	}
	var frozen dbsqlc.Delivery
	err := a.in(ctx, l.org.ID, func(q *dbsqlc.Queries) error {
		source, err := wording(ctx, q, l.org.ID, template)
		if err != nil {
			return err
		}
		rendered, err := source.Render(mailing.Brand{Name: l.org.Name, Colour: l.org.Accent, Address: l.org.Address.Lines()}, values)
		if err != nil {
			return fmt.Errorf("writing email %q: %w", l.template, err)
		}
		var attachmentHash []byte
		if l.attachment != nil {
			attachmentHash = l.attachment.Hash
		}
		err = q.FreezeDelivery(ctx, dbsqlc.FreezeDeliveryParams{
			OrgID: l.org.ID, ID: id, CustomerID: optional(l.customer), ContactID: optional(l.to.contact), StaffID: optional(l.to.staff),
			Template: l.template, SubjectKind: l.subject, SubjectID: l.id,
			Recipient: l.to.address, RecipientName: l.to.name, ReplyTo: cmp.Or(l.replyTo, l.org.Email),
			Subject: rendered.Subject, TextBody: rendered.Text, HtmlBody: rendered.HTML, ForwardID: optional(l.forward), AttachmentHash: attachmentHash, At: a.now(),
		})
		if err != nil {
			return err
		}
		frozen, err = q.GetDelivery(ctx, dbsqlc.GetDeliveryParams{OrgID: l.org.ID, ID: id})
		return err
	})
	return frozen, err
}

// wording is how the organization words an email: as staff saved it, or as we
// do. Words that were right when they were saved and no longer are, because the
// email has changed since, give way to ours: an email is never lost for them,
// and the console shows staff what to mend.
func wording(ctx context.Context, q *dbsqlc.Queries, org uuid.UUID, template mailing.Template) (mailing.Source, error) {
	saved, err := q.GetEmailTemplate(ctx, dbsqlc.GetEmailTemplateParams{OrgID: org, Name: template.Name})
	if err != nil {
		return mailing.Source{}, err
	}
	if len(saved) == 1 && saved[0].Subject != "" {
		if source, err := template.Parse(saved[0].Subject, saved[0].Body); err == nil {
			return source, nil
		}
	}
	source, err := template.Default()
	if err != nil {
		return mailing.Source{}, fmt.Errorf("reading email %q: %w", template.Name, err)
	}
	return source, nil
}
