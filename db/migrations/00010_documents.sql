-- What documents are drawn from: the organization's logo, and the account
-- between an organization and a customer as one list of transactions.

-- +goose Up

-- The logo as a PNG that we encoded, whatever was uploaded; at most one each.
CREATE TABLE logos (
    org_id     uuid PRIMARY KEY REFERENCES organizations (id),
    png        bytea NOT NULL,
    width      integer NOT NULL,
    height     integer NOT NULL,
    -- SHA-256 of png: part of its address, so that browsers may keep it.
    hash       bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT logos_size CHECK (width BETWEEN 1 AND 1024 AND height BETWEEN 1 AND 1024 AND octet_length(png) BETWEEN 1 AND 4194304),
    CONSTRAINT logos_hash_length CHECK (length(hash) = 32)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON logos TO countersign_app;
ALTER TABLE logos ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON logos FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_reads ON logos FOR SELECT TO countersign_app USING (org_id = app_contact_org());

-- Everybody sees the logo on the page where they sign in: it is found by the
-- slug and its own hash, and the brand tells whether there is one.
CREATE FUNCTION organization_logo(slug text, logo bytea) RETURNS SETOF logos
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT l.* FROM organizations o JOIN logos l ON l.org_id = o.id
    WHERE o.slug = organization_logo.slug AND l.hash = organization_logo.logo
$$;
REVOKE ALL ON FUNCTION organization_logo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organization_logo TO countersign_app;

ALTER TABLE brand_row ADD COLUMN logo text NOT NULL;
CREATE OR REPLACE FUNCTION organization_brand(slug text) RETURNS SETOF brand_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT o.id, o.slug, o.name, o.email, o.phone, o.website, o.accent, o.locale, o.time_zone, o.currency, coalesce(encode(l.hash, 'hex'), '')
    FROM organizations o LEFT JOIN logos l ON l.org_id = o.id
    WHERE o.slug = organization_brand.slug
$$;

-- Every transaction between an organization and a customer, one row each: a
-- charge is positive, a payment or a credit negative, so that the sum of a
-- customer's rows is what is owed less what is credited (R18 less R19).
--
-- A document counts from the date that it bears, or from the day on which it was
-- sent or made if that came first, since it is owed from then on. Paying an
-- invoice from credit moves nothing between the two, so it is no transaction.
-- Rows are seen as whoever reads them may see the tables below.
CREATE VIEW statement_entries WITH (security_invoker = true) AS
    SELECT i.org_id, i.customer_id, i.currency, least(i.issue_date, (i.sent_at AT TIME ZONE o.time_zone)::date)::date AS day, i.sent_at::timestamptz AS at, i.id,
        'invoice'::text AS kind, i.number::text AS number, i.title::text AS title, ''::text AS way, ''::text AS brand, ''::text AS last4, i.total::bigint AS amount
    FROM invoices i JOIN organizations o ON o.id = i.org_id
    WHERE i.state <> 'draft' AND i.sent_at IS NOT NULL
UNION ALL
    SELECT i.org_id, i.customer_id, i.currency, (i.voided_at AT TIME ZONE o.time_zone)::date, i.voided_at, i.id,
        'void', i.number, i.title, '', '', '', -i.total
    FROM invoices i JOIN organizations o ON o.id = i.org_id
    WHERE i.state = 'void' AND i.sent_at IS NOT NULL
UNION ALL
    SELECT p.org_id, p.customer_id, p.currency, (p.succeeded_at AT TIME ZONE o.time_zone)::date, p.succeeded_at, p.id,
        'payment', coalesce(p.receipt_number, ''), '', p.kind, coalesce(m.brand, ''), coalesce(m.last4, ''), -p.received
    FROM payments p JOIN organizations o ON o.id = p.org_id
    LEFT JOIN payment_methods m ON m.org_id = p.org_id AND m.id = p.method_id
    WHERE p.status = 'succeeded'
UNION ALL
    -- What the processor took back of a payment: one row, however many invoices it had paid.
    SELECT a.org_id, a.customer_id, i.currency, (a.created_at AT TIME ZONE o.time_zone)::date, a.created_at, coalesce(a.payment_id, a.credit_note_id, a.invoice_id),
        'reversal', coalesce(p.receipt_number, ''), '', coalesce(p.kind, 'credit'), '', '', -sum(a.amount)::bigint
    FROM allocations a
    JOIN organizations o ON o.id = a.org_id
    JOIN invoices i ON i.org_id = a.org_id AND i.id = a.invoice_id
    LEFT JOIN payments p ON p.org_id = a.org_id AND p.id = a.payment_id
    WHERE a.reverses IS NOT NULL
    GROUP BY a.org_id, a.customer_id, i.currency, o.time_zone, a.created_at, coalesce(a.payment_id, a.credit_note_id, a.invoice_id), p.receipt_number, p.kind
UNION ALL
    SELECT e.org_id, e.customer_id, e.currency, least(n.issue_date, (e.created_at AT TIME ZONE o.time_zone)::date), e.created_at, n.id,
        'credit_note', n.number, n.reason, '', '', '', -e.amount
    FROM credit_entries e
    JOIN organizations o ON o.id = e.org_id
    JOIN credit_notes n ON n.org_id = e.org_id AND n.id = e.credit_note_id
    WHERE e.reason = 'credit_note'
UNION ALL
    SELECT e.org_id, e.customer_id, e.currency, (e.created_at AT TIME ZONE o.time_zone)::date, e.created_at, e.id,
        'refund', coalesce(p.receipt_number, n.number, ''), '', '', '', '', -e.amount
    FROM credit_entries e
    JOIN organizations o ON o.id = e.org_id
    LEFT JOIN payments p ON p.org_id = e.org_id AND p.id = e.payment_id
    LEFT JOIN credit_notes n ON n.org_id = e.org_id AND n.id = e.credit_note_id
    WHERE e.reason = 'refund';
GRANT SELECT ON statement_entries TO countersign_app;

-- What was taken back is looked for among a customer's allocations.
CREATE INDEX allocations_reversed_of_customer ON allocations (org_id, customer_id) WHERE reverses IS NOT NULL;

-- +goose Down
DROP INDEX allocations_reversed_of_customer;
DROP VIEW statement_entries;
CREATE OR REPLACE FUNCTION organization_brand(slug text) RETURNS SETOF brand_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT NULL::uuid, '', '', '', '', '', '', '', '', '', '' WHERE false
$$;
ALTER TABLE brand_row DROP COLUMN logo;
CREATE OR REPLACE FUNCTION organization_brand(slug text) RETURNS SETOF brand_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT o.id, o.slug, o.name, o.email, o.phone, o.website, o.accent, o.locale, o.time_zone, o.currency
    FROM organizations o WHERE o.slug = organization_brand.slug
$$;
DROP FUNCTION organization_logo;
DROP TABLE logos;
