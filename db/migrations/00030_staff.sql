-- +goose Up
-- Administrators look after staff: each change names the version that was on screen.
ALTER TABLE staff ADD COLUMN version integer NOT NULL DEFAULT 1;

-- A colleague who is added is emailed a link to choose the first password: a
-- password reset that staff ask for, in the name of whoever adds them.
ALTER TABLE account_emails ADD COLUMN asked_by text NOT NULL DEFAULT '';
ALTER TABLE account_emails DROP CONSTRAINT account_emails_template_known;
ALTER TABLE account_emails ADD CONSTRAINT account_emails_template_known
    CHECK (template IN ('password_reset', 'password_changed', 'mfa_reset', 'invitation'));
GRANT INSERT ON password_resets TO countersign_app;
-- Contacts use their own, and still can't make one.
DROP POLICY contact_own ON password_resets;
CREATE POLICY contact_reads ON password_resets FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND subject_id = app_actor());
CREATE POLICY contact_ends ON password_resets FOR UPDATE TO countersign_app
    USING (org_id = app_contact_org() AND subject_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND subject_id = app_actor());

-- A link says whether it is an invitation's: its page welcomes.
ALTER TABLE password_reset_row ADD COLUMN invitation boolean NOT NULL;
CREATE OR REPLACE FUNCTION password_reset_by_token(hash bytea, slug text, side text) RETURNS SETOF password_reset_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT r.org_id, r.id, r.subject_id, r.customer_id, r.expires_at, r.spent_at, r.replaced_at, w.name, w.email,
        EXISTS (SELECT FROM account_emails e WHERE e.org_id = r.org_id AND e.id = r.id AND e.template = 'invitation')
    FROM password_resets r
    JOIN organizations o ON o.id = r.org_id
    JOIN LATERAL (
        SELECT c.name, c.email FROM contacts c WHERE r.side = 'contact' AND c.org_id = r.org_id AND c.id = r.subject_id AND c.access = 'active'
        UNION ALL
        SELECT f.name, f.email FROM staff f WHERE r.side = 'staff' AND f.org_id = r.org_id AND f.id = r.subject_id AND f.active
    ) w ON true
    WHERE r.token_hash = hash AND o.slug = password_reset_by_token.slug AND r.side = password_reset_by_token.side
$$;

-- As before, and for staff who haven't chosen their first password yet: whoever
-- lost the invitation asks for a link like everybody else.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION password_reset_request(slug text, mailbox text, side text, reset uuid, at timestamptz, lifetime interval, throttle text, period interval, most integer)
    RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    hits integer := throttle_hit(throttle, period);
    account account_row;
BEGIN
    IF hits > most THEN
        RETURN hits;
    END IF;
    SELECT * INTO account FROM (
        SELECT * FROM sign_in_account(slug, mailbox, side)
        UNION ALL
        SELECT f.org_id, f.id, NULL::uuid, f.name, f.email, ARRAY [f.role], ''
        FROM organizations o
        JOIN staff f ON f.org_id = o.id AND f.email = mailbox AND f.active
        WHERE o.slug = password_reset_request.slug AND password_reset_request.side = 'staff'
            AND NOT EXISTS (SELECT FROM credentials k WHERE k.org_id = f.org_id AND k.subject_id = f.id)
    ) found;
    IF FOUND THEN
        UPDATE password_resets r SET replaced_at = at
        WHERE r.org_id = account.org_id AND r.subject_id = account.subject_id AND r.spent_at IS NULL AND r.replaced_at IS NULL;
        INSERT INTO password_resets (org_id, id, side, subject_id, customer_id, created_at, expires_at)
        VALUES (account.org_id, reset, side, account.subject_id, account.customer_id, at, at + lifetime);
        INSERT INTO account_emails (org_id, id, side, subject_id, customer_id, template, created_at)
        VALUES (account.org_id, reset, side, account.subject_id, account.customer_id, 'password_reset', at);
    END IF;
    RETURN hits;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION password_reset_request(slug text, mailbox text, side text, reset uuid, at timestamptz, lifetime interval, throttle text, period interval, most integer)
    RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    hits integer := throttle_hit(throttle, period);
    account account_row;
BEGIN
    IF hits > most THEN
        RETURN hits;
    END IF;
    SELECT * INTO account FROM sign_in_account(slug, mailbox, side);
    IF FOUND THEN
        UPDATE password_resets r SET replaced_at = at
        WHERE r.org_id = account.org_id AND r.subject_id = account.subject_id AND r.spent_at IS NULL AND r.replaced_at IS NULL;
        INSERT INTO password_resets (org_id, id, side, subject_id, customer_id, created_at, expires_at)
        VALUES (account.org_id, reset, side, account.subject_id, account.customer_id, at, at + lifetime);
        INSERT INTO account_emails (org_id, id, side, subject_id, customer_id, template, created_at)
        VALUES (account.org_id, reset, side, account.subject_id, account.customer_id, 'password_reset', at);
    END IF;
    RETURN hits;
END
$$;
-- +goose StatementEnd
ALTER TABLE password_reset_row DROP COLUMN invitation;
CREATE OR REPLACE FUNCTION password_reset_by_token(hash bytea, slug text, side text) RETURNS SETOF password_reset_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT r.org_id, r.id, r.subject_id, r.customer_id, r.expires_at, r.spent_at, r.replaced_at, w.name, w.email
    FROM password_resets r
    JOIN organizations o ON o.id = r.org_id
    JOIN LATERAL (
        SELECT c.name, c.email FROM contacts c WHERE r.side = 'contact' AND c.org_id = r.org_id AND c.id = r.subject_id AND c.access = 'active'
        UNION ALL
        SELECT f.name, f.email FROM staff f WHERE r.side = 'staff' AND f.org_id = r.org_id AND f.id = r.subject_id AND f.active
    ) w ON true
    WHERE r.token_hash = hash AND o.slug = password_reset_by_token.slug AND r.side = password_reset_by_token.side
$$;
DROP POLICY contact_reads ON password_resets;
DROP POLICY contact_ends ON password_resets;
CREATE POLICY contact_own ON password_resets FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND subject_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND subject_id = app_actor());
REVOKE INSERT ON password_resets FROM countersign_app;
DELETE FROM account_emails WHERE template = 'invitation';
ALTER TABLE account_emails DROP CONSTRAINT account_emails_template_known;
ALTER TABLE account_emails ADD CONSTRAINT account_emails_template_known CHECK (template IN ('password_reset', 'password_changed', 'mfa_reset'));
ALTER TABLE account_emails DROP COLUMN asked_by;
ALTER TABLE staff DROP COLUMN version;
