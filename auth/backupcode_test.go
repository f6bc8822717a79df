package auth

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFiveBackupCodesAreMade(t *testing.T) { // R61
	codes, hashes, err := NewBackupCodes(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if len(codes) != 5 || len(hashes) != 5 {
		t.Fatalf("%d codes and %d hashes", len(codes), len(hashes))
	}
	shape := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$`)
	seen := map[string]bool{}
	for i, code := range codes {
		if !shape.MatchString(code) || seen[code] {
			t.Errorf("code %d is %q", i, code)
		}
		seen[code] = true
		if hash, ok := HashBackupCode(code); !ok || !bytes.Equal(hash, hashes[i]) {
			t.Errorf("code %d doesn't lead to its hash", i)
		}
	}
	if _, _, err := NewBackupCodes(strings.NewReader("short")); err == nil {
		t.Error("codes were made of too little randomness")
	}
}

func TestBackupCodeIsReadHoweverItIsTyped(t *testing.T) { // R62
	want, ok := HashBackupCode("0123-01ab-cdef-ghjk")
	if !ok {
		t.Fatal("the plain code was refused")
	}
	for _, typed := range []string{
		"012301abcdefghjk", "O123-OIAB-CDEF-GHJK", " 0i23 o1ab cdef ghjk\n", "oL23–01AB–cdef–ghjk",
	} {
		if got, ok := HashBackupCode(typed); !ok || !bytes.Equal(got, want) {
			t.Errorf("%q was not recognized", typed)
		}
	}
	for _, typed := range []string{"", "0123", "0123-01ab-cdef-ghjk-m", "0123-01ab-cdef-ghj!", "0123-01ab-cdef-ghju"} {
		if _, ok := HashBackupCode(typed); ok {
			t.Errorf("%q was taken for a code", typed)
		}
	}
}

func TestDifferentBackupCodesHaveDifferentHashes(t *testing.T) {
	code := rapid.StringMatching(`[0-9a-hjkmnp-tv-z]{16}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := code.Draw(t, "a"), code.Draw(t, "b")
		ha, _ := HashBackupCode(a)
		hb, _ := HashBackupCode(b)
		if bytes.Equal(ha, hb) != (a == b) {
			t.Fatalf("%s and %s", a, b)
		}
	})
}
