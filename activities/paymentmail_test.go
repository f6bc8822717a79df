package activities

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
)

// A receipt lists twenty invoices and says how many more there are; what happened
// to the money since is neither listed nor counted.
func TestReceiptSaysHowManyMoreInvoicesWerePaid(t *testing.T) {
	p := paymentLetter{payment: dbsqlc.Payment{ID: uuid.New(), Currency: "USD", Amount: 25000}, org: dbsqlc.Organization{Slug: "bright", Locale: "en-US"}}
	back := uuid.New()
	for n := range 25 {
		paid := dbsqlc.ListAllocationsOfPaymentRow{Amount: 1000, Number: fmt.Sprintf("INV-%02d", n)}
		refunded := paid
		refunded.Amount, refunded.RefundID = -1000, &back
		p.allocations = append(p.allocations, paid, refunded)
	}
	lines := strings.Split(p.letter(&Activities{}, "payment_receipt").values["invoice_list"], "\n")
	if len(lines) != 21 || lines[0] != "INV-00: $10.00" || lines[19] != "INV-19: $10.00" || lines[20] != "and 5 more" {
		t.Errorf("it lists %d lines: %q", len(lines), lines)
	}
}
