package faults

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// realFaults are those of traffic, by the names that they are counted by. While a
// lost answer is held, the webhooks of what it was about come early.
var realFaults = []string{
	"processor: lose_request", "processor: lose_request held", "processor: lose_answer", "processor: lose_answer held", "processor: slow",
	"processor: refuse 409", "processor: refuse 429", "processor: refuse 500", "processor: refuse 503", "processor: act_and_refuse 500",
	"processor: drop", "processor: double", "processor: delay", "processor: reorder", "shuffled webhooks", "no webhook came any more",
	"forged: wrong secret", "forged: an hour old", "forged: from the future", "forged: signed well, a lie", "forged: without a signature",
	"mail: error", "mail: rate_limit", "mail: webhook_twice", "people: staff revised an estimate", "people: decided on an estimate",
}

// N3: whatever is killed, stopped, restarted, lost, doubled or forged while people
// pay, retry, cancel and take over, and staff edit and void: no payment is
// doubled, lost or left in doubt.
func TestRealProcessesUnderFaults(t *testing.T) {
	w := startWorld(t)
	all := newSum(t)
	list := seeds([]uint64{1, 2}, *runsFlag)
	for _, seed := range list {
		report := w.Run(t.Context(), seed)
		all.take(report, fmt.Sprintf("go test ./e2e/faults -run Real -faults.seed=%d", seed))
		t.Logf("seed %d: %d payments, %d succeeded, in %s", seed, report.Payments, report.Succeeded, report.Took.Round(100_000_000))
		if t.Failed() {
			for _, s := range w.services() {
				t.Logf("%s said at last:\n%s", s.name, s.log())
			}
			break
		}
	}
	var struck []string
	for _, f := range heavy() {
		struck = append(struck, f.kind)
	}
	all.tell(len(list) >= 60, struck, realFaults, peopleDo)
}

func startWorld(t *testing.T) *World {
	t.Helper()
	dir, err := os.MkdirTemp("", "countersign-faults-") //nolint:usetesting // Postgres's user must pass, who can't pass what t.TempDir gives root
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	w, err := StartWorld(t.Context(), build(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// build builds the product.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "countersign")
	built := exec.Command("go", "build", "-o", program, "countersign/cmd/countersign")
	if said, err := built.CombinedOutput(); err != nil {
		t.Fatalf("building the product: %v\n%s", err, said)
	}
	return program
}
