package portal

import (
	"strings"
	"testing"
	"time"
)

func TestMethodSetupsAndEditsMoveAsTheyMay(t *testing.T) { // R38
	checkMoves(t, MethodSetupMachine(), []string{"requested open", "requested expired", "requested failed", "open saved", "open expired"})
	checkClosed(t, MethodSetupMachine())
	checkMoves(t, MethodEditMachine(), []string{"pending saved", "pending refused"})
	checkClosed(t, MethodEditMachine())
}

func TestACardExpiresWhenItsMonthIsOverEverywhere(t *testing.T) { // R38
	for _, c := range []struct {
		month, year int
		at          string
		expired     bool
	}{
		{2, 2028, "2028-02-29T23:59:59Z", false},
		{2, 2028, "2028-03-01T11:59:59Z", false}, // it is still February in the far west
		{2, 2028, "2028-03-01T12:00:00Z", true},
		{12, 2027, "2028-01-01T00:00:00Z", false},
		{12, 2027, "2028-01-02T00:00:00Z", true},
		{0, 0, "2028-01-02T00:00:00Z", false}, // a bank account
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := CardExpired(c.month, c.year, at); got != c.expired {
			t.Errorf("a card of %d/%d at %s: expired %v", c.month, c.year, c.at, got)
		}
	}
}

func TestWhatNeedsAMethodKeepsIt(t *testing.T) { // R38
	if err := MethodNeeded(nil); err != nil {
		t.Errorf("nothing needs it, and yet: %v", err)
	}
	if err := MethodNeeded([]MethodUse{{Autopay: true, By: "Ann Lovelace"}}); CodeOf(err) != CodeConflict || !strings.Contains(err.Error(), "Autopay, which Ann Lovelace") {
		t.Errorf("while autopay charges it, it says %v", err)
	}
	for status, words := range map[PaymentStatus]string{PaymentAwaitingCustomer: "confirm a payment of $5.00", PaymentReserved: "being charged", PaymentCharging: "being charged", PaymentDeclined: "tried again with it by itself"} {
		err := MethodNeeded([]MethodUse{{Status: status, Amount: "$5.00", By: "Ann Lovelace"}})
		if CodeOf(err) != CodeConflict || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "Ann Lovelace") {
			t.Errorf("while %s it says %v", status, err)
		}
	}
}
