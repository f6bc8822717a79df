package activities

import (
	"context"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// AutopayStep is one thing that is due, to be told of or to be charged.
type AutopayStep struct {
	AutopayLook
	Invoice uuid.UUID   `json:"invoice"`
	DueOn   portal.Date `json:"due_on"`
}

// AutopayOutcome is what became of a charge: a payment was stored, credit paid for
// it, or nothing was charged.
type AutopayOutcome struct {
	Payment *uuid.UUID `json:"payment,omitempty"`
	// Reason says why nothing was charged, in words for the contact; Tell, that they
	// don't know of it yet.
	Reason string `json:"reason,omitempty"`
	Tell   bool   `json:"tell,omitempty"`
}

// AutopayPaymentID is the payment that a charge becomes: the same, however often
// it is tried.
func AutopayPaymentID(autopay, invoice uuid.UUID, dueOn portal.Date) uuid.UUID {
	return portal.DerivedID("autopay-payment", autopay.String(), invoice.String(), dueOn.String())
}

// NoticeCharge tells the contact what is charged and when, and only then lets it
// be charged. What was paid, or canceled, meanwhile is not told of.
func (a *Activities) NoticeCharge(ctx context.Context, in AutopayStep) error {
	var (
		row    dbsqlc.Autopay
		due    dbsqlc.DuesOfAutopayRow
		about  autopayLetter
		still  bool
		amount portal.Money
	)
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		if row, err = q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: in.Org, ID: in.Autopay}); err != nil || row.Status != portal.AutopayOn {
			return err
		}
		if due, still, err = a.dueOf(ctx, q, row, in); err != nil || !still {
			return err
		}
		about, err = a.readAutopayLetter(ctx, q, row)
		return err
	})
	if err != nil || !still || due.Status != string(portal.ChargePlanned) && (due.Status != string(portal.ChargeNoticed) || due.Amount <= due.NoticedAmount) {
		return boundary(err)
	}
	amount = portal.NewMoney(due.Amount, due.Currency)
	chargeAt := portal.AutopayChargeAt(in.DueOn, a.now(), in.Least, zoneOf(about.org))
	l := about.letter(a, "autopay_notice")
	l.cause, l.send = AutopayPaymentID(in.Autopay, in.Invoice, in.DueOn), int(due.Notices)
	l.values["amount"], l.values["invoice_number"] = amount.Format(about.org.Locale), due.Number
	l.values["charge_on"] = portal.FormatMoment(chargeAt, zoneOf(about.org), about.org.Locale)
	l.values["invoice_link"] = a.address(about.org, "invoices", in.Invoice)
	if portal.CardExpired(int(about.method.ExpMonth), int(about.method.ExpYear), chargeAt) {
		l.values["card_warning"] = "This card will have expired by then: please choose another way to pay."
	}
	if row.UseCredit {
		l.values["credit_note"] = "Your credit with " + about.org.Name + " is used first, and only what is left is charged."
	}
	if err := a.deliver(ctx, l); err != nil {
		return boundary(err)
	}
	return boundary(a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		if row, err = q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: in.Org, ID: in.Autopay}); err != nil || row.Status != portal.AutopayOn {
			return err
		}
		now := a.now()
		if err := q.PlanAutopayCharge(ctx, dbsqlc.PlanAutopayChargeParams{
			OrgID: in.Org, AutopayID: in.Autopay, CustomerID: row.CustomerID, InvoiceID: in.Invoice, DueOn: in.DueOn, At: now,
		}); err != nil {
			return err
		}
		n, err := q.NoticeAutopayCharge(ctx, dbsqlc.NoticeAutopayChargeParams{
			OrgID: in.Org, AutopayID: in.Autopay, InvoiceID: in.Invoice, DueOn: in.DueOn, Notices: due.Notices + 1, Amount: due.Amount,
			ChargeAt: new(portal.AutopayChargeAt(in.DueOn, now, in.Least, zoneOf(about.org)).UTC()), At: &now,
		})
		if err != nil || n == 0 {
			return err
		}
		return a.record(ctx, q, happened{
			org: in.Org, customer: row.CustomerID, kind: "autopay.noticed", subject: "invoice", id: in.Invoice, by: autopayActor(), at: now,
			data: map[string]any{"number": due.Number, "amount": due.Amount, "currency": due.Currency, "charge_on": portal.DateOf(chargeAt, zoneOf(about.org))},
		})
	}))
}

// ChargeDue turns what was told of into a payment, or says why not, in one
// transaction: whoever cancels it at the same moment wins or loses as a whole. The
// payment is stored as any other; its flow charges it.
func (a *Activities) ChargeDue(ctx context.Context, in AutopayStep) (AutopayOutcome, error) {
	var out AutopayOutcome
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		out, err = a.chargeDue(ctx, q, in)
		return err
	})
	if refused := Refusal(err); refused != nil {
		// Nothing of it was stored: somebody else is paying, or it can't be charged.
		out = AutopayOutcome{Reason: refused.Message, Tell: true}
		err = a.in(ctx, in.Org, func(q *dbsqlc.Queries) error { return a.skip(ctx, q, in, out.Reason) })
	}
	return out, boundary(err)
}

func (a *Activities) chargeDue(ctx context.Context, q *dbsqlc.Queries, in AutopayStep) (AutopayOutcome, error) {
	none := AutopayOutcome{}
	row, err := q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: in.Org, ID: in.Autopay})
	if err != nil {
		return none, err
	}
	if row, err = a.stillOn(ctx, q, row); err != nil || row.Status != portal.AutopayOn {
		return none, err
	}
	charge, err := q.LockAutopayCharge(ctx, dbsqlc.LockAutopayChargeParams{OrgID: in.Org, AutopayID: in.Autopay, InvoiceID: in.Invoice, DueOn: in.DueOn})
	if err != nil {
		return none, err
	}
	if charge.PaymentID != nil {
		return AutopayOutcome{Payment: charge.PaymentID}, nil
	}
	if charge.Status != portal.ChargeNoticed || charge.ChargeAt.After(a.now()) {
		return none, nil // canceled, or told of anew
	}
	due, owed, err := a.dueOf(ctx, q, row, in)
	if err != nil {
		return none, err
	}
	if !owed {
		out := AutopayOutcome{Reason: "It was paid, or is not due on that day any more."}
		return out, a.skip(ctx, q, in, out.Reason)
	}
	if due.Amount > charge.Amount {
		_, err := q.MoveAutopayCharge(ctx, moved(in, a.now(), portal.ChargePlanned, charge.Status))
		return none, err
	}
	id := AutopayPaymentID(in.Autopay, in.Invoice, in.DueOn)
	hash, err := portal.RequestHash(map[string]any{"autopay": in.Autopay, "invoice": in.Invoice, "due_on": in.DueOn})
	if err != nil {
		return none, err
	}
	_, covered, err := a.reserve(ctx, q, BeginPaymentInput{
		PaymentRef: PaymentRef{in.Org, id},
		Request: &PayRequest{
			Customer: row.CustomerID, Invoices: []PayInvoice{{in.Invoice, due.Amount}}, Channel: ChannelSaved, Method: &row.MethodID,
			Credit: row.UseCredit, OnSchedule: true, Autopay: &row.ID, By: autopayActor(), Hash: hash,
		},
	})
	if err != nil {
		return none, err
	}
	move := moved(in, a.now(), portal.ChargeMade, portal.ChargeNoticed)
	if !covered {
		move.PaymentID = &id
	}
	_, err = q.MoveAutopayCharge(ctx, move)
	return AutopayOutcome{Payment: move.PaymentID}, err
}

func moved(in AutopayStep, at time.Time, to portal.AutopayChargeStatus, from ...portal.AutopayChargeStatus) dbsqlc.MoveAutopayChargeParams {
	return dbsqlc.MoveAutopayChargeParams{OrgID: in.Org, AutopayID: in.Autopay, InvoiceID: in.Invoice, DueOn: in.DueOn, Status: to, FromStatus: texts(from), At: at}
}

// skip says that what was told of is not charged, and why.
func (a *Activities) skip(ctx context.Context, q *dbsqlc.Queries, in AutopayStep, reason string) error {
	row, err := q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: in.Org, ID: in.Autopay})
	if err != nil {
		return err
	}
	now := a.now()
	move := moved(in, now, portal.ChargeSkipped, portal.ChargeNoticed)
	move.Reason = reason
	n, err := q.MoveAutopayCharge(ctx, move)
	if err != nil || n == 0 {
		return err
	}
	return a.record(ctx, q, happened{
		org: in.Org, customer: row.CustomerID, kind: "autopay.skipped", subject: "invoice", id: in.Invoice, by: autopayActor(), at: now,
		data: map[string]any{"reason": reason},
	})
}

// MailAutopayInput is an email about an enrolment, or about one charge of it.
type MailAutopayInput struct {
	AutopayRef
	// Template is autopay_started, autopay_ended or autopay_skipped.
	Template string `json:"template"`
	// Invoice, DueOn and Reason are of autopay_skipped.
	Invoice *uuid.UUID  `json:"invoice,omitempty"`
	DueOn   portal.Date `json:"due_on,omitzero"`
	Reason  string      `json:"reason,omitempty"`
}

// MailAutopay tells the contact who turned autopay on, or whoever is there in
// their place.
func (a *Activities) MailAutopay(ctx context.Context, in MailAutopayInput) error {
	var (
		row        dbsqlc.Autopay
		about      autopayLetter
		recipients []dbsqlc.Contact
		number     string
	)
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		if row, err = q.GetAutopay(ctx, dbsqlc.GetAutopayParams{OrgID: in.Org, ID: in.Autopay}); err != nil {
			return err
		}
		if about, err = a.readAutopayLetter(ctx, q, row); err != nil {
			return err
		}
		if in.Invoice != nil {
			invoice, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: in.Org, ID: *in.Invoice})
			if err != nil {
				return err
			}
			number = invoice.Number
		}
		recipients, err = a.autopayRecipients(ctx, q, in.Org, in.Autopay)
		return err
	})
	if err != nil {
		return boundary(err)
	}
	for _, contact := range recipients {
		l := about.letter(a, in.Template)
		l.to = toContact(contact)
		l.values["autopay_terms"] = row.Terms
		l.values["reason"], l.values["ended_by"] = row.EndReason, row.EndedByName
		if in.Invoice != nil {
			l.cause = AutopayPaymentID(in.Autopay, *in.Invoice, in.DueOn)
			l.values["invoice_number"], l.values["reason"] = number, in.Reason
			l.values["invoice_link"] = a.address(about.org, "invoices", *in.Invoice)
		}
		if err := a.deliver(ctx, l); err != nil {
			return boundary(err)
		}
	}
	return nil
}

// autopayRecipients are who hears of autopay: the contact who turned it on or,
// when that one has no access any more, the customer's primary contact or whoever
// else is written to.
func (a *Activities) autopayRecipients(ctx context.Context, q *dbsqlc.Queries, org, autopay uuid.UUID) ([]dbsqlc.Contact, error) {
	row, err := q.GetAutopay(ctx, dbsqlc.GetAutopayParams{OrgID: org, ID: autopay})
	if err != nil {
		return nil, err
	}
	contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: org, ID: row.ContactID})
	if err != nil || contact.Access == "active" {
		return []dbsqlc.Contact{contact}, err
	}
	all, err := q.ListContacts(ctx, dbsqlc.ListContactsParams{OrgID: org, CustomerID: row.CustomerID})
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.IsPrimary && c.ID != row.ContactID {
			return []dbsqlc.Contact{c}, nil
		}
	}
	return q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: org, CustomerID: row.CustomerID})
}

// autopayLetter is what any email about autopay may tell.
type autopayLetter struct {
	row      dbsqlc.Autopay
	org      dbsqlc.Organization
	customer dbsqlc.Customer
	contact  dbsqlc.Contact
	method   dbsqlc.PaymentMethod
}

func (a *Activities) readAutopayLetter(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay) (l autopayLetter, err error) {
	l.row = row
	if l.org, err = q.GetOrganization(ctx, row.OrgID); err != nil {
		return l, err
	}
	if l.customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: row.OrgID, ID: row.CustomerID}); err != nil {
		return l, err
	}
	if l.contact, err = q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: row.OrgID, ID: row.ContactID}); err != nil {
		return l, err
	}
	l.method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: row.OrgID, ID: row.MethodID})
	return l, err
}

func (l autopayLetter) letter(a *Activities, template string) letter {
	return letter{
		org: l.org, customer: l.customer.ID, to: toContact(l.contact), template: template, subject: "autopay", id: l.row.ID,
		values: map[string]string{
			"customer_name": l.customer.Name, "autopay_link": a.SiteURL + "/" + l.org.Slug + "/account/autopay",
			"payment_method": portal.MethodWords(l.method.Kind, l.method.Brand, l.method.Last4),
		},
	}
}
