-- name: InsertPayment :exec
-- A saved method is named as it is now; what is charged in the end is said by SetPaymentIntent.
INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, method_id, brand, last4, save_method, account, started_by_kind, started_by, started_by_name, received_on, reference, on_schedule, autopay_id, request_hash, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, 'reserved', @channel, @kind, @currency, @amount, @method_id,
    coalesce((SELECT m.brand FROM payment_methods m WHERE m.org_id = @org_id AND m.id = @method_id), ''),
    coalesce((SELECT m.last4 FROM payment_methods m WHERE m.org_id = @org_id AND m.id = @method_id), ''), @save_method, @account, @started_by_kind, @started_by, @started_by_name, @received_on, @reference, @on_schedule, @autopay_id, @request_hash, @at, @at);

-- name: InsertReservations :exec
INSERT INTO reservations (org_id, payment_id, customer_id, invoice_id, amount, credit, revision)
SELECT @org_id, @payment_id, @customer_id, unnest(@invoice_ids::uuid[]), unnest(@amounts::bigint[]), unnest(@credits::bigint[]), unnest(@revisions::integer[]);

-- name: LiveReservations :many
-- Which of these invoices another payment holds, whose it is, and the credit that it holds in all.
SELECT r.invoice_id, r.payment_id, p.status, p.started_by, p.started_by_kind, p.started_by_name, p.created_at, p.channel,
    (SELECT sum(o.credit) FROM reservations o WHERE o.org_id = r.org_id AND o.payment_id = r.payment_id AND o.state = 'live')::bigint AS credit
FROM reservations r
JOIN payments p ON p.org_id = r.org_id AND p.id = r.payment_id
WHERE r.org_id = @org_id AND r.invoice_id = ANY (@ids::uuid[]) AND r.state = 'live'
ORDER BY r.invoice_id;

-- name: GetPayment :one
SELECT * FROM payments WHERE org_id = @org_id AND id = @id;

-- name: LockPayment :one
SELECT * FROM payments WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: ListReservations :many
-- Each invoice is found by its key, whatever the planner believes: before a new
-- table's first ANALYZE it would read all of an organization's for each of them.
SELECT r.*, i.number, i.total, i.due, i.due_date, i.state AS invoice_state, i.revision AS invoice_revision
FROM reservations r
JOIN LATERAL (SELECT * FROM invoices f WHERE f.org_id = r.org_id AND f.id = r.invoice_id OFFSET 0) i ON true
WHERE r.org_id = @org_id AND r.payment_id = @payment_id
ORDER BY i.due_date, i.number;

-- name: MovePayment :execrows
-- From one of the statuses that may lead to the next; 0 rows: read it again.
UPDATE payments
SET status          = @status,
    failure_code    = @failure_code,
    failure_message = @failure_message,
    next_try_at     = sqlc.narg(next_try_at),
    ended_at        = CASE WHEN @status::text IN ('succeeded', 'canceled', 'failed') THEN @at::timestamptz END,
    updated_at      = @at
WHERE org_id = @org_id AND id = @id AND status = ANY (@from_status::text[]);

-- name: SetPaymentIntent :execrows
-- With the card or account that is being charged, once the processor says which.
UPDATE payments
SET intent_id  = @intent_id,
    brand      = CASE WHEN @last4::text <> '' THEN @brand::text ELSE brand END,
    last4      = CASE WHEN @last4::text <> '' THEN @last4::text ELSE last4 END,
    updated_at = @at
WHERE org_id = @org_id AND id = @id AND intent_id IN ('', @intent_id);

-- name: SetPaymentCheckout :execrows
UPDATE payments
SET status      = 'awaiting_customer',
    checkout_id = @checkout_id,
    action_url  = @action_url,
    updated_at  = @at
WHERE org_id = @org_id AND id = @id AND status = 'reserved' AND attempt = @attempt;

-- name: SetCheckoutExpiry :one
-- The first time set stands, so that a repeated call to the processor says the same.
UPDATE payments SET checkout_expires_at = coalesce(checkout_expires_at, @expires_at::timestamptz)
WHERE org_id = @org_id AND id = @id
RETURNING coalesce(checkout_expires_at, @expires_at::timestamptz)::timestamptz AS expires_at;

-- name: RenewCheckout :execrows
-- Another session, under another key, for one that could not be opened in time.
UPDATE payments SET attempt = attempt + 1, checkout_expires_at = NULL, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'reserved' AND attempt = @attempt AND checkout_id = '';

-- name: SetPaymentAction :exec
UPDATE payments SET action_url = @action_url WHERE org_id = @org_id AND id = @id;

-- name: RetryPayment :execrows
UPDATE payments p
SET status          = 'reserved',
    attempt         = p.attempt + 1,
    channel         = @channel,
    on_schedule     = p.on_schedule AND @channel = 'saved',
    next_try_at     = NULL,
    method_id       = @method_id,
    brand           = coalesce((SELECT m.brand FROM payment_methods m WHERE m.org_id = @org_id AND m.id = @method_id), ''),
    last4           = coalesce((SELECT m.last4 FROM payment_methods m WHERE m.org_id = @org_id AND m.id = @method_id), ''),
    checkout_id     = '',
    checkout_expires_at = NULL,
    action_url      = '',
    retried_by_kind = @retried_by_kind,
    retried_by      = @retried_by,
    retried_by_name = @retried_by_name,
    updated_at      = @at
WHERE p.org_id = @org_id AND p.id = @id AND p.status = 'declined' AND p.attempt = @attempt;

-- name: StopSchedule :execrows
-- What is declined waits on, and is not tried again by itself any more.
UPDATE payments SET next_try_at = NULL, on_schedule = false, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'declined' AND attempt = @attempt;

-- name: StopSchedulesOfContact :many
-- What they began by hand is not tried again by itself any more.
UPDATE payments SET next_try_at = NULL, on_schedule = false, updated_at = @at
WHERE org_id = @org_id AND started_by_kind = 'contact' AND started_by = @contact_id AND autopay_id IS NULL AND on_schedule AND ended_at IS NULL
RETURNING id, amount, currency;

-- name: SucceedPayment :execrows
UPDATE payments
SET status          = 'succeeded',
    received        = @received,
    kind            = @kind,
    receipt_number  = @receipt_number,
    failure_code    = '',
    failure_message = '',
    next_try_at     = NULL,
    succeeded_at    = @at,
    ended_at        = @at,
    updated_at      = @at,
    flow_open       = true
WHERE org_id = @org_id AND id = @id AND status = ANY (@from_status::text[]);

-- name: ReleaseReservations :execrows
UPDATE reservations SET state = @state
WHERE org_id = @org_id AND payment_id = @payment_id AND state = 'live';

-- name: InsertPaymentAllocations :exec
INSERT INTO allocations (org_id, customer_id, source, payment_id, created_at, id, invoice_id, amount)
SELECT @org_id, @customer_id, 'payment', @payment_id::uuid, @at, unnest(@ids::uuid[]), unnest(@invoice_ids::uuid[]), unnest(@amounts::bigint[]);

-- name: ListAllocationsOfPayment :many
SELECT a.*, i.number, i.title, i.total, i.due, i.due_date, i.issue_date
FROM allocations a
JOIN invoices i ON i.org_id = a.org_id AND i.id = a.invoice_id
WHERE a.org_id = @org_id AND a.payment_id = @payment_id::uuid
ORDER BY i.due_date, i.number;

-- name: ListAllocationsOfInvoice :many
SELECT a.*, p.receipt_number, p.kind AS payment_kind, coalesce(p.brand, '')::text AS brand, coalesce(p.last4, '')::text AS last4
FROM allocations a
LEFT JOIN payments p ON p.org_id = a.org_id AND p.id = a.payment_id
WHERE a.org_id = @org_id AND a.invoice_id = @invoice_id
ORDER BY a.created_at, a.id;

-- name: InsertCreditEntry :exec
INSERT INTO credit_entries (org_id, id, customer_id, currency, amount, reason, payment_id, credit_note_id, allocation_id, created_at)
VALUES (@org_id, @id, @customer_id, @currency, @amount, @reason, @payment_id, @credit_note_id, @allocation_id, @at);

-- name: InsertCreditNote :exec
INSERT INTO credit_notes (org_id, id, customer_id, invoice_id, number, currency, amount, reason, issue_date, created_by, created_at)
VALUES (@org_id, @id, @customer_id, @invoice_id, @number, @currency, @amount, @reason, @issue_date, @created_by, @at);

-- name: ListCreditEntries :many
-- How a customer's credit came and went, newest first, with what each was about: an
-- invoice that it paid or came back from, a credit note, a payment.
SELECT e.id, e.currency, e.amount, e.reason, e.created_at, e.credit_note_id, e.payment_id, a.invoice_id,
    coalesce(n.number, '')::text AS credit_note_number, coalesce(n.reason, '')::text AS credit_note_reason,
    coalesce(p.receipt_number, '')::text AS receipt_number, coalesce(i.number, '')::text AS invoice_number
FROM credit_entries e
LEFT JOIN credit_notes n ON n.org_id = e.org_id AND n.id = e.credit_note_id
LEFT JOIN payments p ON p.org_id = e.org_id AND p.id = e.payment_id
LEFT JOIN allocations a ON a.org_id = e.org_id AND a.id = e.allocation_id
LEFT JOIN invoices i ON i.org_id = e.org_id AND i.id = a.invoice_id
WHERE e.org_id = @org_id AND e.customer_id = @customer_id
    AND (e.created_at, e.id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY e.created_at DESC, e.id DESC
LIMIT @page_size;

-- name: CreditBalances :many
SELECT currency, sum(amount)::bigint AS amount
FROM credit_entries WHERE org_id = @org_id AND customer_id = @customer_id
GROUP BY currency HAVING sum(amount) <> 0 ORDER BY currency;

-- name: InsertAttempt :execrows
INSERT INTO payment_attempts (org_id, payment_id, n, charge, outcome, channel, code, class, message, requested_by, started_at, ended_at)
VALUES (@org_id, @payment_id, @n, @charge, @outcome, @channel, @code, @class, @message, @requested_by, @started_at, @ended_at)
ON CONFLICT DO NOTHING;

-- name: EndAttempt :execrows
UPDATE payment_attempts
SET outcome = @outcome, code = @code, class = @class, message = @message, ended_at = @at
WHERE org_id = @org_id AND payment_id = @payment_id AND n = @n AND charge = @charge AND outcome = 'pending';

-- name: ListAttempts :many
SELECT * FROM payment_attempts WHERE org_id = @org_id AND payment_id = @payment_id
ORDER BY n, started_at, charge;

-- name: ClosePaymentFlow :exec
UPDATE payments SET flow_open = false
WHERE org_id = @org_id AND id = @id AND status IN ('succeeded', 'canceled', 'failed') AND refunds_open = 0;

-- name: OpenPaymentFlowsAcross :many
SELECT org_id, id, status, refunds_open FROM payments
WHERE flow_open AND updated_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;

-- name: ListDeclinedPaymentsAcross :many
-- For operators: oldest decline first. An empty filter is no filter; no IDs are all.
SELECT p.id, p.org_id, o.slug, p.currency, p.amount, p.failure_code, p.channel, p.attempt, p.next_try_at, p.created_at, p.updated_at
FROM payments p
JOIN organizations o ON o.id = p.org_id
WHERE p.status = 'declined'
    AND (@slug::text = '' OR o.slug = @slug)
    AND (cardinality(@codes::text[]) = 0 OR p.failure_code = ANY (@codes))
    AND (cardinality(@ids::uuid[]) = 0 OR p.id = ANY (@ids))
    AND p.updated_at <= @declined_before
    AND (p.updated_at, p.id) > (@after_at::timestamptz, @after_id::uuid)
ORDER BY p.updated_at, p.id LIMIT @batch;

-- name: FindPaymentAcross :many
SELECT org_id, id, status, account FROM payments WHERE id = @id;

-- name: FindPaymentByProcessorAcross :many
-- By the intent or the Checkout session that a webhook names.
SELECT org_id, id, status, account FROM payments
WHERE account = @account AND @object_id::text <> '' AND (intent_id = @object_id OR checkout_id = @object_id);

-- name: ListPayments :many
-- One page; orders as in ListInvoices. made leaves out what was given up.
SELECT p.*, c.name AS customer_name,
    (SELECT count(*) FROM payment_attempts a WHERE a.org_id = p.org_id AND a.payment_id = p.id)::integer AS tries,
    (SELECT count(*) FROM reservations r WHERE r.org_id = p.org_id AND r.payment_id = p.id)::integer AS invoices
FROM payments p
JOIN customers c ON c.org_id = p.org_id AND c.id = p.customer_id
WHERE p.org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR p.customer_id = sqlc.narg(customer_id))
    AND CASE @filter::text
        WHEN '' THEN true
        WHEN 'made' THEN p.status NOT IN ('canceled', 'failed')
        WHEN 'underway' THEN p.status NOT IN ('succeeded', 'canceled', 'failed')
        ELSE p.status = @filter
    END
    AND (@kind::text = '' OR p.kind = @kind)
    AND (sqlc.narg(since)::timestamptz IS NULL OR p.created_at >= sqlc.narg(since))
    AND (sqlc.narg(before)::timestamptz IS NULL OR p.created_at < sqlc.narg(before))
    AND (@search::text = '' OR p.receipt_number ILIKE @search OR c.name ILIKE @search)
    AND (@first_page::boolean OR CASE @sort::text
        WHEN 'date' THEN (p.created_at, p.id) > (@from_time::timestamptz, @from_id::uuid)
        WHEN '-date' THEN (p.created_at, p.id) < (@from_time::timestamptz, @from_id::uuid)
        WHEN 'amount' THEN (p.currency, p.amount, p.id) > (@from_text::text, @from_number::bigint, @from_id::uuid)
        WHEN '-amount' THEN (p.currency, p.amount, p.id) < (@from_text::text, @from_number::bigint, @from_id::uuid)
    END)
ORDER BY
    CASE WHEN @sort = 'date' THEN p.created_at END, CASE WHEN @sort = '-date' THEN p.created_at END DESC,
    CASE WHEN @sort = 'amount' THEN p.currency END, CASE WHEN @sort = '-amount' THEN p.currency END DESC,
    CASE WHEN @sort = 'amount' THEN p.amount END, CASE WHEN @sort = '-amount' THEN p.amount END DESC,
    CASE WHEN @sort LIKE '-%' THEN p.id END DESC, p.id
LIMIT @page_size;

-- name: ListDeclinedPayments :many
-- What waits for another try, longest waiting last, with why the last try failed.
SELECT p.*, c.name AS customer_name, t.tries, t.class::text AS class,
    (SELECT count(*) FROM reservations r WHERE r.org_id = p.org_id AND r.payment_id = p.id)::integer AS invoices
FROM payments p
JOIN customers c ON c.org_id = p.org_id AND c.id = p.customer_id
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS tries, coalesce((array_agg(a.class ORDER BY a.n DESC, a.started_at DESC))[1], '') AS class
    FROM payment_attempts a WHERE a.org_id = p.org_id AND a.payment_id = p.id
) t
WHERE p.org_id = @org_id AND p.status = 'declined' AND (p.updated_at, p.id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY p.updated_at DESC, p.id DESC
LIMIT @page_size;

-- name: LastPayment :many
SELECT * FROM payments
WHERE org_id = @org_id AND customer_id = @customer_id AND status = 'succeeded'
ORDER BY succeeded_at DESC, id DESC LIMIT 1;

-- name: ListCreditNotes :many
-- One page, last issued first.
SELECT n.*, c.name AS customer_name, i.number AS invoice_number
FROM credit_notes n
JOIN customers c ON c.org_id = n.org_id AND c.id = n.customer_id
LEFT JOIN invoices i ON i.org_id = n.org_id AND i.id = n.invoice_id
WHERE n.org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR n.customer_id = sqlc.narg(customer_id))
    AND (@search::text = '' OR n.number ILIKE @search OR n.reason ILIKE @search OR c.name ILIKE @search)
    AND (sqlc.narg(from_day)::date IS NULL OR n.issue_date >= sqlc.narg(from_day))
    AND (sqlc.narg(to_day)::date IS NULL OR n.issue_date <= sqlc.narg(to_day))
    AND (n.issue_date, n.created_at, n.id) < (@before_day::date, @before_at::timestamptz, @before_id::uuid)
ORDER BY n.issue_date DESC, n.created_at DESC, n.id DESC
LIMIT @page_size;

-- name: GetCreditNote :one
SELECT n.*, c.name AS customer_name, i.number AS invoice_number
FROM credit_notes n
JOIN customers c ON c.org_id = n.org_id AND c.id = n.customer_id
LEFT JOIN invoices i ON i.org_id = n.org_id AND i.id = n.invoice_id
WHERE n.org_id = @org_id AND n.id = @id;
