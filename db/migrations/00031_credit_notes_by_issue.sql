-- Credit notes are listed by the day of their issue, which is also the one that a list is
-- narrowed by: a page of a long gone month must not walk through all that came after it.

-- +goose Up
DROP INDEX credit_notes_of_org;
CREATE INDEX credit_notes_of_org ON credit_notes (org_id, issue_date DESC, created_at DESC, id DESC);

-- +goose Down
DROP INDEX credit_notes_of_org;
CREATE INDEX credit_notes_of_org ON credit_notes (org_id, created_at DESC, id DESC);
