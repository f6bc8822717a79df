package temporaltest

import (
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"countersign/devstack/temporal"
)

func TestMain(m *testing.M) { Main(m) }

func greet(_ workflow.Context, name string) (string, error) { return "Hello " + name, nil }

func TestFlowsRunInTheTestsOwnNamespaceWithTheProductsSearchAttributes(t *testing.T) {
	t.Parallel()
	mine, other := New(t), New(t)
	if mine.Name == other.Name {
		t.Fatalf("both namespaces are %s", mine.Name)
	}
	c := mine.Dial(t, client.Options{})
	w := worker.New(c, "greetings", worker.Options{})
	w.RegisterWorkflow(greet)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	var all []sdk.SearchAttributeUpdate
	for name := range temporal.SearchAttributes() {
		all = append(all, sdk.NewSearchAttributeKeyKeyword(name).ValueSet("some value"))
	}
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID:                       "greeting",
		TaskQueue:                "greetings",
		WorkflowExecutionTimeout: time.Minute,
		TypedSearchAttributes:    sdk.NewSearchAttributes(all...),
	}, greet, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	var greeting string
	if err := run.Get(t.Context(), &greeting); err != nil || greeting != "Hello Ada" {
		t.Errorf("the flow says %q, %v", greeting, err)
	}
	if _, err := other.Dial(t, client.Options{}).DescribeWorkflowExecution(t.Context(), "greeting", ""); err == nil {
		t.Error("the other test's namespace has this test's flow")
	}
}
