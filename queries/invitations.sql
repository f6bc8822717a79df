-- name: InsertInvitation :execrows
INSERT INTO invitations (org_id, id, customer_id, contact_id, status, token_hash, invited_by, invited_by_name, request_hash, created_at, sent_at, expires_at)
VALUES (@org_id, @id, @customer_id, @contact_id, 'pending', @token_hash, @invited_by, @invited_by_name, @request_hash, @at, @at, @expires_at)
ON CONFLICT (org_id, id) DO NOTHING;

-- name: GetInvitation :one
SELECT * FROM invitations WHERE org_id = @org_id AND id = @id;

-- name: PendingInvitationOf :many
SELECT * FROM invitations WHERE org_id = @org_id AND contact_id = @contact_id AND status = 'pending';

-- name: LatestInvitations :many
SELECT DISTINCT ON (contact_id) * FROM invitations
WHERE org_id = @org_id AND customer_id = @customer_id
ORDER BY contact_id, created_at DESC;

-- name: InvitationByToken :many
SELECT * FROM invitation_by_token(@hash::bytea, @slug::text);

-- name: ResendInvitation :execrows
UPDATE invitations
SET send_number = send_number + 1,
    token_hash  = @token_hash,
    sent_at     = @at,
    expires_at  = @expires_at
WHERE org_id = @org_id AND id = @id AND status = 'pending' AND send_number = @send_number;

-- name: EndInvitation :execrows
UPDATE invitations SET status = @status, ended_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'pending';

-- name: AcceptInvitation :execrows
-- Spends the token: one row, or the invitation was not open any more.
UPDATE invitations SET status = 'accepted', ended_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'pending' AND token_hash = @token_hash AND expires_at > @at;

-- name: CloseInvitationFlow :exec
UPDATE invitations SET flow_open = false WHERE org_id = @org_id AND id = @id AND status <> 'pending';

-- name: OpenInvitationFlowsAcross :many
SELECT org_id, id, status FROM invitations
WHERE flow_open AND created_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;
