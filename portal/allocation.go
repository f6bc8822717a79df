package portal

import (
	"cmp"
	"slices"
	"strings"
)

// Owed is an invoice as allocation sees it.
type Owed struct {
	// ID of the invoice.
	ID string
	// Due is what is still owed on it, in minor units; never negative.
	Due     int64
	DueDate Date
	// Number is the one printed on the invoice.
	Number string
}

// Allocation is the part of a payment or credit that settles one invoice.
type Allocation struct {
	InvoiceID string `json:"invoice_id"`
	// Amount in minor units; always positive.
	Amount int64 `json:"amount"`
}

// AllocateOldestFirst spreads amount (minor units) over what is owed: by due
// date, then number. What is left when all is paid comes back as excess, which
// becomes the customer's credit. The allocations and the excess sum to amount;
// none is above what its invoice owes.
func AllocateOldestFirst(amount int64, owed []Owed) (allocations []Allocation, excess int64, err error) {
	if amount < 0 {
		return nil, 0, Invalid("A payment can't be negative.", Field("amount", "The amount can't be negative."))
	}
	if err := checkOwed(owed); err != nil {
		return nil, 0, err
	}
	left := amount
	for _, o := range oldestFirst(owed) {
		part := min(left, o.Due)
		if part == 0 {
			continue
		}
		allocations = append(allocations, Allocation{InvoiceID: o.ID, Amount: part})
		left -= part
	}
	return allocations, left, nil
}

// oldestFirst sorts a copy. The ID decides last, so that the order never
// depends on the order of the rows.
func oldestFirst(owed []Owed) []Owed {
	return slices.SortedFunc(slices.Values(owed), func(a, b Owed) int {
		return cmp.Or(a.DueDate.Compare(b.DueDate), strings.Compare(a.Number, b.Number), strings.Compare(a.ID, b.ID))
	})
}

func checkOwed(owed []Owed) error {
	seen := make(map[string]bool, len(owed))
	for _, o := range owed {
		switch {
		case o.Due < 0:
			return Invalid("Invoice " + o.Number + " owes less than nothing.")
		case seen[o.ID]:
			return Invalid("Invoice " + o.Number + " is listed twice.")
		}
		seen[o.ID] = true
	}
	return nil
}
