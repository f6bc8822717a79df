-- name: GetLogo :many
-- The organization's logo, if it has one.
SELECT * FROM logos WHERE org_id = @org_id;

-- name: FindLogo :many
-- For anybody who was told its hash by the brand.
SELECT * FROM organization_logo(@slug::text, @hash::bytea);

-- name: SaveLogo :exec
INSERT INTO logos (org_id, png, width, height, hash, updated_at)
VALUES (@org_id, @png, @width, @height, @hash, @at)
ON CONFLICT (org_id) DO UPDATE
    SET png        = excluded.png,
        width      = excluded.width,
        height     = excluded.height,
        hash       = excluded.hash,
        updated_at = excluded.updated_at;

-- name: RemoveLogo :execrows
DELETE FROM logos WHERE org_id = @org_id;

-- name: GetDecisionByID :one
SELECT * FROM decisions WHERE org_id = @org_id AND id = @id;

-- name: StatementSums :many
-- What happened before a period, and in it, a row for each currency in which
-- anything ever happened until its end.
SELECT currency,
    coalesce(sum(amount) FILTER (WHERE day < @since::date), 0)::bigint AS opening,
    coalesce(sum(amount) FILTER (WHERE day >= @since::date AND amount > 0), 0)::bigint AS charged,
    coalesce(-sum(amount) FILTER (WHERE day >= @since::date AND amount < 0), 0)::bigint AS settled,
    (count(*) FILTER (WHERE day >= @since::date))::integer AS entries
FROM statement_entries
WHERE org_id = @org_id AND customer_id = @customer_id AND day <= @until::date
GROUP BY currency ORDER BY currency;

-- name: ListStatementEntries :many
-- The transactions of a period in one currency after a place in their order: by
-- day, and within it as they happened.
SELECT * FROM statement_entries
WHERE org_id = @org_id AND customer_id = @customer_id AND currency = @currency AND day BETWEEN @since::date AND @until::date
    AND (day, at, id, kind) > (@after_day::date, @after_at::timestamptz, @after_id::uuid, @after_kind::text)
ORDER BY day, at, id, kind LIMIT @batch;

-- name: SumStatementEntries :one
-- What the transactions of one currency up to a place in their order come to.
SELECT coalesce(sum(amount), 0)::bigint AS balance FROM statement_entries
WHERE org_id = @org_id AND customer_id = @customer_id AND currency = @currency
    AND (day, at, id, kind) <= (@after_day::date, @after_at::timestamptz, @after_id::uuid, @after_kind::text);

-- name: StatementOwed :many
-- What was still owed at the end of a day, by the day on which it was due. Only
-- what is owed now, was voided, or was paid since can have been owed then, so that
-- a long account is not added up invoice by invoice. The day before is looked at
-- too, whatever the zone.
SELECT i.currency, i.due_date, sum(i.total - coalesce(a.allocated, 0))::bigint AS due
FROM invoices i
JOIN organizations o ON o.id = i.org_id
LEFT JOIN LATERAL (
    SELECT sum(al.amount) AS allocated FROM allocations al
    WHERE al.org_id = i.org_id AND al.invoice_id = i.id AND (al.created_at AT TIME ZONE o.time_zone)::date <= @until::date
) a ON true
WHERE i.org_id = @org_id AND i.customer_id = @customer_id AND i.state <> 'draft'
    AND least(i.issue_date, (i.sent_at AT TIME ZONE o.time_zone)::date) <= @until::date
    AND (i.voided_at IS NULL OR (i.voided_at AT TIME ZONE o.time_zone)::date > @until::date)
    AND (i.due > 0 OR i.voided_at IS NOT NULL OR i.id IN (
        SELECT since.invoice_id FROM allocations since
        WHERE since.org_id = @org_id AND since.customer_id = @customer_id AND since.created_at >= @until::date - interval '1 day'
    ))
    AND i.total > coalesce(a.allocated, 0)
GROUP BY i.currency, i.due_date ORDER BY i.currency, i.due_date;
