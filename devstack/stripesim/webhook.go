package stripesim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"path"
	"slices"
	"strconv"
	"sync"
	"time"
)

// delivery is an event on its way to the webhook. It is kept until a 2xx.
type delivery struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	Attempts int    `json:"attempts"`
	// Due is by the real clock: retries don't wait for time to be moved.
	Due time.Time `json:"due"`
	// Body is what is sent.
	Body json.RawMessage `json:"body"`

	held    bool // by a fault that reorders
	sending bool
}

func (*delivery) kind() string  { return "delivery" }
func (d *delivery) key() string { return d.ID }

// HookKind is a way in which webhooks go wrong.
type HookKind string

// The ways.
const (
	// Drop: the event is never sent.
	Drop HookKind = "drop"
	// Double: the event is sent twice.
	Double HookKind = "double"
	// Delay: the event is sent after Delay.
	Delay HookKind = "delay"
	// Reorder: Count events are gathered, then sent last to first.
	Reorder HookKind = "reorder"
)

// HookFault makes the next events that match go wrong on their way.
type HookFault struct {
	// Type is a path.Match pattern of event types, such as charge.*; "" is
	// any.
	Type string   `json:"type,omitempty"`
	Kind HookKind `json:"kind"`
	// Count is how many events it is for; 0 means one (two for Reorder).
	Count int           `json:"count,omitempty"`
	Delay time.Duration `json:"delay,omitempty"`

	gathered []*delivery
}

func (f *HookFault) matches(kind string) bool {
	if f.Type == "" {
		return true
	}
	ok, err := path.Match(f.Type, kind)
	return err == nil && ok
}

// Retries of a webhook come quickly, so that a receiver that starts late or is
// restarted by a test isn't waited for.
const (
	firstRetry  = 100 * time.Millisecond
	lastRetry   = 5 * time.Second
	hookTimeout = 10 * time.Second
	// hookWorkers is how many webhooks are sent at once while they are
	// shuffled; otherwise they are sent one after the other.
	hookWorkers = 8
)

// dispatcher sends deliveries. All but run is called with the simulator's lock.
type dispatcher struct {
	s      *Sim
	client *http.Client
	awake  chan struct{}
	faults []*HookFault
	// jitter spreads each delivery at random over so long; 0 sends in order
	// one at a time.
	jitter time.Duration
	// paused: nothing is sent until it is lifted.
	paused bool
}

func newDispatcher(s *Sim) *dispatcher {
	return &dispatcher{
		s:      s,
		client: &http.Client{Timeout: hookTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: hookWorkers}},
		awake:  make(chan struct{}, 1),
	}
}

// wake makes the dispatcher look at what is due.
func (d *dispatcher) wake() {
	select {
	case d.awake <- struct{}{}:
	default:
	}
}

// send puts an event on its way, past the faults that are set.
func (t *tx) send(e *event) {
	s := t.s
	if s.opts.WebhookURL == "" || len(s.opts.Events) > 0 && !slices.Contains(s.opts.Events, e.Type) {
		return
	}
	f := s.hooks.takeFault(e.Type)
	if f != nil && f.Kind == Drop {
		return
	}
	first := t.deliver(e)
	switch {
	case f == nil:
	case f.Kind == Double:
		t.deliver(e)
	case f.Kind == Delay:
		first.Due = first.Due.Add(f.Delay)
	case f.Kind == Reorder:
		first.held = true
		f.gathered = append(f.gathered, first)
		if len(f.gathered) >= f.Count {
			s.hooks.release(f)
		}
	}
	s.hooks.wake()
}

func (t *tx) deliver(e *event) *delivery {
	d := &delivery{ID: t.id("whd_"), Event: e.ID, Due: t.s.hooks.after(0), Body: e.Body}
	t.put(d)
	return d
}

// after is when something that waits so long is due, with the jitter.
func (d *dispatcher) after(wait time.Duration) time.Time {
	if d.jitter > 0 {
		n, err := rand.Int(d.s.opts.Rand, big.NewInt(int64(d.jitter)))
		if err == nil {
			wait += time.Duration(n.Int64())
		}
	}
	return time.Now().Add(wait)
}

// takeFault finds the fault that is set for an event.
func (d *dispatcher) takeFault(kind string) *HookFault {
	for i, f := range d.faults {
		if !f.matches(kind) {
			continue
		}
		if f.Kind == Reorder {
			return f // it goes when it is full
		}
		d.s.hit(string(f.Kind))
		if f.Count--; f.Count <= 0 {
			d.faults = slices.Delete(d.faults, i, i+1)
		}
		return f
	}
	return nil
}

// release sends what a reordering fault has gathered, last to first.
func (d *dispatcher) release(f *HookFault) {
	if len(f.gathered) > 1 {
		d.s.hit(string(Reorder))
	}
	now := time.Now()
	for i, held := range slices.Backward(f.gathered) {
		held.held = false
		held.Due = now.Add(time.Duration(len(f.gathered)-1-i) * time.Millisecond)
	}
	f.gathered = nil
	d.faults = slices.DeleteFunc(d.faults, func(g *HookFault) bool { return g == f })
}

// run sends what is due until ctx ends.
func (d *dispatcher) run(ctx context.Context) {
	var sending sync.WaitGroup
	defer sending.Wait()
	slots := make(chan struct{}, hookWorkers)
	for {
		next, out := d.due()
		for _, p := range out {
			slots <- struct{}{}
			sending.Go(func() {
				defer func() { <-slots }()
				d.post(ctx, p)
			})
			if d.inOrder() {
				sending.Wait()
			}
		}
		wait := time.NewTimer(next)
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-d.awake:
		case <-wait.C:
		}
		wait.Stop()
	}
}

func (d *dispatcher) inOrder() bool {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	return d.jitter == 0
}

// parcel is a delivery that is being sent, with where to.
type parcel struct {
	account  string
	delivery *delivery
	url      string
	secret   string
}

// due takes the deliveries whose time has come, oldest first, and says how long
// to wait for the next.
func (d *dispatcher) due() (time.Duration, []parcel) {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	next := time.Minute
	var out []parcel
	if s.opts.WebhookURL == "" || d.paused {
		return next, nil
	}
	now := time.Now()
	for account, shelves := range s.store.accounts {
		sh := shelves[(*delivery)(nil).kind()]
		if sh == nil || len(sh.byKey) == 0 {
			continue
		}
		for _, r := range sh.live() {
			v := r.(*delivery)
			switch {
			case v.held || v.sending:
			case v.Due.After(now):
				next = min(next, v.Due.Sub(now))
			default:
				v.sending = true
				out = append(out, parcel{account, v, s.opts.WebhookURL, s.opts.WebhookSecret})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b parcel) int { return a.delivery.Due.Compare(b.delivery.Due) })
	return next, out
}

// post sends one delivery, and drops it or puts it back.
func (d *dispatcher) post(ctx context.Context, p parcel) {
	err := d.try(ctx, p)
	if ctx.Err() != nil {
		return // it is kept, and sent after the restart
	}
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &tx{s: s, account: p.account}
	defer t.commit()
	v := p.delivery
	v.sending = false
	if _, ok := get[*delivery](t, v.ID); !ok {
		return // reset meanwhile
	}
	if err == nil {
		t.drop(v)
		return
	}
	s.log.Debug("stripesim: webhook not delivered", "event", v.Event, "attempts", v.Attempts+1, "error", err)
	wait := min(firstRetry<<min(v.Attempts, 10), lastRetry)
	v.Attempts++
	v.Due = d.after(wait)
	t.put(v)
	d.wake()
}

func (d *dispatcher) try(ctx context.Context, p parcel) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(p.delivery.Body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	req.Header.Set("Stripe-Signature", Sign(p.delivery.Body, p.secret, d.s.opts.Now()))
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	// Read, so that the connection is used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

// Sign makes the Stripe-Signature header of a webhook body, signed at a time.
// https://docs.stripe.com/webhooks#verify-manually
func Sign(body []byte, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(strconv.AppendInt(nil, at.Unix(), 10))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}
