package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
)

type invoiceOperations struct {
	ListMyInvoices  *Operation[ListInvoicesInput, ListInvoicesOutput]
	GetMyInvoice    *Operation[InvoiceInput, InvoiceOutput]
	PayableInvoices *Operation[PayableInvoicesInput, PayableInvoicesOutput]

	ListInvoices  *Operation[ListInvoicesInput, ListInvoicesOutput]
	InvoicesCSV   *Operation[InvoicesCSVInput, TableOutput]
	GetInvoice    *Operation[InvoiceInput, InvoiceOutput]
	CreateInvoice *Operation[CreateInvoiceInput, InvoiceOutput]
	EditInvoice   *Operation[EditInvoiceInput, InvoiceOutput]
	SendInvoice   *Operation[SendInvoiceInput, InvoiceOutput]
	ResendInvoice *Operation[SendInvoiceInput, InvoiceOutput]
	VoidInvoice   *Operation[VoidInvoiceInput, InvoiceOutput]
	PreviewTotals *Operation[PreviewTotalsInput, PreviewTotalsOutput]
}

// ListInvoicesInput asks for a page of invoices, R29.
type ListInvoicesInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
	InvoiceFilter
}

// InvoicesCSVInput asks for all of the invoices that a filter lists, as a file.
type InvoicesCSVInput struct {
	Org string `path:"org" maxLength:"40"`
	InvoiceFilter
}

// InvoiceFilter says which invoices are listed, and in which order. Days are those of issue.
type InvoiceFilter struct {
	Status   string    `query:"status" enum:",all,unpaid,overdue,paid,partly_paid,draft,void" doc:"unpaid is all that is owed; partly_paid what was paid in part, late or not. Drafts are for staff."`
	Search   string    `query:"search" maxLength:"100" doc:"Part of a number, a title or a customer's name."`
	Sort     string    `query:"sort" enum:",date,-date,due,-due,amount,-amount,number,-number" doc:"A leading minus is the other way round; none is -date. Amounts are sorted within each currency."`
	Customer uuid.UUID `query:"customer" doc:"Of one customer; for staff."`
	Days
}

// ListInvoicesOutput is a page of invoices.
type ListInvoicesOutput struct {
	Body struct {
		Invoices []InvoiceSummary `json:"invoices"`
		Next     string           `json:"next,omitempty"`
	}
}

// InvoiceSummary is an invoice in a list.
type InvoiceSummary struct {
	ID           uuid.UUID            `json:"id"`
	Number       string               `json:"number"`
	Title        string               `json:"title"`
	Customer     uuid.UUID            `json:"customer"`
	CustomerName string               `json:"customer_name"`
	Status       portal.InvoiceStatus `json:"status" enum:"draft,open,partly_paid,paid,overdue,void"`
	IssueDate    portal.Date          `json:"issue_date"`
	DueDate      portal.Date          `json:"due_date" doc:"Of an invoice that is paid in parts, when the next of them is due."`
	Tax          portal.Money         `json:"tax" doc:"How much of the total is tax."`
	Total        portal.Money         `json:"total"`
	Paid         portal.Money         `json:"paid"`
	Due          portal.Money         `json:"due"`
	SentAt       *time.Time           `json:"sent_at,omitempty"`
	CreatedAt    time.Time            `json:"created_at"`
	// PayingNow is the unfinished payment that holds the invoice, if one does.
	PayingNow *PayingNow `json:"paying_now,omitempty"`
}

// PayingNow is an unfinished payment that holds an invoice, N3.
type PayingNow struct {
	Payment uuid.UUID            `json:"payment"`
	Name    string               `json:"name" doc:"Who began it."`
	Since   time.Time            `json:"since"`
	Status  portal.PaymentStatus `json:"status"`
	Mine    bool                 `json:"mine"`
}

// InFlight reports whether money may be moving, so that nobody can step in.
func (n *PayingNow) InFlight() bool {
	return n != nil && (n.Status == portal.PaymentCharging || n.Status == portal.PaymentProcessing)
}

// InvoiceInput names an invoice.
type InvoiceInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Invoice uuid.UUID `path:"invoice"`
}

// InvoiceOutput is an invoice with all that belongs to it.
type InvoiceOutput struct {
	Status int
	Body   Invoice
}

// Invoice as people read it.
type Invoice struct {
	InvoiceSummary
	Revision        int    `json:"revision" doc:"Raised by each edit: an edit names the one that it was made on."`
	Notes           string `json:"notes,omitempty"`
	Terms           string `json:"terms,omitempty"`
	DiscountPercent string `json:"discount_percent,omitempty"`
	Totals          Totals `json:"totals"`
	Lines           []Line `json:"lines"`
	// Ways are those offered by staff; for contacts, those that this customer can use.
	Ways        []string         `json:"ways_to_pay" enum:"card,bank_debit,bank_transfer"`
	BankDetails string           `json:"bank_details,omitempty" doc:"How to pay by bank transfer, where that is offered."`
	Payable     bool             `json:"payable" doc:"Something is owed, and no charge is in flight."`
	Editable    bool             `json:"editable" doc:"Staff may still change it: nothing was paid, and it isn't void."`
	Payments    []InvoicePayment `json:"payments"`
	Plan        *InvoicePlan     `json:"plan,omitempty" doc:"Of an invoice that is paid in parts."`
	Estimate    *DocumentLink    `json:"estimate,omitempty" doc:"The estimate that it was made from."`
	BillTo      InvoiceParty     `json:"bill_to"`
	From        InvoiceParty     `json:"from"`
	Timeline    []TimelineEntry  `json:"timeline"`
	// Viewed and Mailed are for staff.
	Viewed []View   `json:"viewed,omitempty" doc:"The contacts who have opened it in a browser, the last one first."`
	Mailed []Mailed `json:"mailed,omitempty" doc:"What was mailed about it, and what became of that."`
	Forwarding
}

// InvoiceParty is one of the two whom an invoice is between.
type InvoiceParty struct {
	Name    string   `json:"name"`
	Email   string   `json:"email,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Address []string `json:"address" doc:"Its lines."`
}

// DocumentLink leads to another document.
type DocumentLink struct {
	ID     uuid.UUID `json:"id"`
	Number string    `json:"number"`
}

// InvoicePayment is an amount that an invoice was paid with, or, when it is
// negative, that was taken back.
type InvoicePayment struct {
	Payment *uuid.UUID `json:"payment,omitempty"`
	Receipt string     `json:"receipt,omitempty"`
	Kind    string     `json:"kind" enum:"card,bank_debit,bank_transfer,cash,check,other,credit"`
	ChargedTo
	Amount portal.Money `json:"amount"`
	At     time.Time    `json:"at"`
}

func (a *API) declareInvoices() {
	contact := func(id, path, summary string) route {
		return route{id: id, method: http.MethodGet, path: "/api/{org}/portal/" + path, summary: summary, side: portal.SideContact, action: portal.ActionViewDocuments, tag: "Invoices"}
	}
	staff := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/console/invoices" + path, summary: summary, side: portal.SideStaff, action: action, tag: "Invoices"}
	}
	a.ListMyInvoices = declare(a, contact("list-my-invoices", "invoices", "List the invoices received"), a.listInvoices)
	a.GetMyInvoice = declare(a, contact("get-my-invoice", "invoices/{invoice}", "Read an invoice"), a.getInvoice)
	a.PayableInvoices = declare(a, contact("list-payable-invoices", "payable", "List what can be paid now, by currency"), a.payableInvoices)
	a.ListInvoices = declare(a, staff("list-invoices", http.MethodGet, "", "List invoices", portal.ActionViewDocuments), a.listInvoices)
	a.InvoicesCSV = declare(a, route{
		id: "get-invoices-csv", method: http.MethodGet, path: "/api/{org}/console/invoices.csv", tag: "Invoices", media: documents.TypeCSV,
		summary: "Download a list of invoices as CSV", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.invoicesCSV)
	a.GetInvoice = declare(a, staff("get-invoice", http.MethodGet, "/{invoice}", "Read an invoice", portal.ActionViewDocuments), a.getInvoice)
	create := staff("create-invoice", http.MethodPost, "", "Write an invoice, as a draft", portal.ActionManageDocuments)
	create.status = http.StatusCreated
	a.CreateInvoice = declare(a, create, a.createInvoice)
	a.EditInvoice = declare(a, staff("edit-invoice", http.MethodPut, "/{invoice}", "Change an invoice that nothing was paid on", portal.ActionManageDocuments), a.editInvoice)
	a.SendInvoice = declare(a, staff("send-invoice", http.MethodPost, "/{invoice}/send", "Send a draft to the customer", portal.ActionManageDocuments), a.sendInvoice)
	a.ResendInvoice = declare(a, staff("resend-invoice", http.MethodPost, "/{invoice}/emails", "Email a sent invoice to the customer again", portal.ActionManageDocuments), a.resendInvoice)
	a.VoidInvoice = declare(a, staff("void-invoice", http.MethodPost, "/{invoice}/void", "Void an invoice that nothing was paid on", portal.ActionManageDocuments), a.voidInvoice)
	a.PreviewTotals = declare(a, route{
		id: "preview-totals", method: http.MethodPost, path: "/api/{org}/console/totals", summary: "Add up lines without storing anything",
		side: portal.SideStaff, action: portal.ActionManageDocuments, tag: "Invoices",
	}, a.previewTotals)
}

// today is the date in the organization's time zone.
func (a *API) today(org dbsqlc.Organization) portal.Date { return portal.DateOf(a.Now(), zoneOf(org)) }

// zoneOf is the organization's time zone.
func zoneOf(org dbsqlc.Organization) *time.Location {
	zone, err := time.LoadLocation(org.TimeZone)
	if err != nil {
		return time.UTC // its zone was checked when it was stored
	}
	return zone
}

func (a *API) listInvoices(ctx context.Context, in *ListInvoicesInput) (*ListInvoicesOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, cursor{})
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	customer, filter, sort := optional(in.Customer), in.Status, in.Sort
	if p.Side == portal.SideContact {
		customer = &p.Customer
	}
	if filter == "all" {
		filter = ""
	}
	if sort == "" {
		sort = "-date"
	}
	out := &ListInvoicesOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		today := a.today(org)
		rows, err := q.ListInvoices(ctx, dbsqlc.ListInvoicesParams{
			OrgID: p.Org, CustomerID: customer, SentOnly: p.Side == portal.SideContact, Filter: filter, Today: today, Search: pattern(in.Search), Sort: sort,
			FromDay: optionalDay(in.From), ToDay: optionalDay(in.To),
			FirstPage: in.After == "", FromDate: from.Day, FromText: from.Text, FromNumber: from.Key, FromID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListInvoicesRow) cursor { return invoiceCursor(sort, r) })
		out.Body.Invoices = make([]InvoiceSummary, 0, len(rows))
		for _, r := range rows {
			row, name := invoiceOfRow(r)
			out.Body.Invoices = append(out.Body.Invoices, summaryOfInvoice(row, name, today))
		}
		return markPayingNow(ctx, q, out.Body.Invoices)
	})
	return out, err
}

// invoicesCSV writes the list that listInvoices pages through.
func (a *API) invoicesCSV(ctx context.Context, in *InvoicesCSVInput) (*TableOutput, error) {
	return tableOf(ctx, a, table[InvoiceSummary]{
		title:   in.title("Invoices"),
		columns: []string{"Number", "Customer", "Title", "Status", "Issued", "Due", "Sent", "Currency", "Net", "Tax", "Total", "Paid", "Owed"},
		page: func(ctx context.Context, page Page) ([]InvoiceSummary, string, error) {
			out, err := a.listInvoices(ctx, &ListInvoicesInput{Page: page, Org: in.Org, InvoiceFilter: in.InvoiceFilter})
			if err != nil {
				return nil, "", err
			}
			return out.Body.Invoices, out.Body.Next, nil
		},
		row: func(i InvoiceSummary, zone *time.Location) []any {
			net, owed := portal.NewMoney(i.Total.Amount-i.Tax.Amount, i.Total.Currency), i.Due
			if i.Status == portal.InvoiceDraft || i.Status == portal.InvoiceVoid {
				owed = portal.NewMoney(0, i.Total.Currency)
			}
			return []any{i.Number, i.CustomerName, i.Title, i.Status.Words(), i.IssueDate, i.DueDate, dayOf(i.SentAt, zone), i.Total.Currency, net, i.Tax, i.Total, i.Paid, owed}
		},
	})
}

// invoiceCursor is where a page that is sorted so ends.
func invoiceCursor(sort string, r dbsqlc.ListInvoicesRow) cursor {
	c := cursor{ID: r.ID}
	switch sort {
	case "due", "-due":
		c.Day = r.LateAfter
	case "amount", "-amount":
		c.Text, c.Key = string(r.Currency), r.Total
	case "number", "-number":
		c.Text = r.Number
	default:
		c.Day = r.IssueDate
	}
	return c
}

// invoiceOfRow takes a list's row apart: it is the table's, with a name behind.
func invoiceOfRow(r dbsqlc.ListInvoicesRow) (dbsqlc.Invoice, string) {
	return dbsqlc.Invoice{
		OrgID: r.OrgID, ID: r.ID, CustomerID: r.CustomerID, Number: r.Number, State: r.State, Currency: r.Currency, Title: r.Title,
		IssueDate: r.IssueDate, DueDate: r.DueDate, Tax: r.Tax, Total: r.Total, Due: r.Due, WaysToPay: r.WaysToPay, SentAt: r.SentAt, CreatedAt: r.CreatedAt,
		Plan: r.Plan, LateAfter: r.LateAfter,
	}, r.CustomerName
}

// invoiceStatus derives where an invoice stands today.
func invoiceStatus(i dbsqlc.Invoice, today portal.Date) portal.InvoiceStatus {
	state := portal.InvoiceState{Total: i.Total, Sent: i.State != "draft", Voided: i.State == "void", DueDate: i.LateAfter, Today: today}
	if !state.Voided {
		state.Applied = i.Total - i.Due
	}
	return state.Status()
}

func summaryOfInvoice(i dbsqlc.Invoice, customerName string, today portal.Date) InvoiceSummary {
	money := func(amount int64) portal.Money { return portal.NewMoney(amount, i.Currency) }
	summary := InvoiceSummary{
		ID: i.ID, Number: i.Number, Title: i.Title, Customer: i.CustomerID, CustomerName: customerName, Status: invoiceStatus(i, today),
		IssueDate: i.IssueDate, DueDate: i.LateAfter, Tax: money(i.Tax), Total: money(i.Total), Paid: money(i.Total - i.Due), Due: money(i.Due),
		SentAt: i.SentAt, CreatedAt: i.CreatedAt,
	}
	if i.State == "void" {
		summary.Paid = money(0)
	}
	return summary
}

// markPayingNow says of each invoice whether an unfinished payment holds it.
func markPayingNow(ctx context.Context, q *dbsqlc.Queries, invoices []InvoiceSummary) error {
	if len(invoices) == 0 {
		return nil
	}
	p := principal(ctx)
	places := make(map[uuid.UUID]int, len(invoices))
	ids := make([]uuid.UUID, len(invoices))
	for n, i := range invoices {
		ids[n], places[i.ID] = i.ID, n
	}
	held, err := q.LiveReservations(ctx, dbsqlc.LiveReservationsParams{OrgID: p.Org, Ids: ids})
	if err != nil {
		return err
	}
	for _, h := range held {
		invoices[places[h.InvoiceID]].PayingNow = &PayingNow{
			Payment: h.PaymentID, Name: h.StartedByName, Since: h.CreatedAt, Status: h.Status, Mine: h.StartedBy != nil && *h.StartedBy == p.Actor,
		}
	}
	return nil
}

func (a *API) getInvoice(ctx context.Context, in *InvoiceInput) (*InvoiceOutput, error) {
	out := &InvoiceOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body, err = a.readInvoice(ctx, q, in.Invoice)
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

func (a *API) readInvoice(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (Invoice, error) {
	p := principal(ctx)
	row, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: p.Org, ID: id})
	if err != nil {
		return Invoice{}, err
	}
	if err := mine(ctx, row.CustomerID, "invoice"); err != nil {
		return Invoice{}, err
	}
	if p.Side == portal.SideContact && row.State == "draft" {
		return Invoice{}, portal.NotFound("invoice") // R16
	}
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return Invoice{}, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: row.CustomerID})
	if err != nil {
		return Invoice{}, err
	}
	lines, err := q.ListInvoiceLines(ctx, dbsqlc.ListInvoiceLinesParams{OrgID: p.Org, InvoiceID: id})
	if err != nil {
		return Invoice{}, err
	}
	summary := []InvoiceSummary{summaryOfInvoice(row, customer.Name, a.today(org))}
	if err := markPayingNow(ctx, q, summary); err != nil {
		return Invoice{}, err
	}
	i := Invoice{
		InvoiceSummary: summary[0], Revision: int(row.Revision), Notes: row.Notes, Terms: row.Terms, DiscountPercent: percent(row.DiscountPercent),
		Totals: totalsOf(row.Currency, row.Subtotal, row.Discount, row.Tax, row.Total), Lines: make([]Line, 0, len(lines)), Ways: row.WaysToPay,
		Payable:  row.State == "sent" && row.Due > 0 && !summary[0].PayingNow.InFlight(),
		Editable: row.State != "void" && row.Due == row.Total && !summary[0].PayingNow.InFlight(),
		BillTo:   InvoiceParty{customer.Name, customer.Email, customer.Phone, addressLines(customer.BillingAddress)},
		From:     InvoiceParty{org.Name, org.Email, org.Phone, addressLines(org.Address)},
	}
	if org.LegalName != "" {
		i.From.Name = org.LegalName
	}
	if p.Side == portal.SideContact {
		i.Ways = waysFor(row, customer, org)
	}
	if slices.Contains(i.Ways, "bank_transfer") {
		i.BankDetails = org.BankDetails
	}
	for _, l := range lines {
		i.Lines = append(i.Lines, Line{
			l.Description, l.Quantity.String(), l.Unit, portal.NewMoney(l.UnitPrice, row.Currency), percent(l.DiscountPercent), percent(l.TaxPercent),
			portal.NewMoney(l.Amount, row.Currency),
		})
	}
	if i.Payments, err = paymentsOfInvoice(ctx, q, row); err != nil {
		return Invoice{}, err
	}
	plans, err := a.plansOf(ctx, q, []dbsqlc.Invoice{row}, a.today(org))
	if err != nil {
		return Invoice{}, err
	}
	i.Plan = plans[row.ID]
	if i.Estimate, err = estimateOfInvoice(ctx, q, row); err != nil {
		return Invoice{}, err
	}
	if i.Forwarding, err = forwardingOf(ctx, q, id, row.SentAt != nil); err != nil {
		return Invoice{}, err
	}
	if i.Timeline, err = timeline(ctx, q, p, id); err != nil {
		return Invoice{}, err
	}
	if i.Viewed, err = viewsOf(ctx, q, id); err != nil {
		return Invoice{}, err
	}
	if i.Mailed, err = mailedAbout(ctx, q, id); err != nil {
		return Invoice{}, err
	}
	i.tellAmounts(org.Locale)
	return i, nil
}

// tellAmounts completes the payments in the invoice's timeline: one event is
// written for all invoices of a payment, without each one's part.
func (i *Invoice) tellAmounts(locale string) {
	parts := make(map[string]int64, len(i.Payments))
	for _, paid := range i.Payments {
		if paid.Payment != nil && paid.Amount.Amount > 0 {
			parts[paid.Payment.String()] = paid.Amount.Amount
		}
	}
	for n := range i.Timeline {
		entry := &i.Timeline[n]
		payment, _ := entry.Data["payment"].(string)
		if part, ok := parts[payment]; ok && entry.Kind == "invoice.paid" {
			entry.Data["amount"], entry.Data["currency"] = float64(part), string(i.Total.Currency)
			entry.Text = Sentence(*entry, "this invoice", locale)
		}
	}
}

func paymentsOfInvoice(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Invoice) ([]InvoicePayment, error) {
	allocated, err := q.ListAllocationsOfInvoice(ctx, dbsqlc.ListAllocationsOfInvoiceParams{OrgID: row.OrgID, InvoiceID: row.ID})
	if err != nil {
		return nil, err
	}
	payments := make([]InvoicePayment, 0, len(allocated))
	for _, al := range allocated {
		payment := InvoicePayment{Payment: al.PaymentID, Kind: "credit", ChargedTo: ChargedTo{al.Brand, al.Last4}, Amount: portal.NewMoney(al.Amount, row.Currency), At: al.CreatedAt}
		if al.PaymentKind != nil {
			payment.Kind = *al.PaymentKind
		}
		if al.ReceiptNumber != nil {
			payment.Receipt = *al.ReceiptNumber
		}
		payments = append(payments, payment)
	}
	return payments, nil
}

// estimateOfInvoice links to the estimate that an invoice was made from, unless
// the reader may not see it.
func estimateOfInvoice(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Invoice) (*DocumentLink, error) {
	if row.EstimateID == nil {
		return nil, nil
	}
	estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: row.OrgID, ID: *row.EstimateID})
	if db.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &DocumentLink{estimate.ID, estimate.Number}, nil
}

// waysFor are the ways in which a customer can pay an invoice: those offered,
// less bank debit where staff did not allow it (R34) or the currency isn't the
// dollar, and less bank transfer where nothing says how.
func waysFor(i dbsqlc.Invoice, c dbsqlc.Customer, org dbsqlc.Organization) []string {
	return slices.DeleteFunc(slices.Clone(i.WaysToPay), func(way string) bool {
		switch way {
		case "bank_debit":
			return !c.BankDebitAllowed || i.Currency != "USD"
		case "bank_transfer":
			return org.BankDetails == ""
		}
		return false
	})
}
