-- name: GetOrganization :one
SELECT * FROM organizations WHERE id = @id;

-- name: GetBrand :one
SELECT * FROM organization_brand(@slug::text);

-- name: UpdateOrganization :execrows
UPDATE organizations
SET name         = @name,
    legal_name   = @legal_name,
    email        = @email,
    phone        = @phone,
    website      = @website,
    address      = @address,
    accent       = @accent,
    bank_details = @bank_details,
    version      = version + 1
WHERE id = @id AND version = @version;

-- name: GetSettings :one
SELECT * FROM settings WHERE org_id = @org_id;

-- name: SaveSettings :execrows
UPDATE settings
SET banner                    = @banner,
    email_staff_on_activity   = @email_staff_on_activity,
    email_customer_on_comment = @email_customer_on_comment,
    edit_details              = @edit_details,
    forward_documents         = @forward_documents,
    reviews                   = @reviews,
    timesheets                = @timesheets,
    mfa                       = @mfa,
    version                   = version + 1,
    updated_at                = now()
WHERE org_id = @org_id AND version = @version;

-- name: NextNumber :one
-- Numbers have no gaps: the counter's row is locked until the document is committed.
INSERT INTO counters (org_id, kind, next) VALUES (@org_id, @kind, 2)
ON CONFLICT (org_id, kind) DO UPDATE SET next = counters.next + 1
RETURNING (next - 1)::bigint AS number;

-- name: ListOrganizationsAcross :many
SELECT * FROM organizations ORDER BY slug;

-- name: AnybodyInvited :one
-- Whether a contact of any customer has been given access to the portal.
SELECT EXISTS (SELECT FROM contacts WHERE org_id = @org_id AND access IN ('invited', 'active')) AS invited;

-- name: FirstSteps :one
-- What a new organization has done on its way to the first invitation.
SELECT coalesce(o.address ->> 'line1', '') <> '' AS profile, o.bank_details <> '' AS bank_details,
    EXISTS (SELECT FROM logos l WHERE l.org_id = o.id) AS logo
FROM organizations o WHERE o.id = @org_id;

-- name: FirstCustomers :many
-- The customer that was added first, and whether it has a contact.
SELECT c.id, c.name, EXISTS (SELECT FROM contacts k WHERE k.org_id = c.org_id AND k.customer_id = c.id) AS has_contact
FROM customers c WHERE c.org_id = @org_id
ORDER BY c.created_at, c.id LIMIT 1;
