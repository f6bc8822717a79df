package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// What staff do about money: record what came past the processor, use a
// customer's credit, give money back.

// RecordPaymentInput records money that came in past the processor, R31. It
// settles the invoices named, the oldest first; what they don't take is credit.
type RecordPaymentInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Customer   uuid.UUID   `json:"customer"`
		Invoices   []uuid.UUID `json:"invoices,omitempty" maxItems:"2000" doc:"None makes all of it credit."`
		Total      int64       `json:"total" minimum:"1" maximum:"99999999999" doc:"What came in, in minor units."`
		Currency   string      `json:"currency,omitempty" maxLength:"3" doc:"The invoices', or the customer's, if it isn't said."`
		Kind       string      `json:"kind" enum:"bank_transfer,cash,check,card,other"`
		ReceivedOn portal.Date `json:"received_on,omitzero" doc:"Today, if it isn't said."`
		Reference  string      `json:"reference,omitempty" maxLength:"100" doc:"How to find it in the bank's books."`
	}
}

// UseCreditInput uses a customer's credit on its invoices, as far as it goes.
type UseCreditInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	Body     struct {
		Invoices []uuid.UUID `json:"invoices" minItems:"1" maxItems:"2000"`
	}
}

// RefundPaymentInput gives back a payment, or a part of it.
type RefundPaymentInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Payment uuid.UUID `path:"payment"`
	Body    struct {
		Amount    int64  `json:"amount,omitempty" minimum:"0" maximum:"99999999999" doc:"In minor units; 0 or none gives back all that is left."`
		OwedAgain bool   `json:"owed_again,omitempty" doc:"What was paid with it is owed again. Without it a credit note takes its place."`
		ByHand    string `json:"by_hand,omitempty" enum:"bank_transfer,cash,check,other" doc:"It was given back in this way already: record it."`
		Reason    string `json:"reason,omitempty" maxLength:"500" doc:"The customer reads it."`
	}
}

// PayOutCreditInput records that credit was paid out.
type PayOutCreditInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	Body     struct {
		Currency string `json:"currency" minLength:"3" maxLength:"3"`
		Amount   int64  `json:"amount" minimum:"1" maximum:"99999999999" doc:"In minor units."`
		Kind     string `json:"kind" enum:"bank_transfer,cash,check,other"`
		Reason   string `json:"reason,omitempty" maxLength:"500"`
	}
}

// PayOutCreditOutput is what was paid out.
type PayOutCreditOutput struct {
	Status int
	Body   Refund
}

// Refund is money given back.
type Refund struct {
	ID        uuid.UUID           `json:"id"`
	Amount    portal.Money        `json:"amount"`
	Status    portal.RefundStatus `json:"status" enum:"pending,succeeded,failed,canceled"`
	Kind      string              `json:"kind"`
	ByHand    bool                `json:"by_hand,omitempty"`
	OwedAgain bool                `json:"owed_again,omitempty"`
	Reason    string              `json:"reason,omitempty"`
	By        string              `json:"by"`
	At        time.Time           `json:"at"`
}

// Dispute is money that the customer's bank took back, or asks about.
type Dispute struct {
	ID     uuid.UUID    `json:"id"`
	Amount portal.Money `json:"amount"`
	// Status is between the organization and its bank: for staff.
	Status string `json:"status,omitempty" enum:"warning_needs_response,warning_under_review,warning_closed,needs_response,under_review,won,lost"`
	Reason string `json:"reason" doc:"In words for the customer."`
	// Taken says that the money is gone at present.
	Taken    bool      `json:"taken"`
	OpenedAt time.Time `json:"opened_at"`
}

func (a *API) declareBooks() {
	staff := func(id, path, summary string) route {
		return route{
			id: id, method: http.MethodPost, path: "/api/{org}/console/" + path, tag: "Payments", status: http.StatusCreated, summary: summary,
			side: portal.SideStaff, action: portal.ActionManagePayments,
		}
	}
	a.RecordPayment = declare(a, staff("record-payment", "payments", "Record money that came past the processor"), a.recordPayment)
	a.UseCredit = declare(a, staff("use-credit", "customers/{customer}/credit/uses", "Pay invoices from a customer's credit"), a.useCredit)
	a.RefundPayment = declare(a, staff("refund-payment", "payments/{payment}/refunds", "Give a payment back"), a.refundPayment)
	a.PayOutCredit = declare(a, staff("pay-out-credit", "customers/{customer}/credit/payouts", "Record that credit was paid out"), a.payOutCredit)
}

func (a *API) recordPayment(ctx context.Context, in *RecordPaymentInput) (*PayOutput, error) {
	p, body := principal(ctx), in.Body
	hash, err := portal.RequestHash(in.Body)
	if err != nil {
		return nil, err
	}
	var customer dbsqlc.Customer
	var org dbsqlc.Organization
	err = a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		if org, err = q.GetOrganization(ctx, p.Org); err != nil {
			return err
		}
		customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: body.Customer})
		return err
	})
	if db.NotFound(err) {
		return nil, portal.Invalid("Choose a customer.", portal.Field("customer", "Choose a customer."))
	}
	if err != nil {
		return nil, err
	}
	var currency portal.Currency // the invoices' own, where there are some
	switch {
	case body.Currency != "":
		if currency, err = readCurrency(body.Currency); err != nil {
			return nil, err
		}
	case len(body.Invoices) == 0:
		currency = customer.Currency
	}
	today := a.today(org)
	switch {
	case body.ReceivedOn.IsZero():
		body.ReceivedOn = today
	case today.Before(body.ReceivedOn):
		return nil, portal.Invalid("This day has not come yet.", portal.Field("received_on", "Enter today or an earlier day."))
	}
	request := &workflows.PayRequest{
		Customer: customer.ID, Channel: workflows.ChannelRecorded, Kind: body.Kind, Total: body.Total, Currency: currency,
		ReceivedOn: &body.ReceivedOn, Reference: body.Reference, By: workflows.ActorOf(p), Hash: hash,
	}
	for _, id := range body.Invoices {
		request.Invoices = append(request.Invoices, workflows.PayInvoice{ID: id})
	}
	// The money is here: whoever has only a page open for these invoices makes way.
	return a.payWith(ctx, portal.BeginID(p.Org, p.Actor, "record-payment", in.Key.Key), in.Key, request, func(workflows.Holder) bool { return false }, true)
}

func (a *API) useCredit(ctx context.Context, in *UseCreditInput) (*PayOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		_, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Customer})
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	if err != nil {
		return nil, err
	}
	hash, err := portal.RequestHash(in.Body)
	if err != nil {
		return nil, err
	}
	request := &workflows.PayRequest{Customer: in.Customer, Channel: workflows.ChannelCredit, By: workflows.ActorOf(p), Hash: hash}
	for _, id := range in.Body.Invoices {
		request.Invoices = append(request.Invoices, workflows.PayInvoice{ID: id})
	}
	return a.payWith(ctx, portal.BeginID(p.Org, p.Actor, "use-credit", in.Key.Key), in.Key, request, func(workflows.Holder) bool { return false }, false)
}

func (a *API) refundPayment(ctx context.Context, in *RefundPaymentInput) (*PaymentOutput, error) {
	p := principal(ctx)
	payment, err := a.payment(ctx, in.Payment)
	if err != nil {
		return nil, err
	}
	hash, err := portal.RequestHash(in.Body)
	if err != nil {
		return nil, err
	}
	ref := workflows.PaymentRef{Org: p.Org, Payment: payment.ID}
	_, err = resume[workflows.PaymentState](ctx, a, start{
		id: workflows.PaymentID(payment.ID), name: workflows.PaymentName, customer: payment.CustomerID, document: payment.ID,
		input: workflows.PaymentInput{PaymentRef: ref, Times: a.Times.Payment},
	}, workflows.UpdateRefund, in.Key.Key, workflows.RefundRequest{
		ID:     portal.BeginID(p.Org, p.Actor, "refund:"+payment.ID.String(), in.Key.Key),
		Amount: in.Body.Amount, ByHand: in.Body.ByHand, OwedAgain: in.Body.OwedAgain, Reason: in.Body.Reason, By: workflows.ActorOf(p), Hash: hash,
	})
	if err != nil {
		return nil, err
	}
	return a.readPayment(ctx, &PaymentInput{Payment: payment.ID})
}

func (a *API) payOutCredit(ctx context.Context, in *PayOutCreditInput) (*PayOutCreditOutput, error) {
	p, now := principal(ctx), a.now()
	currency, err := readCurrency(in.Body.Currency)
	if err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "pay-out-credit:"+in.Customer.String(), in.Key.Key)
	out := &PayOutCreditOutput{Status: http.StatusCreated}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		if _, err := q.LockCustomer(ctx, dbsqlc.LockCustomerParams{OrgID: p.Org, ID: in.Customer}); err != nil {
			return err
		}
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertPayout(ctx, q, id, in, currency, now); err != nil {
				return err
			}
		}
		refund, err := q.GetRefund(ctx, dbsqlc.GetRefundParams{OrgID: p.Org, ID: id})
		out.Body = refundOf(refund)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) insertPayout(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, in *PayOutCreditInput, currency portal.Currency, now time.Time) error {
	p, body := principal(ctx), in.Body
	credit, err := q.CreditBalance(ctx, dbsqlc.CreditBalanceParams{OrgID: p.Org, CustomerID: in.Customer, Currency: currency})
	if err != nil {
		return err
	}
	if left := credit.Balance - credit.Held; body.Amount > left {
		most := portal.NewMoney(max(left, 0), currency)
		return portal.Invalid("The customer has less credit than this.", portal.Field("amount", "Enter at most %s.", most.Decimal()))
	}
	hash, err := portal.RequestHash(in.Body)
	if err != nil {
		return err
	}
	if err := q.InsertRefund(ctx, dbsqlc.InsertRefundParams{
		OrgID: p.Org, ID: id, CustomerID: in.Customer, Channel: workflows.RefundByHand, Kind: body.Kind, Currency: currency, Amount: body.Amount, Reason: body.Reason,
		RequestedByKind: string(p.ActorKind), RequestedBy: optional(p.Actor), RequestedByName: p.Name, RequestHash: hash, At: now,
	}); err != nil {
		return err
	}
	if _, err := q.BookRefund(ctx, dbsqlc.BookRefundParams{OrgID: p.Org, ID: id, At: &now}); err != nil {
		return err
	}
	if err := q.InsertBackEntry(ctx, dbsqlc.InsertBackEntryParams{
		OrgID: p.Org, ID: a.NewID(), CustomerID: in.Customer, Currency: currency, Amount: -body.Amount, Reason: "refund", RefundID: &id, At: now,
	}); err != nil {
		return err
	}
	return a.record(ctx, q, p, happened{
		customer: in.Customer, kind: "credit.paid_out", subject: "customer", id: in.Customer,
		data: map[string]any{"amount": body.Amount, "currency": currency, "kind": body.Kind, "reason": body.Reason},
	})
}

// moneyBackOf adds to a payment what went back of it.
func moneyBackOf(ctx context.Context, q *dbsqlc.Queries, p portal.Principal, row dbsqlc.Payment, out *Payment) error {
	refunds, err := q.ListRefundsOfPayment(ctx, dbsqlc.ListRefundsOfPaymentParams{OrgID: row.OrgID, PaymentID: row.ID})
	if err != nil {
		return err
	}
	disputes, err := q.ListDisputesOfPayment(ctx, dbsqlc.ListDisputesOfPaymentParams{OrgID: row.OrgID, PaymentID: row.ID})
	if err != nil {
		return err
	}
	left := row.Received - row.Refunded - row.Returned
	for _, r := range refunds {
		if r.Status == portal.RefundPending {
			left -= r.Amount
		}
		// The customer is told of a refund once it was made.
		if p.Side == portal.SideStaff || r.BookedAt != nil {
			out.Refunds = append(out.Refunds, refundOf(r))
		}
	}
	for _, d := range disputes {
		dispute := Dispute{ID: d.ID, Amount: portal.NewMoney(d.Amount, d.Currency), Reason: portal.ReturnMessage(d.Reason), Taken: d.TakenAt != nil && d.RestoredAt == nil, OpenedAt: d.OpenedAt}
		switch {
		case p.Side == portal.SideStaff:
			dispute.Status = d.Status
			out.Disputes = append(out.Disputes, dispute)
		case d.TakenAt != nil:
			out.Disputes = append(out.Disputes, dispute)
		}
	}
	if p.Side == portal.SideStaff && row.Status == portal.PaymentSucceeded {
		out.Refundable = new(portal.NewMoney(max(left, 0), row.Currency))
	}
	return nil
}

func refundOf(r dbsqlc.Refund) Refund {
	out := Refund{r.ID, portal.NewMoney(r.Amount, r.Currency), r.Status, r.Kind, r.Channel == workflows.RefundByHand, r.OwedAgain, r.Reason, r.RequestedByName, r.CreatedAt}
	if r.BookedAt != nil {
		out.At = *r.BookedAt
	}
	return out
}
