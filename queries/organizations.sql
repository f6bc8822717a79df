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
