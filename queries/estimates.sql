-- name: InsertEstimate :exec
INSERT INTO estimates (org_id, id, customer_id, number, currency, title, total, valid_until, draft_version, created_by, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @number, @currency, @title, @total, @valid_until, 1, @created_by, @at, @at);

-- name: GetEstimate :one
SELECT * FROM estimates WHERE org_id = @org_id AND id = @id;

-- name: LockEstimate :one
SELECT * FROM estimates WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: SaveEstimateVersion :exec
-- Writes the draft version; a version that was sent is never written again.
INSERT INTO estimate_versions (org_id, estimate_id, version, title, notes, terms, valid_until, discount_percent, subtotal, discount, tax, total, deposit_percent)
VALUES (@org_id, @estimate_id, @version, @title, @notes, @terms, @valid_until, @discount_percent, @subtotal, @discount, @tax, @total, @deposit_percent)
ON CONFLICT (org_id, estimate_id, version) DO UPDATE
    SET title            = excluded.title,
        notes            = excluded.notes,
        terms            = excluded.terms,
        valid_until      = excluded.valid_until,
        discount_percent = excluded.discount_percent,
        subtotal         = excluded.subtotal,
        discount         = excluded.discount,
        tax              = excluded.tax,
        total            = excluded.total,
        deposit_percent  = excluded.deposit_percent
    WHERE estimate_versions.status = 'draft';

-- name: DeleteEstimateLines :exec
DELETE FROM estimate_lines WHERE org_id = @org_id AND estimate_id = @estimate_id AND version = @version;

-- name: InsertEstimateLines :exec
-- COPY isn't to be had under row-level security; arrays are nearly as fast.
INSERT INTO estimate_lines (org_id, estimate_id, version, position, description, quantity, unit, unit_price, discount_percent, tax_percent, amount)
SELECT @org_id, @estimate_id, @version, generate_series(1, cardinality(@descriptions::text[])), unnest(@descriptions::text[]), unnest(@quantities::numeric[]),
    unnest(@units::text[]), unnest(@unit_prices::bigint[]), unnest(@discount_percents::numeric[]), unnest(@tax_percents::numeric[]), unnest(@amounts::bigint[]);

-- name: GetEstimateVersion :one
SELECT * FROM estimate_versions WHERE org_id = @org_id AND estimate_id = @estimate_id AND version = @version;

-- name: ListEstimateVersions :many
SELECT * FROM estimate_versions WHERE org_id = @org_id AND estimate_id = @estimate_id ORDER BY version DESC;

-- name: ListEstimateLines :many
SELECT * FROM estimate_lines
WHERE org_id = @org_id AND estimate_id = @estimate_id AND version = @version ORDER BY position;

-- name: SetEstimateDraft :exec
UPDATE estimates
SET draft_version = @draft_version,
    title         = CASE WHEN version = 0 THEN @title ELSE title END,
    total         = CASE WHEN version = 0 THEN @total ELSE total END,
    valid_until   = CASE WHEN version = 0 THEN @valid_until ELSE valid_until END,
    updated_at    = @at
WHERE org_id = @org_id AND id = @id;

-- name: DropEstimateDraft :exec
-- The version that was being written goes, with its lines; what was sent stays.
WITH dropped AS (
    DELETE FROM estimate_versions v WHERE v.org_id = @org_id AND v.estimate_id = @id AND v.status = 'draft'
)
UPDATE estimates e SET draft_version = NULL, updated_at = @at WHERE e.org_id = @org_id AND e.id = @id;

-- name: DeleteDraftEstimate :execrows
-- One that was never sent; drop its draft first.
DELETE FROM estimates WHERE org_id = @org_id AND id = @id AND version = 0;

-- name: SendEstimateVersion :execrows
UPDATE estimate_versions
SET status       = 'sent',
    content_hash = @content_hash,
    sent_at      = @at,
    sent_by      = @sent_by,
    expires_at   = @expires_at,
    flow_open    = true
WHERE org_id = @org_id AND estimate_id = @estimate_id AND version = @version AND status = 'draft';

-- name: SendEstimate :execrows
UPDATE estimates
SET status        = 'sent',
    version       = @version,
    draft_version = NULL,
    title         = @title,
    total         = @total,
    valid_until   = @valid_until,
    sent_at       = @at,
    decided_at    = NULL,
    updated_at    = @at
WHERE org_id = @org_id AND id = @id AND draft_version = @version AND status = ANY (@from_status::text[]);

-- name: SupersedeEstimateVersions :execrows
UPDATE estimate_versions SET status = 'superseded', ended_at = @at
WHERE org_id = @org_id AND estimate_id = @estimate_id AND version < @version AND status = 'sent';

-- name: EndEstimateVersion :execrows
UPDATE estimate_versions SET status = @status, ended_at = @at
WHERE org_id = @org_id AND estimate_id = @estimate_id AND version = @version AND status = 'sent';

-- name: EndEstimate :execrows
UPDATE estimates
SET status     = @status,
    decided_at = @decided_at,
    updated_at = @at
WHERE org_id = @org_id AND id = @id AND version = @version AND status = 'sent';

-- name: InsertDecision :exec
INSERT INTO decisions (org_id, id, customer_id, document_kind, document_id, version, decision, reason, contact_id, contact_name, contact_email, ip, user_agent, content_hash, decided_at)
VALUES (@org_id, @id, @customer_id, @document_kind, @document_id, @version, @decision, @reason, @contact_id, @contact_name, @contact_email, @ip, @user_agent, @content_hash, @decided_at);

-- name: GetDecision :many
SELECT * FROM decisions
WHERE org_id = @org_id AND document_kind = @document_kind AND document_id = @document_id AND version = @version;

-- name: CloseEstimateFlow :exec
UPDATE estimate_versions SET flow_open = false
WHERE org_id = @org_id AND estimate_id = @estimate_id AND version = @version AND status <> 'sent';

-- name: OpenEstimateFlowsAcross :many
SELECT v.org_id, v.estimate_id, v.version, v.status, e.number FROM estimate_versions v
JOIN estimates e ON e.org_id = v.org_id AND e.id = v.estimate_id
WHERE v.flow_open AND v.sent_at < @older_than AND (v.org_id, v.estimate_id, v.version) > (@after_org::uuid, @after_id::uuid, @after_version::integer)
ORDER BY v.org_id, v.estimate_id, v.version LIMIT @batch;

-- name: ListEstimates :many
-- One page in one of several orders, as ListInvoices has them. The date is that
-- of the last sending, or of writing before the first. A contact sees what was sent.
SELECT e.*, c.name AS customer_name
FROM estimates e
JOIN customers c ON c.org_id = e.org_id AND c.id = e.customer_id
WHERE e.org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR e.customer_id = sqlc.narg(customer_id))
    AND (NOT @sent_only::boolean OR e.version > 0)
    AND CASE @status::text
        WHEN '' THEN true
        WHEN 'to_invoice' THEN e.status = 'accepted'
            AND NOT EXISTS (SELECT FROM invoices i WHERE i.org_id = e.org_id AND i.estimate_id = e.id AND i.state <> 'void')
        ELSE e.status = @status
    END
    AND (sqlc.narg(since)::timestamptz IS NULL OR coalesce(e.sent_at, e.created_at) >= sqlc.narg(since))
    AND (sqlc.narg(before)::timestamptz IS NULL OR coalesce(e.sent_at, e.created_at) < sqlc.narg(before))
    AND (@search::text = '' OR e.number ILIKE @search OR e.title ILIKE @search OR c.name ILIKE @search)
    AND (@first_page::boolean OR CASE @sort::text
        WHEN 'date' THEN (coalesce(e.sent_at, e.created_at), e.id) > (@from_time::timestamptz, @from_id::uuid)
        WHEN '-date' THEN (coalesce(e.sent_at, e.created_at), e.id) < (@from_time::timestamptz, @from_id::uuid)
        WHEN 'valid' THEN (e.valid_until, e.id) > (@from_date::date, @from_id::uuid)
        WHEN '-valid' THEN (e.valid_until, e.id) < (@from_date::date, @from_id::uuid)
        WHEN 'amount' THEN (e.currency, e.total, e.id) > (@from_text::text, @from_number::bigint, @from_id::uuid)
        WHEN '-amount' THEN (e.currency, e.total, e.id) < (@from_text::text, @from_number::bigint, @from_id::uuid)
        WHEN 'number' THEN (length(e.number), e.number) > (length(@from_text::text), @from_text::text)
        WHEN '-number' THEN (length(e.number), e.number) < (length(@from_text::text), @from_text::text)
    END)
ORDER BY
    CASE WHEN @sort = 'date' THEN coalesce(e.sent_at, e.created_at) END, CASE WHEN @sort = '-date' THEN coalesce(e.sent_at, e.created_at) END DESC,
    CASE WHEN @sort = 'valid' THEN e.valid_until END, CASE WHEN @sort = '-valid' THEN e.valid_until END DESC,
    CASE WHEN @sort = 'amount' THEN e.currency END, CASE WHEN @sort = '-amount' THEN e.currency END DESC,
    CASE WHEN @sort = 'amount' THEN e.total END, CASE WHEN @sort = '-amount' THEN e.total END DESC,
    CASE WHEN @sort = 'number' THEN length(e.number) END, CASE WHEN @sort = '-number' THEN length(e.number) END DESC,
    CASE WHEN @sort = 'number' THEN e.number END, CASE WHEN @sort = '-number' THEN e.number END DESC,
    CASE WHEN @sort LIKE '-%' THEN e.id END DESC, e.id
LIMIT @page_size;

-- name: CountEstimatesWaiting :one
SELECT count(*) FROM estimates WHERE org_id = @org_id AND customer_id = @customer_id AND status = 'sent';
