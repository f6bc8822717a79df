-- Staff, customers and contacts.

-- name: InsertStaff :exec
INSERT INTO staff (org_id, id, email, name, role) VALUES (@org_id, @id, @email, @name, @role);

-- name: GetStaff :one
SELECT * FROM staff WHERE org_id = @org_id AND id = @id;

-- name: ListStaff :many
-- With whether they ever chose a password, and until when a link to do so works.
SELECT f.*, EXISTS (SELECT FROM credentials k WHERE k.org_id = f.org_id AND k.subject_id = f.id) AS has_password, r.expires_at AS link_until
FROM staff f
LEFT JOIN password_resets r ON r.org_id = f.org_id AND r.subject_id = f.id AND r.spent_at IS NULL AND r.replaced_at IS NULL
WHERE f.org_id = @org_id
ORDER BY f.name, f.id;

-- name: LockStaff :exec
-- Everybody, in one order: of two changes of who works here the second waits
-- for the first, and then reads what it left. Rows that only name somebody may be added meanwhile.
SELECT id FROM staff WHERE org_id = @org_id ORDER BY id FOR NO KEY UPDATE;

-- name: EditStaff :execrows
UPDATE staff
SET name    = @name,
    role    = @role,
    version = version + 1
WHERE org_id = @org_id AND id = @id AND version = @version;

-- name: SetStaffActive :exec
UPDATE staff SET active = @active, version = version + 1 WHERE org_id = @org_id AND id = @id;

-- name: GetCustomer :one
SELECT * FROM customers WHERE org_id = @org_id AND id = @id;

-- name: LockCustomer :one
-- Rows that only name the customer may be added meanwhile.
SELECT * FROM customers WHERE org_id = @org_id AND id = @id FOR NO KEY UPDATE;

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

-- name: ListCustomers :many
-- One page by name; access is the most that one of its contacts has. An empty filter is no filter.
SELECT c.*, lower(c.name)::text AS sort_name,
    coalesce((SELECT CASE WHEN bool_or(k.access = 'active') THEN 'active' WHEN bool_or(k.access = 'invited') THEN 'invited' WHEN bool_or(k.access = 'withdrawn') THEN 'withdrawn' ELSE 'none' END
        FROM contacts k WHERE k.org_id = c.org_id AND k.customer_id = c.id), 'none')::text AS access
FROM customers c
WHERE c.org_id = @org_id AND c.archived_at IS NULL
    AND CASE @filter::text
        WHEN 'owing' THEN EXISTS (SELECT FROM invoices i WHERE i.org_id = c.org_id AND i.customer_id = c.id AND i.state = 'sent' AND i.due > 0)
        WHEN 'overdue' THEN EXISTS (SELECT FROM invoices i WHERE i.org_id = c.org_id AND i.customer_id = c.id AND i.state = 'sent' AND i.due > 0 AND i.late_after < @today::date)
        WHEN 'access' THEN EXISTS (SELECT FROM contacts k WHERE k.org_id = c.org_id AND k.customer_id = c.id AND k.access IN ('invited', 'active'))
        WHEN 'no_access' THEN NOT EXISTS (SELECT FROM contacts k WHERE k.org_id = c.org_id AND k.customer_id = c.id AND k.access IN ('invited', 'active'))
        ELSE true
    END
    AND (@search::text = '' OR c.name ILIKE @search OR c.number ILIKE @search OR c.email ILIKE @search
        OR EXISTS (SELECT FROM contacts k WHERE k.org_id = c.org_id AND k.customer_id = c.id AND (k.email ILIKE @search OR k.name ILIKE @search)))
    AND (@first_page::boolean OR CASE @sort::text
        WHEN 'name' THEN (lower(c.name), c.id) > (@from_text::text, @from_id::uuid)
        WHEN '-name' THEN (lower(c.name), c.id) < (@from_text::text, @from_id::uuid)
    END)
ORDER BY CASE WHEN @sort = 'name' THEN lower(c.name) END, CASE WHEN @sort = '-name' THEN lower(c.name) END DESC,
    CASE WHEN @sort LIKE '-%' THEN c.id END DESC, c.id
LIMIT @page_size;

-- name: InsertCustomer :exec
INSERT INTO customers (org_id, id, number, name, email, phone, website, tax_number, currency, terms_days, billing_address, shipping_address, notes, bank_debit_allowed, created_at, updated_at)
VALUES (@org_id, @id, @number, @name, @email, @phone, @website, @tax_number, @currency, @terms_days, @billing_address, @shipping_address, @notes, @bank_debit_allowed, @at, @at);

-- name: CustomerNumberTaken :one
SELECT EXISTS (SELECT FROM customers WHERE org_id = @org_id AND number = @number) AS taken;

-- name: EditCustomer :execrows
UPDATE customers
SET number             = @number,
    name               = @name,
    email              = @email,
    phone              = @phone,
    website            = @website,
    tax_number         = @tax_number,
    currency           = @currency,
    terms_days         = @terms_days,
    billing_address    = @billing_address,
    shipping_address   = @shipping_address,
    notes              = @notes,
    bank_debit_allowed = @bank_debit_allowed,
    version            = version + 1,
    updated_at         = @at
WHERE org_id = @org_id AND id = @id AND version = @version;

-- name: EditCompany :execrows
-- What a contact may change of its own company, R54.
UPDATE customers
SET name             = @name,
    email            = @email,
    phone            = @phone,
    website          = @website,
    tax_number       = @tax_number,
    billing_address  = @billing_address,
    shipping_address = @shipping_address,
    version          = version + 1,
    updated_at       = @at
WHERE org_id = @org_id AND id = @id AND version = @version;

-- name: InsertContact :exec
INSERT INTO contacts (org_id, id, customer_id, name, email, phone, title, is_primary, roles, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @name, @email, @phone, @title, @is_primary, @roles, @at, @at);

-- name: EditContact :execrows
UPDATE contacts
SET name       = @name,
    email      = @email,
    phone      = @phone,
    title      = @title,
    is_primary = @is_primary,
    roles      = @roles,
    version    = version + 1,
    updated_at = @at
WHERE org_id = @org_id AND id = @id AND version = @version;

-- name: ClearPrimaryContact :exec
-- One contact of a customer is its primary one: the others step back.
UPDATE contacts SET is_primary = false, updated_at = @at
WHERE org_id = @org_id AND customer_id = @customer_id AND id <> @keep AND is_primary;
