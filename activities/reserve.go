package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// BeginPaymentInput is a payment to reserve. A nil Request reads what is
// stored, for a flow that was started again.
type BeginPaymentInput struct {
	PaymentRef
	Request *PayRequest `json:"request,omitempty"`
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
// all of it, so that there is none. The invoices are locked first, then the
// customer, as everywhere.
func (a *Activities) reserve(ctx context.Context, q *dbsqlc.Queries, in BeginPaymentInput) (held *Holder, covered bool, err error) {
	request := in.Request
	ids, err := chosen(request)
	if err != nil {
		return nil, false, err
	}
	invoices, err := q.LockInvoicesToPay(ctx, dbsqlc.LockInvoicesToPayParams{OrgID: in.Org, CustomerID: request.Customer, Ids: ids})
	if err != nil {
		return nil, false, err
	}
	if len(invoices) != len(ids) {
		return nil, false, portal.NotFound("invoice")
	}
	// Another try of this step may have been quicker while we waited for the locks.
	stored, covered, err := alreadyStored(ctx, q, in.PaymentRef)
	if err != nil || stored {
		return nil, covered, err
	}
	way, err := inTheWay(ctx, q, in.Org, invoices)
	if err != nil {
		return nil, false, err
	}
	customer, err := q.LockCustomer(ctx, dbsqlc.LockCustomerParams{OrgID: in.Org, ID: request.Customer})
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
	available := int64(0)
	if request.Credit || request.Channel == ChannelCredit {
		credit, err := q.CreditBalance(ctx, dbsqlc.CreditBalanceParams{OrgID: in.Org, CustomerID: request.Customer, Currency: currency})
		if err != nil {
			return nil, false, err
		}
		available = max(credit.Balance-credit.Held+way.credit, 0)
	}
	reservations, total, err := spread(request, invoices, currency, kind, available)
	if err != nil {
		return nil, false, err
	}
	reservations.OrgID, reservations.PaymentID, reservations.CustomerID = in.Org, in.Payment, request.Customer
	switch {
	case request.Channel == ChannelRecorded:
		total.Amount = request.Total
	case total.Amount == 0 && len(reservations.InvoiceIds) > 0:
		covered = true
	case request.Channel == ChannelCredit:
		return nil, false, portal.Conflict("There is no credit to use.")
	default:
		if err := portal.Chargeable(total); err != nil {
			return nil, false, err
		}
	}
	if request.Expected != nil && *request.Expected != total.Amount {
		return nil, false, portal.Conflict("This comes to %s %s now, and %s was expected. Look at it again before you pay.",
			total.Decimal(), currency, portal.NewMoney(*request.Expected, currency).Decimal())
	}
	// Whoever is in the way gives way only to a payment that is sure to begin.
	if way.holder != nil {
		return way.holder, false, way.refused
	}
	if covered {
		return nil, true, a.useAlone(ctx, q, in, currency, reservations)
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
		ReceivedOn: request.ReceivedOn, Reference: request.Reference, OnSchedule: request.OnSchedule, AutopayID: request.Autopay, RequestHash: request.Hash, At: now,
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

// chosen are the invoices that a request names, or why it can't be met whatever
// they are.
func chosen(request *PayRequest) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, 0, len(request.Invoices))
	named := make(map[uuid.UUID]bool, len(request.Invoices))
	for i, invoice := range request.Invoices {
		if named[invoice.ID] {
			return nil, portal.Invalid("An invoice is chosen twice.", portal.Field(fmt.Sprintf("invoices[%d].id", i), "This invoice is chosen twice."))
		}
		if invoice.Amount < 0 {
			return nil, portal.Invalid("An amount to pay is more than zero.", portal.Field(fmt.Sprintf("invoices[%d].amount", i), "Enter an amount above zero."))
		}
		named[invoice.ID] = true
		ids = append(ids, invoice.ID)
	}
	if request.OnSchedule && request.Channel != ChannelSaved {
		return nil, portal.Invalid("Only a saved card or account can be tried again by itself.", portal.Field("on_schedule", "Choose a saved card or account."))
	}
	if len(ids) == 0 && request.Channel != ChannelRecorded {
		return nil, portal.Invalid("Choose at least one invoice to pay.", portal.Field("invoices", "Choose at least one invoice."))
	}
	return ids, nil
}

// alreadyStored reports whether a payment is there, or that credit covered it.
func alreadyStored(ctx context.Context, q *dbsqlc.Queries, ref PaymentRef) (stored, covered bool, err error) {
	if _, err = q.GetRequestHash(ctx, dbsqlc.GetRequestHashParams{OrgID: ref.Org, ID: ref.Payment}); err == nil {
		return true, true, nil
	} else if !db.NotFound(err) {
		return false, false, err
	}
	if _, err = q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: ref.Org, ID: ref.Payment}); db.NotFound(err) {
		return false, false, nil
	}
	return err == nil, false, err
}

// obstacle is what other payments hold of the invoices that are to be paid, N3: the
// first of them, what is said of it, and the credit that is free again when all of
// them are given up.
type obstacle struct {
	holder  *Holder
	refused error
	credit  int64
}

func inTheWay(ctx context.Context, q *dbsqlc.Queries, org uuid.UUID, invoices []dbsqlc.Invoice) (obstacle, error) {
	ids, numbers := make([]uuid.UUID, len(invoices)), make(map[uuid.UUID]string, len(invoices))
	for n, i := range invoices {
		ids[n], numbers[i.ID] = i.ID, i.Number
	}
	others, err := q.LiveReservations(ctx, dbsqlc.LiveReservationsParams{OrgID: org, Ids: ids})
	if err != nil || len(others) == 0 {
		return obstacle{}, err
	}
	first := others[0]
	way := obstacle{
		holder:  &Holder{Payment: first.PaymentID, Status: string(first.Status), Name: first.StartedByName, Since: first.CreatedAt, Invoice: first.InvoiceID},
		refused: portal.Conflict("%s is paying invoice %s right now.", first.StartedByName, numbers[first.InvoiceID]),
	}
	if first.StartedBy != nil {
		way.holder.By = *first.StartedBy
	}
	counted := map[uuid.UUID]bool{}
	for _, o := range others {
		if !counted[o.PaymentID] {
			counted[o.PaymentID] = true
			way.credit += o.Credit
		}
	}
	return way, nil
}

// spread lays a payment over its invoices, the oldest first: what each gets of it
// and of the available credit. total is what is left to charge.
func spread(request *PayRequest, invoices []dbsqlc.Invoice, currency portal.Currency, kind string, available int64) (
	reservations dbsqlc.InsertReservationsParams, total portal.Money, err error,
) {
	total = portal.NewMoney(0, currency)
	amounts, err := amountsOf(request, invoices)
	if err != nil {
		return reservations, total, err
	}
	slices.SortFunc(invoices, oldestFirst)
	for _, invoice := range invoices {
		amount := amounts[invoice.ID]
		if err := payable(invoice, amount, currency, kind, request.Channel); err != nil {
			return reservations, total, err
		}
		if request.Autopay == nil && (request.Channel == ChannelCheckout || request.Channel == ChannelSaved) {
			if err := portal.Leaves(portal.NewMoney(invoice.Due, currency), amount); err != nil {
				return reservations, total, err
			}
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
			return reservations, total, err
		}
	}
	total.Amount = spareCredit(total, reservations)
	return reservations, total, nil
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
// charge is an amount that can be charged.
func spareCredit(total portal.Money, held dbsqlc.InsertReservationsParams) int64 {
	used := int64(0)
	for _, credit := range held.Credits {
		used += credit
	}
	charge, _ := portal.AfterCredit(portal.NewMoney(total.Amount+used, total.Currency), used)
	for i := len(held.Credits) - 1; i >= 0 && total.Amount < charge.Amount; i-- {
		part := min(held.Credits[i], charge.Amount-total.Amount)
		held.Credits[i] -= part
		held.Amounts[i] += part
		total.Amount += part
	}
	return total.Amount
}
