package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type homeOperations struct {
	Home *Operation[HomeInput, HomeOutput]
}

// HomeInput needs nothing: home is the caller's own.
type HomeInput struct {
	Org string `path:"org" maxLength:"40"`
}

// HomeOutput is the portal's first page, R18 to R23.
type HomeOutput struct {
	Body Home
}

// Home is where a contact's company stands with the organization.
type Home struct {
	// Outstanding has one row a currency; none when nothing is owed.
	Outstanding []Outstanding  `json:"outstanding"`
	Credits     []portal.Money `json:"credits" doc:"What the organization owes the customer, one amount a currency."`
	LastPayment *LastPayment   `json:"last_payment,omitempty"`
	// Underway are payments that wait for the customer, the bank or another try.
	Underway         []PaymentSummary `json:"underway"`
	EstimatesWaiting int              `json:"estimates_waiting"`
	// TimesheetsWaiting is absent while timesheets are switched off, R10.
	TimesheetsWaiting *int   `json:"timesheets_waiting,omitempty"`
	Banner            string `json:"banner,omitempty"`
	Account
}

// Outstanding is what is owed in one currency.
type Outstanding struct {
	Due             portal.Money `json:"due"`
	Invoices        int          `json:"invoices"`
	Overdue         portal.Money `json:"overdue"`
	OverdueInvoices int          `json:"overdue_invoices"`
}

// LastPayment is the newest payment that arrived, R20.
type LastPayment struct {
	ID            uuid.UUID    `json:"id"`
	Amount        portal.Money `json:"amount"`
	At            time.Time    `json:"at"`
	ReceiptNumber string       `json:"receipt_number"`
}

func (a *API) declareHome() {
	a.Home = declare(a, route{
		id: "home", method: http.MethodGet, path: "/api/{org}/portal/home", tag: "Account",
		summary: "What is owed, what waits, and the account", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.home)
}

func (a *API) home(ctx context.Context, _ *HomeInput) (*HomeOutput, error) {
	p := principal(ctx)
	out := &HomeOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		settings, err := q.GetSettings(ctx, p.Org)
		if err != nil {
			return err
		}
		out.Body.Banner = settings.Banner
		if out.Body.Account, err = readAccount(ctx, q, org, settings); err != nil {
			return err
		}
		if out.Body.Outstanding, err = outstandingOf(ctx, q, p.Customer, a.today(org)); err != nil {
			return err
		}
		if out.Body.Credits, err = creditsOf(ctx, q, p.Customer); err != nil {
			return err
		}
		last, err := q.LastPayment(ctx, dbsqlc.LastPaymentParams{OrgID: p.Org, CustomerID: p.Customer})
		if err != nil {
			return err
		}
		for _, l := range last {
			out.Body.LastPayment = &LastPayment{l.ID, portal.NewMoney(l.Received, l.Currency), *l.SucceededAt, *l.ReceiptNumber}
		}
		waiting, err := q.CountEstimatesWaiting(ctx, dbsqlc.CountEstimatesWaitingParams{OrgID: p.Org, CustomerID: p.Customer})
		if err != nil {
			return err
		}
		out.Body.EstimatesWaiting = int(waiting)
		if settings.Timesheets {
			waiting, err := q.CountTimesheetsWaiting(ctx, dbsqlc.CountTimesheetsWaitingParams{OrgID: p.Org, CustomerID: p.Customer})
			if err != nil {
				return err
			}
			out.Body.TimesheetsWaiting = new(int(waiting))
		}
		underway, err := q.ListPayments(ctx, dbsqlc.ListPaymentsParams{OrgID: p.Org, CustomerID: &p.Customer, Filter: "underway", Sort: "-date", FirstPage: true, PageSize: 20})
		out.Body.Underway = make([]PaymentSummary, 0, len(underway))
		for _, r := range underway {
			out.Body.Underway = append(out.Body.Underway, paymentSummary(p, r))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func outstandingOf(ctx context.Context, q *dbsqlc.Queries, customer uuid.UUID, today portal.Date) ([]Outstanding, error) {
	owed, err := outstandingOfMany(ctx, q, []uuid.UUID{customer}, today)
	if err != nil {
		return nil, err
	}
	if owed[customer] == nil {
		return []Outstanding{}, nil
	}
	return owed[customer], nil
}

func outstandingOfMany(ctx context.Context, q *dbsqlc.Queries, customers []uuid.UUID, today portal.Date) (map[uuid.UUID][]Outstanding, error) {
	rows, err := q.Outstanding(ctx, dbsqlc.OutstandingParams{OrgID: principal(ctx).Org, CustomerIds: customers, Today: today})
	if err != nil {
		return nil, err
	}
	owed := make(map[uuid.UUID][]Outstanding, len(customers))
	for _, r := range rows {
		owed[r.CustomerID] = append(owed[r.CustomerID], Outstanding{
			Due: portal.NewMoney(r.Due, r.Currency), Invoices: int(r.Invoices),
			Overdue: portal.NewMoney(r.Overdue, r.Currency), OverdueInvoices: int(r.OverdueInvoices),
		})
	}
	return owed, nil
}

func creditsOf(ctx context.Context, q *dbsqlc.Queries, customer uuid.UUID) ([]portal.Money, error) {
	rows, err := q.CreditBalances(ctx, dbsqlc.CreditBalancesParams{OrgID: principal(ctx).Org, CustomerID: customer})
	credits := make([]portal.Money, 0, len(rows))
	for _, r := range rows {
		credits = append(credits, portal.NewMoney(r.Amount, r.Currency))
	}
	return credits, err
}
