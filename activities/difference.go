package activities

import (
	"strings"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// Kinds of difference between a charge at the processor and the books.
const (
	// differsMissingHere: it holds money, or may yet, and no payment is known of it.
	differsMissingHere = "missing_here"
	// differsMissingThere: the processor has no such charge.
	differsMissingThere = "missing_there"
	// differsTwice: the payment has another charge, and this one holds money too.
	differsTwice    = "charged_twice"
	differsAmount   = "amount"
	differsCurrency = "currency"
	differsCustomer = "customer"
	differsStatus   = "status"
	differsReceived = "received"
	differsRefunded = "refunded"
	differsDisputed = "disputed"
)

// difference is one place in which a charge and the books differ.
type difference struct {
	kind         string
	payment      *uuid.UUID
	customer     *uuid.UUID
	ours, theirs string
}

// booked is what the books have of a charge.
type booked struct {
	payment *dbsqlc.PaymentsOfChargesRow
	// customer is whose charge it is, when no payment says so.
	customer *uuid.UUID
	// claimed charges have no payment and should have one.
	claimed bool
}

// differences compares a charge, nil if the processor has none, with the books.
func (b booked) differences(intent *gateway.Intent, refunds []gateway.Refund, disputes []gateway.Dispute) []difference {
	p := b.payment
	switch {
	case p == nil && (intent == nil || !b.claimed || !holdsMoney(intent.Status)):
		return nil
	case p == nil:
		return []difference{{differsMissingHere, nil, b.customer, "", string(intent.Status) + " " + moneyOf(intent.Amount, intent.Currency)}}
	}
	var found []difference
	differ := func(kind, ours, theirs string) {
		found = append(found, difference{kind, &p.ID, &p.CustomerID, ours, theirs})
	}
	booked := portal.NewMoney(p.Amount, p.Currency)
	switch {
	case intent == nil:
		differ(differsMissingThere, string(p.Status)+" "+booked.Decimal()+" "+string(p.Currency), "")
		return found
	case p.IntentID != "" && p.IntentID != intent.ID:
		if holdsMoney(intent.Status) {
			differ(differsTwice, p.IntentID, string(intent.Status)+" "+moneyOf(intent.Amount, intent.Currency))
		}
		return found
	}
	if !agrees(p.Status, intent.Status) {
		differ(differsStatus, string(p.Status), string(intent.Status))
	}
	if intent.CustomerID != p.ProcessorCustomer {
		differ(differsCustomer, p.ProcessorCustomer, intent.CustomerID)
	}
	if !strings.EqualFold(intent.Currency, string(p.Currency)) {
		// Sums of two currencies can't be compared.
		differ(differsCurrency, string(p.Currency), intent.Currency)
		return found
	}
	money := func(amount int64) string {
		return portal.NewMoney(amount, p.Currency).Decimal() + " " + string(p.Currency)
	}
	here := func(amount int64) int64 { return portal.FromProcessor(amount, p.Currency).Amount }
	compare := func(kind string, ours, theirs int64) {
		if ours != theirs {
			differ(kind, money(ours), money(theirs))
		}
	}
	compare(differsAmount, p.Amount, here(intent.Amount))
	if p.Status != portal.PaymentSucceeded || intent.Status != gateway.IntentSucceeded {
		return found
	}
	var refunded, disputed int64
	for _, r := range refunds {
		if r.Status == gateway.RefundSucceeded {
			refunded += here(r.Amount)
		}
	}
	for _, d := range disputes {
		if d.Status.MoneyTaken() {
			disputed += here(d.Amount)
		}
	}
	compare(differsReceived, p.Received, here(intent.AmountReceived))
	compare(differsRefunded, p.RefundedThere, refunded)
	compare(differsDisputed, p.Returned, disputed)
	return found
}

// holdsMoney reports whether an intent has the customer's money, or may come to
// have it without us.
func holdsMoney(s gateway.IntentStatus) bool {
	switch s {
	case gateway.IntentSucceeded, gateway.IntentProcessing, gateway.IntentRequiresCapture, gateway.IntentRequiresAction:
		return true
	}
	return false
}

// agrees reports whether a payment may be where it is while its charge is there.
// A charge that is under way may be ahead of the books for as long as its own step
// takes; whatever has moved money must have moved it in both.
func agrees(ours portal.PaymentStatus, theirs gateway.IntentStatus) bool {
	switch theirs {
	case gateway.IntentSucceeded:
		return ours == portal.PaymentSucceeded
	case gateway.IntentProcessing:
		return ours == portal.PaymentProcessing
	case gateway.IntentCanceled:
		return ours == portal.PaymentCanceled || ours == portal.PaymentFailed
	case gateway.IntentRequiresAction:
		return ours == portal.PaymentAwaitingCustomer || ours == portal.PaymentCharging
	case gateway.IntentRequiresMethod, gateway.IntentRequiresConfirmation:
		return ours != portal.PaymentSucceeded && ours != portal.PaymentProcessing
	default:
		return false
	}
}
