package progress

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// lines is a log that says when it was written to.
type lines struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() { l.written <- struct{}{} }()
	return l.text.Write(p)
}

func TestWhileMentionsTheWorkUntilItIsDone(t *testing.T) {
	t.Parallel()
	log := &lines{written: make(chan struct{}, 1000)}
	err := while(log, "Brewing", time.Millisecond, time.Now, func() error {
		<-log.written // the beginning
		<-log.written // still going on
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(log.text.String()), "\n")
	if len(got) < 3 || got[0] != "Brewing …" || got[1] != "Brewing … 0s" || got[len(got)-1] != "Brewing … 0s, done" {
		t.Errorf("the log says\n%s", log.text.String())
	}
}

func TestWhileReturnsTheErrorOfTheWorkAndDoesNotSayDone(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	failed := errors.New("the milk boiled over")
	if err := while(&log, "Brewing", time.Hour, time.Now, func() error { return failed }); !errors.Is(err, failed) {
		t.Fatalf("got %v", err)
	}
	if got := log.String(); got != "Brewing …\n" {
		t.Errorf("the log says %q", got)
	}
}
