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

type autopayOperations struct {
	GetMyAutopay     *Operation[MyAutopayInput, AutopayOutput]
	Enrol            *Operation[EnrolInput, AutopayOutput]
	SetAutopayMethod *Operation[SetAutopayMethodInput, AutopayOutput]
	PlanCharge       *Operation[PlanChargeInput, AutopayOutput]
	EndMyAutopay     *Operation[EndMyAutopayInput, AutopayOutput]

	GetAutopay *Operation[AutopayInput, AutopayOutput]
	EndAutopay *Operation[EndAutopayInput, AutopayOutput]
}

// MyAutopayInput asks for autopay of one's company, N7.
type MyAutopayInput struct {
	Org string `path:"org" maxLength:"40"`
}

// AutopayInput asks for that of a customer.
type AutopayInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
}

// EnrolInput turns autopay on.
type EnrolInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Method uuid.UUID `json:"method" doc:"The saved card or account that is charged."`
		Credit bool      `json:"credit,omitempty" doc:"Use credit first, and charge what is left."`
		Terms  string    `json:"terms" minLength:"1" maxLength:"4000" doc:"The words that are agreed to, as they were read: others are refused. They are kept."`
	}
}

// SetAutopayMethodInput has autopay charge another saved method.
type SetAutopayMethodInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Method uuid.UUID `json:"method"`
	}
}

// PlanChargeInput takes one charge out of autopay, or lets autopay make it after all.
type PlanChargeInput struct {
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Invoice uuid.UUID   `json:"invoice"`
		DueOn   portal.Date `json:"due_on"`
		ByHand  bool        `json:"by_hand" doc:"True: it is paid by hand. False: autopay charges it after all, a day after another notice at the earliest."`
	}
}

// EndMyAutopayInput turns autopay off.
type EndMyAutopayInput struct {
	Org string `path:"org" maxLength:"40"`
}

// EndAutopayInput turns it off for a customer, who is told.
type EndAutopayInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	Body     struct {
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"For the customer; stands in the email."`
	}
}

// AutopayOutput is autopay as it stands. With status 202 it was turned on, and its
// first step has not answered yet.
type AutopayOutput struct {
	Status int
	Body   AutopayStanding
}

// AutopayStanding is autopay of one customer: on, ended, or never begun.
type AutopayStanding struct {
	Autopay *Autopay `json:"autopay,omitempty" doc:"The present enrolment, or the last one."`
	// Terms are what a contact agrees to who turns it on today.
	Terms string      `json:"terms"`
	From  portal.Date `json:"from" doc:"The first day whose dues are charged."`
	// Charges come; or would come, while it is off.
	Charges []AutopayCharge `json:"charges"`
	// ByHand is owed and not charged: Reason says why.
	ByHand []AutopayCharge `json:"by_hand"`
	Past   []AutopayCharge `json:"past" doc:"The last twenty that were made or left out."`
	// Timeline is of the present enrolment.
	Timeline []TimelineEntry `json:"timeline"`
}

// On reports whether anything is charged.
func (s AutopayStanding) On() bool { return s.Autopay != nil && s.Autopay.Status == portal.AutopayOn }

// Autopay is one enrolment.
type Autopay struct {
	ID        uuid.UUID            `json:"id"`
	Status    portal.AutopayStatus `json:"status" enum:"on,ended"`
	Contact   string               `json:"contact" doc:"Who turned it on, and hears of each charge."`
	Mine      bool                 `json:"mine"`
	Method    *PaymentMethod       `json:"method"`
	Credit    bool                 `json:"credit"`
	Terms     string               `json:"terms" doc:"What was agreed to, as it was read."`
	StartedAt time.Time            `json:"started_at"`
	EndedAt   *time.Time           `json:"ended_at,omitempty"`
	EndedBy   string               `json:"ended_by,omitempty"`
	EndReason string               `json:"end_reason,omitempty"`
	// WorkflowID is for staff.
	WorkflowID string `json:"workflow_id,omitempty"`
}

// AutopayCharge is one thing that is due on a day.
type AutopayCharge struct {
	Invoice uuid.UUID                  `json:"invoice"`
	Number  string                     `json:"number"`
	Title   string                     `json:"title"`
	DueOn   portal.Date                `json:"due_on"`
	Amount  portal.Money               `json:"amount"`
	Status  portal.AutopayChargeStatus `json:"status" enum:"planned,noticed,charged,skipped,canceled"`
	At      *time.Time                 `json:"at,omitempty" doc:"When it is charged."`
	Reason  string                     `json:"reason,omitempty" doc:"Why it is not, or was not."`
	Payment *uuid.UUID                 `json:"payment,omitempty"`
}

func (a *API) declareAutopay() {
	const tag = "Autopay"
	mine := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/portal/autopay" + path, summary: summary, side: portal.SideContact, action: action, tag: tag}
	}
	staff := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/console/customers/{customer}/autopay" + path, summary: summary, side: portal.SideStaff, action: action, tag: tag}
	}
	a.GetMyAutopay = declare(a, mine("get-my-autopay", http.MethodGet, "", "Read whether autopay is on, and what it charges", portal.ActionViewDocuments),
		func(ctx context.Context, _ *MyAutopayInput) (*AutopayOutput, error) {
			return a.readAutopay(ctx, http.StatusOK, principal(ctx).Customer)
		})
	enrol := mine("enrol-in-autopay", http.MethodPost, "", "Turn autopay on", portal.ActionPay)
	enrol.status = http.StatusCreated
	a.Enrol = declare(a, enrol, a.enrol)
	a.SetAutopayMethod = declare(a, mine("set-autopay-method", http.MethodPut, "/method", "Have autopay charge another saved method", portal.ActionPay), a.setAutopayMethod)
	a.PlanCharge = declare(a, mine("plan-autopay-charge", http.MethodPut, "/charges", "Take one charge out of autopay, or put it back", portal.ActionPay), a.planCharge)
	a.EndMyAutopay = declare(a, mine("end-my-autopay", http.MethodPost, "/end", "Turn autopay off", portal.ActionPay),
		func(ctx context.Context, _ *EndMyAutopayInput) (*AutopayOutput, error) {
			return a.endAutopay(ctx, principal(ctx).Customer, "")
		})
	a.GetAutopay = declare(a, staff("get-autopay", http.MethodGet, "", "Read whether a customer's autopay is on, and what it charges", portal.ActionViewDocuments),
		func(ctx context.Context, in *AutopayInput) (*AutopayOutput, error) {
			return a.readAutopay(ctx, http.StatusOK, in.Customer)
		})
	a.EndAutopay = declare(a, staff("end-autopay", http.MethodPost, "/end", "Turn a customer's autopay off", portal.ActionManagePayments),
		func(ctx context.Context, in *EndAutopayInput) (*AutopayOutput, error) {
			return a.endAutopay(ctx, in.Customer, in.Body.Reason)
		})
}

func (a *API) enrol(ctx context.Context, in *EnrolInput) (*AutopayOutput, error) {
	p := principal(ctx)
	hash, err := portal.RequestHash(in.Body)
	if err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "enrol-in-autopay", in.Key.Key)
	var offer portal.AutopayOffer
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		if offer, err = a.autopayOffer(ctx, q, p.Customer); err != nil {
			return err
		}
		if _, err := readMethod(ctx, q, in.Body.Method); err != nil {
			return err
		}
		_, err = q.GetAutopay(ctx, dbsqlc.GetAutopayParams{OrgID: p.Org, ID: id})
		if db.NotFound(err) && in.Body.Terms != offer.Terms() {
			return portal.Stale("agreement")
		}
		if db.NotFound(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	state, err := begin[workflows.AutopayState](ctx, a, start{
		id: workflows.AutopayID(id), name: workflows.AutopayName, customer: p.Customer, document: id,
		input: workflows.AutopayInput{
			AutopayRef: workflows.AutopayRef{Org: p.Org, Autopay: id},
			Request: &workflows.EnrolRequest{
				Customer: p.Customer, Method: in.Body.Method, Credit: in.Body.Credit, Terms: in.Body.Terms, From: offer.From, By: workflows.ActorOf(p), Hash: hash,
			},
			Times: a.Times.Autopay,
		},
	})
	switch {
	case errors.Is(err, errPending):
		return a.readAutopay(ctx, http.StatusAccepted, p.Customer)
	case err != nil:
		return nil, err
	case state.Refused != nil:
		return nil, state.Refused
	case !bytes.Equal(state.RequestHash, hash):
		return nil, portal.KeyReused()
	}
	return a.readAutopay(ctx, http.StatusCreated, p.Customer)
}

// autopayOffer is what a contact of the customer agrees to today.
func (a *API) autopayOffer(ctx context.Context, q *dbsqlc.Queries, customer uuid.UUID) (portal.AutopayOffer, error) {
	org, err := q.GetOrganization(ctx, principal(ctx).Org)
	if err != nil {
		return portal.AutopayOffer{}, err
	}
	owner, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: org.ID, ID: customer})
	return portal.AutopayOffer{Organization: org.Name, Customer: owner.Name, From: a.today(org), Locale: org.Locale}, err
}

func (a *API) readAutopay(ctx context.Context, status int, customer uuid.UUID) (*AutopayOutput, error) {
	out := &AutopayOutput{Status: status}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body, err = a.autopayStanding(ctx, q, customer)
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

func (a *API) autopayStanding(ctx context.Context, q *dbsqlc.Queries, customer uuid.UUID) (AutopayStanding, error) {
	p := principal(ctx)
	out := AutopayStanding{Charges: []AutopayCharge{}, ByHand: []AutopayCharge{}, Past: []AutopayCharge{}, Timeline: []TimelineEntry{}}
	offer, err := a.autopayOffer(ctx, q, customer)
	if err != nil {
		return out, err
	}
	out.Terms, out.From = offer.Terms(), offer.From
	last, err := q.LastAutopay(ctx, dbsqlc.LastAutopayParams{OrgID: p.Org, CustomerID: customer})
	if err != nil {
		return out, err
	}
	var row dbsqlc.Autopay
	kind := "card"
	for _, row = range last {
		if out.Autopay, err = a.autopayOf(ctx, q, row); err != nil {
			return out, err
		}
		if out.Timeline, err = timeline(ctx, q, p, row.ID); err != nil {
			return out, err
		}
	}
	if out.On() {
		out.From, kind = row.FromDay, out.Autopay.Method.Kind
	} else {
		row = dbsqlc.Autopay{FromDay: out.From}
	}
	if err := a.plannedCharges(ctx, q, customer, row, kind, &out); err != nil {
		return out, err
	}
	if out.Autopay == nil {
		return out, nil
	}
	past, err := q.PastChargesOfAutopay(ctx, dbsqlc.PastChargesOfAutopayParams{OrgID: p.Org, AutopayID: out.Autopay.ID})
	for _, c := range past {
		out.Past = append(out.Past, AutopayCharge{
			c.InvoiceID, c.Number, c.Title, c.DueOn, portal.NewMoney(c.Amount, c.Currency), c.Status, c.ChargeAt, c.Reason, c.PaymentID,
		})
	}
	return out, err
}

func (a *API) autopayOf(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay) (*Autopay, error) {
	p := principal(ctx)
	out := &Autopay{
		ID: row.ID, Status: row.Status, Contact: row.ContactName, Mine: row.ContactID == p.Actor, Credit: row.UseCredit, Terms: row.Terms,
		StartedAt: row.CreatedAt, EndedAt: row.EndedAt, EndedBy: row.EndedByName, EndReason: row.EndReason,
	}
	if p.Side == portal.SideStaff {
		out.WorkflowID = workflows.AutopayID(row.ID)
	}
	method, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: row.OrgID, ID: row.MethodID})
	for err == nil && method.ReplacedBy != nil { // its flow follows in a moment
		method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: row.OrgID, ID: *method.ReplacedBy})
	}
	if err != nil {
		return nil, err
	}
	out.Method = new(a.methodOf(method))
	return out, nil
}

// plannedCharges sorts what is owed into what autopay charges and what it doesn't.
func (a *API) plannedCharges(ctx context.Context, q *dbsqlc.Queries, customer uuid.UUID, row dbsqlc.Autopay, kind string, out *AutopayStanding) error {
	p := principal(ctx)
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return err
	}
	owner, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: customer})
	if err != nil {
		return err
	}
	dues, err := q.DuesOfAutopay(ctx, dbsqlc.DuesOfAutopayParams{OrgID: p.Org, AutopayID: row.ID, CustomerID: customer})
	if err != nil {
		return err
	}
	loc := zoneOf(org)
	for _, d := range dues {
		c := AutopayCharge{
			Invoice: d.InvoiceID, Number: d.Number, Title: d.Title, DueOn: d.DueOn, Amount: portal.NewMoney(d.Amount, d.Currency),
			Status: portal.AutopayChargeStatus(d.Status), Reason: d.Reason, Payment: d.PaymentID,
		}
		against := portal.ChargedByAutopay(kind, d.WaysToPay, d.Currency, owner.BankDebitAllowed)
		switch {
		case d.DueOn.Before(row.FromDay):
			c.Reason = "It was due before autopay was turned on."
			if !out.On() {
				c.Reason = "It is due already."
			}
		case against != "":
			c.Reason = against
		case c.Status == portal.ChargeCanceled:
			c.Reason = d.DecidedByName + " pays it by hand."
		case c.Status.Final():
			if c.Reason == "" {
				c.Reason = "Autopay charged it already."
			}
		default:
			at := portal.AutopayChargeAt(d.DueOn, a.now(), portal.AutopayNoticeLeast, loc)
			if portal.AutopayNoticeAt(d.DueOn, loc).After(a.now()) {
				at = portal.NineOn(d.DueOn, loc)
			}
			if c.At = d.ChargeAt; c.Status == portal.ChargePlanned {
				c.At = new(at.UTC())
			}
			out.Charges = append(out.Charges, c)
			continue
		}
		out.ByHand = append(out.ByHand, c)
	}
	return nil
}

// changeAutopay changes a customer's autopay, under its lock. It works whatever
// else is down; its flow is woken, or looks by itself.
func (a *API) changeAutopay(ctx context.Context, customer uuid.UUID, change func(q *dbsqlc.Queries, row dbsqlc.Autopay) error) (*AutopayOutput, error) {
	p := principal(ctx)
	var changed uuid.UUID
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		if _, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: customer}); err != nil {
			return err
		}
		last, err := q.LastAutopay(ctx, dbsqlc.LastAutopayParams{OrgID: p.Org, CustomerID: customer})
		if err != nil {
			return err
		}
		if len(last) == 0 {
			return portal.Conflict("Autopay is off.")
		}
		row, err := q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: p.Org, ID: last[0].ID})
		if err != nil {
			return err
		}
		changed = row.ID
		return change(q, row)
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	if err != nil {
		return nil, err
	}
	a.wake(ctx, workflows.AutopayID(changed))
	return a.readAutopay(ctx, http.StatusOK, customer)
}

// wakeAutopay has a customer's autopay look for what is due: something was sent,
// or changed.
func (a *API) wakeAutopay(ctx context.Context, customer uuid.UUID) {
	var on []dbsqlc.Autopay
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		on, err = q.LiveAutopay(ctx, dbsqlc.LiveAutopayParams{OrgID: principal(ctx).Org, CustomerID: customer})
		return err
	})
	if err != nil {
		a.Log.WarnContext(ctx, "Autopay could not be woken; it looks by itself.", "error", err)
	}
	for _, row := range on {
		a.wake(ctx, workflows.AutopayID(row.ID))
	}
}

func (a *API) endAutopay(ctx context.Context, customer uuid.UUID, reason string) (*AutopayOutput, error) {
	p := principal(ctx)
	return a.changeAutopay(ctx, customer, func(q *dbsqlc.Queries, row dbsqlc.Autopay) error {
		now := a.now()
		n, err := q.EndAutopay(ctx, dbsqlc.EndAutopayParams{
			OrgID: p.Org, ID: row.ID, EndedByKind: string(p.ActorKind), EndedBy: optional(p.Actor), EndedByName: p.Name, EndReason: reason, At: &now,
		})
		if err != nil || n == 0 {
			return err // ended already
		}
		return a.record(ctx, q, p, happened{customer: customer, kind: "autopay.ended", subject: "autopay", id: row.ID, data: map[string]any{"reason": reason}})
	})
}

func stillOn(row dbsqlc.Autopay) error {
	if row.Status != portal.AutopayOn {
		return portal.Conflict("Autopay is off.")
	}
	return nil
}

func (a *API) setAutopayMethod(ctx context.Context, in *SetAutopayMethodInput) (*AutopayOutput, error) {
	p := principal(ctx)
	return a.changeAutopay(ctx, p.Customer, func(q *dbsqlc.Queries, row dbsqlc.Autopay) error {
		if err := stillOn(row); err != nil {
			return err
		}
		// Held, so that nobody removes it meanwhile.
		method, err := q.HoldPaymentMethod(ctx, dbsqlc.HoldPaymentMethodParams{OrgID: p.Org, ID: in.Body.Method})
		if db.NotFound(err) || err == nil && (method.CustomerID != p.Customer || method.RemovedAt != nil) {
			return portal.Invalid("This card is not saved any more.", portal.Field("method", "Choose another way to pay."))
		}
		if err != nil || method.ID == row.MethodID {
			return err
		}
		owner, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: p.Customer})
		if err != nil {
			return err
		}
		if method.Kind == "bank_debit" && !owner.BankDebitAllowed {
			return portal.Invalid("Paying from a bank account is not offered to you.", portal.Field("method", "Choose a card."))
		}
		if _, err := q.SetAutopayMethod(ctx, dbsqlc.SetAutopayMethodParams{OrgID: p.Org, ID: row.ID, MethodID: method.ID, At: a.now()}); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: p.Customer, kind: "autopay.method_chosen", subject: "autopay", id: row.ID,
			data: map[string]any{"kind": method.Kind, "brand": method.Brand, "last4": method.Last4},
		})
	})
}

func (a *API) planCharge(ctx context.Context, in *PlanChargeInput) (*AutopayOutput, error) {
	p, key := principal(ctx), in.Body
	return a.changeAutopay(ctx, p.Customer, func(q *dbsqlc.Queries, row dbsqlc.Autopay) error {
		if err := stillOn(row); err != nil {
			return err
		}
		invoice, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: p.Org, ID: key.Invoice})
		if db.NotFound(err) {
			return portal.NotFound("invoice")
		}
		if err != nil {
			return err
		}
		now := a.now()
		charge, err := a.chargeOf(ctx, q, row, invoice.ID, key.DueOn)
		if err != nil {
			return err
		}
		to, kind := portal.ChargeCanceled, "autopay.charge_canceled"
		if !key.ByHand {
			to, kind = portal.ChargePlanned, "autopay.charge_restored"
		}
		switch {
		case charge.Status == to, !key.ByHand && charge.Status == portal.ChargeNoticed:
			return nil
		case charge.Status == portal.ChargeMade:
			return portal.Conflict("Autopay has begun to pay invoice %s already.", invoice.Number)
		case charge.Status == portal.ChargeSkipped:
			return portal.Conflict("Autopay has left out invoice %s already: %s", invoice.Number, charge.Reason)
		}
		if _, err := q.MoveAutopayCharge(ctx, dbsqlc.MoveAutopayChargeParams{
			OrgID: p.Org, AutopayID: row.ID, InvoiceID: invoice.ID, DueOn: key.DueOn, Status: to, DecidedByName: p.Name, At: now, FromStatus: []string{string(charge.Status)},
		}); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			customer: p.Customer, kind: kind, subject: "invoice", id: invoice.ID, data: map[string]any{"number": invoice.Number, "due_on": key.DueOn},
		})
	})
}

// chargeOf is the charge of what is due on a day, locked. It is stored when it
// is decided on for the first time.
func (a *API) chargeOf(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay, invoice uuid.UUID, dueOn portal.Date) (dbsqlc.AutopayCharge, error) {
	lock := dbsqlc.LockAutopayChargeParams{OrgID: row.OrgID, AutopayID: row.ID, InvoiceID: invoice, DueOn: dueOn}
	charge, err := q.LockAutopayCharge(ctx, lock)
	if !db.NotFound(err) {
		return charge, err
	}
	due, err := q.DueOfAutopay(ctx, dbsqlc.DueOfAutopayParams{OrgID: row.OrgID, AutopayID: row.ID, CustomerID: row.CustomerID, InvoiceID: invoice, DueOn: dueOn})
	if err != nil {
		return charge, err
	}
	if len(due) == 0 {
		return charge, portal.NotFound("charge")
	}
	if err := q.PlanAutopayCharge(ctx, dbsqlc.PlanAutopayChargeParams{
		OrgID: row.OrgID, AutopayID: row.ID, CustomerID: row.CustomerID, InvoiceID: invoice, DueOn: dueOn, At: a.now(),
	}); err != nil {
		return charge, err
	}
	return q.LockAutopayCharge(ctx, lock)
}
