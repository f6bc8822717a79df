-- Invoices in the order of what is due next: of one that is paid in parts that is
-- the first part that is left, and not the last.

-- +goose Up
DROP INDEX invoices_by_due;
CREATE INDEX invoices_by_due ON invoices (org_id, late_after, id);
DROP INDEX invoices_owed_of_org;
CREATE INDEX invoices_owed_of_org ON invoices (org_id, late_after, id) WHERE state = 'sent' AND due > 0;

-- +goose Down
DROP INDEX invoices_by_due;
CREATE INDEX invoices_by_due ON invoices (org_id, due_date, id);
DROP INDEX invoices_owed_of_org;
CREATE INDEX invoices_owed_of_org ON invoices (org_id, due_date, id) WHERE state = 'sent' AND due > 0;
