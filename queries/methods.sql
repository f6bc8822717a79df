-- Saved cards and bank accounts: what there is, and setting up, editing,
-- removing and asking for one.

-- name: GetPaymentMethod :one
SELECT * FROM payment_methods WHERE org_id = @org_id AND id = @id;

-- name: LockPaymentMethod :one
-- Before it is removed or changed: nobody begins to charge it meanwhile.
SELECT * FROM payment_methods WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: HoldPaymentMethod :one
-- Before a payment with it is stored: nobody removes it meanwhile. Taken after
-- the invoices' locks, or the payment's.
SELECT * FROM payment_methods WHERE org_id = @org_id AND id = @id FOR SHARE;

-- name: ListPaymentMethods :many
SELECT * FROM payment_methods
WHERE org_id = @org_id AND customer_id = @customer_id AND removed_at IS NULL
ORDER BY created_at DESC, id;

-- name: FindProcessorMethod :many
-- Stored under the processor's ID, removed or not; none or one.
SELECT * FROM payment_methods WHERE org_id = @org_id AND account = @account AND processor_method = @processor_method;

-- name: FindProcessorMethodAcross :many
-- Whose organization it is, of whom the processor tells no more than its own ID.
SELECT * FROM payment_methods WHERE account = @account AND processor_method = @processor_method;

-- name: InsertPaymentMethod :execrows
INSERT INTO payment_methods (org_id, id, customer_id, contact_id, account, processor_method, kind, brand, last4, exp_month, exp_year, fingerprint, billing_name, billing_email, billing_phone, billing_address, created_at)
VALUES (@org_id, @id, @customer_id, @contact_id, @account, @processor_method, @kind, @brand, @last4, @exp_month, @exp_year, @fingerprint, @billing_name, @billing_email, @billing_phone, @billing_address, @at)
ON CONFLICT (account, processor_method) DO NOTHING;

-- name: SupersedePaymentMethods :many
-- The same card or account under another of the processor's IDs leaves for the new one.
UPDATE payment_methods SET removed_at = @at, replaced_by = @replaced_by
WHERE org_id = @org_id AND customer_id = @customer_id AND account = @account AND kind = @kind AND fingerprint = @fingerprint AND fingerprint <> ''
    AND processor_method <> @processor_method AND removed_at IS NULL
RETURNING *;

-- name: EditPaymentMethod :execrows
-- What the processor says that it is now.
UPDATE payment_methods
SET exp_month = @exp_month, exp_year = @exp_year, fingerprint = @fingerprint,
    billing_name = @billing_name, billing_email = @billing_email, billing_phone = @billing_phone, billing_address = @billing_address,
    version = version + 1
WHERE org_id = @org_id AND id = @id AND removed_at IS NULL;

-- name: RefreshPaymentMethod :execrows
-- What the processor says that it is now, its number too.
UPDATE payment_methods
SET brand = @brand, last4 = @last4, exp_month = @exp_month, exp_year = @exp_year, fingerprint = @fingerprint,
    billing_name = @billing_name, billing_email = @billing_email, billing_phone = @billing_phone, billing_address = @billing_address,
    version = version + 1
WHERE org_id = @org_id AND id = @id AND removed_at IS NULL;

-- name: SavedLikeness :many
-- Another entry of the same card or account, held so that nobody removes it
-- meanwhile: none or one.
SELECT * FROM payment_methods
WHERE org_id = @org_id AND customer_id = @customer_id AND account = @account AND kind = @kind AND fingerprint = @fingerprint AND fingerprint <> ''
    AND id <> @id AND removed_at IS NULL FOR SHARE;

-- name: IsMethodBeingEdited :one
SELECT EXISTS (SELECT FROM method_edits WHERE org_id = @org_id AND method_id = @method_id AND status = 'pending');

-- name: RemovePaymentMethod :execrows
UPDATE payment_methods SET removed_at = @at, replaced_by = @replaced_by
WHERE org_id = @org_id AND customer_id = @customer_id AND id = @id AND removed_at IS NULL;

-- name: MarkMethodDetached :execrows
UPDATE payment_methods SET detached_at = @at
WHERE org_id = @org_id AND id = @id AND removed_at IS NOT NULL AND detached_at IS NULL;

-- name: PaymentsNeedingMethod :many
-- Payments under way that can't do without the method, or without one whose
-- place it took: that may be the same card. Oldest first.
SELECT p.* FROM payments p
WHERE p.org_id = @org_id AND p.ended_at IS NULL AND p.status IN ('reserved', 'charging', 'awaiting_customer')
    AND p.method_id IN (SELECT m.id FROM payment_methods m WHERE m.org_id = @org_id AND (m.id = @method_id::uuid OR m.replaced_by = @method_id::uuid))
ORDER BY p.created_at, p.id;

-- name: PaymentsTriedAgainWithMethod :many
-- Declined ones that the schedule charges to it, or to what it took the place of.
SELECT p.* FROM payments p
WHERE p.org_id = @org_id AND p.ended_at IS NULL AND p.next_try_at IS NOT NULL
    AND p.method_id IN (SELECT m.id FROM payment_methods m WHERE m.org_id = @org_id AND (m.id = @method_id::uuid OR m.replaced_by = @method_id::uuid))
ORDER BY p.next_try_at, p.id;

-- name: RemovedMethodsToStartAcross :many
SELECT org_id, id FROM payment_methods
WHERE removed_at IS NOT NULL AND removal_started_at IS NULL AND detached_at IS NULL
ORDER BY removed_at LIMIT @batch;

-- name: MarkRemovalStartedAcross :exec
UPDATE payment_methods SET removal_started_at = now() WHERE org_id = @org_id AND id = @id AND removed_at IS NOT NULL AND removal_started_at IS NULL;

-- name: OpenMethodRemovalsAcross :many
SELECT org_id, id FROM payment_methods
WHERE removed_at IS NOT NULL AND detached_at IS NULL AND removed_at < @older_than::timestamptz AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;

-- name: InsertMethodSetup :exec
INSERT INTO method_setups (org_id, id, customer_id, kind, replaces, account, started_by_kind, started_by, started_by_name, request_hash, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @kind, @replaces, @account, @started_by_kind, @started_by, @started_by_name, @request_hash, @at, @at);

-- name: GetMethodSetup :one
SELECT * FROM method_setups WHERE org_id = @org_id AND id = @id;

-- name: LockMethodSetup :one
SELECT * FROM method_setups WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: OpenMethodSetupOf :many
-- The newest unfinished page of a person for the same purpose; none or one.
SELECT * FROM method_setups
WHERE org_id = @org_id AND customer_id = @customer_id AND started_by = @started_by AND kind = @kind AND replaces IS NOT DISTINCT FROM sqlc.narg(replaces)::uuid
    AND status IN ('requested', 'open') AND created_at > @since
ORDER BY created_at DESC, id DESC LIMIT 1;

-- name: OpenMethodSetup :execrows
UPDATE method_setups SET status = 'open', checkout_id = @checkout_id, action_url = @action_url, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'requested';

-- name: RefuseMethodSetup :execrows
-- A try on the page was refused; the page takes another one.
UPDATE method_setups SET failure_message = @failure_message, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'open' AND failure_message <> @failure_message;

-- name: EndMethodSetup :execrows
UPDATE method_setups SET status = @status, method_id = @method_id, failure_message = @failure_message, ended_at = @at, updated_at = @at
WHERE org_id = @org_id AND id = @id AND status = ANY (@from_status::text[]);

-- name: CloseMethodSetupFlow :exec
UPDATE method_setups SET flow_open = false
WHERE org_id = @org_id AND id = @id AND status IN ('saved', 'expired', 'failed');

-- name: FindMethodSetupAcross :many
SELECT org_id, id, status, account FROM method_setups WHERE id = @id;

-- name: OpenMethodSetupsAcross :many
SELECT org_id, id, status FROM method_setups
WHERE flow_open AND updated_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;

-- name: InsertMethodEdit :exec
INSERT INTO method_edits (org_id, id, customer_id, method_id, exp_month, exp_year, billing_name, billing_email, billing_phone, billing_address, asked_by_kind, asked_by, asked_by_name, request_hash, created_at)
VALUES (@org_id, @id, @customer_id, @method_id, @exp_month, @exp_year, @billing_name, @billing_email, @billing_phone, @billing_address, @asked_by_kind, @asked_by, @asked_by_name, @request_hash, @at);

-- name: GetMethodEdit :one
SELECT * FROM method_edits WHERE org_id = @org_id AND id = @id;

-- name: EndMethodEdit :execrows
UPDATE method_edits SET status = @status, failure_message = @failure_message, failure_field = @failure_field, ended_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'pending';

-- name: CloseMethodEditFlow :exec
UPDATE method_edits SET flow_open = false WHERE org_id = @org_id AND id = @id AND status <> 'pending';

-- name: OpenMethodEditsAcross :many
SELECT org_id, id FROM method_edits
WHERE flow_open AND created_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;

-- name: InsertMethodRequest :exec
INSERT INTO method_requests (org_id, id, customer_id, contact_id, message, asked_by, asked_by_name, created_at)
VALUES (@org_id, @id, @customer_id, @contact_id, @message, @asked_by, @asked_by_name, @at);

-- name: GetMethodRequest :one
SELECT * FROM method_requests WHERE org_id = @org_id AND id = @id;

-- name: MethodRequestsSince :many
-- How often a contact was asked of late, newest first.
SELECT * FROM method_requests WHERE org_id = @org_id AND contact_id = @contact_id AND created_at > @since
ORDER BY created_at DESC, id DESC;

-- name: OpenMethodRequests :many
-- What is not answered yet, newest first; of one contact alone, if that is named.
SELECT r.*, c.name AS contact_name FROM method_requests r
JOIN contacts c ON c.org_id = r.org_id AND c.id = r.contact_id
WHERE r.org_id = @org_id AND r.customer_id = @customer_id AND r.answered_at IS NULL AND r.created_at > @since
    AND (sqlc.narg(contact_id)::uuid IS NULL OR r.contact_id = sqlc.narg(contact_id))
ORDER BY r.created_at DESC, r.id DESC;

-- name: AnswerMethodRequests :many
UPDATE method_requests SET answered_at = @at, method_id = @method_id
WHERE org_id = @org_id AND customer_id = @customer_id AND answered_at IS NULL
RETURNING *;

-- name: LockContact :one
SELECT id FROM contacts WHERE org_id = @org_id AND id = @id FOR UPDATE;
