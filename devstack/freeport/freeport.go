// Package freeport finds TCP ports of the loopback that nobody listens on.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
	"time"
)

// Ports are looked for below those that systems give to outgoing connections: a
// server that is down for a while finds its own port free when it comes back.
const (
	lowest  = 10240
	highest = 32767
)

// Find returns a port that was free a moment ago. Who binds it next may be
// somebody else, so a caller must be ready to try again.
func Find() (int, error) {
	const tries = 100
	var err error
	for range tries {
		port := lowest + rand.IntN(highest-lowest+1)
		var listener net.Listener
		if listener, err = net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err != nil {
			continue // somebody has it
		}
		if err = listener.Close(); err == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("finding a free port: %w", err)
}

// Taken reports whether somebody listens on the port.
func Taken(port int) bool {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	// macOS lets us bind the loopback beside a listener on all addresses, so
	// binding alone doesn't tell.
	if conn, err := net.DialTimeout("tcp4", address, time.Second); err == nil {
		_ = conn.Close()
		return true
	}
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return errors.Is(err, syscall.EADDRINUSE)
	}
	_ = listener.Close()
	return false
}

// Of is the port of an address such as 127.0.0.1:5432.
func Of(address string) (int, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
