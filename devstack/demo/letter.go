package demo

import (
	"fmt"
	"time"

	"countersign/db/dbsqlc"
)

// letter is what a contact wrote to the business's own address, R56.
type letter struct {
	customer      string
	by            int
	ago           int // days
	subject, text string
}

// writeLetters writes the messages, and the emails that brought them.
func (y *year) writeLetters(r *rows) error {
	for i, m := range y.b.letters {
		b := y.named(m.customer)
		if b == nil {
			return fmt.Errorf("%s has no customer %q", y.b.name, m.customer)
		}
		by, at := b.contacts[m.by], y.at(y.ago(m.ago), chance(y.b.slug, "message", m.subject))
		row := dbsqlc.Message{
			OrgID: y.org, ID: y.id("message", m.customer, fmt.Sprint(i)), RequestID: y.id("message asked", m.customer, fmt.Sprint(i)), CustomerID: b.row.ID,
			ContactID: by.ID, Subject: m.subject, Body: m.text, At: at,
		}
		r.messages = append(r.messages, row)
		y.tell(event{at: at, kind: "message.written", subject: "message", id: row.ID, customer: b, by: contactActor(by), internal: true,
			data: map[string]any{"subject": m.subject}})
		mail := dbsqlc.Delivery{
			ID: y.id("mailed", row.ID.String()), CustomerID: &b.row.ID, Template: "contact_message", SubjectKind: "message", SubjectID: row.ID,
			Recipient: y.b.mailbox + "@" + y.b.domain, RecipientName: y.b.name, ReplyTo: by.Email, Status: "delivered", CreatedAt: at, UpdatedAt: at.Add(20 * time.Second),
		}
		if err := y.mail(r, mail, map[string]string{
			"contact_name": by.Name, "contact_email": by.Email, "customer_name": b.name, "message_subject": m.subject, "message": m.text,
		}); err != nil {
			return err
		}
	}
	return nil
}

func alderLetters() []letter {
	return []letter{
		{customer: "Northbeam Logistics", by: 1, ago: 2, subject: "New address for invoices from January",
			text: "Hello,\n\nfrom January on please send invoices to Floor 21 instead of 19. Everything else stays as it is.\n\nMarcus"},
	}
}

func sumireLetters() []letter {
	return []letter{
		{customer: "Hotel Kasumi Ginza", ago: 2, subject: "Delivery on the public holiday",
			text: "Good morning,\n\ncan you deliver one day earlier in the week of the holiday? The lounge is full.\n\nIshida"},
	}
}

func rimalLetters() []letter {
	return []letter{
		{customer: "Al Seef Medical Center", ago: 2, subject: "Access cards of your team",
			text: "Dear all,\n\nthe cards of your night shift expire at the end of the month. Please send me the names again.\n\nMariam"},
	}
}
