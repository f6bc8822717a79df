package screens

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/e2e/acts"
	"countersign/pdf/pdftest"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/e2e/browser"
	"countersign/portal"
)

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
	staff.Must(201, "POST", acts.Console+"/estimates", "", content, &estimate)
	staff.Must(200, "POST", acts.Console+"/estimates/"+estimate.ID.String()+"/send", "", nil, nil)
	delete(content, "valid_until")
	var invoice api.Invoice
	staff.Must(201, "POST", acts.Console+"/invoices", "", content, &invoice)
	staff.Must(200, "POST", acts.Console+"/invoices/"+invoice.ID.String()+"/send", "", nil, nil)

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
		pages := pdftest.Pages(t, ann.Open(s.URL+"/bright/"+c.path).Says("Bright bright").Print(c.name))
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
	acts.EmailTo(t, s, "cfo@partner.example", "forwards")
}
