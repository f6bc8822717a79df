package portal

// processorRule is what the card processor (Stripe) demands of the amounts of
// one currency, counted in the units that its API counts in.
// https://docs.stripe.com/currencies
type processorRule struct {
	// decimals of the API's unit. They are ISO 4217's, save for the few
	// currencies where the API disagrees.
	decimals int
	// step is what every amount must be a multiple of.
	step int64
	// minimum is the smallest charge. It is one step where Stripe names none:
	// then it converts to the account's own currency, and decides itself.
	minimum int64
}

// processorMaximum is the largest charge, in the API's units, in any currency.
const processorMaximum = 99_999_999

func ruleOf(c Currency) processorRule {
	rule := processorRule{decimals: c.Exponent(), step: 1}
	switch c {
	case "ISK", "UGX":
		// They lost their decimals, but the API still counts in hundredths,
		// which must be 00: 5 ISK are 500.
		rule.decimals, rule.step = 2, 100
	case "MGA":
		// ISO 4217 gives it two decimals; the API counts whole ariary.
		rule.decimals = 0
	default:
		if rule.decimals == 3 {
			// The card networks carry two decimals only.
			rule.step = 10
		}
	}
	rule.minimum = max(processorMinimum(c), rule.step)
	return rule
}

// processorMinimum is Stripe's smallest charge in the API's units, 0 where it
// names none. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
func processorMinimum(c Currency) int64 {
	switch c {
	case "GBP":
		return 30
	case "USD", "EUR", "AUD", "BRL", "CAD", "CHF", "INR", "JPY", "NZD", "SGD":
		return 50
	case "AED", "MYR", "PLN", "RON":
		return 200
	case "DKK":
		return 250
	case "NOK", "SEK":
		return 300
	case "HKD":
		return 400
	case "MXN", "THB":
		return 1000
	case "CZK":
		return 1500
	case "HUF":
		return 17500
	default:
		return 0
	}
}

// ChargeStep is the number of minor units that an amount of c must be a
// multiple of to be payable by card: 1 for most currencies, 10 for those with
// three decimals, 100 for MGA.
func ChargeStep(c Currency) int64 {
	rule := ruleOf(c)
	return max(1, rule.step*c.unit()/powersOfTen[rule.decimals])
}

// Chargeable says why m can't be charged at the processor, or nil if it can:
// amounts have a step, a smallest and a largest value in each currency.
func Chargeable(m Money) error {
	if !m.Currency.Valid() {
		return Invalid("This amount has no known currency.")
	}
	rule := ruleOf(m.Currency)
	amount, ok := rule.amount(m)
	if !ok {
		step := Money{ChargeStep(m.Currency), m.Currency}
		return Invalid("Payments in " + string(m.Currency) + " must be a multiple of " + step.Decimal() + ".")
	}
	switch {
	case amount < rule.minimum:
		least := FromProcessor(rule.minimum, m.Currency)
		return Invalid("The smallest payment in " + string(m.Currency) + " is " + least.Decimal() + ".")
	case amount > processorMaximum:
		most := FromProcessor(processorMaximum, m.Currency)
		return Invalid("The largest single payment in " + string(m.Currency) + " is " + RoundDownToStep(most).Decimal() + ".")
	}
	return nil
}

// RoundToStep rounds m, half away from zero, to an amount that is payable by
// card. Amounts within one step of what an int64 can hold stay as they are.
func RoundToStep(m Money) Money {
	step := ChargeStep(m.Currency)
	rest := m.Amount % step
	rounded := m.Amount - rest
	if 2*magnitude(rest) >= uint64(step) {
		away := step
		if m.Amount < 0 {
			away = -step
		}
		var ok bool
		if rounded, ok = addInt64(rounded, away); !ok {
			return m
		}
	}
	return Money{rounded, m.Currency}
}

// RoundDownToStep rounds m toward zero to an amount that is payable by card.
func RoundDownToStep(m Money) Money {
	return Money{m.Amount - m.Amount%ChargeStep(m.Currency), m.Currency}
}

// LeastChargeable is the smallest amount of at least m that is on the step and not
// below the smallest charge.
func LeastChargeable(m Money) Money {
	step := ChargeStep(m.Currency)
	if rest := m.Amount % step; rest > 0 {
		m.Amount += step - rest
	}
	m.Amount = max(m.Amount, FromProcessor(ruleOf(m.Currency).minimum, m.Currency).Amount)
	return m
}

// Leaves says why paying a part of what is due would leave less than can be charged
// later, or nil (N5). What can't be charged as a whole is paid as it can be.
func Leaves(due Money, part int64) error {
	rest := Money{due.Amount - part, due.Currency}
	if rest.Amount <= 0 || Chargeable(due) != nil {
		return nil
	}
	least := FromProcessor(ruleOf(due.Currency).minimum, due.Currency)
	if rest.Amount >= least.Amount {
		return nil
	}
	return Invalid("This would leave " + rest.Decimal() + ", and the smallest payment in " + string(due.Currency) + " is " + least.Decimal() + ". Pay all of it, or leave at least that.")
}

// AfterCredit is what is left to charge of an amount when credit is used first, and
// what that uses of the credit: as much as there is, less what brings the rest up to
// an amount that can be charged (N5).
func AfterCredit(amount Money, credit int64) (charge Money, used int64) {
	used = max(0, min(credit, amount.Amount))
	charge = Money{amount.Amount - used, amount.Currency}
	if charge.Amount > 0 {
		spared := min(used, LeastChargeable(charge).Amount-charge.Amount)
		charge.Amount, used = charge.Amount+spared, used-spared
	}
	return charge, used
}

// ToProcessor is m in the units of the processor's API. These are m's minor
// units, except that 5 ISK and 5 UGX are 500, and 5.00 MGA are 5. It refuses
// an amount that Chargeable refuses.
func ToProcessor(m Money) (int64, error) {
	if err := Chargeable(m); err != nil {
		return 0, err
	}
	amount, _ := ruleOf(m.Currency).amount(m)
	return amount, nil
}

// RefundToProcessor is m in the units of the processor's API, as ToProcessor. A
// refund has a step, but no smallest amount other than something.
func RefundToProcessor(m Money) (int64, error) {
	amount, ok := ruleOf(m.Currency).amount(m)
	switch {
	case !m.Currency.Valid():
		return 0, Invalid("This amount has no known currency.")
	case !ok:
		step := Money{ChargeStep(m.Currency), m.Currency}
		return 0, Invalid("This can't be given back.", Field("amount", "Enter a multiple of %s.", step.Decimal()))
	case amount <= 0:
		return 0, Invalid("This can't be given back.", Field("amount", "Enter an amount above zero."))
	}
	return amount, nil
}

// FromProcessor is an amount in the units of the processor's API as Money. It
// undoes ToProcessor.
func FromProcessor(amount int64, c Currency) Money {
	api, ours := powersOfTen[ruleOf(c).decimals], c.unit()
	if api > ours {
		return Money{amount / (api / ours), c}
	}
	return Money{amount * (ours / api), c}
}

// amount converts m to the API's units; not ok when it isn't on the step.
func (r processorRule) amount(m Money) (int64, bool) {
	api, ours := powersOfTen[r.decimals], m.Currency.unit()
	amount := m.Amount
	if ours > api {
		if amount%(ours/api) != 0 {
			return 0, false
		}
		amount /= ours / api
	}
	if api > ours {
		// Saturate: whatever is past the maximum is refused for its size.
		amount = min(max(amount, -processorMaximum-1), processorMaximum+1) * (api / ours)
	}
	return amount, amount%r.step == 0
}
