package faults

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/devstack/inbox"
	"countersign/devstack/stripesim"
	"countersign/portal"
)

// Facts are what there is after a run, on both sides.
type Facts struct {
	// The processor's side: all that ever was.
	Intents  []stripesim.Intent
	Charges  []stripesim.Charge
	Refunds  []stripesim.MoneyBack
	Disputes []stripesim.MoneyBack
	Requests []stripesim.Request

	// Ours, as the owner of the tables reads it.
	Customers    []Customer
	Invoices     []Invoice
	Payments     []Payment
	Reservations []Reservation
	Allocations  []Allocation
	Credits      []Credit
	ByHand       []ByHand
	Changes      []Change
	Webhooks     []Webhook
	Deliveries   []Delivery
	Versions     []Version
	Decisions    []Decision
	Autopays     []Autopay
	Announced    []Announced
	Noted        []Noted

	// Running are the IDs of the flows that run.
	Running []string
	// Unreplayable are the flows whose history doesn't replay on this code, with why.
	Unreplayable map[string]string
	// Mails are what the mail provider accepted.
	Mails []inbox.Email
}

// Customer is who pays.
type Customer struct {
	ID        uuid.UUID
	Processor string // its ID at the processor, empty before the first payment
}

// Invoice is what is paid.
type Invoice struct {
	ID     uuid.UUID
	Number string
	State  string
	Total  int64
	Due    int64
}

// Payment is one payment of ours.
type Payment struct {
	ID       uuid.UUID
	Customer uuid.UUID
	Status   portal.PaymentStatus
	Channel  string
	Currency portal.Currency
	Amount   int64
	Received int64
	Account  string
	Intent   string
	Session  string
	Attempt  int
	FlowOpen bool
	// Autopay is what it was begun by, if nobody began it by hand.
	Autopay *uuid.UUID
}

// Autopay is an enrolment, N7.
type Autopay struct {
	ID       uuid.UUID
	On       bool
	FlowOpen bool
}

// Announced is what a payment by autopay was announced for: what was said of it
// stands in the emails.
type Announced struct {
	Payment uuid.UUID
	Number  string // of the invoice
}

// Noted is what became of something that autopay was to charge.
type Noted struct {
	Status string
	Reason string
	// Waited says that it waited for autopay's own payment of an earlier part.
	Waited bool
}

// Reservation is an invoice held by a payment.
type Reservation struct {
	Payment uuid.UUID
	Invoice uuid.UUID
	State   string
	Amount  int64
	// At is when it was made, by the clock that Changes are written by.
	At time.Time
}

// Allocation is money on an invoice.
type Allocation struct {
	Payment *uuid.UUID
	Invoice uuid.UUID
	Amount  int64
}

// Credit is an entry of what we owe a customer.
type Credit struct {
	Payment *uuid.UUID
	Amount  int64
	Reason  string
}

// ByHand is a part of a payment that was given back past the processor.
type ByHand struct {
	Payment uuid.UUID
	Amount  int64
}

// Change is an edit or a voiding of an invoice that had been sent.
type Change struct {
	Invoice uuid.UUID
	Kind    string
	At      time.Time
}

// Webhook is an event that was stored.
type Webhook struct {
	Provider  string
	Event     string
	Type      string
	Processed bool
	Result    string
}

// Delivery is an email that was frozen; its ID is the key that it is sent with.
type Delivery struct {
	ID       uuid.UUID
	Template string
	Status   string
}

// Version is a version of an estimate that was sent.
type Version struct {
	Estimate uuid.UUID
	Version  int
	Status   string
	Hash     []byte
	SentAt   time.Time
}

// Decision is what a contact decided on an estimate.
type Decision struct {
	Estimate uuid.UUID
	Version  int
	Decision string
	Hash     []byte
	At       time.Time
}

func (f *Facts) payment(id uuid.UUID) (Payment, bool) {
	at := slices.IndexFunc(f.Payments, func(p Payment) bool { return p.ID == id })
	if at < 0 {
		return Payment{}, false
	}
	return f.Payments[at], true
}

func (f *Facts) invoice(id uuid.UUID) Invoice {
	at := slices.IndexFunc(f.Invoices, func(i Invoice) bool { return i.ID == id })
	if at < 0 {
		return Invoice{ID: id}
	}
	return f.Invoices[at]
}

// processorOf is the customer of a payment as the processor knows it.
func (f *Facts) processorOf(p Payment) string {
	for _, c := range f.Customers {
		if c.ID == p.Customer {
			return c.Processor
		}
	}
	return ""
}

// intentsOf are the intents that carry a payment's ID.
func (f *Facts) intentsOf(payment uuid.UUID) []stripesim.Intent {
	var found []stripesim.Intent
	for _, i := range f.Intents {
		if i.Metadata["payment"] == payment.String() {
			found = append(found, i)
		}
	}
	return found
}
