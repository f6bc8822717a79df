package documents

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/pdf"
	"countersign/portal"
)

// Invoice draws an invoice, with what was paid on it so far. One that isn't there
// is pgx.ErrNoRows.
func Invoice(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID) (File, error) {
	invoice, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: org, ID: id})
	if err != nil {
		return File{}, err
	}
	lines, err := q.ListInvoiceLines(ctx, dbsqlc.ListInvoiceLinesParams{OrgID: org, InvoiceID: id})
	if err != nil {
		return File{}, err
	}
	allocated, err := q.ListAllocationsOfInvoice(ctx, dbsqlc.ListAllocationsOfInvoiceParams{OrgID: org, InvoiceID: id})
	if err != nil {
		return File{}, err
	}
	s, err := readSides(ctx, q, org, invoice.CustomerID)
	if err != nil {
		return File{}, err
	}
	d := pdf.Invoice{
		From: s.from, To: s.to, Number: invoice.Number, Title: invoice.Title, Status: statusOf(invoice),
		Issued: invoice.IssueDate, Due: invoice.DueDate, Notes: invoice.Notes, Terms: invoice.Terms,
		Owed: portal.NewMoney(invoice.Due, invoice.Currency),
	}
	if d.Terms, err = planTerms(ctx, q, s, invoice); err != nil {
		return File{}, err
	}
	if invoice.EstimateID != nil {
		estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: org, ID: *invoice.EstimateID})
		if err != nil && !db.NotFound(err) { // its reader may not be allowed to see it
			return File{}, err
		}
		d.Estimate = estimate.Number
	}
	for _, l := range lines {
		d.Lines = append(d.Lines, lineOf(l, invoice.Currency))
	}
	d.Totals = amounts{invoice.Subtotal, invoice.Discount, invoice.Tax, invoice.Total, invoice.DiscountPercent}.totals(d.Lines, invoice.Currency)
	for _, a := range allocated {
		d.Settled = append(d.Settled, s.settlement(a, invoice.Currency))
	}
	if slices.Contains(invoice.WaysToPay, "bank_transfer") && invoice.Due > 0 {
		d.BankDetails = s.org.BankDetails
	}
	return drawn(d, s.org.Name, "Invoice "+invoice.Number)
}

// planTerms are an invoice's terms, after the days and amounts of its instalments.
func planTerms(ctx context.Context, q *dbsqlc.Queries, s sides, invoice dbsqlc.Invoice) (string, error) {
	if invoice.Plan == nil {
		return invoice.Terms, nil
	}
	parts, err := q.ListInstallments(ctx, dbsqlc.ListInstallmentsParams{OrgID: invoice.OrgID, InvoiceIds: []uuid.UUID{invoice.ID}})
	words := "To be paid in parts:"
	for _, p := range parts {
		words += "\n" + p.DueOn.Format(s.org.Locale) + ": " + portal.NewMoney(p.Amount, invoice.Currency).Format(s.org.Locale)
	}
	if invoice.Terms != "" {
		words += "\n\n" + invoice.Terms
	}
	return words, err
}

// statusOf leaves the calendar out: what is printed today is read next month.
func statusOf(i dbsqlc.Invoice) portal.InvoiceStatus {
	state := portal.InvoiceState{Total: i.Total, Sent: i.State != "draft", Voided: i.State == "void"}
	if !state.Voided {
		state.Applied = i.Total - i.Due
	}
	return state.Status()
}

func (s sides) settlement(a dbsqlc.ListAllocationsOfInvoiceRow, c portal.Currency) pdf.Settlement {
	words := "Credit used"
	if a.PaymentKind != nil {
		words = portal.MethodWords(*a.PaymentKind, a.Brand, a.Last4)
		if a.ReceiptNumber != nil {
			words += ", receipt " + *a.ReceiptNumber
		}
	}
	if a.Reverses != nil {
		words += ", returned"
	}
	return pdf.Settlement{Date: portal.DateOf(a.CreatedAt, s.zone), Words: words, Amount: portal.NewMoney(a.Amount, c)}
}
