-- name: InsertInvoice :exec
INSERT INTO invoices (org_id, id, customer_id, estimate_id, number, currency, title, notes, terms, issue_date, due_date, discount_percent, subtotal, discount, tax, total, due, ways_to_pay, plan, created_by, created_at, updated_at)
VALUES (@org_id, @id, @customer_id, @estimate_id, @number, @currency, @title, @notes, @terms, @issue_date, @due_date, @discount_percent, @subtotal, @discount, @tax, @total, @total, @ways_to_pay, @plan, @created_by, @at, @at);

-- name: InsertInvoiceLines :exec
INSERT INTO invoice_lines (org_id, invoice_id, position, description, quantity, unit, unit_price, discount_percent, tax_percent, amount)
SELECT @org_id, @invoice_id, generate_series(1, cardinality(@descriptions::text[])), unnest(@descriptions::text[]), unnest(@quantities::numeric[]),
    unnest(@units::text[]), unnest(@unit_prices::bigint[]), unnest(@discount_percents::numeric[]), unnest(@tax_percents::numeric[]), unnest(@amounts::bigint[]);

-- name: DeleteInvoiceLines :exec
DELETE FROM invoice_lines WHERE org_id = @org_id AND invoice_id = @invoice_id;

-- name: InsertInstallments :exec
INSERT INTO invoice_installments (org_id, invoice_id, seq, due_on, amount)
SELECT @org_id, @invoice_id, generate_series(1, cardinality(@amounts::bigint[])), unnest(@due_on::text[])::date, unnest(@amounts::bigint[]);

-- name: DeleteInstallments :exec
DELETE FROM invoice_installments WHERE org_id = @org_id AND invoice_id = @invoice_id;

-- name: ListInstallments :many
SELECT * FROM invoice_installments WHERE org_id = @org_id AND invoice_id = ANY (@invoice_ids::uuid[]) ORDER BY invoice_id, seq;

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
    plan             = @plan,
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

-- name: ListInvoices :many
-- One page in one of several orders; a leading minus is the other way round.
-- Each order is spelled with CASE over a parameter: Postgres plans with the
-- parameter's value, so only the chosen order is left and an index serves it.
-- Amounts of different currencies don't compare, so they are kept apart.
-- An empty filter is no filter; partly paid is whatever was paid in part, late or not.
SELECT i.*, c.name AS customer_name
FROM invoices i
JOIN customers c ON c.org_id = i.org_id AND c.id = i.customer_id
WHERE i.org_id = @org_id
    AND (sqlc.narg(customer_id)::uuid IS NULL OR i.customer_id = sqlc.narg(customer_id))
    AND (NOT @sent_only::boolean OR i.state <> 'draft')
    AND CASE @filter::text
        WHEN '' THEN true
        WHEN 'unpaid' THEN i.state = 'sent' AND i.due > 0
        WHEN 'overdue' THEN i.state = 'sent' AND i.due > 0 AND i.late_after < @today::date
        WHEN 'partly_paid' THEN i.state = 'sent' AND i.due > 0 AND i.due < i.total
        WHEN 'paid' THEN i.state = 'sent' AND i.due = 0
        ELSE i.state = @filter
    END
    AND (sqlc.narg(from_day)::date IS NULL OR i.issue_date >= sqlc.narg(from_day))
    AND (sqlc.narg(to_day)::date IS NULL OR i.issue_date <= sqlc.narg(to_day))
    AND (@search::text = '' OR i.number ILIKE @search OR i.title ILIKE @search OR c.name ILIKE @search)
    AND (@first_page::boolean OR CASE @sort::text
        WHEN 'date' THEN (i.issue_date, i.id) > (@from_date::date, @from_id::uuid)
        WHEN '-date' THEN (i.issue_date, i.id) < (@from_date::date, @from_id::uuid)
        WHEN 'due' THEN (i.late_after, i.id) > (@from_date::date, @from_id::uuid)
        WHEN '-due' THEN (i.late_after, i.id) < (@from_date::date, @from_id::uuid)
        WHEN 'amount' THEN (i.currency, i.total, i.id) > (@from_text::text, @from_number::bigint, @from_id::uuid)
        WHEN '-amount' THEN (i.currency, i.total, i.id) < (@from_text::text, @from_number::bigint, @from_id::uuid)
        WHEN 'number' THEN (length(i.number), i.number) > (length(@from_text::text), @from_text::text)
        WHEN '-number' THEN (length(i.number), i.number) < (length(@from_text::text), @from_text::text)
    END)
ORDER BY
    CASE WHEN @sort = 'date' THEN i.issue_date END, CASE WHEN @sort = '-date' THEN i.issue_date END DESC,
    CASE WHEN @sort = 'due' THEN i.late_after END, CASE WHEN @sort = '-due' THEN i.late_after END DESC,
    CASE WHEN @sort = 'amount' THEN i.currency END, CASE WHEN @sort = '-amount' THEN i.currency END DESC,
    CASE WHEN @sort = 'amount' THEN i.total END, CASE WHEN @sort = '-amount' THEN i.total END DESC,
    CASE WHEN @sort = 'number' THEN length(i.number) END, CASE WHEN @sort = '-number' THEN length(i.number) END DESC,
    CASE WHEN @sort = 'number' THEN i.number END, CASE WHEN @sort = '-number' THEN i.number END DESC,
    CASE WHEN @sort LIKE '-%' THEN i.id END DESC, i.id
LIMIT @page_size;

-- name: ListInvoicesOwed :many
-- Oldest first, as they would be paid.
SELECT i.*, c.name AS customer_name
FROM invoices i
JOIN customers c ON c.org_id = i.org_id AND c.id = i.customer_id
WHERE i.org_id = @org_id AND i.customer_id = @customer_id AND i.state = 'sent' AND i.due > 0
ORDER BY i.due_date, i.number, i.id LIMIT @page_size;

-- name: Outstanding :many
-- What customers owe, in each currency.
SELECT i.customer_id, i.currency, count(*)::integer AS invoices, sum(i.due)::bigint AS due,
    (count(*) FILTER (WHERE i.late_after < @today::date))::integer AS overdue_invoices,
    coalesce(sum(CASE WHEN i.plan IS NULL THEN i.due ELSE (
        SELECT sum(d.amount) FROM invoice_dues d WHERE d.org_id = i.org_id AND d.invoice_id = i.id AND d.due_on < @today::date
    ) END) FILTER (WHERE i.late_after < @today::date), 0)::bigint AS overdue
FROM invoices i
WHERE i.org_id = @org_id AND i.customer_id = ANY (@customer_ids::uuid[]) AND i.state = 'sent' AND i.due > 0
GROUP BY i.customer_id, i.currency ORDER BY i.customer_id, i.currency;

-- name: InvoicesOfEstimate :many
-- What was written from an estimate, void ones too, as they were written.
SELECT * FROM invoices WHERE org_id = @org_id AND estimate_id = @estimate_id::uuid ORDER BY created_at, id LIMIT 100;
