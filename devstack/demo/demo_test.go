package demo_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"countersign/devstack/demo"
	"countersign/devstack/stack"
	"countersign/workflows"
)

var _ = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
var _ = workflowservice.ListWorkflowExecutionsRequest{}
var _ = workflows.TaskQueue

func load(t *testing.T, s *stack.Stack, now time.Time) demo.SignIns {
	t.Helper()
	signIns, err := demo.Load(t.Context(), demo.Config{
		OwnerURL: s.DatabaseURL, DB: s.DB, Temporal: s.Temporal, TaskQueue: workflows.TaskQueue, Now: now,
		StripeURL: s.Sim.URL, StripeKey: "sk_test_stack", Log: t.Output(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return signIns
}

func TestLoads(t *testing.T) {
	s := stack.New(t, stack.Options{})
	begun := time.Now()
	load(t, s, time.Now())
	t.Log(time.Since(begun))
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, q := range []string{
		"select count(*)::text from invoices",
	} {
		var out string
		if err := conn.QueryRow(t.Context(), q).Scan(&out); err != nil {
			t.Fatal(err)
		}
		t.Log(q, out)
	}
}
