-- Sign-in, sessions and keys.

-- name: SessionPrincipal :many
SELECT * FROM session_principal(@hash::bytea, @slug::text, @at::timestamptz, @used_after::timestamptz);

-- name: APIKeyPrincipal :many
SELECT * FROM api_key_principal(@hash::bytea);

-- name: SignInAccount :many
SELECT * FROM sign_in_account(@slug::text, @email::text, @side::text);

-- name: OwnPasswordHash :one
SELECT coalesce(own_password_hash(), '')::text AS password_hash;

-- name: SetPassword :exec
-- Not ON CONFLICT: its excluded.password_hash would need the right to read hashes.
WITH changed AS (
    UPDATE credentials
    SET password_hash = @password_hash,
        changed_at    = @changed_at
    WHERE org_id = @org_id AND subject_id = @subject_id
    RETURNING 1
)
INSERT INTO credentials (org_id, subject_id, password_hash, changed_at)
SELECT @org_id, @subject_id, @password_hash, @changed_at
WHERE NOT EXISTS (SELECT FROM changed);

-- name: InsertSession :exec
INSERT INTO sessions (org_id, id, token_hash, side, subject_id, customer_id, ip, user_agent, created_at, last_seen_at, expires_at)
VALUES (@org_id, @id, @token_hash, @side, @subject_id, @customer_id, @ip, @user_agent, @at, @at, @expires_at);

-- name: TouchSession :exec
UPDATE sessions SET last_seen_at = @at
WHERE org_id = @org_id AND id = @id AND last_seen_at < @at;

-- name: TouchContact :exec
UPDATE contacts SET last_seen_at = @at::timestamptz
WHERE org_id = @org_id AND id = @id AND (last_seen_at IS NULL OR last_seen_at < @at);

-- name: RenewSession :execrows
-- A session goes on under a new token: the old one is worth nothing from here on.
UPDATE sessions SET token_hash = @token_hash WHERE org_id = @org_id AND id = @id AND subject_id = @subject_id;

-- name: DeleteSession :execrows
DELETE FROM sessions WHERE org_id = @org_id AND id = @id AND subject_id = @subject_id;

-- name: DeleteSessionsOf :execrows
-- All sessions of a person, but the one to keep.
DELETE FROM sessions WHERE org_id = @org_id AND subject_id = @subject_id AND id <> @keep;

-- name: ListSessionsOf :many
SELECT * FROM sessions
WHERE org_id = @org_id AND subject_id = @subject_id AND expires_at > @at
ORDER BY last_seen_at DESC;

-- name: ThrottleHit :one
SELECT throttle_hit(@key::text, make_interval(secs => @seconds::float8))::integer AS hits;

-- name: ThrottleClear :exec
SELECT throttle_clear(@key::text);

-- name: InsertAPIKey :exec
INSERT INTO api_keys (org_id, id, name, prefix, key_hash, scopes, created_by)
VALUES (@org_id, @id, @name, @prefix, @key_hash, @scopes, @created_by);

-- name: ListAPIKeys :many
SELECT org_id, id, name, prefix, scopes, created_by, created_at, last_used_at, revoked_at
FROM api_keys WHERE org_id = @org_id ORDER BY created_at DESC, id DESC;

-- name: RevokeAPIKey :execrows
UPDATE api_keys SET revoked_at = now() WHERE org_id = @org_id AND id = @id AND revoked_at IS NULL;

-- name: TouchAPIKey :exec
UPDATE api_keys SET last_used_at = now()
WHERE org_id = @org_id AND id = @id AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');

-- name: TakeRequest :execrows
-- No row means that this request was carried out before, or is being right now:
-- then this waits for the other transaction to end.
INSERT INTO requests (org_id, id, hash, at) VALUES (@org_id, @id, @hash, @at) ON CONFLICT DO NOTHING;

-- name: GetRequestHash :one
SELECT hash FROM requests WHERE org_id = @org_id AND id = @id;
