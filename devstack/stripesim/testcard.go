package stripesim

import (
	"cmp"
	"strings"
)

// testCard is one of Stripe's published test cards, and what it does.
// https://docs.stripe.com/testing
type testCard struct {
	number  string
	token   string // the payment method that stands for it, pm_card_...
	brand   string
	funding string // credit unless said
	country string // US unless said
	// decline is why a charge is refused; "" if it isn't.
	decline string
	// savable: it can be saved although charging it is refused.
	savable bool
	// auth is when it asks for authentication.
	auth authentication
	// dispute is why its charges are disputed; "" if they aren't.
	dispute string
	// back is how its refunds go.
	back refundCourse
	// label is shown on the page's list of test cards; "" leaves it out.
	label string
}

type authentication int

const (
	authNever authentication = iota
	// authUnlessSaved: on session always; off session unless the card was
	// set up for that.
	authUnlessSaved
	// authAlways: on session and off; off session it can't be given.
	authAlways
	// authOnSession: like a card that was set up for off session elsewhere.
	authOnSession
)

type refundCourse int

const (
	backAtOnce refundCourse = iota
	// backLater: pending, then succeeded.
	backLater
	// backFails: succeeded, then failed.
	backFails
)

var testCards = []testCard{
	{number: "4242424242424242", token: "pm_card_visa", brand: "visa", label: "Payment succeeds"},
	{number: "4000002500003155", token: "pm_card_authenticationRequiredOnSetup", brand: "visa", auth: authUnlessSaved, label: "Authentication, once"},
	{number: "4000002760003184", token: "pm_card_authenticationRequired", brand: "visa", auth: authAlways, label: "Authentication, every time"},
	{number: "4000003800000446", token: "pm_card_authenticationRequiredSetupForOffSession", brand: "visa", auth: authOnSession},
	{number: "4000000000003220", token: "pm_card_threeDSecure2Required", brand: "visa", auth: authAlways},
	{number: "4000008260003178", token: "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", brand: "visa", auth: authAlways, decline: "insufficient_funds", savable: true, label: "Authentication, then declined"},
	{number: "4000008400001629", token: "pm_card_threeDSecureRequiredChargeDeclined", brand: "visa", auth: authAlways, decline: "generic_decline", savable: true},

	{number: "4000000000000002", token: "pm_card_chargeDeclined", brand: "visa", decline: "generic_decline", label: "Declined"},
	{number: "4000000000009995", token: "pm_card_chargeDeclinedInsufficientFunds", brand: "visa", decline: "insufficient_funds", label: "Insufficient funds"},
	{number: "4000000000009987", token: "pm_card_chargeDeclinedLostCard", brand: "visa", decline: "lost_card", label: "Lost card"},
	{number: "4000000000009979", token: "pm_card_chargeDeclinedStolenCard", brand: "visa", decline: "stolen_card", label: "Stolen card"},
	{number: "4000000000000069", token: "pm_card_chargeDeclinedExpiredCard", brand: "visa", decline: "expired_card", label: "Expired card"},
	{number: "4000000000000127", token: "pm_card_chargeDeclinedIncorrectCvc", brand: "visa", decline: "incorrect_cvc", label: "Wrong security code"},
	{number: "4000000000000119", token: "pm_card_chargeDeclinedProcessingError", brand: "visa", decline: "processing_error", label: "Processing error"},
	{number: "4242424242424241", token: "pm_card_chargeDeclinedIncorrectNumber", brand: "visa", decline: "incorrect_number"},
	{number: "4000000000006975", token: "pm_card_chargeDeclinedVelocityExceeded", brand: "visa", decline: "card_velocity_exceeded"},
	{number: "4100000000000019", token: "pm_card_radarBlock", brand: "visa", decline: "fraudulent"},
	{number: "4000000000000341", token: "pm_card_chargeCustomerFail", brand: "visa", decline: "generic_decline", savable: true, label: "Saves, then declines"},

	{number: "4000000000000259", token: "pm_card_createDispute", brand: "visa", dispute: "fraudulent", label: "Paid, then disputed"},
	{number: "4000000000002685", token: "pm_card_createDisputeProductNotReceived", brand: "visa", dispute: "product_not_received"},
	{number: "4000000000001976", token: "pm_card_createDisputeInquiry", brand: "visa", dispute: "inquiry"},
	{number: "4000000000007726", token: "pm_card_pendingRefund", brand: "visa", back: backLater},
	{number: "4000000000005126", token: "pm_card_refundFail", brand: "visa", back: backFails},
	{number: "4000000000000077", token: "pm_card_bypassPending", brand: "visa"},

	{number: "4000056655665556", token: "pm_card_visa_debit", brand: "visa", funding: "debit"},
	{number: "5555555555554444", token: "pm_card_mastercard", brand: "mastercard", label: "Mastercard"},
	{number: "2223003122003222", token: "pm_card_mastercard_2series", brand: "mastercard"},
	{number: "5200828282828210", token: "pm_card_mastercard_debit", brand: "mastercard", funding: "debit"},
	{number: "5105105105105100", token: "pm_card_mastercard_prepaid", brand: "mastercard", funding: "prepaid"},
	{number: "378282246310005", token: "pm_card_amex", brand: "amex", label: "American Express"},
	{number: "371449635398431", brand: "amex"},
	{number: "6011111111111117", token: "pm_card_discover", brand: "discover"},
	{number: "3056930009020004", token: "pm_card_diners", brand: "diners"},
	{number: "3566002020360505", token: "pm_card_jcb", brand: "jcb"},
	{number: "6200000000000005", token: "pm_card_unionpay", brand: "unionpay"},

	{number: "4000001240000000", token: "pm_card_ca", brand: "visa", country: "CA"},
	{number: "4000008260000000", token: "pm_card_gb", brand: "visa", country: "GB"},
	{number: "4000002760000016", token: "pm_card_de", brand: "visa", country: "DE"},
	{number: "4000002500000003", token: "pm_card_fr", brand: "visa", country: "FR"},
	{number: "4000003720000278", token: "pm_card_ie", brand: "visa", country: "IE"},
	{number: "4000000360000006", token: "pm_card_au", brand: "visa", country: "AU"},
	{number: "4000003920000003", token: "pm_card_jp", brand: "visa", country: "JP"},
}

// alsoNamed are the longer names that Stripe's documentation gives some tokens.
var alsoNamed = map[string]string{
	"pm_card_visa_chargeDeclined":                      "pm_card_chargeDeclined",
	"pm_card_visa_chargeDeclinedInsufficientFunds":     "pm_card_chargeDeclinedInsufficientFunds",
	"pm_card_visa_chargeDeclinedLostCard":              "pm_card_chargeDeclinedLostCard",
	"pm_card_visa_chargeDeclinedStolenCard":            "pm_card_chargeDeclinedStolenCard",
	"pm_card_visa_chargeDeclinedVelocityLimitExceeded": "pm_card_chargeDeclinedVelocityExceeded",
	"pm_card_us": "pm_card_visa",
}

func cardNumbered(number string) (testCard, bool) {
	return findCard(func(c testCard) bool { return c.number == number })
}

func cardTokened(token string) (testCard, bool) {
	if name, ok := alsoNamed[token]; ok {
		token = name
	}
	return findCard(func(c testCard) bool { return c.token != "" && c.token == token })
}

func findCard(match func(testCard) bool) (testCard, bool) {
	for _, c := range testCards {
		if match(c) {
			c.funding = cmp.Or(c.funding, "credit")
			c.country = cmp.Or(c.country, "US")
			return c, true
		}
	}
	return testCard{}, false
}

// declines says how each reason is answered: Stripe's code for some is the reason
// itself, and for the rest card_declined with the reason beside it.
// https://docs.stripe.com/declines/codes
var declines = map[string]struct{ code, message string }{
	"insufficient_funds":      {"card_declined", "Your card has insufficient funds."},
	"card_velocity_exceeded":  {"card_declined", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."},
	"card_not_supported":      {"card_declined", "Your card is not supported."},
	"expired_card":            {"expired_card", "Your card has expired."},
	"incorrect_cvc":           {"incorrect_cvc", "Your card's security code is incorrect."},
	"incorrect_number":        {"incorrect_number", "Your card number is incorrect."},
	"processing_error":        {"processing_error", "An error occurred while processing your card. Try again in a little bit."},
	"authentication_required": {"authentication_required", "Your card was declined. This transaction requires authentication."},
	"test_mode_live_card":     {"card_declined", "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing."},
}

// declined is the answer to a charge that is refused for a reason.
func declined(reason string) *problem {
	p := &problem{status: 402, kind: "card_error", code: "card_declined", declineCode: reason, message: "Your card was declined."}
	if d, ok := declines[reason]; ok {
		p.code, p.message = d.code, d.message
		if d.code == reason && reason != "authentication_required" {
			p.declineCode = ""
		}
	}
	return p
}

// luhn reports whether a card number's last digit fits the others.
func luhn(number string) bool {
	if len(number) < 12 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
