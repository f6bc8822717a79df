package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/worker"

	"countersign/gateway/stripe"
	"countersign/portal"
	product "countersign/worker"
	"countersign/workflows"
)

// Report is what came of one seed.
type Report struct {
	Seed uint64        `json:"seed"`
	Took time.Duration `json:"took"`
	// Payments that were begun, and those that succeeded.
	Payments  int `json:"payments"`
	Succeeded int `json:"succeeded"`
	// Hit counts what people did and what went wrong, by kind.
	Hit        map[string]int `json:"hit"`
	Violations []Violation    `json:"violations,omitempty"`
	// Trouble is why the run could not be judged, if it couldn't.
	Trouble string `json:"trouble,omitempty"`
}

// Good reports whether everything held.
func (r Report) Good() bool { return len(r.Violations) == 0 && r.Trouble == "" }

// Run is one seed at work.
type Run struct {
	counts counts
	// over is closed when people go home.
	over chan struct{}
	// seen are violations that were seen while people were still at work.
	seen []Violation
}

// working is how long people work and things break in a run.
const working = 6 * time.Second

// Run works through one seed.
func (w *World) Run(ctx context.Context, seed uint64) (report Report) {
	began, run := time.Now(), &Run{over: make(chan struct{})}
	report.Seed = seed
	defer func() { report.Took, report.Hit = time.Since(began), run.counts.all() }()
	facts, err := w.play(ctx, run, seed)
	if err != nil {
		report.Trouble = err.Error()
	}
	if facts != nil {
		report.Violations = slices.Concat(run.seen, Check(facts))
		report.Payments = len(facts.Payments)
		for _, p := range facts.Payments {
			if p.Status == portal.PaymentSucceeded {
				report.Succeeded++
			}
		}
	}
	return report
}

func (w *World) play(ctx context.Context, run *Run, seed uint64) (*Facts, error) {
	rng := rand.New(rand.NewPCG(seed, 0))
	if err := w.sim.Reset(ctx); err != nil {
		return nil, err
	}
	if err := w.inbox.Clear(ctx); err != nil {
		return nil, err
	}
	var since time.Time
	if err := w.owner.QueryRow(ctx, "SELECT now()").Scan(&since); err != nil {
		return nil, err
	}
	shop, err := openShop(ctx, w.owner, w.sim, w.processor, rng, Scale{Customers: 2, Contacts: 2, Invoices: 4}, time.Now())
	if err != nil {
		return nil, err
	}
	at := &here{World: w, run: run, client: &http.Client{Timeout: 5 * time.Second}}
	people := w.people(at, shop, rng)
	strikes := schedule(rng, working)
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			for !at.Over() {
				p()
			}
		})
	}
	var broken error
	all.Go(func() { broken = w.strikeAll(ctx, strikes, run.counts.add) })
	all.Go(func() { w.watch(ctx, run, at, shop) })
	wait(ctx, working)
	close(run.over)
	all.Wait()
	if err := w.mend(ctx); err != nil {
		return nil, err
	}
	if broken != nil {
		return nil, broken
	}
	hits, err := w.sim.Hits(ctx)
	if err != nil {
		return nil, err
	}
	for kind, n := range hits {
		run.counts.plus("processor: "+kind, n)
	}
	for {
		trouble := w.settle(ctx, run, shop, rng, since)
		facts, err := w.facts(ctx, shop, since)
		if err != nil || trouble != nil {
			return facts, errors.Join(err, trouble)
		}
		// A webhook that came while all this was read has its turn, too.
		if !slices.ContainsFunc(facts.Webhooks, func(h Webhook) bool { return !h.Processed }) {
			return facts, nil
		}
	}
}

// watch looks at our side while people are at work.
func (w *World) watch(ctx context.Context, run *Run, at place, shop *Shop) {
	for !at.Over() {
		at.Sleep(200 * time.Millisecond)
		facts := &Facts{}
		if facts.gatherOurs(ctx, w.owner, shop.ID) != nil {
			continue // Postgres is away
		}
		run.counts.add("looked at our side")
		run.seen = append(run.seen, CheckNow(facts)...)
	}
}

// people are everyone who is at work in a shop: each function is one more thing
// that one of them does.
func (w *World) people(at place, shop *Shop, rng *rand.Rand) []func() {
	own := func() *rand.Rand { return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())) }
	staff := &clerk{person: shop.person(at, shop.Staff, own())}
	var all []func()
	for n := range shop.Customers {
		buyer := &shop.Customers[n]
		staff.invoices = append(staff.invoices, buyer.Invoices...)
		staff.write(buyer.ID)
		for _, contact := range buyer.Contacts {
			p := &payer{person: shop.person(at, contact, own()), buyer: buyer, hurry: 300 * time.Millisecond}
			all = append(all, func() {
				p.pause(800 * time.Millisecond)
				if p.chance(6) {
					p.decide()
					return
				}
				p.visit()
			})
		}
	}
	return append(all, func() {
		staff.pause(1500 * time.Millisecond)
		staff.work()
	})
}

// quiet is how long a mended world may take to come to rest.
const quiet = 90 * time.Second

// settle brings what waits to its end, as staff would, and waits for quiet.
func (w *World) settle(ctx context.Context, run *Run, shop *Shop, rng *rand.Rand, since time.Time) error {
	staff := shop.person(&here{World: w, run: &Run{}, client: &http.Client{Timeout: 5 * time.Second}}, shop.Staff, rng)
	began, later := time.Now(), false
	for still := 0; still < 2; {
		// What failed while the world was broken is tried again now, and not in a minute.
		if _, err := w.owner.Exec(ctx, "UPDATE webhook_events SET next_attempt_at = now() WHERE processed_at IS NULL AND attempts > 1"); err != nil {
			return err
		}
		left, err := w.unsettled(ctx, shop, since)
		if err != nil {
			return err
		}
		if len(left.payments) == 0 && left.other == "" {
			still++
			wait(ctx, 150*time.Millisecond)
			continue
		}
		still = 0
		for _, p := range left.payments {
			address := "/payments/" + p.ID.String()
			switch {
			case p.Status == portal.PaymentDeclined && rng.IntN(2) == 0:
				staff.ask(http.MethodPost, address+"/retry", map[string]any{})
			case p.Status == portal.PaymentDeclined, p.Status == portal.PaymentAwaitingCustomer:
				staff.ask(http.MethodPost, address+"/cancel", map[string]any{})
			}
		}
		switch waited := time.Since(began); {
		case waited > quiet:
			return fmt.Errorf("quiet never came: %s", w.describe(ctx, left))
		case waited > 25*time.Second && !later:
			// The processor forgets its keys after a day: what it answered under one
			// for good is answered anew then.
			later = true
			run.counts.add("settled only a day later")
			if err := w.sim.Advance(ctx, 25*time.Hour); err != nil {
				return err
			}
		}
		wait(ctx, 250*time.Millisecond)
	}
	return nil
}

// unsettled is what hasn't come to its end.
type unsettled struct {
	payments []Payment
	other    string
}

func (w *World) unsettled(ctx context.Context, shop *Shop, since time.Time) (left unsettled, err error) {
	facts := &Facts{}
	// Asked first: what is under way no more has come when we look at what came.
	pending, err := w.sim.Pending(ctx)
	if err != nil {
		return left, err
	}
	if err := facts.gatherOurs(ctx, w.owner, shop.ID); err != nil {
		return left, err
	}
	if err := facts.gatherWebhooks(ctx, w.owner, since); err != nil {
		return left, err
	}
	for _, p := range facts.Payments {
		if !p.Status.Final() || p.FlowOpen {
			left.payments = append(left.payments, p)
		}
	}
	var other []string
	for _, hook := range facts.Webhooks {
		if !hook.Processed {
			other = append(other, "webhook "+hook.Event+" "+hook.Type+" "+hook.Result)
		}
	}
	unheard, err := w.unheard(ctx, facts, since)
	if err != nil {
		return left, err
	}
	other = append(other, unheard...)
	for _, d := range facts.Deliveries {
		if d.Status == "queued" {
			other = append(other, "email "+d.Template+" "+d.ID.String())
		}
	}
	var untold int
	if err := w.owner.QueryRow(ctx, "SELECT count(*) FROM events WHERE org_id = $1 AND relayed_at IS NULL", shop.ID).Scan(&untold); err != nil {
		return left, err
	}
	if untold > 0 {
		other = append(other, fmt.Sprintf("%d events to be told of", untold))
	}
	if len(pending) > 0 {
		other = append(other, fmt.Sprintf("%d webhooks under way", len(pending)))
	}
	running, err := w.running(ctx, shop)
	if err != nil {
		return left, err
	}
	for _, id := range running {
		// An estimate waits for its customer, and may do so for months.
		if !strings.HasPrefix(id, "estimate/") {
			other = append(other, "flow "+id)
		}
	}
	left.other = strings.Join(other, ", ")
	return left, nil
}

// unheard lists the events of money that went back which no webhook brought, and
// the sweep of missed events has still to find, as far as it asks for them. Later than now are those of a
// clock that was moved on; whatever makes them, we know of.
func (w *World) unheard(ctx context.Context, facts *Facts, since time.Time) (events []string, err error) {
	all, err := w.sim.Events(ctx)
	for _, e := range all {
		known := slices.ContainsFunc(facts.Webhooks, func(h Webhook) bool { return h.Event == e.ID })
		if product.MoneyBack(e.Type) && slices.Contains(stripe.EventTypes(), e.Type) && !known && e.Created.After(since) && e.Created.Before(time.Now()) {
			events = append(events, "event "+e.ID+" "+e.Type+" that we never heard of")
		}
	}
	return events, err
}

// list lists the flows of a shop.
func (w *World) list(ctx context.Context, shop *Shop, also string) (ids [][2]string, err error) {
	var page []byte
	for {
		answer, err := w.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "CountersignOrganization = '" + shop.ID.String() + "'" + also, PageSize: 500, NextPageToken: page,
		})
		if err != nil {
			return nil, fmt.Errorf("listing flows: %w", err)
		}
		for _, e := range answer.GetExecutions() {
			ids = append(ids, [2]string{e.GetExecution().GetWorkflowId(), e.GetExecution().GetRunId()})
		}
		if page = answer.GetNextPageToken(); len(page) == 0 {
			return ids, nil
		}
	}
}

func (w *World) running(ctx context.Context, shop *Shop) ([]string, error) {
	found, err := w.list(ctx, shop, " AND ExecutionStatus = 'Running'")
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f[0]
	}
	return ids, err
}

// describe says of what doesn't end where it stands.
func (w *World) describe(ctx context.Context, left unsettled) string {
	var lines []string
	for _, p := range left.payments {
		line := fmt.Sprintf("payment %s is %s by %s, attempt %d", p.ID, p.Status, p.Channel, p.Attempt)
		told, err := w.temporal.DescribeWorkflowExecution(ctx, workflows.PaymentID(p.ID), "")
		if err != nil {
			lines = append(lines, line+": "+err.Error())
			continue
		}
		line += ", its flow " + told.GetWorkflowExecutionInfo().GetStatus().String()
		for _, a := range told.GetPendingActivities() {
			line += fmt.Sprintf(", %s tried %d times: %s", a.GetActivityType().GetName(), a.GetAttempt(), a.GetLastFailure().GetMessage())
		}
		if task := told.GetPendingWorkflowTask(); task != nil {
			line += fmt.Sprintf(", its task %s tried %d times", task.GetState(), task.GetAttempt())
		}
		lines = append(lines, line+", its history "+w.story(ctx, workflows.PaymentID(p.ID)))
	}
	return strings.Join(append(lines, left.other), "; ")
}

// story is what last happened in a flow.
func (w *World) story(ctx context.Context, id string) string {
	const most = 15
	var happened []string
	for events := w.temporal.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		e, err := events.Next()
		if err != nil {
			return err.Error()
		}
		happened = append(happened, e.GetEventTime().AsTime().Format("05.000 ")+e.GetEventType().String())
	}
	return strings.Join(happened[max(0, len(happened)-most):], ", ")
}

// facts gathers all that there is of a shop.
func (w *World) facts(ctx context.Context, shop *Shop, since time.Time) (*Facts, error) {
	f := &Facts{Unreplayable: map[string]string{}}
	if err := f.gatherTheirs(ctx, w.sim); err != nil {
		return nil, err
	}
	if err := f.gatherOurs(ctx, w.owner, shop.ID); err != nil {
		return nil, err
	}
	if err := f.gatherWebhooks(ctx, w.owner, since); err != nil {
		return nil, err
	}
	var err error
	if f.Mails, err = w.inbox.List(ctx, ""); err != nil {
		return nil, err
	}
	if f.Running, err = w.running(ctx, shop); err != nil {
		return nil, err
	}
	all, err := w.list(ctx, shop, "")
	if err != nil {
		return nil, err
	}
	// A flow that is listed late is still asked for by its name.
	for _, p := range f.Payments {
		if id := workflows.PaymentID(p.ID); !slices.ContainsFunc(all, func(k [2]string) bool { return k[0] == id }) {
			all = append(all, [2]string{id, ""})
		}
	}
	replayer := worker.NewWorkflowReplayer()
	product.Register(replayer)
	for _, k := range all {
		if err := w.replay(ctx, replayer, k[0], k[1]); err != nil {
			f.Unreplayable[k[0]] = err.Error()
		}
	}
	return f, nil
}

func (w *World) replay(ctx context.Context, replayer worker.WorkflowReplayer, id, execution string) error {
	history := &historypb.History{}
	events := w.temporal.GetWorkflowHistory(ctx, id, execution, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return fmt.Errorf("reading its history: %w", err)
		}
		history.Events = append(history.Events, event)
	}
	return replayer.ReplayWorkflowHistory(nil, history)
}
