-- Money that goes back: refunds, disputes, and what they undo.

-- name: InsertRefund :exec
INSERT INTO refunds (org_id, id, customer_id, payment_id, channel, kind, currency, amount, owed_again, reason, account, processor_refund,
    requested_by_kind, requested_by, requested_by_name, request_hash, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @payment_id, @channel, @kind, @currency, @amount, @owed_again, @reason, @account, @processor_refund,
    @requested_by_kind, @requested_by, @requested_by_name, @request_hash, @at, @at);

-- name: GetRefund :one
SELECT * FROM refunds WHERE org_id = @org_id AND id = @id;

-- name: ListRefundsOfPayment :many
SELECT * FROM refunds WHERE org_id = @org_id AND payment_id = @payment_id::uuid ORDER BY created_at, id;

-- name: LockRefund :one
SELECT * FROM refunds WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: FindRefund :many
SELECT * FROM refunds WHERE account = @account AND processor_refund = @processor_refund AND org_id = @org_id;

-- name: SetRefundAtProcessor :execrows
-- 0 rows: another refund at the processor stands for this one already.
UPDATE refunds SET processor_refund = @processor_refund, updated_at = @at
WHERE org_id = @org_id AND id = @id AND processor_refund IN ('', @processor_refund);

-- name: BookRefund :execrows
UPDATE refunds SET status = 'succeeded', booked_at = @at, updated_at = @at, credit_note_id = @credit_note_id
WHERE org_id = @org_id AND id = @id AND status = 'pending';

-- name: EndRefund :execrows
-- Failed or canceled: what was booked is unbooked.
UPDATE refunds SET status = @status, failure_code = @failure_code, updated_at = @at,
    unbooked_at = CASE WHEN booked_at IS NOT NULL THEN @at::timestamptz END
WHERE org_id = @org_id AND id = @id AND status IN ('pending', 'succeeded');

-- name: InsertDispute :execrows
INSERT INTO disputes (org_id, id, customer_id, payment_id, account, processor_dispute, status, reason, currency, amount, opened_at, updated_at)
VALUES (@org_id, @id, @customer_id, @payment_id, @account, @processor_dispute, @status, @reason, @currency, @amount, @opened_at, @at)
ON CONFLICT (account, processor_dispute) DO NOTHING;

-- name: LockDispute :one
SELECT * FROM disputes WHERE org_id = @org_id AND account = @account AND processor_dispute = @processor_dispute FOR UPDATE;

-- name: ListDisputesOfPayment :many
SELECT * FROM disputes WHERE org_id = @org_id AND payment_id = @payment_id ORDER BY opened_at, id;

-- name: MoveDispute :exec
UPDATE disputes SET status = @status, taken_at = @taken_at, restored_at = @restored_at, updated_at = @at
WHERE org_id = @org_id AND id = @id;

-- name: TellRefund :exec
UPDATE refunds SET told_at = coalesce(told_at, @at) WHERE org_id = @org_id AND id = @id;

-- name: TellDispute :exec
UPDATE disputes SET told_at = coalesce(told_at, @at) WHERE org_id = @org_id AND id = @id;

-- name: OpenPaymentFlow :exec
-- Something is to be done about a payment that had ended.
UPDATE payments SET flow_open = true WHERE org_id = @org_id AND id = @id;

-- name: InvoicesBehindPayment :many
-- Those that taking back a payment may touch: the ones it paid, and the ones that its customer's credit paid.
SELECT DISTINCT a.invoice_id FROM allocations a
JOIN invoices i ON i.org_id = a.org_id AND i.id = a.invoice_id
WHERE a.org_id = @org_id AND a.customer_id = @customer_id AND i.currency = @currency
    AND (a.payment_id = @payment_id::uuid OR a.source = 'credit');

-- name: StandingAllocations :many
-- What of a payment's allocations, or of credit's with none named, is not reversed: the latest due first.
SELECT a.id, a.invoice_id, a.credit_note_id, i.number, i.due_date, s.net::bigint AS net
FROM allocations a
JOIN invoices i ON i.org_id = a.org_id AND i.id = a.invoice_id
CROSS JOIN LATERAL (
    SELECT a.amount + coalesce(sum(r.amount), 0) AS net FROM allocations r WHERE r.org_id = a.org_id AND r.reverses = a.id
) s
WHERE a.org_id = @org_id AND a.customer_id = @customer_id AND i.currency = @currency AND a.reverses IS NULL AND s.net > 0
    AND (a.payment_id = sqlc.narg(payment_id)::uuid OR sqlc.narg(payment_id)::uuid IS NULL AND a.source = 'credit')
ORDER BY i.due_date DESC, i.number DESC, a.id;

-- name: AllocationsReversedBy :many
-- What a refund or a dispute took from which invoice, and what is due there now.
SELECT a.invoice_id, i.number, i.state, i.due, i.due_date, (-sum(a.amount))::bigint AS taken
FROM allocations a
JOIN invoices i ON i.org_id = a.org_id AND i.id = a.invoice_id
WHERE a.org_id = @org_id AND a.payment_id = @payment_id::uuid AND a.reverses IS NOT NULL
    AND (a.refund_id = sqlc.narg(refund_id) OR a.dispute_id = sqlc.narg(dispute_id))
GROUP BY a.invoice_id, i.number, i.state, i.due, i.due_date
ORDER BY i.due_date, i.number;

-- name: InsertReversals :exec
INSERT INTO allocations (org_id, customer_id, source, payment_id, refund_id, dispute_id, created_at, id, invoice_id, credit_note_id, reverses, amount)
SELECT @org_id, @customer_id, @source, @payment_id, @refund_id, @dispute_id, @at,
    unnest(@ids::uuid[]), unnest(@invoice_ids::uuid[]), nullif(unnest(@credit_note_ids::uuid[]), '00000000-0000-0000-0000-000000000000'), unnest(@reverses::uuid[]), -unnest(@amounts::bigint[]);

-- name: InsertReallocations :exec
INSERT INTO allocations (org_id, customer_id, source, payment_id, refund_id, dispute_id, created_at, id, invoice_id, amount)
SELECT @org_id, @customer_id, 'payment', @payment_id::uuid, @refund_id, @dispute_id, @at, unnest(@ids::uuid[]), unnest(@invoice_ids::uuid[]), unnest(@amounts::bigint[]);

-- name: InsertCreditAllocations :exec
INSERT INTO allocations (org_id, customer_id, source, credit_note_id, created_at, id, invoice_id, amount)
SELECT @org_id, @customer_id, 'credit', @credit_note_id, @at, unnest(@ids::uuid[]), unnest(@invoice_ids::uuid[]), unnest(@amounts::bigint[]);

-- name: InsertApplied :exec
-- What invoices took of a customer's credit.
INSERT INTO credit_entries (org_id, customer_id, currency, reason, created_at, id, allocation_id, amount)
SELECT @org_id, @customer_id, @currency, 'applied', @at, unnest(@ids::uuid[]), unnest(@allocation_ids::uuid[]), -unnest(@amounts::bigint[]);

-- name: InsertUnapplied :exec
-- Credit that invoices gave up, back with the customer.
INSERT INTO credit_entries (org_id, customer_id, currency, reason, refund_id, dispute_id, created_at, id, allocation_id, amount)
SELECT @org_id, @customer_id, @currency, 'unapplied', @refund_id, @dispute_id, @at, unnest(@ids::uuid[]), unnest(@allocation_ids::uuid[]), unnest(@amounts::bigint[]);

-- name: InsertBackEntry :exec
INSERT INTO credit_entries (org_id, id, customer_id, currency, amount, reason, payment_id, refund_id, dispute_id, created_at)
VALUES (@org_id, @id, @customer_id, @currency, @amount, @reason, @payment_id, @refund_id, @dispute_id, @at);

-- name: CreditOfPayment :one
-- What of a payment is credit, and was not paid back.
SELECT coalesce(sum(amount), 0)::bigint FROM credit_entries WHERE org_id = @org_id AND payment_id = @payment_id::uuid;

-- name: CreditBalance :one
-- A customer's credit in one currency, and what payments under way hold of it.
SELECT coalesce((SELECT sum(amount) FROM credit_entries e WHERE e.org_id = @org_id AND e.customer_id = @customer_id AND e.currency = @currency), 0)::bigint AS balance,
    coalesce((
        SELECT sum(r.credit) FROM reservations r JOIN invoices i ON i.org_id = r.org_id AND i.id = r.invoice_id
        WHERE r.org_id = @org_id AND r.customer_id = @customer_id AND r.state = 'live' AND r.credit > 0 AND i.currency = @currency
    ), 0)::bigint AS held;
