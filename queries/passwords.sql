-- Forgotten passwords, and emails to people about their own accounts.

-- name: RequestPasswordReset :one
-- How often it was asked for this address lately; above the limit nothing is done.
SELECT password_reset_request(@slug::text, @email::text, @side::text, @id::uuid, @at::timestamptz,
    make_interval(secs => @lifetime_seconds::float8), @throttle::text, make_interval(secs => @window_seconds::float8), @most::integer)::integer AS hits;

-- name: PasswordResetByToken :many
SELECT * FROM password_reset_by_token(@hash::bytea, @slug::text, @side::text);

-- name: InsertStaffPasswordReset :exec
-- Its link is made with the email of the same ID.
INSERT INTO password_resets (org_id, id, side, subject_id, created_at, expires_at)
VALUES (@org_id, @id, 'staff', @subject_id, @at, @expires_at);

-- name: GetPasswordReset :one
SELECT * FROM password_resets WHERE org_id = @org_id AND id = @id;

-- name: MakePasswordResetLink :execrows
-- No row means that the link was made before, or that the request has ended.
UPDATE password_resets SET token_hash = @token_hash
WHERE org_id = @org_id AND id = @id AND token_hash IS NULL AND replaced_at IS NULL;

-- name: SpendPasswordReset :execrows
-- One row, or the link was used, replaced or too old.
UPDATE password_resets SET spent_at = @at
WHERE org_id = @org_id AND id = @id AND token_hash = @token_hash AND spent_at IS NULL AND replaced_at IS NULL AND expires_at > @at;

-- name: EndPasswordResets :exec
-- Links that are on their way stop working.
UPDATE password_resets SET replaced_at = @at
WHERE org_id = @org_id AND subject_id = @subject_id AND spent_at IS NULL AND replaced_at IS NULL;

-- name: InsertAccountEmail :exec
INSERT INTO account_emails (org_id, id, side, subject_id, customer_id, template, asked_by, created_at)
VALUES (@org_id, @id, @side, @subject_id, @customer_id, @template, @asked_by, @at);

-- name: GetAccountEmail :one
SELECT * FROM account_emails WHERE org_id = @org_id AND id = @id;

-- name: CloseAccountEmailFlow :exec
UPDATE account_emails SET flow_open = false WHERE org_id = @org_id AND id = @id;

-- name: AccountEmailsToStartAcross :many
SELECT org_id, id FROM account_emails WHERE started_at IS NULL ORDER BY created_at LIMIT @batch FOR UPDATE SKIP LOCKED;

-- name: MarkAccountEmailStartedAcross :exec
UPDATE account_emails SET started_at = now() WHERE org_id = @org_id AND id = @id;

-- name: OpenAccountEmailFlowsAcross :many
SELECT org_id, id FROM account_emails
WHERE flow_open AND created_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;
