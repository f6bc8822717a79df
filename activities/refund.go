package activities

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// Ways to give money back.
const (
	// RefundToSource gives it back through the processor, to where it came from.
	RefundToSource = "processor"
	// RefundByHand records that it was given back in another way.
	RefundByHand = "recorded"
)

// RefundRequest asks to give back a part of a payment that succeeded, or all of it.
type RefundRequest struct {
	// ID is the refund's: the same request again is the same refund. One that an
	// operator sends without it gets one.
	ID uuid.UUID `json:"id,omitzero"`
	// Amount in minor units; 0 gives back all that is left.
	Amount int64 `json:"amount,omitempty"`
	// ByHand records money that was given back in another way, of this kind.
	ByHand string `json:"by_hand,omitempty"`
	// OwedAgain says that what was paid with the money is owed again; otherwise
	// a credit note takes its place.
	OwedAgain bool   `json:"owed_again,omitempty"`
	Reason    string `json:"reason,omitempty"`
	By        Actor  `json:"by"`
	Hash      []byte `json:"hash,omitempty"`
}

// BeginRefundInput is a refund to store.
type BeginRefundInput struct {
	PaymentRef
	Request RefundRequest `json:"request"`
}

// BeginRefund stores a refund that is to be made, so that it will be, whatever
// dies meanwhile. One that was given back by hand is booked at once.
func (a *Activities) BeginRefund(ctx context.Context, in BeginRefundInput) (PaymentState, error) {
	request := in.Request
	if request.Hash == nil {
		request.Hash = []byte{} // an operator's, who sends none
	}
	payment, err := a.payment(ctx, in.PaymentRef)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	err = a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		payment, err := a.lockBooks(ctx, q, payment)
		if err != nil {
			return err
		}
		stored, err := q.GetRefund(ctx, dbsqlc.GetRefundParams{OrgID: in.Org, ID: request.ID})
		if err == nil {
			if stored.PaymentID == nil || *stored.PaymentID != payment.ID || !bytes.Equal(stored.RequestHash, request.Hash) {
				return portal.KeyReused()
			}
			return nil
		}
		if !db.NotFound(err) {
			return err
		}
		amount, err := a.refundable(ctx, q, payment, request)
		if err != nil {
			return err
		}
		channel, kind := RefundToSource, payment.Kind
		if request.ByHand != "" || payment.Channel == ChannelRecorded {
			channel, kind = RefundByHand, cmp.Or(request.ByHand, payment.Kind)
		}
		now := a.now()
		if err := q.InsertRefund(ctx, dbsqlc.InsertRefundParams{
			OrgID: in.Org, ID: request.ID, CustomerID: payment.CustomerID, PaymentID: &payment.ID, Channel: channel, Kind: kind,
			Currency: payment.Currency, Amount: amount, OwedAgain: request.OwedAgain, Reason: request.Reason, Account: payment.Account,
			RequestedByKind: string(request.By.Kind), RequestedBy: optional(request.By.ID), RequestedByName: request.By.Name,
			RequestHash: request.Hash, At: now,
		}); err != nil {
			return err
		}
		if err := q.OpenPaymentFlow(ctx, dbsqlc.OpenPaymentFlowParams{OrgID: in.Org, ID: payment.ID}); err != nil {
			return err
		}
		if channel == RefundToSource {
			return a.record(ctx, q, happened{
				org: in.Org, customer: payment.CustomerID, kind: "payment.refund_asked", subject: "payment", id: payment.ID, by: request.By, at: now, internal: true,
				data: map[string]any{"amount": amount, "currency": payment.Currency, "reason": request.Reason},
			})
		}
		refund, err := q.LockRefund(ctx, dbsqlc.LockRefundParams{OrgID: in.Org, ID: request.ID})
		if err != nil {
			return err
		}
		return a.bookRefund(ctx, q, payment, refund)
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	return a.ReadPayment(ctx, in.PaymentRef)
}

// refundable is how much to give back, or why that can't be.
func (a *Activities) refundable(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, request RefundRequest) (int64, error) {
	if p.Status != portal.PaymentSucceeded {
		return 0, portal.Conflict("Only a payment that succeeded can be refunded. This one is %s.", plain(p.Status))
	}
	refunds, err := q.ListRefundsOfPayment(ctx, dbsqlc.ListRefundsOfPaymentParams{OrgID: p.OrgID, PaymentID: p.ID})
	if err != nil {
		return 0, err
	}
	left := p.Received - p.Refunded - p.Returned
	for _, r := range refunds {
		if r.Status == portal.RefundPending {
			left -= r.Amount
		}
	}
	amount := cmp.Or(request.Amount, left)
	switch {
	case left <= 0:
		return 0, portal.Conflict("All of this payment was given back already.")
	case amount < 0 || amount > left:
		most := portal.NewMoney(left, p.Currency)
		return 0, portal.Invalid("This is more than is left of the payment.", portal.Field("amount", "Enter at most %s.", most.Decimal()))
	}
	if request.ByHand == "" && p.Channel != ChannelRecorded {
		if _, err := portal.RefundToProcessor(portal.NewMoney(amount, p.Currency)); err != nil {
			return 0, err
		}
	}
	return amount, nil
}

// SendRefunds gives back at the processor what was asked for, and books what it
// answers. Called again after a crash it finds what it made.
func (a *Activities) SendRefunds(ctx context.Context, ref PaymentRef) (PaymentState, error) {
	payment, err := a.payment(ctx, ref)
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	var refunds []dbsqlc.Refund
	err = a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		refunds, err = q.ListRefundsOfPayment(ctx, dbsqlc.ListRefundsOfPaymentParams{OrgID: ref.Org, PaymentID: ref.Payment})
		return err
	})
	if err != nil {
		return PaymentState{}, boundary(err)
	}
	for _, r := range refunds {
		if r.Status != portal.RefundPending || r.Channel != RefundToSource {
			continue
		}
		made, refused, err := a.makeRefund(ctx, payment, r)
		switch {
		case err != nil:
		case refused != "":
			err = a.endRefund(ctx, payment, r.ID, portal.RefundFailed, refused)
			if err == nil {
				// What it was refused for may be a refund that we didn't hear of.
				err = a.moneyBack(ctx, payment)
			}
		default:
			err = a.applyRefund(ctx, payment, made)
		}
		if err != nil {
			return PaymentState{}, boundary(fmt.Errorf("giving money back: %w", err))
		}
	}
	return a.ReadPayment(ctx, ref)
}

// lookedAtFor is how long it counts that the processor had not acted when it was looked at.
const lookedAtFor = time.Hour

// makeRefund makes one refund at the processor, or finds the one it made before.
// refused is the processor's word for why it makes none; it is said only of a call
// that is known to have made nothing.
func (a *Activities) makeRefund(ctx context.Context, p dbsqlc.Payment, r dbsqlc.Refund) (made gateway.Refund, refused string, err error) {
	if r.ProcessorRefund != "" {
		made, err = a.Gateway.GetRefund(ctx, p.Account, r.ProcessorRefund)
		return made, "", err
	}
	// Two calls that are both sent by then come under the same key while the processor
	// remembers it, or the later one has seen what the earlier one made.
	until := r.CreatedAt.Add(keysKept)
	if soon := a.now().Add(lookedAtFor); soon.After(until) {
		until = soon
	}
	// A first try may have made one whose answer was lost, and its key may be forgotten by now.
	if attemptOf(ctx) > 1 || a.now().Sub(r.CreatedAt) > keysKept {
		if made, found, err := a.findRefund(ctx, p, r); err != nil || found {
			return made, "", err
		}
	}
	amount, err := portal.RefundToProcessor(portal.NewMoney(r.Amount, p.Currency))
	if err != nil {
		return gateway.Refund{}, "", err
	}
	made, err = unspoiled(func(again int) (gateway.Refund, error) {
		if again > 0 { // the call before is over, and may have acted
			if made, found, err := a.findRefund(ctx, p, r); err != nil || found {
				return made, err
			}
		}
		return a.Gateway.Refund(ctx, p.Account, gateway.RefundParams{ID: r.ID.String(), Attempt: again, IntentID: p.IntentID, Amount: amount, Until: until})
	})
	switch kind := gateway.KindOf(err); kind {
	case gateway.Permanent, gateway.NotFound, gateway.UnexpectedState:
		why := cmp.Or(code(err), string(kind))
		made, found, err := a.findRefund(ctx, p, r)
		if err != nil || found {
			return made, "", err
		}
		return made, why, nil
	}
	return made, "", err
}

// findRefund looks at the processor for a refund that was made before.
func (a *Activities) findRefund(ctx context.Context, p dbsqlc.Payment, r dbsqlc.Refund) (gateway.Refund, bool, error) {
	all, err := a.Gateway.ListRefunds(ctx, p.Account, p.IntentID)
	for _, made := range all {
		if made.RefundID == r.ID.String() {
			return made, true, err
		}
	}
	return gateway.Refund{}, false, err
}

// applyRefund moves a refund to what the processor says. One that was made at the
// processor by hand is booked as one that leaves nothing owed.
func (a *Activities) applyRefund(ctx context.Context, payment dbsqlc.Payment, made gateway.Refund) error {
	if !strings.EqualFold(made.Currency, string(payment.Currency)) || made.IntentID != payment.IntentID {
		return mismatch("refund %s in %s of %s isn't of payment %s", made.ID, made.Currency, made.IntentID, payment.ID)
	}
	amount := portal.FromProcessor(made.Amount, payment.Currency).Amount
	var end portal.RefundStatus
	err := a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		payment, err := a.lockBooks(ctx, q, payment)
		if err != nil {
			return err
		}
		r, err := a.refundOf(ctx, q, payment, made, amount)
		if err != nil {
			return err
		}
		if r.Amount != amount {
			return mismatch("refund %s is over %d, ours %s over %d", made.ID, amount, r.ID, r.Amount)
		}
		set, err := q.SetRefundAtProcessor(ctx, dbsqlc.SetRefundAtProcessorParams{OrgID: r.OrgID, ID: r.ID, ProcessorRefund: made.ID, At: a.now()})
		if err != nil {
			return err
		}
		if set == 0 {
			return mismatch("refunds %s and %s both stand for ours %s", r.ProcessorRefund, made.ID, r.ID)
		}
		switch made.Status {
		case gateway.RefundSucceeded:
			switch r.Status {
			case portal.RefundPending:
				return a.bookRefund(ctx, q, payment, r)
			case portal.RefundSucceeded:
				return nil
			}
			return mismatch("refund %s succeeded, and ours %s had ended as %s", made.ID, r.ID, r.Status)
		case gateway.RefundFailed:
			end = portal.RefundFailed
		case gateway.RefundCanceled:
			end = portal.RefundCanceled
		}
		if end == "" {
			return nil
		}
		return a.unbookRefund(ctx, q, payment, r, end, cmp.Or(made.FailureReason, string(end)))
	})
	return err
}

// refundOf is the row of a refund at the processor, made for one that was made
// there by hand.
func (a *Activities) refundOf(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, made gateway.Refund, amount int64) (dbsqlc.Refund, error) {
	if id, err := uuid.Parse(made.RefundID); err == nil {
		r, err := q.LockRefund(ctx, dbsqlc.LockRefundParams{OrgID: p.OrgID, ID: id})
		if db.NotFound(err) || err == nil && (r.PaymentID == nil || *r.PaymentID != p.ID) {
			return r, mismatch("refund %s names refund %s, which payment %s does not have", made.ID, id, p.ID)
		}
		return r, err
	}
	found, err := q.FindRefund(ctx, dbsqlc.FindRefundParams{Account: p.Account, ProcessorRefund: made.ID, OrgID: p.OrgID})
	if err != nil {
		return dbsqlc.Refund{}, err
	}
	if len(found) == 0 {
		id := a.NewID()
		if err := q.InsertRefund(ctx, dbsqlc.InsertRefundParams{
			OrgID: p.OrgID, ID: id, CustomerID: p.CustomerID, PaymentID: &p.ID, Channel: RefundToSource, Kind: p.Kind, Currency: p.Currency, Amount: amount,
			Account: p.Account, ProcessorRefund: made.ID, RequestedByKind: string(portal.ActorSystem), RequestedByName: "The processor's dashboard",
			RequestHash: []byte{}, At: a.now(),
		}); err != nil {
			return dbsqlc.Refund{}, err
		}
		if err := q.OpenPaymentFlow(ctx, dbsqlc.OpenPaymentFlowParams{OrgID: p.OrgID, ID: p.ID}); err != nil {
			return dbsqlc.Refund{}, err
		}
		return q.LockRefund(ctx, dbsqlc.LockRefundParams{OrgID: p.OrgID, ID: id})
	}
	return found[0], nil
}

// bookRefund takes a refund that was made out of the books. The books are locked.
func (a *Activities) bookRefund(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, r dbsqlc.Refund) error {
	now := a.now()
	taken, reopened, err := a.takeBack(ctx, q, p, r.Amount, cause{refund: &r.ID}, now)
	if err != nil {
		return err
	}
	var note *uuid.UUID
	if !r.OwedAgain {
		if note, err = a.creditNoteFor(ctx, q, p, r, taken, now); err != nil {
			return err
		}
	}
	if _, err := q.BookRefund(ctx, dbsqlc.BookRefundParams{OrgID: r.OrgID, ID: r.ID, CreditNoteID: note, At: &now}); err != nil {
		return err
	}
	if err := q.OpenPaymentFlow(ctx, dbsqlc.OpenPaymentFlowParams{OrgID: r.OrgID, ID: p.ID}); err != nil {
		return err
	}
	return a.record(ctx, q, happened{
		org: p.OrgID, customer: p.CustomerID, kind: "payment.refunded", subject: "payment", id: p.ID, by: actorFrom(r.RequestedByKind, r.RequestedBy, r.RequestedByName), at: now,
		data: map[string]any{"amount": r.Amount, "currency": p.Currency, "reason": r.Reason, "owed_again": reopened || r.OwedAgain && len(taken) > 0},
	})
}

// unbookRefund ends a refund that was not made after all. The books are locked.
func (a *Activities) unbookRefund(ctx context.Context, q *dbsqlc.Queries, p dbsqlc.Payment, r dbsqlc.Refund, end portal.RefundStatus, code string) error {
	now := a.now()
	n, err := q.EndRefund(ctx, dbsqlc.EndRefundParams{OrgID: r.OrgID, ID: r.ID, Status: end, FailureCode: code, At: now})
	if err != nil || n == 0 {
		return err
	}
	if r.Status == portal.RefundSucceeded {
		if err := a.giveBack(ctx, q, p, r.Amount, cause{refund: &r.ID}, now); err != nil {
			return err
		}
	}
	if err := q.OpenPaymentFlow(ctx, dbsqlc.OpenPaymentFlowParams{OrgID: r.OrgID, ID: p.ID}); err != nil {
		return err
	}
	return a.record(ctx, q, happened{
		org: p.OrgID, customer: p.CustomerID, kind: "payment.refund_failed", subject: "payment", id: p.ID, by: system(), at: now,
		// The customer knows of a refund only once it was made.
		internal: r.Status == portal.RefundPending,
		data:     map[string]any{"amount": r.Amount, "currency": p.Currency, "code": code},
	})
}

// endRefund ends a refund that the processor refused to make.
func (a *Activities) endRefund(ctx context.Context, payment dbsqlc.Payment, id uuid.UUID, end portal.RefundStatus, code string) error {
	return a.in(ctx, payment.OrgID, func(q *dbsqlc.Queries) error {
		payment, err := a.lockBooks(ctx, q, payment)
		if err != nil {
			return err
		}
		r, err := q.LockRefund(ctx, dbsqlc.LockRefundParams{OrgID: payment.OrgID, ID: id})
		if err != nil {
			return err
		}
		return a.unbookRefund(ctx, q, payment, r, end, code)
	})
}
