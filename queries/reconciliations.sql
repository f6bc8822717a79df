-- The books held against the processor's.

-- name: InsertReconciliation :execrows
-- Nothing while another one of the organization is under way, or when it is there already.
INSERT INTO reconciliations (org_id, id, daily, asked_by_name, from_day, to_day, from_at, to_at, created_at, updated_at)
VALUES (@org_id, @id, @daily, @asked_by_name, @from_day, @to_day, @from_at, @to_at, @at, @at)
ON CONFLICT DO NOTHING;

-- name: GetReconciliation :one
SELECT * FROM reconciliations WHERE org_id = @org_id AND id = @id;

-- name: CountReconciled :exec
UPDATE reconciliations SET compared = @compared, updated_at = @at
WHERE org_id = @org_id AND id = @id AND ended_at IS NULL;

-- name: EndReconciliation :execrows
UPDATE reconciliations r
SET status = CASE WHEN @failure::text <> '' THEN 'failed' WHEN d.standing > 0 THEN 'differs' ELSE 'agreed' END,
    differences = d.standing, mended = d.mended, failure = @failure, ended_at = @at::timestamptz, updated_at = @at::timestamptz
FROM (
    SELECT count(*) FILTER (WHERE mended_at IS NULL)::integer AS standing, count(mended_at)::integer AS mended
    FROM reconciliation_differences WHERE org_id = @org_id AND reconciliation_id = @id
) d
WHERE r.org_id = @org_id AND r.id = @id AND r.ended_at IS NULL;

-- name: CloseReconciliationFlow :exec
UPDATE reconciliations SET flow_open = false WHERE org_id = @org_id AND id = @id AND ended_at IS NOT NULL;

-- name: PutDifference :exec
INSERT INTO reconciliation_differences (org_id, reconciliation_id, object_id, kind, payment_id, customer_id, ours, theirs, found_at)
VALUES (@org_id, @reconciliation_id, @object_id, @kind, @payment_id, @customer_id, @ours, @theirs, @at)
ON CONFLICT (org_id, reconciliation_id, object_id, kind) DO UPDATE
    SET payment_id = excluded.payment_id, customer_id = excluded.customer_id, ours = excluded.ours, theirs = excluded.theirs, mended_at = NULL;

-- name: MendDifferences :exec
-- What an object no longer differs in.
UPDATE reconciliation_differences SET mended_at = @at::timestamptz
WHERE org_id = @org_id AND reconciliation_id = @reconciliation_id AND object_id = @object_id AND mended_at IS NULL
    AND kind <> ALL (@still::text[]);

-- name: StandingDifferences :many
-- A page of what differs still.
SELECT * FROM reconciliation_differences
WHERE org_id = @org_id AND reconciliation_id = @reconciliation_id AND mended_at IS NULL
    AND (object_id, kind) > (@after_object::text, @after_kind::text)
ORDER BY object_id, kind LIMIT @batch;

-- name: CountDifferences :one
SELECT count(*) FILTER (WHERE mended_at IS NULL)::integer AS standing, count(mended_at)::integer AS mended
FROM reconciliation_differences WHERE org_id = @org_id AND reconciliation_id = @reconciliation_id;

-- name: ListReconciliations :many
SELECT * FROM reconciliations
WHERE org_id = @org_id AND (created_at, id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC LIMIT @page_size;

-- name: ListDifferences :many
SELECT d.*, coalesce(c.name, '')::text AS customer_name
FROM reconciliation_differences d
LEFT JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id
WHERE d.org_id = @org_id AND d.reconciliation_id = @reconciliation_id AND (d.object_id, d.kind) > (@after_object::text, @after_kind::text)
ORDER BY d.object_id, d.kind LIMIT @page_size;

-- name: PaymentsOfCharges :many
-- What these books have of charges: by their IDs, or by the payments that they name.
-- refunded_there leaves out what was given back in another way.
SELECT p.*, c.processor_customer,
    (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.org_id = p.org_id AND r.payment_id = p.id AND r.channel = 'processor' AND r.status = 'succeeded')::bigint AS refunded_there
FROM payments p
JOIN customers c ON c.org_id = p.org_id AND c.id = p.customer_id
WHERE p.org_id = @org_id AND (p.id = ANY (@ids::uuid[]) OR p.account = @account AND p.intent_id = ANY (@intents::text[]));

-- name: CustomersOfProcessor :many
SELECT id, processor_customer FROM customers
WHERE org_id = @org_id AND processor_customer = ANY (@processor_customers::text[]);

-- name: PaymentsToReconcile :many
-- A page of the payments with a charge that were made or settled in the time, or are open in any way.
SELECT id, account, intent_id FROM payments p
WHERE p.org_id = @org_id AND p.intent_id <> '' AND p.id > @after_id
    AND (p.created_at >= @from_at AND p.created_at < @to_at OR p.succeeded_at >= @from_at AND p.succeeded_at < @to_at
        OR p.ended_at IS NULL OR p.refunds_open > 0
        OR EXISTS (
            SELECT FROM disputes d
            WHERE d.org_id = p.org_id AND d.payment_id = p.id AND d.status IN ('warning_needs_response', 'warning_under_review', 'needs_response', 'under_review')))
ORDER BY p.id LIMIT @batch;

-- name: PaymentsElsewhereAcross :many
-- Which of these payments are another organization's.
SELECT id FROM payments WHERE id = ANY (@ids::uuid[]) AND org_id <> @org_id;

-- name: ReconciliationsDueAcross :many
-- The organizations whose last day is over for some hours and was not compared, if anything was charged for them.
SELECT d.id, d.last_day FROM (
    SELECT o.id, o.time_zone, (((sqlc.arg(at)::timestamptz AT TIME ZONE o.time_zone) - interval '27 hours')::date) AS last_day FROM organizations o
) d
WHERE NOT EXISTS (SELECT FROM reconciliations r WHERE r.org_id = d.id AND r.daily AND r.to_day >= d.last_day)
    AND EXISTS (SELECT FROM payments p WHERE p.org_id = d.id AND p.intent_id <> '' AND (p.created_at AT TIME ZONE d.time_zone)::date <= d.last_day)
ORDER BY d.id;

-- name: OpenReconciliationFlowsAcross :many
SELECT org_id, id, daily, to_day, status FROM reconciliations
WHERE flow_open AND updated_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;

-- name: OrganizationsAcross :many
-- One by the name in its address, or all.
SELECT id, slug, time_zone FROM organizations WHERE @slug::text = '' OR slug = @slug ORDER BY slug;

-- name: GetReconciliationAcross :many
SELECT * FROM reconciliations WHERE org_id = @org_id AND id = @id;

-- name: ListDifferencesAcross :many
SELECT * FROM reconciliation_differences
WHERE org_id = @org_id AND reconciliation_id = @reconciliation_id
ORDER BY mended_at IS NOT NULL, object_id, kind;
