package portal

import (
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestChargeableKnowsTheProcessorsLimits(t *testing.T) {
	for _, test := range []struct {
		money Money
		ok    bool
	}{
		{Money{50, "USD"}, true}, {Money{49, "USD"}, false}, {Money{0, "USD"}, false}, {Money{-500, "USD"}, false},
		{Money{99_999_999, "USD"}, true}, {Money{100_000_000, "USD"}, false},
		{Money{50, "EUR"}, true}, {Money{49, "EUR"}, false},
		{Money{30, "GBP"}, true}, {Money{29, "GBP"}, false},
		{Money{50, "JPY"}, true}, {Money{49, "JPY"}, false},
		{Money{200, "AED"}, true}, {Money{199, "PLN"}, false},
		{Money{250, "DKK"}, true}, {Money{299, "SEK"}, false}, {Money{400, "HKD"}, true}, {Money{999, "MXN"}, false},
		{Money{1500, "CZK"}, true}, {Money{17499, "HUF"}, false},
		// Three decimals, of which the last must be 0.
		{Money{1230, "KWD"}, true}, {Money{1234, "KWD"}, false}, {Money{10, "TND"}, true},
		{Money{99_999_990, "KWD"}, true}, {Money{100_000_000, "KWD"}, false},
		// The processor counts these in hundredths that must be 00.
		{Money{1, "ISK"}, true}, {Money{0, "ISK"}, false}, {Money{999_999, "ISK"}, true}, {Money{1_000_000, "ISK"}, false},
		{Money{7, "UGX"}, true}, {Money{math.MaxInt64, "UGX"}, false}, {Money{math.MinInt64, "ISK"}, false},
		// And this one in whole ariary.
		{Money{100, "MGA"}, true}, {Money{150, "MGA"}, false}, {Money{99_999_999_00, "MGA"}, true}, {Money{100_000_000_00, "MGA"}, false},
		{Money{100, "???"}, false},
	} {
		err := Chargeable(test.money)
		if test.ok && err != nil {
			t.Errorf("%v: %v", test.money, err)
		}
		if !test.ok {
			wantCode(t, err, CodeInvalid)
		}
	}
}

func TestChargeableSaysTheLimitInMoney(t *testing.T) {
	for want, m := range map[string]Money{
		"The smallest payment in USD is 0.50.":              {1, "USD"},
		"The largest single payment in USD is 999999.99.":   {100_000_000, "USD"},
		"The largest single payment in KWD is 99999.990.":   {100_000_000, "KWD"},
		"The largest single payment in ISK is 999999.":      {1_000_000, "ISK"},
		"The largest single payment in MGA is 99999999.00.": {100_000_000_00, "MGA"},
		"Payments in KWD must be a multiple of 0.010.":      {1234, "KWD"},
		"Payments in MGA must be a multiple of 1.00.":       {150, "MGA"},
	} {
		if err := Chargeable(m); err == nil || err.Error() != want {
			t.Errorf("%v: got %v, want %s", m, err, want)
		}
	}
}

func TestProcessorUnitsAreNotAlwaysMinorUnits(t *testing.T) {
	for _, test := range []struct {
		money Money
		want  int64
	}{
		{Money{1234, "USD"}, 1234},
		{Money{1234, "JPY"}, 1234},
		{Money{1230, "KWD"}, 1230},
		{Money{5, "ISK"}, 500},
		{Money{5, "UGX"}, 500},
		{Money{500, "MGA"}, 5},
	} {
		got, err := ToProcessor(test.money)
		if err != nil || got != test.want {
			t.Errorf("ToProcessor(%v) = %d, %v; want %d", test.money, got, err, test.want)
		}
		if back := FromProcessor(got, test.money.Currency); back != test.money {
			t.Errorf("FromProcessor(%d) = %v, want %v", got, back, test.money)
		}
	}
	_, err := ToProcessor(Money{1, "USD"})
	wantCode(t, err, CodeInvalid)
}

func TestRoundToStepRoundsHalfAwayFromZero(t *testing.T) {
	for _, test := range []struct{ in, want Money }{
		{Money{1234, "USD"}, Money{1234, "USD"}},
		{Money{1234, "KWD"}, Money{1230, "KWD"}},
		{Money{1235, "KWD"}, Money{1240, "KWD"}},
		{Money{-1235, "KWD"}, Money{-1240, "KWD"}},
		{Money{-1234, "KWD"}, Money{-1230, "KWD"}},
		{Money{149, "MGA"}, Money{100, "MGA"}},
		{Money{150, "MGA"}, Money{200, "MGA"}},
		{Money{math.MaxInt64, "KWD"}, Money{math.MaxInt64, "KWD"}},
		{Money{math.MinInt64, "KWD"}, Money{math.MinInt64, "KWD"}},
	} {
		if got := RoundToStep(test.in); got != test.want {
			t.Errorf("RoundToStep(%v) = %v, want %v", test.in, got, test.want)
		}
	}
}

func TestWhatIsRoundedToStepIsChargeable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(currencies()).Draw(t, "currency")
		// Between the largest minimum (175 HUF) and the smallest maximum.
		m := RoundToStep(Money{rapid.Int64Range(17_600, 999_000).Draw(t, "amount"), c})
		if err := Chargeable(m); err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		amount, err := ToProcessor(m)
		if err != nil || FromProcessor(amount, c) != m {
			t.Fatalf("%v goes out as %d, %v and comes back as %v", m, amount, err, FromProcessor(amount, c))
		}
		if down := RoundDownToStep(m); down != m {
			t.Fatalf("%v, on the step, is rounded down to %v", m, down)
		}
	})
}

// N5
func TestAPartLeavesWhatCanBePaidLater(t *testing.T) {
	for _, each := range []struct {
		due  Money
		part int64
		ok   bool
	}{
		{Money{10000, "USD"}, 9980, false}, {Money{10000, "USD"}, 9950, true}, {Money{10000, "USD"}, 10000, true}, {Money{10000, "USD"}, 5000, true},
		{Money{10005, "KWD"}, 10000, true}, {Money{500, "JPY"}, 470, false}, {Money{500, "JPY"}, 450, true},
	} {
		if err := Leaves(each.due, each.part); (err == nil) != each.ok {
			t.Errorf("%d of %v: %v", each.part, each.due, err)
		}
	}
}

// What credit leaves to charge can be charged, no credit is lost or made, and no more of it is kept than that takes. // N5
func TestCreditLeavesWhatCanBeCharged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(currencies()).Draw(t, "currency")
		m := RoundToStep(Money{rapid.Int64Range(17_600, 999_000).Draw(t, "amount"), c})
		credit := rapid.Int64Range(0, 1_100_000).Draw(t, "credit")
		charge, used := AfterCredit(m, credit)
		if used < 0 || used > credit || charge.Amount+used != m.Amount || charge.Currency != c {
			t.Fatalf("%v with credit of %d is charged %v, and uses %d", m, credit, charge, used)
		}
		if charge.Amount > 0 {
			if err := Chargeable(charge); err != nil {
				t.Fatalf("%v with credit of %d is charged %v: %v", m, credit, charge, err)
			}
		}
		if unused := min(credit, m.Amount) - used; unused > 0 && charge != LeastChargeable(Money{max(1, m.Amount-credit), c}) {
			t.Fatalf("%v with credit of %d is charged %v, which leaves %d unused", m, credit, charge, unused)
		}
	})
}

// currencies are all in use, in a fixed order, so that a failure is found again.
func currencies() []Currency { return slices.Sorted(maps.Keys(exponents)) }
