-- What the console's home counts and adds up is read by indexes: its cost follows
-- what waits and the last year, not all that there ever was.

-- +goose Up
CREATE INDEX payments_received ON payments (org_id, succeeded_at) INCLUDE (currency, received, received_on) WHERE status = 'succeeded';
CREATE INDEX invoices_settled ON invoices (org_id, settled_at) INCLUDE (currency, issue_date) WHERE settled_at IS NOT NULL;
CREATE INDEX refunds_of_time ON refunds (org_id, booked_at) WHERE status = 'succeeded';
CREATE INDEX disputes_of_time ON disputes (org_id, taken_at) WHERE taken_at IS NOT NULL;

CREATE INDEX invoices_drafts ON invoices (org_id, issue_date DESC, id DESC) WHERE state = 'draft';
CREATE INDEX estimates_declined ON estimates (org_id, (coalesce(sent_at, created_at)) DESC, id DESC) WHERE status = 'declined';

-- All that was mailed, newest first, and of it what did not arrive.
CREATE INDEX deliveries_of_org ON deliveries (org_id, created_at DESC, id DESC);
CREATE INDEX deliveries_undelivered ON deliveries (org_id, created_at DESC, id DESC) WHERE status IN ('bounced', 'complained', 'failed');

CREATE INDEX credit_notes_of_org ON credit_notes (org_id, created_at DESC, id DESC);

-- +goose Down
DROP INDEX payments_received, invoices_settled, refunds_of_time, disputes_of_time, invoices_drafts, estimates_declined, deliveries_of_org, deliveries_undelivered, credit_notes_of_org;
