-- The invoices that were written from an estimate, and a customer's credit in the
-- order in which it came and went: both are asked for on a page. A draft estimate
-- can be discarded, and what was sent be emailed again.

-- +goose Up
CREATE INDEX invoices_of_estimate ON invoices (org_id, estimate_id) WHERE estimate_id IS NOT NULL;
CREATE INDEX credit_entries_by_date ON credit_entries (org_id, customer_id, created_at, id);

GRANT DELETE ON estimates TO countersign_app;
CREATE POLICY drafts_alone ON estimates AS RESTRICTIVE FOR DELETE TO countersign_app USING (version = 0);

ALTER TABLE notification_batches
    DROP CONSTRAINT notification_batches_kind_known,
    ADD CONSTRAINT notification_batches_kind_known CHECK (
        kind IN ('staff', 'customer', 'invoice', 'message', 'method_request', 'invoice_again', 'estimate_again'));

-- +goose Down
DELETE FROM notification_members WHERE kind IN ('invoice_again', 'estimate_again');
DELETE FROM notification_batches WHERE kind IN ('invoice_again', 'estimate_again');
ALTER TABLE notification_batches
    DROP CONSTRAINT notification_batches_kind_known,
    ADD CONSTRAINT notification_batches_kind_known CHECK (kind IN ('staff', 'customer', 'invoice', 'message', 'method_request'));
DROP POLICY drafts_alone ON estimates;
REVOKE DELETE ON estimates FROM countersign_app;
DROP INDEX credit_entries_by_date, invoices_of_estimate;
