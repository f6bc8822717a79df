-- name: InsertEvent :exec
INSERT INTO events (org_id, id, customer_id, kind, subject_kind, subject_id, actor_kind, actor_id, actor_name, visible, data, at)
VALUES (@org_id, @id, @customer_id, @kind, @subject_kind, @subject_id, @actor_kind, @actor_id, @actor_name, @visible, @data, @at);

-- name: InsertEventsOfInvoices :exec
-- One event for each of many invoices, as when one payment settles them all.
INSERT INTO events (org_id, customer_id, kind, subject_kind, actor_kind, actor_id, actor_name, data, at, id, subject_id)
SELECT @org_id, @customer_id, @kind, 'invoice', @actor_kind, @actor_id, @actor_name, @data, @at, unnest(@ids::uuid[]), unnest(@invoice_ids::uuid[]);

-- name: ListEventsOfSubject :many
-- Of one customer alone where one is named, and then only what it may read.
SELECT * FROM events
WHERE org_id = @org_id AND subject_id = @subject_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR customer_id = sqlc.narg(customer_id) AND visible)
ORDER BY id;

-- name: ListActivity :many
-- What happened in an organization, or with one of its customers, newest first,
-- with the number of the document that each event is about. What an invoice's own
-- history repeats of a payment or a credit note is told once, as that.
SELECT e.*, coalesce(c.name, '')::text AS customer_name,
    coalesce(CASE e.subject_kind
        WHEN 'estimate' THEN (SELECT d.number FROM estimates d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'invoice' THEN (SELECT d.number FROM invoices d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'credit_note' THEN (SELECT d.number FROM credit_notes d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'payment' THEN (SELECT d.receipt_number FROM payments d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'timesheet' THEN (SELECT d.number FROM timesheets d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'project' THEN (SELECT d.name FROM projects d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
    END, '')::text AS number
FROM events e
LEFT JOIN customers c ON c.org_id = e.org_id AND c.id = e.customer_id
WHERE e.org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR e.customer_id = sqlc.narg(customer_id))
    AND (NOT @by_contacts::boolean OR e.actor_kind = 'contact')
    AND e.kind NOT IN ('invoice.paid', 'invoice.credited')
    AND e.id < @before
ORDER BY e.id DESC LIMIT @page_size;

-- name: ClaimEventsAcross :many
-- A batch to relay. Rows that another relay holds are passed over, never waited for.
SELECT org_id, id, customer_id, kind, subject_kind, subject_id, actor_kind, visible, rings FROM events
WHERE relayed_at IS NULL
ORDER BY id LIMIT @batch FOR UPDATE SKIP LOCKED;

-- name: MarkEventsRelayedAcross :execrows
UPDATE events e SET relayed_at = now()
FROM (SELECT unnest(@org_ids::uuid[]) AS org_id, unnest(@ids::uuid[]) AS id) r
WHERE e.org_id = r.org_id AND e.id = r.id;

-- name: NotifyAcross :exec
SELECT pg_notify(@channel::text, @payload::text);
