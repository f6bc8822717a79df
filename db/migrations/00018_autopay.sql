-- Autopay, N7: a contact has each invoice charged on the day that it is due.

-- +goose Up

-- One enrolment: who agreed to what, and with which saved method it is charged.
CREATE TABLE autopays (
    org_id        uuid NOT NULL,
    id            uuid NOT NULL,
    customer_id   uuid NOT NULL,
    contact_id    uuid NOT NULL,
    contact_name  text NOT NULL,
    method_id     uuid NOT NULL,
    -- Credit is used before anything is charged.
    use_credit    boolean NOT NULL,
    -- The words that were agreed to, as they stood on the page.
    terms         text NOT NULL,
    -- What is due earlier is paid by hand.
    from_day      date NOT NULL,
    status        text NOT NULL DEFAULT 'on',
    ended_by_kind text NOT NULL DEFAULT '',
    ended_by      uuid,
    ended_by_name text NOT NULL DEFAULT '',
    end_reason    text NOT NULL DEFAULT '',
    request_hash  bytea NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    flow_open     boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    UNIQUE (id),
    UNIQUE (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, method_id) REFERENCES payment_methods (org_id, customer_id, id),
    CONSTRAINT autopays_status_known CHECK (status IN ('on', 'ended')),
    CONSTRAINT autopays_end_dated CHECK ((status = 'ended') = (ended_at IS NOT NULL)),
    CONSTRAINT autopays_end_by_somebody CHECK ((status = 'ended') = (ended_by_kind <> '')),
    CONSTRAINT autopays_agreed CHECK (terms <> ''),
    CONSTRAINT autopays_hash_length CHECK (length(request_hash) = 32)
);
CREATE UNIQUE INDEX autopays_one_live ON autopays (org_id, customer_id) WHERE status = 'on';
CREATE INDEX autopays_of_customer ON autopays (org_id, customer_id, created_at DESC);
CREATE INDEX autopays_of_method ON autopays (org_id, method_id) WHERE status = 'on';
CREATE INDEX autopays_flow_open ON autopays (org_id, id) WHERE flow_open;

-- What became of one thing that was due. The row is there from its notice on, or
-- from when somebody said that they pay it themselves; whoever charges or cancels
-- locks it, so one of the two wins.
CREATE TABLE autopay_charges (
    org_id           uuid NOT NULL,
    autopay_id       uuid NOT NULL,
    customer_id      uuid NOT NULL,
    invoice_id       uuid NOT NULL,
    due_on           date NOT NULL,
    status           text NOT NULL,
    -- How often it was announced; each time is an email of its own.
    notices          integer NOT NULL DEFAULT 0,
    noticed_at       timestamptz,
    -- What was announced: never more is charged, and not earlier.
    amount           bigint NOT NULL DEFAULT 0,
    charge_at        timestamptz,
    -- The payment that it became; none when credit paid for all of it.
    payment_id       uuid,
    -- Why nothing was charged.
    reason           text NOT NULL DEFAULT '',
    decided_by_name  text NOT NULL DEFAULT '',
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (org_id, autopay_id, invoice_id, due_on),
    FOREIGN KEY (org_id, customer_id, autopay_id) REFERENCES autopays (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, invoice_id) REFERENCES invoices (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, payment_id) REFERENCES payments (org_id, customer_id, id),
    CONSTRAINT autopay_charges_status_known CHECK (status IN ('planned', 'noticed', 'charged', 'skipped', 'canceled')),
    CONSTRAINT autopay_charges_noticed_dated CHECK (status <> 'noticed' OR noticed_at IS NOT NULL AND charge_at IS NOT NULL AND amount > 0),
    -- Nothing is charged without a notice, nor within a day of it.
    CONSTRAINT autopay_charges_charged_noticed CHECK (status <> 'charged' OR noticed_at IS NOT NULL),
    CONSTRAINT autopay_charges_payment_of_charged CHECK (payment_id IS NULL OR status = 'charged'),
    CONSTRAINT autopay_charges_skip_worded CHECK ((status = 'skipped') = (reason <> ''))
);
CREATE INDEX autopay_charges_of_invoice ON autopay_charges (org_id, invoice_id);
CREATE UNIQUE INDEX autopay_charges_payment ON autopay_charges (org_id, payment_id) WHERE payment_id IS NOT NULL;

-- The enrolment that a payment was begun for: its emails go to whoever agreed.
ALTER TABLE payments
    ADD COLUMN autopay_id uuid,
    ADD FOREIGN KEY (org_id, customer_id, autopay_id) REFERENCES autopays (org_id, customer_id, id);

-- What is to be paid on which day: of each sent invoice what is left of it.
CREATE VIEW invoice_dues WITH (security_invoker = true) AS
    SELECT i.org_id, i.customer_id, i.id AS invoice_id, 0 AS seq, i.due_date AS due_on, i.due AS amount
    FROM invoices i
    WHERE i.state = 'sent' AND i.due > 0;

-- The bell also rings when autopay ends by itself.
ALTER TABLE events DROP COLUMN rings;
ALTER TABLE events ADD COLUMN rings boolean NOT NULL GENERATED ALWAYS AS (
    kind IN ('payment.declined', 'payment.disputed', 'payment.returned', 'payment.inquired', 'payment.dispute_won', 'payment.dispute_lost', 'payment.refund_failed',
        'reconciliation.differed', 'reconciliation.failed', 'autopay.lapsed',
        'email.bounced', 'email.complained', 'email.failed')
    OR actor_kind = 'contact'
        AND kind NOT IN ('payment.started', 'payment.page_opened', 'payment.retried', 'payment.canceled', 'invoice.paid')
        AND split_part(kind, '.', 1) NOT IN ('password', 'session', 'mfa', 'backup_codes')
) STORED;
CREATE INDEX events_that_ring ON events (org_id, id DESC) WHERE rings;

GRANT SELECT, INSERT, UPDATE ON autopays, autopay_charges TO countersign_app;
GRANT SELECT ON invoice_dues TO countersign_app;
GRANT SELECT ON autopays TO countersign_across;
ALTER TABLE autopays ENABLE ROW LEVEL SECURITY;
ALTER TABLE autopay_charges ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON autopays FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY staff_of_org ON autopay_charges FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_reads ON autopays FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_changes ON autopays FOR UPDATE TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer())
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_of_customer ON autopay_charges FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer())
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY across ON autopays FOR SELECT TO countersign_across USING (true);

-- +goose Down
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
DROP VIEW invoice_dues;
ALTER TABLE payments DROP COLUMN autopay_id;
DROP TABLE autopay_charges, autopays;
