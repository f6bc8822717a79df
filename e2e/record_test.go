package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"countersign/devstack/stack"
)

// record keeps the histories of the journeys for the replay tests:
//
//	go test ./e2e -record
//
// Record anew only together with a change to a flow that old histories can't
// replay on and that no GetVersion guards, which no released version may have.
var record = flag.Bool("record", false, "keep the flows' histories in workflows/testdata/replay")

// keepHistory writes a flow's history to where the replay tests read it.
func keepHistory(t *testing.T, s *stack.Stack, workflowID, name string) {
	t.Helper()
	if !*record {
		return
	}
	history := &historypb.History{}
	events := s.Temporal.GetWorkflowHistory(t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		history.Events = append(history.Events, event)
	}
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("..", "workflows", "testdata", "replay", name+".json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
}
