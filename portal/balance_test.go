package portal

import (
	"testing"

	"pgregory.net/rapid"
)

// R29
func TestInvoiceStatusFollowsFromItsState(t *testing.T) {
	for _, test := range []struct {
		name   string
		state  InvoiceState
		due    int64
		status InvoiceStatus
	}{
		{"not sent", InvoiceState{Total: 100}, 100, InvoiceDraft},
		{"sent", InvoiceState{Total: 100, Sent: true, DueDate: day(22), Today: day(21)}, 100, InvoiceOpen},
		{"on the due date", InvoiceState{Total: 100, Sent: true, DueDate: day(22), Today: day(22)}, 100, InvoiceOpen},
		{"a day late", InvoiceState{Total: 100, Sent: true, DueDate: day(22), Today: day(23)}, 100, InvoiceOverdue},
		{"no due date", InvoiceState{Total: 100, Sent: true, Today: day(23)}, 100, InvoiceOpen},
		{"part paid", InvoiceState{Total: 100, Applied: 40, Sent: true, DueDate: day(22), Today: day(22)}, 60, InvoicePartlyPaid},
		{"part credited", InvoiceState{Total: 100, Credited: 40, Sent: true}, 60, InvoicePartlyPaid},
		{"part paid and late", InvoiceState{Total: 100, Applied: 40, Sent: true, DueDate: day(22), Today: day(23)}, 60, InvoiceOverdue},
		{"paid late", InvoiceState{Total: 100, Applied: 60, Credited: 40, Sent: true, DueDate: day(22), Today: day(23)}, 0, InvoicePaid},
		{"nothing to pay", InvoiceState{Sent: true, DueDate: day(22), Today: day(23)}, 0, InvoicePaid},
		// N4
		{"returned by the bank", InvoiceState{Total: 100, Applied: 100, Reversed: 100, Sent: true, DueDate: day(22), Today: day(22)}, 100, InvoiceOpen},
		{"part refunded", InvoiceState{Total: 100, Applied: 100, Refunded: 30, Sent: true, DueDate: day(22), Today: day(22)}, 30, InvoicePartlyPaid},
		{"void", InvoiceState{Total: 100, Sent: true, Voided: true, DueDate: day(22), Today: day(23)}, 0, InvoiceVoid},
		{"void draft", InvoiceState{Total: 100, Voided: true}, 0, InvoiceVoid},
	} {
		if got := test.state.Due(); got != test.due {
			t.Errorf("%s: due %d, want %d", test.name, got, test.due)
		}
		if got := test.state.Status(); got != test.status {
			t.Errorf("%s: %s, want %s", test.name, got, test.status)
		}
		if err := test.state.Check(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestCheckFindsBooksThatDontAddUp(t *testing.T) {
	for name, s := range map[string]InvoiceState{
		"paid twice":                {Total: 100, Applied: 200},
		"negative total":            {Total: -1},
		"negative applied":          {Total: 100, Applied: -1},
		"refunded what wasn't paid": {Total: 100, Applied: 10, Refunded: 11},
		"given back twice":          {Total: 100, Applied: 10, Refunded: 6, Reversed: 6},
	} {
		if CodeOf(s.Check()) != CodeInternal {
			t.Errorf("%s: not found", name)
		}
	}
}

// R36
func TestPayingWhatIsDuePaysTheInvoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := func(name string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, name) }
		s := InvoiceState{Total: amount("total", 10_000), Sent: true, DueDate: day(10), Today: day(rapid.IntRange(1, 20).Draw(t, "today"))}
		s.Applied = amount("applied", s.Total)
		s.Credited = amount("credited", s.Total-s.Applied)
		s.Refunded = amount("refunded", s.Applied)
		s.Reversed = amount("reversed", s.Applied-s.Refunded)
		if err := s.Check(); err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		if (s.Status() == InvoicePaid) != (s.Due() == 0) {
			t.Fatalf("%+v owes %d and is %s", s, s.Due(), s.Status())
		}
		s.Applied += s.Due()
		if s.Due() != 0 || s.Status() != InvoicePaid {
			t.Fatalf("%+v, paid, owes %d and is %s", s, s.Due(), s.Status())
		}
	})
}
