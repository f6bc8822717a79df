package pdf

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"countersign/portal"
)

func TestWhatIsMeasuredIsWhatIsDrawn(t *testing.T) {
	t.Parallel()
	for _, f := range typefaces() {
		pdf := fpdf.New("P", "pt", "A4", "")
		pdf.AddUTF8FontFromBytes(f.family, "", []byte(f.file))
		pdf.SetFont(f.family, "", 10)
		glyphs := 0
		for r := range rune(len(f.advances)) {
			if !f.has(r) || r >= 0xd800 && r <= 0xdfff {
				continue
			}
			glyphs++
			if got, want := int(f.advances[r]), pdf.GetStringSymbolWidth(string(r)); got != want {
				t.Errorf("%s: %U is %d wide here, and %d in fpdf", f.family, r, got, want)
			}
		}
		if glyphs < 1900 {
			t.Errorf("%s has just %d characters", f.family, glyphs)
		}
	}
}

func TestDigitsAreAllOfOneWidth(t *testing.T) {
	t.Parallel()
	for _, id := range []faceID{regular, semibold} {
		for r := '0'; r <= '9'; r++ {
			if f := typefaces()[id]; f.advances[r] != f.advances['0'] {
				t.Errorf("%s: %c isn't as wide as 0", f.family, r)
			}
		}
	}
}

func TestEveryAmountAndDateCanBeWritten(t *testing.T) {
	t.Parallel()
	currencies := strings.Fields(`USD EUR GBP JPY CNY INR KRW RUB TRY UAH ILS VND PHP NGN GHS KZT GEL AZN PYG CRC LAK KHR MNT THB
		AED SAR KWD BHD EGP PLN CZK HUF RON BGN SEK NOK DKK ISK CHF BRL ARS MXN CLP COP PEN ZAR KES TWD HKD SGD AUD NZD CAD`)
	locales := strings.Fields(`en-US en-GB en-IN de-DE de-CH fr-FR fr-CA it-IT es-ES es-MX pt-BR nl-NL pl-PL cs-CZ sv-SE nb-NO da-DK fi-FI
		el-GR ru-RU uk-UA bg-BG tr-TR ja-JP zh-CN zh-TW ko-KR hi-IN he-IL ar-EG fa-IR vi-VN id-ID`)
	for _, locale := range locales {
		f := newFigures(locale)
		texts := []string{f.date(portal.NewDate(2026, 11, 22)), f.decimal("-1234567.25")}
		for _, c := range currencies {
			texts = append(texts, f.money(portal.NewMoney(-123456789, portal.Currency(c))))
		}
		for _, text := range texts {
			if text == "" || strings.ContainsRune(text, missing) {
				t.Errorf("%s: %q can't be written whole", locale, text)
			}
		}
	}
}

func TestCleanKeepsWhatCanBeDrawn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"Plain words, 12.50", "Plain words, 12.50"},
		{"Ünïcödé Ελληνικά Кириллица Żółć", "Ünïcödé Ελληνικά Кириллица Żółć"},
		{"株式会社 ハーバー 주식회사 简体 繁體", "株式会社 ハーバー 주식회사 简体 繁體"},
		{"e\u0301", "é"},
		{"a\r\nb\rc\u2028d\te", "a\nb\nc\nd e"},
		{"zero\u200bwidth\u200d\ufeff\u202e and \x00\x07 control", "zerowidth and  control"},
		{"￥1,200", "¥1,200"},
		{"5 ㎏ 𝐁𝐨𝐥𝐝", "5 ㎏ Bold"},
		{"אב", "\ufffd\ufffd"},
		{"ok \U0001f44d\U0001f3fd", "ok \ufffd"},
		{"bad \xff\xfe bytes", "bad \ufffd bytes"},
	} {
		if got := clean(test.in); got != test.want {
			t.Errorf("clean(%q) = %q, not %q", test.in, got, test.want)
		}
	}
}

func TestWrapBreaksWherePeopleWould(t *testing.T) {
	t.Parallel()
	st := style{size: 10}
	em := width("m", st)
	for _, test := range []struct {
		in    string
		limit float64
		want  []string
	}{
		{"", em, []string{""}},
		{"one two", 100 * em, []string{"one two"}},
		{"one two", width("one tw", st), []string{"one", "two"}},
		{"a\n\nb", 100 * em, []string{"a", "", "b"}},
		{"well-known", width("well-kno", st), []string{"well-", "known"}},
		{"mmmmmm", 2.5 * em, []string{"mm", "mm", "mm"}},
		{"a mmmmmm", 3.2 * em, []string{"a", "mmm", "mmm"}},
		{"図面作成。次", width("図面作成", st), []string{"図面作", "成。次"}},
		{"12\u00a0345", width("12\u00a034", st), []string{"12\u00a034", "5"}},
		{"trailing      spaces", width("spaces", st), []string{"trailing", "spaces"}},
	} {
		if got := wrap(test.in, st, test.limit); strings.Join(got, "|") != strings.Join(test.want, "|") {
			t.Errorf("wrap(%q, %.1f) = %q, not %q", test.in, test.limit, got, test.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("A plain text of a few words.", 40.0)
	f.Add(strings.Repeat("nospaces", 100), 33.0)
	f.Add("ümlaut\u0301 \x00\xff 図面作成。😀\u202e\nשלום", 7.0)
	f.Add(strings.Repeat(" ", 500)+"x", 12.0)
	f.Fuzz(func(t *testing.T, text string, limit float64) {
		if math.IsNaN(limit) {
			limit = 1
		}
		checkWrap(t, text, min(max(limit, 1), 600))
	})
}

func TestWrapLosesNothingAndFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkWrap(t, nasty().Draw(t, "text"), rapid.Float64Range(1, 600).Draw(t, "limit"))
	})
}

type failer interface {
	Fatalf(format string, args ...any)
}

func checkWrap(t failer, text string, limit float64) {
	cleaned := clean(text)
	if again := clean(cleaned); again != cleaned && again != norm.NFC.String(cleaned) {
		t.Fatalf("clean(%q) = %q, which cleans to %q", text, cleaned, again)
	}
	for _, r := range cleaned {
		if _, ok := faceOf(r, regular); !ok && r != '\n' {
			t.Fatalf("%q keeps %U, which no typeface has", text, r)
		}
	}
	lines := wrap(cleaned, body, limit)
	if got, want := unspaced(strings.Join(lines, "")), unspaced(cleaned); got != want {
		t.Fatalf("%q became %q", want, got)
	}
	for _, line := range lines {
		if width(line, body) > limit+0.001 && len([]rune(strings.TrimLeft(line, " "))) > 1 && !marked(line) {
			t.Fatalf("%q is %.2f wide, of %.2f", line, width(line, body), limit)
		}
	}
}

// marked reports whether a line is one character with marks that take no room.
func marked(line string) bool {
	wideOnes := 0
	for _, r := range line {
		if advance(r, regular) > 0 {
			wideOnes++
		}
	}
	return wideOnes <= 1
}

func unspaced(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' {
			return -1
		}
		return r
	}, text)
}

// nasty makes texts that people and machines leave in fields.
func nasty() *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{
		"word", " ", "\n", "\r\n", "\t", "\x00", "\u200b", "\u202e", "\ufeff", "\u00ad", "é", "e\u0301\u0327\u0308", "Ω", "Ж", "漢字。", "한국어",
		"שלום", "العربية", "😀", "👨\u200d👩\u200d👧", "￥", "(", ")", "\\", "\\)", "<</Length 9>>", "endstream", strings.Repeat("x", 400),
		strings.Repeat("wide ", 60), strings.Repeat("\n", 30), "\xff", "\xf0\x9f", "\ufffe", "\uffff", "\U0010ffff", "\u2028", "㎏", "ﬃ",
	})
	return rapid.OneOf(
		rapid.Map(rapid.SliceOfN(pieces, 0, 25), func(parts []string) string { return strings.Join(parts, "") }),
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 60), func(b []byte) string { return string(b) }),
		rapid.Map(pieces, func(piece string) string {
			return strings.Repeat(piece, 1+10_000/(1+len(piece)))[:min(10_000, len(piece)*100)]
		}),
	)
}

// Whatever is in a document's fields, it is drawn, its pages are numbered, and
// nothing leaves the page.
func TestAnythingCanBeDrawn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := func(name string) string { return nasty().Draw(rt, name) }
		organization := Organization{
			Name: text("name"), Email: text("email"), Phone: text("phone"), TaxID: text("tax"), Locale: text("locale"), Colour: text("colour"),
			Address: portal.Address{Line1: text("street"), City: text("city"), Country: text("country")},
			Logo:    []byte(text("logo")),
		}
		to := Party{Name: text("to"), Email: text("to's email"), Address: portal.Address{Line1: text("to's street")}}
		money := func(name string) portal.Money {
			return portal.NewMoney(rapid.Int64().Draw(rt, name), portal.Currency(rapid.SampledFrom([]string{"USD", "JPY", "KWD", "", "???"}).Draw(rt, "currency")))
		}
		var d document
		switch rapid.SampledFrom([]string{"invoice", "receipt", "statement", "certificate"}).Draw(rt, "kind") {
		case "invoice":
			invoice := Invoice{From: organization, To: to, Number: text("number"), Title: text("title"), Notes: text("notes"), Terms: text("terms"), Totals: Totals{Total: money("total"), Discount: money("discount")}}
			for range rapid.IntRange(0, 12).Draw(rt, "lines") {
				invoice.Lines = append(invoice.Lines, Line{Description: text("description"), Quantity: text("quantity"), Unit: text("unit"), TaxPercent: text("tax"), UnitPrice: money("price"), Amount: money("amount")})
			}
			d = invoice
		case "receipt":
			d = Receipt{From: organization, To: to, Number: text("number"), Method: text("method"), Reference: text("reference"), Amount: money("amount"), Credit: money("credit"),
				Allocations: []Allocation{{Invoice: text("invoice"), Title: text("title"), Amount: money("part")}}}
		case "statement":
			d = Statement{From: organization, To: to, Accounts: []Account{{Closing: money("closing"), Ageing: &Ageing{Older: money("older")}, Entries: []Entry{
				{Kind: text("kind"), Number: text("number"), Details: text("details"), Charge: money("charge"), Balance: money("balance")},
			}}}}
		default:
			d = Certificate{From: organization, To: to, Number: text("number"), ContentHash: text("hash"), Decision: Decision{By: text("by"), Reason: text("reason"), UserAgent: text("agent"), IP: text("address")}}
		}
		checkPages(t, rt, d)
	})
}

func checkPages(t *testing.T, rt *rapid.T, d document) {
	pages := read(t, written(t, d))
	checkNumbered(t, pages)
	if t.Failed() {
		rt.Fatalf("see above")
	}
	for n, p := range pages {
		for _, text := range p.texts {
			if text.x < marginSide-0.1 || text.right() > 612 || text.y < marginTop-8 || text.y > p.height-footerAt+0.1 {
				rt.Fatalf("page %d: %q at %.1f, %.1f of size %.1f leaves the page", n+1, text.text, text.x, text.y, text.size)
			}
			for _, r := range text.text {
				if unicode.Is(unicode.Cc, r) {
					rt.Fatalf("page %d: %q has a control character", n+1, text.text)
				}
			}
		}
	}
}
