// Package authenticator shows the codes of a second factor, in tests: by oathtool, an authenticator that we didn't write.
package authenticator

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Code is what it shows for a secret in base 32 at an instant. A test on a machine without oathtool is skipped.
func Code(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	program, err := exec.LookPath("oathtool")
	if err != nil {
		t.Skip("no oathtool on PATH")
	}
	out, err := exec.Command(program, "--totp", "--base32", "--now", at.UTC().Format("2006-01-02 15:04:05 UTC"), secret).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
