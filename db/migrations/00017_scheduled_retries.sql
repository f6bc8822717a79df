-- Declined payments that are tried again by themselves, N6.

-- +goose Up

ALTER TABLE payments
    -- Whoever pays asked for it: a decline that may pass is tried again on schedule.
    ADD COLUMN on_schedule boolean NOT NULL DEFAULT false,
    -- When the schedule tries it again, while it is declined. None: it does not.
    ADD COLUMN next_try_at timestamptz,
    ADD CONSTRAINT payments_schedule_saved CHECK (NOT on_schedule OR channel = 'saved'),
    ADD CONSTRAINT payments_next_try_of_declined CHECK (next_try_at IS NULL OR on_schedule AND status = 'declined');

-- +goose Down
ALTER TABLE payments DROP COLUMN next_try_at, DROP COLUMN on_schedule;
