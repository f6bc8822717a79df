-- name: InsertProject :exec
INSERT INTO projects (org_id, id, customer_id, name, description, currency, rate, created_by, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @name, @description, @currency, @rate, @created_by, @at, @at);

-- name: GetProject :one
SELECT * FROM projects WHERE org_id = @org_id AND id = @id;

-- name: EditProject :execrows
UPDATE projects
SET name        = @name,
    description = @description,
    status      = @status,
    rate        = @rate,
    version     = version + 1,
    updated_at  = @at
WHERE org_id = @org_id AND id = @id AND version = @version;

-- name: ListProjects :many
-- One page, newest first. An empty filter is no filter.
SELECT p.*, c.name AS customer_name
FROM projects p
JOIN customers c ON c.org_id = p.org_id AND c.id = p.customer_id
WHERE p.org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR p.customer_id = sqlc.narg(customer_id))
    AND (@status::text = '' OR p.status = @status)
    AND (@search::text = '' OR p.name ILIKE @search OR c.name ILIKE @search)
    AND (p.created_at, p.id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY p.created_at DESC, p.id DESC
LIMIT @page_size;

-- name: InsertTask :exec
INSERT INTO project_tasks (org_id, id, project_id, customer_id, name, billable, rate, created_at, updated_at)
VALUES (@org_id, @id, @project_id, @customer_id, @name, @billable, @rate, @at, @at);

-- name: GetTask :one
SELECT * FROM project_tasks WHERE org_id = @org_id AND project_id = @project_id AND id = @id;

-- name: EditTask :execrows
-- Whether a task is billable stays as it is once time was logged on it: the
-- customer has seen it, or was never to see it.
UPDATE project_tasks t
SET name       = @name,
    billable   = @billable,
    rate       = sqlc.narg(rate),
    version    = version + 1,
    updated_at = @at
WHERE t.org_id = @org_id AND t.id = @id AND t.version = @version
    AND (t.billable = @billable OR NOT EXISTS (SELECT FROM time_entries e WHERE e.org_id = t.org_id AND e.task_id = t.id));

-- name: DeleteTask :execrows
-- Time on it keeps it: the schema refuses.
DELETE FROM project_tasks WHERE org_id = @org_id AND project_id = @project_id AND id = @id;

-- name: ListTasks :many
SELECT * FROM project_tasks
WHERE org_id = @org_id AND project_id = @project_id AND (NOT @billable_only::boolean OR billable)
ORDER BY created_at, id;

-- name: HoursByTask :many
-- The hours of projects, task by task. Billed is what is on an invoice that was
-- sent, drafted what is on one that wasn't yet: a customer knows of the first alone.
SELECT e.project_id, e.task_id,
    sum(e.hours)::numeric AS logged,
    coalesce(sum(e.hours) FILTER (WHERE e.billable), 0)::numeric AS billable,
    coalesce(sum(e.hours) FILTER (WHERE i.state = 'sent'), 0)::numeric AS billed,
    coalesce(sum(e.hours) FILTER (WHERE i.state = 'draft'), 0)::numeric AS drafted
FROM time_entries e
LEFT JOIN invoices i ON i.org_id = e.org_id AND i.id = e.invoice_id
WHERE e.org_id = @org_id AND e.project_id = ANY (@project_ids::uuid[]) AND (NOT @billable_only::boolean OR e.billable)
GROUP BY e.project_id, e.task_id;

-- name: InsertTimeEntry :exec
INSERT INTO time_entries (org_id, id, project_id, task_id, customer_id, staff_id, staff_name, day, hours, description, billable, rate, created_by, created_at, updated_at)
VALUES (@org_id, @id, @project_id, @task_id, @customer_id, @staff_id, @staff_name, @day, @hours, @description, @billable, @rate, @created_by, @at, @at);

-- name: GetTimeEntry :one
SELECT * FROM time_entries WHERE org_id = @org_id AND project_id = @project_id AND id = @id;

-- name: LockTimeEntry :one
SELECT * FROM time_entries WHERE org_id = @org_id AND project_id = @project_id AND id = @id FOR UPDATE;

-- name: EditTimeEntry :execrows
-- What was approved or invoiced is locked.
UPDATE time_entries
SET task_id     = @task_id,
    staff_id    = @staff_id,
    staff_name  = @staff_name,
    day         = @day,
    hours       = @hours,
    description = @description,
    billable    = @billable,
    rate        = @rate,
    version     = version + 1,
    updated_at  = @at
WHERE org_id = @org_id AND id = @id AND version = @version AND approval <> 'approved' AND invoice_id IS NULL;

-- name: DeleteTimeEntry :execrows
-- What a customer was once asked about stays.
DELETE FROM time_entries e
WHERE e.org_id = @org_id AND e.id = @id AND e.approval = 'none' AND e.invoice_id IS NULL
    AND NOT EXISTS (SELECT FROM timesheet_entries t WHERE t.org_id = e.org_id AND t.entry_id = e.id);

-- name: ListTimeEntries :many
-- One page of a project's time, newest day first.
SELECT sqlc.embed(e), t.name AS task_name, coalesce(i.number, '')::text AS invoice_number, coalesce(i.state, '')::text AS invoice_state,
    coalesce(s.number, '')::text AS timesheet_number
FROM time_entries e
JOIN project_tasks t ON t.org_id = e.org_id AND t.id = e.task_id
LEFT JOIN invoices i ON i.org_id = e.org_id AND i.id = e.invoice_id
LEFT JOIN timesheets s ON s.org_id = e.org_id AND s.id = e.timesheet_id
WHERE e.org_id = @org_id AND e.project_id = @project_id
    AND (sqlc.narg(task_id)::uuid IS NULL OR e.task_id = sqlc.narg(task_id))
    AND (sqlc.narg(from_day)::date IS NULL OR e.day >= sqlc.narg(from_day))
    AND (sqlc.narg(to_day)::date IS NULL OR e.day <= sqlc.narg(to_day))
    AND (NOT @billable_only::boolean OR e.billable)
    AND CASE @filter::text
        WHEN '' THEN true
        WHEN 'billed' THEN i.state IS NOT DISTINCT FROM 'sent'
        WHEN 'unbilled' THEN e.billable AND i.state IS DISTINCT FROM 'sent'
        WHEN 'submittable' THEN e.billable AND e.invoice_id IS NULL AND e.approval IN ('none', 'rejected')
        WHEN 'invoiceable' THEN e.billable AND e.invoice_id IS NULL AND e.approval IN ('none', 'approved')
        ELSE e.approval = @filter
    END
    AND (@first_page::boolean OR (e.day, e.id) < (@before_day::date, @before_id::uuid))
ORDER BY e.day DESC, e.id DESC
LIMIT @page_size;

-- name: LockTimeEntries :many
-- Locked in the order of their IDs, so that two who want some of the same never wait in a circle.
SELECT sqlc.embed(e), t.name AS task_name
FROM time_entries e
JOIN project_tasks t ON t.org_id = e.org_id AND t.id = e.task_id
WHERE e.org_id = @org_id AND e.project_id = @project_id AND e.id = ANY (@ids::uuid[])
ORDER BY e.id FOR UPDATE OF e;

-- name: ListEntriesToSubmit :many
-- What may be submitted of a period, oldest first.
SELECT id FROM time_entries
WHERE org_id = @org_id AND project_id = @project_id AND day BETWEEN @from_day::date AND @to_day::date
    AND billable AND invoice_id IS NULL AND approval IN ('none', 'rejected')
ORDER BY day, id LIMIT @most;

-- name: ListEntriesToInvoice :many
-- What may be invoiced of a timesheet or of a period, oldest first.
SELECT id FROM time_entries
WHERE org_id = @org_id AND project_id = @project_id
    AND (sqlc.narg(timesheet_id)::uuid IS NULL OR timesheet_id = sqlc.narg(timesheet_id))
    AND (sqlc.narg(from_day)::date IS NULL OR day >= sqlc.narg(from_day))
    AND (sqlc.narg(to_day)::date IS NULL OR day <= sqlc.narg(to_day))
    AND billable AND invoice_id IS NULL AND approval IN ('none', 'approved')
ORDER BY day, id LIMIT @most;

-- name: InvoiceTimeEntries :execrows
UPDATE time_entries SET invoice_id = @invoice_id, version = version + 1, updated_at = @at
WHERE org_id = @org_id AND id = ANY (@ids::uuid[]) AND billable AND invoice_id IS NULL AND approval IN ('none', 'approved');

-- name: FreeTimeEntriesOfInvoice :execrows
UPDATE time_entries SET invoice_id = NULL, version = version + 1, updated_at = @at
WHERE org_id = @org_id AND invoice_id = @invoice_id::uuid;

-- name: DeleteDraftInvoice :execrows
-- Its lines go with it.
DELETE FROM invoices WHERE org_id = @org_id AND id = @id AND state = 'draft';
