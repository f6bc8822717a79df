package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/portal"
)

// history writes random transactions of a customer as the flows leave them, and
// keeps its own count of what they come to.
type history struct {
	*bundle
	random   *rand.Rand
	org      organization
	customer company
	// moved is what each day of each currency came to, in minor units.
	moved    map[portal.Currency]map[portal.Date]int64
	entries  map[portal.Currency]int
	invoices []*billed
	credit   map[portal.Currency]int64
	at       time.Time
}

type billed struct {
	id       uuid.UUID
	currency portal.Currency
	due      int64
	total    int64
	paid     []allocated
}

type allocated struct {
	id, payment uuid.UUID
	amount      int64
}

var zone = func() *time.Location {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return z
}()

func newHistory(b *bundle, seed uint64) *history {
	h := &history{
		bundle: b, random: rand.New(rand.NewPCG(seed, 7)), org: b.bright, moved: map[portal.Currency]map[portal.Date]int64{},
		entries: map[portal.Currency]int{}, credit: map[portal.Currency]int64{}, at: b.now.AddDate(-2, 0, 0),
	}
	made := must(b.CreateCustomer.Do(as(b.t.Context(), b.bright.admin), newCustomer(fmt.Sprintf("History %d", seed))))(b.t)
	h.customer.id = made.Body.ID
	h.customer.contact = portal.Principal{
		Org: b.bright.id, OrgSlug: "bright", Side: portal.SideContact, Customer: made.Body.ID, Actor: b.NewID(), ActorKind: portal.ActorContact, Roles: []portal.Role{portal.RoleView},
	}
	return h
}

func (h *history) move(c portal.Currency, on portal.Date, amount int64) {
	if h.moved[c] == nil {
		h.moved[c] = map[portal.Date]int64{}
	}
	h.moved[c][on] += amount
	h.entries[c]++
}

func (h *history) today() portal.Date { return portal.DateOf(h.at, zone) }

// step does one thing that can happen, some hours after the last.
func (h *history) step() {
	h.at = h.at.Add(time.Duration(1+h.random.IntN(40)) * time.Hour)
	switch h.random.IntN(10) {
	case 0, 1, 2:
		h.invoice()
	case 3, 4, 5:
		h.payment()
	case 6:
		h.creditNote()
	case 7:
		h.applyCredit()
	case 8:
		h.refundOrReverse()
	default:
		h.voidOrDraft()
	}
}

func (h *history) invoice() {
	c := []portal.Currency{"USD", "JPY", "KWD"}[h.random.IntN(3)]
	i := &billed{id: h.NewID(), currency: c, total: h.random.Int64N(90_000)}
	i.due = i.total
	issued := h.today().AddDays(h.random.IntN(21) - 14) // backdated mostly, sometimes for later
	h.sql(`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, subtotal, total, due, sent_at, created_at)
		VALUES ($1, $2, $3, $4, 'sent', $5, '=SUM(A1)', $6, $7, $8, $8, $8, $9, $9)`,
		h.org.id, i.id, h.customer.id, "INV-"+i.id.String(), string(c), issued.String(), issued.AddDays(h.random.IntN(60)).String(), i.total, h.at)
	counted := issued
	if h.today().Before(issued) {
		counted = h.today()
	}
	h.move(c, counted, i.total)
	h.invoices = append(h.invoices, i)
}

// owed is an invoice on which something is owed, if there is one.
func (h *history) owed() *billed {
	for range 8 {
		if len(h.invoices) == 0 {
			return nil
		}
		if i := h.invoices[h.random.IntN(len(h.invoices))]; i.due > 0 {
			return i
		}
	}
	return nil
}

func (h *history) allocate(i *billed, source string, payment *uuid.UUID, amount int64) uuid.UUID {
	id := h.NewID()
	h.sql(`INSERT INTO allocations (org_id, id, customer_id, invoice_id, source, payment_id, amount, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		h.org.id, id, h.customer.id, i.id, source, payment, amount, h.at)
	i.due -= amount
	return id
}

func (h *history) payment() {
	i := h.owed()
	if i == nil {
		return
	}
	amount, extra := 1+h.random.Int64N(i.due), int64(0)
	if h.random.IntN(4) == 0 {
		amount, extra = i.due, 1+h.random.Int64N(5000) // more than is owed
	}
	id := h.NewID()
	h.sql(`INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, received, receipt_number, started_by_kind, started_by_name, request_hash, succeeded_at, ended_at, created_at, updated_at)
		VALUES ($1, $2, $3, 'succeeded', 'checkout', 'card', $4, $5, $5, $6, 'contact', 'Maria', '\x00', $7, $7, $7, $7)`,
		h.org.id, id, h.customer.id, string(i.currency), amount+extra, "R-"+id.String(), h.at)
	i.paid = append(i.paid, allocated{h.allocate(i, "payment", &id, amount), id, amount})
	if extra > 0 {
		h.creditEntry(i.currency, extra, "overpayment", "payment_id", id)
	}
	h.move(i.currency, h.today(), -amount-extra)
}

func (h *history) creditEntry(c portal.Currency, amount int64, reason, column string, id uuid.UUID) {
	h.sql(`INSERT INTO credit_entries (org_id, id, customer_id, currency, amount, reason, `+column+`, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		h.org.id, h.NewID(), h.customer.id, string(c), amount, reason, id, h.at)
	h.credit[c] += amount
}

func (h *history) creditNote() {
	c := []portal.Currency{"USD", "JPY"}[h.random.IntN(2)]
	id, amount := h.NewID(), 1+h.random.Int64N(9000)
	issued := h.today().AddDays(h.random.IntN(9) - 6)
	h.sql(`INSERT INTO credit_notes (org_id, id, customer_id, number, currency, amount, reason, issue_date, created_at) VALUES ($1, $2, $3, $4, $5, $6, '@reason', $7, $8)`,
		h.org.id, id, h.customer.id, "CN-"+id.String(), string(c), amount, issued.String(), h.at)
	h.creditEntry(c, amount, "credit_note", "credit_note_id", id)
	if h.today().Before(issued) {
		issued = h.today()
	}
	h.move(c, issued, -amount)
}

func (h *history) applyCredit() {
	i := h.owed()
	if i == nil || h.credit[i.currency] == 0 {
		return
	}
	amount := min(i.due, h.credit[i.currency])
	h.creditEntry(i.currency, -amount, "applied", "allocation_id", h.allocate(i, "credit", nil, amount))
}

func (h *history) refundOrReverse() {
	if c := portal.Currency("USD"); h.random.IntN(2) == 0 && h.credit[c] > 0 {
		amount := 1 + h.random.Int64N(h.credit[c])
		id := h.NewID()
		h.sql(`INSERT INTO refunds (org_id, id, customer_id, channel, kind, currency, amount, status, requested_by_kind, request_hash, booked_at)
			VALUES ($1, $2, $3, 'recorded', 'cash', $4, $5, 'succeeded', 'staff', '\x00', $6)`, h.org.id, id, h.customer.id, string(c), amount, h.at)
		h.sql(`INSERT INTO credit_entries (org_id, id, customer_id, currency, amount, reason, refund_id, created_at) VALUES ($1, $2, $3, $4, $5, 'refund', $2, $6)`,
			h.org.id, id, h.customer.id, string(c), -amount, h.at)
		h.credit[c] -= amount
		h.move(c, h.today(), amount)
		return
	}
	for _, i := range h.invoices {
		if len(i.paid) == 0 || h.random.IntN(3) > 0 {
			continue
		}
		back := i.paid[0]
		i.paid = i.paid[1:]
		id := h.NewID()
		h.sql(`INSERT INTO disputes (org_id, id, customer_id, payment_id, processor_dispute, status, currency, amount, opened_at, updated_at, taken_at)
			VALUES ($1, $2, $3, $4, $8, 'lost', $5, $6, $7, $7, $7)`, h.org.id, id, h.customer.id, back.payment, string(i.currency), back.amount, h.at, "du_"+id.String())
		h.sql(`INSERT INTO allocations (org_id, id, customer_id, invoice_id, source, payment_id, amount, reverses, dispute_id, created_at) VALUES ($1, $2, $3, $4, 'payment', $5, $6, $7, $2, $8)`,
			h.org.id, id, h.customer.id, i.id, back.payment, -back.amount, back.id, h.at)
		i.due += back.amount
		h.move(i.currency, h.today(), back.amount)
		return
	}
}

func (h *history) voidOrDraft() {
	if i := h.owed(); i != nil && i.due == i.total && h.random.IntN(2) == 0 {
		h.sql(`UPDATE invoices SET state = 'void', voided_at = $2, due = 0 WHERE id = $1`, i.id, h.at)
		h.move(i.currency, h.today(), -i.total)
		i.due = 0
		return
	}
	h.sql(`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, issue_date, due_date, total, due) VALUES ($1, $2, $3, $4, 'draft', 'USD', $5, $5, 77, 77)`,
		h.org.id, h.NewID(), h.customer.id, "DRAFT-"+uuid.NewString(), h.today().String())
}

// sum is what happened from one day to another.
func (h *history) sum(c portal.Currency, since, until portal.Date) (total int64) {
	for day, amount := range h.moved[c] {
		if !day.Before(since) && !until.Before(day) {
			total += amount
		}
	}
	return total
}

// Over any history the statement closes today at home's outstanding less its
// credits, to the unit, and over any period at what was counted beside it.
func TestAStatementAgreesWithHomeAndWithAnIndependentSum(t *testing.T) { // R18, R19, R47
	b := setup(t)
	for seed := range uint64(8) {
		h := newHistory(b, seed)
		for range 20 + int(seed)*12 {
			h.step()
		}
		ctx := as(t.Context(), h.customer.contact)
		home := must(b.Home.Do(ctx, &HomeInput{}))(t).Body
		balance := map[portal.Currency]int64{}
		for _, o := range home.Outstanding {
			balance[o.Due.Currency] += o.Due.Amount
		}
		for _, c := range home.Credits {
			balance[c.Currency] -= c.Amount
		}
		whole := StatementInput{}
		whole.Period = portal.PeriodAll
		h.check(ctx, whole, portal.Date{}, portal.DateOf(b.now, zone), func(a StatementAccount) {
			if a.Closing.Amount != balance[a.Currency] {
				t.Errorf("history %d closes at %v, home says %d", seed, a.Closing, balance[a.Currency])
			}
			delete(balance, a.Currency)
		})
		for c, left := range balance {
			if left != 0 {
				t.Errorf("history %d: %d %s is not on the statement", seed, left, c)
			}
		}
		for range 4 {
			since := portal.DateOf(b.now, zone).AddDays(-h.random.IntN(700))
			part := StatementInput{}
			part.Since, part.Until = since, since.AddDays(h.random.IntN(200))
			until := part.Until
			if portal.DateOf(b.now, zone).Before(until) {
				until = portal.DateOf(b.now, zone)
			}
			h.check(ctx, part, since, until, func(StatementAccount) {})
		}
	}
}

// check reads a statement page by page and holds each figure of it to the count
// beside it.
func (h *history) check(ctx context.Context, in StatementInput, since, until portal.Date, each func(StatementAccount)) {
	h.t.Helper()
	in.Size = 7
	for _, a := range must(h.MyStatement.Do(ctx, &in))(h.t).Body.Accounts {
		opening := h.sum(a.Currency, portal.Date{}, since.AddDays(-1))
		if since.IsZero() {
			opening = 0
		}
		if want := opening; a.Opening.Amount != want {
			h.t.Errorf("%s opens at %d, want %d", a.Currency, a.Opening.Amount, want)
		}
		if want := opening + h.sum(a.Currency, since, until); a.Closing.Amount != want {
			h.t.Errorf("%s closes at %d, want %d", a.Currency, a.Closing.Amount, want)
		}
		g := a.Ageing
		if owed := g.Current.Amount + g.Days30.Amount + g.Days60.Amount + g.Days90.Amount + g.Older.Amount; owed-g.Credit.Amount != a.Closing.Amount || g.Credit.Amount < 0 {
			h.t.Errorf("%s: the ageing is %+v", a.Currency, g)
		}
		running, entries, charged, settled, last := opening, 0, int64(0), int64(0), portal.Date{}
		for page := a; ; {
			for _, e := range page.Entries {
				running += e.Amount.Amount
				if e.Balance.Amount != running || e.Date.Before(last) || e.Date.Before(since) || until.Before(e.Date) {
					h.t.Fatalf("%s: after %s of %s the balance is %v, want %d", a.Currency, e.Kind, e.Date, e.Balance, running)
				}
				entries, last, charged, settled = entries+1, e.Date, charged+max(e.Amount.Amount, 0), settled-min(e.Amount.Amount, 0)
			}
			if page.Next == "" {
				break
			}
			next := in
			next.After = page.Next
			page = must(h.MyStatement.Do(ctx, &next))(h.t).Body.Accounts[0]
		}
		if running != a.Closing.Amount || entries != a.Count || charged != a.Charged.Amount || settled != a.Settled.Amount {
			h.t.Errorf("%s: %d entries lead to %d, want %d to %v", a.Currency, entries, running, a.Count, a.Closing)
		}
		each(a)
	}
}

func TestTheStatementsCSVIsSafeAndWhole(t *testing.T) { // R48
	b := setup(t)
	h := newHistory(b, 99)
	for range 60 {
		h.step()
	}
	ctx := as(t.Context(), h.customer.contact)
	in := &StatementFileInput{}
	in.Period = portal.PeriodAll
	file := must(b.MyStatementCSV.Do(ctx, in))(t)
	if file.ContentType != "text/csv; charset=utf-8" || !strings.HasPrefix(file.Disposition, `attachment; filename="Bright Studio statement `) || file.CacheControl != "no-store" {
		t.Errorf("it comes as %q, %q, %q", file.ContentType, file.Disposition, file.CacheControl)
	}
	text, marked := bytes.CutPrefix(file.Body, []byte("\xef\xbb\xbf"))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || !marked || !bytes.Contains(text, []byte("\r\n")) {
		t.Fatalf("%v: %q", err, text[:40])
	}
	entries := 0
	for _, n := range h.entries {
		entries += n
	}
	if want := 1 + entries + 2*len(h.entries); len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	formulas := 0
	for _, row := range rows[1:] {
		for _, cell := range row[2:5] {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
				t.Errorf("a cell begins as a formula does: %q", cell)
			}
			if strings.HasPrefix(cell, "'=SUM") {
				formulas++
			}
		}
	}
	if formulas == 0 {
		t.Error("no formula was tried")
	}
	if again := must(b.MyStatementCSV.Do(ctx, in))(t); !bytes.Equal(again.Body, file.Body) {
		t.Error("the same statement is written otherwise")
	}
}

func TestAStatementsPeriodIsRefusedWhereItCantBe(t *testing.T) { // R47
	b := setup(t)
	ctx := as(t.Context(), b.acme.contact)
	in := &StatementInput{}
	in.Since, in.Until = day("2026-11-02"), day("2026-11-01")
	_, err := b.MyStatement.Do(ctx, in)
	refused(t, err, portal.CodeInvalid, "until")
	if got := b.call(session(b.acme.contact), http.MethodGet, "/api/bright/portal/statement?period=never", nil); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a period that is none: %d", got.status)
	}
	if got := b.call(session(b.acme.contact), http.MethodGet, "/api/bright/portal/statement?since=2026-02-30", nil); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none: %d", got.status)
	}
}
