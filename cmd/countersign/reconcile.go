package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

// paymentsReconcileCommand holds the books against the processor's now, and not
// only once a day.
type paymentsReconcileCommand struct {
	operatorFlags
	Org  string      `name:"org" help:"Of this organization, by the name in its address; all, if it isn't said."`
	From portal.Date `name:"from" help:"The first day, such as 2026-05-01. Empty: the seven days up to --to."`
	To   portal.Date `name:"to" help:"The last day. Empty: yesterday, where the organization is."`
	By   string      `name:"by" env:"COUNTERSIGN_OPERATOR" help:"Your name: it stands in the report."`
}

// Run compares.
func (c *paymentsReconcileCommand) Run(ctx context.Context) error {
	o, err := c.operator(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	return o.reconcile(ctx, *c)
}

// differ is the end of a command that did its work and found differences: programs
// tell it from a failure by the exit code.
type differ struct{ differences int }

// Error says how many.
func (d differ) Error() string {
	if d.differences == 1 {
		return "the books differ from the processor's in one place"
	}
	return fmt.Sprintf("the books differ from the processor's in %d places", d.differences)
}

// ExitCode is what the program ends with.
func (differ) ExitCode() int { return 3 }

// reconciled is the report of one organization.
type reconciled struct {
	Organization string             `json:"organization"`
	ID           uuid.UUID          `json:"id"`
	From         portal.Date        `json:"from"`
	To           portal.Date        `json:"to"`
	Status       string             `json:"status"`
	Compared     int                `json:"compared"`
	Mended       int                `json:"mended"`
	Failure      string             `json:"failure,omitempty"`
	WorkflowID   string             `json:"workflow_id"`
	Differences  []chargeDifference `json:"differences"`
}

// chargeDifference is one place in which a charge and the books differ.
type chargeDifference struct {
	Kind    string     `json:"kind"`
	Charge  string     `json:"charge"`
	Payment *uuid.UUID `json:"payment,omitempty"`
	Ours    string     `json:"ours"`
	Theirs  string     `json:"theirs"`
	Mended  bool       `json:"mended"`
}

// reconcile compares one organization after the other and tells of each.
func (o *operator) reconcile(ctx context.Context, c paymentsReconcileCommand) error {
	var organizations []dbsqlc.OrganizationsAcrossRow
	err := o.db.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		organizations, err = q.OrganizationsAcross(ctx, c.Org)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the organizations: %w", err)
	}
	if len(organizations) == 0 {
		return errors.New("there is no such organization")
	}
	differences := 0
	for _, org := range organizations {
		r, err := o.reconcileOne(ctx, c, org)
		if err != nil {
			return fmt.Errorf("comparing %s: %w", org.Slug, err)
		}
		if err := o.tellReconciled(r, c.JSON); err != nil {
			return err
		}
		if r.Status == activities.ReconciliationFailed {
			return fmt.Errorf("%s could not be compared: %s", org.Slug, r.Failure)
		}
		for _, d := range r.Differences {
			if !d.Mended {
				differences++
			}
		}
	}
	if differences > 0 {
		return differ{differences}
	}
	return nil
}

func (o *operator) reconcileOne(ctx context.Context, c paymentsReconcileCommand, org dbsqlc.OrganizationsAcrossRow) (reconciled, error) {
	zone, err := time.LoadLocation(org.TimeZone)
	if err != nil {
		return reconciled{}, err
	}
	r := reconciled{Organization: org.Slug, ID: uuid.New(), From: c.From, To: c.To}
	if r.To.IsZero() {
		r.To = portal.DateOf(o.now(), zone).AddDays(-1)
	}
	if r.From.IsZero() {
		r.From = r.To.AddDays(1 - activities.ReconciledDays)
	}
	if r.From.After(r.To) {
		return r, fmt.Errorf("%s is after %s", r.From, r.To)
	}
	r.WorkflowID = workflows.AskedReconciliationID(org.ID, r.ID)
	run, err := o.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: r.WorkflowID, TaskQueue: workflows.TaskQueue, StaticSummary: workflows.Summary(workflows.ReconciliationName, ""),
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.AttributeOrganization.ValueSet(org.ID.String())),
	}, workflows.ReconciliationName, workflows.ReconciliationInput{
		ReconciliationRef: workflows.ReconciliationRef{Org: org.ID, Reconciliation: r.ID},
		Request:           &workflows.ReconciliationRequest{From: r.From, To: r.To, By: c.By},
	})
	if err != nil {
		return r, err
	}
	fmt.Fprintf(o.log, "%s: comparing %s to %s (%s)\n", org.Slug, r.From, r.To, r.WorkflowID)
	watched, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); o.watch(watched, org, r.ID) }()
	var state workflows.ReconciliationState
	err = run.Get(ctx, &state)
	stop()
	<-done
	if err != nil {
		return r, err
	}
	r.Status, r.Compared, r.Mended, r.Failure = state.Status, state.Compared, state.Mended, state.Failure
	var rows []dbsqlc.ReconciliationDifference
	err = o.db.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		rows, err = q.ListDifferencesAcross(ctx, dbsqlc.ListDifferencesAcrossParams{OrgID: org.ID, ReconciliationID: r.ID})
		return err
	})
	r.Differences = make([]chargeDifference, 0, len(rows))
	for _, d := range rows {
		r.Differences = append(r.Differences, chargeDifference{d.Kind, d.ObjectID, d.PaymentID, d.Ours, d.Theirs, d.MendedAt != nil})
	}
	return r, err
}

// watch says how far a comparison is, whenever that has changed.
func (o *operator) watch(ctx context.Context, org dbsqlc.OrganizationsAcrossRow, id uuid.UUID) {
	told := int32(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
		_ = o.db.Across(ctx, func(q *dbsqlc.Queries) error { // progress only: what matters is read in the end
			rows, err := q.GetReconciliationAcross(ctx, dbsqlc.GetReconciliationAcrossParams{OrgID: org.ID, ID: id})
			if len(rows) == 1 && rows[0].Compared > told {
				told = rows[0].Compared
				fmt.Fprintf(o.log, "%s: %d charges compared\n", org.Slug, told)
			}
			return err
		})
	}
}

func (o *operator) tellReconciled(r reconciled, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(o.out).Encode(r)
	}
	fmt.Fprintf(o.out, "%s  %s to %s  %s  %d charges compared, %d differences mended\n", r.Organization, r.From, r.To, r.Status, r.Compared, r.Mended)
	if len(r.Differences) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DIFFERENCE\tCHARGE\tPAYMENT\tHERE\tTHERE\tMENDED")
	for _, d := range r.Differences {
		payment, mended := "-", "no"
		if d.Payment != nil {
			payment = d.Payment.String()
		}
		if d.Mended {
			mended = "yes"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Kind, d.Charge, payment, d.Ours, d.Theirs, mended)
	}
	return table.Flush()
}
