package faults

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// strike is a fault and its moment.
type strike struct {
	after time.Duration
	fault fault
	heavy bool
	rng   *rand.Rand
}

// schedule is what goes wrong in a run, made from its seed: about two faults of
// traffic a second, and one to three processes or servers taken away.
func schedule(rng *rand.Rand, over time.Duration) []strike {
	var all []strike
	add := func(from []fault, heavy bool) {
		all = append(all, strike{
			heavy: heavy,
			after: time.Duration(rng.Int64N(int64(over))), fault: from[rng.IntN(len(from))],
			rng: rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())),
		})
	}
	for range 2*int(over.Seconds()) + rng.IntN(6) {
		add(light(), false)
	}
	for range 1 + rng.IntN(3) {
		add(heavy(), true)
	}
	return all
}

// strikeAll breaks the world as scheduled, and returns when all of it is over.
// Two faults of servers and processes are never at work at once: each begins with
// a world whose processes run.
func (w *World) strikeAll(ctx context.Context, all []strike, note func(string)) error {
	var (
		working sync.WaitGroup
		one     sync.Mutex
		mu      sync.Mutex
		failed  error
	)
	for _, s := range all {
		working.Go(func() {
			wait(ctx, s.after)
			if s.heavy {
				one.Lock()
				defer one.Unlock()
			}
			err := s.fault.strike(ctx, w, s.rng, note)
			if errors.Is(err, errSpared) {
				return
			}
			if err == nil && s.fault.kind != "" {
				note(s.fault.kind)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil && failed == nil {
				failed = err
			}
		})
	}
	working.Wait()
	return failed
}
