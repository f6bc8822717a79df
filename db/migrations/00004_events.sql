-- What happened, what was mailed, and what the outside told us.

-- +goose Up

-- Each change writes a row in its own transaction: the audit log, the document's
-- timeline, the bell, the live stream and the outbox are all read from here.
CREATE TABLE events (
    org_id       uuid NOT NULL REFERENCES organizations (id),
    id           uuid NOT NULL,
    customer_id  uuid,
    -- What happened, as noun.verb: estimate.accepted, payment.declined.
    kind         text NOT NULL,
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    actor_kind   text NOT NULL,
    actor_id     uuid,
    actor_name   text NOT NULL DEFAULT '',
    -- Whether the customer may read it too.
    visible      boolean NOT NULL DEFAULT true,
    -- What the sentence about it needs: numbers, amounts, names. Never secrets.
    data         jsonb NOT NULL DEFAULT '{}',
    at           timestamptz NOT NULL DEFAULT now(),
    relayed_at   timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    CONSTRAINT events_kind_shape CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'),
    CONSTRAINT events_actor_known CHECK (actor_kind IN ('contact', 'staff', 'api_key', 'system'))
);
CREATE INDEX events_of_subject ON events (org_id, subject_id, id);
CREATE INDEX events_of_org ON events (org_id, id DESC);
CREATE INDEX events_of_customer ON events (org_id, customer_id, id DESC);
CREATE INDEX events_to_relay ON events (id) WHERE relayed_at IS NULL;

-- An email, frozen before the first attempt to send it; its ID is the key that
-- keeps the mail provider from sending it twice. Bodies carry a marker where a
-- one-time link goes: the link itself is put in only while sending.
CREATE TABLE deliveries (
    org_id         uuid NOT NULL REFERENCES organizations (id),
    id             uuid NOT NULL,
    customer_id    uuid,
    contact_id     uuid,
    template       text NOT NULL,
    subject_kind   text NOT NULL,
    subject_id     uuid NOT NULL,
    recipient      text NOT NULL,
    recipient_name text NOT NULL DEFAULT '',
    reply_to       text NOT NULL DEFAULT '',
    subject        text NOT NULL,
    text_body      text NOT NULL,
    html_body      text NOT NULL,
    status         text NOT NULL DEFAULT 'queued',
    provider_id    text NOT NULL DEFAULT '',
    detail         text NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL DEFAULT now(),
    sent_at        timestamptz,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    CONSTRAINT deliveries_status_known CHECK (status IN ('queued', 'sent', 'delivered', 'delayed', 'bounced', 'complained', 'failed')),
    CONSTRAINT deliveries_sent_dated CHECK (status IN ('queued', 'failed') OR sent_at IS NOT NULL)
);
CREATE INDEX deliveries_of_subject ON deliveries (org_id, subject_id, id);
CREATE UNIQUE INDEX deliveries_provider ON deliveries (provider_id) WHERE provider_id <> '';

-- What the processor and the mail provider told us. Stored before the answer,
-- dispatched from here until whoever it concerns has acknowledged it.
CREATE TABLE webhook_events (
    provider        text NOT NULL,
    account         text NOT NULL DEFAULT '',
    event_id        text NOT NULL,
    type            text NOT NULL,
    object_id       text NOT NULL DEFAULT '',
    -- Our payment, where the object names it.
    payment_id      uuid,
    created_at      timestamptz NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT now(),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    processed_at    timestamptz,
    -- What came of it: applied, ignored, or the last error.
    result          text NOT NULL DEFAULT '',
    PRIMARY KEY (provider, account, event_id),
    CONSTRAINT webhook_events_provider_known CHECK (provider IN ('stripe', 'resend'))
);
CREATE INDEX webhook_events_waiting ON webhook_events (next_attempt_at) WHERE processed_at IS NULL;

-- +goose Down
DROP TABLE webhook_events, deliveries, events;
