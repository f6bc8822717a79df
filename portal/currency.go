package portal

import "strings"

// Currency is an ISO 4217 code in capitals, such as "USD".
type Currency string

// ParseCurrency reads an ISO 4217 code in any case. It refuses what isn't the
// code of a currency in use; funds, metals and test codes aren't.
func ParseCurrency(text string) (Currency, error) {
	c := Currency(strings.ToUpper(strings.TrimSpace(text)))
	if !c.Valid() {
		return "", Invalid("That is not a currency in use. Write its three-letter code, such as USD.")
	}
	return c, nil
}

// Valid reports whether c is the code of a currency in use.
func (c Currency) Valid() bool {
	_, ok := exponents[c]
	return ok
}

// Exponent is the number of decimals of one major unit: 2 for USD, 0 for JPY,
// 3 for KWD. It is 2, the commonest, for a code that isn't valid.
func (c Currency) Exponent() int {
	if e, ok := exponents[c]; ok {
		return e
	}
	return 2
}

// unit is how many minor units make one major unit.
func (c Currency) unit() int64 {
	return powersOfTen[c.Exponent()]
}

var powersOfTen = [...]int64{1, 10, 100, 1000, 10000}

// exponents is ISO 4217 list one: the currencies in use, without funds codes,
// precious metals and codes for testing. It is read only.
var exponents = func() map[Currency]int {
	table := make(map[Currency]int, 160)
	for exponent, codes := range []string{
		0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF`,
		2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD
			CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
			GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
			LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
			NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
			SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST
			XCD XCG YER ZAR ZMW ZWG`,
		3: `BHD IQD JOD KWD LYD OMR TND`,
	} {
		for code := range strings.FieldsSeq(codes) {
			table[Currency(code)] = exponent
		}
	}
	return table
}()
