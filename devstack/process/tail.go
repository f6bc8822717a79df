package process

import (
	"io"
	"os"
	"strings"
)

// How much of a log's end is shown to a person.
const (
	tailLines = 15
	tailBytes = 8 << 10
)

// Tail returns the last lines of a log, of what was written at or after offset
// from. A log that can't be read has no last lines.
func Tail(path string, from int64) string {
	file, err := os.Open(path)
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
