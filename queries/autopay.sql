-- Autopay: enrolments, what is due to them, and what became of each charge.

-- name: InsertAutopay :exec
INSERT INTO autopays (org_id, id, customer_id, contact_id, contact_name, method_id, use_credit, terms, from_day, request_hash, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @contact_id, @contact_name, @method_id, @use_credit, @terms, @from_day, @request_hash, @at, @at);

-- name: GetAutopay :one
SELECT * FROM autopays WHERE org_id = @org_id AND id = @id;

-- name: LockAutopay :one
SELECT * FROM autopays WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: LiveAutopay :many
-- The customer's, if it is on: none or one.
SELECT * FROM autopays WHERE org_id = @org_id AND customer_id = @customer_id AND status = 'on';

-- name: LiveAutopayOfContact :many
SELECT * FROM autopays WHERE org_id = @org_id AND contact_id = @contact_id AND status = 'on';

-- name: LastAutopay :many
-- The newest, on or ended: none or one.
SELECT * FROM autopays WHERE org_id = @org_id AND customer_id = @customer_id
ORDER BY status = 'on' DESC, created_at DESC, id DESC LIMIT 1;

-- name: AutopaysOfMethod :many
-- Those that charge the method, or one whose place it took.
SELECT a.* FROM autopays a
WHERE a.org_id = @org_id AND a.status = 'on'
    AND a.method_id IN (SELECT m.id FROM payment_methods m WHERE m.org_id = @org_id AND (m.id = @method_id::uuid OR m.replaced_by = @method_id::uuid));

-- name: EndAutopay :execrows
UPDATE autopays
SET status        = 'ended',
    ended_by_kind = @ended_by_kind,
    ended_by      = @ended_by,
    ended_by_name = @ended_by_name,
    end_reason    = @end_reason,
    ended_at      = @at,
    updated_at    = @at
WHERE org_id = @org_id AND id = @id AND status = 'on';

-- name: SetAutopayMethod :execrows
UPDATE autopays SET method_id = @method_id, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'on';

-- name: CloseAutopayFlow :exec
UPDATE autopays SET flow_open = false WHERE org_id = @org_id AND id = @id AND status = 'ended';

-- name: OpenAutopayFlowsAcross :many
SELECT org_id, id, status FROM autopays
WHERE flow_open AND updated_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;

-- name: DuesOfAutopay :many
-- What is owed, the earliest first, and how far autopay is with it: charged by it or not.
SELECT d.invoice_id, d.due_on, d.amount, i.number, i.title, i.currency, i.ways_to_pay,
    coalesce(c.status, 'planned')::text AS status, c.charge_at,
    coalesce(c.reason, '')::text AS reason, coalesce(c.decided_by_name, '')::text AS decided_by_name, c.payment_id
FROM invoice_dues d
JOIN invoices i ON i.org_id = d.org_id AND i.id = d.invoice_id
LEFT JOIN autopay_charges c ON c.org_id = d.org_id AND c.autopay_id = @autopay_id AND c.invoice_id = d.invoice_id AND c.due_on = d.due_on
WHERE d.org_id = @org_id AND d.customer_id = @customer_id AND d.amount > 0
ORDER BY d.due_on, length(i.number), i.number
LIMIT 2000;

-- name: DueOfAutopay :many
-- What is owed of an invoice for a day, and how far autopay is with it: none or one.
SELECT d.amount, i.currency, i.ways_to_pay, coalesce(c.status, 'planned')::text AS status, coalesce(c.amount, 0)::bigint AS noticed_amount
FROM invoice_dues d
JOIN invoices i ON i.org_id = d.org_id AND i.id = d.invoice_id
LEFT JOIN autopay_charges c ON c.org_id = d.org_id AND c.autopay_id = @autopay_id AND c.invoice_id = d.invoice_id AND c.due_on = d.due_on
WHERE d.org_id = @org_id AND d.customer_id = @customer_id AND d.invoice_id = @invoice_id AND d.due_on = @due_on AND d.amount > 0;

-- name: DuesToTellOf :many
-- What autopay charges of what is owed, the earliest first, as far as its contact
-- was not told of it yet, or of less. portal.ChargedByAutopay says the same of the ways to pay.
SELECT d.invoice_id, d.due_on, d.amount, i.number, (c.status IS NOT DISTINCT FROM 'noticed')::boolean AS grew
FROM invoice_dues d
JOIN invoices i ON i.org_id = d.org_id AND i.id = d.invoice_id
LEFT JOIN autopay_charges c ON c.org_id = d.org_id AND c.autopay_id = @autopay_id AND c.invoice_id = d.invoice_id AND c.due_on = d.due_on
WHERE d.org_id = @org_id AND d.customer_id = @customer_id AND d.amount > 0 AND d.due_on BETWEEN @from_day AND @until
    AND @kind::text = ANY (i.ways_to_pay) AND (@kind <> 'bank_debit' OR @bank_debit_allowed::boolean AND i.currency = 'USD')
    AND (coalesce(c.status, 'planned') = 'planned' OR c.status = 'noticed' AND d.amount > c.amount)
ORDER BY d.due_on, length(i.number), i.number
LIMIT 2000;

-- name: NoticedChargesOfAutopay :many
-- What was announced and has not come yet, owed or not any more.
SELECT c.*, i.number FROM autopay_charges c
JOIN invoices i ON i.org_id = c.org_id AND i.id = c.invoice_id
WHERE c.org_id = @org_id AND c.autopay_id = @autopay_id AND c.status = 'noticed'
ORDER BY c.charge_at, c.invoice_id;

-- name: PastChargesOfAutopay :many
SELECT c.*, i.number, i.title, i.currency FROM autopay_charges c
JOIN invoices i ON i.org_id = c.org_id AND i.id = c.invoice_id
WHERE c.org_id = @org_id AND c.autopay_id = @autopay_id AND c.status IN ('charged', 'skipped')
ORDER BY c.updated_at DESC, c.invoice_id LIMIT 20;

-- name: PlanAutopayCharge :exec
INSERT INTO autopay_charges (org_id, autopay_id, customer_id, invoice_id, due_on, status, updated_at)
VALUES (@org_id, @autopay_id, @customer_id, @invoice_id, @due_on, 'planned', @at)
ON CONFLICT (org_id, autopay_id, invoice_id, due_on) DO NOTHING;

-- name: LockAutopayCharge :one
SELECT * FROM autopay_charges
WHERE org_id = @org_id AND autopay_id = @autopay_id AND invoice_id = @invoice_id AND due_on = @due_on FOR UPDATE;

-- name: NoticeAutopayCharge :execrows
UPDATE autopay_charges
SET status = 'noticed', notices = notices + 1, noticed_at = @at, amount = @amount, charge_at = @charge_at, updated_at = @at
WHERE org_id = @org_id AND autopay_id = @autopay_id AND invoice_id = @invoice_id AND due_on = @due_on AND status IN ('planned', 'noticed');

-- name: MoveAutopayCharge :execrows
UPDATE autopay_charges
SET status = @status, payment_id = @payment_id, reason = @reason, decided_by_name = @decided_by_name, updated_at = @at
WHERE org_id = @org_id AND autopay_id = @autopay_id AND invoice_id = @invoice_id AND due_on = @due_on AND status = ANY (@from_status::text[]);

-- name: LeaveOutAutopayCharge :execrows
-- It could not be told of: it is not charged.
UPDATE autopay_charges SET status = 'skipped', amount = @amount, reason = @reason, updated_at = @at
WHERE org_id = @org_id AND autopay_id = @autopay_id AND invoice_id = @invoice_id AND due_on = @due_on AND status IN ('planned', 'noticed');

-- name: PostponeAutopayCharge :exec
-- Never more than was told of, and later than that.
UPDATE autopay_charges SET charge_at = @charge_at, updated_at = @at
WHERE org_id = @org_id AND autopay_id = @autopay_id AND invoice_id = @invoice_id AND due_on = @due_on AND status = 'noticed';
