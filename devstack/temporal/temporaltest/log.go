package temporaltest

import (
	"io"
	"log/slog"
	"testing"
)

// newLogger writes what matters to a test's output, which shows when it fails.
func newLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
