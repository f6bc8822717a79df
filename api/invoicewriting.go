package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// InvoiceContent is what staff write.
type InvoiceContent struct {
	Title           string      `json:"title" maxLength:"200"`
	Notes           string      `json:"notes,omitempty" maxLength:"5000"`
	Terms           string      `json:"terms,omitempty" maxLength:"5000"`
	IssueDate       portal.Date `json:"issue_date,omitzero" doc:"Today, if none is given."`
	DueDate         portal.Date `json:"due_date,omitzero" doc:"From the customer's terms, if none is given."`
	DiscountPercent string      `json:"discount_percent,omitempty" pattern:"^([0-9]{1,3}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage such as 10 or 7.5"`
	Ways            []string    `json:"ways_to_pay,omitempty" enum:"card,bank_debit,bank_transfer" maxItems:"3" doc:"Offered ways to pay, R31; all of them, if none is named."`
	Lines           []LineInput `json:"lines,omitempty" maxItems:"500" doc:"At least one, unless an estimate is invoiced as it is."`
	Plan            *PlanInput  `json:"plan,omitempty" doc:"Splits the total into parts with days of their own; none is paid at once. The last day is the invoice's due date."`
}

// PlanInput is how an invoice is to be paid in parts, N7.
type PlanInput struct {
	DepositPercent string           `json:"deposit_percent,omitempty" pattern:"^([0-9]{1,2}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage below 100" doc:"Of the total, due on the day of issue."`
	Parts          int              `json:"parts,omitempty" minimum:"0" maximum:"36" doc:"Equal parts of what the deposit leaves; 0 and no deposit is no plan."`
	FirstOn        portal.Date      `json:"first_on,omitzero" doc:"When the first part is due: the due date, if none is given."`
	Every          portal.PlanEvery `json:"every,omitempty" enum:"week,two_weeks,month" doc:"How far apart the parts are: a month, if it isn't said."`
}

// CreateInvoiceInput writes a new invoice for a customer, as a draft.
type CreateInvoiceInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Customer uuid.UUID  `json:"customer"`
		Currency string     `json:"currency,omitempty" maxLength:"3" doc:"The customer's, if none is given; an estimate's, if one is."`
		Estimate *uuid.UUID `json:"estimate,omitempty" doc:"An accepted estimate: its content is taken over where no lines are given."`
		InvoiceContent
	}
}

// EditInvoiceInput changes an invoice that nothing was paid on.
type EditInvoiceInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Invoice uuid.UUID `path:"invoice"`
	Body    struct {
		Revision int `json:"revision" minimum:"1" doc:"The one that was read: another one refuses the edit."`
		InvoiceContent
	}
}

// SendInvoiceInput sends a draft to the customer.
type SendInvoiceInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Invoice uuid.UUID `path:"invoice"`
}

// VoidInvoiceInput voids a sent invoice.
type VoidInvoiceInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Invoice uuid.UUID `path:"invoice"`
	Body    struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

// PreviewTotalsInput is a document being written.
type PreviewTotalsInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Currency        string      `json:"currency" minLength:"3" maxLength:"3"`
		DiscountPercent string      `json:"discount_percent,omitempty" pattern:"^([0-9]{1,3}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage such as 10 or 7.5"`
		Lines           []LineInput `json:"lines" minItems:"1" maxItems:"500"`
	}
}

// PreviewTotalsOutput is what it comes to.
type PreviewTotalsOutput struct {
	Body struct {
		Totals Totals         `json:"totals"`
		Lines  []portal.Money `json:"lines" doc:"Each line's amount less its own discount, before tax."`
	}
}

func (a *API) previewTotals(_ context.Context, in *PreviewTotalsInput) (*PreviewTotalsOutput, error) {
	currency, err := readCurrency(in.Body.Currency)
	if err != nil {
		return nil, err
	}
	columns, err := computeLines(currency, in.Body.Lines, in.Body.DiscountPercent)
	if err != nil {
		return nil, err
	}
	out := &PreviewTotalsOutput{}
	out.Body.Totals = totalsOf(currency, columns.subtotal, columns.discount, columns.tax, columns.total)
	for _, amount := range columns.amounts {
		out.Body.Lines = append(out.Body.Lines, portal.NewMoney(amount, currency))
	}
	return out, nil
}

func readCurrency(code string) (portal.Currency, error) {
	currency, err := portal.ParseCurrency(code)
	if err != nil {
		return "", portal.Invalid("This currency is not known.", portal.Field("currency", "Enter an ISO 4217 code, such as USD."))
	}
	return currency, nil
}

func (a *API) createInvoice(ctx context.Context, in *CreateInvoiceInput) (*InvoiceOutput, error) {
	p := principal(ctx)
	out := &InvoiceOutput{Status: http.StatusCreated}
	id := portal.BeginID(p.Org, p.Actor, "create-invoice", in.Key.Key)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertInvoice(ctx, q, id, in); err != nil {
				return err
			}
		}
		out.Body, err = a.readInvoice(ctx, q, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) insertInvoice(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, in *CreateInvoiceInput) error {
	p := principal(ctx)
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Body.Customer})
	if db.NotFound(err) {
		return portal.Invalid("Choose a customer.", portal.Field("customer", "Choose a customer."))
	}
	if err != nil {
		return err
	}
	content, currency := in.Body.InvoiceContent, customer.Currency
	if in.Body.Estimate != nil {
		if currency, err = takeEstimate(ctx, q, *in.Body.Estimate, customer.ID, &content); err != nil {
			return err
		}
	}
	if in.Body.Currency != "" {
		asked, err := readCurrency(in.Body.Currency)
		if err != nil {
			return err
		}
		if in.Body.Estimate != nil && asked != currency {
			return portal.Invalid("The estimate is in another currency.", portal.Field("currency", "The estimate is in %s.", currency))
		}
		currency = asked
	}
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return err
	}
	if content.IssueDate.IsZero() {
		content.IssueDate = a.today(org)
	}
	if content.DueDate.IsZero() {
		content.DueDate = content.IssueDate.AddDays(int(customer.TermsDays))
	}
	columns, err := content.compute(currency)
	if err != nil {
		return err
	}
	n, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: p.Org, Kind: "invoice"})
	if err != nil {
		return err
	}
	if err := q.InsertInvoice(ctx, dbsqlc.InsertInvoiceParams{
		OrgID: p.Org, ID: id, CustomerID: customer.ID, EstimateID: in.Body.Estimate, Number: fmt.Sprintf("INV-%04d", n), Currency: currency,
		Title: content.Title, Notes: content.Notes, Terms: content.Terms, IssueDate: content.IssueDate, DueDate: content.DueDate,
		DiscountPercent: columns.documentDiscount, Subtotal: columns.subtotal, Discount: columns.discount, Tax: columns.tax, Total: columns.total,
		WaysToPay: content.Ways, Plan: content.plan(columns), CreatedBy: optional(p.Actor), At: a.now(),
	}); err != nil {
		return err
	}
	if err := insertInvoiceLines(ctx, q, id, columns); err != nil {
		return err
	}
	if err := insertInstalments(ctx, q, id, columns.instalments); err != nil {
		return err
	}
	return a.record(ctx, q, p, happened{customer: customer.ID, kind: "invoice.created", subject: "invoice", id: id, internal: true})
}

// takeEstimate takes over what was accepted: the currency always, and the
// content where staff wrote no lines of their own.
func takeEstimate(ctx context.Context, q *dbsqlc.Queries, id, customer uuid.UUID, content *InvoiceContent) (portal.Currency, error) {
	org := principal(ctx).Org
	estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: org, ID: id})
	switch {
	case db.NotFound(err), err == nil && estimate.CustomerID != customer:
		return "", portal.Invalid("This customer has no such estimate.", portal.Field("estimate", "Choose one of this customer's estimates."))
	case err != nil:
		return "", err
	case estimate.Status != portal.EstimateAccepted:
		return "", portal.Invalid("Only an accepted estimate can be invoiced.", portal.Field("estimate", "Estimate %s is %s.", estimate.Number, estimate.Status))
	}
	made, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: org, ID: workflows.DepositInvoiceID(id, int(estimate.Version))})
	switch {
	case err == nil && made.State != "void":
		return "", portal.Invalid("This estimate is invoiced already.", portal.Field("estimate", "Accepting it made invoice %s over all of it. Void that one first.", made.Number))
	case err != nil && !db.NotFound(err):
		return "", err
	case len(content.Lines) > 0:
		return estimate.Currency, nil
	}
	version, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: org, EstimateID: id, Version: estimate.Version})
	if err != nil {
		return "", err
	}
	lines, err := q.ListEstimateLines(ctx, dbsqlc.ListEstimateLinesParams{OrgID: org, EstimateID: id, Version: estimate.Version})
	if err != nil {
		return "", err
	}
	if content.Title == "" {
		content.Title = version.Title
	}
	content.DiscountPercent = percent(version.DiscountPercent)
	for _, l := range lines {
		content.Lines = append(content.Lines, LineInput{l.Description, l.Quantity.String(), l.Unit, l.UnitPrice, percent(l.DiscountPercent), percent(l.TaxPercent)})
	}
	return estimate.Currency, nil
}

// compute checks the content, adds it up, and fills in the ways to pay.
func (c *InvoiceContent) compute(currency portal.Currency) (lineColumns, error) {
	if c.DueDate.Before(c.IssueDate) {
		return lineColumns{}, portal.Invalid("The invoice would be due before it is issued.", portal.Field("due_date", "Choose the day of issue or a later one."))
	}
	if len(c.Ways) == 0 {
		c.Ways = []string{"card", "bank_debit", "bank_transfer"}
	}
	columns, err := computeLines(currency, c.Lines, c.DiscountPercent)
	if err != nil || c.Plan == nil || c.Plan.Parts == 0 && strings.Trim(c.Plan.DepositPercent, "0.") == "" {
		return columns, err
	}
	if c.Plan.FirstOn.IsZero() {
		c.Plan.FirstOn = c.DueDate
	}
	c.Plan.Parts, c.Plan.Every = max(c.Plan.Parts, 1), cmp.Or(c.Plan.Every, portal.PlanMonthly)
	columns.instalments, err = portal.Plan(*c.Plan).Split(portal.NewMoney(columns.total, currency), c.IssueDate)
	if err == nil {
		c.DueDate = columns.instalments[len(columns.instalments)-1].DueOn
	}
	return columns, err
}

// plan is the plan of an invoice that is split; nil of one that isn't.
func (c *InvoiceContent) plan(columns lineColumns) *portal.Plan {
	if len(columns.instalments) == 0 {
		return nil
	}
	return new(portal.Plan(*c.Plan))
}

func insertInstalments(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, parts []portal.Instalment) error {
	in := dbsqlc.InsertInstallmentsParams{OrgID: principal(ctx).Org, InvoiceID: id}
	for _, p := range parts {
		in.DueOn, in.Amounts = append(in.DueOn, p.DueOn.String()), append(in.Amounts, p.Amount)
	}
	if len(parts) == 0 {
		return nil
	}
	return q.InsertInstallments(ctx, in)
}

func insertInvoiceLines(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, columns lineColumns) error {
	return q.InsertInvoiceLines(ctx, dbsqlc.InsertInvoiceLinesParams{
		OrgID: principal(ctx).Org, InvoiceID: id, Descriptions: columns.descriptions, Quantities: columns.quantities, Units: columns.units,
		UnitPrices: columns.prices, DiscountPercents: columns.discounts, TaxPercents: columns.taxes, Amounts: columns.amounts,
	})
}

// unpaid says why an invoice can't be edited or voided any more, or nil.
func unpaid(i dbsqlc.Invoice, act string) error {
	switch {
	case i.State == "void":
		return portal.Conflict("Invoice %s was voided; it can't be %s.", i.Number, act)
	case i.Due != i.Total:
		return portal.Conflict("Invoice %s was paid, or paid in part; it can't be %s. Write a credit note instead.", i.Number, act)
	}
	return nil
}

func (a *API) editInvoice(ctx context.Context, in *EditInvoiceInput) (*InvoiceOutput, error) {
	p := principal(ctx)
	content := in.Body.InvoiceContent
	var columns lineColumns
	check := func(row dbsqlc.Invoice) (err error) {
		if int(row.Revision) != in.Body.Revision {
			return portal.Stale("invoice")
		}
		if err := unpaid(row, "changed"); err != nil {
			return err
		}
		if content.IssueDate.IsZero() {
			content.IssueDate = row.IssueDate
		}
		if content.DueDate.IsZero() {
			content.DueDate = row.DueDate
		}
		columns, err = content.compute(row.Currency)
		return err
	}
	out := &InvoiceOutput{}
	err := a.change(ctx, in.Invoice, fmt.Sprintf("edit-invoice:%d", in.Body.Revision), "The invoice was changed.", check, func(q *dbsqlc.Queries, row dbsqlc.Invoice) error {
		n, err := q.EditInvoice(ctx, dbsqlc.EditInvoiceParams{
			OrgID: p.Org, ID: row.ID, Revision: row.Revision, Title: content.Title, Notes: content.Notes, Terms: content.Terms,
			IssueDate: content.IssueDate, DueDate: content.DueDate, DiscountPercent: columns.documentDiscount, Subtotal: columns.subtotal,
			Discount: columns.discount, Tax: columns.tax, Total: columns.total, WaysToPay: content.Ways, Plan: content.plan(columns), At: a.now(),
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("invoice")
		}
		if err := q.DeleteInstallments(ctx, dbsqlc.DeleteInstallmentsParams{OrgID: p.Org, InvoiceID: row.ID}); err != nil {
			return err
		}
		if err := insertInstalments(ctx, q, row.ID, columns.instalments); err != nil {
			return err
		}
		if err := q.DeleteInvoiceLines(ctx, dbsqlc.DeleteInvoiceLinesParams{OrgID: p.Org, InvoiceID: row.ID}); err != nil {
			return err
		}
		if err := insertInvoiceLines(ctx, q, row.ID, columns); err != nil {
			return err
		}
		if err := a.record(ctx, q, p, happened{
			customer: row.CustomerID, kind: "invoice.edited", subject: "invoice", id: row.ID, internal: row.State == "draft",
			data: map[string]any{"number": row.Number, "total": columns.total, "currency": row.Currency},
		}); err != nil {
			return err
		}
		out.Body, err = a.readInvoice(ctx, q, row.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	a.wakeAutopay(ctx, out.Body.Customer)
	return out, nil
}

// change changes an invoice that nobody may be paying meanwhile. check comes
// first, before any payment is disturbed; then the payments that hold the
// invoice are given up, which closes the processor's page and takes what was paid
// in it; then check again and write, with the invoice locked: a payment takes the
// same lock to reserve it.
func (a *API) change(ctx context.Context, id uuid.UUID, key, reason string, check func(dbsqlc.Invoice) error, write func(*dbsqlc.Queries, dbsqlc.Invoice) error) error {
	p := principal(ctx)
	var held []dbsqlc.LiveReservationsRow
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: p.Org, ID: id})
		if err != nil {
			return err
		}
		if err := check(row); err != nil {
			return err
		}
		held, err = q.LiveReservations(ctx, dbsqlc.LiveReservationsParams{OrgID: p.Org, Ids: []uuid.UUID{id}})
		return err
	})
	if db.NotFound(err) {
		return portal.NotFound("invoice")
	}
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Status == portal.PaymentCharging || h.Status == portal.PaymentProcessing {
			return beingPaid(h.StartedByName)
		}
		if _, err := a.cancel(ctx, h.PaymentID, key+":"+h.PaymentID.String(), reason); err != nil {
			return err
		}
	}
	return a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.LockInvoice(ctx, dbsqlc.LockInvoiceParams{OrgID: p.Org, ID: id})
		if err != nil {
			return err
		}
		if err := check(row); err != nil {
			return err
		}
		held, err := q.LiveReservations(ctx, dbsqlc.LiveReservationsParams{OrgID: p.Org, Ids: []uuid.UUID{id}})
		if err != nil {
			return err
		}
		if len(held) > 0 {
			return beingPaid(held[0].StartedByName)
		}
		return write(q, row)
	})
}

func beingPaid(name string) *portal.Error {
	return portal.Conflict("%s is paying this invoice right now. Wait for the payment to end, and try again.", name)
}

func (a *API) sendInvoice(ctx context.Context, in *SendInvoiceInput) (*InvoiceOutput, error) {
	p := principal(ctx)
	out := &InvoiceOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.LockInvoice(ctx, dbsqlc.LockInvoiceParams{OrgID: p.Org, ID: in.Invoice})
		if err != nil {
			return err
		}
		done, err := a.once(ctx, q, portal.BeginID(p.Org, p.Actor, "send-invoice:"+in.Invoice.String(), in.Key.Key), nil)
		if err != nil {
			return err
		}
		if !done {
			if row.State != "draft" {
				return portal.Conflict("Invoice %s was already sent.", row.Number)
			}
			now := a.now()
			if _, err := q.SendInvoice(ctx, dbsqlc.SendInvoiceParams{OrgID: p.Org, ID: row.ID, At: &now}); err != nil {
				return err
			}
			if err := a.record(ctx, q, p, happened{
				customer: row.CustomerID, kind: "invoice.sent", subject: "invoice", id: row.ID,
				data: map[string]any{"number": row.Number, "total": row.Total, "currency": row.Currency, "due_date": row.DueDate},
			}); err != nil {
				return err
			}
		}
		out.Body, err = a.readInvoice(ctx, q, row.ID)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("invoice")
	}
	if err != nil {
		return nil, err
	}
	a.wakeAutopay(ctx, out.Body.Customer)
	return out, nil
}

// resendInvoice has those emailed again who were emailed when it was sent, each time that it is asked for.
func (a *API) resendInvoice(ctx context.Context, in *SendInvoiceInput) (*InvoiceOutput, error) {
	p := principal(ctx)
	out := &InvoiceOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.LockInvoice(ctx, dbsqlc.LockInvoiceParams{OrgID: p.Org, ID: in.Invoice})
		if err != nil {
			return err
		}
		done, err := a.once(ctx, q, portal.BeginID(p.Org, p.Actor, "resend-invoice:"+in.Invoice.String(), in.Key.Key), nil)
		if err != nil {
			return err
		}
		if !done {
			if row.State != "sent" || row.Due == 0 {
				return portal.Conflict("Nothing is owed on invoice %s. Nobody was emailed; forward it, if somebody wants a copy.", row.Number)
			}
			if err := a.record(ctx, q, p, happened{
				customer: row.CustomerID, kind: "invoice.resent", subject: "invoice", id: row.ID, internal: true, data: map[string]any{"number": row.Number},
			}); err != nil {
				return err
			}
		}
		out.Body, err = a.readInvoice(ctx, q, row.ID)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("invoice")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) voidInvoice(ctx context.Context, in *VoidInvoiceInput) (*InvoiceOutput, error) {
	p := principal(ctx)
	id := portal.BeginID(p.Org, p.Actor, "void-invoice:"+in.Invoice.String(), in.Key.Key)
	current, err := a.getInvoice(ctx, &InvoiceInput{Invoice: in.Invoice})
	if err != nil {
		return nil, err
	}
	if current.Body.Status == portal.InvoiceVoid {
		err := a.in(ctx, func(q *dbsqlc.Queries) error {
			done, err := a.once(ctx, q, id, in.Body)
			if err == nil && !done {
				err = portal.Conflict("Invoice %s was already voided.", current.Body.Number)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		return current, nil
	}
	check := func(row dbsqlc.Invoice) error {
		if row.State == "draft" {
			return portal.Conflict("Invoice %s is a draft; it was never owed.", row.Number)
		}
		return unpaid(row, "voided")
	}
	out := &InvoiceOutput{}
	err = a.change(ctx, in.Invoice, in.Key.Key, "The invoice was voided.", check, func(q *dbsqlc.Queries, row dbsqlc.Invoice) error {
		if _, err := a.once(ctx, q, id, in.Body); err != nil {
			return err
		}
		now := a.now()
		if _, err := q.VoidInvoice(ctx, dbsqlc.VoidInvoiceParams{OrgID: p.Org, ID: row.ID, At: &now}); err != nil {
			return err
		}
		if err := a.freeTime(ctx, q, row.ID); err != nil {
			return err
		}
		if err := a.record(ctx, q, p, happened{
			customer: row.CustomerID, kind: "invoice.voided", subject: "invoice", id: row.ID,
			data: map[string]any{"number": row.Number, "reason": in.Body.Reason},
		}); err != nil {
			return err
		}
		out.Body, err = a.readInvoice(ctx, q, row.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
