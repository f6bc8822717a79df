-- Money that goes back: refunds, and what a customer's bank takes back. And
-- credit that a payment uses first. Rows are appended and moved on, never edited.

-- +goose Up

-- Money given back to a customer: of a payment, through the processor or by
-- hand, or of credit, by hand.
CREATE TABLE refunds (
    org_id           uuid NOT NULL,
    id               uuid NOT NULL,
    customer_id      uuid NOT NULL,
    -- The payment that it is of; none when credit is paid out.
    payment_id       uuid,
    -- How it is given: back to where it came from, or by hand.
    channel          text NOT NULL,
    kind             text NOT NULL,
    currency         text NOT NULL,
    amount           bigint NOT NULL,
    status           text NOT NULL DEFAULT 'pending',
    -- What was paid with it is owed again; otherwise credit takes its place.
    owed_again       boolean NOT NULL DEFAULT false,
    reason           text NOT NULL DEFAULT '',
    failure_code     text NOT NULL DEFAULT '',
    account          text NOT NULL DEFAULT '',
    processor_refund text NOT NULL DEFAULT '',
    -- The credit note that stands in for what was paid, with owed_again off.
    credit_note_id   uuid,
    requested_by_kind text NOT NULL,
    requested_by     uuid,
    requested_by_name text NOT NULL DEFAULT '',
    request_hash     bytea NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    -- When the books took it out, and when they took it back because it failed after all.
    booked_at        timestamptz,
    unbooked_at      timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    FOREIGN KEY (org_id, customer_id, payment_id) REFERENCES payments (org_id, customer_id, id),
    FOREIGN KEY (org_id, credit_note_id) REFERENCES credit_notes (org_id, id),
    CONSTRAINT refunds_status_known CHECK (status IN ('pending', 'succeeded', 'failed', 'canceled')),
    CONSTRAINT refunds_channel_known CHECK (channel IN ('processor', 'recorded')),
    CONSTRAINT refunds_kind_known CHECK (kind IN ('card', 'bank_debit', 'bank_transfer', 'cash', 'check', 'other')),
    CONSTRAINT refunds_amount_positive CHECK (amount > 0),
    CONSTRAINT refunds_processor_has_payment CHECK (channel <> 'processor' OR payment_id IS NOT NULL),
    CONSTRAINT refunds_booked CHECK ((status = 'succeeded') = (booked_at IS NOT NULL AND unbooked_at IS NULL)),
    CONSTRAINT refunds_unbooked_after CHECK (unbooked_at IS NULL OR booked_at IS NOT NULL)
);
CREATE UNIQUE INDEX refunds_at_processor ON refunds (account, processor_refund) WHERE processor_refund <> '';
CREATE INDEX refunds_of_payment ON refunds (org_id, payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX refunds_of_customer ON refunds (org_id, customer_id, created_at DESC, id DESC);

-- Money that the customer's bank took back, or asks about: a card's dispute, or
-- the return of a bank debit that had succeeded.
CREATE TABLE disputes (
    org_id            uuid NOT NULL,
    id                uuid NOT NULL,
    customer_id       uuid NOT NULL,
    payment_id        uuid NOT NULL,
    account           text NOT NULL DEFAULT '',
    processor_dispute text NOT NULL,
    status            text NOT NULL,
    reason            text NOT NULL DEFAULT '',
    currency          text NOT NULL,
    amount            bigint NOT NULL,
    opened_at         timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    -- When the money was taken, and when it came back because the dispute was won.
    taken_at          timestamptz,
    restored_at       timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, payment_id) REFERENCES payments (org_id, customer_id, id),
    UNIQUE (account, processor_dispute),
    CONSTRAINT disputes_status_known CHECK (status IN ('warning_needs_response', 'warning_under_review', 'warning_closed', 'needs_response', 'under_review', 'won', 'lost')),
    CONSTRAINT disputes_amount_positive CHECK (amount > 0),
    CONSTRAINT disputes_restored_after CHECK (restored_at IS NULL OR taken_at IS NOT NULL)
);
CREATE INDEX disputes_of_payment ON disputes (org_id, payment_id);

-- What went back of a payment, derived from scratch like what is due on an invoice.
ALTER TABLE payments
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD COLUMN returned bigint NOT NULL DEFAULT 0,
    -- Refunds that are asked for and not ended.
    ADD COLUMN refunds_open integer NOT NULL DEFAULT 0,
    -- How often money went one way or the other after the payment succeeded: what people are told of.
    ADD COLUMN turns integer NOT NULL DEFAULT 0,
    -- The day on which recorded money came in, and how to find it in the bank's books.
    ADD COLUMN received_on date,
    ADD COLUMN reference text NOT NULL DEFAULT '';
-- +goose StatementBegin
CREATE FUNCTION derive_payment_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.payment_id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM payments p WHERE p.org_id = NEW.org_id AND p.id = NEW.payment_id FOR UPDATE;
    UPDATE payments p
    SET refunded     = r.booked,
        refunds_open = r.open,
        returned     = d.booked,
        turns        = r.turns + d.turns
    FROM (
        SELECT coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0)::bigint AS booked,
            count(*) FILTER (WHERE status = 'pending')::integer AS open,
            (count(booked_at) + count(unbooked_at) + count(*) FILTER (WHERE status IN ('failed', 'canceled') AND booked_at IS NULL))::integer AS turns
        FROM refunds WHERE org_id = NEW.org_id AND payment_id = NEW.payment_id
    ) r, (
        SELECT coalesce(sum(amount) FILTER (WHERE taken_at IS NOT NULL AND restored_at IS NULL), 0)::bigint AS booked,
            (count(*) + count(taken_at) + count(restored_at))::integer AS turns
        FROM disputes WHERE org_id = NEW.org_id AND payment_id = NEW.payment_id
    ) d
    WHERE p.org_id = NEW.org_id AND p.id = NEW.payment_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER refunds_derive_back AFTER INSERT OR UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION derive_payment_back();
CREATE TRIGGER disputes_derive_back AFTER INSERT OR UPDATE ON disputes FOR EACH ROW EXECUTE FUNCTION derive_payment_back();

-- Why an allocation was reversed or made again: a refund or a dispute. One may
-- take a part, and another the rest.
ALTER TABLE allocations
    ADD COLUMN refund_id uuid,
    ADD COLUMN dispute_id uuid,
    ADD FOREIGN KEY (org_id, refund_id) REFERENCES refunds (org_id, id),
    ADD FOREIGN KEY (org_id, dispute_id) REFERENCES disputes (org_id, id);
DROP INDEX allocations_reversed_once;
DROP INDEX allocations_of_payment;
CREATE UNIQUE INDEX allocations_reversed_once ON allocations (org_id, reverses, refund_id, dispute_id) NULLS NOT DISTINCT WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX allocations_of_payment ON allocations (org_id, payment_id, invoice_id, refund_id, dispute_id) NULLS NOT DISTINCT WHERE payment_id IS NOT NULL AND reverses IS NULL;
-- +goose StatementBegin
CREATE FUNCTION bound_reversals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(a.amount) FROM allocations a WHERE a.org_id = NEW.org_id AND (a.id = NEW.reverses OR a.reverses = NEW.reverses)) < 0 THEN
        RAISE EXCEPTION 'allocation % is reversed by more than it is', NEW.reverses USING ERRCODE = 'check_violation', CONSTRAINT = 'allocations_reversed_within';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER allocations_reversed_within AFTER INSERT ON allocations
    FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION bound_reversals();
CREATE INDEX allocations_of_credit ON allocations (org_id, customer_id) WHERE source = 'credit';

-- Credit that a payment under way holds, to use before its money.
ALTER TABLE reservations ADD COLUMN credit bigint NOT NULL DEFAULT 0;
ALTER TABLE reservations DROP CONSTRAINT reservations_amount_positive;
ALTER TABLE reservations ADD CONSTRAINT reservations_amount_positive CHECK (amount >= 0 AND credit >= 0 AND amount + credit > 0);
CREATE INDEX reservations_holding_credit ON reservations (org_id, customer_id) WHERE state = 'live' AND credit > 0;

-- unapplied is credit that an invoice gave up because the money behind it went
-- back; returned is money that came back after all.
ALTER TABLE credit_entries
    ADD COLUMN refund_id uuid,
    ADD COLUMN dispute_id uuid,
    ADD FOREIGN KEY (org_id, refund_id) REFERENCES refunds (org_id, id),
    ADD FOREIGN KEY (org_id, dispute_id) REFERENCES disputes (org_id, id),
    DROP CONSTRAINT credit_entries_reason_known,
    DROP CONSTRAINT credit_entries_sign,
    ADD CONSTRAINT credit_entries_sign CHECK (
        (reason IN ('credit_note', 'overpayment', 'unapplied', 'returned') AND amount > 0) OR (reason IN ('applied', 'refund', 'dispute') AND amount < 0));
CREATE UNIQUE INDEX credit_entries_once_of_refund ON credit_entries (org_id, refund_id, reason, allocation_id) NULLS NOT DISTINCT WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX credit_entries_once_of_dispute ON credit_entries (org_id, dispute_id, reason, allocation_id) NULLS NOT DISTINCT WHERE dispute_id IS NOT NULL;

-- Money back is what the tables of it say; credit moves nothing between the two sides.
CREATE OR REPLACE VIEW statement_entries WITH (security_invoker = true) AS
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
    SELECT d.org_id, d.customer_id, d.currency, (t.at AT TIME ZONE o.time_zone)::date, t.at, d.id,
        'reversal', coalesce(p.receipt_number, ''), '', p.kind, '', '', t.sign * d.amount
    FROM disputes d
    JOIN organizations o ON o.id = d.org_id
    JOIN payments p ON p.org_id = d.org_id AND p.id = d.payment_id
    CROSS JOIN LATERAL (VALUES (d.taken_at, 1), (d.restored_at, -1)) t (at, sign)
    WHERE t.at IS NOT NULL
UNION ALL
    SELECT e.org_id, e.customer_id, e.currency, least(n.issue_date, (e.created_at AT TIME ZONE o.time_zone)::date), e.created_at, n.id,
        'credit_note', n.number, n.reason, '', '', '', -e.amount
    FROM credit_entries e
    JOIN organizations o ON o.id = e.org_id
    JOIN credit_notes n ON n.org_id = e.org_id AND n.id = e.credit_note_id
    WHERE e.reason = 'credit_note'
UNION ALL
    SELECT r.org_id, r.customer_id, r.currency, (t.at AT TIME ZONE o.time_zone)::date, t.at, r.id,
        'refund', coalesce(p.receipt_number, ''), r.reason, r.kind, '', '', t.sign * r.amount
    FROM refunds r
    JOIN organizations o ON o.id = r.org_id
    LEFT JOIN payments p ON p.org_id = r.org_id AND p.id = r.payment_id
    CROSS JOIN LATERAL (VALUES (r.booked_at, 1), (r.unbooked_at, -1)) t (at, sign)
    WHERE t.at IS NOT NULL;

-- The bell also rings when money goes back by itself, or doesn't go where it should.
ALTER TABLE events DROP COLUMN rings;
ALTER TABLE events ADD COLUMN rings boolean NOT NULL GENERATED ALWAYS AS (
    kind IN ('payment.declined', 'payment.disputed', 'payment.returned', 'payment.inquired', 'payment.dispute_won', 'payment.dispute_lost', 'payment.refund_failed',
        'email.bounced', 'email.complained', 'email.failed')
    OR actor_kind = 'contact'
        AND kind NOT IN ('payment.started', 'payment.page_opened', 'payment.retried', 'payment.canceled', 'invoice.paid')
        AND split_part(kind, '.', 1) NOT IN ('password', 'session', 'mfa', 'backup_codes')
) STORED;
CREATE INDEX events_that_ring ON events (org_id, id DESC) WHERE rings;

GRANT SELECT, INSERT, UPDATE ON refunds, disputes TO countersign_app;
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY;
ALTER TABLE disputes ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON refunds FOR ALL TO countersign_app USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY staff_of_org ON disputes FOR ALL TO countersign_app USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
-- The customer is told of what was made and taken, not of what is asked for.
CREATE POLICY contact_reads ON refunds FOR SELECT TO countersign_app USING (org_id = app_contact_org() AND customer_id = app_customer() AND booked_at IS NOT NULL);
CREATE POLICY contact_reads ON disputes FOR SELECT TO countersign_app USING (org_id = app_contact_org() AND customer_id = app_customer() AND taken_at IS NOT NULL);

-- +goose Down
CREATE OR REPLACE VIEW statement_entries WITH (security_invoker = true) AS
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
ALTER TABLE events DROP COLUMN rings;
ALTER TABLE events ADD COLUMN rings boolean NOT NULL GENERATED ALWAYS AS (
    kind IN ('email.bounced', 'email.complained', 'email.failed')
    OR actor_kind = 'contact'
        AND kind NOT IN ('payment.started', 'payment.page_opened', 'payment.retried', 'payment.canceled', 'invoice.paid')
        AND split_part(kind, '.', 1) NOT IN ('password', 'session', 'mfa', 'backup_codes')
) STORED;
CREATE INDEX events_that_ring ON events (org_id, id DESC) WHERE rings;
DROP TRIGGER allocations_reversed_within ON allocations;
DROP FUNCTION bound_reversals();
DROP INDEX allocations_of_credit, reservations_holding_credit, credit_entries_once_of_refund, credit_entries_once_of_dispute, allocations_reversed_once, allocations_of_payment;
ALTER TABLE credit_entries
    DROP CONSTRAINT credit_entries_sign,
    DROP COLUMN refund_id,
    DROP COLUMN dispute_id,
    ADD CONSTRAINT credit_entries_reason_known CHECK (reason IN ('credit_note', 'overpayment', 'applied', 'refund')),
    ADD CONSTRAINT credit_entries_sign CHECK ((reason IN ('credit_note', 'overpayment') AND amount > 0) OR (reason IN ('applied', 'refund') AND amount < 0));
ALTER TABLE reservations DROP COLUMN credit, ADD CONSTRAINT reservations_amount_positive CHECK (amount > 0);
ALTER TABLE allocations DROP COLUMN refund_id, DROP COLUMN dispute_id;
CREATE UNIQUE INDEX allocations_reversed_once ON allocations (org_id, reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX allocations_of_payment ON allocations (org_id, payment_id, invoice_id) WHERE payment_id IS NOT NULL AND reverses IS NULL;
ALTER TABLE payments DROP COLUMN refunded, DROP COLUMN returned, DROP COLUMN refunds_open, DROP COLUMN turns, DROP COLUMN received_on, DROP COLUMN reference;
DROP TABLE refunds, disputes;
DROP FUNCTION derive_payment_back();
