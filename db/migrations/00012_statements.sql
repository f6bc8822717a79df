-- What was allocated on a customer's invoices since a day: a statement asks for it.

-- +goose Up
CREATE INDEX allocations_of_customer ON allocations (org_id, customer_id, created_at);

-- +goose Down
DROP INDEX allocations_of_customer;
