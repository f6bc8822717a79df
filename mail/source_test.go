package mail

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"countersign/portal"
)

func lookup(t interface {
	Fatalf(string, ...any)
}, name string) Template {
	tmpl, ok := Lookup(name)
	if !ok {
		t.Fatalf("no template %s", name)
	}
	return tmpl
}

func TestTextThatCantBeUsedIsRefusedAtItsPlace(t *testing.T) { // R14
	const good = "[Accept]({{accept_link}})"
	for _, c := range []struct {
		name, subject, body string
		want                Problem
	}{
		{"unknown placeholder", "Hi", "Hello\n\n  dear {{custmer_name}}!\n" + good,
			Problem{"body", 3, 8, "{{custmer_name}} is not one of this email's placeholders. Did you mean {{customer_name}}?"}},
		{"nothing like it", "Hi", "{{amount}}\n" + good, Problem{"body", 1, 1, "{{amount}} is not one of this email's placeholders."}},
		{"columns count characters", "Hi", "Grüße 窓 {{x}}\n" + good, Problem{"body", 1, 9, "{{x}} is not one of this email's placeholders."}},
		{"in an item", "Hi", "-  {{x}}\n" + good, Problem{"body", 1, 4, "{{x}} is not one of this email's placeholders."}},
		{"in the words of a link", "Hi", "[Dear {{x}}]({{accept_link}})", Problem{"body", 1, 7, "{{x}} is not one of this email's placeholders."}},
		{"unknown in the subject", "Hi {{x}}", good, Problem{"subject", 1, 4, "{{x}} is not one of this email's placeholders."}},
		{"link in the subject", "Hi {{accept_link}}", good, Problem{"subject", 1, 4, "{{accept_link}} is a link and can't stand in the subject."}},
		{"empty subject", " ", good, Problem{"subject", 1, 1, "The subject is empty."}},
		{"subject of two lines", "a\nBcc: x", good, Problem{"subject", 1, 1, "The subject must be one line."}},
		{"long subject", strings.Repeat("x", 201), good, Problem{"subject", 1, 201, "The subject has more than 200 characters."}},
		{"open braces", "Hi", good + "\nHello {{contact_name", Problem{"body", 2, 7, "{{ has no }} after it."}},
		{"closed braces", "Hi", good + "\nHello }}", Problem{"body", 2, 7, "}} has no {{ before it."}},
		{"link to elsewhere", "Hi", good + "\nSee [this](https://evil.example)", Problem{"body", 2, 12, "A link can lead only to a placeholder, written ({{accept_link}})."}},
		{"link with more around", "Hi", good + "\n[x](https://evil.example/{{accept_link}})", Problem{"body", 2, 5, "A link can lead only to a placeholder, written ({{accept_link}})."}},
		{"link to a text", "Hi", good + "\n[x]({{customer_name}})", Problem{"body", 2, 5, "{{customer_name}} is not a link."}},
		{"link to nothing known", "Hi", good + "\n[x]({{accept_lnk}})", Problem{"body", 2, 5, "{{accept_lnk}} is not one of this email's placeholders. Did you mean {{accept_link}}?"}},
		{"link without words", "Hi", good + "\n[ ]({{accept_link}})", Problem{"body", 2, 1, "This link has no words between [ and ]."}},
		{"link in a link", "Hi", good + "\n[{{accept_link}}]({{accept_link}})", Problem{"body", 2, 2, "{{accept_link}} can't stand in the words of a link."}},
		{"link without end", "Hi", good + "\n[x]({{accept_link}}", Problem{"body", 2, 1, "This link has no ) at its end."}},
		{"required link is missing", "Hi", "Hello", Problem{"body", 1, 1, "The text needs {{accept_link}}: where the contact accepts and chooses a password."}},
		{"long body", "Hi", strings.Repeat("x", 20_001), Problem{"body", 1, 1, "The text has more than 20000 characters."}},
	} {
		_, err := lookup(t, "invitation").Parse(c.subject, c.body)
		var invalid *InvalidTemplate
		if !errors.As(err, &invalid) {
			t.Errorf("%s: error is %v", c.name, err)
			continue
		}
		if !slices.Contains(invalid.Problems, c.want) {
			t.Errorf("%s: problems are %+v, want %+v", c.name, invalid.Problems, c.want)
		}
	}
}

func TestEveryProblemIsNamedAndReachesThePage(t *testing.T) { // R14
	_, err := lookup(t, "invitation").Parse("{{a}}", "{{b}}\n{{c}}")
	var refused *portal.Error
	if !errors.As(err, &refused) {
		t.Fatalf("error is %v", err)
	}
	var paths []string
	for _, f := range refused.Fields {
		paths = append(paths, f.Path)
	}
	if refused.Code != portal.CodeInvalid || !slices.Equal(paths, []string{"subject", "body", "body"}) {
		t.Errorf("refusal is %+v", refused)
	}
	if want := "Line 2, column 1: {{c}} is not one"; !strings.HasPrefix(refused.Fields[2].Message, want) {
		t.Errorf("message is %q, want %q…", refused.Fields[2].Message, want)
	}
}

func TestBracketsAndBracesThatAreNoMarkupAreText(t *testing.T) {
	src, err := lookup(t, "invitation").Parse("[1] {ok}", "a [note] and { x } and [see [Accept]({{ accept_link }})\r\n\r\n<b>&amp;</b> **x** # y")
	if err != nil {
		t.Fatal(err)
	}
	got, err := src.Render(Brand{Name: "B"}, map[string]string{"accept_link": "https://x.example/1"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != "[1] {ok}" {
		t.Errorf("subject %q", got.Subject)
	}
	if want := "a [note] and { x } and [see Accept (https://x.example/1)\n\n<b>&amp;</b> **x** # y\n\n-- "; !strings.HasPrefix(got.Text, want) {
		t.Errorf("text is %q, want %q…", got.Text, want)
	}
	if !strings.Contains(got.HTML, "&lt;b&gt;&amp;amp;&lt;/b&gt; **x** # y") {
		t.Error("the HTML does not show the text as it stands")
	}
}

func TestAnyTextIsReadOrRefusedWithAPlace(t *testing.T) {
	tmpl := lookup(t, "invitation")
	piece := rapid.SampledFrom([]string{"{{", "}}", "[", "](", ")", "\n", "- ", "contact_name", "accept_link", "{{accept_link}}",
		"[a]({{accept_link}})", "é", " ", "<b>", "\r", "\u202e", "x: ", "\n\n"})
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOf(piece).Draw(t, "body"), "")
		src, err := tmpl.Parse("Hi", body)
		if invalid, ok := errors.AsType[*InvalidTemplate](err); ok {
			lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(body), "\n")
			for _, p := range invalid.Problems {
				if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len([]rune(lines[p.Line-1]))+1 {
					t.Fatalf("%q: problem outside the text: %+v", body, p)
				}
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := src.Render(Brand{Name: "B"}, tmpl.Samples()); err != nil {
			t.Fatal(err)
		}
	})
}
