-- Documents that were forwarded to somebody by email, R26, R30, R69.

-- +goose Up

-- A document on its way to one or several people. flow_open says that the flow
-- has not ended yet, as with invitations.
CREATE TABLE forwards (
    org_id            uuid NOT NULL,
    id                uuid NOT NULL,
    customer_id       uuid NOT NULL,
    document_kind     text NOT NULL,
    -- The customer itself, for a statement.
    document_id       uuid NOT NULL,
    -- Of an estimate: the one that was forwarded, whatever is sent later.
    version           integer NOT NULL DEFAULT 0,
    -- Of a statement.
    since             date,
    until             date,
    -- What it is, in words: "invoice INV-0042".
    title             text NOT NULL,
    message           text NOT NULL DEFAULT '',
    forwarded_by_kind text NOT NULL,
    forwarded_by      uuid,
    forwarded_by_name text NOT NULL,
    -- Whom an answer reaches; empty for the organization itself.
    reply_to          text NOT NULL DEFAULT '',
    status            text NOT NULL DEFAULT 'sending',
    request_hash      bytea NOT NULL,
    created_at        timestamptz NOT NULL,
    sent_at           timestamptz,
    ended_at          timestamptz,
    flow_open         boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    UNIQUE (org_id, customer_id, id),
    CONSTRAINT forwards_kind_known CHECK (document_kind IN ('estimate', 'invoice', 'payment', 'statement')),
    CONSTRAINT forwards_status_known CHECK (status IN ('sending', 'following', 'ended')),
    CONSTRAINT forwards_sent_dated CHECK ((status = 'sending') = (sent_at IS NULL)),
    CONSTRAINT forwards_end_dated CHECK ((status = 'ended') = (ended_at IS NOT NULL)),
    CONSTRAINT forwards_statement_has_period CHECK ((document_kind = 'statement') = (since IS NOT NULL AND until IS NOT NULL)),
    CONSTRAINT forwards_message_length CHECK (length(message) <= 2000),
    CONSTRAINT forwards_hash_length CHECK (length(request_hash) = 32)
);
CREATE INDEX forwards_of_document ON forwards (org_id, document_id, id DESC);
CREATE INDEX forwards_of_customer ON forwards (org_id, customer_id, id DESC);
-- For the limits: of one person within an hour, of the organization within a day.
CREATE INDEX forwards_by_person ON forwards (org_id, forwarded_by, created_at);
CREATE INDEX forwards_by_time ON forwards (org_id, created_at);
CREATE INDEX forwards_flow_open ON forwards (org_id, id) WHERE flow_open;

-- Who receives it: contacts of the customer, R6. The status follows the email's
-- by the trigger below and is written by nothing else once there is an email, so
-- that customers can read it, who may not read deliveries.
CREATE TABLE forward_recipients (
    org_id      uuid NOT NULL,
    forward_id  uuid NOT NULL,
    contact_id  uuid NOT NULL,
    customer_id uuid NOT NULL,
    email       text NOT NULL,
    status      text NOT NULL DEFAULT 'waiting',
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (org_id, forward_id, contact_id),
    FOREIGN KEY (org_id, customer_id, forward_id) REFERENCES forwards (org_id, customer_id, id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    CONSTRAINT forward_recipients_status_known CHECK (status IN ('waiting', 'sent', 'delivered', 'delayed', 'bounced', 'complained', 'failed'))
);

-- What is attached, from its drawing until the forward has ended: a document
-- may change between two attempts to send it, and the email that is sent again
-- must be the same to the byte.
CREATE TABLE forward_files (
    org_id     uuid NOT NULL,
    forward_id uuid NOT NULL,
    name       text NOT NULL,
    type       text NOT NULL,
    content    bytea NOT NULL,
    hash       bytea NOT NULL,
    PRIMARY KEY (org_id, forward_id),
    FOREIGN KEY (org_id, forward_id) REFERENCES forwards (org_id, id),
    CONSTRAINT forward_files_hash_true CHECK (hash = sha256(content))
);

ALTER TABLE deliveries
    ADD COLUMN forward_id uuid,
    -- SHA-256 of the attachment; empty if there is none.
    ADD COLUMN attachment_hash bytea,
    ADD FOREIGN KEY (org_id, forward_id) REFERENCES forwards (org_id, id);
CREATE INDEX deliveries_of_forward ON deliveries (org_id, forward_id) WHERE forward_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION tell_forward() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE forward_recipients
    SET status = CASE NEW.status WHEN 'queued' THEN 'waiting' ELSE NEW.status END, updated_at = NEW.updated_at
    WHERE org_id = NEW.org_id AND forward_id = NEW.forward_id AND contact_id = NEW.contact_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_tell_forward AFTER INSERT OR UPDATE OF status ON deliveries
    FOR EACH ROW WHEN (NEW.forward_id IS NOT NULL) EXECUTE FUNCTION tell_forward();
REVOKE ALL ON FUNCTION tell_forward FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE ON forwards, forward_recipients TO countersign_app;
GRANT SELECT, INSERT, DELETE ON forward_files TO countersign_app;
GRANT SELECT ON forwards TO countersign_across;
ALTER TABLE forwards ENABLE ROW LEVEL SECURITY;
ALTER TABLE forward_recipients ENABLE ROW LEVEL SECURITY;
ALTER TABLE forward_files ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON forwards FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY staff_of_org ON forward_recipients FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY staff_of_org ON forward_files FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_reads ON forwards FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON forward_recipients FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY across ON forwards FOR SELECT TO countersign_across USING (true);

-- +goose Down
DROP TRIGGER deliveries_tell_forward ON deliveries;
DROP FUNCTION tell_forward();
ALTER TABLE deliveries DROP COLUMN forward_id, DROP COLUMN attachment_hash;
DROP TABLE forward_files, forward_recipients, forwards;
