package portal

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// N7: the sum is the total, each part is on the step and can be charged, no two
// differ by more than a step, and no two are due on one day.
func TestPlansSplitExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := Currency(rapid.SampledFrom([]string{"USD", "JPY", "KWD", "EUR", "MGA"}).Draw(t, "currency"))
		step := ChargeStep(currency)
		total := Money{rapid.Int64Range(100_000, 9_999_999).Draw(t, "steps") * step, currency}
		issued := NewDate(2026, time.January, rapid.IntRange(1, 700).Draw(t, "issued"))
		plan := Plan{
			Parts: rapid.IntRange(1, MaxInstalments).Draw(t, "parts"), FirstOn: issued.AddDays(rapid.IntRange(1, 60).Draw(t, "first")),
			Every: rapid.SampledFrom([]PlanEvery{PlanWeekly, PlanFortnightly, PlanMonthly}).Draw(t, "every"),
		}
		if percent := rapid.IntRange(0, 90).Draw(t, "deposit"); percent > 0 {
			plan.DepositPercent = strconv.Itoa(percent)
		}
		parts, err := plan.Split(total, issued)
		if err != nil {
			t.Fatal(err)
		}
		sum, equal := int64(0), parts
		if plan.DepositPercent != "" {
			equal = parts[1:]
		}
		for n, i := range parts {
			sum += i.Amount
			if i.Seq != n+1 || n > 0 && !i.DueOn.After(parts[n-1].DueOn) {
				t.Fatalf("part %d is %+v", n, i)
			}
			if err := Chargeable(Money{i.Amount, currency}); err != nil {
				t.Fatalf("%+v: %v", i, err)
			}
		}
		if sum != total.Amount {
			t.Fatalf("the sum is %d, not %d", sum, total.Amount)
		}
		for _, i := range equal {
			if d := equal[0].Amount - i.Amount; d < 0 || d > step {
				t.Fatalf("%d and %d are more than a step apart", equal[0].Amount, i.Amount)
			}
		}
		// However much was paid, the parts know of all of it, and of no more.
		paid := rapid.Int64Range(0, total.Amount).Draw(t, "paid")
		today := issued.AddDays(rapid.IntRange(0, 1200).Draw(t, "today"))
		standings, left := Standings(parts, paid, today), int64(0)
		for _, s := range standings {
			left += s.Left
		}
		next, _ := NextDue(standings, today)
		if due := DueBy(standings, today); left != total.Amount-paid || due > left || next < due || next > left || (next == 0) != (left == 0) {
			t.Fatalf("paid %d of %d: left %d, due %d, next %d", paid, total.Amount, left, due, next)
		}
	})
}

func TestPlansKeepTheDayOfTheMonth(t *testing.T) { // N7
	parts, err := Plan{Parts: 4, FirstOn: NewDate(2027, time.December, 31), Every: PlanMonthly, DepositPercent: "30"}.Split(NewMoney(10000, "USD"), NewDate(2027, time.December, 1))
	if err != nil {
		t.Fatal(err)
	}
	want := []Instalment{
		{1, NewDate(2027, time.December, 1), 3000}, {2, NewDate(2027, time.December, 31), 1750}, {3, NewDate(2028, time.January, 31), 1750},
		{4, NewDate(2028, time.February, 29), 1750}, {5, NewDate(2028, time.March, 31), 1750},
	}
	for n := range want {
		if parts[n] != want[n] {
			t.Errorf("part %d is %+v, not %+v", n, parts[n], want[n])
		}
	}
}

func TestPlansThatCantBeMadeSayWhy(t *testing.T) { // N7
	issued := NewDate(2026, time.March, 2)
	good := Plan{Parts: 3, FirstOn: issued.AddDays(30), Every: PlanMonthly}
	for field, change := range map[string]func(*Plan, *Money){
		"plan.parts":           func(p *Plan, _ *Money) { p.Parts = 37 },
		"plan.every":           func(p *Plan, _ *Money) { p.Every = "day" },
		"plan.first_on":        func(p *Plan, _ *Money) { p.FirstOn = issued.AddDays(-1) },
		"plan.deposit_percent": func(p *Plan, _ *Money) { p.DepositPercent = "100" },
		"plan.parts ":          func(_ *Plan, m *Money) { m.Amount = 120 }, // 40 cents each
		"plan.first_on ":       func(p *Plan, _ *Money) { p.FirstOn, p.DepositPercent = issued, "10" },
	} {
		p, total := good, NewMoney(10000, "USD")
		change(&p, &total)
		_, err := p.Split(total, issued)
		refused, ok := errors.AsType[*Error](err)
		if !ok || len(refused.Fields) != 1 || refused.Fields[0].Path+" " != field+" " && refused.Fields[0].Path+" " != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestInstalmentsAreSettledEarliestFirst(t *testing.T) { // N7
	day := func(n int) Date { return NewDate(2026, time.March, n) }
	plan := []Instalment{{1, day(1), 300}, {2, day(10), 200}, {3, day(20), 200}}
	standings := Standings(plan, 350, day(15))
	if standings[0].Left != 0 || standings[0].Late || standings[1].Paid != 50 || standings[1].Left != 150 || !standings[1].Late || standings[2].Left != 200 || standings[2].Late {
		t.Errorf("they stand as %+v", standings)
	}
	if due := DueBy(standings, day(15)); due != 150 {
		t.Errorf("due are %d", due)
	}
	if amount, on := NextDue(Standings(plan, 500, day(15)), day(15)); amount != 200 || on != day(20) {
		t.Errorf("next are %d on %s", amount, on)
	}
}
