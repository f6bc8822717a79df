package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// people are the staff, the customers and their contacts.
func (y *year) people() {
	for i, p := range y.b.staff {
		role := "member"
		if i == 0 {
			role = "admin"
		}
		y.staff = append(y.staff, dbsqlc.Staff{
			OrgID: y.org, ID: y.id("staff", p.name), Email: y.b.staffEmail(i), Name: p.name, Role: role, Active: true, CreatedAt: y.founded(),
		})
	}
	for i, c := range y.b.customers {
		y.buyers = append(y.buyers, y.buyer(i, c))
	}
}

func (y *year) founded() time.Time {
	return y.clock(portal.NewDate(y.today.Year-y.b.since, time.April, 3), 10, 0)
}

func (y *year) buyer(i int, c customer) *buyer {
	l := chance(y.b.slug, "customer", c.name)
	since := y.at(y.ago(l.between(400, 1100)), l)
	b := &buyer{customer: c, row: dbsqlc.Customer{
		OrgID: y.org, ID: y.id("customer", c.name), Number: fmt.Sprintf("C-%04d", i+1), Name: c.name, Email: "accounts@" + c.domain, Phone: c.phone,
		Website: "https://" + c.domain, TaxNumber: c.tax, Currency: y.b.currency, TermsDays: int32(c.terms), BillingAddress: c.address,
		ShippingAddress: c.shipping, Notes: c.notes, BankDebitAllowed: c.bankDebit, Version: 1, CreatedAt: since, UpdatedAt: since,
	}}
	if b.row.ShippingAddress == (portal.Address{}) {
		b.row.ShippingAddress = c.address
	}
	for j, p := range c.contacts {
		roles := strings.Fields(p.roles)
		if len(roles) == 0 {
			roles = []string{"view", "approve", "pay"}
		}
		contact := dbsqlc.Contact{
			OrgID: y.org, ID: y.id("contact", c.name, p.name), CustomerID: b.row.ID, Name: p.name, Email: c.email(j), Phone: p.phone, Title: p.title,
			IsPrimary: j == 0, Access: "none", Roles: roles, Version: 1, CreatedAt: since, UpdatedAt: since,
		}
		switch p.access {
		case "active", "withdrawn":
			contact.Access = p.access
		}
		if contact.Access == "active" {
			seen := y.at(y.ago(l.between(1, 24)), l)
			contact.LastSeenAt = &seen
		}
		b.contacts = append(b.contacts, contact)
	}
	return b
}

// staffMember is a colleague as events name people: 0 leads, 1 keeps the books, 2 writes documents.
func (y *year) staffMember(i int) activities.Actor {
	s := y.staff[i]
	return activities.Actor{Kind: portal.ActorStaff, ID: s.ID, Name: s.Name, Email: s.Email}
}

func contactActor(c dbsqlc.Contact) activities.Actor {
	return activities.Actor{Kind: portal.ActorContact, ID: c.ID, Name: c.Name, Email: c.Email}
}

func system() activities.Actor {
	return activities.Actor{Kind: portal.ActorSystem, Name: "Countersign"}
}

// payer is a contact who may pay: whoever keeps the books, if anyone does.
func (b *buyer) payer() activities.Actor {
	best := b.contacts[0]
	for _, c := range b.contacts {
		if c.Access == "active" && len(c.Roles) == 2 && strings.Contains(strings.Join(c.Roles, " "), "pay") {
			best = c
		}
	}
	return contactActor(best)
}

// invitations are how the contacts came to have access, or didn't.
func (y *year) invitations() []dbsqlc.Invitation {
	var made []dbsqlc.Invitation
	for _, b := range y.buyers {
		for i, c := range b.contacts {
			l := chance(y.b.slug, "invitation", c.Email)
			row := dbsqlc.Invitation{
				OrgID: y.org, ID: y.id("invitation", c.Email), CustomerID: b.row.ID, ContactID: c.ID, Status: portal.InvitationAccepted, SendNumber: 1,
				InvitedBy: &y.staff[2].ID, InvitedByName: y.staff[2].Name, RequestHash: digest("invite", c.ID), TokenHash: digest("spent", c.ID),
			}
			row.CreatedAt = b.row.CreatedAt.Add(time.Duration(l.between(3, 240)) * time.Hour)
			ended := row.CreatedAt.Add(time.Duration(l.between(20, 60*60)) * time.Minute)
			switch b.customer.contacts[i].access {
			case "active", "withdrawn":
			case "expired":
				row.Status, row.CreatedAt = portal.InvitationExpired, y.at(y.ago(l.between(30, 60)), l)
				ended = row.CreatedAt.Add(14 * 24 * time.Hour)
			default:
				continue
			}
			row.SentAt, row.ExpiresAt, row.EndedAt = row.CreatedAt, row.CreatedAt.Add(14*24*time.Hour), &ended
			made = append(made, row)

			about := map[string]any{"contact": c.Name, "email": c.Email}
			y.tell(event{at: row.SentAt, kind: "invitation.sent", subject: "contact", id: c.ID, customer: b, by: y.staffMember(2), internal: true, data: about})
			if row.Status == portal.InvitationExpired {
				y.tell(event{at: ended, kind: "invitation.expired", subject: "contact", id: c.ID, customer: b, by: system(), internal: true})
				continue
			}
			y.tell(event{at: ended, kind: "invitation.accepted", subject: "contact", id: c.ID, customer: b, by: contactActor(c), internal: true, data: map[string]any{"contact": c.Name}})
			if c.Access == "withdrawn" {
				y.tell(event{at: y.at(y.ago(l.between(40, 90)), l), kind: "access.withdrawn", subject: "contact", id: c.ID, customer: b, by: y.staffMember(0), internal: true, data: map[string]any{"contact": c.Name}})
			}
		}
	}
	return made
}

// digest stands where the hash of a request or of a spent token would.
func digest(what string, id uuid.UUID) []byte {
	out := make([]byte, 32)
	for i := range 2 {
		part := portal.DerivedID("countersign demo", what, id.String(), fmt.Sprint(i))
		copy(out[16*i:], part[:])
	}
	return out
}
