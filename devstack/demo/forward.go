package demo

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// handover is a document that was forwarded, R26, or is being forwarded.
type handover struct {
	customer string
	// opening is which of the customer's open invoices.
	opening int
	// begun is one that is begun now, by staff; the others were forwarded by a contact.
	begun   bool
	after   int // hours after the invoice was sent
	message string
	to      []recipient
}

// recipient is whom a document was forwarded to, and what became of the email.
type recipient struct {
	email  string
	status portal.ForwardedStatus
	detail string
}

func (h handover) document(y *year) uuid.UUID {
	return y.id("invoice", h.customer, openName(h.opening))
}

// writeHandovers writes the forwards, their recipients, who became contacts
// (R6), and the emails that brought them.
func (y *year) writeHandovers(r *rows) error {
	for i, h := range y.b.handovers {
		b := y.named(h.customer)
		if b == nil {
			return fmt.Errorf("%s has no customer %q", y.b.name, h.customer)
		}
		if h.begun {
			continue
		}
		n, by := b.opened(h.document(y)), contactActor(b.contacts[0])
		at := n.sent.Add(time.Duration(h.after) * time.Hour)
		sent, ended := at.Add(3*time.Second), at.Add(40*time.Second)
		row := dbsqlc.Forward{
			OrgID: y.org, ID: y.id("forward", n.id.String(), fmt.Sprint(i)), CustomerID: b.row.ID, DocumentKind: workflows.ForwardInvoice, DocumentID: n.id,
			Title: "invoice " + n.number, Message: h.message, ForwardedByKind: string(by.Kind), ForwardedBy: &by.ID, ForwardedByName: by.Name, ReplyTo: by.Email,
			Status: portal.ForwardEnded, CreatedAt: at, SentAt: &sent, EndedAt: &ended,
		}
		row.RequestHash = digest("forward", row.ID)
		r.forwards = append(r.forwards, row)
		addresses := make([]string, 0, len(h.to))
		for _, to := range h.to {
			if err := y.deliver(r, b, row, to, by); err != nil {
				return err
			}
			addresses = append(addresses, to.email)
		}
		y.tell(event{at: at, kind: "invoice.forwarded", subject: "invoice", id: n.id, customer: b, by: by,
			data: map[string]any{"forward": row.ID, "title": row.Title, "recipients": addresses}})
	}
	return nil
}

func (y *year) deliver(r *rows, b *buyer, f dbsqlc.Forward, to recipient, by activities.Actor) error {
	contact := dbsqlc.Contact{
		OrgID: y.org, ID: y.id("forwarded to", b.name, to.email), CustomerID: b.row.ID, Name: to.email, Email: to.email, Access: "none",
		Roles: []string{"view", "approve", "pay"}, Version: 1, CreatedAt: f.CreatedAt, UpdatedAt: f.CreatedAt,
	}
	r.contacts = append(r.contacts, contact)
	y.tell(event{at: f.CreatedAt, kind: "contact.created", subject: "contact", id: contact.ID, customer: b, by: by, internal: true, data: map[string]any{"contact": to.email}})
	// The status follows from the email's.
	r.recipients = append(r.recipients, dbsqlc.ForwardRecipient{
		OrgID: y.org, ForwardID: f.ID, ContactID: contact.ID, CustomerID: b.row.ID, Email: to.email, Status: portal.ForwardedWaiting, UpdatedAt: f.CreatedAt,
	})
	heard := f.CreatedAt.Add(30 * time.Second)
	y.tell(event{at: heard, kind: "email." + string(to.status), subject: f.DocumentKind, id: f.DocumentID, customer: b, by: system(), internal: true,
		data: map[string]any{"recipient": to.email, "reason": to.detail}})
	return y.mail(r, dbsqlc.Delivery{
		ID: y.id("mailed", f.ID.String(), to.email), CustomerID: &b.row.ID, ContactID: &contact.ID, Template: "document_forwarded", SubjectKind: f.DocumentKind, SubjectID: f.DocumentID,
		Recipient: to.email, ReplyTo: f.ReplyTo, Status: string(to.status), Detail: to.detail, ForwardID: &f.ID, CreatedAt: f.CreatedAt, UpdatedAt: heard,
	}, map[string]string{"customer_name": b.name, "forwarded_by": f.ForwardedByName, "document": f.Title, "message": f.Message})
}

// forwarding are the documents to forward.
func (y *year) forwarding() []flow {
	var flows []flow
	for i, h := range y.b.handovers {
		if !h.begun {
			continue
		}
		document, customer := h.document(y), y.named(h.customer).row.ID
		request := &workflows.ForwardRequest{Customer: customer, Kind: workflows.ForwardInvoice, Document: document, Message: h.message, By: y.staffMember(1)}
		for _, to := range h.to {
			request.Recipients = append(request.Recipients, to.email)
		}
		id := y.id("forward", document.String(), fmt.Sprint(i))
		request.Hash = digest("forward", id)
		flows = append(flows, flow{
			id: workflows.ForwardID(id), name: workflows.ForwardName, customer: customer, document: document,
			input: workflows.ForwardInput{ForwardRef: workflows.ForwardRef{Org: y.org, Forward: id}, Request: request},
		})
	}
	return flows
}

// noSuchAddress is what a mail provider says of an address that is gone.
const noSuchAddress = "The recipient's mail server says that there is no such address."

func alderHandovers() []handover {
	return []handover{
		{customer: "Northbeam Logistics", opening: 3, after: 20, message: "For the research budget, please.", to: []recipient{
			{email: "research@northbeam.example", status: portal.ForwardedDelivered},
			{email: "r.salas@northbeam.example", status: portal.ForwardedBounced, detail: noSuchAddress},
		}},
		{customer: "Northbeam Logistics", opening: 0, begun: true, message: "As Marcus asked: the rate calculator, for your controller.", to: []recipient{{email: "controller@northbeam.example"}}},
	}
}

func sumireHandovers() []handover {
	return []handover{
		{customer: "Hotel Kasumi Ginza", opening: 3, after: 6, message: "For the head office.", to: []recipient{
			{email: "head.office@kasumi-ginza.example", status: portal.ForwardedDelivered},
			{email: "lounge@kasumi-ginza.example", status: portal.ForwardedDelayed, detail: "The recipient's mailbox is full."},
		}},
		{customer: "Hotel Kasumi Ginza", opening: 0, begun: true, message: "The invoice of the breakfast team once more.", to: []recipient{{email: "personnel@kasumi-ginza.example"}}},
	}
}

func rimalHandovers() []handover {
	return []handover{
		{customer: "Al Seef Medical Center", opening: 3, after: 9, message: "For the safety file.", to: []recipient{
			{email: "safety@alseefmedical.example", status: portal.ForwardedDelivered},
			{email: "annex@alseefmedical.example", status: portal.ForwardedBounced, detail: noSuchAddress},
		}},
		{customer: "Al Seef Medical Center", opening: 0, begun: true, message: "Chiller overhaul, as agreed with Suresh.", to: []recipient{{email: "stores@alseefmedical.example"}}},
	}
}
