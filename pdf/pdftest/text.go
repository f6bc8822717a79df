// Package pdftest reads PDFs as a program does that isn't ours.
package pdftest

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// Pages is what a PDF says, a page each, as pdftotext lays it out. Without that
// program the test is skipped.
func Pages(t testing.TB, file []byte) []string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext isn't installed; it is in Debian's poppler-utils")
	}
	var text, wrong bytes.Buffer
	command := exec.CommandContext(t.Context(), program, "-layout", "-enc", "UTF-8", "-", "-")
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(file), &text, &wrong
	if err := command.Run(); err != nil || wrong.Len() > 0 {
		t.Fatalf("%v: %s", err, wrong.String())
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\f"), "\f")
}
