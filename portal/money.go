package portal

import (
	"math"
	"strconv"

	"github.com/shopspring/decimal"
)

// Money is an amount of one currency. It is never a float: Amount counts the
// currency's minor units (cents for USD, yen for JPY, fils for KWD).
type Money struct {
	Amount   int64    `json:"amount"`
	Currency Currency `json:"currency"`
}

// NewMoney is amount minor units of c.
func NewMoney(amount int64, c Currency) Money { return Money{Amount: amount, Currency: c} }

// IsZero reports whether the amount is nothing, in whatever currency.
func (m Money) IsZero() bool { return m.Amount == 0 }

// Add returns m + n. It refuses another currency, and an overflow.
func (m Money) Add(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, errMixed(m.Currency, n.Currency)
	}
	sum, ok := addInt64(m.Amount, n.Amount)
	if !ok {
		return Money{}, errTooLarge()
	}
	return Money{sum, m.Currency}, nil
}

// Sub returns m − n. It refuses another currency, and an overflow.
func (m Money) Sub(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, errMixed(m.Currency, n.Currency)
	}
	difference := m.Amount - n.Amount
	if (m.Amount < 0) != (n.Amount < 0) && (difference < 0) != (m.Amount < 0) {
		return Money{}, errTooLarge()
	}
	return Money{difference, m.Currency}, nil
}

// Neg returns −m. It refuses the one amount that has no opposite.
func (m Money) Neg() (Money, error) {
	if m.Amount == math.MinInt64 {
		return Money{}, errTooLarge()
	}
	return Money{-m.Amount, m.Currency}, nil
}

// Mul returns m × factor, rounded to whole minor units, half away from zero.
// It refuses an overflow and a factor that isn't reasonable.
func (m Money) Mul(factor decimal.Decimal) (Money, error) {
	if !reasonable(factor) {
		return Money{}, errTooLarge()
	}
	amount, ok := roundInt64(decimal.NewFromInt(m.Amount).Mul(factor), 1)
	if !ok {
		return Money{}, errTooLarge()
	}
	return Money{amount, m.Currency}, nil
}

// Sum adds up amounts, all of them in currency c; of none it is zero.
func Sum(c Currency, amounts ...Money) (Money, error) {
	total := Money{Currency: c}
	for _, m := range amounts {
		var err error
		if total, err = total.Add(m); err != nil {
			return Money{}, err
		}
	}
	return total, nil
}

// Decimal writes the amount in major units with a dot, all of the currency's
// decimals and nothing else ("1234.50", "-0.05", "1234" for JPY): for forms,
// CSV and machines. ParseMoney reads it back.
func (m Money) Decimal() string {
	whole, fraction := m.split()
	text := strconv.FormatUint(whole, 10)
	if exponent := m.Currency.Exponent(); exponent > 0 {
		text += "." + padded(fraction, exponent)
	}
	if m.Amount < 0 {
		text = "-" + text
	}
	return text
}

// split takes the amount, without its sign, apart into major and minor units.
func (m Money) split() (whole, fraction uint64) {
	amount, unit := magnitude(m.Amount), uint64(m.Currency.unit())
	return amount / unit, amount % unit
}

// magnitude is |n|, which for the smallest int64 only a uint64 can hold.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// padded writes n with zeros in front up to width digits.
func padded(n uint64, width int) string {
	text := strconv.FormatUint(n, 10)
	for len(text) < width {
		text = "0" + text
	}
	return text
}

func addInt64(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (a < 0) != (b < 0) || (sum < 0) == (a < 0)
}

// reasonable keeps decimals such as 1e9999, which are short to write and long
// to multiply, away from arithmetic.
func reasonable(d decimal.Decimal) bool {
	return d.Exponent() >= -30 && d.Exponent() <= 30 && d.Coefficient().BitLen() <= 128
}

// roundInt64 is the one rounding rule of the product: to the nearest multiple
// of step, half away from zero. It fails when the result leaves int64.
func roundInt64(d decimal.Decimal, step int64) (int64, bool) {
	unit := decimal.NewFromInt(step)
	rounded := d.DivRound(unit, 0).Mul(unit).BigInt()
	return rounded.Int64(), rounded.IsInt64()
}

func errMixed(a, b Currency) *Error {
	return Invalid("Amounts of " + string(a) + " and " + string(b) + " can't be added.")
}

func errTooLarge() *Error { return Invalid("This amount is too large.") }
