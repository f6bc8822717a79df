-- A filter that few pass is served by an index of its own: without one a page of
-- voided invoices, or of payments at the bank, would read a large organization's whole list.

-- +goose Up
CREATE INDEX invoices_void ON invoices (org_id, issue_date DESC, id DESC) WHERE state = 'void';
CREATE INDEX payments_by_status ON payments (org_id, status, created_at DESC, id DESC);

-- +goose Down
DROP INDEX invoices_void, payments_by_status;
