-- Staff, customers and contacts.

-- name: InsertStaff :exec
INSERT INTO staff (org_id, id, email, name, role) VALUES (@org_id, @id, @email, @name, @role);

-- name: GetStaff :one
SELECT * FROM staff WHERE org_id = @org_id AND id = @id;

-- name: ListStaff :many
SELECT * FROM staff WHERE org_id = @org_id ORDER BY name, id;

-- name: GetCustomer :one
SELECT * FROM customers WHERE org_id = @org_id AND id = @id;

-- name: LockCustomer :one
SELECT * FROM customers WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: SetProcessorCustomer :one
-- The first one stored wins; whoever lost the race uses that.
UPDATE customers
SET processor_customer = CASE WHEN processor_customer = '' THEN @processor_customer ELSE processor_customer END
WHERE org_id = @org_id AND id = @id
RETURNING processor_customer;

-- name: GetContact :one
SELECT * FROM contacts WHERE org_id = @org_id AND id = @id;

-- name: ListContacts :many
SELECT * FROM contacts WHERE org_id = @org_id AND customer_id = @customer_id
ORDER BY is_primary DESC, name, id;

-- name: ListRecipients :many
-- Who at a customer is mailed about documents: those who were given access,
-- and the primary contact while nobody was.
SELECT c.* FROM contacts c
WHERE c.org_id = @org_id AND c.customer_id = @customer_id
    AND (c.access IN ('invited', 'active') OR (c.is_primary AND NOT EXISTS (
        SELECT FROM contacts o
        WHERE o.org_id = c.org_id AND o.customer_id = c.customer_id AND o.access IN ('invited', 'active'))))
ORDER BY c.id;

-- name: SetContactAccess :execrows
UPDATE contacts SET access = @access, updated_at = now()
WHERE org_id = @org_id AND id = @id AND access = ANY (@from_access::text[]);
