package portal

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(d int) Date { return Date{2026, time.November, d} }

func anyOwed() *rapid.Generator[[]Owed] {
	return rapid.Custom(func(t *rapid.T) []Owed {
		owed := make([]Owed, rapid.IntRange(0, 8).Draw(t, "invoices"))
		for i := range owed {
			owed[i] = Owed{
				ID:      fmt.Sprintf("id%d", i),
				Due:     rapid.Int64Range(0, 1000).Draw(t, "due"),
				DueDate: day(rapid.IntRange(1, 4).Draw(t, "due date")),
				Number:  fmt.Sprintf("INV-%d", rapid.IntRange(1, 4).Draw(t, "number")),
			}
		}
		return rapid.Permutation(owed).Draw(t, "order")
	})
}

// R36, N5
func TestOldestInvoicesArePaidFirst(t *testing.T) {
	owed := []Owed{
		{ID: "c", Due: 300, DueDate: day(3), Number: "INV-1"},
		{ID: "b", Due: 200, DueDate: day(1), Number: "INV-9"},
		{ID: "paid", Due: 0, DueDate: day(1), Number: "INV-3"},
		{ID: "a", Due: 100, DueDate: day(1), Number: "INV-2"},
	}
	for _, test := range []struct {
		amount int64
		want   []Allocation
		excess int64
	}{
		{0, nil, 0},
		{50, []Allocation{{"a", 50}}, 0},
		{150, []Allocation{{"a", 100}, {"b", 50}}, 0},
		{600, []Allocation{{"a", 100}, {"b", 200}, {"c", 300}}, 0},
		{601, []Allocation{{"a", 100}, {"b", 200}, {"c", 300}}, 1},
	} {
		got, excess, err := AllocateOldestFirst(test.amount, owed)
		if err != nil || !slices.Equal(got, test.want) || excess != test.excess {
			t.Errorf("%d: got %v, %d, %v; want %v, %d", test.amount, got, excess, err, test.want, test.excess)
		}
	}
	if owed[0].ID != "c" {
		t.Error("the caller's list was sorted")
	}
}

// R36, R37, N5
func TestAllocationConservesMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owed := anyOwed().Draw(t, "owed")
		amount := rapid.Int64Range(0, 10_000).Draw(t, "amount")
		allocations, excess, err := AllocateOldestFirst(amount, owed)
		if err != nil {
			t.Fatal(err)
		}
		due := map[string]int64{}
		for _, o := range owed {
			due[o.ID] = o.Due
		}
		sum := excess
		left := map[string]int64{}
		maps.Copy(left, due)
		for _, a := range allocations {
			if a.Amount <= 0 || a.Amount > due[a.InvoiceID] {
				t.Fatalf("%d allocated to %s, which owes %d", a.Amount, a.InvoiceID, due[a.InvoiceID])
			}
			sum += a.Amount
			left[a.InvoiceID] -= a.Amount
		}
		if sum != amount || excess < 0 {
			t.Fatalf("%d went in, %d came out, %d of it excess", amount, sum, excess)
		}
		for id, l := range left {
			if excess > 0 && l > 0 {
				t.Fatalf("%s still owes %d, with an excess of %d", id, l, excess)
			}
		}
		// Nothing younger is touched before everything older is paid.
		for _, older := range owed {
			for _, a := range allocations {
				younger := owed[slices.IndexFunc(owed, func(o Owed) bool { return o.ID == a.InvoiceID })]
				if older.DueDate.Before(younger.DueDate) && left[older.ID] > 0 {
					t.Fatalf("%s was paid before %s", younger.ID, older.ID)
				}
			}
		}
		// The order of the rows decides nothing.
		slices.Reverse(owed)
		again, _, err := AllocateOldestFirst(amount, owed)
		if err != nil || !slices.Equal(again, allocations) {
			t.Fatalf("in another order: %v, %v; want %v", again, err, allocations)
		}
	})
}

func TestAllocationRefusesWhatCantBeTrue(t *testing.T) {
	negative := []Owed{{ID: "a", Due: -1}}
	twice := []Owed{{ID: "a", Due: 1}, {ID: "a", Due: 1}}
	for name, owed := range map[string][]Owed{"negative due": negative, "listed twice": twice} {
		if _, _, err := AllocateOldestFirst(1, owed); CodeOf(err) != CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := AllocateOldestFirst(-1, nil)
	wantCode(t, err, CodeInvalid)
}
