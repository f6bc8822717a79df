-- name: KeepChoice :exec
-- The ID follows from who chose what, so keeping it twice is keeping it once.
INSERT INTO timesheet_choices (org_id, id, actor_id, body, at) VALUES (@org_id, @id, @actor_id, @body, @at)
ON CONFLICT (org_id, id) DO NOTHING;

-- name: GetChoice :one
SELECT * FROM timesheet_choices WHERE org_id = @org_id AND id = @id;

-- name: DropChoice :exec
DELETE FROM timesheet_choices WHERE org_id = @org_id AND id = @id;

-- name: DropChoicesOf :exec
DELETE FROM timesheet_choices WHERE org_id = @org_id AND actor_id = @actor_id AND at < @older_than;

-- name: InsertTimesheet :exec
INSERT INTO timesheets (org_id, id, customer_id, project_id, number, content_hash, message, from_day, to_day, entry_count, hours, request_hash, submitted_by, submitted_by_name, submitted_at)
VALUES (@org_id, @id, @customer_id, @project_id, @number, @content_hash, @message, @from_day, @to_day, @entry_count, @hours, @request_hash, @submitted_by, @submitted_by_name, @at);

-- name: InsertTimesheetEntries :exec
INSERT INTO timesheet_entries (org_id, timesheet_id, entry_id, customer_id, day, hours, task_name, staff_name, description)
SELECT e.org_id, @timesheet_id, e.id, e.customer_id, e.day, e.hours, t.name, e.staff_name, e.description
FROM time_entries e
JOIN project_tasks t ON t.org_id = e.org_id AND t.id = e.task_id
WHERE e.org_id = @org_id AND e.id = ANY (@ids::uuid[]);

-- name: SubmitTimeEntries :execrows
UPDATE time_entries SET approval = 'submitted', timesheet_id = @timesheet_id::uuid, version = version + 1, updated_at = @at
WHERE org_id = @org_id AND id = ANY (@ids::uuid[]) AND billable AND invoice_id IS NULL AND approval = ANY (@from_approval::text[]);

-- name: GetTimesheet :one
SELECT * FROM timesheets WHERE org_id = @org_id AND id = @id;

-- name: LockTimesheet :one
SELECT * FROM timesheets WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: ListTimesheets :many
-- One page, newest first. An empty filter is no filter.
SELECT s.*, c.name AS customer_name, p.name AS project_name
FROM timesheets s
JOIN customers c ON c.org_id = s.org_id AND c.id = s.customer_id
JOIN projects p ON p.org_id = s.org_id AND p.id = s.project_id
WHERE s.org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR s.customer_id = sqlc.narg(customer_id))
    AND (sqlc.narg(project_id)::uuid IS NULL OR s.project_id = sqlc.narg(project_id))
    AND (@status::text = '' OR s.status = @status)
    AND (s.submitted_at, s.id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.submitted_at DESC, s.id DESC
LIMIT @page_size;

-- name: CountTimesheetsWaiting :one
SELECT count(*) FROM timesheets WHERE org_id = @org_id AND customer_id = @customer_id AND status = 'submitted';

-- name: ListTimesheetEntries :many
SELECT * FROM timesheet_entries WHERE org_id = @org_id AND timesheet_id = @timesheet_id ORDER BY day, entry_id;

-- name: CountTimeToInvoice :one
-- The approved entries of a timesheet that are on no invoice yet.
SELECT count(*)::integer FROM timesheet_entries s
JOIN time_entries e ON e.org_id = s.org_id AND e.id = s.entry_id
WHERE s.org_id = @org_id AND s.timesheet_id = @timesheet_id AND s.outcome = 'approved' AND e.invoice_id IS NULL;

-- name: CorrectTimesheetEntry :execrows
UPDATE timesheet_entries t
SET day         = @day,
    hours       = @hours,
    task_name   = @task_name,
    staff_name  = @staff_name,
    description = @description
WHERE org_id = @org_id AND timesheet_id = @timesheet_id AND entry_id = @entry_id AND outcome = 'pending';

-- name: ReviseTimesheet :execrows
-- A correction is another version of the sheet: a decision on the one before is refused.
UPDATE timesheets
SET version      = version + 1,
    content_hash = @content_hash,
    from_day     = @from_day,
    to_day       = @to_day,
    hours        = @hours
WHERE org_id = @org_id AND id = @id AND status = 'submitted';

-- name: RejectTimesheetEntries :execrows
UPDATE timesheet_entries t
SET outcome = 'rejected',
    reason  = r.reason
FROM (SELECT unnest(@entry_ids::uuid[]) AS entry_id, unnest(@reasons::text[]) AS reason) r
WHERE t.org_id = @org_id AND t.timesheet_id = @timesheet_id AND t.entry_id = r.entry_id AND t.outcome = 'pending';

-- name: EndTimesheetEntries :execrows
-- All that are still pending, as approved or as recalled.
UPDATE timesheet_entries SET outcome = @outcome
WHERE org_id = @org_id AND timesheet_id = @timesheet_id AND outcome = 'pending';

-- name: SettleTimeEntries :execrows
-- The entries take over what was decided about them.
UPDATE time_entries e SET approval = t.outcome, version = e.version + 1, updated_at = @at
FROM timesheet_entries t
WHERE e.org_id = @org_id AND e.approval = 'submitted' AND e.timesheet_id = @timesheet_id::uuid
    AND t.org_id = e.org_id AND t.timesheet_id = e.timesheet_id AND t.entry_id = e.id AND t.outcome IN ('approved', 'rejected');

-- name: ReleaseTimeEntries :execrows
-- The question is taken back: each entry is as it was before it was asked about,
-- rejected where a customer once rejected it.
UPDATE time_entries e
SET approval     = CASE WHEN former.id IS NULL THEN 'none' ELSE 'rejected' END,
    timesheet_id = former.id,
    version      = e.version + 1,
    updated_at   = @at
FROM timesheet_entries t
LEFT JOIN LATERAL (
    SELECT s.id FROM timesheet_entries o
    JOIN timesheets s ON s.org_id = o.org_id AND s.id = o.timesheet_id
    WHERE o.org_id = t.org_id AND o.entry_id = t.entry_id AND o.outcome = 'rejected'
    ORDER BY s.decided_at DESC LIMIT 1
) former ON true
WHERE t.org_id = @org_id AND t.timesheet_id = @timesheet_id
    AND e.org_id = t.org_id AND e.id = t.entry_id AND e.approval = 'submitted' AND e.timesheet_id = t.timesheet_id;

-- name: EndTimesheet :execrows
UPDATE timesheets
SET status         = @status,
    approved_count = @approved_count,
    approved_hours = @approved_hours,
    decision_hash  = @decision_hash,
    decided_at     = sqlc.narg(decided_at),
    ended_at       = @at
WHERE org_id = @org_id AND id = @id AND status = ANY (@from_status::text[]);

-- name: RemindTimesheet :execrows
UPDATE timesheets SET reminders = reminders + 1, reminded_at = @at
WHERE org_id = @org_id AND id = @id AND status = 'submitted' AND reminders = @reminders;

-- name: CloseTimesheetFlow :exec
UPDATE timesheets SET flow_open = false WHERE org_id = @org_id AND id = @id AND status <> 'submitted';

-- name: OpenTimesheetFlowsAcross :many
SELECT org_id, id, status FROM timesheets
WHERE flow_open AND submitted_at < @older_than AND (org_id, id) > (@after_org::uuid, @after_id::uuid)
ORDER BY org_id, id LIMIT @batch;
