-- name: StoreWebhook :one
SELECT webhook_store(@provider::text, @account::text, @event_id::text, @type::text, @object_id::text, sqlc.narg(payment)::uuid, @created::timestamptz)::boolean AS stored;

-- name: ClaimWebhooksAcross :many
-- Takes a batch to dispatch, for so long that another worker takes it up only should this one die with it.
UPDATE webhook_events w
SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => @for_seconds::float8)
WHERE (provider, account, event_id) IN (
    SELECT provider, account, event_id FROM webhook_events
    WHERE processed_at IS NULL AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT @batch FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: FinishWebhookAcross :exec
UPDATE webhook_events SET processed_at = now(), result = @result
WHERE provider = @provider AND account = @account AND event_id = @event_id;

-- name: FailWebhookAcross :exec
-- Sets the time to try again: a second after the first attempt, twice that after the second, an hour at most.
UPDATE webhook_events
SET result = @result, next_attempt_at = now() + make_interval(secs => least(3600, 0.5 * power(2, least(attempts, 13))))
WHERE provider = @provider AND account = @account AND event_id = @event_id;

-- name: OpenEventSweepsAcross :exec
-- A row for each account that organizations are paid in.
INSERT INTO event_sweeps (provider, account, swept_through)
SELECT DISTINCT 'stripe', stripe_account, @since::timestamptz FROM organizations
ON CONFLICT DO NOTHING;

-- name: ClaimEventSweepsAcross :many
-- Takes the accounts whose turn it is, and sets their next one.
UPDATE event_sweeps SET due_at = now() + make_interval(secs => @every_seconds::float8)
WHERE provider = 'stripe' AND due_at <= now()
RETURNING account, swept_through;

-- name: FinishEventSweepAcross :exec
UPDATE event_sweeps SET swept_through = greatest(swept_through, @through::timestamptz), missed = missed + @missed
WHERE provider = 'stripe' AND account = @account;

-- name: KnownWebhooksAcross :many
SELECT event_id FROM webhook_events
WHERE provider = @provider AND account = @account AND event_id = ANY (@event_ids::text[]);
