-- The card or bank account that a payment is charged to: the saved one that is
-- to be charged, and then the one that was, saved or not. Empty where nobody
-- told us. It stays what it was when the method is removed.

-- +goose Up
ALTER TABLE payments
    ADD COLUMN brand text NOT NULL DEFAULT '', -- visa, or the bank's name
    ADD COLUMN last4 text NOT NULL DEFAULT '';
UPDATE payments p SET brand = m.brand, last4 = m.last4
FROM payment_methods m WHERE m.org_id = p.org_id AND m.id = p.method_id;

CREATE OR REPLACE VIEW statement_entries WITH (security_invoker = true) AS
    SELECT i.org_id, i.customer_id, i.currency, least(i.issue_date, (i.sent_at AT TIME ZONE o.time_zone)::date)::date AS day, i.sent_at::timestamptz AS at, i.id,
        'invoice'::text AS kind, i.number::text AS number, i.title::text AS title, ''::text AS way, ''::text AS brand, ''::text AS last4, i.total::bigint AS amount
    FROM invoices i JOIN organizations o ON o.id = i.org_id
    WHERE i.state <> 'draft' AND i.sent_at IS NOT NULL
UNION ALL
    SELECT i.org_id, i.customer_id, i.currency, (i.voided_at AT TIME ZONE o.time_zone)::date, i.voided_at, i.id,
        'void', i.number, i.title, '', '', '', -i.total
    FROM invoices i JOIN organizations o ON o.id = i.org_id
    WHERE i.state = 'void' AND i.sent_at IS NOT NULL
UNION ALL
    SELECT p.org_id, p.customer_id, p.currency, (p.succeeded_at AT TIME ZONE o.time_zone)::date, p.succeeded_at, p.id,
        'payment', coalesce(p.receipt_number, ''), '', p.kind, p.brand, p.last4, -p.received
    FROM payments p JOIN organizations o ON o.id = p.org_id
    WHERE p.status = 'succeeded'
UNION ALL
    SELECT d.org_id, d.customer_id, d.currency, (t.at AT TIME ZONE o.time_zone)::date, t.at, d.id,
        'reversal', coalesce(p.receipt_number, ''), '', p.kind, '', '', t.sign * d.amount
    FROM disputes d
    JOIN organizations o ON o.id = d.org_id
    JOIN payments p ON p.org_id = d.org_id AND p.id = d.payment_id
    CROSS JOIN LATERAL (VALUES (d.taken_at, 1), (d.restored_at, -1)) t (at, sign)
    WHERE t.at IS NOT NULL
UNION ALL
    SELECT e.org_id, e.customer_id, e.currency, least(n.issue_date, (e.created_at AT TIME ZONE o.time_zone)::date), e.created_at, n.id,
        'credit_note', n.number, n.reason, '', '', '', -e.amount
    FROM credit_entries e
    JOIN organizations o ON o.id = e.org_id
    JOIN credit_notes n ON n.org_id = e.org_id AND n.id = e.credit_note_id
    WHERE e.reason = 'credit_note'
UNION ALL
    SELECT r.org_id, r.customer_id, r.currency, (t.at AT TIME ZONE o.time_zone)::date, t.at, r.id,
        'refund', coalesce(p.receipt_number, ''), r.reason, r.kind, '', '', t.sign * r.amount
    FROM refunds r
    JOIN organizations o ON o.id = r.org_id
    LEFT JOIN payments p ON p.org_id = r.org_id AND p.id = r.payment_id
    CROSS JOIN LATERAL (VALUES (r.booked_at, 1), (r.unbooked_at, -1)) t (at, sign)
    WHERE t.at IS NOT NULL;

-- +goose Down
CREATE OR REPLACE VIEW statement_entries WITH (security_invoker = true) AS
    SELECT i.org_id, i.customer_id, i.currency, least(i.issue_date, (i.sent_at AT TIME ZONE o.time_zone)::date)::date AS day, i.sent_at::timestamptz AS at, i.id,
        'invoice'::text AS kind, i.number::text AS number, i.title::text AS title, ''::text AS way, ''::text AS brand, ''::text AS last4, i.total::bigint AS amount
    FROM invoices i JOIN organizations o ON o.id = i.org_id
    WHERE i.state <> 'draft' AND i.sent_at IS NOT NULL
UNION ALL
    SELECT i.org_id, i.customer_id, i.currency, (i.voided_at AT TIME ZONE o.time_zone)::date, i.voided_at, i.id,
        'void', i.number, i.title, '', '', '', -i.total
    FROM invoices i JOIN organizations o ON o.id = i.org_id
    WHERE i.state = 'void' AND i.sent_at IS NOT NULL
UNION ALL
    SELECT p.org_id, p.customer_id, p.currency, (p.succeeded_at AT TIME ZONE o.time_zone)::date, p.succeeded_at, p.id,
        'payment', coalesce(p.receipt_number, ''), '', p.kind, coalesce(m.brand, ''), coalesce(m.last4, ''), -p.received
    FROM payments p JOIN organizations o ON o.id = p.org_id
    LEFT JOIN payment_methods m ON m.org_id = p.org_id AND m.id = p.method_id
    WHERE p.status = 'succeeded'
UNION ALL
    SELECT d.org_id, d.customer_id, d.currency, (t.at AT TIME ZONE o.time_zone)::date, t.at, d.id,
        'reversal', coalesce(p.receipt_number, ''), '', p.kind, '', '', t.sign * d.amount
    FROM disputes d
    JOIN organizations o ON o.id = d.org_id
    JOIN payments p ON p.org_id = d.org_id AND p.id = d.payment_id
    CROSS JOIN LATERAL (VALUES (d.taken_at, 1), (d.restored_at, -1)) t (at, sign)
    WHERE t.at IS NOT NULL
UNION ALL
    SELECT e.org_id, e.customer_id, e.currency, least(n.issue_date, (e.created_at AT TIME ZONE o.time_zone)::date), e.created_at, n.id,
        'credit_note', n.number, n.reason, '', '', '', -e.amount
    FROM credit_entries e
    JOIN organizations o ON o.id = e.org_id
    JOIN credit_notes n ON n.org_id = e.org_id AND n.id = e.credit_note_id
    WHERE e.reason = 'credit_note'
UNION ALL
    SELECT r.org_id, r.customer_id, r.currency, (t.at AT TIME ZONE o.time_zone)::date, t.at, r.id,
        'refund', coalesce(p.receipt_number, ''), r.reason, r.kind, '', '', t.sign * r.amount
    FROM refunds r
    JOIN organizations o ON o.id = r.org_id
    LEFT JOIN payments p ON p.org_id = r.org_id AND p.id = r.payment_id
    CROSS JOIN LATERAL (VALUES (r.booked_at, 1), (r.unbooked_at, -1)) t (at, sign)
    WHERE t.at IS NOT NULL;
ALTER TABLE payments DROP COLUMN brand, DROP COLUMN last4;
