package stripesim

import "strings"

// minimums are the smallest charges, in minor units.
// https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
var minimums = map[string]int64{
	"usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
	"dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000,
	"myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}

// Currencies whose amounts have no minor unit, or three decimals of which the
// last must be 0, or two of which both must be 0.
// https://docs.stripe.com/currencies#special-cases
const (
	zeroDecimal  = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
	threeDecimal = "bhd jod kwd omr tnd"
	wholeOnly    = "isk ugx"
)

func isOneOf(words, currency string) bool {
	return len(currency) == 3 && strings.Contains(words, currency)
}

// checkAmount says why an amount can't be charged; nil if it can.
func checkAmount(amount int64, currency string) *problem {
	if len(currency) != 3 || strings.Trim(currency, "abcdefghijklmnopqrstuvwxyz") != "" {
		return invalid("currency", "", "Invalid currency: %s.", currency)
	}
	least, ok := minimums[currency]
	if !ok {
		least = 1
	}
	step := int64(1)
	switch {
	case isOneOf(threeDecimal, currency):
		step = 10
	case isOneOf(wholeOnly, currency):
		step = 100
	}
	switch {
	case amount < 1:
		return invalid("amount", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	case amount < least:
		return invalid("amount", "amount_too_small", "Amount must be at least %s", money(least, currency))
	case amount > 99999999 && !isOneOf(zeroDecimal, currency):
		return invalid("amount", "amount_too_large", "Amount must be no more than %s", money(99999999, currency))
	case amount%step != 0:
		return invalid("amount", "invalid_charge_amount", "The amount must be a multiple of %d in %s.", step, strings.ToUpper(currency))
	}
	return nil
}

// decimals is how many digits of an amount come after the point.
func decimals(currency string) int {
	switch {
	case isOneOf(zeroDecimal, currency):
		return 0
	case isOneOf(threeDecimal, currency):
		return 3
	default:
		return 2
	}
}

// symbols are for the currencies that are usually written with one.
var symbols = map[string]string{
	"usd": "$", "cad": "CA$", "aud": "A$", "nzd": "NZ$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "krw": "₩",
}

// money writes an amount for people, such as $1,234.50.
func money(amount int64, currency string) string {
	places := decimals(currency)
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	digits := []byte(itoa(amount, places+1))
	whole, fraction := string(digits[:len(digits)-places]), string(digits[len(digits)-places:])
	var grouped strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			grouped.WriteByte(',')
		}
		grouped.WriteRune(d)
	}
	out := grouped.String()
	if places > 0 {
		out += "." + fraction
	}
	if symbol, ok := symbols[currency]; ok {
		return sign + symbol + out
	}
	return sign + strings.ToUpper(currency) + "\u00a0" + out
}
