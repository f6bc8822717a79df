package portal

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// PlanEvery is how far apart the instalments of a plan are.
type PlanEvery string

// The distances.
const (
	PlanWeekly      PlanEvery = "week"
	PlanFortnightly PlanEvery = "two_weeks"
	PlanMonthly     PlanEvery = "month"
)

// MaxInstalments is how many parts a plan has at most, its deposit not counted.
const MaxInstalments = 36

// Plan is how the total of an invoice is to be paid in parts: a deposit on the day
// of its issue, if one is asked for, and equal parts after it.
type Plan struct {
	// DepositPercent of the total is due on the day of issue; none is no deposit.
	DepositPercent string `json:"deposit_percent,omitempty"`
	// Parts share what is left; FirstOn is when the first of them is due.
	Parts   int       `json:"parts"`
	FirstOn Date      `json:"first_on"`
	Every   PlanEvery `json:"every"`
}

// Instalment is one part of an invoice, in minor units, and when it is due.
type Instalment struct {
	Seq    int   `json:"seq"`
	DueOn  Date  `json:"due_on"`
	Amount int64 `json:"amount"`
}

// Split makes the instalments of a total: their sum is the total, each is on the
// currency's step but the last, and of what doesn't divide evenly the earlier ones
// take one step more. It says what is wrong with the plan, field by field.
func (p Plan) Split(total Money, issued Date) ([]Instalment, error) {
	deposit, err := p.check(total, issued)
	if err != nil {
		return nil, err
	}
	var all []Instalment
	add := func(on Date, amount int64) { all = append(all, Instalment{len(all) + 1, on, amount}) }
	if deposit > 0 {
		add(issued, deposit)
	}
	left, step, parts := total.Amount-deposit, ChargeStep(total.Currency), int64(p.Parts)
	each, more := left/step/parts, left/step%parts
	for n := range parts {
		amount := each * step
		if n < more {
			amount += step
		}
		if n == parts-1 {
			amount += left % step // what no step takes
		}
		add(p.day(int(n)), amount)
	}
	for _, i := range all {
		if least := LeastChargeable(Money{1, total.Currency}); i.Amount < least.Amount {
			return nil, Invalid("The instalments would be too small to be charged.", Field("plan.parts", "Choose fewer: each must be %s or more.", least.Decimal()))
		}
	}
	return all, nil
}

// check says what is wrong with the plan, and how much its deposit is.
func (p Plan) check(total Money, issued Date) (deposit int64, err error) {
	switch {
	case p.Parts < 1 || p.Parts > MaxInstalments:
		return 0, Invalid("This plan can't be made.", Field("plan.parts", "Enter a number from 1 to %d.", MaxInstalments))
	case p.Every != PlanWeekly && p.Every != PlanFortnightly && p.Every != PlanMonthly:
		return 0, Invalid("This plan can't be made.", Field("plan.every", "Choose how far apart the instalments are."))
	case p.FirstOn.Before(issued):
		return 0, Invalid("This plan can't be made.", Field("plan.first_on", "Choose the day of issue or a later one."))
	case total.Amount <= 0:
		return 0, Invalid("This plan can't be made.", Field("plan.parts", "There is nothing to pay in parts."))
	case p.DepositPercent == "":
		return 0, nil
	}
	percent, err := decimal.NewFromString(p.DepositPercent)
	if err != nil || percent.IsNegative() || percent.GreaterThanOrEqual(decimal.NewFromInt(100)) {
		return 0, Invalid("This plan can't be made.", Field("plan.deposit_percent", "Enter a percentage below 100."))
	}
	deposit = RoundToStep(Money{percent.Mul(decimal.NewFromInt(total.Amount)).Div(decimal.NewFromInt(100)).Round(0).IntPart(), total.Currency}).Amount
	switch {
	case deposit > 0 && !issued.Before(p.FirstOn):
		return 0, Invalid("This plan can't be made.", Field("plan.first_on", "The deposit is due on the day of issue: choose a later day."))
	case deposit >= total.Amount:
		return 0, Invalid("This plan can't be made.", Field("plan.deposit_percent", "This leaves nothing to pay later."))
	}
	return deposit, nil
}

// day is when the part of number n is due, from 0. Months keep the day of the
// month, or end earlier.
func (p Plan) day(n int) Date {
	switch p.Every {
	case PlanWeekly:
		return p.FirstOn.AddDays(7 * n)
	case PlanFortnightly:
		return p.FirstOn.AddDays(14 * n)
	}
	day := NewDate(p.FirstOn.Year, p.FirstOn.Month+time.Month(n), p.FirstOn.Day)
	if day.Day != p.FirstOn.Day {
		day = day.AddDays(-day.Day)
	}
	return day
}

// Words say the plan in a line: "30% deposit, then 3 monthly instalments".
func (p Plan) Words() string {
	every := map[PlanEvery]string{PlanWeekly: "weekly", PlanFortnightly: "fortnightly", PlanMonthly: "monthly"}[p.Every]
	rest := fmt.Sprintf("%d %s instalments", p.Parts, every)
	if p.Parts == 1 {
		rest = "the rest"
		if p.DepositPercent == "" {
			rest = "one instalment"
		}
	}
	if p.DepositPercent == "" {
		return rest
	}
	return p.DepositPercent + "% deposit, then " + rest
}

// Standing is how far an instalment is paid.
type Standing struct {
	Instalment
	Paid int64 `json:"paid"`
	Left int64 `json:"left"`
	// Late says that its day has passed and that something of it is left.
	Late bool `json:"late,omitempty"`
}

// Standings settle what was paid of an invoice on its instalments, the earliest first.
func Standings(plan []Instalment, paid int64, today Date) []Standing {
	all := make([]Standing, len(plan))
	for n, i := range plan {
		part := min(i.Amount, paid)
		paid -= part
		all[n] = Standing{i, part, i.Amount - part, i.DueOn.Before(today) && part < i.Amount}
	}
	return all
}

// DueBy is what of them is to be paid until a day, that day included.
func DueBy(standings []Standing, day Date) int64 {
	due := int64(0)
	for _, s := range standings {
		if !s.DueOn.After(day) {
			due += s.Left
		}
	}
	return due
}

// NextDue is what is to be paid next: all that is due by today or, when nothing
// is, the earliest part that is left. None when all is paid.
func NextDue(standings []Standing, today Date) (amount int64, on Date) {
	for _, s := range standings {
		if s.Left == 0 {
			continue
		}
		return max(DueBy(standings, today), s.Left), s.DueOn
	}
	return 0, Date{}
}
