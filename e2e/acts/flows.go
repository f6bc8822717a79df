package acts

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/temporalproto"

	"countersign/devstack/stack"
)

// Completed waits until a flow has begun, as the relay begins it, and has ended well; it says what one that hangs waits for.
func Completed(t *testing.T, s *stack.Stack, workflowID string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var err error
	s.Eventually(workflowID+" to begin", func() bool {
		err = s.Temporal.GetWorkflow(ctx, workflowID, "").Get(ctx, nil)
		var missing *serviceerror.NotFound
		return !errors.As(err, &missing)
	})
	if err == nil {
		return
	}
	described, describing := s.Temporal.DescribeWorkflowExecution(t.Context(), workflowID, "")
	t.Logf("pending steps: %v, pending task: %v %v", described.GetPendingActivities(), described.GetPendingWorkflowTask(), describing)
	history := s.Temporal.GetWorkflowHistory(t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			t.Fatal(err)
		}
		t.Log(event.GetEventTime().AsTime().Format(time.StampMilli), event.GetEventType())
	}
	t.Fatalf("%s did not complete: %v", workflowID, err)
}

// record keeps the histories of the journeys for the replay tests:
//
//	go test ./e2e ./e2e/screens -record
//
// Record anew only together with a change to a flow that old histories can't
// replay on and that no GetVersion guards, which no released version may have.
var record = flag.Bool("record", false, "keep the flows' histories in workflows/testdata/replay")

// KeepHistory writes a flow's history to where the replay tests read it.
func KeepHistory(t *testing.T, s *stack.Stack, workflowID, name string) {
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
	if err := os.WriteFile(filepath.Join(root(t), "workflows", "testdata", "replay", name+".json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// root is the project's folder: the nearest one with a go.mod.
func root(t *testing.T) string {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		above := filepath.Dir(at)
		if above == at {
			t.Fatal("no go.mod above the test")
		}
		at = above
	}
}
