-- Money: payments, what they reserve and pay, and the customer's credit.
-- Rows of money are appended, never edited.

-- +goose Up

-- Cards and bank accounts kept at the processor, R33, R35, R38.
CREATE TABLE payment_methods (
    org_id           uuid NOT NULL,
    id               uuid NOT NULL,
    customer_id      uuid NOT NULL,
    -- The contact who saved it.
    contact_id       uuid,
    account          text NOT NULL DEFAULT '',
    processor_method text NOT NULL,
    kind             text NOT NULL,
    brand            text NOT NULL DEFAULT '',
    last4            text NOT NULL DEFAULT '',
    exp_month        integer NOT NULL DEFAULT 0,
    exp_year         integer NOT NULL DEFAULT 0,
    billing_name     text NOT NULL DEFAULT '',
    billing_country  text NOT NULL DEFAULT '',
    created_at       timestamptz NOT NULL DEFAULT now(),
    removed_at       timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    UNIQUE (org_id, customer_id, id),
    UNIQUE (account, processor_method),
    CONSTRAINT payment_methods_kind_known CHECK (kind IN ('card', 'bank_debit'))
);

CREATE TABLE payments (
    org_id          uuid NOT NULL,
    id              uuid NOT NULL,
    customer_id     uuid NOT NULL,
    -- Given when the money has arrived; receipts have no gaps.
    receipt_number  text,
    status          text NOT NULL,
    -- How it is made: on the processor's page, with a saved method, or recorded by staff.
    channel         text NOT NULL,
    kind            text NOT NULL,
    currency        text NOT NULL,
    amount          bigint NOT NULL,
    -- What the processor says that it took; 0 until then.
    received        bigint NOT NULL DEFAULT 0,
    method_id       uuid,
    save_method     boolean NOT NULL DEFAULT false,
    -- The try under way: rows of payment_attempts are numbered by it.
    attempt         integer NOT NULL DEFAULT 1,
    account         text NOT NULL DEFAULT '',
    intent_id       text NOT NULL DEFAULT '',
    checkout_id     text NOT NULL DEFAULT '',
    -- Kept before the session is asked for: a repeated call must say the same.
    checkout_expires_at timestamptz,
    -- Where the customer goes on: the Checkout page, or the bank's authentication.
    action_url      text NOT NULL DEFAULT '',
    -- Why it last failed, or was given up: a code, and a sentence for the customer.
    failure_code    text NOT NULL DEFAULT '',
    failure_message text NOT NULL DEFAULT '',
    started_by_kind text NOT NULL,
    started_by      uuid,
    started_by_name text NOT NULL DEFAULT '',
    -- Who asked for the present try, once it is not the first.
    retried_by_name text NOT NULL DEFAULT '',
    note            text NOT NULL DEFAULT '',
    request_hash    bytea NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    succeeded_at    timestamptz,
    ended_at        timestamptz,
    flow_open       boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    UNIQUE (id),
    UNIQUE (org_id, customer_id, id),
    UNIQUE (org_id, receipt_number),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    FOREIGN KEY (org_id, customer_id, method_id) REFERENCES payment_methods (org_id, customer_id, id),
    CONSTRAINT payments_status_known CHECK (status IN ('reserved', 'awaiting_customer', 'charging', 'processing', 'succeeded', 'declined', 'canceled', 'failed')),
    CONSTRAINT payments_channel_known CHECK (channel IN ('checkout', 'saved', 'recorded')),
    CONSTRAINT payments_kind_known CHECK (kind IN ('card', 'bank_debit', 'bank_transfer', 'cash', 'check', 'other')),
    CONSTRAINT payments_amount_positive CHECK (amount > 0 AND received >= 0),
    CONSTRAINT payments_saved_has_method CHECK (channel <> 'saved' OR method_id IS NOT NULL),
    CONSTRAINT payments_success_proven CHECK ((status = 'succeeded') = (succeeded_at IS NOT NULL AND receipt_number IS NOT NULL AND received > 0)),
    CONSTRAINT payments_end_dated CHECK ((status IN ('succeeded', 'canceled', 'failed')) = (ended_at IS NOT NULL)),
    CONSTRAINT payments_currency_shape CHECK (currency ~ '^[A-Z]{3}$')
);
-- One payment for one intent; IDs at the processor are unique within an account.
CREATE UNIQUE INDEX payments_intent ON payments (account, intent_id) WHERE intent_id <> '';
CREATE UNIQUE INDEX payments_checkout ON payments (account, checkout_id) WHERE checkout_id <> '';
CREATE INDEX payments_of_org ON payments (org_id, created_at DESC, id DESC);
CREATE INDEX payments_by_amount ON payments (org_id, currency, amount, id);
CREATE INDEX payments_of_customer ON payments (org_id, customer_id, created_at DESC, id DESC);
CREATE INDEX payments_declined ON payments (org_id, updated_at DESC, id DESC) WHERE status = 'declined';
CREATE INDEX payments_flow_open ON payments (org_id, id) WHERE flow_open;

-- Each try to charge. A new number is made only after a definite decline.
CREATE TABLE payment_attempts (
    org_id          uuid NOT NULL,
    payment_id      uuid NOT NULL,
    n               integer NOT NULL,
    -- A Checkout session takes many cards: each of its declines is a row of its own, told apart by the charge.
    charge          text NOT NULL DEFAULT '',
    outcome         text NOT NULL DEFAULT 'pending',
    channel         text NOT NULL,
    code            text NOT NULL DEFAULT '',
    class           text NOT NULL DEFAULT '',
    message         text NOT NULL DEFAULT '',
    requested_by    text NOT NULL DEFAULT '',
    started_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    PRIMARY KEY (org_id, payment_id, n, charge),
    FOREIGN KEY (org_id, payment_id) REFERENCES payments (org_id, id),
    CONSTRAINT payment_attempts_outcome_known CHECK (outcome IN ('pending', 'declined', 'succeeded', 'abandoned'))
);

-- What a payment under way holds. One live reservation for an invoice: a second
-- payer is refused by this index, whatever the code above it believed.
CREATE TABLE reservations (
    org_id      uuid NOT NULL,
    payment_id  uuid NOT NULL,
    invoice_id  uuid NOT NULL,
    customer_id uuid NOT NULL,
    amount      bigint NOT NULL,
    -- The invoice's revision when it was reserved: compared before charging.
    revision    integer NOT NULL,
    state       text NOT NULL DEFAULT 'live',
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, payment_id, invoice_id),
    FOREIGN KEY (org_id, customer_id, payment_id) REFERENCES payments (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, invoice_id) REFERENCES invoices (org_id, customer_id, id),
    CONSTRAINT reservations_state_known CHECK (state IN ('live', 'applied', 'released')),
    CONSTRAINT reservations_amount_positive CHECK (amount > 0)
);
CREATE UNIQUE INDEX reservations_one_live ON reservations (org_id, invoice_id) WHERE state = 'live';

-- What an invoice was paid with: a payment, or the customer's credit. A
-- reversal is a row of its own with a negative amount.
CREATE TABLE allocations (
    org_id         uuid NOT NULL,
    id             uuid NOT NULL,
    customer_id    uuid NOT NULL,
    invoice_id     uuid NOT NULL,
    source         text NOT NULL,
    payment_id     uuid,
    credit_note_id uuid,
    amount         bigint NOT NULL,
    reverses       uuid,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, invoice_id) REFERENCES invoices (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, payment_id) REFERENCES payments (org_id, customer_id, id),
    FOREIGN KEY (org_id, credit_note_id) REFERENCES credit_notes (org_id, id),
    FOREIGN KEY (org_id, reverses) REFERENCES allocations (org_id, id),
    CONSTRAINT allocations_source_known CHECK (source IN ('payment', 'credit')),
    CONSTRAINT allocations_payment_named CHECK ((source = 'payment') = (payment_id IS NOT NULL)),
    CONSTRAINT allocations_sign CHECK ((reverses IS NULL AND amount > 0) OR (reverses IS NOT NULL AND amount < 0))
);
CREATE UNIQUE INDEX allocations_reversed_once ON allocations (org_id, reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX allocations_of_payment ON allocations (org_id, payment_id, invoice_id) WHERE payment_id IS NOT NULL AND reverses IS NULL;
CREATE INDEX allocations_of_invoice ON allocations (org_id, invoice_id);

-- What the organization owes the customer, R19: the sum of these rows. Credit
-- notes and overpayments add; applying credit to an invoice, or refunding, takes.
CREATE TABLE credit_entries (
    org_id         uuid NOT NULL,
    id             uuid NOT NULL,
    customer_id    uuid NOT NULL,
    currency       text NOT NULL,
    amount         bigint NOT NULL,
    reason         text NOT NULL,
    payment_id     uuid,
    credit_note_id uuid,
    allocation_id  uuid,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    FOREIGN KEY (org_id, customer_id, payment_id) REFERENCES payments (org_id, customer_id, id),
    FOREIGN KEY (org_id, credit_note_id) REFERENCES credit_notes (org_id, id),
    FOREIGN KEY (org_id, allocation_id) REFERENCES allocations (org_id, id),
    CONSTRAINT credit_entries_reason_known CHECK (reason IN ('credit_note', 'overpayment', 'applied', 'refund')),
    CONSTRAINT credit_entries_sign CHECK ((reason IN ('credit_note', 'overpayment') AND amount > 0) OR (reason IN ('applied', 'refund') AND amount < 0))
);
CREATE INDEX credit_entries_of_customer ON credit_entries (org_id, customer_id, currency);
CREATE UNIQUE INDEX credit_entries_once_of_note ON credit_entries (org_id, credit_note_id) WHERE reason = 'credit_note';
CREATE UNIQUE INDEX credit_entries_once_of_payment ON credit_entries (org_id, payment_id) WHERE reason = 'overpayment';

-- What is due on an invoice is derived from its allocations, from scratch, each
-- time one is added; the CHECK on invoices.due then refuses an allocation too
-- many. The update locks the invoice, so two allocations can't pass each other.
-- +goose StatementBegin
CREATE FUNCTION derive_invoice_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoices i WHERE i.org_id = NEW.org_id AND i.id = NEW.invoice_id FOR UPDATE;
    UPDATE invoices i
    SET due        = i.total - a.allocated,
        settled_at = CASE WHEN i.total - a.allocated = 0 THEN coalesce(i.settled_at, now()) END,
        updated_at = now()
    FROM (
        SELECT coalesce(sum(amount), 0)::bigint AS allocated
        FROM allocations
        WHERE org_id = NEW.org_id AND invoice_id = NEW.invoice_id
    ) a
    WHERE i.org_id = NEW.org_id AND i.id = NEW.invoice_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER allocations_derive_due AFTER INSERT ON allocations
    FOR EACH ROW EXECUTE FUNCTION derive_invoice_due();

-- +goose Down
DROP TABLE credit_entries, allocations, reservations, payment_attempts, payments, payment_methods;
DROP FUNCTION derive_invoice_due();
