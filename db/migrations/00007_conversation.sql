-- What the two sides say to each other, and who is told of it.

-- +goose Up

-- What is written below a document, R27, R44, R49. Nothing is changed or removed
-- once it is said.
CREATE TABLE comments (
    org_id       uuid NOT NULL,
    id           uuid NOT NULL,
    -- The request that said it: the same one again says nothing more.
    request_id   uuid NOT NULL,
    customer_id  uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    author_kind  text NOT NULL,
    author_id    uuid NOT NULL,
    author_name  text NOT NULL,
    -- Whether the customer reads it too: displayed in the portal.
    visible      boolean NOT NULL,
    body         text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, request_id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    CONSTRAINT comments_subject_known CHECK (subject_kind IN ('estimate', 'invoice', 'project')),
    CONSTRAINT comments_author_known CHECK (author_kind IN ('contact', 'staff', 'api_key')),
    CONSTRAINT comments_of_contacts_visible CHECK (visible OR author_kind <> 'contact'),
    CONSTRAINT comments_body_length CHECK (length(body) BETWEEN 1 AND 4000)
);
CREATE INDEX comments_of_subject ON comments (org_id, subject_id, id);

-- Who opened which document in a browser, R50. The log is in events, with at
-- most one an hour for each of these rows.
CREATE TABLE views (
    org_id       uuid NOT NULL,
    customer_id  uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    contact_id   uuid NOT NULL,
    first_at     timestamptz NOT NULL,
    -- The newest one in the log.
    last_at      timestamptz NOT NULL,
    PRIMARY KEY (org_id, subject_id, contact_id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    CONSTRAINT views_subject_known CHECK (subject_kind IN ('estimate', 'invoice')),
    CONSTRAINT views_in_order CHECK (last_at >= first_at)
);

-- What a contact thinks of the organization, R57.
CREATE TABLE reviews (
    org_id      uuid NOT NULL,
    id          uuid NOT NULL,
    request_id  uuid NOT NULL,
    customer_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    stars       integer NOT NULL,
    body        text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, request_id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    CONSTRAINT reviews_stars_range CHECK (stars BETWEEN 1 AND 5),
    CONSTRAINT reviews_body_length CHECK (length(body) BETWEEN 1 AND 4000)
);
CREATE INDEX reviews_of_contact ON reviews (org_id, contact_id, id DESC);

-- What a contact wrote to the organization's registered address, R56.
CREATE TABLE messages (
    org_id      uuid NOT NULL,
    id          uuid NOT NULL,
    request_id  uuid NOT NULL,
    customer_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    subject     text NOT NULL,
    body        text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, request_id),
    FOREIGN KEY (org_id, customer_id, contact_id) REFERENCES contacts (org_id, customer_id, id),
    CONSTRAINT messages_subject_length CHECK (length(subject) BETWEEN 1 AND 150),
    CONSTRAINT messages_body_length CHECK (length(body) BETWEEN 1 AND 8000)
);

-- What rings the bell, R51: what contacts do, and emails that did not arrive.
-- Steps on the way to something else don't, nor does what is nobody's business.
ALTER TABLE events ADD COLUMN rings boolean NOT NULL GENERATED ALWAYS AS (
    kind IN ('email.bounced', 'email.complained', 'email.failed')
    OR actor_kind = 'contact'
        AND kind NOT IN ('payment.started', 'payment.page_opened', 'payment.retried', 'payment.canceled', 'invoice.paid')
        AND split_part(kind, '.', 1) NOT IN ('password', 'session', 'mfa', 'backup_codes')
) STORED;
CREATE INDEX events_that_ring ON events (org_id, id DESC) WHERE rings;

-- What each member of staff has read of it: all through one event, and some
-- after that.
CREATE TABLE bell_marks (
    org_id       uuid NOT NULL,
    staff_id     uuid NOT NULL,
    read_through uuid NOT NULL,
    PRIMARY KEY (org_id, staff_id),
    FOREIGN KEY (org_id, staff_id) REFERENCES staff (org_id, id)
);
CREATE TABLE bell_reads (
    org_id   uuid NOT NULL,
    staff_id uuid NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (org_id, staff_id, event_id),
    FOREIGN KEY (org_id, staff_id) REFERENCES staff (org_id, id),
    FOREIGN KEY (org_id, event_id) REFERENCES events (org_id, id)
);

-- Events that are mailed together. The relay gathers them, the flow
-- notify/<batch> closes the batch when its time has come, and mails it: an event
-- is in one batch of its kind, so it is mailed once to each recipient.
CREATE TABLE notification_batches (
    org_id      uuid NOT NULL REFERENCES organizations (id),
    id          uuid NOT NULL,
    -- To staff, to a customer's contacts, about an invoice, or to the organization's own address.
    kind        text NOT NULL,
    -- The organization, the customer, the invoice or the message that it is about.
    audience_id uuid NOT NULL,
    status      text NOT NULL DEFAULT 'gathering',
    send_at     timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- When its flow was started for the first time.
    started_at  timestamptz,
    -- Its flow has something to do.
    flow_open   boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    CONSTRAINT notification_batches_kind_known CHECK (kind IN ('staff', 'customer', 'invoice', 'message')),
    CONSTRAINT notification_batches_status_known CHECK (status IN ('gathering', 'sending', 'done')),
    CONSTRAINT notification_batches_done_closed CHECK (flow_open = (status <> 'done'))
);
CREATE UNIQUE INDEX notification_batches_one_gathering ON notification_batches (org_id, kind, audience_id) WHERE status = 'gathering';
CREATE INDEX notification_batches_to_start ON notification_batches (created_at) WHERE started_at IS NULL;
CREATE INDEX notification_batches_open ON notification_batches (org_id, id) WHERE flow_open;
CREATE TABLE notification_members (
    org_id   uuid NOT NULL,
    event_id uuid NOT NULL,
    kind     text NOT NULL,
    batch_id uuid NOT NULL,
    PRIMARY KEY (org_id, event_id, kind),
    FOREIGN KEY (org_id, event_id) REFERENCES events (org_id, id),
    FOREIGN KEY (org_id, batch_id) REFERENCES notification_batches (org_id, id)
);
CREATE INDEX notification_members_of_batch ON notification_members (org_id, batch_id, event_id);

-- An email goes to a contact, to a member of staff, or, with neither, to an
-- address of the organization itself.
ALTER TABLE deliveries
    ADD COLUMN staff_id uuid,
    ADD CONSTRAINT deliveries_one_person CHECK (contact_id IS NULL OR staff_id IS NULL),
    ADD FOREIGN KEY (org_id, staff_id) REFERENCES staff (org_id, id);

-- Contacts write too, each thing once: a request is its sender's.
ALTER TABLE requests ADD COLUMN actor_id uuid DEFAULT app_actor();

-- Which role may do what; the policies say on which rows.
GRANT SELECT, INSERT ON comments, reviews, messages, bell_reads TO countersign_app;
GRANT SELECT, INSERT, UPDATE ON views, bell_marks TO countersign_app;
GRANT SELECT ON notification_members TO countersign_app;
GRANT SELECT, UPDATE ON notification_batches TO countersign_app;
GRANT SELECT, INSERT, UPDATE ON notification_batches TO countersign_across;
GRANT SELECT, INSERT ON notification_members TO countersign_across;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY ['comments', 'views', 'reviews', 'messages', 'bell_marks', 'bell_reads', 'notification_batches', 'notification_members']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY staff_of_org ON %I FOR ALL TO countersign_app
            USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org())', t);
    END LOOP;
END
$$;
-- +goose StatementEnd

CREATE POLICY contact_own_reads ON requests FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND actor_id = app_actor());
CREATE POLICY contact_own_writes ON requests FOR INSERT TO countersign_app
    WITH CHECK (org_id = app_contact_org() AND actor_id = app_actor());
CREATE POLICY contact_reads ON comments FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND visible);
CREATE POLICY contact_writes ON comments FOR INSERT TO countersign_app
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer() AND author_id = app_actor() AND author_kind = 'contact' AND visible);
CREATE POLICY contact_own ON views FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND contact_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer() AND contact_id = app_actor());
CREATE POLICY contact_own_reads ON reviews FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND contact_id = app_actor());
CREATE POLICY contact_own_writes ON reviews FOR INSERT TO countersign_app
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer() AND contact_id = app_actor());
CREATE POLICY contact_own_reads ON messages FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND contact_id = app_actor());
CREATE POLICY contact_own_writes ON messages FOR INSERT TO countersign_app
    WITH CHECK (org_id = app_contact_org() AND customer_id = app_customer() AND contact_id = app_actor());
CREATE POLICY across ON notification_batches FOR ALL TO countersign_across USING (true) WITH CHECK (true);
CREATE POLICY across ON notification_members FOR ALL TO countersign_across USING (true) WITH CHECK (true);

-- +goose Down
DROP POLICY contact_own_reads ON requests;
DROP POLICY contact_own_writes ON requests;
ALTER TABLE requests DROP COLUMN actor_id;
ALTER TABLE deliveries DROP COLUMN staff_id;
DROP TABLE notification_members, notification_batches, bell_reads, bell_marks, messages, reviews, views, comments;
ALTER TABLE events DROP COLUMN rings;
