package activities

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// AutopayRef names an enrolment.
type AutopayRef struct {
	Org     uuid.UUID `json:"org"`
	Autopay uuid.UUID `json:"autopay"`
}

// EnrolRequest turns autopay on for a customer, as a contact who pays.
type EnrolRequest struct {
	Customer uuid.UUID `json:"customer"`
	Method   uuid.UUID `json:"method"`
	// Credit is used before anything is charged, N5.
	Credit bool `json:"credit"`
	// Terms are the words that By agreed to, and From the first day whose dues they are about.
	Terms string      `json:"terms"`
	From  portal.Date `json:"from"`
	By    Actor       `json:"by"`
	Hash  []byte      `json:"hash"`
}

// BeginAutopayInput is an enrolment to store. A nil Request reads what is stored.
type BeginAutopayInput struct {
	AutopayRef
	Request *EnrolRequest `json:"request,omitempty"`
}

// AutopayState is where an enrolment stands, and what it does next.
type AutopayState struct {
	Begun
	Customer uuid.UUID  `json:"customer"`
	Next     AutopayDue `json:"next"`
}

// On reports whether the enrolment charges anything.
func (s AutopayState) On() bool { return s.Status == string(portal.AutopayOn) }

// What is done about something that is due.
const (
	AutopayTell   = "notice"
	AutopayCharge = "charge"
)

// AutopayDue is the next thing that an enrolment has to do: tell of what is due on
// a day, or charge it. None, when nothing comes soon.
type AutopayDue struct {
	Do      string      `json:"do,omitempty"`
	At      time.Time   `json:"at,omitzero"`
	Invoice uuid.UUID   `json:"invoice"`
	DueOn   portal.Date `json:"due_on,omitzero"`
	Number  string      `json:"number,omitempty"`
	// Amount is what is told of.
	Amount int64 `json:"amount,omitempty"`
}

// AutopayLook asks for it.
type AutopayLook struct {
	AutopayRef
	// Least is how long before a charge it is told of, at least.
	Least time.Duration `json:"least"`
}

// autopayAhead is how many days ahead an enrolment looks: past the next notice.
const autopayAhead = 5

// AutopayName is who begins the payments of autopay, as people read it.
const AutopayName = "Autopay"

func autopayActor() Actor { return Actor{Kind: portal.ActorSystem, Name: AutopayName} }

// BeginAutopay stores an enrolment, in one transaction. A customer has one at a time.
func (a *Activities) BeginAutopay(ctx context.Context, in BeginAutopayInput) (AutopayState, error) {
	var state AutopayState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		stored, err := q.GetAutopay(ctx, dbsqlc.GetAutopayParams{OrgID: in.Org, ID: in.Autopay})
		switch {
		case err == nil:
			state = autopayState(stored)
			return nil
		case !db.NotFound(err):
			return err
		case in.Request == nil:
			return portal.NotFound("autopay")
		}
		if err := a.enrol(ctx, q, in.AutopayRef, *in.Request); err != nil {
			return err
		}
		stored, err = q.GetAutopay(ctx, dbsqlc.GetAutopayParams{OrgID: in.Org, ID: in.Autopay})
		state = autopayState(stored)
		return err
	})
	if db.Violates(err, "autopays_one_live") {
		err = portal.Conflict("Autopay is on already.")
	}
	if refused := Refusal(err); refused != nil {
		return AutopayState{Begun: Begun{Refused: refused}}, nil
	}
	return state, boundary(err)
}

func (a *Activities) enrol(ctx context.Context, q *dbsqlc.Queries, ref AutopayRef, request EnrolRequest) error {
	on, err := q.LiveAutopay(ctx, dbsqlc.LiveAutopayParams{OrgID: ref.Org, CustomerID: request.Customer})
	if err != nil {
		return err
	}
	if len(on) > 0 {
		return portal.Conflict("%s turned autopay on already.", on[0].ContactName)
	}
	contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: ref.Org, ID: request.By.ID})
	if err != nil {
		return err
	}
	if !mayAutopay(contact) || contact.CustomerID != request.Customer {
		return portal.Forbidden("You are not allowed to do this.")
	}
	if _, err := autopayMethod(ctx, q, ref.Org, request.Customer, request.Method); err != nil {
		return err
	}
	now := a.now()
	if err := q.InsertAutopay(ctx, dbsqlc.InsertAutopayParams{
		OrgID: ref.Org, ID: ref.Autopay, CustomerID: request.Customer, ContactID: contact.ID, ContactName: contact.Name, MethodID: request.Method,
		UseCredit: request.Credit, Terms: request.Terms, FromDay: request.From, RequestHash: request.Hash, At: now,
	}); err != nil {
		return err
	}
	return a.record(ctx, q, happened{
		org: ref.Org, customer: request.Customer, kind: "autopay.started", subject: "autopay", id: ref.Autopay, by: request.By, at: now,
	})
}

// mayAutopay reports whether a contact may still have something charged: with
// access, and the role of those who pay.
func mayAutopay(c dbsqlc.Contact) bool {
	return c.Access == "active" && slices.Contains(c.Roles, string(portal.RolePay))
}

// autopayMethod is a saved method that autopay can charge. It stays saved until
// the transaction ends.
func autopayMethod(ctx context.Context, q *dbsqlc.Queries, org, customer, id uuid.UUID) (dbsqlc.PaymentMethod, error) {
	if _, _, err := savedMethod(ctx, q, org, customer, id); err != nil {
		return dbsqlc.PaymentMethod{}, err
	}
	method, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: org, ID: id})
	if err != nil {
		return method, err
	}
	owner, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: org, ID: customer})
	if err == nil && method.Kind == "bank_debit" && !owner.BankDebitAllowed {
		err = portal.Invalid("Paying from a bank account is not offered to you.", portal.Field("method", "Choose a card."))
	}
	return method, err
}

func autopayState(row dbsqlc.Autopay) AutopayState {
	return AutopayState{Begun: Begun{Status: string(row.Status), RequestHash: row.RequestHash}, Customer: row.CustomerID}
}

// LookAhead reads an enrolment anew and finds what it does next. One whose
// contact can't pay any more, or whose method is gone, ends here.
func (a *Activities) LookAhead(ctx context.Context, in AutopayLook) (AutopayState, error) {
	var state AutopayState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		row, err := q.LockAutopay(ctx, dbsqlc.LockAutopayParams{OrgID: in.Org, ID: in.Autopay})
		if err != nil {
			return err
		}
		if row, err = a.stillOn(ctx, q, row); err != nil {
			return err
		}
		state = autopayState(row)
		if row.Status != portal.AutopayOn {
			return nil
		}
		org, err := q.GetOrganization(ctx, in.Org)
		if err != nil {
			return err
		}
		state.Next, err = a.nextDue(ctx, q, row, zoneOf(org))
		return err
	})
	return state, boundary(err)
}

// stillOn ends an enrolment that can't go on, and has it follow its card to the
// one that took its place.
func (a *Activities) stillOn(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay) (dbsqlc.Autopay, error) {
	if row.Status != portal.AutopayOn {
		return row, nil
	}
	contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: row.OrgID, ID: row.ContactID})
	if err != nil {
		return row, err
	}
	if !mayAutopay(contact) {
		return a.lapse(ctx, q, row, contact.Name+" can't pay in the portal any more.")
	}
	method, err := successor(ctx, q, row.OrgID, row.MethodID)
	if err != nil {
		return row, err
	}
	saved, err := q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: row.OrgID, ID: *method})
	if err != nil {
		return row, err
	}
	if saved.RemovedAt != nil {
		return a.lapse(ctx, q, row, "The card or account that it charged is not saved any more.")
	}
	if *method != row.MethodID {
		row.MethodID = *method
		_, err = q.SetAutopayMethod(ctx, dbsqlc.SetAutopayMethodParams{OrgID: row.OrgID, ID: row.ID, MethodID: *method, At: a.now()})
	}
	return row, err
}

// lapse ends an enrolment that nobody ended. Its flow tells the customer.
func (a *Activities) lapse(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay, reason string) (dbsqlc.Autopay, error) {
	now := a.now()
	if _, err := q.EndAutopay(ctx, dbsqlc.EndAutopayParams{
		OrgID: row.OrgID, ID: row.ID, EndedByKind: string(portal.ActorSystem), EndedByName: system().Name, EndReason: reason, At: &now,
	}); err != nil {
		return row, err
	}
	if err := a.record(ctx, q, happened{
		org: row.OrgID, customer: row.CustomerID, kind: "autopay.lapsed", subject: "autopay", id: row.ID, by: system(), at: now, data: map[string]any{"reason": reason},
	}); err != nil {
		return row, err
	}
	return q.GetAutopay(ctx, dbsqlc.GetAutopayParams{OrgID: row.OrgID, ID: row.ID})
}

// nextDue is the earliest of all notices and charges of an enrolment.
func (a *Activities) nextDue(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay, loc *time.Location) (AutopayDue, error) {
	var next AutopayDue
	soonest := func(due AutopayDue) {
		if next.Do == "" || due.At.Before(next.At) {
			next = due
		}
	}
	// Also what is paid by now: that nothing is charged is said when the time comes.
	noticed, err := q.NoticedChargesOfAutopay(ctx, dbsqlc.NoticedChargesOfAutopayParams{OrgID: row.OrgID, AutopayID: row.ID})
	if err != nil {
		return next, err
	}
	for _, c := range noticed {
		soonest(AutopayDue{Do: AutopayCharge, At: *c.ChargeAt, Invoice: c.InvoiceID, DueOn: c.DueOn, Number: c.Number})
	}
	method, customer, err := charged(ctx, q, row)
	if err != nil {
		return next, err
	}
	dues, err := q.DuesToTellOf(ctx, dbsqlc.DuesToTellOfParams{
		OrgID: row.OrgID, AutopayID: row.ID, CustomerID: row.CustomerID, FromDay: row.FromDay, Until: portal.DateOf(a.now(), loc).AddDays(autopayAhead),
		Kind: method.Kind, BankDebitAllowed: customer.BankDebitAllowed,
	})
	if err != nil {
		return next, err
	}
	for _, d := range dues {
		at := portal.AutopayNoticeAt(d.DueOn, loc)
		if d.Grew { // told of anew, at once
			at = a.now()
		}
		soonest(AutopayDue{AutopayTell, at, d.InvoiceID, d.DueOn, d.Number, d.Amount})
	}
	return next, nil
}

// charged are what an enrolment charges, and whom.
func charged(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay) (method dbsqlc.PaymentMethod, customer dbsqlc.Customer, err error) {
	if method, err = q.GetPaymentMethod(ctx, dbsqlc.GetPaymentMethodParams{OrgID: row.OrgID, ID: row.MethodID}); err != nil {
		return method, customer, err
	}
	customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: row.OrgID, ID: row.CustomerID})
	return method, customer, err
}

// autopayDue is what is owed of an invoice for a day, as it stands now.
type autopayDue struct {
	// Amount is 0 when it is not owed any more.
	dbsqlc.DueOfAutopayRow
	// against says why it can't be charged so, if it can't.
	against string
}

// untold is how much of it is to be told of: nothing when it was, or when it is
// not charged by autopay.
func (d autopayDue) untold() int64 {
	switch status := portal.AutopayChargeStatus(d.Status); {
	case d.against != "", status != portal.ChargePlanned && (status != portal.ChargeNoticed || d.Amount <= d.NoticedAmount):
		return 0
	default:
		return d.Amount
	}
}

func dueOf(ctx context.Context, q *dbsqlc.Queries, row dbsqlc.Autopay, of AutopayStep) (due autopayDue, err error) {
	rows, err := q.DueOfAutopay(ctx, dbsqlc.DueOfAutopayParams{OrgID: row.OrgID, AutopayID: row.ID, CustomerID: row.CustomerID, InvoiceID: of.Invoice, DueOn: of.DueOn})
	if err != nil || len(rows) == 0 {
		return due, err
	}
	method, customer, err := charged(ctx, q, row)
	due.DueOfAutopayRow, due.against = rows[0], portal.ChargedByAutopay(method.Kind, rows[0].WaysToPay, rows[0].Currency, customer.BankDebitAllowed)
	return due, err
}

// CloseAutopay marks that the flow has nothing more to do.
func (a *Activities) CloseAutopay(ctx context.Context, ref AutopayRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.CloseAutopayFlow(ctx, dbsqlc.CloseAutopayFlowParams{OrgID: ref.Org, ID: ref.Autopay})
	}))
}
