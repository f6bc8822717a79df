-- Emails' wording, R14.

-- name: ListEmailTemplates :many
SELECT * FROM email_templates WHERE org_id = @org_id ORDER BY name;

-- name: GetEmailTemplate :many
-- No row: it was never reworded. Empty texts: it was set back.
SELECT * FROM email_templates WHERE org_id = @org_id AND name = @name;

-- name: SaveEmailTemplate :execrows
-- No row: someone else saved since the version was read. Version 0 is that of an
-- email that was never reworded.
INSERT INTO email_templates (org_id, name, subject, body, version, updated_by_name, updated_at)
SELECT @org_id::uuid, @name::text, @subject::text, @body::text, 1, @by_name::text, @at::timestamptz
WHERE @version::integer = 0 OR EXISTS (SELECT FROM email_templates WHERE org_id = @org_id AND name = @name)
ON CONFLICT (org_id, name) DO UPDATE
    SET subject         = excluded.subject,
        body            = excluded.body,
        version         = email_templates.version + 1,
        updated_by_name = excluded.updated_by_name,
        updated_at      = excluded.updated_at
    WHERE email_templates.version = @version;
