package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"countersign/pdf/pdftest"
	"countersign/portal"
)

// everyDocument is one of each.
func everyDocument() map[string]document {
	return map[string]document{
		"invoice":     sampleInvoice(7, "USD"),
		"estimate":    sampleEstimate(7),
		"credit note": sampleCreditNote(),
		"receipt":     sampleReceipt(4),
		"statement":   sampleStatement(40, "USD", "EUR"),
		"certificate": sampleCertificate(),
	}
}

// R26, R30: a document comes as PDF, however long it is.
func TestEveryPageIsNumbered(t *testing.T) {
	for _, lines := range []int{0, 1, 30, portal.MaxLines, 2000} {
		t.Run(fmt.Sprintf("%d lines", lines), func(t *testing.T) {
			t.Parallel()
			pages := read(t, written(t, sampleInvoice(lines, "USD")))
			checkNumbered(t, pages)
			if least := lines / 40; len(pages) < least {
				t.Errorf("%d pages hold %d lines", len(pages), lines)
			}
		})
	}
	for name, d := range everyDocument() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkNumbered(t, read(t, written(t, d)))
		})
	}
}

func checkNumbered(t testing.TB, pages []page) {
	t.Helper()
	if len(pages) == 0 {
		t.Fatal("there is no page")
	}
	for i, p := range pages {
		if _, ok := p.find(fmt.Sprintf("Page %d of %d", i+1, len(pages))); !ok {
			t.Errorf("page %d doesn't say that it is one of %d", i+1, len(pages))
		}
	}
}

func TestHeadsStandOnEachPageWithLines(t *testing.T) {
	t.Parallel()
	for i, p := range read(t, written(t, sampleInvoice(200, "USD"))) {
		_, hasLines := p.find("White oak")
		for _, head := range []string{"Description", "Quantity", "Price", "Amount"} {
			if _, ok := p.find(head); hasLines && !ok {
				t.Errorf("page %d has lines without the head %q", i+1, head)
			}
		}
	}
}

func TestSumsStayTogetherWithTheLastLine(t *testing.T) {
	t.Parallel()
	for lines := 1; lines <= 30; lines++ {
		invoice := sampleInvoice(lines, "USD")
		invoice.Lines[lines-1].Description = "The last of them"
		for i, p := range read(t, written(t, invoice)) {
			_, last := p.find("The last of them")
			_, subtotal := p.find("Subtotal")
			_, total := p.find("Total (USD)")
			if last != subtotal || last != total {
				t.Errorf("%d lines: on page %d, last line %v, subtotal %v, total %v", lines, i+1, last, subtotal, total)
			}
		}
	}
}

func TestLineIsNotSplitOverPages(t *testing.T) {
	t.Parallel()
	for shift := range 20 {
		invoice := sampleInvoice(30, "USD")
		for i := range invoice.Lines {
			invoice.Lines[i].Description = fmt.Sprintf("Title %d.\nMiddle of %d\nEnd of %d.", i, i, i)
		}
		// Each time the page ends somewhere else.
		invoice.Lines[0].Description = "Title 0." + strings.Repeat("\nMiddle", shift) + "\nEnd of 0."
		for n, p := range read(t, written(t, invoice)) {
			for i := range invoice.Lines {
				_, title := p.find(fmt.Sprintf("Title %d.", i))
				_, end := p.find(fmt.Sprintf("End of %d.", i))
				if title != end {
					t.Errorf("line %d is split at page %d, %d lines further down", i, n+1, shift)
				}
			}
		}
	}
}

func TestLineTallerThanAPageGoesOn(t *testing.T) {
	t.Parallel()
	const paragraphs = 400
	var description strings.Builder
	for i := range paragraphs {
		fmt.Fprintf(&description, "Paragraph %d.\n", i)
	}
	invoice := sampleInvoice(3, "USD")
	invoice.Lines[1].Description = description.String()
	pages := read(t, written(t, invoice))
	checkNumbered(t, pages)

	next, began := 0, -1
	for n, p := range pages {
		bottom := p.height - marginBottom
		_, goesOn := p.find("Paragraph")
		if _, head := p.find("Description"); goesOn && !head {
			t.Errorf("the line continues on page %d without heads", n+1)
		}
		for _, text := range p.texts {
			if text.text == fmt.Sprintf("Paragraph %d.", next) {
				if next == 0 {
					began = n
				}
				if text.y > bottom {
					t.Errorf("paragraph %d is below the page's end", next)
				}
				next++
			}
		}
	}
	if next != paragraphs {
		t.Errorf("the paragraphs end at %d, of %d", next, paragraphs)
	}
	if began != 0 {
		t.Errorf("the tall line begins on page %d and leaves the first one empty", began+1)
	}
}

func TestFiguresLineUpAtTheRight(t *testing.T) {
	t.Parallel()
	p := read(t, written(t, sampleInvoice(5, "USD")))[0]
	const edge = 612 - marginSide
	for _, amount := range []string{"$187.50", "$312.50", "$687.50"} {
		text, ok := p.find(amount)
		if !ok {
			t.Fatalf("%s isn't there", amount)
		}
		if off := text.right() - edge; off < -0.02 || off > 0.02 {
			t.Errorf("%s ends %.2f points from the edge", amount, off)
		}
	}
}

func TestLargestAmountsAreNotBroken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ locale, country, want string }{
		{"en-US", "US", "$1,000,000,000,000.00"},
		{"de-DE", "DE", "1.000.000.000.000,00\u00a0$"},
	} {
		invoice := sampleInvoice(2, "USD")
		invoice.From.Locale, invoice.From.Address.Country = test.locale, test.country
		invoice.Lines[0].Quantity, invoice.Lines[0].Unit = "10000000.1234", "hours"
		invoice.Lines[0].UnitPrice = portal.NewMoney(portal.MaxTotal, "USD")
		invoice.Lines[0].Amount = portal.NewMoney(portal.MaxTotal, "USD")
		found := 0
		for _, text := range read(t, written(t, invoice))[0].texts {
			if text.text == test.want {
				found++
			}
		}
		if found != 2 {
			t.Errorf("%s: price and amount are %d times whole, of 2", test.locale, found)
		}
	}
}

func TestSameDocumentGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for name, d := range everyDocument() {
		want := written(t, d)
		var drawn sync.WaitGroup
		files := make([][]byte, 4)
		for i := range files {
			drawn.Go(func() { files[i] = written(t, d) })
		}
		drawn.Wait()
		for _, got := range files {
			if !bytes.Equal(got, want) {
				t.Errorf("%s: drawn again it is another file", name)
			}
		}
	}
}

func TestFileSaysWhatItIs(t *testing.T) {
	t.Parallel()
	invoice := sampleInvoice(1, "USD")
	invoice.From.Locale = "en-GB"
	file := written(t, invoice)
	for field, want := range map[string]string{
		"Title":   utf16BE("Invoice INV-2041"),
		"Subject": utf16BE("Invoice INV-2041 for Meridian Foods, Inc."),
		"Author":  utf16BE("Harbour & Pine Joinery"),
		"Creator": utf16BE("Countersign"),
		"Lang":    "en-GB",
	} {
		if !bytes.Contains(file, []byte("/"+field+" ("+want+")")) {
			t.Errorf("the file's %s isn't %q", field, want)
		}
	}
	if !bytes.Contains(file, []byte("/CreationDate (D:20261122120000)")) {
		t.Error("the file isn't dated as the invoice is")
	}
}

// utf16BE is a text as metadata hold it.
func utf16BE(text string) string {
	out := "\xfe\xff"
	for _, r := range text {
		out += string([]byte{byte(r >> 8), byte(r)})
	}
	return out
}

func TestPaperIsTheCountrys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		country, locale string
		letter          bool
	}{
		{"US", "en-US", true}, {"CA", "fr-CA", true}, {"", "en-US", true},
		{"DE", "en-US", false}, {"", "ja-JP", false}, {"", "", false}, {"", "not a locale", false},
	} {
		invoice := sampleInvoice(1, "USD")
		invoice.From.Address.Country, invoice.From.Locale = test.country, test.locale
		if w, _ := paperOf(t, written(t, invoice)); (w == 612) != test.letter {
			t.Errorf("%q, %q: the page is %.2f points wide", test.country, test.locale, w)
		}
	}
}

func TestAmountsAreWrittenAsTheLocaleDoes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		locale   string
		currency portal.Currency
		want     []string
	}{
		{"en-US", "USD", []string{"$1,062.50", "8.5 h", "10.25%", "Nov 22, 2026"}},
		{"de-DE", "EUR", []string{"1.062,50\u00a0€", "8,5 h", "10,25%", "22.11.2026"}},
		{"ja-JP", "JPY", []string{"¥106,250", "8.5 h", "2026", "年"}},
		{"en-GB", "KWD", []string{"KWD\u00a0106.250", "22 Nov 2026"}},
		{"hi-IN", "INR", []string{"₹1,062.50"}},
	} {
		invoice := sampleInvoice(8, test.currency)
		invoice.From.Locale, invoice.From.Address.Country = test.locale, ""
		text := read(t, written(t, invoice))[0].all()
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q isn't written", test.locale, want)
			}
		}
	}
}

func TestInvoiceSaysWhatWasPaidAndWhatIsOwed(t *testing.T) {
	t.Parallel()
	invoice := sampleInvoice(1, "USD")
	invoice.Status = portal.InvoicePartlyPaid
	invoice.Settled = []Settlement{{portal.NewDate(2026, 11, 24), "Visa ending 4242", portal.NewMoney(10000, "USD")}}
	invoice.Owed = portal.NewMoney(invoice.Totals.Total.Amount-10000, "USD")
	text := read(t, written(t, invoice))[0].all()
	for _, want := range []string{"Partly paid", "Visa ending 4242, Nov 24, 2026", "-$100.00", "Amount due", "$95.94"} {
		if !strings.Contains(text, want) {
			t.Errorf("the invoice doesn't say %q", want)
		}
	}
}

// R37, R40: one receipt, with what went to each invoice and what it was paid with.
func TestReceiptNamesEachInvoiceAndTheCard(t *testing.T) {
	t.Parallel()
	text := read(t, written(t, sampleReceipt(4)))[0].all()
	for _, want := range []string{
		"RCT-509", "Visa ending 4242", "pi_3Q1f2aLkdIwHu7ix", "Kept as credit", "$8,134.00",
		"INV-2041", "$2,000.00", "INV-2042", "$2,019.00", "INV-2043", "$2,038.00", "INV-2044", "$2,057.00",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the receipt doesn't say %q", want)
		}
	}
}

// R47, R48
func TestStatementHasEveryEntryAndBalance(t *testing.T) {
	t.Parallel()
	statement := sampleStatement(300, "USD", "KWD")
	var all []string
	for _, p := range read(t, written(t, statement)) {
		all = append(all, p.all())
	}
	text := "\n" + strings.Join(all, "\n") + "\n"
	for _, account := range statement.Accounts {
		for _, e := range account.Entries {
			for _, want := range []string{e.Kind + " " + e.Number, e.Balance.Format("en-US")} {
				if !strings.Contains(text, "\n"+want+"\n") {
					t.Fatalf("%s: %q isn't there", account.Currency, want)
				}
			}
		}
		for _, m := range []portal.Money{account.Opening, account.Closing, account.Ageing.Current, account.Ageing.Days30, account.Ageing.Days60, account.Ageing.Older} {
			if !strings.Contains(text, "\n"+m.Format("en-US")+"\n") {
				t.Errorf("%s: %s isn't there", account.Currency, m.Format("en-US"))
			}
		}
	}
	if got := strings.Count(text, "\nClosing balance\n"); got != 2 {
		t.Errorf("%d accounts are closed, of 2", got)
	}
}

// N2
func TestCertificateIsAPageThatSaysEverything(t *testing.T) {
	t.Parallel()
	certificate := sampleCertificate()
	certificate.Decision.Reason = strings.Repeat("Because we agreed on it. ", 80) // 2,000 characters, which is what the API takes
	certificate.Decision.UserAgent = strings.Repeat("Mozilla/5.0 ", 700)
	pages := read(t, written(t, certificate))
	if len(pages) != 1 {
		t.Errorf("the certificate has %d pages", len(pages))
	}
	text := pages[0].all()
	for _, want := range []string{
		"Accepted by Priya Nair", "priya@meridianfoods.example", "Nov 23, 2026, 10:42:07 PST (2026-11-23 18:42:07 UTC)",
		"203.0.113.24", "Mozilla/5.0", "Estimate EST-118", certificate.ContentHash, certificate.ID, "Because we agreed on it.", "\n2\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the certificate doesn't say %q", want)
		}
	}
	certificate.Decision.Accepted = false
	if !strings.Contains(read(t, written(t, certificate))[0].all(), "Declined by Priya Nair") {
		t.Error("the certificate of a refusal doesn't say so")
	}
}

func TestEstimateBearsItsDecision(t *testing.T) {
	t.Parallel()
	estimate := sampleEstimate(3)
	if !strings.Contains(read(t, written(t, estimate))[0].all(), "Accepted by Priya Nair") {
		t.Error("an accepted estimate doesn't say who accepted it")
	}
	estimate.Decision, estimate.Status = nil, portal.EstimateSent
	if strings.Contains(read(t, written(t, estimate))[0].all(), "Accepted") {
		t.Error("an undecided estimate says that it was accepted")
	}
}

func TestCreditNoteNamesItsInvoice(t *testing.T) {
	t.Parallel()
	text := read(t, written(t, sampleCreditNote()))[0].all()
	for _, want := range []string{"CN-31", "Credit for invoice INV-2041", "$98.00", "Two handles arrived scratched."} {
		if !strings.Contains(text, want) {
			t.Errorf("the credit note doesn't say %q", want)
		}
	}
}

func TestLogoTakesThePlaceOfTheName(t *testing.T) {
	t.Parallel()
	invoice := sampleInvoice(1, "USD")
	names := func(file []byte) int {
		return strings.Count("\n"+read(t, file)[0].all()+"\n", "\n"+invoice.From.Name+"\n")
	}
	without := written(t, invoice)
	invoice.From.Logo = sampleLogo(t)
	with := written(t, invoice)
	if !bytes.Contains(with, []byte("/Subtype /Image")) || names(with) != names(without)-1 {
		t.Error("the logo isn't drawn in place of the name")
	}
	for _, file := range [][]byte{[]byte("not a picture"), invoice.From.Logo[:60], bytes.Repeat([]byte{0xff}, 9000)} {
		invoice.From.Logo = file
		if broken := written(t, invoice); !bytes.Equal(broken, without) {
			t.Errorf("a logo that begins %q isn't left out", file[:8])
		}
	}
}

// A reader that isn't ours finds the same.
func TestPopplerReadsTheSame(t *testing.T) {
	t.Parallel()
	invoice := sampleInvoice(60, "EUR")
	invoice.From.Locale, invoice.From.Name = "de-DE", "Žluťoučký kůň – Ελλάδα – Київ – 株式会社 – 주식회사"
	pages := pdftest.Pages(t, written(t, invoice))
	all := strings.Join(pages, "\n")
	for i, text := range pages {
		if !strings.Contains(text, fmt.Sprintf("Page %d of %d", i+1, len(pages))) {
			t.Errorf("page %d of %d isn't numbered", i+1, len(pages))
		}
	}
	for _, want := range []string{invoice.From.Name, "1.062,50", "Kitchen for the canteen"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q isn't there", want)
		}
	}
	if row := regexp.MustCompile(`White oak kitchen fronts, oiled +2,5 h +125,00.€ +10,25% +312,50.€`); !row.MatchString(all) {
		t.Error("a line's cells don't stand beside each other")
	}
}

// A document twice as long must not be four times the work.
func TestWorkIsLinearInTheEntries(t *testing.T) {
	few, many := sampleStatement(500, "USD"), sampleStatement(4000, "USD")
	allocations := func(s Statement) float64 {
		return testing.AllocsPerRun(1, func() { written(t, s) })
	}
	if a, b := allocations(few), allocations(many); b > 9*a {
		t.Errorf("8 times the entries took %.1f times the allocations", b/a)
	}
}
