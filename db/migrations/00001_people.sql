-- Who is who: organizations, their staff, their customers and the contacts who
-- sign in; and the two roles through which the product reads and writes.

-- +goose Up

-- The application's role and the role of work that spans organizations. They
-- own nothing and can't bypass row-level security. Roles belong to the whole
-- cluster, so another database may have made them already.
-- +goose StatementBegin
DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(7236101);
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_app') THEN
        CREATE ROLE countersign_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_across') THEN
        CREATE ROLE countersign_across NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
END
$$;
-- +goose StatementEnd

GRANT USAGE ON SCHEMA public TO countersign_app, countersign_across;

-- Who is asking, as db.In sets it for one transaction. Unset means nobody, and
-- nobody sees nothing.
CREATE FUNCTION app_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.org', true), '')::uuid $$;
CREATE FUNCTION app_side() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.side', true), '') $$;
CREATE FUNCTION app_customer() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.customer', true), '')::uuid $$;
CREATE FUNCTION app_actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.actor', true), '')::uuid $$;

CREATE TABLE organizations (
    id             uuid PRIMARY KEY,
    slug           text NOT NULL UNIQUE,
    name           text NOT NULL,
    legal_name     text NOT NULL DEFAULT '',
    email          text NOT NULL,
    phone          text NOT NULL DEFAULT '',
    website        text NOT NULL DEFAULT '',
    address        jsonb NOT NULL DEFAULT '{}',
    currency       text NOT NULL,
    time_zone      text NOT NULL,
    locale         text NOT NULL,
    accent         text NOT NULL DEFAULT '#1f4e79',
    -- How to pay by bank transfer, as shown to customers.
    bank_details   text NOT NULL DEFAULT '',
    -- The organization's account at the processor; empty is the key's own account.
    stripe_account text NOT NULL DEFAULT '',
    -- Raised by each change, so that an edit of an old copy is noticed.
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT organizations_slug_shape CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'),
    CONSTRAINT organizations_currency_shape CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT organizations_accent_shape CHECK (accent ~ '^#[0-9a-f]{6}$')
);

-- The portal's switches, R1 to R9.
CREATE TABLE settings (
    org_id                    uuid PRIMARY KEY REFERENCES organizations (id),
    banner                    text NOT NULL DEFAULT '',
    email_staff_on_activity   boolean NOT NULL DEFAULT true,
    email_customer_on_comment boolean NOT NULL DEFAULT true,
    edit_details              boolean NOT NULL DEFAULT true,
    forward_documents         boolean NOT NULL DEFAULT true,
    reviews                   boolean NOT NULL DEFAULT true,
    timesheets                boolean NOT NULL DEFAULT true,
    mfa                       boolean NOT NULL DEFAULT false,
    -- Raised by each save, so that a save on top of a newer one is noticed.
    version                   integer NOT NULL DEFAULT 1,
    updated_at                timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT settings_banner_length CHECK (length(banner) <= 1000)
);

CREATE TABLE staff (
    org_id     uuid NOT NULL REFERENCES organizations (id),
    id         uuid NOT NULL,
    email      text NOT NULL,
    name       text NOT NULL,
    role       text NOT NULL,
    active     boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, email),
    CONSTRAINT staff_role_known CHECK (role IN ('admin', 'member')),
    CONSTRAINT staff_email_lower CHECK (email = lower(email))
);

CREATE TABLE customers (
    org_id             uuid NOT NULL REFERENCES organizations (id),
    id                 uuid NOT NULL,
    number             text NOT NULL,
    name               text NOT NULL,
    email              text NOT NULL DEFAULT '',
    phone              text NOT NULL DEFAULT '',
    website            text NOT NULL DEFAULT '',
    tax_number         text NOT NULL DEFAULT '',
    currency           text NOT NULL,
    terms_days         integer NOT NULL DEFAULT 30,
    billing_address    jsonb NOT NULL DEFAULT '{}',
    shipping_address   jsonb NOT NULL DEFAULT '{}',
    notes              text NOT NULL DEFAULT '',
    -- May pay from a bank account, R34.
    bank_debit_allowed boolean NOT NULL DEFAULT false,
    -- The customer at the processor, once one was needed.
    processor_customer text NOT NULL DEFAULT '',
    -- Raised by each change, so that an edit of an old copy is noticed.
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    archived_at        timestamptz,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, number),
    CONSTRAINT customers_currency_shape CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT customers_terms_sane CHECK (terms_days BETWEEN 0 AND 365),
    CONSTRAINT customers_name_given CHECK (length(name) BETWEEN 1 AND 200)
);
CREATE INDEX customers_by_name ON customers (org_id, lower(name), id);

CREATE TABLE contacts (
    org_id      uuid NOT NULL,
    id          uuid NOT NULL,
    customer_id uuid NOT NULL,
    name        text NOT NULL,
    email       text NOT NULL,
    phone       text NOT NULL DEFAULT '',
    title       text NOT NULL DEFAULT '',
    is_primary  boolean NOT NULL DEFAULT false,
    -- Portal access: none was ever given, invited and not yet accepted, active, or withdrawn.
    access      text NOT NULL DEFAULT 'none',
    -- What a contact with access may do, N8.
    roles       text[] NOT NULL DEFAULT '{view,approve,pay}',
    -- Raised by each change, so that an edit of an old copy is noticed.
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    -- Lets rows that name a contact and its customer hold both to be true together.
    UNIQUE (org_id, customer_id, id),
    CONSTRAINT contacts_access_known CHECK (access IN ('none', 'invited', 'active', 'withdrawn')),
    CONSTRAINT contacts_roles_known CHECK (roles <@ ARRAY ['view', 'approve', 'pay']),
    CONSTRAINT contacts_email_lower CHECK (email = lower(email))
);
-- An address is unique among the contacts who may sign in to one organization,
-- and within one customer.
CREATE UNIQUE INDEX contacts_email_signs_in ON contacts (org_id, email) WHERE access IN ('invited', 'active');
CREATE UNIQUE INDEX contacts_email_of_customer ON contacts (org_id, customer_id, email);

-- Password hashes, apart from the people, so that no list of people can carry one.
CREATE TABLE credentials (
    org_id        uuid NOT NULL REFERENCES organizations (id),
    subject_id    uuid NOT NULL,
    password_hash text NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, subject_id)
);

CREATE TABLE sessions (
    org_id       uuid NOT NULL REFERENCES organizations (id),
    id           uuid NOT NULL,
    token_hash   bytea NOT NULL UNIQUE,
    side         text NOT NULL,
    -- The staff member or the contact.
    subject_id   uuid NOT NULL,
    customer_id  uuid,
    ip           text NOT NULL DEFAULT '',
    user_agent   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    CONSTRAINT sessions_side_known CHECK (side IN ('staff', 'contact')),
    CONSTRAINT sessions_customer_of_contact CHECK ((side = 'contact') = (customer_id IS NOT NULL)),
    CONSTRAINT sessions_hash_length CHECK (length(token_hash) = 32)
);
CREATE INDEX sessions_of_subject ON sessions (org_id, subject_id);

CREATE TABLE api_keys (
    org_id       uuid NOT NULL REFERENCES organizations (id),
    id           uuid NOT NULL,
    name         text NOT NULL,
    -- The first characters of the key, to recognise it by.
    prefix       text NOT NULL,
    key_hash     bytea NOT NULL UNIQUE,
    scopes       text[] NOT NULL,
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, created_by) REFERENCES staff (org_id, id),
    CONSTRAINT api_keys_hash_length CHECK (length(key_hash) = 32),
    CONSTRAINT api_keys_scopes_given CHECK (cardinality(scopes) > 0)
);

-- Invitations, R65. flow_open says that the flow has not ended yet: the sweep
-- starts the missing flow of an open row and nudges one whose row moved on.
CREATE TABLE invitations (
    org_id       uuid NOT NULL,
    id           uuid NOT NULL,
    customer_id  uuid NOT NULL,
    contact_id   uuid NOT NULL,
    status       text NOT NULL,
    -- Of the newest email: each send has its own token, and only its hash is kept.
    token_hash   bytea NOT NULL UNIQUE,
    send_number  integer NOT NULL DEFAULT 1,
    invited_by   uuid,
    invited_by_name text NOT NULL DEFAULT '',
    request_hash bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    sent_at      timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    flow_open    boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    CONSTRAINT invitations_status_known CHECK (status IN ('pending', 'accepted', 'expired', 'withdrawn')),
    CONSTRAINT invitations_end_dated CHECK ((status = 'pending') = (ended_at IS NULL)),
    CONSTRAINT invitations_hash_length CHECK (length(token_hash) = 32)
);
CREATE UNIQUE INDEX invitations_one_pending ON invitations (org_id, contact_id) WHERE status = 'pending';
CREATE INDEX invitations_flow_open ON invitations (org_id, id) WHERE flow_open;
CREATE INDEX invitations_of_contact ON invitations (org_id, contact_id, created_at DESC);

-- Counts of attempts, for throttling sign-in per account and per address.
CREATE TABLE throttles (
    key          text PRIMARY KEY,
    window_start timestamptz NOT NULL,
    hits         integer NOT NULL
);

-- Next numbers of documents, one row for a kind of document.
CREATE TABLE counters (
    org_id uuid NOT NULL REFERENCES organizations (id),
    kind   text NOT NULL,
    next   bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, kind)
);

-- Small writes that were carried out under an Idempotency-Key. The ID follows
-- from the caller, the operation and the key; the hash tells a repeat of the
-- same request from another one under its key.
CREATE TABLE requests (
    org_id uuid NOT NULL REFERENCES organizations (id),
    id     uuid NOT NULL,
    hash   bytea NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    CONSTRAINT requests_hash_length CHECK (length(hash) = 32)
);

-- +goose Down
DROP TABLE requests, counters, throttles, invitations, api_keys, sessions, credentials, contacts, customers, staff, settings, organizations;
DROP FUNCTION app_org(), app_side(), app_customer(), app_actor();
