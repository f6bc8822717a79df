-- +goose Up
-- Nothing ever wrote a note on a payment.
ALTER TABLE payments DROP COLUMN note;

-- +goose Down
ALTER TABLE payments ADD COLUMN note text NOT NULL DEFAULT '';
