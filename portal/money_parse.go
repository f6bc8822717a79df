package portal

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/width"
)

// longestAmount bounds what ParseMoney looks at: the longest int64 with every
// group separated and a currency code takes 36 characters.
const longestAmount = 64

// ParseMoney reads an amount of c as a person types it: "1234.5", "1,234.50",
// "1.234,50", "1 234,50", "-5", with or without the currency's sign or code.
//
// Nothing is guessed. More decimals than c has are refused, never rounded, and
// so is a text that can be read as two amounts: "1,234" is 1234 dollars, since
// a dollar has no third decimal, but in KWD it might be 1.234 as well.
func ParseMoney(text string, c Currency) (Money, error) {
	if !c.Valid() {
		return Money{}, Invalid("This amount has no known currency.")
	}
	if len(text) > longestAmount {
		return Money{}, errNotAmount()
	}
	digits, negative := stripSign(text, c)
	if digits == "" || strings.Trim(digits, "0123456789.,'") != "" {
		return Money{}, errNotAmount()
	}

	dot, dotErr := readDecimal(digits, '.', ',', c.Exponent())
	// A lone dot is never a thousands separator: 1.234 dollars is refused
	// rather than taken for 1234.
	if !strings.Contains(digits, ",") {
		return signed(dot, negative, c, dotErr)
	}
	comma, commaErr := readDecimal(digits, ',', '.', c.Exponent())
	switch {
	case dotErr == nil && commaErr == nil && dot != comma:
		return Money{}, Invalid("This amount can be read in two ways. Write it without a thousands separator and with a decimal point.")
	case dotErr == nil || commaErr != nil:
		return signed(dot, negative, c, dotErr)
	default:
		return signed(comma, negative, c, nil)
	}
}

// stripSign takes away what surrounds the digits: spaces, the currency and a
// minus. What is left, with every space or apostrophe between digits as ', is
// for readDecimal to judge.
func stripSign(text string, c Currency) (digits string, negative bool) {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r): // marks of direction
			return -1
		case r == '−':
			return '-'
		case r == '’':
			return '\''
		}
		return r
	}, width.Narrow.String(text))
	text, negative = cutMinus(text)
	if rest, ok := cutCurrency(text, c); ok {
		text = rest
		if !negative {
			text, negative = cutMinus(text)
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(text), " ", "'"), negative
}

func cutMinus(text string) (string, bool) {
	rest, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	return strings.TrimSpace(rest), negative
}

// cutCurrency takes away c's code or one of its signs, before or after.
func cutCurrency(text string, c Currency) (string, bool) {
	for _, sign := range currencySigns(c) {
		if len(text) < len(sign) {
			continue
		}
		if head, tail := text[:len(sign)], text[len(sign):]; strings.EqualFold(head, sign) {
			return tail, true
		}
		if head, tail := text[:len(text)-len(sign)], text[len(text)-len(sign):]; strings.EqualFold(tail, sign) {
			return head, true
		}
	}
	return text, false
}

// currencySigns are the ways to write c: its code, "CA$", "$".
func currencySigns(c Currency) []string {
	signs := []string{string(c)}
	if unit, err := currency.ParseISO(string(c)); err == nil {
		p := message.NewPrinter(language.AmericanEnglish)
		signs = append(signs, p.Sprint(currency.Symbol(unit)), p.Sprint(currency.NarrowSymbol(unit)))
	}
	return signs
}

// readDecimal reads digits with the given decimal and thousands separators
// and returns minor units. Thousands may be separated or not; when they are,
// groups have three digits (before the last also two, as in India), and the
// first doesn't begin with 0.
func readDecimal(text string, point, group rune, exponent int) (uint64, error) {
	whole, fraction, hasPoint := strings.Cut(text, string(point))
	if hasPoint && (fraction == "" || strings.Trim(fraction, "0123456789") != "") {
		return 0, errNotAmount()
	}
	if len(fraction) > exponent {
		return 0, errTooManyDecimals(exponent)
	}
	if whole == "" && hasPoint {
		whole = "0"
	}
	whole, ok := ungroup(whole, group)
	if !ok {
		return 0, errNotAmount()
	}
	units, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", exponent-len(fraction)), 10, 64)
	if err != nil {
		return 0, errTooLarge()
	}
	return units, nil
}

// ungroup takes separators that stand where separators belong out of whole.
func ungroup(whole string, group rune) (string, bool) {
	separator := string(group)
	if strings.Contains(whole, "'") {
		separator = "'" // and the other isn't a digit, so they don't mix
	}
	groups := strings.Split(whole, separator)
	for i, g := range groups {
		if g == "" || strings.Trim(g, "0123456789") != "" {
			return "", false
		}
		if len(groups) > 1 && !groupFits(g, i == 0, i == len(groups)-1) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func groupFits(g string, first, last bool) bool {
	switch {
	case first:
		return len(g) <= 3 && g[0] != '0'
	case last:
		return len(g) == 3
	default:
		return len(g) == 2 || len(g) == 3
	}
}

// signed puts the sign back on units.
func signed(units uint64, negative bool, c Currency, err error) (Money, error) {
	if err != nil {
		return Money{}, err
	}
	amount := int64(units)
	if negative {
		amount = -amount
	}
	if magnitude(amount) != units || (amount < 0) != (negative && units != 0) {
		return Money{}, errTooLarge()
	}
	return Money{Amount: amount, Currency: c}, nil
}

func errNotAmount() *Error {
	return Invalid("This is not an amount. Write it in digits, such as 1234.50.")
}

func errTooManyDecimals(exponent int) *Error {
	switch exponent {
	case 0:
		return Invalid("This currency has no decimals.")
	default:
		return Invalid("This amount has too many decimals. This currency has " + strconv.Itoa(exponent) + ".")
	}
}
