package e2e

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/e2e/browser"
	"countersign/portal"
)

// textOf is what a PDF says, a page each, as pdftotext reads it.
func textOf(t *testing.T, file []byte) []string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext isn't installed; it is in Debian's poppler-utils")
	}
	var text, wrong bytes.Buffer
	command := exec.CommandContext(t.Context(), program, "-layout", "-", "-")
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(file), &text, &wrong
	if err := command.Run(); err != nil || wrong.Len() > 0 {
		t.Fatalf("%v: %s", err, wrong.String())
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\f"), "\f")
}

// R26 R30 R48: what is printed is the document and nothing around it: no
// navigation, no buttons, no conversation. Long ones repeat their heads, and their
// totals stand together.
func TestPrintedPagesAreTheDocumentsAlone(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	staff := org.Staff()
	lines := make([]map[string]any, 60)
	for i := range lines {
		lines[i] = map[string]any{"description": fmt.Sprintf("Piece %d\nwith what belongs to it", i+1), "quantity": "2.5", "unit_price": 12000, "tax_percent": "20"}
	}
	content := map[string]any{
		"customer": org.Customer, "title": "New website", "notes": "Thank you for your trust.", "lines": lines, "discount_percent": "10",
		"valid_until": portal.DateOf(time.Now(), time.UTC).AddDays(10),
	}
	var estimate api.Estimate
	staff.Must(201, "POST", inConsole+"/estimates", "", content, &estimate)
	staff.Must(200, "POST", inConsole+"/estimates/"+estimate.ID.String()+"/send", "", nil, nil)
	delete(content, "valid_until")
	var invoice api.Invoice
	staff.Must(201, "POST", inConsole+"/invoices", "", content, &invoice)
	staff.Must(200, "POST", inConsole+"/invoices/"+invoice.ID.String()+"/send", "", nil, nil)

	ann := chromium.Visitor(browser.Options{}).Open(s.URL + "/bright/sign-in")
	ann.Type("Email address", "ann@lovelace.test").Type("Password", stack.Password).Press("Sign in").Says("Outstanding")
	for _, c := range []struct {
		name, path string
		says       []string
		pages      int
	}{
		{"estimate", "estimates/" + estimate.ID.String(), []string{estimate.Number, "Piece 1", "Piece 60", "New website", "Thank you for your trust.", "$18,000.00", "-$1,800.00", "$3,240.00", "$19,440.00"}, 5},
		{"invoice", "invoices/" + invoice.ID.String(), []string{invoice.Number, "Piece 1", "Piece 60", "New website", "Thank you for your trust.", "$18,000.00", "-$1,800.00", "$3,240.00", "$19,440.00"}, 5},
		{"statement", "statement?period=all", []string{"Statement of account", "Lovelace Ltd", invoice.Number, "Opening balance", "Closing balance", "$19,440.00", "Not yet due"}, 1},
	} {
		pages := textOf(t, ann.Open(s.URL+"/bright/"+c.path).Says("Bright bright").Print(c.name))
		whole := strings.Join(pages, "\n")
		for _, want := range c.says {
			if !strings.Contains(whole, want) {
				t.Errorf("the printed %s lacks %q:\n%s", c.name, want, whole)
			}
		}
		for _, never := range []string{
			"Sign out", "Account", "Download", "Print", "Accept", "Decline", "Pay now", "Forward", "Comment", "What has happened", "Skip to", "This month", "Show this period",
		} {
			for line := range strings.Lines(whole) {
				if strings.Contains(line, never) && !strings.Contains(line, never+" of") {
					t.Errorf("the printed %s has %q: %s", c.name, never, line)
				}
			}
		}
		if len(pages) != c.pages {
			t.Errorf("the printed %s has %d pages", c.name, len(pages))
		}
		for i, page := range pages[:len(pages)-1] {
			if c.pages > 1 && !strings.Contains(page, "Amount") {
				t.Errorf("page %d of the printed %s has no head:\n%s", i+1, c.name, page)
			}
		}
		last := pages[len(pages)-1]
		for _, want := range []string{"Subtotal", "$19,440.00"} {
			if c.pages > 1 && !strings.Contains(last, want) {
				t.Errorf("the totals of the printed %s are torn apart: no %s\n%s", c.name, want, last)
			}
		}
		if c.pages > 1 && strings.Index(whole, "Subtotal") < strings.LastIndex(whole, "Piece 60") {
			t.Errorf("the totals of the printed %s lie over its lines:\n%s", c.name, whole)
		}
	}
	ann.Open(s.URL+"/bright/statement?period=all").Says("Send it to anybody").Press("Forward").
		Type("To", "cfo@partner.example").Press("Forward it").Says("It is on its way", "cfo@partner.example").Shot("statement")
	if at := ann.Address(); at.Path != "/bright/statement" || at.Query().Get("until") == "" {
		t.Errorf("forwarded, it led to %s", at)
	}
	emailTo(t, s, "cfo@partner.example", "forwards")
}
