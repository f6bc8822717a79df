package worker_test

import (
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/worker"

	product "countersign/worker"
)

// Every recorded history replays on the present code: a flow that is under way
// survives a deployment.
func TestRecordedHistoriesReplay(t *testing.T) {
	histories, err := filepath.Glob("../workflows/testdata/replay/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(histories) < 5 {
		t.Fatalf("only %d histories are recorded", len(histories))
	}
	for _, path := range histories {
		t.Run(filepath.Base(path), func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			product.Register(replayer)
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, path); err != nil {
				t.Fatal(err)
			}
		})
	}
}
