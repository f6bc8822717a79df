package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"countersign/devstack/stack"
	"countersign/portal"
	"countersign/workflows"
)

// nothing is the floor's local activity.
func nothing(context.Context) error { return nil }

// bare is the floor's flow: an Update that runs an empty local activity.
func bare(ctx workflow.Context) error {
	done := false
	err := workflow.SetUpdateHandler(ctx, "decide", func(ctx workflow.Context) error {
		local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 5 * time.Second})
		if err := workflow.ExecuteLocalActivity(local, nothing).Get(ctx, nil); err != nil {
			return err
		}
		done = true
		return nil
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return done && workflow.AllHandlersFinished(ctx) })
}

// BenchmarkAcceptEstimate is accepting an estimate over HTTP, session and all,
// beside an Update on a running flow with an empty local activity.
func BenchmarkAcceptEstimate(b *testing.B) {
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s := stack.New(b, stack.Options{})
			org := s.Seed("bright", "USD")
			ann := org.AsAnn()
			n := max(b.N, 50)
			queue := "bare-" + uuid.NewString()
			w := worker.New(s.Temporal, queue, worker.Options{})
			w.RegisterWorkflow(bare)
			w.RegisterActivity(nothing)
			if err := w.Start(); err != nil {
				b.Fatal(err)
			}
			defer w.Stop()
			estimates, flows := sent(b, s, org, n), make([]string, n)
			for i := range flows {
				run, err := s.Temporal.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{TaskQueue: queue}, bare)
				if err != nil {
					b.Fatal(err)
				}
				flows[i] = run.GetID()
			}
			settle(b, s, estimates)
			var ours, floor latencies
			b.ResetTimer()
			// In turns, so that both meet the same machine: what accepting leaves
			// to do, emails above all, goes on beside the one as beside the other.
			spread(n, clients, func(i int) {
				floor.time(func() {
					handle, err := s.Temporal.UpdateWorkflow(b.Context(), client.UpdateWorkflowOptions{
						WorkflowID: flows[i], UpdateName: "decide", WaitForStage: client.WorkflowUpdateStageCompleted,
					})
					if err == nil {
						err = handle.Get(b.Context(), nil)
					}
					if err != nil {
						b.Error(err)
					}
				})
				ours.time(func() {
					answer, err := ann.Do("POST", "/api/bright/portal/estimates/"+estimates[i].String()+"/decision", "", map[string]any{"decision": "accepted", "version": 1})
					if err != nil || answer.Status != 200 {
						b.Errorf("answered %d %v %s", answer.Status, err, answer.Body)
					}
				})
			})
			b.StopTimer()
			report(b, &ours, &floor)
		})
	}
}

// sent makes n estimates and begins their flows.
func sent(b *testing.B, s *stack.Stack, org stack.Org, n int) []uuid.UUID {
	staff := org.Staff()
	ids := make([]uuid.UUID, n)
	spread(n, 8, func(i int) {
		var made struct {
			ID uuid.UUID `json:"id"`
		}
		staff.Must(201, "POST", "/api/bright/console/estimates", "", map[string]any{
			"customer": org.Customer, "title": "Work", "valid_until": portal.DateOf(time.Now(), time.UTC).AddDays(10),
			"lines": []map[string]any{{"description": "Design", "quantity": "2.5", "unit_price": 12000, "tax_percent": "20"}},
		}, &made)
		staff.Must(200, "POST", "/api/bright/console/estimates/"+made.ID.String()+"/send", "", nil, nil)
		ids[i] = made.ID
	})
	return ids
}

// settle waits until every estimate's flow has mailed it and waits.
func settle(b *testing.B, s *stack.Stack, estimates []uuid.UUID) {
	for _, id := range estimates {
		s.Eventually("the flow to wait", func() bool {
			described, err := s.Temporal.DescribeWorkflowExecution(b.Context(), workflows.EstimateID(id, 1), "")
			return err == nil && len(described.GetPendingActivities()) == 0
		})
	}
	time.Sleep(time.Second)
}
