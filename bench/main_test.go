// Package bench measures what is claimed to be fast, each beside a floor in the
// same run:
//
//	go test ./bench -run '^$' -bench . -benchtime 400x
package bench

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/devstack/stack"
)

func TestMain(m *testing.M) { stack.Main(m) }

// latencies of many calls.
type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

// time adds how long do takes.
func (l *latencies) time(do func()) {
	start := time.Now()
	do()
	took := time.Since(start)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, took)
}

// at is the quantile q of them.
func (l *latencies) at(q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(l.all))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// spread calls do for 0 to n-1, by so many clients at once.
func spread(n, clients int, do func(i int)) {
	var (
		next atomic.Int64
		wait sync.WaitGroup
	)
	for range clients {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

// report gives the quantiles of ours and of the floor, and how they compare.
func report(b *testing.B, ours, floor *latencies) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for _, q := range []struct {
		name string
		q    float64
	}{{"p50", 0.5}, {"p99", 0.99}} {
		b.ReportMetric(ms(ours.at(q.q)), q.name+"-ms")
		b.ReportMetric(ms(floor.at(q.q)), "floor-"+q.name+"-ms")
		b.ReportMetric(float64(ours.at(q.q))/float64(floor.at(q.q)), q.name+"-ratio")
	}
	b.ReportMetric(0, "ns/op")
}
