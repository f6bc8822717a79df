-- What the processor says, held against these books: events that no webhook
-- brought, and the comparison of charges, refunds and disputes day by day.

-- +goose Up

-- How far each account's events were read at the processor.
CREATE TABLE event_sweeps (
    provider      text NOT NULL,
    account       text NOT NULL,
    -- When the newest event that was read happened.
    swept_through timestamptz NOT NULL,
    -- When to read on. Whoever reads sets it first: two workers don't do it at once.
    due_at        timestamptz NOT NULL DEFAULT now(),
    -- How many events were found that no webhook had brought.
    missed        bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (provider, account),
    CONSTRAINT event_sweeps_provider_known CHECK (provider = 'stripe')
);

-- A comparison of one organization's books with the processor's.
CREATE TABLE reconciliations (
    org_id        uuid NOT NULL REFERENCES organizations (id),
    id            uuid NOT NULL,
    -- Of the day's own, or asked for by somebody.
    daily         boolean NOT NULL,
    asked_by_name text NOT NULL DEFAULT '',
    -- The days in the organization's time zone, and the time that they take up.
    from_day      date NOT NULL,
    to_day        date NOT NULL,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    status        text NOT NULL DEFAULT 'comparing',
    -- How many charges were compared, and how many differences there are and were mended.
    compared      integer NOT NULL DEFAULT 0,
    differences   integer NOT NULL DEFAULT 0,
    mended        integer NOT NULL DEFAULT 0,
    -- Why it could not be done.
    failure       text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    flow_open     boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    CONSTRAINT reconciliations_status_known CHECK (status IN ('comparing', 'agreed', 'differs', 'failed')),
    CONSTRAINT reconciliations_end_dated CHECK ((status = 'comparing') = (ended_at IS NULL)),
    CONSTRAINT reconciliations_agreed_wholly CHECK (status <> 'agreed' OR differences = 0),
    CONSTRAINT reconciliations_differs_somewhere CHECK (status <> 'differs' OR differences > 0),
    CONSTRAINT reconciliations_failure_worded CHECK ((status = 'failed') = (failure <> '')),
    CONSTRAINT reconciliations_days_in_order CHECK (from_day <= to_day AND from_at < to_at)
);
-- One at a time, and one for each day.
CREATE UNIQUE INDEX reconciliations_one_open ON reconciliations (org_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX reconciliations_of_day ON reconciliations (org_id, to_day) WHERE daily;
CREATE INDEX reconciliations_newest ON reconciliations (org_id, created_at DESC, id DESC);
CREATE INDEX reconciliations_flow_open ON reconciliations (org_id, id) WHERE flow_open;

-- Each place where the two differ, or did until it was mended.
CREATE TABLE reconciliation_differences (
    org_id            uuid NOT NULL,
    reconciliation_id uuid NOT NULL,
    -- The charge at the processor.
    object_id         text NOT NULL,
    kind              text NOT NULL,
    payment_id        uuid,
    customer_id       uuid,
    ours              text NOT NULL,
    theirs            text NOT NULL,
    found_at          timestamptz NOT NULL,
    mended_at         timestamptz,
    PRIMARY KEY (org_id, reconciliation_id, object_id, kind),
    FOREIGN KEY (org_id, reconciliation_id) REFERENCES reconciliations (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    CONSTRAINT reconciliation_differences_kind_known CHECK (
        kind IN ('missing_here', 'missing_there', 'charged_twice', 'amount', 'currency', 'customer', 'status', 'received', 'refunded', 'disputed'))
);

-- The bell also rings when the books and the processor differ, or can't be compared.
ALTER TABLE events DROP COLUMN rings;
ALTER TABLE events ADD COLUMN rings boolean NOT NULL GENERATED ALWAYS AS (
    kind IN ('payment.declined', 'payment.disputed', 'payment.returned', 'payment.inquired', 'payment.dispute_won', 'payment.dispute_lost', 'payment.refund_failed',
        'reconciliation.differed', 'reconciliation.failed',
        'email.bounced', 'email.complained', 'email.failed')
    OR actor_kind = 'contact'
        AND kind NOT IN ('payment.started', 'payment.page_opened', 'payment.retried', 'payment.canceled', 'invoice.paid')
        AND split_part(kind, '.', 1) NOT IN ('password', 'session', 'mfa', 'backup_codes')
) STORED;
CREATE INDEX events_that_ring ON events (org_id, id DESC) WHERE rings;

GRANT SELECT, INSERT, UPDATE ON reconciliations, reconciliation_differences TO countersign_app;
GRANT SELECT, INSERT, UPDATE ON event_sweeps TO countersign_across;
GRANT SELECT ON reconciliations, reconciliation_differences TO countersign_across;
ALTER TABLE reconciliations ENABLE ROW LEVEL SECURITY;
ALTER TABLE reconciliation_differences ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON reconciliations FOR ALL TO countersign_app USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY staff_of_org ON reconciliation_differences FOR ALL TO countersign_app USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY across ON reconciliations FOR SELECT TO countersign_across USING (true);
CREATE POLICY across ON reconciliation_differences FOR SELECT TO countersign_across USING (true);

-- +goose Down
ALTER TABLE events DROP COLUMN rings;
ALTER TABLE events ADD COLUMN rings boolean NOT NULL GENERATED ALWAYS AS (
    kind IN ('payment.declined', 'payment.disputed', 'payment.returned', 'payment.inquired', 'payment.dispute_won', 'payment.dispute_lost', 'payment.refund_failed',
        'email.bounced', 'email.complained', 'email.failed')
    OR actor_kind = 'contact'
        AND kind NOT IN ('payment.started', 'payment.page_opened', 'payment.retried', 'payment.canceled', 'invoice.paid')
        AND split_part(kind, '.', 1) NOT IN ('password', 'session', 'mfa', 'backup_codes')
) STORED;
CREATE INDEX events_that_ring ON events (org_id, id DESC) WHERE rings;
DROP TABLE reconciliation_differences, reconciliations, event_sweeps;
