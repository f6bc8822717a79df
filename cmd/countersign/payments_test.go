package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/devstack/stack"
	"countersign/portal"
	"countersign/workflows"
)

// lines reads what a command wrote with --json.
func lines[T any](t *testing.T, out *bytes.Buffer) (all []T) {
	t.Helper()
	for reader := json.NewDecoder(out); ; {
		var line T
		err := reader.Decode(&line)
		if errors.Is(err, io.EOF) {
			out.Reset()
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
}

// R70: operators list failed payments and retry or cancel one, some or all.
func TestOperatorsActOnFailedPayments(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org, other := s.Seed("bright", "USD"), s.Seed("other", "JPY")
	ann := org.AsAnn()
	method, processor := org.SaveCard(ann)
	poor := org.Declined(ann, method, processor, "INV-1", 10000, "insufficient_funds")
	again := org.Declined(ann, method, processor, "INV-2", 20000, "try_again_later")
	asked := org.Declined(ann, method, processor, "INV-3", 30000, "do_not_honor")
	stolen := org.Declined(ann, method, processor, "INV-4", 40000, "stolen_card")
	annThere := other.AsAnn()
	methodThere, processorThere := other.SaveCard(annThere)
	elsewhere := other.Declined(annThere, methodThere, processorThere, "INV-1", 5000, "insufficient_funds")

	var out, log bytes.Buffer
	o := &operator{db: s.DB, temporal: s.Temporal, out: &out, log: &log, now: time.Now, answer: 30 * time.Second}
	list := func(f declinedFilter) (ids []uuid.UUID) {
		t.Helper()
		if err := o.failed(t.Context(), f, true); err != nil {
			t.Fatal(err)
		}
		for _, p := range lines[declined](t, &out) {
			ids = append(ids, p.ID)
		}
		return ids
	}
	for name, test := range map[string]struct {
		filter declinedFilter
		want   []uuid.UUID
	}{
		"all":             {declinedFilter{}, []uuid.UUID{poor, again, asked, stolen, elsewhere}},
		"an organization": {declinedFilter{Org: "other"}, []uuid.UUID{elsewhere}},
		"a code":          {declinedFilter{Code: []string{"insufficient_funds"}}, []uuid.UUID{poor, elsewhere}},
		"a class":         {declinedFilter{Class: "retry", Org: "bright"}, []uuid.UUID{poor, again}},
		"old ones":        {declinedFilter{OlderThan: time.Hour}, nil},
	} {
		if got := list(test.filter); !equalIDs(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	if err := o.failed(t.Context(), declinedFilter{}, false); err != nil || !strings.Contains(out.String(), "$100.00") || !strings.Contains(out.String(), "insufficient_funds") {
		t.Errorf("the table is %v %q", err, out.String())
	}
	out.Reset()

	omar := workflows.Actor{Kind: portal.ActorStaff, Name: "Omar"}
	retry := workflows.RetryRequest{By: omar}
	act := func(f actFlags, update string, request any) (results map[uuid.UUID]acted, err error) {
		f.JSON = true
		err = o.act(t.Context(), f, update, request)
		results = map[uuid.UUID]acted{}
		for _, a := range lines[acted](t, &out) {
			results[a.ID] = a
		}
		return results, err
	}
	bright := declinedFilter{Org: "bright"}

	// A dry run changes nothing.
	if got, err := act(actFlags{declinedFilter: bright, DryRun: true}, workflows.UpdateRetry, retry); err != nil || len(got) != 4 || got[poor].Result != "would" {
		t.Errorf("the dry run says %v %+v", err, got)
	}
	if got := list(bright); len(got) != 4 {
		t.Fatalf("after a dry run %d payments are declined", len(got))
	}

	// One by its ID; sent again for the same try it is the same retry.
	if got, err := act(actFlags{Payments: []uuid.UUID{poor}}, workflows.UpdateRetry, retry); err != nil || got[poor].Result != "done" {
		t.Errorf("retrying one says %v %+v", err, got)
	}
	paid := func(id uuid.UUID) {
		t.Helper()
		s.Eventually("the payment to succeed", func() bool { return org.ReadPayment(ann, id).Status == portal.PaymentSucceeded })
	}
	paid(poor)
	if got, err := act(actFlags{Payments: []uuid.UUID{poor}}, workflows.UpdateRetry, retry); err == nil || got[poor].Result != "refused" {
		t.Errorf("retrying what is paid says %v %+v", err, got)
	}

	// Many by filter: what is refused is said, and the others go on.
	got, err := act(actFlags{declinedFilter: bright}, workflows.UpdateRetry, retry)
	if err == nil || got[again].Result != "done" || got[asked].Result != "done" || got[stolen].Result != "refused" || got[stolen].Message == "" {
		t.Errorf("retrying many says %v %+v", err, got)
	}
	paid(again)
	paid(asked)

	if got, err := act(actFlags{declinedFilter: bright}, workflows.UpdateCancel, workflows.CancelRequest{By: omar, Reason: "They pay by check"}); err != nil || got[stolen].Status != string(portal.PaymentCanceled) {
		t.Errorf("canceling says %v %+v", err, got)
	}
	if read := org.ReadPayment(ann, stolen); read.Status != portal.PaymentCanceled || !strings.Contains(read.Failure, "They pay by check") {
		t.Errorf("the payment is %s: %s", read.Status, read.Failure)
	}
	if got := list(declinedFilter{}); !equalIDs(got, []uuid.UUID{elsewhere}) {
		t.Errorf("left are %v", got)
	}
	charges, err := s.Sim.Charges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	succeeded := 0
	for _, c := range charges {
		if c.Status == "succeeded" {
			succeeded++
		}
	}
	if succeeded != 5 { // two that saved the cards, three retried
		t.Errorf("%d charges succeeded", succeeded)
	}
}

func equalIDs(got, want []uuid.UUID) bool {
	seen := map[uuid.UUID]int{}
	for _, id := range got {
		seen[id]++
	}
	for _, id := range want {
		seen[id]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestActingOnEverythingMustBeSaid(t *testing.T) {
	for _, test := range []struct {
		args string
		ok   bool
	}{
		{"payments retry --by Omar", false},
		{"payments retry --by Omar --all", true},
		{"payments retry --by Omar --all --org bright", false},
		{"payments retry --by Omar --org bright", true},
		{"payments retry --org bright", false},
		{"payments retry --by Omar 0195e3f0-0000-7000-8000-000000000000", true},
		{"payments retry --by Omar not-an-id", false},
		{"payments cancel --by Omar --all", false},
		{"payments cancel --by Omar --all --reason x", true},
		{"payments failed --class often", false},
	} {
		if _, err := parser(t).Parse(strings.Fields(test.args)); (err == nil) != test.ok {
			t.Errorf("%s: %v", test.args, err)
		}
	}
}

func TestOperatorsFindTheInstallationThatRunsHere(t *testing.T) {
	if _, err := (localFlags{State: t.TempDir()}).resolve(); err == nil || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("without an installation: %v", err)
	}
	u := &up{c: &upCommand{State: t.TempDir()}, database: func() string { return "postgres://here" }, temporalAt: func() string { return "here:1" }, temporalNS: func() string { return "ns" }}
	if _, err := u.keepAddresses(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	at, err := localFlags{State: u.c.State}.resolve()
	if err != nil || at.DatabaseURL != "postgres://here" || at.TemporalAddress != "here:1" || at.TemporalNamespace != "ns" {
		t.Errorf("found %+v, %v", at, err)
	}
	if at, err = (localFlags{State: u.c.State, DatabaseURL: "postgres://there"}).resolve(); err != nil || at.DatabaseURL != "postgres://there" || at.TemporalAddress != "" {
		t.Errorf("what was said is %+v, %v", at, err)
	}
}
