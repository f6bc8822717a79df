package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
	"countersign/workflows"
)

type estimateOperations struct {
	ListMyEstimates *Operation[ListEstimatesInput, ListEstimatesOutput]
	GetMyEstimate   *Operation[EstimateInput, EstimateOutput]
	DecideEstimate  *Operation[DecideEstimateInput, EstimateOutput]

	ListEstimates  *Operation[ListEstimatesInput, ListEstimatesOutput]
	EstimatesCSV   *Operation[EstimatesCSVInput, TableOutput]
	GetEstimate    *Operation[EstimateInput, EstimateOutput]
	CreateEstimate *Operation[CreateEstimateInput, EstimateOutput]
	EditEstimate   *Operation[EditEstimateInput, EstimateOutput]
	SendEstimate   *Operation[SendEstimateInput, EstimateOutput]

	ResendEstimate   *Operation[SendEstimateInput, EstimateOutput]
	WithdrawEstimate *Operation[WithdrawEstimateInput, EstimateOutput]
	DiscardEstimate  *Operation[EstimateInput, EstimateDiscarded]
}

// ListEstimatesInput asks for a page of estimates, newest first, R24.
type ListEstimatesInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
	EstimateFilter
}

// EstimatesCSVInput asks for all of the estimates that a filter lists, as a file.
type EstimatesCSVInput struct {
	Org string `path:"org" maxLength:"40"`
	EstimateFilter
}

// EstimateFilter says which estimates are listed, and in which order. Days are
// those of the last sending, or of writing before the first.
type EstimateFilter struct {
	Status   string    `query:"status" enum:",draft,sent,accepted,to_invoice,declined,expired,withdrawn" doc:"to_invoice is what was accepted and has no invoice that stands."`
	Search   string    `query:"search" maxLength:"100" doc:"Part of a number, a title or a customer's name."`
	Customer uuid.UUID `query:"customer" doc:"Of one customer; for staff."`
	Sort     string    `query:"sort" enum:",date,-date,valid,-valid,amount,-amount,number,-number" doc:"A leading minus is the other way round; none is -date, the last sent first. Amounts are sorted within each currency."`
	Days
}

// ListEstimatesOutput is a page of estimates.
type ListEstimatesOutput struct {
	Body struct {
		Estimates []EstimateSummary `json:"estimates"`
		Next      string            `json:"next,omitempty"`
	}
}

// EstimateSummary is an estimate in a list.
type EstimateSummary struct {
	ID           uuid.UUID             `json:"id"`
	Number       string                `json:"number"`
	Title        string                `json:"title"`
	Customer     uuid.UUID             `json:"customer"`
	CustomerName string                `json:"customer_name"`
	Status       portal.EstimateStatus `json:"status"`
	Version      int                   `json:"version"`
	Total        portal.Money          `json:"total"`
	ValidUntil   portal.Date           `json:"valid_until"`
	SentAt       *time.Time            `json:"sent_at,omitempty"`
	CreatedAt    time.Time             `json:"created_at"`
	HasDraft     bool                  `json:"has_draft,omitempty" doc:"Staff are writing a new version."`
}

// EstimateInput names an estimate.
type EstimateInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Estimate uuid.UUID `path:"estimate"`
}

// EstimateOutput is an estimate with the version that its reader is to see.
type EstimateOutput struct {
	Status int
	Body   Estimate
}

// Estimate is one version of an estimate, with the estimate around it.
type Estimate struct {
	EstimateSummary
	// ShownVersion is the version of the lines below: the sent one, or for staff the draft if there is one.
	ShownVersion    int             `json:"shown_version"`
	VersionStatus   string          `json:"version_status"`
	Notes           string          `json:"notes,omitempty"`
	Terms           string          `json:"terms,omitempty"`
	DiscountPercent string          `json:"discount_percent,omitempty"`
	DepositPercent  string          `json:"deposit_percent,omitempty" doc:"Of the total: due at once when it is accepted."`
	Deposit         *portal.Money   `json:"deposit,omitempty"`
	Invoice         *DocumentLink   `json:"invoice,omitempty" doc:"Made by its acceptance, where a deposit is asked for."`
	DepositDue      *portal.Money   `json:"deposit_due,omitempty" doc:"What of the deposit is owed on that invoice; none once it is paid."`
	Totals          Totals          `json:"totals"`
	Lines           []Line          `json:"lines"`
	ExpiresAt       *time.Time      `json:"expires_at,omitempty"`
	Decision        *Decision       `json:"decision,omitempty"`
	Timeline        []TimelineEntry `json:"timeline"`
	// Invoices, Viewed and Mailed are for staff.
	Invoices []InvoiceSummary `json:"invoices,omitempty" doc:"What was written from it, void ones too, in that order."`
	Viewed   []View           `json:"viewed,omitempty" doc:"The contacts who have opened it in a browser, the last one first."`
	Mailed   []Mailed         `json:"mailed,omitempty" doc:"What was mailed about it, and what became of that."`
	Forwarding
	// WorkflowID is for staff.
	WorkflowID string `json:"workflow_id,omitempty"`
}

// Decision is the evidence of what a contact decided, N2.
type Decision struct {
	ID          uuid.UUID `json:"id" doc:"Of the record: its certificate is read under it."`
	Decision    string    `json:"decision"`
	Reason      string    `json:"reason,omitempty"`
	By          string    `json:"by"`
	Email       string    `json:"email"`
	At          time.Time `json:"at"`
	IP          string    `json:"ip,omitempty"`
	ContentHash string    `json:"content_hash" doc:"SHA-256 of what was decided on, in hexadecimal."`
}

// DecideEstimateInput accepts or declines the version that is on screen.
type DecideEstimateInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Estimate uuid.UUID `path:"estimate"`
	Body     struct {
		Decision string `json:"decision" enum:"accepted,declined"`
		Version  int    `json:"version" minimum:"1" doc:"The version that was read: another one refuses the decision."`
		Reason   string `json:"reason,omitempty" maxLength:"2000"`
	}
}

// EstimateContent is what staff write.
type EstimateContent struct {
	Title           string      `json:"title" maxLength:"200"`
	Notes           string      `json:"notes,omitempty" maxLength:"5000"`
	Terms           string      `json:"terms,omitempty" maxLength:"5000"`
	ValidUntil      portal.Date `json:"valid_until"`
	DiscountPercent string      `json:"discount_percent,omitempty" pattern:"^([0-9]{1,3}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage such as 10 or 7.5"`
	DepositPercent  string      `json:"deposit_percent,omitempty" pattern:"^([0-9]{1,2}(\\.[0-9]{1,4})?)?$" patternDescription:"a percentage below 100" doc:"Asks for a deposit: accepting makes the invoice, of which this part is due at once and the rest on the customer's terms."`
	Lines           []LineInput `json:"lines" minItems:"1" maxItems:"500"`
}

// CreateEstimateInput writes a new estimate for a customer, as a draft.
type CreateEstimateInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Customer uuid.UUID `json:"customer"`
		Currency string    `json:"currency,omitempty" maxLength:"3" doc:"The customer's, if none is given."`
		EstimateContent
	}
}

// EditEstimateInput writes the draft version: the first one, or the next one
// of an estimate that was sent, R28.
type EditEstimateInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Estimate uuid.UUID `path:"estimate"`
	Body     struct {
		// Version being written, as it was read: 1 for a new estimate.
		Version int `json:"version" minimum:"1"`
		EstimateContent
	}
}

// SendEstimateInput sends the draft version to the customer.
type SendEstimateInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Estimate uuid.UUID `path:"estimate"`
}

func (a *API) declareEstimates() {
	contact := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/portal/estimates" + path, summary: summary, side: portal.SideContact, action: action, tag: "Estimates"}
	}
	staff := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/console/estimates" + path, summary: summary, side: portal.SideStaff, action: action, tag: "Estimates"}
	}
	a.ListMyEstimates = declare(a, contact("list-my-estimates", http.MethodGet, "", "List the estimates received", portal.ActionViewDocuments), a.listEstimates)
	a.GetMyEstimate = declare(a, contact("get-my-estimate", http.MethodGet, "/{estimate}", "Read an estimate", portal.ActionViewDocuments), a.getEstimate)
	a.DecideEstimate = declare(a, contact("decide-estimate", http.MethodPost, "/{estimate}/decision", "Accept or decline an estimate", portal.ActionApprove), a.decideEstimate)
	a.ListEstimates = declare(a, staff("list-estimates", http.MethodGet, "", "List estimates", portal.ActionViewDocuments), a.listEstimates)
	a.EstimatesCSV = declare(a, route{
		id: "get-estimates-csv", method: http.MethodGet, path: "/api/{org}/console/estimates.csv", tag: "Estimates", media: documents.TypeCSV,
		summary: "Download a list of estimates as CSV", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.estimatesCSV)
	a.GetEstimate = declare(a, staff("get-estimate", http.MethodGet, "/{estimate}", "Read an estimate", portal.ActionViewDocuments), a.getEstimate)
	create := staff("create-estimate", http.MethodPost, "", "Write an estimate", portal.ActionManageDocuments)
	create.status = http.StatusCreated
	a.CreateEstimate = declare(a, create, a.createEstimate)
	a.EditEstimate = declare(a, staff("edit-estimate", http.MethodPut, "/{estimate}", "Write the draft version of an estimate", portal.ActionManageDocuments), a.editEstimate)
	a.declareEstimateEnds(staff)
	a.SendEstimate = declare(a, staff("send-estimate", http.MethodPost, "/{estimate}/send", "Send the draft version to the customer", portal.ActionManageDocuments), a.sendEstimate)
}

func (a *API) listEstimates(ctx context.Context, in *ListEstimatesInput) (*ListEstimatesOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, cursor{})
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	customer, sort := optional(in.Customer), in.Sort
	if p.Side == portal.SideContact {
		customer = &p.Customer
	}
	if sort == "" {
		sort = "-date"
	}
	out := &ListEstimatesOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		since, before, err := in.moments(ctx, q)
		if err != nil {
			return err
		}
		rows, err := q.ListEstimates(ctx, dbsqlc.ListEstimatesParams{
			OrgID: p.Org, CustomerID: customer, SentOnly: p.Side == portal.SideContact, Status: in.Status, Search: pattern(in.Search), Sort: sort, Since: since, Before: before,
			FirstPage: in.After == "", FromTime: from.At, FromDate: from.Day, FromText: from.Text, FromNumber: from.Key, FromID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListEstimatesRow) cursor { return estimateCursor(sort, r) })
		out.Body.Estimates = make([]EstimateSummary, 0, len(rows))
		for _, r := range rows {
			out.Body.Estimates = append(out.Body.Estimates, EstimateSummary{
				ID: r.ID, Number: r.Number, Title: r.Title, Customer: r.CustomerID, CustomerName: r.CustomerName, Status: r.Status, Version: int(r.Version),
				Total: portal.NewMoney(r.Total, r.Currency), ValidUntil: r.ValidUntil, SentAt: r.SentAt, CreatedAt: r.CreatedAt,
				HasDraft: p.Side == portal.SideStaff && r.DraftVersion != nil,
			})
		}
		return nil
	})
	return out, err
}

// estimatesCSV writes the list that listEstimates pages through.
func (a *API) estimatesCSV(ctx context.Context, in *EstimatesCSVInput) (*TableOutput, error) {
	return tableOf(ctx, a, table[EstimateSummary]{
		title:   in.title("Estimates"),
		columns: []string{"Number", "Customer", "Title", "Status", "Written", "Sent", "Valid until", "Currency", "Total"},
		page: func(ctx context.Context, page Page) ([]EstimateSummary, string, error) {
			out, err := a.listEstimates(ctx, &ListEstimatesInput{Page: page, Org: in.Org, EstimateFilter: in.EstimateFilter})
			if err != nil {
				return nil, "", err
			}
			return out.Body.Estimates, out.Body.Next, nil
		},
		row: func(e EstimateSummary, zone *time.Location) []any {
			return []any{e.Number, e.CustomerName, e.Title, e.Status.Words(), dayOf(&e.CreatedAt, zone), dayOf(e.SentAt, zone), e.ValidUntil, e.Total.Currency, e.Total}
		},
	})
}

// estimateCursor is where a page that is sorted so ends.
func estimateCursor(sort string, r dbsqlc.ListEstimatesRow) cursor {
	c := cursor{ID: r.ID}
	switch sort {
	case "valid", "-valid":
		c.Day = r.ValidUntil
	case "amount", "-amount":
		c.Text, c.Key = string(r.Currency), r.Total
	case "number", "-number":
		c.Text = r.Number
	default:
		c.At = r.CreatedAt
		if r.SentAt != nil {
			c.At = *r.SentAt
		}
	}
	return c
}

func (a *API) getEstimate(ctx context.Context, in *EstimateInput) (*EstimateOutput, error) {
	out := &EstimateOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		if out.Body, err = readEstimate(ctx, q, in.Estimate); err != nil || principal(ctx).Side != portal.SideStaff {
			return err
		}
		out.Body.Invoices, err = a.invoicesOf(ctx, q, out.Body)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("estimate")
	}
	return out, err
}

// invoicesOf are the invoices that were written from an estimate.
func (a *API) invoicesOf(ctx context.Context, q *dbsqlc.Queries, e Estimate) ([]InvoiceSummary, error) {
	org, err := q.GetOrganization(ctx, principal(ctx).Org)
	if err != nil {
		return nil, err
	}
	rows, err := q.InvoicesOfEstimate(ctx, dbsqlc.InvoicesOfEstimateParams{OrgID: org.ID, EstimateID: e.ID})
	invoices := make([]InvoiceSummary, len(rows))
	for n, row := range rows {
		invoices[n] = summaryOfInvoice(row, e.CustomerName, a.today(org))
	}
	return invoices, err
}

// shownVersion is the version that p is to see; 0 is none.
func shownVersion(p portal.Principal, row dbsqlc.Estimate) int32 {
	if p.Side == portal.SideStaff && row.DraftVersion != nil {
		return *row.DraftVersion
	}
	return row.Version
}

// readEstimate reads the version that the caller is to see: the one that was
// sent, and for staff the draft, where there is one.
func readEstimate(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (Estimate, error) {
	p := principal(ctx)
	row, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: p.Org, ID: id})
	if err != nil {
		return Estimate{}, err
	}
	if err := mine(ctx, row.CustomerID, "estimate"); err != nil {
		return Estimate{}, err
	}
	if p.Side == portal.SideContact && row.Version == 0 {
		return Estimate{}, portal.NotFound("estimate") // never sent, R16
	}
	shown := shownVersion(p, row)
	version, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: p.Org, EstimateID: id, Version: shown})
	if err != nil {
		return Estimate{}, err
	}
	lines, err := q.ListEstimateLines(ctx, dbsqlc.ListEstimateLinesParams{OrgID: p.Org, EstimateID: id, Version: shown})
	if err != nil {
		return Estimate{}, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: row.CustomerID})
	if err != nil {
		return Estimate{}, err
	}
	decisions, err := q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: p.Org, DocumentKind: "estimate", DocumentID: id, Version: shown})
	if err != nil {
		return Estimate{}, err
	}
	e := Estimate{
		EstimateSummary: EstimateSummary{
			ID: row.ID, Number: row.Number, Title: version.Title, Customer: row.CustomerID, CustomerName: customer.Name, Status: row.Status, Version: int(row.Version),
			Total: portal.NewMoney(version.Total, row.Currency), ValidUntil: version.ValidUntil, SentAt: version.SentAt, CreatedAt: row.CreatedAt,
			HasDraft: p.Side == portal.SideStaff && row.DraftVersion != nil,
		},
		ShownVersion: int(shown), VersionStatus: version.Status, Notes: version.Notes, Terms: version.Terms, DiscountPercent: percent(version.DiscountPercent),
		Totals: totalsOf(row.Currency, version.Subtotal, version.Discount, version.Tax, version.Total), ExpiresAt: version.ExpiresAt,
		Lines: make([]Line, 0, len(lines)),
	}
	for _, l := range lines {
		e.Lines = append(e.Lines, Line{
			l.Description, l.Quantity.String(), l.Unit, portal.NewMoney(l.UnitPrice, row.Currency), percent(l.DiscountPercent), percent(l.TaxPercent),
			portal.NewMoney(l.Amount, row.Currency),
		})
	}
	if err := depositOf(ctx, q, version, &e); err != nil {
		return Estimate{}, err
	}
	for _, d := range decisions {
		e.Decision = &Decision{d.ID, d.Decision, d.Reason, d.ContactName, d.ContactEmail, d.DecidedAt, d.IP, fmt.Sprintf("%x", d.ContentHash)}
	}
	if p.Side == portal.SideStaff && row.Version > 0 {
		e.WorkflowID = workflows.EstimateID(id, int(row.Version))
	}
	if e.Viewed, err = viewsOf(ctx, q, id); err != nil {
		return Estimate{}, err
	}
	if e.Mailed, err = mailedAbout(ctx, q, id); err != nil {
		return Estimate{}, err
	}
	if e.Forwarding, err = forwardingOf(ctx, q, id, row.Version > 0); err != nil {
		return e, err
	}
	e.Timeline, err = timeline(ctx, q, p, id)
	return e, err
}

// depositOf adds what is asked for at once, and the invoice that its acceptance made.
func depositOf(ctx context.Context, q *dbsqlc.Queries, version dbsqlc.EstimateVersion, e *Estimate) error {
	if !version.DepositPercent.IsPositive() {
		return nil
	}
	e.DepositPercent = percent(version.DepositPercent)
	part := version.DepositPercent.Mul(decimal.NewFromInt(version.Total)).Div(decimal.NewFromInt(100)).Round(0).IntPart()
	e.Deposit = new(portal.RoundToStep(portal.NewMoney(part, e.Total.Currency)))
	if e.Status != portal.EstimateAccepted {
		return nil
	}
	invoice, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: version.OrgID, ID: workflows.DepositInvoiceID(version.EstimateID, int(version.Version))})
	if db.NotFound(err) || err == nil && invoice.State == "void" {
		return nil
	}
	if err != nil {
		return err
	}
	e.Invoice = &DocumentLink{invoice.ID, invoice.Number}
	if owed := min(e.Deposit.Amount-(invoice.Total-invoice.Due), invoice.Due); owed > 0 {
		e.DepositDue = new(portal.NewMoney(owed, invoice.Currency))
	}
	return nil
}

func (a *API) decideEstimate(ctx context.Context, in *DecideEstimateInput) (*EstimateOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		// As the contact: an estimate of another customer isn't there.
		current, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: p.Org, ID: in.Estimate})
		if db.NotFound(err) {
			return portal.NotFound("estimate")
		}
		if err != nil {
			return err
		}
		if err := mine(ctx, current.CustomerID, "estimate"); err != nil {
			return err
		}
		if int(current.Version) != in.Body.Version {
			return portal.Stale("estimate")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	from := clientOf(ctx)
	request := workflows.DecideRequest{
		Decision: portal.EstimateStatus(in.Body.Decision), Reason: in.Body.Reason, By: workflows.ActorOf(p),
		Origin: workflows.Origin{IP: from.IP, UserAgent: clip(from.UserAgent, 300)},
	}
	_, err = decide(ctx, a, workflows.EstimateID(in.Estimate, in.Body.Version), workflows.UpdateDecide, in.Key.Key, request,
		func() (workflows.EstimateState, error) {
			now, err := a.getEstimate(ctx, &EstimateInput{Estimate: in.Estimate})
			switch {
			case err != nil:
				return workflows.EstimateState{}, err
			case now.Body.Decision != nil && now.Body.Decision.Decision == in.Body.Decision && now.Body.Decision.Email == p.Email:
				return workflows.EstimateState{}, nil
			case now.Body.Decision != nil:
				return workflows.EstimateState{}, portal.Conflict("%s %s this estimate already.", now.Body.Decision.By, now.Body.Decision.Decision)
			case now.Body.Status.Live():
				// The row is live and its flow is not: the sweep is about to start it.
				return workflows.EstimateState{}, portal.NotConfirmed(5 * time.Second)
			}
			return workflows.EstimateState{}, portal.Conflict("This estimate was already %s.", now.Body.Status)
		})
	if err != nil {
		return nil, err
	}
	return a.getEstimate(ctx, &EstimateInput{Estimate: in.Estimate})
}

func (a *API) createEstimate(ctx context.Context, in *CreateEstimateInput) (*EstimateOutput, error) {
	p := principal(ctx)
	out := &EstimateOutput{Status: http.StatusCreated}
	id := portal.BeginID(p.Org, p.Actor, "create-estimate", in.Key.Key)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if done {
			out.Body, err = readEstimate(ctx, q, id)
			return err
		}
		customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Body.Customer})
		if db.NotFound(err) {
			return portal.Invalid("Choose a customer.", portal.Field("customer", "Choose a customer."))
		}
		if err != nil {
			return err
		}
		currency := customer.Currency
		if in.Body.Currency != "" {
			if currency, err = portal.ParseCurrency(in.Body.Currency); err != nil {
				return portal.Invalid("This currency is not known.", portal.Field("currency", "Enter an ISO 4217 code, such as USD."))
			}
		}
		n, err := q.NextNumber(ctx, dbsqlc.NextNumberParams{OrgID: p.Org, Kind: "estimate"})
		if err != nil {
			return err
		}
		if err := q.InsertEstimate(ctx, dbsqlc.InsertEstimateParams{
			OrgID: p.Org, ID: id, CustomerID: customer.ID, Number: fmt.Sprintf("EST-%04d", n), Currency: currency,
			Title: in.Body.Title, ValidUntil: in.Body.ValidUntil, CreatedBy: optional(p.Actor), At: a.now(),
		}); err != nil {
			return err
		}
		if err := a.writeEstimate(ctx, q, id, 1, currency, in.Body.EstimateContent); err != nil {
			return err
		}
		if err := a.record(ctx, q, p, happened{customer: customer.ID, kind: "estimate.created", subject: "estimate", id: id, internal: true}); err != nil {
			return err
		}
		out.Body, err = readEstimate(ctx, q, id)
		return err
	})
	return out, err
}

// writeEstimate writes the content of a draft version.
func (a *API) writeEstimate(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, version int32, currency portal.Currency, content EstimateContent) error {
	p := principal(ctx)
	if content.ValidUntil.IsZero() {
		return portal.Invalid("Choose until when the estimate is valid.", portal.Field("valid_until", "Choose a day."))
	}
	columns, err := computeLines(currency, content.Lines, content.DiscountPercent)
	if err != nil {
		return err
	}
	if err := q.SaveEstimateVersion(ctx, dbsqlc.SaveEstimateVersionParams{
		OrgID: p.Org, EstimateID: id, Version: version, Title: content.Title, Notes: content.Notes, Terms: content.Terms, ValidUntil: content.ValidUntil,
		DiscountPercent: columns.documentDiscount, Subtotal: columns.subtotal, Discount: columns.discount, Tax: columns.tax, Total: columns.total,
		DepositPercent: number(content.DepositPercent),
	}); err != nil {
		return err
	}
	if err := q.DeleteEstimateLines(ctx, dbsqlc.DeleteEstimateLinesParams{OrgID: p.Org, EstimateID: id, Version: version}); err != nil {
		return err
	}
	if err := q.InsertEstimateLines(ctx, dbsqlc.InsertEstimateLinesParams{
		OrgID: p.Org, EstimateID: id, Version: version, Descriptions: columns.descriptions, Quantities: columns.quantities, Units: columns.units,
		UnitPrices: columns.prices, DiscountPercents: columns.discounts, TaxPercents: columns.taxes, Amounts: columns.amounts,
	}); err != nil {
		return err
	}
	return q.SetEstimateDraft(ctx, dbsqlc.SetEstimateDraftParams{
		OrgID: p.Org, ID: id, DraftVersion: &version, Title: content.Title, Total: columns.total, ValidUntil: content.ValidUntil, At: a.now(),
	})
}

func (a *API) editEstimate(ctx context.Context, in *EditEstimateInput) (*EstimateOutput, error) {
	p := principal(ctx)
	out := &EstimateOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.LockEstimate(ctx, dbsqlc.LockEstimateParams{OrgID: p.Org, ID: in.Estimate})
		if err != nil {
			return err
		}
		if row.Status.Final() {
			return portal.Conflict("This estimate was %s; it can't be changed any more.", row.Status)
		}
		if int(row.Version)+1 != in.Body.Version {
			return portal.Stale("estimate")
		}
		if err := a.writeEstimate(ctx, q, row.ID, row.Version+1, row.Currency, in.Body.EstimateContent); err != nil {
			return err
		}
		if err := a.record(ctx, q, p, happened{
			customer: row.CustomerID, kind: "estimate.edited", subject: "estimate", id: row.ID, internal: true,
			data: map[string]any{"version": row.Version + 1},
		}); err != nil {
			return err
		}
		out.Body, err = readEstimate(ctx, q, row.ID)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("estimate")
	}
	return out, err
}

func (a *API) sendEstimate(ctx context.Context, in *SendEstimateInput) (*EstimateOutput, error) {
	p := principal(ctx)
	current, err := a.getEstimate(ctx, &EstimateInput{Estimate: in.Estimate})
	if err != nil {
		return nil, err
	}
	// With no draft, this very sending may have been done already: its flow answers.
	version := current.Body.ShownVersion
	by := workflows.ActorOf(p)
	state, err := begin[workflows.EstimateState](ctx, a, start{
		id: workflows.EstimateID(in.Estimate, version), name: workflows.EstimateName, about: current.Body.Number,
		customer: current.Body.Customer, document: in.Estimate,
		input: workflows.EstimateInput{EstimateRef: workflows.EstimateRef{Org: p.Org, Estimate: in.Estimate, Version: version}, By: &by, Times: a.Times.Estimate},
	})
	if errors.Is(err, errPending) {
		current.Status = http.StatusAccepted
		return current, nil
	}
	if err != nil {
		return nil, err
	}
	if state.Refused != nil {
		return nil, state.Refused
	}
	return a.getEstimate(ctx, &EstimateInput{Estimate: in.Estimate})
}
