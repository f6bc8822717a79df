package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// payment is one in the making; all of them have ended.
type payment struct {
	id      uuid.UUID
	buyer   *buyer
	status  portal.PaymentStatus
	channel string
	kind    string
	amount  int64
	extra   int64 // received beyond the invoices
	parts   []part
	by      activities.Actor
	started time.Time
	ended   time.Time
	receipt string
	code    string
	reason  string
	// receivedOn and reference are what staff noted of money that came past the processor.
	receivedOn *day
	reference  string
	tries      []try
	declined   []time.Time // when a saved card was refused
	reversed   time.Time   // when the bank took it back
}

// part is what a payment pays of one invoice.
type part struct {
	bill   *bill
	amount int64
}

// try is one attempt to charge; code is why it was refused.
type try struct {
	n       int
	at      time.Time
	outcome string
	code    string
}

// recorded reports whether money of this kind is booked by staff.
func recorded(kind string) bool {
	return kind == "bank_transfer" || kind == "check" || kind == "cash"
}

// pay lives through a customer's year of paying.
func (y *year) pay(b *buyer) {
	l := chance(y.b.slug, b.name, "pays")
	for i, o := range b.open {
		if o.part > 0 {
			n := b.opened(y.id("invoice", b.name, openName(i)))
			share := portal.RoundDownToStep(portal.NewMoney(n.content.totals.Total*o.part/100, y.b.currency)).Amount
			y.settle(b, []part{{n, share}}, n.issue.AddDays(10), l)
		}
	}
	if b.pays == monthly {
		y.payMonthly(b, l)
		return
	}
	for _, n := range b.bills {
		if n.held || n.sent.IsZero() || n.left == 0 {
			continue
		}
		var on day
		switch b.pays {
		case early:
			on = n.due.AddDays(-l.between(4, 11))
		case late:
			on = n.due.AddDays(l.between(8, 42))
		case inParts:
			first := portal.RoundDownToStep(portal.NewMoney(n.left/2, y.b.currency)).Amount
			if y.settle(b, []part{{n, first}}, n.due.AddDays(l.between(-1, 4)), l) {
				y.settle(b, []part{{n, n.left}}, n.due.AddDays(l.between(26, 38)), l)
			}
			continue
		default:
			on = n.due.AddDays(l.between(-3, 2))
		}
		if first := n.issue.AddDays(3); on.Before(first) {
			on = first
		}
		y.settle(b, []part{{n, n.left}}, on, l)
	}
}

// payMonthly pays all that is open on the 25th, in one payment (R36).
func (y *year) payMonthly(b *buyer, l luck) {
	for back := 12; back >= 0; back-- {
		on := portal.NewDate(y.today.Year, y.today.Month-time.Month(back), 25)
		var parts []part
		for _, n := range b.bills {
			if !n.held && !n.sent.IsZero() && n.left > 0 && n.issue.AddDays(14).Before(on) {
				parts = append(parts, part{n, n.left})
			}
		}
		if len(parts) > 0 {
			y.settle(b, parts, on, l)
		}
	}
}

func (b *buyer) opened(id uuid.UUID) *bill {
	return b.bills[slices.IndexFunc(b.bills, func(n *bill) bool { return n.id == id })]
}

// settle makes a payment on a day, and reports whether it was made: not after
// the customer stopped paying, and not before the day is over.
func (y *year) settle(b *buyer, parts []part, on day, l luck) bool {
	ways := strings.Fields(b.ways)
	way := ways[l.IntN(len(ways))]
	if way == "saved" && b.card == nil {
		way = "card"
	}
	if recorded(way) {
		on = y.onOrAfter(on)
	}
	if !y.over(on) || b.stopped > 0 && on.After(y.today.AddDays(-b.stopped)) {
		return false
	}
	p := &payment{id: y.id("payment", b.name, fmt.Sprint(b.paid)), buyer: b, status: portal.PaymentSucceeded, channel: "checkout", kind: "card", parts: parts, by: b.payer()}
	for _, part := range parts {
		p.amount += part.amount
	}
	switch way {
	case "card":
		p.ended = y.clock(on, 8, 0).Add(time.Duration(l.between(0, 13*3600)) * time.Second)
		p.started = p.ended.Add(-time.Duration(l.between(50, 260)) * time.Second)
		y.mishaps(p, l)
	case "saved":
		p.channel = "saved"
		p.ended = y.clock(on, 8, 0).Add(time.Duration(l.between(0, 13*3600)) * time.Second)
		p.started = p.ended.Add(-time.Duration(l.between(1, 4)) * time.Second)
		p.tries = []try{{n: 1, at: p.started, outcome: "succeeded"}}
		y.retried(p, l)
	case "bank_debit":
		// Banks take their time.
		on = on.AddDays(4)
		if !y.over(on) {
			return false
		}
		p.kind = way
		p.ended = y.clock(on, 4, l.between(0, 59))
		p.started = y.clock(on.AddDays(-4), 11, l.between(0, 59))
		p.tries = []try{{n: 1, at: p.started, outcome: "succeeded"}}
	default:
		p.channel, p.kind, p.by = "recorded", way, y.staffMember(1)
		p.started = y.clock(on, 10, 0).Add(time.Duration(l.between(0, 6*3600)) * time.Second)
		p.ended = p.started
		p.receivedOn, p.reference = &on, remittance(way, l)
		y.overpay(p, l)
	}
	y.payments = append(y.payments, p)
	b.paid++
	for _, part := range parts {
		part.bill.take(part.amount, p.ended)
	}
	return true
}

// take notes that so much less is owed.
func (n *bill) take(amount int64, at time.Time) {
	n.left -= amount
	if n.left == 0 {
		n.settled = at
	}
}

// remittance is what the bank statement says of money that came.
func remittance(kind string, l luck) string {
	switch kind {
	case "check":
		return fmt.Sprintf("Check %d", l.between(2100, 9800))
	case "cash":
		return fmt.Sprintf("Cash, receipt book %d", l.between(40, 90))
	default:
		return fmt.Sprintf("Transfer %06d", l.between(100000, 999999))
	}
}

// overpay lets somebody round up now and then: the rest is their credit.
func (y *year) overpay(p *payment, l luck) {
	if hit := l.hits(3); !hit && y.had["overpaid"] || p.kind == "cash" {
		return
	}
	p.extra = portal.RoundDownToStep(portal.NewMoney(p.amount/20, y.b.currency)).Amount
	y.had["overpaid"] = y.had["overpaid"] || p.extra > 0
}

// once is true the first time, and then only when the luck says so.
func (y *year) once(what string, hit bool) bool {
	first := !y.had[what]
	y.had[what] = true
	return first || hit
}

// mishaps are what went wrong before a payment on the processor's page.
func (y *year) mishaps(p *payment, l luck) {
	p.tries = []try{{n: 1, at: p.ended, outcome: "succeeded"}}
	dice, code := l.IntN(100), []string{"generic_decline", "incorrect_cvc", "insufficient_funds", "expired_card"}[l.IntN(4)]
	// How many days the invoices had been out: what went wrong did so within them.
	gap := 90
	for _, part := range p.parts {
		gap = min(gap, int(p.started.Sub(part.bill.sent)/(24*time.Hour)))
	}
	switch {
	case gap > 20 && y.once("given up", dice < 3):
		y.unmade(p, portal.PaymentCanceled, 18*24*time.Hour, 15*24*time.Hour, "given_up", "This payment was declined and not tried again in time. Nothing was charged.")
	case gap > 6 && y.once("failed", false):
		y.unmade(p, portal.PaymentFailed, 50*time.Hour, 2*time.Second, "processor_refused", "The card processor could not take this payment. Nothing was charged.")
	case gap > 3 && y.once("left", dice < 11):
		y.unmade(p, portal.PaymentCanceled, 26*time.Hour, 30*time.Minute, "checkout_expired", "The payment page was closed before it was paid. Nothing was charged.")
	case y.once("declined", dice < 24):
		p.tries = append([]try{{n: 1, at: p.ended.Add(-35 * time.Second), outcome: "declined", code: code}}, p.tries...)
	}
}

// unmade is an earlier payment of the same invoices that came to nothing.
func (y *year) unmade(p *payment, status portal.PaymentStatus, before, lasted time.Duration, code, reason string) {
	u := &payment{
		id: y.id("unmade payment", p.id.String()), buyer: p.buyer, status: status, channel: p.channel, kind: p.kind, amount: p.amount, parts: p.parts, by: p.by,
		started: p.started.Add(-before), code: code, reason: reason,
	}
	u.ended = u.started.Add(lasted)
	switch {
	case status == portal.PaymentFailed:
		u.tries = []try{{n: 1, at: u.started, outcome: "abandoned"}}
	case code == "given_up":
		u.tries = []try{{n: 1, at: u.started.Add(40 * time.Second), outcome: "declined", code: "do_not_honor"}}
	}
	y.payments = append(y.payments, u)
}

// retried has a saved card refused first, and charged on the next day.
func (y *year) retried(p *payment, l luck) {
	hit := l.hits(9)
	for _, part := range p.parts {
		if p.started.Sub(part.bill.sent) < 48*time.Hour {
			return
		}
	}
	if !y.once("retried", hit) {
		return
	}
	first := p.started.Add(-time.Duration(l.between(15, 30)) * time.Hour)
	p.tries = []try{{n: 1, at: first, outcome: "declined", code: "insufficient_funds"}, {n: 2, at: p.started, outcome: "succeeded"}}
	p.declined = []time.Time{first.Add(2 * time.Second)}
	p.started = first
}

// numberPayments gives receipts their numbers in the order that the money came in.
func (y *year) numberPayments() {
	slices.SortFunc(y.payments, func(a, b *payment) int {
		return cmp.Or(a.ended.Compare(b.ended), cmp.Compare(a.id.String(), b.id.String()))
	})
	next := y.b.first.receipt
	for _, p := range y.payments {
		if p.status == portal.PaymentSucceeded {
			p.receipt = fmt.Sprintf("R-%05d", next)
			next++
		}
	}
}

func (y *year) writePayments(r *rows) {
	for _, p := range y.payments {
		row := dbsqlc.Payment{
			OrgID: y.org, ID: p.id, CustomerID: p.buyer.row.ID, ReceiptNumber: optional(p.receipt), Status: p.status, Channel: p.channel, Kind: p.kind,
			Currency: y.b.currency, Amount: p.amount + p.extra, Attempt: 1, FailureCode: p.code, FailureMessage: p.reason,
			StartedByKind: string(p.by.Kind), StartedBy: &p.by.ID, StartedByName: p.by.Name, ReceivedOn: p.receivedOn, Reference: p.reference, RequestHash: digest("pay", p.id),
			CreatedAt: p.started, UpdatedAt: p.ended, EndedAt: &p.ended,
		}
		if p.channel != "recorded" {
			row.Account = y.account
		}
		if p.channel == "saved" {
			row.MethodID = &p.buyer.card.ID
		}
		row.Brand, row.Last4 = p.charged()
		if p.status == portal.PaymentSucceeded {
			row.Received, row.SucceededAt = p.amount+p.extra, &p.ended
		}
		for _, t := range p.tries {
			row.Attempt = max(row.Attempt, int32(t.n))
		}
		r.payments = append(r.payments, row)
		y.writeTries(r, p)
		y.writeParts(r, p)
		y.tellPayment(p)
	}
}

// charged is the card or account of a payment, as its processor tells of it. A
// payer who saves none takes the same one each time.
func (p *payment) charged() (brand, last4 string) {
	switch {
	case p.channel == "saved":
		return p.buyer.card.Brand, p.buyer.card.Last4
	case p.status != portal.PaymentSucceeded || p.channel != "checkout":
		return "", ""
	case p.kind == "bank_debit":
		return "STRIPE TEST BANK", "6789"
	default:
		l := chance(p.buyer.name, "card in the wallet")
		return []string{"visa", "mastercard", "discover"}[l.IntN(3)], fmt.Sprintf("%04d", l.between(1000, 9999))
	}
}

func (y *year) writeTries(r *rows, p *payment) {
	for i, t := range p.tries {
		row := dbsqlc.PaymentAttempt{
			OrgID: y.org, PaymentID: p.id, N: int32(t.n), Outcome: t.outcome, Channel: p.channel, Code: t.code, RequestedBy: p.by.Name, StartedAt: t.at, EndedAt: &t.at,
		}
		if t.code != "" {
			row.Class, row.Message = string(portal.ClassifyDecline(t.code)), portal.DeclineMessage(t.code)
		}
		if p.channel == "checkout" {
			// On the processor's page several cards may be tried in one attempt.
			row.Charge = fmt.Sprintf("ch_demo_%x_%d", p.id[:6], i)
		}
		r.attempts = append(r.attempts, row)
	}
}

func (y *year) writeParts(r *rows, p *payment) {
	state := "applied"
	if p.status != portal.PaymentSucceeded {
		state = "released"
	}
	for _, part := range p.parts {
		r.reservations = append(r.reservations, dbsqlc.Reservation{
			OrgID: y.org, PaymentID: p.id, InvoiceID: part.bill.id, CustomerID: p.buyer.row.ID, Amount: part.amount, Revision: 1, State: state, CreatedAt: p.started,
		})
		if state == "applied" {
			allocation := y.id("allocation", p.id.String(), part.bill.id.String())
			r.allocations = append(r.allocations, dbsqlc.Allocation{
				OrgID: y.org, ID: allocation, CustomerID: p.buyer.row.ID, InvoiceID: part.bill.id,
				Source: "payment", PaymentID: &p.id, Amount: part.amount, CreatedAt: p.ended,
			})
			y.writeReversal(r, p, part, allocation)
		}
	}
	if p.extra > 0 {
		r.credits = append(r.credits, dbsqlc.CreditEntry{
			OrgID: y.org, ID: y.id("overpaid", p.id.String()), CustomerID: p.buyer.row.ID, Currency: y.b.currency, Amount: p.extra, Reason: "overpayment",
			PaymentID: &p.id, CreatedAt: p.ended,
		})
	}
}

func (y *year) tellPayment(p *payment) {
	tell := func(at time.Time, kind string, by activities.Actor, more map[string]any) {
		data := map[string]any{"amount": p.amount + p.extra, "currency": y.b.currency}
		maps.Copy(data, more)
		y.tell(event{at: at, kind: "payment." + kind, subject: "payment", id: p.id, customer: p.buyer, by: by, data: data})
	}
	if p.channel != "recorded" {
		tell(p.started, "started", p.by, map[string]any{"invoices": len(p.parts)})
	}
	if p.kind == "bank_debit" {
		tell(p.started.Add(90*time.Second), "processing", system(), nil)
	}
	for _, t := range p.tries {
		if t.code != "" && p.channel == "checkout" {
			tell(t.at, "card_declined", system(), map[string]any{"code": t.code, "reason": portal.DeclineMessage(t.code)})
		}
		if t.n > 1 {
			tell(t.at, "retried", p.by, map[string]any{"attempt": t.n})
		}
	}
	for _, at := range p.declined {
		tell(at, "declined", system(), map[string]any{"code": "insufficient_funds", "reason": portal.DeclineMessage("insufficient_funds")})
	}
	switch p.status {
	case portal.PaymentSucceeded:
		tell(p.ended, "succeeded", p.by, map[string]any{"receipt": p.receipt, "invoices": len(p.parts), "credit": p.extra})
		for _, part := range p.parts {
			y.tell(event{at: p.ended, kind: "invoice.paid", subject: "invoice", id: part.bill.id, customer: p.buyer, by: p.by,
				data: map[string]any{"payment": p.id, "receipt": p.receipt}})
		}
	case portal.PaymentFailed:
		tell(p.ended, "failed", system(), nil)
	default:
		tell(p.ended, "canceled", system(), map[string]any{"reason": p.reason})
	}
}
