-- What the two sides say to each other.

-- name: InsertComment :exec
INSERT INTO comments (org_id, id, request_id, customer_id, subject_kind, subject_id, author_kind, author_id, author_name, visible, body, at)
VALUES (@org_id, @id, @request_id, @customer_id, @subject_kind, @subject_id, @author_kind, @author_id, @author_name, @visible, @body, @at);

-- name: ListComments :many
-- Newest first. Of one customer alone where one is named, and then only what it may read.
SELECT * FROM comments
WHERE org_id = @org_id AND subject_id = @subject_id AND subject_kind = @subject_kind
    AND (sqlc.narg(customer_id)::uuid IS NULL OR customer_id = sqlc.narg(customer_id) AND visible)
    AND id < @before
ORDER BY id DESC LIMIT @page_size;

-- name: GetComment :one
SELECT * FROM comments WHERE org_id = @org_id AND id = @id;

-- name: GetCommentOfRequest :one
SELECT * FROM comments WHERE org_id = @org_id AND request_id = @request_id;

-- name: LogView :execrows
-- At most once an hour for one contact and one document: no row otherwise.
INSERT INTO views AS v (org_id, customer_id, subject_kind, subject_id, contact_id, first_at, last_at)
VALUES (@org_id, @customer_id, @subject_kind, @subject_id, @contact_id, @at, @at)
ON CONFLICT (org_id, subject_id, contact_id) DO UPDATE SET last_at = excluded.last_at
    WHERE v.last_at <= excluded.last_at - interval '1 hour';

-- name: ListViews :many
-- Who has seen a document, the last one first.
SELECT v.contact_id, c.name, v.first_at, v.last_at
FROM views v
JOIN contacts c ON c.org_id = v.org_id AND c.id = v.contact_id
WHERE v.org_id = @org_id AND v.subject_id = @subject_id
ORDER BY v.last_at DESC;

-- name: InsertReview :exec
INSERT INTO reviews (org_id, id, request_id, customer_id, contact_id, stars, body, at)
VALUES (@org_id, @id, @request_id, @customer_id, @contact_id, @stars, @body, @at);

-- name: ListReviews :many
-- Of one contact where one is named, newest first.
SELECT r.*, c.name AS contact_name, u.name AS customer_name
FROM reviews r
JOIN contacts c ON c.org_id = r.org_id AND c.id = r.contact_id
JOIN customers u ON u.org_id = r.org_id AND u.id = r.customer_id
WHERE r.org_id = @org_id
    AND (sqlc.narg(contact_id)::uuid IS NULL OR r.contact_id = sqlc.narg(contact_id))
    AND (sqlc.narg(customer_id)::uuid IS NULL OR r.customer_id = sqlc.narg(customer_id))
    AND r.id < @before
ORDER BY r.id DESC LIMIT @page_size;

-- name: InsertMessage :exec
INSERT INTO messages (org_id, id, request_id, customer_id, contact_id, subject, body, at)
VALUES (@org_id, @id, @request_id, @customer_id, @contact_id, @subject, @body, @at);

-- name: GetMessage :one
SELECT m.*, c.name AS contact_name, c.email AS contact_email, u.name AS customer_name
FROM messages m
JOIN contacts c ON c.org_id = m.org_id AND c.id = m.contact_id
JOIN customers u ON u.org_id = m.org_id AND u.id = m.customer_id
WHERE m.org_id = @org_id AND m.id = @id;

-- name: GetMessageOfRequest :one
SELECT * FROM messages WHERE org_id = @org_id AND request_id = @request_id;

-- name: GetReviewOfRequest :one
SELECT r.*, c.name AS contact_name, u.name AS customer_name
FROM reviews r
JOIN contacts c ON c.org_id = r.org_id AND c.id = r.contact_id
JOIN customers u ON u.org_id = r.org_id AND u.id = r.customer_id
WHERE r.org_id = @org_id AND r.request_id = @request_id;
