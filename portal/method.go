package portal

import (
	"slices"
	"strings"
	"time"
)

// PaymentKindWords says how money came: by card, by bank transfer, from credit.
func PaymentKindWords(kind string) string {
	switch kind {
	case "card":
		return "Card"
	case "bank_debit":
		return "Bank debit"
	case "bank_transfer":
		return "Bank transfer"
	case "cash":
		return "Cash"
	case "check":
		return "Check"
	case "credit":
		return "Credit"
	default:
		return "Other"
	}
}

// MethodWords names a saved card or bank account, such as "Visa ending 4242". One
// that isn't saved is named by its kind.
func MethodWords(kind, brand, last4 string) string {
	switch {
	case last4 == "":
		return PaymentKindWords(kind)
	case kind == "bank_debit" && brand == "":
		return "Bank account ending " + last4
	default:
		return cardBrand(brand) + " ending " + last4
	}
}

func cardBrand(brand string) string {
	switch brand {
	case "visa":
		return "Visa"
	case "mastercard":
		return "Mastercard"
	case "amex":
		return "American Express"
	case "discover":
		return "Discover"
	case "diners":
		return "Diners Club"
	case "jcb":
		return "JCB"
	case "unionpay":
		return "UnionPay"
	case "", "unknown":
		return "Card"
	default:
		return strings.ToUpper(brand[:1]) + brand[1:]
	}
}

// MethodSetupStatus is where the saving of a card or bank account without a
// payment stands.
type MethodSetupStatus string

// The statuses of a setup.
const (
	// MethodSetupRequested: the processor has not opened its page yet.
	MethodSetupRequested MethodSetupStatus = "requested"
	// MethodSetupOpen: the processor's page is open to whoever enters the method.
	MethodSetupOpen MethodSetupStatus = "open"
	// MethodSetupSaved: the method is kept and can be charged.
	MethodSetupSaved MethodSetupStatus = "saved"
	// MethodSetupExpired: nobody finished it in time.
	MethodSetupExpired MethodSetupStatus = "expired"
	// MethodSetupFailed: the processor refused the request itself.
	MethodSetupFailed MethodSetupStatus = "failed"
)

// MethodSetupMachine says how a setup may move.
func MethodSetupMachine() Machine[MethodSetupStatus] {
	return Machine[MethodSetupStatus]{[]state[MethodSetupStatus]{
		{MethodSetupRequested, live, []MethodSetupStatus{MethodSetupOpen, MethodSetupExpired, MethodSetupFailed}},
		{MethodSetupOpen, live, []MethodSetupStatus{MethodSetupSaved, MethodSetupExpired}},
		{MethodSetupSaved, final, nil},
		{MethodSetupExpired, final, nil},
		{MethodSetupFailed, final, nil},
	}}
}

// Live reports whether the setup can still end with a saved method.
func (s MethodSetupStatus) Live() bool { return slices.Contains(MethodSetupMachine().Live(), s) }

// Final reports whether nothing more will come of the setup.
func (s MethodSetupStatus) Final() bool { return slices.Contains(MethodSetupMachine().Final(), s) }

// MethodEditStatus is where a change of a saved method stands.
type MethodEditStatus string

// The statuses of an edit.
const (
	MethodEditPending MethodEditStatus = "pending"
	MethodEditSaved   MethodEditStatus = "saved"
	// MethodEditRefused: the processor doesn't take what was entered.
	MethodEditRefused MethodEditStatus = "refused"
)

// MethodEditMachine says how an edit may move.
func MethodEditMachine() Machine[MethodEditStatus] {
	return Machine[MethodEditStatus]{[]state[MethodEditStatus]{
		{MethodEditPending, live, []MethodEditStatus{MethodEditSaved, MethodEditRefused}},
		{MethodEditSaved, final, nil},
		{MethodEditRefused, final, nil},
	}}
}

// Final reports whether the edit is carried out or refused.
func (s MethodEditStatus) Final() bool { return slices.Contains(MethodEditMachine().Final(), s) }

// CardExpired reports whether a card's last day has passed: that of its month,
// wherever on earth. A method without expiry never expires.
func CardExpired(month, year int, now time.Time) bool {
	if month == 0 || year == 0 {
		return false
	}
	return !now.Before(time.Date(year, time.Month(month)+1, 1, 12, 0, 0, 0, time.UTC))
}

// MethodUse is something under way that a saved method is needed for.
type MethodUse struct {
	Status PaymentStatus
	// Amount as people read it, and By whose it is.
	Amount string
	By     string
	// Autopay that By turned on charges it; Status and Amount say nothing then.
	Autopay bool
}

// MethodNeeded says why a saved method can't be removed now: a charge of it is
// under way. It is nil when nothing needs the method. What charges a method
// without being asked each time is to be named here, too.
func MethodNeeded(uses []MethodUse) error {
	if len(uses) == 0 {
		return nil
	}
	u := uses[0] // one reason is enough
	if u.Autopay {
		return Conflict("Autopay, which %s turned on, charges it. Choose another way to pay for autopay, or turn autopay off first.", u.By)
	}
	switch u.Status {
	case PaymentDeclined:
		return Conflict("A payment of %s by %s was declined and is tried again with it by itself. Replace it by another one, or cancel that payment first.", u.Amount, u.By)
	case PaymentAwaitingCustomer:
		return Conflict("%s has to confirm a payment of %s with it at the bank. It can be removed when that is done or canceled.", u.By, u.Amount)
	}
	return Conflict("A payment of %s by %s is being charged to it right now. It can be removed in a moment.", u.Amount, u.By)
}
