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

	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/portal"
	"countersign/workflows"
)

// barePayment is the floor's flow: the activities of a payment by a saved card
// (reserve, charge, receipt, close), which do nothing.
func barePayment(ctx workflow.Context) error {
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 5 * time.Second})
	remote := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 5 * time.Second})
	if err := workflow.ExecuteLocalActivity(local, nothing).Get(ctx, nil); err != nil {
		return err
	}
	for range 2 {
		if err := workflow.ExecuteActivity(remote, nothing).Get(ctx, nil); err != nil {
			return err
		}
	}
	return workflow.ExecuteLocalActivity(local, nothing).Get(ctx, nil)
}

// afterwork is how long what a payment leaves to do, such as telling staff, may
// take before something else is measured.
const afterwork = 2 * time.Second

// payer is somebody who pays with a saved card.
type payer struct {
	org    stack.Org
	client *stack.Client
	method uuid.UUID
	paid   int
}

func newPayer(s *stack.Stack, n int) *payer {
	org := s.Seed(fmt.Sprintf("payer-%d", n), "USD")
	p := &payer{org: org, client: org.AsAnn()}
	p.method, _ = org.SaveCard(p.client)
	return p
}

// pay pays invoices and gives the payment.
func (p *payer) pay(invoices ...map[string]any) uuid.UUID {
	var begun struct {
		ID uuid.UUID `json:"id"`
	}
	p.client.Must(201, "POST", "/api/"+p.org.Slug+"/portal/payments", "", map[string]any{"way": "saved", "method": p.method, "invoices": invoices}, &begun)
	return begun.ID
}

// booked waits until the money is.
func (p *payer) booked(s *stack.Stack, payment uuid.UUID) {
	for booked := false; !booked; time.Sleep(2 * time.Millisecond) {
		s.In(p.org.ID, func(q *dbsqlc.Queries) error {
			row, err := q.GetPayment(context.Background(), dbsqlc.GetPaymentParams{OrgID: p.org.ID, ID: payment})
			booked = row.Status == portal.PaymentSucceeded
			return err
		})
	}
}

// BenchmarkPayment is how long it takes from asking to pay invoices with a saved
// card to the money being booked, with a processor that answers at once.
func BenchmarkPayment(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprintf("invoices=%d", size), func(b *testing.B) {
			s := stack.New(b, stack.Options{})
			p := newPayer(s, 0)
			var took latencies
			for b.Loop() {
				b.StopTimer()
				invoices := p.owe(size)
				b.StartTimer()
				took.time(func() {
					p.booked(s, p.pay(invoices...))
				})
			}
			b.ReportMetric(float64(took.at(0.5).Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took.at(1).Microseconds())/1000, "max-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// owe makes that many invoices of ten dollars.
func (p *payer) owe(n int) []map[string]any {
	invoices := make([]map[string]any, n)
	for i := range invoices {
		p.paid++
		invoices[i] = map[string]any{"id": p.org.Invoice(fmt.Sprintf("INV-%d", p.paid+10), 1000)}
	}
	return invoices
}

// BenchmarkPayers is how many payments a second come to their end, receipt and
// all, when 32 people pay at once, beside a bare flow of as many activities. Both
// take turns in one run.
func BenchmarkPayers(b *testing.B) {
	const payers, each = 32, 4
	s := stack.New(b, stack.Options{})
	queue := "bare-" + uuid.NewString()
	w := worker.New(s.Temporal, queue, worker.Options{})
	w.RegisterWorkflow(barePayment)
	w.RegisterActivity(nothing)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	people := make([]*payer, payers)
	spread(payers, 8, func(i int) { people[i] = newPayer(s, i) })
	ended := func(id string) {
		if err := s.Temporal.GetWorkflow(b.Context(), id, "").Get(b.Context(), nil); err != nil {
			b.Error(err)
		}
	}
	var ours, floor time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		owed := make([][]map[string]any, payers)
		spread(payers, 8, func(i int) { owed[i] = people[i].owe(each) })
		time.Sleep(afterwork)
		begun := time.Now()
		spread(payers, payers, func(i int) {
			for _, invoice := range owed[i] {
				ended(workflows.PaymentID(people[i].pay(invoice)))
			}
		})
		ours += time.Since(begun)
		time.Sleep(afterwork)
		begun = time.Now()
		spread(payers, payers, func(int) {
			for range each {
				run, err := s.Temporal.ExecuteWorkflow(context.WithoutCancel(b.Context()), client.StartWorkflowOptions{TaskQueue: queue}, barePayment)
				if err != nil {
					b.Error(err)
					return
				}
				ended(run.GetID())
			}
		})
		floor += time.Since(begun)
	}
	n := float64(rounds * payers * each)
	b.ReportMetric(n/ours.Seconds(), "payments/s")
	b.ReportMetric(n/floor.Seconds(), "floor-flows/s")
	b.ReportMetric(floor.Seconds()/ours.Seconds(), "rate-ratio")
	b.ReportMetric(0, "ns/op")
}
