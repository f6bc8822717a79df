package portal

import "time"

// DeclineClass sorts a card's refusals by what can help.
type DeclineClass string

// The classes.
const (
	// DeclineRetry: the same card may work later; worth a scheduled retry.
	DeclineRetry DeclineClass = "retry"
	// DeclineCustomer: only the customer can help, with the bank or another card.
	DeclineCustomer DeclineClass = "customer"
	// DeclineNever: this card must not be tried again. The card networks fine
	// for it.
	DeclineNever DeclineClass = "never"
)

// ClassifyDecline sorts one of Stripe's decline codes. A code that isn't known
// is the customer's to act on: it is never retried on its own, nor is the card
// written off. https://docs.stripe.com/declines/codes
func ClassifyDecline(code string) DeclineClass {
	switch code {
	case "processing_error", "issuer_not_available", "try_again_later", "insufficient_funds":
		return DeclineRetry
	case "lost_card", "stolen_card", "pickup_card", "fraudulent", "expired_card", "incorrect_number",
		"revocation_of_authorization", "transaction_not_allowed":
		return DeclineNever
	default:
		return DeclineCustomer
	}
}

// DeclineMessage says to the customer what happened and what helps. It never
// tells that a card was reported lost or stolen, or suspected of fraud: who
// holds the card may not be its owner. Stripe asks for the same.
func DeclineMessage(code string) string {
	switch code {
	case "insufficient_funds":
		return "There was not enough money in the account. You can try again later or pay another way."
	case "processing_error", "issuer_not_available", "try_again_later":
		return "Your bank could not be reached. Nothing was charged. You can try again later."
	case "authentication_required":
		return "Your bank wants you to confirm this payment. Please pay again and follow its steps."
	case "setup_intent_authentication_failure", "payment_intent_authentication_failure":
		return "Your bank could not confirm that it is you. You can try again, or use another card."
	case "card_not_supported", "transaction_not_allowed":
		return "This card can't be used for this payment. Please pay another way."
	case "expired_card":
		return "This card has expired. Please use another card."
	case "incorrect_number":
		return "The card number is not right. Please enter it again or use another card."
	case "incorrect_cvc", "invalid_cvc":
		return "The card's security code is not right. Please enter it again."
	case "account_closed", "no_account", "bank_account_unusable", "bank_account_restricted", "debit_not_authorized":
		return "This bank account can't be charged. Please pay another way."
	default:
		return "Your bank declined the card. Please ask your bank, or pay another way."
	}
}

// ReturnMessage says to the customer why their bank took a payment back, from
// Stripe's reason of a dispute. https://docs.stripe.com/disputes/categories
func ReturnMessage(reason string) string {
	switch reason {
	case "insufficient_funds":
		return "There was not enough money in the account."
	case "debit_not_authorized", "bank_cannot_process", "incorrect_account_details":
		return "The bank could not take it from the account."
	case "duplicate":
		return "It was reported as charged twice."
	case "fraudulent", "unrecognized":
		return "It was reported as not recognized."
	case "product_not_received", "product_unacceptable", "subscription_canceled", "credit_not_processed":
		return "It was disputed with the bank."
	default:
		return "The bank gave no reason that helps."
	}
}

// CustomerCode is as much of a decline code as the customer may know: never that a
// card was reported lost or stolen, or suspected of fraud.
func CustomerCode(code string) string {
	switch code {
	case "", "insufficient_funds", "processing_error", "issuer_not_available", "try_again_later", "authentication_required",
		"card_not_supported", "expired_card", "incorrect_number", "incorrect_cvc", "invalid_cvc",
		"account_closed", "no_account", "bank_account_unusable", "bank_account_restricted", "debit_not_authorized":
		return code
	default:
		return "generic_decline"
	}
}

// MaxTries is how often one payment is tried at most, the first try included.
// It stays within the card networks' limits.
const MaxTries = 4

// RetryWindow is how long after its first try a declined payment stays open.
const RetryWindow = 15 * 24 * time.Hour

// NextRetry says when to try again after attempt tries (1 after the first
// decline) of a payment first tried at first: on the 1st, 5th and 12th day
// after it, at nine in the morning in loc, when money has moved overnight and
// people are there to read the email. It is false when the tries are used up.
func NextRetry(attempt int, first time.Time, loc *time.Location) (time.Time, bool) {
	days := [MaxTries - 1]int{1, 5, 12}
	if attempt < 1 || attempt > len(days) {
		return time.Time{}, false
	}
	return NineOn(DateOf(first, loc).AddDays(days[attempt-1]), loc), true
}

// maxDebits is how often one bank debit is tried at most: Nacha lets a debit that
// was returned be presented twice more.
const maxDebits = 3

// Declined is a try that a bank refused, as the schedule of retries looks at it.
type Declined struct {
	// Code is the processor's, such as insufficient_funds.
	Code string
	// Kind is card or bank_debit.
	Kind string
	// Attempt counts the tries so far, this one included, whoever asked for them.
	Attempt int
	// First is when the payment was begun, and At when this try was refused.
	First, At time.Time
}

// NextTry says when the schedule tries again. It is false when the refusal is none
// that passes by itself, or the tries or the days are used up. Days that went by
// while the bank took its time, or somebody tried by hand, are not made up for.
func (d Declined) NextTry(loc *time.Location) (time.Time, bool) {
	if ClassifyDecline(d.Code) != DeclineRetry || d.Kind == "bank_debit" && d.Attempt >= maxDebits {
		return time.Time{}, false
	}
	for n := d.Attempt; ; n++ {
		at, ok := NextRetry(n, d.First, loc)
		if !ok || at.After(d.At) {
			return at, ok
		}
	}
}
