package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"countersign/db/dbsqlc"
	"countersign/gateway"
	"countersign/portal"
)

// Updates of a payment's flow by which it asks the processor.
const (
	AskObserve   = "observe"
	AskMoneyBack = "money_back"
)

const (
	// differencesBatch is how many rows are read at a time.
	differencesBatch = 200
	// asksAtATime is how many payments' flows ask the processor at once.
	asksAtATime = 8
)

// comparison is one under way.
type comparison struct {
	*Activities
	ref    ReconciliationRef
	report dbsqlc.Reconciliation
	// account is the organization's at the processor.
	account string
	// seen are the charges that were compared.
	seen     map[chargeID]bool
	compared int
}

// chargeID names a charge: the processor's IDs are unique within an account.
type chargeID struct{ account, intent string }

func (a *Activities) comparison(ctx context.Context, ref ReconciliationRef) (*comparison, error) {
	c := &comparison{Activities: a, ref: ref, seen: map[chargeID]bool{}}
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		if c.report, err = q.GetReconciliation(ctx, dbsqlc.GetReconciliationParams{OrgID: ref.Org, ID: ref.Reconciliation}); err != nil {
			return err
		}
		org, err := q.GetOrganization(ctx, ref.Org)
		c.account = org.StripeAccount
		return err
	})
	return c, err
}

// CompareCharges holds the charges of a period against the books: those that the
// processor lists of it, those that it gave or took back money of in it, and
// those that the books have of it or that are open in any way, however old.
func (a *Activities) CompareCharges(ctx context.Context, ref ReconciliationRef) (ReconciliationState, error) {
	c, err := a.comparison(ctx, ref)
	if err != nil {
		return ReconciliationState{}, boundary(err)
	}
	back, err := c.movedBack(ctx)
	if err != nil {
		return ReconciliationState{}, boundary(err)
	}
	during := gateway.Period{From: c.report.FromAt, To: c.report.ToAt}
	for after := ""; ; {
		page, err := a.Gateway.IntentsCreated(ctx, c.account, during, after)
		if err != nil {
			return ReconciliationState{}, boundary(fmt.Errorf("listing charges: %w", err))
		}
		if err := c.listed(ctx, page.Items, back); err != nil {
			return ReconciliationState{}, boundary(err)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for _, intent := range back {
		if err := c.one(ctx, chargeID{c.account, intent}); err != nil {
			return ReconciliationState{}, boundary(err)
		}
	}
	if err := c.booked(ctx); err != nil {
		return ReconciliationState{}, boundary(err)
	}
	if err := c.count(ctx); err != nil {
		return ReconciliationState{}, boundary(err)
	}
	return a.readReconciliation(ctx, ref)
}

// movedBack are the charges of which money went back in the period, or a bank asked.
func (c *comparison) movedBack(ctx context.Context) (intents []string, err error) {
	during := gateway.Period{From: c.report.FromAt, To: c.report.ToAt}
	add := func(intent string) {
		if intent != "" && !slices.Contains(intents, intent) {
			intents = append(intents, intent)
		}
	}
	for after := ""; ; {
		page, err := c.Gateway.RefundsCreated(ctx, c.account, during, after)
		if err != nil {
			return nil, fmt.Errorf("listing refunds: %w", err)
		}
		for _, r := range page.Items {
			add(r.IntentID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for after := ""; ; {
		page, err := c.Gateway.DisputesCreated(ctx, c.account, during, after)
		if err != nil {
			return nil, fmt.Errorf("listing disputes: %w", err)
		}
		for _, d := range page.Items {
			add(d.IntentID)
		}
		if after = page.Next; after == "" {
			return intents, nil
		}
	}
}

// listed compares a page of the processor's list. A charge of which money went
// back is left to be asked about by itself.
func (c *comparison) listed(ctx context.Context, intents []gateway.Intent, back []string) error {
	books, err := c.books(ctx, c.account, intents)
	if err != nil {
		return err
	}
	for _, intent := range intents {
		id := chargeID{c.account, intent.ID}
		found := books.of(intent)
		if slices.Contains(back, intent.ID) || found.payment != nil && (found.payment.Refunded > 0 || found.payment.Returned > 0 || found.payment.RefundsOpen > 0) {
			if err := c.one(ctx, id); err != nil {
				return err
			}
			continue
		}
		c.see(id, found)
		if err := c.put(ctx, intent.ID, found.differences(&intent, nil, nil)); err != nil {
			return err
		}
	}
	return c.count(ctx)
}

// booked compares what the books have and the processor's list did not.
func (c *comparison) booked(ctx context.Context) error {
	params := dbsqlc.PaymentsToReconcileParams{OrgID: c.ref.Org, FromAt: c.report.FromAt, ToAt: c.report.ToAt, Batch: differencesBatch}
	for {
		var rows []dbsqlc.PaymentsToReconcileRow
		err := c.in(ctx, c.ref.Org, func(q *dbsqlc.Queries) (err error) {
			rows, err = q.PaymentsToReconcile(ctx, params)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			params.AfterID = r.ID
			if err := c.one(ctx, chargeID{r.Account, r.IntentID}); err != nil {
				return err
			}
		}
		if len(rows) < differencesBatch {
			return nil
		}
	}
}

// one asks the processor for a charge and all that went back of it, and compares
// them, once.
func (c *comparison) one(ctx context.Context, id chargeID) error {
	if c.seen[id] {
		return nil
	}
	intent, err := c.Gateway.GetIntent(ctx, id.account, id.intent)
	gone := gateway.KindOf(err) == gateway.NotFound
	if err != nil && !gone {
		return fmt.Errorf("asking for the charge: %w", err)
	}
	intent.ID = id.intent
	books, err := c.books(ctx, id.account, []gateway.Intent{intent})
	if err != nil {
		return err
	}
	found := books.of(intent)
	c.see(id, found)
	if gone {
		return c.put(ctx, id.intent, found.differences(nil, nil, nil))
	}
	var refunds []gateway.Refund
	var disputes []gateway.Dispute
	if intent.Status == gateway.IntentSucceeded && found.payment != nil {
		if refunds, err = c.Gateway.ListRefunds(ctx, id.account, id.intent); err != nil {
			return fmt.Errorf("asking for refunds: %w", err)
		}
		if disputes, err = c.Gateway.ListDisputes(ctx, id.account, id.intent); err != nil {
			return fmt.Errorf("asking for disputes: %w", err)
		}
	}
	return c.put(ctx, id.intent, found.differences(&intent, refunds, disputes))
}

func (c *comparison) see(id chargeID, found booked) {
	if !c.seen[id] && (found.payment != nil || found.claimed) {
		c.compared++
	}
	c.seen[id] = true
}

// put stores what a charge differs in, and that it no longer differs in the rest.
func (c *comparison) put(ctx context.Context, intent string, found []difference) error {
	return c.in(ctx, c.ref.Org, func(q *dbsqlc.Queries) error {
		now := c.now()
		still := []string{}
		for _, d := range found {
			still = append(still, d.kind)
			if err := q.PutDifference(ctx, dbsqlc.PutDifferenceParams{
				OrgID: c.ref.Org, ReconciliationID: c.ref.Reconciliation, ObjectID: intent, Kind: d.kind,
				PaymentID: d.payment, CustomerID: d.customer, Ours: d.ours, Theirs: d.theirs, At: now,
			}); err != nil {
				return err
			}
		}
		return q.MendDifferences(ctx, dbsqlc.MendDifferencesParams{
			OrgID: c.ref.Org, ReconciliationID: c.ref.Reconciliation, ObjectID: intent, At: now, Still: still,
		})
	})
}

func (c *comparison) count(ctx context.Context) error {
	return c.in(ctx, c.ref.Org, func(q *dbsqlc.Queries) error {
		return q.CountReconciled(ctx, dbsqlc.CountReconciledParams{OrgID: c.ref.Org, ID: c.ref.Reconciliation, Compared: int32(min(c.compared, 1<<30)), At: c.now()})
	})
}

// standing are the differences that are not mended.
func (c *comparison) standing(ctx context.Context) (all []dbsqlc.ReconciliationDifference, err error) {
	params := dbsqlc.StandingDifferencesParams{OrgID: c.ref.Org, ReconciliationID: c.ref.Reconciliation, Batch: differencesBatch}
	for {
		var rows []dbsqlc.ReconciliationDifference
		err := c.in(ctx, c.ref.Org, func(q *dbsqlc.Queries) (err error) {
			rows, err = q.StandingDifferences(ctx, params)
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < differencesBatch {
			return all, nil
		}
		params.AfterObject, params.AfterKind = rows[len(rows)-1].ObjectID, rows[len(rows)-1].Kind
	}
}

// MendDifferencesInput is which try it is to have differences mended.
type MendDifferencesInput struct {
	ReconciliationRef
	Try int `json:"try"`
}

// MendDifferences has the flows of the payments that differ ask the processor. A
// flow that does not answer is left to the comparison after this one.
func (a *Activities) MendDifferences(ctx context.Context, in MendDifferencesInput) error {
	c, err := a.comparison(ctx, in.ReconciliationRef)
	if err != nil {
		return boundary(err)
	}
	rows, err := c.standing(ctx)
	if err != nil {
		return boundary(err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asksAtATime)
	for _, d := range rows {
		update := updateFor(d.Kind)
		if d.PaymentID == nil || update == "" {
			continue
		}
		group.Go(func() error {
			// The payment and the kind make a repeat of this step the same Update.
			id := fmt.Sprintf("reconcile:%s:%d:%s", in.Reconciliation, in.Try, d.Kind)
			if err := a.Ask(ctx, PaymentRef{in.Org, *d.PaymentID}, update, id); err != nil && ctx.Err() == nil {
				activity.GetLogger(ctx).Warn("A payment that differs could not ask the processor.", "payment", *d.PaymentID, "error", err)
			}
			return ctx.Err()
		})
	}
	return boundary(group.Wait())
}

// updateFor is what mends a difference of that kind, empty if asking can't.
func updateFor(kind string) string {
	switch kind {
	case differsStatus:
		return AskObserve
	case differsRefunded, differsDisputed:
		return AskMoneyBack
	}
	return ""
}

// CompareAgain compares once more the charges that differed.
func (a *Activities) CompareAgain(ctx context.Context, ref ReconciliationRef) (ReconciliationState, error) {
	c, err := a.comparison(ctx, ref)
	if err != nil {
		return ReconciliationState{}, boundary(err)
	}
	rows, err := c.standing(ctx)
	if err != nil {
		return ReconciliationState{}, boundary(err)
	}
	for _, d := range rows {
		id := chargeID{c.account, d.ObjectID}
		if d.PaymentID != nil {
			payment, err := a.payment(ctx, PaymentRef{ref.Org, *d.PaymentID})
			if err != nil {
				return ReconciliationState{}, boundary(err)
			}
			id.account = payment.Account
		}
		if err := c.one(ctx, id); err != nil {
			return ReconciliationState{}, boundary(err)
		}
	}
	return a.readReconciliation(ctx, ref)
}

// books are what these books, and those of other organizations, have of some charges.
type books struct {
	account   string
	payments  []dbsqlc.PaymentsOfChargesRow
	customers []dbsqlc.CustomersOfProcessorRow
	elsewhere []uuid.UUID
}

func (c *comparison) books(ctx context.Context, account string, intents []gateway.Intent) (books, error) {
	b := books{account: account}
	asked := dbsqlc.PaymentsOfChargesParams{OrgID: c.ref.Org, Account: account, Ids: []uuid.UUID{}, Intents: []string{}}
	customers := []string{}
	for _, i := range intents {
		asked.Intents = append(asked.Intents, i.ID)
		if id, err := uuid.Parse(i.PaymentID); err == nil {
			asked.Ids = append(asked.Ids, id)
		}
		if i.CustomerID != "" {
			customers = append(customers, i.CustomerID)
		}
	}
	err := c.in(ctx, c.ref.Org, func(q *dbsqlc.Queries) (err error) {
		if b.payments, err = q.PaymentsOfCharges(ctx, asked); err != nil {
			return err
		}
		b.customers, err = q.CustomersOfProcessor(ctx, dbsqlc.CustomersOfProcessorParams{OrgID: c.ref.Org, ProcessorCustomers: customers})
		return err
	})
	if err != nil {
		return b, err
	}
	err = c.DB.Across(ctx, func(q *dbsqlc.Queries) (err error) {
		b.elsewhere, err = q.PaymentsElsewhereAcross(ctx, dbsqlc.PaymentsElsewhereAcrossParams{OrgID: c.ref.Org, Ids: asked.Ids})
		return err
	})
	return b, err
}

// of is what the books have of one charge. Organizations may share an account, so
// not every charge in it is this one's: it is if it is booked here, if it was
// charged to a customer of here, or if the payment that it names is nobody's.
func (b books) of(i gateway.Intent) booked {
	named, err := uuid.Parse(i.PaymentID)
	names := err == nil
	var found booked
	for _, p := range b.payments {
		if p.Account == b.account && p.IntentID == i.ID {
			found.payment = &p
			return found
		}
		if names && p.ID == named {
			found.payment = &p
		}
	}
	if found.payment != nil || names && slices.Contains(b.elsewhere, named) {
		return found
	}
	for _, c := range b.customers {
		if c.ProcessorCustomer == i.CustomerID {
			found.customer = &c.ID
		}
	}
	found.claimed = names || found.customer != nil
	return found
}

// moneyOf writes an amount of the processor's as people and programs read it.
func moneyOf(amount int64, currency string) string {
	m := portal.FromProcessor(amount, portal.Currency(currency))
	return m.Decimal() + " " + currency
}
