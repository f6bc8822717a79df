package portal

import "strings"

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
