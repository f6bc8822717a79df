package portal

import (
	"slices"
	"strings"
	"testing"
)

func TestForwardAddressesAreMergedWhateverTheirCase(t *testing.T) { // R26 R30
	got, err := ForwardAddresses([]string{" Ann@Example.COM ", "ben@example.org", "ANN@example.com", ""})
	if want := []string{"ann@example.com", "ben@example.org"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestOnlyPlainAddressesAreForwardedTo(t *testing.T) { // R26 R30
	for _, good := range []string{"a@b.co", "first.last+tag@sub.example.museum", "o'brien@example.ie", "x_y-z@ex-ample.com", "1@2.example"} {
		if _, err := ForwardAddresses([]string{good}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"ann", "ann@", "@example.com", "ann@localhost", "ann@example", "ann@127.0.0.1", "ann@[127.0.0.1]", "Ann <ann@example.com>", "<ann@example.com>",
		"ann@example.com, ben@example.com", "ann@example.com;ben@example.com", "ann@example.com\r\nBcc: all@example.com", "ann@example.com\n", "\rann@example.com",
		"ann@example.com%0aBcc:x@example.com\x00", `"ann smith"@example.com`, `"ann\r\n"@example.com`, "ann@exa mple.com", "ann(comment)@example.com", "ann@-example.com",
		"ann@example-.com", "ann@example..com", "ann.@example.com", "ann@example.com.", "ann@exämple.com", "änn@example.com", "ann@example.com\u2028", "ann@@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("b", 64) + ".com", "a@" + strings.Repeat("b.", 130) + "com",
	} {
		got, err := ForwardAddresses([]string{bad})
		if CodeOf(err) != CodeInvalid {
			t.Errorf("%q was read as %q: %v", bad, got, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\r\n\x00") {
			t.Errorf("%q comes back with its line break: %q", bad, err.Error())
		}
	}
}

func TestForwardsHaveLimits(t *testing.T) { // R26 R30
	many := make([]string, MaxForwardRecipients+1)
	for i := range many {
		many[i] = string(rune('a'+i)) + "@example.com"
	}
	if _, err := ForwardAddresses(many); CodeOf(err) != CodeInvalid {
		t.Errorf("%d addresses: %v", len(many), err)
	}
	if got, err := ForwardAddresses(many[1:]); err != nil || len(got) != MaxForwardRecipients {
		t.Errorf("%d addresses: %v", len(got), err)
	}
	if err := ForwardLimits(MaxForwardsOfPerson-1, MaxForwardsOfOrganization-1); err != nil {
		t.Error(err)
	}
	if err := ForwardLimits(MaxForwardsOfPerson, 0); CodeOf(err) != CodeTooMany {
		t.Error(err)
	}
	if err := ForwardLimits(0, MaxForwardsOfOrganization); CodeOf(err) != CodeTooMany {
		t.Error(err)
	}
}

func TestForwardsMoveOnly(t *testing.T) {
	checkMoves(t, ForwardMachine(), []string{"sending following", "following ended"})
	checkClosed(t, ForwardMachine())
}
