-- Who may see and write what. db.In sets app.org, app.side, app.customer and
-- app.actor for one transaction; these policies hold every statement to them.
-- Queries name their organization and customer as well: this is the second wall.

-- +goose Up

-- The organization of whoever is asking, if they stand on that side. Policies
-- compare a column with one of these instead of asking for the side on its own:
-- the planner reads what they return and then knows how many rows will pass. Of a
-- condition without a column it believes that one row in 200 does, and every
-- list of a large organization is sorted as a whole for want of an index scan.
CREATE FUNCTION app_staff_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT CASE current_setting('app.side', true) WHEN 'staff' THEN nullif(current_setting('app.org', true), '')::uuid END $$;
CREATE FUNCTION app_contact_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT CASE current_setting('app.side', true) WHEN 'contact' THEN nullif(current_setting('app.org', true), '')::uuid END $$;

-- What both roles may do at all; the policies say on which rows. Nothing is
-- deleted but lines of drafts and sessions; money and events are only appended.
GRANT SELECT ON organizations, settings, staff, customers, contacts, sessions, api_keys, invitations, counters, requests,
    estimates, estimate_versions, estimate_lines, decisions, invoices, invoice_lines, credit_notes,
    payment_methods, payments, payment_attempts, reservations, allocations, credit_entries, events, deliveries
    TO countersign_app;
GRANT INSERT ON settings, staff, customers, contacts, credentials, sessions, api_keys, invitations, counters, requests,
    estimates, estimate_versions, estimate_lines, decisions, invoices, invoice_lines, credit_notes,
    payment_methods, payments, payment_attempts, reservations, allocations, credit_entries, events, deliveries
    TO countersign_app;
GRANT UPDATE ON organizations, settings, staff, customers, contacts, credentials, sessions, api_keys, invitations, counters,
    estimates, estimate_versions, invoices, payment_methods, payments, payment_attempts, reservations, deliveries
    TO countersign_app;
GRANT DELETE ON sessions, estimate_lines, estimate_versions, invoice_lines TO countersign_app;
-- A hash is read only through the functions below.
GRANT SELECT (org_id, subject_id, changed_at) ON credentials TO countersign_app;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY ['settings', 'staff', 'customers', 'contacts', 'credentials', 'sessions', 'api_keys', 'invitations', 'counters', 'requests',
        'estimates', 'estimate_versions', 'estimate_lines', 'decisions', 'invoices', 'invoice_lines', 'credit_notes',
        'payment_methods', 'payments', 'payment_attempts', 'reservations', 'allocations', 'credit_entries', 'events', 'deliveries']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY staff_of_org ON %I FOR ALL TO countersign_app
            USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org())', t);
    END LOOP;
END
$$;
-- +goose StatementEnd
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON organizations FOR ALL TO countersign_app
    USING (app_side() IS NOT NULL AND id = app_org()) WITH CHECK (app_side() = 'staff' AND id = app_org());

-- Contacts: what is their customer's, and only what was sent.
CREATE POLICY contact_reads ON settings FOR SELECT TO countersign_app
    USING (org_id = app_contact_org());
CREATE POLICY contact_reads ON customers FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND id = app_customer());
CREATE POLICY contact_edits ON customers FOR UPDATE TO countersign_app
    USING (org_id = app_contact_org() AND id = app_customer())
    WITH CHECK (org_id = app_contact_org() AND id = app_customer());
CREATE POLICY contact_reads ON contacts FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_edits_self ON contacts FOR UPDATE TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer() AND id = app_actor());
CREATE POLICY contact_own ON credentials FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND subject_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND subject_id = app_actor());
CREATE POLICY contact_own ON sessions FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND subject_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND subject_id = app_actor() AND customer_id = app_customer());
CREATE POLICY contact_own ON invitations FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND contact_id = app_actor());
CREATE POLICY contact_reads ON estimates FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND version > 0);
CREATE POLICY contact_reads ON estimate_versions FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND status <> 'draft'
        AND EXISTS (SELECT FROM estimates e WHERE e.org_id = estimate_versions.org_id AND e.id = estimate_id AND e.customer_id = app_customer()));
CREATE POLICY contact_reads ON estimate_lines FOR SELECT TO countersign_app
    USING (org_id = app_contact_org()
        AND EXISTS (SELECT FROM estimate_versions v WHERE v.org_id = estimate_lines.org_id AND v.estimate_id = estimate_lines.estimate_id AND v.version = estimate_lines.version));
CREATE POLICY contact_reads ON decisions FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON invoices FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND state <> 'draft');
CREATE POLICY contact_reads ON invoice_lines FOR SELECT TO countersign_app
    USING (org_id = app_contact_org()
        AND EXISTS (SELECT FROM invoices i WHERE i.org_id = invoice_lines.org_id AND i.id = invoice_id));
CREATE POLICY contact_reads ON credit_notes FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON payment_methods FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
-- The only change that a contact makes to a saved method is to remove it.
CREATE POLICY contact_removes ON payment_methods FOR UPDATE TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer())
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer() AND removed_at IS NOT NULL);
CREATE POLICY contact_reads ON payments FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON payment_attempts FOR SELECT TO countersign_app
    USING (org_id = app_contact_org()
        AND EXISTS (SELECT FROM payments p WHERE p.org_id = payment_attempts.org_id AND p.id = payment_id));
CREATE POLICY contact_reads ON reservations FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON allocations FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON credit_entries FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON events FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND visible);
CREATE POLICY contact_writes ON events FOR INSERT TO countersign_app
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer() AND actor_id = app_actor());

-- Work that spans organizations: the relay, the sweeps, the dispatcher, the command line.
GRANT SELECT ON organizations, invitations, estimates, estimate_versions, payments, events, deliveries TO countersign_across;
GRANT SELECT, INSERT, UPDATE ON webhook_events TO countersign_across;
GRANT UPDATE (relayed_at) ON events TO countersign_across;
GRANT UPDATE (status, detail, updated_at) ON deliveries TO countersign_across;
CREATE POLICY across ON organizations FOR SELECT TO countersign_across USING (true);
CREATE POLICY across ON invitations FOR SELECT TO countersign_across USING (true);
CREATE POLICY across ON estimates FOR SELECT TO countersign_across USING (true);
CREATE POLICY across ON estimate_versions FOR SELECT TO countersign_across USING (true);
CREATE POLICY across ON payments FOR SELECT TO countersign_across USING (true);
CREATE POLICY across_reads ON events FOR SELECT TO countersign_across USING (true);
CREATE POLICY across_relays ON events FOR UPDATE TO countersign_across USING (true) WITH CHECK (true);
CREATE POLICY across_reads ON deliveries FOR SELECT TO countersign_across USING (true);
CREATE POLICY across_follows ON deliveries FOR UPDATE TO countersign_across USING (true) WITH CHECK (true);

-- Before anyone is known. Each function takes an exact key and tells only what
-- that key opens; the search path is pinned. Their row types are tables that
-- stay empty and that nobody may touch: sqlc reads columns from tables alone.

-- Who a session's token belongs to, or an API key's.
CREATE TABLE principal_row (
    org_id uuid NOT NULL, org_slug text NOT NULL, side text NOT NULL, actor_kind text NOT NULL, actor_id uuid NOT NULL, customer_id uuid,
    name text NOT NULL, email text NOT NULL, roles text[] NOT NULL, session_id uuid, last_seen_at timestamptz NOT NULL
);
CREATE FUNCTION session_principal(hash bytea, slug text, at timestamptz, used_after timestamptz) RETURNS SETOF principal_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.org_id, o.slug, s.side, s.side, s.subject_id, s.customer_id, c.name, c.email, c.roles, s.id, s.last_seen_at
    FROM sessions s
    JOIN organizations o ON o.id = s.org_id
    JOIN contacts c ON c.org_id = s.org_id AND c.id = s.subject_id AND c.access = 'active'
    WHERE s.token_hash = hash AND o.slug = session_principal.slug AND s.side = 'contact'
        AND s.expires_at > at AND s.last_seen_at > used_after
    UNION ALL
    SELECT s.org_id, o.slug, s.side, s.side, s.subject_id, s.customer_id, f.name, f.email, ARRAY [f.role], s.id, s.last_seen_at
    FROM sessions s
    JOIN organizations o ON o.id = s.org_id
    JOIN staff f ON f.org_id = s.org_id AND f.id = s.subject_id AND f.active
    WHERE s.token_hash = hash AND o.slug = session_principal.slug AND s.side = 'staff'
        AND s.expires_at > at AND s.last_seen_at > used_after
$$;
CREATE FUNCTION api_key_principal(hash bytea) RETURNS SETOF principal_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT k.org_id, o.slug, 'staff', 'api_key', k.id, NULL::uuid, k.name, '', k.scopes, NULL::uuid, coalesce(k.last_used_at, k.created_at)
    FROM api_keys k
    JOIN organizations o ON o.id = k.org_id
    WHERE k.key_hash = hash AND k.revoked_at IS NULL
$$;

-- The account that an address may sign in to, with the hash to compare.
CREATE TABLE account_row (
    org_id uuid NOT NULL, subject_id uuid NOT NULL, customer_id uuid, name text NOT NULL, email text NOT NULL,
    roles text[] NOT NULL, password_hash text NOT NULL
);
CREATE FUNCTION sign_in_account(slug text, mailbox text, side text) RETURNS SETOF account_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT c.org_id, c.id, c.customer_id, c.name, c.email, c.roles, k.password_hash
    FROM organizations o
    JOIN contacts c ON c.org_id = o.id AND c.email = mailbox AND c.access = 'active'
    JOIN credentials k ON k.org_id = c.org_id AND k.subject_id = c.id
    WHERE o.slug = sign_in_account.slug AND side = 'contact'
    UNION ALL
    SELECT f.org_id, f.id, NULL::uuid, f.name, f.email, ARRAY [f.role], k.password_hash
    FROM organizations o
    JOIN staff f ON f.org_id = o.id AND f.email = mailbox AND f.active
    JOIN credentials k ON k.org_id = f.org_id AND k.subject_id = f.id
    WHERE o.slug = sign_in_account.slug AND side = 'staff'
$$;
-- One's own hash, to prove the current password before changing it.
CREATE FUNCTION own_password_hash() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT password_hash FROM credentials WHERE org_id = app_org() AND subject_id = app_actor()
$$;

-- What an invitation's link opens, whatever became of the invitation.
CREATE TABLE invitation_row (
    org_id uuid NOT NULL, id uuid NOT NULL, customer_id uuid NOT NULL, contact_id uuid NOT NULL, status text NOT NULL, expires_at timestamptz NOT NULL,
    contact_name text NOT NULL, contact_email text NOT NULL, customer_name text NOT NULL
);
CREATE FUNCTION invitation_by_token(hash bytea, slug text) RETURNS SETOF invitation_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT i.org_id, i.id, i.customer_id, i.contact_id, i.status, i.expires_at, c.name, c.email, u.name
    FROM invitations i
    JOIN organizations o ON o.id = i.org_id
    JOIN contacts c ON c.org_id = i.org_id AND c.id = i.contact_id
    JOIN customers u ON u.org_id = i.org_id AND u.id = i.customer_id
    WHERE i.token_hash = hash AND o.slug = invitation_by_token.slug
$$;

-- How an organization presents itself, on pages that need no sign-in.
CREATE TABLE brand_row (
    id uuid NOT NULL, slug text NOT NULL, name text NOT NULL, email text NOT NULL, phone text NOT NULL, website text NOT NULL,
    accent text NOT NULL, locale text NOT NULL, time_zone text NOT NULL, currency text NOT NULL
);
CREATE FUNCTION organization_brand(slug text) RETURNS SETOF brand_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT o.id, o.slug, o.name, o.email, o.phone, o.website, o.accent, o.locale, o.time_zone, o.currency
    FROM organizations o WHERE o.slug = organization_brand.slug
$$;

-- One more attempt for a throttle's key; how many there were in the window.
CREATE FUNCTION throttle_hit(throttle text, period interval) RETURNS integer
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO throttles AS t (key, window_start, hits) VALUES (throttle, now(), 1)
    ON CONFLICT (key) DO UPDATE
        SET hits = CASE WHEN t.window_start < now() - period THEN 1 ELSE t.hits + 1 END,
            window_start = CASE WHEN t.window_start < now() - period THEN now() ELSE t.window_start END
    RETURNING hits
$$;
CREATE FUNCTION throttle_clear(throttle text) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM throttles WHERE key = throttle
$$;

-- A verified webhook is stored before anyone is known.
CREATE FUNCTION webhook_store(provider text, account text, event_id text, type text, object_id text, payment uuid, created timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH stored AS (
        INSERT INTO webhook_events (provider, account, event_id, type, object_id, payment_id, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT FROM stored)
$$;

REVOKE ALL ON FUNCTION session_principal, api_key_principal, sign_in_account, own_password_hash, invitation_by_token,
    organization_brand, throttle_hit, throttle_clear, webhook_store FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_principal, api_key_principal, sign_in_account, own_password_hash, invitation_by_token,
    organization_brand, throttle_hit, throttle_clear, webhook_store TO countersign_app;

-- +goose Down
DROP FUNCTION session_principal, api_key_principal, sign_in_account, own_password_hash, invitation_by_token,
    organization_brand, throttle_hit, throttle_clear, webhook_store;
DROP TABLE principal_row, account_row, invitation_row, brand_row;
-- The policies that use them go with their tables.
DROP FUNCTION app_staff_org(), app_contact_org() CASCADE;
