package activities

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// AutopayStep is one thing that is due, to be told of or to be charged.
type AutopayStep struct {
	AutopayLook
	Invoice uuid.UUID   `json:"invoice"`
	DueOn   portal.Date `json:"due_on"`
	// Amount is what is told of, and At is when the flow asked for it: the email says
	// the same, however often it is tried.
	Amount int64     `json:"amount,omitempty"`
	At     time.Time `json:"at,omitzero"`
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

// notice is the email that tells of a charge.
type notice struct {
	letter
	number   string
	currency portal.Currency
	loc      *time.Location
	// told says that there is nothing left to do: it was told of, and that was stored.
	told bool
}

// NoticeCharge tells the contact what is charged and when, and only then lets it
// be charged: no notice, no charge. What was paid, canceled or changed meanwhile is
// not told of, unless its email may have been sent already; then it is brought to
// its end, and what is stored is what it said. What can't be told of is left out.
func (a *Activities) NoticeCharge(ctx context.Context, in AutopayStep) (AutopayOutcome, error) {
	var n notice
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		n, err = a.readNotice(ctx, q, &in)
		return err
	})
	if err != nil || n.told {
		return AutopayOutcome{}, boundary(err)
	}
	status, err := a.send(ctx, n.letter)
	if err != nil || status == "" {
		return AutopayOutcome{}, boundary(err)
	}
	out := AutopayOutcome{}
	if !taken(status) {
		out = AutopayOutcome{Reason: "The email about it could not be delivered to " + n.to.address + ", and nothing is charged without one.", Tell: true}
	}
	return out, boundary(a.in(ctx, in.Org, func(q *dbsqlc.Queries) error { return a.noticed(ctx, q, in, n, out) }))
}

// chargeAt is when it is charged that was told of at a time.
func (in AutopayStep) chargeAt(told time.Time, loc *time.Location) time.Time {
	return portal.AutopayChargeAt(in.DueOn, told, in.Least, loc)
}

func (a *Activities) readNotice(ctx context.Context, q *dbsqlc.Queries, in *AutopayStep) (n notice, err error) {
	row, err := q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: in.Org, ID: in.Autopay})
	if err != nil {
		return n, err
	}
	due, err := dueOf(ctx, q, row, *in)
	if err != nil {
		return n, err
	}
	if row.Status != portal.AutopayOn {
		due.Amount = 0
	}
	if in.Amount == 0 { // asked for by a flow that didn't say
		in.Amount = due.untold()
	}
	charge, err := q.LockAutopayCharge(ctx, dbsqlc.LockAutopayChargeParams{OrgID: in.Org, AutopayID: in.Autopay, InvoiceID: in.Invoice, DueOn: in.DueOn})
	if err != nil && !db.NotFound(err) {
		return n, err
	}
	if n.told = in.Amount == 0 || charge.Status.Final() || charge.Status == portal.ChargeNoticed && charge.Amount >= in.Amount; n.told {
		return n, nil
	}
	about, err := a.readAutopayLetter(ctx, q, row)
	if err != nil {
		return n, err
	}
	invoice, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: in.Org, ID: in.Invoice})
	if err != nil {
		return n, err
	}
	n.number, n.currency, n.loc = invoice.Number, invoice.Currency, zoneOf(about.org)
	chargeAt := in.chargeAt(cmp.Or(in.At, a.now()), n.loc)
	n.letter = about.letter(a, "autopay_notice")
	// Another amount or another time is another email.
	n.cause = portal.DerivedID("autopay-notice", AutopayPaymentID(in.Autopay, in.Invoice, in.DueOn).String(), strconv.FormatInt(in.Amount, 10), in.At.UTC().String())
	n.begun = due.untold() != in.Amount
	n.values["amount"], n.values["invoice_number"] = portal.NewMoney(in.Amount, n.currency).Format(about.org.Locale), n.number
	n.values["charge_on"] = portal.FormatMoment(chargeAt, n.loc, about.org.Locale)
	n.values["invoice_link"] = a.address(about.org, "invoices", in.Invoice)
	if portal.CardExpired(int(about.method.ExpMonth), int(about.method.ExpYear), chargeAt) {
		n.values["card_warning"] = "This card will have expired by then: please choose another way to pay."
	}
	if row.UseCredit {
		n.values["credit_note"] = "Your credit with " + about.org.Name + " is used first, and only what is left is charged."
	}
	return n, nil
}

// noticed stores what an email said, or that it was refused.
func (a *Activities) noticed(ctx context.Context, q *dbsqlc.Queries, in AutopayStep, n notice, refused AutopayOutcome) error {
	row, err := q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: in.Org, ID: in.Autopay})
	if err != nil || row.Status != portal.AutopayOn {
		return err
	}
	now := a.now()
	if err := q.PlanAutopayCharge(ctx, dbsqlc.PlanAutopayChargeParams{
		OrgID: in.Org, AutopayID: in.Autopay, CustomerID: row.CustomerID, InvoiceID: in.Invoice, DueOn: in.DueOn, At: now,
	}); err != nil {
		return err
	}
	if refused.Reason != "" {
		stored, err := q.LeaveOutAutopayCharge(ctx, dbsqlc.LeaveOutAutopayChargeParams{
			OrgID: in.Org, AutopayID: in.Autopay, InvoiceID: in.Invoice, DueOn: in.DueOn, Amount: in.Amount, Reason: refused.Reason, At: now,
		})
		if err != nil || stored == 0 {
			return err
		}
		return a.recordSkipped(ctx, q, row, in, refused.Reason, now)
	}
	// As it said, and not within a day of when it was taken.
	chargeAt := in.chargeAt(now, n.loc)
	if said := in.chargeAt(in.At, n.loc); chargeAt.Before(said) {
		chargeAt = said
	}
	stored, err := q.NoticeAutopayCharge(ctx, dbsqlc.NoticeAutopayChargeParams{
		OrgID: in.Org, AutopayID: in.Autopay, InvoiceID: in.Invoice, DueOn: in.DueOn, Amount: in.Amount, ChargeAt: new(chargeAt.UTC()), At: &now,
	})
	if err != nil || stored == 0 {
		return err
	}
	return a.record(ctx, q, happened{
		org: in.Org, customer: row.CustomerID, kind: "autopay.noticed", subject: "invoice", id: in.Invoice, by: autopayActor(), at: now,
		data: map[string]any{"number": n.number, "amount": in.Amount, "currency": n.currency, "charge_on": portal.DateOf(chargeAt, n.loc)},
	})
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
	due, err := dueOf(ctx, q, row, in)
	if err != nil {
		return none, err
	}
	switch {
	case due.Amount == 0:
		out := AutopayOutcome{Reason: "It was paid, or is not due on that day any more."}
		return out, a.skip(ctx, q, in, out.Reason)
	case due.against != "":
		out := AutopayOutcome{Reason: due.against, Tell: true}
		return out, a.skip(ctx, q, in, out.Reason)
	case due.Amount > charge.Amount:
		_, err := q.MoveAutopayCharge(ctx, moved(in, a.now(), portal.ChargePlanned, charge.Status))
		return none, err
	}
	id := AutopayPaymentID(in.Autopay, in.Invoice, in.DueOn)
	hash, err := portal.RequestHash(map[string]any{"autopay": in.Autopay, "invoice": in.Invoice, "due_on": in.DueOn})
	if err != nil {
		return none, err
	}
	held, covered, err := a.reserve(ctx, q, BeginPaymentInput{
		PaymentRef: PaymentRef{in.Org, id},
		Request: &PayRequest{
			Customer: row.CustomerID, Invoices: []PayInvoice{{in.Invoice, due.Amount}}, Channel: ChannelSaved, Method: &row.MethodID,
			Credit: row.UseCredit, OnSchedule: true, Autopay: &row.ID, By: autopayActor(), Hash: hash,
		},
	})
	if held != nil {
		holder, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: in.Org, ID: held.Payment})
		if err != nil {
			return none, err
		}
		if holder.AutopayID != nil {
			// An earlier part of the same invoice, which is tried again or on its way: it is looked at again later.
			now := a.now()
			return none, q.PostponeAutopayCharge(ctx, dbsqlc.PostponeAutopayChargeParams{
				OrgID: in.Org, AutopayID: in.Autopay, InvoiceID: in.Invoice, DueOn: in.DueOn, ChargeAt: new(now.Add(in.Least)), At: now,
			})
		}
	}
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
	return a.recordSkipped(ctx, q, row, in, reason, now)
}

func (a *Activities) recordSkipped(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay, in AutopayStep, reason string, at time.Time) error {
	return a.record(ctx, q, happened{
		org: in.Org, customer: row.CustomerID, kind: "autopay.skipped", subject: "invoice", id: in.Invoice, by: autopayActor(), at: at,
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
// their place: also where the provider refuses to write to that contact.
func (a *Activities) MailAutopay(ctx context.Context, in MailAutopayInput) error {
	var (
		row               dbsqlc.Autopay
		about             autopayLetter
		recipients, stand []dbsqlc.Contact
		number            string
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
		if recipients, err = inPlaceOf(ctx, q, about.contact); err != nil {
			return err
		}
		stand, err = standIns(ctx, q, about.contact)
		return err
	})
	if err != nil {
		return boundary(err)
	}
	for _, these := range [][]dbsqlc.Contact{recipients, stand} {
		heard := false
		for _, contact := range these {
			l := about.letter(a, in.Template)
			l.to = toContact(contact)
			l.values["autopay_terms"] = row.Terms
			l.values["reason"], l.values["ended_by"] = row.EndReason, row.EndedByName
			if in.Invoice != nil {
				l.cause = AutopayPaymentID(in.Autopay, *in.Invoice, in.DueOn)
				l.values["invoice_number"], l.values["reason"] = number, in.Reason
				l.values["invoice_link"] = a.address(about.org, "invoices", *in.Invoice)
			}
			status, err := a.send(ctx, l)
			if err != nil {
				return boundary(err)
			}
			heard = heard || taken(status)
		}
		if heard {
			return nil
		}
	}
	return nil
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
