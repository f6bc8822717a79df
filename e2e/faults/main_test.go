package faults

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"

	"countersign/db/dbtest"
	"countersign/devstack/temporal/temporaltest"
)

var (
	seedFlag  = flag.Uint64("faults.seed", 0, "run just this seed, or begin with it")
	runsFlag  = flag.Int("faults.runs", 0, "how many seeds of the real processes to run")
	seedsFlag = flag.Int("faults.seeds", 0, "how many seeds of skipped time to run")
	logFlag   = flag.String("faults.log", "", "append a line of JSON for each run to this file")
)

// Temporal's program is looked for, and built if need be, before a test's clock runs.
func TestMain(m *testing.M) { dbtest.Main(temporaltest.Around(m)) }

// seeds are those to run: what the flags ask for, or a fixed few.
func seeds(fixed []uint64, asked int) []uint64 {
	switch {
	case *seedFlag == 0 && asked == 0:
		return fixed
	case asked == 0:
		return []uint64{*seedFlag}
	}
	all := make([]uint64, asked)
	for i := range all {
		all[i] = max(*seedFlag, 1) + uint64(i)
	}
	return all
}

// sum adds the counts of runs up, and writes the runs down.
type sum struct {
	t   *testing.T
	log *json.Encoder
	hit map[string]int
}

// peopleDo is what people do in runs of both kinds, if there are enough of them.
var peopleDo = []string{
	"people: canceled", "people: canceled a declined payment", "people: changed their company's details", "people: paid in part", "people: paid in two tabs",
	"people: paid several at once", "people: pressed twice", "people: removed a saved card", "people: retried", "people: retried twice at once", "people: saved a card",
	"people: staff canceled a payment", "people: staff edited an invoice", "people: staff retried a payment", "people: staff retried every declined payment",
	"people: staff voided an invoice", "people: their bank declined a saved card", "people: took over", "people: used a saved card",
	"people: walked away from the page", "people: were asked to authenticate a saved card", "people: were declined on the page",
	"people: were told that somebody else pays", "people: used credit first", "people: paid from a bank account",
	"people: staff gave money back", "people: staff recorded a bank transfer", "people: staff gave credit", "people: staff used credit",
	"people: money was given back at the processor", "people: a charge was disputed", "people: a dispute was decided",
}

func newSum(t *testing.T) *sum {
	t.Helper()
	s := &sum{t: t, hit: map[string]int{}}
	if *logFlag == "" {
		return s
	}
	file, err := os.OpenFile(*logFlag, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	s.log = json.NewEncoder(file)
	return s
}

// take holds a run to have been good, and says how to run it again.
func (s *sum) take(r Report, again string) {
	s.t.Helper()
	for kind, n := range r.Hit {
		s.hit[kind] += n
	}
	if s.log != nil {
		if err := s.log.Encode(r); err != nil {
			s.t.Error(err)
		}
	}
	if r.Good() {
		return
	}
	s.t.Errorf("seed %d broke something. Again: %s", r.Seed, again)
	if r.Trouble != "" {
		s.t.Errorf("seed %d: %s", r.Seed, r.Trouble)
	}
	for _, v := range r.Violations {
		s.t.Errorf("seed %d: %s", r.Seed, v)
	}
}

// tell logs what was hit, by kind. Once there were enough runs, none of the kinds
// that there are may have been missed.
func (s *sum) tell(enough bool, kinds ...[]string) {
	s.t.Helper()
	for _, kind := range slices.Concat(kinds...) {
		if enough && s.hit[kind] == 0 {
			s.t.Errorf("never hit: %s", kind)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(s.hit)) {
		s.t.Logf("%6d %s", s.hit[kind], kind)
	}
}
