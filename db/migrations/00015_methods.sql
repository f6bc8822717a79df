-- Saved cards and bank accounts: set up without paying, edited, replaced and
-- removed, R38; and asked for by staff, R39.

-- +goose Up

ALTER TABLE payment_methods
    -- The same for the same card or account, R33: one that is saved twice is one entry.
    ADD COLUMN fingerprint text NOT NULL DEFAULT '',
    ADD COLUMN billing_email text NOT NULL DEFAULT '',
    ADD COLUMN billing_phone text NOT NULL DEFAULT '',
    ADD COLUMN billing_address jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    -- What took its place when it was removed, if anything did.
    ADD COLUMN replaced_by uuid,
    -- When its removal's flow was started for the first time.
    ADD COLUMN removal_started_at timestamptz,
    -- When the processor forgot it: nothing is left to do then.
    ADD COLUMN detached_at timestamptz,
    -- Deferred: what is replaced has to leave before its likeness may come in.
    ADD FOREIGN KEY (org_id, customer_id, replaced_by) REFERENCES payment_methods (org_id, customer_id, id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT payment_methods_leave_in_order CHECK (removed_at IS NOT NULL OR replaced_by IS NULL AND removal_started_at IS NULL AND detached_at IS NULL);
UPDATE payment_methods SET billing_address = jsonb_build_object('country', billing_country) WHERE billing_country <> '';
ALTER TABLE payment_methods DROP COLUMN billing_country;
CREATE UNIQUE INDEX payment_methods_one_of_each ON payment_methods (org_id, customer_id, account, kind, fingerprint)
    WHERE removed_at IS NULL AND fingerprint <> '';
CREATE INDEX payment_methods_to_remove ON payment_methods (removed_at) WHERE removed_at IS NOT NULL AND removal_started_at IS NULL AND detached_at IS NULL;
CREATE INDEX payment_methods_removing ON payment_methods (org_id, id) WHERE removed_at IS NOT NULL AND detached_at IS NULL;
-- What a saved method is needed for.
CREATE INDEX payments_live_of_method ON payments (org_id, method_id) WHERE method_id IS NOT NULL AND ended_at IS NULL;

-- Who asked for the present try of a payment, once it is not the first: whoever
-- sits in front of it can be sent to the bank to confirm, a schedule can't.
ALTER TABLE payments
    ADD COLUMN retried_by_kind text NOT NULL DEFAULT '',
    ADD COLUMN retried_by uuid;

-- A page of the processor where a method is entered and saved, and nothing charged.
CREATE TABLE method_setups (
    org_id          uuid NOT NULL,
    id              uuid NOT NULL,
    customer_id     uuid NOT NULL,
    kind            text NOT NULL,
    -- The saved method whose place the new one takes.
    replaces        uuid,
    status          text NOT NULL DEFAULT 'requested',
    account         text NOT NULL DEFAULT '',
    checkout_id     text NOT NULL DEFAULT '',
    action_url      text NOT NULL DEFAULT '',
    -- What was saved.
    method_id       uuid,
    -- Why the last try on the page was refused, or the whole came to nothing.
    failure_message text NOT NULL DEFAULT '',
    started_by_kind text NOT NULL,
    started_by      uuid,
    started_by_name text NOT NULL,
    request_hash    bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    flow_open       boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    UNIQUE (id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    FOREIGN KEY (org_id, customer_id, replaces) REFERENCES payment_methods (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, method_id) REFERENCES payment_methods (org_id, customer_id, id),
    CONSTRAINT method_setups_kind_known CHECK (kind IN ('card', 'bank_debit')),
    CONSTRAINT method_setups_status_known CHECK (status IN ('requested', 'open', 'saved', 'expired', 'failed')),
    CONSTRAINT method_setups_open_somewhere CHECK (status <> 'open' OR checkout_id <> '' AND action_url <> ''),
    CONSTRAINT method_setups_saved_named CHECK ((status = 'saved') = (method_id IS NOT NULL)),
    CONSTRAINT method_setups_end_dated CHECK ((status IN ('saved', 'expired', 'failed')) = (ended_at IS NOT NULL)),
    CONSTRAINT method_setups_hash_length CHECK (length(request_hash) = 32)
);
CREATE INDEX method_setups_of_customer ON method_setups (org_id, customer_id, id DESC);
CREATE INDEX method_setups_flow_open ON method_setups (org_id, id) WHERE flow_open;

-- A change of a saved method: at the processor first, and then here.
CREATE TABLE method_edits (
    org_id          uuid NOT NULL,
    id              uuid NOT NULL,
    customer_id     uuid NOT NULL,
    method_id       uuid NOT NULL,
    exp_month       integer NOT NULL,
    exp_year        integer NOT NULL,
    billing_name    text NOT NULL,
    billing_email   text NOT NULL,
    billing_phone   text NOT NULL,
    billing_address jsonb NOT NULL,
    status          text NOT NULL DEFAULT 'pending',
    -- Why the processor refused it, and the field that it is about, if it is about one.
    failure_message text NOT NULL DEFAULT '',
    failure_field   text NOT NULL DEFAULT '',
    asked_by_kind   text NOT NULL,
    asked_by        uuid,
    asked_by_name   text NOT NULL,
    request_hash    bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    flow_open       boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, method_id) REFERENCES payment_methods (org_id, customer_id, id),
    CONSTRAINT method_edits_status_known CHECK (status IN ('pending', 'saved', 'refused')),
    CONSTRAINT method_edits_end_dated CHECK ((status = 'pending') = (ended_at IS NULL)),
    CONSTRAINT method_edits_refusal_worded CHECK ((status = 'refused') = (failure_message <> '')),
    CONSTRAINT method_edits_hash_length CHECK (length(request_hash) = 32)
);
-- Two people who change a method at once: the second is told to wait for the first.
CREATE UNIQUE INDEX method_edits_one_pending ON method_edits (org_id, method_id) WHERE status = 'pending';
CREATE INDEX method_edits_flow_open ON method_edits (org_id, id) WHERE flow_open;

-- Staff asked a contact to save a way to pay, R39. It is answered by the next
-- method that is saved for the customer.
CREATE TABLE method_requests (
    org_id        uuid NOT NULL,
    id            uuid NOT NULL,
    customer_id   uuid NOT NULL,
    contact_id    uuid NOT NULL,
    message       text NOT NULL DEFAULT '',
    asked_by      uuid,
    asked_by_name text NOT NULL,
    created_at    timestamptz NOT NULL,
    answered_at   timestamptz,
    method_id     uuid,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, method_id) REFERENCES payment_methods (org_id, customer_id, id),
    CONSTRAINT method_requests_answered_with CHECK ((answered_at IS NULL) = (method_id IS NULL)),
    CONSTRAINT method_requests_message_length CHECK (length(message) <= 2000)
);
CREATE INDEX method_requests_of_customer ON method_requests (org_id, customer_id, created_at DESC);

-- The email of a request hangs off its event.
ALTER TABLE notification_batches
    DROP CONSTRAINT notification_batches_kind_known,
    ADD CONSTRAINT notification_batches_kind_known CHECK (kind IN ('staff', 'customer', 'invoice', 'message', 'method_request'));

GRANT SELECT, INSERT, UPDATE ON method_setups, method_edits, method_requests TO countersign_app;
GRANT SELECT ON payment_methods, method_setups, method_edits TO countersign_across;
GRANT UPDATE (removal_started_at) ON payment_methods TO countersign_across;
ALTER TABLE method_setups ENABLE ROW LEVEL SECURITY;
ALTER TABLE method_edits ENABLE ROW LEVEL SECURITY;
ALTER TABLE method_requests ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON method_setups FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY staff_of_org ON method_edits FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY staff_of_org ON method_requests FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_reads ON method_setups FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON method_edits FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_own ON method_requests FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND contact_id = app_actor());
CREATE POLICY across_reads ON payment_methods FOR SELECT TO countersign_across USING (true);
CREATE POLICY across_starts ON payment_methods FOR UPDATE TO countersign_across USING (true) WITH CHECK (true);
CREATE POLICY across ON method_setups FOR SELECT TO countersign_across USING (true);
CREATE POLICY across ON method_edits FOR SELECT TO countersign_across USING (true);

-- +goose Down
DROP TABLE method_requests, method_edits, method_setups;
DELETE FROM notification_members WHERE kind = 'method_request';
DELETE FROM notification_batches WHERE kind = 'method_request';
ALTER TABLE notification_batches
    DROP CONSTRAINT notification_batches_kind_known,
    ADD CONSTRAINT notification_batches_kind_known CHECK (kind IN ('staff', 'customer', 'invoice', 'message'));
ALTER TABLE payments DROP COLUMN retried_by_kind, DROP COLUMN retried_by;
DROP INDEX payments_live_of_method;
ALTER TABLE payment_methods ADD COLUMN billing_country text NOT NULL DEFAULT '';
UPDATE payment_methods SET billing_country = coalesce(billing_address ->> 'country', '');
DROP POLICY across_reads ON payment_methods;
DROP POLICY across_starts ON payment_methods;
REVOKE ALL ON payment_methods FROM countersign_across;
ALTER TABLE payment_methods
    DROP COLUMN fingerprint, DROP COLUMN billing_email, DROP COLUMN billing_phone, DROP COLUMN billing_address, DROP COLUMN version,
    DROP COLUMN replaced_by, DROP COLUMN removal_started_at, DROP COLUMN detached_at;
