package activities

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
)

// Kinds of documents that can be forwarded.
const (
	ForwardEstimate  = "estimate"
	ForwardInvoice   = "invoice"
	ForwardPayment   = "payment"
	ForwardStatement = "statement"
)

// ForwardRequest asks to email a document to somebody, R26, R30.
type ForwardRequest struct {
	Customer uuid.UUID `json:"customer"`
	// Kind and Document name it; a statement's document is its customer.
	Kind     string    `json:"kind"`
	Document uuid.UUID `json:"document"`
	// Period of a statement.
	Period *portal.Period `json:"period,omitempty"`
	// Recipients as portal.ForwardAddresses gives them.
	Recipients []string `json:"recipients"`
	Message    string   `json:"message,omitempty"`
	By         Actor    `json:"by"`
	Hash       []byte   `json:"hash"`
}

// ForwardRef names a forward.
type ForwardRef struct {
	Org     uuid.UUID `json:"org"`
	Forward uuid.UUID `json:"forward"`
}

// BeginForwardInput is a forward to store. A nil Request reads what is stored,
// for a flow that was started again.
type BeginForwardInput struct {
	ForwardRef
	Request *ForwardRequest `json:"request,omitempty"`
}

// ForwardState is where a forward stands. Recipients are named by their ID only.
type ForwardState struct {
	Begun
	Customer   uuid.UUID          `json:"customer"`
	Document   uuid.UUID          `json:"document"`
	SentAt     time.Time          `json:"sent_at,omitzero"`
	Recipients []ForwardRecipient `json:"recipients"`
}

// ForwardRecipient is one recipient and what became of the email.
type ForwardRecipient struct {
	Contact uuid.UUID              `json:"contact"`
	Status  portal.ForwardedStatus `json:"status"`
}

// Live reports whether the flow has work left.
func (s ForwardState) Live() bool { return portal.ForwardStatus(s.Status).Live() }

// Settled reports whether no more is awaited of any recipient.
func (s ForwardState) Settled() bool {
	for _, r := range s.Recipients {
		if !r.Status.Settled() {
			return false
		}
	}
	return true
}

// BeginForward stores a forward with its recipients, who become contacts of the
// customer unless they are already, in one transaction (R6, R69). It is the
// flow's first step, and what the caller's answer comes from.
func (a *Activities) BeginForward(ctx context.Context, in BeginForwardInput) (ForwardState, error) {
	var state ForwardState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		_, err := q.GetForward(ctx, dbsqlc.GetForwardParams{OrgID: in.Org, ID: in.Forward})
		switch {
		case err == nil:
		case !db.NotFound(err):
			return err
		case in.Request == nil:
			return portal.NotFound("forward")
		default:
			if err := a.forward(ctx, q, in.ForwardRef, *in.Request); err != nil {
				return err
			}
		}
		state, err = readForward(ctx, q, in.ForwardRef)
		return err
	})
	if refused := Refusal(err); refused != nil {
		return ForwardState{Begun: Begun{Refused: refused}}, nil
	}
	return state, boundary(err)
}

func (a *Activities) forward(ctx context.Context, q *dbsqlc.Queries, ref ForwardRef, r ForwardRequest) error {
	addresses, err := portal.ForwardAddresses(r.Recipients)
	if err != nil {
		return err
	}
	if err := q.LockForwarding(ctx, ref.Org.String()); err != nil {
		return err
	}
	now := a.now()
	counted, err := q.CountForwards(ctx, dbsqlc.CountForwardsParams{
		OrgID: ref.Org, ForwardedBy: optional(r.By.ID), PersonSince: now.Add(-time.Hour), AnybodySince: now.Add(-24 * time.Hour),
	})
	if err != nil {
		return err
	}
	if err := portal.ForwardLimits(counted.ByPerson, counted.ByAnybody); err != nil {
		return err
	}
	row := dbsqlc.InsertForwardParams{
		OrgID: ref.Org, ID: ref.Forward, CustomerID: r.Customer, DocumentKind: r.Kind, DocumentID: r.Document, Message: r.Message,
		ForwardedByKind: string(r.By.Kind), ForwardedBy: optional(r.By.ID), ForwardedByName: r.By.Name, RequestHash: r.Hash, At: now,
	}
	if r.By.Kind == portal.ActorContact {
		row.ReplyTo = r.By.Email
	}
	if err := forwardable(ctx, q, r, &row); err != nil {
		return err
	}
	if err := q.InsertForward(ctx, row); err != nil {
		return err
	}
	recipients, err := a.makeContacts(ctx, q, ref.Org, r, addresses, now)
	if err != nil {
		return err
	}
	to := dbsqlc.InsertForwardRecipientsParams{OrgID: ref.Org, ForwardID: ref.Forward, CustomerID: r.Customer, At: now}
	for _, c := range recipients {
		to.ContactIds, to.Emails = append(to.ContactIds, c.ID), append(to.Emails, c.Email)
	}
	if err := q.InsertForwardRecipients(ctx, to); err != nil {
		return err
	}
	subject := r.Kind
	if subject == ForwardStatement {
		subject = "customer"
	}
	return a.record(ctx, q, happened{
		org: ref.Org, customer: r.Customer, kind: r.Kind + ".forwarded", subject: subject, id: r.Document, by: r.By, at: now,
		data: map[string]any{"forward": ref.Forward, "title": row.Title, "recipients": addresses},
	})
}

// forwardable holds a document to be the customer's and to have been sent, and
// completes the row with what it is.
func forwardable(ctx context.Context, q *dbsqlc.Queries, r ForwardRequest, row *dbsqlc.InsertForwardParams) error {
	var customer uuid.UUID
	var err error
	switch r.Kind {
	case ForwardEstimate:
		var e dbsqlc.Estimate
		e, err = q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: row.OrgID, ID: r.Document})
		if err == nil && e.Version > 0 {
			customer, row.Version, row.Title = e.CustomerID, e.Version, "estimate "+e.Number
		}
	case ForwardInvoice:
		var i dbsqlc.Invoice
		i, err = q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: row.OrgID, ID: r.Document})
		if err == nil && i.SentAt != nil {
			customer, row.Title = i.CustomerID, "invoice "+i.Number
		}
	case ForwardPayment:
		var p dbsqlc.Payment
		p, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: row.OrgID, ID: r.Document})
		if err == nil && p.Status == portal.PaymentSucceeded && p.ReceiptNumber != nil {
			customer, row.Title = p.CustomerID, "receipt "+*p.ReceiptNumber
		}
	case ForwardStatement:
		if r.Period == nil || r.Document != r.Customer {
			return portal.NotFound("statement")
		}
		customer, row.Since, row.Until = r.Customer, &r.Period.Since, &r.Period.Until
		row.Title = "statement of account until " + r.Period.Until.String()
		if !r.Period.FromBeginning() {
			row.Title = "statement of account from " + r.Period.Since.String() + " to " + r.Period.Until.String()
		}
		_, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: row.OrgID, ID: r.Customer})
	}
	if db.NotFound(err) || err == nil && (customer == uuid.Nil || customer != r.Customer) {
		return portal.NotFound(r.Kind)
	}
	return err
}

// makeContacts gives the contacts behind the addresses, and makes those that
// are new: without access to the portal, and never twice (R6).
func (a *Activities) makeContacts(ctx context.Context, q *dbsqlc.Queries, org uuid.UUID, r ForwardRequest, addresses []string, now time.Time) ([]dbsqlc.Contact, error) {
	for _, address := range addresses {
		id := a.NewID()
		n, err := q.InsertContactIfNew(ctx, dbsqlc.InsertContactIfNewParams{OrgID: org, ID: id, CustomerID: r.Customer, Name: address, Email: address, At: now})
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		if err := a.record(ctx, q, happened{
			org: org, customer: r.Customer, kind: "contact.created", subject: "contact", id: id, by: r.By, internal: true, at: now,
			data: map[string]any{"contact": address},
		}); err != nil {
			return nil, err
		}
	}
	return q.ListContactsByEmail(ctx, dbsqlc.ListContactsByEmailParams{OrgID: org, CustomerID: r.Customer, Emails: addresses})
}

func readForward(ctx context.Context, q *dbsqlc.Queries, ref ForwardRef) (ForwardState, error) {
	f, err := q.GetForward(ctx, dbsqlc.GetForwardParams{OrgID: ref.Org, ID: ref.Forward})
	if err != nil {
		return ForwardState{}, err
	}
	recipients, err := q.ListForwardRecipients(ctx, dbsqlc.ListForwardRecipientsParams{OrgID: ref.Org, ForwardIds: []uuid.UUID{ref.Forward}})
	state := ForwardState{Begun: Begun{Status: string(f.Status), RequestHash: f.RequestHash}, Customer: f.CustomerID, Document: f.DocumentID}
	if f.SentAt != nil {
		state.SentAt = *f.SentAt
	}
	for _, r := range recipients {
		state.Recipients = append(state.Recipients, ForwardRecipient{r.ContactID, r.Status})
	}
	return state, err
}

// ReadForward reads where a forward stands, each recipient's email included.
func (a *Activities) ReadForward(ctx context.Context, ref ForwardRef) (ForwardState, error) {
	var state ForwardState
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		state, err = readForward(ctx, q, ref)
		return err
	})
	return state, boundary(err)
}

// DrawForward draws the document and keeps it for as long as it may have to be
// sent: a document may change between two attempts, and the same email must be
// the same to the byte. A drawing that is there already stands.
func (a *Activities) DrawForward(ctx context.Context, ref ForwardRef) error {
	var file documents.File
	drawn := false
	err := a.DB.Snapshot(ctx, portal.System(ref.Org), func(q *dbsqlc.Queries) error {
		stored, err := q.GetForwardFile(ctx, dbsqlc.GetForwardFileParams{OrgID: ref.Org, ForwardID: ref.Forward})
		if err != nil {
			return err
		}
		f, err := q.GetForward(ctx, dbsqlc.GetForwardParams{OrgID: ref.Org, ID: ref.Forward})
		if err != nil || len(stored) > 0 || f.Status != portal.ForwardSending {
			return err
		}
		file, err = draw(ctx, q, f)
		drawn = err == nil
		return err
	})
	if err != nil || !drawn {
		return boundary(err)
	}
	hash := sha256.Sum256(file.Bytes)
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.StoreForwardFile(ctx, dbsqlc.StoreForwardFileParams{
			OrgID: ref.Org, ForwardID: ref.Forward, Name: file.Name, Type: file.Type, Content: file.Bytes, Hash: hash[:],
		})
	}))
}

func draw(ctx context.Context, q *dbsqlc.Queries, f dbsqlc.Forward) (documents.File, error) {
	switch f.DocumentKind {
	case ForwardEstimate:
		return documents.Estimate(ctx, q, f.OrgID, f.DocumentID, int(f.Version))
	case ForwardInvoice:
		return documents.Invoice(ctx, q, f.OrgID, f.DocumentID)
	case ForwardPayment:
		return documents.Receipt(ctx, q, f.OrgID, f.DocumentID)
	default:
		return documents.Statement(ctx, q, documents.StatementOf{
			Org: f.OrgID, Customer: f.CustomerID, Period: portal.Period{Since: *f.Since, Until: *f.Until}, // a statement has both, says the schema
		})
	}
}

// SendForwardInput is a forward's email to one recipient.
type SendForwardInput struct {
	ForwardRef
	Contact uuid.UUID `json:"contact"`
}

// SendForward emails the document to one recipient, once.
func (a *Activities) SendForward(ctx context.Context, in SendForwardInput) error {
	var (
		f        dbsqlc.Forward
		contact  dbsqlc.Contact
		customer dbsqlc.Customer
		org      dbsqlc.Organization
		files    []dbsqlc.ForwardFile
	)
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		if f, err = q.GetForward(ctx, dbsqlc.GetForwardParams{OrgID: in.Org, ID: in.Forward}); err != nil {
			return err
		}
		if contact, err = q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: in.Org, ID: in.Contact}); err != nil {
			return err
		}
		if customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: in.Org, ID: f.CustomerID}); err != nil {
			return err
		}
		if org, err = q.GetOrganization(ctx, in.Org); err != nil {
			return err
		}
		files, err = q.GetForwardFile(ctx, dbsqlc.GetForwardFileParams{OrgID: in.Org, ForwardID: in.Forward})
		return err
	})
	if err != nil || f.Status != portal.ForwardSending {
		return boundary(err)
	}
	if len(files) != 1 {
		return fmt.Errorf("forward %s has no file to attach", in.Forward)
	}
	to := toContact(contact)
	if to.name == to.address {
		to.name = "" // nobody has told us a name yet
	}
	subject := f.DocumentKind
	if subject == ForwardStatement {
		subject = "customer"
	}
	return boundary(a.deliver(ctx, letter{
		org: org, customer: customer.ID, to: to, replyTo: f.ReplyTo, template: "document_forwarded", subject: subject, id: f.DocumentID,
		forward: f.ID, attachment: &files[0],
		values: map[string]string{
			"customer_name": customer.Name, "forwarded_by": f.ForwardedByName, "document": f.Title, "message": f.Message,
			"document_link": a.forwardedPage(org, f),
		},
	}))
}

// forwardedPage is where the document is in the portal, for those who may sign
// in there: the address opens nothing by itself.
func (a *Activities) forwardedPage(org dbsqlc.Organization, f dbsqlc.Forward) string {
	if f.DocumentKind == ForwardStatement {
		return a.SiteURL + "/" + org.Slug
	}
	return a.address(org, f.DocumentKind+"s", f.DocumentID)
}

// SettleForward notes that all that could be handed to the mail provider was.
// What was not by now won't be: the provider would no longer know a repeat.
func (a *Activities) SettleForward(ctx context.Context, ref ForwardRef) (ForwardState, error) {
	now := a.now()
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		n, err := q.SentForward(ctx, dbsqlc.SentForwardParams{OrgID: ref.Org, ID: ref.Forward, At: &now})
		if err != nil || n == 0 {
			return err
		}
		if err := q.GiveUpDeliveriesOfForward(ctx, dbsqlc.GiveUpDeliveriesOfForwardParams{
			OrgID: ref.Org, ForwardID: &ref.Forward, Detail: "The mail provider could not be reached in time.", At: now,
		}); err != nil {
			return err
		}
		return q.GiveUpForwardRecipients(ctx, dbsqlc.GiveUpForwardRecipientsParams{OrgID: ref.Org, ForwardID: ref.Forward, At: now})
	})
	if err != nil {
		return ForwardState{}, boundary(err)
	}
	return a.ReadForward(ctx, ref)
}

// CloseForward ends a forward: its flow has nothing more to do, and the file is
// no longer needed.
func (a *Activities) CloseForward(ctx context.Context, ref ForwardRef) (ForwardState, error) {
	var state ForwardState
	now := a.now()
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		if _, err := q.EndForward(ctx, dbsqlc.EndForwardParams{OrgID: ref.Org, ID: ref.Forward, At: &now}); err != nil {
			return err
		}
		if err := q.DropForwardFile(ctx, dbsqlc.DropForwardFileParams{OrgID: ref.Org, ForwardID: ref.Forward}); err != nil {
			return err
		}
		var err error
		state, err = readForward(ctx, q, ref)
		return err
	})
	return state, boundary(err)
}
