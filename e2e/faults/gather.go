package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"countersign/devstack/stripesim"
)

// gatherTheirs reads what the processor has.
func (f *Facts) gatherTheirs(ctx context.Context, sim *stripesim.Admin) (err error) {
	if f.Intents, err = sim.Intents(ctx); err != nil {
		return err
	}
	if f.Charges, err = sim.Charges(ctx); err != nil {
		return err
	}
	if f.Refunds, err = sim.Refunds(ctx); err != nil {
		return err
	}
	if f.Disputes, err = sim.Disputes(ctx); err != nil {
		return err
	}
	f.Requests, err = sim.Requests(ctx)
	return err
}

// gatherOurs reads what one organization has at one moment, as the owner of the
// tables: past row-level security and past our own statements, which are under test.
func (f *Facts) gatherOurs(ctx context.Context, owner *pgxpool.Pool, org uuid.UUID) error {
	batch := &pgx.Batch{}
	rows(batch, &f.Customers, `SELECT id, processor_customer FROM customers WHERE org_id = $1`, org)
	rows(batch, &f.Invoices, `SELECT id, number, state, total, due FROM invoices WHERE org_id = $1`, org)
	rows(batch, &f.Payments, `SELECT id, customer_id, status, channel, currency, amount, received, account, intent_id, checkout_id, attempt, flow_open, autopay_id
		FROM payments WHERE org_id = $1`, org)
	rows(batch, &f.Reservations, `SELECT r.payment_id, r.invoice_id, r.state, r.amount, p.created_at
		FROM reservations r JOIN payments p ON p.id = r.payment_id WHERE r.org_id = $1`, org)
	rows(batch, &f.Allocations, `SELECT payment_id, invoice_id, amount FROM allocations WHERE org_id = $1`, org)
	rows(batch, &f.Credits, `SELECT payment_id, amount, reason FROM credit_entries WHERE org_id = $1`, org)
	rows(batch, &f.ByHand, `SELECT payment_id, amount FROM refunds WHERE org_id = $1 AND channel = 'recorded' AND status = 'succeeded' AND payment_id IS NOT NULL`, org)
	rows(batch, &f.Changes, `SELECT subject_id, kind, at FROM events WHERE org_id = $1 AND kind IN ('invoice.edited', 'invoice.voided')`, org)
	rows(batch, &f.Deliveries, `SELECT id, template, status FROM deliveries WHERE org_id = $1`, org)
	rows(batch, &f.Versions, `SELECT estimate_id, version, status, content_hash, sent_at FROM estimate_versions WHERE org_id = $1 AND sent_at IS NOT NULL`, org)
	rows(batch, &f.Decisions, `SELECT document_id, version, decision, content_hash, decided_at FROM decisions WHERE org_id = $1 AND document_kind = 'estimate'`, org)
	rows(batch, &f.Autopays, `SELECT id, status = 'on', flow_open FROM autopays WHERE org_id = $1`, org)
	rows(batch, &f.Announced, `SELECT c.payment_id, i.number FROM autopay_charges c JOIN invoices i ON i.id = c.invoice_id WHERE c.org_id = $1 AND c.payment_id IS NOT NULL`, org)
	// Told of, it is charged at nine on its day, and not within a day; whatever is later waited.
	rows(batch, &f.Noted, `SELECT status, reason, coalesce(charge_at > greatest((due_on + time '09:00') AT TIME ZONE 'UTC', noticed_at + interval '24 hours') + interval '1 hour', false) FROM autopay_charges WHERE org_id = $1`, org)
	err := pgx.BeginTxFunc(ctx, owner, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("reading our side: %w", err)
	}
	return nil
}

// gatherWebhooks reads the webhooks that came since; they belong to no organization.
func (f *Facts) gatherWebhooks(ctx context.Context, owner *pgxpool.Pool, since time.Time) error {
	batch := &pgx.Batch{}
	rows(batch, &f.Webhooks, `SELECT provider, event_id, type, processed_at IS NOT NULL, result FROM webhook_events WHERE received_at >= $1`, since)
	if err := owner.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("reading the webhooks: %w", err)
	}
	return nil
}

// rows reads a statement's rows into structs, column by field.
func rows[T any](batch *pgx.Batch, into *[]T, statement string, args ...any) {
	batch.Queue(statement, args...).Query(func(r pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(r, pgx.RowToStructByPos[T])
		return err
	})
}
