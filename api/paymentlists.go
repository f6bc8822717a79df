package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
	"countersign/workflows"
)

type paymentListOperations struct {
	ListMyPayments *Operation[ListPaymentsInput, ListPaymentsOutput]
	ListPayments   *Operation[ListPaymentsInput, ListPaymentsOutput]
	PaymentsCSV    *Operation[PaymentsCSVInput, TableOutput]
	FailedPayments *Operation[FailedPaymentsInput, FailedPaymentsOutput]
	RetryPayments  *Operation[RetryPaymentsInput, RetryPaymentsOutput]
}

// ListPaymentsInput asks for a page of payments, R40. Contacts see those that
// were made or are under way; staff those that were given up too.
type ListPaymentsInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
	PaymentFilter
}

// PaymentsCSVInput asks for all of the payments that a filter lists, as a file.
type PaymentsCSVInput struct {
	Org string `path:"org" maxLength:"40"`
	PaymentFilter
}

// PaymentFilter says which payments are listed, and in which order. Days are
// those on which they were begun.
type PaymentFilter struct {
	Kind     string    `query:"kind" enum:",card,bank_debit,bank_transfer,cash,check,other"`
	Status   string    `query:"status" enum:",reserved,awaiting_customer,charging,processing,succeeded,declined,canceled,failed"`
	Search   string    `query:"search" maxLength:"100" doc:"Part of a receipt's number or a customer's name."`
	Sort     string    `query:"sort" enum:",date,-date,amount,-amount" doc:"A leading minus is the other way round; none is -date. Amounts are sorted within each currency."`
	Customer uuid.UUID `query:"customer" doc:"Of one customer; for staff."`
	Days
}

// ListPaymentsOutput is a page of payments.
type ListPaymentsOutput struct {
	Body struct {
		Payments []PaymentSummary `json:"payments"`
		Next     string           `json:"next,omitempty"`
	}
}

// PaymentSummary is a payment in a list.
type PaymentSummary struct {
	ID           uuid.UUID            `json:"id"`
	Customer     uuid.UUID            `json:"customer"`
	CustomerName string               `json:"customer_name"`
	Status       portal.PaymentStatus `json:"status"`
	Amount       portal.Money         `json:"amount"`
	Kind         string               `json:"kind" enum:"card,bank_debit,bank_transfer,cash,check,other"`
	ChargedTo
	Way           string     `json:"way" enum:"checkout,saved,recorded"`
	ReceiptNumber string     `json:"receipt_number,omitempty"`
	Invoices      int        `json:"invoices" doc:"How many it is for."`
	Tries         int        `json:"tries"`
	Failure       string     `json:"failure,omitempty"`
	StartedBy     string     `json:"started_by"`
	Mine          bool       `json:"mine"`
	CreatedAt     time.Time  `json:"created_at"`
	PaidAt        *time.Time `json:"paid_at,omitempty"`
}

// FailedPaymentsInput asks for the payments that wait for another try, R70.
type FailedPaymentsInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
}

// FailedPaymentsOutput is a page of them, last declined first.
type FailedPaymentsOutput struct {
	Body struct {
		Payments []FailedPayment `json:"payments"`
		Next     string          `json:"next,omitempty"`
	}
}

// FailedPayment is a declined payment, and why.
type FailedPayment struct {
	PaymentSummary
	Code       string    `json:"code" doc:"The processor's, such as insufficient_funds."`
	Class      string    `json:"class" enum:"retry,customer,never" doc:"retry may work with the same card; customer is theirs to act on; never must not be tried again with this card."`
	DeclinedAt time.Time `json:"declined_at"`
	GivenUpAt  time.Time `json:"given_up_at" doc:"When it is given up if nobody acts."`
	// NextTryAt is N6.
	NextTryAt *time.Time `json:"next_try_at,omitempty" doc:"When it is tried again by itself, if it is."`
	// WorkflowID is where operators find the flow.
	WorkflowID string `json:"workflow_id"`
}

// RetryPaymentsInput tries declined payments again: one, some or all, R70.
type RetryPaymentsInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Payments []uuid.UUID `json:"payments,omitempty" maxItems:"500"`
		All      bool        `json:"all,omitempty" doc:"All that are declined now, at most 500 at a time."`
	}
}

// RetryPaymentsOutput says what became of each.
type RetryPaymentsOutput struct {
	Body struct {
		Payments []RetryResult `json:"payments"`
		More     bool          `json:"more,omitempty" doc:"There were more than one call takes."`
	}
}

// RetryResult is what became of one payment.
type RetryResult struct {
	ID uuid.UUID `json:"id"`
	// Result: retried, refused (Message says why), or unconfirmed (ask again under the same key).
	Result  string `json:"result" enum:"retried,refused,unconfirmed"`
	Status  string `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
}

func (a *API) declarePaymentLists() {
	a.ListMyPayments = declare(a, route{
		id: "list-my-payments", method: http.MethodGet, path: "/api/{org}/portal/payments", tag: "Payments",
		summary: "List the payments made", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.listPayments)
	a.ListPayments = declare(a, route{
		id: "list-payments", method: http.MethodGet, path: "/api/{org}/console/payments", tag: "Payments",
		summary: "List payments", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.listPayments)
	a.PaymentsCSV = declare(a, route{
		id: "get-payments-csv", method: http.MethodGet, path: "/api/{org}/console/payments.csv", tag: "Payments", media: documents.TypeCSV,
		summary: "Download a list of payments as CSV", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.paymentsCSV)
	a.FailedPayments = declare(a, route{
		id: "list-failed-payments", method: http.MethodGet, path: "/api/{org}/console/failed-payments", tag: "Payments",
		summary: "List declined payments that wait for another try", side: portal.SideStaff, action: portal.ActionManagePayments,
	}, a.failedPayments)
	a.RetryPayments = declare(a, route{
		id: "retry-payments", method: http.MethodPost, path: "/api/{org}/console/failed-payments/retry", tag: "Payments",
		summary: "Try declined payments again: one, some or all", side: portal.SideStaff, action: portal.ActionManagePayments,
	}, a.retryPayments)
}

func (a *API) listPayments(ctx context.Context, in *ListPaymentsInput) (*ListPaymentsOutput, error) {
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
		if filter == "" {
			filter = "made"
		}
	}
	if sort == "" {
		sort = "-date"
	}
	out := &ListPaymentsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		since, before, err := in.moments(ctx, q)
		if err != nil {
			return err
		}
		rows, err := q.ListPayments(ctx, dbsqlc.ListPaymentsParams{
			OrgID: p.Org, CustomerID: customer, Filter: filter, Kind: in.Kind, Search: pattern(in.Search), Sort: sort, Since: since, Before: before,
			FirstPage: in.After == "", FromTime: from.At, FromText: from.Text, FromNumber: from.Key, FromID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListPaymentsRow) cursor {
			if sort == "amount" || sort == "-amount" {
				return cursor{Text: string(r.Currency), Key: r.Amount, ID: r.ID}
			}
			return cursor{At: r.CreatedAt, ID: r.ID}
		})
		out.Body.Payments = make([]PaymentSummary, 0, len(rows))
		for _, r := range rows {
			out.Body.Payments = append(out.Body.Payments, paymentSummary(p, r))
		}
		return nil
	})
	return out, err
}

// paymentsCSV writes the list that listPayments pages through.
func (a *API) paymentsCSV(ctx context.Context, in *PaymentsCSVInput) (*TableOutput, error) {
	return tableOf(ctx, a, table[PaymentSummary]{
		title:   in.title("Payments"),
		columns: []string{"Begun", "Paid", "Receipt", "Customer", "Status", "Way to pay", "Card or account", "Invoices", "Currency", "Amount", "Begun by", "Why it failed"},
		page: func(ctx context.Context, page Page) ([]PaymentSummary, string, error) {
			out, err := a.listPayments(ctx, &ListPaymentsInput{Page: page, Org: in.Org, PaymentFilter: in.PaymentFilter})
			if err != nil {
				return nil, "", err
			}
			return out.Body.Payments, out.Body.Next, nil
		},
		row: func(p PaymentSummary, zone *time.Location) []any {
			charged := ""
			if p.Last4 != "" {
				charged = portal.MethodWords(p.Kind, p.Brand, p.Last4)
			}
			return []any{
				dayOf(&p.CreatedAt, zone), dayOf(p.PaidAt, zone), p.ReceiptNumber, p.CustomerName, p.Status.Words(), portal.PaymentKindWords(p.Kind),
				charged, strconv.Itoa(p.Invoices), p.Amount.Currency, p.Amount, p.StartedBy, p.Failure,
			}
		},
	})
}

func paymentSummary(p portal.Principal, r dbsqlc.ListPaymentsRow) PaymentSummary {
	s := PaymentSummary{
		ID: r.ID, Customer: r.CustomerID, CustomerName: r.CustomerName, Status: r.Status, Amount: portal.NewMoney(r.Amount, r.Currency),
		Kind: r.Kind, ChargedTo: ChargedTo{r.Brand, r.Last4}, Way: r.Channel, Invoices: int(r.Invoices), Tries: int(r.Tries), Failure: r.FailureMessage, StartedBy: r.StartedByName,
		Mine: r.StartedBy != nil && *r.StartedBy == p.Actor, CreatedAt: r.CreatedAt, PaidAt: r.SucceededAt,
	}
	if r.ReceiptNumber != nil {
		s.ReceiptNumber = *r.ReceiptNumber
	}
	if r.Status == portal.PaymentSucceeded {
		s.Amount = portal.NewMoney(r.Received, r.Currency)
	}
	return s
}

func (a *API) failedPayments(ctx context.Context, in *FailedPaymentsInput) (*FailedPaymentsOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	out := &FailedPaymentsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListDeclinedPayments(ctx, dbsqlc.ListDeclinedPaymentsParams{OrgID: p.Org, BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListDeclinedPaymentsRow) cursor { return cursor{At: r.UpdatedAt, ID: r.ID} })
		out.Body.Payments = make([]FailedPayment, 0, len(rows))
		giveUp := a.Times.Payment.GiveUp
		if giveUp == 0 {
			giveUp = portal.RetryWindow
		}
		for _, r := range rows {
			failed := FailedPayment{
				PaymentSummary: PaymentSummary{
					ID: r.ID, Customer: r.CustomerID, CustomerName: r.CustomerName, Status: r.Status, Amount: portal.NewMoney(r.Amount, r.Currency),
					Kind: r.Kind, ChargedTo: ChargedTo{r.Brand, r.Last4}, Way: r.Channel, Invoices: int(r.Invoices), Tries: int(r.Tries), Failure: r.FailureMessage, StartedBy: r.StartedByName,
					CreatedAt: r.CreatedAt,
				},
				Code: r.FailureCode, Class: r.Class, DeclinedAt: r.UpdatedAt, GivenUpAt: r.CreatedAt.Add(giveUp), NextTryAt: r.NextTryAt, WorkflowID: workflows.PaymentID(r.ID),
			}
			if failed.Class == "" {
				failed.Class = string(portal.ClassifyDecline(r.FailureCode))
			}
			out.Body.Payments = append(out.Body.Payments, failed)
		}
		return nil
	})
	return out, err
}

// The most payments that one call retries, and how many of them at once.
const (
	maxRetries     = 500
	retriesAtATime = 8
)

func (a *API) retryPayments(ctx context.Context, in *RetryPaymentsInput) (*RetryPaymentsOutput, error) {
	out := &RetryPaymentsOutput{}
	ids := in.Body.Payments
	switch {
	case in.Body.All && len(ids) > 0, !in.Body.All && len(ids) == 0:
		return nil, portal.Invalid("Choose the payments to try again, or all of them.", portal.Field("payments", "Choose at least one payment, or all."))
	case in.Body.All:
		err := a.in(ctx, func(q *dbsqlc.Queries) error {
			rows, err := q.ListDeclinedPayments(ctx, dbsqlc.ListDeclinedPaymentsParams{
				OrgID: principal(ctx).Org, BeforeAt: newest().At, BeforeID: newest().ID, PageSize: maxRetries + 1,
			})
			out.Body.More = len(rows) > maxRetries
			for _, r := range rows[:min(len(rows), maxRetries)] {
				ids = append(ids, r.ID)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	out.Body.Payments = make([]RetryResult, len(ids))
	var wait sync.WaitGroup
	turns := make(chan struct{}, retriesAtATime)
	for n, id := range ids {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			out.Body.Payments[n] = a.retryOne(ctx, id, in.Key.Key+":"+id.String())
		})
	}
	wait.Wait()
	return out, nil
}

// retryOne tells apart what was refused for good and what isn't known yet.
func (a *API) retryOne(ctx context.Context, id uuid.UUID, key string) RetryResult {
	payment, err := a.retryPayment(ctx, &RetryPaymentInput{Key: Key{key}, Payment: id})
	if err == nil {
		return RetryResult{ID: id, Result: "retried", Status: string(payment.Body.Status)}
	}
	refused := a.mapError(ctx, "retry-payments", err)
	result := RetryResult{ID: id, Result: "refused", Message: refused.Error()}
	switch portal.CodeOf(refused) {
	case portal.CodeNotConfirmed, portal.CodeUnavailable, portal.CodeInternal:
		result.Result = "unconfirmed"
	}
	return result
}
