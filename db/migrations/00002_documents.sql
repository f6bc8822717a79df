-- What passes between the two: estimates, invoices, credit notes, and the
-- decisions taken on them.

-- +goose Up

-- An estimate as a whole. What the customer sees and decides on is one sent
-- version; staff write the next one as a draft beside it.
CREATE TABLE estimates (
    org_id        uuid NOT NULL,
    id            uuid NOT NULL,
    customer_id   uuid NOT NULL,
    number        text NOT NULL,
    status        text NOT NULL DEFAULT 'draft',
    -- The version last sent; 0 before the first.
    version       integer NOT NULL DEFAULT 0,
    -- The version being written, if any: always the one after the last sent.
    draft_version integer,
    currency      text NOT NULL,
    -- Of the sent version, or of the draft before the first sending: what lists show.
    title         text NOT NULL DEFAULT '',
    total         bigint NOT NULL DEFAULT 0,
    valid_until   date NOT NULL,
    sent_at       timestamptz,
    decided_at    timestamptz,
    created_by    uuid,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    UNIQUE (org_id, number),
    CONSTRAINT estimates_status_known CHECK (status IN ('draft', 'sent', 'accepted', 'declined', 'expired', 'withdrawn')),
    CONSTRAINT estimates_draft_unsent CHECK ((status = 'draft') = (version = 0)),
    CONSTRAINT estimates_draft_is_next CHECK (draft_version IS NULL OR draft_version = version + 1),
    CONSTRAINT estimates_decision_dated CHECK ((status IN ('accepted', 'declined')) = (decided_at IS NOT NULL)),
    CONSTRAINT estimates_currency_shape CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX estimates_of_org ON estimates (org_id, (coalesce(sent_at, created_at)) DESC, id DESC);
CREATE INDEX estimates_by_validity ON estimates (org_id, valid_until, id);
CREATE INDEX estimates_by_amount ON estimates (org_id, currency, total, id);
CREATE INDEX estimates_by_number ON estimates (org_id, length(number), number);
CREATE INDEX estimates_of_customer ON estimates (org_id, customer_id, (coalesce(sent_at, created_at)) DESC, id DESC);
CREATE INDEX estimates_waiting ON estimates (org_id, customer_id) WHERE status = 'sent';

CREATE TABLE estimate_versions (
    org_id           uuid NOT NULL,
    estimate_id      uuid NOT NULL,
    version          integer NOT NULL,
    status           text NOT NULL DEFAULT 'draft',
    title            text NOT NULL DEFAULT '',
    notes            text NOT NULL DEFAULT '',
    terms            text NOT NULL DEFAULT '',
    valid_until      date NOT NULL,
    discount_percent numeric(7, 4) NOT NULL DEFAULT 0,
    subtotal         bigint NOT NULL DEFAULT 0,
    discount         bigint NOT NULL DEFAULT 0,
    tax              bigint NOT NULL DEFAULT 0,
    total            bigint NOT NULL DEFAULT 0,
    -- SHA-256 of the canonical content, frozen at sending: what a decision is pinned to.
    content_hash     bytea,
    sent_at          timestamptz,
    sent_by          uuid,
    -- The end of the valid-until day in the organization's time zone.
    expires_at       timestamptz,
    ended_at         timestamptz,
    flow_open        boolean NOT NULL DEFAULT false,
    PRIMARY KEY (org_id, estimate_id, version),
    FOREIGN KEY (org_id, estimate_id) REFERENCES estimates (org_id, id),
    CONSTRAINT estimate_versions_status_known CHECK (status IN ('draft', 'sent', 'accepted', 'declined', 'expired', 'withdrawn', 'superseded')),
    CONSTRAINT estimate_versions_sent_frozen CHECK (status = 'draft' OR (sent_at IS NOT NULL AND content_hash IS NOT NULL AND expires_at IS NOT NULL)),
    CONSTRAINT estimate_versions_amounts CHECK (subtotal >= 0 AND discount >= 0 AND tax >= 0 AND total >= 0)
);
-- One version of an estimate is open for decision at a time.
CREATE UNIQUE INDEX estimate_versions_one_sent ON estimate_versions (org_id, estimate_id) WHERE status = 'sent';
CREATE INDEX estimate_versions_flow_open ON estimate_versions (org_id, estimate_id, version) WHERE flow_open;

CREATE TABLE estimate_lines (
    org_id           uuid NOT NULL,
    estimate_id      uuid NOT NULL,
    version          integer NOT NULL,
    position         integer NOT NULL,
    description      text NOT NULL,
    quantity         numeric(14, 4) NOT NULL,
    unit             text NOT NULL DEFAULT '',
    unit_price       bigint NOT NULL,
    discount_percent numeric(7, 4) NOT NULL DEFAULT 0,
    tax_percent      numeric(7, 4) NOT NULL DEFAULT 0,
    -- Quantity times price less the line's own discount, before tax and before the document's discount.
    amount           bigint NOT NULL,
    PRIMARY KEY (org_id, estimate_id, version, position),
    FOREIGN KEY (org_id, estimate_id, version) REFERENCES estimate_versions (org_id, estimate_id, version) ON DELETE CASCADE
);

-- Evidence of a decision, N2: who, when, from where, on which content.
CREATE TABLE decisions (
    org_id        uuid NOT NULL,
    id            uuid NOT NULL,
    customer_id   uuid NOT NULL,
    document_kind text NOT NULL,
    document_id   uuid NOT NULL,
    version       integer NOT NULL,
    decision      text NOT NULL,
    reason        text NOT NULL DEFAULT '',
    contact_id    uuid NOT NULL,
    contact_name  text NOT NULL,
    contact_email text NOT NULL,
    ip            text NOT NULL DEFAULT '',
    user_agent    text NOT NULL DEFAULT '',
    content_hash  bytea NOT NULL,
    decided_at    timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    UNIQUE (org_id, document_kind, document_id, version),
    CONSTRAINT decisions_kind_known CHECK (document_kind IN ('estimate', 'timesheet')),
    CONSTRAINT decisions_decision_known CHECK (decision IN ('accepted', 'declined'))
);

CREATE TABLE invoices (
    org_id           uuid NOT NULL,
    id               uuid NOT NULL,
    customer_id      uuid NOT NULL,
    estimate_id      uuid,
    number           text NOT NULL,
    state            text NOT NULL DEFAULT 'draft',
    -- Raised by each edit: a payment compares it before it charges.
    revision         integer NOT NULL DEFAULT 1,
    currency         text NOT NULL,
    title            text NOT NULL DEFAULT '',
    notes            text NOT NULL DEFAULT '',
    terms            text NOT NULL DEFAULT '',
    issue_date       date NOT NULL,
    due_date         date NOT NULL,
    discount_percent numeric(7, 4) NOT NULL DEFAULT 0,
    subtotal         bigint NOT NULL DEFAULT 0,
    discount         bigint NOT NULL DEFAULT 0,
    tax              bigint NOT NULL DEFAULT 0,
    total            bigint NOT NULL DEFAULT 0,
    -- Total less allocations. Never written by a statement of ours: a trigger
    -- derives it anew from the allocations whenever one of them is added.
    due              bigint NOT NULL DEFAULT 0,
    -- Which ways to pay are offered, R31.
    ways_to_pay      text[] NOT NULL DEFAULT '{card,bank_debit,bank_transfer}',
    sent_at          timestamptz,
    voided_at        timestamptz,
    settled_at       timestamptz,
    created_by       uuid,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    FOREIGN KEY (org_id, estimate_id) REFERENCES estimates (org_id, id),
    UNIQUE (org_id, number),
    UNIQUE (org_id, customer_id, id),
    CONSTRAINT invoices_state_known CHECK (state IN ('draft', 'sent', 'void')),
    CONSTRAINT invoices_sent_dated CHECK (state <> 'sent' OR sent_at IS NOT NULL),
    CONSTRAINT invoices_void_dated CHECK ((state = 'void') = (voided_at IS NOT NULL)),
    CONSTRAINT invoices_due_within_total CHECK (due BETWEEN 0 AND total),
    CONSTRAINT invoices_ways_known CHECK (ways_to_pay <@ ARRAY ['card', 'bank_debit', 'bank_transfer']),
    CONSTRAINT invoices_due_after_issue CHECK (due_date >= issue_date),
    CONSTRAINT invoices_currency_shape CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX invoices_of_org ON invoices (org_id, issue_date DESC, id DESC);
CREATE INDEX invoices_by_due ON invoices (org_id, due_date, id);
CREATE INDEX invoices_by_amount ON invoices (org_id, currency, total, id);
CREATE INDEX invoices_by_number ON invoices (org_id, length(number), number);
CREATE INDEX invoices_of_customer ON invoices (org_id, customer_id, issue_date DESC, id DESC);
CREATE INDEX invoices_owed ON invoices (org_id, customer_id, due_date, id) WHERE state = 'sent' AND due > 0;
CREATE INDEX invoices_owed_of_org ON invoices (org_id, due_date, id) WHERE state = 'sent' AND due > 0;

CREATE TABLE invoice_lines (
    org_id           uuid NOT NULL,
    invoice_id       uuid NOT NULL,
    position         integer NOT NULL,
    description      text NOT NULL,
    quantity         numeric(14, 4) NOT NULL,
    unit             text NOT NULL DEFAULT '',
    unit_price       bigint NOT NULL,
    discount_percent numeric(7, 4) NOT NULL DEFAULT 0,
    tax_percent      numeric(7, 4) NOT NULL DEFAULT 0,
    amount           bigint NOT NULL,
    PRIMARY KEY (org_id, invoice_id, position),
    FOREIGN KEY (org_id, invoice_id) REFERENCES invoices (org_id, id) ON DELETE CASCADE
);

CREATE TABLE credit_notes (
    org_id      uuid NOT NULL,
    id          uuid NOT NULL,
    customer_id uuid NOT NULL,
    -- The invoice that it corrects, if it corrects one.
    invoice_id  uuid,
    number      text NOT NULL,
    currency    text NOT NULL,
    amount      bigint NOT NULL,
    reason      text NOT NULL DEFAULT '',
    issue_date  date NOT NULL,
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    FOREIGN KEY (org_id, customer_id, invoice_id) REFERENCES invoices (org_id, customer_id, id),
    UNIQUE (org_id, number),
    CONSTRAINT credit_notes_amount_positive CHECK (amount > 0)
);
CREATE INDEX credit_notes_of_customer ON credit_notes (org_id, customer_id, issue_date DESC, id DESC);

-- +goose Down
DROP TABLE credit_notes, invoice_lines, invoices, decisions, estimate_lines, estimate_versions, estimates;
