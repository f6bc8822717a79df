package documents

import (
	"context"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/pdf"
	"countersign/portal"
)

// Receipt draws the receipt of a payment that arrived, R40: one, however many
// invoices it paid. A payment that isn't there is pgx.ErrNoRows; one that hasn't
// arrived is refused with CodeNotFound.
func Receipt(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID) (File, error) {
	payment, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: org, ID: id})
	if err != nil {
		return File{}, err
	}
	if payment.Status != portal.PaymentSucceeded || payment.SucceededAt == nil || payment.ReceiptNumber == nil {
		return File{}, portal.NotFound("receipt")
	}
	allocated, err := q.ListAllocationsOfPayment(ctx, dbsqlc.ListAllocationsOfPaymentParams{OrgID: org, PaymentID: id})
	if err != nil {
		return File{}, err
	}
	s, err := readSides(ctx, q, org, payment.CustomerID)
	if err != nil {
		return File{}, err
	}
	money := func(amount int64) portal.Money { return portal.NewMoney(amount, payment.Currency) }
	d := pdf.Receipt{
		From: s.from, To: s.to, Number: *payment.ReceiptNumber, Paid: portal.DateOf(*payment.SucceededAt, s.zone), Payer: payment.StartedByName,
		Method: portal.MethodWords(payment.Kind, payment.Brand, payment.Last4), Reference: payment.IntentID, Amount: money(payment.Received),
	}
	paid := int64(0)
	for _, a := range allocated {
		if a.Reverses != nil || a.RefundID != nil || a.DisputeID != nil {
			continue // as it was paid; what went back since is one sum
		}
		paid += a.Amount
		d.Allocations = append(d.Allocations, pdf.Allocation{Invoice: a.Number, Title: a.Title, Due: a.DueDate, Total: money(a.Total), Amount: money(a.Amount)})
	}
	d.Credit, d.Refunded = money(payment.Received-paid), money(payment.Refunded+payment.Returned)
	if payment.ReceivedOn != nil {
		d.Paid = *payment.ReceivedOn
	}
	if payment.Reference != "" {
		d.Reference = payment.Reference
	}
	return drawn(d, s.org.Name, "Receipt "+*payment.ReceiptNumber)
}
