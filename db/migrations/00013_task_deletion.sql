-- A task that no time was logged on may be deleted; any other is kept by the time on it.

-- +goose Up
GRANT DELETE ON project_tasks TO countersign_app;
ALTER TABLE time_entries RENAME CONSTRAINT time_entries_org_id_project_id_task_id_fkey TO time_entries_task_kept;

-- +goose Down
ALTER TABLE time_entries RENAME CONSTRAINT time_entries_task_kept TO time_entries_org_id_project_id_task_id_fkey;
REVOKE DELETE ON project_tasks FROM countersign_app;
