-- name: FreezeDelivery :exec
-- What is sent is decided once: a retried step finds the row and sends the same.
INSERT INTO deliveries (org_id, id, customer_id, contact_id, staff_id, template, subject_kind, subject_id, recipient, recipient_name, reply_to, subject, text_body, html_body, forward_id, attachment_hash, created_at)
VALUES (@org_id, @id, @customer_id, @contact_id, @staff_id, @template, @subject_kind, @subject_id, @recipient, @recipient_name, @reply_to, @subject, @text_body, @html_body, @forward_id, @attachment_hash, @at)
ON CONFLICT (org_id, id) DO NOTHING;

-- name: GetDelivery :one
SELECT * FROM deliveries WHERE org_id = @org_id AND id = @id;

-- name: MarkDeliverySent :execrows
UPDATE deliveries
SET status = 'sent', provider_id = @provider_id, sent_at = @at, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'queued';

-- name: MarkDeliveryFailed :execrows
UPDATE deliveries SET status = 'failed', detail = @detail, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'queued';

-- name: ListDeliveriesOfSubject :many
-- What was mailed about a document to others than staff, newest first, with the
-- notifications of what was said about it.
SELECT d.* FROM deliveries d
WHERE d.org_id = @org_id AND d.staff_id IS NULL
    AND d.subject_id IN (
        SELECT @subject_id::uuid
        UNION SELECT m.batch_id FROM events e
        JOIN notification_members m ON m.org_id = e.org_id AND m.event_id = e.id AND m.kind = 'customer'
        WHERE e.org_id = @org_id AND e.subject_id = @subject_id)
ORDER BY d.created_at DESC, d.id;

-- name: FollowDeliveryAcross :many
-- What became of an email. A later word never overrules a final one.
UPDATE deliveries SET status = @status, detail = @detail, updated_at = now()
WHERE provider_id = @provider_id AND status IN ('sent', 'delayed', 'delivered') AND status <> @status
    AND NOT (status = 'delivered' AND @status::text IN ('delayed', 'sent'))
RETURNING org_id, id, customer_id, subject_kind, subject_id, recipient;

-- name: FindDeliveryAcross :many
SELECT org_id, id, forward_id FROM deliveries WHERE provider_id = @provider_id::text AND provider_id <> '';
