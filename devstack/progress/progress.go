// Package progress tells a person that a long piece of work is still going on.
package progress

import (
	"fmt"
	"io"
	"time"
)

// every is how often a running piece of work is mentioned.
const every = 10 * time.Second

// While runs work and writes what to log when it begins, again every ten
// seconds with the time spent ("Building Temporal … 40 s"), and when it is done.
func While(log io.Writer, what string, work func() error) error {
	return while(log, what, every, time.Now, work)
}

func while(log io.Writer, what string, every time.Duration, now func() time.Time, work func() error) error {
	begun := now()
	line := func(end string) {
		// A person who can't be told is no reason to give up the work.
		_, _ = fmt.Fprintf(log, "%s … %s%s\n", what, now().Sub(begun).Round(time.Second), end)
	}
	_, _ = fmt.Fprintf(log, "%s …\n", what)
	done := make(chan error, 1)
	go func() { done <- work() }()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err == nil {
				line(", done")
			}
			return err
		case <-tick.C:
			line("")
		}
	}
}
