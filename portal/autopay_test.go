package portal

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAutopayMovesAsItMay(t *testing.T) { // N7
	checkMoves(t, AutopayMachine(), []string{"on ended"})
	checkClosed(t, AutopayMachine())
	checkMoves(t, AutopayChargeMachine(), []string{
		"planned noticed", "planned skipped", "planned canceled", "noticed planned", "noticed noticed", "noticed charged", "noticed skipped", "noticed canceled", "canceled planned",
	})
}

// N7: at nine in the morning of the day, whatever the clocks do; told of at least a
// day before.
func TestAutopayChargesAtNineAndADayAfterItsNotice(t *testing.T) {
	loc := mustLoad(t, "America/New_York")
	// The clocks go back on November 1.
	due := NewDate(2026, time.November, 2)
	if got := AutopayNoticeAt(due, loc).Format(time.RFC3339); got != "2026-10-30T09:00:00-04:00" {
		t.Errorf("told of at %s", got)
	}
	if got := NineOn(due, loc).Format(time.RFC3339); got != "2026-11-02T09:00:00-05:00" {
		t.Errorf("charged at %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		loc := mustLoad(t, rapid.SampledFrom([]string{"UTC", "Asia/Tokyo", "America/Los_Angeles", "Europe/London"}).Draw(t, "zone"))
		noticed := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(t, "noticed"), 0)
		due := DateOf(noticed, loc).AddDays(rapid.IntRange(-10, 40).Draw(t, "days"))
		at := AutopayChargeAt(due, noticed, AutopayNoticeLeast, loc)
		if at.Sub(noticed) < AutopayNoticeLeast || at.Before(NineOn(due, loc)) {
			t.Fatalf("due %s, told of at %s, charged at %s", due, noticed, at)
		}
	})
}

func TestAutopayTermsSayWhatIsAgreedTo(t *testing.T) { // N7
	terms := AutopayOffer{Organization: "Bright Studio", Customer: "Lovelace Ltd", From: NewDate(2026, time.March, 2), Locale: "en-US"}.Terms()
	for _, words := range []string{"Bright Studio", "Lovelace Ltd", "Mar 2, 2026", "24 hours", "three days before", "turn autopay off at any time"} {
		if !strings.Contains(terms, words) {
			t.Errorf("%q isn't said in %q", words, terms)
		}
	}
}

func TestAutopayChargesOnlyWhatIsOffered(t *testing.T) { // N7 R31 R34
	both := []string{"card", "bank_debit"}
	for name, c := range map[string]struct {
		kind, currency string
		offered        []string
		debits, pays   bool
	}{
		"a card":                       {"card", "EUR", both, false, true},
		"no cards":                     {"card", "USD", []string{"bank_transfer"}, true, false},
		"an account":                   {"bank_debit", "USD", both, true, true},
		"an account that may not":      {"bank_debit", "USD", both, false, false},
		"an account in other currency": {"bank_debit", "EUR", both, true, false},
	} {
		if why := ChargedByAutopay(c.kind, c.offered, Currency(c.currency), c.debits); (why == "") != c.pays {
			t.Errorf("%s: %q", name, why)
		}
	}
}
