-- What the console's home counts and adds up.

-- name: OwedByDueDate :many
-- An invoice that is paid in parts is counted on the day of the first that is left.
SELECT o.currency::text AS currency, o.due_on::date AS due_date, sum(o.invoices)::integer AS invoices, sum(o.due)::bigint AS due
FROM (
    SELECT w.currency, w.due_date AS due_on, count(*) AS invoices, sum(w.due) AS due
    FROM invoices w
    WHERE w.org_id = @org_id AND w.state = 'sent' AND w.due > 0 AND w.plan IS NULL
    GROUP BY 1, 2
    UNION ALL
    SELECT i.currency, d.due_on, count(*) FILTER (WHERE d.due_on = i.late_after), sum(d.amount)
    FROM invoices i JOIN invoice_dues d ON d.org_id = i.org_id AND d.invoice_id = i.id
    WHERE i.org_id = @org_id AND i.state = 'sent' AND i.due > 0 AND i.plan IS NOT NULL
    GROUP BY 1, 2
) o
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: ReceivedByMonth :many
-- By the day on which money came in, where staff recorded another than that on
-- which they did. What came in before the first month is left to the caller.
SELECT currency, date_trunc('month', coalesce(received_on::timestamp, succeeded_at AT TIME ZONE @time_zone::text))::date AS month,
    count(*)::integer AS payments, sum(received)::bigint AS received
FROM payments
WHERE org_id = @org_id AND status = 'succeeded' AND succeeded_at >= @since::timestamptz
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: GivenBackByMonth :many
-- What was refunded, and what customers' banks took back and kept.
SELECT b.currency, date_trunc('month', b.at AT TIME ZONE @time_zone::text)::date AS month, sum(b.amount)::bigint AS given_back
FROM (
    SELECT currency, booked_at AS at, amount FROM refunds
    WHERE refunds.org_id = @org_id AND status = 'succeeded' AND booked_at >= @since::timestamptz
    UNION ALL
    SELECT currency, taken_at, amount FROM disputes
    WHERE disputes.org_id = @org_id AND taken_at >= @since::timestamptz AND restored_at IS NULL
) b
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: DaysToPayByMonth :many
-- How long after its date half of the invoices that were settled in a month were settled.
SELECT currency, date_trunc('month', settled_at AT TIME ZONE @time_zone::text)::date AS month, count(*)::integer AS invoices,
    (percentile_disc(0.5) WITHIN GROUP (ORDER BY greatest((settled_at AT TIME ZONE @time_zone::text)::date - issue_date, 0)))::integer AS days
FROM invoices
WHERE org_id = @org_id AND settled_at >= @since::timestamptz
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: ApprovalsBySendingDay :many
-- What customers have been asked to decide and haven't yet.
SELECT 'estimate'::text AS kind, (sent_at AT TIME ZONE @time_zone::text)::date AS day, count(*)::integer AS waiting
FROM estimates WHERE estimates.org_id = @org_id AND status = 'sent'
GROUP BY 2
UNION ALL
SELECT 'timesheet', (submitted_at AT TIME ZONE @time_zone::text)::date, count(*)::integer
FROM timesheets WHERE timesheets.org_id = @org_id AND status = 'submitted'
GROUP BY 2;

-- name: CountWaitingWork :many
-- How much of each kind waits for somebody, and what it comes to in each
-- currency; what has no amount is counted under no currency.
SELECT 'failed_payments'::text AS kind, currency::text AS currency, count(*)::integer AS waiting, sum(amount)::bigint AS amount
FROM payments WHERE payments.org_id = @org_id AND status = 'declined' GROUP BY 2
UNION ALL
SELECT 'overdue_invoices', i.currency, count(*)::integer, sum(CASE WHEN i.plan IS NULL THEN i.due ELSE (
    SELECT sum(d.amount) FROM invoice_dues d WHERE d.org_id = i.org_id AND d.invoice_id = i.id AND d.due_on < @today::date
) END)::bigint
FROM invoices i WHERE i.org_id = @org_id AND i.state = 'sent' AND i.due > 0 AND i.late_after < @today::date GROUP BY 2
UNION ALL
SELECT 'draft_invoices', currency, count(*)::integer, sum(total)::bigint
FROM invoices WHERE invoices.org_id = @org_id AND state = 'draft' GROUP BY 2
UNION ALL
SELECT 'declined_estimates', currency, count(*)::integer, sum(total)::bigint
FROM estimates WHERE estimates.org_id = @org_id AND status = 'declined' GROUP BY 2
UNION ALL
SELECT 'estimates_waiting', currency, count(*)::integer, sum(total)::bigint
FROM estimates WHERE estimates.org_id = @org_id AND status = 'sent' GROUP BY 2
UNION ALL
SELECT 'timesheets_waiting', '', count(*)::integer, 0
FROM timesheets WHERE timesheets.org_id = @org_id AND status = 'submitted'
UNION ALL
SELECT 'undelivered_mail', '', count(*)::integer, 0
FROM deliveries WHERE deliveries.org_id = @org_id AND deliveries.staff_id IS NULL AND status IN ('bounced', 'complained', 'failed') AND deliveries.created_at >= @mailed_since::timestamptz
UNION ALL
SELECT 'unread_comments', '', count(*)::integer, 0 FROM (
    SELECT FROM events e
    JOIN staff s ON s.org_id = e.org_id AND s.id = @staff_id
    LEFT JOIN bell_marks m ON m.org_id = s.org_id AND m.staff_id = s.id
    WHERE e.org_id = @org_id AND e.rings AND e.kind IN ('estimate.commented', 'invoice.commented', 'project.commented')
        AND e.id > coalesce(m.read_through, '00000000-0000-0000-0000-000000000000') AND e.at >= s.created_at
        AND NOT EXISTS (SELECT FROM bell_reads r WHERE r.org_id = e.org_id AND r.staff_id = s.id AND r.event_id = e.id)
    LIMIT 100) unread
ORDER BY 1, 2;

-- name: NewestReconciliation :many
-- The newest comparison that came to an end.
SELECT * FROM reconciliations
WHERE org_id = @org_id AND ended_at IS NOT NULL
ORDER BY created_at DESC, id DESC LIMIT 1;
