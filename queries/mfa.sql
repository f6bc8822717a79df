-- Authenticators, backup codes, and sign-ins that still need a code.

-- name: InsertPendingSignIn :exec
INSERT INTO pending_sign_ins (org_id, id, contact_id, customer_id, token_hash, need, sealed_secret, created_at, expires_at)
VALUES (@org_id, @id, @contact_id, @customer_id, @token_hash, @need, @sealed_secret, @at, @expires_at);

-- name: PendingSignIn :many
SELECT * FROM pending_sign_in(@hash::bytea, @slug::text, @at::timestamptz);

-- name: SpendPendingSignIn :execrows
-- One row, or it was spent a moment ago.
DELETE FROM pending_sign_ins WHERE org_id = @org_id AND id = @id AND contact_id = @contact_id;

-- name: DeletePendingSignInsOf :exec
DELETE FROM pending_sign_ins WHERE org_id = @org_id AND contact_id = @contact_id;

-- name: DeleteExpiredPendingSignInsOf :exec
DELETE FROM pending_sign_ins WHERE org_id = @org_id AND contact_id = @contact_id AND expires_at <= @at;

-- name: InsertAuthenticator :execrows
-- No row means that another browser has set one up meanwhile.
INSERT INTO authenticators (org_id, contact_id, customer_id, sealed_secret, last_step, enabled_at)
VALUES (@org_id, @contact_id, @customer_id, @sealed_secret, @last_step, @at)
ON CONFLICT (org_id, contact_id) DO NOTHING;

-- name: AuthenticatorOf :many
SELECT a.enabled_at,
    (SELECT count(*) FROM backup_codes b WHERE b.org_id = a.org_id AND b.contact_id = a.contact_id AND b.used_at IS NULL)::integer AS backup_codes
FROM authenticators a WHERE a.org_id = @org_id AND a.contact_id = @contact_id;

-- name: ListAuthenticators :many
SELECT contact_id, enabled_at FROM authenticators WHERE org_id = @org_id AND customer_id = @customer_id;

-- name: OwnSealedSecret :one
SELECT own_sealed_secret()::bytea AS sealed_secret;

-- name: UseStep :execrows
-- One row, or a code of this step or a later one was used before. Of two
-- requests with one code the second waits here for the first.
UPDATE authenticators SET last_step = @step
WHERE org_id = @org_id AND contact_id = @contact_id AND last_step < @step;

-- name: ResealSecret :exec
UPDATE authenticators SET sealed_secret = @sealed_secret WHERE org_id = @org_id AND contact_id = @contact_id;

-- name: DeleteAuthenticator :execrows
DELETE FROM authenticators WHERE org_id = @org_id AND contact_id = @contact_id;

-- name: InsertBackupCodes :exec
INSERT INTO backup_codes (org_id, contact_id, made_at, code_hash)
SELECT @org_id, @contact_id, @at, unnest(@code_hashes::bytea[]);

-- name: DeleteBackupCodes :exec
DELETE FROM backup_codes WHERE org_id = @org_id AND contact_id = @contact_id;

-- name: UseBackupCode :execrows
-- One row, or there is no such code, or it was used before.
UPDATE backup_codes SET used_at = @at
WHERE org_id = @org_id AND contact_id = @contact_id AND code_hash = @code_hash AND used_at IS NULL;
