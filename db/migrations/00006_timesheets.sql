-- Time: projects, their tasks, the hours worked on them, and the timesheets by
-- which a customer approves those hours before they are invoiced.

-- +goose Up

CREATE TABLE projects (
    org_id      uuid NOT NULL,
    id          uuid NOT NULL,
    customer_id uuid NOT NULL,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    status      text NOT NULL DEFAULT 'active',
    currency    text NOT NULL,
    -- What an hour costs in minor units, where neither the task nor the entry says otherwise.
    rate        bigint NOT NULL DEFAULT 0,
    -- Raised by each change, so that an edit of an old copy is noticed.
    version     integer NOT NULL DEFAULT 1,
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id),
    -- Lets rows that name a project and its customer hold both to be true together.
    UNIQUE (org_id, customer_id, id),
    CONSTRAINT projects_status_known CHECK (status IN ('active', 'closed')),
    CONSTRAINT projects_name_given CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT projects_rate_positive CHECK (rate >= 0),
    CONSTRAINT projects_currency_shape CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX projects_of_org ON projects (org_id, created_at DESC, id DESC);
CREATE INDEX projects_of_customer ON projects (org_id, customer_id, created_at DESC, id DESC);

CREATE TABLE project_tasks (
    org_id      uuid NOT NULL,
    id          uuid NOT NULL,
    project_id  uuid NOT NULL,
    customer_id uuid NOT NULL,
    name        text NOT NULL,
    -- The customer sees billable tasks only, R42.
    billable    boolean NOT NULL DEFAULT true,
    -- What an hour of it costs, where that differs from the project's rate.
    rate        bigint,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, project_id) REFERENCES projects (org_id, customer_id, id),
    UNIQUE (org_id, project_id, id),
    CONSTRAINT project_tasks_name_given CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT project_tasks_rate_positive CHECK (rate >= 0)
);
CREATE INDEX project_tasks_of_project ON project_tasks (org_id, project_id, created_at, id);

-- A timesheet asks a customer to approve entries of one project, R45. flow_open
-- says that its flow has not ended yet.
CREATE TABLE timesheets (
    org_id            uuid NOT NULL,
    id                uuid NOT NULL,
    customer_id       uuid NOT NULL,
    project_id        uuid NOT NULL,
    number            text NOT NULL,
    status            text NOT NULL DEFAULT 'submitted',
    -- Raised by each correction of an entry: a decision names the one that was read, N1.
    version           integer NOT NULL DEFAULT 1,
    -- SHA-256 of what the customer reads: what a decision is pinned to.
    content_hash      bytea NOT NULL,
    message           text NOT NULL DEFAULT '',
    from_day          date NOT NULL,
    to_day            date NOT NULL,
    entry_count       integer NOT NULL,
    hours             numeric(8, 2) NOT NULL,
    approved_count    integer NOT NULL DEFAULT 0,
    approved_hours    numeric(8, 2) NOT NULL DEFAULT 0,
    request_hash      bytea NOT NULL,
    -- Of the request that decided it: the same one sent again is answered again.
    decision_hash     bytea,
    submitted_by      uuid,
    submitted_by_name text NOT NULL DEFAULT '',
    submitted_at      timestamptz NOT NULL DEFAULT now(),
    reminders         integer NOT NULL DEFAULT 0,
    reminded_at       timestamptz,
    decided_at        timestamptz,
    ended_at          timestamptz,
    flow_open         boolean NOT NULL DEFAULT true,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, project_id) REFERENCES projects (org_id, customer_id, id),
    UNIQUE (org_id, number),
    CONSTRAINT timesheets_status_known CHECK (status IN ('submitted', 'approved', 'partly_approved', 'rejected', 'recalled')),
    CONSTRAINT timesheets_end_dated CHECK ((status = 'submitted') = (ended_at IS NULL)),
    CONSTRAINT timesheets_decision_dated CHECK ((status IN ('approved', 'partly_approved', 'rejected')) = (decided_at IS NOT NULL AND decision_hash IS NOT NULL)),
    CONSTRAINT timesheets_outcome_counted CHECK (CASE status
        WHEN 'approved' THEN approved_count = entry_count AND approved_hours = hours
        WHEN 'partly_approved' THEN approved_count BETWEEN 1 AND entry_count - 1 AND approved_hours BETWEEN 0 AND hours
        ELSE approved_count = 0 AND approved_hours = 0
    END),
    CONSTRAINT timesheets_entries_given CHECK (entry_count BETWEEN 1 AND 500 AND hours > 0),
    CONSTRAINT timesheets_period_ordered CHECK (from_day <= to_day)
);
CREATE INDEX timesheets_of_org ON timesheets (org_id, submitted_at DESC, id DESC);
CREATE INDEX timesheets_of_customer ON timesheets (org_id, customer_id, submitted_at DESC, id DESC);
CREATE INDEX timesheets_of_project ON timesheets (org_id, project_id, submitted_at DESC, id DESC);
CREATE INDEX timesheets_waiting ON timesheets (org_id, customer_id) WHERE status = 'submitted';
CREATE INDEX timesheets_flow_open ON timesheets (org_id, id) WHERE flow_open;

CREATE TABLE time_entries (
    org_id       uuid NOT NULL,
    id           uuid NOT NULL,
    project_id   uuid NOT NULL,
    task_id      uuid NOT NULL,
    customer_id  uuid NOT NULL,
    staff_id     uuid NOT NULL,
    -- As it was when the time was logged: customers can't read the list of staff.
    staff_name   text NOT NULL,
    day          date NOT NULL,
    hours        numeric(6, 2) NOT NULL,
    description  text NOT NULL DEFAULT '',
    billable     boolean NOT NULL,
    -- What an hour costs, in minor units of the project's currency.
    rate         bigint NOT NULL,
    -- none until approval is asked for, and again when the question is taken back.
    approval     text NOT NULL DEFAULT 'none',
    -- The timesheet that asked last.
    timesheet_id uuid,
    -- The invoice that charges it. Voiding or discarding the invoice frees the entry.
    invoice_id   uuid,
    version      integer NOT NULL DEFAULT 1,
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, customer_id, project_id) REFERENCES projects (org_id, customer_id, id),
    FOREIGN KEY (org_id, project_id, task_id) REFERENCES project_tasks (org_id, project_id, id),
    FOREIGN KEY (org_id, staff_id) REFERENCES staff (org_id, id),
    FOREIGN KEY (org_id, timesheet_id) REFERENCES timesheets (org_id, id),
    FOREIGN KEY (org_id, customer_id, invoice_id) REFERENCES invoices (org_id, customer_id, id),
    CONSTRAINT time_entries_hours_sane CHECK (hours > 0 AND hours <= 24),
    CONSTRAINT time_entries_rate_positive CHECK (rate >= 0),
    CONSTRAINT time_entries_approval_known CHECK (approval IN ('none', 'submitted', 'approved', 'rejected')),
    CONSTRAINT time_entries_asked_by_sheet CHECK ((approval = 'none') = (timesheet_id IS NULL)),
    -- Where approval was asked for, only what was approved is invoiced, R46.
    CONSTRAINT time_entries_approved_before_invoiced CHECK (invoice_id IS NULL OR approval IN ('none', 'approved')),
    -- What isn't billable is neither shown to the customer nor charged.
    CONSTRAINT time_entries_billable_or_internal CHECK (billable OR (approval IN ('none', 'rejected') AND invoice_id IS NULL))
);
CREATE INDEX time_entries_of_project ON time_entries (org_id, project_id, day DESC, id DESC);
CREATE INDEX time_entries_of_task ON time_entries (org_id, task_id);
CREATE INDEX time_entries_of_invoice ON time_entries (org_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- The entries of a timesheet, as the customer reads them: what was decided on
-- stays readable when a rejected entry is changed later.
CREATE TABLE timesheet_entries (
    org_id       uuid NOT NULL,
    timesheet_id uuid NOT NULL,
    entry_id     uuid NOT NULL,
    customer_id  uuid NOT NULL,
    day          date NOT NULL,
    hours        numeric(6, 2) NOT NULL,
    task_name    text NOT NULL,
    staff_name   text NOT NULL,
    description  text NOT NULL,
    outcome      text NOT NULL DEFAULT 'pending',
    reason       text NOT NULL DEFAULT '',
    PRIMARY KEY (org_id, timesheet_id, entry_id),
    FOREIGN KEY (org_id, timesheet_id) REFERENCES timesheets (org_id, id),
    FOREIGN KEY (org_id, entry_id) REFERENCES time_entries (org_id, id),
    CONSTRAINT timesheet_entries_outcome_known CHECK (outcome IN ('pending', 'approved', 'rejected', 'recalled')),
    CONSTRAINT timesheet_entries_reason_of_rejection CHECK (reason = '' OR outcome = 'rejected')
);
-- An entry is in one live approval at most, and never asked about again once it
-- was approved: a second timesheet is refused by this index, whatever the code
-- above it believed.
CREATE UNIQUE INDEX timesheet_entries_one_live ON timesheet_entries (org_id, entry_id) WHERE outcome IN ('pending', 'approved');

-- What somebody chose of many, kept here while the flow that is to act on it is
-- told: a flow's payload names this row instead of hundreds of entries. The step
-- that acts takes the row away; what nobody took is dropped after a day.
CREATE TABLE timesheet_choices (
    org_id   uuid NOT NULL REFERENCES organizations (id),
    id       uuid NOT NULL,
    actor_id uuid NOT NULL,
    body     jsonb NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id)
);
CREATE INDEX timesheet_choices_of_actor ON timesheet_choices (org_id, actor_id, at);

ALTER TABLE decisions DROP CONSTRAINT decisions_decision_known;
ALTER TABLE decisions ADD CONSTRAINT decisions_decision_known CHECK (CASE document_kind
    WHEN 'timesheet' THEN decision IN ('approved', 'partly_approved', 'rejected')
    ELSE decision IN ('accepted', 'declined')
END);

GRANT SELECT, INSERT, UPDATE ON projects, project_tasks, timesheets, time_entries, timesheet_entries TO countersign_app;
GRANT SELECT, INSERT, DELETE ON timesheet_choices TO countersign_app;
GRANT DELETE ON time_entries TO countersign_app;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY ['projects', 'project_tasks', 'timesheets', 'time_entries', 'timesheet_entries', 'timesheet_choices']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY staff_of_org ON %I FOR ALL TO countersign_app
            USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org())', t);
    END LOOP;
END
$$;
-- +goose StatementEnd
CREATE POLICY contact_reads ON projects FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON project_tasks FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND billable);
CREATE POLICY contact_reads ON time_entries FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer() AND billable);
CREATE POLICY contact_reads ON timesheets FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_reads ON timesheet_entries FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND customer_id = app_customer());
CREATE POLICY contact_own ON timesheet_choices FOR ALL TO countersign_app
    USING (org_id = app_contact_org() AND actor_id = app_actor())
    WITH CHECK (org_id = app_contact_org() AND actor_id = app_actor());

-- A draft that is discarded frees the time on it; what was sent is never deleted.
GRANT DELETE ON invoices TO countersign_app;
CREATE POLICY drafts_alone ON invoices AS RESTRICTIVE FOR DELETE TO countersign_app USING (state = 'draft');

GRANT SELECT ON timesheets TO countersign_across;
CREATE POLICY across ON timesheets FOR SELECT TO countersign_across USING (true);

-- +goose Down
DROP POLICY drafts_alone ON invoices;
REVOKE DELETE ON invoices FROM countersign_app;
DROP TABLE timesheet_choices, timesheet_entries, time_entries, timesheets, project_tasks, projects;
DELETE FROM decisions WHERE document_kind = 'timesheet';
ALTER TABLE decisions DROP CONSTRAINT decisions_decision_known;
ALTER TABLE decisions ADD CONSTRAINT decisions_decision_known CHECK (decision IN ('accepted', 'declined'));
