package portal

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNamedPeriodsAreThoseOfTheCalendar(t *testing.T) { // R47
	today := NewDate(2026, 11, 23)
	for name, want := range map[string]Period{
		PeriodThisMonth:   {NewDate(2026, 11, 1), today},
		PeriodLastMonth:   {NewDate(2026, 10, 1), NewDate(2026, 10, 31)},
		PeriodLastQuarter: {NewDate(2026, 7, 1), NewDate(2026, 9, 30)},
		PeriodThisYear:    {NewDate(2026, 1, 1), today},
		PeriodLastYear:    {NewDate(2025, 1, 1), NewDate(2025, 12, 31)},
	} {
		if got, ok := NamedPeriod(name, today); !ok || got != want {
			t.Errorf("%s is %v", name, got)
		}
	}
	january, _ := NamedPeriod(PeriodLastQuarter, NewDate(2026, 1, 31))
	if want := (Period{NewDate(2025, 10, 1), NewDate(2025, 12, 31)}); january != want {
		t.Errorf("in January the last quarter is %v", january)
	}
	march, _ := NamedPeriod(PeriodLastMonth, NewDate(2028, 3, 31))
	if want := (Period{NewDate(2028, 2, 1), NewDate(2028, 2, 29)}); march != want {
		t.Errorf("the month before the last day of March is %v", march)
	}
	if _, ok := NamedPeriod("", today); ok {
		t.Error("a name that is none has a period")
	}
}

func TestAPeriodIsCompletedAndEndsToday(t *testing.T) { // R47
	today := NewDate(2026, 11, 23)
	whole, err := Period{}.Within(today)
	if err != nil || whole.Until != today || !whole.FromBeginning() {
		t.Errorf("all of it is %v, %v", whole, err)
	}
	future, err := Period{NewDate(2026, 11, 1), NewDate(2027, 1, 1)}.Within(today)
	if err != nil || future.Until != today || future.FromBeginning() {
		t.Errorf("a period that isn't over is %v, %v", future, err)
	}
	if _, err := (Period{NewDate(2026, 11, 2), NewDate(2026, 11, 1)}).Within(today); CodeOf(err) != CodeInvalid {
		t.Errorf("a period that ends before it begins: %v", err)
	}
	if _, err := (Period{Since: NewDate(2027, 1, 1)}).Within(today); CodeOf(err) != CodeInvalid {
		t.Errorf("a period that is yet to come: %v", err)
	}
}

func TestAgeingCountsFromTheDayAfterTheDueDate(t *testing.T) { // R47
	at := NewDate(2026, 11, 23)
	for late, want := range map[int]Ageing{
		-1: {Current: 7}, 0: {Current: 7}, 1: {Days30: 7}, 30: {Days30: 7}, 31: {Days60: 7}, 60: {Days60: 7}, 61: {Days90: 7}, 90: {Days90: 7}, 91: {Older: 7},
	} {
		if got := Age(at, []OwedOn{{at.AddDays(-late), 7}}, 7); got != want {
			t.Errorf("%d days late: %+v", late, got)
		}
	}
}

func TestAgeingLessCreditIsTheBalance(t *testing.T) { // R47
	rapid.Check(t, func(t *rapid.T) {
		at := NewDate(2026, 11, 23)
		var owed []OwedOn
		sum := int64(0)
		for range rapid.IntRange(0, 20).Draw(t, "invoices") {
			o := OwedOn{at.AddDays(rapid.IntRange(-400, 400).Draw(t, "due")), rapid.Int64Range(0, 1_000_000).Draw(t, "amount")}
			owed, sum = append(owed, o), sum+o.Amount
		}
		account := Account{
			Opening: rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "opening"),
			Charged: rapid.Int64Range(0, 1_000_000).Draw(t, "charged"), Settled: rapid.Int64Range(0, 1_000_000).Draw(t, "settled"),
		}
		a := Age(at, owed, account.Closing())
		if a.Owed() != sum || a.Owed()-a.Credit != account.Closing() {
			t.Fatalf("%+v doesn't add up to %d of %d", a, account.Closing(), sum)
		}
	})
}
