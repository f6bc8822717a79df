package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// Ways to make a payment.
const (
	// ChannelCheckout is the processor's own page, R32.
	ChannelCheckout = "checkout"
	// ChannelSaved is a card or account saved before, R33.
	ChannelSaved = "saved"
	// ChannelRecorded is money that came past the processor and that staff record.
	ChannelRecorded = "recorded"
	// ChannelCredit uses the customer's credit and nothing else.
	ChannelCredit = "credit"
)

// StatusCredited is the answer to a request that credit paid for: there is no
// payment, because no money moved.
const StatusCredited = "credited"

// PayInvoice is one invoice to pay, and how much of what is due on it.
type PayInvoice struct {
	ID uuid.UUID `json:"id"`
	// Amount in minor units; 0 pays all that is due.
	Amount int64 `json:"amount,omitempty"`
}

// PayRequest asks for one payment of one or many invoices of one currency.
type PayRequest struct {
	Customer uuid.UUID    `json:"customer"`
	Invoices []PayInvoice `json:"invoices"`
	// Total in minor units spreads this amount over the invoices, the oldest
	// first, N5; 0 pays each as it says. Recorded money names its total, and
	// what the invoices don't take becomes credit.
	Total   int64  `json:"total,omitempty"`
	Channel string `json:"channel"`
	// Kind is card or bank_debit with ChannelCheckout (card, if it is empty), and
	// how the money came with ChannelRecorded. A saved method has its own.
	Kind string `json:"kind,omitempty"`
	// Method is the saved method, with ChannelSaved.
	Method *uuid.UUID `json:"method,omitempty"`
	// Save offers to keep the method for later.
	Save bool `json:"save,omitempty"`
	// Credit uses the customer's credit first, N5.
	Credit bool `json:"credit,omitempty"`
	// Currency, ReceivedOn and Reference are of recorded money: the day on
	// which it came, and how to find it in the bank's books.
	Currency   portal.Currency `json:"currency,omitempty"`
	ReceivedOn *portal.Date    `json:"received_on,omitempty"`
	Reference  string          `json:"reference,omitempty"`
	By         Actor           `json:"by"`
	Hash       []byte          `json:"hash"`
}

// PaymentRef names a payment.
type PaymentRef struct {
	Org     uuid.UUID `json:"org"`
	Payment uuid.UUID `json:"payment"`
}

// BeginPaymentInput is a payment to reserve. A nil Request reads what is
// stored, for a flow that was started again.
type BeginPaymentInput struct {
	PaymentRef
	Request *PayRequest `json:"request,omitempty"`
}

// Holder is the payment that holds an invoice which another wants to pay, N3.
type Holder struct {
	Payment uuid.UUID `json:"payment"`
	Status  string    `json:"status"`
	// By is who started it; Name is shown to the second payer.
	By      uuid.UUID `json:"by"`
	Name    string    `json:"name"`
	Since   time.Time `json:"since"`
	Invoice uuid.UUID `json:"invoice"`
}

// PaymentState is where a payment stands, as its flow needs it.
type PaymentState struct {
	Begun
	Customer uuid.UUID `json:"customer"`
	Channel  string    `json:"channel"`
	Attempt  int       `json:"attempt"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	// CheckoutExpiresAt is when the processor's page closes by itself.
	CheckoutExpiresAt time.Time `json:"checkout_expires_at"`
	CreatedAt         time.Time `json:"created_at"`
	// Failure is why the last try failed, in words for people.
	Failure string `json:"failure,omitempty"`
	// RefundsOpen counts refunds that are not made yet, and Turns how often
	// money went back, or came back after all.
	RefundsOpen int `json:"refunds_open,omitempty"`
	Turns       int `json:"turns,omitempty"`
	// Holder is set with Refused when another payment is in the way.
	Holder *Holder `json:"holder,omitempty"`
}

// Is reports whether the payment has this status.
func (s PaymentState) Is(status portal.PaymentStatus) bool { return s.Status == string(status) }

// Final reports whether nothing more will be done about the payment.
func (s PaymentState) Final() bool { return portal.PaymentStatus(s.Status).Final() }

func paymentState(p dbsqlc.Payment) PaymentState {
	state := PaymentState{
		Begun:    Begun{Status: string(p.Status), RequestHash: p.RequestHash},
		Customer: p.CustomerID, Channel: p.Channel, Attempt: int(p.Attempt), Amount: p.Amount, Currency: string(p.Currency),
		CreatedAt: p.CreatedAt, Failure: p.FailureMessage, RefundsOpen: int(p.RefundsOpen), Turns: int(p.Turns),
	}
	if p.CheckoutExpiresAt != nil {
		state.CheckoutExpiresAt = *p.CheckoutExpiresAt
	}
	return state
}

// BeginPayment reserves the invoices and stores the payment, in one
// transaction: it locks the invoices in the order of their IDs, computes the
// amount, and inserts the reservations, of which the schema allows one live for
// an invoice.
func (a *Activities) BeginPayment(ctx context.Context, in BeginPaymentInput) (PaymentState, error) {
	var state PaymentState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		stored, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: in.Org, ID: in.Payment})
		switch {
		case err == nil:
			state = paymentState(stored)
			return nil
		case !db.NotFound(err):
			return err
		case in.Request == nil:
			return portal.NotFound("payment")
		}
		used, err := q.GetRequestHash(ctx, dbsqlc.GetRequestHashParams{OrgID: in.Org, ID: in.Payment})
		switch {
		case err == nil:
			state = credited(used)
			return nil
		case !db.NotFound(err):
			return err
		}
		holder, covered, err := a.reserve(ctx, q, in)
		if holder != nil {
			state.Holder = holder
		}
		if err != nil {
			return err
		}
		if covered {
			state = credited(in.Request.Hash)
			return nil
		}
		stored, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: in.Org, ID: in.Payment})
		state = paymentState(stored)
		return err
	})
	if db.Violates(err, "reservations_one_live") {
		err = portal.Conflict("Someone else is paying one of these invoices right now.")
	}
	if refused := Refusal(err); refused != nil {
		return PaymentState{Begun: Begun{Refused: refused}, Holder: state.Holder}, nil
	}
	return state, boundary(err)
}

func credited(hash []byte) PaymentState {
	return PaymentState{Begun: Begun{Status: StatusCredited, RequestHash: hash}}
}

// reserve stores a payment with what it holds. covered says that credit paid for
// all of it, so that there is none.
func (a *Activities) reserve(ctx context.Context, q *dbsqlc.Queries, in BeginPaymentInput) (held *Holder, covered bool, err error) {
	request := in.Request
	wanted := make(map[uuid.UUID]int64, len(request.Invoices))
	ids := make([]uuid.UUID, 0, len(request.Invoices))
	for i, invoice := range request.Invoices {
		if _, twice := wanted[invoice.ID]; twice {
			return nil, false, portal.Invalid("An invoice is chosen twice.", portal.Field(fmt.Sprintf("invoices[%d].id", i), "This invoice is chosen twice."))
		}
		if invoice.Amount < 0 {
			return nil, false, portal.Invalid("An amount to pay is more than zero.", portal.Field(fmt.Sprintf("invoices[%d].amount", i), "Enter an amount above zero."))
		}
		wanted[invoice.ID] = invoice.Amount
		ids = append(ids, invoice.ID)
	}
	if len(ids) == 0 && request.Channel != ChannelRecorded {
		return nil, false, portal.Invalid("Choose at least one invoice to pay.", portal.Field("invoices", "Choose at least one invoice."))
	}
	invoices, err := q.LockInvoicesToPay(ctx, dbsqlc.LockInvoicesToPayParams{OrgID: in.Org, CustomerID: request.Customer, Ids: ids})
	if err != nil {
		return nil, false, err
	}
	if len(invoices) != len(ids) {
		return nil, false, portal.NotFound("invoice")
	}
	// Another try of this step may have been quicker while we waited for the locks.
	if _, err := q.GetRequestHash(ctx, dbsqlc.GetRequestHashParams{OrgID: in.Org, ID: in.Payment}); err == nil {
		return nil, true, nil
	} else if !db.NotFound(err) {
		return nil, false, err
	}
	if _, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: in.Org, ID: in.Payment}); err == nil {
		return nil, false, nil
	} else if !db.NotFound(err) {
		return nil, false, err
	}
	others, err := q.LiveReservations(ctx, dbsqlc.LiveReservationsParams{OrgID: in.Org, Ids: ids})
	if err != nil {
		return nil, false, err
	}
	if len(others) > 0 {
		h := others[0]
		holder := &Holder{Payment: h.PaymentID, Status: string(h.Status), Name: h.StartedByName, Since: h.CreatedAt, Invoice: h.InvoiceID}
		if h.StartedBy != nil {
			holder.By = *h.StartedBy
		}
		number := ""
		for _, i := range invoices {
			if i.ID == h.InvoiceID {
				number = i.Number
			}
		}
		return holder, false, portal.Conflict("%s is paying invoice %s right now.", h.StartedByName, number)
	}
	customer, err := q.LockCustomer(ctx, dbsqlc.LockCustomerParams{OrgID: in.Org, ID: request.Customer}) // last, as everywhere
	if db.NotFound(err) {
		return nil, false, portal.NotFound("customer")
	}
	if err != nil {
		return nil, false, err
	}
	method, kind, err := a.methodOf(ctx, q, in)
	if err != nil {
		return nil, false, err
	}
	currency := request.Currency
	if len(invoices) > 0 {
		currency = invoices[0].Currency
		if request.Currency != "" && request.Currency != currency {
			return nil, false, portal.Invalid("The invoices are in another currency.", portal.Field("currency", "The invoices are in %s.", currency))
		}
	}
	if kind == "bank_debit" && request.Channel != ChannelRecorded && (!customer.BankDebitAllowed || currency != "USD") {
		return nil, false, portal.Invalid("You can't pay this from a bank account. Choose another way to pay.", portal.Field("kind", "Choose another way to pay."))
	}
	amounts, err := amountsOf(request, invoices)
	if err != nil {
		return nil, false, err
	}
	available := int64(0)
	if request.Credit || request.Channel == ChannelCredit {
		credit, err := q.CreditBalance(ctx, dbsqlc.CreditBalanceParams{OrgID: in.Org, CustomerID: request.Customer, Currency: currency})
		if err != nil {
			return nil, false, err
		}
		available = max(credit.Balance-credit.Held, 0)
	}
	reservations := dbsqlc.InsertReservationsParams{OrgID: in.Org, PaymentID: in.Payment, CustomerID: request.Customer}
	total := portal.NewMoney(0, currency)
	slices.SortFunc(invoices, oldestFirst)
	for _, invoice := range invoices {
		amount := amounts[invoice.ID]
		if err := payable(invoice, amount, currency, kind, request.Channel); err != nil {
			return nil, false, err
		}
		credit := min(available, amount)
		available -= credit
		if request.Channel == ChannelCredit {
			amount = credit
		}
		if amount == 0 {
			continue
		}
		reservations.InvoiceIds = append(reservations.InvoiceIds, invoice.ID)
		reservations.Amounts = append(reservations.Amounts, amount-credit)
		reservations.Credits = append(reservations.Credits, credit)
		reservations.Revisions = append(reservations.Revisions, invoice.Revision)
		if total, err = total.Add(portal.NewMoney(amount-credit, currency)); err != nil {
			return nil, false, err
		}
	}
	total.Amount = spareCredit(total, reservations)
	switch {
	case request.Channel == ChannelRecorded:
		total.Amount = request.Total
	case total.Amount == 0 && len(reservations.InvoiceIds) > 0:
		return nil, true, a.useAlone(ctx, q, in, currency, reservations)
	case request.Channel == ChannelCredit:
		return nil, false, portal.Conflict("There is no credit to use.")
	default:
		if err := portal.Chargeable(total); err != nil {
			return nil, false, err
		}
	}
	org, err := q.GetOrganization(ctx, in.Org)
	if err != nil {
		return nil, false, err
	}
	now := a.now()
	if err := q.InsertPayment(ctx, dbsqlc.InsertPaymentParams{
		OrgID: in.Org, ID: in.Payment, CustomerID: request.Customer, Channel: request.Channel, Kind: kind,
		Currency: currency, Amount: total.Amount, MethodID: method, SaveMethod: request.Save, Account: org.StripeAccount,
		StartedByKind: string(request.By.Kind), StartedBy: optional(request.By.ID), StartedByName: request.By.Name,
		ReceivedOn: request.ReceivedOn, Reference: request.Reference, RequestHash: request.Hash, At: now,
	}); err != nil {
		return nil, false, err
	}
	if err := q.InsertReservations(ctx, reservations); err != nil {
		return nil, false, err
	}
	if request.Channel == ChannelRecorded {
		return nil, false, a.settleRecorded(ctx, q, in.PaymentRef)
	}
	return nil, false, a.record(ctx, q, happened{
		org: in.Org, customer: request.Customer, kind: "payment.started", subject: "payment", id: in.Payment, by: request.By, at: now,
		data: map[string]any{"amount": total.Amount, "currency": currency, "invoices": len(ids)},
	})
}

// useAlone uses credit on invoices with no money beside it.
func (a *Activities) useAlone(ctx context.Context, q *dbsqlc.Queries, in BeginPaymentInput, currency portal.Currency, held dbsqlc.InsertReservationsParams) error {
	request, now := in.Request, a.now()
	taken, err := q.TakeRequest(ctx, dbsqlc.TakeRequestParams{OrgID: in.Org, ID: in.Payment, Hash: request.Hash, At: now})
	if err != nil || taken == 0 {
		return err // another try of this step was quicker
	}
	uses, ids := make([]CreditUse, len(held.InvoiceIds)), make([]uuid.UUID, len(held.InvoiceIds))
	total := int64(0)
	for i, invoice := range held.InvoiceIds {
		uses[i], ids[i] = CreditUse{invoice, held.Credits[i]}, a.NewID()
		total += held.Credits[i]
	}
	if err := UseCredit(ctx, q, a.NewID, in.Org, request.Customer, currency, nil, uses, now); err != nil {
		return err
	}
	data, err := json.Marshal(map[string]any{"invoices": len(uses), "amount": total, "currency": currency})
	if err != nil {
		return err
	}
	return q.InsertEventsOfInvoices(ctx, dbsqlc.InsertEventsOfInvoicesParams{
		OrgID: in.Org, CustomerID: &request.Customer, Kind: "credit.used", ActorKind: string(request.By.Kind), ActorID: optional(request.By.ID), ActorName: request.By.Name,
		Data: data, At: now, Ids: ids, InvoiceIds: held.InvoiceIds,
	})
}

// amountsOf is how much to pay on each invoice: what the request says for it, all
// that is due, or its part of a total, the oldest first.
func amountsOf(request *PayRequest, invoices []dbsqlc.Invoice) (map[uuid.UUID]int64, error) {
	amounts := make(map[uuid.UUID]int64, len(invoices))
	if request.Total == 0 {
		if request.Channel == ChannelRecorded {
			return nil, portal.Invalid("Say how much came in.", portal.Field("total", "Enter an amount above zero."))
		}
		due := make(map[uuid.UUID]int64, len(invoices))
		for _, i := range invoices {
			due[i.ID] = i.Due
		}
		for _, wanted := range request.Invoices {
			amounts[wanted.ID] = cmp.Or(wanted.Amount, due[wanted.ID])
		}
		return amounts, nil
	}
	if request.Total < 0 {
		return nil, portal.Invalid("An amount to pay is more than zero.", portal.Field("total", "Enter an amount above zero."))
	}
	owed := make([]portal.Owed, len(invoices))
	for n, i := range invoices {
		owed[n] = portal.Owed{ID: i.ID.String(), Due: i.Due, DueDate: i.DueDate, Number: i.Number}
	}
	parts, excess, err := portal.AllocateOldestFirst(request.Total, owed)
	if err != nil {
		return nil, err
	}
	if excess > 0 && request.Channel != ChannelRecorded {
		most := portal.NewMoney(request.Total-excess, invoices[0].Currency)
		return nil, portal.Invalid("This is more than is due.", portal.Field("total", "Enter at most %s.", most.Decimal()))
	}
	for _, part := range parts {
		amounts[uuid.MustParse(part.InvoiceID)] = part.Amount
	}
	return amounts, nil
}

func oldestFirst(x, y dbsqlc.Invoice) int {
	return cmp.Or(x.DueDate.Compare(y.DueDate), cmp.Compare(x.Number, y.Number))
}

// methodOf is the saved method of the request, if it names one, and the kind
// of payment that it makes.
func (a *Activities) methodOf(ctx context.Context, q *dbsqlc.Queries, in BeginPaymentInput) (*uuid.UUID, string, error) {
	switch in.Request.Channel {
	case ChannelCheckout:
		switch kind := cmp.Or(in.Request.Kind, "card"); kind {
		case "card", "bank_debit":
			return nil, kind, nil
		}
		return nil, "", portal.Invalid("Choose how to pay.", portal.Field("kind", "Choose a card or a bank account."))
	case ChannelSaved:
		if in.Request.Method == nil {
			return nil, "", portal.Invalid("Choose a saved card.", portal.Field("method", "Choose a saved card."))
		}
		return savedMethod(ctx, q, in.Org, in.Request.Customer, *in.Request.Method)
	case ChannelCredit:
		return nil, "credit", nil
	case ChannelRecorded:
		if in.Request.By.Kind == portal.ActorContact {
			return nil, "", portal.Forbidden("Payments are recorded by staff.")
		}
		if !slices.Contains([]string{"bank_transfer", "cash", "check", "card", "bank_debit", "other"}, in.Request.Kind) {
			return nil, "", portal.Invalid("Say how the money came.", portal.Field("kind", "Choose how the money came."))
		}
		return nil, in.Request.Kind, nil
	default:
		return nil, "", portal.Invalid("Choose how to pay.", portal.Field("channel", "Choose how to pay."))
	}
}

func savedMethod(ctx context.Context, q *dbsqlc.Queries, org, customer, id uuid.UUID) (*uuid.UUID, string, error) {
	method, err := q.HoldPaymentMethod(ctx, dbsqlc.HoldPaymentMethodParams{OrgID: org, ID: id})
	if db.NotFound(err) || err == nil && (method.CustomerID != customer || method.RemovedAt != nil) {
		return nil, "", portal.Invalid("This card is not saved any more.", portal.Field("method", "Choose another way to pay."))
	}
	return &method.ID, method.Kind, err
}

// payable says why an amount can't be paid on an invoice in this way, or nil.
// Money that was recorded came whatever was offered.
func payable(invoice dbsqlc.Invoice, amount int64, currency portal.Currency, kind, channel string) error {
	switch {
	case invoice.State == "draft":
		return portal.NotFound("invoice")
	case invoice.State == "void":
		return portal.Conflict("Invoice %s was voided; there is nothing to pay.", invoice.Number)
	case invoice.Due == 0:
		return portal.Conflict("Invoice %s is already paid.", invoice.Number)
	case invoice.Currency != currency:
		return portal.Invalid("One payment is in one currency. Pay the invoices in "+string(invoice.Currency)+" on their own.",
			portal.Field("invoices", "Invoice %s is in %s.", invoice.Number, invoice.Currency))
	case amount > invoice.Due:
		return portal.Conflict("Less is due on invoice %s than you wanted to pay. Please look at it again.", invoice.Number)
	}
	if channel == ChannelRecorded || channel == ChannelCredit || slices.Contains(invoice.WaysToPay, kind) {
		return nil
	}
	return portal.Invalid("Invoice "+invoice.Number+" can't be paid this way.", portal.Field("invoices", "Leave invoice %s out, or pay it another way.", invoice.Number))
}

// settleRecorded books money that staff recorded, in the transaction that stores
// it: there is nobody to ask for it.
func (a *Activities) settleRecorded(ctx context.Context, q *dbsqlc.Queries, ref PaymentRef) error {
	payment, err := q.LockPayment(ctx, dbsqlc.LockPaymentParams{OrgID: ref.Org, ID: ref.Payment})
	if err != nil {
		return err
	}
	held, err := a.lockHeld(ctx, q, payment)
	if err != nil {
		return err
	}
	if _, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
		OrgID: ref.Org, ID: ref.Payment, Status: portal.PaymentCharging, FromStatus: []string{string(portal.PaymentReserved)}, At: a.now(),
	}); err != nil {
		return err
	}
	return a.settle(ctx, q, payment, held, payment.Amount, "recorded by hand")
}

// spareCredit gives credit back, of the last invoice first, until what is left to
// charge is an amount that can be charged: on the step, and not below the smallest.
func spareCredit(total portal.Money, held dbsqlc.InsertReservationsParams) int64 {
	wanted := total.Amount
	if total.Amount > 0 {
		wanted = portal.LeastChargeable(total).Amount
	}
	for i := len(held.Credits) - 1; i >= 0 && total.Amount < wanted; i-- {
		part := min(held.Credits[i], wanted-total.Amount)
		held.Credits[i] -= part
		held.Amounts[i] += part
		total.Amount += part
	}
	return total.Amount
}

// ReadPayment reads where a payment stands.
func (a *Activities) ReadPayment(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	return paymentState(payment), boundary(err)
}

func (a *Activities) payment(ctx context.Context, ref PaymentRef) (payment dbsqlc.Payment, err error) {
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		payment, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: ref.Org, ID: ref.Payment})
		if db.NotFound(err) {
			return portal.NotFound("payment")
		}
		return err
	})
	return payment, err
}

// processorCustomer is the customer at the processor, made when first needed.
func (a *Activities) processorCustomer(ctx context.Context, p dbsqlc.Payment) (string, error) {
	var customer dbsqlc.Customer
	err := a.in(ctx, p.OrgID, func(q *dbsqlc.Queries) (err error) {
		customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.OrgID, ID: p.CustomerID})
		return err
	})
	if err != nil || customer.ProcessorCustomer != "" {
		return customer.ProcessorCustomer, err
	}
	made, err := unspoiled(func(again int) (string, error) {
		return a.Gateway.EnsureCustomer(ctx, p.Account, gateway.CustomerParams{ID: customer.ID.String(), Name: customer.Name, Email: customer.Email, Again: again})
	})
	if err != nil {
		return "", fmt.Errorf("making the customer at the processor: %w", err)
	}
	var stored string
	err = a.in(ctx, p.OrgID, func(q *dbsqlc.Queries) (err error) {
		stored, err = q.SetProcessorCustomer(ctx, dbsqlc.SetProcessorCustomerParams{OrgID: p.OrgID, ID: p.CustomerID, ProcessorCustomer: made})
		return err
	})
	return stored, err
}

// keysAtMost is how many keys of one call may be spoiled before it is left to its
// next try.
const keysAtMost = 5

// unspoiled makes a call, and makes it again under another key where the
// processor has an error of its own saved under the first one.
func unspoiled[T any](call func(again int) (T, error)) (answer T, err error) {
	for again := range keysAtMost {
		if answer, err = call(again); gateway.KindOf(err) != gateway.Spoiled {
			break
		}
	}
	return answer, err
}

// OpenCheckout opens the processor's page for a reserved payment. Called again
// it finds the same page.
func (a *Activities) OpenCheckout(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if payment.Status != portal.PaymentReserved || payment.Channel != ChannelCheckout {
		return paymentState(payment), nil
	}
	customer, err := a.processorCustomer(ctx, payment)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	params, err := a.checkoutParams(ctx, payment, customer)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	session, err := unspoiled(func(again int) (gateway.Checkout, error) {
		params.Again = again
		return a.Gateway.CreateCheckout(ctx, payment.Account, params)
	})
	if refused, ok := errors.AsType[*gateway.Error](err); ok && refused.Kind == gateway.Permanent {
		if refused.Param != "expires_at" {
			return a.fail(ctx, payment, err)
		}
		return a.renewCheckout(ctx, payment)
	}
	if err != nil {
		return PaymentState{}, boundary(fmt.Errorf("opening the payment page: %w", err))
	}
	var stored int64
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		now := a.now()
		stored, err = q.SetPaymentCheckout(ctx, dbsqlc.SetPaymentCheckoutParams{
			OrgID: ref.Org, ID: ref.Payment, CheckoutID: session.ID, ActionUrl: session.URL, Attempt: payment.Attempt, At: now,
		})
		if err != nil || stored == 0 {
			return err
		}
		// The customer waits on our page to be led on: it has to hear of this.
		return a.record(ctx, q, happened{
			org: ref.Org, customer: payment.CustomerID, kind: "payment.page_opened", subject: "payment", id: ref.Payment, by: system(), internal: true, at: now,
		})
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	state, err := a.ReadPayment(ctx, ref)
	if err == nil && stored == 0 && state.Final() {
		// It was given up while the page was being made: nobody may pay in it.
		if _, err := a.Gateway.ExpireCheckout(ctx, payment.Account, session.ID); err != nil {
			return state, boundary(fmt.Errorf("closing the payment page: %w", err))
		}
	}
	return state, err
}

// renewCheckout gives up a session that was asked for so long ago that its end
// is too near for the processor. Nobody was ever shown it.
func (a *Activities) renewCheckout(ctx context.Context, payment dbsqlc.Payment) (PaymentState, error) {
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		_, err := q.RenewCheckout(ctx, dbsqlc.RenewCheckoutParams{OrgID: payment.OrgID, ID: payment.ID, Attempt: payment.Attempt, At: a.now()})
		return err
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}

func (a *Activities) checkoutParams(ctx context.Context, payment dbsqlc.Payment, customer string) (gateway.CheckoutParams, error) {
	var (
		held    []dbsqlc.ListReservationsRow
		org     dbsqlc.Organization
		expires time.Time
	)
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) (err error) {
		if org, err = q.GetOrganization(ctx, payment.OrgID); err != nil {
			return err
		}
		if held, err = q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID}); err != nil {
			return err
		}
		expires, err = q.SetCheckoutExpiry(ctx, dbsqlc.SetCheckoutExpiryParams{
			OrgID: payment.OrgID, ID: payment.ID, ExpiresAt: a.now().Truncate(time.Second).Add(gateway.CheckoutLifetime),
		})
		return err
	})
	if err != nil {
		return gateway.CheckoutParams{}, err
	}
	amount, err := portal.ToProcessor(portal.NewMoney(payment.Amount, payment.Currency))
	if err != nil {
		return gateway.CheckoutParams{}, err
	}
	saving := gateway.SaveNever
	if payment.SaveMethod {
		saving = gateway.SaveAlways // the customer ticked it on our page
	}
	page := a.address(org, "payments", payment.ID)
	return gateway.CheckoutParams{
		PaymentID: payment.ID.String(), Attempt: int(payment.Attempt), CustomerID: customer, Currency: string(payment.Currency),
		// One line for the whole: a page can show only so many, and the invoices are listed on ours.
		Lines: []gateway.CheckoutLine{{Name: describe(held), Amount: amount}},
		Kinds: kindsOf(payment), Save: saving, Description: describe(held),
		SuccessURL: page + "?from=checkout", CancelURL: page + "?from=cancel", ExpiresAt: expires,
	}, nil
}

// kindsOf is what the processor may take for a payment: a customer who chose to
// pay by card is not asked for a bank account.
func kindsOf(payment dbsqlc.Payment) []gateway.MethodKind {
	if payment.Kind == "bank_debit" {
		return []gateway.MethodKind{gateway.BankAccount}
	}
	return []gateway.MethodKind{gateway.Card}
}

// describe says what is paid, as the processor and the customer's bank show it.
func describe(held []dbsqlc.ListReservationsRow) string {
	if len(held) == 1 {
		return "Invoice " + held[0].Number
	}
	return fmt.Sprintf("%d invoices, %s and others", len(held), held[0].Number)
}

// ChargeSaved charges a saved method: it prepares the intent, re-reads the
// invoices, marks the payment as charging and only then confirms. A decline is
// a result. Called again after a crash it repeats the same confirm under the
// same key, which the processor answers as it did the first time.
func (a *Activities) ChargeSaved(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if payment.Channel != ChannelSaved || payment.Status != portal.PaymentReserved && payment.Status != portal.PaymentCharging {
		return paymentState(payment), nil
	}
	if payment.IntentID == "" {
		payment, err = a.prepareIntent(ctx, payment)
		if gateway.KindOf(err) == gateway.Permanent {
			return a.fail(ctx, payment, err)
		}
		if err != nil {
			return PaymentState{}, boundary(err)
		}
	}
	if payment.Status == portal.PaymentReserved {
		state, err := a.markCharging(ctx, payment)
		if err != nil {
			return PaymentState{}, boundary(err)
		}
		if !state.Is(portal.PaymentCharging) {
			return state, nil
		}
	}
	return a.confirm(ctx, ref)
}

// keysKept is how long the processor remembers idempotency keys, less a margin.
const keysKept = 23 * time.Hour

func (a *Activities) prepareIntent(ctx context.Context, payment dbsqlc.Payment) (dbsqlc.Payment, error) {
	customer, err := a.processorCustomer(ctx, payment)
	if err != nil {
		return payment, err
	}
	var (
		method dbsqlc.PaymentMethod
		held   []dbsqlc.ListReservationsRow
	)
	err = a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) (err error) {
		if method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: payment.OrgID, ID: *payment.MethodID}); err != nil {
			return err
		}
		held, err = q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID})
		return err
	})
	if err != nil {
		return payment, err
	}
	amount, err := portal.ToProcessor(portal.NewMoney(payment.Amount, payment.Currency))
	if err != nil {
		return payment, err
	}
	intent, found := gateway.Intent{}, false
	// A first try may have made one whose answer was lost, and its key may be forgotten by now.
	if attemptOf(ctx) > 1 || a.now().Sub(payment.CreatedAt) > keysKept {
		if intent, found, err = a.Gateway.FindIntent(ctx, payment.Account, customer, payment.ID.String()); err != nil {
			return payment, fmt.Errorf("looking for the charge: %w", err)
		}
		found = found && intent.Status != gateway.IntentCanceled
	}
	if !found {
		intent, err = a.Gateway.CreateIntent(ctx, payment.Account, gateway.IntentParams{
			PaymentID: payment.ID.String(), Attempt: attemptOf(ctx) - 1, Amount: amount, Currency: string(payment.Currency),
			CustomerID: customer, MethodID: method.ProcessorMethod, Kinds: kindsOf(payment), Description: describe(held),
		})
		if err != nil {
			return payment, fmt.Errorf("preparing the charge: %w", err)
		}
	}
	err = a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		if _, err := q.SetPaymentIntent(ctx, dbsqlc.SetPaymentIntentParams{OrgID: payment.OrgID, ID: payment.ID, IntentID: intent.ID, At: a.now()}); err != nil {
			return err
		}
		payment, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: payment.OrgID, ID: payment.ID})
		return err
	})
	return payment, err
}

// markCharging re-reads the invoices under their locks. If one was voided,
// edited or paid since it was reserved, the payment is given up; else it is
// charging, and its invoices can't change until it isn't.
func (a *Activities) markCharging(ctx context.Context, p dbsqlc.Payment) (PaymentState, error) {
	var changed string
	err := a.in(ctx, p.OrgID, func(q *dbsqlc.Queries) error {
		held, err := a.lockHeld(ctx, q, p)
		if err != nil {
			return err
		}
		locked, err := q.LockPayment(ctx, dbsqlc.LockPaymentParams{OrgID: p.OrgID, ID: p.ID})
		if err != nil || locked.Status != portal.PaymentReserved || locked.Attempt != p.Attempt {
			return err
		}
		for _, h := range held {
			if h.InvoiceState != "sent" || h.InvoiceRevision != h.Revision || h.Due < h.Amount {
				changed = h.Number
				return nil
			}
		}
		now := a.now()
		if _, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
			OrgID: p.OrgID, ID: p.ID, Status: portal.PaymentCharging, FromStatus: []string{string(portal.PaymentReserved)}, At: now,
		}); err != nil {
			return err
		}
		_, err = q.InsertAttempt(ctx, dbsqlc.InsertAttemptParams{
			OrgID: p.OrgID, PaymentID: p.ID, N: p.Attempt, Outcome: "pending", Channel: p.Channel, RequestedBy: cmp.Or(p.RetriedByName, p.StartedByName), StartedAt: now,
		})
		return err
	})
	if err != nil {
		return PaymentState{}, err
	}
	if changed != "" {
		return a.Release(ctx, ReleaseInput{PaymentRef: PaymentRef{p.OrgID, p.ID}, By: system(),
			Code: "invoice_changed", Reason: "Invoice " + changed + " changed before it was charged. Nothing was charged."})
	}
	return a.ReadPayment(ctx, PaymentRef{p.OrgID, p.ID})
}

// lockHeld locks the invoices that a payment holds, in the order of their IDs,
// and reads them as they are under the lock.
func (a *Activities) lockHeld(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment) ([]dbsqlc.ListReservationsRow, error) {
	held, err := q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: p.OrgID, PaymentID: p.ID})
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(held))
	for i, h := range held {
		ids[i] = h.InvoiceID
	}
	if _, err := q.LockInvoicesToPay(ctx, dbsqlc.LockInvoicesToPayParams{OrgID: p.OrgID, CustomerID: p.CustomerID, Ids: ids}); err != nil {
		return nil, err
	}
	return q.ListReservations(ctx, dbsqlc.ListReservationsParams{OrgID: p.OrgID, PaymentID: p.ID})
}

func (a *Activities) confirm(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	var (
		method dbsqlc.PaymentMethod
		org    dbsqlc.Organization
	)
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		if org, err = q.GetOrganization(ctx, ref.Org); err != nil {
			return err
		}
		method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: ref.Org, ID: *payment.MethodID})
		return err
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	params := gateway.ConfirmParams{
		PaymentID: payment.ID.String(), Attempt: int(payment.Attempt), MethodID: method.ProcessorMethod,
		OffSession: !attended(payment),
	}
	if !params.OffSession {
		params.ReturnURL = a.address(org, "payments", payment.ID) + "?from=bank"
	}
	intent, err := unspoiled(func(again int) (gateway.Intent, error) {
		if again > 0 {
			// The confirm that spoiled the key is over. What it did stands on the intent.
			got, err := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
			if err != nil || got.Status != gateway.IntentRequiresConfirmation {
				return got, err
			}
		}
		params.Again = again
		return a.Gateway.ConfirmIntent(ctx, payment.Account, payment.IntentID, params)
	})
	if kind := gateway.KindOf(err); kind == gateway.UnexpectedState || kind == gateway.UnknownOutcome {
		got, getErr := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
		if getErr != nil || got.Status != gateway.IntentSucceeded && got.Status != gateway.IntentProcessing && got.Status != gateway.IntentCanceled {
			// Still not known: the same confirm again, under the same key.
			return PaymentState{}, boundary(fmt.Errorf("charging: %w", err))
		}
		intent, err = got, nil
	}
	if kind := gateway.KindOf(err); kind == gateway.Permanent || kind == gateway.NotFound || kind == gateway.NeedsCustomer {
		// An earlier try may have charged, and its answer been lost: that is seen on the intent.
		got, getErr := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
		switch {
		case getErr != nil && gateway.KindOf(getErr) != gateway.NotFound:
			return PaymentState{}, boundary(fmt.Errorf("charging: %w", errors.Join(getErr, err)))
		case getErr != nil, got.Status == gateway.IntentRequiresConfirmation, got.Status == gateway.IntentCanceled, got.Status == gateway.IntentRequiresMethod && got.LastDecline == nil:
			return a.fail(ctx, payment, err)
		}
		intent, err = got, nil
	}
	if err != nil {
		return PaymentState{}, boundary(fmt.Errorf("charging: %w", err))
	}
	return a.apply(ctx, payment, intent)
}

// attended reports whether a contact asked for the present try, and so sits in
// front of it and can be sent to the bank to confirm.
func attended(p dbsqlc.Payment) bool {
	if p.Attempt > 1 {
		return p.RetriedByKind == string(portal.ActorContact)
	}
	return p.StartedByKind == string(portal.ActorContact)
}

// fail ends a payment that the processor will never take as it is asked for.
func (a *Activities) fail(ctx context.Context, payment dbsqlc.Payment, cause error) (PaymentState, error) {
	now := a.now()
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		n, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
			OrgID: payment.OrgID, ID: payment.ID, Status: portal.PaymentFailed, At: now, FailureCode: "processor_refused",
			FailureMessage: "The card processor could not take this payment. Nothing was charged.",
			FromStatus:     texts(portal.PaymentMachine().From(portal.PaymentFailed)),
		})
		if err != nil || n == 0 {
			return err
		}
		if _, err := q.ReleaseReservations(ctx, dbsqlc.ReleaseReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID, State: "released"}); err != nil {
			return err
		}
		if _, err := q.EndAttempt(ctx, dbsqlc.EndAttemptParams{
			OrgID: payment.OrgID, PaymentID: payment.ID, N: payment.Attempt, Outcome: "abandoned", Code: code(cause), Message: "The card processor could not take this payment.", At: &now,
		}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: payment.OrgID, customer: payment.CustomerID, kind: "payment.failed", subject: "payment", id: payment.ID, by: system(), at: now,
			data: map[string]any{"amount": payment.Amount, "currency": payment.Currency},
		})
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}

// CheckPayment asks the processor how a payment stands and applies the answer.
// It is what a webhook, the poll and ops all lead to.
func (a *Activities) CheckPayment(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	state, err := a.check(ctx, payment)
	return state, boundary(err)
}

func (a *Activities) check(ctx context.Context, payment dbsqlc.Payment) (PaymentState, error) {
	if payment.CheckoutID == "" {
		if payment.IntentID == "" || payment.Status == portal.PaymentCharging || payment.Status == portal.PaymentReserved {
			// A charge in flight is settled by its own step, under its own key.
			return paymentState(payment), nil
		}
		intent, err := a.Gateway.GetIntent(ctx, payment.Account, payment.IntentID)
		if err != nil {
			return PaymentState{}, fmt.Errorf("asking for the charge: %w", err)
		}
		return a.apply(ctx, payment, intent)
	}
	session, err := a.Gateway.GetCheckout(ctx, payment.Account, payment.CheckoutID)
	if err != nil {
		return PaymentState{}, fmt.Errorf("asking for the payment page: %w", err)
	}
	return a.applyCheckout(ctx, payment, session)
}

// applyCheckout moves a payment to what its page and the charge made in it say.
func (a *Activities) applyCheckout(ctx context.Context, payment dbsqlc.Payment, session gateway.Checkout) (PaymentState, error) {
	if session.PaymentID != payment.ID.String() {
		return PaymentState{}, mismatch("the payment page %s belongs to payment %s, not %s", session.ID, session.PaymentID, payment.ID)
	}
	if session.IntentID != "" {
		intent, err := a.Gateway.GetIntent(ctx, payment.Account, session.IntentID)
		if err != nil {
			return PaymentState{}, fmt.Errorf("asking for the charge: %w", err)
		}
		// On an open page, a refused card can be followed by another; a bank debit that came back can't.
		if session.Status != gateway.CheckoutExpired || intent.Status == gateway.IntentSucceeded || intent.Status == gateway.IntentProcessing {
			return a.apply(ctx, payment, intent)
		}
	}
	if session.Status == gateway.CheckoutExpired {
		return a.letGo(ctx, payment, system(), "checkout_expired", "The payment page was closed before it was paid. Nothing was charged.")
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}

// ReleaseInput gives a payment up.
type ReleaseInput struct {
	PaymentRef
	By Actor `json:"by"`
	// Code and Reason say why, the reason in words for the customer.
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Release gives a payment up: first at the processor, so that nobody can pay in
// it any more, and only then here. If it turns out that the money was taken,
// that is applied instead; the state returned says which.
func (a *Activities) Release(ctx context.Context, in ReleaseInput) (PaymentState, error) {
	payment, err := a.payment(ctx, in.PaymentRef)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	if payment.Status.Final() || payment.Status == portal.PaymentProcessing || payment.Status == portal.PaymentCharging {
		return paymentState(payment), nil
	}
	intentID := payment.IntentID
	if payment.CheckoutID != "" {
		session, err := a.Gateway.ExpireCheckout(ctx, payment.Account, payment.CheckoutID)
		if err != nil {
			return PaymentState{}, boundary(fmt.Errorf("closing the payment page: %w", err))
		}
		if session.Status == gateway.CheckoutComplete {
			state, err := a.applyCheckout(ctx, payment, session)
			if err != nil || !state.Is(portal.PaymentDeclined) {
				return state, boundary(err)
			}
			intentID = session.IntentID
		} else {
			intentID = "" // it went with its page
		}
	}
	if intentID != "" {
		intent, err := unspoiled(func(again int) (gateway.Intent, error) {
			return a.Gateway.CancelIntent(ctx, payment.Account, intentID, fmt.Sprintf("cancel:%s:%d:%d", payment.ID, payment.Attempt, again))
		})
		if gateway.KindOf(err) == gateway.UnexpectedState {
			intent, err = a.Gateway.GetIntent(ctx, payment.Account, intentID)
		}
		if err != nil {
			return PaymentState{}, boundary(fmt.Errorf("giving the charge up: %w", err))
		}
		if intent.Status != gateway.IntentCanceled {
			state, err := a.apply(ctx, payment, intent)
			return state, boundary(err)
		}
	}
	state, err := a.letGo(ctx, payment, in.By, in.Code, in.Reason)
	return state, boundary(err)
}

// letGo ends a payment of which the processor holds nothing, and frees its invoices.
func (a *Activities) letGo(ctx context.Context, payment dbsqlc.Payment, by Actor, code, reason string) (PaymentState, error) {
	now := a.now()
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		n, err := q.MovePayment(ctx, dbsqlc.MovePaymentParams{
			OrgID: payment.OrgID, ID: payment.ID, Status: portal.PaymentCanceled, FailureCode: code, FailureMessage: reason, At: now,
			FromStatus: texts([]portal.PaymentStatus{portal.PaymentReserved, portal.PaymentAwaitingCustomer, portal.PaymentDeclined}),
		})
		if err != nil || n == 0 {
			return err
		}
		if _, err := q.ReleaseReservations(ctx, dbsqlc.ReleaseReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID, State: "released"}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: payment.OrgID, customer: payment.CustomerID, kind: "payment.canceled", subject: "payment", id: payment.ID, by: by, at: now,
			data: map[string]any{"amount": payment.Amount, "currency": payment.Currency, "reason": reason},
		})
	})
	if err != nil {
		return PaymentState{}, err
	}
	return a.ReadPayment(ctx, PaymentRef{payment.OrgID, payment.ID})
}

// RetryPaymentInput asks for another try of a declined payment.
type RetryPaymentInput struct {
	PaymentRef
	// Attempt is the one that was declined, as the caller saw it.
	Attempt int `json:"attempt"`
	// Method pays with this saved method instead; nil keeps the one there was.
	Method *uuid.UUID `json:"method,omitempty"`
	// Checkout pays on the processor's page instead.
	Checkout bool  `json:"checkout,omitempty"`
	By       Actor `json:"by"`
}

// RequestRetry takes a declined payment back to reserved for its next attempt.
// A retry of an attempt that another retry already follows is answered with the
// state as it is.
func (a *Activities) RequestRetry(ctx context.Context, in RetryPaymentInput) (PaymentState, error) {
	now := a.now()
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		payment, err := q.LockPayment(ctx, dbsqlc.LockPaymentParams{OrgID: in.Org, ID: in.Payment})
		if err != nil {
			return err
		}
		if int(payment.Attempt) == in.Attempt+1 {
			return nil
		}
		if payment.Status != portal.PaymentDeclined || int(payment.Attempt) != in.Attempt {
			return portal.Conflict("This payment is %s; there is nothing to retry.", plain(payment.Status))
		}
		channel, method := payment.Channel, payment.MethodID
		switch {
		case in.Checkout:
			channel, method = ChannelCheckout, nil
		case in.Method != nil:
			channel, method = ChannelSaved, in.Method
		}
		if channel == ChannelSaved {
			// Also the one there was: a card that was removed since is never charged. One that was replaced is charged as its successor.
			if in.Method == nil {
				if method, err = successor(ctx, q, in.Org, *method); err != nil {
					return err
				}
			}
			if method, _, err = savedMethod(ctx, q, in.Org, payment.CustomerID, *method); err != nil {
				return err
			}
			same := payment.Channel == ChannelSaved && payment.MethodID != nil && *method == *payment.MethodID
			if same && portal.ClassifyDecline(payment.FailureCode) == portal.DeclineNever {
				return portal.Conflict("The bank refuses this card for good, so it is not tried again. Choose another way to pay.")
			}
		}
		if channel == ChannelCheckout && payment.IntentID != "" {
			return portal.Conflict("To pay with another card, cancel this payment and start again.")
		}
		if _, err := q.RetryPayment(ctx, dbsqlc.RetryPaymentParams{
			OrgID: in.Org, ID: in.Payment, Channel: channel, MethodID: method, Attempt: payment.Attempt,
			RetriedByKind: string(in.By.Kind), RetriedBy: optional(in.By.ID), RetriedByName: in.By.Name, At: now,
		}); err != nil {
			return err
		}
		return a.record(ctx, q, happened{
			org: in.Org, customer: payment.CustomerID, kind: "payment.retried", subject: "payment", id: in.Payment, by: in.By, at: now,
			data: map[string]any{"attempt": payment.Attempt + 1, "amount": payment.Amount, "currency": payment.Currency},
		})
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	return a.ReadPayment(ctx, in.PaymentRef)
}

// plain says a status in a sentence.
func plain(s portal.PaymentStatus) string {
	switch s {
	case portal.PaymentAwaitingCustomer:
		return "waiting for the customer"
	case portal.PaymentReserved, portal.PaymentCharging:
		return "being charged"
	default:
		return string(s)
	}
}

// ClosePayment marks that the flow has nothing more to do.
func (a *Activities) ClosePayment(ctx context.Context, ref PaymentRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.ClosePaymentFlow(ctx, dbsqlc.ClosePaymentFlowParams{OrgID: ref.Org, ID: ref.Payment})
	}))
}
