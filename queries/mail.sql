-- What was mailed, as staff read it.

-- name: ListMail :many
-- One page, newest first, without what went to staff themselves.
SELECT d.id, d.customer_id, coalesce(c.name, '')::text AS customer_name, d.template, d.subject_kind, d.subject_id, d.recipient, d.recipient_name, d.subject,
    d.status, d.detail, d.created_at, d.updated_at
FROM deliveries d
LEFT JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id
WHERE d.org_id = @org_id AND d.staff_id IS NULL
    AND CASE WHEN @undelivered::boolean THEN d.status IN ('bounced', 'complained', 'failed') ELSE true END
    AND (sqlc.narg(customer_id)::uuid IS NULL OR d.customer_id = sqlc.narg(customer_id))
    AND (d.created_at, d.id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY d.created_at DESC, d.id DESC LIMIT @page_size;
