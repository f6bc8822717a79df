package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// paymentsCommand is what operators do about failed payments, R70.
type paymentsCommand struct {
	Failed paymentsFailedCommand `cmd:"" help:"List the payments that were declined and wait for another try."`
	Retry  paymentsRetryCommand  `cmd:"" help:"Try declined payments again: those named, those that fit the filters, or all."`
	Cancel paymentsCancelCommand `cmd:"" help:"Give declined payments up and free their invoices."`

	Reconcile paymentsReconcileCommand `cmd:"" help:"Hold the books against the processor's charges, refunds and disputes. Ends with 0 when they agree, 3 when they differ."`
}

// declinedFilter chooses among the declined payments of every organization.
type declinedFilter struct {
	Org       string        `name:"org" help:"Of this organization, by the name in its address."`
	Code      []string      `name:"code" help:"Declined with one of these codes, such as insufficient_funds."`
	Class     string        `name:"class" enum:",retry,customer,never" default:"" help:"retry: the same card may work later; customer: theirs to act on; never: not with this card again."`
	OlderThan time.Duration `name:"older-than" help:"Declined at least so long ago, such as 24h."`
}

func (f declinedFilter) empty() bool {
	return f.Org == "" && len(f.Code) == 0 && f.Class == "" && f.OlderThan == 0
}

// operatorFlags are what every operator's command takes.
type operatorFlags struct {
	localFlags
	JSON bool `name:"json" help:"One JSON object a line, for programs."`
}

type paymentsFailedCommand struct {
	operatorFlags
	declinedFilter
}

// Run lists.
func (c *paymentsFailedCommand) Run(ctx context.Context) error {
	o, err := c.operator(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	return o.failed(ctx, c.declinedFilter, c.JSON)
}

// actFlags are what the commands take that change something.
type actFlags struct {
	operatorFlags
	declinedFilter
	Payments []uuid.UUID `arg:"" optional:"" help:"The payments, by their IDs."`
	All      bool        `name:"all" help:"All that are declined."`
	By       string      `name:"by" env:"COUNTERSIGN_OPERATOR" required:"" help:"Your name: it stands in the payment's story."`
	DryRun   bool        `name:"dry-run" help:"Say what would be done, and do nothing."`
}

// Validate is called by kong: nothing is done to everything by mistake.
func (f *actFlags) Validate() error {
	if len(f.Payments) == 0 && f.empty() && !f.All {
		return errors.New("name payments, give a filter, or say --all")
	}
	if f.All && (len(f.Payments) > 0 || !f.empty()) {
		return errors.New("--all goes with neither payments nor filters")
	}
	return nil
}

type paymentsRetryCommand struct {
	actFlags
	Method *uuid.UUID `name:"method" help:"Charge this saved method instead, for a single payment."`
}

// Run retries.
func (c *paymentsRetryCommand) Run(ctx context.Context) error {
	if c.Method != nil && len(c.Payments) != 1 {
		return errors.New("--method is for one payment, named by its ID")
	}
	return c.act(ctx, workflows.UpdateRetry, func(by workflows.Actor) any {
		return workflows.RetryRequest{By: by, Method: c.Method}
	})
}

type paymentsCancelCommand struct {
	actFlags
	Reason string `name:"reason" required:"" help:"Why: the customer reads it."`
}

// Run gives up.
func (c *paymentsCancelCommand) Run(ctx context.Context) error {
	return c.act(ctx, workflows.UpdateCancel, func(by workflows.Actor) any {
		return workflows.CancelRequest{By: by, Reason: c.Reason}
	})
}

func (f *actFlags) act(ctx context.Context, update string, request func(by workflows.Actor) any) error {
	o, err := f.operator(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	return o.act(ctx, *f, update, request(workflows.Actor{Kind: portal.ActorStaff, Name: f.By}))
}

// operator works on every organization at once: it reads through db.Across and
// acts through the flows alone.
type operator struct {
	db       *db.DB
	temporal client.Client
	out, log io.Writer
	now      func() time.Time
	// answer is how long a flow is waited for.
	answer time.Duration
}

func (f operatorFlags) operator(ctx context.Context) (*operator, error) {
	local, err := f.resolve()
	if err != nil {
		return nil, err
	}
	database, err := local.open(ctx, operatorsAtATime)
	if err != nil {
		return nil, err
	}
	temporal, err := local.dial(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		database.Close()
		return nil, err
	}
	return &operator{db: database, temporal: temporal, out: os.Stdout, log: os.Stderr, now: now, answer: 20 * time.Second}, nil
}

func (o *operator) close() {
	o.temporal.Close()
	o.db.Close()
}

// declined is a payment as operators read it: IDs and amounts, no names.
type declined struct {
	ID           uuid.UUID           `json:"id"`
	Organization string              `json:"organization"`
	Amount       int64               `json:"amount"`
	Currency     portal.Currency     `json:"currency"`
	Code         string              `json:"code"`
	Class        portal.DeclineClass `json:"class"`
	Attempt      int                 `json:"attempt"`
	DeclinedAt   time.Time           `json:"declined_at"`
	GivenUpAt    time.Time           `json:"given_up_at"`
	NextTryAt    *time.Time          `json:"next_try_at,omitempty"`
	WorkflowID   string              `json:"workflow_id"`
}

// operatorsBatch is how many payments are read at a time, operatorsAtATime how
// many are acted on.
const (
	operatorsBatch   = 200
	operatorsAtATime = 8
)

// each calls do with every payment that fits, oldest decline first.
func (o *operator) each(ctx context.Context, f declinedFilter, ids []uuid.UUID, do func(declined) error) error {
	params := dbsqlc.ListDeclinedPaymentsAcrossParams{
		Slug: f.Org, Codes: append([]string{}, f.Code...), Ids: append([]uuid.UUID{}, ids...), DeclinedBefore: o.now().Add(-f.OlderThan), Batch: operatorsBatch,
	}
	for {
		var rows []dbsqlc.ListDeclinedPaymentsAcrossRow
		err := o.db.Across(ctx, func(q *dbsqlc.Queries) (err error) {
			rows, err = q.ListDeclinedPaymentsAcross(ctx, params)
			return err
		})
		if err != nil {
			return fmt.Errorf("reading the declined payments: %w", err)
		}
		for _, r := range rows {
			params.AfterAt, params.AfterID = r.UpdatedAt, r.ID
			class := portal.ClassifyDecline(r.FailureCode)
			if f.Class != "" && string(class) != f.Class {
				continue
			}
			if err := do(declined{
				ID: r.ID, Organization: r.Slug, Amount: r.Amount, Currency: r.Currency, Code: r.FailureCode, Class: class, Attempt: int(r.Attempt),
				DeclinedAt: r.UpdatedAt, GivenUpAt: r.CreatedAt.Add(portal.RetryWindow), NextTryAt: r.NextTryAt, WorkflowID: workflows.PaymentID(r.ID),
			}); err != nil {
				return err
			}
		}
		if len(rows) < operatorsBatch {
			return nil
		}
	}
}

func (o *operator) failed(ctx context.Context, f declinedFilter, asJSON bool) error {
	n, encoder := 0, json.NewEncoder(o.out)
	table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	err := o.each(ctx, f, nil, func(p declined) error {
		n++
		if asJSON {
			return encoder.Encode(p)
		}
		if n == 1 {
			fmt.Fprintln(table, "PAYMENT\tORGANIZATION\tAMOUNT\tDECLINED\tCODE\tCLASS\tTRIES\tNEXT TRY\tGIVEN UP")
		}
		next := "by hand"
		if p.NextTryAt != nil {
			next = p.NextTryAt.UTC().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", p.ID, p.Organization, portal.NewMoney(p.Amount, p.Currency).Format("en-US"),
			p.DeclinedAt.UTC().Format("2006-01-02 15:04"), p.Code, p.Class, p.Attempt, next, p.GivenUpAt.UTC().Format("2006-01-02"))
		return nil
	})
	if err == nil && n == 0 && !asJSON {
		fmt.Fprintln(o.log, "No payment that fits waits for another try.")
	}
	return errors.Join(err, table.Flush())
}

// acted is what became of one payment.
type acted struct {
	ID           uuid.UUID `json:"id"`
	Organization string    `json:"organization,omitempty"`
	// Result: done, would (a dry run), refused (Message says why), or unconfirmed
	// (the flow didn't answer in time; asking again is safe).
	Result  string `json:"result"`
	Status  string `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
}

// act sends an Update to the flow of each payment that was chosen. It fails when
// one was refused or not confirmed.
func (o *operator) act(ctx context.Context, f actFlags, update string, request any) error {
	var chosen []declined
	if err := o.each(ctx, f.declinedFilter, f.Payments, func(p declined) error {
		chosen = append(chosen, p)
		return nil
	}); err != nil {
		return err
	}
	var (
		mu      sync.Mutex
		done    int
		counts  = map[string]int{}
		encoder = json.NewEncoder(o.out)
		wait    sync.WaitGroup
		turns   = make(chan struct{}, operatorsAtATime)
	)
	tell := func(a acted) {
		mu.Lock()
		defer mu.Unlock()
		done++
		counts[a.Result]++
		if f.JSON {
			_ = encoder.Encode(a) // a closed pipe ends the program anyway
			return
		}
		fmt.Fprintf(o.out, "%d of %d  %s  %s\n", done, max(len(chosen), len(f.Payments)), a.ID, strings.TrimSpace(a.Result+" "+a.Status+" "+a.Message))
	}
	for _, id := range f.Payments {
		if !slices.ContainsFunc(chosen, func(p declined) bool { return p.ID == id }) {
			tell(acted{ID: id, Result: "refused", Message: "It is not among the declined payments that fit."})
		}
	}
	for _, p := range chosen {
		if f.DryRun {
			tell(acted{ID: p.ID, Organization: p.Organization, Result: "would", Message: update + " " + portal.NewMoney(p.Amount, p.Currency).Format("en-US") + ", " + p.Code})
			continue
		}
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			tell(o.ask(ctx, p, update, request))
		})
	}
	wait.Wait()
	if done == 0 {
		fmt.Fprintln(o.log, "No payment that fits waits for another try.")
	}
	if bad := counts["refused"] + counts["unconfirmed"]; bad > 0 {
		return fmt.Errorf("%d of %d were not done", bad, done)
	}
	return nil
}

// ask sends the Update once for this try of the payment, however often the
// command is given.
func (o *operator) ask(ctx context.Context, p declined, update string, request any) acted {
	a := acted{ID: p.ID, Organization: p.Organization, Result: "unconfirmed"}
	id, err := portal.DecideID(uuid.Nil, update, fmt.Sprintf("operator/%s/%d", p.ID, p.Attempt), request)
	if err != nil {
		a.Message = err.Error()
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, o.answer)
	defer cancel()
	var state workflows.PaymentState
	handle, err := o.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: p.WorkflowID, UpdateID: id, UpdateName: update, Args: []any{request}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &state)
	}
	refusal := workflows.Refusal(err)
	var none *serviceerror.NotFound
	switch {
	case err == nil:
		a.Result, a.Status = "done", state.Status
	case refusal != nil:
		a.Result, a.Message = "refused", refusal.Message
	case errors.As(err, &none):
		a.Message = "It has no running flow; the worker's sweep starts it within a minute. Ask again then."
	default:
		a.Message = "The flow gave no answer; asking again is safe. " + err.Error()
	}
	return a
}
