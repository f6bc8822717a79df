package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"countersign/activities"
	"countersign/api"
	"countersign/devstack/stack"
	"countersign/portal"
)

// R70 N4: operators compare from the command line. Books that agree end well;
// what no flow can mend is named, told to staff, and has an exit code of its own.
func TestOperatorsCompareWithTheProcessor(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, staff := org.AsAnn(), org.Staff()
	org.SaveCard(ann) // pays an invoice
	var out, log bytes.Buffer
	o := &operator{db: s.DB, temporal: s.Temporal, out: &out, log: &log, now: time.Now, answer: 30 * time.Second}
	command := paymentsReconcileCommand{Org: "bright", To: portal.DateOf(time.Now().Add(24*time.Hour), time.UTC), By: "Omar"}
	command.JSON = true
	if err := o.reconcile(t.Context(), command); err != nil {
		t.Fatal(err)
	}
	if got := lines[reconciled](t, &out); len(got) != 1 || got[0].Status != activities.ReconciliationAgreed || got[0].Compared != 1 {
		t.Fatalf("of books that are right: %+v", got)
	}
	if err := o.reconcile(t.Context(), paymentsReconcileCommand{Org: "nobody"}); err == nil {
		t.Error("an organization that there isn't was compared")
	}

	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(t.Context()) }()
	if _, err := owner.Exec(t.Context(), `UPDATE payments SET amount = amount + 1 WHERE org_id = $1`, org.ID); err != nil {
		t.Fatal(err)
	}
	err = o.reconcile(t.Context(), command)
	var differs differ
	if !errors.As(err, &differs) || differs.ExitCode() != 3 || differs.differences != 1 {
		t.Errorf("of books that are wrong: %v", err)
	}
	got := lines[reconciled](t, &out)
	if len(got) != 1 || len(got[0].Differences) != 1 {
		t.Fatalf("%+v", got)
	}
	if d := got[0].Differences[0]; d.Kind != "amount" || d.Ours != "10.01 USD" || d.Theirs != "10.00 USD" || d.Payment == nil || d.Mended {
		t.Errorf("%+v", d)
	}
	command.JSON = false
	if err := o.reconcile(t.Context(), command); err == nil || !strings.Contains(out.String(), "10.01 USD") {
		t.Errorf("the table is %v %q", err, out.String())
	}

	var bell struct{ Rings []api.Ring }
	staff.Must(200, "GET", "/api/bright/console/bell", "", nil, &bell)
	if len(bell.Rings) == 0 || !strings.Contains(bell.Rings[0].Text, "differ from the processor's in 1 place") {
		t.Errorf("the bell has %+v", bell.Rings)
	}
	var list api.ListReconciliationsOutput
	staff.Must(200, "GET", "/api/bright/console/reconciliations", "", nil, &list.Body)
	if reports := list.Body.Reconciliations; len(reports) != 3 || reports[0].Status != "differs" || reports[2].Status != "agreed" || reports[0].AskedBy != "Omar" {
		t.Fatalf("the reports are %+v", reports)
	}
	var report api.ReconciliationOutput
	staff.Must(200, "GET", "/api/bright/console/reconciliations/"+got[0].ID.String(), "", nil, &report.Body)
	if found := report.Body.Found; len(found) != 1 || found[0].Kind != "amount" || found[0].CustomerName != "Lovelace Ltd" {
		t.Errorf("the report has %+v", found)
	}
}
