-- Search everywhere.

-- name: SearchWords :many
-- The three longest words of what was typed, the longest first: it leaves the fewest to look at.
SELECT w::text AS word FROM (
    SELECT DISTINCT regexp_replace(run, '[!-/:-@\[-`{-~]', '', 'g') AS w FROM regexp_split_to_table(lower(@typed::text), '\s+') AS run
) words
WHERE w <> '' ORDER BY length(w) DESC, w LIMIT 3;

-- name: FindByWords :many
-- Of each kind, what has a word that begins with the first one, and a word that
-- begins with each of the others there are. Of what begins so only the first 200
-- are looked at. Each word comes with what is past all that begin with it. The
-- others are asked for one by one: with EXISTS they may be read all at once.
SELECT k.kind::text AS kind, f.subject_id, f.customer_id, f.exact
FROM unnest(@kinds::text[]) AS k (kind)
CROSS JOIN LATERAL (
    SELECT c.subject_id, c.customer_id, bool_or(c.word = @first::text) AS exact, min(c.word) AS word
    FROM (
        SELECT s.subject_id, s.customer_id, s.word FROM search_words s
        WHERE s.org_id = @org_id AND s.kind = k.kind AND s.word >= @first::text AND s.word < @past_first::text
        ORDER BY s.word LIMIT 200
    ) c
    WHERE (@second::text = '' OR (
            SELECT true FROM search_words s WHERE s.org_id = @org_id AND s.subject_id = c.subject_id AND s.word >= @second::text AND s.word < @past_second::text LIMIT 1))
        AND (@third::text = '' OR (
            SELECT true FROM search_words s WHERE s.org_id = @org_id AND s.subject_id = c.subject_id AND s.word >= @third::text AND s.word < @past_third::text LIMIT 1))
    GROUP BY c.subject_id, c.customer_id
    ORDER BY exact DESC, word, c.subject_id LIMIT @most
) f
ORDER BY array_position(@kinds::text[], k.kind), f.exact DESC, f.word, f.subject_id;

-- name: DescribeFound :many
-- What staff read of what was found: its name or number, what it is about, and where it stands.
SELECT 'customer'::text AS kind, d.id, d.name::text AS name, d.number::text AS about, ''::text AS status, ''::text AS currency, 0::bigint AS amount, d.id AS customer_id, d.name::text AS customer_name
FROM customers d WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[])
UNION ALL
SELECT 'contact', d.id, d.name, d.email, d.access, '', 0, c.id, c.name
FROM contacts d JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[])
UNION ALL
SELECT 'estimate', d.id, d.number, d.title, d.status, d.currency, d.total, c.id, c.name
FROM estimates d JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[])
UNION ALL
SELECT 'invoice', d.id, d.number, d.title,
    CASE WHEN d.state <> 'sent' THEN d.state WHEN d.due = 0 THEN 'paid' WHEN d.late_after < @today::date THEN 'overdue' WHEN d.due < d.total THEN 'partly_paid' ELSE 'open' END,
    d.currency, d.total, c.id, c.name
FROM invoices d JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[])
UNION ALL
SELECT 'payment', d.id, coalesce(d.receipt_number, ''), d.reference, d.status, d.currency, CASE WHEN d.received > 0 THEN d.received ELSE d.amount END, c.id, c.name
FROM payments d JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[])
UNION ALL
SELECT 'credit_note', d.id, d.number, d.reason, '', d.currency, d.amount, c.id, c.name
FROM credit_notes d JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[])
UNION ALL
SELECT 'project', d.id, d.name, '', d.status, '', 0, c.id, c.name
FROM projects d JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[])
UNION ALL
SELECT 'timesheet', d.id, d.number, '', d.status, '', 0, c.id, c.name
FROM timesheets d JOIN customers c ON c.org_id = d.org_id AND c.id = d.customer_id WHERE d.org_id = @org_id AND d.id = ANY (@ids::uuid[]);
