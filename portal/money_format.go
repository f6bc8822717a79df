package portal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// noBreak keeps an amount and its currency on one line.
const noBreak = "\u00a0"

// Format writes the amount for people, as locale (a BCP 47 tag such as
// "de-DE") does: "$1,234.50", "1.234,50 €". Where there is a space, it is a
// no-break space. An unknown locale is written as en-US.
//
// Separators and signs come from CLDR. Digits are always 0 to 9, which every
// font has and ParseMoney reads. A sign in a right-to-left script
// is replaced by the currency's code, because our pages run from left to right
// and the sign would change places with the number. The yen's wide form is
// written as the narrow one, which fonts without Chinese characters have too.
func (m Money) Format(locale string) string {
	tag := localeTag(locale)
	p := message.NewPrinter(latinDigits(tag))

	return m.place(p, tag, m.digits(p))
}

// place writes the amount's digits with its sign and its currency where they belong.
func (m Money) place(p *message.Printer, tag language.Tag, digits string) string {
	var b strings.Builder
	if m.Amount < 0 {
		b.WriteString(minusSign(p))
	}
	sign := currencySign(p, m.Currency)
	switch placeOf(tag) {
	case signAfter:
		b.WriteString(digits + noBreak + sign)
	case signBefore:
		b.WriteString(sign)
		if last, _ := utf8.DecodeLastRuneInString(sign); unicode.IsLetter(last) {
			b.WriteString(noBreak)
		}
		b.WriteString(digits)
	case signBeforeSpace:
		b.WriteString(sign + noBreak + digits)
	}
	return b.String()
}

// digits writes the amount without sign and currency. The whole and the
// fraction are each formatted as integers, so that no float ever holds money.
func (m Money) digits(p *message.Printer) string {
	whole, fraction := m.split()
	text := p.Sprint(number.Decimal(whole))
	if m.Currency.Exponent() == 0 {
		return text
	}
	// A one in front keeps the fraction's leading zeros.
	marked := p.Sprint(number.Decimal(uint64(m.Currency.unit())+fraction, number.NoSeparator()))
	_, one := utf8.DecodeRuneInString(marked)
	return text + decimalPoint(p) + marked[one:]
}

// decimalPoint is what stands between 1 and 5 when the locale writes 1.5.
func decimalPoint(p *message.Printer) string {
	return strings.TrimFunc(p.Sprint(number.Decimal(1.5)), unicode.IsDigit)
}

// minusSign is what stands before 1 when the locale writes −1.
func minusSign(p *message.Printer) string {
	return strings.TrimFunc(p.Sprint(number.Decimal(-1)), unicode.IsDigit)
}

func currencySign(p *message.Printer, c Currency) string {
	unit, err := currency.ParseISO(string(c))
	if err != nil {
		return string(c)
	}
	sign := p.Sprint(currency.Symbol(unit))
	for _, r := range sign {
		if unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana) {
			return string(c)
		}
	}
	return strings.ReplaceAll(sign, "￥", "¥")
}

// signPlace says where a locale puts the currency.
type signPlace int

const (
	signBeforeSpace signPlace = iota // R$ 12,50
	signBefore                       // $12.50, but KWD 12.500
	signAfter                        // 12,50 €
)

// placeOf is the currency pattern of CLDR by language, with the regions that
// differ from it.
func placeOf(tag language.Tag) signPlace {
	base, _ := tag.Base()
	region, _ := tag.Region()
	switch base.String() + "-" + region.String() {
	case "de-AT", "de-CH", "de-LI", "it-CH", "pt-BR", "es-AR", "es-UY", "es-PY":
		return signBeforeSpace
	case "es-MX", "es-US", "es-CL", "es-CO", "es-PE", "es-419", "es-GT", "es-PR", "es-DO":
		return signBefore
	}
	switch base.String() {
	case "en", "ja", "zh", "yue", "ko", "hi", "ta", "te", "th", "tr", "cy", "ga", "fil", "zu":
		return signBefore
	case "de", "fr", "es", "it", "pt", "da", "sv", "fi", "nb", "no", "nn", "is", "pl", "cs", "sk", "sl", "hr",
		"sr", "bs", "hu", "ro", "bg", "el", "et", "lv", "lt", "ru", "uk", "ca", "eu", "gl", "vi", "he", "mk", "sq":
		return signAfter
	default:
		return signBeforeSpace
	}
}

// latinDigits is tag with the digits 0 to 9.
func latinDigits(tag language.Tag) language.Tag {
	if latin, err := tag.SetTypeForKey("nu", "latn"); err == nil {
		return latin
	}
	return tag
}

// localeTag reads a BCP 47 tag; what can't be read is American English.
func localeTag(locale string) language.Tag {
	tag, err := language.Parse(locale)
	if err != nil || tag == language.Und {
		return language.AmericanEnglish
	}
	return tag
}

// FormatBrief writes about how much the amount is in as few characters as a
// chart's axis has, as locale does: "$840", "$12k", "€1.5m". It leaves out what
// is smaller than a tenth of what it names; an amount that people act on is
// written with Format.
func (m Money) FormatBrief(locale string) string {
	whole, _ := m.split()
	suffix, tenths := "", uint64(0)
	for _, scale := range []struct {
		from   uint64
		suffix string
	}{{1_000_000_000, "b"}, {1_000_000, "m"}, {1_000, "k"}} {
		if whole >= scale.from {
			whole, tenths, suffix = whole/scale.from, whole%scale.from/(scale.from/10), scale.suffix
			break
		}
	}
	p := message.NewPrinter(latinDigits(localeTag(locale)))
	digits := p.Sprint(number.Decimal(whole))
	if tenths > 0 && whole < 100 {
		digits += decimalPoint(p) + p.Sprint(number.Decimal(tenths))
	}
	return m.place(p, localeTag(locale), digits+suffix)
}
