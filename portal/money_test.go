package portal

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func anyCurrency() *rapid.Generator[Currency] {
	return rapid.SampledFrom([]Currency{"USD", "EUR", "GBP", "JPY", "ISK", "UGX", "MGA", "KWD", "TND", "CHF", "INR", "XCG"})
}

func anyMoney(t *rapid.T) Money {
	return Money{rapid.Int64().Draw(t, "amount"), anyCurrency().Draw(t, "currency")}
}

func wantCode(t *testing.T, err error, code Code) {
	t.Helper()
	if CodeOf(err) != code {
		t.Errorf("error %v has code %q, want %q", err, CodeOf(err), code)
	}
}

func TestCurrenciesHaveTheDecimalsOfISO4217(t *testing.T) {
	for code, exponent := range map[Currency]int{
		"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3, "ISK": 0, "UGX": 0, "MGA": 2, "TND": 3, "XCG": 2,
	} {
		if !code.Valid() || code.Exponent() != exponent {
			t.Errorf("%s: valid %v, exponent %d, want %d", code, code.Valid(), code.Exponent(), exponent)
		}
	}
	if got := Currency("???").Exponent(); got != 2 {
		t.Errorf("an unknown currency has exponent %d, want 2", got)
	}
}

func TestParseCurrencyTakesCodesInUseOnly(t *testing.T) {
	if c, err := ParseCurrency(" usd "); err != nil || c != "USD" {
		t.Errorf("ParseCurrency(usd) = %q, %v", c, err)
	}
	for _, text := range []string{"", "US", "USDX", "XAU", "XXX", "DEM", "$"} {
		_, err := ParseCurrency(text)
		wantCode(t, err, CodeInvalid)
	}
}

func TestMoneyRefusesToMixCurrencies(t *testing.T) {
	usd, eur := NewMoney(1, "USD"), NewMoney(1, "EUR")
	_, err := usd.Add(eur)
	wantCode(t, err, CodeInvalid)
	_, err = usd.Sub(eur)
	wantCode(t, err, CodeInvalid)
	_, err = Sum("USD", usd, eur)
	wantCode(t, err, CodeInvalid)
}

func TestMoneyRefusesToOverflow(t *testing.T) {
	largest, smallest, one := NewMoney(math.MaxInt64, "JPY"), NewMoney(math.MinInt64, "JPY"), NewMoney(1, "JPY")
	for name, f := range map[string]func() (Money, error){
		"largest + 1":    func() (Money, error) { return largest.Add(one) },
		"smallest - 1":   func() (Money, error) { return smallest.Sub(one) },
		"1 - smallest":   func() (Money, error) { return one.Sub(smallest) },
		"smallest twice": func() (Money, error) { return smallest.Add(smallest) },
		"-smallest":      smallest.Neg,
		"largest × 2":    func() (Money, error) { return largest.Mul(decimal.NewFromInt(2)) },
		"1 × 1e999999":   func() (Money, error) { return one.Mul(decimal.New(1, 999_999)) },
		"sum":            func() (Money, error) { return Sum("JPY", largest, one) },
	} {
		if got, err := f(); CodeOf(err) != CodeInvalid {
			t.Errorf("%s = %v, %v; want a refusal", name, got, err)
		}
	}
}

func TestMoneyAddsUpOrRefuses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney(t)
		n := Money{rapid.Int64().Draw(t, "other"), m.Currency}
		exact := decimal.NewFromInt(m.Amount).Add(decimal.NewFromInt(n.Amount))
		sum, err := m.Add(n)
		if err == nil != exact.BigInt().IsInt64() {
			t.Fatalf("%v + %v: error %v", m, n, err)
		}
		if err != nil {
			return
		}
		if !decimal.NewFromInt(sum.Amount).Equal(exact) {
			t.Fatalf("%v + %v = %v", m, n, sum)
		}
		back, err := sum.Sub(n)
		if err != nil || back != m {
			t.Fatalf("%v - %v = %v, %v; want %v", sum, n, back, err, m)
		}
		if neg, err := n.Neg(); err == nil {
			if same, err := m.Sub(neg); err != nil || same != sum {
				t.Fatalf("%v - %v = %v, %v; want %v", m, neg, same, err, sum)
			}
		}
	})
}

func TestMulRoundsHalfAwayFromZero(t *testing.T) {
	for _, test := range []struct {
		amount int64
		factor string
		want   int64
	}{
		{5, "0.5", 3}, {-5, "0.5", -3}, {5, "0.49999999", 2}, {100, "0.075", 8}, {1, "0", 0}, {3, "-1.5", -5},
		{math.MaxInt64, "1", math.MaxInt64}, {math.MinInt64, "1", math.MinInt64},
	} {
		got, err := NewMoney(test.amount, "USD").Mul(decimal.RequireFromString(test.factor))
		if err != nil || got.Amount != test.want {
			t.Errorf("%d × %s = %v, %v; want %d", test.amount, test.factor, got, err, test.want)
		}
	}
}

func TestSumOfNothingIsZero(t *testing.T) {
	if got, err := Sum("EUR"); err != nil || !got.IsZero() || got.Currency != "EUR" {
		t.Errorf("Sum() = %v, %v", got, err)
	}
}

func TestMoneyTravelsAsJSON(t *testing.T) {
	text, err := json.Marshal(NewMoney(123450, "USD"))
	if err != nil || string(text) != `{"amount":123450,"currency":"USD"}` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestDecimalWritesMajorUnits(t *testing.T) {
	for want, m := range map[string]Money{
		"1234.50":               {123450, "USD"},
		"-0.05":                 {-5, "USD"},
		"1234":                  {1234, "JPY"},
		"1.005":                 {1005, "KWD"},
		"0.00":                  {0, "EUR"},
		"-92233720368547758.08": {math.MinInt64, "USD"},
		"9223372036854775.807":  {math.MaxInt64, "KWD"},
		"-9223372036854775808":  {math.MinInt64, "JPY"},
		"-9223372036854775.808": {math.MinInt64, "KWD"},
		"9223372036854775807":   {math.MaxInt64, "JPY"},
		"92233720368547758.07":  {math.MaxInt64, "EUR"},
		"-92233720368547758.07": {-math.MaxInt64, "EUR"},
	} {
		if got := m.Decimal(); got != want {
			t.Errorf("%d %s: got %s, want %s", m.Amount, m.Currency, got, want)
		}
	}
}

func TestParseMoneyReadsWhatPeopleType(t *testing.T) {
	for _, test := range []struct {
		text     string
		currency Currency
		want     int64
	}{
		{"1234.5", "USD", 123450},
		{"1,234.50", "USD", 123450},
		{"1.234,50", "EUR", 123450},
		{"1234,50", "EUR", 123450},
		{"1 234,50", "EUR", 123450},
		{"1\u202f234,50\u00a0€", "EUR", 123450},
		{"1'234.50", "CHF", 123450},
		{"CHF 1’234.50", "CHF", 123450},
		{"12,34,567.89", "INR", 123456789},
		{" $1,234.50 ", "USD", 123450},
		{"usd 5", "USD", 500},
		{"CA$5", "CAD", 500},
		{"$5", "CAD", 500},
		{"5 CAD", "CAD", 500},
		{".5", "USD", 50},
		{"0,5", "EUR", 50},
		{"007", "USD", 700},
		{"1,234", "USD", 123400},
		{"1,234,567", "USD", 123456700},
		{"1.234.567,8", "EUR", 123456780},
		{"1,234", "JPY", 1234},
		{"￥１，２３４", "JPY", 1234},
		{"1.234", "KWD", 1234},
		{"1,234.500", "KWD", 1234500},
		{"0,500", "KWD", 500},
		{"1234,500", "KWD", 1234500},
		{"-5", "USD", -500},
		{"−5.25", "USD", -525},
		{"$-5", "USD", -500},
		{"-$5", "USD", -500},
		{"\u200e-5", "USD", -500},
		{"0", "USD", 0},
		{"-0", "USD", 0},
		{"92233720368547758.07", "USD", math.MaxInt64},
		{"-92233720368547758.08", "USD", math.MinInt64},
	} {
		got, err := ParseMoney(test.text, test.currency)
		if err != nil || got != (Money{test.want, test.currency}) {
			t.Errorf("ParseMoney(%q, %s) = %v, %v; want %d", test.text, test.currency, got, err, test.want)
		}
	}
}

func TestParseMoneyGuessesNothing(t *testing.T) {
	for _, test := range []struct {
		text     string
		currency Currency
	}{
		{"", "USD"}, {" ", "USD"}, {"-", "USD"}, {"$", "USD"}, {".", "USD"}, {",", "USD"}, {"'", "CHF"},
		{"abc", "USD"}, {"5x", "USD"}, {"1e5", "USD"}, {"--5", "USD"}, {"-$-5", "USD"}, {"+5", "USD"}, {"0x10", "USD"},
		{"5 EUR", "USD"}, {"€5", "USD"},
		{"1.234", "USD"}, {"1.2345", "KWD"}, {"1.5", "JPY"}, {"5.", "USD"}, {"1,5,", "USD"},
		{"1 2", "USD"}, {"12 34", "USD"}, {"1,23", "JPY"}, {",123", "USD"}, {"1,,234", "USD"}, {"1234,567", "USD"},
		{"1.2.3", "USD"}, {"1,2,3", "USD"}, {"1.234.56", "USD"}, {"1,234'567", "USD"}, {"1'234,567.00", "USD"},
		// Either twelve hundred dinars or one and a bit.
		{"1,234", "KWD"}, {"12,345", "TND"},
		{"92233720368547758.08", "USD"}, {"-92233720368547758.09", "USD"}, {"99999999999999999999", "JPY"},
		{"1111111111111111111111111111111111111111111111111111111111111111111", "USD"},
		{"1", "???"}, {"1", ""},
		{"١٢٣", "USD"},
	} {
		got, err := ParseMoney(test.text, test.currency)
		if CodeOf(err) != CodeInvalid {
			t.Errorf("ParseMoney(%q, %s) = %v, %v; want a refusal", test.text, test.currency, got, err)
		}
	}
}

func TestParseMoneyReadsDecimalBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney(t)
		if got, err := ParseMoney(m.Decimal(), m.Currency); err != nil || got != m {
			t.Fatalf("%v is written %q and read %v, %v", m, m.Decimal(), got, err)
		}
	})
}

func TestParseMoneyReadsFormatBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney(t)
		if got, err := ParseMoney(m.Format("en-US"), m.Currency); err != nil || got != m {
			t.Fatalf("%v is written %q and read %v, %v", m, m.Format("en-US"), got, err)
		}
		// Elsewhere a comma may be the decimal point, and only two decimals tell
		// it from a thousands separator.
		local := rapid.SampledFrom([]struct {
			locale   string
			currency Currency
		}{
			{"de-DE", "EUR"}, {"fr-FR", "EUR"}, {"de-CH", "CHF"}, {"hi-IN", "INR"}, {"en-IN", "INR"}, {"sv-SE", "EUR"},
			{"pt-BR", "EUR"}, {"he-IL", "ILS"}, {"fa-IR", "EUR"}, {"ar-KW", "KWD"}, {"ja-JP", "JPY"},
		}).Draw(t, "local")
		m.Currency = local.currency
		if got, err := ParseMoney(m.Format(local.locale), m.Currency); err != nil || got != m {
			t.Fatalf("%v is written %q and read %v, %v", m, m.Format(local.locale), got, err)
		}
	})
}

func TestParseMoneyNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-$ ]{0,2}[0-9.,' ]{0,12}[€ ]{0,2}`)).Draw(t, "text")
		m, err := ParseMoney(text, anyCurrency().Draw(t, "currency"))
		if err != nil && !errors.Is(err, &Error{Code: CodeInvalid}) {
			t.Fatalf("ParseMoney(%q) = %v, %v", text, m, err)
		}
	})
}

func TestFormatWritesAsTheLocaleDoes(t *testing.T) {
	for _, test := range []struct {
		money  Money
		locale string
		want   string
	}{
		{Money{123450, "USD"}, "en-US", "$1,234.50"},
		{Money{-123450, "USD"}, "en-US", "-$1,234.50"},
		{Money{5, "USD"}, "en-US", "$0.05"},
		{Money{123450, "USD"}, "en-CA", "US$1,234.50"},
		{Money{123450, "CAD"}, "en-US", "CA$1,234.50"},
		{Money{123450, "GBP"}, "en-GB", "£1,234.50"},
		{Money{123450, "EUR"}, "de-DE", "1.234,50\u00a0€"},
		{Money{-123450, "EUR"}, "de-DE", "-1.234,50\u00a0€"},
		{Money{123450, "EUR"}, "de-AT", "€\u00a01\u00a0234,50"},
		{Money{123450, "CHF"}, "de-CH", "CHF\u00a01’234.50"},
		{Money{123450, "EUR"}, "fr-FR", "1\u00a0234,50\u00a0€"},
		{Money{123456789, "INR"}, "en-IN", "₹12,34,567.89"},
		{Money{1234, "JPY"}, "ja-JP", "¥1,234"},
		{Money{1234, "JPY"}, "en-US", "¥1,234"},
		{Money{123450, "BRL"}, "pt-BR", "R$\u00a01.234,50"},
		{Money{123450, "EUR"}, "pt-PT", "1\u00a0234,50\u00a0€"},
		{Money{123450, "EUR"}, "nl-NL", "€\u00a01.234,50"},
		{Money{123450, "MXN"}, "es-MX", "$1,234.50"},
		{Money{1234500, "KWD"}, "en-KW", "KWD\u00a01,234.500"},
		// A sign that runs from right to left would swap places with the number.
		{Money{1234500, "KWD"}, "ar-KW", "KWD\u00a01,234.500"},
		{Money{123450, "EGP"}, "ar", "EGP\u00a01,234.50"},
		{Money{123450, "SEK"}, "sv-SE", "1\u00a0234,50\u00a0kr"},
		{Money{-100, "SEK"}, "sv-SE", "−1,00\u00a0kr"},
		{Money{1, "XCG"}, "en-US", "XCG\u00a00.01"},
		{Money{100, "USD"}, "", "$1.00"},
		{Money{100, "USD"}, "not a locale", "$1.00"},
		{Money{100, "USD"}, "x-private", "US$\u00a01.00"},
		// Digits that every font has, and that forms read back.
		{Money{123450, "EUR"}, "ar-u-nu-arab", "€\u00a01,234.50"},
		{Money{math.MinInt64, "USD"}, "en-US", "-$92,233,720,368,547,758.08"},
	} {
		if got := test.money.Format(test.locale); got != test.want {
			t.Errorf("%v in %q: got %q, want %q", test.money, test.locale, got, test.want)
		}
	}
}

func TestFormatBriefSaysAboutHowMuch(t *testing.T) {
	for _, c := range []struct {
		amount int64
		in     Currency
		locale string
		want   string
	}{
		{840_00, "USD", "en-US", "$840"},
		{999_99, "USD", "en-US", "$999"},
		{1_200_00, "USD", "en-US", "$1.2k"},
		{50_000_00, "USD", "en-US", "$50k"},
		{150_000_00, "USD", "en-US", "$150k"},
		{1_500_000_00, "EUR", "de-DE", "1,5m\u00a0€"},
		{2_000_000_000_00, "USD", "en-US", "$2b"},
		{12_000, "JPY", "ja-JP", "¥12k"},
		{-20_000_00, "USD", "en-US", "-$20k"},
		{0, "USD", "en-US", "$0"},
	} {
		if got := NewMoney(c.amount, c.in).FormatBrief(c.locale); got != c.want {
			t.Errorf("%d %s in %s: %q, want %q", c.amount, c.in, c.locale, got, c.want)
		}
	}
}
