package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

type paymentOperations struct {
	Pay           *Operation[PayInput, PayOutput]
	GetMyPayment  *Operation[PaymentInput, PaymentOutput]
	CancelPayment *Operation[DecidePaymentInput, PaymentOutput]
	RetryMine     *Operation[RetryPaymentInput, PaymentOutput]
	StaffRetry    *Operation[RetryPaymentInput, PaymentOutput]
	StaffCancel   *Operation[DecidePaymentInput, PaymentOutput]
	GetPayment    *Operation[PaymentInput, PaymentOutput]
	RecordPayment *Operation[RecordPaymentInput, PayOutput]
	UseCredit     *Operation[UseCreditInput, PayOutput]
	RefundPayment *Operation[RefundPaymentInput, PaymentOutput]
	PayOutCredit  *Operation[PayOutCreditInput, PayOutCreditOutput]
}

// PayInput pays invoices, one or many, of one currency at a time, R36, R37.
type PayInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Invoices []PayInvoice `json:"invoices" minItems:"1" maxItems:"2000"`
		Way      string       `json:"way" enum:"checkout,saved,credit" doc:"checkout enters a card or a bank account on the processor's page; saved charges a saved one; credit uses credit alone, as far as it goes."`
		Kind     string       `json:"kind,omitempty" enum:"card,bank_debit" doc:"What is entered, with way checkout; a card, if it isn't said."`
		Method   *uuid.UUID   `json:"method,omitempty" doc:"The saved method, with way saved."`
		Save     bool         `json:"save,omitempty" doc:"Keep the card or account for later."`
		Credit   bool         `json:"credit,omitempty" doc:"Use credit first, and charge what is left."`
		Expected *int64       `json:"expected,omitempty" minimum:"0" maximum:"99999999999" doc:"What is to be charged, in minor units, as it was shown to whoever pays: should it come to another amount, nothing is begun."`
		// OnSchedule is N6.
		OnSchedule bool  `json:"on_schedule,omitempty" doc:"With way saved: a decline that may pass by itself is tried again by itself, on the first, fifth and twelfth day after."`
		Total      int64 `json:"total,omitempty" minimum:"0" maximum:"99999999999" doc:"In minor units: spread over the invoices, the oldest first, in place of amounts of their own."`
		// TakeOver gives up an unfinished payment of the same invoices by someone else.
		TakeOver bool `json:"take_over,omitempty"`
	}
}

// PayInvoice is one invoice to pay.
type PayInvoice struct {
	ID     uuid.UUID `json:"id"`
	Amount int64     `json:"amount,omitempty" minimum:"0" maximum:"99999999999" doc:"In minor units; 0 or none pays all that is due."`
}

// PayOutput is the payment that was begun, or the unfinished one to go on with.
type PayOutput struct {
	Status int
	Body   struct {
		ID      uuid.UUID `json:"id"`
		Status  string    `json:"status" doc:"The payment's, or credited: credit paid for all of it, and there is no payment."`
		Resumed bool      `json:"resumed,omitempty" doc:"An unfinished payment of yours holds these invoices: go on with it."`
	}
}

// PaymentInput names a payment.
type PaymentInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Payment uuid.UUID `path:"payment"`
}

// DecidePaymentInput gives a payment up.
type DecidePaymentInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Payment uuid.UUID `path:"payment"`
	Body    struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

// RetryPaymentInput tries a declined payment again.
type RetryPaymentInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Payment uuid.UUID `path:"payment"`
	Body    struct {
		Method *uuid.UUID `json:"method,omitempty" doc:"Another saved method; none charges the same again."`
	}
}

// PaymentOutput is a payment with all that belongs to it.
type PaymentOutput struct {
	Body Payment
}

// Payment as people see it.
type Payment struct {
	ID       uuid.UUID            `json:"id"`
	Customer uuid.UUID            `json:"customer"`
	Status   portal.PaymentStatus `json:"status"`
	Amount   portal.Money         `json:"amount"`
	Received portal.Money         `json:"received"`
	Kind     string               `json:"kind"`
	ChargedTo
	Way           string `json:"way"`
	ReceiptNumber string `json:"receipt_number,omitempty"`
	// ActionURL is where the customer goes on, while the payment awaits them.
	ActionURL string         `json:"action_url,omitempty"`
	ExpiresAt *time.Time     `json:"expires_at,omitempty"`
	Failure   string         `json:"failure,omitempty"`
	NextTryAt *time.Time     `json:"next_try_at,omitempty" doc:"When a declined payment is tried again by itself, if it is."`
	StartedBy string         `json:"started_by"`
	Mine      bool           `json:"mine"`
	CreatedAt time.Time      `json:"created_at"`
	PaidAt    *time.Time     `json:"paid_at,omitempty"`
	Method    *PaymentMethod `json:"method,omitempty" doc:"The saved one, if it is charged; brand and last4 tell of one that was not saved too."`
	Invoices  []PaidInvoice  `json:"invoices"`
	Credit    portal.Money   `json:"credit" doc:"What was received beyond the invoices."`
	// Refunded was given back, Returned taken back by the customer's bank.
	Refunded portal.Money `json:"refunded"`
	Returned portal.Money `json:"returned"`
	Refunds  []Refund     `json:"refunds"`
	Disputes []Dispute    `json:"disputes"`
	// Refundable is what is left to give back; for staff.
	Refundable *portal.Money `json:"refundable,omitempty"`
	// ReceivedOn and Reference are of money that staff recorded.
	ReceivedOn *portal.Date    `json:"received_on,omitempty"`
	Reference  string          `json:"reference,omitempty"`
	Attempts   []PaymentTry    `json:"attempts"`
	Timeline   []TimelineEntry `json:"timeline"`
	// Mailed is for staff.
	Mailed []Mailed `json:"mailed,omitempty" doc:"What was mailed about it, and what became of that."`
	Forwarding
	// WorkflowID is for staff.
	WorkflowID string `json:"workflow_id,omitempty"`
}

// ChargedTo tells which card or bank account a payment is charged to.
type ChargedTo struct {
	Brand string `json:"brand,omitempty" doc:"Of the card that is charged, such as visa, or the name of the bank."`
	Last4 string `json:"last4,omitempty" doc:"The last digits of the number of the card or account that is charged, saved or not. One that is entered on the processor's page is known when it was charged."`
}

// PaidInvoice is an invoice that a payment holds, or paid.
type PaidInvoice struct {
	ID      uuid.UUID    `json:"id"`
	Number  string       `json:"number"`
	Title   string       `json:"title"`
	DueDate portal.Date  `json:"due_date"`
	Amount  portal.Money `json:"amount"`
	// Credit is used beside the money, while the payment is under way.
	Credit *portal.Money `json:"credit,omitempty"`
	// Owed is told of a payment that isn't paid.
	Owed bool `json:"owed,omitempty" doc:"Something is left to pay on it."`
	// State is live while reserved, applied when paid, released when let go.
	State string `json:"state"`
}

// PaymentTry is one try to charge.
type PaymentTry struct {
	N         int       `json:"n"`
	Outcome   string    `json:"outcome"`
	Message   string    `json:"message,omitempty"`
	Code      string    `json:"code,omitempty"`
	By        string    `json:"by"`
	StartedAt time.Time `json:"started_at"`
}

func (a *API) declarePayments() {
	a.Pay = declare(a, route{
		id: "pay", method: http.MethodPost, path: "/api/{org}/portal/payments", tag: "Payments", status: http.StatusCreated,
		summary: "Pay one or many invoices", side: portal.SideContact, action: portal.ActionPay,
	}, a.pay)
	a.GetMyPayment = declare(a, route{
		id: "get-my-payment", method: http.MethodGet, path: "/api/{org}/portal/payments/{payment}", tag: "Payments",
		summary: "Read a payment", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.readPayment)
	a.CancelPayment = declare(a, route{
		id: "cancel-my-payment", method: http.MethodPost, path: "/api/{org}/portal/payments/{payment}/cancel", tag: "Payments",
		summary: "Give an unfinished payment up", side: portal.SideContact, action: portal.ActionPay,
	}, a.cancelPayment)
	a.RetryMine = declare(a, route{
		id: "retry-my-payment", method: http.MethodPost, path: "/api/{org}/portal/payments/{payment}/retry", tag: "Payments",
		summary: "Try a declined payment again", side: portal.SideContact, action: portal.ActionPay,
	}, a.retryPayment)
	a.GetPayment = declare(a, route{
		id: "get-payment", method: http.MethodGet, path: "/api/{org}/console/payments/{payment}", tag: "Payments",
		summary: "Read a payment", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.readPayment)
	a.StaffRetry = declare(a, route{
		id: "retry-payment", method: http.MethodPost, path: "/api/{org}/console/payments/{payment}/retry", tag: "Payments",
		summary: "Try a declined payment again", side: portal.SideStaff, action: portal.ActionManagePayments,
	}, a.retryPayment)
	a.StaffCancel = declare(a, route{
		id: "cancel-payment", method: http.MethodPost, path: "/api/{org}/console/payments/{payment}/cancel", tag: "Payments",
		summary: "Give a payment up and free its invoices", side: portal.SideStaff, action: portal.ActionManagePayments,
	}, a.cancelPayment)
	a.declareBooks()
}

func (a *API) pay(ctx context.Context, in *PayInput) (*PayOutput, error) {
	p := principal(ctx)
	hash, err := portal.RequestHash(in.Body)
	if err != nil {
		return nil, err
	}
	request := &workflows.PayRequest{
		Customer: p.Customer, Channel: in.Body.Way, Kind: in.Body.Kind, Method: in.Body.Method, Save: in.Body.Save, Credit: in.Body.Credit, Total: in.Body.Total,
		Expected: in.Body.Expected, OnSchedule: in.Body.OnSchedule,
		By: workflows.ActorOf(p), Hash: hash,
	}
	for _, i := range in.Body.Invoices {
		request.Invoices = append(request.Invoices, workflows.PayInvoice{ID: i.ID, Amount: i.Amount})
	}
	return a.payWith(ctx, portal.BeginID(p.Org, p.Actor, "pay", in.Key.Key), in.Key, request, func(holder workflows.Holder) bool {
		return holder.By == p.Actor && !in.Body.TakeOver
	}, in.Body.TakeOver)
}

// payWith begins a payment and clears its way: each unfinished payment of the
// same invoices is given up, if it may be, and then it is tried again. resume says
// which of them to go on with instead, and takeOver that others' may be given up.
func (a *API) payWith(ctx context.Context, id uuid.UUID, key Key, request *workflows.PayRequest, resume func(workflows.Holder) bool, takeOver bool) (*PayOutput, error) {
	for range 1 + len(request.Invoices) {
		state, err := a.beginPayment(ctx, id, request)
		if errors.Is(err, errPending) {
			return payOutput(http.StatusAccepted, id, "pending", false), nil
		}
		if err != nil {
			return nil, err
		}
		if state.Refused == nil {
			if !bytes.Equal(state.RequestHash, request.Hash) {
				return nil, portal.KeyReused()
			}
			return payOutput(http.StatusCreated, id, state.Status, false), nil
		}
		if state.Holder == nil {
			return nil, state.Refused
		}
		resumed, err := a.makeWay(ctx, key, *state.Holder, state.Refused, resume, takeOver)
		if err != nil {
			return nil, err
		}
		if resumed {
			return payOutput(http.StatusOK, state.Holder.Payment, state.Holder.Status, true), nil
		}
	}
	return nil, portal.Conflict("Someone else is paying one of these invoices right now.")
}

func payOutput(status int, id uuid.UUID, paymentStatus string, resumed bool) *PayOutput {
	out := &PayOutput{Status: status}
	out.Body.ID, out.Body.Status, out.Body.Resumed = id, paymentStatus, resumed
	return out
}

func (a *API) beginPayment(ctx context.Context, id uuid.UUID, request *workflows.PayRequest) (workflows.PaymentState, error) {
	ref := workflows.PaymentRef{Org: principal(ctx).Org, Payment: id}
	return begin[workflows.PaymentState](ctx, a, start{
		id: workflows.PaymentID(id), name: workflows.PaymentName, customer: request.Customer, document: id,
		input: workflows.PaymentInput{PaymentRef: ref, Request: request, Times: a.Times.Payment},
	})
}

// makeWay deals with the payment that holds an invoice. One's own unfinished
// page is gone on with; a declined payment is given up; someone else's page only
// when the caller says so. A charge in flight is never touched (N3).
func (a *API) makeWay(ctx context.Context, key Key, holder workflows.Holder, refused *portal.Error, resume func(workflows.Holder) bool, takeOver bool) (resumed bool, err error) {
	switch portal.PaymentStatus(holder.Status) {
	case portal.PaymentDeclined:
	case portal.PaymentAwaitingCustomer, portal.PaymentReserved:
		if resume(holder) {
			return true, nil
		}
		if !takeOver {
			return false, refused
		}
	default:
		return false, refused
	}
	_, err = a.cancel(ctx, holder.Payment, key.Key+":"+holder.Payment.String(), "Another payment of these invoices was started.")
	return false, err
}

func (a *API) cancel(ctx context.Context, id uuid.UUID, key, reason string) (workflows.PaymentState, error) {
	return decide(ctx, a, workflows.PaymentID(id), workflows.UpdateCancel, key,
		workflows.CancelRequest{By: workflows.ActorOf(principal(ctx)), Reason: reason},
		func() (workflows.PaymentState, error) {
			return a.endedPayment(ctx, id, portal.PaymentCanceled, "given up")
		})
}

// endedPayment answers for a payment whose flow has ended: what was asked for
// is so already, or it can't be any more.
func (a *API) endedPayment(ctx context.Context, id uuid.UUID, wanted portal.PaymentStatus, act string) (workflows.PaymentState, error) {
	payment, err := a.payment(ctx, id)
	switch {
	case err != nil:
		return workflows.PaymentState{}, err
	case payment.Status == wanted:
		return workflows.PaymentState{Begun: workflows.Begun{Status: string(payment.Status)}}, nil
	case payment.Status.Final():
		return workflows.PaymentState{}, portal.Conflict("This payment is %s; it can't be %s any more.", payment.Status, act)
	default:
		// The row is live and its flow is not: the sweep is about to start it.
		return workflows.PaymentState{}, portal.NotConfirmed(5 * time.Second)
	}
}

func (a *API) payment(ctx context.Context, id uuid.UUID) (payment dbsqlc.Payment, err error) {
	p := principal(ctx)
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		if payment, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: p.Org, ID: id}); err != nil {
			return err
		}
		return mine(ctx, payment.CustomerID, "payment")
	})
	if db.NotFound(err) {
		err = portal.NotFound("payment")
	}
	return payment, err
}

func (a *API) cancelPayment(ctx context.Context, in *DecidePaymentInput) (*PaymentOutput, error) {
	if _, err := a.payment(ctx, in.Payment); err != nil {
		return nil, err
	}
	if _, err := a.cancel(ctx, in.Payment, in.Key.Key, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.readPayment(ctx, &PaymentInput{Payment: in.Payment})
}

func (a *API) retryPayment(ctx context.Context, in *RetryPaymentInput) (*PaymentOutput, error) {
	payment, err := a.payment(ctx, in.Payment)
	if err != nil {
		return nil, err
	}
	if err := a.chargeable(ctx, payment, in.Body.Method); err != nil {
		return nil, err
	}
	_, err = decide(ctx, a, workflows.PaymentID(in.Payment), workflows.UpdateRetry, in.Key.Key,
		workflows.RetryRequest{By: workflows.ActorOf(principal(ctx)), Method: in.Body.Method},
		func() (workflows.PaymentState, error) {
			return a.endedPayment(ctx, in.Payment, portal.PaymentSucceeded, "tried again")
		})
	if err != nil {
		return nil, err
	}
	return a.readPayment(ctx, &PaymentInput{Payment: in.Payment})
}

// chargeable refuses to try again with a saved method that was removed, R38. One
// that was replaced is charged as the one that took its place.
func (a *API) chargeable(ctx context.Context, payment dbsqlc.Payment, other *uuid.UUID) error {
	id := payment.MethodID
	if other != nil {
		id = other
	}
	if id == nil {
		return nil
	}
	return a.in(ctx, func(q *dbsqlc.Queries) error {
		method, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: payment.OrgID, ID: *id})
		switch {
		case err == nil && other == nil && method.ReplacedBy != nil:
			return nil
		case db.NotFound(err), err == nil && (method.CustomerID != payment.CustomerID || method.RemovedAt != nil):
			return portal.Invalid("This card is not saved any more. Choose another way to pay.", portal.Field("method", "Choose another way to pay."))
		default:
			return err
		}
	})
}

func (a *API) readPayment(ctx context.Context, in *PaymentInput) (*PaymentOutput, error) {
	p := principal(ctx)
	out := &PaymentOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: p.Org, ID: in.Payment})
		if err != nil {
			return err
		}
		if err := mine(ctx, row.CustomerID, "payment"); err != nil {
			return err
		}
		held, err := q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: p.Org, PaymentID: row.ID})
		if err != nil {
			return err
		}
		paid, err := q.ListAllocationsOfPayment(ctx, dbsqlc.ListAllocationsOfPaymentParams{OrgID: p.Org, PaymentID: row.ID})
		if err != nil {
			return err
		}
		tries, err := q.ListAttempts(ctx, dbsqlc.ListAttemptsParams{OrgID: p.Org, PaymentID: row.ID})
		if err != nil {
			return err
		}
		out.Body = paymentOf(p, row, held, paid, tries)
		if err := moneyBackOf(ctx, q, p, row, &out.Body); err != nil {
			return err
		}
		if out.Body.Method, err = a.methodNamed(ctx, q, row.MethodID); err != nil {
			return err
		}
		if out.Body.Mailed, err = mailedAbout(ctx, q, row.ID); err != nil {
			return err
		}
		if out.Body.Forwarding, err = forwardingOf(ctx, q, row.ID, row.Status == portal.PaymentSucceeded); err != nil {
			return err
		}
		out.Body.Timeline, err = timeline(ctx, q, p, row.ID)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("payment")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// asker is who asked for the present try of a payment, and so finishes it.
func asker(row dbsqlc.Payment) uuid.UUID {
	switch {
	case row.RetriedBy != nil && row.RetriedByKind == string(portal.ActorContact):
		return *row.RetriedBy
	case row.StartedBy != nil:
		return *row.StartedBy
	default:
		return uuid.Nil
	}
}

func paymentOf(p portal.Principal, row dbsqlc.Payment, held []dbsqlc.ListReservationsRow, paid []dbsqlc.ListAllocationsOfPaymentRow, tries []dbsqlc.PaymentAttempt) Payment {
	money := func(amount int64) portal.Money { return portal.NewMoney(amount, row.Currency) }
	out := Payment{
		ID: row.ID, Customer: row.CustomerID, Status: row.Status, Amount: money(row.Amount), Received: money(row.Received), Kind: row.Kind, ChargedTo: ChargedTo{row.Brand, row.Last4}, Way: row.Channel,
		Failure: row.FailureMessage, StartedBy: row.StartedByName, Mine: asker(row) == p.Actor,
		CreatedAt: row.CreatedAt, PaidAt: row.SucceededAt, ExpiresAt: row.CheckoutExpiresAt, NextTryAt: row.NextTryAt, Credit: money(0),
		Refunded: money(row.Refunded), Returned: money(row.Returned), Refunds: []Refund{}, Disputes: []Dispute{}, ReceivedOn: row.ReceivedOn, Reference: row.Reference,
		Invoices: []PaidInvoice{}, Attempts: []PaymentTry{},
	}
	if row.ReceiptNumber != nil {
		out.ReceiptNumber = *row.ReceiptNumber
	}
	if row.Status == portal.PaymentAwaitingCustomer {
		out.ActionURL = row.ActionUrl
	}
	if p.Side == portal.SideStaff {
		out.WorkflowID = workflows.PaymentID(row.ID)
	}
	allocated := int64(0)
	if row.Status == portal.PaymentSucceeded {
		// As it was paid; what went back since is told on its own.
		for _, al := range paid {
			if al.Reverses == nil && al.RefundID == nil && al.DisputeID == nil {
				allocated += al.Amount
				out.Invoices = append(out.Invoices, PaidInvoice{ID: al.InvoiceID, Number: al.Number, Title: al.Title, DueDate: al.DueDate, Amount: money(al.Amount), State: "applied"})
			}
		}
	} else {
		for _, h := range held {
			i := PaidInvoice{ID: h.InvoiceID, Number: h.Number, DueDate: h.DueDate, Amount: money(h.Amount), Owed: h.InvoiceState == "sent" && h.Due > 0, State: h.State}
			if h.Credit > 0 {
				i.Credit = new(money(h.Credit))
			}
			out.Invoices = append(out.Invoices, i)
		}
	}
	if row.Received > 0 {
		out.Credit = money(row.Received - allocated)
	}
	for _, t := range tries {
		code := t.Code
		if p.Side == portal.SideContact {
			code = portal.CustomerCode(code)
		}
		out.Attempts = append(out.Attempts, PaymentTry{int(t.N), t.Outcome, t.Message, code, t.RequestedBy, t.StartedAt})
	}
	return out
}
