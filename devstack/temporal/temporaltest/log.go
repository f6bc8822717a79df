package temporaltest

import (
	"log/slog"
	"testing"
)

// newLogger writes what matters to a test's output, which shows when it fails.
func newLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}
