package demo

import (
	"maps"
	"slices"
	"testing"
	"time"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// lived makes a business's year, with cards that no processor knows.
func lived(t *testing.T, b business, now time.Time) (*year, *rows) {
	t.Helper()
	y := newYear(b, now, true)
	cards := map[string]card{}
	for _, b := range y.buyers {
		if b.hasCard() {
			cards[b.name] = card{method: dbsqlc.PaymentMethod{OrgID: y.org, ID: y.cardID(b), CustomerID: b.row.ID, Kind: "card", ProcessorMethod: "pm_" + b.row.Number}}
		}
	}
	if err := y.live(cards); err != nil {
		t.Fatal(err)
	}
	r := &rows{}
	if err := y.write(r, "hash"); err != nil {
		t.Fatal(err)
	}
	return y, r
}

// Whatever day it is, every state is there, nothing lies in the future, and no
// invoice is paid by more than it was.
func TestAYearMayEndOnAnyDay(t *testing.T) {
	for _, b := range businesses() {
		for days := range 13 {
			now := time.Date(2026, 1, 1, 11, 0, 0, 0, time.UTC).AddDate(0, 0, days*29)
			y, r := lived(t, b, now)
			states := map[string]bool{}
			for _, i := range y.bills {
				switch {
				case i.left < 0 || i.left > i.content.totals.Total:
					t.Errorf("%s on %s: %s owes %d of %d", b.name, y.today, i.number, i.left, i.content.totals.Total)
				case i.sent.IsZero():
					states["draft"] = true
				case !i.voided.IsZero():
					states["void"] = true
				case i.left == 0:
					states["paid"] = true
				case i.due.Before(y.today):
					states["overdue"] = true
				default:
					states["open"] = true
				}
				if i.left > 0 && i.left < i.content.totals.Total {
					states["partly paid"] = true
				}
			}
			for _, p := range r.payments {
				states["payment "+string(p.Status)] = true
				if p.Attempt > 1 {
					states["payment retried"] = true
				}
			}
			for _, v := range r.estimateVersions {
				states["version "+v.Status] = true
			}
			for _, c := range r.credits {
				states["credit "+c.Reason] = true
			}
			for _, a := range r.allocations {
				if a.Reverses != nil {
					states["reversal"] = true
				}
			}
			for _, s := range r.sheets {
				if s.Status == portal.TimesheetApproved || s.Status == portal.TimesheetPartlyApproved {
					states["timesheet "+string(s.Status)] = true
				}
			}
			wanted := []string{
				"credit applied", "credit credit_note", "credit overpayment", "credit refund", "draft", "open", "overdue", "paid", "partly paid",
				"payment canceled", "payment failed", "payment retried", "payment succeeded", "reversal", "timesheet approved", "timesheet partly_approved",
				"version accepted", "version declined", "version draft", "version expired", "version superseded", "version withdrawn", "void",
			}
			if got := slices.Sorted(maps.Keys(states)); !slices.Equal(got, wanted) {
				t.Errorf("%s on %s has %v", b.name, y.today, got)
			}
			midnight := y.today.StartOfDay(y.zone)
			for _, e := range r.events {
				if !e.At.Before(midnight) {
					t.Errorf("%s on %s: %s happened at %s", b.name, y.today, e.Kind, e.At)
				}
			}
		}
	}
}

// R37: a customer who pays once a month pays many invoices at once, and each
// business has one.
func TestSomebodyPaysManyInvoicesAtOnce(t *testing.T) {
	for _, b := range businesses() {
		y, _ := lived(t, b, time.Date(2026, 8, 14, 9, 0, 0, 0, time.UTC))
		most := 0
		for _, p := range y.payments {
			most = max(most, len(p.parts))
		}
		if most < 2 {
			t.Errorf("at %s nobody pays more than %d invoice at once", b.name, most)
		}
	}
}
