package faults

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/db/dbtest"
)

// fastFaults are those of skipped time, by the names that they are counted by.
var fastFaults = []string{
	"cut a connection to Postgres", "froze a worker after a call to the processor", "froze a worker before a call to the processor",
	"killed a worker after a step", "killed an API after it had done what was asked", "mail: answer lost", "mail: refused", "mail: refused for good", "mail: away while what it is about is changed",
	"processor: lose_request", "processor: lose_answer", "processor: refuse 409", "processor: refuse 429", "processor: refuse 500", "processor: act_and_refuse 500",
	"autopay: a charge is put back", "autopay: a charge is taken out", "autopay: charged", "autopay: charges another card", "autopay: its card runs short of money", "autopay: tried again", "autopay: left out what it could not tell of", "autopay: waited for an earlier part",
	"autopay: turned off", "autopay: turned on",
	"people: decided on an estimate", "people: staff revised an estimate",
	"webhook: at once", "webhook: doubled", "webhook: dropped", "webhook: late", "webhook: none came at all",
}

// N3 N4: the same on skipped time, where a day costs nothing: keys that the
// processor has forgotten, pages that have closed, workers that go on with a step
// a day after they were given up.
func TestFastSeedsUnderFaults(t *testing.T) {
	url := dbtest.New(t)
	// There is memory enough, and not time enough.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	all, began := newSum(t), time.Now()
	list := seeds([]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 52561}, *seedsFlag)
	var (
		next atomic.Int64
		mu   sync.Mutex
		work sync.WaitGroup
	)
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		mill, err := NewMill(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			defer func() { _ = mill.Close() }()
			for n := next.Add(1); int(n) <= len(list); n = next.Add(1) {
				seed := list[n-1]
				report := mill.Run(t.Context(), seed)
				mu.Lock()
				all.take(report, fmt.Sprintf("go test ./e2e/faults -run Fast -faults.seed=%d", seed))
				failed := t.Failed()
				mu.Unlock()
				if failed {
					return
				}
			}
		})
	}
	work.Wait()
	all.tell(len(list) >= 500, fastFaults, peopleDo)
	t.Logf("%.1f seeds a second", float64(len(list))/time.Since(began).Seconds())
}
