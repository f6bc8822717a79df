package portal

// InvoiceState is everything that an invoice's balance and status follow from.
// Amounts are minor units. Balance and status are derived from it each time,
// and never stored or accumulated.
type InvoiceState struct {
	// Total of the invoice.
	Total int64
	// Applied is the sum of allocations from payments that succeeded.
	Applied int64
	// Credited is the sum of credit notes and credits applied.
	Credited int64
	// Refunded is the part of Applied that was paid back to the customer.
	Refunded int64
	// Reversed is the part of Applied that the processor took back: returned
	// bank debits and lost disputes. The invoice owes it again.
	Reversed int64
	// Sent is false for a draft.
	Sent   bool
	Voided bool
	// DueDate; the zero Date when there is none.
	DueDate Date
	// Today in the organization's zone.
	Today Date
}

// Due is what is still owed, in minor units. A voided invoice owes nothing.
func (s InvoiceState) Due() int64 {
	if s.Voided {
		return 0
	}
	return s.Total - s.Applied - s.Credited + s.Refunded + s.Reversed
}

// Status follows from the amounts and the dates. Overdue wins over partly
// paid: a part payment doesn't move the due date. The due date itself is still
// in time.
func (s InvoiceState) Status() InvoiceStatus {
	due := s.Due()
	switch {
	case s.Voided:
		return InvoiceVoid
	case !s.Sent:
		return InvoiceDraft
	case due <= 0:
		return InvoicePaid
	case !s.DueDate.IsZero() && s.DueDate.Before(s.Today):
		return InvoiceOverdue
	case due < s.Total:
		return InvoicePartlyPaid
	default:
		return InvoiceOpen
	}
}

// Check says whether the amounts can be true: none negative, nothing given
// back that wasn't paid, and 0 ≤ Due ≤ Total. An error here is a fault in the
// books, so it has CodeInternal.
func (s InvoiceState) Check() error {
	due := s.Due()
	switch {
	case min(s.Total, s.Applied, s.Credited, s.Refunded, s.Reversed) < 0,
		s.Refunded+s.Reversed > s.Applied,
		due < 0, due > s.Total:
		return &Error{Code: CodeInternal, Message: "This invoice's balance doesn't add up."}
	}
	return nil
}
