package stripesim

// testBank is one of Stripe's published test accounts for us_bank_account, all
// at the routing number 110000000.
// https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-account-numbers
type testBank struct {
	number string
	token  string
	// failure is why a debit fails after it was processing; "" if it doesn't.
	failure string
	// dispute is why a debit that succeeded is returned later.
	dispute string
	// stuck debits stay processing.
	stuck bool
	label string
}

const testRouting = "110000000"

var testBanks = []testBank{
	{number: "000123456789", token: "pm_usBankAccount_success", label: "Debit succeeds"},
	{number: "000111111113", token: "pm_usBankAccount_accountClosed", failure: "account_closed", label: "Account closed"},
	{number: "000111111116", token: "pm_usBankAccount_noAccount", failure: "no_account", label: "No such account"},
	{number: "000222222227", token: "pm_usBankAccount_insufficientFunds", failure: "insufficient_funds", label: "Insufficient funds"},
	{number: "000333333335", token: "pm_usBankAccount_debitNotAuthorized", failure: "debit_not_authorized", label: "Not authorized"},
	{number: "000444444440", token: "pm_usBankAccount_invalidCurrency", failure: "invalid_currency"},
	{number: "000777777771", token: "pm_usBankAccount_weeklyLimitExceeded", failure: "payment_exceeds_weekly_limit"},
	{number: "000555555559", token: "pm_usBankAccount_dispute", dispute: "debit_not_authorized", label: "Succeeds, returned later"},
	{number: "000000000009", token: "pm_usBankAccount_processing", stuck: true, label: "Stays processing"},
}

// debitFailures are Stripe's sentences for why a debit failed.
var debitFailures = map[string]string{
	"account_closed":       "The customer's bank account has been closed.",
	"no_account":           "The bank account could not be located.",
	"insufficient_funds":   "The customer's account has insufficient funds to cover this payment.",
	"debit_not_authorized": "The customer has notified their bank that this payment was unauthorized.",
	"invalid_currency":     "The bank was unable to process this payment because of its currency.",
}

func bankNumbered(number string) (testBank, bool) {
	for _, b := range testBanks {
		if b.number == number {
			return b, true
		}
	}
	return testBank{}, false
}

func bankTokened(token string) (testBank, bool) {
	for _, b := range testBanks {
		if b.token == token {
			return b, true
		}
	}
	return testBank{}, false
}

// debitFailed is how an intent says that its debit failed.
func debitFailed(reason string) *problem {
	message, ok := debitFailures[reason]
	if !ok {
		message = "The payment failed."
	}
	return &problem{status: 402, kind: "card_error", code: "payment_intent_payment_attempt_failed", declineCode: reason, message: message}
}
