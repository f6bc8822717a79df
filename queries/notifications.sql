-- The bell, and the emails that hang off events.

-- name: ListBell :many
-- What rings, newest first, and whether this member of staff has read it; all of it, or comments alone.
SELECT e.*, coalesce(c.name, '')::text AS customer_name,
    coalesce(CASE e.subject_kind
        WHEN 'estimate' THEN (SELECT d.number FROM estimates d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'invoice' THEN (SELECT d.number FROM invoices d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'payment' THEN (SELECT d.receipt_number FROM payments d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'timesheet' THEN (SELECT d.number FROM timesheets d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'project' THEN (SELECT d.name FROM projects d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
    END, '')::text AS number,
    (e.at < s.created_at OR e.id <= coalesce(m.read_through, '00000000-0000-0000-0000-000000000000')
        OR EXISTS (SELECT FROM bell_reads r WHERE r.org_id = e.org_id AND r.staff_id = s.id AND r.event_id = e.id))::boolean AS read
FROM events e
JOIN staff s ON s.org_id = e.org_id AND s.id = @staff_id
LEFT JOIN bell_marks m ON m.org_id = s.org_id AND m.staff_id = s.id
LEFT JOIN customers c ON c.org_id = e.org_id AND c.id = e.customer_id
WHERE e.org_id = @org_id AND e.rings AND e.id < @before
    AND (NOT @comments::boolean OR e.kind IN ('estimate.commented', 'invoice.commented', 'project.commented'))
ORDER BY e.id DESC LIMIT @page_size;

-- name: CountUnread :one
-- How much rings that this member of staff has not read; no more than most are counted.
SELECT count(*)::integer AS unread FROM (
    SELECT FROM events e
    JOIN staff s ON s.org_id = e.org_id AND s.id = @staff_id
    LEFT JOIN bell_marks m ON m.org_id = s.org_id AND m.staff_id = s.id
    WHERE e.org_id = @org_id AND e.rings
        AND e.id > coalesce(m.read_through, '00000000-0000-0000-0000-000000000000') AND e.at >= s.created_at
        AND NOT EXISTS (SELECT FROM bell_reads r WHERE r.org_id = e.org_id AND r.staff_id = s.id AND r.event_id = e.id)
    LIMIT @most) unread;

-- name: ReadBellThrough :exec
INSERT INTO bell_marks AS m (org_id, staff_id, read_through) VALUES (@org_id, @staff_id, @through)
ON CONFLICT (org_id, staff_id) DO UPDATE SET read_through = excluded.read_through WHERE m.read_through < excluded.read_through;

-- name: ReadBellOne :execrows
INSERT INTO bell_reads (org_id, staff_id, event_id)
SELECT e.org_id, @staff_id, e.id FROM events e WHERE e.org_id = @org_id AND e.id = @event_id AND e.rings
ON CONFLICT DO NOTHING;

-- name: BellHas :one
SELECT EXISTS (SELECT FROM events WHERE org_id = @org_id AND id = @id AND rings) AS rings;

-- name: GatherAcross :one
-- The batch that gathers events for an audience now, or else a new one. It can't
-- be closed while this transaction is adding to it.
INSERT INTO notification_batches AS b (org_id, id, kind, audience_id, send_at)
VALUES (@org_id, @id, @kind, @audience_id, now() + make_interval(secs => @gather_seconds::float8))
ON CONFLICT (org_id, kind, audience_id) WHERE status = 'gathering' DO UPDATE SET send_at = b.send_at
RETURNING id;

-- name: AddToBatchAcross :exec
INSERT INTO notification_members (org_id, event_id, kind, batch_id)
SELECT @org_id, unnest(@event_ids::uuid[]), @kind, @batch_id
ON CONFLICT DO NOTHING;

-- name: BatchesToStartAcross :many
SELECT org_id, id, kind FROM notification_batches WHERE started_at IS NULL ORDER BY created_at LIMIT @batch;

-- name: MarkBatchStartedAcross :exec
UPDATE notification_batches SET started_at = now() WHERE org_id = @org_id AND id = @id AND started_at IS NULL;

-- name: OpenNotifyFlowsAcross :many
SELECT org_id, id, kind FROM notification_batches
WHERE flow_open AND created_at < @older_than AND send_at < @older_than AND (org_id, id) > (@after_org, @after_id)
ORDER BY org_id, id LIMIT @batch;

-- name: GetBatch :one
SELECT * FROM notification_batches WHERE org_id = @org_id AND id = @id;

-- name: CloseGathering :execrows
-- From here on the relay begins another batch.
UPDATE notification_batches SET status = 'sending' WHERE org_id = @org_id AND id = @id AND status = 'gathering';

-- name: FinishBatch :many
UPDATE notification_batches SET status = 'done', flow_open = false WHERE org_id = @org_id AND id = @id AND status = 'sending'
RETURNING kind, audience_id;

-- name: ListBatchEvents :many
-- What is to be told, in the order in which it happened, and how much of it there is.
SELECT e.*, coalesce(c.name, '')::text AS customer_name, count(*) OVER ()::integer AS total,
    coalesce(CASE e.subject_kind
        WHEN 'estimate' THEN (SELECT d.number FROM estimates d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'invoice' THEN (SELECT d.number FROM invoices d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'payment' THEN (SELECT d.receipt_number FROM payments d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'timesheet' THEN (SELECT d.number FROM timesheets d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
        WHEN 'project' THEN (SELECT d.name FROM projects d WHERE d.org_id = e.org_id AND d.id = e.subject_id)
    END, '')::text AS number
FROM notification_members m
JOIN events e ON e.org_id = m.org_id AND e.id = m.event_id
LEFT JOIN customers c ON c.org_id = e.org_id AND c.id = e.customer_id
WHERE m.org_id = @org_id AND m.batch_id = @batch_id
ORDER BY e.id LIMIT @most;

-- name: ListStaffToTell :many
SELECT * FROM staff WHERE org_id = @org_id AND active ORDER BY id;

-- name: ListContactsToTell :many
-- Those who can read it now.
SELECT * FROM contacts WHERE org_id = @org_id AND customer_id = @customer_id AND access = 'active' ORDER BY id;

-- name: FailUnsentDeliveries :many
-- What was still to be sent when sending it was given up.
UPDATE deliveries SET status = 'failed', detail = @detail, updated_at = @at
WHERE org_id = @org_id AND subject_id = @subject_id AND template = @template AND status = 'queued'
RETURNING recipient, customer_id;
