-- name: InsertInvoice :exec
INSERT INTO invoices (org_id, id, customer_id, estimate_id, number, currency, title, notes, terms, issue_date, due_date, discount_percent, subtotal, discount, tax, total, due, ways_to_pay, created_by, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @estimate_id, @number, @currency, @title, @notes, @terms, @issue_date, @due_date, @discount_percent, @subtotal, @discount, @tax, @total, @total, @ways_to_pay, @created_by, @at, @at);

-- name: InsertInvoiceLines :exec
INSERT INTO invoice_lines (org_id, invoice_id, position, description, quantity, unit, unit_price, discount_percent, tax_percent, amount)
SELECT @org_id, @invoice_id, generate_series(1, cardinality(@descriptions::text[])), unnest(@descriptions::text[]), unnest(@quantities::numeric[]),
    unnest(@units::text[]), unnest(@unit_prices::bigint[]), unnest(@discount_percents::numeric[]), unnest(@tax_percents::numeric[]), unnest(@amounts::bigint[]);

-- name: DeleteInvoiceLines :exec
DELETE FROM invoice_lines WHERE org_id = @org_id AND invoice_id = @invoice_id;

-- name: GetInvoice :one
SELECT * FROM invoices WHERE org_id = @org_id AND id = @id;

-- name: LockInvoice :one
SELECT * FROM invoices WHERE org_id = @org_id AND id = @id FOR UPDATE;

-- name: ListInvoiceLines :many
SELECT * FROM invoice_lines WHERE org_id = @org_id AND invoice_id = @invoice_id ORDER BY position;

-- name: EditInvoice :execrows
-- Only an invoice that nothing was allocated to can change its amounts.
UPDATE invoices
SET title            = @title,
    notes            = @notes,
    terms            = @terms,
    issue_date       = @issue_date,
    due_date         = @due_date,
    discount_percent = @discount_percent,
    subtotal         = @subtotal,
    discount         = @discount,
    tax              = @tax,
    total            = @total,
    due              = @total,
    ways_to_pay      = @ways_to_pay,
    revision         = revision + 1,
    updated_at       = @at
WHERE org_id = @org_id AND id = @id AND revision = @revision AND state IN ('draft', 'sent') AND due = total;

-- name: SendInvoice :execrows
UPDATE invoices SET state = 'sent', sent_at = @at, updated_at = @at
WHERE org_id = @org_id AND id = @id AND state = 'draft';

-- name: VoidInvoice :execrows
UPDATE invoices SET state = 'void', voided_at = @at, due = 0, revision = revision + 1, updated_at = @at
WHERE org_id = @org_id AND id = @id AND state = 'sent' AND due = total;

-- name: LockInvoicesToPay :many
-- Locked in the order of their IDs, so that two payers never wait for each other in a circle.
SELECT * FROM invoices
WHERE org_id = @org_id AND customer_id = @customer_id AND id = ANY (@ids::uuid[])
ORDER BY id FOR UPDATE;
