package activities

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// MailPaymentInput is one round of emails about a payment.
type MailPaymentInput struct {
	PaymentRef
	// Template is payment_receipt, payment_failed, payment_confirmation or payment_canceled.
	Template string `json:"template"`
	// Attempt tells apart the emails about several declines.
	Attempt int `json:"attempt"`
}

// MailPayment emails whoever pays: the contact who started the payment or turned
// autopay on, or the customer's contacts when staff began it. Once that contact has
// no access any more, those in their place are told.
func (a *Activities) MailPayment(ctx context.Context, in MailPaymentInput) error {
	var about paymentLetter
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		about, err = a.readPaymentLetter(ctx, q, in.PaymentRef)
		return err
	})
	if err != nil {
		return boundary(err)
	}
	// Overtaken while the email waited for the mail provider: it is no news any more.
	says, news := map[string]portal.PaymentStatus{"payment_failed": portal.PaymentDeclined, "payment_confirmation": portal.PaymentAwaitingCustomer}[in.Template]
	overtaken := news && (about.payment.Status != says || int(about.payment.Attempt) != in.Attempt)
	template := in.Template
	if template == "payment_failed" && about.payment.FailureCode == "authentication_required" {
		template = "payment_confirmation" // it is not lost: the bank only wants to hear it from them
	}
	for _, contact := range about.recipients {
		l := about.letter(a, template)
		l.to, l.send, l.begun = toContact(contact), in.Attempt, overtaken
		if err := a.deliver(ctx, l); err != nil {
			return boundary(err)
		}
	}
	return nil
}

// paymentLetter is what any email about a payment may tell, and whom it tells.
type paymentLetter struct {
	payment     dbsqlc.Payment
	customer    dbsqlc.Customer
	org         dbsqlc.Organization
	recipients  []dbsqlc.Contact
	allocations []dbsqlc.ListAllocationsOfPaymentRow
}

func (a *Activities) readPaymentLetter(ctx context.Context, q *dbsqlc.Queries, ref PaymentRef) (p paymentLetter, err error) {
	if p.payment, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: ref.Org, ID: ref.Payment}); err != nil {
		return p, err
	}
	if p.customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: ref.Org, ID: p.payment.CustomerID}); err != nil {
		return p, err
	}
	if p.org, err = q.GetOrganization(ctx, ref.Org); err != nil {
		return p, err
	}
	if p.allocations, err = q.ListAllocationsOfPayment(ctx, dbsqlc.ListAllocationsOfPaymentParams{OrgID: ref.Org, PaymentID: ref.Payment}); err != nil {
		return p, err
	}
	var by *uuid.UUID
	switch {
	case p.payment.AutopayID != nil:
		autopay, err := q.GetAutopay(ctx, dbsqlc.GetAutopayParams{OrgID: ref.Org, ID: *p.payment.AutopayID})
		if err != nil {
			return p, err
		}
		by = &autopay.ContactID
	case p.payment.StartedByKind == string(portal.ActorContact):
		by = p.payment.StartedBy
	}
	if by != nil {
		contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: ref.Org, ID: *by})
		if err != nil {
			return p, err
		}
		p.recipients, err = inPlaceOf(ctx, q, contact)
		return p, err
	}
	p.recipients, err = q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: ref.Org, CustomerID: p.payment.CustomerID})
	return p, err
}

// letter is an email about the payment, to nobody yet.
func (p paymentLetter) letter(a *Activities, template string) letter {
	amount := portal.NewMoney(p.payment.Amount, p.payment.Currency)
	if p.payment.Received > 0 {
		amount.Amount = p.payment.Received
	}
	var paid []string
	for _, al := range p.allocations {
		if al.Reverses != nil || al.RefundID != nil || al.DisputeID != nil {
			continue // what happened to the money since is told on its own
		}
		paid = append(paid, al.Number+": "+portal.NewMoney(al.Amount, p.payment.Currency).Format(p.org.Locale))
	}
	// An email is not a ledger: the receipt's page lists them all.
	const most = 20
	switch {
	case len(paid) == 0:
		paid = []string{"your credit with " + p.org.Name}
	case len(paid) > most:
		paid = append(paid[:most], fmt.Sprintf("and %d more", len(paid)-most))
	}
	page := a.address(p.org, "payments", p.payment.ID)
	values := map[string]string{
		"customer_name": p.customer.Name, "amount": amount.Format(p.org.Locale), "failure_reason": p.payment.FailureMessage,
		"invoice_list": strings.Join(paid, "\n"), "receipt_link": page, "payment_link": page,
		"payment_method": portal.MethodWords(p.payment.Kind, p.payment.Brand, p.payment.Last4),
	}
	if p.payment.NextTryAt != nil {
		values["next_try"] = portal.FormatMoment(*p.payment.NextTryAt, zoneOf(p.org), p.org.Locale)
	}
	if p.payment.ReceiptNumber != nil {
		values["payment_number"] = *p.payment.ReceiptNumber
	}
	switch {
	case p.payment.ReceivedOn != nil:
		values["paid_on"] = p.payment.ReceivedOn.Format(p.org.Locale)
	case p.payment.SucceededAt != nil:
		values["paid_on"] = dayIn(p.org, *p.payment.SucceededAt)
	}
	return letter{org: p.org, customer: p.customer.ID, template: template, subject: "payment", id: p.payment.ID, values: maps.Clone(values)}
}
