package process

import (
	"bytes"
	"io"
	"os"
	"strings"
)

// How much of a log's end is shown to a person.
const (
	tailLines = 15
	tailBytes = 8 << 10
)

// Logged reports whether the process has logged a text.
func (p *Process) Logged(text string) bool {
	all, err := os.ReadFile(p.spec.Log)
	return err == nil && int64(len(all)) >= p.logStart && bytes.Contains(all[p.logStart:], []byte(text))
}

// LogTail returns the last lines that the process logged. A log that can't be
// read has none.
func (p *Process) LogTail() string {
	from := p.logStart
	file, err := os.Open(p.spec.Log)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	cut := max(from, info.Size()-tailBytes)
	if _, err := file.Seek(cut, io.SeekStart); err != nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(file, tailBytes))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(text), "?")), "\n")
	if cut > from && len(lines) > 1 {
		lines = lines[1:] // the first is likely half a line
	}
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
