-- The second factor of contacts, forgotten passwords, and the emails that tell
-- people what happened to their accounts.

-- +goose Up

-- An authenticator that a contact has proven by a code, R60. It stays when the
-- organization's switch goes off; only staff take it away, R63 and R64.
CREATE TABLE authenticators (
    org_id        uuid NOT NULL,
    contact_id    uuid NOT NULL,
    customer_id   uuid NOT NULL,
    -- Encrypted by the API, and bound to the organization and the contact.
    sealed_secret bytea NOT NULL,
    -- The newest step (30 s since 1970) whose code was accepted: none up to it is again.
    last_step     bigint NOT NULL,
    enabled_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, contact_id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id)
);

-- Codes that each sign in once without the authenticator, R61. They go with it.
CREATE TABLE backup_codes (
    org_id     uuid NOT NULL,
    contact_id uuid NOT NULL,
    code_hash  bytea NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    PRIMARY KEY (org_id, contact_id, code_hash),
    FOREIGN KEY (org_id, contact_id) REFERENCES authenticators (org_id, contact_id) ON DELETE CASCADE,
    CONSTRAINT backup_codes_hash_length CHECK (length(code_hash) = 32)
);

-- A sign-in that has had its password and needs one thing more: a code, or an
-- authenticator to be set up. Its token opens nothing else.
CREATE TABLE pending_sign_ins (
    org_id        uuid NOT NULL,
    id            uuid NOT NULL,
    contact_id    uuid NOT NULL,
    customer_id   uuid NOT NULL,
    token_hash    bytea NOT NULL UNIQUE,
    need          text NOT NULL,
    -- Of the authenticator that is being set up: a new one for each sign-in.
    sealed_secret bytea,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    CONSTRAINT pending_sign_ins_need_known CHECK (need IN ('code', 'set_up')),
    CONSTRAINT pending_sign_ins_secret_to_set_up CHECK ((need = 'set_up') = (sealed_secret IS NOT NULL)),
    CONSTRAINT pending_sign_ins_hash_length CHECK (length(token_hash) = 32)
);
CREATE INDEX pending_sign_ins_of_contact ON pending_sign_ins (org_id, contact_id);

-- Requests for a new password, R58. The link is made by the worker, when it
-- writes the email: until then there is no token that could be spent.
CREATE TABLE password_resets (
    org_id      uuid NOT NULL REFERENCES organizations (id),
    id          uuid NOT NULL,
    side        text NOT NULL,
    -- The staff member or the contact.
    subject_id  uuid NOT NULL,
    customer_id uuid,
    token_hash  bytea UNIQUE,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    spent_at    timestamptz,
    -- When a newer request, or a change of the password or the address, ended it.
    replaced_at timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    CONSTRAINT password_resets_side_known CHECK (side IN ('staff', 'contact')),
    CONSTRAINT password_resets_customer_of_contact CHECK ((side = 'contact') = (customer_id IS NOT NULL)),
    CONSTRAINT password_resets_hash_length CHECK (length(token_hash) = 32),
    CONSTRAINT password_resets_one_end CHECK (spent_at IS NULL OR replaced_at IS NULL),
    CONSTRAINT password_resets_spent_by_token CHECK (spent_at IS NULL OR token_hash IS NOT NULL)
);
-- The newest one counts, and no other.
CREATE UNIQUE INDEX password_resets_one_open ON password_resets (org_id, subject_id) WHERE spent_at IS NULL AND replaced_at IS NULL;

-- Emails to people about their own accounts. Whatever happens writes the row in
-- its own transaction; the worker starts the flow that sends the email.
CREATE TABLE account_emails (
    org_id      uuid NOT NULL REFERENCES organizations (id),
    -- That of the password reset whose link it brings, where it brings one.
    id          uuid NOT NULL,
    side        text NOT NULL,
    subject_id  uuid NOT NULL,
    customer_id uuid,
    template    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    flow_open   boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    CONSTRAINT account_emails_side_known CHECK (side IN ('staff', 'contact')),
    CONSTRAINT account_emails_customer_of_contact CHECK ((side = 'contact') = (customer_id IS NOT NULL)),
    CONSTRAINT account_emails_template_known CHECK (template IN ('password_reset', 'password_changed', 'mfa_reset'))
);
CREATE INDEX account_emails_to_start ON account_emails (created_at) WHERE started_at IS NULL;
CREATE INDEX account_emails_flow_open ON account_emails (org_id, id) WHERE flow_open;

GRANT SELECT (org_id, contact_id, customer_id, last_step, enabled_at), INSERT, UPDATE (last_step, sealed_secret), DELETE ON authenticators TO countersign_app;
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON backup_codes TO countersign_app;
GRANT SELECT (org_id, id, contact_id, customer_id, need, created_at, expires_at), INSERT, DELETE ON pending_sign_ins TO countersign_app;
GRANT SELECT, UPDATE ON password_resets TO countersign_app;
GRANT SELECT, INSERT, UPDATE ON account_emails TO countersign_app;
GRANT SELECT, UPDATE (started_at) ON account_emails TO countersign_across;

ALTER TABLE authenticators ENABLE ROW LEVEL SECURITY;
ALTER TABLE backup_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE pending_sign_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE password_resets ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_emails ENABLE ROW LEVEL SECURITY;

-- Staff see that there is an authenticator, and take it away; they never make one.
CREATE POLICY staff_reads ON authenticators FOR SELECT TO countersign_app USING (org_id = app_staff_org());
CREATE POLICY staff_resets ON authenticators FOR DELETE TO countersign_app USING (org_id = app_staff_org());
-- Contacts make and use their own, and can't take it away.
CREATE POLICY contact_reads ON authenticators FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND contact_id = app_actor());
CREATE POLICY contact_makes ON authenticators FOR INSERT TO countersign_app
    WITH CHECK (org_id = app_contact_org() AND contact_id = app_actor() AND customer_id = app_customer());
CREATE POLICY contact_uses ON authenticators FOR UPDATE TO countersign_app
    USING (org_id = app_contact_org() AND contact_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND contact_id = app_actor());
CREATE POLICY contact_own ON backup_codes FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND contact_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND contact_id = app_actor());
CREATE POLICY staff_of_org ON pending_sign_ins FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_own ON pending_sign_ins FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND contact_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND contact_id = app_actor() AND customer_id = app_customer());
CREATE POLICY staff_of_org ON password_resets FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_own ON password_resets FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND subject_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND subject_id = app_actor());
CREATE POLICY staff_of_org ON account_emails FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_own ON account_emails FOR INSERT TO countersign_app
    WITH CHECK (org_id = app_contact_org() AND subject_id = app_actor() AND customer_id = app_customer());
CREATE POLICY across_reads ON account_emails FOR SELECT TO countersign_across USING (true);
CREATE POLICY across_starts ON account_emails FOR UPDATE TO countersign_across USING (true) WITH CHECK (true);

-- Before anyone is known, as in the functions of the security migration.

-- Who a pending sign-in's token belongs to, and what it needs. One that makes no
-- sense any more, since the authenticator was set up or taken away meanwhile,
-- is none.
CREATE TABLE pending_sign_in_row (
    org_id uuid NOT NULL, id uuid NOT NULL, contact_id uuid NOT NULL, customer_id uuid NOT NULL, name text NOT NULL, email text NOT NULL,
    need text NOT NULL, sealed_secret bytea NOT NULL
);
CREATE FUNCTION pending_sign_in(hash bytea, slug text, at timestamptz) RETURNS SETOF pending_sign_in_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT p.org_id, p.id, p.contact_id, p.customer_id, c.name, c.email, p.need, coalesce(p.sealed_secret, a.sealed_secret)
    FROM pending_sign_ins p
    JOIN organizations o ON o.id = p.org_id
    JOIN contacts c ON c.org_id = p.org_id AND c.id = p.contact_id AND c.access = 'active'
    LEFT JOIN authenticators a ON a.org_id = p.org_id AND a.contact_id = p.contact_id
    WHERE p.token_hash = hash AND o.slug = pending_sign_in.slug AND p.expires_at > at
        AND (p.need = 'code') = (a.contact_id IS NOT NULL)
$$;
-- One's own secret, to check a code with.
CREATE FUNCTION own_sealed_secret() RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT sealed_secret FROM authenticators WHERE org_id = app_org() AND contact_id = app_actor()
$$;

-- Asks for a new password in the name of whoever has this address, and counts
-- the request. With an account and without one it is one statement that writes:
-- what it answers, and how long it takes, tell nothing.
-- +goose StatementBegin
CREATE FUNCTION password_reset_request(slug text, mailbox text, side text, reset uuid, at timestamptz, lifetime interval, throttle text, period interval, most integer)
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

-- What the link for a new password opens, whatever became of it.
CREATE TABLE password_reset_row (
    org_id uuid NOT NULL, id uuid NOT NULL, subject_id uuid NOT NULL, customer_id uuid, expires_at timestamptz NOT NULL,
    spent_at timestamptz, replaced_at timestamptz, name text NOT NULL, email text NOT NULL
);
CREATE FUNCTION password_reset_by_token(hash bytea, slug text, side text) RETURNS SETOF password_reset_row
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

REVOKE ALL ON FUNCTION pending_sign_in, own_sealed_secret, password_reset_request, password_reset_by_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pending_sign_in, own_sealed_secret, password_reset_request, password_reset_by_token TO countersign_app;

-- +goose Down
DROP FUNCTION pending_sign_in, own_sealed_secret, password_reset_request, password_reset_by_token;
DROP TABLE pending_sign_in_row, password_reset_row, account_emails, password_resets, pending_sign_ins, backup_codes, authenticators;
