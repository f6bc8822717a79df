package faults

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	randv2 "math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"countersign/activities"
	"countersign/api"
	"countersign/auth"
	"countersign/db"
	"countersign/devstack/stripesim"
	"countersign/gateway"
	"countersign/gateway/stripe"
	"countersign/portal"
	product "countersign/worker"
	"countersign/workflows"
)

// Mill runs seeds on skipped time, one after the other: the API and the steps as
// they are, on a real Postgres; flows in the SDK's test environment; the processor
// and the mail provider in this process. Several mills may share a database.
type Mill struct {
	db    *db.DB
	owner *pgxpool.Pool
	// front is Temporal for the API, which outlives the seeds.
	front   *frontend
	handler http.Handler
	verify  gateway.Verifier
}

// site is where the product would be reached.
const site = "http://127.0.0.1:1"

// NewMill makes a mill on a migrated database. Close it.
func NewMill(ctx context.Context, databaseURL string) (*Mill, error) {
	m := &Mill{front: &frontend{}}
	var err error
	if m.db, err = db.Open(ctx, db.Options{URL: databaseURL, MaxConns: 16, Tracer: tracer{}}); err != nil {
		return nil, err
	}
	if m.owner, err = pgxpool.New(ctx, databaseURL); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	if m.verify, err = stripe.NewVerifier(stripeSecret); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	passwords, err := auth.NewPasswords(rand.Reader, 1)
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	gin.SetMode(gin.ReleaseMode)
	m.handler = api.New(api.Config{
		DB: m.db, Temporal: m.front, Passwords: passwords, NewToken: func() (string, []byte) { return auth.NewToken(rand.Reader) },
		Random: rand.Reader, SiteURL: site, Now: m.now, NewID: newID, Log: slog.New(slog.DiscardHandler),
		// How long callers wait is up to the frontend, by the clock that skips.
		Times: api.Times{Answer: time.Hour},
	}, gin.New()).Handler()
	return m, nil
}

// Close ends the mill's connections.
func (m *Mill) Close() error {
	if m.db != nil {
		m.db.Close()
	}
	if m.owner != nil {
		m.owner.Close()
	}
	return nil
}

func (m *Mill) now() time.Time { return m.front.c.now() }

// skipped is one seed at work on skipped time, and the place where its people are.
type skipped struct {
	*Mill
	ctx    context.Context
	c      *clockwork
	counts counts
	luck   *luck
	sim    *stripesim.Admin
	// processor is asked without faults.
	processor gateway.Gateway
	box       *letterbox
	shop      *Shop
	people    int // who are still at work
	// deaf says that no webhook comes: the address at the processor is wrong.
	deaf    bool
	trouble error
	// seen are violations that were seen while people were still at work.
	seen []Violation
}

// daysAtMost is how long a seed may take by its own clock: longer than a declined
// payment waits, and a debit, and a dispute about it.
const daysAtMost = 120 * 24 * time.Hour

// lingers is how long a seed goes on when all is calm: banks take debits back days later.
const lingers = 8 * 24 * time.Hour

// Run works through one seed.
func (m *Mill) Run(ctx context.Context, seed uint64) (report Report) {
	began := time.Now()
	s := &skipped{Mill: m, ctx: ctx}
	report.Seed = seed
	defer func() { report.Took, report.Hit = time.Since(began), s.counts.all() }()
	facts, err := s.play(seed)
	if err = errors.Join(err, s.trouble); err != nil {
		report.Trouble = err.Error()
	}
	if facts != nil {
		report.Violations = slices.Concat(s.seen, Check(facts))
		report.Payments = len(facts.Payments)
		for _, p := range facts.Payments {
			if p.Status == portal.PaymentSucceeded {
				report.Succeeded++
			}
			if p.Autopay != nil {
				s.counts.add("autopay: charged")
			}
			if p.Autopay != nil && p.Attempt > 1 {
				s.counts.add("autopay: tried again")
			}
		}
		for _, c := range facts.Noted {
			if c.Status == string(portal.ChargeSkipped) && strings.Contains(c.Reason, "could not be delivered") {
				s.counts.add("autopay: left out what it could not tell of")
			}
			if c.Waited {
				s.counts.add("autopay: waited for an earlier part")
			}
		}
	}
	return report
}

func (s *skipped) play(seed uint64) (*Facts, error) {
	rng := randv2.New(randv2.NewPCG(seed, 1))
	s.luck = &luck{counts: &s.counts, rng: randv2.New(randv2.NewPCG(seed, 2))}
	steps := &activities.Activities{
		DB: s.db, MailFrom: "portal@countersign.test", SiteURL: site, TokenKey: make([]byte, 32), Now: s.now, NewID: newID,
	}
	s.deaf = rng.IntN(6) == 0
	// Every seed begins on the same day.
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	befall := &mishaps{luck: s.luck}
	s.c = newClockwork(steps, befall, noon)
	befall.c = s.c
	s.front.c = s.c
	sim, err := stripesim.New(stripesim.Options{Now: s.now, Heard: s.heard})
	if err != nil {
		return nil, err
	}
	defer func() { _ = sim.Close() }()
	direct := wire{sim}
	s.sim = &stripesim.Admin{URL: "http://sim", HTTP: &http.Client{Transport: direct}}
	s.box = &letterbox{now: s.now, luck: s.luck, meanwhile: s.meanwhile}
	steps.Mail = s.box
	if steps.Gateway, err = stripe.New(stripe.Config{Key: "sk_test_faults", URL: "http://sim", Transport: &line{wire: direct, sim: s.sim, luck: s.luck, now: s.now}, Now: s.now}); err != nil {
		return nil, err
	}
	s.processor, err = stripe.New(stripe.Config{Key: "sk_test_faults", URL: "http://sim", Transport: direct})
	if err != nil {
		return nil, err
	}
	// Small shops: what matters is that people meet, and that there are many seeds.
	size := Scale{Customers: 1 + rng.IntN(3)/2, Contacts: 2, Invoices: 2 + rng.IntN(2)}
	// Every third has autopay, and every third estimates, with a randomness of their own.
	habits := randv2.New(randv2.NewPCG(seed, 3))
	subscribes, decides := habits.IntN(3) == 0, habits.IntN(3) == 0
	if subscribes {
		size.Later = 2
	}
	if s.shop, err = openShop(s.ctx, s.owner, s.sim, s.processor, rng, size, noon); err != nil {
		return nil, err
	}
	err = s.c.run(func() {
		s.open(rng)
		if subscribes {
			s.subscribe(habits)
		}
		if decides {
			s.approve(randv2.New(randv2.NewPCG(seed, 4)))
		}
	})
	if err != nil {
		return nil, err
	}
	facts := &Facts{Mails: s.box.all()}
	if err := facts.gatherTheirs(s.ctx, s.sim); err != nil {
		return nil, err
	}
	for id := range s.c.running {
		facts.Running = append(facts.Running, id)
	}
	err = facts.gatherOurs(s.ctx, s.owner, s.shop.ID)
	return facts, err
}

// open sends everybody to work.
func (s *skipped) open(rng *randv2.Rand) {
	own := func() *randv2.Rand { return randv2.New(randv2.NewPCG(rng.Uint64(), rng.Uint64())) }
	staff := &clerk{person: s.shop.person(s, s.shop.Staff, own())}
	for n := range s.shop.Customers {
		buyer := &s.shop.Customers[n]
		staff.invoices = append(staff.invoices, buyer.Invoices...)
		for _, contact := range buyer.Contacts {
			p := &payer{person: s.shop.person(s, contact, own()), buyer: buyer}
			s.atWork(2+rng.IntN(3), func() {
				p.hurry = pick(&p.person, paces)
				p.pause(10 * p.hurry)
				p.visit()
			})
		}
	}
	s.atWork(1+rng.IntN(2), func() {
		staff.pause(10 * pick(&staff.person, paces))
		staff.work()
	})
	s.c.spawn(s.care)
}

// atWork has somebody do something so many times.
func (s *skipped) atWork(rounds int, do func()) {
	s.people++
	s.c.spawn(func() {
		for range rounds {
			do()
		}
		s.c.post(func() { s.people-- })
	})
}

// meanwhile has staff change the invoice that a notice by autopay names, while the
// mail provider is away.
func (s *skipped) meanwhile(subject string) {
	for n, buyer := range s.shop.Customers {
		for i, invoice := range buyer.Invoices {
			if !strings.Contains(subject, " "+invoiceNumber(n, i)+" ") {
				continue
			}
			staff := &clerk{person: s.shop.person(s, s.shop.Staff, randv2.New(randv2.NewPCG(uint64(len(s.box.all())), 6)))}
			s.c.later(time.Second, func() { staff.edit(invoice) })
		}
	}
}

// subscribe gives the first customer autopay: the one who has saved cards.
func (s *skipped) subscribe(rng *randv2.Rand) {
	buyer := &s.shop.Customers[0]
	who := &subscriber{payer{person: s.shop.person(s, buyer.Contacts[0], rng), buyer: buyer}}
	s.atWork(1, who.subscribe)
}

// approve has staff send estimates and revise them, and contacts decide on them.
func (s *skipped) approve(rng *randv2.Rand) {
	own := func() *randv2.Rand { return randv2.New(randv2.NewPCG(rng.Uint64(), rng.Uint64())) }
	buyer := &s.shop.Customers[0]
	staff := &clerk{person: s.shop.person(s, s.shop.Staff, own()), validUntil: portal.DateOf(s.now().AddDate(0, 0, 20), time.UTC)}
	s.atWork(1, func() {
		for range 2 {
			staff.write(buyer.ID)
		}
		for range 4 {
			staff.pause(10 * pick(&staff.person, paces))
			if len(staff.estimates) > 0 {
				staff.revise(pick(&staff.person, staff.estimates))
			}
		}
	})
	for _, contact := range buyer.Contacts {
		p := &payer{person: s.shop.person(s, contact, own()), buyer: buyer}
		s.atWork(3, func() {
			p.hurry = pick(&p.person, paces)
			p.pause(10 * p.hurry)
			p.decide()
		})
	}
}

// paces are how long people wait between two looks: most are at their desk, some
// come back after lunch, some after the processor has forgotten its keys.
var paces = []time.Duration{time.Second, time.Second, 5 * time.Second, 5 * time.Second, 30 * time.Second, 20 * time.Minute, 25 * time.Hour}

// care is what the worker's sweep does, and in the end what staff would: it goes
// round until nothing is left to be done.
func (s *skipped) care() {
	defer s.c.end()
	began, calm := s.now(), s.now()
	for round := time.Minute; ; round = min(2*round, 24*time.Hour) {
		s.c.sleep(round)
		if s.now().Sub(began) > daysAtMost {
			s.trouble = fmt.Errorf("quiet never came in %s: %s", daysAtMost, s.left())
			return
		}
		// What is due at the processor by now happens, though nobody asks it.
		if err := s.sim.Advance(s.ctx, 0); err != nil {
			s.trouble = err
			return
		}
		working := ask(s.c, func(answer func(int)) { answer(s.people + s.c.halted + s.c.coming) })
		if working == 0 {
			s.luck.mend()
		}
		open, err := s.sweep()
		if err != nil {
			s.trouble = err
			return
		}
		running := ask(s.c, func(answer func(int)) { answer(len(s.c.running)) })
		if working != 0 || open != 0 || running != 0 {
			calm = s.now()
		}
		if s.now().Sub(calm) > lingers {
			return
		}
	}
}

// sweep starts the missing flow of every live payment and of every autopay, and
// wakes that of every other which is open. It gives how many are open.
func (s *skipped) sweep() (open int, err error) {
	facts := &Facts{}
	if err := facts.gatherOurs(s.ctx, s.owner, s.shop.ID); err != nil {
		return 0, err
	}
	s.seen = append(s.seen, CheckNow(facts)...)
	for _, a := range facts.Autopays {
		if !a.FlowOpen {
			continue
		}
		open++
		s.c.post(func() {
			s.c.begin(start{id: workflows.AutopayID(a.ID), name: workflows.AutopayName, begun: func() {}, input: workflows.AutopayInput{
				AutopayRef: workflows.AutopayRef{Org: s.shop.ID, Autopay: a.ID},
			}})
		})
	}
	for _, p := range facts.Payments {
		if !p.FlowOpen {
			continue
		}
		open++
		s.c.post(func() {
			id := workflows.PaymentID(p.ID)
			_, running := s.c.running[id]
			switch {
			case !running:
				if why := s.c.failed[id]; why != "" {
					s.counts.add("a flow ended with an error and was started again")
				}
				s.c.begin(start{id: id, name: workflows.PaymentName, input: s.taken(p.ID), begun: func() {}})
			case !p.Status.Live():
				_ = s.c.env.SignalWorkflowByID(id, workflows.SignalReread, nil) // it runs
			}
		})
	}
	return open, nil
}

// taken is the input of a flow that takes up what is stored.
func (s *skipped) taken(payment uuid.UUID) workflows.PaymentInput {
	return workflows.PaymentInput{PaymentRef: workflows.PaymentRef{Org: s.shop.ID, Payment: payment}}
}

func (s *skipped) left() string {
	facts := &Facts{}
	if err := facts.gatherOurs(s.ctx, s.owner, s.shop.ID); err != nil {
		return err.Error()
	}
	var lines []string
	for _, p := range facts.Payments {
		if p.FlowOpen {
			lines = append(lines, describePayment(facts, p))
		}
	}
	return fmt.Sprintf("%d people, %d halted, %d to come; %s", s.people, s.c.halted, s.c.coming, strings.Join(lines, "; "))
}

// heard takes an event on its way to us, on which it may be lost, doubled, or
// overtaken by others.
func (s *skipped) heard(e stripesim.Event) {
	if s.c == nil || s.shop == nil {
		return
	}
	// Of money that goes back nothing else tells but the sweep of missed events.
	sweep := func() {
		if product.MoneyBack(e.Type) {
			s.counts.add("webhook: found by the sweep of missed events")
			s.c.later(2*time.Minute, func() { s.dispatch(e) })
		}
	}
	if s.deaf {
		s.counts.add("webhook: none came at all")
		sweep()
		return
	}
	times := 1
	switch s.luck.draw(12) {
	case 0:
		s.counts.add("webhook: dropped")
		sweep()
		times = 0
	case 1:
		s.counts.add("webhook: doubled")
		times = 2
	}
	for range times {
		late := []time.Duration{0, 0, 0, 50 * time.Millisecond, 2 * time.Second, time.Minute, time.Hour, 30 * time.Hour}[max(0, s.luck.draw(8))]
		switch {
		case late == 0:
			s.counts.add("webhook: at once")
		case late > 10*time.Second:
			s.counts.add("webhook: late")
		}
		s.c.later(late, func() { s.dispatch(e) })
	}
}

// dispatches is how often a webhook is taken to its flow before it is left to the polls.
const dispatches = 5

// dispatch takes an event to the payment that it is about, as the worker does.
func (s *skipped) dispatch(e stripesim.Event) {
	hint, err := s.verify(e.Body, http.Header{"Stripe-Signature": {stripesim.Sign(e.Body, stripeSecret, s.now())}}, s.now())
	if err != nil {
		s.trouble = err
		return
	}
	var payment uuid.UUID
	object := hint.ObjectID
	if hint.IntentID != "" {
		object = hint.IntentID
	}
	find := func(id string) error {
		return s.owner.QueryRow(s.ctx, `SELECT id FROM payments WHERE account = $1 AND org_id = $2 AND (id::text = $3 OR $4 <> '' AND (intent_id = $4 OR checkout_id = $4))`,
			hint.Account, s.shop.ID, id, object).Scan(&payment)
	}
	if err = find(hint.PaymentID); err != nil && product.MoneyBack(e.Type) {
		// It may have overtaken the news of the charge.
		var intent gateway.Intent
		if intent, err = s.processor.GetIntent(s.ctx, hint.Account, hint.IntentID); err == nil {
			err = find(intent.PaymentID)
		}
	}
	if err != nil {
		return // it is about none of ours
	}
	id, update := workflows.PaymentID(payment), workflows.UpdateObserve
	if product.MoneyBack(e.Type) {
		update = workflows.UpdateMoneyBack
	}
	for tries := 0; tries < dispatches || product.MoneyBack(e.Type) && tries < 10*dispatches; tries++ {
		_, err := s.front.UpdateWithStartWorkflow(s.ctx, client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: s.front.NewWithStartWorkflowOperation(client.StartWorkflowOptions{ID: id}, workflows.PaymentName, s.taken(payment)),
			UpdateOptions:          client.UpdateWorkflowOptions{WorkflowID: id, UpdateID: "webhook:" + hint.EventID, UpdateName: update},
		})
		if err == nil || activities.Refusal(err) != nil {
			return
		}
		s.c.sleep(5 * time.Second)
	}
}

// Do implements place.
func (s *skipped) Do(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if s.luck.draw(60) == 0 {
		ctx = context.WithValue(ctx, cutKey{}, newCut(s.luck))
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := wire{s.handler}.RoundTrip(r.WithContext(ctx))
	if err == nil && r.Method != http.MethodGet && s.luck.out(40, "killed an API after it had done what was asked") {
		return nil, errCut
	}
	return response, err
}

// Sleep implements place.
func (s *skipped) Sleep(d time.Duration) { s.c.sleep(d) }

// Together implements place.
func (s *skipped) Together(things ...func()) {
	ask(s.c, func(answer func(struct{})) {
		left := len(things)
		for _, thing := range things {
			s.c.spawn(func() {
				thing()
				s.c.post(func() {
					if left--; left == 0 {
						answer(struct{}{})
					}
				})
			})
		}
	})
}

// Processor implements place.
func (s *skipped) Processor() *stripesim.Admin { return s.sim }

// Over implements place.
func (s *skipped) Over() bool { return false }

// Note implements place.
func (s *skipped) Note(what string) { s.counts.add(what) }
