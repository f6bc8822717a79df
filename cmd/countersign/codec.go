package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.temporal.io/sdk/converter"
	"golang.org/x/sync/errgroup"

	"countersign/workflows"
)

type codecCommand struct {
	payloadFlags
	logFlags
	Listen        string `name:"codec-listen" env:"CODEC_LISTEN" default:"127.0.0.1:8234" help:"Where to serve, host:port. Whoever reaches it reads what flows carry: only operators may."`
	TemporalUIURL string `name:"temporal-ui-url" env:"TEMPORAL_UI_URL" required:"" help:"Temporal's UI: the only site whose pages may ask."`
}

// Run serves Temporal's UI with what flows carry, decrypted, and encrypts what
// operators send from there, until it is told to stop.
func (c *codecCommand) Run(ctx context.Context) error {
	log := c.logger()
	codec, err := c.codec()
	if err != nil {
		return err
	}
	if codec == nil {
		return errors.New("PAYLOAD_KEYS is empty: nothing is encrypted, and Temporal's UI needs no codec")
	}
	handler, err := codecHandler(codec, c.TemporalUIURL)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s (CODEC_LISTEN): %w", c.Listen, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(ending)
	})
	log.Info("Serving Temporal's UI with a codec.", "address", listener.Addr().String(), "for", c.TemporalUIURL)
	return group.Wait()
}

// codecHandler serves POST /encode and /decode as Temporal's UI and command line
// ask for them. A page of any other site is refused, whatever it sends: it could
// make an operator's browser ask.
// https://docs.temporal.io/codec-server
func codecHandler(codec *workflows.Codec, ui string) (http.Handler, error) {
	at, err := url.Parse(ui)
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("TEMPORAL_UI_URL %q is no address: give it as http://host:port", ui)
	}
	allowed := at.Scheme + "://" + at.Host
	next := converter.NewPayloadCodecHTTPHandler(codec)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Origin")
		if r.URL.Path == "/healthz" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if !strings.EqualFold(origin, allowed) {
				http.Error(w, "Only "+allowed+" may ask from a browser (TEMPORAL_UI_URL).", http.StatusForbidden)
				return
			}
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Methods", http.MethodPost)
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type, X-Namespace")
			w.Header().Set("Access-Control-Max-Age", "600")
		}
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 16<<20)
		next.ServeHTTP(w, r)
	}), nil
}
