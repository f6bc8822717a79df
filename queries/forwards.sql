-- Forwarded documents, R69.

-- name: LockForwarding :exec
-- One forward of an organization is begun at a time, so that its limits hold.
SELECT pg_advisory_xact_lock(hashtextextended('forwards of ' || @org_id::text, 0));

-- name: CountForwards :one
-- How many one person began since an instant, and all of the organization since another.
SELECT count(*) FILTER (WHERE forwarded_by = sqlc.narg(forwarded_by)::uuid AND created_at > @person_since) AS by_person,
    count(*) AS by_anybody
FROM forwards
WHERE org_id = @org_id AND created_at > @anybody_since;

-- name: InsertForward :exec
INSERT INTO forwards (org_id, id, customer_id, document_kind, document_id, version, since, until, title, message, forwarded_by_kind, forwarded_by, forwarded_by_name, reply_to, request_hash, created_at)
VALUES (@org_id, @id, @customer_id, @document_kind, @document_id, @version, @since, @until, @title, @message, @forwarded_by_kind, @forwarded_by, @forwarded_by_name, @reply_to, @request_hash, @at);

-- name: InsertContactIfNew :execrows
-- Nobody becomes a contact of a customer twice, R6.
INSERT INTO contacts (org_id, id, customer_id, name, email, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @name, @email, @at, @at)
ON CONFLICT (org_id, customer_id, email) DO NOTHING;

-- name: ListContactsByEmail :many
SELECT * FROM contacts WHERE org_id = @org_id AND customer_id = @customer_id AND email = ANY (@emails::text[]) ORDER BY email;

-- name: InsertForwardRecipients :exec
INSERT INTO forward_recipients (org_id, forward_id, customer_id, updated_at, contact_id, email)
SELECT @org_id::uuid, @forward_id::uuid, @customer_id::uuid, @at::timestamptz, unnest(@contact_ids::uuid[]), unnest(@emails::text[]);

-- name: GetForward :one
SELECT * FROM forwards WHERE org_id = @org_id AND id = @id;

-- name: ListForwards :many
-- One page, newest first: of one customer, of one document, or all.
SELECT * FROM forwards
WHERE org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR customer_id = sqlc.narg(customer_id))
    AND (sqlc.narg(document_id)::uuid IS NULL OR document_id = sqlc.narg(document_id))
    AND (created_at, id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_size;

-- name: ListForwardRecipients :many
SELECT * FROM forward_recipients WHERE org_id = @org_id AND forward_id = ANY (@forward_ids::uuid[]) ORDER BY forward_id, email;

-- name: StoreForwardFile :exec
-- The first drawing stands.
INSERT INTO forward_files (org_id, forward_id, name, type, content, hash)
VALUES (@org_id, @forward_id, @name, @type, @content, @hash)
ON CONFLICT (org_id, forward_id) DO NOTHING;

-- name: GetForwardFile :many
SELECT * FROM forward_files WHERE org_id = @org_id AND forward_id = @forward_id;

-- name: DropForwardFile :exec
DELETE FROM forward_files WHERE org_id = @org_id AND forward_id = @forward_id;

-- name: SentForward :execrows
UPDATE forwards SET status = 'following', sent_at = @at WHERE org_id = @org_id AND id = @id AND status = 'sending';

-- name: GiveUpDeliveriesOfForward :exec
-- What could not be handed over in time won't be any more.
UPDATE deliveries SET status = 'failed', detail = @detail, updated_at = @at
WHERE org_id = @org_id AND forward_id = @forward_id AND status = 'queued';

-- name: GiveUpForwardRecipients :exec
UPDATE forward_recipients SET status = 'failed', updated_at = @at
WHERE org_id = @org_id AND forward_id = @forward_id AND status = 'waiting';

-- name: EndForward :execrows
UPDATE forwards SET status = 'ended', ended_at = @at, flow_open = false
WHERE org_id = @org_id AND id = @id AND status = 'following';

-- name: OpenForwardFlowsAcross :many
SELECT org_id, id, status FROM forwards
WHERE flow_open AND created_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;
