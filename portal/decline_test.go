package portal

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// N6
func TestDeclinesAreSorted(t *testing.T) {
	for class, codes := range map[DeclineClass][]string{
		DeclineRetry:    {"processing_error", "issuer_not_available", "try_again_later", "insufficient_funds"},
		DeclineCustomer: {"do_not_honor", "generic_decline", "authentication_required", "card_not_supported", "a_code_of_tomorrow", ""},
		DeclineNever: {"lost_card", "stolen_card", "pickup_card", "fraudulent", "expired_card", "incorrect_number",
			"revocation_of_authorization", "transaction_not_allowed"},
	} {
		for _, code := range codes {
			if got := ClassifyDecline(code); got != class {
				t.Errorf("%s: got %s, want %s", code, got, class)
			}
		}
	}
}

// N6
func TestDeclineMessagesHideSuspicion(t *testing.T) {
	plain := DeclineMessage("generic_decline")
	if !strings.HasPrefix(plain, "Your bank declined the card") {
		t.Errorf("got %q", plain)
	}
	for _, code := range []string{"lost_card", "stolen_card", "pickup_card", "fraudulent", "revocation_of_authorization", "do_not_honor", "merchant_blacklist", ""} {
		if got := DeclineMessage(code); got != plain {
			t.Errorf("%q: got %q, which tells it from another decline", code, got)
		}
	}
}

// N6
func TestDeclineMessagesSayWhatHelps(t *testing.T) {
	for code, words := range map[string]string{
		"insufficient_funds":      "not enough money",
		"processing_error":        "Nothing was charged",
		"try_again_later":         "try again later",
		"authentication_required": "confirm",
		"card_not_supported":      "another way",
		"transaction_not_allowed": "another way",
		"expired_card":            "expired",
		"incorrect_number":        "number",
		"incorrect_cvc":           "security code",
		"account_closed":          "bank account",
	} {
		if got := DeclineMessage(code); !strings.Contains(got, words) {
			t.Errorf("%s: %q doesn't say %q", code, got, words)
		}
	}
}

// N6
func TestRetriesAreAtNineInTheMorning(t *testing.T) {
	loc := mustLoad(t, "America/New_York")
	// Over the change of the clocks on November 1.
	first := time.Date(2026, time.October, 30, 15, 4, 5, 0, loc)
	for attempt, want := range map[int]string{
		1: "2026-10-31T09:00:00-04:00",
		2: "2026-11-04T09:00:00-05:00",
		3: "2026-11-11T09:00:00-05:00",
	} {
		got, ok := NextRetry(attempt, first, loc)
		if !ok || got.Format(time.RFC3339) != want {
			t.Errorf("after try %d: %v, %v; want %s", attempt, got.Format(time.RFC3339), ok, want)
		}
	}
	for _, attempt := range []int{-1, 0, MaxTries, MaxTries + 1} {
		if got, ok := NextRetry(attempt, first, loc); ok {
			t.Errorf("after try %d: %v, want none", attempt, got)
		}
	}
}

// N6
func TestRetriesKeepWithinTheNetworksLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := mustLoad(t, rapid.SampledFrom([]string{"UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Europe/London"}).Draw(t, "zone"))
		first := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(t, "first"), 0)
		last, tries := first, 1
		for {
			next, ok := NextRetry(tries, first, loc)
			if !ok {
				break
			}
			if !next.After(last) || next.Sub(first) > RetryWindow {
				t.Fatalf("try %d at %v, after %v, first %v", tries+1, next, last, first)
			}
			last = next
			tries++
		}
		if tries != MaxTries {
			t.Fatalf("%d tries, want %d", tries, MaxTries)
		}
	})
}

func TestCustomersDontReadThatACardWasStolen(t *testing.T) {
	for code, want := range map[string]string{
		"stolen_card": "generic_decline", "lost_card": "generic_decline", "pickup_card": "generic_decline", "fraudulent": "generic_decline", "a_code_of_tomorrow": "generic_decline",
		"insufficient_funds": "insufficient_funds", "authentication_required": "authentication_required", "": "",
	} {
		if got := CustomerCode(code); got != want {
			t.Errorf("of %q the customer reads %q, not %q", code, got, want)
		}
	}
}

// N6: the schedule goes by the tries that there were, whoever asked for them, and
// makes up for no day that passed.
func TestScheduleCountsEveryTry(t *testing.T) {
	loc := mustLoad(t, "America/New_York")
	first := time.Date(2026, time.October, 30, 15, 0, 0, 0, loc)
	day := func(n int) time.Time { return first.AddDate(0, 0, n) }
	for name, c := range map[string]struct {
		declined Declined
		want     string
	}{
		"the first":                 {Declined{"insufficient_funds", "card", 1, first, day(0)}, "2026-10-31T09:00:00-04:00"},
		"over the clocks' change":   {Declined{"insufficient_funds", "card", 2, first, day(1)}, "2026-11-04T09:00:00-05:00"},
		"by hand in between":        {Declined{"insufficient_funds", "card", 2, first, day(0)}, "2026-11-04T09:00:00-05:00"},
		"the last":                  {Declined{"insufficient_funds", "card", 3, first, day(5)}, "2026-11-11T09:00:00-05:00"},
		"used up":                   {Declined{"insufficient_funds", "card", 4, first, day(6)}, ""},
		"nobody was there":          {Declined{"processing_error", "card", 1, first, day(8)}, "2026-11-11T09:00:00-05:00"},
		"too late":                  {Declined{"processing_error", "card", 1, first, day(13)}, ""},
		"only the customer helps":   {Declined{"generic_decline", "card", 1, first, day(0)}, ""},
		"never again":               {Declined{"stolen_card", "card", 1, first, day(0)}, ""},
		"a debit that came back":    {Declined{"insufficient_funds", "bank_debit", 1, first, day(4)}, "2026-11-04T09:00:00-05:00"},
		"a debit's third":           {Declined{"insufficient_funds", "bank_debit", 3, first, day(5)}, ""},
		"the bank wants its client": {Declined{"authentication_required", "card", 1, first, day(0)}, ""},
	} {
		got, ok := c.declined.NextTry(loc)
		if ok != (c.want != "") || ok && got.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %s, %v; want %q", name, got.Format(time.RFC3339), ok, c.want)
		}
	}
}
