package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Handler is an http.Handler that holds something until it is closed.
type Handler interface {
	http.Handler
	io.Closer
}

// Serve is a component that serves a handler in this process, on 127.0.0.1.
// open makes the handler when the component starts.
func Serve(name string, port int, open func() (Handler, error)) Component {
	return &served{name: name, port: port, open: open}
}

type served struct {
	name    string
	port    int
	open    func() (Handler, error)
	handler Handler
	server  *http.Server
}

func (s *served) Name() string { return s.name }

func (s *served) Start(ctx context.Context, _ io.Writer) (Info, error) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", address)
	if err != nil {
		return Info{}, fmt.Errorf("listening for %s: %w", s.name, err)
	}
	if s.handler, err = s.open(); err != nil {
		return Info{}, errors.Join(err, listener.Close())
	}
	s.server = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			ended <- fmt.Errorf("%s ended: %w", s.name, err)
		}
	}()
	return Info{Says: "http://" + listener.Addr().String(), Ended: ended}, nil
}

// patience is how long requests under way may take to end when the stack stops.
const patience = 2 * time.Second

func (s *served) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		// A request that waits for something, as a stream does, won't end.
		_ = s.server.Close()
	}
	if err := s.handler.Close(); err != nil {
		return fmt.Errorf("closing %s: %w", s.name, err)
	}
	return nil
}
