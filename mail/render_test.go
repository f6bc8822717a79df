package mail

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

var bright = Brand{Name: "Bright Studio", Colour: "#7a3cff", Address: []string{"12 Mill Lane", "Leeds LS1 4AB"}}

func render(t *testing.T, name string, values map[string]string) Rendered {
	t.Helper()
	src, err := lookup(t, name).Default()
	if err != nil {
		t.Fatal(err)
	}
	got, err := src.Render(bright, values)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// tags lists the elements of an HTML page with their attributes, in order, and fails if it can't be read.
func tags(t interface{ Fatal(...any) }, page string) []html.Token {
	var all []html.Token
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return all
		case html.StartTagToken, html.SelfClosingTagToken:
			all = append(all, z.Token())
		}
	}
}

func TestEveryTemplateRendersItsOwnWording(t *testing.T) { // R14
	seen := map[string]bool{}
	for _, tmpl := range Templates() {
		if seen[tmpl.Name] || tmpl.Title == "" || tmpl.About == "" {
			t.Errorf("%s is there twice, or lacks its title or description", tmpl.Name)
		}
		seen[tmpl.Name] = true
		got := render(t, tmpl.Name, tmpl.Samples())
		if got.Subject == "" || strings.Contains(got.Subject+got.Text+got.HTML, "{{") {
			t.Errorf("%s: placeholders are left in %q", tmpl.Name, got)
		}
		for _, p := range tmpl.Placeholders {
			if p.About == "" || p.Sample == "" {
				t.Errorf("%s: %s is not described", tmpl.Name, p.Name)
			}
			if !strings.Contains(tmpl.Subject+tmpl.Body, "{{"+p.Name+"}}") && p.Name != "organization_name" &&
				p.Name != "customer_name" && p.Name != "staff_name" && p.Name != "contact_name" {
				t.Errorf("%s: its wording does without %s", tmpl.Name, p.Name)
			}
		}
	}
	for _, want := range []string{"invitation", "invitation_reminder", "estimate_sent", "estimate_reminder", "estimate_accepted",
		"estimate_declined", "invoice_sent", "payment_receipt", "payment_failed", "payment_canceled", "password_reset", "staff_activity"} {
		if !seen[want] {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestTextAndHTMLSayTheSame(t *testing.T) {
	got := render(t, "payment_receipt", lookup(t, "payment_receipt").Samples())
	if got.Subject != "Receipt for your payment of $1,250.00" {
		t.Errorf("subject %q", got.Subject)
	}
	const want = `Hello Ann Lovelace,

Thank you. We have received your payment for Lovelace Ltd.

Payment: PAY-0031
Amount: $1,250.00
Paid on: 14 March 2026
Paid with: Visa ending in 4242

It was used for:

INV-0107: $1,000.00
INV-0108: $250.00

View the receipt:
https://portal.example.com/bright/payments/sample

` + "-- " + `
Bright Studio
12 Mill Lane
Leeds LS1 4AB
You receive this email because Bright Studio does business with you.
`
	if got.Text != want {
		t.Errorf("text is\n%s\nwant\n%s", got.Text, want)
	}
	for _, piece := range []string{">Payment</th>", ">INV-0108</th>", ">$250.00</td>", ">View the receipt</a>",
		`href="https://portal.example.com/bright/payments/sample"`, "Thank you. We have received your payment for Lovelace Ltd.", "Leeds LS1 4AB"} {
		if !strings.Contains(got.HTML, piece) {
			t.Errorf("the HTML lacks %q", piece)
		}
	}
	if n := strings.Count(got.HTML, "Thank you. We have received"); n != 2 { // the preheader and the paragraph
		t.Errorf("the first sentence is there %d times", n)
	}
}

func TestWhatHasNoValueIsLeftOut(t *testing.T) {
	values := lookup(t, "estimate_declined").Samples()
	delete(values, "decline_reason")
	got := render(t, "estimate_declined", values)
	if strings.Contains(got.Text+got.HTML, "Reason") {
		t.Error("the reason is shown though there is none")
	}
	values = lookup(t, "document_forwarded").Samples()
	values["message"] = " \n "
	got = render(t, "document_forwarded", values)
	if strings.Contains(got.HTML, "<blockquote") || strings.Contains(got.Text, "\n>") || strings.Contains(got.Text, "\n\n\n") {
		t.Error("an empty note leaves a trace")
	}
}

func TestOthersWordsAreSetApart(t *testing.T) {
	values := lookup(t, "comment_added").Samples()
	values["comment"] = "First.\n\nAmount: $0\n- Second: x"
	got := render(t, "comment_added", values)
	if !strings.Contains(got.Text, "> First.\n> \n> Amount: $0\n> - Second: x\n") {
		t.Errorf("text is\n%s", got.Text)
	}
	if !strings.Contains(got.HTML, "First.<br>\n<br>\nAmount: $0<br>\n- Second: x</blockquote>") || strings.Contains(got.HTML, "<th") {
		t.Errorf("HTML is\n%s", got.HTML)
	}
	values = lookup(t, "staff_activity").Samples()
	values["activity_list"] = "Ann: said\nBen: did"
	got = render(t, "staff_activity", values)
	if strings.Contains(got.HTML, "<th") || strings.Count(got.HTML, "<li") != 2 || !strings.Contains(got.Text, "- Ann: said\n- Ben: did\n") {
		t.Errorf("activities are\n%s", got.Text)
	}
}

func TestEntriesLeadToTheirPagesAndNowhereElse(t *testing.T) { // R52
	values := lookup(t, "staff_activity").Samples()
	values["activity_list"] = Entry("Ann: “see <https://evil.example>”\n- more", "https://portal.example.com/x") + "\n" + Entry("Ben did", "javascript:alert(1)")
	got := render(t, "staff_activity", values)
	if !strings.Contains(got.Text, "- Ann: “see <https://evil.example>” - more\n  https://portal.example.com/x\n- Ben did <javascript:alert(1)>\n") {
		t.Errorf("text is\n%s", got.Text)
	}
	if !strings.Contains(got.HTML, `href="https://portal.example.com/x"`) || strings.Contains(got.HTML, `href="https://evil`) || strings.Contains(got.HTML, `href="javascript`) {
		t.Errorf("HTML is\n%s", got.HTML)
	}
}

// hostile values, of the kinds that break out of HTML, headers and markup.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onclick='x`, "a\r\nBcc: all@example.com", "[Free]({{accept_link}})",
	"{{accept_link}}", "- Total: $0", "&lt;b&gt;", "\u202egnp.exe", Marker("accept_link"), "]({{accept_link}})", "\x00\x1b[31m", "--> </style>", "%s%d",
}

func TestNoValueBecomesMarkup(t *testing.T) { // R14
	rapid.Check(t, func(t *rapid.T) {
		tmpl := rapid.SampledFrom(Templates()).Draw(t, "template")
		src, err := tmpl.Default()
		if err != nil {
			t.Fatal(err)
		}
		calm, wild := tmpl.Samples(), tmpl.Samples()
		for _, p := range tmpl.Placeholders {
			if p.Kind != Link {
				wild[p.Name] = strings.Join(rapid.SliceOfN(rapid.SampledFrom(hostile), 1, 3).Draw(t, p.Name), " ")
				calm[p.Name] = "calm"
				if p.Kind == Lines || p.Kind == Rows || p.Kind == Entries { // as many lines as the wild one has
					wild[p.Name] = strings.NewReplacer("\r\n", " ", ": ", " ").Replace(wild[p.Name])
				}
			}
		}
		a, err := src.Render(bright, calm)
		if err != nil {
			t.Fatal(err)
		}
		b, err := src.Render(Brand{Name: wild["organization_name"] + "x", Colour: `red;"><script>`}, wild)
		if err != nil {
			t.Fatal(err)
		}
		shape := func(page string) (s []string) {
			for _, tag := range tags(t, page) {
				if tag.Data == "br" {
					continue
				}
				var attributes []string
				for _, at := range tag.Attr {
					attributes = append(attributes, at.Key)
					if at.Key == "href" {
						attributes = append(attributes, at.Val)
					}
				}
				s = append(s, tag.Data+" "+strings.Join(attributes, " "))
			}
			return s
		}
		if x, y := shape(a.HTML), shape(b.HTML); !slices.Equal(x, y) {
			t.Fatalf("the values changed the page:\n%v\n%v", x, y)
		}
		if strings.ContainsAny(b.Subject, "\r\n\x00\u202e") {
			t.Fatalf("subject %q", b.Subject)
		}
		if strings.Contains(b.Text, "\nBcc:") || len(b.Unfilled()) != 0 {
			t.Fatalf("text %q", b.Text)
		}
	})
}

func TestLinksLeadOnlyToWebAddresses(t *testing.T) {
	src, err := lookup(t, "password_reset").Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "javascript:alert(1)", "/relative", "https://", "data:text/html,x", "https://x.example/ b",
		"https://x.example/\"onclick=", "https://x.example/\n", "ftp://x.example", "https://x.example/\u202e", "mailto:a@b.example"} {
		if got, err := src.Render(bright, map[string]string{"reset_link": bad}); err == nil {
			t.Errorf("%q was accepted: %s", bad, got.Text)
		}
	}
	if _, err := src.Render(bright, map[string]string{"reset_link": "https://x.example/a?b=c&d=%20#e"}); err != nil {
		t.Error(err)
	}
	if _, err := src.Render(bright, map[string]string{"reset_link": "https://x.example/", "amount": "1"}); err == nil {
		t.Error("a value that the template has no place for was accepted")
	}
	if _, err := (Source{}).Render(bright, nil); err == nil {
		t.Error("an empty source was rendered")
	}
}

func TestSecretsAreFilledInOnlyAtTheEnd(t *testing.T) { // R13
	const token = "s3cret&token"
	for _, link := range []string{Marker("token"), "https://x.example/accept?a=1&token=" + Marker("token")} {
		values := lookup(t, "invitation").Samples()
		values["accept_link"] = link
		values["contact_name"] = Marker("token") // a value can't make the secret appear elsewhere
		stored := render(t, "invitation", values)
		if !slices.Equal(stored.Unfilled(), []string{"token"}) {
			t.Fatalf("unfilled: %v", stored.Unfilled())
		}
		sent := stored.Fill(map[string]string{"token": token})
		if len(sent.Unfilled()) != 0 || strings.Contains(stored.Text+stored.HTML, token) {
			t.Error("the stored email holds the secret, or the sent one doesn't")
		}
		address := strings.ReplaceAll(link, Marker("token"), token)
		if !strings.Contains(sent.Text, "Accept the invitation:\n"+address+"\n") {
			t.Errorf("text is\n%s", sent.Text)
		}
		hrefs := 0
		for _, tag := range tags(t, sent.HTML) {
			for _, at := range tag.Attr {
				if at.Key == "href" {
					hrefs++
					if at.Val != address {
						t.Errorf("a link leads to %q, want %q", at.Val, address)
					}
				}
			}
		}
		if hrefs != 2 || strings.Count(sent.Text, token) != 1 {
			t.Errorf("%d links; text is\n%s", hrefs, sent.Text)
		}
	}
}

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	for _, tmpl := range Templates() {
		page := render(t, tmpl.Name, tmpl.Samples()).HTML
		for _, tag := range tags(t, page) {
			if slices.Contains([]string{"img", "script", "link", "iframe", "form", "object", "svg"}, tag.Data) {
				t.Errorf("%s has a <%s>", tmpl.Name, tag.Data)
			}
		}
		if regexp.MustCompile(`url\(|@import`).MatchString(page) {
			t.Errorf("%s loads something by its style", tmpl.Name)
		}
		if len(page) > 100_000 { // Gmail cuts off at 102 kB
			t.Errorf("%s has %d bytes", tmpl.Name, len(page))
		}
	}
}

func TestColoursCanBeReadWhateverTheOrganizationChooses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		brand := Brand{Colour: rgb{rapid.Byte().Draw(t, "r"), rapid.Byte().Draw(t, "g"), rapid.Byte().Draw(t, "b")}.String()}
		for mode, p := range map[string]palette{"light": brand.light(), "dark": brand.dark()} {
			for what, pair := range map[string]struct {
				a, b string
				want float64
			}{
				"text on the card": {p.text, p.card, 4.5}, "muted on the card": {p.muted, p.card, 4.5}, "link on the card": {p.accent, p.card, 4.5},
				"button on the card": {p.buttonFill, p.card, 3}, "words on the button": {p.buttonText, p.buttonFill, 4.5},
			} {
				if got := hex(pair.a).contrast(hex(pair.b)); got < pair.want {
					t.Fatalf("%s, %s, %s: contrast %.2f, want %.1f", brand.Colour, mode, what, got, pair.want)
				}
			}
		}
	})
	if got := (Brand{Colour: "red"}).colour().String(); got != defaultColour {
		t.Errorf("an unreadable colour became %s", got)
	}
	if got := hex("#000000").contrast(hex("#ffffff")); got != 21 {
		t.Errorf("contrast of black and white is %v", got)
	}
}
