package demo

import (
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// takeBack lets the first customer's bank take a payment back, which is then
// paid again, and gives part of a credit back in money: both stand in its statement.
func (y *year) takeBack() {
	b := y.buyers[0]
	for _, p := range y.payments {
		if p.buyer != b || p.status != portal.PaymentSucceeded || p.channel == "recorded" || len(p.parts) != 1 || p.extra > 0 {
			continue
		}
		of := p.parts[0]
		again := y.onOrAfter(portal.DateOf(p.ended, y.zone).AddDays(19))
		if of.amount != of.bill.content.totals.Total || of.bill.left > 0 || !y.over(again) || portal.DateOf(p.ended, y.zone).DaysUntil(y.today) > 200 {
			continue
		}
		l := chance(y.b.slug, b.name, "taken back")
		p.reversed = y.clock(portal.DateOf(p.ended, y.zone).AddDays(12), 4, l.between(0, 59))
		second := &payment{
			id: y.id("payment again", p.id.String()), buyer: b, status: portal.PaymentSucceeded, channel: "checkout", kind: "card", amount: p.amount, parts: p.parts, by: b.payer(),
			started: y.clock(again, 10, l.between(0, 59)),
		}
		second.ended = second.started.Add(2 * time.Minute)
		second.tries = []try{{n: 1, at: second.ended, outcome: "succeeded"}}
		of.bill.settled = second.ended
		y.payments = append(y.payments, second)
		break
	}
	for _, n := range y.notes {
		on := y.onOrAfter(n.issue.AddDays(14))
		if n.buyer == b && n.applied.bill == nil && y.over(on) {
			n.refunded = portal.RoundDownToStep(portal.NewMoney(n.amount/4, y.b.currency)).Amount
			n.refundedAt = y.clock(on, 11, 20)
			return
		}
	}
}

// writeReversal appends what the bank took back of a part of a payment.
func (y *year) writeReversal(r *rows, p *payment, of part, allocation uuid.UUID) {
	if p.reversed.IsZero() {
		return
	}
	dispute := y.id("dispute", p.id.String())
	r.disputes = append(r.disputes, dbsqlc.Dispute{
		OrgID: y.org, ID: dispute, CustomerID: p.buyer.row.ID, PaymentID: p.id, ProcessorDispute: "du_" + dispute.String(), Status: "lost", Reason: "insufficient_funds",
		Currency: y.b.currency, Amount: of.amount, OpenedAt: p.reversed, UpdatedAt: p.reversed, TakenAt: &p.reversed,
	})
	r.allocations = append(r.allocations, dbsqlc.Allocation{
		OrgID: y.org, ID: y.id("reversed", allocation.String()), CustomerID: p.buyer.row.ID, InvoiceID: of.bill.id, Source: "payment", PaymentID: &p.id,
		Amount: -of.amount, Reverses: &allocation, CreatedAt: p.reversed, DisputeID: &dispute,
	})
	kind := "payment.disputed"
	if p.kind == "bank_debit" {
		kind = "payment.returned"
	}
	y.tell(event{at: p.reversed, kind: kind, subject: "payment", id: p.id, customer: p.buyer, by: system(),
		data: map[string]any{"amount": of.amount, "currency": y.b.currency, "code": "insufficient_funds"}})
}

// writeRefund appends what was paid out of a credit note.
func (y *year) writeRefund(r *rows, n *note) {
	if n.refunded == 0 {
		return
	}
	refund, by := y.id("refund", n.id.String()), y.staffMember(1)
	r.refunds = append(r.refunds, dbsqlc.Refund{
		OrgID: y.org, ID: refund, CustomerID: n.buyer.row.ID, Channel: activities.RefundByHand, Kind: "bank_transfer", Currency: y.b.currency, Amount: n.refunded,
		Status: portal.RefundSucceeded, Reason: "Part of credit note " + n.number, RequestedByKind: string(by.Kind), RequestedBy: &by.ID, RequestedByName: by.Name, RequestHash: []byte{},
		CreatedAt: n.refundedAt, UpdatedAt: n.refundedAt, BookedAt: &n.refundedAt,
	})
	r.credits = append(r.credits, dbsqlc.CreditEntry{
		OrgID: y.org, ID: y.id("refunded", n.id.String()), CustomerID: n.buyer.row.ID, Currency: y.b.currency, Amount: -n.refunded, Reason: "refund",
		RefundID: &refund, CreatedAt: n.refundedAt,
	})
	y.tell(event{at: n.refundedAt, kind: "credit.paid_out", subject: "customer", id: n.buyer.row.ID, customer: n.buyer, by: by,
		data: map[string]any{"amount": n.refunded, "currency": y.b.currency, "kind": "bank_transfer", "reason": "Part of credit note " + n.number}})
}
