package api

import (
	"strconv"
	"strings"
)

// sentence makes of the validating library's words something to read beside a
// field, in whose language there are no lengths of arrays.
func sentence(message string) string {
	for _, known := range []struct{ begins, says string }{
		{"expected required property", "Please fill this in."},
		{"unexpected property", "There is no such field."},
		{"expected string to be RFC 3339 date-time", "Enter a time, such as 2026-11-22T09:00:00Z."},
		{"expected string to be RFC 3339 date", "Enter a date, such as 2026-11-22."},
		{"expected string to be RFC 4122 uuid", "Choose one of those that there are."},
		{"expected string to be RFC 5322 email", "Enter an email address, such as name@example.com."},
		{"expected boolean", "Say true or false."},
		{"expected integer", "Enter a whole number."},
		{"expected array items to be unique", "Something is named twice."},
	} {
		if strings.HasPrefix(message, known.begins) {
			return known.says
		}
	}
	for _, known := range []struct {
		begins string
		says   func(rest string) string
	}{
		{"expected length >= ", func(n string) string {
			if n == "1" {
				return "Please fill this in."
			}
			return "Use at least " + n + " characters."
		}},
		{"expected length <= ", func(n string) string { return "Use at most " + n + " characters." }},
		{"expected array length >= ", func(n string) string {
			if n == "1" {
				return "Add at least one."
			}
			return "Add at least " + n + "."
		}},
		{"expected array length <= ", func(n string) string { return "There may be at most " + n + "." }},
		{"expected number >= ", func(n string) string { return "Enter " + plainNumber(n) + " or more." }},
		{"expected number <= ", func(n string) string { return "Enter " + plainNumber(n) + " or less." }},
		{"expected value to be one of ", func(list string) string {
			return "Choose one of: " + strings.TrimPrefix(strings.Trim(list, `"`), ", ") + "."
		}},
		{"expected string to be ", func(what string) string { return "Enter " + what + "." }},
	} {
		if rest, ok := strings.CutPrefix(message, known.begins); ok {
			return known.says(rest)
		}
	}
	if what, ok := strings.CutPrefix(message, "expected "); ok {
		return "Send this as " + article(what) + "."
	}
	if message == "" {
		return "This can't be taken."
	}
	return strings.ToUpper(message[:1]) + message[1:] + "."
}

// plainNumber writes 99999999999 where the library writes 9.9999999999e+10.
func plainNumber(text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func article(noun string) string {
	if noun != "" && strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
