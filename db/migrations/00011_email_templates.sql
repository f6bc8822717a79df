-- The wording of emails, where staff have given one of their own.

-- +goose Up

-- One row for each email that was ever reworded, R14. Set back to the product's
-- own wording the row stays, empty, so that its version goes on counting and an
-- edit of an old copy is noticed. Drafts are never kept: what stands here was
-- read and found right by the code that sends it.
CREATE TABLE email_templates (
    org_id          uuid NOT NULL REFERENCES organizations (id),
    name            text NOT NULL,
    subject         text NOT NULL,
    body            text NOT NULL,
    -- Raised by each change; an email without a row is at version 0.
    version         integer NOT NULL DEFAULT 1,
    updated_by_name text NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (org_id, name),
    CONSTRAINT email_templates_name_shape CHECK (name ~ '^[a-z_]{1,60}$'),
    CONSTRAINT email_templates_whole CHECK ((subject = '') = (body = '')),
    CONSTRAINT email_templates_length CHECK (length(subject) <= 200 AND length(body) <= 20000),
    CONSTRAINT email_templates_one_line CHECK (subject !~ '[\n\r]')
);

GRANT SELECT, INSERT, UPDATE ON email_templates TO countersign_app;
ALTER TABLE email_templates ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON email_templates FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());

-- +goose Down
DROP TABLE email_templates;
